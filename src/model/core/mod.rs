//! What every part of the world may use, and that knows no part.
//!
//! Owns time, what is due, the calls of control and their answers, who reaches what, what faults are counted for, the
//! signals, and the path of an event into the timeline and the digest. Does not know what any of it is about: an item
//! of the [agenda](super::agenda) is taken to its part by the world.
//!
//! Invariants: parts reach each other through here or through `flow`, never directly; what a part has to say to another
//! one it [tells](Core::tell), and that is heard when its own transition is over, before anything else happens.

mod calls;
pub(super) mod chronicle;
pub(super) mod counters;
pub(super) mod desk;
pub(super) mod drills;
pub(super) mod episodes;
pub(super) mod event;
pub(super) mod held;
pub(super) mod interruption;
pub(super) mod job;
pub(super) mod network;
pub(super) mod operation;
pub(super) mod rate_limit;
pub(super) mod reach;
mod rivals;
pub(super) mod signals;
pub(super) mod slab;
mod throttles;
pub(super) mod turns;
pub(super) mod wake;

use super::agenda::Agenda;
use super::message::Message;
use super::plan::WorldPlan;
use crate::kernel::{Class, Kernel, LaneId, Stream, Streams, TieBreak};
use crate::record::{Observer, RequestEvent};
use crate::units::{FaultId, Instant, RegionId, Span};
use calls::Calls;
use chronicle::Chronicle;
use drills::Drills;
use event::KernelEvent;
use held::Held;
use job::Job;
use network::Network;
use reach::Region;
use rivals::Rivals;
use signals::SignalStore;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use throttles::Throttles;
use wake::Wake;

/// What every part of the world may use.
#[derive(Debug)]
pub struct Core {
    pub(in crate::model) kernel: Kernel<KernelEvent>,
    pub(in crate::model) plan: WorldPlan,
    pub(in crate::model) network: Network,
    pub(in crate::model) regions: Vec<Region>,
    pub(in crate::model) signals: SignalStore,
    pub(in crate::model) chronicle: Chronicle,
    pub(in crate::model) calls: Calls,
    pub(in crate::model) throttles: Throttles,
    pub(in crate::model) drills: Drills,
    pub(in crate::model) rivals: Rivals,
    pub(in crate::model) wake: Wake,
    /// The journal, and the store of leases beside it, answer nothing while this is held.
    pub(in crate::model) journal_down: Held,
    /// By fault: operations it affected.
    pub(in crate::model) hits: Vec<u64>,
    /// The region whose first served request is worth an event, since control has sent traffic there.
    pub(in crate::model) remedy: Option<RegionId>,
    pub(in crate::model) workload_end: Instant,
    /// Who is told of requests, if anybody is.
    pub(in crate::model) requests_watched: Option<Rc<RefCell<dyn Observer>>>,
    delays: Vec<(Span, LaneId)>,
    agenda: Vec<Option<Agenda>>,
    agenda_free: Vec<u32>,
    messages: VecDeque<Message>,
    fault_streams: Vec<(Stream, Stream)>,
    stamps: u32,
}

impl Core {
    /// The core of the world of `plan`, with injections to come that draw under these names.
    pub(in crate::model) fn new(plan: &WorldPlan, streams: &Streams, faults: &[&str]) -> Self {
        let tie_break = if plan.tie_break_seeded {
            TieBreak::Seeded(streams.stream("kernel", "ties").at(0))
        } else {
            TieBreak::Fifo
        };
        let names: Vec<&str> = plan.regions.iter().map(|r| r.name.as_str()).collect();
        let mut signals = SignalStore::new(plan);
        Self {
            kernel: Kernel::new(tie_break),
            network: Network::new(&plan.network, &names, streams),
            regions: plan.regions.iter().map(|region| Region::new(region, &mut signals)).collect(),
            signals,
            chronicle: Chronicle::default(),
            calls: Calls::new(plan.leases()),
            throttles: Throttles::default(),
            drills: Drills::default(),
            rivals: Rivals::default(),
            wake: Wake::new(),
            journal_down: Held::default(),
            hits: vec![0; faults.len()],
            remedy: None,
            workload_end: Instant::ZERO.saturating_add(plan.duration),
            requests_watched: None,
            delays: Vec::new(),
            agenda: Vec::new(),
            agenda_free: Vec::new(),
            messages: VecDeque::new(),
            fault_streams: faults.iter().map(|id| fault_streams(id, streams)).collect(),
            stamps: 0,
            plan: plan.clone(),
        }
    }

    /// The present instant.
    pub(in crate::model) fn now(&self) -> Instant {
        self.kernel.now()
    }

    /// Gives each of these delays a lane of its own.
    pub(in crate::model) fn open_lanes(&mut self, delays: &[Span]) {
        self.delays = delays.iter().map(|delay| (*delay, self.kernel.lane())).collect();
    }

    /// Files `event` at `at`, `delay` from now, in the lane of that delay if it has one.
    #[inline]
    pub(in crate::model) fn push_delay(&mut self, delay: Span, at: Instant, class: Class, event: KernelEvent) {
        match self.delays.iter().find(|(lane_delay, _)| *lane_delay == delay) {
            Some((_, lane)) => self.kernel.push(*lane, at, class, event),
            None => self.kernel.schedule(at, class, event),
        }
    }

    /// Puts something on the agenda.
    pub(in crate::model) fn schedule(&mut self, at: Instant, class: Class, item: impl Into<Agenda>) {
        let item = Some(item.into());
        let slot = match self.agenda_free.pop() {
            Some(slot) => {
                self.agenda[slot as usize] = item;
                slot
            }
            None => {
                self.agenda.push(item);
                self.agenda.len() as u32 - 1
            }
        };
        self.kernel.schedule(at, class, KernelEvent::Agenda(slot));
    }

    /// Puts something on the agenda, `wait` from now, at the rate of control.
    pub(in crate::model) fn schedule_in(&mut self, wait: Span, item: impl Into<Agenda>) {
        let at = self.now().saturating_add(wait);
        self.schedule(at, Class::Control, item);
    }

    /// Takes what is due off the agenda.
    pub(in crate::model) fn due(&mut self, slot: u32) -> Option<Agenda> {
        let item = self.agenda[slot as usize].take()?;
        self.agenda_free.push(slot);
        Some(item)
    }

    /// Another part hears `message` as soon as the present transition is over.
    pub(in crate::model) fn tell(&mut self, message: Message) {
        self.messages.push_back(message);
    }

    /// Whether another part must hear something now.
    #[inline(always)]
    pub(in crate::model) fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    /// What another part must hear now.
    #[inline]
    pub(in crate::model) fn next_message(&mut self) -> Option<Message> {
        self.messages.pop_front()
    }

    /// Counts one operation that `fault` affected.
    #[inline]
    pub(in crate::model) fn hit(&mut self, fault: FaultId) {
        self.hits[fault.index()] += 1;
    }

    /// Counts `job` for `fault`, which affected it. What checkers send to see whether a region is there does not count:
    /// Something happens to a request of a client at `at`, for those who watch.
    #[inline]
    pub(in crate::model) fn tell_of_request(&self, at: Instant, event: RequestEvent) {
        if let Some(watched) = &self.requests_watched {
            watched.borrow_mut().request(at, event);
        }
    }

    /// nobody needs it.
    #[inline]
    pub(in crate::model) fn hit_by(&mut self, fault: FaultId, job: &Job) {
        self.hits[fault.index()] += u64::from(!job.is_check());
    }

    /// The random stream of a fault: keyed by its id, so that another fault in the file moves nothing.
    pub(in crate::model) fn fault_stream(&self, fault: FaultId) -> Stream {
        self.fault_streams[fault.index()].0
    }

    /// Another random stream of a fault, for how long something takes that it does.
    pub(in crate::model) fn fault_lengths(&self, fault: FaultId) -> Stream {
        self.fault_streams[fault.index()].1
    }

    /// A number nobody else has had.
    pub(in crate::model) fn next_stamp(&mut self) -> u32 {
        self.stamps = self.stamps.wrapping_add(1);
        self.stamps
    }
}

/// Which operations a fault touches, and how long what it does takes.
fn fault_streams(id: &str, streams: &Streams) -> (Stream, Stream) {
    let stream = |purpose| streams.stream(&format!("fault/{id}"), purpose);
    (stream("touched"), stream("lengths"))
}
