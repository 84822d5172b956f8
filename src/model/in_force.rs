//! What is in effect in every model at present, as lines of text: for comparing worlds in tests and by eye.
//!
//! Owns nothing. Does not say why something is in effect.
//!
//! Invariant: two worlds of one plan give the same lines if the same faults are active in both, whatever came and went
//! before; a kind of fault that changes none of these lines is missing here.

use super::World;

impl World {
    /// Every switch and knob that a fault may hold, as it is in effect at present.
    pub fn in_force(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.core.network.in_force().collect();
        lines.extend(self.core.regions.iter().map(|region| {
            format!("{}: dark {}, cut off {}", region.name, region.dark.is_on(), region.cut_off.is_on())
        }));
        lines.extend(self.platform.in_force());
        lines.extend(self.data.in_force());
        lines.extend(self.objects.in_force());
        lines.push(self.names.zone.in_force());
        lines.extend(self.names.planning.as_ref().map(super::names::dns::Planning::in_force));
        lines.extend(self.names.balancer.as_ref().map(super::names::balancer::Balancer::in_force));
        lines.push(format!("monitoring dark {}", self.observe.monitoring.blackout.is_on()));
        let gaps = self.observe.monitoring.gaps.iter().enumerate();
        lines.extend(gaps.map(|(region, gap)| format!("region {region} not scraped {}", gap.is_on())));
        lines.extend(self.control.controllers.iter().map(super::control::controller::Controller::in_force));
        lines.push(format!("journal down {}", self.core.journal_down.is_on()));
        lines.push(self.control.actions.in_force());
        lines.push(self.core.throttles.in_force());
        lines.push(self.people.channel.in_force());
        lines.extend(self.people.people.iter().map(super::people::person::Person::in_force));
        lines
    }
}
