//! What faults do to a share of the requests a service works on, and those it fails by itself.
//!
//! Owns whom they touch. Does not know what happens to a request that failed. Invariant: whether a fault touches a
//! request follows from the request's own number, so that another fault moves nothing.

use crate::kernel::{Stream, chance};
use crate::model::core::job::Job;
use crate::model::platform::service::Station;
use crate::units::{FaultId, Ratio, Span};

/// A fault's effect on a share of the requests a service works on.
#[derive(Debug, Clone, Copy)]
pub struct Degradation {
    /// The fault.
    pub fault: FaultId,
    /// The share of requests it touches.
    pub share: Ratio,
    /// How much longer they take: 500 % is five times as long.
    pub slowdown: Ratio,
    /// The share of those it touches that fail.
    pub errors: Ratio,
    /// Decides which requests it touches, and which of them fail.
    pub stream: Stream,
}

impl Degradation {
    /// Whether the fault touches this job.
    pub fn touches(&self, job: &Job) -> bool {
        chance(self.stream.at(job.draw() << 1), self.share)
    }

    /// Whether a job it touches fails.
    pub fn fails(&self, job: &Job) -> bool {
        self.errors != Ratio::ZERO && chance(self.stream.at((job.draw() << 1) | 1), self.errors)
    }
}

impl Station {
    /// `work`, made longer by every fault that touches this job, and the last of these. Each counts it in `hits`.
    pub fn slowed(&self, job: &Job, work: Span, hits: &mut [u64]) -> (Span, Option<FaultId>) {
        let slowing = self.degradations.iter().filter(|d| d.touches(job) && d.slowdown != Ratio::ONE);
        slowing.fold((work, None), |(work, _), d| {
            hits[d.fault.index()] += u64::from(!job.is_check());
            let nanos = u128::from(work.as_nanos()) * u128::from(d.slowdown.as_ppb()) / u128::from(Ratio::ONE.as_ppb());
            (Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)), Some(d.fault))
        })
    }

    /// If it fails this job: the fault that is why, unless it does so by itself.
    #[inline(always)]
    pub fn failure(&self, job: &Job) -> Option<Option<FaultId>> {
        if self.errors != Ratio::ZERO && chance(self.error_stream.at(job.draw()), self.errors) {
            return Some(None);
        }
        self.degradations.iter().find(|d| d.touches(job) && d.fails(job)).map(|d| Some(d.fault))
    }
}
