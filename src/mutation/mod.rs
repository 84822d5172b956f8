//! Planted errors: places where a test can put a wrong expression in place of the right one.
//!
//! A comparison with a formula is worth something only if a wrong model fails it, and a test only if wrong code does. Each
//! place has a name in one of three lists: of what is simulated, with the validation scenarios that must notice (`table`);
//! of what judges a run (`judging`); and of what acts and keeps data, with the test that must fail (`acting`). A test
//! switches on one at a time. Outside tests `mutant!("name": right => wrong)` is `right`, and `wrong` is not compiled.
//!
//! Invariant: no mutant is on unless a test of this thread has switched it on, or whoever started the process has.

/// The first expression; in tests, while the mutant of that name is on, the second.
#[cfg(not(test))]
macro_rules! mutant {
    ($name:literal : $right:expr => $wrong:expr) => {
        $right
    };
}

/// The first expression; in tests, while the mutant of that name is on, the second.
#[cfg(test)]
macro_rules! mutant {
    ($name:literal : $right:expr => $wrong:expr) => {
        if $crate::mutation::is_on($name) { $wrong } else { $right }
    };
}

#[cfg(test)]
pub(crate) use switch::is_on;

#[cfg(test)]
mod switch {
    use std::cell::Cell;

    /// Under this name whoever starts the tests says which mutant is on in every thread from the start.
    pub(in crate::mutation) const FROM_OUTSIDE: &str = "FIREDRILL_PLANTED";

    thread_local! {
        static ON: Cell<Option<&'static str>> =
            Cell::new(std::env::var_os(FROM_OUTSIDE).and_then(|name| name.into_string().ok()).map(|name| &*name.leak()));
    }

    /// Whether that mutant is on in this thread.
    pub(crate) fn is_on(name: &str) -> bool {
        ON.get() == Some(name)
    }

    /// Runs `work` with one mutant on.
    pub(super) fn with<T>(name: &'static str, work: impl FnOnce() -> T) -> T {
        /// Switches off, whatever happens in between.
        struct Off;
        impl Drop for Off {
            fn drop(&mut self) {
                ON.set(None);
            }
        }
        let _off = Off;
        ON.set(Some(name));
        work()
    }
}

#[cfg(test)]
mod acting;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod judging;
/// The control logic against a world in memory, here with errors planted in it.
#[cfg(test)]
#[path = "../../tests/it/procedures/mod.rs"]
#[allow(dead_code, unused_imports, reason = "what other integration tests take from it")]
mod procedures;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worlds;
