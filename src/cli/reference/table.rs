//! A table of fields, for the page and for a terminal.
//!
//! Invariant: a cell of the page never ends its row.

use crate::field::{Default, Field, FieldType, Kind};

/// The fields of a table as rows of the page, tables inside it after them.
pub(super) fn fields(kind: &Kind) -> String {
    if kind.fields.is_empty() {
        return "It has no keys of its own.\n\n".to_owned();
    }
    let short = kind.short.map_or(String::new(), |short| format!("Short form: the value of `{short}`.\n\n"));
    let mut text = format!("{short}| key | type | default | meaning |\n|---|---|---|---|\n");
    for field in kind.fields {
        let name = format!("`{}`", field.name);
        let content = if field.ty == FieldType::Any { "a section of its own".to_owned() } else { field.ty.describe() };
        text += &row(&[&name, &content, &default(field), field.doc]);
    }
    text.push('\n');
    for (field, inner) in kind.fields.iter().filter_map(|field| Some((field, inner(&field.ty)?))) {
        for table in inner {
            text += &format!(
                "#### `{}` of {}: {}\n\n{}\n\n{}",
                field.name,
                kind.name,
                table.name,
                cell(table.doc),
                fields(table)
            );
        }
    }
    text
}

/// The tables that stand in a field, if any do.
fn inner(ty: &FieldType) -> Option<Vec<&'static Kind>> {
    match ty {
        FieldType::Table(kind) => Some(vec![*kind]),
        FieldType::OneOf(kinds) => Some(kinds.to_vec()),
        FieldType::OneOfOr(kinds, other) => Some(kinds.iter().chain([other]).copied().collect()),
        FieldType::List(element) | FieldType::Map(element) => inner(element),
        FieldType::Per(_, element) | FieldType::AllOrPer(_, element) => inner(element),
        _ => None,
    }
}

fn default(field: &Field) -> String {
    let source = if field.source.is_empty() { String::new() } else { format!(" ({})", field.source) };
    match field.default {
        Default::Required => "*required*".to_owned(),
        Default::Optional => "none".to_owned(),
        Default::Empty => "empty".to_owned(),
        Default::Text("") => format!("the empty text{source}"),
        Default::Text(text) => format!("`{text}`{source}"),
        Default::Tagged(tag, []) => format!("`{tag}`{source}"),
        Default::Tagged(tag, fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, text)| format!("{name}: {text}")).collect();
            format!("`{{{tag}: {{{}}}}}`{source}", fields.join(", "))
        }
        Default::Derived(rule) => format!("*derived*: {rule}{source}"),
    }
}

/// One row of the page.
pub(super) fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// `text` on one line, where a bar is only a bar.
pub(super) fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

/// A table for a terminal: a line for each field, and one for what it means.
pub(super) fn plain(kind: &Kind) -> String {
    let mut text = format!("{}: {}\n", kind.name, kind.doc);
    if let Some(short) = kind.short {
        text += &format!("Short form: the value of {short}.\n");
    }
    for field in kind.fields {
        let default = match field.default {
            Default::Required => "required".to_owned(),
            Default::Optional => "optional".to_owned(),
            _ => format!("default {}", default(field).replace(['`', '*'], "")),
        };
        text += &format!("\n  {}: {}\n      {}\n      {default}\n", field.name, field.ty.describe(), field.doc);
    }
    text
}
