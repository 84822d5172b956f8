//! What evidence must hold, and that it follows its own schema and reads back.

use super::*;
use crate::explore;
use crate::outcome::fixture;

fn read_back(bytes: &[u8]) -> Value {
    let validator = jsonschema::validator_for(&evidence_schema()).unwrap();
    let value: Value = serde_json::from_slice(bytes).unwrap();
    let problems: Vec<String> = validator.iter_errors(&value).map(|error| error.instance_path().to_string()).collect();
    assert_eq!(problems, [""; 0]);
    let file: EvidenceFile = serde_json::from_slice(bytes).unwrap();
    assert_eq!(pretty(&file), bytes, "what was read is what was written");
    value
}

fn of_run(outcome: &Outcome) -> Value {
    read_back(&AuditEvidence.run(outcome, Look::PLAIN))
}

fn of_campaign(campaign: &Campaign) -> Value {
    read_back(&AuditEvidence.campaign(campaign, Look::PLAIN))
}

#[test]
fn evidence_of_a_run_has_what_is_claimed_what_came_out_and_what_is_missing() {
    let value = of_run(&fixture::outage(7));
    assert_eq!((&value["schema"], &value["scenario"]["type"]), (&SCHEMA.into(), &"simulation".into()));
    assert_eq!(value["scenario"]["disruptions"][0]["id"], "dark");
    let rto = &value["objectives"][0];
    assert_eq!(
        (&rto["concerns"], &rto["bound"], &rto["verdict"]),
        (&"recovery_time".into(), &"6m".into(), &"pass".into())
    );
    assert_eq!((&value["objectives"][1]["concerns"], &rto["over_runs"]), (&"data_loss".into(), &Value::Null));
    assert_eq!((&value["recovery"][0]["objective_s"], &value["recovery"][0]["recovered"]), (&360.0.into(), &1.into()));
    assert_eq!((&value["loss"][0]["lost"], &value["loss"][0]["acknowledged"]), (&18.into(), &615.into()));
    let runs: Vec<_> =
        value["procedures"].as_array().unwrap().iter().map(|run| run["result"].as_str().unwrap()).collect();
    assert_eq!(runs, ["undone", "done"]);
    assert!(value["procedures"][0]["no_return_from_s"].is_null());
    assert!(value["procedures"][1]["no_return_from_s"].as_f64() > value["procedures"][1]["from_s"].as_f64());
    let gaps = value["gaps"].as_array().unwrap();
    let violated = gaps.iter().find(|gap| gap["kind"] == "violated").unwrap();
    assert_eq!((&violated["property"], &violated["expected"]), (&"no_loss".into(), &true.into()));
    assert_eq!(gaps.iter().filter(|gap| gap["kind"] == "warning").count(), fixture::outage(7).warnings.len());
    assert!(value["assumptions"].as_array().unwrap().iter().all(|a| a["source"].is_string()));
    let repeat = &value["repeat"];
    assert_eq!((&repeat["first_seed"], &repeat["runs"]), (&"7".into(), &1.into()));
    assert!(repeat["replay"].as_str().unwrap().contains("--seed 7"));
}

#[test]
fn the_evidence_of_the_fixture_is_the_golden_one() {
    crate::report::golden::check("evidence.json", &AuditEvidence.run(&fixture::outage(7), Look::PLAIN));
}

#[test]
fn evidence_of_many_runs_has_intervals_and_counts_what_did_not_recover() {
    let rehearse = |seed| if seed % 10 == 3 { fixture::stalled(seed) } else { fixture::spaced(seed) };
    let value = of_campaign(&explore::run(0..20, None, rehearse).unwrap());
    let recovery = &value["recovery"][0];
    assert_eq!((&recovery["recovered"], &recovery["not_recovered"]), (&18.into(), &2.into()));
    assert_eq!(
        (&recovery["quantiles"][0]["quantile"], &recovery["quantiles"][0]["value_s"]),
        (&"median".into(), &280.01.into())
    );
    assert!(recovery["quantiles"][0]["low_s"].is_number() && recovery["quantiles"][2]["value_s"].is_null());
    let over = &value["objectives"][0]["over_runs"];
    assert_eq!((&over["held"], &over["interval"]), (&18.into(), &"exact".into()));
    assert!(over["share_low"].as_f64().unwrap() < 0.9 && over["quantiles"].as_array().unwrap().len() == 3);
    let stopped = value["gaps"].as_array().unwrap().iter().find(|gap| gap["kind"] == "stopped").unwrap();
    assert_eq!((&stopped["runs"], &stopped["seed"]), (&2.into(), &"3".into()));
    assert_eq!((&value["repeat"]["last_seed"], &value["repeat"]["runs"]), (&"19".into(), &20.into()));
}

#[test]
fn whatever_comes_out_follows_the_schema_and_the_schema_allows_nothing_else() {
    for outcome in [fixture::quiet(u64::MAX), fixture::stalled(7), fixture::hostile("<b>\u{1b}")] {
        of_run(&outcome);
    }
    for rehearse in [
        &(|seed| if seed == 2 { panic!("broken") } else { fixture::outage(seed) }) as &(dyn Fn(u64) -> Outcome + Sync),
        &|_| panic!("broken"),
    ] {
        let value = of_campaign(&explore::run(0..4, None, rehearse).unwrap());
        assert!(value["gaps"].as_array().unwrap().iter().any(|gap| gap["kind"] == "internal_error"));
    }
    let validator = jsonschema::validator_for(&evidence_schema()).unwrap();
    let text = String::from_utf8(AuditEvidence.run(&fixture::outage(7), Look::PLAIN)).unwrap();
    for (from, to) in
        [("\"simulation\"", "\"test\""), ("\"gaps\"", "\"gap\""), ("\"first_seed\": \"7\"", "\"first_seed\": 7")]
    {
        let changed: Value = serde_json::from_str(&text.replacen(from, to, 1)).unwrap();
        assert!(!validator.is_valid(&changed), "{to}");
    }
}
