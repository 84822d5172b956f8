//! What comes up so often that a run takes hours.
//!
//! Owns which settings are intervals at which something comes up again. Does not know what. Invariant: each counts as often
//! as it comes up in the time in which clients send requests.

use super::doubt;
use crate::field::Values;
use crate::scenario::section::Context;
use crate::units::Span;

/// The settings that are such intervals, by kind of table and field.
const INTERVALS: [(&str, &str); 11] = [
    ("backups", "full"),
    ("backups", "log"),
    ("checks", "every"),
    ("success_rate", "every"),
    ("balancer", "check_every"),
    ("monitoring", "scrape"),
    ("autoscale", "every"),
    ("leases", "every"),
    ("watch", "every"),
    ("scrub", "every"),
    ("reconcile", "every"),
];

/// More often than something should come up in a run without a word about it. The figure is ours: each time everything
/// there is of its kind is looked at, and a million looks take minutes.
const MANY: u64 = 1_000_000;

pub(super) fn warn(duration: Span, ledger: &[(String, Values)], context: &mut Context<'_>) {
    for (path, values) in ledger {
        for (_, field) in
            INTERVALS.iter().filter(|(of, field)| *of == values.kind.name && values.value(field).is_some())
        {
            let every = values.span(field).as_nanos();
            let times = duration.as_nanos().checked_div(every).unwrap_or(0);
            if times > MANY {
                let message = format!(
                    "`{field}` of `{path}` comes up about {} million times in {duration}, which takes hours to simulate",
                    times / MANY
                );
                context.problems.push(doubt("FD0516", values.place(field), message, "make it longer"));
            }
        }
    }
}
