//! What looks at the world at regular times: scrapes, and the signals of its state.

use crate::kernel::Class;
use crate::model::agenda::Agenda;
use crate::model::clients::population::DrillTouch;
use crate::model::plan::Target;
use crate::model::{DatabaseGauges, Meter, World};
use crate::record::Sample;
use crate::record::event::DrillEvent;
use crate::units::{DatabaseId, Instant, ServiceId};

impl World {
    pub(in crate::model) fn start_watchers(&mut self) {
        let now = self.kernel.now();
        self.put(now, Class::Control, Agenda::Scrape);
        self.start_checks();
        self.start_naming();
        self.start_autoscalers();
        self.start_backups();
    }

    /// Scrapes every service, and looks at the databases' heads.
    pub(in crate::model) fn scrape(&mut self) {
        let now = self.kernel.now();
        let every = self.monitoring.every;
        self.put(now.saturating_add(every), Class::Control, Agenda::Scrape);
        if self.monitoring_is_blind() {
            return self.show_nothing_seen();
        }
        for index in 0..self.stations.len() {
            let service = ServiceId(index as u16);
            let station = &self.stations[index];
            if self.monitoring.gaps[station.region.index()].is_on() {
                self.show_seen(service, now);
                continue;
            }
            let region = &self.regions[station.region.index()];
            let silent = region.dark.is_on() || region.cut_off.is_on() || station.emptied_by().is_some();
            let answer = (!silent).then(|| station.counters.clone());
            self.monitoring.keep(service, now, answer);
            self.show_seen(service, now);
        }
        for database in &mut self.databases {
            database.advance(now);
            let authority = &database.copies[database.authority];
            let there = authority.region.index();
            let unseen = self.regions[there].is_silent() || self.monitoring.gaps[there].is_on();
            let up = !authority.crashed.is_on() && authority.is_readable() && !unseen;
            let head = up.then(|| database.ledger.head(authority.lineage));
            database.seen.scraped(now, head);
        }
    }

    fn show_seen(&mut self, service: ServiceId, now: Instant) {
        let reading = self.monitoring.reading(service, now);
        let (errors, up, p95) = self.gauges.seen[service.index()];
        let latency = reading.latency_p95.map_or(Sample::MISSING, |p95| Sample::count(p95.as_nanos()));
        self.meter.sample(errors, now, Sample::quotient(reading.errors, reading.requests));
        self.meter.sample(up, now, Sample::count(u64::from(reading.up)));
        self.meter.sample(p95, now, latency);
    }

    /// A second is over: closes its counts and samples the state as the new one begins.
    pub(in crate::model) fn roll(&mut self) {
        let (last, second) = (self.meter.second(), self.kernel.now().second());
        self.tell_of_limits(last, second);
        self.close_tallies(last, second);
        self.observe_load(second.saturating_sub(last));
        self.meter.roll(second);
        // Nothing has happened since the last second, so the one after it shows what that left.
        if second > last + 1 {
            self.sample_state(Instant::from_secs(last + 1));
        }
        // At the end of the run the second is not over, and what happened in it has been sampled already.
        let at = if second == last { self.kernel.now() } else { Instant::from_secs(second) };
        self.sample_state(at);
    }

    /// Samples what changes with events, as the present instant leaves it: the state after an event is never the one from
    /// before it.
    pub fn sample_now(&mut self) {
        self.sample_things(self.kernel.now());
    }

    fn sample_things(&mut self, at: Instant) {
        for (station, gauges) in self.stations.iter().zip(&self.gauges.services) {
            gauges.sample(station, &mut self.meter, at);
        }
        for (region, gauge) in self.regions.iter().zip(&self.gauges.regions) {
            self.meter.sample(*gauge, at, Sample::count(u64::from(!region.dark.is_on())));
        }
        for index in 0..self.databases.len() {
            self.sample_database(DatabaseId(index as u16), at);
        }
        if let Some(touched) = self.gauges.touched {
            self.meter.sample(touched, at, Sample::count(self.touched_writes));
        }
    }

    fn sample_state(&mut self, at: Instant) {
        for database in &mut self.databases {
            database.advance(at);
            database.share_capacity(at);
        }
        self.sample_things(at);
        for database in 0..self.databases.len() {
            self.sample_backups(DatabaseId(database as u16), at);
        }
        for (population, gauges) in self.populations.iter().zip(&self.gauges.leases) {
            if let Some(((held, out), leases)) = gauges.zip(population.leases.as_ref()) {
                self.meter.sample(held, at, leases.held());
                self.meter.sample(out, at, leases.out());
            }
        }
        let populations = &self.populations;
        self.meter.clients.breakers(at, || populations.iter().map(|p| p.breakers.not_closed()).sum());
        self.sample_beliefs(at);
    }

    fn sample_beliefs(&mut self, at: Instant) {
        let (mut groups, believers) = (0, &mut self.gauges.believers);
        believers.fill(0);
        for population in &mut self.populations {
            population.stubs.catch_up(&mut self.resolvers, &mut self.zone, at);
            groups += population.stubs.count();
            for target in population.stubs.beliefs() {
                if let Target::Region(region) = target {
                    believers[region.index()] += 1;
                }
            }
        }
        for (gauge, believers) in self.gauges.dns.iter().zip(believers) {
            self.meter.sample(*gauge, at, Sample::quotient(*believers, groups));
        }
    }

    /// Production must not feel a drill: what it does feel is counted, from the first thing it depends on that a drill
    /// changed.
    pub(in crate::model) fn note_drill(&mut self, call: u32, what: DrillTouch) {
        let caller = self.callers.get(&call).map(|caller| usize::from(caller.controller));
        if !caller.is_some_and(|controller| self.plan.controllers[controller].drill) {
            return;
        }
        for index in 0..self.populations.len() {
            let workload = &self.plan.workloads[index];
            let target = self.plan.dns.records[workload.record.index()].target;
            if self.populations[index].touched_by_drill(what, target) {
                let workload = workload.name.clone();
                self.note(DrillEvent::TouchedProduction { workload });
            }
        }
    }

    fn sample_database(&mut self, database: DatabaseId, at: Instant) {
        let DatabaseGauges { lag, backlog, writable, degraded, .. } = self.gauges.databases[database.index()];
        let state = &mut self.databases[database.index()];
        state.advance(at);
        let meter: &mut Meter = &mut self.meter;
        meter.sample(backlog, at, Sample::count(state.backlog()));
        meter.sample(lag, at, state.lag(at).map_or(Sample::MISSING, |lag| Sample::count(lag.as_nanos())));
        let regions = &self.regions;
        let up = |copy: &crate::model::data::database::Replica| {
            !copy.crashed.is_on() && !regions[copy.region.index()].dark.is_on()
        };
        let count = (0..state.copies.len()).filter(|i| state.may_write(*i, at) && up(&state.copies[*i])).count();
        meter.sample(writable, at, Sample::count(count as u64));
        if let Some(degraded) = degraded {
            meter.sample(degraded, at, Sample::count(u64::from(state.degraded())));
        }
    }
}
