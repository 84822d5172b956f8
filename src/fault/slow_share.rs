//! A share of a service's requests becomes slow, or fails: the gray failure that a health check of the whole misses.

use super::selection::Selection;
use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem};
use crate::model::{Degradation, World};
use crate::record::FaultReach;
use crate::units::{FaultId, Ratio};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "slow_share",
        "A share of the requests to a service in a region becomes slow, fails, or both (gray failure).",
        &[
            Selection::REGION,
            Selection::SERVICE,
            Field::with(
                "share",
                FieldType::Ratio,
                "100%",
                "product default: all of it",
                "The share of requests affected.",
            ),
            Field::with(
                "slowdown",
                FieldType::Quotient,
                "100%",
                "product default: no slowdown",
                "How long they take relative to normal: 500% is five times as long.",
            ),
            Field::with(
                "errors",
                FieldType::Ratio,
                "0%",
                "product default: none",
                "The share of affected requests that fail.",
            ),
        ],
    ),
    build: |values, scope, problems| {
        let (slowdown, errors) = (values.ratio("slowdown"), values.ratio("errors"));
        let selection = Selection::read(values, scope, problems)?;
        if slowdown == Ratio::ONE && errors == Ratio::ZERO {
            let problem = Problem::error("FD0220", values.place, "this fault has no effect");
            problems.push(problem.help("set `slowdown` to something other than 100%, or `errors` above 0%"));
            return None;
        }
        Some(Arc::new(SlowShare { selection, share: values.ratio("share"), slowdown, errors }))
    },
};

#[derive(Debug)]
struct SlowShare {
    selection: Selection,
    share: Ratio,
    slowdown: Ratio,
    errors: Ratio,
}

impl Fault for SlowShare {
    fn inject(&self, world: &mut World, id: FaultId) {
        let stream = world.fault_stream(id);
        for service in &self.selection.services {
            let (share, slowdown, errors) = (self.share, self.slowdown, self.errors);
            world.degrade(*service, Degradation { fault: id, share, slowdown, errors, stream });
        }
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        for service in &self.selection.services {
            world.restore(*service, id);
        }
    }
    fn describe(&self) -> String {
        let slow = if self.slowdown == Ratio::ONE {
            String::new()
        } else {
            format!(" takes {} of its usual time", self.slowdown)
        };
        let fail = if self.errors == Ratio::ZERO { String::new() } else { format!(" fails {}", self.errors) };
        let both = if slow.is_empty() || fail.is_empty() { "" } else { " and" };
        format!("{} of the requests in {}:{slow}{both}{fail}", self.share, self.selection.region)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
}
