//! Whether control has something to react to: an answer, or a change in what its processes should be doing.
//!
//! Does not know what that is. Invariant: who changes what processes should be doing wakes control with the same call;
//! a process that should be started again is started at that instant, and not once something else happens to wake it.

/// What waits for control.
#[derive(Debug)]
pub(in crate::model) struct Wake {
    woken: bool,
    processes: bool,
}

impl Wake {
    /// At the start of a run all processes are to be started.
    pub const fn new() -> Self {
        Self { woken: true, processes: true }
    }

    /// There is something to react to.
    pub const fn control(&mut self) {
        self.woken = true;
    }

    /// What processes should be doing may have changed.
    pub const fn processes(&mut self) {
        *self = Self::new();
    }

    /// Whether there is something to react to.
    #[inline]
    pub const fn is_on(&self) -> bool {
        self.woken
    }

    /// Whether there was something to react to since this was last asked.
    pub const fn take(&mut self) -> bool {
        std::mem::replace(&mut self.woken, false)
    }

    /// Whether what processes should be doing may have changed since this was last asked.
    pub const fn take_processes(&mut self) -> bool {
        std::mem::replace(&mut self.processes, false)
    }
}
