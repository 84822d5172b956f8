//! How long a queue may be where the file does not say.

use super::{plan, try_load};

fn text(services: &str, workload: &str) -> String {
    format!(
        "firedrill: 1\nduration: 5m\nregions: {{home: {{services: {{{services}}}}}}}\nresolvers: {{count: 0}}\n\
         workload:\n{workload}properties: {{ok: {{always: {{holds: errors <= 99%}}}}}}\n"
    )
}

/// By service, in the order of the file.
fn queues(services: &str, workload: &str) -> Vec<Option<u32>> {
    plan(&text(services, workload)).world.services.iter().map(|service| service.queue).collect()
}

const CALLERS: &str = "  - open: {rate: 1/s, service: api, timeout: 10s}\n";

#[test]
fn as_many_may_wait_as_are_served_in_half_the_timeout() {
    assert_eq!(queues("api: {servers: 4, time: 20ms}", CALLERS), [Some(1000)]);
    assert_eq!(queues("api: {servers: 4, time: {exponential: 40ms}}", CALLERS), [Some(500)]);
    assert_eq!(queues("api: {servers: 4, time: 3s}", CALLERS), [Some(6)], "whole places only");
    assert_eq!(queues("api: {servers: 9, time: 60s}", CALLERS), [Some(5)], "half as many as servers, at the least");
    let patient = format!("{CALLERS}  - open: {{name: more, rate: 1/s, service: api, timeout: 60s}}\n");
    assert_eq!(queues("api: {servers: 4, time: 20ms}", &patient), [Some(6000)], "the most patient count");
    let grows = "api: {servers: 4, time: 20ms, autoscale: {min: 2, max: 10, target: 60%}}";
    assert_eq!(queues(grows, CALLERS), [Some(2500)], "as many servers as there can be");
}

#[test]
fn whoever_waits_at_a_service_that_is_called_waits_for_all_of_it() {
    let services = "api: {servers: 4, time: 20ms, calls: [a]}, a: {servers: 2, time: 20ms, calls: [b]}, b: {servers: 1, time: 20ms}, \
                    idle: {servers: 1, time: 20ms}";
    assert_eq!(queues(services, CALLERS), [Some(1000), Some(500), Some(250), None], "nobody calls the last");
}

#[test]
fn what_the_file_says_is_as_it_says() {
    for (written, places) in [("17", Some(17)), ("0", Some(0)), ("2k", Some(2000)), ("unbounded", None), ("null", None)]
    {
        assert_eq!(
            queues(&format!("api: {{servers: 4, time: 20ms, queue: {written}}}"), CALLERS),
            [places],
            "{written}"
        );
    }
    assert_eq!(queues("api: {servers: 4, time: 20ms, shed_after: 2s}", CALLERS), [None]);
    let heavy = "api: {servers: 4, time: {pareto: {min: 20ms, alpha: 1.0}}}";
    assert_eq!(queues(heavy, CALLERS), [None], "without an average there is no telling");
    let (_, problems) = match try_load(&text("api: {servers: 4, time: 20ms, queue: endless}", CALLERS), &[]) {
        Ok((_, problems)) => ((), problems),
        Err(problems) => ((), problems),
    };
    assert!(problems.has_errors());
    assert!(problems.iter().any(|problem| problem.help.as_deref().is_some_and(|help| help.contains("unbounded"))));
}

#[test]
fn the_plan_says_how_long_it_is_and_why() {
    let said = |service: &str| {
        let plan = plan(&text(service, CALLERS));
        let line = plan.assumptions.into_iter().find(|line| line.path.ends_with(".queue")).expect("a line");
        (line.value, line.source)
    };
    let (value, source) = said("api: {servers: 4, time: 20ms}");
    assert!(
        value == "1000" && source.contains("half the `timeout`") && source.contains("SRE book"),
        "{value}: {source}"
    );
    assert_eq!(said("api: {servers: 4, time: 20ms, queue: unbounded}").0, "unbounded");
    assert_eq!(said("api: {servers: 4, time: 20ms, shed_after: 2s}").0, "unbounded");
}
