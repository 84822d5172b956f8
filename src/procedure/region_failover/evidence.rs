//! What the steps of a region failover find and do, in a form that can be written down.
//!
//! Owns the memory of which changes may have happened. Invariant: an effect is noted before its call is sent, and
//! forgotten only when the call certainly had none.

use crate::ports::PortError;
use serde::{Deserialize, Serialize};

/// Whether a change was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Effect {
    /// Certainly not.
    #[default]
    None,
    /// It was asked for and nobody knows.
    Possible,
    /// It was.
    Certain,
}

impl Effect {
    /// Sends a change and notes what is known of it: possible while under way or cut off, as before if it certainly
    /// did not happen.
    pub(super) async fn of<T>(&mut self, call: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
        let before = *self;
        if before == Self::None {
            *self = Self::Possible;
        }
        let answer = call.await;
        match &answer {
            Ok(_) => *self = Self::Certain,
            Err(error) if error.is_definite() => *self = before,
            Err(_) => {}
        }
        answer
    }
}

/// What a region failover has found and done so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FailoverEvidence {
    /// What was wrong with the region that is left.
    pub found: String,
    /// The services that must serve in the region that takes over.
    pub services: Vec<String>,
    /// Of these, those that did before anything was changed.
    pub serving_before: Vec<String>,
    /// Whether the services were activated.
    pub activation: Effect,
    /// The DNS records touched.
    pub records: Vec<FailoverRecord>,
    /// The databases that have a copy in the region that takes over.
    pub databases: Vec<FailoverDatabase>,
    /// The audiences that have been told.
    pub notified: Vec<String>,
}

/// One DNS record that is switched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverRecord {
    /// The record.
    pub name: String,
    /// The region it named before.
    pub before: String,
    /// Whether it was pointed at the region that takes over.
    pub switched: Effect,
}

/// One database that is promoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverDatabase {
    /// The database.
    pub name: String,
    /// The epoch the copy is to lead.
    pub epoch: u32,
    /// The last position the old authority was seen to have written; `None` if it never was.
    pub head: Option<u64>,
    /// The last position the copy had received: before the fence at first, then after it.
    pub received: u64,
    /// Whether older epochs were fenced off.
    pub fenced: Effect,
    /// Whether the copy was promoted: the point of no return.
    pub promoted: Effect,
    /// The position the new lineage starts from, once promoted.
    pub from_lsn: Option<u64>,
}

impl FailoverDatabase {
    /// The largest number of writes the promotion can lose of those monitoring has seen: as old as its last scrape
    /// that succeeded. `None` if it has seen none.
    pub fn loss_bound(&self) -> Option<u64> {
        self.head.map(|head| head.saturating_sub(self.received))
    }

    /// The loss bound in words.
    pub fn loss_in_words(&self) -> String {
        match self.loss_bound() {
            Some(writes) => format!("at most {writes} writes lost of those seen"),
            None => "nobody knows how many writes are lost".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn after(before: Effect, answer: Result<(), PortError>) -> Effect {
        let mut effect = before;
        let poll = pin!(effect.of(ready(answer))).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_ready());
        effect
    }

    #[test]
    fn an_effect_is_forgotten_only_if_no_call_can_have_had_it() {
        let refused = || Err(PortError::Refused(String::new()));
        let silent = || Err(PortError::Indeterminate(String::new()));
        assert_eq!(after(Effect::None, refused()), Effect::None);
        assert_eq!(after(Effect::None, silent()), Effect::Possible);
        assert_eq!(after(Effect::Possible, refused()), Effect::Possible, "the call before may have had it");
        assert_eq!(after(Effect::Certain, silent()), Effect::Certain);
        assert_eq!(after(Effect::None, Ok(())), Effect::Certain);
    }

    #[test]
    fn a_call_that_is_cut_off_may_have_had_its_effect() {
        let mut effect = Effect::None;
        {
            let call = pin!(effect.of(pending::<Result<(), PortError>>()));
            assert_eq!(call.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        }
        assert_eq!(effect, Effect::Possible);
    }
}
