//! What control believed of a region, beside what was true.
//!
//! Owns the comparison. Does not know who watches which region, nor by what limits: the regions are named to it, and the
//! truth is measured on clients.
//!
//! Definitions, from the start of the run until clients stop, in time of the run:
//!
//! - Control *believes* that a region is down from the instant at which a watch says that it fails, or that it is not fit
//!   after all, until one says that it does not fail, or that it is fit again. A watch tells changes only. So before its
//!   first word the region is believed healthy, and the last word stands while the controller is dead, blind or
//!   at work on a procedure, or has nothing more to say of a region that it has left for good: nobody has taken it back.
//! - A region *is down* while it is dark, and through an outage beyond chance of any class of requests in which it
//!   served less than [`LEAST_SERVICE`] of the attempts that clients sent there. It *serves* in every other second in which
//!   they sent any. Of the rest nothing is known: what nobody uses may be believed to be anything.
//!
//! Belief and outages are exact, darkness and what was sent are known by the second. An outage begins with the first request
//! that was not served, which may have been on its way already when its cause came: what was missed is longer by that.
//! Of an outage of a second or two the answers to what was sent before may be too large a part to tell whose it is: then it
//! is nobody's. Answers that are merely slow are service.
//!
//! Invariant: stretches are in order and apart, and neighbours that touch differ.

use super::Outage;
use crate::record::event::{EventKind, WatchKind};
use crate::record::{LEAST_SERVICE, Record, Sample, Signal};
use crate::units::Instant;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A time of which it is known whether a region served, and what control took it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeliefStretch {
    /// From when on.
    pub from: Instant,
    /// Until when, this instant excluded.
    pub until: Instant,
    /// Whether the region was down in truth.
    pub down: bool,
    /// Whether control believed it down.
    pub believed_down: bool,
}

/// The times of which it is known whether `region` served, in a run with these outages.
pub fn belief_stretches(record: &Record, outages: &[Outage], region: &str) -> Vec<BeliefStretch> {
    let beliefs = beliefs(record, region);
    let down = down(record, outages, region);
    let sent = record.signal(&format!("region.{region}.share"));
    let edges = down.iter().flat_map(|(from, until)| [*from, *until]).chain(beliefs.iter().map(|(at, _)| *at));
    let edges = edges.chain(sent.into_iter().flat_map(Signal::points).map(|(at, _)| at));
    let edges = edges.chain([Instant::ZERO, record.workload_end]).filter(|at| *at <= record.workload_end);
    let edges: BTreeSet<Instant> = edges.collect();
    let mut found: Vec<BeliefStretch> = Vec::new();
    for (from, until) in edges.iter().zip(edges.iter().skip(1)) {
        let is_down = down.iter().any(|(begin, end)| begin <= from && from < end);
        if !is_down && sent.is_none_or(|sent| sent_there(sent.at(*from)) == 0) {
            continue;
        }
        let believed_down = beliefs.iter().rev().find(|(at, _)| at <= from).is_some_and(|(_, down)| *down);
        match found.last_mut() {
            Some(last) if (last.until, last.down, last.believed_down) == (*from, is_down, believed_down) => {
                last.until = *until;
            }
            _ => found.push(BeliefStretch { from: *from, until: *until, down: is_down, believed_down }),
        }
    }
    found
}

/// From when on control believed what of `region`: whether it is down. Before the first, that it is not.
pub fn beliefs(record: &Record, region: &str) -> Vec<(Instant, bool)> {
    let told = record.timeline.events().iter().filter_map(|event| {
        let Some(EventKind::Watch(kind)) = event.kind else { return None };
        let down = match kind {
            WatchKind::Detected | WatchKind::Unfit => true,
            WatchKind::Cleared | WatchKind::Fit => false,
            _ => return None,
        };
        (event.event.region_told() == Some(region)).then_some((event.at, down))
    });
    told.collect()
}

/// From when to when `region` was down. Such times may overlap.
fn down(record: &Record, outages: &[Outage], region: &str) -> Vec<(Instant, Instant)> {
    let end = record.workload_end;
    let up = record.signal(&format!("region.{region}.up")).into_iter().flat_map(|up| up.stretches(end));
    let dark = up.filter(|(_, sample)| *sample == Sample::count(0));
    let dark = dark.map(|(seconds, _)| (Instant::from_secs(seconds.start), Instant::from_secs(seconds.end)));
    let (sent, ok) = (record.signal(&format!("region.{region}.share")), record.signal(&format!("region.{region}.ok")));
    let certain = outages.iter().filter(|outage| outage.certain);
    let felt = certain.map(|outage| (outage.from, outage.until.or(outage.answered).unwrap_or(end)));
    let its_own = felt.filter(|during| {
        let total = |signal: Option<&Signal>, count: fn(Sample) -> u64| signal.map_or(0, |s| sum(s, *during, count));
        let served = LEAST_SERVICE.compare_to_quotient(total(ok, |ok| ok.part), total(sent, sent_there));
        served == Some(Ordering::Less)
    });
    dark.chain(its_own).collect()
}

/// How many attempts were sent to a region, by its share of all: the part of that.
const fn sent_there(share: Sample) -> u64 {
    if share.whole == 0 { 0 } else { share.part }
}

/// The sum of `count` over the seconds that have a part in that time.
fn sum(signal: &Signal, (from, until): (Instant, Instant), count: fn(Sample) -> u64) -> u64 {
    let stretches = signal.stretches(until).map(|(seconds, sample)| {
        let length = seconds.end.saturating_sub(seconds.start.max(from.second()));
        length.saturating_mul(count(sample))
    });
    stretches.fold(0, u64::saturating_add)
}
