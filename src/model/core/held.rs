//! A switch that any number of overlapping faults may hold.
//!
//! Invariant: it is on exactly while at least one fault holds it, whatever the order of injecting and healing.

use crate::units::FaultId;

/// A switch held by faults.
#[derive(Debug, Clone, Default)]
pub struct Held {
    holders: Vec<FaultId>,
}

impl Held {
    /// `fault` begins to hold the switch.
    pub fn hold(&mut self, fault: FaultId) {
        if !self.holders.contains(&fault) {
            self.holders.push(fault);
        }
    }

    /// `fault` lets go.
    pub fn release(&mut self, fault: FaultId) {
        mutant!("healing_one_fault_heals_all": self.holders.retain(|holder| *holder != fault) => self.holders.clear());
    }

    /// Whether the switch is on.
    #[inline]
    pub fn is_on(&self) -> bool {
        !self.holders.is_empty()
    }

    /// The fault that has held it longest, if it is on: the one an effect is counted for.
    #[inline]
    pub fn holder(&self) -> Option<FaultId> {
        self.holders.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_faults_heal_in_any_order() {
        let (a, b) = (FaultId(0), FaultId(1));
        let mut switch = Held::default();
        switch.hold(a);
        switch.hold(b);
        switch.release(a);
        assert_eq!((switch.is_on(), switch.holder()), (true, Some(b)));
        switch.release(b);
        assert!(!switch.is_on());
    }
}
