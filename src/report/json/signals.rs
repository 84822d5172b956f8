//! `signals.json`: every signal of a run, exactly, for programs and for reading a result back.
//!
//! One line per signal. Its change points stand in three columns: `at_ns` in stretches of equal steps, each as first
//! instant, step and number of points; `part` and `whole` with one integer per point, `whole` as a single number if it is
//! always the same. A value is `part / whole` of the unit and holds until the next point; a whole of 0 means no data.
//!
//! Invariant: what is read is what was written, to the nanosecond; a file that claims more points than it holds is refused
//! before it takes memory.

use super::inert;
use crate::explore::Campaign;
use crate::outcome::Outcome;
use crate::record::{Digest, Sample, Signal, SignalUnit, Viewpoint};
use crate::report::{Format, Look, Subject};
use crate::units::Instant;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{self, Write};

/// The version of the schema. The number rises with every change of it.
pub(in crate::report) const SCHEMA: &str = "firedrill.signals/1";

pub(in crate::report) struct Signals;

/// The file, read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignalsFile<'a> {
    #[serde(rename = "schema")]
    _schema: Cow<'a, str>,
    /// The digest of the run.
    digest: Option<Digest>,
    signals: Vec<SignalEntry<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignalEntry<'a> {
    name: Cow<'a, str>,
    unit: SignalUnit,
    view: Viewpoint,
    at_ns: Vec<[u64; 3]>,
    part: Vec<u64>,
    whole: Column,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Column {
    Same(u64),
    Each(Vec<u64>),
}

impl Format for Signals {
    fn name(&self) -> &'static str {
        "signals"
    }
    fn file(&self) -> Option<&'static str> {
        Some("signals.json")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        in_memory(Subject::Run(outcome))
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        in_memory(Subject::Campaign(campaign))
    }
    /// Line by line: a run of days has tens of megabytes of signals.
    fn write(&self, subject: Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let outcome = match subject {
            Subject::Run(outcome) => Some(outcome),
            Subject::Campaign(campaign) => campaign.worst.as_ref(),
        };
        let digest = outcome.map(|outcome| outcome.record.digest);
        write!(out, "{{\n  \"schema\": \"{SCHEMA}\",\n  \"digest\": {},\n  \"signals\": [", compact(&digest))?;
        for (i, signal) in outcome.iter().flat_map(|outcome| &outcome.record.signals).enumerate() {
            out.write_all(if i == 0 { b"\n    " } else { b",\n    " })?;
            out.write_all(compact(&SignalEntry::of(signal)).as_bytes())?;
        }
        out.write_all(b"\n  ]\n}\n")
    }
}

fn in_memory(subject: Subject<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Signals.write(subject, &mut bytes).expect("memory takes what is written");
    bytes
}

fn compact(value: &impl Serialize) -> String {
    inert(&serde_json::to_string(value).expect("plain data always serialises"))
}

impl SignalsFile<'_> {
    /// The signals of the run with this digest.
    ///
    /// # Errors
    /// What no run can have written.
    pub(super) fn into_signals(self, digest: Option<Digest>) -> Result<Vec<Signal>, String> {
        if self.digest != digest {
            return Err("it belongs to another run: its digest is not that of results.json".to_owned());
        }
        let mut signals: Vec<Signal> = Vec::new();
        for (i, entry) in self.signals.into_iter().enumerate() {
            let signal = entry.into_signal().map_err(|why| format!("`signals[{i}]`: {why}"))?;
            if signals.last().is_some_and(|before| before.name >= signal.name) {
                return Err(format!("`signals[{i}]` is not in the order of names"));
            }
            signals.push(signal);
        }
        Ok(signals)
    }
}

impl<'a> SignalEntry<'a> {
    fn of(signal: &'a Signal) -> Self {
        let times: Vec<u64> = signal.points().map(|(at, _)| at.as_nanos()).collect();
        let wholes: Vec<u64> = signal.points().map(|(_, sample)| sample.whole).collect();
        let whole = match wholes.first() {
            Some(first) if wholes.iter().all(|whole| whole == first) => Column::Same(*first),
            _ => Column::Each(wholes),
        };
        Self {
            name: (&signal.name).into(),
            unit: signal.unit,
            view: signal.view,
            at_ns: stretches(&times),
            part: signal.points().map(|(_, sample)| sample.part).collect(),
            whole,
        }
    }

    fn into_signal(self) -> Result<Signal, &'static str> {
        let times = self.times().ok_or("its times do not ascend, or are not as many as its values")?;
        let wholes = match &self.whole {
            Column::Same(whole) => vec![*whole; times.len()],
            Column::Each(wholes) if wholes.len() == times.len() => wholes.clone(),
            Column::Each(_) => return Err("its columns differ in length"),
        };
        let mut signal = Signal::with_capacity(self.name, self.unit, self.view, times.len());
        for ((at, part), whole) in times.iter().zip(&self.part).zip(wholes) {
            signal.set(Instant::from_nanos(*at), Sample::quotient(*part, whole));
        }
        if signal.changes() < times.len() { Err("two neighbouring values are the same") } else { Ok(signal) }
    }

    /// The instants of the points: as many as there are values, ascending; else `None`.
    fn times(&self) -> Option<Vec<u64>> {
        let claimed = self.at_ns.iter().try_fold(0_u64, |sum, [_, _, count]| sum.checked_add(*count))?;
        if claimed != self.part.len() as u64 {
            return None;
        }
        let mut times: Vec<u64> = Vec::with_capacity(self.part.len());
        for [first, step, count] in &self.at_ns {
            for i in 0..*count {
                let at = step.checked_mul(i)?.checked_add(*first)?;
                if times.last().is_some_and(|last| *last >= at) {
                    return None;
                }
                times.push(at);
            }
        }
        Some(times)
    }
}

/// Ascending times as stretches of equal steps: first, step, number.
fn stretches(times: &[u64]) -> Vec<[u64; 3]> {
    let mut stretches: Vec<[u64; 3]> = Vec::new();
    for &at in times {
        match stretches.last_mut() {
            Some([first, step, count]) if *count == 1 => (*step, *count) = (at - *first, 2),
            Some([first, step, count]) if (at - *first) / *count == *step && (at - *first) % *count == 0 => *count += 1,
            _ => stretches.push([at, 0, 1]),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use proptest::prelude::*;

    fn signal(points: &[(u64, u64, u64)]) -> Signal {
        let mut signal = Signal::new("db.\"o\".lag", SignalUnit::Nanoseconds, Viewpoint::Control);
        points.iter().for_each(|&(at, part, whole)| signal.set(Instant::from_nanos(at), Sample::quotient(part, whole)));
        signal
    }

    fn parsed(text: &str) -> Result<Signal, String> {
        let entry: SignalEntry<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        entry.into_signal().map_err(str::to_owned)
    }

    #[test]
    fn a_line_is_short_and_holds_every_point() {
        let text = serde_json::to_string(&SignalEntry::of(&signal(&[(0, 1, 1), (5, 2, 1), (10, 1, 1), (12, 7, 1)])));
        let expected = r#"{"name":"db.\"o\".lag","unit":"nanoseconds","view":"control","at_ns":[[0,5,3],[12,0,1]],"part":[1,2,1,7],"whole":1}"#;
        assert_eq!(text.unwrap(), expected);
    }

    #[test]
    fn what_no_run_can_have_written_is_refused() {
        let line = |at: &str, part: &str, whole: &str| {
            parsed(&format!(
                r#"{{"name":"x","unit":"count","view":"truth","at_ns":{at},"part":{part},"whole":{whole}}}"#
            ))
        };
        assert!(line("[[0,1,2]]", "[1,2]", "1").is_ok());
        for (at, part, whole) in [
            ("[[0,1,18446744073709551615]]", "[1,2]", "1"),
            ("[[0,0,2]]", "[1,2]", "1"),
            ("[[5,0,1],[4,0,1]]", "[1,2]", "1"),
            ("[[18446744073709551615,1,2]]", "[1,2]", "1"),
            ("[[0,1,2]]", "[1,1]", "1"),
            ("[[0,1,2]]", "[1,2]", "[1]"),
            ("[[0,1,2]]", "[1,-2]", "1"),
        ] {
            assert!(line(at, part, whole).is_err(), "{at} {part} {whole}");
        }
    }

    /// Takes what is written, and knows the longest piece.
    #[derive(Default)]
    struct Pieces {
        all: Vec<u8>,
        longest: usize,
    }

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.longest = self.longest.max(bytes.len());
            self.all.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_more_than_a_line_is_held_at_a_time() {
        let outcome = fixture::outage(7);
        let mut pieces = Pieces::default();
        Signals.write(Subject::Run(&outcome), &mut pieces).unwrap();
        assert_eq!(pieces.all, Signals.run(&outcome, Look::PLAIN));
        let longest = pieces.all.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
        assert!(Some(pieces.longest) <= longest && pieces.longest * 2 < pieces.all.len(), "{}", pieces.longest);
    }

    proptest! {
        #[test]
        fn a_signal_reads_back_exactly(
            points in prop::collection::btree_map(any::<u64>(), (0_u64..3, 0_u64..3), 0..40), even in 0_u64..40,
        ) {
            let mut points: Vec<_> = points.into_iter().map(|(at, (part, whole))| (at, part, whole)).collect();
            let first = points.first().map_or(u64::MAX, |(at, ..)| *at);
            if first > 1_000 {
                let before = (0..even).map(|i| (i * 10, i, 1)).collect::<Vec<_>>();
                points = before.into_iter().chain(points).collect();
            }
            let signal = signal(&points);
            prop_assert_eq!(parsed(&serde_json::to_string(&SignalEntry::of(&signal)).unwrap()), Ok(signal));
        }
    }
}
