//! What a step of a runbook can do, as data, and what it may take unless that is said.
//!
//! Does not know how an action is done. Invariant: an action says all that a successor needs to resume it.

use crate::procedure::Step;
use crate::units::{Ratio, Span, plural};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A region that a step works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// The one that is left.
    From,
    /// The one that takes over.
    To,
    /// This one.
    Region(String),
}

/// What one step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the sentence of each variant names its fields")]
pub enum StepAction {
    /// Makes the services of a region ready to serve.
    Activate { region: Site },
    /// Puts them back on standby.
    Deactivate { region: Site },
    /// Points a DNS record at a region.
    PointRecord { record: String, region: Site },
    /// Sets how long caches may keep an answer about a record.
    SetTtl { record: String, ttl: Span },
    /// Sets the balancer's weights.
    SetWeights { weights: Vec<(String, Ratio)> },
    /// Fences older epochs of a database off, so that nobody can write to it until a copy is opened.
    Fence { database: String, region: Site },
    /// Fences a database off and opens a copy of it; `lossless`: once that has all that the old authority had.
    Promote { database: String, region: Site, lossless: bool },
    /// Makes a copy that cannot follow follow again.
    Rebuild { database: String, region: Site },
    /// Waits until a copy lacks no more than so many of the writes that the authority had a moment ago.
    CatchUp { database: String, region: Site, within: u64 },
    /// Makes sure that services answer; none named: all of the region.
    Probe { services: Vec<String>, region: Site },
    /// Ends the procedure unless a condition holds.
    Require { condition: StepCondition },
    /// Lets time pass.
    Wait { span: Span },
    /// Notifies people.
    Notify { audiences: Vec<String>, message: Option<String> },
}

/// What control can find out before it acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the sentence of each variant names its fields")]
pub enum StepCondition {
    /// Monitoring sees the region fail.
    Fails { region: Site },
    /// Monitoring sees nothing of it fail, and every service that serves there answers.
    Fit { region: Site },
    /// The copy of a database in the region takes writes.
    Leads { database: String, region: Site },
    /// A record names the region.
    Names { record: String, region: Site },
}

impl Site {
    /// The region it is in a run that leaves `from` for `to`.
    pub fn region<'a>(&'a self, from: &'a str, to: &'a str) -> &'a str {
        match self {
            Self::From => from,
            Self::To => to,
            Self::Region(name) => name,
        }
    }
}

/// Where figures come from that nobody says.
const SOURCE: &str = "product default: as for the same step of a region failover or failback";

impl StepAction {
    /// The step, with the figures it has unless others are said.
    pub(super) fn step(&self) -> Step {
        let of = |budget, tries, pause| Step::new("", "", budget, tries, pause).from(SOURCE);
        let step = match self {
            Self::Activate { .. } | Self::Deactivate { .. } => of(300, 20, 5).undo_within(120),
            // As long to undo as to do: what takes a minute to publish takes another to publish back.
            Self::PointRecord { .. } | Self::SetTtl { .. } => of(120, 10, 5).undo_within(120),
            Self::SetWeights { .. } => of(60, 10, 5).undo_within(60),
            Self::Fence { .. } => of(120, 20, 5).undo_within(120),
            Self::Promote { .. } => of(300, 20, 5).undo_within(120).with_no_return(),
            Self::Rebuild { .. } => of(14_400, 20, 30),
            Self::CatchUp { .. } => of(3_600, 700, 5),
            Self::Probe { .. } => of(120, 20, 5),
            Self::Require { .. } => of(90, 15, 5),
            Self::Notify { .. } => of(60, 10, 5),
            Self::Wait { span } => {
                let mut step = of(0, 1, 0).from("product default: what it waits, and half a minute");
                step.budget = span.saturating_add(Span::from_secs(30));
                step
            }
        };
        Step { does: self.to_string().into(), ..step }
    }

    /// The database and the region of the copy it works on, if it does.
    pub fn database(&self) -> Option<(&str, &Site)> {
        match self {
            Self::Fence { database, region }
            | Self::Promote { database, region, .. }
            | Self::Rebuild { database, region }
            | Self::CatchUp { database, region, .. } => Some((database, region)),
            _ => None,
        }
    }

    /// Whether it changes the same as `other`, so that the two may not run in parallel.
    pub fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::PointRecord { record, .. } | Self::SetTtl { record, .. },
                Self::PointRecord { record: same, .. } | Self::SetTtl { record: same, .. },
            ) => record == same,
            (Self::SetWeights { .. }, Self::SetWeights { .. }) => true,
            (
                Self::Activate { region } | Self::Deactivate { region },
                Self::Activate { region: same } | Self::Deactivate { region: same },
            ) => region == same,
            _ => matches!((self.database(), other.database()), (Some((one, _)), Some((same, _))) if one == same),
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.region("the region that is left", "the region that takes over"))
    }
}

impl fmt::Display for StepAction {
    /// What it does, in words for a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activate { region } => write!(f, "activate the services of {region}"),
            Self::Deactivate { region } => write!(f, "put the services of {region} on standby"),
            Self::PointRecord { record, region } => write!(f, "point {record} at {region}"),
            Self::SetTtl { record, ttl } => write!(f, "set the TTL of {record} to {ttl:#}"),
            Self::SetWeights { weights } => {
                let shares: Vec<String> = weights.iter().map(|(region, share)| format!("{region} {share}")).collect();
                write!(f, "set the balancer to {}", shares.join(", "))
            }
            Self::Fence { database, .. } => write!(f, "fence {database} off"),
            Self::Promote { database, region, lossless: false } => write!(f, "fence {database}, open it in {region}"),
            Self::Promote { database, region, lossless: true } => {
                write!(f, "fence {database}, drain it, open it in {region}")
            }
            Self::Rebuild { database, region } => write!(f, "rebuild {database} in {region} if it cannot follow"),
            Self::CatchUp { database, region, within: 0 } => {
                write!(f, "wait until {database} in {region} has everything")
            }
            Self::CatchUp { database, region, within } => {
                write!(f, "wait until {database} in {region} is at most {} behind", plural(*within, "write"))
            }
            Self::Probe { services, region } if services.is_empty() => write!(f, "probe every service of {region}"),
            Self::Probe { services, region } => write!(f, "probe {} in {region}", services.join(", ")),
            Self::Require { condition } => write!(f, "wait until {condition}"),
            Self::Wait { span } => write!(f, "wait {span:#}"),
            Self::Notify { audiences, .. } => write!(f, "tell {}", audiences.join(", ")),
        }
    }
}

impl fmt::Display for StepCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fails { region } => write!(f, "{region} fails"),
            Self::Fit { region } => write!(f, "{region} is healthy"),
            Self::Leads { database, region } => write!(f, "{database} is led by {region}"),
            Self::Names { record, region } => write!(f, "{record} names {region}"),
        }
    }
}
