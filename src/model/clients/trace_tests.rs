//! Recorded loads: what is read, what is refused and on which line.

use super::*;
use proptest::prelude::*;
use std::io::{BufReader, Cursor};
use std::sync::Arc;

/// A file in memory.
#[derive(Debug)]
pub struct Text(pub String);

impl Readable for Text {
    fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(Cursor::new(self.0.clone().into_bytes())))
    }
}

const PLAIN: TraceShape = TraceShape { from_first_row: false, step: None, gaps: Gaps::Refuse };

/// The trace of a text that can be read.
pub fn trace(text: &str, shape: TraceShape) -> LoadTrace {
    let source = Arc::new(Text(text.to_owned()));
    let Survey { kind, rows, first, last, fingerprint } = survey(&*source, shape).unwrap();
    let TraceShape { from_first_row, step, gaps } = shape;
    LoadTrace { source, name: "load.csv".into(), kind, from_first_row, step, gaps, rows, first, last, fingerprint }
}

/// The changes of rate in a text, as second and rate.
fn changes(text: &str, shape: TraceShape) -> Vec<(u64, Rate)> {
    let mut changes = Changes::new(Rows::of(&trace(text, shape)).unwrap());
    std::iter::from_fn(|| changes.next().unwrap()).map(|(at, rate)| (at.second(), rate)).collect()
}

fn refused(text: &str, shape: TraceShape) -> Vec<(Option<u64>, String)> {
    let problems = survey(&Text(text.to_owned()), shape).unwrap_err();
    problems.into_iter().map(|problem| (problem.line, problem.what)).collect()
}

#[test]
fn every_mistake_is_found_at_its_line() {
    for (text, line, said) in [
        ("", None, "it is empty"),
        ("# nothing\n\n", None, "it is empty"),
        ("time\n", None, "it has no rows"),
        ("when,what\n1,2\n", Some(1), "the first line must be `time` or `time,rate`"),
        ("1.5\n2.5\n", Some(1), "the first line must be `time` or `time,rate`"),
        ("\u{feff}\n# a remark\nwhen\n", Some(3), "the first line must be `time` or `time,rate`"),
        ("time\n1\n\"2\n3\n", Some(3), "a quote is not closed"),
        ("time\n1\n2,3\n", Some(3), "2 columns, but the first line has 1"),
        ("time,rate\n0,1\n2\n", Some(3), "1 columns, but the first line has 2"),
        ("time\n1\nsoon\n", Some(3), "the time `soon` is not a decimal number"),
        ("time\n1\n1e3\n", Some(3), "the time `1e3` is not a decimal number"),
        ("time\n\n# a remark\n-1\n", Some(4), "the time `-1` is negative"),
        ("time\n9999999999999\n", Some(2), "the time `9999999999999` is too large"),
        ("time\n99999999999\n", Some(2), "the time is too large"),
        ("time,rate\n0,-5\n", Some(2), "the rate `-5` is negative"),
        ("time,rate\n0,\n", Some(2), "the rate `` is not a decimal number"),
        ("time,rate\n0,100000001\n", Some(2), "the rate is too large"),
        ("time\n2\n1\n", Some(3), "the rows are not sorted by time: 1s comes after 2s"),
        ("time,rate\n0,1\n0,2\n", Some(3), "the rows are not sorted by time: 0s comes after 0s"),
        ("time,rate\n5,1\n", Some(2), "the first rate is at 5s, and there is none before it"),
    ] {
        assert_eq!(refused(text, PLAIN), [(line, said.to_owned())], "{text:?}");
    }
    let from_first = TraceShape { from_first_row: true, ..PLAIN };
    let said = "the rows are not sorted by time: this one is before the first";
    assert_eq!(refused("time\n5\n4\n", from_first), [(Some(3), said.to_owned())]);
}

#[test]
fn no_more_than_ten_problems_are_listed() {
    let text = format!("time\n{}", "x\n".repeat(50));
    assert_eq!(refused(&text, PLAIN).len(), MOST_PROBLEMS);
}

#[test]
fn a_line_without_end_is_not_read_into_memory() {
    /// Digits forever.
    #[derive(Debug)]
    struct Endless;
    impl Readable for Endless {
        fn open(&self) -> io::Result<Box<dyn BufRead>> {
            Ok(Box::new(BufReader::new(io::repeat(b'1'))))
        }
    }
    let problems = survey(&Endless, PLAIN).unwrap_err();
    assert_eq!(problems[0].what, format!("line 1 is longer than {LONGEST_LINE} bytes"));
}

#[test]
fn times_and_rates_are_read_to_the_nanosecond() {
    let text = "\u{feff}Time , Rate\r\n0,0.5\r\n1.000000001,-0\r\n12.5,280.25\r\n";
    let trace = trace(text, PLAIN);
    assert_eq!((trace.kind, trace.rows, trace.last), (TraceKind::Rates, 3, Instant::from_nanos(12_500_000_000)));
    let mut rows = Rows::of(&trace).unwrap();
    let read: Vec<TraceRow> = std::iter::from_fn(|| rows.next().unwrap()).collect();
    assert_eq!(read[1].at, Instant::from_nanos(1_000_000_001));
    let rates: Vec<Option<Rate>> = read.iter().map(|row| row.rate).collect();
    assert_eq!(rates, ["0.5/s".parse().ok(), Some(Rate::ZERO), "280.25/s".parse().ok()]);
}

#[test]
fn a_cell_may_stand_in_quotes() {
    let read = |text| changes(text, PLAIN);
    let plain = read("time,rate\n0,0.5\n1.5,2");
    assert_eq!(read("\"Time\",\"Rate\"\r\n\"0\",\"0.5\"\r\n1.5,\"2\"\r\n"), plain);
    let said = "the time `1,5` is not a decimal number";
    assert_eq!(refused("time,rate\n\"1,5\",2\n", PLAIN), [(Some(2), said.to_owned())]);
}

#[test]
fn a_gap_is_refused_or_empty_or_held_as_the_scenario_says() {
    let (text, ten) = ("time,rate\n0,5\n10,6\n40,7\n", Some(Span::from_secs(10)));
    let per_second = Rate::per_second;
    let with = |gaps| TraceShape { step: ten, gaps, ..PLAIN };
    let said = "a gap: the previous row is at 10s, more than 10s earlier";
    assert_eq!(refused(text, with(Gaps::Refuse)), [(Some(4), said.to_owned())]);
    let zero = [(0, per_second(5)), (10, per_second(6)), (20, Rate::ZERO), (40, per_second(7)), (50, Rate::ZERO)];
    assert_eq!(changes(text, with(Gaps::Zero)), zero);
    let held = [(0, per_second(5)), (10, per_second(6)), (40, per_second(7)), (50, Rate::ZERO)];
    assert_eq!(changes(text, with(Gaps::Hold)), held);
    let no_step = [(0, per_second(5)), (10, per_second(6)), (40, per_second(7))];
    assert_eq!(changes(text, PLAIN), no_step, "without a step a rate holds until the next, and the last to the end");
    let late = TraceShape { gaps: Gaps::Zero, ..PLAIN };
    assert_eq!(changes("time,rate\n5,1\n", late), [(0, Rate::ZERO), (5, per_second(1))]);
    let from_first = TraceShape { from_first_row: true, ..PLAIN };
    assert_eq!(
        changes("time,rate\n1700000000,1\n1700000007,2\n", from_first),
        [(0, per_second(1)), (7, per_second(2))]
    );
}

#[test]
fn the_fingerprint_is_that_of_every_byte() {
    let of = |text: &str| trace(text, PLAIN).fingerprint;
    assert_eq!(of("time\n1\n"), of("time\n1\n"));
    for other in ["time\n2\n", "time\n1\n\n", "time\r\n1\n", "time\n1\n# x\n", "time\n1.0\n"] {
        assert_ne!(of("time\n1\n"), of(other), "{other:?}");
    }
    // FNV-1a of "a" with 128 bits, from the tables of RFC 9923.
    let hash = (FNV_BASIS ^ u128::from(b'a')).wrapping_mul(FNV_PRIME);
    assert_eq!(hash, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
}

proptest! {
    #[test]
    fn no_file_makes_reading_panic(text in "(time|time,rate|x)?\n?([-0-9.,ex #\"\u{feff}\r\n]{0,200})", first in any::<bool>()) {
        let shape = TraceShape { from_first_row: first, step: Some(Span::from_secs(1)), gaps: Gaps::Zero };
        if let Err(problems) = survey(&Text(text), shape) {
            prop_assert!(!problems.is_empty() && problems.len() <= MOST_PROBLEMS);
        }
    }

    #[test]
    fn what_is_written_in_order_is_read_back(mut nanos in prop::collection::vec(0_u64..1 << 40, 1..50)) {
        nanos.sort_unstable();
        let text: String = nanos.iter().map(|n| format!("{}.{:09}\n", n / 1_000_000_000, n % 1_000_000_000)).collect();
        let mut rows = Rows::of(&trace(&format!("time\n{text}"), PLAIN)).unwrap();
        let read: Vec<u64> = std::iter::from_fn(|| rows.next().unwrap()).map(|row| row.at.as_nanos()).collect();
        prop_assert_eq!(read, nanos);
    }
}
