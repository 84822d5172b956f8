//! What every part of the page is made of: sections, lists, cells.
//!
//! Owns how foreign text gets onto the page. Does not know what is written. `maud` escapes all that is not markup; that
//! foreign text may also be long, or act on a reader, only [`said`] knows. Line ends stand where they make a difference
//! between two pages easier to read.
//!
//! Invariant: foreign text adds no element, attribute, link or line of its own, and cannot reorder what stands around it.

use crate::report::xml;
use maud::{Markup, html};
use std::fmt::Display;

/// The longest a single piece of foreign text gets. Unit: characters.
const LONGEST: usize = 2_000;

/// Foreign text, cut and without what acts on a reader.
pub(super) fn said(text: impl Display) -> String {
    xml::allowed(&text.to_string(), LONGEST)
}

/// A part of the page under its heading, which names it.
pub(super) fn section(id: &str, heading: &str, body: Markup) -> Markup {
    html! { section aria-labelledby=(id) { "\n" h2 id=(id) { (said(heading)) } "\n" (body) } "\n" }
}

/// A part that the reader must see before anything else.
pub(super) fn warning(id: &str, heading: &str, body: Markup) -> Markup {
    html! { section.warnings aria-labelledby=(id) { "\n" h2 id=(id) { (said(heading)) } "\n" (body) } "\n" }
}

/// What is closed until a reader opens it.
pub(super) fn details(summary: impl Display, body: Markup) -> Markup {
    html! { details { summary { (said(summary)) } "\n" (body) } "\n" }
}

pub(super) fn paragraph(text: impl Display) -> Markup {
    html! { p { (said(text)) } "\n" }
}

pub(super) fn items<'a>(lines: impl IntoIterator<Item = &'a String>) -> Markup {
    html! { @for line in lines { li { (said(line)) } "\n" } }
}

/// In a cell: words or a figure.
pub(super) fn text(text: impl Display) -> Markup {
    html! { bdi { (said(text)) } }
}

/// In a cell: a name or a command, as it is typed.
pub(super) fn code(text: impl Display) -> Markup {
    html! { code { (said(text)) } }
}

/// In a cell: a name, and what is to be said of it.
pub(super) fn named(name: &str, below: &[&str]) -> Markup {
    html! { (code(name)) @for text in below.iter().filter(|text| !text.is_empty()) { span.below { (said(text)) } } }
}

/// In a cell: a symbol and words in the colour of that class.
pub(super) fn badge(class: &str, words: &str) -> Markup {
    html! { span.badge.(class) { (said(words)) } }
}
