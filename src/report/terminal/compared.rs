//! Figures beside what formulas and publications say, for a terminal.

use super::canvas::{Paint, Piece, TextCanvas};
use crate::outcome::Verdict;
use crate::report::Look;
use crate::report::compared::Compared;

pub(in crate::report) fn render(rows: &[Compared], look: Look) -> Vec<u8> {
    let mut canvas = TextCanvas::new(look);
    let mut setting = None;
    for row in rows {
        if setting != Some((&row.file, &row.setting)) {
            canvas.paragraph(0, &[(Paint::Strong, row.setting.clone())]);
            let of_setting: Vec<Vec<Piece>> = rows
                .iter()
                .filter(|other| (&other.file, &other.setting) == (&row.file, &row.setting))
                .map(line)
                .collect();
            canvas.table(2, &of_setting);
        }
        setting = Some((&row.file, &row.setting));
    }
    let agree = rows.iter().filter(|row| row.agreement.verdict == Verdict::Pass).count();
    canvas.blank();
    canvas.paragraph(0, &[(Paint::Strong, format!("{agree} of {} figures agree", rows.len()))]);
    canvas.into_bytes()
}

fn line(row: &Compared) -> Vec<Piece> {
    let paint = match row.agreement.verdict == row.expected {
        true => Paint::Good,
        false => Paint::Bad,
    };
    vec![
        (Paint::Plain, row.property.clone()),
        (Paint::Plain, format!("expected {}", row.expected_text())),
        (Paint::Plain, format!("simulated {}", row.simulated_text())),
        (Paint::Plain, row.off_text()),
        (paint, row.verdict_text()),
    ]
}
