//! What a controller knows of the system its procedures work on: the fields that controllers share, and the brief they make.
//!
//! Invariant: what is left out in the scenario is settled from the world's plan, never guessed by a procedure.

use crate::field::{Field, FieldType, Problem, Problems, Referent, Scope, Value, Values};
use crate::model::plan::{RecordPlan, RegionPlan, Role, Target, WorldPlan};
use crate::policy::{HealthLimits, OnGap};
use crate::procedure::{Brief, Procedure, RestoreFirst, RestoreFromBackup, Settings, StepApproval};
use crate::units::{Ratio, RegionId, Span};
use std::collections::BTreeMap;

pub(super) const FROM: Field = Field::optional(
    "from",
    FieldType::Reference(Referent::Region),
    "The region to fail over from; left out, the primary.",
);
pub(super) const TO: Field = Field::optional(
    "to",
    FieldType::Reference(Referent::Region),
    "The region to fail over to; left out, the secondary. Of several, one that can take over now, with the most of the data; \
     those written first take precedence, and a drill takes the first.",
);
pub(super) const SERVICES: Field = Field::empty(
    "services",
    FieldType::List(&FieldType::Reference(Referent::Service)),
    "The services a region cannot work without; empty: all of them.",
);
pub(super) const RECORDS: Field = Field::empty(
    "records",
    FieldType::List(&FieldType::Reference(Referent::Record)),
    "The DNS records the procedure moves; empty: all.",
);
pub(super) const DATABASES: Field = Field::empty(
    "databases",
    FieldType::List(&FieldType::Reference(Referent::Database)),
    "The databases the procedure moves, or restores; empty: all that have a copy there, but for those a third region leads.",
);
pub(super) const NOTIFY: Field =
    Field::empty("notify", FieldType::List(&FieldType::Name), "Who is notified; empty: `stakeholders`.");
pub(super) const ERROR_RATE: Field = Field::with(
    "error_rate",
    FieldType::Ratio,
    "10%",
    "product policy: roll back above 10 % errors",
    "A higher error rate over the window counts as failing.",
);
pub(super) const LATENCY: Field = Field::with(
    "latency",
    FieldType::PositiveSpan,
    "5s",
    "product policy: roll back above 5 s at the 95th percentile",
    "A higher 95th percentile of the response time counts as failing.",
);
pub(super) const MIN_REQUESTS: Field = Field::with(
    "min_requests",
    FieldType::Count { min: 0, max: 1_000_000_000 },
    "20",
    "product default: below this, one failed request in twenty would decide",
    "Rates over fewer requests than this are ignored.",
);
pub(super) const STALE_AFTER: Field = Field::with(
    "stale_after",
    FieldType::PositiveSpan,
    "1m",
    "product default: several missed scrapes",
    "Metrics older than this are ignored: the region is unknown, never down.",
);
pub(super) const PROBES: Field = Field::with(
    "probes",
    FieldType::Count { min: 1, max: 100 },
    "3",
    "product default: a single good answer may be luck",
    "How many probes each service must answer to be considered healthy.",
);
pub(super) const SIDE_BY_SIDE: Field = Field::with(
    "side_by_side",
    FieldType::Count { min: 1, max: 10_000 },
    "4",
    "product default: a few at once, as a store can feed them",
    "How many databases `restore_from_backup` restores at the same time, each at its own `verify_rate` and `restore_rate`; \
     the next is begun when one is open.",
);
pub(super) const RESTORE_FIRST: Field = Field::with(
    "restore_first",
    FieldType::Choice(&["as_listed", "smallest"]),
    "as_listed",
    "product default: who writes the file lists first what matters most",
    "Which databases `restore_from_backup` begins with: those that the file lists first, or those with the smallest backup.",
);

/// What is to be moved, and what counts as failing.
#[derive(Debug)]
pub(super) struct Order {
    from: Option<RegionId>,
    to: Option<RegionId>,
    services: Vec<String>,
    records: Vec<String>,
    databases: Vec<String>,
    audiences: Vec<String>,
    limits: HealthLimits,
    probes: u32,
    loss_limit: Option<u64>,
    side_by_side: u32,
    restore_first: RestoreFirst,
    planned: bool,
    approval: Option<StepApproval>,
    settings: BTreeMap<String, Settings>,
}

impl Order {
    /// The order as the shared fields say it. `None` if a problem was reported.
    pub fn read(values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Self> {
        let region = |field: &str| values.opt_reference(field).map(|_| values.region(field));
        let (from, to) = (region("from"), region("to"));
        if scope.names(Referent::Region).count() < 2 {
            let problem = Problem::error("FD0217", values.place, "there is no second region to fail over to");
            problems.push(problem.help("declare a region with `role: secondary`"));
            return None;
        }
        if from.is_some() && from == to {
            let problem = Problem::error("FD0217", values.place("to"), "a region cannot fail over to itself");
            problems.push(problem.help("name another region under `to`"));
            return None;
        }
        let audiences = match names(values, "notify") {
            none if none.is_empty() => vec!["stakeholders".to_owned()],
            some => some,
        };
        Some(Self {
            from,
            to,
            services: names(values, "services"),
            records: names(values, "records"),
            databases: names(values, "databases"),
            audiences,
            limits: HealthLimits {
                error_rate: values.ratio("error_rate"),
                latency: values.span("latency"),
                sustained: Span::ZERO,
                min_requests: values.count("min_requests"),
                stale_after: values.span("stale_after"),
                on_gap: OnGap::Reset,
            },
            probes: values.count_u32("probes"),
            loss_limit: None,
            side_by_side: 1,
            restore_first: RestoreFirst::AsListed,
            planned: false,
            approval: None,
            settings: BTreeMap::new(),
        })
    }

    /// The same by plan, with nothing failing.
    pub fn by_plan(self) -> Self {
        Self { planned: true, ..self }
    }

    /// The same, with databases restored as these fields say. Says which of them have no effect, where none of `procedures`
    /// restores any.
    pub fn restoring(self, values: &Values, procedures: &[String], problems: &mut Problems) -> Self {
        let written = |field: &&str| values.origin(field).is_by_hand();
        let restores = procedures.iter().any(|name| name == RestoreFromBackup::NAME);
        for field in ["side_by_side", "restore_first"].iter().filter(|field| !restores && written(field)) {
            let message = format!("`{field}` has no effect: no database is restored from its backups");
            let problem = Problem::warning("FD0518", values.place(field), message);
            problems.push(problem.help(format!("leave it out, or run `{}`", RestoreFromBackup::NAME)));
        }
        let smallest = values.text("restore_first") == "smallest";
        let restore_first = if smallest { RestoreFirst::Smallest } else { RestoreFirst::AsListed };
        Self { side_by_side: values.count_u32("side_by_side"), restore_first, ..self }
    }

    /// The same, but a region must fail for `sustained` before anything is done, which looks without data count for as
    /// `on_gap` says, and no more than `loss_limit` writes of a database may be lost.
    pub fn after(self, (sustained, on_gap): (Span, OnGap), loss_limit: Option<u64>) -> Self {
        Self { limits: HealthLimits { sustained, on_gap, ..self.limits }, loss_limit, ..self }
    }

    /// The same, with steps that need consent.
    pub fn with_approval(self, approval: Option<StepApproval>) -> Self {
        Self { approval, ..self }
    }

    /// The same, with procedures that are run like this.
    pub fn with_settings(self, settings: BTreeMap<String, Settings>) -> Self {
        Self { settings, ..self }
    }

    /// Who is notified.
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// What a procedure can be told, in the world of that plan.
    pub fn brief(&self, world: &WorldPlan) -> Brief {
        let of_role = |role| world.regions.iter().position(|r| r.role == role).unwrap_or(0);
        let name =
            |id: Option<RegionId>, role| world.regions[id.map_or_else(|| of_role(role), RegionId::index)].name.clone();
        let chosen = |record: &&RecordPlan| self.records.is_empty() || self.records.contains(&record.name);
        let (behind_balancer, records): (Vec<_>, Vec<_>) =
            world.dns.records.iter().filter(chosen).partition(|record| record.target == Target::Balancer);
        let from = name(self.from, Role::Primary);
        let candidates = self.candidates(world, &from);
        Brief {
            to: candidates.first().cloned().unwrap_or_else(|| name(self.to, Role::Secondary)),
            candidates: if candidates.len() > 1 { candidates } else { Vec::new() },
            origins: Vec::new(),
            from,
            records: records.into_iter().map(|record| record.name.clone()).collect(),
            weights: weights(world).filter(|_| !behind_balancer.is_empty()),
            services: self.services.clone(),
            databases: self.databases.clone(),
            audiences: self.audiences.clone(),
            limits: self.limits.clone(),
            probes: self.probes,
            loss_limit: self.loss_limit,
            side_by_side: self.side_by_side,
            restore_first: self.restore_first,
            planned: self.planned,
            approval: self.approval.clone(),
            settings: self.settings.clone(),
        }
    }
}

impl Order {
    /// The regions of which one takes over from `from`, where it is not said which.
    fn candidates(&self, world: &WorldPlan, from: &str) -> Vec<String> {
        let stands_by = |region: &&RegionPlan| region.role == Role::Secondary && region.name != from;
        match self.to {
            Some(_) => Vec::new(),
            None => world.regions.iter().filter(stands_by).map(|region| region.name.clone()).collect(),
        }
    }
}

/// The balancer's weights as they are set up, if there is one.
fn weights(world: &WorldPlan) -> Option<Vec<(String, Ratio)>> {
    let weights = world.balancer.as_ref()?.weights.iter();
    Some(weights.map(|(region, share)| (world.regions[region.index()].name.clone(), *share)).collect())
}

/// The names in a list.
pub(super) fn names(values: &Values, field: &str) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::Reference(reference) => Some(reference.name.clone()),
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    values.list(field).iter().filter_map(|item| name(&item.value)).collect()
}
