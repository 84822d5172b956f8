//! The plan in words: every value, who set it and where its default comes from.

use super::plan::Plan;
use super::preset;
use crate::field::{Default, Field, FieldType, Item, Origin, Value, Values};
use crate::outcome::{Assumption, BaseFile};
use std::collections::BTreeSet;

/// Every field of every table, in order.
pub(super) fn assumptions(ledger: &[(String, Values)], bases: &[BaseFile]) -> Vec<Assumption> {
    let mut list = Vec::new();
    for (path, values) in ledger {
        table(path, values, "", &mut list);
    }
    list.into_iter().map(|(origin, line)| named(origin, line, bases)).collect()
}

/// A line with the name of the file that it comes from, if that is not the scenario's own.
fn named(origin: Origin, line: Assumption, bases: &[BaseFile]) -> Assumption {
    match origin {
        Origin::Base(at) => {
            let file = bases.get(usize::from(at)).map_or("", |base| &base.file);
            Assumption { origin: format!("{origin} {file}"), ..line }
        }
        _ => line,
    }
}

/// What the plan takes to depend on what though the file does not say so: a service on the only database there is.
pub fn inferred(plan: &Plan) -> Vec<String> {
    let mut found: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for assumption in &plan.assumptions {
        let parts: Vec<&str> = assumption.path.split('.').collect();
        let ["regions", region, "services", service, "database"] = parts[..] else { continue };
        if assumption.origin != Origin::Default.to_string() || assumption.value == "none" {
            continue;
        }
        let same = |(by, on, _): &&mut (&str, &str, Vec<&str>)| *by == service && *on == assumption.value;
        match found.iter_mut().find(same) {
            Some((.., regions)) => regions.push(region),
            None => found.push((service, &assumption.value, vec![region])),
        }
    }
    let told = |(service, database, regions): (&str, &str, Vec<&str>)| {
        let regions = regions.join(" and ");
        format!(
            "`{service}` of {regions} uses `{database}`, the only database there is; if not, write `database: null`"
        )
    };
    found.into_iter().map(told).collect()
}

/// `reason` is where the default comes from that the whole table is part of.
fn table(path: &str, values: &Values, reason: &str, list: &mut Vec<(Origin, Assumption)>) {
    for (field, value, origin, published) in values.fields() {
        let path = join(path, field.name);
        match value {
            // Its owner has decoded it and keeps it under its own path.
            Some(Value::Node(_)) => {}
            Some(Value::Table(inner)) if is_choice(field) && !inner.kind.fields.is_empty() => {
                table(&join(&path, inner.kind.name), inner, field.source, list)
            }
            Some(Value::Table(inner)) if !is_choice(field) => table(&path, inner, field.source, list),
            Some(Value::List(items)) if holds_tables(items.iter()) => {
                tables(&path, items.iter().enumerate().map(|(index, item)| (index.to_string(), item)), list)
            }
            Some(Value::Map(entries))
                if matches!(field.ty, FieldType::Map(FieldType::Table(_))) && !entries.is_empty() =>
            {
                tables(&path, entries.iter().map(|(name, item)| (name.clone(), item)), list)
            }
            Some(Value::Per(entries)) if holds_tables(entries.iter().map(|(_, item)| item)) => {
                tables(&path, entries.iter().map(|(reference, item)| (reference.name.clone(), item)), list)
            }
            _ if field.name == "like" => {}
            other => {
                let source = published.map_or_else(|| source(field, reason, origin), str::to_owned);
                list.push((origin, Assumption { path, value: shown(other), origin: origin.to_string(), source }));
            }
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

const fn is_choice(field: &Field) -> bool {
    matches!(field.ty, FieldType::OneOf(_) | FieldType::OneOfOr(..) | FieldType::Any)
}

fn holds_tables<'a>(mut items: impl Iterator<Item = &'a Item>) -> bool {
    items.any(|item| matches!(item.value, Value::Table(_)))
}

fn tables<'a>(path: &str, items: impl Iterator<Item = (String, &'a Item)>, list: &mut Vec<(Origin, Assumption)>) {
    for (name, item) in items {
        if let Value::Table(values) = &item.value {
            table(&join(path, &name), values, "", list);
        }
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".to_owned(), Value::to_string)
}

/// Where a value comes from that no publication is named for.
fn source(field: &Field, reason: &str, origin: Origin) -> String {
    match (origin, field.default) {
        (Origin::Preset(name), _) => preset::source(name).to_owned(),
        (Origin::Default, Default::Derived(rule)) if field.source.is_empty() => rule.to_owned(),
        (Origin::Default, Default::Derived(rule)) => format!("{rule} ({})", field.source),
        (Origin::Default, _) if field.source.is_empty() => reason.to_owned(),
        (Origin::Default, _) => field.source.to_owned(),
        _ => String::new(),
    }
}

/// What of a plan is to be explained.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extract<'a> {
    /// Only what stands at this path or below it: `dns`, `regions.west.services`.
    pub section: Option<&'a str>,
    /// Only what somebody has set: in the scenario, in a file that it builds on, in a preset or beside it.
    pub set: bool,
}

impl Extract<'_> {
    fn holds(&self, line: &Assumption) -> bool {
        let below =
            |path: &str| line.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.section.is_none_or(below) && !(self.set && line.origin == Origin::Default.to_string())
    }
}

/// The places of a plan that can be asked for by themselves: every path on the way to a value, each once, in order.
pub fn places(plan: &Plan) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let mut places = Vec::new();
    for line in &plan.assumptions {
        let ends = line.path.match_indices('.').map(|(at, _)| at).chain([line.path.len()]);
        places.extend(ends.map(|end| &line.path[..end]).filter(|path| seen.insert(*path)));
    }
    places
}

/// The whole plan as a table: path, value, origin, source.
pub fn explain(plan: &Plan) -> String {
    explain_in_part(plan, Extract::default())
}

/// An extract of the plan as such a table.
pub fn explain_in_part(plan: &Plan, extract: Extract<'_>) -> String {
    const WIDEST: usize = 44;
    let lines: Vec<&Assumption> = plan.assumptions.iter().filter(|line| extract.holds(line)).collect();
    let width = |of: fn(&Assumption) -> &String| {
        let longest = lines.iter().map(|line| of(line).chars().count()).max();
        longest.unwrap_or(0).min(WIDEST)
    };
    let widths = [width(|line| &line.path), width(|line| &line.value), width(|line| &line.origin)];
    let mut out = String::new();
    let mut section = "";
    for line in &lines {
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
