//! The plan in words: every value, who set it and where its default comes from.

use super::plan::Plan;
use super::preset;
use crate::field::{Default, Field, Item, Origin, Value, Values};
use crate::outcome::Assumption;

/// Every field of every table, in order.
pub(super) fn assumptions(ledger: &[(String, Values)]) -> Vec<Assumption> {
    let mut list = Vec::new();
    for (path, values) in ledger {
        table(path, values, "", &mut list);
    }
    list
}

/// `reason` is where the default comes from that the whole table is part of.
fn table(path: &str, values: &Values, reason: &str, list: &mut Vec<Assumption>) {
    for (field, value, origin) in values.fields() {
        let path = join(path, field.name);
        match value {
            // Its owner has decoded it and keeps it under its own path.
            Some(Value::Node(_)) => {}
            Some(Value::Table(inner)) if is_choice(field) && !inner.kind.fields.is_empty() => {
                table(&join(&path, inner.kind.name), inner, field.source, list)
            }
            Some(Value::Table(inner)) if !is_choice(field) => table(&path, inner, field.source, list),
            Some(Value::List(items)) if has_tables(items) => tables(&path, items, list),
            _ if field.name == "like" => {}
            other => list.push(assumption(path, (field, reason), other, origin)),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

const fn is_choice(field: &Field) -> bool {
    matches!(field.ty, crate::field::FieldType::OneOf(_))
}

fn has_tables(items: &[Item]) -> bool {
    items.iter().any(|item| matches!(item.value, Value::Table(_)))
}

fn tables(path: &str, items: &[Item], list: &mut Vec<Assumption>) {
    for (index, item) in items.iter().enumerate() {
        if let Value::Table(values) = &item.value {
            table(&join(path, &index.to_string()), values, "", list);
        }
    }
}

fn assumption(path: String, (field, reason): (&Field, &str), value: Option<&Value>, origin: Origin) -> Assumption {
    let value = value.map_or_else(|| "none".to_owned(), Value::to_string);
    let source = match (origin, field.default) {
        (Origin::Preset(name), _) => preset::source(name).to_owned(),
        (Origin::Default, Default::Derived(rule)) if field.source.is_empty() => rule.to_owned(),
        (Origin::Default, Default::Derived(rule)) => format!("{rule} ({})", field.source),
        (Origin::Default, _) if field.source.is_empty() => reason.to_owned(),
        (Origin::Default, _) => field.source.to_owned(),
        _ => String::new(),
    };
    Assumption { path, value, origin: origin.to_string(), source }
}

/// The whole plan as a table: path, value, origin, source.
pub fn explain(plan: &Plan) -> String {
    const WIDEST: usize = 44;
    let width = |of: fn(&Assumption) -> &String| {
        let longest = plan.assumptions.iter().map(|line| of(line).chars().count()).max();
        longest.unwrap_or(0).min(WIDEST)
    };
    let widths = [width(|line| &line.path), width(|line| &line.value), width(|line| &line.origin)];
    let mut out = String::new();
    let mut section = "";
    for line in &plan.assumptions {
        let own = line.path.split_once('.').map_or("", |(section, _)| section);
        if own != section && !out.is_empty() {
            out.push('\n');
        }
        section = own;
        let [path, value, origin] = widths;
        let row =
            format!("{:path$}  {:value$}  {:origin$}  {}", line.path, one_line(&line.value), line.origin, line.source);
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
