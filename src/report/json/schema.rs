//! `results.json` as JSON Schema, for programs that read it.
//!
//! Invariant: every field the file has is in it and required, and no other: the tests hold results against it.

use super::SCHEMA;
use crate::record::FailureReason;
use serde_json::{Map, Value, json};

/// The schema of `results.json`: one run, or a campaign.
pub fn results_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a rehearsal with firedrill came to",
        "oneOf": [{"$ref": "#/$defs/run"}, {"$ref": "#/$defs/campaign"}],
        "$defs": {
            "run": run(),
            "campaign": campaign(),
            "verdict": {"enum": ["pass", "fail", "inconclusive"]},
            "seconds": {"type": "number", "minimum": 0, "description": "Seconds of virtual time."},
            "seed": {"type": "string", "pattern": "^[0-9]+$", "description": "64 bits, as decimal text."},
            "digest": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "comparison": comparison(),
        },
    })
}

/// An object with exactly these fields.
fn object(fields: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn list(of: &Value) -> Value {
    json!({"type": "array", "items": of})
}

fn or_null(value: &Value) -> Value {
    json!({"anyOf": [value, {"type": "null"}]})
}

fn named(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn whole() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn number() -> Value {
    json!({"type": "number"})
}

fn truth() -> Value {
    json!({"type": "boolean"})
}

fn seconds() -> Value {
    named("seconds")
}

fn texts(names: &[&'static str]) -> Vec<(&'static str, Value)> {
    names.iter().map(|name| (*name, text())).collect()
}

fn wholes(names: &[&'static str]) -> Vec<(&'static str, Value)> {
    names.iter().map(|name| (*name, whole())).collect()
}

fn request_outcomes() -> Value {
    let mut fields = wholes(&["ok", "by_drills", "served", "failed", "unknown", "missing", "attempts"]);
    fields.push(("by_reason", object(&wholes(&FailureReason::ALL.map(FailureReason::name)))));
    object(&fields)
}

fn maybe_seconds(names: &[&'static str]) -> Vec<(&'static str, Value)> {
    names.iter().map(|name| (*name, or_null(&seconds()))).collect()
}

fn latency() -> Value {
    let mut fields = ["p50_s", "p95_s", "p99_s", "max_s", "mean_s"].map(|name| (name, seconds())).to_vec();
    fields.extend(maybe_seconds(&["all_p50_s", "all_p95_s", "all_p99_s"]));
    object(&fields)
}

fn head(kind: &str) -> Vec<(&'static str, Value)> {
    vec![("schema", json!({"const": SCHEMA})), ("kind", json!({"const": kind})), ("tool_version", text())]
}

fn run() -> Value {
    let mut fields = head("run");
    fields.extend(texts(&["program", "scenario", "description", "file", "source"]));
    fields.extend([
        ("settings", list(&text())),
        ("schedule", or_null(&text())),
        ("seed", named("seed")),
        ("digest", named("digest")),
        ("digest_format", whole()),
        ("events", whole()),
        ("workload_end_s", seconds()),
        ("end_s", seconds()),
        ("verdict", named("verdict")),
        ("as_expected", truth()),
        ("requests", whole()),
        ("request_outcomes", request_outcomes()),
        ("latency", latency()),
        ("availability", availability()),
        ("properties", list(&property())),
        ("objective", object(&[("stable_s", seconds()), ("declared", truth()), ("classes", list(&class()))])),
        ("silent", list(&text())),
        ("maintenance", list(&period())),
        ("outages", list(&outage())),
        ("findings", list(&text())),
        ("recovery", list(&recovery())),
        ("misjudged", list(&misjudged())),
        ("loss", list(&loss())),
        ("authority", list(&authority())),
        ("copies", list(&copy())),
        ("faults", list(&fault())),
        ("laps", list(&lap())),
        ("warnings", list(&text())),
        ("doubts", list(&text())),
        ("stopped", or_null(&object(&[("at_s", seconds()), ("why", text())]))),
        ("assumptions", list(&object(&texts(&["path", "value", "origin", "source"])))),
        ("timeline", list(&event())),
        ("replay", text()),
    ]);
    object(&fields)
}

fn availability() -> Value {
    let mut fields = wholes(&["ok", "started", "good_slots", "slots"]);
    fields.extend(["by_requests", "by_time"].map(|name| (name, or_null(&number()))));
    fields.push(("longest_bad_s", seconds()));
    object(&fields)
}

fn property() -> Value {
    let mut fields = texts(&["id", "kind", "demand", "bound", "why"]);
    fields.extend([
        ("verdict", named("verdict")),
        ("expected", named("verdict")),
        ("within", or_null(&text())),
        ("beyond", truth()),
        ("measured", or_null(&text())),
        ("margin", or_null(&number())),
        ("at_s", or_null(&seconds())),
        ("exercised", whole()),
        ("comparison", or_null(&named("comparison"))),
    ]);
    object(&fields)
}

fn comparison() -> Value {
    object(&[
        ("figure", text()),
        ("quantity", json!({"enum": ["share", "time", "count", "per_second"]})),
        ("expected", number()),
        ("uncertainty", number()),
        ("source", text()),
        ("rule", json!({"enum": ["mean", "deviation", "relative", "absolute"]})),
        ("tolerance", number()),
        ("value", or_null(&number())),
        ("at_least", truth()),
        ("agrees", or_null(&truth())),
    ])
}

fn recovery() -> Value {
    let mut fields = texts(&["fault", "class", "criterion"]);
    fields.extend([("outages", whole()), ("censored", truth()), ("healed_by_itself", truth())]);
    let times = ["at_s", "resolution_s", "consent_acting_s", "consent_converging_s"];
    fields.extend(times.map(|name| (name, seconds())));
    fields.extend(maybe_seconds(&[
        "rto_s",
        "first_back_s",
        "with_planned_s",
        "detect_s",
        "decide_s",
        "act_s",
        "converge_s",
        "objective_s",
    ]));
    object(&fields)
}

fn misjudged() -> Value {
    let times = ["missed_s", "false_alarm_s", "known_s"].map(|name| (name, seconds()));
    object(&[texts(&["region"]), times.to_vec()].concat())
}

fn loss() -> Value {
    let mut holder = wholes(&["writes"]);
    holder.extend([("region", text()), ("was_up", truth())]);
    let mut fields = vec![
        ("store", text()),
        ("announced_if_dead", or_null(&whole())),
        ("announced_if_alive", or_null(&whole())),
        ("holders", list(&object(&holder))),
        ("cuts", list(&cut())),
        ("lost", list(&lost())),
    ];
    fields.extend(wholes(&[
        "acked",
        "at_stake",
        "lost_total",
        "lost_visible",
        "lost_held",
        "lost_held_by_the_dead",
        "lost_nowhere",
    ]));
    fields.extend(wholes(&["refused", "unknown_never_stored", "unknown_stored", "unknown_gone"]));
    fields.extend(maybe_seconds(&["rpo_pre_s", "rpo_post_s"]));
    object(&fields)
}

fn cut() -> Value {
    let mut fields = vec![("at_s", seconds()), ("from", text()), ("to", or_null(&text()))];
    fields.extend(wholes(&["lost", "lost_before_outage"]));
    fields.extend(maybe_seconds(&["outage_s", "first_lost_s", "last_server_acked_s", "last_lost_after_outage_s"]));
    object(&fields)
}

fn lost() -> Value {
    let mut fields = wholes(&["operation", "key", "epoch", "lsn", "cut"]);
    fields.extend(["server_acked_s", "client_acked_s"].map(|name| (name, seconds())));
    fields.extend([("visible", truth()), ("last_seen", text()), ("held_by", list(&text()))]);
    object(&fields)
}

fn authority() -> Value {
    let mut term = wholes(&["epoch", "acked"]);
    term.extend([("region", text()), ("from_s", seconds()), ("until_s", seconds())]);
    let mut stale_epoch = wholes(&["operation", "key", "epoch", "in_force"]);
    stale_epoch.extend([("at_s", seconds()), ("region", text())]);
    let mut fields = wholes(&["fences", "promotions", "discarded", "stale_epoch_total"]);
    fields.extend([("store", text()), ("terms", list(&object(&term))), ("stale_epoch", list(&object(&stale_epoch)))]);
    object(&fields)
}

fn copy() -> Value {
    let mut fields = wholes(&["epoch", "applied_lsn", "rows"]);
    fields.extend(texts(&["store", "region"]));
    fields.push(("role", json!({"enum": ["authority", "follower", "diverged", "unreachable"]})));
    fields.push(("digest", json!({"type": "string", "pattern": "^[0-9a-f]{32}$"})));
    object(&fields)
}

fn fault() -> Value {
    let mut fields = texts(&["id", "kind"]);
    fields.extend(maybe_seconds(&["at_s", "healed_s"]));
    let reach = json!({"enum": ["direct", "indirect", "control"]});
    fields.extend([("bit", truth()), ("hits", whole()), ("touched", whole()), ("reach", reach)]);
    fields.extend([("periods", list(&period())), ("random", truth()), ("optional", truth())]);
    object(&fields)
}

fn period() -> Value {
    object(&[("from_s", seconds()), ("until_s", or_null(&seconds()))])
}

fn class() -> Value {
    object(&[("name", text()), ("served_ppb", whole()), ("within_s", seconds()), ("drill", truth())])
}

fn outage() -> Value {
    let mut fields = wholes(&["promised_ppb", "unserved", "requests"]);
    fields.extend(["within_s", "from_s", "last_s", "asked_s"].map(|name| (name, seconds())));
    fields.extend(maybe_seconds(&["answered_s", "until_s"]));
    fields.extend([("class", text()), ("certain", truth()), ("planned", truth())]);
    fields.extend([("causes", list(&text())), ("bounded_by", or_null(&text()))]);
    object(&fields)
}

fn lap() -> Value {
    let mut fields = texts(&["procedure", "step", "note"]);
    fields.extend(["start_s", "took_s", "budget_s"].map(|name| (name, seconds())));
    fields.extend(wholes(&["run", "tries"]));
    fields.push(("result", json!({"enum": ["done", "skipped", "failed", "over_budget", "undone", "undo_failed"]})));
    object(&fields)
}

fn event() -> Value {
    let actors = json!({"enum": ["fault", "world", "control", "people"]});
    object(&[("at_s", seconds()), ("actor", actors), ("name", text()), ("text", text())])
}

fn campaign() -> Value {
    let mut fields = head("campaign");
    fields.extend([
        ("scenario", or_null(&text())),
        ("file", or_null(&text())),
        ("settings", list(&text())),
        ("digest_format", whole()),
        ("seeds", json!({"type": "array", "items": named("seed"), "minItems": 2, "maxItems": 2})),
        ("verdict", named("verdict")),
        ("as_expected", truth()),
        ("runs_as_expected", whole()),
        ("verdicts", object(&wholes(&["pass", "fail", "inconclusive", "not_exercised", "internal_error"]))),
        ("properties", list(&property_over_runs())),
        ("recovery", list(&recovery_over_runs())),
        ("warnings", list(&object(&[("text", text()), ("runs", whole()), ("seed", named("seed"))]))),
        ("runs", list(&row())),
        ("worst", or_null(&named("run"))),
    ]);
    object(&fields)
}

fn property_over_runs() -> Value {
    let agreement = object(&[
        ("comparison", named("comparison")),
        ("runs", whole()),
        ("simulated", or_null(&number())),
        ("standard_error", or_null(&number())),
        ("verdict", named("verdict")),
        ("why", text()),
    ]);
    let mut fields = texts(&["id", "kind", "bound"]);
    fields.extend(wholes(&["pass", "fail", "inconclusive", "not_exercised"]));
    fields.extend([
        ("expected", named("verdict")),
        ("worst_margin", or_null(&number())),
        ("worst_seed", or_null(&named("seed"))),
        ("agreement", or_null(&agreement)),
    ]);
    object(&fields)
}

fn recovery_over_runs() -> Value {
    let mut fields = vec![("fault", text()), ("recovered", whole()), ("censored", whole())];
    fields.extend(maybe_seconds(&["rto_min_s", "rto_median_s", "rto_max_s"]));
    object(&fields)
}

fn row() -> Value {
    let mut property = object(&[("verdict", named("verdict")), ("margin", or_null(&number()))]);
    // These fields are there only if they have something to say: a campaign has very many of them.
    property["properties"]["figure"] = number();
    property["properties"]["at_least"] = truth();
    property["properties"]["agrees"] = truth();
    property["properties"]["not_exercised"] = truth();
    let mut row = object(&[
        ("seed", named("seed")),
        ("verdict", or_null(&named("verdict"))),
        ("as_expected", truth()),
        ("stopped", truth()),
        ("digest", or_null(&named("digest"))),
        ("lost", or_null(&whole())),
        ("properties", list(&property)),
        ("recovery", list(&object(&[("fault", text()), ("rto_s", or_null(&seconds()))]))),
        ("internal_error", or_null(&text())),
    ]);
    for field in ["beyond", "found", "doubted"] {
        row["properties"][field] = truth();
    }
    row
}

#[cfg(test)]
mod tests {
    use super::super::Json;
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;
    use crate::record::{StaleEpochWrite, WriteTerm};
    use crate::report::{Format, Look};
    use crate::units::Instant;

    fn problems(bytes: &[u8]) -> Vec<String> {
        let validator = jsonschema::validator_for(&results_schema()).unwrap();
        let value: Value = serde_json::from_slice(bytes).unwrap();
        let place = |error: jsonschema::ValidationError<'_>| error.instance_path().to_string();
        validator.iter_errors(&value).map(place).collect()
    }

    #[test]
    fn results_follow_the_schema_and_it_allows_nothing_else() {
        let mut full = fixture::outage(7);
        let (region, epoch) = ("westeurope".to_owned(), 1);
        let (from, until) = (Instant::ZERO, Instant::from_secs(9));
        let authority = &mut full.record.stores[0].authority;
        authority.terms.push(WriteTerm { region: region.clone(), epoch, from, until, acked: 1 });
        authority.stale_epoch.push(StaleEpochWrite { operation: 1, key: 2, at: from, region, epoch, in_force: 2 });
        for outcome in [full, fixture::quiet(u64::MAX), fixture::stalled(7), fixture::hostile("<b>\u{1b}")] {
            assert_eq!(problems(&Json.run(&outcome, Look::PLAIN)), [""; 0]);
        }
        let one_breaks = |seed| if seed == 2 { panic!("broken") } else { fixture::outage(seed) };
        for rehearse in [&one_breaks as &(dyn Fn(u64) -> crate::outcome::Outcome + Sync), &|_| panic!("broken")] {
            let campaign = explore::run(0..4, None, rehearse).unwrap();
            assert_eq!(problems(&Json.campaign(&campaign, Look::PLAIN)), [""; 0]);
        }
        let text = String::from_utf8(Json.run(&fixture::outage(7), Look::PLAIN)).unwrap();
        for (from, to) in
            [("\"seed\": \"7\"", "\"seed\": 7"), ("\"margin\"", "\"margins\""), ("\"fail\"", "\"failed\"")]
        {
            assert!(!problems(text.replacen(from, to, 1).as_bytes()).is_empty(), "{to}");
        }
    }
}
