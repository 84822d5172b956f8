//! Watches a region and starts a procedure when it has failed for long enough.
//!
//! Owns the evaluation grid and the path from metrics to action. The decision is the policies', the action the
//! procedure's.
//!
//! Invariants: evaluations are at whole multiples of `every` since the start of the run, however long a read takes, and
//! are stamped with their grid instant; those that fall due while a read or a procedure is under way are left out.
//! Nothing is started without metrics that show a failure at the newest evaluation, nor twice within a cool-down, nor
//! again for a region that has been failed over, nor without the consent of those who must be asked.

mod consent;

use super::approval::{self, ApprovalPlan};
use super::errands::Errands;
use super::step::Ending;
use super::{Assignment, ProcedureEntry, metrics};
use crate::policy::{CoolDown, Health, HealthState, RegionHealth};
use crate::ports::Ports;
use crate::units::{Instant, Span};

/// What to watch and when to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchPlan {
    /// How often the region is judged.
    pub every: Span,
    /// No second automatic action until more than this has passed since the last one was decided, and since it ended.
    pub cool_down: Span,
    /// What the procedure is told. The region watched is the one it leaves; its limits say when that fails and for how
    /// long it must before anything is done.
    pub assignment: Assignment,
    /// Who must consent before the procedure is started; `None`: it is started at once.
    pub approval: Option<ApprovalPlan>,
    /// Who is paged when the procedure has not reached its end; `None`: nobody.
    pub on_call: Option<ApprovalPlan>,
}

/// Watches for ever, and starts `procedure` whenever the region is down and that is permitted.
///
/// Events: `watch.detected` when a spell of failure is first seen; `watch.decided` when the procedure is started;
/// `watch.held_back`, once per spell, if the cool-down forbids that; `watch.cleared` when a spell has ended;
/// `watch.blind` when metrics cannot be read, once until they can. If people must consent: `watch.moot` when the region
/// recovers before they answer; `watch.refused` and `watch.unanswered` when nothing is done for that reason.
pub async fn watch<P: Ports>(ports: P, plan: WatchPlan, procedure: ProcedureEntry<P>) {
    let errands = Errands::default();
    let mut watch = Watch::new(&ports, plan, procedure, &errands);
    errands.beside(watch.run()).await;
}

/// The first evaluation at `now` or later. A grid of zero is one of a nanosecond.
fn grid_from(now: Instant, every: Span) -> Instant {
    let every = every.as_nanos().max(1);
    Instant::from_nanos(now.as_nanos().div_ceil(every).saturating_mul(every))
}

struct Watch<'a, P> {
    ports: &'a P,
    errands: &'a Errands,
    plan: WatchPlan,
    procedure: ProcedureEntry<P>,
    health: RegionHealth,
    cool_down: CoolDown,
    /// How often the procedure was started.
    runs: u32,
    told: Told,
    /// Whether the region has been left, wholly or in part, so that leaving it again makes no sense.
    left: bool,
}

/// What has been said and need not be said again.
#[derive(Default)]
struct Told {
    failing: bool,
    held_back: bool,
    refused: bool,
    blind: bool,
}

impl<'a, P: Ports> Watch<'a, P> {
    fn new(ports: &'a P, plan: WatchPlan, procedure: ProcedureEntry<P>, errands: &'a Errands) -> Self {
        let (health, cool_down) = (Self::health_of(&plan), CoolDown::new(plan.cool_down));
        Self { ports, errands, plan, procedure, health, cool_down, runs: 0, told: Told::default(), left: false }
    }

    fn health_of(plan: &WatchPlan) -> RegionHealth {
        RegionHealth::new(plan.assignment.limits.clone(), plan.assignment.services.clone())
    }

    async fn run(&mut self) {
        let mut at = grid_from(self.ports.now(), self.plan.every);
        loop {
            self.ports.sleep(at.since(self.ports.now())).await;
            self.evaluate(at).await;
            let after = self.ports.now().max(at).saturating_add(Span::from_nanos(1));
            at = grid_from(after, self.plan.every);
        }
    }

    async fn evaluate(&mut self, at: Instant) {
        let health = self.look(at).await;
        self.tell_spell(&health);
        if health.state != HealthState::Down || self.left || self.told.refused {
            return;
        }
        if self.cool_down.permits(at) {
            let Some(consent) = self.consent(at, &health).await else { return };
            if self.cool_down.try_act(consent.at) {
                self.act(&consent.why).await;
            }
        } else if !self.told.held_back {
            self.told.held_back = true;
            let until = self.cool_down.until().unwrap_or(at);
            self.ports.event("watch.held_back", &format!("{}: cooling down until {until}", self.region()));
        }
    }

    /// Reads and judges; metrics that cannot be read are no data.
    async fn look(&mut self, at: Instant) -> Health {
        let readings = match metrics::read(self.ports, self.region()).await {
            Ok(readings) => {
                self.told.blind = false;
                readings
            }
            Err(error) => {
                if !self.told.blind {
                    self.told.blind = true;
                    self.ports.event("watch.blind", &format!("no metrics of {}: {error}", self.region()));
                }
                Vec::new()
            }
        };
        self.health.observe(at, &readings).health
    }

    /// A spell is a time with a limit exceeded; not seeing does not end it.
    fn tell_spell(&mut self, health: &Health) {
        let text = format!("{} is {}: {}", self.region(), health.state, health.evidence);
        match (health.failing_since, self.told.failing) {
            (Some(_), false) => {
                self.told.failing = true;
                self.ports.event("watch.detected", &text);
            }
            (None, true) if health.state != HealthState::Unknown => {
                (self.told.failing, self.told.held_back, self.told.refused) = (false, false, false);
                self.ports.event("watch.cleared", &text);
            }
            (Some(_), true) | (None, _) => {}
        }
    }

    /// Starts the procedure and waits for its end. What was seen before is old by then: judging starts over.
    async fn act(&mut self, why: &str) {
        self.runs += 1;
        self.ports.event("watch.decided", &format!("{} of {}: {why}", self.procedure.name, self.region()));
        let ending = (self.procedure.start)(self.ports.clone(), self.plan.assignment.clone(), self.runs).await;
        self.cool_down.extend(self.ports.now());
        self.health = Self::health_of(&self.plan);
        self.left = match ending {
            Ending::Done | Ending::Stopped => true,
            Ending::Undone | Ending::UndoFailed => false,
        };
        self.call_for_help(ending);
    }

    /// Pages those on call if the procedure has not reached its end. The watch goes on meanwhile.
    fn call_for_help(&self, ending: Ending) {
        let Some(plan) = self.plan.on_call.clone().filter(|_| ending != Ending::Done) else { return };
        let (name, region, ports) = (self.procedure.name, self.region(), self.ports.clone());
        let message = format!("{name} of {region} {ending}: a person must act");
        self.errands.begin(async move { drop(approval::summon(&ports, &plan, &message).await) });
    }

    fn region(&self) -> &str {
        &self.plan.assignment.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_lie_on_the_grid_whenever_the_watch_begins() {
        let every = Span::from_secs(5);
        for (now, next) in [(0, 0), (1, 5), (4_999_999_999, 5), (5_000_000_000, 5), (5_000_000_001, 10)] {
            assert_eq!(grid_from(Instant::from_nanos(now), every), Instant::from_secs(next), "from {now} ns");
        }
        assert_eq!(grid_from(Instant::from_nanos(7), Span::ZERO), Instant::from_nanos(7));
    }
}
