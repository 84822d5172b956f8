//! Files of other kinds are named for what they are, and settings reach what has a name.

use super::{SMALL, found, planned, shown, try_load};
use crate::units::Span;

/// What is said of the text, which must be one problem.
fn said(text: &str) -> String {
    let problems = try_load(text, &[]).unwrap_err();
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["FD0008"], "{text}");
    shown(&problems, text, &[])
}

#[test]
fn a_file_of_another_kind_is_named_for_what_it_is() {
    let manifest = |version: &str, kind: &str| format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n");
    for (text, what) in [
        (manifest("argoproj.io/v1alpha1", "Rollout"), "an Argo Rollout (kind: Rollout)"),
        (manifest("flagger.app/v1beta1", "Canary"), "a Flagger canary (kind: Canary)"),
        (manifest("monitoring.coreos.com/v1", "PrometheusRule"), "a set of Prometheus rules"),
        (manifest("chaos-mesh.org/v1alpha1", "NetworkChaos"), "a Chaos Mesh experiment (kind: NetworkChaos)"),
        (manifest("apps/v1", "Deployment"), "a Kubernetes manifest (kind: Deployment)"),
        (manifest("v1", "Service") + "---\n" + &manifest("apps/v1", "Deployment"), "(kind: Service)"),
        ("---\n".to_owned() + &manifest("v1", "Service") + "---\n" + &manifest("v1", "Pod"), "(kind: Service)"),
        ("groups:\n  - {name: a, rules: [{alert: Down, expr: up == 0}]}\n".to_owned(), "Prometheus rules"),
        ("scrape_configs: [{job_name: api}]\n".to_owned(), "a Prometheus configuration"),
        (
            r#"{"description": "x", "targets": {}, "actions": {"a": {"actionId": "aws:rds:failover-db-cluster"}}}"#
                .to_owned(),
            "AWS Fault Injection Service",
        ),
        ("services: {db: {image: postgres}}\n".to_owned(), "a docker-compose file"),
        ("title: x\nmethod: []\n".to_owned(), "a Chaos Toolkit experiment"),
        ("firedrill_schedule: 1\ninjections: []\n".to_owned(), "a written schedule"),
        (r#"{"schema": "firedrill.results/2", "kind": "run"}"#.to_owned(), "`results` of a run of firedrill"),
        (r#"{"schema": "firedrill.manifest/1", "files": []}"#.to_owned(), "`manifest` of a run of firedrill"),
    ] {
        assert!(said(&text).contains(what), "{what}: {}", said(&text));
    }
}

#[test]
fn what_only_lacks_a_key_is_still_read_as_a_scenario() {
    let unversioned = SMALL.replace("firedrill: 1\n", "");
    assert_eq!(found(&unversioned, &[]).first().map(|problem| problem.0), Some("FD0103"));
    assert_eq!(found("services: {a: {servers: 1}}\n", &[]).iter().filter(|problem| problem.0 == "FD0008").count(), 0);
}

#[test]
fn a_setting_reaches_an_element_by_the_name_that_is_printed() {
    let plan = planned(SMALL, &[("workload.open.timeout", "3s"), ("control.watch.cool_down", "7m")]);
    assert_eq!(plan.world.workloads[0].timeout, Span::from_secs(3));
    assert!(format!("{:?}", plan.controls[0]).contains("7m") || format!("{:?}", plan.controls[0]).contains("420"));
    let two = SMALL.replace("faults:\n", "  - open: {rate: 1/s}\nfaults:\n");
    let plan = planned(&two, &[("workload.open-2.timeout", "3s")]);
    assert_eq!(plan.world.workloads[1].timeout, Span::from_secs(3));
    assert_ne!(plan.world.workloads[0].timeout, Span::from_secs(3));
    let lost = try_load(SMALL, &[("control.pilot.to".to_owned().as_str(), "away")]).unwrap_err();
    assert!(shown(&lost, SMALL, &[("control.pilot.to", "away")]).contains("there is watch"));
}

#[test]
fn a_setting_reaches_a_service_that_came_by_like() {
    let plan = planned(SMALL, &[("regions.away.services.api.servers", "9")]);
    let servers: Vec<u32> = plan.world.services.iter().map(|service| service.servers).collect();
    assert_eq!(servers, [4, 9]);
    let problems = try_load(SMALL, &[("regions.away.services.web.servers", "9")]).unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), ["FD0402"]);
}
