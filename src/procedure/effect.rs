//! What is known of a change that was asked for.
//!
//! Owns the memory of whether it may have happened. Invariant: a change is noted as possible before its call is sent, and
//! forgotten only when no call can have had it.

use crate::ports::PortError;
use serde::{Deserialize, Serialize};

/// Whether a change was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// The change is about to be asked for. Returns what was known before, for [`Effect::learn`].
    pub fn ask(&mut self) -> Self {
        let before = *self;
        if before == Self::None {
            *self = mutant!("asking_leaves_no_trace": Self::Possible => Self::None);
        }
        before
    }

    /// The call was answered: it had its effect, certainly had none, or nobody knows.
    ///
    /// # Errors
    ///
    /// That of the call.
    pub fn learn<T>(&mut self, before: Self, answer: Result<T, PortError>) -> Result<T, PortError> {
        match &answer {
            Ok(_) => *self = Self::Certain,
            Err(error) if mutant!("doubt_is_denial": error.is_definite() => true) => {
                *self = mutant!("a_refusal_undoes_what_was": before => Self::None)
            }
            Err(_) => {}
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(before: Effect, answer: Result<(), PortError>) -> Effect {
        let mut effect = before;
        let before = effect.ask();
        drop(effect.learn(before, answer));
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
        effect.ask();
        assert_eq!(effect, Effect::Possible);
    }
}
