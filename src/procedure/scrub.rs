//! Verifies the copies of a bucket again and again, and repairs what is found.
//!
//! Owns the loop. Does not believe a repair: what counts is the next verification. Invariant: it needs no memory, since
//! repairing twice is the same as repairing once, so a process that takes over just begins.

use crate::ports::{Audit, BucketRepair, Clock, Objects, PortError};
use crate::record::event::{Prose, ScrubEvent};
use crate::units::Span;

/// What is verified, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrubPlan {
    /// The bucket.
    pub bucket: String,
    /// The regions of its copies that are verified, in this order.
    pub regions: Vec<String>,
    /// From the start of one round to that of the next; a round that takes longer is followed at once.
    pub every: Span,
}

/// Verifies and repairs forever.
///
/// Events: `scrub.found` for each copy with damage, and then `scrub.repaired` or `scrub.beyond_repair`; `scrub.failed` if a
/// copy could not be verified or repaired.
pub async fn scrub<P: Clock + Objects + Audit>(ports: P, plan: ScrubPlan) {
    let mut next = ports.now();
    loop {
        next = next.saturating_add(plan.every).max(ports.now());
        ports.sleep(next.since(ports.now())).await;
        for region in &plan.regions {
            if let Err(error) = scrub_copy(&ports, &plan.bucket, region).await {
                let (bucket, region) = (plan.bucket.clone(), region.clone());
                ports.event(ScrubEvent::Failed { bucket, region, error: Prose::of(error) });
            }
        }
    }
}

async fn scrub_copy<P: Objects + Audit>(ports: &P, name: &str, place: &str) -> Result<(), PortError> {
    let found = ports.verify_bucket(name, place).await?;
    if found.is_none() {
        return Ok(());
    }
    let (bucket, region) = (name.to_owned(), place.to_owned());
    ports.event(ScrubEvent::Found { bucket, region, missing: found.missing, corrupt: found.corrupt });
    let BucketRepair { copied, beyond: left } = ports.repair_bucket(name, place).await?;
    let (bucket, region) = (name.to_owned(), place.to_owned());
    ports.event(match left {
        0 => ScrubEvent::Repaired { bucket, region, copied },
        left => ScrubEvent::BeyondRepair { bucket, region, copied, left },
    });
    Ok(())
}
