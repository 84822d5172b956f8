//! The authoritative servers: how many there are, which of them are down and which answer wrongly.
//!
//! Owns what faults do to them, and since when, so that a question asked in the past finds them as they were. Does not
//! know records. Invariant: a question meets one of the servers that are up, each equally often; a server that is down
//! costs no time, for the next one is asked.

use crate::kernel::{Stream, below};
use crate::units::{FaultId, Instant};

/// What one fault does to the servers.
#[derive(Debug, Clone, Copy)]
pub struct ServerOutage {
    /// The fault.
    pub fault: FaultId,
    /// How many answer nothing.
    pub down: u32,
    /// How many say that there is no address.
    pub bad: u32,
}

/// What a question meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// A server that answers what was published.
    Sound,
    /// A server that says that there is no address.
    Bad,
    /// No server at all.
    None,
}

/// How the servers were from an instant on.
#[derive(Debug, Clone, Copy)]
struct State {
    from: Instant,
    up: u32,
    bad: u32,
}

/// The servers of a zone.
#[derive(Debug)]
pub struct Servers {
    count: u32,
    draws: Stream,
    effects: Vec<(ServerOutage, u64)>,
    states: Vec<State>,
}

impl Servers {
    /// `count` servers, all sound.
    pub fn new(count: u32, draws: Stream) -> Self {
        Self { count: count.max(1), draws, effects: Vec::new(), states: Vec::new() }
    }

    /// A fault takes hold.
    pub fn hold(&mut self, outage: ServerOutage, now: Instant) {
        self.effects.push((outage, 0));
        self.change(now);
    }

    /// `fault` lets go. How many questions it affected.
    pub fn release(&mut self, fault: FaultId, now: Instant) -> u64 {
        let touched = self.effects.iter().filter(|(outage, _)| outage.fault == fault).map(|(_, touched)| touched).sum();
        self.effects.retain(|(outage, _)| outage.fault != fault);
        self.change(now);
        touched
    }

    /// What the question that `key` asks at `at` meets.
    #[inline]
    pub fn meet(&mut self, at: Instant, key: u64) -> Met {
        if self.states.is_empty() {
            return Met::Sound;
        }
        self.meet_some(at, key)
    }

    /// Whether every question since `at` has met the same.
    pub fn steady_since(&self, at: Instant) -> bool {
        self.states.last().is_none_or(|state| state.from <= at && (state.bad == 0 || state.bad == state.up))
    }

    /// What is in effect, for comparing.
    pub fn in_force(&self) -> String {
        let (up, bad) = self.now();
        format!("{up} name servers up, {bad} of them bad")
    }

    fn meet_some(&mut self, at: Instant, key: u64) -> Met {
        let Some(state) = self.states.iter().rev().find(|state| state.from <= at) else { return Met::Sound };
        let draw = self.draws.at(key.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ at.as_nanos());
        let met = match below(draw, u64::from(state.up)) {
            _ if state.up == 0 => Met::None,
            server if server < u64::from(state.bad) => Met::Bad,
            _ => return Met::Sound,
        };
        let culprit = |outage: &ServerOutage| if met == Met::None { outage.down > 0 } else { outage.bad > 0 };
        self.effects.iter_mut().filter(|(outage, _)| culprit(outage)).for_each(|(_, touched)| *touched += 1);
        met
    }

    fn now(&self) -> (u32, u32) {
        let sum =
            |of: fn(&ServerOutage) -> u32| self.effects.iter().fold(0_u32, |sum, (o, _)| sum.saturating_add(of(o)));
        let up = self.count.saturating_sub(sum(|outage| outage.down));
        (up, sum(|outage| outage.bad).min(up))
    }

    fn change(&mut self, now: Instant) {
        let (up, bad) = self.now();
        self.states.push(State { from: now, up, bad });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Streams;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn servers() -> Servers {
        Servers::new(4, Streams::new(1).stream("dns", "server"))
    }

    #[test]
    fn a_question_is_answered_while_one_server_is_up() {
        let mut servers = servers();
        servers.hold(ServerOutage { fault: FaultId(0), down: 3, bad: 0 }, T(10));
        servers.hold(ServerOutage { fault: FaultId(1), down: 1, bad: 0 }, T(20));
        assert_eq!([5, 15, 25].map(|s| servers.meet(T(s), 1)), [Met::Sound, Met::Sound, Met::None]);
        assert_eq!((servers.release(FaultId(0), T(30)), servers.meet(T(35), 1)), (1, Met::Sound));
        assert_eq!(servers.meet(T(25), 1), Met::None, "the past does not change");
    }

    #[test]
    fn bad_servers_meet_their_share_of_questions() {
        let mut servers = servers();
        servers.hold(ServerOutage { fault: FaultId(0), down: 1, bad: 1 }, T(0));
        let bad = (0..30_000).filter(|key| servers.meet(T(1), *key) == Met::Bad).count();
        // One of the three that are up: 10 000 expected, standard deviation 82.
        assert!((9_700..10_300).contains(&bad), "{bad}");
        assert!(!servers.steady_since(T(5)));
    }
}
