//! `ledger`: which losses are excused by which bound, and which by none.

use crate::check::fixture::events::done;
use crate::check::fixture::{Fixture, at, build, lost_at};
use crate::check::property::Judgement;
use crate::outcome::Verdict;
use crate::record::{HistoryCut, StoreRecord};
use crate::units::Instant;

fn judge(fields: &[(&str, &str)], acked: u64, change: impl FnOnce(&mut StoreRecord)) -> Judgement {
    build("ledger", fields).judge(&Fixture::new(600).store("orders", acked, change).record())
}

fn lost(n: u64) -> impl Fn(&mut StoreRecord) {
    move |store| {
        (store.lost_total, store.lost_visible, store.whereabouts.nowhere) = (n, n / 2, n);
        store.cuts = vec![HistoryCut { lost: n, lost_before: n, outage: None, ..lost_at(100, 110, &[]) }];
    }
}

#[test]
fn one_lost_write_is_a_loss() {
    let none = judge(&[("lost", "0")], 1000, lost(0));
    assert_eq!((none.verdict, none.margin, none.exercised), (Verdict::Pass, Some(0.0), 1000));
    let one = judge(&[("lost", "0")], 1000, lost(1));
    assert_eq!((one.verdict, one.margin), (Verdict::Fail, Some(-0.001)));
    assert_eq!(judge(&[], 1000, lost(1)).verdict, Verdict::Fail, "without any bound nothing may be lost");
}

#[test]
fn a_bound_is_inclusive_and_its_margin_in_parts_of_it() {
    let on = judge(&[("lost", "4")], 1000, lost(4));
    assert_eq!((on.verdict, on.margin), (Verdict::Pass, Some(0.0)));
    assert_eq!(judge(&[("lost", "4")], 1000, lost(5)).margin, Some(-0.25));
    assert_eq!(judge(&[("visible", "2")], 1000, lost(5)).verdict, Verdict::Pass, "only 2 of 5 can be noticed");
    assert_eq!(judge(&[("at_risk", "0")], 9, |s| s.unanswered.gone = 1).verdict, Verdict::Fail);
    assert_eq!(judge(&[("lost", "0")], 9, |s| s.unanswered.gone = 1).verdict, Verdict::Pass, "unknown is not lost");
}

#[test]
fn nothing_acknowledged_is_never_a_pass() {
    let empty = judge(&[("lost", "0")], 0, lost(0));
    assert_eq!((empty.verdict, empty.exercised), (Verdict::Inconclusive, 0));
    assert_eq!(build("ledger", &[]).judge(&Fixture::new(9).record()).verdict, Verdict::Inconclusive);
}

/// The fault at 100 s; the earliest lost write was acknowledged `before` nanoseconds earlier.
fn reaching_back(before: u64) -> impl Fn(&mut StoreRecord) {
    move |store| {
        lost(3)(store);
        let first = Some(Instant::from_nanos(at(100).as_nanos() - before));
        store.cuts = vec![HistoryCut { lost: 3, lost_before: 3, first_lost: first, ..lost_at(100, 110, &[]) }];
    }
}

#[test]
fn the_recovery_point_is_inclusive() {
    let on = judge(&[("rpo", "5s")], 1000, reaching_back(5_000_000_000));
    assert_eq!((on.verdict, on.margin), (Verdict::Pass, Some(0.0)), "{}", on.why);
    assert_eq!(judge(&[("rpo", "5s")], 1000, reaching_back(5_000_000_001)).verdict, Verdict::Fail);
    assert_eq!(judge(&[("rpo", "5s")], 1000, reaching_back(10_000_000_000)).margin, Some(-1.0));
    let zero = judge(&[("rpo", "0s"), ("scale", "10s")], 1000, reaching_back(5_000_000_000));
    assert_eq!((zero.verdict, zero.margin), (Verdict::Fail, Some(-0.5)));
    assert_eq!(zero.measured.as_deref(), Some("RPO 5s, 3 lost (1 visible)"));
}

#[test]
fn no_recovery_point_excuses_a_loss_after_the_fault() {
    let after = |store: &mut StoreRecord| {
        reaching_back(1_000_000_000)(store);
        store.cuts[0].lost_before = 1;
        store.cuts[0].last_lost_after = Some(at(102));
    };
    let judged = judge(&[("rpo", "4s")], 1000, after);
    assert_eq!((judged.verdict, judged.margin), (Verdict::Fail, Some(-0.5)));
    assert!(judged.why.contains("1 acknowledged before the fault at 1m 40s, 2 after"), "{}", judged.why);
    let no_fault = judge(&[("rpo", "1h")], 1000, lost(1));
    assert_eq!(no_fault.verdict, Verdict::Fail, "a loss without a fault has no recovery point");
}

#[test]
fn of_several_databases_the_worst_counts_and_an_idle_one_is_named() {
    let record =
        Fixture::new(9).store("orders", 10, lost(0)).store("users", 10, lost(2)).store("idle", 0, lost(0)).record();
    let judged = build("ledger", &[]).judge(&record);
    assert_eq!((judged.verdict, judged.exercised), (Verdict::Fail, 20));
    assert!(judged.why.starts_with("users: 2 of 10") && judged.why.ends_with("idle acknowledged no write"));
    assert_eq!(build("ledger", &[("database", "orders")]).judge(&record).verdict, Verdict::Pass);
}

#[test]
fn losses_after_the_fault_may_reach_as_far_as_is_allowed() {
    let reaching_on = |nanos: u64| {
        move |store: &mut StoreRecord| {
            reaching_back(1_000_000_000)(store);
            store.cuts[0].last_lost_after = Some(Instant::from_nanos(at(100).as_nanos() + nanos));
        }
    };
    let bounds = [("rpo", "5s"), ("rpo_after", "30s")];
    let on = judge(&bounds, 1000, reaching_on(30_000_000_000));
    assert_eq!((on.verdict, on.margin), (Verdict::Pass, Some(0.0)), "{}", on.why);
    assert_eq!(judge(&bounds, 1000, reaching_on(30_000_000_001)).verdict, Verdict::Fail);
    assert_eq!(judge(&[("rpo_after", "30s")], 1000, reaching_on(45_000_000_000)).margin, Some(-0.5));
    assert_eq!(judge(&[("rpo", "5s")], 1000, reaching_on(1)).verdict, Verdict::Fail, "none may, unless it is said");
}

#[test]
fn the_event_losses_are_measured_from_can_be_chosen() {
    let judged = |after: &str, rpo: &str| {
        let fields = [("rpo", rpo), ("after", after)];
        let record =
            Fixture::new(900).fault("dark", 100, 1).fault("dark", 500, 1).happened(700, done("region_failover"));
        let lossy = record.store("orders", 100, |store| {
            (store.lost_total, store.whereabouts.held) = (2, 2);
            store.cuts = vec![lost_at(100, 120, &[97]), lost_at(510, 520, &[495])];
        });
        build("ledger", &fields).judge(&lossy.record())
    };
    assert_eq!(judged("fault.dark", "5s").verdict, Verdict::Pass, "495 s is 5 s before the second `fault.dark`");
    assert_eq!(judged("fault.dark", "4s").verdict, Verdict::Fail);
    let later = judged("region_failover.done", "1h");
    assert_eq!(later.verdict, Verdict::Fail, "{}", later.why);
    assert!(later.why.ends_with("some were lost before any `region_failover.done`"), "{}", later.why);
}

#[test]
fn a_margin_is_a_number_at_bounds_of_zero() {
    for (field, bound, acked, least) in [
        ("lost", "0", 0, -3.0),
        ("lost", "0", 1000, -0.003),
        ("visible", "0", 1000, -0.001),
        ("at_risk", "0", 0, -2.0),
        ("rpo", "0s", 1000, -5.0 / 60.0),
        ("rpo_after", "0s", 1000, 0.0),
        ("announced", "true", 1000, -0.003),
    ] {
        let judged = judge(&[(field, bound)], acked, |store| {
            reaching_back(5_000_000_000)(store);
            store.unanswered.gone = 2;
        });
        let margin = judged.margin.expect(field);
        assert!(margin.is_finite() && (margin - least).abs() < 1e-12, "{field}: {bound} of {acked}: {margin}");
        assert_eq!(judged.verdict == Verdict::Fail, margin < 0.0, "{field}: {}", judged.why);
    }
}
