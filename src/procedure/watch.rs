//! Watches a region and starts a procedure when it has failed for long enough, and another to come back once it has been
//! fit for long enough.
//!
//! Owns the evaluation grid and the path from metrics to action. The decision is the policies', the action the
//! procedure's.
//!
//! Invariants: evaluations are at whole multiples of `every` since the start of the run, however long a read takes, and
//! are stamped with their grid instant; those that fall due while a read or a procedure is under way are left out.
//! Nothing is started without metrics that show the reason at that very evaluation, nor twice within a cool-down, nor
//! again for a region that has been left, nor without the consent of those who must be asked. What was begun by a controller before this one is finished first; where things
//! stand is read from the journal, so that no restart forgets a cool-down or a failover.

mod consent;

use super::approval::{self, ApprovalPlan};
use super::errands::Errands;
use super::journal::{RunRecord, Scribe};
use super::{Ending, Task, metrics};
use crate::policy::{
    CoolDown, Health, HealthLimits, HealthState, Observation, Reading, RegionHealth, SustainedThreshold,
};
use crate::ports::{Metrics, People, Runtime};
use crate::record::event::{ControllerEvent, ProcedureEvent, Prose, WatchEvent};
use crate::units::{Instant, Span};

/// What to watch and when to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchPlan {
    /// How often the region is judged.
    pub every: Span,
    /// No second automatic action until more than this has passed since the last one was decided, and since it ended.
    pub cool_down: Span,
    /// How long the region that was left must be fit without a break before anybody comes back to it.
    pub hold_down: Span,
    /// The region that is watched: the one the procedure leaves.
    pub region: String,
    /// The services it cannot do without; empty for all it has.
    pub services: Vec<String>,
    /// When it fails, and for how long it must before anything is done.
    pub limits: HealthLimits,
    /// Who must consent before a procedure is started; `None`: it is started at once.
    pub approval: Option<ApprovalPlan>,
    /// Who is paged when a procedure has not reached its end; `None`: nobody.
    pub on_call: Option<ApprovalPlan>,
}

/// What a watch starts.
#[derive(Debug)]
pub struct Duty<P> {
    /// When the region has failed.
    pub leave: Task<P>,
    /// When it has been fit again for long enough; `None`: a person comes back.
    pub come_back: Option<Task<P>>,
}

impl<P> Clone for Duty<P> {
    fn clone(&self) -> Self {
        Self { leave: self.leave.clone(), come_back: self.come_back.clone() }
    }
}

/// Watches until it learns that another controller acts, and does its duty whenever that is permitted.
///
/// Events: `watch.detected` when a spell of failure is first seen; `watch.decided` when the procedure is started;
/// `watch.held_back`, once per spell, if the cool-down forbids that; `watch.cleared` when a spell has ended;
/// `watch.fit` when a region that was left is seen to be fit again; `watch.unfit` when it is not after all;
/// `watch.coming_back` when the way back is started; `watch.blind` when metrics cannot be read, once until they can. If
/// people must consent: `watch.moot` when the region recovers before they answer; `watch.refused` and `watch.unanswered`
/// when nothing is done for that reason.
pub async fn watch<P: Runtime + Metrics + People>(scribe: &Scribe<P>, plan: WatchPlan, duty: Duty<P>) {
    let errands = Errands::default();
    let mut watch = Watch::new(scribe, plan, duty, &errands);
    errands.beside(watch.run()).await;
}

/// The first evaluation at `now` or later. A grid of zero is one of a nanosecond.
fn grid_from(now: Instant, every: Span) -> Instant {
    let every = every.as_nanos().max(1);
    Instant::from_nanos(now.as_nanos().div_ceil(every).saturating_mul(every))
}

/// Where the traffic of the watched region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whereabouts {
    /// Where it belongs.
    Home,
    /// In the region that took over.
    Away,
    /// Partly here, partly there: a person must act.
    Between,
}

struct Watch<'a, P> {
    scribe: &'a Scribe<P>,
    errands: &'a Errands,
    plan: WatchPlan,
    duty: Duty<P>,
    health: RegionHealth,
    fit: SustainedThreshold,
    cool_down: CoolDown,
    /// The number of the last run.
    runs: u32,
    told: Told,
    whereabouts: Whereabouts,
}

/// What has been said and need not be said again.
#[derive(Default)]
struct Told {
    failing: bool,
    held_back: bool,
    refused: bool,
    blind: bool,
    fit: bool,
}

/// What one evaluation saw.
struct Look {
    health: Health,
    fitness: Observation,
}

impl<'a, P: Runtime + Metrics + People> Watch<'a, P> {
    fn new(scribe: &'a Scribe<P>, plan: WatchPlan, duty: Duty<P>, errands: &'a Errands) -> Self {
        let (health, cool_down) = (Self::health_of(&plan), CoolDown::new(plan.cool_down));
        let fit = SustainedThreshold::new(plan.hold_down);
        let (told, whereabouts) = (Told::default(), Whereabouts::Home);
        Self { scribe, errands, plan, duty, health, fit, cool_down, runs: 0, told, whereabouts }
    }

    fn health_of(plan: &WatchPlan) -> RegionHealth {
        RegionHealth::new(plan.limits.clone(), plan.services.clone())
    }

    fn ports(&self) -> &'a P {
        self.scribe.ports()
    }

    /// Until another controller acts.
    async fn run(&mut self) {
        if !self.take_over().await {
            return;
        }
        let mut at = grid_from(self.ports().now(), self.plan.every);
        loop {
            self.ports().sleep(at.since(self.ports().now())).await;
            if !self.evaluate(at).await {
                return;
            }
            let after = self.ports().now().max(at).saturating_add(Span::from_nanos(1));
            at = grid_from(after, self.plan.every);
        }
    }

    /// Learns from the journal where things stand, and finishes what was begun. Says whether to go on.
    async fn take_over(&mut self) -> bool {
        let runs = self.scribe.runs();
        for run in &runs {
            self.runs = self.runs.max(run.id.number());
            self.cool_down.extend(run.begun);
            if let Some((at, ending)) = run.ended {
                self.cool_down.extend(at);
                self.learn(&run.procedure, ending);
            }
        }
        match runs.last() {
            Some(RunRecord { id, procedure, ended: Some((_, ending)), .. }) => {
                self.ports().event(ProcedureEvent::Found {
                    procedure: procedure.clone(),
                    run: Some(id.to_string()),
                    ending: Prose::of(ending),
                });
                // Whether the controller before this one got to page anybody is not known: twice is better than never.
                self.call_for_help(procedure, *ending);
                true
            }
            Some(RunRecord { procedure, ended: None, .. }) => match self.task(procedure) {
                Some(task) => self.perform(task, self.runs).await,
                None => {
                    let why = format!("{procedure} was begun, and this controller does not know it");
                    self.ports().event(ControllerEvent::Unreadable { why: why.into() });
                    self.whereabouts = Whereabouts::Between;
                    true
                }
            },
            None => true,
        }
    }

    fn task(&self, procedure: &str) -> Option<Task<P>> {
        let known = [Some(&self.duty.leave), self.duty.come_back.as_ref()];
        known.into_iter().flatten().find(|task| task.name == procedure).cloned()
    }

    /// Notes where a run that ended has left the traffic.
    fn learn(&mut self, procedure: &str, ending: Ending) {
        let leaving = procedure == self.duty.leave.name;
        self.whereabouts = match (ending, leaving) {
            (Ending::Done, true) if !self.duty.leave.moves => Whereabouts::Home,
            (Ending::Done, true) | (Ending::Undone | Ending::UndoFailed, false) => Whereabouts::Away,
            (Ending::Done, false) | (Ending::Undone | Ending::UndoFailed, true) => Whereabouts::Home,
            (Ending::Stopped, _) => Whereabouts::Between,
            (Ending::Superseded, _) => self.whereabouts,
        };
    }

    /// Looks, and acts if there is reason to. Says whether to go on.
    async fn evaluate(&mut self, at: Instant) -> bool {
        let look = self.look(at).await;
        match self.whereabouts {
            Whereabouts::Home => {
                self.tell_spell(&look.health);
                self.consider_leaving(at, &look.health).await
            }
            Whereabouts::Away => self.consider_coming_back(at, &look).await,
            Whereabouts::Between => {
                self.tell_spell(&look.health);
                true
            }
        }
    }

    async fn consider_leaving(&mut self, at: Instant, health: &Health) -> bool {
        if health.state != HealthState::Down || self.told.refused {
            return true;
        }
        if !self.cool_down.permits(at) {
            self.hold_back(at);
            return true;
        }
        let Some(consent) = self.consent(at, health).await else { return true };
        if !self.cool_down.try_act(consent.at) {
            return true;
        }
        let leave = self.duty.leave.clone();
        let (procedure, region) = (leave.name.to_owned(), self.region().to_owned());
        self.ports().event(WatchEvent::Decided { procedure, region, why: consent.why.into() });
        self.runs += 1;
        self.perform(leave, self.runs).await
    }

    /// The way back begins once the region has been fit for the whole of the hold-down: one that flaps is left alone.
    async fn consider_coming_back(&mut self, at: Instant, look: &Look) -> bool {
        let Some(come_back) = self.duty.come_back.clone() else { return true };
        let ready = self.fit.observe(at, look.fitness);
        let fit = self.fit.since().is_some();
        if fit != self.told.fit {
            self.told.fit = fit;
            let (region, evidence) = (self.region().to_owned(), look.health.evidence.clone().into());
            self.ports().event(match fit {
                true => WatchEvent::Fit { region, evidence },
                false => WatchEvent::Unfit { region, evidence },
            });
        }
        if !ready || look.fitness != Observation::Exceeded || !self.cool_down.try_act(at) {
            return true;
        }
        let (procedure, region) = (come_back.name.to_owned(), self.region().to_owned());
        self.ports().event(WatchEvent::ComingBack { procedure, region, held: self.fit.held() });
        self.runs += 1;
        self.perform(come_back, self.runs).await
    }

    fn hold_back(&mut self, at: Instant) {
        if !self.told.held_back {
            self.told.held_back = true;
            let until = self.cool_down.until().unwrap_or(at);
            self.ports().event(WatchEvent::HeldBack { region: self.region().to_owned(), until });
        }
    }

    /// Reads and judges; metrics that cannot be read are no data.
    async fn look(&mut self, at: Instant) -> Look {
        let readings = match metrics::read(self.ports(), self.region()).await {
            Ok(readings) => {
                self.told.blind = false;
                readings
            }
            Err(error) => {
                if !self.told.blind {
                    self.told.blind = true;
                    let (region, error) = (self.region().to_owned(), Prose::of(error));
                    self.ports().event(WatchEvent::Blind { region, error });
                }
                Vec::new()
            }
        };
        let health = self.health.observe(at, &readings).health;
        let fitness = self.fitness(at, &readings, &health);
        Look { health, fitness }
    }

    /// A region nobody uses has no requests to be judged by: it is fit if every service answers and none is failing.
    fn fitness(&self, at: Instant, readings: &[(String, Reading)], health: &Health) -> Observation {
        let stale = self.plan.limits.stale_after;
        let fresh = |reading: &Reading| reading.scraped_at.is_some_and(|scraped| at.since(scraped) <= stale);
        if readings.is_empty() || !readings.iter().all(|(_, reading)| fresh(reading)) {
            Observation::Missing
        } else if health.failing_since.is_none() && readings.iter().all(|(_, reading)| reading.up) {
            Observation::Exceeded
        } else {
            Observation::Within
        }
    }

    /// A spell is a time with a limit exceeded; not seeing does not end it.
    fn tell_spell(&mut self, health: &Health) {
        let (region, state) = (self.region().to_owned(), Prose::of(health.state));
        let evidence = Prose::from(health.evidence.clone());
        match (health.failing_since, self.told.failing) {
            (Some(_), false) => {
                self.told.failing = true;
                self.ports().event(WatchEvent::Detected { region, state, evidence });
            }
            (None, true) if health.state != HealthState::Unknown => {
                (self.told.failing, self.told.held_back, self.told.refused) = (false, false, false);
                self.ports().event(WatchEvent::Cleared { region, state, evidence });
            }
            (Some(_), true) | (None, _) => {}
        }
    }

    /// Performs run `number` and waits for its end. What was seen before is old by then: judging starts over.
    /// Says whether this controller still acts.
    async fn perform(&mut self, task: Task<P>, number: u32) -> bool {
        let ending = task.start(self.scribe, number).await;
        self.cool_down.extend(self.ports().now());
        self.health = Self::health_of(&self.plan);
        self.fit = SustainedThreshold::new(self.plan.hold_down);
        self.told.fit = false;
        self.learn(task.name, ending);
        if self.whereabouts != Whereabouts::Home {
            (self.told.failing, self.told.held_back) = (false, false);
        }
        self.call_for_help(task.name, ending);
        ending != Ending::Superseded
    }

    /// Pages those on call if a procedure has not reached its end. The watch goes on meanwhile.
    fn call_for_help(&self, procedure: &str, ending: Ending) {
        if matches!(ending, Ending::Done | Ending::Superseded) {
            return;
        }
        let Some(plan) = self.plan.on_call.clone() else { return };
        let (region, ports) = (self.region(), self.ports().clone());
        let message = format!("{procedure} of {region} {ending}: a person must act");
        self.errands.begin(async move { drop(approval::summon(&ports, &plan, &message).await) });
    }

    fn region(&self) -> &str {
        &self.plan.region
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
