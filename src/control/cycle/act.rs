//! From a decision to an action.
//!
//! Invariants: of several classes that fire the most severe that may be acted on is; at most one procedure is started
//! at an evaluation, and what was seen before it is old once it has ended.

use super::consent::ConsentOutcome;
use super::{Considered, Cycle, Judged, LoopMoment, Observer, Play, Playbook, Response};
use crate::policy::decision::Rules;
use crate::ports::{People, Runtime};
use crate::procedure::{ApprovalPlan, Ending};
use crate::units::{Instant, Span};

impl<P, O, R, B> Cycle<'_, P, O, R, B>
where
    P: Runtime + People,
    O: Observer<P, Seen = R::Seen>,
    R: Rules,
    B: Playbook<P, Class = R::Class, Evidence = R::Evidence>,
{
    /// Acts on `decision`, made at `at`, as far as that is permitted.
    pub(super) async fn consider(&mut self, at: Instant, decision: &Judged<R>) -> Considered<R::Class, R::Evidence> {
        for &class in &decision.firing {
            if self.breaches.get(&class).is_some_and(|reported| reported.refused) {
                continue;
            }
            let (why, held) = (decision.evidence.to_string(), decision.held);
            match self.playbook.action(class) {
                Response::Report => self.once(class, &why, held, None),
                Response::Page(plan) => self.once(class, &why, held, Some(plan)),
                Response::Run(_) if !self.is_permitted(class, at) => self.hold_back(class, at),
                Response::Run(play) => return self.try_to_act(class, &play, at, decision).await,
            }
        }
        Considered::Settled
    }

    /// Tells a decision, and pages those whom that takes; not twice in a breach.
    fn once(&mut self, class: R::Class, why: &str, held: Span, page: Option<ApprovalPlan>) {
        let reported = self.breaches.entry(class).or_default();
        if std::mem::replace(&mut reported.done, true) {
            return;
        }
        self.report(&LoopMoment::Decided { class, procedure: None, why, held });
        if let Some(plan) = page {
            self.page(plan, format!("{}: {why}", self.playbook.subject()));
        }
    }

    fn is_permitted(&self, class: R::Class, at: Instant) -> bool {
        let asked_in_vain = self.breaches.get(&class).is_some_and(|reported| reported.unanswered);
        (!self.playbook.heeds_cool_down(class) && !asked_in_vain)
            || mutant!("the_cool_down_is_not_heeded": self.cool_down.permits(at) => true)
    }

    fn hold_back(&mut self, class: R::Class, at: Instant) {
        let reported = self.breaches.entry(class).or_default();
        if !std::mem::replace(&mut reported.held_back, true) {
            let until = self.cool_down.until().unwrap_or(at);
            self.report(&LoopMoment::HeldBack { class, until });
        }
    }

    async fn try_to_act(
        &mut self,
        class: R::Class,
        play: &Play<P>,
        at: Instant,
        decision: &Judged<R>,
    ) -> Considered<R::Class, R::Evidence> {
        let consent = match self.consent(class, play, at, decision).await {
            ConsentOutcome::Yes(consent) => consent,
            ConsentOutcome::No => return Considered::Settled,
            ConsentOutcome::Overtaken(at, graver) => return Considered::Overtaken(at, graver),
        };
        if !self.is_permitted(class, consent.at) {
            return Considered::Settled;
        }
        if self.playbook.heeds_cool_down(class) {
            self.cool_down.extend(consent.at);
        }
        let procedure = Some(play.task.name.as_str());
        self.report(&LoopMoment::Decided { class, procedure, why: &consent.why, held: consent.held });
        self.runs += 1;
        match self.perform(class, play, self.runs).await {
            true => Considered::Settled,
            false => Considered::Superseded,
        }
    }

    /// Performs run `number` and waits for its end. What was seen before is old by then: judging starts over.
    /// Says whether this controller still acts.
    pub(super) async fn perform(&mut self, class: R::Class, play: &Play<P>, number: u32) -> bool {
        let ending = play.task.start(self.scribe, number).await;
        let now = self.ports().now();
        if mutant!("the_cool_down_ends_with_the_decision": self.playbook.heeds_cool_down(class) => false) {
            self.cool_down.extend(now);
        }
        mutant!("what_was_seen_before_still_counts": self.rules.start_over() => ());
        self.learn(Some(class), ending, now);
        let rules = &self.rules;
        self.breaches.retain(|class, _| rules.outlasts_an_action(*class));
        self.call_for_help(&play.task.name, ending);
        ending != Ending::Superseded
    }
}
