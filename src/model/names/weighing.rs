//! Changes of the balancer's weights, and what keeps them from coming into force as they were told.
//!
//! Owns the way of a change from the command to the traffic. Refuses to know why weights change.
//!
//! Invariants: reading back gives what is in force, whatever was answered to the change. When no fault keeps a change
//! back any more, what was told last is in force.

use crate::kernel::Class;
use crate::model::World;
use crate::model::core::desk::Answer;
use crate::model::core::drills::DrillTouch;
use crate::model::names::Due;
use crate::model::names::balancer::{Balancer, Choice};
use crate::ports::PortError;
use crate::record::event::{BalancerEvent, Shares};
use crate::units::{FaultId, Ratio, RegionId, Span};

impl World {
    /// Control sets weights.
    pub(in crate::model) fn weigh(&mut self, call: u32, weights: Vec<(RegionId, Ratio)>) {
        let Some(balancer) = &self.names.balancer else { return self.core.answer(call, Err(no_balancer())) };
        if let Some(fault) = balancer.refusing.holder() {
            self.core.hit(fault);
            return self.core.refuse(call, "the balancer takes no changes at present");
        }
        let at = self.core.kernel.now().saturating_add(balancer.apply);
        self.core.take_on(call, at, Due::Weighed { call, weights });
    }

    /// Control reads back which weights are in force.
    pub(in crate::model) fn read_weights(&mut self, call: u32) {
        let weights = self.names.balancer.as_ref().map(|b| b.weights().collect());
        self.core.answer(call, weights.map(Answer::Weights).ok_or_else(no_balancer));
    }

    /// The time a change takes is over: it is answered, whether or not it is in force.
    pub(in crate::model) fn weighed(&mut self, call: u32, weights: &[(RegionId, Ratio)]) {
        if let Some(refusal) = self.core.superseded(call) {
            return self.core.answer(call, Err(refusal));
        }
        self.core.note_drill(call, DrillTouch::Balancer);
        let Some(balancer) = &mut self.names.balancer else { return self.core.answer(call, Err(no_balancer())) };
        let late = balancer.set_weights(weights);
        let hinderers: Vec<FaultId> = balancer.hinderers().collect();
        hinderers.into_iter().for_each(|fault| self.core.hit(fault));
        match late {
            Some((change, by)) => {
                let at = self.core.kernel.now().saturating_add(by);
                self.core.put(at, Class::Control, Due::Settled(change));
                self.core.note(BalancerEvent::Weighed { in_force: None });
            }
            None => self.show_weights(|shares| BalancerEvent::Weighed { in_force: Some(shares) }),
        }
        self.core.answer(call, Ok(Answer::Done));
    }

    /// A late change is due.
    pub(in crate::model) fn settled(&mut self, change: u32) {
        if self.names.balancer.as_mut().is_some_and(|balancer| balancer.settle(change)) {
            self.show_weights(|in_force| BalancerEvent::Settled { in_force });
        }
    }

    fn show_weights(&mut self, event: fn(Shares) -> BalancerEvent) {
        let Some(balancer) = &self.names.balancer else { return };
        let weights: Vec<(RegionId, Ratio)> = balancer.weights().filter(|(_, weight)| *weight != Ratio::ZERO).collect();
        self.core.remedy = weights.iter().max_by_key(|(_, weight)| *weight).map(|(region, _)| *region);
        let named = weights.iter().map(|(region, weight)| (self.core.region_name(*region), *weight));
        let shares = Shares(named.collect());
        self.core.note(event(shares));
        self.tell_of_choice();
    }

    /// Tells that the balancer uses other regions than healthy ones, or does so no more. Whether there was anything to
    /// tell.
    pub(in crate::model) fn tell_of_choice(&mut self) -> bool {
        let Some((before, choice)) = self.names.balancer.as_mut().and_then(Balancer::new_choice) else { return false };
        self.core.note(match (before, choice) {
            (_, Choice::All) => BalancerEvent::FailOpen {},
            (_, Choice::None) => BalancerEvent::FailClosed {},
            (Choice::None, Choice::Healthy) => BalancerEvent::FailClosedOver {},
            (_, Choice::Healthy) => BalancerEvent::FailOpenOver {},
        });
        true
    }

    /// The balancer takes no changes any more.
    pub fn refuse_weights(&mut self, fault: FaultId) {
        if let Some(balancer) = &mut self.names.balancer {
            balancer.refusing.hold(fault);
        }
    }

    /// Only `share` of a change of weights comes into force, though all of it is answered for.
    pub fn apply_weights_partly(&mut self, share: Ratio, fault: FaultId) {
        if let Some(balancer) = &mut self.names.balancer {
            balancer.apply_partly(fault, share);
        }
    }

    /// A change of weights comes into force only `by` after it is answered for.
    pub fn apply_weights_late(&mut self, by: Span, fault: FaultId) {
        if let Some(balancer) = &mut self.names.balancer {
            balancer.apply_late(fault, by);
        }
    }

    /// The balancer does as it is told again, as far as this fault is concerned.
    pub fn heal_balancer(&mut self, fault: FaultId) {
        if self.names.balancer.as_mut().is_some_and(|balancer| balancer.heal(fault)) {
            self.show_weights(|in_force| BalancerEvent::Settled { in_force });
        }
    }
}

fn no_balancer() -> PortError {
    PortError::Refused("there is no balancer".into())
}
