//! The schema against an independent validator: what runs is valid, and what `check` refuses for its form is not.

use super::ROOT;
use super::scenarios::scenarios;
use firedrill::scenario::{Catalogs, load, schema};
use serde_json::Value;

const GOOD: &str = "
firedrill: 1
duration: 1m
objective: {served: 99%, classes: [{workload: open, kind: write, served: 99.9%}, {service: api, within: 2s}]}
maintenance: [{at: 30s, for: 5s}]
regions:
  west: {services: {api: {servers: 8, time: 10ms}}}
  east: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [east], delay: {east: 200ms}, fencing: false}
network: {clients: {west: 10ms, east: {uniform: {low: 5ms, high: 20ms}}}}
workload:
  - open: {rate: 20/s, keys: {uniform: 10}, mix: {read: 0.8}}
faults:
  - region_outage: {region: west, at: 10s, for: 20s}
  - region_outage: {id: again, region: west, rate: 2/h, for: {exponential: 20s}}
control:
  - watch: {run: region_failover}
properties:
  served: {always: {holds: success >= 99%}}
expect: {served: fail}
";

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&schema(&Catalogs::BUILT_IN)).expect("the schema is one")
}

fn tree(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("YAML that an editor can read")
}

fn complaints(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    validator.iter_errors(&tree(text)).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn runs(text: &str) -> bool {
    load(text, "test.yaml", &[], &Catalogs::BUILT_IN).is_ok()
}

#[test]
fn the_schema_is_a_schema() {
    let schema = schema(&Catalogs::BUILT_IN);
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn every_scenario_that_ships_is_valid() {
    let validator = validator();
    let templates = std::fs::read_dir(format!("{ROOT}/src/cli/templates")).expect("templates").map(|entry| {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        format!("src/cli/templates/{name}")
    });
    let templates: Vec<String> = templates.filter(|path| path.ends_with(".yaml")).collect();
    assert!(templates.len() > 3, "{templates:?}");
    for path in scenarios().into_iter().chain(templates) {
        let text = std::fs::read_to_string(format!("{ROOT}/{path}")).expect("a scenario");
        assert_eq!(complaints(&validator, &text), Vec::<String>::new(), "{path}");
    }
    assert!(runs(GOOD));
    assert_eq!(complaints(&validator, GOOD), Vec::<String>::new());
}

/// Each pair turns the good scenario into a wrong one, which neither the schema nor `check` lets pass.
const SLIPS: &[(&str, &str)] = &[
    ("firedrill: 1", "firedrill: 2"),
    ("firedrill: 1\n", ""),
    ("duration: 1m", "duration: 0s"),
    ("duration: 1m", "duration: 1"),
    ("duration: 1m", "duration: 1 parsec"),
    ("duration: 1m\n", ""),
    ("duration: 1m", "durration: 1m"),
    ("kind: write", "kind: wrtie"),
    ("kind: write", "kidn: write"),
    ("served: 99.9%", "served: soon"),
    ("within: 2s", "within: 2"),
    ("classes: [{workload: open, kind: write, served: 99.9%}, {service: api, within: 2s}]", "classes: {service: api}"),
    ("for: 5s", "four: 5s"),
    ("servers: 8, ", ""),
    ("servers: 8", "servers: 0"),
    ("servers: 8", "servers: many"),
    ("servers: 8", "sevrers: 8"),
    ("time: 10ms", "time: {weird: 10ms}"),
    ("time: 10ms", "time: {uniform: {low: 1ms}}"),
    ("time: 10ms", "time: {exponential: 1ms, constant: 1ms}"),
    ("role: secondary", "role: tertiary"),
    ("primary: west, ", ""),
    ("replicas: [east]", "replicas: east"),
    ("delay: {east: 200ms}", "delay: {east: soon}"),
    ("fencing: false", "fencing: maybe"),
    ("orders: {", "'or ders': {"),
    ("rate: 20/s, keys", "rate: 20, keys"),
    ("uniform: 10}", "uniform: 0}"),
    ("read: 0.8", "read: 180%"),
    ("  - open: {", "  - closed: {"),
    ("region: west, at: 10s", "at: 10s"),
    ("region: west, at: 10s", "region: west, att: 10s"),
    ("run: region_failover", "run: region_fallover"),
    ("run: region_failover", "runs: region_failover"),
    ("holds: success >= 99%", "hold: success >= 99%"),
    ("{served: fail}", "{served: maybe}"),
    ("control:\n  - watch: {run: region_failover}", "control: {watch: {run: region_failover}}"),
];

#[test]
fn a_slip_of_form_is_seen_by_the_schema_as_by_check() {
    let validator = validator();
    for (right, wrong) in SLIPS {
        let text = GOOD.replacen(right, wrong, 1);
        assert_ne!(text, GOOD, "{right}");
        assert!(!runs(&text), "`{wrong}` runs");
        if wrong.contains("read: 180%") {
            // A quantity's range is for `check` alone.
            continue;
        }
        assert!(!complaints(&validator, &text).is_empty(), "the schema does not mind `{wrong}`");
    }
}

#[test]
fn what_is_taken_over_need_not_be_written() {
    let validator = validator();
    for (text, valid) in [
        ("firedrill: 1\nduration: 1m\nregions: {a: {services: {api: {servers: 1, time: 1ms}, b: {like: api}}}}", true),
        ("firedrill: 1\nduration: 1m\nregions: {a: {services: {api: {}}}, b: {like: a, services: {api: {}}}}", false),
        ("firedrill: 1\nduration: 1m\nregions: {a: {}, b: {like: a, services: {api: {servers: 3}}}}", true),
        ("firedrill: 1\nduration: 1m\npreset: ai-provider\ndns: null\nfaults:\n", true),
        ("firedrill: 1\nduration: 1m\npreset: nobody-knows", false),
    ] {
        assert_eq!(complaints(&validator, text).is_empty(), valid, "{text}: {:?}", complaints(&validator, text));
    }
}
