//! Quantities with units as patterns of text, for editors: what [`crate::units`] reads, as far as a pattern can say it.
//!
//! Does not know ranges of quantities: `firedrill check` knows them. Invariant: whatever the language reads, the pattern
//! matches; a quantity without its unit it does not.

use serde_json::{Value, json};

/// A decimal number as it stands before a unit.
const NUMBER: &str = r"[0-9][0-9_]*(\.[0-9][0-9_]*)?";

/// The definitions that types refer to, by name.
pub(super) fn definitions() -> Vec<(&'static str, Value)> {
    let name = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";
    vec![
        ("text", json!({"type": ["string", "number", "boolean"]})),
        ("name", json!({"type": ["string", "number"], "pattern": name})),
        ("names", json!({"pattern": name})),
        ("expression", json!({"type": ["string", "number"], "minLength": 1})),
        ("span", span(false)),
        ("positive_span", span(true)),
        ("ratio", number_or("share such as `10%`, `250ppm` or `0.1`", "(%|ppm|ppb)?", 1.0)),
        ("quotient", number_or("proportion such as `150%`", "(%|ppm|ppb)?", 1_000.0)),
        ("rate", text("rate such as `500/s` or `2/h`", r"[kMG]?\s*/\s*(s|m|min|h|d)")),
        ("bytes", text("size such as `300GB`", "(B|kB|MB|GB|TB)")),
        ("throughput", text("amount of data per time such as `60Mbit/s`", r"([kMG]?bit|[kMGT]?B)\s*/\s*(s|h)")),
    ]
}

/// The pattern of a whole number, with `k`, `M` or `G`, or a power of ten.
pub(super) fn count() -> String {
    format!(r"^\s*{NUMBER}(\s*[kMG]?|[eE]\+?[0-9]+)\s*$")
}

/// The pattern of a decimal number that was put in quotes.
pub(super) fn decimal() -> String {
    r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$".to_owned()
}

fn text(title: &str, unit: &str) -> Value {
    json!({"title": title, "type": "string", "pattern": format!(r"^\s*{NUMBER}\s*{unit}\s*$")})
}

/// Zero needs no unit.
fn span(positive: bool) -> Value {
    let unit = "(ns|us|µs|ms|s|m|min|h|d)";
    if positive {
        let pattern = format!(r"^(?=[^1-9]*[1-9])\s*({NUMBER}\s*{unit}\s*)+$");
        return json!({"title": "span above zero such as `15m`, `200ms` or `13h 30m`", "type": "string", "pattern": pattern});
    }
    let pattern = format!(r"^\s*(({NUMBER}\s*{unit}\s*)+|0[0_]*(\.[0_]+)?\s*)$");
    let title = "span such as `15m`, `200ms` or `13h 30m`";
    json!({"title": title, "type": ["string", "number"], "pattern": pattern, "minimum": 0, "maximum": 0})
}

fn number_or(title: &str, unit: &str, most: f64) -> Value {
    let pattern = format!(r"^\s*{NUMBER}\s*{unit}\s*$");
    json!({"title": title, "type": ["string", "number"], "pattern": pattern, "minimum": 0, "maximum": most})
}
