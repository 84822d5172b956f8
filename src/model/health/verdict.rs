//! What follows from a verdict: the balancer sends elsewhere, a record answers its secondary.
//!
//! Owns nothing. Invariant: a record fails over only to a region that is healthy itself, or that it activates; if none
//! is, it answers as if all were (Azure Traffic Manager, endpoint monitoring: all degraded endpoints are returned).

use super::User;
use crate::kernel::Class;
use crate::model::World;
use crate::model::plan::Target;
use crate::record::event::{BalancerEvent, NameEvent};
use crate::units::{NameId, RegionId, Span};

impl World {
    /// The verdict of checks number `index` on `region` has changed.
    pub(super) fn verdict(&mut self, index: usize, region: RegionId, healthy: bool) {
        let name = self.core.region_name(region);
        match self.health.checks[index].user {
            User::Balancer => {
                if let Some(balancer) = &mut self.names.balancer {
                    balancer.judged(region, healthy);
                }
                let told = name.clone();
                self.core.note(match healthy {
                    true => BalancerEvent::Restored { region: told },
                    false => BalancerEvent::Ejected { region: told },
                });
                if !self.tell_of_choice() && !healthy && self.names.balancer.as_ref().is_some_and(|b| b.uses(region)) {
                    self.core.note(BalancerEvent::Kept { region: name });
                }
            }
            User::Record(record) => {
                let (region, of) = (name, self.record_name(record));
                self.core.note(match healthy {
                    true => NameEvent::Healthy { region, record: of },
                    false => NameEvent::Unhealthy { region, record: of },
                });
                self.follow_health(record);
            }
        }
    }

    /// Lets `record` answer what the health of its regions demands.
    pub(in crate::model) fn follow_health(&mut self, record: NameId) {
        let now = self.core.kernel.now();
        let Some(failover) = &self.core.plan.dns.records[record.index()].failover else { return };
        let (to, activate) = (failover.to, failover.activate);
        let Some(checks) = self.health.checks.iter().find(|checks| checks.user == User::Record(record)) else { return };
        let Target::Region(home) = self.names.zone.told(record) else { return };
        // What is asleep fails its checks, and is woken all the same.
        let ready = activate || checks.is_healthy(to);
        let sick = !checks.is_healthy(home);
        let away = home != to && sick && ready;
        self.tell_of_no_healthy(record, home, sick && !away);
        let wanted = Target::Region(if away { to } else { home });
        if self.names.zone.answer(record, now) == wanted {
            return;
        }
        if away {
            self.names.zone.fail_over(record, now, to);
        } else {
            self.names.zone.fail_back(record, now);
        }
        self.core.remedy = away.then_some(to);
        let (name, answer) = (self.record_name(record), self.answered_with(record));
        self.core.note(match away {
            true => NameEvent::FailedOver { record: name, answer },
            false => NameEvent::FailedBack { record: name, answer },
        });
        if away && activate {
            self.activate_by_checks(to);
        }
    }

    /// Tells that `record` names `home` though that is unhealthy, for its secondary is too, or that this is over.
    fn tell_of_no_healthy(&mut self, record: NameId, home: RegionId, fails_open: bool) {
        if !self.names.zone.fails_open(record, fails_open) {
            return;
        }
        let (record, home) = (self.record_name(record), self.core.region_name(home));
        self.core.note(match fails_open {
            true => NameEvent::FailOpen { record, home },
            false => NameEvent::FailOpenOver { record },
        });
    }

    fn activate_by_checks(&mut self, region: RegionId) {
        let asleep = self.platform.stations.iter().filter(|s| s.region == region && !s.active);
        let takes = asleep.map(|s| s.activation).max().unwrap_or(Span::ZERO);
        let at = self.core.kernel.now().saturating_add(takes);
        self.core.put(at, Class::Control, crate::model::platform::Due::ActivatedByChecks(region));
    }
}
