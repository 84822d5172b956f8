//! The desk between control and the world: commands handed over, answers handed back.
//!
//! The one thing control and world share. Does not know what a command does.
//!
//! Invariants: control never sees the world, only answers that arrived; an answer nobody waits for any more is dropped;
//! a process that is interrupted before it sends has sent nothing.

use crate::model::command::{Answer, Command};
use crate::model::core::interruption::{Act, Interruption, PendingInterruption};
use crate::ports::PortError;
use crate::record::{Lap, LossBound};
use crate::units::{DatabaseId, Instant};
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The controller, by its place in the plan.
    pub controller: u16,
    /// The process: a restarted controller is another one.
    pub process: u32,
    /// The epoch of the lease the call is made under; 0: none.
    pub epoch: u32,
}

/// What control wrote down.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A lap.
    Lap(Lap),
    /// An event: who tells it, its name and its text.
    Event(Caller, crate::record::event::Event),
    /// What comparing two databases has come to.
    Reconciled(crate::record::Reconciliation),
    /// The largest loss the next action may cost in a database.
    LossBound(DatabaseId, LossBound),
}

#[derive(Debug, Default)]
struct Call {
    answer: Option<Result<Answer, PortError>>,
    waker: Option<Waker>,
}

/// The desk.
#[derive(Debug, Default)]
pub struct Desk {
    now: Instant,
    next: u32,
    calls: BTreeMap<u32, Call>,
    commands: VecDeque<(u32, Caller, Command)>,
    notes: VecDeque<Note>,
    /// By controller: how far its clock is ahead of the world's, in nanoseconds.
    skews: Vec<i64>,
    interruptions: Vec<Interruption>,
    /// By controller: how many calls its first instance has made.
    made: Vec<u32>,
    /// By controller: the process that is its first instance at present.
    firsts: Vec<Option<u32>>,
    interruptions_due: VecDeque<PendingInterruption>,
    trace: Option<Vec<CallTrace>>,
}

/// A call as it was made: for those who want to strike there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallTrace {
    /// When.
    pub at: Instant,
    /// By which controller.
    pub controller: u16,
    /// Its number among the calls of the controller's first instance.
    pub number: u32,
    /// What it asked for.
    pub command: String,
}

impl Desk {
    /// The present instant, as control's clock shows it.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Sets the clock.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// Makes room for that many controllers, to be interrupted as given. `trace`: calls are written down.
    pub fn prepare(&mut self, controllers: usize, interruptions: &[Interruption], trace: bool) {
        self.skews = vec![0; controllers];
        self.made = vec![0; controllers];
        self.firsts = vec![None; controllers];
        self.interruptions = interruptions.to_vec();
        self.trace = trace.then(Vec::new);
    }

    /// `process` is the first instance of `controller` from now on.
    pub fn set_first(&mut self, controller: u16, process: u32) {
        self.firsts[usize::from(controller)] = Some(process);
    }

    /// Whether somebody waits for the answer to `call`.
    pub fn waits_for(&self, call: u32) -> bool {
        self.calls.contains_key(&call)
    }

    /// Whether `caller` is the first instance of its controller, or was the last one to be.
    pub fn is_first(&self, caller: Caller) -> bool {
        self.firsts.get(usize::from(caller.controller)).copied().flatten() == Some(caller.process)
    }

    /// How far the clock of `controller` is ahead of the world's, in nanoseconds.
    pub fn skew(&self, controller: u16) -> i64 {
        self.skews.get(usize::from(controller)).copied().unwrap_or(0)
    }

    /// Sets how far the clock of `controller` is ahead.
    pub fn set_skew(&mut self, controller: u16, nanos: i64) {
        self.skews[usize::from(controller)] = nanos;
    }

    /// Control hands over a command. Returns the call's number.
    pub fn submit(&mut self, caller: Caller, command: Command) -> u32 {
        let call = self.next;
        self.next += 1;
        self.calls.insert(call, Call::default());
        match self.strike(caller, &command) {
            None => self.commands.push_back((call, caller, command)),
            Some(Interruption { controller, act, sent, .. }) => {
                let kept = match (act, sent) {
                    (Act::Kill(_), false) => None,
                    (Act::Pause(_) | Act::Overtake(_), false) => Some((call, caller, command)),
                    (_, true) | (Act::Double(_), _) => {
                        self.commands.push_back((call, caller, command));
                        None
                    }
                };
                self.interruptions_due.push_back(PendingInterruption { controller, act, kept });
            }
        }
        call
    }

    /// Counts a call of a first instance, and says how it is interrupted, if it is.
    fn strike(&mut self, caller: Caller, command: &Command) -> Option<Interruption> {
        let index = usize::from(caller.controller);
        if !self.is_first(caller) {
            return None;
        }
        self.made[index] += 1;
        let number = self.made[index];
        if let Some(trace) = &mut self.trace {
            let (at, controller) = (self.now, caller.controller);
            trace.push(CallTrace { at, controller, number, command: command.told() });
        }
        let here = |i: &&Interruption| i.controller == caller.controller && i.call == number;
        self.interruptions.iter().find(here).copied()
    }

    /// A call that was held back while its process was paused is sent after all.
    pub fn send_late(&mut self, kept: (u32, Caller, Command)) {
        if self.calls.contains_key(&kept.0) {
            self.commands.push_back(kept);
        }
    }

    /// The next pending that has fallen on a controller.
    pub fn next_interruption(&mut self) -> Option<PendingInterruption> {
        self.interruptions_due.pop_front()
    }

    /// The calls made so far, if they are written down.
    pub fn trace(&self) -> &[CallTrace] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// Takes the answer to `call`, or leaves `waker` to be woken when it comes.
    pub fn poll(&mut self, call: u32, waker: &Waker) -> Option<Result<Answer, PortError>> {
        let entry = self.calls.get_mut(&call)?;
        if let Some(answer) = entry.answer.take() {
            self.calls.remove(&call);
            return Some(answer);
        }
        entry.waker = Some(waker.clone());
        None
    }

    /// The caller of `call` went away.
    pub fn forget(&mut self, call: u32) {
        self.calls.remove(&call);
    }

    /// The answer to `call` has come. The first answer counts.
    pub fn answer(&mut self, call: u32, answer: Result<Answer, PortError>) {
        if let Some(entry) = self.calls.get_mut(&call) {
            entry.answer.get_or_insert(answer);
            if let Some(waker) = entry.waker.take() {
                waker.wake();
            }
        }
    }

    /// Control writes something down.
    pub fn note(&mut self, note: Note) {
        self.notes.push_back(note);
    }

    /// The next command to be carried into the world.
    pub fn next_command(&mut self) -> Option<(u32, Caller, Command)> {
        self.commands.pop_front()
    }

    /// The next thing control wrote down.
    pub fn next_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }

    /// Calls that wait for an answer.
    pub fn waiting(&self) -> usize {
        self.calls.len()
    }
}
