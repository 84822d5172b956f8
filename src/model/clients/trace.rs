//! Recorded load, read row by row.
//!
//! A CSV file whose first line is `time` (a request per row) or `time,rate` (from then on, so many per second). Times
//! are seconds, rates are per second, both decimal; they may stand in quotes. Empty lines and lines that begin with `#`
//! are passed over.
//!
//! Does not keep rows: however long a file is, one line of it is in memory. Invariant: times of requests do not
//! descend, times of rates ascend; everything else is a problem with its line.

use crate::model::plan::{Gaps, LoadTrace, Readable, TraceKind};
use crate::units::{Instant, Rate, Span};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use std::borrow::Cow;
use std::io::{self, BufRead, Read};

/// The longest line. Unit: bytes.
const LONGEST_LINE: usize = 1_000;
/// What some programs begin a file with.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// Problems after which reading stops.
const MOST_PROBLEMS: usize = 10;
/// Offset basis and prime of FNV-1a with 128 bits (RFC 9923, section 5).
const FNV_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// What is wrong with a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceProblem {
    /// The line, from 1; `None`: the file as a whole.
    pub line: Option<u64>,
    /// What.
    pub what: String,
}

/// How a trace is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceShape {
    /// Whether times count from the first row, instead of from the start of the run.
    pub from_first_row: bool,
    /// How long a row's rate holds at most; `None`: until the next row.
    pub step: Option<Span>,
    /// What holds where no row does.
    pub gaps: Gaps,
}

/// What is in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// What a row says.
    pub kind: TraceKind,
    /// How many rows there are.
    pub rows: u64,
    /// The time of the first one.
    pub first: Instant,
    /// The time of the last one.
    pub last: Instant,
    /// A fingerprint of the content.
    pub fingerprint: u128,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) struct TraceRow {
    pub at: Instant,
    /// `None`: one request.
    pub rate: Option<Rate>,
}

/// The rows of a trace, from first to last.
pub(in crate::model) struct Rows {
    from: Box<dyn BufRead>,
    shape: TraceShape,
    kind: TraceKind,
    line: Vec<u8>,
    number: u64,
    csv: Box<Reader>,
    /// What is in the cells of the present line, one after the other.
    text: Vec<u8>,
    /// Where each of them ends, and how many there are.
    ends: Vec<usize>,
    cells: usize,
    rows: u64,
    zero: Instant,
    last: Instant,
    hash: u128,
}

/// Reads all of a trace and says what is in there.
///
/// # Errors
///
/// What is wrong with it: the first ten problems.
pub fn survey(source: &dyn Readable, shape: TraceShape) -> Result<Survey, Vec<TraceProblem>> {
    let mut rows = Rows::open(source, shape).map_err(|problem| vec![problem])?;
    let (mut problems, mut first) = (Vec::new(), Instant::ZERO);
    while problems.len() < MOST_PROBLEMS {
        match rows.next() {
            Ok(Some(row)) if rows.rows == 1 => first = row.at,
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(problem) => {
                let fatal = problem.line.is_none();
                problems.push(problem);
                if fatal {
                    break;
                }
            }
        }
    }
    if problems.is_empty() && rows.rows == 0 {
        problems.push(TraceProblem { line: None, what: "it has no rows".to_owned() });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Survey { kind: rows.kind, rows: rows.rows, first, last: rows.last, fingerprint: rows.hash })
}

impl Rows {
    /// The rows of a trace that was surveyed.
    pub(in crate::model) fn of(trace: &LoadTrace) -> Result<Self, TraceProblem> {
        let shape = TraceShape { from_first_row: trace.from_first_row, step: trace.step, gaps: trace.gaps };
        Self::open(&*trace.source, shape)
    }

    fn open(source: &dyn Readable, shape: TraceShape) -> Result<Self, TraceProblem> {
        let from = source.open().map_err(|error| unreadable(&error))?;
        let mut rows = Self {
            from,
            shape,
            kind: TraceKind::Requests,
            line: Vec::with_capacity(LONGEST_LINE + 2),
            number: 0,
            csv: Box::new(ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build()),
            text: vec![0; LONGEST_LINE + 2],
            ends: vec![0; LONGEST_LINE + 2],
            cells: 0,
            rows: 0,
            zero: Instant::ZERO,
            last: Instant::ZERO,
            hash: FNV_BASIS,
        };
        if !rows.next_line()? {
            return Err(TraceProblem { line: None, what: "it is empty".to_owned() });
        }
        let header: Vec<String> = (0..rows.cells).map(|i| rows.cell(i).to_ascii_lowercase()).collect();
        let header = header.join(",");
        rows.kind = match (rows.cells, header.as_str()) {
            (1, "time") => TraceKind::Requests,
            (2, "time,rate") => TraceKind::Rates,
            _ => {
                // What it says is nobody's business if the file is another one than was meant.
                return Err(rows.wrong("the first line must be `time` or `time,rate`".to_owned()));
            }
        };
        Ok(rows)
    }

    /// The fingerprint of what was read so far.
    pub(in crate::model) const fn fingerprint(&self) -> u128 {
        self.hash
    }

    /// The next row.
    pub(in crate::model) fn next(&mut self) -> Result<Option<TraceRow>, TraceProblem> {
        if !self.next_line()? {
            return Ok(None);
        }
        let (time, rate) = self.numbers()?;
        let rate =
            rate.map(|billionths| per_million_days(billionths).ok_or_else(|| self.wrong("the rate is too large")));
        let rate = rate.transpose()?;
        let Some(time) = time.try_into().ok().map(Instant::from_nanos) else {
            return Err(self.wrong("the time is too large"));
        };
        if self.rows == 0 && self.shape.from_first_row {
            self.zero = time;
        }
        if time < self.zero {
            return Err(self.wrong("the rows are not sorted by time: this one is before the first"));
        }
        let at = Instant::from_nanos(time.since(self.zero).as_nanos());
        self.check_order(at, rate.is_some())?;
        self.rows += 1;
        self.last = at;
        Ok(Some(TraceRow { at, rate }))
    }

    fn check_order(&self, at: Instant, is_rate: bool) -> Result<(), TraceProblem> {
        if self.rows > 0 && (at < self.last || (is_rate && at == self.last)) {
            let what = format!("the rows are not sorted by time: {at} comes after {}", self.last);
            return Err(self.wrong(what));
        }
        if !is_rate || self.shape.gaps != Gaps::Refuse {
            return Ok(());
        }
        if self.rows == 0 && at != Instant::ZERO {
            let what = format!("the first rate is at {at}, and there is none before it");
            return Err(self.wrong(what));
        }
        match self.shape.step {
            Some(step) if self.rows > 0 && at.since(self.last) > step => {
                let what = format!("a gap: the previous row is at {}, more than {step} earlier", self.last);
                Err(self.wrong(what))
            }
            _ => Ok(()),
        }
    }

    /// The numbers of the present line, in billionths.
    fn numbers(&self) -> Result<(u128, Option<u128>), TraceProblem> {
        let has_rate = self.kind == TraceKind::Rates;
        let expected = 1 + usize::from(has_rate);
        if self.cells != expected {
            return Err(self.wrong(format!("{} columns, but the first line has {expected}", self.cells)));
        }
        let number = |what: &str, i| decimal(&self.cell(i)).map_err(|why| self.wrong(format!("the {what} {why}")));
        Ok((number("time", 0)?, has_rate.then(|| number("rate", 1)).transpose()?))
    }

    /// Moves on to the next line that says something. Whether there is one.
    fn next_line(&mut self) -> Result<bool, TraceProblem> {
        loop {
            self.line.clear();
            let mut part = (&mut self.from).take(LONGEST_LINE as u64 + 1);
            let read = part.read_until(b'\n', &mut self.line).map_err(|error| unreadable(&error))?;
            if read == 0 {
                return Ok(false);
            }
            self.number += 1;
            for byte in &self.line {
                self.hash = (self.hash ^ u128::from(*byte)).wrapping_mul(FNV_PRIME);
            }
            if self.line.len() > LONGEST_LINE {
                // What follows would be read as a line of its own: nothing that could be said of it would be true.
                let what = format!("line {} is longer than {LONGEST_LINE} bytes", self.number);
                return Err(TraceProblem { line: None, what });
            }
            let text = self.line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.line).trim_ascii();
            if !text.is_empty() && !text.starts_with(b"#") {
                return self.split().map(|()| true);
            }
        }
    }

    /// Takes the present line apart into its cells.
    fn split(&mut self) -> Result<(), TraceProblem> {
        if !self.line.ends_with(b"\n") {
            self.line.push(b'\n');
        }
        let (result, _, _, cells) = self.csv.read_record(&self.line, &mut self.text, &mut self.ends);
        self.cells = cells;
        if result == ReadRecordResult::Record {
            return Ok(());
        }
        self.csv.reset();
        Err(self.wrong("a quote is not closed"))
    }

    /// A cell of the present line, without the blanks around it.
    fn cell(&self, index: usize) -> Cow<'_, str> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        String::from_utf8_lossy(self.text[start..self.ends[index]].trim_ascii())
    }

    fn wrong(&self, what: impl Into<String>) -> TraceProblem {
        TraceProblem { line: Some(self.number), what: what.into() }
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("line", &self.number).finish_non_exhaustive()
    }
}

/// The changes of rate that the rows of a trace make, gaps included.
#[derive(Debug)]
pub(in crate::model) struct Changes {
    rows: Rows,
    /// A row that was read while looking for a gap before it.
    ahead: Option<(Instant, Rate)>,
    /// When the row before ceases to hold.
    holds_until: Option<Instant>,
    begun: bool,
}

impl Changes {
    pub(in crate::model) const fn new(rows: Rows) -> Self {
        Self { rows, ahead: None, holds_until: None, begun: false }
    }

    /// The next change: from when on, how much. `None`: there is none any more.
    pub(in crate::model) fn next(&mut self) -> Result<Option<(Instant, Rate)>, TraceProblem> {
        if !self.begun {
            self.begun = true;
            // Before the first row, nothing arrives.
            self.ahead = self.row()?;
            if self.ahead.is_none_or(|(at, _)| at != Instant::ZERO) {
                return Ok(Some((Instant::ZERO, Rate::ZERO)));
            }
        }
        if self.ahead.is_none() {
            self.ahead = self.row()?;
        }
        // A row that ends before the next begins leaves a gap; after the last row there is nothing but gap.
        if let Some(end) = self.holds_until.take() {
            let leaves_gap = match self.ahead {
                Some((at, _)) => end < at && self.rows.shape.gaps == Gaps::Zero,
                None => true,
            };
            if leaves_gap {
                return Ok(Some((end, Rate::ZERO)));
            }
        }
        let next = self.ahead.take();
        if let (Some((at, _)), Some(step)) = (next, self.rows.shape.step) {
            self.holds_until = Some(at.saturating_add(step));
        }
        Ok(next)
    }

    /// The fingerprint of what was read so far.
    pub(in crate::model) const fn fingerprint(&self) -> u128 {
        self.rows.fingerprint()
    }

    fn row(&mut self) -> Result<Option<(Instant, Rate)>, TraceProblem> {
        Ok(self.rows.next()?.and_then(|row| Some((row.at, row.rate?))))
    }
}

fn unreadable(error: &io::Error) -> TraceProblem {
    TraceProblem { line: None, what: format!("it cannot be read: {error}") }
}

/// A decimal number that is not negative, in billionths; what is smaller is cut off.
fn decimal(text: &str) -> Result<u128, String> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(format!("`{}` is not a decimal number", shown(text)));
    }
    if digits.len() != text.len() && digits.bytes().any(|byte| !matches!(byte, b'0' | b'.')) {
        return Err(format!("`{}` is negative", shown(text)));
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > 12 {
        return Err(format!("`{}` is too large", shown(text)));
    }
    let mut billionths = whole.bytes().fold(0_u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    for place in 0..9 {
        billionths = billionths * 10 + fraction.as_bytes().get(place).map_or(0, |digit| u128::from(digit - b'0'));
    }
    Ok(billionths)
}

/// A rate given in billionths per second. `None`: beyond 100 million per second.
fn per_million_days(billionths: u128) -> Option<Rate> {
    const FASTEST: Rate = Rate::per_second(100_000_000);
    let rate = u64::try_from(billionths * 86_400 / 1_000).ok().map(Rate::from_per_million_days)?;
    (rate <= FASTEST).then_some(rate)
}

/// The beginning of a text, without anything that would confuse a terminal.
fn shown(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
#[path = "trace_tests.rs"]
pub(in crate::model) mod tests;
