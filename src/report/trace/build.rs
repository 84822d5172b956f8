//! The stretches of a run, from its record.
//!
//! Owns what counts as a stretch. Does not know any format.
//!
//! Invariant: parents stand before what lies within them; an event is a mark of one stretch, the innermost that it tells of.

use super::{Ended, Mark, Stretch, shown};
use crate::outcome::{Outcome, Recovery};
use crate::record::event::{ConsentKind, EventKind, FaultEvent, PeopleKind};
use crate::record::{
    ControlRun, FaultRecord, Lap, LapResult, OperationOutcome, RunState, SampledRequest, TimelineEvent,
};
use crate::units::{Instant, Span};
use std::collections::BTreeMap;

/// The whole run.
const RUN: usize = 0;

/// Every stretch of the run, the whole of it first.
pub(super) fn stretches(outcome: &Outcome) -> Vec<Stretch> {
    let mut built = Built { all: vec![whole(outcome)], told: BTreeMap::new(), end: outcome.record.end };
    for fault in &outcome.record.faults {
        built.fault(fault);
    }
    for recovery in &outcome.recovery {
        built.recovery(recovery);
    }
    built.runs(outcome);
    built.approvals(outcome.timeline().events());
    built.people(outcome.timeline().events());
    built.requests(&outcome.record.sampled);
    built.hold_what_lies_within();
    for event in outcome.timeline().events() {
        let of = built.innermost(event);
        built.all[of].marks.push(mark(event));
    }
    built.all
}

fn whole(outcome: &Outcome) -> Stretch {
    let ended = if outcome.as_expected {
        Ended::Well
    } else {
        Ended::Badly(format!("{}, which is not as the scenario expects", outcome.verdict))
    };
    let requests = &outcome.record.requests;
    Stretch::new(None, "Run", &outcome.scenario, Instant::ZERO, outcome.record.end)
        .ended(ended)
        .text("firedrill.verdict", &outcome.verdict.to_string())
        .count("requests_started", requests.started)
        .count("requests_ok", requests.ok)
        .count("requests_failed", requests.failed)
        .count("requests_unknown", requests.unknown)
}

fn mark(event: &TimelineEvent) -> Mark {
    Mark { at: event.at, actor: event.actor, name: shown(&event.name), text: shown(&event.text) }
}

struct Built {
    all: Vec<Stretch>,
    /// Which run an event tells of, by the place of the event in memory.
    told: BTreeMap<*const TimelineEvent, usize>,
    end: Instant,
}

impl Built {
    fn add(&mut self, stretch: Stretch) -> usize {
        self.all.push(stretch);
        self.all.len() - 1
    }

    /// One for each time the fault was on.
    fn fault(&mut self, fault: &FaultRecord) {
        let Some(at) = fault.at else { return };
        let once = [(at, fault.healed)];
        let periods: Vec<_> = fault.periods.iter().map(|period| (period.from, period.until)).collect();
        for (from, until) in if periods.is_empty() { once.to_vec() } else { periods } {
            let stretch = Stretch::new(Some(RUN), "Faults", &fault.id, from, until.unwrap_or(self.end));
            let stretch = stretch.text("fault_kind", &fault.kind).text("fault_reach", &fault.reach.to_string());
            self.add(stretch.count("fault_hits", fault.hits));
        }
    }

    /// From the fault to service as promised, and its phases. Waiting for approval lies in the phase in which it was.
    fn recovery(&mut self, recovery: &Recovery) {
        let after = |span: Span| recovery.at.saturating_add(span);
        let ended = match (recovery.rto, recovery.objective) {
            (None, _) => Ended::Badly("service did not recover".to_owned()),
            (Some(took), Some(within)) if took > within => Ended::Badly(format!("{took:#}, objective {within:#}")),
            (Some(_), _) => Ended::Well,
        };
        let until = recovery.rto.map_or(self.end, after);
        let name = format!("recovery from {}", recovery.fault);
        let mut stretch = Stretch::new(Some(RUN), "Recovery", &name, recovery.at, until).ended(ended);
        stretch = stretch.text("fault", &recovery.fault).text("recovery_criterion", &recovery.criterion);
        if let Some(objective) = recovery.objective {
            stretch = stretch.seconds("recovery_objective_s", objective.as_secs_f64());
        }
        let parent = self.add(stretch);
        let ends = [
            ("detect", recovery.detect.map(after)),
            ("decide", recovery.decided_at()),
            ("act", recovery.mitigated_at()),
            ("converge", recovery.converge.and(recovery.rto).map(after)),
        ];
        let mut from = recovery.at;
        for (phase, end) in ends {
            let Some(end) = end else { break };
            self.add(Stretch::new(Some(parent), "Recovery", phase, from.min(end), end));
            from = end;
        }
    }

    /// Runs of procedures and shifts, and the steps of the former.
    fn runs(&mut self, outcome: &Outcome) {
        let mut begun: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let runs = ControlRun::all(outcome.timeline());
        for run in runs.iter().filter(|run| run.state != RunState::Planned) {
            let stretch = Stretch::new(Some(RUN), run.name, run.name, run.from, run.until.unwrap_or(self.end));
            let last = run.events.last().map_or("", |event| &event.text);
            let of = self.add(stretch.ended(how_it_ended(run.state, last)));
            self.told.extend(run.events.iter().map(|event| (std::ptr::from_ref(*event), of)));
            if !run.is_shift {
                begun.entry(run.name).or_default().push(of);
            }
        }
        for laps in Lap::by_run(&outcome.record.laps) {
            let first = laps[0];
            let known = begun.get(first.procedure.as_str()).and_then(|runs| runs.get(first.run as usize - 1)).copied();
            // A record says what it has: steps whose run left no event lie in one of their own.
            let run = known.unwrap_or_else(|| {
                let until = laps.iter().map(|lap| lap.start.saturating_add(lap.took)).max().unwrap_or(first.start);
                self.add(Stretch::new(Some(RUN), &first.procedure, &first.procedure, first.start, until))
            });
            self.all[run].facts.push(("procedure_run", super::Fact::Count(u64::from(first.run))));
            for lap in laps {
                self.add(of_lap(run, lap));
            }
        }
    }

    /// From a question to its answer.
    fn approvals(&mut self, events: &[TimelineEvent]) {
        let is = |event: &TimelineEvent, kind| event.kind == Some(EventKind::Consent(kind));
        for (place, asked) in events.iter().enumerate().filter(|(_, event)| is(event, ConsentKind::Asked)) {
            let ends = [ConsentKind::Given, ConsentKind::Refused, ConsentKind::Withdrawn, ConsentKind::Nobody];
            let answers = |event: &&TimelineEvent| {
                ends.iter().any(|kind| is(event, *kind)) && event.text.ends_with(asked.text.as_str())
            };
            let answer = events[place + 1..].iter().find(answers);
            let ended = match answer {
                Some(answer) if is(answer, ConsentKind::Given) => Ended::Well,
                Some(answer) if is(answer, ConsentKind::Withdrawn) => Ended::Open,
                Some(answer) => Ended::Badly(shown(&answer.text)),
                None => Ended::Open,
            };
            let until = answer.map_or(self.end, |answer| answer.at);
            let within = self.run_at(asked.at);
            let name = format!("approval: {}", asked.text);
            self.add(Stretch::new(Some(within), "Approvals", &name, asked.at, until).ended(ended));
        }
    }

    /// From a page to the person's acknowledgement, and from there to an answer, where one came.
    fn people(&mut self, events: &[TimelineEvent]) {
        let mut open: BTreeMap<&str, usize> = BTreeMap::new();
        let mut deciding: BTreeMap<&str, Instant> = BTreeMap::new();
        for event in events {
            let Some(EventKind::People(kind)) = event.kind else { continue };
            let Some(person) = event.part("person") else { continue };
            let stretch = |what: &str, from: Instant, until: Instant| {
                Stretch::new(Some(RUN), "People", &format!("{person}: {what}"), from, until).text("person", person)
            };
            match kind {
                PeopleKind::Paged if !open.contains_key(person) => {
                    let page = self.add(stretch("paged", event.at, self.end).text("message", &event.text));
                    open.insert(person, page);
                }
                PeopleKind::Acknowledged => {
                    if let Some(page) = open.remove(person) {
                        (self.all[page].until, self.all[page].ended) = (event.at, Ended::Well);
                    }
                    deciding.insert(person, event.at);
                }
                PeopleKind::Answered => {
                    if let Some(page) = open.remove(person) {
                        (self.all[page].until, self.all[page].ended) = (event.at, Ended::Well);
                        deciding.entry(person).or_insert(self.all[page].from);
                    }
                    if let Some(from) = deciding.remove(person) {
                        self.add(stretch("decides", from, event.at).text("answer", &event.text));
                    }
                }
                _ => {}
            }
        }
    }

    /// Those that were picked, each by itself.
    fn requests(&mut self, sampled: &[SampledRequest]) {
        for request in sampled {
            let ended = match (request.outcome, &request.reason) {
                (OperationOutcome::Ok, _) => Ended::Well,
                (OperationOutcome::Fail, reason) => Ended::Badly(reason.clone().unwrap_or_default()),
                (OperationOutcome::Info, reason) => {
                    Ended::Badly(format!("outcome unknown: {}", reason.as_deref().unwrap_or_default()))
                }
            };
            let name = format!("{} {}", request.workload, if request.write { "write" } else { "read" });
            let stretch = Stretch::new(Some(RUN), "Requests, sampled", &name, request.started, request.ended);
            let stretch = stretch.ended(ended).count("request_number", request.number);
            let stretch = stretch.count("request_attempts", u64::from(request.attempts));
            self.add(match &request.region {
                Some(region) => stretch.text("request_region", region),
                None => stretch,
            });
        }
    }

    /// The run of a procedure that is under way at `at`, the latest of several; the whole if there is none.
    fn run_at(&self, at: Instant) -> usize {
        let runs: Vec<usize> = self.told.values().copied().collect();
        let mut under_way: Vec<usize> =
            runs.into_iter().filter(|run| (self.all[*run].from..=self.all[*run].until).contains(&at)).collect();
        under_way.sort_unstable_by_key(|run| (self.all[*run].from, *run));
        under_way.last().copied().unwrap_or(RUN)
    }

    /// Clocks that are off may say of a step that it began before its run did.
    fn hold_what_lies_within(&mut self) {
        for place in (1..self.all.len()).rev() {
            let (from, until) = (self.all[place].from, self.all[place].until);
            let Some(parent) = self.all[place].within.map(|parent| &mut self.all[parent]) else { continue };
            (parent.from, parent.until) = (parent.from.min(from), parent.until.max(until));
        }
    }

    /// The stretch that `event` tells of.
    fn innermost(&self, event: &TimelineEvent) -> usize {
        let covers = |stretch: &Stretch| stretch.from <= event.at && event.at <= stretch.until;
        if let Some((fault, _)) = FaultEvent::of(&event.name).filter(|_| event.kind.is_some()) {
            let fault = shown(fault);
            let of = |stretch: &Stretch| stretch.group == "Faults" && stretch.name == fault && covers(stretch);
            return self.all.iter().rposition(of).unwrap_or(RUN);
        }
        let Some(run) = self.told.get(&std::ptr::from_ref(event)).copied() else { return RUN };
        let Some(step) = event.part("step").map(shown) else { return run };
        let of = |stretch: &Stretch| stretch.within == Some(run) && stretch.name == step && covers(stretch);
        self.all.iter().rposition(of).unwrap_or(run)
    }
}

fn how_it_ended(state: RunState, why: &str) -> Ended {
    match state {
        RunState::Done => Ended::Well,
        RunState::Planned | RunState::UnderWay | RunState::HandedOver => Ended::Open,
        RunState::Undone | RunState::UndoFailed | RunState::Stopped => Ended::Badly(shown(why)),
    }
}

fn of_lap(run: usize, lap: &Lap) -> Stretch {
    let ended = match lap.result {
        LapResult::Done => Ended::Well,
        LapResult::Skipped | LapResult::Undone => Ended::Open,
        LapResult::Failed | LapResult::OverBudget | LapResult::UndoFailed => Ended::Badly(shown(&lap.note)),
    };
    let until = lap.start.saturating_add(lap.took);
    Stretch::new(Some(run), &lap.procedure, &lap.step, lap.start, until)
        .ended(ended)
        .text("step_result", &lap.result.to_string())
        .text("step_note", &lap.note)
        .count("step_tries", u64::from(lap.tries))
        .seconds("step_budget_s", lap.budget.as_secs_f64())
}
