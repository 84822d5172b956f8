//! Which region takes over, where the order leaves that open.
//!
//! Owns the choice. Does not know how traffic and data are moved there. Invariants: it is made by what can be seen before
//! anything is changed, and is kept from then on; a region that could not take over is not chosen, and each one that is
//! passed over is named with the reason.

use super::check::needed_by;
use super::{FailoverEvidence, FailoverOrder, RegionFailover};
use crate::ports::{Audit, Clock, Databases, Metrics, PortError, Probe, ServiceStatus, Services};
use crate::procedure::step::StepError;
use crate::procedure::steps;
use crate::procedure::together::together;
use crate::record::event::ProcedureEvent;
use crate::units::plural;
use std::collections::BTreeMap;

/// By database: how far the copy of a region is.
type Copies = BTreeMap<String, u64>;

/// A region that could take over, and what is to be said for it.
struct Fit<'a> {
    region: &'a str,
    /// Databases that others have a copy of and it has not.
    missing: u64,
    /// Writes that the furthest copies have and its own have not.
    lacks: u64,
}

impl RegionFailover {
    /// The same failover, to the region that was chosen, if one was.
    pub(super) fn aimed(&self, evidence: &FailoverEvidence) -> Self {
        let chosen = evidence.chosen.as_ref().unwrap_or(&self.order.to);
        let to = mutant!("the_choice_is_forgotten": chosen => &self.order.to).clone();
        Self { order: FailoverOrder { to, ..self.order.clone() } }
    }

    /// Keeps in the evidence which region takes over, if the order leaves that open, and tells why.
    ///
    /// # Errors
    ///
    /// Why none of them can, by name.
    pub(super) async fn choose<P>(&self, ports: &P, evidence: &mut FailoverEvidence) -> Result<(), StepError>
    where
        P: Services + Databases + Metrics + Probe + Clock + Audit,
    {
        if self.order.candidates.is_empty() {
            return Ok(());
        }
        let (region, why) = self.chosen_by(ports).await?;
        let procedure = "region_failover".to_owned();
        ports.event(ProcedureEvent::TargetChosen { procedure, region: region.clone(), why: why.into() });
        evidence.chosen = Some(region);
        Ok(())
    }

    /// The region that takes over, and why.
    pub(super) async fn chosen_by<P>(&self, ports: &P) -> Result<(String, String), StepError>
    where
        P: Services + Databases + Metrics + Probe + Clock,
    {
        let all = &self.order.candidates;
        let to = |region: &String| Self { order: FailoverOrder { to: region.clone(), ..self.order.clone() } };
        let aimed: Vec<Self> = all.iter().map(to).collect();
        let looks = together(aimed.iter().map(|aimed| aimed.look(ports))).await;
        let (mut found, mut unfit) = (Vec::new(), Vec::new());
        for (region, look) in all.iter().zip(looks) {
            match look {
                Ok(copies) => found.push((region.as_str(), copies)),
                Err(error @ StepError::Port(PortError::Superseded { .. })) => return Err(error),
                Err(why) => unfit.push(format!("{region} cannot: {why}")),
            }
        }
        let fit = compared(&found);
        let Some(best) = best(&fit) else {
            return Err(StepError::NotYet(format!("no region can take over: {}", unfit.join("; "))));
        };
        let others = fit.iter().filter(|other| other.region != best.region).map(|other| passed_over(other, best));
        let why: Vec<String> = others.chain(unfit).collect();
        Ok((best.region.to_owned(), why.join("; ")))
    }

    /// How far the copies of the region are, if it can take over now.
    async fn look<P: Services + Databases + Metrics + Probe + Clock>(&self, ports: &P) -> Result<Copies, StepError> {
        let to = &self.order.to;
        let statuses = ports.service_status(to).await?;
        let wanted = self.wanted(&statuses)?;
        let needed = needed_by(&wanted, &statuses);
        let serves = |status: &ServiceStatus| status.active && wanted.contains(&status.service);
        let serving: Vec<ServiceStatus> = statuses.into_iter().filter(serves).collect();
        self.refuse_secondary_that_fails(ports, &serving).await?;
        let here = ports.databases_in(to).await?;
        self.left_behind(ports, (&needed, &here)).await?;
        let mut copies = Copies::new();
        for name in self.chosen(here) {
            let copy = ports.copy_status(&name, to).await?;
            if self.is_led_elsewhere(&name, &copy.leader)? {
                continue;
            }
            if !copy.promotable && !copy.writable {
                return Err(StepError::NotYet(format!("its copy of {name} cannot be promoted")));
            }
            let kept = steps::kept(ports, &name, to).await?;
            copies.insert(name, kept);
        }
        Ok(copies)
    }
}

/// Each region beside the best that any of them has of each database.
fn compared<'a>(found: &[(&'a str, Copies)]) -> Vec<Fit<'a>> {
    let mut furthest = Copies::new();
    for (name, kept) in found.iter().flat_map(|(_, copies)| copies) {
        let most = furthest.entry(name.clone()).or_default();
        *most = (*most).max(*kept);
    }
    let fit = |(region, copies): &(&'a str, Copies)| {
        let lacks = copies.iter().map(|(name, kept)| furthest[name].saturating_sub(*kept)).sum();
        Fit { region, missing: (furthest.len() - copies.len()) as u64, lacks }
    };
    found.iter().map(fit).collect()
}

/// The one to be preferred: of equals the first.
fn best<'f, 'a>(fit: &'f [Fit<'a>]) -> Option<&'f Fit<'a>> {
    fit.iter().min_by_key(|fit| mutant!("the_first_that_is_written_is_chosen": (fit.missing, fit.lacks) => (0, 0)))
}

/// Why a region that could take over is not the one that does.
fn passed_over(other: &Fit<'_>, best: &Fit<'_>) -> String {
    let region = other.region;
    if other.missing > best.missing {
        let more = plural(other.missing - best.missing, "database");
        format!("{region} has no copy of {more} that {} has", best.region)
    } else if other.lacks > best.lacks {
        format!("{region} lacks {} that {} has", plural(other.lacks - best.lacks, "write"), best.region)
    } else {
        format!("{region} is as good, and comes after it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copies(list: &[(&str, u64)]) -> Copies {
        list.iter().map(|(name, kept)| ((*name).to_owned(), *kept)).collect()
    }

    #[test]
    fn who_has_every_database_comes_first_then_who_has_most_of_the_data_then_who_is_written_first() {
        let best = |found: &[(&'static str, Copies)]| {
            let fit = compared(found);
            best(&fit).map(|fit| (fit.region, fit.missing, fit.lacks))
        };
        let (b, c) = (("b", copies(&[("orders", 90), ("users", 10)])), ("c", copies(&[("orders", 95)])));
        assert_eq!(best(&[c.clone(), b.clone()]), Some(("b", 0, 5)), "c has no copy of users");
        let d = ("d", copies(&[("orders", 92), ("users", 9)]));
        assert_eq!(best(&[b.clone(), d.clone()]), Some(("d", 0, 1)), "together it lacks one, and b two");
        assert_eq!(best(&[b.clone(), ("e", b.1.clone())]), Some(("b", 0, 0)), "alike: the first");
        assert_eq!(best(&[]), None);
    }
}
