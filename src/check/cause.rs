//! Which outage belongs to what: faults, runs of procedures, changes, load.
//!
//! Owns the attribution. Does not know properties, nor what a fault does.
//!
//! Definition. A fault is on from its beginning until it is healed and service has then stayed as promised. Every outage
//! that overlaps this time belongs to it, if it touched a request that was not served in that outage; where no fault
//! touched one by itself, if it can make requests fail at all. An outage that begins during a run of a procedure belongs
//! to that run and to the faults that triggered it: those that were on when it started, or, for the way back, those that
//! triggered the run before it. What nothing of this explains is put down to the last change before it, or to a load that
//! had risen; else it has no cause.

use super::outage::{Stretch, stretches};
use crate::outcome::Outage;
use crate::record::{FaultReach, FaultRecord, Record, ServiceClass, Signal, Spell, TimelineEvent};
use crate::units::{Instant, Ratio, Span};

/// How long before an outage a change may have been made that caused it: product default, for caches of names hold an
/// answer for minutes.
const CHANGE_SHOWS_WITHIN: Span = Span::from_mins(15);

/// By how much the load must have risen to be taken for the cause: product default, a tenth.
const RISEN: (u128, u128) = (11, 10);

/// A run of a procedure.
#[derive(Debug, Clone)]
pub struct Run {
    /// The procedure.
    pub procedure: String,
    /// When it started.
    pub from: Instant,
    /// When it ended; `None`: it did not.
    pub until: Option<Instant>,
    /// Whether it ended with every step done.
    pub done: bool,
    /// Whether it took back what it had done.
    pub undone: bool,
}

/// A spell of a fault with the outages that belong to it.
#[derive(Debug, Clone)]
pub struct Owned<'a> {
    /// The fault.
    pub fault: &'a FaultRecord,
    /// When it was on.
    pub spell: Spell,
    /// Its outages, by index, in order of time.
    pub outages: Vec<usize>,
}

/// The outages of a run, and what each belongs to.
#[derive(Debug)]
pub struct Attribution<'a> {
    /// The outages of all classes, in order of time.
    pub outages: Vec<Outage>,
    /// Every spell of every fault that had an effect and can make requests fail.
    pub owned: Vec<Owned<'a>>,
    /// The runs of procedures.
    pub runs: Vec<Run>,
}

/// The promise that outages are measured against.
#[derive(Debug, Clone, Copy)]
pub struct Criterion {
    /// The share to be served; `None`: what each class is promised.
    pub share: Option<Ratio>,
    /// How long service must stay so.
    pub stable: Span,
}

impl Criterion {
    /// What `record` promises.
    pub fn promised(record: &Record) -> Self {
        Self { share: None, stable: record.objective.stable }
    }

    /// The outages of `record` against it, and what each belongs to.
    pub fn attribute(self, record: &Record) -> Attribution<'_> {
        let mut outages: Vec<Outage> = Vec::new();
        for class in &record.objective.classes {
            let share = self.share.unwrap_or(class.served);
            let found = stretches(record, class, share, self.stable);
            outages.extend(found.into_iter().map(|stretch| outage(stretch, class, share, record)));
        }
        outages.sort_by(|a, b| (a.from, &a.class).cmp(&(b.from, &b.class)));
        let runs = runs(record);
        let mut owned: Vec<Owned<'_>> = spells(record);
        let touching = touching(record, &outages);
        for one in &mut owned {
            one.outages = overlapping(one, &outages, &touching, self.stable, record);
        }
        by_way_of_runs(&runs, &mut owned, &outages, self.stable);
        for (index, outage) in outages.iter_mut().enumerate() {
            outage.causes = causes(index, outage, &owned, &runs, self.stable, record);
        }
        Attribution { outages, owned, runs }
    }
}

impl Attribution<'_> {
    /// The outages that an obligation after an event at `at` is about, if it begins no spell of a fault: those that were
    /// on then, and those that begin before service has been stable.
    pub fn following(&self, at: Instant, stable: Span) -> Vec<usize> {
        let mut until = at;
        let mut found = Vec::new();
        for (index, outage) in self.outages.iter().enumerate() {
            if outage.from <= until.saturating_add(stable) && outage.until.is_none_or(|end| end > at) {
                until = until.max(outage.until.unwrap_or(Instant::MAX));
                found.push(index);
            }
        }
        found
    }
}

fn outage(stretch: Stretch, class: &ServiceClass, share: Ratio, record: &Record) -> Outage {
    let until = stretch.until();
    let planned = record.maintenance.iter().any(|window| {
        window.from <= stretch.from && until.is_some_and(|until| window.until.is_none_or(|end| until <= end))
    });
    Outage {
        class: class.name.clone(),
        promised: share,
        within: class.within,
        from: stretch.from,
        last: stretch.last,
        asked: stretch.asked.unwrap_or(record.workload_end).max(stretch.last),
        answered: stretch.answered,
        until,
        unserved: stretch.unserved,
        requests: stretch.requests,
        certain: stretch.certain,
        planned,
        causes: Vec::new(),
        bounded_by: None,
    }
}

fn spells(record: &Record) -> Vec<Owned<'_>> {
    let can = |fault: &FaultRecord| {
        let can = fault.reach != FaultReach::Control;
        mutant!("what_strikes_control_fails_requests": can => true)
    };
    let effective = record.faults.iter().filter(|fault| fault.hits > 0 && can(fault));
    let each = effective.flat_map(|fault| fault.spells.iter().map(move |spell| (fault, *spell)));
    each.map(|(fault, spell)| Owned { fault, spell, outages: Vec::new() }).collect()
}

/// By outage: the faults, by id, that touched requests of it that were not served.
fn touching<'a>(record: &'a Record, outages: &[Outage]) -> Vec<Vec<&'a str>> {
    let signals: Vec<(&FaultRecord, &Signal)> = record
        .faults
        .iter()
        .filter_map(|fault| Some((fault, record.signal(&format!("unserved.{}", fault.id))?)))
        .collect();
    let touched = |signal: &Signal, outage: &Outage| {
        let from = Instant::from_secs(outage.from.second());
        let inside = |at: Instant| at <= outage.last;
        signal.at(from).part > 0 || signal.points().any(|(at, sample)| at >= from && inside(at) && sample.part > 0)
    };
    let of = |outage: &Outage| {
        signals.iter().filter(|(_, signal)| touched(signal, outage)).map(|(fault, _)| fault.id.as_str()).collect()
    };
    outages.iter().map(of).collect()
}

/// The outages that overlap the time a spell is on, until stably over.
fn overlapping(
    one: &Owned<'_>,
    outages: &[Outage],
    touching: &[Vec<&str>],
    stable: Span,
    record: &Record,
) -> Vec<usize> {
    let mut until = one.spell.until.unwrap_or(record.workload_end);
    let mut found = Vec::new();
    for (index, outage) in outages.iter().enumerate() {
        let over = until.saturating_add(mutant!("a_fault_is_over_once_healed": stable => Span::ZERO));
        let overlaps = outage.from <= over && outage.until.is_none_or(|end| end > one.spell.from);
        let others = &touching[index];
        let touched = others.is_empty() || others.contains(&one.fault.id.as_str());
        if overlaps && mutant!("whatever_is_on_is_to_blame": touched => true) {
            until = until.max(outage.until.unwrap_or(record.workload_end));
            found.push(index);
        }
    }
    found
}

/// Adds to the spells what the runs they triggered did.
fn by_way_of_runs(runs: &[Run], owned: &mut [Owned<'_>], outages: &[Outage], stable: Span) {
    let mut before: Vec<usize> = Vec::new();
    for run in runs {
        let is_on = |one: &Owned<'_>| {
            let ends = one.outages.iter().map(|index| outages[*index].until.unwrap_or(Instant::MAX));
            let until = ends.chain(one.spell.until).max();
            one.spell.from <= run.from
                && (one.spell.until.is_none() || until.is_some_and(|until| run.from <= until.saturating_add(stable)))
        };
        let on: Vec<usize> = (0..owned.len()).filter(|index| is_on(&owned[*index])).collect();
        let triggers = if on.is_empty() { mutant!("a_way_back_has_no_trigger": before => Vec::new()) } else { on };
        for (index, _) in outages.iter().enumerate().filter(|(_, outage)| run.begins(outage, stable)) {
            for trigger in &triggers {
                let mine = &mut owned[*trigger].outages;
                if !mine.contains(&index) {
                    mine.push(index);
                    mine.sort_unstable();
                }
            }
        }
        before = triggers;
    }
}

impl Run {
    /// Whether `outage` began during it, or before its effect can have settled.
    fn begins(&self, outage: &Outage, stable: Span) -> bool {
        let until = self.until.map_or(Instant::MAX, |until| until.saturating_add(stable));
        (self.from..=until).contains(&outage.from)
    }
}

/// Every run of a procedure, in order of their starts.
pub fn runs(record: &Record) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for event in record.timeline.events() {
        let Some((procedure, word)) = event.name.split_once('.').filter(|(_, word)| !word.contains('.')) else {
            continue;
        };
        if word == "started" && !matches!(procedure, "shift" | "drill") {
            let new = Run { procedure: procedure.to_owned(), from: event.at, until: None, done: false, undone: false };
            runs.push(new);
        }
        let open = runs.iter_mut().rev().find(|run| run.procedure == procedure && run.until.is_none());
        let Some(run) = open else { continue };
        match word {
            "done" => (run.until, run.done) = (Some(event.at), true),
            "undone" => (run.until, run.undone) = (Some(event.at), true),
            "undo_failed" | "stopped" | "found" => run.until = Some(event.at),
            _ => {}
        }
    }
    runs
}

/// What `outage`, number `index`, belongs to, as events are named.
fn causes(
    index: usize,
    outage: &Outage,
    owned: &[Owned<'_>],
    runs: &[Run],
    stable: Span,
    record: &Record,
) -> Vec<String> {
    let faults = owned.iter().filter(|one| one.outages.contains(&index)).map(|one| format!("fault.{}", one.fault.id));
    let runs = runs.iter().filter(|run| run.begins(outage, stable)).map(|run| run.procedure.clone());
    let mut causes: Vec<String> = faults.chain(runs).collect();
    causes.dedup();
    if !causes.is_empty() {
        return causes;
    }
    let change = last_change(outage.from, record).map(|event| event.name.clone());
    change.or_else(|| load_had_risen(outage.from, record).then(|| "load".to_owned())).into_iter().collect()
}

fn last_change(at: Instant, record: &Record) -> Option<&TimelineEvent> {
    let is_change = |event: &&TimelineEvent| {
        let name = event.name.as_str();
        let records = name.starts_with("dns.") && (name.ends_with(".published") || name.ends_with(".ttl"));
        records || name.starts_with("balancer.w") || name == "balancer.settled" || name.starts_with("planning.")
    };
    let recent = |event: &&TimelineEvent| event.at <= at && event.at.saturating_add(CHANGE_SHOWS_WITHIN) >= at;
    record.timeline.events().iter().filter(recent).rfind(is_change)
}

/// Whether clients had begun more requests than before: in the minute before `at` against all the time before that.
fn load_had_risen(at: Instant, record: &Record) -> bool {
    let Some(offered) = record.signal("offered") else { return false };
    let minute = Instant::from_secs(at.second().saturating_sub(60));
    let mean = |from: Instant, to: Instant| {
        let seconds: Vec<u64> =
            (from.second()..to.second()).map(|second| offered.at(Instant::from_secs(second)).part).collect();
        (seconds.iter().map(|count| u128::from(*count)).sum::<u128>(), seconds.len() as u128)
    };
    let ((now, now_seconds), (before, before_seconds)) =
        (mean(minute, Instant::from_secs(at.second() + 1)), mean(Instant::ZERO, minute));
    before_seconds > 0 && now * before_seconds * RISEN.1 > before * now_seconds * RISEN.0
}

#[cfg(test)]
#[path = "cause_tests.rs"]
pub(crate) mod tests;
