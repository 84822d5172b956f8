//! For how long control was wrong about the regions it watches.
//!
//! Owns the comparison of what control believed with the truth. Does not know who watches which region, nor by what
//! limits: the regions are named to it, and the truth is measured on clients.
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
//! Invariant: what was missed and what was a false alarm are parts of what is known, and no time is both.

use crate::outcome::{Misjudged, Outage};
use crate::record::event::{EventKind, WatchKind};
use crate::record::{LEAST_SERVICE, Record, Sample, Signal};
use crate::units::{Instant, Span};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// One entry for each region in `watched`, of a run with these outages.
pub fn misjudged(record: &Record, outages: &[Outage], watched: &[String]) -> Vec<Misjudged> {
    watched.iter().map(|region| of_region(record, outages, region)).collect()
}

fn of_region(record: &Record, outages: &[Outage], region: &str) -> Misjudged {
    let beliefs = beliefs(record, region);
    let down = down(record, outages, region);
    let sent = record.signal(&format!("region.{region}.share"));
    let edges = down.iter().flat_map(|(from, until)| [*from, *until]).chain(beliefs.iter().map(|(at, _)| *at));
    let edges = edges.chain(sent.into_iter().flat_map(Signal::points).map(|(at, _)| at));
    let edges = edges.chain([Instant::ZERO, record.workload_end]).filter(|at| *at <= record.workload_end);
    let edges: BTreeSet<Instant> = edges.collect();
    let (mut missed, mut false_alarm, mut known) = (Span::ZERO, Span::ZERO, Span::ZERO);
    for (from, until) in edges.iter().zip(edges.iter().skip(1)) {
        let is_down = down.iter().any(|(begin, end)| begin <= from && from < end);
        if !is_down && sent.is_none_or(|sent| sent_there(sent.at(*from)) == 0) {
            continue;
        }
        let believed_down = beliefs.iter().rev().find(|(at, _)| at <= from).is_some_and(|(_, down)| *down);
        let length = until.since(*from);
        known = known.saturating_add(length);
        match (is_down, believed_down) {
            (true, false) => missed = missed.saturating_add(length),
            (false, true) => false_alarm = false_alarm.saturating_add(length),
            (true, true) | (false, false) => {}
        }
    }
    Misjudged { region: region.to_owned(), missed, false_alarm, known }
}

/// From when on control believed what of `region`: whether it is down.
fn beliefs(record: &Record, region: &str) -> Vec<(Instant, bool)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::cause::Criterion;
    use crate::check::fixture::Fixture;
    use crate::record::event::{Event, Prose, WatchEvent};
    use crate::record::{SignalUnit, Timeline};

    fn told(down: bool, region: &str) -> Event {
        let (region, state, evidence) = (region.to_owned(), Prose::default(), Prose::default());
        match down {
            true => WatchEvent::Detected { region, state, evidence }.into(),
            false => WatchEvent::Cleared { region, state, evidence }.into(),
        }
    }

    /// West is dark from 60 to 100 s, and users are served again at 100.1 s. It serves half of what it is sent from 200 s
    /// on, for the last time wrongly at 219.5 s, and is known to serve again at 219.7 s. The outage from 300 to 310 s is
    /// not of west. From 400 s on nobody sends it anything, and it is dark again from 450 to 460 s; clients stop at 500 s.
    fn west() -> Fixture {
        let ratio = SignalUnit::Ratio;
        let (sent, per_second) = ([(0, 50, 60), (400, 0, 60)], SignalUnit::PerSecond);
        let ok = [(0, 50, 1), (60, 0, 1), (100, 50, 1), (200, 25, 1), (220, 50, 1), (400, 0, 1)];
        let up = [(0, 1, 1), (60, 0, 1), (100, 1, 1), (450, 0, 1), (460, 1, 1)];
        let users = [(0, 100), (60, 0), (100, 100), (200, 50), (220, 100), (300, 90), (310, 100)];
        Fixture::new(600)
            .workload_end(500)
            .signal("region.west.up", SignalUnit::Count, &up)
            .signal("region.west.share", ratio, &sent)
            .signal("region.west.ok", per_second, &ok)
            .served("users.api.read", &users.map(|(second, served)| (second, served, 100)), 500)
    }

    fn of_west(record: &Record) -> Misjudged {
        let outages = Criterion::promised(record).attribute(record).outages;
        misjudged(record, &outages, &["west".to_owned()]).remove(0)
    }

    /// In tenths of a second.
    fn found(record: &Record) -> [u64; 3] {
        let west = of_west(record);
        [west.missed, west.false_alarm, west.known].map(|span| span.as_nanos() / 100_000_000)
    }

    /// Seen 10 s late, and 14.9 s late to be back. The half that fails goes unseen, and so does the second darkness. The alarm
    /// from 230 to 250 s is false, and so is the one from 295 s on, as long as west is sent anything and told to serve.
    #[test]
    fn what_was_missed_and_what_was_a_false_alarm_are_told_apart() {
        let fixture = west()
            .happened(70, told(true, "west"))
            .happened(80, told(false, "north"))
            .happened(115, told(false, "west"))
            .happened(230, told(true, "west"))
            .happened(250, told(false, "west"));
        assert_eq!(found(&fixture.record()), [100 + 197 + 100, 149 + 200, 4_100]);
        let fixture = west().happened(295, told(true, "west")).happened(455, told(false, "west"));
        assert_eq!(found(&fixture.record()), [401 + 197 + 50, 1_050, 4_100], "known to 400 s, and while it is dark");
    }

    #[test]
    fn who_says_nothing_believes_that_all_is_well() {
        assert_eq!(found(&west().record()), [401 + 197 + 100, 0, 4_100]);
        assert_eq!(misjudged(&west().record(), &[], &[]), [], "nobody watches");
        assert_eq!(found(&Fixture::new(100).record()), [0, 0, 0], "nothing was recorded of it");
    }

    #[test]
    fn what_is_read_back_is_judged_alike() {
        let mut record = west().happened(70, told(true, "west")).happened(115, told(false, "west")).record();
        let before = of_west(&record);
        let mut read = Timeline::default();
        for event in record.timeline.events() {
            read.push_told(event.at, event.actor, event.name.clone(), event.text.clone());
        }
        record.timeline = read;
        assert_eq!(of_west(&record), before);
        assert_eq!(before.missed, Span::from_millis(10_000 + 19_700 + 10_000));
    }
}
