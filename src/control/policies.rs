//! The policies by which a watch judges a region, as a scenario names them: those that come with the product, and a user's own.
//!
//! Owns the step from a name to a policy. Does not know who watches. Adding one is one entry in [`POLICIES`].

use crate::field::{Field, FieldType, Kind, Problems, Values};
use crate::policy::{HealthLimits, HealthPolicy, InARow, RegionHealth};
use crate::units::Span;
use std::fmt;
use std::sync::Arc;

/// A policy with its settings, from which each process of a watch makes one that has seen nothing yet.
pub trait Policy: fmt::Debug + Send + Sync {
    /// One for a region with these limits, which cannot do without these services; empty: all it has.
    fn fresh(&self, limits: &HealthLimits, services: &[String]) -> Box<dyn HealthPolicy>;
    /// How long a region must have failed at least before it says so, where it is scraped every `scrape` and must be beyond
    /// a limit for `sustained`.
    fn least(&self, sustained: Span, _scrape: Span) -> Span {
        sustained
    }
    /// Whether it asks for how long a limit was exceeded.
    fn heeds_sustained(&self) -> bool {
        true
    }
}

/// A kind of policy: how it is written, and how to build one.
#[derive(Debug)]
pub struct PolicyKind {
    /// Its fields.
    pub kind: Kind,
    /// Builds one from decoded values. `None` if a problem was reported.
    pub build: fn(&Values, &mut Problems) -> Option<Arc<dyn Policy>>,
}

/// Those that come with the product: one entry each.
pub const POLICIES: &[PolicyKind] = &[
    PolicyKind {
        kind: Kind::new(
            "thresholds",
            "A region has failed once it has exceeded a limit of the watch for `sustained`.",
            &[],
        ),
        build: |_, _| Some(Arc::new(Thresholds)),
    },
    PolicyKind {
        kind: Kind::new(
            "in_a_row",
            "A region has failed once it has exceeded a limit of the watch at a number of consecutive scrapes, as \
             health checks count; `sustained` is ignored.",
            &[Field::with(
                "scrapes",
                FieldType::Count { min: 1, max: 1_000 },
                "3",
                "the default of Amazon Route 53 health checks, and of Kubernetes probes",
                "How many.",
            )],
        )
        .short("scrapes"),
        build: |values, _| Some(Arc::new(Scrapes(values.count_u32("scrapes")))),
    },
];

#[derive(Debug)]
struct Thresholds;

impl Policy for Thresholds {
    fn fresh(&self, limits: &HealthLimits, services: &[String]) -> Box<dyn HealthPolicy> {
        Box::new(RegionHealth::new(limits.clone(), services.to_vec()))
    }
}

#[derive(Debug)]
struct Scrapes(u32);

impl Policy for Scrapes {
    fn fresh(&self, limits: &HealthLimits, services: &[String]) -> Box<dyn HealthPolicy> {
        Box::new(InARow::new(limits.clone(), services.to_vec(), self.0))
    }

    fn least(&self, _: Span, scrape: Span) -> Span {
        Span::from_nanos(scrape.as_nanos().saturating_mul(u64::from(self.0.saturating_sub(1))))
    }

    fn heeds_sustained(&self) -> bool {
        false
    }
}
