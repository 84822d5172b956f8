//! Workload (b), the region failover, by hand: registers, one lane, a ladder and lazy time-outs.
//!
//! Open Poisson arrivals over 256 client groups. A group caches the region DNS named: group g's cache first expires at
//! 60(g+1)/256 s, then every 60 s. Per region 64 servers (at 500 requests/s) and one FIFO queue, lognormal service of
//! median 80 ms and sigma 0.6. A client gives up on an attempt after 2 s and retries at most twice, after
//! 0.2 s * 2^k * U[0.5, 1.5). Region A dies at 100 s; a poll every 5 s that fails three times in a row points DNS to B.
//!
//! Owns the loop and the counts. Refuses everything not in that text. Invariant: a time-out is filed only while the
//! outcome of its attempt is open.

use super::ladder::Ladder;
use firedrill::kernel::{Cursor, Distribution, Sampler, Stream, Streams, below};
use firedrill::units::{Rate, Span};
use std::collections::VecDeque;

const SECOND: u64 = 1_000_000_000;
const PATIENCE: u64 = 2 * SECOND;
const FAULT: u64 = 100 * SECOND;
const POLL: u64 = 5 * SECOND;
/// 60 s / 256: every so often the cache of the next group expires.
const REFRESH: u64 = 234_375_000;
const GROUPS: usize = 256;
const TRIES: u64 = 3;
const NEVER: u64 = u64::MAX;
/// Ladder payloads from here on are servers of region 0 and 1; below, requests that retry.
const SERVER: u32 = 1 << 23;
const REGION: u32 = 1 << 22;

/// What the clients saw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Requests sent.
    pub requests: u64,
    /// Requests answered in time, at any try.
    pub ok: u64,
    /// From the fault to the end of the last second of arrivals with less than 99 % success.
    pub recovery_s: u64,
    /// Mean latency of answered requests, from arrival to answer.
    pub mean_latency_ms: f64,
}

/// Runs for `duration`, then drains. Servers are in proportion to the rate: 64 per region at 500/s.
pub fn run(seed: u64, rate: Rate, duration: Span) -> Answer {
    World::new(seed, rate, duration).run()
}

#[derive(Clone, Copy)]
struct Request {
    arrived: u64,
    /// Of the attempt under way, or `NEVER`: what an event must match to count.
    deadline: u64,
    number: u64,
    group: u32,
    tries: u32,
}

#[derive(Clone, Copy)]
struct Attempt {
    request: u32,
    lazy: bool,
    deadline: u64,
}

struct Region {
    alive: bool,
    idle: Vec<u32>,
    servers: Vec<Attempt>,
    queue: VecDeque<Attempt>,
}

struct Dice {
    gaps: (Cursor, Sampler),
    services: (Stream, Sampler),
    groups: Stream,
    backoffs: Stream,
}

struct World {
    dice: Dice,
    ladder: Ladder,
    /// Time-outs in the order of their filing: all 2 s ahead.
    timeouts: VecDeque<(u64, u32)>,
    requests: Vec<Request>,
    free: Vec<u32>,
    regions: [Region; 2],
    cached: [usize; GROUPS],
    named: usize,
    failures: u32,
    next_refresh: u64,
    next_poll: u64,
    arrival: u64,
    end: u64,
    windows: Vec<(u32, u32)>,
    sent: u64,
    latency: u64,
}

impl World {
    fn new(seed: u64, rate: Rate, duration: Span) -> Self {
        let streams = Streams::new(seed);
        let stream = |purpose| streams.stream("failover", purpose);
        let gap = Span::from_nanos(rate.interval_nanos().unwrap_or(NEVER));
        let time = Distribution::LogNormal { median: Span::from_millis(80), sigma: 0.6 };
        let servers = (rate.per_million_days() * 64 / Rate::per_second(500).per_million_days()) as usize;
        let mut dice = Dice {
            gaps: (stream("arrivals").cursor(), Sampler::new(&Distribution::Exponential { mean: gap })),
            services: (stream("services"), Sampler::new(&time)),
            groups: stream("groups"),
            backoffs: stream("backoffs"),
        };
        Self {
            arrival: dice.gaps.1.span(dice.gaps.0.next()).as_nanos(),
            dice,
            ladder: Ladder::new(),
            timeouts: VecDeque::new(),
            requests: Vec::new(),
            free: Vec::new(),
            regions: [Region::new(servers), Region::new(servers)],
            cached: [0; GROUPS],
            named: 0,
            failures: 0,
            next_refresh: REFRESH,
            next_poll: POLL,
            end: duration.as_nanos(),
            windows: vec![(0, 0); duration.as_nanos().div_ceil(SECOND) as usize],
            sent: 0,
            latency: 0,
        }
    }

    fn run(mut self) -> Answer {
        let mut fault = FAULT;
        loop {
            let control = fault.min(self.next_refresh).min(self.next_poll);
            loop {
                let (queued, timeout) = (self.ladder.head(), self.timeouts.front().map_or(NEVER, |(at, _)| *at));
                let now = queued.min(self.arrival).min(timeout);
                if now > control || (now == control && now == fault) {
                    if now == NEVER {
                        return self.answer();
                    }
                    break;
                }
                if now == queued {
                    self.queued(now);
                } else if now == self.arrival {
                    self.arrive(now);
                } else if let Some((_, slot)) = self.timeouts.pop_front() {
                    self.time_out(now, slot);
                }
            }
            if control == fault {
                fault = NEVER;
                self.kill_region();
            } else if control == self.next_refresh {
                let group = (self.next_refresh / REFRESH - 1) as usize % GROUPS;
                self.cached[group] = self.named;
                self.next_refresh += REFRESH;
            } else {
                self.poll();
            }
        }
    }

    #[inline(always)]
    fn queued(&mut self, now: u64) {
        let payload = self.ladder.take();
        if payload & SERVER == 0 {
            return self.send(now, payload);
        }
        let (region, server) = (usize::from(payload & REGION != 0), payload & (REGION - 1));
        if !self.regions[region].alive {
            return;
        }
        let attempt = self.regions[region].servers[server as usize];
        if self.requests[attempt.request as usize].deadline == attempt.deadline {
            self.succeed(now, attempt.request);
        }
        while let Some(next) = self.regions[region].queue.pop_front() {
            // Whoever timed out in the queue is never served.
            if self.requests[next.request as usize].deadline == next.deadline {
                return self.serve(now, region, server, next);
            }
        }
        self.regions[region].idle.push(server);
    }

    #[inline(always)]
    fn arrive(&mut self, now: u64) {
        let number = self.sent;
        self.sent += 1;
        self.windows[(now / SECOND) as usize].0 += 1;
        let group = below(self.dice.groups.at(number), GROUPS as u64) as u32;
        let request = Request { arrived: now, deadline: NEVER, number, group, tries: 0 };
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.requests.push(request);
                (self.requests.len() - 1) as u32
            }
        };
        self.requests[slot as usize] = request;
        let next = now + self.dice.gaps.1.span(self.dice.gaps.0.next()).as_nanos();
        self.arrival = if next < self.end { next } else { NEVER };
        self.send(now, slot);
    }

    #[inline(always)]
    fn send(&mut self, now: u64, slot: u32) {
        let request = &mut self.requests[slot as usize];
        let deadline = now + PATIENCE;
        request.deadline = deadline;
        request.tries += 1;
        let region = self.cached[request.group as usize];
        if self.regions[region].alive {
            if let Some(server) = self.regions[region].idle.pop() {
                return self.serve(now, region, server, Attempt { request: slot, lazy: true, deadline });
            }
            self.regions[region].queue.push_back(Attempt { request: slot, lazy: false, deadline });
        }
        self.timeouts.push_back((deadline, slot));
    }

    #[inline(always)]
    fn serve(&mut self, now: u64, region: usize, server: u32, mut attempt: Attempt) {
        let request = &self.requests[attempt.request as usize];
        let draw = self.dice.services.0.at(request.number * TRIES + u64::from(request.tries));
        let done = now + self.dice.services.1.span(draw).as_nanos();
        if attempt.lazy && done > attempt.deadline {
            attempt.lazy = false;
            self.timeouts.push_back((attempt.deadline, attempt.request));
        }
        self.regions[region].servers[server as usize] = attempt;
        self.ladder.push(done, SERVER | (REGION * region as u32) | server);
    }

    #[inline(always)]
    fn succeed(&mut self, now: u64, slot: u32) {
        let request = &mut self.requests[slot as usize];
        request.deadline = NEVER;
        self.latency += now - request.arrived;
        self.windows[(request.arrived / SECOND) as usize].1 += 1;
        self.free.push(slot);
    }

    fn time_out(&mut self, now: u64, slot: u32) {
        let request = &mut self.requests[slot as usize];
        if request.deadline != now {
            return;
        }
        request.deadline = NEVER;
        let failed = u64::from(request.tries);
        if failed == TRIES {
            return self.free.push(slot);
        }
        let step = (SECOND / 5) << (failed - 1);
        let wait = step / 2 + below(self.dice.backoffs.at(request.number * TRIES + failed), step);
        self.ladder.push(now + wait, slot);
    }

    fn kill_region(&mut self) {
        let region = &mut self.regions[0];
        region.alive = false;
        let mut open: Vec<(u64, u32)> =
            region.servers.iter().filter(|a| a.lazy).map(|a| (a.deadline, a.request)).collect();
        open.retain(|(deadline, slot)| self.requests[*slot as usize].deadline == *deadline);
        self.timeouts.extend(open);
        self.timeouts.make_contiguous().sort_unstable();
    }

    fn poll(&mut self) {
        self.next_poll += POLL;
        self.failures = if self.regions[self.named].alive { 0 } else { self.failures + 1 };
        if self.failures == 3 {
            self.named = 1;
        }
    }

    fn answer(&self) -> Answer {
        let ok = self.windows.iter().map(|(_, ok)| u64::from(*ok)).sum();
        let bad = |(sent, ok): &(u32, u32)| u64::from(*ok) * 100 < u64::from(*sent) * 99;
        let last = self.windows.iter().rposition(bad).map_or(0, |window| window as u64 + 1);
        Answer {
            requests: self.sent,
            ok,
            recovery_s: last.saturating_sub(FAULT / SECOND),
            mean_latency_ms: self.latency as f64 / ok as f64 / 1e6,
        }
    }
}

impl Region {
    fn new(servers: usize) -> Self {
        Self {
            alive: true,
            idle: (0..servers as u32).rev().collect(),
            servers: vec![Attempt { request: 0, lazy: false, deadline: NEVER - 1 }; servers],
            queue: VecDeque::new(),
        }
    }
}
