//! The watch of a region: a control loop that fails over from a region which has failed for long enough, and fails back
//! to it once it has been healthy for long enough.
//!
//! Owns what is started and how it is reported. The decision is that of the region's rules, the action the procedure's,
//! the path from one to the other the control loop's.

use super::cycle::{CyclePlan, LoopMoment, Observer, Play, Playbook, Response, cycle};
use crate::policy::{HealthPolicy, HealthReport, RegionLimits, RegionMove, RegionRules, ServiceReading};
use crate::ports::{Metrics, People, PortError, Runtime};
use crate::procedure::{ApprovalPlan, RunRecord, Scribe, Task, metrics};
use crate::record::event::{Event, Prose, WatchEvent};
use crate::units::Span;

/// What to watch and when to act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchPlan {
    /// How often the region is judged.
    pub every: Span,
    /// No second automatic action until more than this has passed since the last one was decided, and since it ended.
    pub cool_down: Span,
    /// How long the region that was left must be healthy without interruption before a failback to it.
    pub hold_down: Span,
    /// The region that is watched: the one the procedure leaves.
    pub region: String,
    /// A newest scrape older than this says nothing.
    pub stale_after: Span,
    /// Who must consent before the region is left; `None`: it is left at once.
    pub approval: Option<ApprovalPlan>,
    /// Who is paged when a procedure has not reached its end; `None`: nobody.
    pub on_call: Option<ApprovalPlan>,
}

/// What a watch starts.
#[derive(Debug)]
pub struct RegionTasks<P> {
    /// When the region has failed.
    pub leave: Task<P>,
    /// When it has been healthy again for long enough; `None`: a person fails back.
    pub come_back: Option<Task<P>>,
}

impl<P> Clone for RegionTasks<P> {
    fn clone(&self) -> Self {
        Self { leave: self.leave.clone(), come_back: self.come_back.clone() }
    }
}

/// Watches until it learns that another controller acts, and starts what is called for, as `health` judges the region,
/// whenever that is permitted.
///
/// Events: `watch.detected` when a breach of failure is first seen; `watch.decided` when the procedure is started;
/// `watch.held_back`, once per breach, if the cool-down forbids that; `watch.cleared` when a breach has ended;
/// `watch.fit` when a region that was left is seen to be fit again; `watch.unfit` when it is not after all;
/// `watch.coming_back` when the failback is started; `watch.blind` when metrics cannot be read, once until they can. If
/// people must consent: `watch.no_longer_needed` when the region recovers before they answer; `watch.refused` and
/// `watch.unanswered` when nothing is done for that reason.
pub async fn watch<P: Runtime + Metrics + People>(
    scribe: &Scribe<P>,
    plan: WatchPlan,
    health: impl HealthPolicy,
    tasks: RegionTasks<P>,
) {
    let WatchPlan { every, cool_down, hold_down, region, stale_after, approval, on_call } = plan;
    let hold_down = tasks.come_back.as_ref().map(|_| hold_down);
    let rules = RegionRules::new(RegionLimits { stale_after, moves: tasks.leave.moves, hold_down }, health);
    let observer = RegionMetrics { region: region.clone() };
    let playbook = RegionPlaybook { region, approval, tasks };
    cycle(scribe, CyclePlan { every, cool_down, on_call }, (observer, rules, playbook)).await;
}

/// Looks at what monitoring has of a region.
struct RegionMetrics {
    region: String,
}

impl<P: Metrics> Observer<P> for RegionMetrics {
    type Seen = Vec<(String, ServiceReading)>;

    async fn observe(&self, ports: &P) -> Result<Self::Seen, PortError> {
        metrics::read(ports, &self.region).await
    }
}

struct RegionPlaybook<P> {
    region: String,
    approval: Option<ApprovalPlan>,
    tasks: RegionTasks<P>,
}

impl<P: Runtime> RegionPlaybook<P> {
    fn task(&self, class: RegionMove) -> Option<&Task<P>> {
        match class {
            RegionMove::Leave => Some(&self.tasks.leave),
            RegionMove::ComeBack => self.tasks.come_back.as_ref(),
        }
    }
}

impl<P: Runtime> Playbook<P> for RegionPlaybook<P> {
    type Class = RegionMove;
    type Evidence = HealthReport;

    fn subject(&self) -> &str {
        &self.region
    }

    fn action(&self, class: RegionMove) -> Response<P> {
        let Some(task) = self.task(class).cloned() else { return Response::Report };
        let approval = self.approval.clone().filter(|_| class == RegionMove::Leave);
        Response::Run(Play { task, approval })
    }

    fn class_of(&self, run: &RunRecord) -> Option<RegionMove> {
        let is_it = |class: &RegionMove| self.task(*class).is_some_and(|task| task.name == run.procedure);
        [RegionMove::Leave, RegionMove::ComeBack].into_iter().find(is_it)
    }

    fn report(&self, moment: &LoopMoment<'_, RegionMove, HealthReport>) -> Option<Event> {
        use RegionMove::{ComeBack, Leave};
        let region = self.region.clone();
        let prose = |health: &HealthReport| Prose::of(health);
        let event = match moment {
            LoopMoment::Began { class: Leave, evidence } => {
                WatchEvent::Detected { region, state: Prose::of(evidence.state), evidence: prose(evidence) }
            }
            LoopMoment::Ended { class: Leave, evidence } => {
                WatchEvent::Cleared { region, state: Prose::of(evidence.state), evidence: prose(evidence) }
            }
            LoopMoment::Began { class: ComeBack, evidence } => WatchEvent::Fit { region, evidence: prose(evidence) },
            LoopMoment::Ended { class: ComeBack, evidence } => WatchEvent::Unfit { region, evidence: prose(evidence) },
            LoopMoment::Decided { class, procedure, why, held } => {
                let procedure = procedure.unwrap_or_default().to_owned();
                match class {
                    Leave => WatchEvent::Decided { procedure, region, why: (*why).into() },
                    ComeBack => WatchEvent::ComingBack { procedure, region, held: *held },
                }
            }
            LoopMoment::HeldBack { class: Leave, until } => WatchEvent::HeldBack { region, until: *until },
            // The failback is not urgent: that it waits is not worth telling.
            LoopMoment::HeldBack { class: ComeBack, .. } => return None,
            LoopMoment::Blind { error } => WatchEvent::Blind { region, error: Prose::of(error) },
            LoopMoment::NoLongerNeeded { .. } => WatchEvent::NoLongerNeeded { region },
            LoopMoment::Refused { by, reason, .. } => {
                WatchEvent::Refused { by: by.clone(), reason: reason.as_str().into() }
            }
            LoopMoment::Unanswered { .. } => WatchEvent::Unanswered {},
        };
        Some(event.into())
    }

    async fn price(&self, class: RegionMove, ports: &P) -> Option<String> {
        let task = Some(&self.tasks.leave).filter(|_| class == RegionMove::Leave)?;
        task.foreseen_price(ports).await
    }
}
