//! `results.json` as JSON Schema, for programs that read it.
//!
//! Invariant: it is derived from the types that write and read the file, so every field the file has is in it, required
//! unless it is left out at times, and described; and no other: the tests hold results against it.

use super::campaign::CampaignResults;
use super::run::Results;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Value, json};

/// The schema of `results.json`: one run, or a campaign.
pub fn results_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(in_terms_of_json));
    let mut generator = settings.into_generator();
    let kinds = [generator.subschema_for::<Results<'_>>(), generator.subschema_for::<CampaignResults<'_>>()];
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a rehearsal with firedrill came to",
        "oneOf": kinds,
        "$defs": generator.take_definitions(true),
    })
}

/// The schema of a file of one kind.
pub(super) fn described<T: schemars::JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(in_terms_of_json));
    let mut generator = settings.into_generator();
    let kind = generator.subschema_for::<T>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "allOf": [kind],
        "$defs": generator.take_definitions(true),
    })
}

/// A description is the comment of a field, on one line, and what is `None` in the program is null in the file.
fn in_terms_of_json(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ").replace("`None`", "null");
    }
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

    /// Every field of every object in `schema` that is not described.
    fn undescribed(schema: &Value, found: &mut Vec<String>) {
        let fields = schema.get("type").filter(|kind| **kind == "object").map(|_| &schema["properties"]);
        for (field, of) in fields.and_then(Value::as_object).into_iter().flatten() {
            if ["description", "$ref", "const"].iter().all(|word| of.get(word).is_none()) {
                found.push(field.clone());
            }
        }
        match schema {
            Value::Object(fields) => fields.values().for_each(|value| undescribed(value, found)),
            Value::Array(values) => values.iter().for_each(|value| undescribed(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_field_is_described() {
        let mut found = Vec::new();
        undescribed(&results_schema(), &mut found);
        undescribed(&super::super::evidence_schema(), &mut found);
        assert_eq!(found, [""; 0]);
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
