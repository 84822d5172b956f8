//! When a fault happens: what may stand beside what, and what cannot be meant.

use super::super::Context;
use crate::control::cue;
use crate::fault::schedule::{Flap, MOST_INJECTIONS, Start, expected};
use crate::fault::{PlannedFault, Timing};
use crate::field::{Place, Problem, Value, Values};
use crate::kernel::Distribution;
use crate::units::{Instant, Span};

const BEGINNINGS: [&str; 3] = ["at", "when", "rate"];

/// The timing of a fault of the kind called `kind`.
pub(super) fn timing(kind: &str, common: &Values, duration: Option<Span>, context: &mut Context<'_>) -> Option<Timing> {
    let lasts = distribution("for", common, context);
    let flap = common.opt_table("flap").map(|flap| flapping(flap, context));
    let start = start(kind, common, duration, context);
    refuse_two_ends(common, context)?;
    let flap = match flap {
        Some(flap) => Some(flap?),
        None => None,
    };
    let start = start?;
    refuse_if_rare(common, &start, duration, context);
    Some(Timing { start, lasts: lasts?, flap })
}

fn start(kind: &str, common: &Values, duration: Option<Span>, context: &mut Context<'_>) -> Option<Start> {
    let mut given = BEGINNINGS.into_iter().filter(|field| common.value(field).is_some());
    let Some(first) = given.next() else {
        if common.value("between").is_some() {
            let (from, to) = window(common, duration, context)?;
            return Some(Start::Within { from, to });
        }
        let message = format!("`{kind}` does not say when it happens");
        let help = "write `at: 5m`, `between: [4m, 6m]`, `when: {event: …}` or `rate: 2/h`";
        context.refuse("FD0103", common.place, message, help);
        return None;
    };
    if let Some(second) = given.next() {
        let message = format!("`{kind}` has two start conditions: `{first}` and `{second}`");
        let problem = Problem::error("FD0230", common.place(second), message)
            .help("keep one of them; a fault that happens in two ways is two faults")
            .note(common.place(first), "the first one is here");
        context.problems.push(problem);
        return None;
    }
    if first == "rate" {
        return at_random(common, duration, context);
    }
    refuse_window(common, context)?;
    if first == "at" {
        refuse_if_late(common, duration, context);
        return Some(Start::At(Instant::ZERO + common.span("at")));
    }
    let when = common.table("when");
    refuse_if_never(when, common.flag("optional"), duration, context);
    cue(when, context.problems).map(Start::When)
}

fn at_random(common: &Values, duration: Option<Span>, context: &mut Context<'_>) -> Option<Start> {
    if common.value("for").is_none() {
        let message = "a fault that happens at random must say how long it lasts";
        context.refuse("FD0231", common.place("rate"), message, "add `for: 5m`, or a distribution");
        return None;
    }
    let (from, to) = window(common, duration, context)?;
    Some(Start::Rate { rate: common.rate("rate"), from, to })
}

/// The window in which a fault may begin: the whole workload, if nothing is said.
fn window(common: &Values, duration: Option<Span>, context: &mut Context<'_>) -> Option<(Instant, Instant)> {
    let whole = duration.unwrap_or(Span::MAX);
    let (from, to) = match common.opt_list("between") {
        None => (Span::ZERO, whole),
        Some(ends) => match ends.iter().map(|item| &item.value).collect::<Vec<_>>()[..] {
            [Value::Span(from), Value::Span(to)] if from < to => (*from, (*to).min(whole)),
            _ => {
                let message = "`between` is not a window of time";
                context.refuse(
                    "FD0231",
                    common.place("between"),
                    message,
                    "write `[from, to]` with `from` before `to`",
                );
                return None;
            }
        },
    };
    if duration.is_some_and(|duration| from >= duration) {
        let message = format!("this fault may start from {from} on, but the workload ends at {whole}");
        late(common.place("between"), message, common.flag("optional"), context);
    }
    Some((Instant::ZERO.saturating_add(from), Instant::ZERO.saturating_add(to)))
}

/// What lasts for good has no other end, and does not come and go.
fn refuse_two_ends(common: &Values, context: &mut Context<'_>) -> Option<()> {
    let other = ["for", "flap"].into_iter().find(|field| common.value(field).is_some());
    let Some(other) = other.filter(|_| common.flag("for_good")) else { return Some(()) };
    let message = format!("a permanent fault has no `{other}`");
    context.refuse("FD0231", common.place(other), message, "keep one of them");
    None
}

/// A window belongs to chance; anything else says itself when it begins.
fn refuse_window(common: &Values, context: &mut Context<'_>) -> Option<()> {
    if common.value("between").is_none() {
        return Some(());
    }
    let help = "remove it, or leave out `at` or `when`: it then starts once within the window, or at a `rate`";
    context.refuse("FD0231", common.place("between"), "`between` stands alone or beside `rate`", help);
    None
}

fn refuse_if_late(common: &Values, duration: Option<Span>, context: &mut Context<'_>) {
    let at = common.span("at");
    let Some(duration) = duration.filter(|duration| at >= *duration) else { return };
    let message = format!("this fault starts at {at}, but the workload ends at {duration}: it cannot have any effect");
    late(common.place("at"), message, common.flag("optional"), context);
}

fn refuse_if_never(when: &Values, optional: bool, duration: Option<Span>, context: &mut Context<'_>) {
    let after = when.span("after");
    let Some(duration) = duration.filter(|duration| after >= *duration) else { return };
    let message = format!("this fault starts {after} after an event, but the workload ends at {duration}");
    late(when.place("after"), message, optional, context);
}

/// A fault after the end is a mistake, unless it says that it need not happen.
fn late(place: Place, message: String, optional: bool, context: &mut Context<'_>) {
    let problem =
        if optional { Problem::warning("FD0501", place, message) } else { Problem::error("FD0501", place, message) };
    let help = "start it earlier, make `duration` longer, or set `optional: true` if it need not happen";
    context.problems.push(problem.help(help));
}

/// A fault that hardly any run has, while properties speak of it as if it were there.
fn refuse_if_rare(common: &Values, start: &Start, duration: Option<Span>, context: &mut Context<'_>) {
    // product default: a thousand runs are a large campaign, and one of them would have it.
    const LEAST: f64 = 0.001;
    let (Start::Rate { from, to, .. }, Some(duration)) = (start, duration) else { return };
    let expected = expected(&Timing { start: start.clone(), lasts: None, flap: None }, duration);
    if expected >= LEAST || common.flag("optional") || from >= to {
        return;
    }
    let message = format!("this fault is expected in only one of {:.0} runs", 1.0 / expected.max(1e-12));
    let help = "raise the `rate`, widen `between`, or set `optional: true` if it need not happen";
    context.refuse("FD0322", common.place("rate"), message, help);
}

fn flapping(values: &Values, context: &mut Context<'_>) -> Option<Flap> {
    let (down, up) = (distribution("down", values, context), distribution("up", values, context));
    Some(Flap { down: down??, up: up?? })
}

/// The distribution of a field, if there is one. The outer `None`: it was refused, as it never lets time pass.
fn distribution(field: &str, values: &Values, context: &mut Context<'_>) -> Option<Option<Distribution>> {
    let Some(distribution) = values.opt_distribution(field) else { return Some(None) };
    if distribution.mean() == Some(0.0) {
        let message = format!("`{field}` is zero");
        context.refuse("FD0106", values.place(field), message, "expected a span above zero, such as `5m`");
        return None;
    }
    Some(Some(distribution.clone()))
}

/// A schedule is expanded before the run and held in memory; one nobody could read was not meant.
pub(super) fn refuse_too_many(
    faults: &[PlannedFault],
    duration: Option<Span>,
    section: Place,
    context: &mut Context<'_>,
) {
    let Some(duration) = duration else { return };
    let each = faults.iter().map(|fault| (expected(&fault.timing, duration), fault));
    let total: f64 = each.clone().map(|(count, _)| count).sum();
    if total <= MOST_INJECTIONS as f64 {
        return;
    }
    let Some((count, most)) = each.max_by(|(a, _), (b, _)| a.total_cmp(b)) else { return };
    let place = context.scope.place(crate::field::Referent::Fault, &most.id).unwrap_or(section);
    // A cast from a large float saturates.
    let message = format!(
        "about {} injections are expected, {} of them of `{}`; a run takes at most {MOST_INJECTIONS}",
        total as u64, count as u64, most.id
    );
    context.refuse("FD0233", place, message, "make it rarer, shorten its window, or make it flap more slowly");
}
