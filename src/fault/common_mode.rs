//! A cause that several regions share: it hits one of them, or all at once.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Item, Kind, Problem, Referent, Value};
use crate::kernel::{Stream, below};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, Ratio, RegionId};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "common_mode",
        "One of several regions goes down, or with a certain probability all of them at once: what looks independent \
         shares a clock, a plan, a route. Sampled each time, so it combines well with `rate`.",
        &[
            Field::optional(
                "regions",
                FieldType::List(&FieldType::Reference(Referent::Region)),
                "The regions. Left out: all of them.",
            ),
            Field::with(
                "beta",
                FieldType::Ratio,
                "10%",
                "beta factor of regions of one provider, 0.05 to 0.2; across providers some 0.01 to 0.05, more with a shared \
                 CDN or identity (AWS 2025, Azure Storage 2014, Datadog 2023)",
                "The share of failures that hit all of them.",
            ),
        ],
    ),
    build: |values, scope, problems| {
        let all = || scope.names(Referent::Region).map(str::to_owned).enumerate().collect::<Vec<_>>();
        let regions: Vec<(usize, String)> = match values.opt_list("regions") {
            Some(items) => items.iter().filter_map(named).collect(),
            None => all(),
        };
        if regions.len() < 2 {
            let problem = Problem::error("FD0219", values.place, "fewer than two regions cannot share a cause");
            problems.push(problem.help("name at least two `regions`"));
            return None;
        }
        let again = |(at, region)| regions[..at].contains(region).then_some(region);
        if let Some((_, twice)) = regions.iter().enumerate().find_map(again) {
            let problem = Problem::error("FD0109", values.place("regions"), format!("region `{twice}` is named twice"));
            problems.push(problem.help("a common cause needs different regions"));
            return None;
        }
        let chance = all_at_once(values.ratio("beta"), regions.len() as u64);
        let ids = regions.iter().filter_map(|(index, _)| u16::try_from(*index).ok().map(RegionId)).collect();
        let names = regions.into_iter().map(|(_, name)| name).collect();
        Some(Arc::new(CommonMode { regions: ids, names, chance }))
    },
};

fn named(item: &Item) -> Option<(usize, String)> {
    match &item.value {
        Value::Reference(reference) => Some((reference.index, reference.name.clone())),
        _ => None,
    }
}

/// The chance that one failure hits all of `regions`, if `beta` of the failures that one of them sees do. Of n
/// failures of single regions each sees one, of n that hit all each sees all: beta = p / (p + (1 − p) / n).
/// (The beta-factor model: Fleming 1975; IEC 61508-6, annex D.)
fn all_at_once(beta: Ratio, regions: u64) -> Ratio {
    let (beta, whole) = (u128::from(beta.as_ppb()), u128::from(Ratio::ONE.as_ppb()));
    let single = (whole - beta.min(whole)) * u128::from(regions);
    // At most the whole.
    Ratio::from_ppb((beta * whole / (beta + single).max(1)) as u64)
}

#[derive(Debug)]
struct CommonMode {
    regions: Vec<RegionId>,
    names: Vec<String>,
    /// That all are hit.
    chance: Ratio,
}

impl CommonMode {
    /// The regions that are hit by the injection that draws from `stream`.
    fn selected(&self, stream: Stream) -> &[RegionId] {
        let all = crate::kernel::chance(stream.at(0), self.chance);
        if mutant!("a_shared_cause_strikes_one": all => false) {
            return &self.regions;
        }
        let one = below(stream.at(1), self.regions.len() as u64) as usize;
        &self.regions[one..=one]
    }
}

impl Fault for CommonMode {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.hit(id);
        for region in self.selected(world.fault_stream(id)) {
            world.take_down_region(*region, id);
        }
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        for region in self.selected(world.fault_stream(id)) {
            world.bring_up_region(*region, id);
        }
    }
    fn describe(&self) -> String {
        format!("one of {} is down, or all of them", self.names.join(", "))
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Streams;

    #[test]
    fn of_the_failures_that_a_region_sees_the_share_beta_hits_all() {
        let chance = all_at_once(Ratio::from_percent(20), 3);
        let fault = CommonMode { regions: (0..3).map(RegionId).collect(), names: Vec::new(), chance };
        let streams = Streams::new(5);
        let (mut seen, mut shared) = (0, 0);
        for i in 0..60_000 {
            let selected = fault.selected(streams.stream(&format!("fault/f#{i}"), "touched"));
            if selected.contains(&RegionId(1)) {
                seen += 1;
                shared += u32::from(selected.len() == 3);
            }
        }
        let beta = f64::from(shared) / f64::from(seen);
        // Some 23 000 failures are seen: four standard errors of their share are 1.1 %.
        assert!((beta - 0.2).abs() < 0.011, "{beta}");
        assert_eq!(all_at_once(Ratio::ZERO, 3), Ratio::ZERO);
        assert_eq!(all_at_once(Ratio::ONE, 3), Ratio::ONE);
    }
}
