//! The ledger on small histories, and on random ones against an oracle that keeps everything.

use super::*;
use crate::record::Reach;
use crate::units::Span;
use proptest::prelude::*;

const T: fn(u64) -> Instant = Instant::from_secs;

/// The history is cut at that second, without an outage before it.
fn quiet(second: u64) -> Occasion {
    Occasion { at: T(second), outage: None }
}

const NOTHING: Closing<'static> = Closing { faults: &[], tips: &[] };

fn write(operation: u64, key: u32, at: u64) -> Write {
    Write { operation, key, invoked: T(at), deleted: false }
}

#[test]
fn an_acknowledged_write_behind_the_cut_is_lost_and_named() {
    let mut ledger = Ledger::new(4, "west");
    let a = ledger.append(1, write(1, 0, 1));
    let b = ledger.append(1, write(2, 1, 2));
    for (position, key, at) in [(a, 0, 3), (b, 1, 4)] {
        ledger.server_acked(position, T(at));
        ledger.client_acked(position, key, T(at));
    }
    ledger.replicated(1, 1);
    assert_eq!(ledger.cut(1, "north", quiet(5)), 2);
    let record = ledger.close("orders", Closing { faults: &[T(4)], ..NOTHING });
    assert_eq!((record.acked, record.lost_total, record.lost_visible, record.unanswered.gone), (2, 1, 1, 0));
    assert_eq!((record.lost[0].operation, record.lost[0].lsn, record.lost[0].last_seen.as_str()), (2, 2, "west"));
    assert_eq!((record.cuts[0].lost_before, record.cuts[0].last_lost_after), (0, Some(T(4))));
}

#[test]
fn a_surviving_write_explains_one_that_began_before_it_returned_and_no_later_one() {
    // One that returned as the other was sent is not before it.
    for (returned, visible) in [(4, 1), (5, 0), (6, 0)] {
        let mut ledger = Ledger::new(1, "west");
        let kept = ledger.append(1, write(1, 0, 1));
        ledger.client_acked(kept, 0, T(returned));
        let lost = ledger.append(1, write(2, 0, 5));
        ledger.client_acked(lost, 0, T(7));
        ledger.cut(1, "north", quiet(8));
        let record = ledger.close("orders", NOTHING);
        assert_eq!((record.lost_total, record.lost_visible), (1, visible), "{returned}");
    }
}

#[test]
fn what_is_announced_before_each_cut_adds_up_and_what_is_said_again_does_not() {
    let mut ledger = Ledger::new(1, "west");
    for (cut, bounds) in [(1, [9, 5]), (2, [3, 4])] {
        ledger.append(cut, write(u64::from(cut), 0, 1));
        bounds.into_iter().for_each(|bound| ledger.announce_bound(LossBound::flat(bound)));
        ledger.cut(0, "north", quiet(u64::from(cut)));
    }
    assert_eq!(ledger.close("orders", NOTHING).announced, Some(LossBound::flat(9)));
}

#[test]
fn if_no_copy_is_left_what_was_everywhere_is_lost_too() {
    let acked = |ledger: &mut Ledger, number: u64| {
        let position = ledger.append(1, write(number, 0, number));
        ledger.server_acked(position, T(number));
        position
    };
    let mut ledger = Ledger::new(1, "west");
    // Acknowledged before it was everywhere, afterwards, never, and not everywhere at all.
    for number in 1..=3 {
        let position = acked(&mut ledger, number);
        if number == 1 {
            ledger.client_acked(position, 0, T(11));
        }
        ledger.replicated(1, position.lsn);
        if number == 2 {
            ledger.client_acked(position, 0, T(12));
        }
    }
    let last = acked(&mut ledger, 4);
    ledger.client_acked(last, 0, T(14));
    ledger.lose_beyond(None, Occasion { at: T(30), outage: Some(T(20)) });
    let record = ledger.close("orders", NOTHING);
    assert_eq!((record.acked, record.lost_total, record.lost_visible, record.whereabouts.nowhere), (3, 3, 3, 3));
    assert_eq!((record.lost.len(), record.cuts.len()), (1, 1), "only what is remembered is named");
    let cut = &record.cuts[0];
    assert_eq!((cut.lost, cut.lost_before, cut.first_lost, cut.to.clone()), (3, 3, Some(T(11)), None));
}

#[test]
fn if_one_copy_is_left_only_what_it_lacks_is_lost() {
    let mut ledger = Ledger::new(1, "west");
    for number in 1..=5 {
        let position = ledger.append(1, write(number, 0, number));
        ledger.client_acked(position, 0, T(number));
    }
    ledger.replicated(1, 2);
    ledger.lose_beyond(Some(4), quiet(30));
    let record = ledger.close("orders", NOTHING);
    assert_eq!((record.lost_total, record.lost[0].operation, record.lost_visible), (1, 5, 1));
}

#[test]
fn a_lost_write_overwritten_later_is_not_visible() {
    let mut ledger = Ledger::new(1, "west");
    let lost = ledger.append(1, write(1, 0, 1));
    ledger.client_acked(lost, 0, T(2));
    ledger.cut(0, "north", quiet(5));
    let kept = ledger.append(2, write(2, 0, 5));
    ledger.client_acked(kept, 0, T(6));
    let record = ledger.close("orders", NOTHING);
    assert_eq!((record.lost_total, record.lost_visible), (1, 0));
}

#[test]
fn writes_accepted_on_a_dead_branch_are_lost_after_the_fault() {
    let mut ledger = Ledger::new(2, "west");
    ledger.cut(0, "north", quiet(5));
    let split_brain = ledger.append(1, write(1, 0, 10));
    ledger.server_acked(split_brain, T(11));
    ledger.client_acked(split_brain, 0, T(11));
    let record = ledger.close("orders", Closing { faults: &[T(5)], ..NOTHING });
    assert_eq!((record.lost_total, record.cuts[0].last_lost_after), (1, Some(T(11))));
}

#[test]
fn a_write_nobody_heard_of_is_kept_gone_or_was_never_stored() {
    let mut ledger = Ledger::new(2, "west");
    let kept = ledger.append(1, write(1, 0, 1));
    ledger.in_doubt(1, Some(kept));
    ledger.gave_up(1);
    ledger.in_doubt(2, None);
    ledger.gave_up(2);
    ledger.in_doubt(3, None);
    let lost = ledger.append(1, write(4, 1, 1));
    ledger.in_doubt(4, Some(lost));
    ledger.gave_up(4);
    ledger.refused();
    ledger.cut(1, "north", quiet(9));
    let unanswered = ledger.close("orders", NOTHING).unanswered;
    assert_eq!(unanswered, Unanswered { refused: 1, never_stored: 1, stored: 1, gone: 1 });
}

#[test]
fn a_crash_empties_the_tail_that_was_not_durable() {
    let mut ledger = Ledger::new(2, "west");
    let kept = ledger.append(1, write(1, 0, 1));
    ledger.client_acked(kept, 0, T(2));
    let void = ledger.append(1, write(2, 0, 3));
    ledger.in_doubt(2, Some(void));
    ledger.gave_up(2);
    ledger.void_tail(1, void.lsn);
    let next = ledger.append(1, write(3, 1, 4));
    assert_eq!(next.lsn, void.lsn + 1);
    assert_eq!(ledger.rows_at(next.lsn), Some(digest_of([(0, version(kept, false)), (1, version(next, false))])));
    ledger.replicated(1, 9);
    let record = ledger.close("orders", NOTHING);
    assert_eq!((record.acked, record.lost_total, record.unanswered.gone), (1, 0, 1));
}

#[test]
fn each_cut_has_its_own_outage_and_each_lost_write_its_own_cut() {
    let mut ledger = Ledger::new(4, "west");
    let acked = |ledger: &mut Ledger, epoch, operation, at| {
        let position = ledger.append(epoch, write(operation, 0, at));
        ledger.server_acked(position, T(at));
        ledger.client_acked(position, 0, T(at + 1));
    };
    acked(&mut ledger, 1, 1, 10);
    ledger.cut(0, "north", Occasion { at: T(25), outage: Some(T(20)) });
    // Nobody told the old one.
    acked(&mut ledger, 1, 2, 30);
    acked(&mut ledger, 2, 3, 40);
    ledger.cut(0, "west", Occasion { at: T(70), outage: None });
    let record = ledger.close("orders", Closing { faults: &[T(20), T(60), T(80)], ..NOTHING });
    let cuts: Vec<_> = record.cuts.iter().map(|c| (c.outage, c.lost, c.lost_before, c.reach())).collect();
    let reach = |before, after| Some(Reach { before: Span::from_secs(before), after: Span::from_secs(after) });
    assert_eq!(cuts, [(Some(T(20)), 2, 1, reach(9, 11)), (Some(T(60)), 1, 1, reach(19, 0))]);
    assert_eq!(record.lost.iter().map(|write| write.cut).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!((record.cuts[1].from.as_str(), record.cuts[1].to.as_deref()), ("north", Some("west")));
}

#[test]
fn a_lost_write_is_found_in_the_copies_that_hold_its_history() {
    let mut ledger = Ledger::new(4, "west");
    for operation in 1..=4 {
        let position = ledger.append(1, write(operation, 0, operation));
        ledger.client_acked(position, 0, T(operation));
    }
    ledger.cut(3, "north", quiet(9));
    let later = ledger.append(2, write(5, 0, 10));
    ledger.client_acked(later, 0, T(11));
    ledger.cut(1, "south", quiet(20));
    let tip =
        |region: &str, epoch, lsn, was_up| Tip { region: region.to_owned(), position: Position { epoch, lsn }, was_up };
    // West has all of the first history; north went on from its third write.
    let tips = [tip("west", 1, 4, false), tip("north", 2, 4, true), tip("south", 3, 1, true)];
    let record = ledger.close("orders", Closing { tips: &tips, ..NOTHING });
    let held: Vec<_> = record.lost.iter().map(|write| (write.operation, write.held_by.join(" "))).collect();
    let expected = [(2, "west north"), (3, "west north"), (4, "west"), (5, "north")];
    assert_eq!(held, expected.map(|(operation, by)| (operation, by.to_owned())));
    let found = &record.whereabouts;
    assert_eq!((found.held, found.held_by_the_dead, found.nowhere), (3, 1, 0));
    assert_eq!(found.said(), "3 held by north, 1 held only by west, which was down until everything was healed");
    let gone = ledger.close("orders", Closing { tips: &tips[2..], ..NOTHING });
    assert_eq!((gone.whereabouts.nowhere, gone.whereabouts.said().as_str()), (4, "4 in no copy"));
}

/// One step of a random history.
#[derive(Debug, Clone)]
enum Step {
    Append { key: u32, dead_branch: bool },
    Ack { which: usize },
    Replicate { share: u8 },
    Cut { share: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3_u32, any::<bool>()).prop_map(|(key, dead_branch)| Step::Append { key, dead_branch }),
        4 => any::<usize>().prop_map(|which| Step::Ack { which }),
        2 => any::<u8>().prop_map(|share| Step::Replicate { share }),
        1 => any::<u8>().prop_map(|share| Step::Cut { share }),
    ];
    prop::collection::vec(step, 0..60)
}

/// The oracle: keeps the whole history and decides by looking at all of it.
#[derive(Default)]
struct Naive {
    writes: Vec<(Position, Write, Option<Instant>)>,
    cuts: Vec<u64>,
}

impl Naive {
    fn survives(&self, p: Position) -> bool {
        self.cuts.get(p.epoch as usize - 1).is_none_or(|cut| p.lsn <= *cut)
    }
    fn lost(&self) -> Vec<u64> {
        self.writes
            .iter()
            .filter(|(p, _, ack)| ack.is_some() && !self.survives(*p))
            .map(|(_, w, _)| w.operation)
            .collect()
    }
    /// The register rule by definition: a lost write is explained if the final surviving write of its key may
    /// have taken effect after it, that is unless it returned before the lost one was invoked.
    fn visible(&self) -> usize {
        let lost = self.writes.iter().filter(|(p, _, ack)| ack.is_some() && !self.survives(*p));
        lost.filter(|(_, w, _)| {
            let last =
                self.writes.iter().filter(|(p, x, _)| x.key == w.key && self.survives(*p)).max_by_key(|(p, ..)| *p);
            last.is_none_or(|(_, _, returned)| returned.is_some_and(|at| at < w.invoked))
        })
        .count()
    }
}

proptest! {
    #[test]
    fn the_ledger_agrees_with_the_whole_history(steps in steps()) {
        let mut ledger = Ledger::new(3, "west");
        let mut naive = Naive::default();
        let mut replicated = 0;
        for (now, step) in (1_u64..).zip(steps) {
            match step {
                Step::Append { key, dead_branch } => {
                    let newest = ledger.epoch();
                    let epoch = if dead_branch && newest > 1 { newest - 1 } else { newest };
                    let w = write(now, key, now);
                    naive.writes.push((ledger.append(epoch, w), w, None));
                }
                Step::Ack { which } if !naive.writes.is_empty() => {
                    let n = which % naive.writes.len();
                    let (position, w, ack) = &mut naive.writes[n];
                    if ack.is_none() {
                        *ack = Some(T(now));
                        ledger.server_acked(*position, T(now));
                        ledger.client_acked(*position, w.key, T(now));
                    }
                }
                Step::Ack { .. } => {}
                Step::Replicate { share } => {
                    let head = ledger.head(ledger.epoch());
                    replicated += (head - replicated) * u64::from(share) / 255;
                    ledger.replicated(ledger.epoch(), replicated);
                }
                Step::Cut { share } => {
                    let head = ledger.head(ledger.epoch());
                    let at = replicated + (head - replicated) * u64::from(share) / 255;
                    ledger.cut(at, "next", quiet(now));
                    naive.cuts.iter_mut().for_each(|cut| *cut = at.min(*cut));
                    naive.cuts.push(at);
                }
            }
        }
        let record = ledger.close("orders", NOTHING);
        let mut named: Vec<u64> = record.lost.iter().map(|w| w.operation).collect();
        named.sort_unstable();
        prop_assert_eq!(named, naive.lost());
        prop_assert_eq!(record.lost_visible as usize, naive.visible());
        prop_assert_eq!(record.acked as usize, naive.writes.iter().filter(|(.., ack)| ack.is_some()).count());
    }
}
