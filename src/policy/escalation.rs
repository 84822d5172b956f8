//! Whom to turn to next while nobody has answered.
//!
//! Owns the order of people, the two time-outs and the count of rounds. Refuses to know how somebody is reached, and
//! what is asked.
//!
//! Invariants: nobody is called twice in one round, and nobody at all after an answer. Whoever was called earlier may
//! still respond: moving on to the next person does not send the earlier one away. From the first call to giving up
//! passes at most `rounds * people * (acknowledge_within + decide_within)`.

use crate::units::{Instant, Span};

/// How people are called, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EscalationLimits {
    /// How many people there are.
    pub people: usize,
    /// How often everyone is called. None are called if it is zero.
    pub rounds: u32,
    /// How long a call may stay without acknowledgement before the next person is called.
    pub acknowledge_within: Span,
    /// How long somebody who has acknowledged may take to decide before the next person is called.
    pub decide_within: Span,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escalate {
    /// Call this person, by position.
    Call(usize),
    /// Nobody is left.
    GiveUp,
}

/// An escalation under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    limits: EscalationLimits,
    /// Calls made so far.
    calls: usize,
    /// Who has acknowledged a call of the present round.
    acknowledged: Vec<bool>,
    deadline: Instant,
    over: bool,
}

impl Escalation {
    /// An escalation in which nobody has been called.
    pub fn new(limits: EscalationLimits) -> Self {
        let acknowledged = vec![false; limits.people];
        Self { limits, calls: 0, acknowledged, deadline: Instant::ZERO, over: false }
    }

    /// Moves on: to the next person, to the first of another round, or to the end.
    pub fn advance(&mut self, now: Instant) -> Escalate {
        let rounds = usize::try_from(self.limits.rounds).unwrap_or(usize::MAX);
        if self.over || self.calls >= self.limits.people.saturating_mul(rounds) {
            self.over = true;
            return Escalate::GiveUp;
        }
        let person = self.calls % self.limits.people;
        if person == 0 {
            self.acknowledged.fill(false);
        }
        self.calls += 1;
        self.deadline = now.saturating_add(self.limits.acknowledge_within);
        Escalate::Call(person)
    }

    /// `person` has acknowledged: time to decide begins, once per person and round. Says whether this was news.
    pub fn acknowledged(&mut self, person: usize, now: Instant) -> bool {
        let called_this_round = person < self.limits.people && person < self.calls;
        if self.over || !called_this_round || std::mem::replace(&mut self.acknowledged[person], true) {
            return false;
        }
        let decided = now.saturating_add(self.limits.decide_within);
        // Somebody called earlier does not shorten the time of the one who was called last.
        let is_last = person == (self.calls - 1) % self.limits.people;
        self.deadline = if is_last { decided } else { self.deadline.max(decided) };
        true
    }

    /// `person` cannot be called at all: there is no point in waiting, unless nobody is left in this round.
    pub fn unreachable(&mut self, person: usize, now: Instant) {
        let is_last = self.calls > 0 && person == (self.calls - 1) % self.limits.people;
        if is_last && person + 1 < self.limits.people {
            self.deadline = self.deadline.min(now);
        }
    }

    /// Somebody has answered: nobody is called any more.
    pub fn answered(&mut self) {
        self.over = true;
    }

    /// When to move on unless somebody responds. A response at this very instant is in time.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The round under way, 1 for the first.
    pub const fn round(&self) -> usize {
        if self.limits.people == 0 { 0 } else { self.calls.div_ceil(self.limits.people) }
    }

    /// The longest time from the first call to giving up.
    pub fn longest(limits: &EscalationLimits) -> Span {
        let each = limits.acknowledge_within.saturating_add(limits.decide_within);
        let calls = u64::from(limits.rounds).saturating_mul(limits.people as u64);
        Span::from_nanos(each.as_nanos().saturating_mul(calls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn limits(people: usize, rounds: u32) -> EscalationLimits {
        let (acknowledge_within, decide_within) = (Span::from_secs(100), Span::from_secs(300));
        EscalationLimits { people, rounds, acknowledge_within, decide_within }
    }

    #[test]
    fn everyone_is_called_in_order_in_every_round_and_then_nobody() {
        let mut escalation = Escalation::new(limits(2, 2));
        let calls: Vec<Escalate> = (0..6).map(|k| escalation.advance(T(100 * k))).collect();
        use Escalate::{Call, GiveUp};
        assert_eq!(calls, [Call(0), Call(1), Call(0), Call(1), GiveUp, GiveUp]);
        assert_eq!(escalation.round(), 2);
    }

    #[test]
    fn acknowledging_gives_time_to_decide_once_a_round() {
        let mut escalation = Escalation::new(limits(2, 2));
        escalation.advance(T(0));
        assert_eq!(escalation.deadline(), T(100));
        assert!(escalation.acknowledged(0, T(40)) && !escalation.acknowledged(0, T(50)));
        assert_eq!(escalation.deadline(), T(340));
        assert!(!escalation.acknowledged(1, T(60)), "nobody called the second");
    }

    #[test]
    fn an_earlier_person_may_respond_late_and_shortens_nobodys_time() {
        let short = EscalationLimits { decide_within: Span::from_secs(10), ..limits(2, 1) };
        let mut escalation = Escalation::new(short);
        escalation.advance(T(0));
        escalation.advance(T(100));
        assert!(escalation.acknowledged(0, T(110)));
        assert_eq!(escalation.deadline(), T(200));
        assert!(escalation.acknowledged(1, T(120)));
        assert_eq!(escalation.deadline(), T(130));
    }

    #[test]
    fn nobody_waits_for_a_person_who_cannot_be_called_unless_it_is_the_last() {
        let mut escalation = Escalation::new(limits(2, 1));
        escalation.advance(T(0));
        escalation.unreachable(0, T(1));
        assert_eq!(escalation.deadline(), T(1));
        escalation.advance(T(1));
        escalation.unreachable(1, T(2));
        assert_eq!(escalation.deadline(), T(101), "a second round at once would find nobody either");
    }

    #[test]
    fn without_people_or_rounds_there_is_nobody_to_call() {
        assert_eq!(Escalation::new(limits(0, 3)).advance(T(0)), Escalate::GiveUp);
        assert_eq!(Escalation::new(limits(3, 0)).advance(T(0)), Escalate::GiveUp);
        assert!(!Escalation::new(limits(0, 3)).acknowledged(0, T(0)));
    }

    proptest! {
        /// Whoever acknowledges or answers whenever: calls are in order, none comes after an answer, and it ends in time.
        #[test]
        fn no_round_calls_twice_no_answer_is_followed_by_a_call_and_waiting_is_bounded(
            people in 1_usize..5,
            rounds in 1_u32..4,
            responses in prop::collection::vec((0_usize..6, 0_u64..400, any::<bool>()), 0..40),
        ) {
            let limits = limits(people, rounds);
            let mut escalation = Escalation::new(limits);
            let (mut now, mut calls, mut answered) = (T(0), Vec::new(), false);
            let mut responses = responses.into_iter().peekable();
            while let Escalate::Call(person) = escalation.advance(now) {
                prop_assert!(!answered, "called after an answer");
                calls.push(person);
                while let Some((person, after, answers)) = responses.next_if(|(_, after, _)| now + Span::from_secs(*after) <= escalation.deadline()) {
                    now = now + Span::from_secs(after);
                    let news = escalation.acknowledged(person, now);
                    prop_assert!(!news || calls.contains(&person), "nobody responds to a call that was not made");
                    if news && answers {
                        answered = true;
                        escalation.answered();
                    }
                }
                responses.next();
                now = now.max(escalation.deadline());
            }
            for round in calls.chunks(people) {
                let expected: Vec<usize> = (0..round.len()).collect();
                prop_assert_eq!(round, expected);
            }
            prop_assert!(answered || calls.len() == people * rounds as usize, "everyone is called before giving up");
            prop_assert!(now.since(T(0)) <= Escalation::longest(&limits), "ended at {now}");
        }
    }
}
