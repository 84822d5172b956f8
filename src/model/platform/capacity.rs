//! Servers that are gone.
//!
//! Owns which servers of a service faults have taken. Does not know how a service hands out work, or what happens to
//! their work.
//!
//! Invariant: which servers are there follows from the faults that are active alone, in whatever order they came.

use crate::model::core::Core;
use crate::model::core::job::Job;
use crate::model::platform::Platform;
use crate::record::event::CapacityEvent;
use crate::units::{FaultId, Ratio, ServiceId};

/// What a fault takes of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The servers of one zone, counted from 1.
    Zone(u32),
    /// A share of the servers that are left by zone outages.
    Share(Ratio),
}

/// What faults have taken of one service.
#[derive(Debug, Clone, Default)]
pub struct Losses {
    /// By fault.
    list: Vec<(FaultId, Gone)>,
}

impl Losses {
    /// The fault that has held longest by its identifier, if any takes anything.
    pub fn first(&self) -> Option<FaultId> {
        self.list.first().map(|(fault, _)| *fault)
    }

    /// For each of `servers` servers in `zones` zones, whether it is gone. Empty if none is.
    pub fn gone(&self, servers: u32, zones: u32) -> Vec<bool> {
        if self.list.is_empty() {
            return Vec::new();
        }
        let zones = zones.max(1);
        let lost = |zone: u32| self.list.iter().any(|(_, gone)| *gone == Gone::Zone(zone));
        let mut gone: Vec<bool> = (0..servers).map(|server| lost(server % zones + 1)).collect();
        let left = gone.iter().filter(|gone| !**gone).count() as u64;
        let whole = Ratio::ONE.as_ppb();
        // A part of a server is no server.
        let kept = self.list.iter().fold(u128::from(left) * u128::from(whole), |kept, (_, gone)| match gone {
            Gone::Share(share) => kept * u128::from(whole - share.as_ppb().min(whole)) / u128::from(whole),
            Gone::Zone(_) => kept,
        });
        let kept = (kept / u128::from(whole)) as u64;
        let excess = usize::try_from(left - kept).unwrap_or(usize::MAX);
        gone.iter_mut().rev().filter(|gone| !**gone).take(excess).for_each(|gone| *gone = true);
        gone
    }

    fn add(&mut self, fault: FaultId, gone: Gone) {
        let at = self.list.partition_point(|(other, _)| *other < fault);
        self.list.insert(at, (fault, gone));
    }

    fn end(&mut self, fault: FaultId) {
        self.list.retain(|(other, _)| *other != fault);
    }
}

impl Platform {
    /// `fault` takes servers of `service`. Returns what they were working on.
    pub(in crate::model) fn take_servers(
        &mut self,
        core: &mut Core,
        service: ServiceId,
        gone: Gone,
        fault: FaultId,
    ) -> Vec<Job> {
        let station = &mut self.stations[service.index()];
        let before = station.capacity();
        station.losses.add(fault, gone);
        let lost = station.count_servers();
        self.note_servers(core, service, before);
        lost
    }

    /// The servers of `service` are back, as far as this fault is concerned.
    pub(in crate::model) fn return_servers(&mut self, core: &mut Core, service: ServiceId, fault: FaultId) {
        let station = &mut self.stations[service.index()];
        let before = station.capacity();
        station.losses.end(fault);
        // Nothing is lost by gaining.
        drop(station.count_servers());
        self.note_servers(core, service, before);
    }

    /// Says that the servers of `service` are no longer as many as `before`, if they are not.
    fn note_servers(&self, core: &mut Core, service: ServiceId, before: u32) {
        let now = self.stations[service.index()].capacity();
        if now == before {
            return;
        }
        let (region, service) = core.service_name(service);
        core.note(match now < before {
            true => CapacityEvent::ServersLost { region, service, before, now },
            false => CapacityEvent::ServersBack { region, service, before, now },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: FaultId = FaultId(0);
    const B: FaultId = FaultId(1);
    const C: FaultId = FaultId(2);

    fn losses(list: &[(FaultId, Gone)]) -> Losses {
        let mut losses = Losses::default();
        list.iter().for_each(|(fault, gone)| losses.add(*fault, *gone));
        losses
    }

    fn left(list: &[(FaultId, Gone)], servers: u32, zones: u32) -> usize {
        let gone = losses(list).gone(servers, zones);
        servers as usize - gone.iter().filter(|gone| **gone).count()
    }

    fn share(percent: u64) -> Gone {
        Gone::Share(Ratio::from_percent(percent))
    }

    #[test]
    fn a_zone_holds_its_share_of_the_servers() {
        for (servers, zones, zone, there) in [(9, 3, 1, 6), (10, 3, 1, 6), (10, 3, 3, 7), (8, 1, 1, 0), (2, 3, 3, 2)] {
            assert_eq!(left(&[(A, Gone::Zone(zone))], servers, zones), there, "{servers} in {zones}, {zone} down");
        }
        assert_eq!(left(&[(A, Gone::Zone(1)), (B, Gone::Zone(1))], 9, 3), 6, "a zone is down once");
        assert_eq!(left(&[(A, Gone::Zone(1)), (B, Gone::Zone(2))], 9, 3), 3);
    }

    #[test]
    fn shares_leave_what_each_leaves_of_the_rest_and_a_part_of_a_server_is_none() {
        assert_eq!(left(&[(A, share(50))], 9, 1), 4);
        assert_eq!(left(&[(A, share(50)), (B, share(50))], 100, 1), 25);
        assert_eq!(left(&[(A, share(100))], 9, 1), 0);
        assert_eq!(left(&[(A, Gone::Zone(2)), (B, share(50))], 9, 3), 3);
    }

    #[test]
    fn what_is_there_does_not_depend_on_who_came_first_and_healing_one_leaves_the_other() {
        let list = [(A, share(30)), (B, Gone::Zone(2)), (C, share(45))];
        let gone = losses(&list).gone(17, 3);
        for order in [[2, 1, 0], [1, 0, 2], [0, 2, 1]] {
            assert_eq!(losses(&order.map(|i| list[i])).gone(17, 3), gone);
        }
        let mut fewer = losses(&list);
        fewer.end(A);
        assert_eq!(fewer.gone(17, 3), losses(&list[1..]).gone(17, 3));
        fewer.end(B);
        fewer.end(C);
        assert_eq!(fewer.gone(17, 3), Vec::<bool>::new());
    }
}
