//! For how long control was wrong about the regions it watches.
//!
//! Owns the sums. Does not know what it is to believe and to be down: that is defined where both are found, in
//! [`belief_stretches`].
//!
//! Invariant: what was missed and what was a false alarm are parts of what is known, and no time is both.

use crate::outcome::{Misjudged, Outage, belief_stretches};
use crate::record::Record;
use crate::units::Span;

/// One entry for each region in `watched`, of a run with these outages.
pub fn misjudged(record: &Record, outages: &[Outage], watched: &[String]) -> Vec<Misjudged> {
    watched.iter().map(|region| of_region(record, outages, region)).collect()
}

fn of_region(record: &Record, outages: &[Outage], region: &str) -> Misjudged {
    let (mut missed, mut false_alarm, mut known) = (Span::ZERO, Span::ZERO, Span::ZERO);
    for stretch in belief_stretches(record, outages, region) {
        let length = stretch.until.since(stretch.from);
        known = known.saturating_add(length);
        match (stretch.down, stretch.believed_down) {
            (true, false) => missed = missed.saturating_add(length),
            (false, true) => false_alarm = false_alarm.saturating_add(length),
            (true, true) | (false, false) => {}
        }
    }
    Misjudged { region: region.to_owned(), missed, false_alarm, known }
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
