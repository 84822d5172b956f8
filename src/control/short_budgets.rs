//! Budgets of the built-in procedures that are shorter than what their steps must wait for in a given world.
//!
//! Owns what each step waits for at least. Does not know whether it is ever begun. Invariant: what is reported would run out
//! of its budget in every run that begins the step, whatever else goes wrong or does not.

use crate::model::plan::{DatabasePlan, ServicePlan, WorldPlan};
use crate::procedure::{Brief, Failback, Procedure, RegionFailover, RestoreFromBackup};
use crate::units::{RegionId, Span};

/// A step that can never complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortBudget {
    /// Its name.
    pub step: &'static str,
    /// What it waits for, how long that takes, and how long it may take.
    pub message: String,
}

/// The budgets of the procedure called `name`, told `brief`, that are too short for `world`.
pub fn short_budgets(name: &str, brief: &Brief, world: &WorldPlan) -> Vec<ShortBudget> {
    let settings = brief.settings_of(name);
    let waits = Waits { brief, world };
    let too_short = |(step, takes, what): Wait| {
        let budget = settings.steps.get(step)?.budget?;
        let message =
            format!("`{step}` of `{name}` can never complete: {what} takes {takes:#}, but it may take {budget:#}");
        (takes >= budget).then_some(ShortBudget { step, message })
    };
    waits.of(name).into_iter().flatten().filter_map(too_short).collect()
}

/// A step, how long it waits at least, and for what.
type Wait = (&'static str, Span, String);

struct Waits<'a> {
    brief: &'a Brief,
    world: &'a WorldPlan,
}

impl Waits<'_> {
    fn of(&self, name: &str) -> Vec<Option<Wait>> {
        match name {
            RegionFailover::NAME => vec![self.names("switch_dns"), self.takeover("activate_secondary")],
            // Whether copies must be rebuilt, or services activated again, the run decides.
            Failback::NAME => vec![self.promotion("switch_databases"), self.names("switch_dns")],
            RestoreFromBackup::NAME => self.restores(),
            _ => Vec::new(),
        }
    }

    /// A change of records, or of weights.
    fn names(&self, step: &'static str) -> Option<Wait> {
        let records =
            (!self.brief.records.is_empty()).then_some((self.world.dns.publish, "publishing a change of a record"));
        let weights = self.brief.weights.as_ref().and(self.world.balancer.as_ref());
        let weights = weights.map(|balancer| (balancer.apply, "a change of weights"));
        let (takes, what) = records.into_iter().chain(weights).max_by_key(|(takes, _)| *takes)?;
        Some((step, takes, what.to_owned()))
    }

    /// Its services are activated, and then its copies opened.
    fn takeover(&self, step: &'static str) -> Option<Wait> {
        let both = (self.activation(step), self.promotion(step));
        let (Some((_, first, activates)), Some((_, then, opens))) = both else { return both.0.or(both.1) };
        Some((step, first.saturating_add(then), format!("{activates} and then {opens}")))
    }

    /// The services of the region that takes over, which are all activated at once.
    fn activation(&self, step: &'static str) -> Option<Wait> {
        let wanted = |service: &&ServicePlan| {
            let named = self.brief.services.is_empty() || self.brief.services.contains(&service.name);
            named && !service.active && self.is(service.region, &self.brief.to)
        };
        let slowest = self.world.services.iter().filter(wanted).max_by_key(|service| service.activation)?;
        Some((step, slowest.activation, format!("activating {} in {}", slowest.name, self.brief.to)))
    }

    /// The databases with a copy there, which are opened all at once.
    fn promotion(&self, step: &'static str) -> Option<Wait> {
        // What a third region leads is left to it.
        let moved = |region| self.is(region, &self.brief.from) || self.is(region, &self.brief.to);
        let here = |database: &&DatabasePlan| {
            let mut copies = database.replicas.iter().map(|replica| replica.region).chain([database.primary]);
            moved(database.primary) && copies.any(|region| self.is(region, &self.brief.to))
        };
        let slowest = self.databases().filter(here).max_by_key(|database| database.promote_time)?;
        Some((step, slowest.promote_time, format!("opening a copy of {}", slowest.name)))
    }

    fn restores(&self) -> Vec<Option<Wait>> {
        let step = |database: &DatabasePlan| {
            let backups = database.backups.as_ref()?;
            let (verify, copy) = (backups.verify.time_for(backups.volume), backups.restore.time_for(backups.volume));
            let name = &database.name;
            Some([
                ("find_backup", verify, format!("verifying a full backup of {name}")),
                ("restore", copy, format!("copying a full backup of {name}")),
                ("reopen", database.promote_time, format!("opening a copy of {name}")),
            ])
        };
        self.databases().filter_map(step).flatten().map(Some).collect()
    }

    /// Those the procedure is about: all, where none is named.
    fn databases(&self) -> impl Iterator<Item = &DatabasePlan> {
        let named = |name: &String| self.brief.databases.is_empty() || self.brief.databases.contains(name);
        self.world.databases.iter().filter(move |database| named(&database.name))
    }

    fn is(&self, region: RegionId, name: &str) -> bool {
        self.world.regions[region.index()].name == name
    }
}
