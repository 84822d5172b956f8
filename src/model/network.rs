//! Latency and loss between places.
//!
//! Owns one link per direction of travel: clients to each region and back, and region to region. Refuses to know what
//! travels.
//!
//! Invariant: whether a message arrives, and when, is decided by the state of the link at the instant it is sent.

use super::plan::{LinkPlan, NetworkPlan};
use crate::kernel::{Law, Sampler, Stream, Streams, chance};
use crate::units::{Ratio, RegionId, Span};

/// One link, for both directions.
#[derive(Debug)]
struct Link {
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
        if self.loss != Ratio::ZERO && chance(self.loss_stream.at(draw), self.loss) {
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
}
