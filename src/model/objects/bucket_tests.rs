//! What copies hold is what was put, as far as it has arrived, and the counts are those of the objects.

use super::*;
use crate::kernel::Streams;
use crate::units::{Bytes, Throughput};
use proptest::prelude::*;

const KEYS: u32 = 8;
const FAULT: FaultId = FaultId(0);

fn bucket(copies: u16) -> Bucket {
    let plan = BucketPlan {
        name: "photos".to_owned(),
        regions: (0..copies).map(RegionId).collect(),
        delay: Span::from_secs(15),
        time: Span::ZERO,
        call_timeout: Span::from_secs(5),
        object: Bytes::new(1),
        verify: Throughput::from_bits_per_hour(1),
        repair: Throughput::from_bits_per_hour(1),
    };
    Bucket::new(&plan, KEYS)
}

fn at(seconds: u64) -> Instant {
    Instant::from_secs(seconds)
}

fn damage(share: Ratio, into: ObjectState) -> ObjectDamage {
    ObjectDamage { fault: FAULT, share, into, draws: Streams::new(7).stream("fault/damage", "draws") }
}

fn everywhere(_: &Copy, _: &Copy) -> bool {
    true
}

#[test]
fn what_is_put_is_elsewhere_after_the_delay_and_not_before() {
    let mut bucket = bucket(2);
    bucket.put(0, 3, at(10));
    bucket.advance(Instant::from_nanos(at(25).as_nanos() - 1), everywhere);
    assert_eq!((bucket.counts(1).behind, bucket.backlog(1)), (1, 1));
    bucket.advance(at(25), everywhere);
    assert_eq!((bucket.counts(1), bucket.backlog(1), bucket.lost()), (ObjectCounts::default(), 0, 0));
}

#[test]
fn what_is_late_comes_by_as_much_later() {
    let mut bucket = bucket(2);
    bucket.copies[1].late.push((FAULT, Span::from_secs(60)));
    assert_eq!(bucket.put(0, 1, at(0)), (None, vec![FAULT]));
    assert_eq!(bucket.put(0, 2, at(10)), (None, vec![FAULT]));
    bucket.advance(at(74), everywhere);
    assert_eq!(bucket.counts(1).behind, 2);
    bucket.advance(at(75), everywhere);
    assert_eq!(bucket.counts(1).behind, 1);
    bucket.advance(at(85), everywhere);
    assert_eq!(bucket.counts(1).behind, 0);
}

#[test]
fn a_read_is_stale_only_of_what_should_have_been_there() {
    let mut bucket = bucket(2);
    bucket.copies[1].late.push((FAULT, Span::from_secs(60)));
    bucket.put(0, 1, at(0));
    for (second, stale) in [(15, 0), (16, 1), (74, 2), (75, 2)] {
        bucket.advance(at(second), everywhere);
        bucket.get(1, 1, at(second));
        bucket.get(0, 1, at(second));
        assert_eq!((bucket.stale(1), bucket.stale(0)), (stale, 0), "at {second} s");
    }
}

#[test]
fn a_bucket_that_is_slow_by_plan_is_stale_all_the_same_however_often_an_object_is_put() {
    let mut bucket = bucket(2);
    bucket.plan.delay = Span::from_secs(600);
    (0..60).for_each(|second| drop(bucket.put(0, 1, at(second))));
    for (second, stale) in [(15, 0), (16, 1), (60, 2)] {
        bucket.advance(at(second), everywhere);
        bucket.get(1, 1, at(second));
        assert_eq!(bucket.stale(1), stale, "at {second} s");
    }
    bucket.advance(at(620), everywhere);
    bucket.get(1, 1, at(620));
    assert_eq!(bucket.stale(1), 3, "it has what was put at 20 s, which was replaced at 21 s");
    bucket.advance(at(660), everywhere);
    bucket.get(1, 1, at(660));
    assert_eq!((bucket.stale(1), bucket.put_at.len()), (3, 0));
}

#[test]
fn what_only_copies_have_that_do_not_answer_is_out_of_reach() {
    let mut bucket = bucket(2);
    let without = |region: u16| move |copy: &Copy| copy.region != RegionId(region);
    bucket.put(0, 1, at(0));
    assert_eq!([bucket.out_of_reach(without(0)), bucket.out_of_reach(without(1))], [1, 0]);
    assert_eq!((bucket.out_of_reach(|_| true), bucket.out_of_reach(|_| false)), (0, u64::from(KEYS)));
    bucket.advance(at(15), everywhere);
    assert_eq!(bucket.out_of_reach(without(0)), 0);
    bucket.put(0, 2, at(20));
    bucket.damage(0, damage(Ratio::ONE, ObjectState::Missing));
    assert_eq!((bucket.out_of_reach(without(0)), bucket.lost()), (0, 1), "what is lost is not there to be reached");
}

#[test]
fn what_was_late_waits_no_longer_than_usual_once_nothing_makes_it_late() {
    let (mut bucket, other) = (bucket(2), FaultId(1));
    bucket.copies[1].late.extend([(FAULT, Span::from_secs(3_600)), (other, Span::from_secs(60))]);
    bucket.put(0, 1, at(0));
    bucket.heal(FAULT, at(10));
    bucket.advance(at(60), everywhere);
    assert_eq!(bucket.counts(1).behind, 1, "another fault still holds it");
    bucket.heal(other, at(60));
    bucket.put(0, 2, at(61));
    bucket.advance(at(75), everywhere);
    assert_eq!(bucket.counts(1).behind, 1);
    bucket.advance(at(76), everywhere);
    assert_eq!(bucket.counts(1).behind, 0);
}

#[test]
fn what_waited_for_a_copy_arrives_as_soon_as_it_can_be_reached() {
    let mut bucket = bucket(2);
    bucket.put(0, 1, at(0));
    bucket.advance(at(60), |_, _| false);
    assert!(bucket.is_at_rest(|_, _| false) && !bucket.is_at_rest(everywhere));
    assert_eq!(bucket.counts(1).behind, 1);
    bucket.advance(at(60), everywhere);
    assert_eq!(bucket.counts(1).behind, 0);
}

#[test]
fn the_newest_put_wins_in_every_copy() {
    let mut bucket = bucket(2);
    bucket.put(0, 5, at(0));
    bucket.put(1, 5, at(1));
    bucket.advance(at(100), everywhere);
    assert_eq!((bucket.counts(0), bucket.counts(1)), (ObjectCounts::default(), ObjectCounts::default()));
    assert_eq!(bucket.copies[0].objects[5].version, bucket.copies[1].objects[5].version);
}

#[test]
fn an_object_that_is_lost_before_it_was_replicated_is_lost_for_good() {
    let mut bucket = bucket(2);
    bucket.put(0, 5, at(0));
    bucket.damage(0, damage(Ratio::ONE, ObjectState::Missing));
    bucket.heal(FAULT, at(0));
    bucket.advance(at(100), everywhere);
    assert_eq!((bucket.lost(), bucket.counts(0).damaged, bucket.counts(1).behind), (1, u64::from(KEYS), 1));
    assert_eq!(bucket.look(0, 5), (ObjectState::Missing, Some(FAULT)));
    // All others can be had from the other copy, and of this one an older version.
    let found = bucket.to_repair(0, &[1]);
    assert_eq!((found.len(), found.iter().filter(|(_, from)| from.is_some()).count()), (8, 8));
    found.into_iter().for_each(|(key, _)| assert_eq!(bucket.repair(key, 1, 0), (true, None)));
    assert_eq!((bucket.counts(0).damaged, bucket.counts(0).behind, bucket.lost()), (0, 1, 1));
    bucket.put(1, 5, at(200));
    assert_eq!(bucket.lost(), 0, "what is put again is there again");
}

#[test]
fn what_cannot_be_read_is_not_replicated_and_not_copied_by_a_repair() {
    let mut bucket = bucket(2);
    bucket.damage(0, damage(Ratio::ONE, ObjectState::Corrupt));
    assert_eq!(bucket.put(0, 2, at(0)), (Some(FAULT), Vec::new()), "what is stored while it lasts is damaged too");
    bucket.advance(at(100), everywhere);
    assert_eq!((bucket.look(1, 2).0, bucket.counts(1).behind, bucket.lost()), (ObjectState::Sound, 1, 1));
    assert_eq!(bucket.to_repair(1, &[0]), [(2, None)]);
    assert_eq!(bucket.repair(2, 0, 1), (false, None));
}

#[test]
fn a_share_of_the_objects_is_damaged_and_no_more() {
    let mut bucket = bucket(2);
    assert_eq!(bucket.damage(1, damage(Ratio::from_percent(50), ObjectState::Missing)), 4);
    assert_eq!((bucket.counts(1).damaged, bucket.counts(0).damaged, bucket.lost()), (4, 0, 0));
    assert_eq!((bucket.count_of(1, ObjectState::Missing), bucket.count_of(1, ObjectState::Corrupt)), (4, 0));
}

/// The counts, recomputed from the objects.
fn recounted(bucket: &Bucket) -> (Vec<ObjectCounts>, u64) {
    let newest = |key: &u32| bucket.newest[*key as usize];
    let of = |copy: &Copy| ObjectCounts {
        behind: (0..KEYS).filter(|key| copy.objects[*key as usize].version < newest(key)).count() as u64,
        damaged: copy.objects.iter().filter(|object| object.condition != ObjectState::Sound).count() as u64,
    };
    let has = |copy: &Copy, key: &u32| {
        let object = copy.objects[*key as usize];
        object.condition == ObjectState::Sound && object.version == newest(key)
    };
    let lost = (0..KEYS).filter(|key| !bucket.copies.iter().any(|copy| has(copy, key))).count() as u64;
    (bucket.copies.iter().map(of).collect(), lost)
}

#[derive(Debug, Clone)]
enum Happening {
    Put(usize, u32),
    Pass(u64, bool),
    Damage(usize, u64, bool),
    Heal,
    Repair(usize),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..3_usize, 0..KEYS).prop_map(|(copy, key)| Happening::Put(copy, key)),
        (0..40_u64, any::<bool>()).prop_map(|(seconds, reaches)| Happening::Pass(seconds, reaches)),
        (0..3_usize, 0..=100_u64, any::<bool>()).prop_map(|(copy, share, gone)| Happening::Damage(copy, share, gone)),
        Just(Happening::Heal),
        (0..3_usize).prop_map(Happening::Repair),
    ]
}

proptest! {
    #[test]
    fn counts_are_those_of_the_objects_whatever_happens(happenings in prop::collection::vec(happening(), 0..60)) {
        let (mut bucket, mut now) = (bucket(3), at(0));
        for happening in happenings {
            match happening {
                Happening::Put(copy, key) => drop(bucket.put(copy, key, now)),
                Happening::Pass(seconds, reaches) => {
                    now = now.saturating_add(Span::from_secs(seconds));
                    bucket.advance(now, |from, _| reaches || from.region == RegionId(1));
                }
                Happening::Damage(copy, share, gone) => {
                    let into = if gone { ObjectState::Missing } else { ObjectState::Corrupt };
                    bucket.damage(copy, damage(Ratio::from_percent(share), into));
                }
                Happening::Heal => bucket.heal(FAULT, now),
                Happening::Repair(copy) => {
                    let sources: Vec<usize> = (0..3).filter(|source| *source != copy).collect();
                    for (key, from) in bucket.to_repair(copy, &sources) {
                        from.map(|from| bucket.repair(key, from, copy));
                    }
                }
            }
            let counts: Vec<ObjectCounts> = (0..3).map(|copy| bucket.counts(copy)).collect();
            prop_assert_eq!((counts, bucket.lost()), recounted(&bucket));
        }
        // Once nothing more goes wrong, copies that are repaired have everything that is not lost.
        bucket.heal(FAULT, now);
        bucket.advance(now.saturating_add(Span::from_secs(3_600)), everywhere);
        for copy in [0, 1, 2] {
            let sources: Vec<usize> = (0..3).filter(|source| *source != copy).collect();
            for (key, from) in bucket.to_repair(copy, &sources) {
                from.map(|from| bucket.repair(key, from, copy));
            }
            let counts = bucket.counts(copy);
            prop_assert!(counts.behind.max(counts.damaged) <= bucket.lost(), "{:?}, {} lost", counts, bucket.lost());
        }
    }
}
