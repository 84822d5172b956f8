//! The record of a live drill, from what was seen: the same figures as a rehearsal's, and nothing that nobody saw.

use firedrill::live::{LiveAnswer, LiveDrill, LiveFault, LivePromotion, LiveRecord, LiveRequest, LiveStore};
use firedrill::record::event::{EventKind, FaultKind, PlatformKind};
use firedrill::record::{
    FailureReason, LossBound, LostWriteLocations, Objective, Position, Record, ServiceClass, TOTAL,
};
use firedrill::units::{Instant, Ratio, Span};
use std::collections::BTreeMap;

fn at(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

/// A write of ten a second: until 2 s to the west, which dies then; refused until 4 s; then to the north.
fn request(number: u64) -> LiveRequest {
    let began = at(number * 100);
    let (region, answer, place) = match number {
        0..20 => ("west", LiveAnswer::Done, Some(Position { epoch: 1, lsn: number + 1 })),
        20 => ("west", LiveAnswer::Unknown(FailureReason::Dark), None),
        21..40 => ("west", LiveAnswer::Failed(FailureReason::Dark), None),
        // The north had received all but the last three.
        _ => ("north", LiveAnswer::Done, Some(Position { epoch: 2, lsn: 17 + number - 39 })),
    };
    LiveRequest {
        operation: number,
        class: 0,
        region: region.to_owned(),
        began,
        ended: began + Span::from_millis(20),
        answer,
        write: Some(("orders".to_owned(), place)),
    }
}

fn drill() -> LiveDrill {
    let class = |name: &str| ServiceClass {
        name: name.to_owned(),
        served: Ratio::from_percent(99),
        within: Span::from_millis(400),
        drill: false,
    };
    let requests: Vec<LiveRequest> = (0..80).map(request).collect();
    let held = |request: &LiveRequest| {
        let place = request.write.as_ref()?.1?;
        (place.epoch == 2 || place.lsn <= 17).then_some((place, request.operation))
    };
    let rows: BTreeMap<Position, u64> = requests.iter().filter_map(held).collect();
    let promotion = LivePromotion {
        fenced: at(3_500),
        asked: at(3_600),
        done: at(3_900),
        region: "north".to_owned(),
        epoch: 2,
        from_lsn: 17,
    };
    let regions = ["west", "north"].map(str::to_owned).to_vec();
    let bound = LossBound { if_dead: 5, if_alive: 9 };
    LiveDrill {
        objective: Objective {
            stable: Span::from_secs(1),
            declared: true,
            classes: vec![class("users.api.write"), class(TOTAL)],
        },
        faults: vec![LiveFault {
            id: "dark".to_owned(),
            kind: "region_outage".to_owned(),
            effect: "the west is killed".to_owned(),
            at: at(1_990),
            region: "west".to_owned(),
        }],
        requests,
        stores: vec![LiveStore { name: "orders".to_owned(), regions, promotions: vec![promotion], rows }],
        told: LiveRecord { bounds: vec![(at(3_000), "orders".to_owned(), bound)], ..LiveRecord::default() },
        workload_end: at(8_000),
        end: at(8_500),
    }
}

fn count(record: &Record, signal: &str, second: u64) -> (u64, u64) {
    let sample = record.signal(signal).unwrap_or_else(|| panic!("no {signal}")).at(Instant::from_secs(second));
    (sample.part, sample.whole)
}

#[test]
fn lost_writes_are_those_that_were_acknowledged_and_are_not_in_the_history_that_leads() {
    let record = drill().record();
    let store = &record.stores[0];
    let lost: Vec<(u64, u32, u64)> = store.lost.iter().map(|write| (write.operation, write.epoch, write.lsn)).collect();
    assert_eq!((store.acked, lost), (60, vec![(17, 1, 18), (18, 1, 19), (19, 1, 20)]));
    let LostWriteLocations { held, held_by_the_dead, nowhere, .. } = &store.whereabouts;
    assert_eq!((*held, *held_by_the_dead, *nowhere), (0, 3, 0), "the west has them, and nobody can read it");
    assert_eq!(store.announced, Some(LossBound { if_dead: 5, if_alive: 9 }));
    let cut = &store.cuts[0];
    assert_eq!((cut.at, cut.outage, cut.lost, cut.lost_before), (at(3_900), Some(at(1_990)), 3, 3));
    assert_eq!((store.unanswered.refused, store.unanswered.never_stored, store.unanswered.stored), (19, 1, 0));
    assert!(store.at_stake >= 10 + 3 && store.at_stake < 60, "{} at stake", store.at_stake);
}

#[test]
fn a_write_that_nobody_was_told_of_counts_as_stored_if_it_is_there() {
    let mut drill = drill();
    drill.stores[0].rows.insert(Position { epoch: 1, lsn: 17 }, 20);
    drill.requests.retain(|request| request.operation != 16);
    let record = drill.record();
    let store = &record.stores[0];
    assert_eq!((store.unanswered.never_stored, store.unanswered.stored, store.lost_total), (0, 1, 3));
}

#[test]
fn who_could_write_is_known_and_what_was_acknowledged_outside_is_stray() {
    let authority = drill().record().stores[0].authority.clone();
    let terms: Vec<_> = authority.terms.iter().map(|term| (term.region.as_str(), term.epoch, term.acked)).collect();
    assert_eq!((terms, authority.stale_epoch_total), (vec![("west", 1, 20), ("north", 2, 40)], 0));
    assert_eq!((authority.fences, authority.promotions), (1, 1));
    let mut split = drill();
    // Sent when the west was fenced off, and acknowledged by it.
    split.requests[38].answer = LiveAnswer::Done;
    split.requests[38].write = Some(("orders".to_owned(), Some(Position { epoch: 1, lsn: 21 })));
    let record = split.record();
    let stale_epoch = &record.stores[0].authority.stale_epoch;
    let named: Vec<_> =
        stale_epoch.iter().map(|write| (write.operation, write.region.as_str(), write.in_force)).collect();
    assert_eq!((named, record.stores[0].lost_total), (vec![(38, "west", 2)], 4));
}

#[test]
fn requests_are_counted_by_the_second_and_by_what_became_of_them() {
    let record = drill().record();
    let totals = &record.requests;
    assert_eq!((totals.started, totals.ok, totals.served, totals.failed, totals.unknown), (80, 60, 60, 19, 1));
    assert_eq!(totals.reasons.of(FailureReason::Dark), 20);
    assert_eq!((totals.latency_p99, totals.latency_of_all[2]), (Span::from_millis(20), None));
    for (second, served) in [(0, 10), (2, 0), (3, 0), (4, 10)] {
        assert_eq!(count(&record, "served.users.api.write", second), count(&record, "success", second));
        assert_eq!(count(&record, "success", second).0 * 10, served * count(&record, "success", second).1);
        assert_eq!(count(&record, "goodput", second), (served, 1), "second {second}");
    }
    assert_eq!((count(&record, "unserved.dark", 3), count(&record, "unserved.dark", 4)), ((10, 1), (0, 1)));
    let (part, whole) = count(&record, "db.orders.writable", 3);
    assert_eq!((part, whole), (0, 1), "nobody took writes between the two");
    assert!(record.signals.is_sorted_by(|a, b| a.name < b.name), "a signal is looked up by its name");
    let fault = &record.faults[0];
    assert_eq!((fault.hits, fault.touched, fault.healed), (20, 20, None), "one was answered before it began");
}

#[test]
fn the_timeline_has_what_is_known_of_the_world() {
    let record = drill().record();
    let events: Vec<(Instant, EventKind)> =
        record.timeline.events().iter().filter_map(|event| Some((event.at, event.kind?))).collect();
    assert_eq!(events[0], (at(1_990), EventKind::Fault(FaultKind::Began)));
    assert_eq!(events.last(), Some(&(at(4_020), EventKind::Platform(PlatformKind::Served))));
    let names: Vec<&str> = record.timeline.events().iter().map(|event| event.name.as_str()).collect();
    let expected = ["fault.dark", "db.orders.loss_announced", "db.orders.fenced", "db.orders.promoted", "served.north"];
    assert_eq!(names, expected);
}
