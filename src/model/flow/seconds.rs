//! What happens at regular times: scrapes, and the signals of the seconds that are over.
//!
//! Owns nothing. Does not know what any signal says: each part shows its own.
//!
//! Invariant: the state after an event is never the one from before it.

use crate::kernel::Class;
use crate::model::World;
use crate::model::observe::Due;
use crate::units::{Instant, ServiceId};

impl World {
    /// Starts everything that runs by itself.
    pub(in crate::model) fn start_watchers(&mut self) {
        let now = self.core.now();
        self.core.schedule(now, Class::Control, Due::Scrape);
        self.health.start_checks(&mut self.core);
        self.names.start_naming(&mut self.core);
        self.platform.start_autoscalers(&mut self.core);
        self.data.start_backups(&mut self.core);
    }

    /// Scrapes every service, and looks at the databases' heads.
    pub(in crate::model) fn scrape(&mut self) {
        let (now, every) = (self.core.now(), self.observe.monitoring.every);
        self.core.schedule_in(every, Due::Scrape);
        if self.observe.monitoring_is_blind(&self.core) {
            return self.observe.show_nothing_seen(&mut self.core);
        }
        for (service, station) in (0..).map(ServiceId).zip(&self.platform.stations) {
            if self.observe.scrapes(station.region) {
                let silent = self.core.regions[station.region.index()].is_silent() || station.emptied_by().is_some();
                let answer = (!silent).then(|| station.counters.clone());
                self.observe.monitoring.keep(service, now, answer);
            }
            self.observe.show_seen(&mut self.core, service, now);
        }
        let observe = &self.observe;
        self.data.scrape_heads(&self.core, |region| observe.scrapes(region));
    }

    /// A second is over: closes its counts and samples the state as the new one begins.
    pub(in crate::model) fn roll(&mut self) {
        let (last, second) = (self.observe.meter.second(), self.core.now().second());
        self.platform.tell_of_limits(&mut self.core, last, second);
        self.clients.tell_of_budgets(&mut self.core, last, second);
        self.platform.close_second(&mut self.core, last, second);
        self.platform.observe_load(second.saturating_sub(last));
        if self.core.chronicle.take_changed() {
            self.observe.meter.slowness.change_begins();
        }
        self.observe.meter.roll(second, &mut self.core.signals);
        // Nothing has happened since the last second, so the one after it shows what that left.
        if second > last + 1 {
            self.sample_state(Instant::from_secs(last + 1));
        }
        // At the end of the run the second is not over, and what happened in it has been sampled already.
        let at = if second == last { self.core.now() } else { Instant::from_secs(second) };
        self.sample_state(at);
    }

    /// Samples what changes with events, as the present instant leaves it.
    pub fn sample_now(&mut self) {
        self.sample_things(self.core.now());
    }

    fn sample_things(&mut self, at: Instant) {
        self.core.sample_regions(at);
        self.platform.sample(&mut self.core, at);
        self.data.sample(&mut self.core, at);
        self.objects.sample(&mut self.core, at);
        self.clients.sample(&mut self.core, at);
    }

    fn sample_state(&mut self, at: Instant) {
        self.data.share_capacity(at);
        self.sample_things(at);
        self.data.sample_backups(&mut self.core, at);
        self.clients.sample_leases(&mut self.core, at);
        self.observe.meter.clients.breakers(at, || self.clients.breakers_not_closed());
        self.names.sample(&mut self.core, at);
    }
}
