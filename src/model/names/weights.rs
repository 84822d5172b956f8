//! Changes of the balancer's weights, and what keeps them from taking effect as they were told.
//!
//! Owns the path of a change from the command to the traffic. Does not know why weights change.
//!
//! Invariants: reading back gives what is in effect, whatever was answered to the change. When no fault keeps a change
//! back any more, the last requested weights are in effect.

use crate::kernel::Class;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::drills::DrillTouch;
use crate::model::names::balancer::{Balancer, Choice};
use crate::model::names::balancer_api::BalancerAnswer;
use crate::model::names::{Due, Names};
use crate::ports::PortError;
use crate::record::event::{BalancerEvent, Shares};
use crate::units::{FaultId, Ratio, RegionId, Span};

impl Names {
    /// Control sets weights.
    pub(in crate::model) fn set_weights(&mut self, core: &mut Core, call: u32, weights: Vec<(RegionId, Ratio)>) {
        let Some(balancer) = &self.balancer else { return core.answer(call, Err(no_balancer())) };
        if let Some(fault) = balancer.refusing.holder() {
            core.hit(fault);
            return core.refuse(call, "the balancer rejects changes at present");
        }
        let at = core.kernel.now().saturating_add(balancer.apply);
        core.accept_change(call, at, Due::WeightsApplied { call, weights });
    }

    /// Control reads back which weights are in effect.
    pub(in crate::model) fn read_weights(&mut self, core: &mut Core, call: u32) {
        let weights = self.balancer.as_ref().map(|b| b.weights().collect());
        core.answer(call, weights.map(|weights| BalancerAnswer::Weights(weights).into()).ok_or_else(no_balancer));
    }

    /// The time a change takes is over: it is answered, whether or not it is in effect.
    pub(in crate::model) fn weights_applied(&mut self, core: &mut Core, call: u32, weights: &[(RegionId, Ratio)]) {
        if let Some(refusal) = core.overruled(call) {
            return core.answer(call, Err(refusal));
        }
        core.note_drill(call, DrillTouch::Balancer);
        let mut wanted: Vec<_> = weights.iter().map(|(region, weight)| (core.region_name(*region), *weight)).collect();
        wanted.sort_unstable();
        let wanted = Shares(wanted);
        core.note_setting(call, "the balancer's weights", &wanted.to_string());
        let Some(balancer) = &mut self.balancer else { return core.answer(call, Err(no_balancer())) };
        let late = balancer.set_weights(weights);
        let hinderers: Vec<FaultId> = balancer.hinderers().collect();
        hinderers.into_iter().for_each(|fault| core.hit(fault));
        match late {
            Some((change, by)) => {
                let at = core.kernel.now().saturating_add(by);
                core.schedule(at, Class::Control, Due::Settled(change));
                core.note(BalancerEvent::WeightsChanged { in_force: None });
            }
            None => self.show_weights(core, |shares| BalancerEvent::WeightsChanged { in_force: Some(shares) }),
        }
        core.answer(call, Ok(Answer::Done));
    }

    /// A late change is due.
    pub(in crate::model) fn settled(&mut self, core: &mut Core, change: u32) {
        if self.balancer.as_mut().is_some_and(|balancer| balancer.settle(change)) {
            self.show_weights(core, |in_force| BalancerEvent::Settled { in_force });
        }
    }

    fn show_weights(&mut self, core: &mut Core, event: fn(Shares) -> BalancerEvent) {
        let Some(balancer) = &self.balancer else { return };
        let weights: Vec<(RegionId, Ratio)> = balancer.weights().filter(|(_, weight)| *weight != Ratio::ZERO).collect();
        core.remedy = weights.iter().max_by_key(|(_, weight)| *weight).map(|(region, _)| *region);
        let named = weights.iter().map(|(region, weight)| (core.region_name(*region), *weight));
        let shares = Shares(named.collect());
        core.note(event(shares));
        self.tell_of_choice(core);
    }

    /// Tells that the balancer uses other regions than healthy ones, or does so no more. Whether there was anything to
    /// tell.
    pub(in crate::model) fn tell_of_choice(&mut self, core: &mut Core) -> bool {
        let Some((before, choice)) = self.balancer.as_mut().and_then(Balancer::new_choice) else { return false };
        core.note(match (before, choice) {
            (_, Choice::Spare) => BalancerEvent::SpareUsed {},
            (_, Choice::All) => BalancerEvent::FailOpen {},
            (_, Choice::None) => BalancerEvent::FailClosed {},
            (Choice::Spare, Choice::Healthy) => BalancerEvent::SpareUsedOver {},
            (Choice::None, Choice::Healthy) => BalancerEvent::FailClosedOver {},
            (_, Choice::Healthy) => BalancerEvent::FailOpenOver {},
        });
        true
    }

    /// The balancer takes no changes any more.
    pub fn refuse_weights(&mut self, fault: FaultId) {
        if let Some(balancer) = &mut self.balancer {
            balancer.refusing.hold(fault);
        }
    }

    /// Only `share` of a change of weights takes effect, though all of it is answered for.
    pub fn apply_weights_partly(&mut self, share: Ratio, fault: FaultId) {
        if let Some(balancer) = &mut self.balancer {
            balancer.apply_partly(fault, share);
        }
    }

    /// A change of weights takes effect only `by` after it is answered for.
    pub fn apply_weights_late(&mut self, by: Span, fault: FaultId) {
        if let Some(balancer) = &mut self.balancer {
            balancer.apply_late(fault, by);
        }
    }

    /// The balancer applies changes again, as far as this fault is concerned.
    pub fn heal_balancer(&mut self, core: &mut Core, fault: FaultId) {
        if self.balancer.as_mut().is_some_and(|balancer| balancer.heal(fault)) {
            self.show_weights(core, |in_force| BalancerEvent::Settled { in_force });
        }
    }
}

fn no_balancer() -> PortError {
    PortError::Refused("there is no balancer".into())
}
