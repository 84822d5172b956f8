//! Whether a campaign that was written down says one thing in all its places.
//!
//! Owns the question; does not know files. Of the worst run there is everything, and it is judged again elsewhere. Of
//! the others there are the verdicts, how near each was, the figures that are compared, and whether something was
//! found: from these follow the verdict of the row, what all runs say together, and every count.
//!
//! Invariant: a campaign that was run contradicts itself nowhere. A row all of whose parts were changed to fit each other
//! does not either: only its seed tells, run again.

use super::agreement::Agreement;
use super::campaign::{Campaign, RunRow, agreements};
use super::summary::Summary;
use crate::outcome::{Outcome, PropertyOutcome, Rule, Seen, Verdict};

/// What is written to six digits may differ by so much from what it was: a relative error.
const ROUNDING: f64 = 1e-5;

impl Campaign {
    /// What it says that no runs can have come to, if anything. `worst` is its worst run, judged again.
    pub fn contradiction(&self, worst: Option<&Outcome>) -> Option<String> {
        let properties = worst.map_or(&[][..], |worst| &worst.properties);
        if !self.rows.iter().map(|row| row.seed).eq(self.seeds.clone()) {
            return Some("its rows do not match its seeds".to_owned());
        }
        let agreements = worst.map_or_else(Vec::new, |worst| agreements(&self.rows, worst));
        for row in &self.rows {
            let Ok(run) = &row.run else { continue };
            if let Some(why) = run.contradiction(properties, &agreements) {
                return Some(format!("seed {}: {why}", row.seed));
            }
        }
        self.of_the_counts(worst, &agreements).or_else(|| self.of_the_worst(worst?, &agreements))
    }

    fn of_the_counts(&self, worst: Option<&Outcome>, agreements: &[Option<Agreement>]) -> Option<String> {
        let said = &self.summary;
        let counted = Summary::of(&mut self.rows.clone(), worst, agreements);
        if (counted.runs, counted.as_expected) != (said.runs, said.as_expected) {
            return Some("the counts do not match its runs".to_owned());
        }
        if counted.recovery != said.recovery {
            return Some("the recovery times do not match its runs".to_owned());
        }
        if counted.properties.len() != said.properties.len() {
            return Some("its properties do not match its runs".to_owned());
        }
        for (counted, said) in counted.properties.iter().zip(&said.properties) {
            if (&counted.id, &counted.bound, counted.expected) != (&said.id, &said.bound, said.expected) {
                return Some(format!("property `{}` is not one of its runs", said.id));
            }
            if (counted.verdicts, counted.worst) != (said.verdicts, said.worst) {
                return Some(format!("the counts of property `{}` do not match its runs", said.id));
            }
            let agree = match (&counted.agreement, &said.agreement) {
                (Some(counted), Some(said)) => counted.is_written_as(said),
                (counted, said) => counted.is_none() && said.is_none(),
            };
            if !agree {
                return Some(format!("the comparison by `{}` does not match its runs", said.id));
            }
        }
        None
    }

    /// What the worst run says that its row does not, or a row that is worse.
    fn of_the_worst(&self, worst: &Outcome, agreements: &[Option<Agreement>]) -> Option<String> {
        let seed = worst.record.seed;
        let mut again = RunRow::of(worst);
        let is_worse = |run: &RunRow| again.as_expected && !run.together(&worst.properties).1;
        if let Some(worse) = self.rows.iter().find(|row| row.run.as_ref().is_ok_and(is_worse)) {
            return Some(format!(
                "seed {} differs from what is expected, but seed {seed} is listed as the worst",
                worse.seed
            ));
        }
        again.settle(&worst.properties, agreements);
        let listed = self.rows.iter().find(|listed| listed.seed == seed).and_then(|listed| listed.run.as_ref().ok());
        let same = listed.is_some_and(|listed| again.is_written_as(listed));
        (!same).then(|| format!("the row of seed {seed} does not match the worst run, which has the same seed"))
    }
}

impl RunRow {
    /// What the row says that does not follow from its parts, if anything. `agreements` is what all runs say together.
    fn contradiction(&self, properties: &[PropertyOutcome], agreements: &[Option<Agreement>]) -> Option<String> {
        if self.properties.len() != properties.len() {
            return Some("it does not have one verdict per property".to_owned());
        }
        for (index, (property, agreement)) in properties.iter().zip(agreements).enumerate() {
            if !self.is_possible(index, property, agreement.as_ref()) {
                let verdict = self.properties[index].0;
                return Some(format!("`{}` cannot be {verdict}, given the rest of the row", property.id));
            }
        }
        let mut again = self.clone();
        (again.verdict, again.as_expected) = self.together(properties);
        again.settle(properties, agreements);
        let same = (again.verdict, again.as_expected) == (self.verdict, self.as_expected);
        (!same).then(|| "its verdict does not follow from its properties".to_owned())
    }

    /// Whether the verdict on one property goes with its margin, its figure and whether anything was observed.
    fn is_possible(&self, index: usize, property: &PropertyOutcome, agreement: Option<&Agreement>) -> bool {
        let (verdict, margin) = self.properties[index];
        if property.compares_over_runs() {
            return agreement.is_some_and(|agreement| agreement.verdict == verdict);
        }
        let by_margin = match verdict {
            Verdict::Pass => margin.is_none_or(|margin| margin >= 0.0),
            Verdict::Fail => margin.is_none_or(|margin| margin <= 0.0),
            Verdict::Inconclusive => true,
        };
        by_margin && (self.exercised[index] || verdict == Verdict::Inconclusive) && self.agrees(index, property)
    }

    /// Whether the figure that a run compares by itself is where its verdict says.
    fn agrees(&self, index: usize, property: &PropertyOutcome) -> bool {
        let Some((comparison, seen)) = property.comparison.as_ref().zip(self.figures[index]) else { return true };
        let allowed = match comparison.rule {
            Rule::Relative(share) => share * comparison.expected.abs(),
            Rule::Absolute(most) => most,
            Rule::Mean(_) | Rule::Deviation(_) => return true,
        };
        let off = (seen.value - comparison.expected).abs();
        // The numbers were compared exactly; these are the nearest that a file holds.
        let slack = 1e-9 * comparison.expected.abs();
        match (seen.agrees, self.properties[index].0) {
            (Some(true), verdict) => off <= allowed + slack && verdict != Verdict::Fail,
            (Some(false), verdict) => off >= allowed - slack && verdict != Verdict::Pass,
            (None, verdict) => verdict == Verdict::Inconclusive,
        }
    }

    /// Whether `written` is this row as a file has it.
    fn is_written_as(&self, written: &Self) -> bool {
        let figures = |(a, b): (&Option<Seen>, &Option<Seen>)| {
            is_rounded(a.map(|seen| seen.value), b.map(|seen| seen.value))
                && a.map(|seen| (seen.at_least, seen.agrees)) == b.map(|seen| (seen.at_least, seen.agrees))
        };
        let (properties, figures_written) = (written.properties.clone(), written.figures.clone());
        self.properties.len() == properties.len()
            && self.properties.iter().zip(&properties).all(|(exact, written)| {
                let margin = exact.1.filter(|margin| margin.is_finite());
                exact.0 == written.0 && is_rounded(margin, written.1)
            })
            && self.figures.iter().zip(&figures_written).all(figures)
            && *written == Self { properties, figures: figures_written, warnings: Vec::new(), ..self.clone() }
    }
}

impl Agreement {
    /// Whether `written` is this as a file has it.
    fn is_written_as(&self, written: &Self) -> bool {
        (self.runs, self.verdict) == (written.runs, written.verdict)
            && is_rounded(self.simulated, written.simulated)
            && is_rounded(self.standard_error, written.standard_error)
    }
}

fn is_rounded(exact: Option<f64>, written: Option<f64>) -> bool {
    match (exact, written) {
        (Some(exact), Some(written)) => (exact - written).abs() <= ROUNDING * exact.abs(),
        (exact, written) => exact.is_none() && written.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::run;
    use super::*;
    use crate::outcome::{Comparison, Quantity, fixture};
    use crate::record::Digest;
    use crate::units::Span;

    /// Ten runs, of which seed 3 stalls; two figures are compared, one in each run and one over all.
    fn campaign() -> Campaign {
        let rehearse = |seed: u64| {
            let mut outcome = if seed == 3 { fixture::stalled(seed) } else { fixture::spaced(seed) };
            let value = 4.0 + seed as f64 / 1000.0;
            let comparison = |rule: Rule| Comparison {
                figure: "mean(queue)".to_owned(),
                quantity: Quantity::Count,
                expected: 4.0,
                uncertainty: 0.0,
                source: "M/M/1".to_owned(),
                rule,
                value: Some(value),
                at_least: false,
                agrees: (!rule.is_over_runs()).then_some(true),
            };
            outcome.properties.truncate(2);
            let mut alone = outcome.properties[0].clone();
            (alone.id, alone.verdict, alone.expected) =
                ("alone".to_owned(), Verdict::Pass, crate::outcome::Expectation::Pass);
            (alone.margin, alone.exercised, alone.comparison) = (Some(0.5), 1, Some(comparison(Rule::Absolute(0.1))));
            let mut together = alone.clone();
            (together.id, together.margin, together.verdict) = ("together".to_owned(), None, Verdict::Inconclusive);
            together.comparison = Some(comparison(Rule::Mean(0.5)));
            outcome.properties.extend([alone, together]);
            outcome
        };
        let mut campaign = run(0..10, None, rehearse).unwrap();
        for row in &mut campaign.rows {
            row.run.as_mut().unwrap().warnings.clear();
        }
        campaign
    }

    fn said(change: impl FnOnce(&mut Campaign)) -> Option<String> {
        let mut campaign = campaign();
        let worst = campaign.worst.clone();
        change(&mut campaign);
        campaign.contradiction(worst.as_ref())
    }

    fn row(campaign: &mut Campaign, seed: usize) -> &mut RunRow {
        campaign.rows[seed].run.as_mut().unwrap()
    }

    #[test]
    fn what_was_run_contradicts_itself_nowhere() {
        assert_eq!(said(|_| {}), None);
        let broken = run(0..3, None, |_| panic!("every run is broken")).unwrap();
        assert_eq!(broken.contradiction(None), None);
    }

    #[test]
    fn a_row_that_was_tampered_with_is_named() {
        type Change = fn(&mut RunRow);
        let changes: &[(Change, &str)] = &[
            (|row| row.verdict = Verdict::Pass, "its verdict does not follow from its properties"),
            (|row| row.as_expected = false, "its verdict does not follow from its properties"),
            (|row| row.beyond = true, "its verdict does not follow from its properties"),
            (|row| row.doubted = true, "its verdict does not follow from its properties"),
            (|row| row.properties[0].0 = Verdict::Fail, "`rto` cannot be FAIL"),
            (|row| row.properties[1].0 = Verdict::Pass, "`no_loss` cannot be PASS"),
            (|row| row.properties[1] = (Verdict::Pass, Some(1.0)), "its verdict does not follow from its properties"),
            (|row| row.exercised[0] = false, "`rto` cannot be PASS"),
            (|row| row.figures[2].as_mut().unwrap().agrees = Some(false), "`alone` cannot be PASS"),
            (|row| row.figures[2].as_mut().unwrap().value = 4.2, "`alone` cannot be PASS"),
            (|row| row.properties[3].0 = Verdict::Fail, "`together` cannot be FAIL"),
        ];
        for (index, (change, why)) in changes.iter().enumerate() {
            let said = said(|campaign| change(row(campaign, 7))).unwrap_or_default();
            let why = why.to_lowercase();
            assert!(said.to_lowercase().starts_with(&format!("seed 7: {why}")), "{index}: {said}");
        }
    }

    #[test]
    fn counts_that_are_not_those_of_the_rows_are_noticed() {
        type Change = fn(&mut Campaign);
        let changes: &[(Change, &str)] = &[
            (|all| all.summary.as_expected += 1, "the counts do not match"),
            (|all| all.summary.runs.pass += 1, "the counts do not match"),
            (|all| row(all, 7).recovery[0].1 = Some(Span::from_secs(9)), "the recovery times do not match"),
            (|all| all.summary.recovery[0].censored = 0, "the recovery times do not match"),
            (
                |all| all.summary.properties[1].expected = crate::outcome::Expectation::Pass,
                "property `no_loss` is not one",
            ),
            (|all| all.summary.properties[0].verdicts.pass += 1, "the counts of property `rto`"),
            (|all| row(all, 7).properties[0].1 = Some(0.001), "the counts of property `rto`"),
            (|all| row(all, 7).figures[3].as_mut().unwrap().value = 4.01, "the comparison by `together`"),
            (|all| all.rows[7].seed = 8, "its rows do not match its seeds"),
            (|all| row(all, 3).lost = 1, "the row of seed 3 does not match the worst run"),
            (
                |all| row(all, 3).digest = Digest::parse("0123456789abcdef").unwrap(),
                "the row of seed 3 does not match the worst run",
            ),
        ];
        for (index, (change, why)) in changes.iter().enumerate() {
            let said = said(change).unwrap_or_default();
            assert!(said.starts_with(why), "{index}: {said}");
        }
    }
}
