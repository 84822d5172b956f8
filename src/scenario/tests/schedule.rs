//! When faults happen: what parses to what, what is refused, and reading back what was written.

use super::{SMALL, found, plan, shown, try_load};
use crate::fault::schedule::{Cue, Flap, Start};
use crate::fault::{Injection, Timing, Trigger};
use crate::kernel::Distribution;
use crate::scenario::{GivenSchedule, Plan, read_schedule};
use crate::units::{Instant, Rate, Span};

const AT: &str = "at: 5m, for: 1m";

fn timed(timing: &str) -> String {
    SMALL.replace(AT, timing)
}

fn timing(text: &str) -> Timing {
    plan(&timed(text)).faults[0].timing.clone()
}

fn problem(text: &str) -> (&'static str, String) {
    let text = timed(text);
    let problems = match try_load(&text, &[]) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    let first = problems.iter().next().unwrap_or_else(|| panic!("nothing is said about {text}"));
    (first.code, format!("{}; {}", first.message, first.help.clone().unwrap_or_default()))
}

#[test]
fn a_fault_begins_at_an_instant_at_an_event_or_at_random() {
    let minute = Distribution::Constant(Span::from_mins(1));
    assert_eq!(timing(AT), Timing::once(Instant::from_secs(300), Some(Span::from_mins(1))));
    let cue = |event: &str, occurrence, seconds| {
        Start::When(Cue { event: event.into(), occurrence, after: Span::from_secs(seconds) })
    };
    let step = "when: {step_starts: {procedure: region_failover, step: switch_dns}}";
    assert_eq!(timing(step).start, cue("region_failover.switch_dns.started", 1, 0));
    let event = "when: {event: dns.app.example.published, occurrence: 2, after: 10s}";
    let event = timed(event) + "dns: {zone: app.example}\n";
    assert_eq!(plan(&event).faults[0].timing.start, cue("dns.app.example.published", 2, 10));
    let window = |from, to| (Instant::from_secs(from), Instant::from_secs(to));
    let rate = |text: &str, (from, to)| Start::Rate { rate: text.parse::<Rate>().unwrap(), from, to };
    assert_eq!(
        timing("rate: 2/h, for: 1m"),
        Timing { start: rate("2/h", window(0, 600)), lasts: Some(minute), flap: None }
    );
    assert_eq!(timing("rate: 3/d, for: 1m, between: [1m, 5m]").start, rate("3/d", window(60, 300)));
    assert_eq!(timing("rate: 3/d, for: 1m, between: [1m, 5h]").start, rate("3/d", window(60, 600)));
    let (from, to) = window(60, 300);
    assert_eq!(timing("between: [1m, 5m]").start, Start::Within { from, to });
}

#[test]
fn lengths_and_flapping_may_be_distributions() {
    let flapping = timing("at: 1m, for: {exponential: 4m}, flap: {down: 20s, up: {uniform: {low: 5s, high: 9s}}}");
    assert_eq!(flapping.lasts, Some(Distribution::Exponential { mean: Span::from_mins(4) }));
    let up = Distribution::Uniform { low: Span::from_secs(5), high: Span::from_secs(9) };
    assert_eq!(flapping.flap, Some(Flap { down: Distribution::Constant(Span::from_secs(20)), up }));
}

#[test]
fn a_timing_that_contradicts_itself_is_refused_at_its_place() {
    for (timing, code, said) in [
        ("for: 1m", "FD0103", "`region_outage` does not say when it happens"),
        ("at: 5m, rate: 2/h, for: 1m", "FD0230", "has two start conditions: `at` and `rate`"),
        ("when: {event: watch.decided}, rate: 2/h, for: 1m", "FD0230", "`when` and `rate`"),
        ("rate: 2/h", "FD0231", "must say how long it lasts"),
        ("rate: 2/h, for: 1m, between: [5m]", "FD0231", "`between` is not a window"),
        ("rate: 2/h, for: 1m, between: [5m, 5m]", "FD0231", "`between` is not a window"),
        ("at: 1m, between: [1m, 2m]", "FD0231", "`between` stands alone or beside `rate`"),
        ("when: {event: watch.decided}, between: [1m, 2m]", "FD0231", "`between` stands alone or beside `rate`"),
        ("between: [11m, 12m]", "FD0501", "the workload ends at 10m"),
        ("between: [2m, 1m]", "FD0231", "`between` is not a window"),
        ("rate: 2/h, for: 1m, between: [10m, 20m]", "FD0501", "the workload ends at 10m"),
        ("at: 5m, for: 0s", "FD0106", "`for` is zero"),
        ("at: 5m, flap: {down: 0s, up: 1s}", "FD0106", "`down` is zero"),
        ("at: 5m, flap: {down: 1s}", "FD0103", "`up` is missing"),
        ("when: {}", "FD0103", "does not say what to wait for"),
        ("when: {event: watch.decided, after: 10m}", "FD0501", "10m after an event"),
        ("rate: 40/s, for: 1s", "FD0233", "about 24000 injections are expected, 24000 of them of `dark`"),
        ("at: 0s, flap: {down: 1ms, up: 1ms}", "FD0233", "about 300000 injections"),
    ] {
        let (found, message) = problem(timing);
        assert!(found == code && message.contains(said), "{timing}: {found} {message}");
    }
    let both = "when: {event: watch.decided, step_starts: {procedure: region_failover, step: switch_dns}}";
    assert_eq!(problem(both).0, "FD0230");
    let text = timed("at: 5m, rate: 2/h, for: 1m");
    assert_eq!(found(&text, &[]), [("FD0230", 11, 59)]);
    assert!(shown(&try_load(&text, &[]).unwrap_err(), &text, &[]).contains("the first one is here"));
}

#[test]
fn a_condition_names_an_event_that_this_scenario_can_bring_about() {
    for (timing, code, said) in [
        ("when: {event: wacth.decided}", "FD0301", "did you mean `watch.decided`?"),
        ("when: {event: fault.drak}", "FD0301", "did you mean `fault.dark`?"),
        ("when: {event: fault.*}", "FD0301", "more than one event"),
        ("when: {event: region_failover.switch_dsn.done}", "FD0102", "did you mean `switch_dns`?"),
        ("when: {step_starts: {procedure: region_failover, step: pack}}", "FD0102", "its steps: detect_failure, "),
        ("when: {step_starts: {procedure: failover, step: switch_dns}}", "FD0102", "unknown procedure `failover`"),
        ("when: {event: fault.dark.healed}", "FD0232", "that waits for it in turn"),
        ("when: {event: balancer.home.ejected}", "FD0232", "there is no balancer"),
    ] {
        let (found, message) = problem(timing);
        assert!(found == code && message.contains(said), "{timing}: {found} {message}");
    }
    let step = "when: {step_starts: {procedure: region_failover, step: pack}}";
    assert_eq!(found(&timed(step), &[]), [("FD0102", 11, 100)]);
    let alone = timed("when: {event: watch.decided}").replace("control:\n  - watch: {run: region_failover}\n", "");
    assert_eq!(found(&alone, &[]), [("FD0232", 11, 59)]);
    let blind = timed("when: {event: balancer.home.ejected}") + "balancer: {check_every: 0s}\n";
    assert_eq!(found(&blind, &[]), [("FD0232", 11, 59)]);
}

#[test]
fn faults_may_wait_for_each_other_but_not_in_a_circle() {
    let waiting = timed("when: {event: fault.cut.healed}");
    let with = |timing: &str| {
        let other = format!("  - partition: {{id: cut, region: home, {timing}}}\ncontrol:");
        waiting.replace("control:", &other)
    };
    let codes = |timing: &str| found(&with(timing), &[]).iter().map(|problem| problem.0).collect::<Vec<_>>();
    assert_eq!(codes("at: 1m, for: 1m"), [""; 0]);
    assert_eq!(codes("when: {event: fault.dark}"), ["FD0232", "FD0232"]);
    let twice = with("at: 1m").replace("event: fault.cut.healed", "event: fault.cut, occurrence: 2");
    assert_eq!(found(&twice, &[]).iter().map(|problem| problem.0).collect::<Vec<_>>(), ["FD0232"]);
    let again = twice.replace("at: 1m", "at: 1m, flap: {down: 5s, up: 5s}");
    assert_eq!(found(&again, &[]), []);
}

fn read(text: &str, plan: &Plan) -> Result<GivenSchedule, Vec<(&'static str, u32)>> {
    let line = |problem: &crate::field::Problem| (problem.code, problem.place.map_or(0, |place| place.line));
    read_schedule(text, plan).map_err(|problems| problems.iter().map(line).collect())
}

#[test]
fn a_schedule_is_read_back_as_it_was_written() {
    for timing in [
        AT,
        "at: 5m",
        "when: {step_starts: {procedure: region_failover, step: switch_dns}, after: 1.5s}, for: {exponential: 1m}",
        "rate: 100/h, for: {lognormal: {median: 20s, sigma: 1.5}}",
        "rate: 20/h, for: 2m, flap: {down: {exponential: 7s}, up: 3s}",
        "rate: 0.1/d, for: 2m, optional: true",
    ] {
        let plan = plan(&timed(timing));
        for seed in [0, 1, u64::MAX] {
            let injections = plan.schedule(seed);
            let text = plan.write_schedule(&injections, seed);
            assert_eq!(read(&text, &plan), Ok(GivenSchedule { seed: Some(seed), injections }), "{text}");
        }
    }
}

#[test]
fn a_written_schedule_is_one_line_per_injection() {
    let plan = plan(&SMALL.replace("id: dark, region: home, at: 5m", "id: \"null\", region: home, at: 300.25s"));
    let text = plan.write_schedule(&plan.schedule(7), 7);
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let injection = "  - {fault: \"null\", occurrence: 1, at: 300.25s, for: 1m}";
    assert_eq!(lines, ["firedrill_schedule: 1", "seed: 7", "injections:", injection]);
    assert_eq!(read(&text, &plan).map(|given| given.injections.len()), Ok(1));
}

#[test]
fn a_schedule_for_another_scenario_is_refused_with_its_place() {
    let plan = plan(SMALL);
    let schedule = |lines: &str| format!("firedrill_schedule: 1\ninjections:\n{lines}");
    for (lines, expected) in [
        ("  - {fault: drak, at: 5m}\n", ("FD0102", 3)),
        ("  - {fault: dark}\n", ("FD0103", 3)),
        ("  - {fault: dark, at: 5}\n", ("FD0105", 3)),
        ("  - {fault: dark, at: 5m, when: {event: watch.decided}}\n", ("FD0230", 3)),
        ("  - {fault: dark, when: {event: nothing.happens}}\n", ("FD0301", 3)),
        ("  - {fault: dark, at: 5m, for: 1m}\n  - {fault: dark, at: 6m}\n", ("FD0234", 4)),
        ("  - {fault: dark, occurence: 2, at: 6m}\n", ("FD0101", 3)),
    ] {
        assert_eq!(read(&schedule(lines), &plan), Err(vec![expected]), "{lines}");
    }
    assert_eq!(read("firedrill_schedule: 2\n", &plan), Err(vec![("FD0113", 1)]));
    assert_eq!(read("firedrill: 1\n", &plan), Err(vec![("FD0103", 1), ("FD0101", 1)]));
    assert_eq!(read("", &plan), Err(vec![("FD0002", 0)]));
    let many: String = (1..=10_001).map(|n| format!("  - {{fault: dark, occurrence: {n}, at: 5m}}\n")).collect();
    assert_eq!(read(&schedule(&many), &plan), Err(vec![("FD0233", 10_003)]));
}

#[test]
fn an_empty_schedule_is_a_run_in_which_nothing_goes_wrong() {
    let plan = plan(SMALL);
    assert_eq!(read("firedrill_schedule: 1\n", &plan), Ok(GivenSchedule::default()));
    let text = plan.write_schedule(&[], 3);
    assert_eq!(read(&text, &plan), Ok(GivenSchedule { seed: Some(3), injections: Vec::new() }));
    let once = Injection { fault: 0, occurrence: 1, trigger: Trigger::At(Instant::from_secs(9)), lasts: None };
    let given = "firedrill_schedule: 1\ninjections: [{fault: dark, at: 9s}]\n";
    assert_eq!(read(given, &plan).map(|given| given.injections), Ok(vec![once]));
}
