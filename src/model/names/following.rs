//! What follows from a verdict: the balancer sends elsewhere, a record answers its secondary.
//!
//! Owns nothing: the opinion on each region is passed to `Names`. Invariant: a record fails over only to a region that
//! is healthy itself, or that it activates; if none is, it answers as if all were (Azure Traffic Manager, endpoint
//! monitoring: all degraded endpoints are returned).

use crate::model::core::Core;
use crate::model::message::{Message, User};
use crate::model::names::Names;
use crate::model::plan::Target;
use crate::record::event::{BalancerEvent, NameEvent};
use crate::units::{NameId, RegionId};

impl Names {
    /// The verdict of those who check for `user` on `region` has changed.
    pub(in crate::model) fn judged(&mut self, core: &mut Core, user: User, region: RegionId, healthy: bool) {
        let name = core.region_name(region);
        match user {
            User::Balancer => {
                if let Some(balancer) = &mut self.balancer {
                    balancer.judged(region, healthy);
                }
                let told = name.clone();
                core.note(match healthy {
                    true => BalancerEvent::Restored { region: told },
                    false => BalancerEvent::Ejected { region: told },
                });
                if !self.tell_of_choice(core) && !healthy && self.balancer.as_ref().is_some_and(|b| b.uses(region)) {
                    core.note(BalancerEvent::Kept { region: name });
                }
            }
            User::Record(record) => {
                self.healthy[record.index()][region.index()] = healthy;
                let (region, of) = (name, self.record_name(core, record));
                core.note(match healthy {
                    true => NameEvent::Healthy { region, record: of },
                    false => NameEvent::Unhealthy { region, record: of },
                });
                self.follow_health(core, record);
            }
        }
    }

    /// Lets `record` answer what the health of its regions demands.
    pub(in crate::model) fn follow_health(&mut self, core: &mut Core, record: NameId) {
        let now = core.kernel.now();
        let Some(failover) = &core.plan.dns.records[record.index()].failover else { return };
        let (to, activate) = (failover.to, failover.activate);
        let healthy = |region: RegionId| self.healthy[record.index()][region.index()];
        let Target::Region(home) = self.zone.configured(record) else { return };
        // What is asleep fails its checks, and is woken all the same.
        let ready = activate || healthy(to);
        let sick = !healthy(home);
        let away = home != to && sick && ready;
        self.tell_of_no_healthy(core, record, home, sick && !away);
        let wanted = Target::Region(if away { to } else { home });
        if self.zone.answer(record, now) == wanted {
            return;
        }
        if away {
            self.zone.fail_over(record, now, to);
        } else {
            self.zone.fail_back(record, now);
        }
        core.remedy = away.then_some(to);
        let (name, answer) = (self.record_name(core, record), self.answered_with(core, record));
        core.note(match away {
            true => NameEvent::FailedOver { record: name, answer },
            false => NameEvent::FailedBack { record: name, answer },
        });
        if away && activate {
            core.tell(Message::Activate(to));
        }
    }

    /// Tells that `record` names `home` though that is unhealthy, for its secondary is too, or that this is over.
    fn tell_of_no_healthy(&mut self, core: &mut Core, record: NameId, home: RegionId, fails_open: bool) {
        if !self.zone.fails_open(record, fails_open) {
            return;
        }
        let (record, home) = (self.record_name(core, record), core.region_name(home));
        core.note(match fails_open {
            true => NameEvent::FailOpen { record, home },
            false => NameEvent::FailOpenOver { record },
        });
    }
}
