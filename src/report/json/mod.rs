//! `results.json`: everything a run or a campaign came to, for programs, and the source of every report that is written
//! again. The signals over time, which are many, stand in `signals.json` beside it.
//!
//! Owns the schema and its version. Invariant: numbers come from integers or are rounded to six significant digits;
//! seeds and digests, which need all 64 bits, are strings; the order of fields is fixed. Times end in `_s` and are in
//! seconds of virtual time. What is read back gives the same file again, or is refused.

mod achieved;
mod campaign;
mod evidence;
mod gaps;
mod read;
mod run;
mod schema;
mod signals;
mod stores;

pub(super) use evidence::AuditEvidence;
pub use evidence::evidence_schema;
pub(super) use read::{Damage, read, schema_of};
pub use schema::results_schema;
pub(super) use signals::{SCHEMA as SIGNALS_SCHEMA, Signals};

use super::text::acts_on_a_reader;
use super::{Format, Look};
use crate::explore::Campaign;
use crate::outcome::{Outcome, TOOL_VERSION as TOOL};
use serde::Serialize;

/// The version of the schema. The number rises with every change of it, because reports are written again from the file.
pub const SCHEMA: &str = "firedrill.results/10";

pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }
    fn file(&self) -> Option<&'static str> {
        Some("results.json")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        pretty(&run::Results::from(outcome))
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        pretty(&campaign::CampaignResults::of(campaign))
    }
}

pub(super) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let text = serde_json::to_string_pretty(value).expect("plain data with string keys always serialises");
    (inert(&text) + "\n").into_bytes()
}

/// JSON in which every character that acts on a reader is escaped, so that showing it stays harmless.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        match c {
            // Only strings hold anything but ASCII, so an escape stays valid.
            c if c != '\n' && acts_on_a_reader(c) => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;
    use serde_json::Value;

    fn parsed(outcome: &Outcome) -> Value {
        serde_json::from_slice(&Json.run(outcome, Look::PLAIN)).unwrap()
    }

    #[test]
    fn the_results_hold_what_the_outcome_holds() {
        let value = parsed(&fixture::outage(u64::MAX));
        assert_eq!(value["schema"], SCHEMA);
        assert_eq!(value["seed"], "18446744073709551615");
        assert_eq!(value["digest"].as_str().map(str::len), Some(16));
        assert_eq!((&value["verdict"], &value["as_expected"]), (&"fail".into(), &true.into()));
        assert_eq!((&value["requests"], &value["events"]), (&4_755.into(), &35_200.into()));
        assert_eq!(value["request_outcomes"]["unknown"], 2_133);
        assert_eq!(value["properties"][1]["margin"], -0.023_809_5);
        assert_eq!(value["properties"][1]["at_s"], 55.084_266_797);
        assert_eq!(value["recovery"][0]["detect_s"], 5.1);
        assert_eq!(
            (&value["loss"][0]["rpo_pre_s"], &value["loss"][0]["rpo_post_s"]),
            (&4.915_733_203.into(), &0.0.into())
        );
        assert_eq!(value["loss"][0]["lost"][0]["last_seen"], "westeurope");
        assert_eq!(value["copies"][1]["role"], "authority");
        assert_eq!(value["faults"][2]["bit"], false);
        assert_eq!(value["faults"][3]["at_s"], Value::Null);
        assert_eq!(value["laps"][2]["result"], "over_budget");
        assert_eq!(value["latency"]["p99_s"], 10.791_944_192);
        assert!(value["replay"].as_str().unwrap().starts_with("firedrill run "));
    }

    #[test]
    fn what_is_not_known_is_null_and_not_zero() {
        let value = parsed(&fixture::stalled(7));
        assert_eq!((&value["recovery"][0]["rto_s"], &value["recovery"][0]["censored"]), (&Value::Null, &true.into()));
        assert_eq!(value["properties"][0]["margin"], Value::Null);
        assert_eq!(value["stopped"]["at_s"], 138.558_044_924);
        let mut infinite = fixture::outage(7);
        infinite.properties[0].margin = Some(f64::NEG_INFINITY);
        assert_eq!(parsed(&infinite)["properties"][0]["margin"], Value::Null);
    }

    #[test]
    fn a_campaign_holds_a_row_per_seed_and_the_worst_run_in_full() {
        let rehearse = |seed| {
            assert!(seed != 2, "broken");
            fixture::spaced(seed)
        };
        let campaign = explore::run(0..5, None, rehearse).unwrap();
        let value: Value = serde_json::from_slice(&Json.campaign(&campaign, Look::PLAIN)).unwrap();
        assert_eq!((&value["schema"], &value["kind"]), (&SCHEMA.into(), &"campaign".into()));
        assert_eq!(value["runs"].as_array().map(Vec::len), Some(5));
        assert_eq!(
            (&value["runs"][2]["internal_error"], &value["runs"][2]["verdict"]),
            (&"broken".into(), &Value::Null)
        );
        assert_eq!(value["runs"][3]["recovery"][0]["rto_s"], 280.003);
        assert_eq!(value["worst"]["seed"], "4");
        assert_eq!(value["verdicts"]["fail"], 4);
    }

    #[test]
    fn hostile_text_comes_back_as_it_went_in() {
        let poison = "\u{202e}</script>\"\\\u{0}\u{1b}[2J\n| `x` |\u{9b}\u{e0041}\u{7f}";
        let value = parsed(&fixture::hostile(poison));
        assert_eq!((&value["scenario"], &value["properties"][0]["id"]), (&poison.into(), &poison.into()));
        let bytes = Json.run(&fixture::hostile(poison), Look::PLAIN);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !acts_on_a_reader(c)), "nothing in the file acts when it is shown");
    }

    #[test]
    fn the_results_of_the_fixture_are_the_golden_ones() {
        crate::report::golden::check("results.json", &Json.run(&fixture::outage(7), Look::PLAIN));
    }
}
