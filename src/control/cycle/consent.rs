//! Asking people before a control loop acts.
//!
//! Invariants: it keeps evaluating while people think. If the reason goes away meanwhile, the question is withdrawn and
//! nothing is started; if something more severe begins to fire it is withdrawn too, and that is acted on at once. After
//! a refusal, nothing is done about the class until its breach has ended; after silence, not before the cool-down has
//! passed.

use super::grid::next_on_grid;
use super::{Cycle, Judged, LoopMoment, Observer, Play, Playbook};
use crate::policy::decision::{Decision, Rules};
use crate::ports::{People, Runtime};
use crate::procedure::approval::{self, ApprovalVerdict};
use crate::procedure::{ApprovalPlan, Winner, race};
use crate::units::{Instant, Span};

/// How long people are kept waiting for what it may cost. Product default: a few calls of a control interface.
const PATIENCE: Span = Span::from_secs(5);

/// That an action may be taken.
pub(super) struct Consent {
    /// When it was given.
    pub at: Instant,
    /// What was seen, and who agreed.
    pub why: String,
    /// How long that has been observed.
    pub held: Span,
}

/// What has come of asking.
pub(super) enum ConsentOutcome<C, E> {
    /// It may be done.
    Yes(Consent),
    /// It may not, or need not any more.
    No,
    /// Something more severe fires.
    Overtaken(Instant, Decision<C, E>),
}

/// Why a question is not waited for any longer.
enum Change {
    Ended,
    Overtaken(Instant),
}

impl<P, O, R, B> Cycle<'_, P, O, R, B>
where
    P: Runtime + People,
    O: Observer<P, Seen = R::Seen>,
    R: Rules,
    B: Playbook<P, Class = R::Class, Evidence = R::Evidence>,
{
    /// Approval to act on `decision`, made at `at`. At once if nobody needs to be asked.
    pub(super) async fn consent(
        &mut self,
        class: R::Class,
        play: &Play<P>,
        at: Instant,
        decision: &Judged<R>,
    ) -> ConsentOutcome<R::Class, R::Evidence> {
        let (why, held) = (decision.evidence.to_string(), decision.held);
        let Some(plan) = &play.approval else { return ConsentOutcome::Yes(Consent { at, why, held }) };
        let price = self.price(class).await.map_or_else(String::new, |price| format!("; {price}"));
        let question = format!("{} of {}: {why}{price}?", play.task.name, self.playbook.subject());
        self.ask(class, plan, &question, decision.clone()).await
    }

    async fn ask(
        &mut self,
        class: R::Class,
        plan: &ApprovalPlan,
        question: &str,
        mut newest: Judged<R>,
    ) -> ConsentOutcome<R::Class, R::Evidence> {
        let ports = self.scribe.ports();
        match race(approval::ask(ports, plan, question), self.until_changed(class, &mut newest)).await {
            Winner::First(ApprovalVerdict::Approved { by }) => self.still_called_for(class, &by, newest).await,
            Winner::First(ApprovalVerdict::Refused { by, reason }) => {
                self.breaches.entry(class).or_default().refused = mutant!("no_is_not_remembered": true => false);
                self.report(&LoopMoment::Refused { class, by, reason });
                ConsentOutcome::No
            }
            Winner::First(ApprovalVerdict::NobodyAnswered) => {
                mutant!("silence_is_asked_again_at_once": self.cool_down.extend(ports.now()) => ());
                self.breaches.entry(class).or_default().unanswered = true;
                self.report(&LoopMoment::Unanswered { class });
                ConsentOutcome::No
            }
            Winner::Second(change) => {
                approval::withdraw(ports, question);
                match change {
                    Change::Ended => self.no_longer_needed(class),
                    Change::Overtaken(at) => ConsentOutcome::Overtaken(at, newest),
                }
            }
        }
    }

    /// What acting may cost, if that can be told soon.
    async fn price(&self, class: R::Class) -> Option<String> {
        let ports = self.ports();
        match race(self.playbook.price(class, ports), ports.sleep(PATIENCE)).await {
            Winner::First(price) => price,
            Winner::Second(()) => None,
        }
    }

    /// Looks on the grid until the breach has ended, or something more severe fires.
    async fn until_changed(&mut self, class: R::Class, newest: &mut Judged<R>) -> Change {
        while self.breaches.contains_key(&class) {
            let (at, decision) = self.look_next().await;
            *newest = decision;
            if newest.firing.first().is_some_and(|gravest| *gravest > class) {
                return Change::Overtaken(at);
            }
        }
        Change::Ended
    }

    /// What was agreed to must still be called for: of what nothing is known, nothing is done.
    async fn still_called_for(
        &mut self,
        class: R::Class,
        by: &str,
        mut newest: Judged<R>,
    ) -> ConsentOutcome<R::Class, R::Evidence> {
        while mutant!("what_is_agreed_is_done": !newest.firing.contains(&class) => false) {
            let (at, decision) = self.look_next().await;
            newest = decision;
            if newest.firing.first().is_some_and(|gravest| *gravest > class) {
                return ConsentOutcome::Overtaken(at, newest);
            }
            if !self.breaches.contains_key(&class) {
                return self.no_longer_needed(class);
            }
        }
        let why = format!("{}; {by} approves", newest.evidence);
        ConsentOutcome::Yes(Consent { at: self.ports().now(), why, held: newest.held })
    }

    async fn look_next(&mut self) -> (Instant, Judged<R>) {
        let at = next_on_grid(self.ports().now().saturating_add(Span::from_nanos(1)), self.plan.every);
        self.ports().sleep(at.since(self.ports().now())).await;
        (at, self.look(at).await)
    }

    fn no_longer_needed(&self, class: R::Class) -> ConsentOutcome<R::Class, R::Evidence> {
        self.report(&LoopMoment::NoLongerNeeded { class });
        ConsentOutcome::No
    }
}
