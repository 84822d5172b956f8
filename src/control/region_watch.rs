//! The watch of a region: a control loop that leaves a region which has failed for long enough, and comes back to it once it
//! has been fit for long enough.
//!
//! Owns what is started and how it is told. The decision is that of the region's rules, the action the procedure's, the path
//! from one to the other the control loop's.

use super::cycle::{Action, CyclePlan, Moment, Observer, Play, Playbook, Start, cycle};
use crate::policy::{Health, Reading, RegionLimits, RegionMove, RegionRules};
use crate::ports::{Metrics, PortError, Ports};
use crate::procedure::{
    ApprovalPlan, Assignment, Procedure, ProcedureEntry, RegionFailover, RunRecord, Scribe, metrics,
};
use crate::record::event::{Event, Prose, WatchEvent};
use crate::units::Span;

/// What to watch and when to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchPlan {
    /// How often the region is judged.
    pub every: Span,
    /// No second automatic action until more than this has passed since the last one was decided, and since it ended.
    pub cool_down: Span,
    /// How long the region that was left must be fit without a break before anybody comes back to it.
    pub hold_down: Span,
    /// What the procedure is told. The region watched is the one it leaves; its limits say when that fails and for how
    /// long it must before anything is done.
    pub assignment: Assignment,
    /// Who must consent before the region is left; `None`: it is left at once.
    pub approval: Option<ApprovalPlan>,
    /// Who is paged when a procedure has not reached its end; `None`: nobody.
    pub on_call: Option<ApprovalPlan>,
}

/// What a watch starts.
#[derive(Debug)]
pub struct RegionProcedures<P> {
    /// When the region has failed.
    pub leave: ProcedureEntry<P>,
    /// When it has been fit again for long enough; `None`: a person comes back.
    pub come_back: Option<ProcedureEntry<P>>,
}

impl<P> Clone for RegionProcedures<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for RegionProcedures<P> {}

/// Watches until it learns that another controller acts, and starts what is called for whenever that is permitted.
///
/// Events: `watch.detected` when a spell of failure is first seen; `watch.decided` when the procedure is started;
/// `watch.held_back`, once per spell, if the cool-down forbids that; `watch.cleared` when a spell has ended;
/// `watch.fit` when a region that was left is seen to be fit again; `watch.unfit` when it is not after all;
/// `watch.coming_back` when the way back is started; `watch.blind` when metrics cannot be read, once until they can. If
/// people must consent: `watch.moot` when the region recovers before they answer; `watch.refused` and `watch.unanswered`
/// when nothing is done for that reason.
pub async fn watch<P: Ports>(scribe: &Scribe<P>, plan: WatchPlan, procedures: RegionProcedures<P>) {
    let WatchPlan { every, cool_down, hold_down, assignment, approval, on_call } = plan;
    let rules = RegionRules::new(RegionLimits {
        health: assignment.limits.clone(),
        critical: assignment.services.clone(),
        moves: procedures.leave.moves,
        hold_down: procedures.come_back.map(|_| hold_down),
    });
    let observer = RegionMetrics { region: assignment.from.clone() };
    let playbook = RegionPlaybook { assignment, approval, procedures };
    cycle(scribe, CyclePlan { every, cool_down, on_call }, (observer, rules, playbook)).await;
}

/// Looks at what monitoring has of a region.
struct RegionMetrics {
    region: String,
}

impl<P: Metrics> Observer<P> for RegionMetrics {
    type Seen = Vec<(String, Reading)>;

    async fn observe(&self, ports: &P) -> Result<Self::Seen, PortError> {
        metrics::read(ports, &self.region).await
    }
}

struct RegionPlaybook<P> {
    assignment: Assignment,
    approval: Option<ApprovalPlan>,
    procedures: RegionProcedures<P>,
}

impl<P: Ports> RegionPlaybook<P> {
    fn start(&self, class: RegionMove) -> Option<Start<P>> {
        let mut assignment = self.assignment.clone();
        let entry = match class {
            RegionMove::Leave => self.procedures.leave,
            RegionMove::ComeBack => {
                std::mem::swap(&mut assignment.from, &mut assignment.to);
                self.procedures.come_back?
            }
        };
        Some(Start::new(entry.name, move |scribe, number| (entry.start)(scribe, assignment.clone(), number)))
    }

    fn region(&self) -> String {
        self.assignment.from.clone()
    }
}

impl<P: Ports> Playbook<P> for RegionPlaybook<P> {
    type Class = RegionMove;
    type Evidence = Health;

    fn subject(&self) -> &str {
        &self.assignment.from
    }

    fn action(&self, class: RegionMove) -> Action<P> {
        let Some(start) = self.start(class) else { return Action::Report };
        let approval = self.approval.clone().filter(|_| class == RegionMove::Leave);
        Action::Run(Play { start, approval })
    }

    fn class_of(&self, run: &RunRecord) -> Option<RegionMove> {
        if run.procedure == self.procedures.leave.name {
            return Some(RegionMove::Leave);
        }
        let back = self.procedures.come_back.filter(|entry| run.procedure == entry.name);
        back.map(|_| RegionMove::ComeBack)
    }

    fn report(&self, moment: &Moment<'_, RegionMove, Health>) -> Option<Event> {
        use RegionMove::{ComeBack, Leave};
        let region = self.region();
        let prose = |health: &Health| Prose::of(health);
        let event = match moment {
            Moment::Began { class: Leave, evidence } => {
                WatchEvent::Detected { region, state: Prose::of(evidence.state), evidence: prose(evidence) }
            }
            Moment::Ended { class: Leave, evidence } => {
                WatchEvent::Cleared { region, state: Prose::of(evidence.state), evidence: prose(evidence) }
            }
            Moment::Began { class: ComeBack, evidence } => WatchEvent::Fit { region, evidence: prose(evidence) },
            Moment::Ended { class: ComeBack, evidence } => WatchEvent::Unfit { region, evidence: prose(evidence) },
            Moment::Decided { class, procedure, why, held } => {
                let procedure = procedure.unwrap_or_default().to_owned();
                match class {
                    Leave => WatchEvent::Decided { procedure, region, why: (*why).into() },
                    ComeBack => WatchEvent::ComingBack { procedure, region, held: *held },
                }
            }
            Moment::HeldBack { class: Leave, until } => WatchEvent::HeldBack { region, until: *until },
            // The way back is not urgent: that it waits is not worth telling.
            Moment::HeldBack { class: ComeBack, .. } => return None,
            Moment::Blind { error } => WatchEvent::Blind { region, error: Prose::of(error) },
            Moment::NoLongerNeeded { .. } => WatchEvent::Moot { region },
            Moment::Refused { by, reason, .. } => {
                WatchEvent::Refused { by: by.clone(), reason: reason.as_str().into() }
            }
            Moment::Unanswered { .. } => WatchEvent::Unanswered {},
        };
        Some(event.into())
    }

    /// A procedure that moves nothing finds out by itself.
    async fn price(&self, class: RegionMove, ports: &P) -> Option<String> {
        if class != RegionMove::Leave || self.procedures.leave.name != RegionFailover::NAME {
            return None;
        }
        RegionFailover::assigned(self.assignment.clone()).foreseen_price(ports).await
    }
}
