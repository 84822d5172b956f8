//! Asking people, one after the other or all at once, until enough of them have answered.
//!
//! Owns the calls and the events; whom to page and when is the policy's ([`Escalation`]). Does not know what the
//! question is about.
//!
//! Invariants: the wait is bounded by [`ApprovalPlan::longest`]. Whoever was paged may still respond when the next
//! person has been paged too, and the first answer counts. Silence is never approval.

use super::race::{Winner, race};
use super::step::Step;
use crate::policy::{Escalate, Escalation, EscalationLimits};
use crate::ports::{Audit, Clock, People, PortError, Reply};
use crate::record::event::{ConsentEvent, OnCallEvent, ProcedureEvent, Prose};
use crate::record::{Lap, LapResult};
use crate::units::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Who is asked, how many must agree, and how long each may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalPlan {
    /// The people, in the order in which they are paged.
    pub chain: Vec<String>,
    /// How many of them must say yes; at least one.
    pub quorum: u32,
    /// Whether a single no ends it; otherwise it ends once too few are left for the quorum.
    pub veto: bool,
    /// Whether all are paged at once; otherwise one after the other.
    pub together: bool,
    /// By person: how long a page may stay without acknowledgement before the next person is paged.
    pub acknowledge_within: Vec<Span>,
    /// How long somebody who has acknowledged may take to decide before the next person is paged.
    pub decide_within: Span,
    /// How often the whole chain is gone through.
    pub rounds: u32,
}

/// The steps of a procedure that need consent before they begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepApproval {
    /// The steps, by name.
    pub before: Vec<String>,
    /// Who is asked.
    pub plan: ApprovalPlan,
}

/// The result of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalVerdict {
    /// Yes.
    Approved {
        /// Who said so.
        by: String,
    },
    /// No.
    Refused {
        /// Who said so.
        by: String,
        /// Why.
        reason: String,
    },
    /// Nobody answered in time.
    NobodyAnswered,
}

impl ApprovalPlan {
    /// The longest time from asking to giving up, besides what the calls themselves take.
    pub fn longest(&self) -> Span {
        Escalation::longest(&self.limits())
    }

    fn limits(&self) -> EscalationLimits {
        let Self { acknowledge_within, decide_within, rounds, together, .. } = self.clone();
        EscalationLimits { rounds, acknowledge_within, decide_within, together }
    }
}

/// Asks the people of `plan` whether to proceed.
///
/// Events: `approval.asked`, then `approval.paged`, `approval.acknowledged` and `approval.escalated` for each person,
/// `approval.agreed` and `approval.disagreed` for answers that do not decide yet, and one of `approval.given`, `approval.refused`, `approval.nobody`. Dropping the future withdraws the question
/// without an event: who drops it calls [`withdraw`].
pub async fn ask<P: Clock + People + Audit>(ports: &P, plan: &ApprovalPlan, question: &str) -> ApprovalVerdict {
    Search::new(ports, plan, question, Purpose::Consent).run().await.0
}

/// Says that a question is no longer asked, after its future was dropped.
pub fn withdraw<P: Audit>(ports: &P, question: &str) {
    ports.event(ConsentEvent::Withdrawn { question: question.into() });
}

/// Pages the people of `plan` until one of them acknowledges; returns who did. Nothing is asked.
///
/// Events: `on_call.summoned`, then `on_call.paged`, `on_call.escalated`, and `on_call.acknowledged` or
/// `on_call.nobody`.
pub async fn summon<P: Clock + People + Audit>(ports: &P, plan: &ApprovalPlan, message: &str) -> Option<String> {
    match Search::new(ports, plan, message, Purpose::Summons).run().await.0 {
        ApprovalVerdict::Approved { by } => Some(by),
        ApprovalVerdict::Refused { .. } | ApprovalVerdict::NobodyAnswered => None,
    }
}

/// Asks for the consent that `step` needs, if it needs one, saying what it may cost, and leaves a lap of its own for it. Returns how long that
/// took, which is time of people, not of the procedure; `None` if nobody had to be asked.
///
/// # Errors
/// Why the step may not begin.
pub async fn before_step<P: Clock + People + Audit>(
    ports: &P,
    (procedure, run): (&str, u32),
    (step, price): (&Step, Option<String>),
    approval: Option<&StepApproval>,
) -> Result<Option<Span>, String> {
    let Some(approval) = approval.filter(|approval| approval.before.iter().any(|name| *name == step.name)) else {
        return Ok(None);
    };
    let start = ports.now();
    let price = price.map_or_else(String::new, |price| format!("; {price}"));
    let question = format!("{procedure}: {}: {}{price}?", step.name, step.does);
    let (step_name, does) = (STEP.to_owned(), Prose::from(question.as_str()));
    ports.event(ProcedureEvent::StepStarted { procedure: procedure.to_owned(), step: step_name, does });
    let (verdict, pages) = Search::new(ports, &approval.plan, &question, Purpose::Consent).run().await;
    let took = ports.now().since(start);
    let (result, note) = match verdict {
        ApprovalVerdict::Approved { by } => (LapResult::Done, format!("{by} approved {} after {took:#}", step.name)),
        ApprovalVerdict::Refused { by, reason } => (LapResult::Failed, format!("{by} refused {}: {reason}", step.name)),
        ApprovalVerdict::NobodyAnswered => (LapResult::OverBudget, format!("nobody answered within {took:#}")),
    };
    ports.event(ProcedureEvent::step_ended(procedure, STEP, result, &note));
    let budget = approval.plan.longest();
    ports.lap(Lap {
        procedure: procedure.to_owned(),
        run,
        step: STEP.to_owned(),
        start,
        took,
        budget,
        undo: None,
        past_return: false,
        tries: pages,
        result,
        note: note.clone(),
    });
    if result == LapResult::Done { Ok(Some(took)) } else { Err(note) }
}

/// The name of an approval's lap.
pub const STEP: &str = "approve";

/// What the people are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To consent.
    Consent,
    /// To come and act.
    Summons,
}

/// A call that has ended, and whose it was.
enum Heard {
    Acknowledged(usize),
    NotPaged(usize, PortError),
    Answered(usize, Reply),
    NotAsked(usize, PortError),
}

type Open<'a> = Pin<Box<dyn Future<Output = Heard> + 'a>>;

struct Search<'a, P> {
    ports: &'a P,
    plan: &'a ApprovalPlan,
    message: &'a str,
    purpose: Purpose,
    escalation: Escalation,
    /// Calls without an answer so far, the oldest first.
    open: Vec<Open<'a>>,
    /// Before whom the question lies.
    asked: Vec<bool>,
    /// Who has said yes.
    yes: Vec<&'a str>,
    /// How many have said no.
    no: usize,
    last: Option<usize>,
    pages: u32,
    start: Instant,
}

impl<'a, P: Clock + People + Audit> Search<'a, P> {
    fn new(ports: &'a P, plan: &'a ApprovalPlan, message: &'a str, purpose: Purpose) -> Self {
        let (escalation, asked) = (Escalation::new(plan.limits()), vec![false; plan.chain.len()]);
        let (open, start) = (Vec::new(), ports.now());
        let (yes, no, last, pages) = (Vec::new(), 0, None, 0);
        Self { ports, plan, message, purpose, escalation, open, asked, yes, no, last, pages, start }
    }

    async fn run(mut self) -> (ApprovalVerdict, u32) {
        match self.purpose {
            Purpose::Consent => self.ports.event(ConsentEvent::Asked { question: self.message() }),
            Purpose::Summons => self.ports.event(OnCallEvent::Summoned { message: self.message() }),
        }
        while self.page_next() {
            while self.escalation.continues() && self.page_next() {}
            if let Some(verdict) = self.listen().await {
                self.escalation.answered();
                return (verdict, self.pages);
            }
        }
        let (people, message) = (self.plan.chain.clone(), self.message());
        match self.purpose {
            Purpose::Consent => self.ports.event(ConsentEvent::Nobody { asked: people, question: message }),
            Purpose::Summons => self.ports.event(OnCallEvent::Nobody { paged: people, message }),
        }
        (ApprovalVerdict::NobodyAnswered, self.pages)
    }

    /// Pages the next person; says whether there was one.
    fn page_next(&mut self) -> bool {
        let beside = self.escalation.continues();
        let Escalate::Call(person) = self.escalation.advance(self.ports.now()) else { return false };
        let (name, round) = (self.name(person), self.escalation.round());
        if let Some(last) = self.last.replace(person).filter(|last| !beside && !self.yes.contains(&self.name(*last))) {
            let (from, to, was_asked) = (self.name(last).to_owned(), name.to_owned(), self.asked[last]);
            match self.purpose {
                Purpose::Consent => self.ports.event(ConsentEvent::Escalated { from, to, was_asked }),
                Purpose::Summons => self.ports.event(OnCallEvent::Escalated { from, to }),
            }
        }
        self.pages += 1;
        let (paged, round, message) = (name.to_owned(), round as u64, self.message());
        match self.purpose {
            Purpose::Consent => self.ports.event(ConsentEvent::Paged { person: paged, round, question: message }),
            Purpose::Summons => self.ports.event(OnCallEvent::Paged { person: paged, round, message }),
        }
        let page = self.ports.page(name, self.message);
        self.open.push(Box::pin(async move {
            match page.await {
                Ok(()) => Heard::Acknowledged(person),
                Err(error) => Heard::NotPaged(person, error),
            }
        }));
        true
    }

    /// Until there is a verdict, or the time of the one paged last has passed.
    async fn listen(&mut self) -> Option<ApprovalVerdict> {
        loop {
            let left = self.escalation.deadline().since(self.ports.now());
            match race(first(&mut self.open), self.ports.sleep(left)).await {
                Winner::First(heard) => {
                    if let Some(verdict) = self.hear(heard) {
                        return Some(verdict);
                    }
                }
                Winner::Second(()) => return None,
            }
        }
    }

    fn hear(&mut self, heard: Heard) -> Option<ApprovalVerdict> {
        match heard {
            Heard::Acknowledged(person) => self.acknowledged(person),
            Heard::Answered(person, reply) => self.answered(person, reply),
            Heard::NotPaged(person, error) => {
                self.not_reached(person, &error);
                None
            }
            Heard::NotAsked(person, error) => {
                self.asked[person] = false;
                self.not_reached(person, &error);
                None
            }
        }
    }

    fn acknowledged(&mut self, person: usize) -> Option<ApprovalVerdict> {
        let (name, now) = (self.name(person), self.ports.now());
        self.escalation.acknowledged(person, now);
        let (who, after) = (name.to_owned(), now.since(self.start));
        match self.purpose {
            Purpose::Consent => self.ports.event(ConsentEvent::Acknowledged { person: who, after }),
            Purpose::Summons => self.ports.event(OnCallEvent::Acknowledged { person: who, after }),
        }
        if self.purpose == Purpose::Summons {
            return Some(ApprovalVerdict::Approved { by: name.to_owned() });
        }
        if !std::mem::replace(&mut self.asked[person], true) {
            let ask = self.ports.ask(name, self.message);
            self.open.push(Box::pin(async move {
                match ask.await {
                    Ok(reply) => Heard::Answered(person, reply),
                    Err(error) => Heard::NotAsked(person, error),
                }
            }));
        }
        None
    }

    fn answered(&mut self, person: usize, reply: Reply) -> Option<ApprovalVerdict> {
        let (by, now, question) = (self.name(person), self.ports.now(), self.message());
        let needs = mutant!("one_yes_less": self.plan.quorum => self.plan.quorum - 1).max(1) as usize;
        let after = now.since(self.start);
        self.escalation.heard(person, now);
        match reply {
            Reply::Approved => {
                self.yes.push(by);
                let yes = self.yes.len();
                if yes < needs {
                    let (by, yes, needs) = (by.to_owned(), yes as u64, needs as u64);
                    self.ports.event(ConsentEvent::Agreed { by, after, yes, needs, question });
                    return None;
                }
                let by = self.yes.iter().map(|name| (*name).to_owned()).collect();
                self.ports.event(ConsentEvent::Given { by, after, question });
                Some(ApprovalVerdict::Approved { by: self.yes.join(" and ") })
            }
            Reply::Refused(reason) => {
                self.no += 1;
                let left = self.plan.chain.len() - self.no;
                let (by, why) = (by.to_owned(), Prose::from(reason.as_str()));
                if mutant!("a_veto_is_one_vote": !self.plan.veto => true) && left >= needs {
                    self.ports.event(ConsentEvent::Disagreed { by, after, reason: why, question });
                    return None;
                }
                self.ports.event(ConsentEvent::Refused { by: by.clone(), after, reason: why, question });
                Some(ApprovalVerdict::Refused { by, reason })
            }
        }
    }

    /// If nobody knows whether the call got through, its time is still to be waited out.
    fn not_reached(&mut self, person: usize, error: &PortError) {
        let (who, why) = (self.name(person).to_owned(), Prose::of(error));
        match self.purpose {
            Purpose::Consent => self.ports.event(ConsentEvent::Unreachable { person: who, error: why }),
            Purpose::Summons => self.ports.event(OnCallEvent::Unreachable { person: who, error: why }),
        }
        if error.is_definite() {
            self.escalation.unreachable(person, self.ports.now());
        }
    }

    fn name(&self, person: usize) -> &'a str {
        &self.plan.chain[person]
    }

    fn message(&self) -> Prose {
        self.message.into()
    }
}

/// The first of the open calls to end, the oldest if several have; it is taken out.
async fn first(open: &mut Vec<Open<'_>>) -> Heard {
    poll_fn(|context| {
        for index in 0..open.len() {
            if let Poll::Ready(heard) = open[index].as_mut().poll(context) {
                drop(open.remove(index));
                return Poll::Ready(heard);
            }
        }
        Poll::Pending
    })
    .await
}
