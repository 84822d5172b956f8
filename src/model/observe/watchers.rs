//! What looks at the world at regular times: scrapes, and the signals of its state.

use crate::kernel::Class;
use crate::model::World;
use crate::model::observe::Due;
use crate::model::plan::Target;
use crate::record::Sample;
use crate::units::{Instant, ServiceId};

impl World {
    pub(in crate::model) fn start_watchers(&mut self) {
        let now = self.core.kernel.now();
        self.core.put(now, Class::Control, Due::Scrape);
        self.health.start_checks(&mut self.core);
        self.names.start_naming(&mut self.core);
        self.platform.start_autoscalers(&mut self.core);
        self.data.start_backups(&mut self.core);
    }

    /// Scrapes every service, and looks at the databases' heads.
    pub(in crate::model) fn scrape(&mut self) {
        let now = self.core.kernel.now();
        let every = self.observe.monitoring.every;
        self.core.put(now.saturating_add(every), Class::Control, Due::Scrape);
        if self.observe.monitoring_is_blind(&self.core) {
            return self.observe.show_nothing_seen(&mut self.core);
        }
        for index in 0..self.platform.stations.len() {
            let service = ServiceId(index as u16);
            let station = &self.platform.stations[index];
            if self.observe.monitoring.gaps[station.region.index()].is_on() {
                self.show_seen(service, now);
                continue;
            }
            let region = &self.core.regions[station.region.index()];
            let silent = region.dark.is_on() || region.cut_off.is_on() || station.emptied_by().is_some();
            let answer = (!silent).then(|| station.counters.clone());
            self.observe.monitoring.keep(service, now, answer);
            self.show_seen(service, now);
        }
        let gaps = &self.observe.monitoring.gaps;
        self.data.scrape_heads(&self.core, |region| !gaps[region.index()].is_on());
    }

    fn show_seen(&mut self, service: ServiceId, now: Instant) {
        let seen = self.observe.monitoring.look(service, now, None);
        let (errors, up, p95) = self.observe.gauges.seen[service.index()];
        let latency = seen.response_time(95).map_or(Sample::MISSING, |p95| Sample::count(p95.as_nanos()));
        let (failed, finished) = seen.errors();
        self.core.signals.sample(errors, now, Sample::quotient(failed, finished));
        self.core.signals.sample(up, now, Sample::count(u64::from(seen.is_up())));
        self.core.signals.sample(p95, now, latency);
    }

    /// A second is over: closes its counts and samples the state as the new one begins.
    pub(in crate::model) fn roll(&mut self) {
        let (last, second) = (self.observe.meter.second(), self.core.kernel.now().second());
        self.tell_of_limits(last, second);
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
        let at = if second == last { self.core.kernel.now() } else { Instant::from_secs(second) };
        self.sample_state(at);
    }

    /// Samples what changes with events, as the present instant leaves it: the state after an event is never the one from
    /// before it.
    pub fn sample_now(&mut self) {
        self.sample_things(self.core.kernel.now());
    }

    fn sample_things(&mut self, at: Instant) {
        self.platform.sample(&mut self.core, at);
        for (region, gauge) in self.core.regions.iter().zip(&self.observe.gauges.regions) {
            self.core.signals.sample(*gauge, at, Sample::count(u64::from(!region.dark.is_on())));
        }
        self.data.sample(&mut self.core, at);
        self.clients.sample(&mut self.core, at);
    }

    fn sample_state(&mut self, at: Instant) {
        self.data.share_capacity(at);
        self.sample_things(at);
        self.data.sample_backups(&mut self.core, at);
        self.clients.sample_leases(&mut self.core, at);
        self.observe.meter.clients.breakers(at, || self.clients.breakers_not_closed());
        self.sample_beliefs(at);
    }

    fn sample_beliefs(&mut self, at: Instant) {
        let (mut groups, believers) = (0, &mut self.observe.gauges.believers);
        believers.fill(0);
        for stubs in &mut self.names.stubs {
            stubs.catch_up(&mut self.names.resolvers, &mut self.names.zone, at);
            groups += stubs.count();
            for target in stubs.beliefs() {
                if let Target::Region(region) = target {
                    believers[region.index()] += 1;
                }
            }
        }
        for (gauge, believers) in self.observe.gauges.dns.iter().zip(believers) {
            self.core.signals.sample(*gauge, at, Sample::quotient(*believers, groups));
        }
    }
}
