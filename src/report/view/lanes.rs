//! The swim lanes: who did what when, as bars and marks on one axis of time.
//!
//! Owns which lanes there are and what counts as a bar. Does not know pixels or markup.
//!
//! Invariant: a bar ends when it begins or later; lanes without anything to show are left out, rows beyond the most are
//! counted.

use super::series::Window;
use crate::outcome::{Outcome, Recovery};
use crate::record::event::EventKind;
use crate::record::{Actor, FaultRecord, Lap, LapResult, Signal, StoreRecord, TimelineEvent};
use crate::report::text::{plural, span};
use crate::units::{Instant, Span};

/// The most rows of one lane.
const MOST_ROWS: usize = 24;
/// The most bars of one row.
const MOST_BARS: usize = 200;
/// The most marks of one row.
const MOST_MARKS: usize = 60;

/// What a bar means. Bars differ in height and outline as well as in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shade {
    /// A fault that bit.
    Fault,
    /// A fault that affected nothing.
    Idle,
    /// Worse than it should be.
    Degraded,
    /// As bad as it gets.
    Down,
    /// One of the parts of a recovery: 0 detect, 1 decide, 2 act, 3 converge.
    Phase(u8),
    /// Done in time.
    Done,
    /// Over its budget, or undone.
    Late,
    /// Failed.
    Failed,
}

/// Something that lasted.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub from: Instant,
    pub to: Instant,
    pub shade: Shade,
    /// What stands beside it; may be empty.
    pub label: String,
    /// Everything about it.
    pub detail: String,
    /// Until when it was allowed to last.
    pub budget_end: Option<Instant>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub at: Instant,
    pub actor: Actor,
    pub label: String,
    pub detail: String,
}

/// One line of a lane.
#[derive(Debug, Clone, Default)]
pub(crate) struct LaneRow {
    pub label: String,
    pub bars: Vec<Bar>,
    pub marks: Vec<Mark>,
}

/// One group of rows.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub name: String,
    /// Which of several, if it is not the first.
    pub note: String,
    pub rows: Vec<LaneRow>,
    /// Rows that are not shown.
    pub left_out: usize,
}

/// The lanes of what happened within `window`.
pub(crate) fn lanes(outcome: &Outcome, window: Window) -> Vec<Lane> {
    let record = &outcome.record;
    let events = |name, actor: Actor, wanted: fn(&TimelineEvent) -> bool| {
        let found = record.timeline.events().iter().filter(|e| e.actor == actor && wanted(e));
        lane(name, vec![LaneRow { label: String::new(), bars: Vec::new(), marks: found.map(mark).collect() }])
    };
    let mut lanes = vec![
        lane("Faults", record.faults.iter().filter_map(|fault| of_fault(fault, record.end)).collect()),
        lane("Clients", clients(outcome)),
        lane("Databases", databases(outcome)),
        lane("Recovery", recoveries(outcome)),
        events("Decisions", Actor::Control, is_apart_from_steps),
    ];
    lanes.extend(procedures(&record.laps));
    lanes.push(events("World", Actor::World, |_| true));
    lanes.push(events("People", Actor::People, |_| true));
    lanes.into_iter().filter_map(|lane| lane.within(window)).collect()
}

fn lane(name: impl Into<String>, rows: Vec<LaneRow>) -> Lane {
    Lane { name: name.into(), note: String::new(), rows, left_out: 0 }
}

/// One lane for each run of a procedure, one row for each of its laps.
fn procedures(laps: &[Lap]) -> Vec<Lane> {
    let of_run = |laps: Vec<&Lap>| {
        let note = if laps[0].run > 1 { format!("run {}", laps[0].run) } else { String::new() };
        Lane { note, ..lane(&laps[0].procedure, laps.into_iter().map(of_lap).collect()) }
    };
    Lap::by_run(laps).into_iter().map(of_run).collect()
}

impl Lane {
    /// What of the lane lies within `window`, if anything does.
    fn within(mut self, window: Window) -> Option<Self> {
        for row in &mut self.rows {
            row.bars.retain(|bar| bar.from < window.to && bar.to >= window.from);
            row.bars.truncate(MOST_BARS);
            row.marks.retain(|mark| mark.at <= window.to && mark.at >= window.from);
            row.marks.truncate(MOST_MARKS);
        }
        self.rows.retain(|row| !(row.bars.is_empty() && row.marks.is_empty()));
        self.left_out = self.rows.len().saturating_sub(MOST_ROWS);
        self.rows.truncate(MOST_ROWS);
        (!self.rows.is_empty()).then_some(self)
    }
}

fn bar(from: Instant, to: Instant, shade: Shade, label: String, detail: String) -> Bar {
    Bar { from, to: to.max(from), shade, label, detail, budget_end: None }
}

fn of_fault(fault: &FaultRecord, end: Instant) -> Option<LaneRow> {
    let from = fault.at?;
    let to = fault.healed.unwrap_or(end);
    let (shade, bite) = match fault.hits {
        0 => (Shade::Idle, "had no effect".to_owned()),
        hits => (Shade::Fault, plural(hits, "hit")),
    };
    let lasted = span(to.since(from.min(to)));
    let label = format!("{}, {lasted}", fault.kind);
    let detail = format!("{} ({}), {lasted}, {bite}", fault.id, fault.kind);
    Some(LaneRow { label: fault.id.clone(), bars: vec![bar(from, to, shade, label, detail)], marks: Vec::new() })
}

/// When clients were served badly. The borders are those of a common objective and of half the requests.
fn clients(outcome: &Outcome) -> Vec<LaneRow> {
    let Some(success) = outcome.record.signal("success") else { return Vec::new() };
    let shade = |sample: crate::record::Sample| {
        let (part, whole) = (u128::from(sample.part), u128::from(sample.whole));
        match whole {
            0 => None,
            _ if part * 2 < whole => Some((Shade::Down, "most requests are not served")),
            _ if part * 100 < whole * 99 => Some((Shade::Degraded, "more than 1% of requests are not served")),
            _ => None,
        }
    };
    let bars = stretches(success, outcome.record.workload_end, shade);
    vec![LaneRow { label: "requests".to_owned(), bars, marks: Vec::new() }]
}

/// When a database had no copy that accepts writes, or several.
fn databases(outcome: &Outcome) -> Vec<LaneRow> {
    let shade = |sample: crate::record::Sample| match sample.whole {
        0 => None,
        whole if sample.part < whole => Some((Shade::Degraded, "no copy accepts writes")),
        whole if sample.part >= whole * 2 => Some((Shade::Down, "several copies accept writes: split brain")),
        _ => None,
    };
    let trouble = |store: &StoreRecord| {
        let signal = outcome.record.signal(&format!("db.{}.writable", store.store))?;
        let bars = stretches(signal, outcome.record.end, shade);
        Some(LaneRow { label: store.store.clone(), bars, marks: Vec::new() })
    };
    outcome.record.stores.iter().flat_map(|store| trouble(store).into_iter().chain(writers(store))).collect()
}

/// When each copy of a database accepted writes, one row for each copy that ever did.
fn writers(store: &StoreRecord) -> Vec<LaneRow> {
    let mut rows: Vec<LaneRow> = Vec::new();
    for term in &store.authority.terms {
        let label = format!("epoch {}", term.epoch);
        let detail =
            format!("{} in {}, {label}: {} acknowledged", store.store, term.region, plural(term.acked, "write"));
        let bar = bar(term.from, term.until, Shade::Done, label, detail);
        let name = format!("› {}", term.region);
        match rows.iter_mut().find(|row| row.label == name) {
            Some(row) => row.bars.push(bar),
            None => rows.push(LaneRow { label: name, bars: vec![bar], marks: Vec::new() }),
        }
    }
    rows
}

/// The stretches of `signal` that have the same shade.
fn stretches(
    signal: &Signal,
    end: Instant,
    shade: impl Fn(crate::record::Sample) -> Option<(Shade, &'static str)>,
) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    let points: Vec<_> = signal.points().collect();
    for (i, (from, sample)) in points.iter().enumerate() {
        let to = points.get(i + 1).map_or(end, |(next, _)| *next).min(end);
        let Some((shade, what)) = shade(*sample).filter(|_| *from < to) else { continue };
        match bars.last_mut() {
            Some(last) if last.to == *from && last.shade == shade => last.to = to,
            _ => bars.push(bar(*from, to, shade, String::new(), what.to_owned())),
        }
    }
    let longest = bars.iter().map(|bar| bar.to.since(bar.from)).max().unwrap_or(Span::ZERO);
    for bar in &mut bars {
        let lasted = bar.to.since(bar.from);
        bar.detail = format!("{} for {}", bar.detail, span(lasted));
        // What is short beside the longest is explained by pointing at it.
        if lasted.as_nanos() >= longest.as_nanos() / 2 {
            bar.label = bar.detail.clone();
        }
    }
    bars
}

/// The parts of each recovery where they lie on the clock. Waiting for consent lies within the later parts, though it is
/// accounted as deciding.
fn recoveries(outcome: &Outcome) -> Vec<LaneRow> {
    outcome.recovery.iter().map(|r| LaneRow { label: r.fault.clone(), bars: phases(r), marks: Vec::new() }).collect()
}

fn phases(r: &Recovery) -> Vec<Bar> {
    let ends = [
        ("detect", r.detect.map(|detect| r.at.saturating_add(detect)), Span::ZERO),
        ("decide", r.decided_at(), Span::ZERO),
        ("act", r.mitigated_at(), r.consent_acting),
        ("converge", r.converge.and(r.rto).map(|rto| r.at.saturating_add(rto)), r.consent_converging),
    ];
    let mut from = r.at;
    let mut bars = Vec::new();
    for (phase, (name, to, consent)) in (0_u8..).zip(ends) {
        let Some(to) = to else { break };
        let waiting = if consent == Span::ZERO {
            String::new()
        } else {
            format!(", {} of it waiting for approval", span(consent))
        };
        let text = format!("{name} {}{waiting}", span(to.since(from.min(to))));
        bars.push(bar(from.min(to), to, Shade::Phase(phase), text.clone(), format!("{}: {text}", r.fault)));
        from = to;
    }
    if let Some(last) = bars.last_mut() {
        last.budget_end = r.objective.map(|objective| r.at.saturating_add(objective));
    }
    bars
}

fn of_lap(lap: &Lap) -> LaneRow {
    let to = lap.start.saturating_add(lap.took);
    let shade = match lap.result {
        LapResult::Done => Shade::Done,
        LapResult::Skipped | LapResult::OverBudget | LapResult::Undone => Shade::Late,
        LapResult::Failed | LapResult::UndoFailed => Shade::Failed,
    };
    let result = lap.result.to_string().replace('_', " ");
    let of_budget = if lap.budget == Span::ZERO { String::new() } else { format!(" of {}", span(lap.budget)) };
    let said = if lap.result == LapResult::Done { String::new() } else { format!(", {result}") };
    let label = format!("{}{of_budget}{said}", span(lap.took));
    let detail = format!("{} run {}, {}: {result}, {label}. {}", lap.procedure, lap.run, lap.step, lap.note);
    let budget_end = (lap.budget != Span::ZERO).then(|| lap.start.saturating_add(lap.budget));
    let bars = vec![Bar { budget_end, ..bar(lap.start, to, shade, label, detail) }];
    LaneRow { label: lap.step.to_owned(), bars, marks: Vec::new() }
}

fn mark(event: &TimelineEvent) -> Mark {
    Mark { at: event.at, actor: event.actor, label: event.name.clone(), detail: event.text.clone() }
}

/// What control did apart from the steps, which have rows of their own.
pub(super) fn is_apart_from_steps(event: &TimelineEvent) -> bool {
    !matches!(event.kind, Some(EventKind::Procedure(kind)) if kind.is_of_a_step())
}

#[cfg(test)]
mod tests {
    use super::super::windows::whole;
    use super::*;
    use crate::outcome::fixture;
    use crate::record::WriteTerm;
    use crate::record::event::Event;

    fn named(outcome: &Outcome, name: &str) -> Lane {
        lanes(outcome, whole(outcome)).into_iter().find(|lane| lane.name == name).unwrap()
    }

    #[test]
    fn faults_and_steps_have_rows_with_their_shade() {
        let outcome = fixture::outage(7);
        let faults = named(&outcome, "Faults");
        let shades: Vec<_> = faults.rows.iter().map(|r| (r.label.as_str(), r.bars[0].shade)).collect();
        assert_eq!(shades, [("dark", Shade::Fault), ("api", Shade::Fault), ("cold", Shade::Idle)], "one never began");
        let steps = named(&outcome, "region_failover");
        assert_eq!(steps.rows[2].bars[0].label, "2m of 2m, over budget");
        assert_eq!(steps.rows[2].bars[0].budget_end, Some(Instant::from_nanos(206_100_000_000)));
    }

    #[test]
    fn what_lies_outside_the_window_is_left_out() {
        let outcome = fixture::outage(7);
        let late = lanes(&outcome, Window { from: Instant::from_secs(430), to: Instant::from_secs(460) });
        assert_eq!(
            late.iter().map(|l| (l.name.as_str(), l.rows.len())).collect::<Vec<_>>(),
            [("Faults", 1), ("Databases", 1)]
        );
    }

    #[test]
    fn decisions_are_not_steps() {
        let event = |name: &str| TimelineEvent::new(Instant::ZERO, Event::custom(Actor::Control, name, ""));
        for name in ["watch.decided", "region_failover.started", "db.orders.loss_announced"] {
            assert!(is_apart_from_steps(&event(name)), "{name}");
        }
        assert!(!is_apart_from_steps(&event("region_failover.switch_dns.done")));
    }

    #[test]
    fn each_copy_that_wrote_has_a_row_of_its_terms() {
        let mut outcome = fixture::outage(7);
        let term = |region: &str, epoch, from, until| WriteTerm {
            region: region.to_owned(),
            epoch,
            from: Instant::from_secs(from),
            until: Instant::from_secs(until),
            acked: 7,
        };
        let terms = [("westeurope", 1, 0, 300), ("northeurope", 2, 324, 480), ("westeurope", 1, 400, 420)];
        outcome.record.stores[0].authority.terms = terms.map(|(r, e, f, u)| term(r, e, f, u)).into();
        let rows = named(&outcome, "Databases").rows;
        let said: Vec<_> = rows.iter().map(|row| (row.label.as_str(), row.bars.len())).collect();
        assert_eq!(said, [("orders", 1), ("› westeurope", 2), ("› northeurope", 1)]);
        assert_eq!(rows[2].bars[0].detail, "orders in northeurope, epoch 2: 7 writes acknowledged");
    }

    #[test]
    fn consent_is_drawn_where_it_was_waited_for() {
        let mut outcome = fixture::outage(0);
        let r = &mut outcome.recovery[0];
        (r.decide, r.act, r.consent_acting) =
            (Some(Span::from_secs(150)), Some(Span::from_secs(15)), Span::from_secs(30));
        r.rto = Some(Span::from_secs(200));
        let bars = &named(&outcome, "Recovery").rows[0].bars;
        assert_eq!(bars[1].label, "decide 2m");
        assert_eq!(bars[2].label, "act 45s, 30s of it waiting for approval");
        assert_eq!(bars[3].to, Instant::from_secs(260), "the bars end with recovery");
    }

    #[test]
    fn bad_seconds_next_to_each_other_are_one_bar() {
        let outcome = fixture::outage(7);
        let bars = &named(&outcome, "Clients").rows[0].bars;
        assert_eq!(bars.iter().map(|b| b.shade).collect::<Vec<_>>(), [Shade::Down, Shade::Degraded]);
        assert_eq!((bars[0].from.second(), bars[0].to.second()), (60, 337));
    }

    #[test]
    fn a_lane_with_too_many_rows_is_cut_and_says_so() {
        let mut outcome = fixture::outage(7);
        outcome.record.laps = vec![outcome.record.laps[0].clone(); 100];
        outcome.record.laps[99].run = 2;
        let steps = named(&outcome, "region_failover");
        assert_eq!((steps.rows.len(), steps.left_out), (MOST_ROWS, 99 - MOST_ROWS));
        let lanes = lanes(&outcome, whole(&outcome));
        assert_eq!(lanes.iter().find(|lane| lane.note == "run 2").map(|lane| lane.rows.len()), Some(1));
    }
}
