//! Regions, from the point of view of anyone who needs an answer from one.
//!
//! Owns what keeps a region from answering. Does not know what is in it. Invariant: a fault that kept somebody from an
//! answer is counted.

use super::Core;
use super::held::Held;
use super::signals::{Gauge, SignalStore};
use crate::model::plan::{Interface, Need, RegionPlan};
use crate::record::{Sample, SignalUnit};
use crate::units::{FaultId, Instant, ProviderId, RegionId, ServiceId};

/// A region.
#[derive(Debug)]
pub(in crate::model) struct Region {
    pub name: String,
    pub provider: ProviderId,
    /// Nothing here answers while this is held.
    pub dark: Held,
    /// Control and monitoring do not reach it while this is held.
    pub cut_off: Held,
    /// How often it has become dark: what is at work in it is lost each time.
    pub outages: u32,
    /// By fault: how far ahead the clocks of its machines are, in nanoseconds.
    pub skews: Vec<(FaultId, i64)>,
    up: Gauge,
}

impl Core {
    /// The clocks of the machines in `region` are so many nanoseconds ahead.
    pub fn skew_clocks(&mut self, region: RegionId, nanos: i64, fault: FaultId) {
        self.regions[region.index()].skews.push((fault, nanos));
    }

    /// `fault` no longer makes the clocks in `region` wrong.
    pub fn set_clocks_right(&mut self, region: RegionId, fault: FaultId) {
        self.regions[region.index()].skews.retain(|(holder, _)| *holder != fault);
    }
}

impl Region {
    /// What the clocks of its machines say at `at`.
    pub fn clock(&self, at: Instant) -> Instant {
        let ahead = self.skews.iter().fold(0, |sum, (_, nanos)| i64::saturating_add(sum, *nanos));
        Instant::from_nanos(at.as_nanos().saturating_add_signed(mutant!("every_clock_is_right": ahead => 0)))
    }

    /// A region that answers.
    pub fn new(plan: &RegionPlan, signals: &mut SignalStore) -> Self {
        Self {
            name: plan.name.clone(),
            provider: plan.provider,
            dark: Held::default(),
            cut_off: Held::default(),
            outages: 0,
            skews: Vec::new(),
            up: signals.truth(format!("region.{}.up", plan.name), SignalUnit::Count),
        }
    }

    /// Whether control and monitoring get no answer from here.
    pub fn is_silent(&self) -> bool {
        self.dark.is_on() || self.cut_off.is_on()
    }
}

impl Core {
    /// Shows which regions are up at `at`.
    pub(in crate::model) fn sample_regions(&mut self, at: Instant) {
        for region in &self.regions {
            self.signals.sample(region.up, at, Sample::count(u64::from(!region.dark.is_on())));
        }
    }

    /// The name of `region`.
    pub(in crate::model) fn region_name(&self, region: RegionId) -> String {
        self.regions[region.index()].name.clone()
    }

    /// The region and the name of `service`.
    pub(in crate::model) fn service_name(&self, service: ServiceId) -> (String, String) {
        let service = &self.plan.services[service.index()];
        (self.region_name(service.region), service.name.clone())
    }

    /// Whether nothing comes back from `region`; counted for the fault that keeps it so.
    pub(in crate::model) fn is_silent(&mut self, region: RegionId) -> bool {
        let holder = self.silenced(region);
        if let Some(fault) = holder {
            self.hit(fault);
        }
        holder.is_some()
    }

    /// What `interface` needs in order to answer.
    pub(in crate::model) fn needs(&self, interface: Interface) -> impl Iterator<Item = Need> + '_ {
        self.plan.control.needs.iter().copied().filter(move |need| need.interface == interface)
    }

    /// What keeps the journal and the store of leases from answering `from`, or whoever is in no region: the fault that holds
    /// them down, silences what they need, or keeps most members from each other.
    pub(in crate::model) fn lease_store_out(&self, from: Option<RegionId>) -> Option<FaultId> {
        let down = self.journal_down.holder();
        let needed = || self.needs(Interface::Journal).find_map(|need| self.silenced(need.region));
        down.or_else(needed).or_else(|| self.quorum_lost(from).first().copied())
    }

    /// Every fault that has a hand in that.
    pub(in crate::model) fn lease_store_faults(&self, from: RegionId) -> Vec<FaultId> {
        let mut faults: Vec<FaultId> = self.lease_store_out(Some(from)).into_iter().collect();
        faults.extend(self.quorum_lost(Some(from)));
        faults.sort_unstable();
        faults.dedup();
        faults
    }

    /// The store of leases answers `from`: counts the faults of the members that it answers without, which would have kept it from
    /// answering had there been more of them.
    pub(in crate::model) fn lease_store_answers(&mut self, from: Option<RegionId>) {
        let without = self.quorum(from).unwrap_or_default();
        without.into_iter().for_each(|fault| self.hit(fault));
    }

    /// The faults that keep `from` from every member that reaches most members, itself among them; none if one does.
    fn quorum_lost(&self, from: Option<RegionId>) -> Vec<FaultId> {
        self.quorum(from).err().unwrap_or_default()
    }

    /// Whether a member answers `from` that reaches most members, itself among them: then the faults of those that it does
    /// without.
    ///
    /// # Errors
    ///
    /// The faults for which none does.
    fn quorum(&self, from: Option<RegionId>) -> Result<Vec<FaultId>, Vec<FaultId>> {
        let members = &self.plan.control.journal_members;
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let mut why = Vec::new();
        let dark = |region: RegionId| self.regions[region.index()].dark.holder();
        for asked in members {
            // Who is cut off from control is so for whoever asks from outside all regions, and not for other regions.
            let cut = match from {
                Some(from) => self.network.cut_between(from, *asked),
                None => self.regions[asked.index()].cut_off.holder(),
            };
            let out = dark(*asked).or(cut);
            let apart = |other: &RegionId| dark(*other).or_else(|| self.network.cut_between(*asked, *other));
            let missing: Vec<FaultId> = members.iter().filter_map(apart).collect();
            let short =
                mutant!("any_member_is_a_quorum": (members.len() - missing.len()) * 2 <= members.len() => false);
            if out.is_none() && !short {
                return Ok(missing);
            }
            why.extend(out.into_iter().chain(missing));
        }
        Err(why)
    }

    /// The fault that keeps a lease in `region` from being renewed for want of a way to the store, as far as that is the region's
    /// own: where the store has members, the way is that between regions.
    pub(in crate::model) fn cut_off_from_leases(&self, region: RegionId) -> Option<FaultId> {
        let place = &self.regions[region.index()];
        let has_members = !self.plan.control.journal_members.is_empty();
        place.dark.holder().or_else(|| place.cut_off.holder().filter(|_| !has_members))
    }

    /// The fault for which control gets no answer from `region`.
    fn silenced(&self, region: RegionId) -> Option<FaultId> {
        let region = &self.regions[region.index()];
        region.dark.holder().or(region.cut_off.holder())
    }

    /// Whether a region that `interface` needs is silent; counted for the fault that keeps it so.
    pub(in crate::model) fn is_without(&mut self, interface: Interface) -> bool {
        let regions: Vec<Need> = self.needs(interface).collect();
        regions.into_iter().any(|need| self.is_silent(need.region))
    }
}
