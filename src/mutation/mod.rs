//! Planted errors: places in the models where a test can put a wrong expression in place of the right one.
//!
//! A comparison with a formula is worth something only if a wrong model fails it. Each place has a name in [`MUTANTS`]
//! with the validation scenarios that must notice, and a test switches on one at a time. Outside tests
//! `mutant!("name": right => wrong)` is `right`, and `wrong` is not compiled.
//!
//! Invariant: no mutant is on unless a test of this thread has switched it on.

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

    thread_local! {
        static ON: Cell<Option<&'static str>> = const { Cell::new(None) };
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
mod chain;
#[cfg(test)]
mod judging;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
