//! Figures beside what formulas and publications say, as a page.

use super::page::MarkdownPage;
use crate::outcome::Verdict;
use crate::report::compared::Compared;
use crate::report::corrected::Corrected;

/// What the columns mean.
const INTRODUCTION: [&str; 2] = [
    "Figures that the simulated world comes to, beside what a formula or a published source says they should be. Each \
     row is a scenario of this repository, run on the very models that every rehearsal uses; the formula stands in the \
     row and nowhere in the program.",
    "A figure that chance moves is the mean of independent runs, and agrees if it is within as many standard errors \
     as chance exceeds once in 15,800 times (four of very many runs; by Student's t more of few), with runs enough that \
     these are at most the scenario's precision (2 % unless it says otherwise). Behind ± stands one standard error. One that chance does \
     not move must be met in every run, exactly (one part in a million) or within what the row says. A figure that \
     is known not to agree stays in the table.",
];

const HEADS: [&str; 8] = ["Setting", "Figure", "Expected", "Simulated", "Off", "Runs", "Verdict", "Source"];

const ONCE_WRONG: &str = "Scenarios on which an earlier version of this program said something wrong, most of them a GO. What is \
     right stands in each as its expectation; a verdict that is not right fails the tests.";

const ONCE_HEADS: [&str; 5] = ["Setting", "Once said", "Claim", "Verdict", "Because"];

pub(in crate::report) fn render(rows: &[Compared], corrected: &[Corrected]) -> Vec<u8> {
    let mut page = MarkdownPage::default();
    page.heading("#", "Simulated beside expected");
    for paragraph in INTRODUCTION {
        page.paragraph(paragraph);
    }
    let agree = rows.iter().filter(|row| row.agreement.verdict == Verdict::Pass).count();
    page.paragraph(&format!("{agree} of {} figures agree.", rows.len()));
    let mut folders: Vec<&str> = rows.iter().map(Compared::folder).collect();
    folders.dedup();
    for folder in folders {
        page.heading("##", folder);
        let of_folder: Vec<Vec<String>> = rows.iter().filter(|row| row.folder() == folder).map(cells).collect();
        page.table(&HEADS, &of_folder);
        page.raw("\n");
    }
    if !corrected.is_empty() {
        page.heading("#", "Verdicts that were once wrong");
        page.paragraph(ONCE_WRONG);
        let right = corrected.iter().filter(|row| row.is_right()).count();
        page.paragraph(&format!("{right} of {} verdicts are right.", corrected.len()));
        page.table(&ONCE_HEADS, &corrected.iter().map(corrected_cells).collect::<Vec<_>>());
    }
    page.into_bytes()
}

fn corrected_cells(row: &Corrected) -> Vec<String> {
    let verdict = match row.is_right() {
        true => row.now.to_string(),
        false => format!("{}, but right is {}", row.now, row.right),
    };
    vec![row.setting.clone(), row.once.clone(), row.claim.clone(), verdict, row.because.clone()]
}

fn cells(row: &Compared) -> Vec<String> {
    vec![
        row.setting.clone(),
        format!("{}: {}", row.property, row.agreement.comparison.figure),
        row.expected_text(),
        row.simulated_text(),
        row.off_text(),
        row.agreement.runs.to_string(),
        row.verdict_text(),
        row.agreement.comparison.source.clone(),
    ]
}
