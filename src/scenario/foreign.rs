//! Files of other programs, and of ours that are no scenarios, told by the keys they begin with.
//!
//! Owns the list. Does not read any of them. Invariant: whatever has the key `firedrill` is taken for a scenario.

use super::base::MARK;
use super::yaml;
use crate::field::{Node, NodeValue, Origin, Problem};

/// How to say where to begin.
const BEGIN: &str = "a scenario starts with `firedrill: 1`; `firedrill init` writes one to start from";

/// What a file is, if it is one that is known and no scenario.
struct Kind {
    /// What it looks like, as the end of "this looks like …".
    what: String,
    /// What to do with it.
    help: String,
}

/// The problem of a file that is one of another kind. `text`: what could not be read as a tree, or was.
pub(super) fn recognise(text: &str, root: Option<&Node>) -> Option<Problem> {
    let first;
    let root = match root {
        Some(root) => root,
        // Several documents in one file: the first says what they are.
        None => {
            first = yaml::parse(first_document(text)?, Origin::File).ok()?;
            &first
        }
    };
    let Kind { what, help } = kind(root)?;
    let message = format!("this looks like {what}, not like a firedrill scenario");
    Some(Problem { help: Some(help), ..Problem::error("FD0008", root.place, message) })
}

/// The text up to the line that begins a second document.
fn first_document(text: &str) -> Option<&str> {
    let body = text.strip_prefix("---").unwrap_or(text);
    body.split("\n---").find(|part| !part.trim().is_empty())
}

fn kind(root: &Node) -> Option<Kind> {
    let NodeValue::Map(_) = root.value else { return None };
    if root.get("firedrill").is_some() {
        return None;
    }
    ours(root).or_else(|| kubernetes(root)).or_else(|| others(root))
}

/// Files that this program writes.
fn ours(root: &Node) -> Option<Kind> {
    if root.get("firedrill_schedule").is_some() {
        let what = "a written schedule (`firedrill_schedule`)".to_owned();
        return Some(Kind {
            what,
            help: "use it with a scenario: `firedrill run SCENARIO --schedule FILE`".to_owned(),
        });
    }
    if root.get(MARK).is_some() {
        return Some(Kind {
            what: format!("a base for scenarios (`{MARK}`)"),
            help: "write a scenario that names it: `firedrill: 1` and `base: FILE`".to_owned(),
        });
    }
    let schema = root.get("schema").and_then(Node::text)?;
    let (name, _) = schema.strip_prefix("firedrill.")?.split_once('/')?;
    let what = format!("the `{name}` of a run of firedrill (schema: {schema})");
    Some(Kind { what, help: "`firedrill report DIRECTORY` reads the results of a run".to_owned() })
}

/// Kinds of manifests that people who rehearse failures have at hand.
const MANIFESTS: &[(&str, &str, &str)] = &[
    ("argoproj.io", "Rollout", "an Argo Rollout"),
    ("argoproj.io", "AnalysisTemplate", "an Argo analysis template"),
    ("argoproj.io", "Workflow", "an Argo workflow"),
    ("flagger.app", "Canary", "a Flagger canary"),
    ("monitoring.coreos.com", "PrometheusRule", "a set of Prometheus rules"),
    ("litmuschaos.io", "", "a LitmusChaos experiment"),
    ("chaos-mesh.org", "", "a Chaos Mesh experiment"),
    ("k6.io", "", "a k6 test"),
    ("postgresql.cnpg.io", "", "a CloudNativePG resource"),
];

fn kubernetes(root: &Node) -> Option<Kind> {
    let version = root.get("apiVersion").and_then(Node::text)?;
    let kind = root.get("kind").and_then(Node::text)?;
    let group = version.split('/').next().unwrap_or(version);
    let known = MANIFESTS.iter().find(|(of, name, _)| *of == group && (name.is_empty() || *name == kind));
    let what = known.map_or("a Kubernetes manifest", |(.., what)| what);
    let help = match group {
        "argoproj.io" | "flagger.app" => {
            "its steps and weights can be rehearsed as a `control: - shift: {weights: …}` before a `balancer:`"
        }
        "monitoring.coreos.com" => "what its rules demand goes under `properties:`, as `always: {holds: …}`",
        "litmuschaos.io" | "chaos-mesh.org" => "what it breaks goes under `faults:`; `firedrill list faults` shows how",
        _ => "what runs there goes under `regions:`, as services with `servers` and `time`",
    };
    Some(Kind { what: format!("{what} (kind: {kind})"), help: format!("{help}; {BEGIN}") })
}

/// What else has keys of its own.
fn others(root: &Node) -> Option<Kind> {
    let has = |key: &str| root.get(key).is_some();
    let inside = |key: &str, field: &str| {
        let entries = root.get(key).map_or(&[][..], Node::entries);
        entries.iter().any(|entry| entry.value.get(field).is_some())
    };
    let in_list = |key: &str, field: &str| {
        let elements = root.get(key).map_or(&[][..], Node::elements);
        elements.iter().any(|element| element.get(field).is_some())
    };
    let faults = "what it breaks goes under `faults:`; `firedrill list faults` shows how";
    let services = "what runs there goes under `regions:`, as services with `servers` and `time`";
    let bounds = "what it demands goes under `properties:`, as `always: {holds: …}`";
    let (what, help) = if has("groups") && in_list("groups", "rules") {
        ("a file of Prometheus rules (`groups`)", bounds)
    } else if has("scrape_configs") {
        ("a Prometheus configuration (`scrape_configs`)", bounds)
    } else if has("actions") && (has("stopConditions") || has("targets")) && inside("actions", "actionId") {
        ("an AWS Fault Injection Service template (`actions`)", faults)
    } else if has("steady-state-hypothesis") || (has("method") && has("title")) {
        ("a Chaos Toolkit experiment (`method`)", faults)
    } else if inside("services", "image") || inside("services", "build") {
        ("a docker-compose file (`services`)", services)
    } else if has("AWSTemplateFormatVersion") {
        ("a CloudFormation template (`AWSTemplateFormatVersion`)", services)
    } else if has("jobs") && inside("jobs", "runs-on") {
        ("a GitHub workflow (`jobs`)", "`firedrill init --ci github` writes one that runs a scenario")
    } else if has("openapi") || has("swagger") {
        ("an API description (`openapi`)", services)
    } else {
        return None;
    };
    Some(Kind { what: what.to_owned(), help: format!("{help}; {BEGIN}") })
}
