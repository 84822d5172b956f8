//! An HTML page under construction, on which foreign text cannot become markup.
//!
//! Owns escaping and the shape of tables. Does not know what is written. Markup is `&'static str`, so only the
//! programmer can write any; the one other kind is a picture, which was escaped when it was drawn.
//!
//! Invariant: foreign text adds no element, attribute, link or line of its own, and cannot reorder what stands around it.

use crate::report::svg::Picture;
use crate::report::xml;

/// The longest a single piece of foreign text gets. Unit: characters.
const LONGEST: usize = 2_000;

#[derive(Default)]
pub(super) struct HtmlPage {
    out: String,
}

/// A cell of a table: how it is set, and what stands in it.
pub(super) enum TableCell {
    Text(String),
    /// Right-aligned, digits of equal width.
    Number(String),
    /// A name or a command, as it is typed.
    Code(String),
    /// A name with smaller text below.
    Named(String, Vec<String>),
    /// A symbol and words in the colour of that class.
    Badge(&'static str, String),
}

/// A column of a table.
pub(super) struct Column<'a> {
    head: &'a str,
    number: bool,
}

/// A column of text.
pub(super) const fn column(head: &str) -> Column<'_> {
    Column { head, number: false }
}

/// A column of figures.
pub(super) const fn figures(head: &str) -> Column<'_> {
    Column { head, number: true }
}

impl HtmlPage {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// Markup, as it is.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Foreign text, escaped.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.out.push_str(&xml::escaped(text, LONGEST));
        self
    }

    /// A picture.
    pub(super) fn picture(&mut self, picture: &Picture) -> &mut Self {
        self.out.push_str(&picture.inline());
        self
    }

    /// What only the programmer can have made: a hash, a constant style.
    pub(super) fn trusted(&mut self, markup: &str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// A paragraph of foreign text.
    pub(super) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.raw("<p>").text(text).raw("</p>\n")
    }

    /// A table that becomes a list of cards where there is no room for columns. Nothing at all if it has no rows.
    /// The first column names its row.
    pub(super) fn table(&mut self, caption: &str, columns: &[Column<'_>], rows: &[Vec<TableCell>]) -> &mut Self {
        if rows.is_empty() {
            return self;
        }
        // Roles are repeated because a table that is not displayed as one loses them.
        let described = rows.iter().any(|row| matches!(row.first(), Some(TableCell::Named(..))));
        self.raw("<div class=\"scroll\">");
        self.raw(if described { "<table role=\"table\" class=\"named\">" } else { "<table role=\"table\">" });
        self.raw("<caption>").text(caption).raw("</caption>\n");
        self.raw("<thead role=\"rowgroup\"><tr role=\"row\">");
        for column in columns {
            self.raw(if column.number {
                "<th role=\"columnheader\" scope=\"col\" class=\"num\">"
            } else {
                "<th role=\"columnheader\" scope=\"col\">"
            });
            self.text(column.head).raw("</th>");
        }
        self.raw("</tr></thead>\n<tbody role=\"rowgroup\">\n");
        for row in rows {
            self.raw("<tr role=\"row\">");
            for (i, (cell, column)) in row.iter().zip(columns).enumerate() {
                self.cell(cell, column, i == 0);
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody></table></div>\n")
    }

    fn cell(&mut self, cell: &TableCell, column: &Column<'_>, names_row: bool) {
        self.raw(if names_row { "<th role=\"rowheader\" scope=\"row\"" } else { "<td role=\"cell\"" });
        self.raw(if column.number { " class=\"num\"" } else { "" });
        self.raw(" data-head=\"").text(column.head).raw("\">");
        match cell {
            TableCell::Text(text) | TableCell::Number(text) => _ = self.raw("<bdi>").text(text).raw("</bdi>"),
            TableCell::Code(text) => _ = self.raw("<code>").text(text).raw("</code>"),
            TableCell::Named(name, below) => {
                self.raw("<code>").text(name).raw("</code>");
                for text in below.iter().filter(|text| !text.is_empty()) {
                    self.raw("<span class=\"below\">").text(text).raw("</span>");
                }
            }
            TableCell::Badge(class, word) => {
                _ = self.raw("<span class=\"badge ").raw(class).raw("\">").text(word).raw("</span>")
            }
        }
        self.raw(if names_row { "</th>" } else { "</td>" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_text_wherever_it_stands() {
        let mut page = HtmlPage::default();
        let poison = "</td><script>&\"'\u{202e}\n";
        let cells =
            [TableCell::Text(poison.into()), TableCell::Code(poison.into()), TableCell::Badge("go", poison.into())];
        page.table(poison, &[column("a"), column("b"), column("c")], &[cells.into()]);
        let text = String::from_utf8(page.into_bytes()).unwrap();
        assert_eq!(text.matches("&lt;/td&gt;&lt;script&gt;&amp;&quot;&#39;\u{fffd}").count(), 4, "{text}");
        assert_eq!((text.matches("<script").count(), text.matches("</td>").count()), (0, 2), "{text}");
    }

    #[test]
    fn the_first_column_names_the_row() {
        let mut page = HtmlPage::default();
        page.table(
            "c",
            &[column("a"), figures("b")],
            &[vec![TableCell::Text("x".into()), TableCell::Number("1".into())]],
        );
        let text = String::from_utf8(page.into_bytes()).unwrap();
        assert!(text.contains("<th role=\"rowheader\" scope=\"row\" data-head=\"a\"><bdi>x</bdi></th>"), "{text}");
        assert!(text.contains("<td role=\"cell\" class=\"num\" data-head=\"b\"><bdi>1</bdi></td>"), "{text}");
    }
}
