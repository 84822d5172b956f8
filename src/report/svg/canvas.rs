//! A picture under construction, in which foreign text cannot become markup.
//!
//! Owns escaping and the writing of coordinates. Does not know what is drawn, and colours: those are classes that a
//! style sheet fills in, so that one drawing serves light, dark and print.
//!
//! Invariant: classes and elements are `&'static str`, so only the programmer can write any; a coordinate is written with
//! one digit after the point, so that equal pictures are equal bytes.

use crate::report::text::clean;
use crate::report::xml;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// The longest a single piece of foreign text gets. Unit: characters.
const LONGEST: usize = 300;

/// Where a text stands relative to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A finished picture.
pub(crate) struct Picture {
    /// A name that is unique in a page.
    id: String,
    title: String,
    description: String,
    width: f64,
    height: f64,
    body: String,
}

#[derive(Default)]
pub(super) struct Canvas {
    body: String,
}

impl Canvas {
    /// A rectangle that says `detail` when pointed at.
    pub(super) fn rect(&mut self, class: &'static str, [x, y, width, height]: [f64; 4], detail: &str) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(tenths);
        let _ = write!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}""#);
        self.close("rect", detail);
    }

    pub(super) fn line(&mut self, class: &'static str, [x1, y1, x2, y2]: [f64; 4]) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(tenths);
        let _ = writeln!(self.body, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
    }

    pub(super) fn circle(&mut self, class: &'static str, [x, y, radius]: [f64; 3], detail: &str) {
        let [x, y, radius] = [x, y, radius].map(tenths);
        let _ = write!(self.body, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}""#);
        self.close("circle", detail);
    }

    /// A path of straight pieces. Empty ones are not drawn.
    pub(super) fn path(&mut self, class: &'static str, path: &Path, detail: &str) {
        if !path.0.is_empty() {
            let _ = write!(self.body, r#"<path class="{class}" d="{}""#, path.0);
            self.close("path", detail);
        }
    }

    pub(super) fn text(&mut self, class: &'static str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let ([x, y], text) = ([x, y].map(tenths), escaped(text));
        let _ = writeln!(self.body, r#"<text class="{class}" x="{x}" y="{y}"{anchor}>{text}</text>"#);
    }

    /// Ends an element: empty, or with what it says when pointed at.
    fn close(&mut self, name: &'static str, detail: &str) {
        if detail.is_empty() {
            self.body.push_str("/>\n");
        } else {
            let _ = writeln!(self.body, "><title>{}</title></{name}>", escaped(detail));
        }
    }

    /// Draws what `other` holds over what is there.
    pub(super) fn append(&mut self, other: Self) {
        self.body.push_str(&other.body);
    }

    pub(super) fn finish(self, [width, height]: [f64; 2], id: String, title: &str, description: &str) -> Picture {
        let (title, description) = (escaped(title), escaped(description));
        Picture { id, title, description, width, height, body: self.body }
    }
}

/// The pieces of a path.
#[derive(Default)]
pub(super) struct Path(String);

impl Path {
    pub(super) fn move_to(&mut self, x: f64, y: f64) {
        let _ = write!(self.0, "M{} {}", tenths(x), tenths(y));
    }
    pub(super) fn line_to(&mut self, x: f64, y: f64) {
        let _ = write!(self.0, "L{} {}", tenths(x), tenths(y));
    }
    pub(super) fn across_to(&mut self, x: f64) {
        let _ = write!(self.0, "H{}", tenths(x));
    }
    pub(super) fn down_to(&mut self, y: f64) {
        let _ = write!(self.0, "V{}", tenths(y));
    }
    pub(super) fn close(&mut self) {
        self.0.push('Z');
    }
}

impl Picture {
    /// For a page, which brings the style.
    pub(crate) fn inline(&self) -> String {
        self.element("")
    }

    /// A file of its own.
    pub(super) fn document(&self, style: &str) -> Vec<u8> {
        format!("{}\n", self.element(&format!("<style>\n{style}</style>\n"))).into_bytes()
    }

    fn element(&self, style: &str) -> String {
        let Self { id, title, description, body, .. } = self;
        let [width, height] = [self.width, self.height].map(tenths);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
             <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>\n{style}{body}</svg>"
        )
    }
}

/// How wide `text` will be about, in a sans-serif font of that size. A guess on the wide side, since fonts differ.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.width() as f64 * size * 0.56
}

/// As much of `text` as fits into `width`.
pub(super) fn fitting(text: &str, width: f64, size: f64) -> String {
    let text = clean(text);
    if width_of(&text, size) <= width {
        return text;
    }
    let most = (width / (size * 0.56)).floor().max(1.0) as usize;
    let mut used = 0;
    let kept = text.chars().take_while(|c| {
        used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
        used < most
    });
    kept.collect::<String>() + "…"
}

/// A coordinate with at most one digit after the point.
fn tenths(x: f64) -> String {
    let tenths = (x * 10.0 + 0.5).floor() as i64;
    let (sign, size) = (if tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
    if size % 10 == 0 { format!("{sign}{}", size / 10) } else { format!("{sign}{}.{}", size / 10, size % 10) }
}

fn escaped(text: &str) -> String {
    xml::escaped(text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_digit_at_most() {
        assert_eq!([0.0, 1.0, 1.25, -0.04, -2.36, 960.0].map(tenths), ["0", "1", "1.3", "0", "-2.4", "960"]);
    }

    #[test]
    fn foreign_text_is_text() {
        let mut canvas = Canvas::default();
        canvas.text("t", [0.0, 0.0], Anchor::Start, "</text><script>&\"'\u{1b}\u{ffff}\n");
        canvas.rect("b", [0.0; 4], "]]><b onload=x>");
        let picture = canvas.finish([1.0, 1.0], "x".into(), "<t>", "d").inline();
        assert!(picture.contains("&lt;/text&gt;&lt;script&gt;&amp;&quot;&#39;\u{fffd}\u{fffd}</text>"), "{picture}");
        assert!(picture.contains("<title>]]&gt;&lt;b onload=x&gt;</title></rect>"), "{picture}");
        assert!(picture.contains(">&lt;t&gt;</title>"), "{picture}");
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(fitting("short", 100.0, 11.0), "short");
        assert_eq!(fitting("a_rather_long_label", 60.0, 11.0), "a_rather…");
        assert_eq!(fitting("東京東京", 30.0, 11.0), "東…");
    }
}
