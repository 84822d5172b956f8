//! What a user reads when firedrill itself breaks: that it is a bug, and how to repeat it.
//!
//! Invariant: a panic is never silent and never looks like a verdict.

use crate::report::text::clean;
use std::cell::RefCell;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many panics are reported in full; a campaign may have thousands of the same.
const MOST_TOLD: usize = 3;

static TOLD: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static REPLAY: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does `work`; should it panic, the user is shown `replay`, which repeats it.
pub(super) fn repeatable_by<T>(replay: String, work: impl FnOnce() -> T) -> T {
    REPLAY.set(Some(replay));
    let done = work();
    REPLAY.set(None);
    done
}

/// Lets every panic explain itself on standard error.
pub(super) fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        if TOLD.fetch_add(1, Ordering::Relaxed) < MOST_TOLD {
            let replay = REPLAY.with(|replay| replay.try_borrow().ok().and_then(|r| r.clone()));
            let _ = std::io::stderr().write_all(explanation(info, replay.as_deref()).as_bytes());
        }
    }));
}

fn explanation(info: &PanicHookInfo<'_>, replay: Option<&str>) -> String {
    let message = crate::explore::panic_message(info.payload());
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    written(&message, &place, replay)
}

fn written(message: &str, place: &str, replay: Option<&str>) -> String {
    let mut text = format!("internal error, this is a bug in firedrill {}\n", env!("CARGO_PKG_VERSION"));
    text.push_str(&format!("  what:   {}\n  where:  {}\n", clean(message), clean(place)));
    if let Some(replay) = replay {
        text.push_str(&format!("  repeat: {}\n", clean(replay)));
    }
    text.push_str("  please report it with these lines and the scenario file\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_explanation_says_what_where_and_how_again() {
        let text = written("index 4 out of\nbounds", "src/x.rs:1:2", Some("firedrill run a.yaml --seed 3"));
        assert!(text.starts_with("internal error, this is a bug in firedrill "), "{text}");
        assert!(text.contains("  what:   index 4 out of bounds\n  where:  src/x.rs:1:2\n"), "{text}");
        assert!(text.contains("  repeat: firedrill run a.yaml --seed 3\n"), "{text}");
    }

    #[test]
    fn the_replay_command_is_known_only_while_the_work_goes_on() {
        let during = repeatable_by("again".to_owned(), || REPLAY.with_borrow(Clone::clone));
        assert_eq!((during, REPLAY.take()), (Some("again".to_owned()), None));
    }
}
