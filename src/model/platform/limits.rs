//! When limits of providers and services are reached, and when they no longer are.
//!
//! Owns nothing but what is reported. Does not know what a limit is.

use super::Platform;
use crate::model::core::Core;
use crate::model::core::episodes::News;
use crate::record::event::CapacityEvent;
use crate::units::ServiceId;

impl Platform {
    /// The second that began at `second` is about to be closed, and the next event is in second `now`: tells which
    /// limits was first reached or no longer is.
    pub(in crate::model) fn tell_of_limits(&mut self, core: &mut Core, second: u64, now: u64) {
        for (index, episodes) in self.episodes.0.iter_mut().enumerate() {
            if let Some(news) = episodes.counted(second, self.providers[index].limited, now) {
                let provider = core.plan.providers[index].name.clone();
                core.note(match news {
                    News::Began => CapacityEvent::ProviderThrottling { provider },
                    News::Over { lasted, count: turned_away } => {
                        CapacityEvent::ProviderThrottlingOver { provider, turned_away, lasted }
                    }
                });
            }
        }
        for (index, episodes) in self.episodes.1.iter_mut().enumerate() {
            if let Some(news) = episodes.counted(second, self.stations[index].tally.limited, now) {
                let (region, service) = core.service_name(ServiceId(index as u16));
                core.note(match news {
                    News::Began => CapacityEvent::ServiceThrottling { region, service },
                    News::Over { lasted, count: turned_away } => {
                        CapacityEvent::ServiceThrottlingOver { region, service, turned_away, lasted }
                    }
                });
            }
        }
    }
}
