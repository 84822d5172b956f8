//! Faults that cannot happen or hit nothing are refused; what decides in silence is warned of, and nothing else is.

use super::{SMALL, found, shown, try_load};

/// Code and message of each problem of the text.
fn said(text: &str) -> Vec<(&'static str, String)> {
    let problems = match try_load(text, &[]) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    problems.iter().map(|problem| (problem.code, problem.message.clone())).collect()
}

/// The small scenario with each of the first replaced by the second.
fn with(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(SMALL.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// Whether the text has exactly one problem, with this code, whose message has this in it.
fn only(text: &str, code: &str, part: &str) {
    let said = said(text);
    assert!(said.len() == 1 && said[0].0 == code && said[0].1.contains(part), "{code} {part}: {said:#?}\n{text}");
}

fn nothing(text: &str) {
    assert_eq!(said(text), [], "{text}");
}

const FAULT: &str = "at: 5m, for: 1m";
const PROPERTY: &str = "{ledger: {lost: 0}}";

#[test]
fn a_fault_after_the_end_is_refused_unless_it_is_optional() {
    let late = with(&[(FAULT, "at: 10m, for: 1m")]);
    only(&late, "FD0501", "this fault starts at 10m");
    assert!(try_load(&late, &[]).is_err());
    let optional = with(&[(FAULT, "at: 10m, for: 1m, optional: true")]);
    only(&optional, "FD0501", "this fault starts at 10m");
    assert!(try_load(&optional, &[]).is_ok());
    nothing(&with(&[(FAULT, "at: 530s, for: 1m")]));
}

#[test]
fn a_fault_that_hardly_ever_happens_is_refused_unless_it_is_optional() {
    only(&with(&[(FAULT, "rate: 0.1/d, for: 1m, between: [1m, 2m]")]), "FD0322", "in only one of 14400 runs");
    nothing(&with(&[(FAULT, "rate: 0.1/d, for: 1m, between: [1m, 2m], optional: true")]));
    nothing(&with(&[(FAULT, "rate: 1/d, for: 1m")]));
}

#[test]
fn a_fault_of_what_nothing_depends_on_is_refused_unless_it_is_optional() {
    let empty = ("databases:\n", "  spare: {role: secondary}\ndatabases:\n");
    only(&with(&[empty, ("region: home, at", "region: spare, at")]), "FD0321", "there is nothing in that region");
    nothing(&with(&[empty, ("region: home, at: 5m, for: 1m", "region: spare, at: 5m, for: 1m, optional: true")]));
    nothing(&with(&[empty, ("region: home, at", "region: spare, at"), ("- watch: {", "- watch: {runs_in: spare, ")]));
    nothing(&with(&[empty, ("region: home, at", "region: spare, at"), ("[away]", "[away, spare]")]));
    let unused = ("database: orders", "database: null");
    let crash = ("region_outage: {id: dark, region: home,", "database_crash: {id: dark, database: orders,");
    let codes: Vec<_> = said(&with(&[unused, crash])).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["FD0502", "FD0321"]);
    nothing(&with(&[crash]));
    let idle = ("database: orders}}}", "database: orders}, spare: {servers: 1, time: 1ms, database: null}}}");
    let slow = |service| {
        let fault = format!("slow_share: {{id: dark, region: home, service: {service}, share: 50%, slowdown: 300%,");
        with(&[idle, ("region_outage: {id: dark, region: home,", &fault)])
    };
    let found = said(&slow("spare"));
    assert!(found.iter().any(|(code, message)| *code == "FD0321" && message.contains("nothing calls")), "{found:?}");
    assert!(said(&slow("api")).iter().all(|(code, _)| *code != "FD0321"));
}

#[test]
fn a_deadline_after_the_end_is_told_apart_from_one_before_it() {
    let within = |within: &str| {
        with(&[(PROPERTY, &format!("{{recovers: {{after: fault.dark, holds: success >= 99%, within: {within}}}}}"))])
    };
    only(
        &within("301s"),
        "FD0510",
        "`loss` waits 301s for what follows `fault.dark`, but the workload covers only 5m of that",
    );
    nothing(&within("5m"));
    let healed = within("241s").replace("fault.dark,", "fault.dark.healed,");
    only(&healed, "FD0510", "but the workload covers only 4m of that");
    nothing(&healed.replace("241s", "4m"));
}

#[test]
fn a_window_after_the_end_is_refused() {
    let property = |text: &str| with(&[(PROPERTY, text)]);
    only(&property("{always: {holds: success >= 1%, from: 10m}}"), "FD0511", "this counts from 10m on");
    only(&property("{always: {holds: success >= 1%, until: 11m}}"), "FD0510", "this counts until 11m");
    nothing(&property("{always: {holds: success >= 1%, from: 9m, until: 10m}}"));
    only(&property("{measure: {value: 'at(goodput, 21m)', at_least: 1/s}}"), "FD0511", "this asks for 21m");
    only(&property("{measure: {value: 'mean(goodput, 5m, 90m)', at_least: 1/s}}"), "FD0511", "this asks for 90m");
    nothing(&property("{measure: {value: 'mean(goodput, 5m, 9m)', at_least: 1/s}}"));
}

#[test]
fn a_share_that_the_seed_decides_is_told_if_a_bound_lies_there() {
    let property = (PROPERTY, "{always: {holds: success >= 99%}}");
    let resolvers = |fields: &str| with(&[property, ("workload:", &format!("resolvers: {{{fields}}}\nworkload:"))]);
    only(&resolvers("violators: 0.5%"), "FD0512", "depending on the seed, 0% or 1% of all");
    nothing(&resolvers("violators: 0.5%, count: 200"));
    nothing(&resolvers("violators: 3.5%"));
    nothing(&resolvers("violators: 0.5%").replace("99%", "97%"));
    let pinned =
        with(&[property, ("rate: 100/s", "rate: 100/s, pinned: 1.5%, restarted_at: 9m")]).replace("99%", "98.5%");
    only(&pinned, "FD0512", "1% or 2% of all are groups that never ask again");
}

#[test]
fn a_bound_finer_than_its_measure_is_told() {
    let responds = |holds: &str, within: &str| {
        with(&[(PROPERTY, &format!("{{responds: {{after: fault.dark, holds: {holds}, within: {within}}}}}"))])
    };
    only(&responds("goodput <= 1/s", "500ms"), "FD0513", "one value per second");
    nothing(&responds("goodput <= 1/s", "2s"));
    only(&responds("seen.home.api.up == 0", "5s"), "FD0513", "monitoring scrapes every");
    nothing(&responds("seen.home.api.up == 0", "2m"));
    only(&responds("'count(watch.detected, 1h) >= 1'", "5s"), "FD0513", "monitoring scrapes every");
    let probed =
        |within| responds("'count(balancer.home.ejected, 1h) >= 1'", within) + "balancer: {check_every: 40s}\n";
    only(&probed("30s"), "FD0513", "the balancer probes every 40s");
    nothing(&probed("40s"));
    nothing(&responds("'count(region_failover.started, 1h) >= 1'", "500ms"));
}

#[test]
fn a_watch_that_can_never_act_is_told() {
    let watch = |fields: &str| with(&[("run: region_failover", &format!("run: region_failover, {fields}"))]);
    only(&watch("sustained: 5m"), "FD0514", "it can never act");
    nothing(&watch("sustained: 4m"));
    only(&watch("policy: {in_a_row: 40}"), "FD0514", "it can never act");
    nothing(&watch("policy: {in_a_row: 3}"));
    only(&watch("policy: {in_a_row: 3}, sustained: 1m"), "FD0518", "has no effect");
    let slow = |fields: &str| watch(fields).replace("region_outage: {id: dark,", "slow_share: {id: dark, errors: 50%,");
    only(&slow("min_requests: 1M"), "FD0514", "it never judges");
    nothing(&slow("min_requests: 500"));
    nothing(&watch("min_requests: 1M"));
    only(&watch("then: failback"), "FD0514", "it never will");
    nothing(&watch("then: failback, hold_down: 2m"));
}

#[test]
fn a_check_of_a_balancer_without_an_alternative_is_told() {
    let idle = SMALL.replace("  - watch: {run: region_failover}\n", "").replace("control:\n", "control: []\n");
    let with = |text: &str, balancer: &str| format!("{text}balancer: {{{balancer}}}\n");
    only(&with(&idle, "weights: {home: 100%}, check_every: 10s"), "FD0514", "there is no alternative");
    nothing(&with(&idle, "weights: {home: 50%, away: 50%}, check_every: 10s"));
    nothing(&with(&idle, "weights: {home: 100%}"));
    nothing(&with(SMALL, "weights: {home: 100%}, check_every: 10s"));
    let passive = "weights: {home: 50%, away: 50%}, checks: {success_rate: {below: 50%, window: 10s, minimum: 100k}}";
    let found = said(&with(SMALL, passive));
    assert!(found.iter().any(|(_, message)| message.contains("it never judges")), "{found:?}");
}

#[test]
fn a_few_caches_in_step_are_told() {
    let property = (PROPERTY, "{recovers: {after: fault.dark, holds: success >= 99%, within: 5m}}");
    let resolvers = |fields: &str| with(&[property, ("workload:", &format!("resolvers: {{{fields}}}\nworkload:"))]);
    only(&resolvers("count: 1, violators: 0%, ages: even"), "FD0515", "1 resolvers, each 100 % of clients");
    nothing(&resolvers("count: 1, violators: 0%"));
    nothing(&resolvers("count: 10, violators: 0%, ages: even"));
    only(
        &resolvers("count: 0, ages: even").replace("rate: 100/s", "rate: 100/s, groups: 2"),
        "FD0515",
        "2 groups of clients",
    );
}

#[test]
fn a_run_of_hours_is_told_with_its_number_of_requests() {
    only(&with(&[("rate: 100/s", "rate: 100M/s")]), "FD0516", "60000 million requests in 10m");
    nothing(&with(&[("rate: 100/s", "rate: 100k/s")]));
}

#[test]
fn what_comes_up_again_millions_of_times_is_told() {
    let backups = |full: &str| {
        with(&[("replicas: [away]", &format!("replicas: [away], backups: {{volume: 1GB, full: {full}}}"))])
    };
    only(&backups("100us"), "FD0516", "`full` of `databases.orders.backups` comes up about 6 million times in 10m");
    nothing(&backups("1s"));
    only(
        &with(&[("run: region_failover", "run: region_failover, every: 10us, sustained: 1s")]),
        "FD0516",
        "`every` of `control.",
    );
}

#[test]
fn a_queue_longer_than_anybody_waits_is_told() {
    let queue = |places: &str| {
        with(&[
            ("time: 20ms", &format!("time: 20ms, queue: {places}")),
            ("rate: 100/s", "rate: 100/s, timeout: 2s, retries: 0"),
        ])
    };
    let found = said(&queue("2000"));
    assert!(
        found.len() == 2 && found[0].1.contains("waits about 10 s, but no client waits longer than 2s"),
        "{found:?}"
    );
    nothing(&queue("400"));
    nothing(&queue("2000, shed_after: 1s"));
}

#[test]
fn a_doubt_stands_at_its_place() {
    let text = with(&[("run: region_failover", "run: region_failover, sustained: 5m")]);
    assert_eq!(found(&text, &[]), [("FD0514", 13, 46)]);
    let (_, warnings) = try_load(&text, &[]).unwrap();
    assert!(shown(&warnings, &text, &[]).contains("help: shorten `sustained` or `every`"));
}

#[test]
fn a_setting_that_another_one_leaves_without_effect_is_warned_of() {
    const ORDERS: &str = "primary: home, replicas: [away]";
    const CLIENTS: &str = "rate: 100/s";
    const WATCH: &str = "run: region_failover";
    for (from, added, field) in [
        (ORDERS, "lease: 20s", "lease"),
        (ORDERS, "commit: async, without_replicas: degrade", "without_replicas"),
        (ORDERS, "commit: sync, degrade_after: 5s", "degrade_after"),
        (ORDERS, "record_size: 2kB", "record_size"),
        (CLIENTS, "retry_burst: 5", "retry_burst"),
        (CLIENTS, "retries: 0, retry_budget: 10%", "retry_budget"),
        (CLIENTS, "retries: 0, backoff: {base: 1s}", "backoff"),
        (CLIENTS, "connection_life: 30s, keep_alive: 20s", "keep_alive"),
        (CLIENTS, "keep_alive: 1m, idle_timeout: 1m", "idle_timeout"),
        (CLIENTS, "restarted_at: 3m", "restarted_at"),
        (CLIENTS, "timeout: 1s, hedge: 1s", "hedge"),
        (CLIENTS, "mix: {write: 100%}, hedge: 1s", "hedge"),
        (CLIENTS, "pinned: 4%, groups: 10", "pinned"),
        (WATCH, "hold_down: 2m", "hold_down"),
        (WATCH, "sustained: 5s", "sustained"),
        ("lost: 0", "scale: 10s", "scale"),
    ] {
        let text = with(&[(from, &format!("{from}, {added}"))]);
        only(&text, "FD0518", &format!("`{field}` of `"));
        let place = found(&text, &[]);
        assert!(
            text.lines().nth(place[0].1 as usize - 1).is_some_and(|line| line.contains(added)),
            "{added}: {place:?}"
        );
    }
    for (from, added) in [
        (ORDERS, "fencing: lease, lease: 20s"),
        (ORDERS, "commit: sync, without_replicas: degrade, degrade_after: 5s"),
        (ORDERS, "log_disk: 1GB, record_size: 2kB"),
        (CLIENTS, "retry_budget: 10%, retry_burst: 5"),
        (CLIENTS, "retries: 0, retry_budget: 10%, hedge: 1s"),
        (CLIENTS, "pinned: 10%, groups: 10, restarted_at: 3m"),
        (CLIENTS, "timeout: 1s, hedge: 999ms"),
        (CLIENTS, "keep_alive: 5m, idle_timeout: 1m"),
        (CLIENTS, "connection_life: 5m, idle_timeout: 1m"),
        (WATCH, "then: failback, hold_down: 2m"),
        (WATCH, "sustained: 10s"),
        (WATCH, "sustained: 0s"),
        ("lost: 0", "rpo: 0s, scale: 10s"),
    ] {
        nothing(&with(&[(from, &format!("{from}, {added}"))]));
    }
    let section = |section: &str| with(&[("workload:\n", &format!("{section}\nworkload:\n"))]);
    for (text, field) in [
        ("resolvers: {violators: 1%, count: 40}", "violators"),
        ("resolvers: {violators: 5%, count: 0}", "violators"),
        ("resolvers: {violators: 5%, violator_ttl: 30s}", "violators"),
        ("resolvers: {violators: 0%, violator_ttl: 2h}", "violator_ttl"),
        ("resolvers: {count: 0, passes_on: full}", "passes_on"),
        ("network: {jitter: 0.2}", "jitter"),
        ("network: {clients_at: uksouth}", "clients_at"),
        ("balancer: {check_every: 0s, unhealthy_after: 2}", "unhealthy_after"),
        ("people: {ada: {wrong_takes: 5m}}", "wrong_takes"),
        ("people: {ada: {reason: never on a Friday}}", "reason"),
    ] {
        only(&section(text), "FD0518", &format!("`{field}` of `"));
    }
    nothing(&section("resolvers: {violators: 5%, violator_ttl: 2h}"));
    nothing(&section("people: {ada: {approves: 50%, reason: never on a Friday}}"));
    // What one inherits from the other has an effect there.
    let like = "replicas: [away], fencing: lease, lease: 20s}\n  copies: {like: orders, fencing: none}";
    let said = said(&with(&[("replicas: [away]}", like)]));
    assert!(said.iter().all(|(code, _)| *code != "FD0518"), "{said:?}");
}

#[test]
fn what_is_planned_for_a_time_after_the_end_is_refused() {
    let late = "run: region_failover}\n  - run: {procedure: region_failover, at: 10m}";
    let text = with(&[("run: region_failover}", late)]);
    only(&text, "FD0511", "begins at 10m, but the workload ends at 10m");
    assert!(try_load(&text, &[]).is_err());
    let in_time = "run: region_failover}\n  - run: {procedure: region_failover, at: 9m}";
    nothing(&with(&[("run: region_failover}", in_time)]));
}

#[test]
fn watches_that_run_the_same_procedure_for_the_same_region_share_a_lease_or_are_refused() {
    let two = |first: &str, second: &str| {
        with(&[("run: region_failover}", &format!("run: region_failover{first}}}\n  - watch: {second}"))])
    };
    let rivals = two("", "{id: other, run: region_failover}");
    only(&rivals, "FD0244", "`other` and `watch` both run `region_failover` when home");
    assert!(try_load(&rivals, &[]).is_err());
    nothing(&two("", "{id: other, run: region_failover, from: away, to: home}"));
    let lease = "lease: {name: pilot}";
    nothing(&two(&format!(", {lease}"), &format!("{{id: other, run: region_failover, {lease}}}")));
    let named = two(&format!(", {lease}"), "{id: other, run: region_failover, lease: {name: other}}");
    only(&named, "FD0244", "neither knows of the other");
}

#[test]
fn plans_that_may_overlap_are_warned_of() {
    let plans = |second: &str| {
        let both = "- run: {id: one, procedure: region_failover, at: 6m, limit: 2m}\n  - run: {id: two, ";
        with(&[("- watch: {run: region_failover}", &format!("{both}{second}}}"))])
    };
    only(&plans("procedure: region_failover, at: 7m"), "FD0520", "`two` begins at 7m, and `one`, which begins at 6m");
    nothing(&plans("procedure: region_failover, at: 8m"));
}

#[test]
fn what_shares_a_lease_does_the_same() {
    let lease = "lease: {name: pilot}";
    let first = ("run: region_failover}", format!("run: region_failover, {lease}}}\n  - watch: SECOND"));
    let two =
        |second: &str| with(&[(first.0, &first.1.replace("SECOND", &format!("{{id: other, {second}, {lease}}}")))]);
    for second in ["run: region_failover, from: away, to: home", "run: region_failover, then: failback, hold_down: 1m"]
    {
        only(&two(second), "FD0244", "`other` and `watch` share a lease, but do not do the same");
    }
    nothing(&two("run: region_failover, runs_in: away"));
}

#[test]
fn what_asynchronous_commits_and_unfenced_copies_leave_without_effect_is_warned_of() {
    let orders = |added: &str| with(&[("replicas: [away]", &format!("replicas: [away], {added}"))]);
    only(&orders("acks: [away]"), "FD0518", "`acks` of `");
    only(&orders("failsafe: true"), "FD0518", "`failsafe` of `");
    nothing(&orders("commit: sync, acks: [away]"));
    nothing(&orders("fencing: lease, failsafe: true"));
    only(&orders("unapplied: discard"), "FD0518", "`unapplied` of `");
    nothing(&orders("unapplied: discard, apply_rate: 1k/s"));
}

#[test]
fn reads_of_a_replica_that_is_not_there_are_warned_of() {
    let reads = |region: &str| {
        let nearby = "services: {api: {servers: 4, time: 20ms, database: orders, reads: nearby}}";
        let plain = "services: {api: {servers: 4, time: 20ms, database: orders}}";
        let (home, away) = if region == "home" { (nearby, plain) } else { (plain, nearby) };
        with(&[
            ("services: {api: {servers: 4, time: 20ms, database: orders}}", home),
            ("away: {like: home, role: secondary}", &format!("away: {{role: secondary, {away}}}")),
        ])
    };
    nothing(&reads("home"));
    nothing(&reads("away"));
    let without = said(&reads("away").replace("replicas: [away]", ""));
    let found: Vec<&str> = without.iter().map(|(code, _)| *code).collect();
    assert_eq!(found, ["FD0518", "FD0522"], "and the failover has nothing to promote there");
    assert!(without[0].1.starts_with("`reads` of `regions.away.services.api` has no effect"), "{without:?}");
}

#[test]
fn writes_that_nothing_keeps_are_warned_of() {
    let writes = |database: &str| {
        with(&[
            ("rate: 100/s", "rate: 100/s, mix: {write: 50%}"),
            ("database: orders", &format!("database: {database}")),
        ])
    };
    let unkept = said(&writes("null"));
    assert!(unkept.iter().any(|(code, said)| *code == "FD0521" && said.contains("is kept nowhere")), "{unkept:?}");
    nothing(&writes("orders"));
}

#[test]
fn writes_that_come_to_one_database_or_another_are_warned_of() {
    let behind = |how: &str, second: &str| {
        with(&[
            ("databases:", "databases:\n  carts: {primary: home}"),
            ("rate: 100/s", "rate: 100/s, service: gate, mix: {write: 50%}"),
            (
                "database: orders}}}",
                &format!(
                    "database: orders}}, gate: {{servers: 1, time: 1ms, {how}}}, web: {{servers: 1, time: 1ms, database: {second}}}}}}}"
                ),
            ),
        ])
    };
    let of = |text: &str| said(text).iter().filter(|(code, _)| *code == "FD0523").count();
    // Both regions have it.
    assert_eq!(of(&behind("choose: {shares: {api: 50%, web: 50%}}", "carts")), 2);
    assert_eq!(of(&behind("first_of: [api, web]", "carts")), 2);
    for (how, second) in [
        ("choose: {shares: {api: 50%, web: 50%}, by: key}", "carts"),
        ("choose: {shares: {api: 100%, web: 0%}}", "carts"),
        ("choose: {shares: {api: 50%, web: 50%}}", "orders"),
        ("first_of: [api, web]", "null"),
    ] {
        assert_eq!(of(&behind(how, second)), 0, "{how} {second}");
    }
}

#[test]
fn what_only_limits_or_writes_could_make_matter_is_warned_of_where_there_are_none() {
    let clients = |added: &str| with(&[("rate: 100/s", &format!("rate: 100/s, {added}"))]);
    only(&clients("retry_on: [limited]"), "FD0518", "`retry_on` of `");
    nothing(&clients("retry_on: [limited, error]"));
    only(&clients("mix: {read: 100%}, keyed_writes: false"), "FD0518", "`keyed_writes` of `");
    nothing(&clients("keyed_writes: false"));
}

#[test]
fn a_store_of_leases_of_two_members_is_warned_of_and_one_member_is_in_one_place() {
    let journal = |text: &str| format!("{}\njournal: {{{text}}}\n", with(&[]));
    only(&journal("members: [home, away]"), "FD0518", "`members` protect from nothing");
    only(&journal("members: [home, home, away]"), "FD0208", "two members of the journal are in `home`");
    only(&journal("members: [home], runs_in: away"), "FD0104", "not both");
}

#[test]
fn a_breaker_that_no_process_ever_opens_is_warned_of() {
    let clients = |added: &str| with(&[("rate: 100/s", &format!("rate: 100/s, {added}"))]);
    only(&clients("groups: 10000, breaker: {}"), "FD0518", "`breaker` of `");
    nothing(&clients("groups: 10000, breaker: {processes: 20}"));
    nothing(&clients("breaker: {}"));
}

#[test]
fn acks_of_copies_that_are_not_there_are_refused() {
    let acks = |rest: &str| with(&[("replicas: [away]", &format!("replicas: [away], commit: sync, acks: {rest}"))]);
    only(&acks("[home]"), "FD0229", "`home` leads database `orders`");
    only(&acks("{of: [away], count: 2}"), "FD0209", "wait for 2 replicas, and 1 count");
    only(&acks("{rule: all, count: 2}"), "FD0518", "`count` of `");
    nothing(&acks("[away]"));
    nothing(&acks("{rule: all}"));
    nothing(&acks("{rule: first, of: [away]}"));
}
