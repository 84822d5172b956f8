//! Controllers come back when what took them away is over: at that instant, however long it lasted, and not once
//! something else happens to wake them.

use super::{plan, plan_of};
use firedrill::model::CallTrace;
use firedrill::record::Record;
use firedrill::rehearse::rehearsal;
use firedrill::scenario::{Catalogs, load};
use firedrill::sim::{Live, Rehearsal, run};
use firedrill::units::{Instant, Span};

/// Something takes the controller away at 30 s; some time after that is over, the primary goes dark for good.
fn world(faults: &str, control: &str, dark_at: u64) -> String {
    format!(
        "
firedrill: 1
name: a controller that was away
duration: {}s
regions:
  west:  {{services: {{api: {{servers: 4, time: 20ms}}}}}}
  north: {{like: west, role: secondary}}
  south: {{role: secondary, services: {{}}}}
databases:
  orders: {{primary: west, replicas: [north], delay: 1s, promote_time: 5s}}
dns: {{ttl: 5s, publish: 2s}}
resolvers: {{count: 0}}
monitoring: {{scrape: 5s, window: 15s, delay: 1s}}
workload:
  - open: {{rate: 5/s, mix: {{write: 50%}}, timeout: 2s}}
faults:
  - region_outage: {{id: dark, region: west, at: {dark_at}s}}
{faults}
control:
  - watch: {{id: pilot, every: 5s, sustained: 10s, min_requests: 3, from: west, to: north, run: region_failover{control}}}
properties:
  no_loss: {{ledger: {{lost: 0}}}}
",
        dark_at + 180
    )
}

fn rehearsed(scenario: &str) -> (Record, Vec<CallTrace>) {
    let plan = plan_of(scenario, "scenarios/away.yaml", &[]);
    let schedule = plan.schedule(1);
    let mut live = Live::new(Rehearsal { trace_calls: true, ..rehearsal(&plan, &schedule) }, 1);
    while live.step() {}
    let calls = live.calls();
    (live.close().record, calls)
}

fn done_at(record: &Record) -> Option<Instant> {
    record.timeline.events().iter().find(|e| e.name == "region_failover.done").map(|e| e.at)
}

/// Lengths that end within a call, between two of them, after the last one timed out, and after the lease ran out.
const LENGTHS: [u64; 7] = [1, 4, 11, 29, 60, 180, 600];

/// Nobody calls while the controller is away from 30 s on, somebody does at the instant at which that is over, and the
/// region that goes dark later is failed over.
fn comes_back(what: &str, faults: impl Fn(u64) -> String, control: &str) {
    for length in LENGTHS {
        let (from, until) = (Instant::from_secs(30), Instant::from_secs(30 + length));
        let (record, calls) = rehearsed(&world(&faults(length), control, 30 + length + 60));
        let away = calls.iter().filter(|call| from < call.at && call.at < until).count();
        assert_eq!(away, 0, "{what} for {length} s: it went on calling");
        let back = calls.iter().find(|call| until <= call.at).map(|call| call.at);
        // A process that was stopped goes on where its next look was due: within the interval of the watch at the latest.
        let soon = back.is_some_and(|back| back.since(until) <= Span::from_secs(5));
        assert!(soon, "{what} for {length} s: over at {until}, its next call was at {back:?}");
        assert!(done_at(&record).is_some(), "{what} for {length} s: the outage after it is not failed over");
    }
}

#[test]
fn a_controller_that_was_killed_is_started_again_when_the_fault_is_over() {
    comes_back("kill", |n| format!("  - controller_kill: {{id: k, controller: pilot, at: 30s, for: {n}s}}"), "");
}

#[test]
fn a_controller_that_was_paused_goes_on_when_the_fault_is_over() {
    comes_back("pause", |n| format!("  - controller_pause: {{id: k, controller: pilot, at: 30s, for: {n}s}}"), "");
}

#[test]
fn a_controller_whose_region_was_dark_is_started_again_when_the_region_is_back() {
    let dark = |n| format!("  - region_outage: {{id: k, region: south, at: 30s, for: {n}s}}");
    comes_back("outage of its region", dark, ", runs_in: south");
}

#[test]
fn a_controller_that_is_killed_again_and_again_is_started_again_each_time() {
    let fault = "  - controller_kill: {id: k, controller: pilot, at: 30s, for: 600s, flap: {down: 60s, up: 30s}}";
    let (record, calls) = rehearsed(&world(fault, "", 700));
    for start in (90..600).step_by(90) {
        let span = Instant::from_secs(start)..Instant::from_secs(start + 30);
        assert!(calls.iter().any(|call| span.contains(&call.at)), "nobody called in the 30 s from {start} s on");
    }
    assert!(done_at(&record).is_some());
}

#[test]
fn a_second_instance_is_there_as_soon_as_the_fault_begins_and_gone_as_soon_as_it_ends() {
    for length in [220, 600] {
        // The first one is dead and calls nobody; the second one alone can react to the outage.
        let faults = format!(
            "  - controller_kill: {{id: k, controller: pilot, at: 20s}}\n  \
             - controller_double: {{id: d, controller: pilot, at: 80s, for: {length}s}}"
        );
        let (record, calls) = rehearsed(&world(&faults, "", 120));
        let alive = |call: &&CallTrace| call.at > Instant::from_secs(20) && call.at < record.workload_end;
        assert_eq!(calls.iter().filter(alive).count(), 0, "the first instance is dead until all faults are healed");
        let done = done_at(&record).expect("the second instance fails over");
        assert!(done < Instant::from_secs(80 + length), "{done}");
        let after = world(&faults, "", 80 + length + 30);
        assert_eq!(done_at(&rehearsed(&after).0), None, "nobody is left to react");
    }
}

#[test]
fn a_campaign_of_random_faults_rehearses_the_failovers_it_claims() {
    let plan = plan("scenarios/ai-provider/random-inside-tolerance.yaml", &[]);
    let (mut leads, mut failovers, mut failbacks) = (0, 0, 0);
    for seed in 0..6 {
        let record = run(rehearsal(&plan, &plan.schedule(seed)), seed).record;
        let times = |name: &str| record.timeline.events().iter().filter(|e| e.name == name).count();
        leads += times("controller.leads");
        failovers += times("region_failover.done");
        failbacks += times("failback.done");
    }
    // Six kills and four pauses an hour take the lease away again and again; some four outages an hour are to be failed over.
    assert!(
        leads >= 6 * 6 && failovers >= 6 * 2 && failbacks >= 6,
        "{leads} leads, {failovers} there, {failbacks} back"
    );
}

#[test]
fn who_takes_over_waits_for_as_long_as_the_lease_lasts() {
    let leads = |lease: &str| {
        let killed = "  - controller_kill: {id: k, controller: pilot, at: 30s, for: 5s}\n";
        let (record, _) = rehearsed(&world(killed, lease, 300));
        let events = record.timeline.events().iter();
        let leads: Vec<Instant> = events.filter(|e| e.name == "controller.leads").map(|e| e.at).collect();
        assert_eq!(leads.len(), 2, "{leads:?}");
        leads[1].since(Instant::from_secs(30))
    };
    let (usual, long) = (leads(""), leads(", lease: {lasts: 60s, renew_within: 40s, every: 5s}"));
    assert!(usual > Span::from_secs(12) && usual < Span::from_secs(18), "{usual}");
    assert!(long > Span::from_secs(54) && long < Span::from_secs(66), "{long}");
}

#[test]
fn a_lease_that_cannot_be_kept_is_refused_at_its_place() {
    for (lease, what) in [
        ("{lasts: 10s}", "its lease is over at 10s"),
        ("{every: 10s}", "stands down after 10s"),
        ("{lasts: 5s, renew_within: 4s, every: 5s}", "stands down after 4s"),
    ] {
        let text = world("", &format!(", lease: {lease}"), 300);
        let problems = load(&text, "away.yaml", &[], &Catalogs::BUILT_IN).expect_err(lease);
        let said: Vec<_> = problems.iter().map(|problem| (problem.code, problem.message.as_str())).collect();
        assert!(said.len() == 1 && said[0].0 == "FD0243" && said[0].1.contains(what), "{lease}: {said:?}");
    }
}
