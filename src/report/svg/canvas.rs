//! A picture under construction, in which foreign text cannot become markup: the backend on which plotters lays charts out.
//!
//! Owns escaping, the writing of coordinates, and how wide a text is taken to be. Does not know what is drawn, fonts,
//! and colours: those are classes that a style sheet fills in, so that one drawing serves light, dark and print.
//!
//! Invariant: classes and elements are `&'static str`, so only the programmer can write any; a coordinate is a whole number
//! of tenths, so that equal pictures are equal bytes.

use super::plot::Size;
use crate::record::Actor;
use crate::report::text::clean;
use crate::report::xml;
use crate::units::Instant;
use plotters::prelude::DrawingBackend;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};
use std::convert::Infallible;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The longest a single piece of foreign text gets. Unit: characters.
const LONGEST: usize = 300;

/// The size of small text.
pub(super) const SMALL: f64 = 11.0;

/// Plotters counts in whole units. One for each tenth that is written keeps steps of lines out of sight.
const UNITS: f64 = 10.0;

/// A finished picture: its start up to where a style may stand, and the rest; and where in it its plot is.
pub(crate) struct Picture([String; 2], Option<[f64; 4]>);

#[derive(Default)]
pub(super) struct Canvas {
    body: String,
    /// Width and height.
    pub size: [f64; 2],
    /// The left and the right border of what is drawn over time, and its top and its bottom, if there is such a plot.
    pub plot: Option<[f64; 4]>,
}

impl Canvas {
    /// A rectangle that says `detail` when pointed at.
    pub(super) fn rect(&mut self, class: &'static str, [x, y, width, height]: [f64; 4], detail: &str) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(tenths);
        let at = format!(r#"x="{x}" y="{y}" width="{width}" height="{height}""#);
        self.element("rect", class, &at, detail);
    }

    pub(super) fn line(&mut self, class: &'static str, [x1, y1, x2, y2]: [f64; 4]) {
        self.path(class, &[vec![[x1, y1], [x2, y2]]], false, "");
    }

    pub(super) fn circle(&mut self, class: &'static str, at: [f64; 3], detail: &str) {
        let [x, y, radius] = at.map(tenths);
        self.element("circle", class, &format!(r#"cx="{x}" cy="{y}" r="{radius}""#), detail);
    }

    /// Straight pieces from point to point of each of `runs`; `closed`, they are outlines. Without any nothing is drawn.
    pub(super) fn path(&mut self, class: &'static str, runs: &[Vec<[f64; 2]>], closed: bool, detail: &str) {
        let mut path = String::new();
        for run in runs {
            let mut last = None;
            for point in run {
                let [x, y] = point.map(tenths);
                let _ = match last.replace([x, y]) {
                    None => write!(path, "M{x} {y}"),
                    Some([before, _]) if before == x => write!(path, "V{y}"),
                    Some([_, before]) if before == y => write!(path, "H{x}"),
                    Some(_) => write!(path, "L{x} {y}"),
                };
            }
            path.push_str(if closed { "Z" } else { "" });
        }
        if !path.is_empty() {
            self.element("path", class, &format!(r#"d="{path}""#), detail);
        }
    }

    /// A diamond around a point, of something that `actor` did at that instant.
    pub(super) fn diamond(
        &mut self,
        class: &'static str,
        [x, y]: [f64; 2],
        (at, actor): (Instant, Actor),
        detail: &str,
    ) {
        let [left, right, top, bottom] = [x - 5.0, x + 5.0, y - 5.0, y + 5.0].map(tenths);
        let [x, y] = [x, y].map(tenths);
        let at = at.as_secs_f64();
        let shape =
            format!(r#"d="M{left} {y}L{x} {top}L{right} {y}L{x} {bottom}Z" data-at="{at}" data-actor="{actor}""#);
        self.element("path", class, &shape, detail);
    }

    pub(super) fn text(&mut self, class: &'static str, at: [f64; 2], anchor: HPos, text: &str) {
        let anchor = match anchor {
            HPos::Left => "",
            HPos::Center => r#" text-anchor="middle""#,
            HPos::Right => r#" text-anchor="end""#,
        };
        let ([x, y], text) = (at.map(tenths), escaped(text));
        let _ = writeln!(self.body, r#"<text class="{class}" x="{x}" y="{y}"{anchor}>{text}</text>"#);
    }

    /// An element that is empty, or holds what it says when pointed at.
    fn element(&mut self, name: &'static str, class: &'static str, at: &str, detail: &str) {
        let _ = match escaped(detail) {
            none if none.is_empty() => writeln!(self.body, r#"<{name} class="{class}" {at}/>"#),
            detail => writeln!(self.body, r#"<{name} class="{class}" {at}><title>{detail}</title></{name}>"#),
        };
    }

    /// Draws what `other` holds over what is there.
    pub(super) fn append(&mut self, other: Self) {
        self.body.push_str(&other.body);
    }

    /// `id` is unique among the pictures of that size in a page.
    pub(super) fn finish(self, size: Size, id: &str, title: &str, description: &str) -> Picture {
        let (title, description, [width, height]) = (escaped(title), escaped(description), self.size.map(tenths));
        let id = format!("{id}-{}", size.either("w", "n"));
        let start = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
             <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>\n"
        );
        Picture([start, self.body + "</svg>"], self.plot)
    }
}

/// That something was drawn, which never fails.
pub(super) type Drawn<T = ()> = Result<T, DrawingErrorKind<Infallible>>;

/// What plotters draws of its own: grids and the numbers of axes. All else are shapes, which know their class.
impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (units(self.size[0]).unsigned_abs(), units(self.size[1]).unsigned_abs())
    }
    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }
    fn present(&mut self) -> Drawn {
        Ok(())
    }
    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        Ok(())
    }
    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, _: &S) -> Drawn {
        let ([x1, y1], [x2, y2]) = (pixels(from), pixels(to));
        self.line("grid", [x1, y1, x2, y2]);
        Ok(())
    }
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let ([mut x, y], mut anchor) = (pixels(at), style.anchor().h_pos);
        // Wide letters reach further than is guessed.
        let reach = width_of(text, SMALL) * 0.75;
        match anchor {
            HPos::Center if x - reach < 0.0 => (x, anchor) = (0.0, HPos::Left),
            HPos::Center if x + reach > self.size[0] => (x, anchor) = (self.size[0], HPos::Right),
            _ => {}
        }
        // From the top, or the middle, of small text down to the line on which it stands.
        let down = if let VPos::Top = style.anchor().v_pos { 9.0 } else { 4.0 };
        self.text("small", [x, y + down], anchor, text);
        Ok(())
    }
    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, _: &S) -> Drawn<(u32, u32)> {
        Ok((units(width_of(text, SMALL)).unsigned_abs(), units(SMALL).unsigned_abs()))
    }
}

impl Picture {
    /// For a page, which brings the style, and whose script must know where the plot is.
    pub(crate) fn inline(&self) -> String {
        let text = self.0.concat();
        let Some(plot) = self.1 else { return text };
        let [left, right, top, bottom] = plot.map(tenths);
        text.replacen("<svg ", &format!("<svg data-plot=\"{left} {right} {top} {bottom}\" "), 1)
    }

    /// A file of its own.
    pub(super) fn document(&self, style: &str) -> Vec<u8> {
        format!("{}<style>\n{style}</style>\n{}\n", self.0[0], self.0[1]).into_bytes()
    }
}

/// How wide `text` will be about, in a sans-serif font of that size. A guess on the wide side, since fonts differ.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.width() as f64 * size * 0.56
}

/// How far from `x` small `text` stands: `gap` after it if it then ends before `end`, else before it.
pub(super) fn beside(x: f64, gap: f64, text: &str, end: f64) -> (f64, HPos) {
    if x + gap + width_of(text, SMALL) <= end { (gap, HPos::Left) } else { (-gap, HPos::Right) }
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
        used += c.width().unwrap_or(0);
        used < most
    });
    kept.collect::<String>() + "…"
}

/// What plotters takes for a length.
pub(super) fn units(x: f64) -> i32 {
    (x * UNITS + 0.5).floor() as i32
}

/// A place of plotters.
pub(super) fn pixels((x, y): BackendCoord) -> [f64; 2] {
    [x, y].map(|x| f64::from(x) / UNITS)
}

/// A coordinate with at most one digit after the point.
fn tenths(x: f64) -> f64 {
    pixels((units(x), 0))[0]
}

fn escaped(text: &str) -> String {
    xml::escaped(text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_digit_at_most() {
        let written = [0.0, 1.0, 1.25, -0.04, -2.36, 960.0].map(|x| tenths(x).to_string());
        assert_eq!(written, ["0", "1", "1.3", "0", "-2.4", "960"]);
    }

    #[test]
    fn foreign_text_is_text() {
        let mut canvas = Canvas { size: [1.0, 1.0], ..Canvas::default() };
        canvas.text("t", [0.0, 0.0], HPos::Left, "</text><script>&\"'\u{1b}\u{ffff}\n");
        canvas.rect("b", [0.0; 4], "]]><b onload=x>");
        let picture = canvas.finish(Size::Wide, "x", "<t>", "d").inline();
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
