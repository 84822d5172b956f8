//! The wall clock of a controller is wrong, so that what it reads in others' time stamps is shifted; or those of a region's
//! machines are, so that what they put on rows is.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, RegionId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "clock_skew",
        "A wall clock is wrong: that of a controller, to which metrics look older or newer than they are, or those of a region's \
         machines, which put wrong time stamps on the rows they write. Timers are right.",
        &[
            Field::optional("controller", FieldType::Reference(Referent::Controller), "The controller, or `region`."),
            Field::optional("region", FieldType::Reference(Referent::Region), "The region, or `controller`."),
            Field::required("by", FieldType::PositiveSpan, "The size of the error."),
            Field::with(
                "direction",
                FieldType::Choice(&["ahead", "behind"]),
                "ahead",
                "product default: then metrics look stale, and the controller goes blind",
                "Whether the clock is ahead or behind.",
            ),
        ],
    ),
    build: |values, _, problems| {
        let whose = match (values.opt_reference("controller"), values.opt_reference("region")) {
            (Some(controller), None) => Whose::Controller(controller.index as u16),
            (None, Some(region)) => Whose::Region(RegionId(region.index as u16)),
            (None, None) => {
                let problem = Problem::error("FD0103", values.place, "`clock_skew` does not say whose clock is wrong");
                problems.push(problem.help("write `controller: NAME`, or `region: NAME`"));
                return None;
            }
            (Some(_), Some(_)) => {
                let problem = Problem::error("FD0230", values.place("region"), "`clock_skew` makes two clocks wrong");
                let problem = problem.help("keep `controller` or `region`, and write another fault for the other");
                problems.push(problem.note(values.place("controller"), "the first one is here"));
                return None;
            }
        };
        let named = values.opt_reference("controller").or(values.opt_reference("region"));
        Some(Arc::new(ClockSkew {
            whose,
            name: named.map_or_else(String::new, |named| named.name.clone()),
            by: values.span("by"),
            ahead: values.text("direction") == "ahead",
        }))
    },
};

/// Whose clock is wrong.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Controller(u16),
    Region(RegionId),
}

#[derive(Debug)]
struct ClockSkew {
    whose: Whose,
    name: String,
    by: Span,
    ahead: bool,
}

impl Fault for ClockSkew {
    fn inject(&self, world: &mut World, id: FaultId) {
        let nanos = i64::try_from(self.by.as_nanos()).unwrap_or(i64::MAX);
        let nanos = if self.ahead { nanos } else { -nanos };
        match self.whose {
            Whose::Controller(controller) => world.control.skew_controller(&mut world.core, controller, nanos, id),
            Whose::Region(region) => world.core.skew_clocks(region, nanos, id),
        }
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        match self.whose {
            Whose::Controller(controller) => world.control.set_controller_right(&mut world.core, controller, id),
            Whose::Region(region) => world.core.set_clocks_right(region, id),
        }
    }
    fn describe(&self) -> String {
        let direction = if self.ahead { "ahead" } else { "behind" };
        let whose = match self.whose {
            Whose::Controller(_) => "the clock of",
            Whose::Region(_) => "what puts time stamps on rows in",
        };
        format!("{whose} {} is {} {direction}", self.name, self.by)
    }
    fn reach(&self) -> FaultReach {
        // No request fails by the time stamp on its row.
        FaultReach::Control
    }
}
