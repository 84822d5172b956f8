//! Which outage belongs to what: faults, runs of procedures, changes, load.
//!
//! Owns the attribution. Does not know properties, nor what a fault does.
//!
//! Definition. A fault is on from its beginning until it is healed and service has then stayed as promised. Every
//! outage that overlaps this time belongs to it, if it touched a request that was not served in that outage; where no
//! fault touched one by itself, if it can make requests fail at all. An outage that begins during a run of a procedure
//! belongs to that run and to the faults that triggered it: those that were on when it started, or, for the failback,
//! those that triggered the run before it. What nothing of this explains is put down to the last change before it, or
//! to a load that had risen; else it has no cause.
//!
//! An outage is planned if it lies in a window of maintenance and the maintenance explains it: it belongs to a run or a
//! change, and to no fault that was on. What a fault breaks, or load, is planned by no window that it happens to lie in.

use super::outage::{Stretch, stretches};
use super::slowdown::is_change;
use crate::outcome::Outage;
use crate::record::event::{DrillKind, FaultEvent};
use crate::record::{ControlRun, FaultReach, FaultRecord, Period, Record, ServiceClass, Signal, TimelineEvent};
use crate::units::{Instant, Ratio, Span};
use std::collections::BTreeSet;

/// How long before an outage a change may have been made that caused it: product default, for caches of names hold an
/// answer for minutes.
const CHANGE_SHOWS_WITHIN: Span = Span::from_mins(15);

/// The cause of an outage that came with more load.
const LOAD: &str = "load";

/// By how much the load must have risen to be taken for the cause: product default, a tenth.
const RISEN: (u128, u128) = (11, 10);

/// A run of a procedure.
#[derive(Debug, Clone)]
pub struct AttributedRun<'a> {
    /// The run itself.
    pub run: ControlRun<'a>,
    /// The faults that triggered it, by id.
    pub triggers: Vec<String>,
    /// Whether one of them was on when it began: it answers it, and was announced to nobody.
    pub reacts: bool,
}

/// A period of a fault with the outages that belong to it.
#[derive(Debug, Clone)]
pub struct Owned<'a> {
    /// The fault.
    pub fault: &'a FaultRecord,
    /// When it was on.
    pub period: Period,
    /// Its outages, by index, in order of time.
    pub outages: Vec<usize>,
}

/// The outages of a run, and what each belongs to.
#[derive(Debug)]
pub struct Attribution<'a> {
    /// The outages of all classes, in order of time.
    pub outages: Vec<Outage>,
    /// Every period of every fault that had an effect and can make requests fail.
    pub owned: Vec<Owned<'a>>,
    /// The runs of procedures.
    pub runs: Vec<AttributedRun<'a>>,
    stable: Span,
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
        let mut runs = runs(record);
        let mut owned: Vec<Owned<'_>> = periods(record);
        let touching = touching(record, &outages);
        for one in &mut owned {
            one.outages = overlapping(one, &outages, &touching, self.stable, record);
        }
        let broken: BTreeSet<usize> = owned.iter().flat_map(|one| one.outages.iter().copied()).collect();
        by_way_of_runs(&mut runs, &mut owned, &outages, self.stable);
        for (index, outage) in outages.iter_mut().enumerate() {
            outage.causes = causes(index, outage, &owned, &runs, self.stable, record);
            let by_fault = mutant!("a_window_plans_what_faults_break": broken.contains(&index) => false);
            let reacts = runs.iter().any(|run| run.reacts && run.begins(outage, self.stable));
            let struck = reacts || control_was_struck((outage.from, outage.until), record);
            outage.planned = !by_fault && !struck && has_planned_cause(outage) && lies_in_a_window(outage, record);
        }
        Attribution { outages, owned, runs, stable: self.stable }
    }
}

impl Attribution<'_> {
    /// The faults, by id, that were on at `at`, or after which service had not been stable by then.
    pub fn faults_on(&self, at: Instant) -> Vec<String> {
        let on = self.owned.iter().filter(|one| one.is_on(at, &self.outages, self.stable));
        on.map(|one| one.fault.id.clone()).collect()
    }

    /// Whether slow answers from `from` to `until` were planned: they lie in a window of maintenance and beside a run of a
    /// procedure, and no fault was on.
    pub fn is_planned(&self, (from, until): (Instant, Instant), record: &Record) -> bool {
        let in_window =
            record.maintenance.iter().any(|window| window.from <= from && window.until.is_none_or(|end| until <= end));
        let beside = |run: &AttributedRun<'_>| {
            !run.reacts
                && run.run.from <= until
                && run.run.until.is_none_or(|end| from <= end.saturating_add(self.stable))
        };
        let mut on = self.owned.iter().filter(|one| one.period.from <= until);
        let was_on = on.any(|one| one.period.from >= from || one.is_on(from, &self.outages, self.stable))
            || control_was_struck((from, Some(until)), record);
        let by_fault = mutant!("a_window_plans_what_faults_slow": was_on => false);
        // What was slow a moment after the load had risen was slow while it was high.
        let by_load = load_had_risen(from, record) || load_rose((from, until), record);
        in_window && !by_fault && !by_load && self.runs.iter().any(beside)
    }

    /// The outages that an obligation after an event at `at` is about, if it begins no period of a fault: those that were
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
    Outage {
        class: class.name.clone(),
        promised: share,
        within: class.within,
        from: stretch.from,
        last: stretch.last,
        asked: stretch.asked.unwrap_or(record.workload_end).max(stretch.last),
        answered: stretch.answered,
        until: stretch.until(),
        unserved: stretch.unserved,
        requests: stretch.requests,
        certain: stretch.certain,
        planned: false,
        causes: Vec::new(),
        bounded_by: None,
    }
}

/// Whether a fault that gets at no request by itself, but at control or at what control needs, was on at some time from then
/// until then and did something: what it prolongs was not planned that way.
fn control_was_struck((from, until): (Instant, Option<Instant>), record: &Record) -> bool {
    let beside = |period: &Period| {
        until.is_none_or(|until| period.from <= until) && period.until.is_none_or(|healed| healed >= from)
    };
    let struck = |fault: &FaultRecord| fault.hits > 0 && fault.periods.iter().any(beside);
    let struck = record.faults.iter().filter(|fault| fault.reach == FaultReach::Control).any(struck);
    mutant!("a_window_plans_what_strikes_control": struck => false)
}

fn lies_in_a_window(outage: &Outage, record: &Record) -> bool {
    record.maintenance.iter().any(|window| {
        window.from <= outage.from && outage.until.is_some_and(|until| window.until.is_none_or(|end| until <= end))
    })
}

/// Whether something that may be planned explains it: a run or a change.
fn has_planned_cause(outage: &Outage) -> bool {
    let planned = |cause: &String| cause != LOAD && FaultEvent::of(cause).is_none();
    let by_load = outage.causes.iter().any(|cause| cause == LOAD);
    mutant!("maintenance_explains_everything": !by_load && outage.causes.iter().any(planned) => true)
}

fn periods(record: &Record) -> Vec<Owned<'_>> {
    let can = |fault: &FaultRecord| {
        let can = fault.reach != FaultReach::Control;
        mutant!("what_strikes_control_fails_requests": can => true)
    };
    let effective = record.faults.iter().filter(|fault| fault.hits > 0 && can(fault));
    let each = effective.flat_map(|fault| fault.periods.iter().map(move |period| (fault, *period)));
    each.map(|(fault, period)| Owned { fault, period, outages: Vec::new() }).collect()
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

/// The outages that overlap the time a period is on, until stably over.
fn overlapping(
    one: &Owned<'_>,
    outages: &[Outage],
    touching: &[Vec<&str>],
    stable: Span,
    record: &Record,
) -> Vec<usize> {
    let mut until = one.period.until.unwrap_or(record.workload_end);
    let mut found = Vec::new();
    for (index, outage) in outages.iter().enumerate() {
        let over = until.saturating_add(mutant!("a_fault_is_over_once_healed": stable => Span::ZERO));
        let overlaps = outage.from <= over && outage.until.is_none_or(|end| end > one.period.from);
        let others = &touching[index];
        let touched = others.is_empty() || others.contains(&one.fault.id.as_str());
        if overlaps && mutant!("whatever_is_on_is_to_blame": touched => true) {
            until = until.max(outage.until.unwrap_or(record.workload_end));
            found.push(index);
        }
    }
    found
}

impl Owned<'_> {
    /// Whether it was on at `at`, or service had not been stable after it by then.
    fn is_on(&self, at: Instant, outages: &[Outage], stable: Span) -> bool {
        let ends = self.outages.iter().map(|index| outages[*index].until.unwrap_or(Instant::MAX));
        let until = ends.chain(self.period.until).max();
        self.period.from <= at
            && (self.period.until.is_none() || until.is_some_and(|until| at <= until.saturating_add(stable)))
    }
}

/// Adds to the periods what the runs they triggered did, and to the runs what triggered them.
fn by_way_of_runs(runs: &mut [AttributedRun<'_>], owned: &mut [Owned<'_>], outages: &[Outage], stable: Span) {
    let mut before: Vec<usize> = Vec::new();
    for run in runs {
        let on: Vec<usize> =
            (0..owned.len()).filter(|index| owned[*index].is_on(run.run.from, outages, stable)).collect();
        run.reacts = mutant!("an_answer_to_a_fault_is_maintenance": !on.is_empty() => false);
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
        run.triggers = triggers.iter().map(|trigger| owned[*trigger].fault.id.clone()).collect();
        before = triggers;
    }
}

impl AttributedRun<'_> {
    /// Whether `outage` began during it, or before its effect can have settled.
    fn begins(&self, outage: &Outage, stable: Span) -> bool {
        let until = self.run.until.map_or(Instant::MAX, |until| until.saturating_add(stable));
        (self.run.from..=until).contains(&outage.from)
    }
}

/// Every run of a procedure, in order of their starts: not the frames around them, nor shifts, which are changes.
fn runs(record: &Record) -> Vec<AttributedRun<'_>> {
    // A drill is a frame around the runs of other procedures, and does nothing itself.
    let all =
        ControlRun::all(&record.timeline).into_iter().filter(|run| !run.is_shift && run.name != DrillKind::PROCEDURE);
    all.map(|run| AttributedRun { run, triggers: Vec::new(), reacts: false }).collect()
}

/// What `outage`, number `index`, belongs to, as events are named.
fn causes(
    index: usize,
    outage: &Outage,
    owned: &[Owned<'_>],
    runs: &[AttributedRun<'_>],
    stable: Span,
    record: &Record,
) -> Vec<String> {
    let faults = owned.iter().filter(|one| one.outages.contains(&index)).map(|one| FaultEvent::begins(&one.fault.id));
    let runs = runs.iter().filter(|run| run.begins(outage, stable)).map(|run| run.run.name.to_owned());
    let by_fault = owned.iter().any(|one| one.outages.contains(&index));
    let mut causes: Vec<String> = faults.chain(runs).collect();
    causes.dedup();
    let load = load_had_risen(outage.from, record).then(|| LOAD.to_owned());
    if !causes.is_empty() {
        // A run that goes on while the load rises is no less a cause, and no excuse for it.
        let beside = mutant!("a_run_excuses_the_load": load => None).filter(|_| !by_fault);
        causes.extend(beside);
        return causes;
    }
    let change = last_change(outage.from, record).map(|event| event.name.clone());
    load.into_iter().chain(change).collect()
}

fn last_change(at: Instant, record: &Record) -> Option<&TimelineEvent> {
    // A run has been considered before.
    let recent = |event: &&TimelineEvent| event.at <= at && event.at.saturating_add(CHANGE_SHOWS_WITHIN) >= at;
    record.timeline.events().iter().filter(recent).rfind(|event| is_change(event))
}

/// Whether clients had begun more requests than before: in the minute before `at` against all the time before that.
fn load_had_risen(at: Instant, record: &Record) -> bool {
    let minute = Instant::from_secs(at.second().saturating_sub(60));
    load_rose((minute, Instant::from_secs(at.second() + 1)), record)
}

/// Whether clients began more requests from then until then than in all the time before.
fn load_rose((from, until): (Instant, Instant), record: &Record) -> bool {
    let Some(offered) = record.signal("offered") else { return false };
    let mean = |from: Instant, to: Instant| {
        let seconds: Vec<u64> =
            (from.second()..to.second()).map(|second| offered.at(Instant::from_secs(second)).part).collect();
        (seconds.iter().map(|count| u128::from(*count)).sum::<u128>(), seconds.len() as u128)
    };
    let ((now, now_seconds), (before, before_seconds)) = (mean(from, until), mean(Instant::ZERO, from));
    // So many were to come in that time, and more than three standard deviations of a Poisson process beyond that is no
    // chance.
    let expected = (before * now_seconds).checked_div(before_seconds).unwrap_or(now);
    let more = now.saturating_sub(expected);
    before_seconds > 0 && now * before_seconds * RISEN.1 > before * now_seconds * RISEN.0 && more * more > 9 * expected
}

#[cfg(test)]
#[path = "cause_tests.rs"]
pub(crate) mod tests;
