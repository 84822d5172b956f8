//! What members of a fleet cost each other: time, and threads of which there are only so many.
//!
//! Owns what their number does to servers. Does not know why the number changed.
//!
//! Invariants: a fleet whose members cost each other nothing works as if there were no fleet. Being too large shows
//! only once every member has learned of it, and so does being small enough again.

use crate::kernel::Class;
use crate::model::core::Core;
use crate::model::plan::FleetPlan;
use crate::model::platform::{Due, Platform};
use crate::record::event::CapacityEvent;
use crate::units::{Ratio, ServiceId, Span};

/// What members of one fleet cost each other at present.
#[derive(Debug, Clone, Copy)]
pub struct Fleet {
    plan: FleetPlan,
    /// How much longer work takes than it would alone.
    stretch: Ratio,
    /// Whether no member serves, for there are too many of them.
    pub overgrown: bool,
}

impl Fleet {
    /// A fleet of `members` whose members know each other.
    pub fn new(plan: FleetPlan, members: u32) -> Self {
        let mut fleet = Self { plan, stretch: Ratio::ONE, overgrown: false };
        fleet.learn(members);
        fleet
    }

    /// How long `work` takes.
    #[inline]
    pub fn stretched(&self, work: Span) -> Span {
        if self.stretch == Ratio::ONE {
            return work;
        }
        let nanos = u128::from(work.as_nanos()) * u128::from(self.stretch.as_ppb()) / u128::from(Ratio::ONE.as_ppb());
        Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Every member has learned that there are `members` of them.
    fn learn(&mut self, members: u32) {
        let whole = Ratio::ONE.as_ppb();
        let peers = u64::from(members.saturating_sub(1));
        let spent = self.plan.cost.as_ppb().saturating_mul(peers);
        let threads = u64::from(self.plan.threads) * peers;
        self.overgrown = spent >= whole || self.plan.thread_limit.is_some_and(|limit| threads > u64::from(limit));
        let left = whole.saturating_sub(spent).max(1);
        self.stretch = Ratio::from_ppb((u128::from(whole) * u128::from(whole) / u128::from(left)) as u64);
    }
}

impl Platform {
    /// The members of the fleet that `service` is, if it is one, learn how many there are now.
    pub(in crate::model) fn expect_discovery(&self, core: &mut Core, service: ServiceId) {
        if let Some(fleet) = &self.stations[service.index()].fleet {
            let at = core.now().saturating_add(fleet.plan.discovery);
            core.schedule(at, Class::Control, Due::FleetLearned(service));
        }
    }

    /// Every server of `service` knows how many there are.
    pub(in crate::model) fn fleet_learned(&mut self, core: &mut Core, service: ServiceId) {
        let station = &mut self.stations[service.index()];
        let members = station.members();
        let Some(fleet) = &mut station.fleet else { return };
        let before = fleet.overgrown;
        fleet.learn(members);
        let overgrown = fleet.overgrown;
        if before == overgrown {
            return;
        }
        let (region, service) = core.service_name(service);
        core.note(match overgrown {
            true => CapacityEvent::Overgrown { region, service, servers: members },
            false => CapacityEvent::Fits { region, service, servers: members },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(cost: &str, thread_limit: Option<u32>) -> Fleet {
        let plan = FleetPlan { cost: cost.parse().unwrap(), threads: 2, thread_limit, discovery: Span::ZERO };
        Fleet::new(plan, 1)
    }

    #[test]
    fn the_time_members_cost_each_other_grows_with_their_number_until_nothing_is_left() {
        let mut fleet = fleet("0.1%", None);
        let work = Span::from_millis(90);
        let mut takes = |members| {
            fleet.learn(members);
            (!fleet.overgrown).then(|| fleet.stretched(work))
        };
        assert_eq!(takes(1), Some(work));
        assert_eq!(takes(101), Some(Span::from_nanos(99_999_999)), "a tenth of the time is gone");
        assert_eq!(takes(501), Some(Span::from_millis(180)), "half of it");
        assert_eq!(takes(1_001), None);
    }

    #[test]
    fn one_member_too_many_for_the_threads_and_all_of_them_fail() {
        let mut fleet = fleet("0%", Some(200));
        let mut overgrown = |members| {
            fleet.learn(members);
            fleet.overgrown
        };
        assert_eq!([100, 101, 102, 100].map(&mut overgrown), [false, false, true, false]);
        assert_eq!(fleet.stretched(Span::from_millis(5)), Span::from_millis(5));
    }
}
