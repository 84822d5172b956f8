//! The run at any instant, party by party: what was true, what clients and monitoring saw, what control believed and did,
//! and where the copies of each database stood.
//!
//! Owns which parties there are, the wording of their states, and where what was seen differs from the truth. Does not
//! know how an instant is chosen.
//!
//! Invariant: a state stands from its instant until the next one's; states and events are in order of time, and the
//! instant from which on some are left out is known. What changes too often is looked at in longer cells, and says so.

use super::lanes::is_apart_from_steps;
use super::series::{Window, cells};
use crate::outcome::{Outcome, belief_stretches, beliefs};
use crate::record::event::{EventKind, WatchKind};
use crate::record::{Actor, Sample, Signal, StoreRecord, TimelineEvent};
use crate::report::text::{cut, plural, span};
use crate::units::{Instant, Span};
use std::collections::BTreeSet;

/// The most states of one track. Product default: a page of three days has room for them.
const MOST_STATES: usize = 400;
/// The most events of one track. Product default: as the states.
const MOST_EVENTS: usize = 200;
/// The most changes of a region's figures whose states say more than what is up.
const MOST_SCRAPES: usize = 2_000;
/// The most things that are named in one state.
const MOST_NAMED: usize = 4;
/// The longest an event gets. Unit: characters.
const LONGEST: usize = 160;

/// A stretch in which what was seen or believed differs from the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub during: Window,
    /// Whether something bad went unseen; otherwise something bad was seen that was none.
    pub missed: bool,
    pub text: String,
}

/// One party over the run.
#[derive(Default)]
pub(crate) struct Track<'a> {
    pub name: String,
    /// From when on it was how.
    pub states: Vec<(Instant, String)>,
    /// What last changed it.
    pub events: Vec<(Instant, String)>,
    pub gaps: Vec<Gap>,
    /// The charts whose values belong to it.
    pub charts: &'static [&'static str],
    /// Signals that belong to it beside them, under these names.
    pub signals: Vec<(String, &'a Signal)>,
    /// From when on states are left out, if they are, and from when on events are.
    pub cut: [Option<Instant>; 2],
}

/// The tracks of a run, in the order in which a reader asks.
pub(crate) fn tracks(outcome: &Outcome) -> Vec<Track<'_>> {
    let mut tracks = vec![truth(outcome), clients(outcome)];
    tracks.extend(regions(outcome).filter_map(|region| monitoring(outcome, region)));
    tracks.extend(outcome.misjudged.iter().map(|judged| belief(outcome, &judged.region)));
    tracks.push(work(outcome));
    tracks.extend(outcome.record.stores.iter().map(|store| database(outcome, store)));
    tracks.iter_mut().for_each(Track::shorten);
    tracks.retain(|track| !track.states.is_empty());
    tracks
}

impl Track<'_> {
    fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Leaves out what does not change anything, and what is too much.
    fn shorten(&mut self) {
        self.states.dedup_by(|next, before| next.1 == before.1);
        let states = self.states.get(MOST_STATES).map(|(at, _)| *at);
        self.cut = [states, self.events.get(MOST_EVENTS).map(|(at, _)| *at)];
        self.states.truncate(MOST_STATES);
        self.events.truncate(MOST_EVENTS);
        self.gaps.truncate(MOST_STATES);
    }
}

/// From when on what was the case, asked at every one of `edges`.
fn states(edges: BTreeSet<Instant>, end: Instant, state: impl Fn(Instant) -> String) -> Vec<(Instant, String)> {
    edges.into_iter().filter(|at| *at <= end).map(|at| (at, state(at))).collect()
}

fn events<'a>(outcome: &'a Outcome, wanted: impl Fn(&TimelineEvent) -> bool + 'a) -> Vec<(Instant, String)> {
    let found = outcome.record.timeline.events().iter().filter(|event| wanted(event));
    found.map(|event| (event.at, cut(&format!("{}: {}", event.name, event.text), LONGEST))).collect()
}

/// `a, b and 3 more`.
fn listed(names: &[String]) -> String {
    match names.len().checked_sub(MOST_NAMED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..MOST_NAMED].join(", ")),
    }
}

fn truth(outcome: &Outcome) -> Track<'_> {
    let record = &outcome.record;
    let during = |fault: &crate::record::FaultRecord| -> Vec<(Instant, Instant)> {
        let whole = || fault.at.map(|at| (at, fault.healed.unwrap_or(record.end)));
        match fault.periods.is_empty() {
            true => whole().into_iter().collect(),
            false => fault.periods.iter().map(|period| (period.from, period.until.unwrap_or(record.end))).collect(),
        }
    };
    let faults: Vec<_> = record.faults.iter().map(|fault| (fault, during(fault))).collect();
    let up: Vec<_> =
        regions(outcome).filter_map(|region| Some((region, record.signal(&format!("region.{region}.up"))?))).collect();
    let mut edges: BTreeSet<Instant> = [Instant::ZERO].into();
    edges.extend(faults.iter().flat_map(|(_, during)| during.iter().flat_map(|(from, until)| [*from, *until])));
    edges.extend(up.iter().flat_map(|(_, up)| up.points().map(|(at, _)| at)));
    let state = |at: Instant| {
        let on = faults.iter().filter(|(_, during)| during.iter().any(|(from, until)| (*from..*until).contains(&at)));
        let on: Vec<_> = on.map(|(fault, _)| format!("{} ({})", fault.id, fault.kind)).collect();
        let dark = up.iter().filter(|(_, up)| up.at(at) == Sample::count(0)).map(|(region, _)| (*region).to_owned());
        let dark: Vec<_> = dark.collect();
        match (on.is_empty(), dark.is_empty()) {
            (true, true) => "no fault is in effect".to_owned(),
            (false, true) => format!("in effect: {}", listed(&on)),
            (true, false) => format!("down: {}", listed(&dark)),
            (false, false) => format!("in effect: {}; down: {}", listed(&on), listed(&dark)),
        }
    };
    let states = states(edges, record.end, state);
    Track { states, events: events(outcome, |event| event.actor == Actor::Fault), ..Track::of("In truth") }
}

/// How clients fared.
fn clients(outcome: &Outcome) -> Track<'_> {
    let Some(success) = outcome.record.signal("success") else { return Track::default() };
    let mut events: Vec<(Instant, String)> = Vec::new();
    for outage in outcome.outages.iter().filter(|outage| outage.certain) {
        events.push((outage.from, format!("outage of {} begins", outage.class)));
        events.extend(outage.until.map(|until| (until, format!("outage of {} is over", outage.class))));
    }
    events.sort_by_key(|(at, _)| *at);
    let end = outcome.record.workload_end.min(outcome.record.end);
    let every_change = success.points().map(|(at, _)| at).filter(|at| *at < end).chain([Instant::ZERO, end]);
    let mut states = served(success, &every_change.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(), "");
    if states.len() >= MOST_STATES {
        let borders = Window { from: Instant::ZERO, to: end }.cells(MOST_STATES as u64 - 1);
        states = served(success, &borders, " on average");
    }
    states.push((end, "clients have stopped".to_owned()));
    Track { states, events, charts: &["errors", "rate", "latency"], ..Track::of("Clients saw") }
}

/// How clients were served between neighbours of `borders`, by the limits of the swim lanes.
fn served(success: &Signal, borders: &[Instant], how: &str) -> Vec<(Instant, String)> {
    let mut states: Vec<(Instant, &str)> = Vec::new();
    for (cell, from) in cells(success, borders).into_iter().zip(borders) {
        let words = match cell.map(|cell| cell.mean) {
            None => "no requests",
            Some(share) if share < 0.5 => "most requests are not served",
            Some(share) if share < 0.99 => "more than 1% of requests are not served",
            Some(_) => "requests are served",
        };
        if states.last().is_none_or(|(_, before)| *before != words) {
            states.push((*from, words));
        }
    }
    states.into_iter().map(|(at, words)| (at, format!("{words}{how}"))).collect()
}

fn regions(outcome: &Outcome) -> impl Iterator<Item = &str> {
    outcome.record.signals.iter().filter_map(|signal| signal.name.strip_prefix("region.")?.strip_suffix(".up"))
}

/// What monitoring last saw of the services of a region.
fn monitoring<'a>(outcome: &'a Outcome, region: &'a str) -> Option<Track<'a>> {
    let seen = |suffix: &'static str| {
        let prefix = format!("seen.{region}.");
        let signals = outcome.record.signals.iter();
        signals
            .filter_map(move |signal| Some((signal.name.strip_prefix(&prefix)?.strip_suffix(suffix)?, signal)))
            .collect::<Vec<_>>()
    };
    let (up, mut errors) = (seen(".up"), seen(".errors"));
    let services = up.len();
    if services == 0 {
        return None;
    }
    if errors.iter().map(|(_, signal)| signal.changes()).sum::<usize>() > MOST_SCRAPES {
        errors.clear();
    }
    let changes = |signals: &[(&str, &'a Signal)]| -> BTreeSet<Instant> {
        signals.iter().flat_map(|(_, signal)| signal.points().map(|(at, _)| at)).collect()
    };
    let known_from = up.iter().flat_map(|(_, up)| up.points()).filter(|(_, s)| s.part > 0).map(|(at, _)| at).min();
    let seen_up = |at: Instant| up.iter().filter(|(_, up)| up.at(at).part > 0).count();
    let state = |at: Instant| {
        if known_from.is_none_or(|from| at < from) {
            return "no service has been seen up yet".to_owned();
        }
        // Whole percents: what fluctuates below is the same state.
        let percent =
            |sample: Sample| (sample.whole > 0).then(|| u128::from(sample.part) * 100 / u128::from(sample.whole));
        let worst = errors.iter().filter_map(|(service, signal)| Some((percent(signal.at(at))?, *service))).max();
        let failing = worst.filter(|(percent, _)| *percent > 0);
        let failing = failing.map(|(percent, service)| format!("; {service} fails {percent}% of its requests"));
        format!("{} of {} up{}", seen_up(at), plural(services as u64, "service"), failing.unwrap_or_default())
    };
    let mut edges = changes(&up);
    edges.extend(changes(&errors));
    edges.insert(Instant::ZERO);
    let gaps = known_from.map(|from| unseen(outcome, region, from, changes(&up), seen_up)).unwrap_or_default();
    let states = states(edges, outcome.record.end, state);
    Some(Track { states, gaps, ..Track::of(format!("Monitoring saw of {region}")) })
}

/// Where monitoring saw a dark region up, or one that was up entirely down.
fn unseen(
    outcome: &Outcome,
    region: &str,
    known_from: Instant,
    mut edges: BTreeSet<Instant>,
    seen_up: impl Fn(Instant) -> usize,
) -> Vec<Gap> {
    let Some(up) = outcome.record.signal(&format!("region.{region}.up")) else { return Vec::new() };
    edges.extend(up.points().map(|(at, _)| at));
    edges.extend([known_from, outcome.record.end]);
    let edges: Vec<Instant> = edges.into_iter().filter(|at| (known_from..=outcome.record.end).contains(at)).collect();
    let mut gaps: Vec<Gap> = Vec::new();
    for pair in edges.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let (missed, words) = match (up.at(from).part > 0, seen_up(from) > 0) {
            (false, true) => (true, "monitoring saw services up in"),
            (true, false) => (false, "monitoring saw no service up in"),
            _ => continue,
        };
        let truth = if missed { ", which was down" } else { ", which was up" };
        add(&mut gaps, Gap { during: Window { from, to }, missed, text: format!("{words} {region}{truth}") });
    }
    gaps
}

/// Stretches that touch and say the same are one.
fn add(gaps: &mut Vec<Gap>, gap: Gap) {
    match gaps.last_mut() {
        Some(last) if last.during.to == gap.during.from && last.text == gap.text => last.during.to = gap.during.to,
        _ => gaps.push(gap),
    }
}

/// What control believed of a region that it watches, and where that was wrong.
fn belief<'a>(outcome: &'a Outcome, region: &'a str) -> Track<'a> {
    let record = &outcome.record;
    let word = |down: bool| if down { "it is down" } else { "it is healthy" };
    let mut states = vec![(Instant::ZERO, word(false).to_owned())];
    states.extend(beliefs(record, region).into_iter().map(|(at, down)| (at, word(down).to_owned())));
    let mut gaps = Vec::new();
    for stretch in belief_stretches(record, &outcome.outages, region) {
        let text = match (stretch.down, stretch.believed_down) {
            (true, false) => format!("control believed {region} healthy, which did not serve"),
            (false, true) => format!("control believed {region} down, which served"),
            _ => continue,
        };
        add(&mut gaps, Gap { during: Window { from: stretch.from, to: stretch.until }, missed: stretch.down, text });
    }
    let told = events(outcome, |event| {
        matches!(event.kind, Some(EventKind::Watch(_))) && event.event.region_told().is_none_or(|told| told == region)
    });
    Track { states, gaps, events: told, ..Track::of(format!("Control believed of {region}")) }
}

/// What control was at work on.
fn work(outcome: &Outcome) -> Track<'_> {
    let record = &outcome.record;
    let ends = |lap: &crate::record::Lap| lap.start.saturating_add(lap.took);
    let edges = record.laps.iter().flat_map(|lap| [lap.start, ends(lap)]).chain([Instant::ZERO]).collect();
    let state = |at: Instant| {
        let on = record.laps.iter().filter(|lap| lap.start <= at && at < ends(lap));
        let on: Vec<_> = on
            .map(|lap| match lap.budget {
                Span::ZERO => format!("{} › {}", lap.procedure, lap.step),
                budget => format!("{} › {}, which has {}", lap.procedure, lap.step, span(budget)),
            })
            .collect();
        if on.is_empty() { "at work on no step".to_owned() } else { listed(&on) }
    };
    let by_control = |event: &TimelineEvent| match event.actor {
        Actor::Control => !matches!(event.kind, Some(EventKind::Watch(kind)) if kind != WatchKind::Decided),
        Actor::People => is_apart_from_steps(event),
        Actor::Fault | Actor::World => false,
    };
    let events = events(outcome, by_control);
    // Without any control there is nothing to say of it.
    let states =
        if events.is_empty() && record.laps.is_empty() { Vec::new() } else { states(edges, record.end, state) };
    Track { states, events, ..Track::of("Control did") }
}

/// Who could write to a database, and where the log of each of its copies stood.
fn database<'a>(outcome: &'a Outcome, store: &'a StoreRecord) -> Track<'a> {
    let (record, name) = (&outcome.record, &store.store);
    let terms = &store.authority.terms;
    let mut edges: BTreeSet<Instant> = terms.iter().flat_map(|term| [term.from, term.until]).collect();
    edges.insert(Instant::ZERO);
    let state = |at: Instant| {
        let writes = terms.iter().filter(|term| term.from <= at && at < term.until);
        let writes: Vec<_> = writes.map(|term| format!("{} (epoch {})", term.region, term.epoch)).collect();
        match writes.len() {
            0 => "no copy accepts writes".to_owned(),
            1 => format!("{} accepts writes", writes[0]),
            _ => format!("split brain: {} accept writes", listed(&writes)),
        }
    };
    let prefix = format!("db.{name}.");
    let position = |signal: &'a Signal| {
        let region = signal.name.strip_prefix(&prefix)?.strip_suffix(".position")?;
        Some((format!("{region} at"), signal))
    };
    let lag = record.signal(&format!("db.{name}.lag")).map(|signal| ("lag".to_owned(), signal));
    let signals = record.signals.iter().filter_map(position).chain(lag).collect();
    let told =
        |event: &TimelineEvent| matches!(event.kind, Some(EventKind::Data(_))) && event.part("database") == Some(name);
    let states = states(edges, record.end, state);
    Track { states, signals, events: events(outcome, told), ..Track::of(format!("Copies of {name}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::{SignalUnit, Viewpoint};

    fn named<'a>(tracks: &'a [Track<'_>], name: &str) -> &'a Track<'a> {
        tracks.iter().find(|track| track.name == name).unwrap()
    }

    fn set(outcome: &mut Outcome, name: &str, points: impl IntoIterator<Item = (u64, Sample)>) {
        let mut signal = Signal::new(name, SignalUnit::Count, Viewpoint::Control);
        points.into_iter().for_each(|(second, sample)| signal.set(Instant::from_secs(second), sample));
        outcome.record.signals.retain(|signal| signal.name != name);
        outcome.record.signals.push(signal);
        outcome.record.signals.sort_by(|a, b| a.name.cmp(&b.name));
    }

    #[test]
    fn a_dark_region_that_is_seen_up_and_one_that_is_seen_down_while_up_are_gaps() {
        let mut outcome = fixture::outage(7);
        let flag = |up| Sample::count(u64::from(up));
        set(&mut outcome, "region.westeurope.up", [(0, flag(true)), (60, flag(false)), (100, flag(true))]);
        set(
            &mut outcome,
            "seen.westeurope.api.up",
            [(0, flag(false)), (5, flag(true)), (65, flag(false)), (110, flag(true))],
        );
        let tracks = tracks(&outcome);
        let track = named(&tracks, "Monitoring saw of westeurope");
        let gaps: Vec<_> =
            track.gaps.iter().map(|g| (g.during.from.second(), g.during.to.second(), g.missed)).collect();
        assert_eq!(gaps, [(60, 65, true), (100, 110, false)], "before the first scrape nothing was seen wrongly");
        assert_eq!(track.states[0].1, "no service has been seen up yet");
    }

    #[test]
    fn what_changes_too_often_is_looked_at_in_longer_cells_and_what_is_left_out_is_known() {
        let mut outcome = fixture::outage(7);
        let flapping = |t: u64| (t, if t.is_multiple_of(2) { Sample::quotient(1, 1) } else { Sample::quotient(0, 1) });
        (outcome.record.end, outcome.record.workload_end) = (Instant::from_secs(9_000), Instant::from_secs(9_000));
        set(&mut outcome, "success", (0..9_000).map(flapping));
        for second in 0..MOST_EVENTS as u64 + 5 {
            let at = Instant::from_secs(1_000 + second);
            outcome.record.timeline.push_told(at, Actor::Fault, format!("fault.x{second}"), "again");
        }
        let tracks = tracks(&outcome);
        let clients = named(&tracks, "Clients saw");
        assert!(
            clients.states.len() <= MOST_STATES && clients.states[0].1.ends_with("on average"),
            "{:?}",
            clients.states
        );
        assert_eq!(clients.cut, [None, None]);
        let truth = named(&tracks, "In truth");
        assert_eq!(truth.events.len(), MOST_EVENTS);
        assert!(truth.cut[1].is_some_and(|from| from > truth.events[MOST_EVENTS - 1].0), "{:?}", truth.cut);
    }

    #[test]
    fn where_nobody_watches_nothing_is_believed() {
        let mut outcome = fixture::quiet(7);
        outcome.misjudged.clear();
        assert!(tracks(&outcome).iter().all(|track| !track.name.starts_with("Control believed")));
    }
}
