//! Several scenarios as one table on a terminal.

use super::canvas::{Paint, TextCanvas};
use crate::report::Look;
use crate::report::view::{Advice, MatrixRow};

pub(in crate::report) fn render(rows: &[MatrixRow], look: Look) -> Vec<u8> {
    let mut canvas = TextCanvas::new(look);
    canvas.heading("All scenarios");
    let heads = ["scenario", "verdict", "RTO", "RPO", "lost", "held in"].map(|head| (Paint::Dim, head.to_owned()));
    let mut table = vec![heads.to_vec()];
    table.extend(rows.iter().map(|row| {
        let tone = match row.advice {
            Advice::Go => Paint::Good,
            Advice::NoGo | Advice::Unknown if row.as_expected => Paint::Plain,
            Advice::NoGo | Advice::Unknown => Paint::Bad,
        };
        let surprise = if row.as_expected { "" } else { " (not as expected)" };
        let plain = [&row.rto, &row.rpo, &row.lost, &row.likelihood].map(|text| (Paint::Plain, text.clone()));
        let mut line = vec![(Paint::Plain, row.scenario.clone()), (tone, format!("{}{surprise}", row.word()))];
        line.extend(plain);
        line
    }));
    canvas.table(2, &table);
    canvas.into_bytes()
}
