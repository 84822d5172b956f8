//! Latency, loss and partitions between places.
//!
//! Owns one link for each direction between clients and each region, and one for each ordered pair of regions. Does not
//! know what travels.
//!
//! Invariants: whether a message arrives, and when, is decided by the state of the link at the instant it is sent. What
//! is in effect on a link is its own figures and what each active fault adds, in whatever order those came and went.

use crate::kernel::{Distribution, Sampler, Stream, Streams, chance};
use crate::model::core::held::Held;
use crate::model::plan::{LinkPlan, NetworkPlan};
use crate::units::{FaultId, Ratio, RegionId, Span};

/// What is wrong with a link because of one fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkDegradation {
    /// The fault.
    pub fault: FaultId,
    /// The share of messages lost beside those that are lost anyway.
    pub loss: Ratio,
    /// How long messages travel, against their usual time: 500 % is five times as long.
    pub slowdown: Ratio,
    /// How much longer they travel beside that.
    pub delay: Span,
}

/// Which way messages go, seen from a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both routes.
    Both,
    /// To the region.
    To,
    /// From the region.
    From,
}

/// The longest a message travels: later than any run, and early enough that adding to it never overflows.
const LONGEST: Span = Span::from_nanos(1 << 62);

/// One direction of one link.
#[derive(Debug)]
pub(in crate::model) struct Link {
    /// It carries nothing while this is held.
    cut: Held,
    /// What faults do to it, by fault.
    degradations: Vec<LinkDegradation>,
    latency: Sampler,
    /// The latency, if it never varies: then nothing is drawn.
    constant: Option<Span>,
    /// That latency, if every message arrives and none takes longer.
    plain: Option<Span>,
    base_loss: Ratio,
    /// The loss in effect.
    loss: Ratio,
    latency_stream: Stream,
    loss_stream: Stream,
}

/// Every link there is.
#[derive(Debug)]
pub struct Network {
    /// From clients, by region.
    requests: Vec<Link>,
    /// To clients, by region.
    replies: Vec<Link>,
    regions: Vec<Link>,
    count: usize,
}

impl Link {
    fn new(plan: &LinkPlan, streams: &Streams, path: &str) -> Self {
        let mut link = Self {
            cut: Held::default(),
            degradations: Vec::new(),
            constant: match plan.latency {
                Distribution::Constant(span) => Some(span),
                _ => None,
            },
            plain: None,
            latency: Sampler::new(&plan.latency),
            base_loss: plan.loss,
            loss: plan.loss,
            latency_stream: streams.stream(path, "latency"),
            loss_stream: streams.stream(path, "loss"),
        };
        link.refresh();
        link
    }

    /// The median, where the latency varies: a stream is not rerouted with every draw.
    fn usual(&self) -> Span {
        self.constant.unwrap_or_else(|| self.latency.span(1 << 63))
    }

    /// How long message number `draw` travels; `None` if it is lost.
    #[inline(always)]
    pub fn travel(&self, draw: u64) -> Option<Span> {
        if self.plain.is_some() { self.plain } else { self.travel_drawn(draw) }
    }

    #[inline(never)]
    fn travel_drawn(&self, draw: u64) -> Option<Span> {
        if self.cut.is_on() || (self.loss != Ratio::ZERO && chance(self.loss_stream.at(draw), self.loss)) {
            return None;
        }
        let usual = self.constant.unwrap_or_else(|| self.latency.span(self.latency_stream.at(draw)));
        Some(if self.degradations.is_empty() { usual } else { self.degraded(usual) })
    }

    /// Whether any fault has a hand in it.
    #[inline(always)]
    pub fn is_touched(&self) -> bool {
        self.plain.is_none() && (self.cut.is_on() || !self.degradations.is_empty())
    }

    /// The faults that affected message number `draw`.
    pub fn culprits(&self, draw: u64) -> impl Iterator<Item = FaultId> + '_ {
        let cut = self.cut.holder();
        let lost = self.loss != Ratio::ZERO && chance(self.loss_stream.at(draw), self.loss);
        let anyway = self.base_loss != Ratio::ZERO && chance(self.loss_stream.at(draw), self.base_loss);
        let slows =
            |degradation: &LinkDegradation| degradation.slowdown != Ratio::ONE || degradation.delay != Span::ZERO;
        let degraded = self.degradations.iter().filter(move |degradation| match lost {
            true => !anyway && degradation.loss != Ratio::ZERO,
            false => slows(degradation),
        });
        cut.into_iter().chain(degraded.map(|degradation| degradation.fault).filter(move |_| cut.is_none()))
    }

    /// How much longer than usual a message now travels whose usual time is `usual`.
    fn degraded(&self, usual: Span) -> Span {
        let slow = self.degradations.iter().fold(usual, |span, degradation| stretched(span, degradation.slowdown));
        slow.saturating_add(self.added()).min(LONGEST)
    }

    fn added(&self) -> Span {
        self.degradations.iter().fold(Span::ZERO, |sum, degradation| sum.saturating_add(degradation.delay))
    }

    /// LinkDegradation is kept by fault, so that the order of injecting and healing cannot be seen in a rounding.
    fn degrade(&mut self, degradation: LinkDegradation) {
        let at = self.degradations.partition_point(|other| other.fault < degradation.fault);
        self.degradations.insert(at, degradation);
        self.refresh();
    }

    fn repair(&mut self, fault: FaultId) {
        self.degradations.retain(|degradation| degradation.fault != fault);
        self.refresh();
    }

    /// A message arrives if neither the link nor any fault loses it.
    fn refresh(&mut self) {
        let whole = u128::from(Ratio::ONE.as_ppb());
        let arrives = |loss: Ratio| whole - u128::from(loss.as_ppb());
        let kept = self
            .degradations
            .iter()
            .fold(arrives(self.base_loss), |kept, degradation| kept * arrives(degradation.loss) / whole);
        // A loss is at most the whole, so the rest fits.
        self.loss = if self.degradations.is_empty() { self.base_loss } else { Ratio::from_ppb((whole - kept) as u64) };
        let untouched = self.degradations.is_empty() && !self.cut.is_on() && self.loss == Ratio::ZERO;
        self.plain = self.constant.filter(|_| untouched);
    }
}

/// `span` at `factor` of its length.
fn stretched(span: Span, factor: Ratio) -> Span {
    let nanos = u128::from(span.as_nanos()) * u128::from(factor.as_ppb()) / u128::from(Ratio::ONE.as_ppb());
    Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

impl Network {
    /// The network of `plan` among regions of these names.
    pub fn new(plan: &NetworkPlan, names: &[&str], streams: &Streams) -> Self {
        let clients = || {
            let links = plan.clients.iter().zip(names);
            links.map(|(link, name)| Link::new(link, streams, &format!("network/clients/{name}"))).collect()
        };
        let count = names.len();
        let pair = |i: usize| format!("network/{}/{}", names[i / count], names[i % count]);
        let regions = plan.regions.iter().enumerate().map(|(i, link)| Link::new(link, streams, &pair(i)));
        Self { requests: clients(), replies: clients(), regions: regions.collect(), count }
    }

    /// The way from clients to `region`.
    #[inline]
    pub(in crate::model) fn to(&self, region: RegionId) -> &Link {
        &self.requests[region.index()]
    }

    /// The way from `region` to clients.
    #[inline]
    pub(in crate::model) fn from(&self, region: RegionId) -> &Link {
        &self.replies[region.index()]
    }

    /// The way from one region to another; `None` inside one.
    #[inline]
    pub(in crate::model) fn between(&self, from: RegionId, to: RegionId) -> Option<&Link> {
        (from != to).then(|| &self.regions[from.index() * self.count + to.index()])
    }

    /// The fault that keeps two regions from talking to each other, in whichever direction, if one does.
    pub fn cut_between(&self, from: RegionId, to: RegionId) -> Option<FaultId> {
        let cut = |from, to| self.between(from, to)?.cut.holder();
        cut(from, to).or_else(|| cut(to, from))
    }

    /// Whether anything makes messages between two regions late or lost, in whichever direction.
    pub fn touches_between(&self, one: RegionId, other: RegionId) -> bool {
        let touched = |from, to| self.between(from, to).is_some_and(Link::is_touched);
        touched(one, other) || touched(other, one)
    }

    /// Whether anything makes messages between a region and clients late or lost, in whichever direction.
    pub fn touches_clients_of(&self, region: RegionId) -> bool {
        self.to(region).is_touched() || self.from(region).is_touched()
    }

    /// The fault that keeps a region and clients from talking to each other, in whichever direction, if one does.
    pub fn cut_from_clients(&self, region: RegionId) -> Option<FaultId> {
        self.to(region).cut.holder().or_else(|| self.from(region).cut.holder())
    }

    /// How long messages from one region to another take without faults: the median, where that varies.
    pub fn usual_between(&self, from: RegionId, to: RegionId) -> Span {
        self.between(from, to).map_or(Span::ZERO, Link::usual)
    }

    /// How much longer than usual a stream from one region to another takes at present.
    pub fn added_between(&self, from: RegionId, to: RegionId) -> Span {
        self.between(from, to).map_or(Span::ZERO, |link| {
            let usual = link.usual();
            Span::from_nanos(link.degraded(usual).as_nanos().saturating_sub(usual.as_nanos()))
        })
    }

    /// Nothing passes between `region` and `other`, or between `region` and clients if there is no other.
    pub fn cut(&mut self, region: RegionId, other: Option<RegionId>, direction: Direction, fault: FaultId) {
        self.each(region, other, direction, |link| {
            link.cut.hold(fault);
            link.refresh();
        });
    }

    /// Messages pass again, as far as this fault is concerned.
    pub fn reconnect(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.each(region, other, Direction::Both, |link| {
            link.cut.release(fault);
            link.refresh();
        });
    }

    /// Messages between the two are lost or late.
    pub fn degrade(
        &mut self,
        region: RegionId,
        other: Option<RegionId>,
        direction: Direction,
        degradation: LinkDegradation,
    ) {
        self.each(region, other, direction, |link| link.degrade(degradation));
    }

    /// Messages pass as before, as far as this fault is concerned.
    pub fn repair(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.each(region, other, Direction::Both, |link| link.repair(fault));
    }

    /// What is in effect on every link, for comparing.
    pub(in crate::model) fn in_force(&self) -> impl Iterator<Item = String> + '_ {
        let named = |name: &'static str| {
            move |(at, link): (usize, &Link)| {
                let degraded = link.degraded(Span::from_secs(1));
                format!("{name} {at}: cut {}, loss {}, {degraded} for 1s", link.cut.is_on(), link.loss)
            }
        };
        let [requests, replies] = [&self.requests, &self.replies].map(|links| links.iter().enumerate());
        requests
            .map(named("to"))
            .chain(replies.map(named("from")))
            .chain(self.regions.iter().enumerate().map(named("pair")))
    }

    fn each(
        &mut self,
        region: RegionId,
        other: Option<RegionId>,
        direction: Direction,
        mut change: impl FnMut(&mut Link),
    ) {
        let count = self.count;
        if direction != Direction::From {
            change(match other {
                None => &mut self.requests[region.index()],
                Some(other) => &mut self.regions[other.index() * count + region.index()],
            });
        }
        if direction != Direction::To {
            change(match other {
                None => &mut self.replies[region.index()],
                Some(other) => &mut self.regions[region.index() * count + other.index()],
            });
        }
    }
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
