//! Controllers that change the same thing in runs that overlap, none knowing of the other.
//!
//! Owns which runs each controller has under way, and who set what last. Does not know what a change means. Invariant: a
//! change is told of if it replaces what another controller had set after the run that makes it began, or in a run that is
//! still under way; runs that follow each other are told of by nothing. Controllers that share a lease count as one: the one
//! that takes over goes on with what the other had begun.

use super::Core;
use crate::record::TimelineEvent;
use crate::record::event::ControllerEvent;
use crate::units::Instant;
use std::collections::BTreeMap;

/// A run that a controller has under way.
#[derive(Debug)]
struct OpenRun {
    name: String,
    since: Instant,
}

/// What a thing was last set to, and by which controllers.
#[derive(Debug)]
struct Setting {
    value: String,
    by: Vec<(u16, Instant)>,
}

/// Who has what under way, and who set what.
#[derive(Debug, Default)]
pub(in crate::model) struct Rivals {
    open: BTreeMap<u16, Vec<OpenRun>>,
    settings: BTreeMap<String, Setting>,
}

impl Rivals {
    /// `controller` tells `event`.
    pub(super) fn follow(&mut self, controller: u16, event: &TimelineEvent) {
        let Some((name, phase)) = event.run() else { return };
        let open = self.open.entry(controller).or_default();
        if phase.is_under_way() && open.iter().all(|run| run.name != name) {
            open.push(OpenRun { name: name.to_owned(), since: event.at });
        }
        if phase.is_end() {
            open.retain(|run| run.name != name);
        }
    }

    /// Since when `controller` has had a run under way, without a break.
    fn since(&self, controller: u16) -> Option<Instant> {
        self.open.get(&controller)?.iter().map(|run| run.since).min()
    }

    /// `controller` sets `thing` to `value` at `at`. What it replaces, if another controller had set that beside it, and who
    /// that was.
    fn set(&mut self, controller: u16, thing: &str, value: &str, at: Instant) -> Option<(String, u16)> {
        let replaced = self.settings.get(thing).filter(|setting| setting.value != value);
        let beside = |(other, set): &&(u16, Instant)| {
            let still = self.since(*other).is_some_and(|since| since <= *set);
            let unseen = self.since(controller).is_some_and(|since| since <= *set);
            *other != controller && (still || unseen)
        };
        let found = replaced
            .and_then(|setting| setting.by.iter().find(beside).map(|(other, _)| (setting.value.clone(), *other)));
        let setting =
            self.settings.entry(thing.to_owned()).or_insert_with(|| Setting { value: value.to_owned(), by: vec![] });
        if setting.value != value {
            *setting = Setting { value: value.to_owned(), by: Vec::new() };
        }
        setting.by.retain(|(other, _)| *other != controller);
        setting.by.push((controller, at));
        found
    }
}

impl Core {
    /// What `call` asked for has set `thing` to `value`, both in words.
    pub(in crate::model) fn note_setting(&mut self, call: u32, thing: &str, value: &str) {
        let Some(caller) = self.calls.caller(call) else { return };
        let (at, lease) = (self.now(), self.calls.lease_of(caller.controller));
        let Some((before, other)) = self.rivals.set(lease, thing, value, at) else { return };
        let name = |controller: u16| self.plan.controllers[usize::from(controller)].name.clone();
        let (controller, other) = (name(caller.controller), name(other));
        let (thing, value) = (thing.to_owned(), value.to_owned());
        self.note(ControllerEvent::Interfered { controller, other, thing, before, value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::event::ProcedureEvent;

    const fn at(second: u64) -> Instant {
        Instant::from_secs(second)
    }

    fn tell(rivals: &mut Rivals, controller: u16, second: u64, event: ProcedureEvent) {
        rivals.follow(controller, &TimelineEvent::new(at(second), event.into()));
    }

    fn begin(rivals: &mut Rivals, controller: u16, second: u64) {
        let started = ProcedureEvent::Started { procedure: "move".to_owned(), does: "moves".into() };
        tell(rivals, controller, second, started);
    }

    fn end(rivals: &mut Rivals, controller: u16, second: u64) {
        tell(rivals, controller, second, ProcedureEvent::Done { procedure: "move".to_owned(), steps: 1 });
    }

    #[test]
    fn runs_that_follow_each_other_do_not_interfere() {
        let mut rivals = Rivals::default();
        begin(&mut rivals, 0, 10);
        assert_eq!(rivals.set(0, "name", "east", at(20)), None, "nobody had set it");
        end(&mut rivals, 0, 30);
        begin(&mut rivals, 1, 40);
        assert_eq!(rivals.set(1, "name", "west", at(50)), None);
        assert_eq!(rivals.set(1, "name", "east", at(51)), None, "its own to change");
    }

    #[test]
    fn what_another_run_had_set_that_is_under_way_or_ended_meanwhile_is_replaced_unknowingly() {
        let mut rivals = Rivals::default();
        begin(&mut rivals, 0, 10);
        begin(&mut rivals, 1, 15);
        rivals.set(0, "name", "east", at(20));
        assert_eq!(rivals.set(1, "other", "west", at(21)), None, "another thing");
        assert_eq!(rivals.set(1, "name", "east", at(22)), None, "set to the same");
        assert_eq!(rivals.set(1, "name", "west", at(23)), Some(("east".to_owned(), 0)));
        end(&mut rivals, 1, 24);
        assert_eq!(rivals.set(0, "name", "east", at(25)), Some(("west".to_owned(), 1)), "it ended, and was not seen");
    }

    #[test]
    fn what_both_had_set_is_not_one_s_own_to_take_back() {
        let mut rivals = Rivals::default();
        begin(&mut rivals, 0, 10);
        begin(&mut rivals, 1, 15);
        rivals.set(0, "name", "east", at(20));
        rivals.set(1, "name", "east", at(22));
        assert_eq!(rivals.set(1, "name", "west", at(23)), Some(("east".to_owned(), 0)));
    }
}
