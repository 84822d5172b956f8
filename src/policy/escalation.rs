//! Whom to page next while nobody has answered.
//!
//! Owns the order of people, the two time-outs and the count of rounds. Does not know how somebody is reached, or what
//! is asked.
//!
//! Invariants: nobody is called twice in one round, nor after having been heard, and nobody at all once it is over.
//! Whoever was called earlier may still respond: moving on to the next person does not send the earlier one away. From
//! the first call to giving up passes at most `rounds` times the sum over people of `acknowledge_within + decide_within`.

use crate::units::{Instant, Span};

/// How people are called: one after the other, or all of a round at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationLimits {
    /// By person, in the order in which they are called: how long a call may stay without acknowledgement before the next
    /// person is called.
    pub acknowledge_within: Vec<Span>,
    /// How long somebody who has acknowledged may take to decide before the next person is called.
    pub decide_within: Span,
    /// How often everyone is called. None are called if it is zero.
    pub rounds: u32,
    /// Whether everyone of a round is called at once.
    pub together: bool,
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
    /// Who has said what they had to say, and need not be called any more.
    heard: Vec<bool>,
    deadline: Instant,
    over: bool,
}

impl Escalation {
    /// An escalation in which nobody has been called.
    pub fn new(limits: EscalationLimits) -> Self {
        let people = limits.acknowledge_within.len();
        let (acknowledged, heard) = (vec![false; people], vec![false; people]);
        Self { limits, calls: 0, acknowledged, heard, deadline: Instant::ZERO, over: false }
    }

    /// Moves on: to the next person, to the first of another round, or to the end.
    pub fn advance(&mut self, now: Instant) -> Escalate {
        let people = self.people();
        let all = people.saturating_mul(usize::try_from(self.limits.rounds).unwrap_or(usize::MAX));
        while !self.over && self.calls < all && !self.heard.iter().all(|heard| *heard) {
            let person = self.calls % people;
            if person == 0 {
                self.acknowledged.fill(false);
            }
            let begins = person == 0 || !self.limits.together;
            self.calls += 1;
            if self.heard[person] {
                continue;
            }
            let patience = self.limits.acknowledge_within[person];
            let within = mutant!("nobody_is_replaced": patience => Span::from_nanos(6 * patience.as_nanos()));
            let until = now.saturating_add(within);
            self.deadline = if begins {
                until
            } else {
                mutant!("the_last_call_sets_the_deadline": self.deadline.max(until) => until)
            };
            return Escalate::Call(person);
        }
        self.over = true;
        Escalate::GiveUp
    }

    /// Whether the next person is called at the same time as the one called last.
    pub fn continues(&self) -> bool {
        self.limits.together && !self.over && self.calls > 0 && !self.calls.is_multiple_of(self.people())
    }

    /// `person` has acknowledged: time to decide begins, once per person and round. Says whether this was news.
    pub fn acknowledged(&mut self, person: usize, now: Instant) -> bool {
        let called_this_round = person < self.people() && person < self.calls;
        if self.over || !called_this_round || std::mem::replace(&mut self.acknowledged[person], true) {
            return false;
        }
        let decided = now.saturating_add(self.limits.decide_within);
        // Somebody called earlier does not shorten the time of the one who was called last.
        let alone = self.is_last(person) && !self.limits.together;
        self.deadline = if alone {
            decided
        } else {
            mutant!("an_earlier_one_shortens_the_wait": self.deadline.max(decided) => decided)
        };
        true
    }

    /// `person` has said their word and others must say theirs: if they were the one waited for, the escalation
    /// continues at once.
    pub fn heard(&mut self, person: usize, now: Instant) {
        self.heard[person] = mutant!("who_has_spoken_is_called_again": true => false);
        if self.is_last(person) && !self.limits.together {
            self.deadline = self.deadline.min(now);
        }
    }

    /// `person` cannot be called at all: there is no point in waiting, unless nobody is left in this round.
    pub fn unreachable(&mut self, person: usize, now: Instant) {
        if self.is_last(person) && person + 1 < self.people() && !self.limits.together {
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
        if self.acknowledged.is_empty() { 0 } else { self.calls.div_ceil(self.acknowledged.len()) }
    }

    /// The longest time from the first call to giving up.
    pub fn longest(limits: &EscalationLimits) -> Span {
        let each = |within: &Span| within.saturating_add(limits.decide_within);
        let round = limits.acknowledge_within.iter().map(each).fold(Span::ZERO, Span::saturating_add);
        Span::from_nanos(round.as_nanos().saturating_mul(u64::from(limits.rounds)))
    }

    fn people(&self) -> usize {
        self.limits.acknowledge_within.len()
    }

    fn is_last(&self, person: usize) -> bool {
        self.calls > 0 && person == (self.calls - 1) % self.people()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn limits(people: usize, rounds: u32) -> EscalationLimits {
        let (acknowledge_within, decide_within) = (vec![Span::from_secs(100); people], Span::from_secs(300));
        EscalationLimits { rounds, acknowledge_within, decide_within, together: false }
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

    #[test]
    fn each_person_has_a_patience_of_their_own() {
        let acknowledge_within = vec![Span::from_secs(10), Span::from_secs(70)];
        let limits = EscalationLimits { acknowledge_within, ..limits(2, 1) };
        assert_eq!(Escalation::longest(&limits), Span::from_secs(680));
        let mut escalation = Escalation::new(limits);
        escalation.advance(T(0));
        assert_eq!(escalation.deadline(), T(10));
        escalation.advance(T(10));
        assert_eq!(escalation.deadline(), T(80));
    }

    #[test]
    fn all_of_a_round_are_called_at_once_and_who_was_heard_is_not_called_again() {
        let mut escalation = Escalation::new(EscalationLimits { together: true, ..limits(3, 2) });
        use Escalate::{Call, GiveUp};
        let round = |escalation: &mut Escalation, now| {
            let mut called = vec![escalation.advance(now)];
            while escalation.continues() {
                called.push(escalation.advance(now));
            }
            called
        };
        assert_eq!(round(&mut escalation, T(0)), [Call(0), Call(1), Call(2)]);
        escalation.heard(2, T(20));
        assert_eq!(escalation.deadline(), T(100), "the others still have their time");
        escalation.heard(0, T(30));
        assert_eq!(escalation.advance(T(100)), Call(1));
        assert_eq!(escalation.deadline(), T(200));
        escalation.heard(1, T(130));
        assert_eq!(escalation.advance(T(200)), GiveUp, "everybody was heard");
    }

    #[test]
    fn those_called_together_are_waited_for_as_long_as_the_most_patient_asks_for() {
        let acknowledge_within = vec![Span::from_secs(70), Span::from_secs(10)];
        let mut escalation = Escalation::new(EscalationLimits { together: true, acknowledge_within, ..limits(2, 1) });
        assert_eq!((escalation.advance(T(0)), escalation.advance(T(0))), (Escalate::Call(0), Escalate::Call(1)));
        assert_eq!(
            escalation.deadline(),
            T(70),
            "the last one called has the least time, and the first still has theirs"
        );
    }

    #[test]
    fn who_was_heard_makes_room_for_the_next_at_once() {
        let mut escalation = Escalation::new(limits(3, 1));
        escalation.advance(T(0));
        escalation.heard(0, T(30));
        assert_eq!(escalation.deadline(), T(30));
        escalation.advance(T(30));
        escalation.advance(T(130));
        escalation.heard(1, T(140));
        assert_eq!(escalation.deadline(), T(230), "the third was called meanwhile");
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
            let mut escalation = Escalation::new(limits.clone());
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
