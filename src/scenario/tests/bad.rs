//! What is said about what is wrong: code and place of each problem.

use super::{EXAMPLE, SMALL, found, shown, try_load};

/// The small scenario with `from` replaced by `to` has exactly these problems.
fn check(from: &str, to: &str, expected: &[(&str, u32, u32)]) {
    assert!(SMALL.contains(from), "{from}");
    let text = SMALL.replacen(from, to, 1);
    assert_eq!(found(&text, &[]), expected, "{from} → {to}");
}

#[test]
fn nothing_is_said_about_what_is_right() {
    assert_eq!(found(SMALL, &[]), []);
    assert_eq!(found(EXAMPLE, &[]), []);
}

#[test]
fn a_mistake_in_a_field_has_its_place() {
    check("rate: 100/s", "rtae: 100/s", &[("FD0103", 9, 11), ("FD0101", 9, 12)]);
    check("rate: 100/s", "rate: 100", &[("FD0105", 9, 18)]);
    check("rate: 100/s", "rate: 900M/s", &[("FD0106", 9, 18)]);
    check("rate: 100/s", "rate: [1]", &[("FD0104", 9, 18)]);
    check("rate: 100/s", "rate:", &[("FD0104", 9, 12)]);
    check("servers: 4", "servers: 0", &[("FD0106", 4, 36)]);
    check("duration: 10m", "duration: 0s", &[("FD0106", 2, 11)]);
    check("duration: 10m", "duration: 20000d", &[("FD0106", 2, 11)]);
    check("firedrill: 1", "firedrill: 2", &[("FD0113", 1, 12)]);
    check("firedrill: 1", "firedrill: x", &[("FD0105", 1, 12)]);
    check("role: secondary", "role: tertiary", &[("FD0107", 5, 28)]);
    check("time: 20ms", "time: {gamma: 3}", &[("FD0108", 4, 46)]);
    check("time: 20ms", "time: {uniform: {low: 5ms, high: 1ms}}", &[("FD0112", 4, 45)]);
    check("time: 20ms", "time: {pareto: {min: 5ms}}", &[("FD0103", 4, 54)]);
    check("- open: {rate: 100/s}", "- open: {rate: 100/s}\n    name: x", &[("FD0111", 9, 5)]);
    check("- open:", "- half_open:", &[("FD0108", 9, 5)]);
    check("region: home, at: 5m", "region: home", &[("FD0103", 11, 20)]);
}

#[test]
fn a_name_that_is_not_declared_is_found_with_the_one_meant() {
    check("region: home, at", "region: hoem, at", &[("FD0102", 11, 39)]);
    check("replicas: [away]", "replicas: [awy]", &[("FD0102", 7, 38)]);
    check("run: region_failover", "run: region_failver", &[("FD0102", 13, 18)]);
    check("database: orders", "database: order", &[("FD0102", 4, 61)]);
    check("like: home", "like: hom", &[("FD0102", 5, 16)]);
    let cut = SMALL.replace("region_outage: {", "partition: {from: contrl, ");
    let said = shown(&try_load(&cut, &[]).unwrap_err(), &cut, &[]);
    assert!(
        said.contains("declared regions: home, away; also `control` and `everything`; did you mean `control`?"),
        "{said}"
    );
    let twice = SMALL.replace("replicas: [away]", "replicas: [away], commit: sync, acks: [away, away]");
    assert_eq!(found(&twice, &[]).iter().map(|(code, ..)| *code).collect::<Vec<_>>(), ["FD0208"]);
    let text = SMALL.replace("region: home, at", "region: hoem, at");
    let problems = try_load(&text, &[]).unwrap_err();
    let help = problems.iter().next().unwrap().help.clone().unwrap();
    assert_eq!(help, "declared regions: home, away; did you mean `home`?");
}

#[test]
fn contradictions_between_sections_are_found() {
    check("role: secondary", "role: primary", &[]);
    check("home: {services", "home: {role: primary, services", &[]);
    check("replicas: [away]", "replicas: [home]", &[("FD0204", 7, 38)]);
    check("replicas: [away]", "replicas: [away, away]", &[("FD0208", 7, 44)]);
    check("replicas: [away]", "commit: sync", &[("FD0209", 7, 35)]);
    check("replicas: [away]", "replicas: [away], delay: {home: 5ms}", &[("FD0103", 7, 38)]);
    check("replicas: [away]", "replicas: [], delay: {away: 5ms}", &[("FD0229", 7, 49)]);
    check("replicas: [away]", "apply_rate: {home: 5/s, away: 5/s}", &[("FD0229", 7, 51)]);
    let alone = [("FD0518", 7, 48), ("FD0518", 7, 65), ("FD0522", 13, 12)];
    check("replicas: [away]", "replicas: [], delay: 5ms, apply_rate: 5/s", &alone);
    check("rate: 100/s", "rate: 100/s, mix: {read: 80%, write: 30%}", &[("FD0212", 9, 30)]);
    check("rate: 100/s", "rate: 100/s, mix: {read: 80%, write: 20%, delete: 5%}", &[("FD0212", 9, 30)]);
    check("servers: 4", "calls: [api], servers: 4", &[("FD0207", 4, 21)]);
    check("at: 5m", "at: 10m", &[("FD0501", 11, 49)]);
    check(
        "id: dark, region: home, at: 5m, for: 1m}",
        "id: a, region: home, at: 0s}\n  - region_outage: {id: a, region: away, at: 0s}",
        &[("FD0109", 12, 25)],
    );
    check("loss: {ledger: {lost: 0}}", "loss: {ledger: {lost: 0}}\nexpect: {los: fail}", &[("FD0216", 16, 10)]);
    let expect = |said: &str| format!("loss: {{ledger: {{lost: 0}}}}\nexpect: {{loss: {{{said}}}}}");
    for said in [
        "holds: \">= 100%\"",
        "holds: \">= 0%\"",
        "holds: \"<= 5%\"",
        "holds: 0.95",
        "holds: \">= 95\"",
        "confidence: 90%",
    ] {
        check("loss: {ledger: {lost: 0}}", &expect(said), &[("FD0303", 16, 18 + said.find(' ').unwrap() as u32)]);
    }
    let unsure = "holds: \">= 95%\", confidence: 40%";
    check("loss: {ledger: {lost: 0}}", &expect(unsure), &[("FD0303", 16, 46)]);
    let agrees = |each: &str| {
        let figure = format!("{{value: mean(latency), with: 50ms, source: a test{each}}}");
        format!("loss: {{agrees: {figure}}}\nexpect: {{loss: {{holds: \">= 95%\"}}}}")
    };
    // Of what all runs decide together no run is a share; where each run must agree, each is one.
    for each in ["", ", exact: false", ", over: deviation"] {
        check("loss: {ledger: {lost: 0}}", &agrees(each), &[("FD0303", 16, 24)]);
    }
    for each in [", exact: true", ", within: 5%", ", step: 2ms"] {
        check("loss: {ledger: {lost: 0}}", &agrees(each), &[]);
    }
    check("databases:\n", "databases:\n  unused: {primary: away}\n", &[("FD0502", 7, 3)]);
    check("workload:\n  - open: {rate: 100/s}", "workload: []", &[("FD0215", 8, 11)]);
    check("away: {like: home, role: secondary}", "away: {like: away}", &[("FD0203", 5, 16)]);
}

#[test]
fn whole_sections_are_checked_too() {
    for (section, expected) in [
        ("balancer: {weights: {home: 70%, away: 20%}}", ("FD0212", 16, 21)),
        ("balancer: {weights: {home: 70%, away: 40%}}", ("FD0212", 16, 21)),
        ("balancer: {weights: {}}", ("FD0212", 16, 21)),
        ("monitoring: {scrape: 2m, window: 1m}", ("FD0213", 16, 34)),
        ("dns: {records: {a.example: nowhere}}", ("FD0102", 16, 28)),
        ("dns: {records: {a.example: balancer}}", ("FD0210", 16, 28)),
        ("dns: {records: {}}", ("FD0221", 16, 16)),
        ("network: {clients: {home: 5ms}}", ("FD0103", 16, 20)),
        ("network: {between: [{a: home, b: home}]}", ("FD0211", 16, 21)),
        ("network: {between: [{a: home, b: away}, {a: away, b: home}]}", ("FD0211", 16, 41)),
        ("control_plane: {needs: {dns: nowhere}}", ("FD0102", 16, 30)),
        ("control_plane: {needs: {dns: {region: home, service: apy}}}", ("FD0102", 16, 54)),
        ("control_plane: {needs: {paging: home}}", ("FD0101", 16, 25)),
        ("properties: 5", ("FD0005", 16, 1)),
        ("resolvers: 5", ("FD0104", 16, 12)),
        ("providers: [azure]", ("FD0104", 16, 12)),
    ] {
        assert_eq!(found(&format!("{SMALL}{section}\n"), &[]), [expected], "{section}");
    }
}

#[test]
fn what_needs_something_that_is_not_there_is_refused_with_its_place() {
    check("region_failover}", "region_failover}\n  - shift: {at: 1m, weights: {home: 100%}}", &[("FD0219", 14, 5)]);
    let elsewhere =
        SMALL.replace("away: {like: home, role: secondary}", "away: {role: secondary, services: {web: {}}}");
    let needs = "control_plane: {needs: {provisioning: {region: home, service: web}}}\n";
    assert!(found(&format!("{elsewhere}{needs}"), &[]).contains(&("FD0219", 16, 63)));
}

#[test]
fn a_circle_of_copies_is_named() {
    let text = SMALL.replace("away: {like: home, role: secondary}", "a: {like: b}\n  b: {like: c}\n  c: {like: a}");
    let problems = try_load(&text, &[]).unwrap_err();
    let message = &problems.iter().find(|problem| problem.code == "FD0203").unwrap().message;
    assert_eq!(message, "`like` is circular: a → b → c → a");
}

#[test]
fn roles_must_leave_exactly_one_primary() {
    let two = SMALL.replace("home: {services", "home: {role: primary, services").replace("secondary", "primary");
    assert_eq!(found(&two, &[])[0], ("FD0202", 5, 28));
    let none = SMALL.replace("home: {services", "home: {role: secondary, services");
    assert_eq!(found(&none, &[])[0].0, "FD0201");
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_file() {
    let text = SMALL
        .replace("duration: 10m", "duration: 10")
        .replace("servers: 4", "servers: many")
        .replace("replicas: [away]", "replicas: [nowhere], dealy: 3ms")
        .replace("100/s", "100")
        .replace("region: home, at: 5m", "region: hoem, at: 5")
        .replace("run: region_failover", "rnu: region_failover")
        .replace("lost: 0", "lost: none")
        + "expect: {loss: faill}\nextra: 1\n";
    let codes: Vec<_> = found(&text, &[]).into_iter().map(|(code, line, _)| (code, line)).collect();
    assert_eq!(
        codes,
        [
            ("FD0105", 2),
            ("FD0105", 4),
            ("FD0102", 7),
            ("FD0101", 7),
            ("FD0105", 9),
            ("FD0102", 11),
            ("FD0105", 11),
            ("FD0103", 13),
            ("FD0101", 13),
            ("FD0105", 15),
            ("FD0108", 16),
            ("FD0101", 17),
        ]
    );
}

#[test]
fn a_setting_that_goes_nowhere_says_what_was_meant() {
    for (path, value, code, column) in [
        ("faults.drak.for", "1m", "FD0402", 8),
        ("faults.7.for", "1m", "FD0402", 8),
        ("regions.hmoe.role", "primary", "FD0402", 9),
        ("duration.x", "1", "FD0402", 10),
        ("durration", "1m", "FD0101", 1),
        ("dns.tll", "5s", "FD0101", 5),
        ("workload.0.rate", "fast", "FD0105", 17),
        ("workload.0.rate", "[", "FD0004", 17),
        ("regions.ä.x", "", "FD0402", 9),
        ("", "1", "FD0101", 1),
        (".", "1", "FD0402", 1),
        ("faults.dark.", "1", "FD0101", 13),
    ] {
        let all = found(SMALL, &[(path, value)]);
        assert_eq!(all, [(code, 1, column)], "{path}={value}");
    }
    assert_eq!(found(SMALL, &[(&"a.".repeat(100_000), "1")]), [("FD0402", 1, 1)]);
    let problems = try_load(SMALL, &[("regions.hmoe.role", "primary")]).unwrap_err();
    let text = shown(&problems, SMALL, &[("regions.hmoe.role", "primary")]);
    assert!(text.contains("--> --set:1:9") && text.contains("did you mean `home`?"), "{text}");
}

#[test]
fn what_is_no_scenario_at_all_is_said_so() {
    assert_eq!(found("", &[]), [("FD0002", 0, 0)]);
    assert_eq!(found("[1, 2]", &[]), [("FD0104", 1, 1)]);
    assert_eq!(found("hello", &[]), [("FD0104", 1, 1)]);
    assert_eq!(found("a: [", &[]), [("FD0004", 1, 4)]);
}

#[test]
fn more_than_anybody_means_is_refused() {
    let regions: String = (0..101).map(|n| format!("  r{n}: {{like: home}}\n")).collect();
    let text = SMALL.replace("databases:\n", &format!("{regions}databases:\n"));
    assert!(found(&text, &[]).iter().any(|(code, ..)| *code == "FD0114"));
}

#[test]
fn people_who_are_asked_are_declared_named_once_and_asked_before_steps_there_are() {
    let with = |approve: &str| {
        let people = "people: {alice: {}}\ncontrol:";
        SMALL.replace("control:", people).replace("run: region_failover", &format!("run: region_failover, {approve}"))
    };
    let codes = |approve: &str| found(&with(approve), &[]).iter().map(|problem| problem.0).collect::<Vec<_>>();
    assert_eq!(codes("approve: {ask: [alice], before: [switch_dns]}, on_call: {page: [alice]}"), Vec::<&str>::new());
    assert_eq!(codes("approve: {ask: [bob]}"), ["FD0102"]);
    assert_eq!(codes("approve: {ask: [alice, alice]}"), ["FD0240"]);
    assert_eq!(codes("approve: {ask: []}"), ["FD0240"]);
    assert_eq!(codes("on_call: {page: []}"), ["FD0240"]);
    assert_eq!(codes("approve: {ask: [alice], before: [swich_dns]}"), ["FD0102"]);
    assert_eq!(codes("approve: {ask: [alice], rounds: 0}"), ["FD0106"]);
}

/// Problems of whole scenarios that no other test has an example of.
#[test]
fn what_cannot_work_together_is_found_by_its_code() {
    const AWAY: &str = "away: {like: home, role: secondary}";
    let web = (AWAY, "away: {like: home, role: secondary, services: {web: {servers: 1, time: 1ms}}}");
    let two = ("databases:", "databases:\n  carts: {primary: home}");
    let dual = |how: &'static str| ("database: orders}}}", how);
    let beside = ("database: orders}}}", "database: orders}, web: {servers: 1, time: 1ms}}}");
    let examples: [(&str, &[(&str, &str)]); 24] = [
        ("FD0110", &[("id: dark", "id: pitch dark")]),
        ("FD0110", &[("orders: {", "'the orders': {")]),
        ("FD0205", &[("{services: {api: {servers: 4, time: 20ms, database: orders}}}", "{}")]),
        ("FD0206", &[web, ("servers: 4", "calls: [web], servers: 4")]),
        ("FD0214", &[web, ("rate: 100/s", "rate: 100/s, service: web")]),
        ("FD0217", &[("run: region_failover", "run: region_failover, from: home, to: home")]),
        ("FD0245", &[dual("database: orders, dual_write: [orders]}}}")]),
        ("FD0245", &[dual("database: orders, dual_write: []}}}")]),
        ("FD0245", &[two, dual("database: null, dual_write: [carts]}}}")]),
        (
            "FD0245",
            &[
                ("databases:", "databases:\n  carts: {primary: home}\n  third: {primary: home}"),
                dual(
                    "database: orders, dual_write: [third]}, \
                     web: {servers: 1, time: 1ms, database: carts, dual_write: [third]}}}",
                ),
            ],
        ),
        ("FD0246", &[two, dual("database: orders, dual_write: {to: [carts], ack: quorum, count: 3}}}}")]),
        ("FD0246", &[two, dual("database: orders, dual_write: {to: [carts], ack: quorum}}}}")]),
        ("FD0246", &[two, dual("database: orders, dual_write: {to: [carts], ack: all, count: 1}}}}")]),
        ("FD0208", &[two, dual("database: orders, dual_write: [carts, carts]}}}")]),
        ("FD0247", &[beside, ("servers: 4", "choose: {shares: {web: 90%}}, servers: 4")]),
        ("FD0247", &[beside, ("servers: 4", "first_of: [web], servers: 4")]),
        ("FD0247", &[beside, ("servers: 4", "calls: [web], call_timeout: 1s, servers: 4")]),
        ("FD0247", &[beside, ("servers: 4", "remote_calls: {web: home}, servers: 4")]),
        (
            "FD0206",
            &[
                (AWAY, "away: {role: secondary, services: {api: {servers: 1, time: 1ms}}}"),
                beside,
                ("servers: 4", "remote_calls: {web: away}, servers: 4"),
            ],
        ),
        ("FD0208", &[beside, ("servers: 4", "first_of: [web, web], servers: 4")]),
        ("FD0220", &[("region_outage: {", "slow_share: {service: api, slowdown: 100%, ")]),
        ("FD0235", &[("region_outage: {", "partition: {from: control, direction: to, ")]),
        ("FD0503", &[("properties:\n  loss: {ledger: {lost: 0}}\n", "")]),
        ("FD0517", &[("servers: 4", "queue: 100000, servers: 4")]),
    ];
    for (code, changes) in examples {
        let text = changes.iter().fold(SMALL.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let said = found(&text, &[]);
        assert!(said.iter().any(|(said, ..)| *said == code), "{code}: {said:?}\n{text}");
    }
}

#[test]
fn a_route_of_more_places_than_a_job_counts_is_refused() {
    let mut services = String::from("s0: {servers: 1, time: 1ms}");
    for number in 1..8 {
        let called = number - 1;
        services += &format!(", s{number}: {{servers: 1, time: 1ms, calls: [s{called}, s{called}]}}");
    }
    let route = |entry: &str| {
        let text = SMALL.replace("database: orders}}}", &format!("database: orders}}, {services}}}}}"));
        let calls = format!("calls: [{entry}], servers: 4");
        found(&text.replace("servers: 4", &calls), &[]).iter().map(|(code, ..)| *code).collect::<Vec<_>>()
    };
    // 2 · (1 + 2 · (…)) is 126 behind s6 and 254 behind s7, to which come the call of it and the database.
    assert!(!route("s6").contains(&"FD0248"));
    assert!(route("s7").contains(&"FD0248"));
}

#[test]
fn a_reconciliation_compares_two_databases_that_get_the_same_writes() {
    let with = |control: &str| {
        let text = SMALL.replace("databases:\n", "databases:\n  others: {primary: home}\n");
        text.replace("control:\n", &format!("control:\n  - reconcile: {{{control}}}\n"))
    };
    let refused = |text: &str| found(text, &[]).iter().any(|(code, ..)| *code == "FD0249");
    for control in [
        "primary: orders, secondary: orders, at: 1m",
        "primary: orders, secondary: others",
        "primary: orders, secondary: others, at: 1m",
    ] {
        assert!(refused(&with(control)), "{control}");
    }
    let both = with("primary: orders, secondary: others, at: 1m")
        .replace("database: orders}", "database: orders, dual_write: {to: [others]}}");
    assert!(!refused(&both), "{:?}", found(&both, &[]));
}

#[test]
fn a_clock_that_is_wrong_is_that_of_one() {
    for (whose, code) in
        [("", Some("FD0103")), ("controller: watch, region: home, ", Some("FD0230")), ("region: home, ", None)]
    {
        let fault = format!("faults:\n  - clock_skew: {{{whose}by: 1m, at: 1m, for: 1m}}\n");
        let said = found(&SMALL.replace("faults:\n", &fault), &[]);
        let own = said.iter().map(|(code, ..)| *code).find(|code| ["FD0103", "FD0230"].contains(code));
        assert_eq!(own, code, "{whose}: {said:?}");
    }
}
