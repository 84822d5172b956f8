//! How long the events of one kind waited for one of another.
//!
//! Owns who answers whom: an event of the second kind answers the latest of the first kind that is still waiting.
//! Does not know what either means.
//!
//! Invariant: one that was never answered waited longer than any bound. It is never left out of a mean or a quantile
//! that is to stay below one, for then the slowest would make the figure better.

use super::instant::nanos;
use super::leaf::NANOS;
use super::{FigureValue, Reading};
use crate::check::rational::Rational;
use crate::record::Record;
use crate::record::event::EventPattern;
use crate::units::{Instant, Ratio};

/// The mean, or a quantile in parts per thousand million.
pub(super) fn delay(
    from: &EventPattern,
    to: &EventPattern,
    quantile: Option<u64>,
    record: &Record,
    reading: Reading,
) -> FigureValue {
    let mut waits = Waits::of(from, to, record);
    let begun = waits.answered.len() + waits.open.len();
    if begun == 0 {
        return FigureValue::Unknown(from.why_never(record));
    }
    // Of a figure that is compared with a formula, what the end of the run cut off sooner than the longest wait is left
    // out, as it is where lifetimes are estimated: it is no sign of a wait that was longer.
    if reading == Reading::Answer {
        let longest = waits.answered.iter().max().copied().unwrap_or(0);
        waits.open.retain(|waited| *waited > longest);
    }
    let unanswered = waits.open.len();
    let Some(figure) = (match quantile {
        Some(part) => waits.quantile(part),
        None => waits.mean().map(|mean| (mean, unanswered == 0)),
    }) else {
        return FigureValue::Unknown("the figure does not fit 128 bits exactly".to_owned());
    };
    match figure {
        (value, true) => FigureValue::Known(value),
        (least, false) => {
            FigureValue::Never(least, format!("{unanswered} of {begun} `{from}` were never followed by `{to}`"))
        }
    }
}

/// Nanoseconds from each event of the first kind.
struct Waits {
    /// To the one that answered it.
    answered: Vec<i128>,
    /// To the end of the run, as there was no answer.
    open: Vec<i128>,
}

impl Waits {
    fn of(from: &EventPattern, to: &EventPattern, record: &Record) -> Self {
        let mut waiting: Vec<(Instant, &str)> = Vec::new();
        let mut answered = Vec::new();
        for event in record.timeline.events() {
            if to.matches(&event.name)
                && let Some((begin, _)) = waiting.pop()
            {
                answered.push(nanos(event.at.since(begin)));
            }
            if from.matches(&event.name) {
                waiting.push((event.at, &event.name));
            }
        }
        // A fault that affected nothing asks for no answer.
        let idle = |name: &str| EventPattern::new(name).effective_times(record).is_empty();
        let open = waiting.into_iter().filter(|(_, name)| !idle(name));
        Self { answered, open: open.map(|(begin, _)| nanos(record.end.since(begin))).collect() }
    }

    /// The mean, those that wait counted as far as the run shows.
    fn mean(&self) -> Option<Rational> {
        let all = self.answered.iter().chain(&self.open);
        let nanos = i128::try_from(self.answered.len() + self.open.len()).ok()?.checked_mul(NANOS)?;
        Rational::new(all.sum(), nanos)
    }

    /// The nearest rank: the smallest wait that at least this part does not exceed; and whether it is known, or only
    /// known to be at least this.
    fn quantile(&mut self, part: u64) -> Option<(Rational, bool)> {
        let all = self.answered.len() + self.open.len();
        let rank = (all as u128 * u128::from(part)).div_ceil(u128::from(Ratio::ONE.as_ppb()));
        let index = usize::try_from(rank).ok()?.clamp(1, all) - 1;
        self.answered.sort_unstable();
        if let Some(wait) = self.answered.get(index) {
            return Some((Rational::new(*wait, NANOS)?, true));
        }
        let mut least: Vec<i128> = self.answered.iter().chain(&self.open).copied().collect();
        least.sort_unstable();
        Some((Rational::new(least[index], NANOS)?, false))
    }
}
