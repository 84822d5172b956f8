//! The desk between control and the world: commands handed over, answers handed back.
//!
//! The one thing control and world share. Refuses to know what a command does.
//!
//! Invariants: control never sees the world, only answers that arrived; an answer nobody waits for any more is dropped.

use crate::ports::{CopyStatus, PortError, Promotion, ServiceReading, ServiceStatus};
use crate::record::Lap;
use crate::units::{DatabaseId, Instant, NameId, Ratio, RegionId, ServiceId, Span};
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

/// A command on its way from control into the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Wait.
    Sleep(Span),
    /// Point a DNS record at a region.
    PointRecord(NameId, RegionId),
    /// Ask what a DNS record names.
    ReadRecord(NameId),
    /// Set the balancer's weights.
    SetWeights(Vec<(RegionId, Ratio)>),
    /// Read the balancer's weights.
    ReadWeights,
    /// Make the services of a region ready.
    Activate(RegionId),
    /// Put the services of a region on standby.
    Deactivate(RegionId),
    /// Read the state of a region's services.
    ServiceStatus(RegionId),
    /// Read the state of a copy.
    CopyStatus(DatabaseId, RegionId),
    /// Read the position that the authority's log has not passed, as far as monitoring can tell.
    HeadBound(DatabaseId),
    /// Raise the epoch.
    Fence(DatabaseId, u32),
    /// Make a copy the authority.
    Promote(DatabaseId, RegionId, u32),
    /// Make a copy follow the authority again, whatever it holds.
    Rebuild(DatabaseId, RegionId),
    /// Read the metrics of a region.
    ReadRegion(RegionId),
    /// Send a synthetic request.
    Probe(ServiceId),
    /// Tell people.
    Notify(String, String),
}

/// An answer from the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is done.
    Done,
    /// A region.
    Region(RegionId),
    /// Weights.
    Weights(Vec<(RegionId, Ratio)>),
    /// The state of services.
    Services(Vec<ServiceStatus>),
    /// The state of a copy.
    Copy(CopyStatus),
    /// A position.
    Head(Option<u64>),
    /// An epoch.
    Epoch(u32),
    /// A promotion.
    Promoted(Promotion),
    /// Metrics.
    Readings(Vec<(String, ServiceReading)>),
    /// How long it took.
    Took(Span),
}

/// What control wrote down.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A lap.
    Lap(Lap),
    /// An event: its name and its text.
    Event(String, String),
    /// The largest loss the next action may cost in a database.
    LossBound(DatabaseId, u64),
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
    commands: VecDeque<(u32, Command)>,
    notes: VecDeque<Note>,
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

    /// Control hands over a command. Returns the call's number.
    pub fn submit(&mut self, command: Command) -> u32 {
        let call = self.next;
        self.next += 1;
        self.calls.insert(call, Call::default());
        self.commands.push_back((call, command));
        call
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
    pub fn next_command(&mut self) -> Option<(u32, Command)> {
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
