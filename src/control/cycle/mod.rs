//! The control loop: observe, decide, ask for approval, act, report.
//!
//! Owns the evaluation grid, the cool-down, who is asked and paged, and what a restart must know. Does not know what is
//! observed, by which rules it is judged, nor what is done about it: that is an [`Observer`], [`Rules`] and a [`Playbook`].
//!
//! Invariants: evaluations are at whole multiples of `every` since the start of the run, however long an observation
//! takes, and are stamped with their grid instant; those that fall due while something else is under way are left out.
//! Nothing is started but for a class that fires at that very evaluation, nor twice within a cool-down, nor without the
//! approval of those who must be asked. What was begun by a controller before this one is finished first; where things
//! stand is read from the journal, so that no restart forgets a cool-down or what was done.

mod act;
mod background;
mod consent;
mod grid;
mod playbook;

pub use playbook::{LoopMoment, Observer, Play, Playbook, Response};

use crate::policy::CoolDown;
use crate::policy::decision::{Aftermath, Decision, Rules};
use crate::ports::{People, Runtime};
use crate::procedure::{ApprovalPlan, Ending, RunRecord, Scribe, approval};
use crate::record::event::{ControllerEvent, ProcedureEvent, Prose};
use crate::units::{Instant, Span};
use background::BackgroundTasks;
use grid::next_on_grid;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The numbers of a control loop that no class of decision changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CyclePlan {
    /// How often it looks.
    pub every: Span,
    /// No second automatic action that respects it until more than this has passed since the last one was decided, and
    /// since it ended.
    pub cool_down: Span,
    /// Who is paged when a procedure has not reached its end; `None`: nobody.
    pub on_call: Option<ApprovalPlan>,
}

/// Looks and acts until it learns that another controller does.
pub async fn cycle<P, O, R, B>(scribe: &Scribe<P>, plan: CyclePlan, (observer, rules, playbook): (O, R, B))
where
    P: Runtime + People,
    O: Observer<P, Seen = R::Seen>,
    R: Rules,
    B: Playbook<P, Class = R::Class, Evidence = R::Evidence>,
{
    let tasks = BackgroundTasks::default();
    let cool_down = CoolDown::new(plan.cool_down);
    let (runs, breaches, blind) = (0, BTreeMap::new(), false);
    let mut cycle = Cycle { scribe, tasks: &tasks, plan, observer, rules, playbook, cool_down, runs, breaches, blind };
    tasks.beside(cycle.run()).await;
}

struct Cycle<'a, P, O, R: Rules, B> {
    scribe: &'a Scribe<P>,
    tasks: &'a BackgroundTasks,
    plan: CyclePlan,
    observer: O,
    rules: R,
    playbook: B,
    cool_down: CoolDown,
    /// The number of the last run.
    runs: u32,
    /// By class: what has been reported of the breach it is in.
    breaches: BTreeMap<R::Class, Reported>,
    /// Whether it has been reported that nothing can be seen.
    blind: bool,
}

/// What has been said of a breach and need not be said again.
#[derive(Debug, Clone, Copy, Default)]
struct Reported {
    held_back: bool,
    /// Somebody said no: nothing is done until the breach has ended.
    refused: bool,
    /// Nobody answered: a class without a cool-down waits for it all the same.
    unanswered: bool,
    /// What is done once in a breach was done.
    done: bool,
}

type Judged<R> = Decision<<R as Rules>::Class, <R as Rules>::Evidence>;

impl<P, O, R, B> Cycle<'_, P, O, R, B>
where
    P: Runtime + People,
    O: Observer<P, Seen = R::Seen>,
    R: Rules,
    B: Playbook<P, Class = R::Class, Evidence = R::Evidence>,
{
    fn ports(&self) -> &P {
        self.scribe.ports()
    }

    /// Until another controller acts.
    async fn run(&mut self) {
        if !self.take_over().await {
            return;
        }
        let mut at = next_on_grid(self.ports().now(), self.plan.every);
        loop {
            self.ports().sleep(at.since(self.ports().now())).await;
            if !self.evaluate(at).await {
                return;
            }
            let after = self.ports().now().max(at).saturating_add(Span::from_nanos(1));
            at = next_on_grid(after, self.plan.every);
        }
    }

    /// Learns from the journal where things stand, and finishes what was started. Says whether to continue.
    async fn take_over(&mut self) -> bool {
        let runs = self.scribe.runs();
        for run in &runs {
            self.runs = self.runs.max(run.id.number());
            let class = self.playbook.class_of(run);
            if mutant!("a_restart_forgets_the_cool_down": class.is_none_or(|class| self.playbook.heeds_cool_down(class)) => false)
            {
                self.cool_down.extend(run.begun);
                run.ended.into_iter().for_each(|(at, _)| self.cool_down.extend(at));
            }
            if let Some((at, ending)) = mutant!("a_restart_forgets_what_was_done": run.ended => None) {
                self.learn(class, ending, at);
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
            Some(run) => mutant!("what_was_begun_is_left": self.resume(run).await => true),
            None => true,
        }
    }

    /// Finishes a run that the journal knows to have started. Says whether to continue.
    async fn resume(&mut self, run: &RunRecord) -> bool {
        let known = self.playbook.class_of(run).and_then(|class| match self.playbook.action(class) {
            Response::Run(play) => Some((class, play)),
            Response::Page(_) | Response::Report => None,
        });
        if let Some((class, play)) = known {
            return self.perform(class, &play, run.id.number()).await;
        }
        let why = format!("{} was started, but this controller does not know it", run.procedure);
        self.ports().event(ControllerEvent::Unreadable { why: why.into() });
        self.rules.learn(None, Aftermath::Stopped, self.ports().now());
        true
    }

    /// Evaluates, and acts if there is reason to. Says whether to continue.
    async fn evaluate(&mut self, at: Instant) -> bool {
        let mut next = Some((at, self.look(at).await));
        while let Some((at, decision)) = next {
            match self.consider(at, &decision).await {
                Considered::Settled => return true,
                Considered::Superseded => return false,
                Considered::Overtaken(at, graver) => next = Some((at, graver)),
            }
        }
        true
    }

    /// Observes and judges, and reports which breaches have begun and ended. What cannot be read is no data.
    async fn look(&mut self, at: Instant) -> Judged<R> {
        let seen = match self.observer.observe(self.scribe.ports()).await {
            Ok(seen) => {
                self.blind = false;
                Some(seen)
            }
            Err(error) => {
                if !self.blind {
                    self.blind = true;
                    self.report(&LoopMoment::Blind { error: &error });
                }
                None
            }
        };
        let decision = self.rules.judge(at, seen.as_ref());
        self.report_spells(&decision);
        decision
    }

    /// A breach is a time in which a condition holds, for long enough or not; not seeing does not end it.
    fn report_spells(&mut self, decision: &Judged<R>) {
        let evidence = &decision.evidence;
        for &class in &decision.active {
            if let Entry::Vacant(breach) = self.breaches.entry(class) {
                breach.insert(Reported::default());
                self.report(&LoopMoment::Began { class, evidence });
            }
        }
        for &class in &decision.clear {
            if self.breaches.remove(&class).is_some() {
                self.report(&LoopMoment::Ended { class, evidence });
            }
        }
    }

    fn report(&self, moment: &LoopMoment<'_, R::Class, R::Evidence>) {
        if let Some(event) = self.playbook.report(moment) {
            self.ports().event(event);
        }
    }

    fn learn(&mut self, class: Option<R::Class>, ending: Ending, at: Instant) {
        let aftermath = match ending {
            Ending::Done => Aftermath::Done,
            Ending::Undone | Ending::UndoFailed => Aftermath::Undone,
            Ending::Stopped => Aftermath::Stopped,
            // It is for another controller to learn.
            Ending::Superseded => return,
        };
        self.rules.learn(class, aftermath, at);
    }

    /// Pages those on call if a procedure has not reached its end. The loop continues meanwhile.
    fn call_for_help(&self, procedure: &str, ending: Ending) {
        if matches!(ending, Ending::Done | Ending::Superseded) {
            return;
        }
        let Some(plan) = self.plan.on_call.clone() else { return };
        let message = format!("{procedure} of {} {ending}: a person must act", self.playbook.subject());
        self.page(plan, message);
    }

    fn page(&self, plan: ApprovalPlan, message: String) {
        let ports = self.ports().clone();
        self.tasks.begin(async move { drop(approval::summon(&ports, &plan, &message).await) });
    }
}

/// What has come of considering a decision.
enum Considered<C, E> {
    /// Nothing more is to be done about it.
    Settled,
    /// Another controller acts.
    Superseded,
    /// While people were asked something more severe began to fire.
    Overtaken(Instant, Decision<C, E>),
}
