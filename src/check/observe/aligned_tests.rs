//! Copies by hand, and random histories against an oracle that keeps all of it.

use super::*;
use crate::record::{CopyRecord, Occasion, Write};
use proptest::prelude::*;

const STORE: DatabaseId = DatabaseId(0);
const END: Instant = Instant::from_secs(99);

fn at(epoch: u32, lsn: u64) -> Position {
    Position { epoch, lsn }
}

fn appended(position: Position, key: u32, operation: u64) -> StoreEvent {
    StoreEvent::Appended { position, write: Write { operation, key, invoked: Instant::ZERO, deleted: false } }
}

fn cut(survives: u64) -> StoreEvent {
    StoreEvent::Cut { survives, copy: 1, occasion: Occasion { at: END, outage: None } }
}

/// A copy that has come to `applied` and holds `rows`.
fn closing(applied: u64, rows: Vec<(u32, Position)>) -> ClosingStore {
    let (region, role) = ("north".to_owned(), CopyRole::Authority);
    let copy = CopyRecord { region, role, epoch: 1, applied_lsn: applied, rows: rows.len() as u64, digest: 0 };
    ClosingStore { store: "orders".to_owned(), copies: vec![copy], rows: vec![rows], tips: Vec::new(), at_stake: 0 }
}

fn seen(events: &[StoreEvent], applied: u64, rows: Vec<(u32, Position)>) -> Observation {
    let mut aligned = Aligned::new(1);
    events.iter().for_each(|event| aligned.on(END, STORE, *event));
    aligned.close(&[closing(applied, rows)], END).expect("it has seen something")
}

#[test]
fn a_copy_is_held_against_the_log_at_its_own_position() {
    let events = [appended(at(1, 1), 0, 7), appended(at(1, 2), 1, 8), appended(at(1, 3), 0, 9)];
    assert_eq!(seen(&events, 2, vec![(0, at(1, 1)), (1, at(1, 2))]).violations, 0);
    let behind = seen(&events, 3, vec![(0, at(1, 1)), (1, at(1, 2))]);
    assert_eq!((behind.violations, behind.named[0].key, behind.named[0].operations.clone()), (1, Some(0), vec![9]));
    assert_eq!(behind.named[0].what, "the copy in north holds position 1:1 where the log has position 1:3");
    assert_eq!(seen(&events, 2, vec![(0, at(1, 1))]).named[0].what, "the copy in north lacks position 1:2");
    let phantom = seen(&events, 1, vec![(0, at(1, 1)), (5, at(1, 9))]);
    assert_eq!(phantom.named[0].what, "the copy in north holds position 1:9, which is in no log");
}

#[test]
fn what_was_cut_off_or_left_empty_is_not_expected_and_what_cannot_be_replayed_is_undecided() {
    let events = [
        appended(at(1, 1), 0, 7),
        appended(at(1, 2), 1, 8),
        appended(at(1, 3), 2, 9),
        StoreEvent::Voided(at(1, 3)),
        cut(1),
        appended(at(1, 4), 3, 10),
        appended(at(2, 2), 4, 11),
    ];
    assert_eq!(seen(&events, 2, vec![(0, at(1, 1)), (4, at(2, 2))]).violations, 0);
    let settled = [appended(at(1, 1), 0, 7), appended(at(1, 2), 0, 8), StoreEvent::Everywhere(at(1, 2))];
    let early = seen(&settled, 1, vec![(0, at(1, 1))]);
    assert_eq!((early.checked, early.undecided, early.violations), (0, 1, 0));
}

/// One step of a random history.
#[derive(Debug, Clone)]
enum Step {
    Append { key: u32 },
    Everywhere { share: u8 },
    Cut { share: u8 },
    Void { share: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3_u32).prop_map(|key| Step::Append { key }),
        2 => any::<u8>().prop_map(|share| Step::Everywhere { share }),
        1 => any::<u8>().prop_map(|share| Step::Cut { share }),
        1 => any::<u8>().prop_map(|share| Step::Void { share }),
    ];
    prop::collection::vec(step, 0..40)
}

/// What a copy of a random history may hold that it should not.
#[derive(Debug, Clone, Copy)]
enum Planted {
    Nothing,
    Dropped(usize),
    Older(usize),
    Foreign(u32),
}

fn planted() -> impl Strategy<Value = Planted> {
    prop_oneof![
        2 => Just(Planted::Nothing),
        1 => any::<usize>().prop_map(Planted::Dropped),
        1 => any::<usize>().prop_map(Planted::Older),
        1 => (0..5_u32).prop_map(Planted::Foreign),
    ]
}

proptest! {
    #[test]
    fn a_copy_differs_exactly_where_something_was_planted(steps in steps(), planted in planted(), share in any::<u8>()) {
        // The oracle keeps the whole history that leads, and replays it.
        let (mut events, mut history): (Vec<StoreEvent>, Vec<(Position, u32)>) = (Vec::new(), Vec::new());
        let (mut epoch, mut head, mut everywhere) = (1, 0, 0);
        let part = |from: u64, to: u64, share: u8| from + (to - from) * u64::from(share) / 255;
        for (operation, step) in (1_u64..).zip(steps) {
            match step {
                Step::Append { key } => {
                    head += 1;
                    history.push((at(epoch, head), key));
                    events.push(appended(at(epoch, head), key, operation));
                }
                Step::Everywhere { share } => {
                    everywhere = part(everywhere, head, share);
                    events.push(StoreEvent::Everywhere(at(epoch, everywhere)));
                }
                Step::Cut { share } => {
                    head = part(everywhere, head, share);
                    history.retain(|(position, _)| position.lsn <= head);
                    events.push(cut(head));
                    epoch += 1;
                }
                Step::Void { share } => {
                    let from = part(everywhere, head, share) + 1;
                    history.retain(|(position, _)| position.epoch != epoch || position.lsn < from);
                    events.push(StoreEvent::Voided(at(epoch, from)));
                }
            }
        }
        let applied = part(everywhere, head, share);
        let applied_writes = || history.iter().filter(|(position, _)| position.lsn <= applied);
        let mut rows: BTreeMap<u32, Position> = applied_writes().map(|(position, key)| (*key, *position)).collect();
        let right = rows.clone();
        match planted {
            Planted::Dropped(which) if !rows.is_empty() => {
                let key = *rows.keys().nth(which % rows.len()).expect("there is one");
                rows.remove(&key);
            }
            Planted::Older(which) if applied_writes().count() > 0 => {
                let (position, key) = *applied_writes().nth(which % applied_writes().count()).expect("there is one");
                rows.insert(key, position);
            }
            Planted::Foreign(key) => {
                rows.insert(key, at(77, 1));
            }
            Planted::Nothing | Planted::Dropped(_) | Planted::Older(_) => {}
        }
        let differing = right.keys().chain(rows.keys()).collect::<std::collections::BTreeSet<_>>();
        let differing = differing.into_iter().filter(|key| right.get(key) != rows.get(key)).count();
        let found = seen(&events, applied, rows.into_iter().collect());
        prop_assert_eq!((found.checked, found.undecided, found.violations as usize), (1, 0, differing));
    }
}
