//! Latency, loss and partitions between places.
//!
//! Owns one link between clients and each region, and one for each ordered pair of regions. Refuses to know what
//! travels.
//!
//! Invariant: whether a message arrives, and when, is decided by the state of the link at the instant it is sent.

use super::held::Held;
use super::plan::{LinkPlan, NetworkPlan};
use crate::kernel::{Law, Sampler, Stream, Streams, chance};
use crate::units::{FaultId, Ratio, RegionId, Span};

/// One link, for both directions.
#[derive(Debug)]
struct Link {
    /// It carries nothing while this is held.
    cut: Held,
    latency: Sampler,
    /// The latency, if it never varies: then nothing is drawn.
    constant: Option<Span>,
    loss: Ratio,
    latency_stream: Stream,
    loss_stream: Stream,
}

/// Every link there is.
#[derive(Debug)]
pub struct Network {
    clients: Vec<Link>,
    regions: Vec<Link>,
    count: usize,
}

impl Link {
    fn new(plan: &LinkPlan, streams: &Streams, path: &str) -> Self {
        let latency = Sampler::new(&plan.latency);
        Self {
            cut: Held::default(),
            constant: match plan.latency {
                Law::Constant(span) => Some(span),
                _ => None,
            },
            latency,
            loss: plan.loss,
            latency_stream: streams.stream(path, "latency"),
            loss_stream: streams.stream(path, "loss"),
        }
    }

    /// How long message number `draw` travels; `None` if it is lost.
    #[inline]
    fn travel(&self, draw: u64) -> Option<Span> {
        if self.cut.is_on() || (self.loss != Ratio::ZERO && chance(self.loss_stream.at(draw), self.loss)) {
            return None;
        }
        Some(self.constant.unwrap_or_else(|| self.latency.span(self.latency_stream.at(draw))))
    }
}

impl Network {
    /// The network of `plan` among regions of these names.
    pub fn new(plan: &NetworkPlan, names: &[&str], streams: &Streams) -> Self {
        let clients = plan.clients.iter().zip(names);
        let count = names.len();
        Self {
            clients: clients.map(|(link, name)| Link::new(link, streams, &format!("network/clients/{name}"))).collect(),
            regions: plan
                .regions
                .iter()
                .enumerate()
                .map(|(i, link)| {
                    Link::new(link, streams, &format!("network/{}/{}", names[i / count], names[i % count]))
                })
                .collect(),
            count,
        }
    }

    /// How long message `draw` takes between a client and `region`; `None` if it is lost.
    #[inline]
    pub fn client(&self, region: RegionId, draw: u64) -> Option<Span> {
        self.clients[region.index()].travel(draw)
    }

    /// How long message `draw` takes from one region to another; `None` if it is lost.
    #[inline]
    pub fn between(&self, from: RegionId, to: RegionId, draw: u64) -> Option<Span> {
        if from == to {
            return Some(Span::ZERO);
        }
        self.regions[from.index() * self.count + to.index()].travel(draw)
    }

    /// The fault that cuts clients off from `region`, if one does.
    pub fn cut_from_clients(&self, region: RegionId) -> Option<FaultId> {
        self.clients[region.index()].cut.holder()
    }

    /// The fault that cuts `from` off from `to`, if one does.
    pub fn cut_between(&self, from: RegionId, to: RegionId) -> Option<FaultId> {
        (from != to).then(|| self.regions[from.index() * self.count + to.index()].cut.holder())?
    }

    /// Nothing passes between `region` and `other`, or between `region` and clients if there is no other.
    pub fn cut(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.cuts(region, other, |cut| cut.hold(fault));
    }

    /// Messages pass again, as far as this fault is concerned.
    pub fn mend(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.cuts(region, other, |cut| cut.release(fault));
    }

    fn cuts(&mut self, region: RegionId, other: Option<RegionId>, mut change: impl FnMut(&mut Held)) {
        match other {
            None => change(&mut self.clients[region.index()].cut),
            Some(other) => {
                change(&mut self.regions[region.index() * self.count + other.index()].cut);
                change(&mut self.regions[other.index() * self.count + region.index()].cut);
            }
        }
    }
}
