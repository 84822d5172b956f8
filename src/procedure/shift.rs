//! Moves traffic between regions by the balancer's weights, and makes sure that it has moved.
//!
//! Owns the loop that asks for what is wanted until that is in effect. Does not believe an answer: what counts is what
//! is read back.
//!
//! Invariants: it ends with the wanted weights read back, or says that they are not in effect and a person must act.
//! Asking twice for the same weights is the same as asking once, so a process that takes over may begin again.

use super::race::{Winner, race};
use crate::ports::{Audit, Clock, LoadBalancer, PortError};
use crate::record::event::{Prose, Shares, ShiftEvent};
use crate::units::{Instant, Ratio, Span};

/// What to bring about, and how long to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftPlan {
    /// When to begin.
    pub at: Instant,
    /// The share of traffic per region; regions that are not named get none.
    pub weights: Vec<(String, Ratio)>,
    /// How long to wait before looking, and asking, again.
    pub every: Span,
    /// How long to try.
    pub within: Span,
}

/// Brings the weights of `plan` into force.
///
/// Events: `shift.planned` at once; `shift.started` at its time; `shift.refused` and `shift.mismatch` for each round that did not succeed; `shift.done` when
/// the weights were read back, or `shift.stopped` when they were not in time.
pub async fn shift<P: Clock + LoadBalancer + Audit>(ports: P, plan: ShiftPlan) {
    let wanted = Shares(plan.weights.clone());
    ports.event(ShiftEvent::Planned { wanted: wanted.clone(), at: plan.at });
    ports.sleep(plan.at.since(ports.now())).await;
    ports.event(ShiftEvent::Started { wanted: wanted.clone() });
    match race(until_in_force(&ports, &plan), ports.sleep(plan.within)).await {
        Winner::First(round) => ports.event(ShiftEvent::Done { wanted, round }),
        Winner::Second(()) => ports.event(ShiftEvent::Stopped { wanted, within: plan.within }),
    }
}

/// Asks and reads back until what is wanted is in effect. Returns the round in which it was.
async fn until_in_force<P: Clock + LoadBalancer + Audit>(ports: &P, plan: &ShiftPlan) -> u32 {
    let mut round = 1;
    loop {
        match ask(ports, plan).await {
            Ok(in_force) if same_shares(&in_force, &plan.weights) => return round,
            Ok(in_force) => ports.event(ShiftEvent::Mismatch { in_force: Shares(in_force) }),
            Err(error) => ports.event(ShiftEvent::Refused { error: Prose::of(error) }),
        }
        round += 1;
        ports.sleep(plan.every).await;
    }
}

async fn ask<P: LoadBalancer>(ports: &P, plan: &ShiftPlan) -> Result<Vec<(String, Ratio)>, PortError> {
    ports.set_weights(&plan.weights).await?;
    ports.read_weights().await
}

/// Whether both send the same share to every region.
pub(super) fn same_shares(one: &[(String, Ratio)], other: &[(String, Ratio)]) -> bool {
    let share = |weights: &[(String, Ratio)], name: &str| {
        weights.iter().find(|(region, _)| region == name).map_or(Ratio::ZERO, |(_, share)| *share)
    };
    one.iter().chain(other).all(|(name, _)| share(one, name) == share(other, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_that_is_not_named_gets_nothing() {
        let weights = |list: &[(&str, u64)]| {
            list.iter().map(|(name, percent)| ((*name).to_owned(), Ratio::from_percent(*percent))).collect::<Vec<_>>()
        };
        let west = weights(&[("west", 100)]);
        assert!(same_shares(&west, &weights(&[("north", 0), ("west", 100)])));
        assert!(!same_shares(&west, &weights(&[("north", 1), ("west", 100)])));
        assert!(!same_shares(&west, &weights(&[])));
    }
}
