//! Two plans beside each other, as strings.
//!
//! Owns those words. Does not compare: that is done seed by seed before. Invariant: what may be chance is said to be.

use super::beside::Pairs;
use super::charts::Axis;
use super::likelihood::percent;
use crate::explore::{Campaign, Change, Difference, Failures, Paired};
use crate::outcome::Assumption;
use crate::report::text::{count, plural};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The most seeds that are named.
const MOST_SEEDS_NAMED: usize = 5;

/// The most settings that are shown.
const MOST_SETTINGS: usize = 60;

/// What an answer is when it cannot be told apart.
const SAME: &str = "–";

/// Two plans, ready to be written down.
pub(crate) struct ComparisonView {
    /// What the two are called.
    pub names: [String; 2],
    /// Their scenarios.
    pub scenarios: [String; 2],
    /// The word: `WORSE` if a property fails more, `DIFFERENT` if only a figure is worse beyond chance, or a failure
    /// too rare to tell, `NOT WORSE`, or
    /// `UNKNOWN`.
    pub word: &'static str,
    /// Why, in one sentence without a full stop.
    pub cause: String,
    /// Path, value in the first, value in the second.
    pub settings: Vec<[String; 3]>,
    /// Settings that differ and are not shown.
    pub more_settings: usize,
    pub properties: Vec<FailuresRow>,
    pub figures: Vec<DifferenceRow>,
    /// The same seeds under both, figure by figure.
    pub pairs: Vec<Pairs>,
    /// What could not be compared.
    pub notes: Vec<String>,
}

/// The failures of one property.
pub(crate) struct FailuresRow {
    pub id: String,
    /// `3 of 50`.
    pub failed: [String; 2],
    /// New, resolved, ongoing, rare, or never.
    pub change: &'static str,
    /// Whether that is worse.
    pub worse: bool,
    pub better: bool,
    /// Seeds with which only the second fails, and only the first.
    pub newly: String,
    pub no_longer: String,
}

/// The difference of one figure.
pub(crate) struct DifferenceRow {
    pub name: String,
    pub medians: [String; 2],
    /// The median of the differences with what encloses it.
    pub difference: String,
    /// In how many seeds the second is lower, the same, higher: `3 / 0 / 17`.
    pub seeds: String,
    /// Whether it is worse, better, or neither beyond chance.
    pub direction: Ordering,
}

impl ComparisonView {
    /// `first` and `second` under those names, compared as `paired`.
    pub(crate) fn of(names: [&str; 2], campaigns: [&Campaign; 2], paired: &Paired) -> Self {
        let (mut settings, notes) = (settings(campaigns), notes(paired));
        let more_settings = settings.len().saturating_sub(MOST_SETTINGS);
        settings.truncate(MOST_SETTINGS);
        let properties: Vec<FailuresRow> = paired.failures.iter().map(|(id, of)| FailuresRow::of(id, of)).collect();
        let figures = figures(paired);
        let faults: Vec<&str> = paired.recovery.iter().map(|(fault, _)| fault.as_str()).collect();
        let comparable = paired.seeds > 0 && !properties.is_empty();
        // The same seed that fails now has met the same before: that is no chance, however rare it is.
        let newly = paired.failures.iter().any(|(_, failures)| !failures.newly.is_empty());
        let is_behind = newly || figures.iter().any(|figure| figure.direction == Ordering::Greater);
        let word = match (comparable, paired.is_worse(), is_behind) {
            (false, ..) => "UNKNOWN",
            (true, true, _) => "WORSE",
            (true, false, true) => "DIFFERENT",
            (true, false, false) => "NOT WORSE",
        };
        Self {
            names: names.map(str::to_owned),
            scenarios: campaigns
                .map(|c| c.worst.as_ref().map_or_else(|| "campaign".to_owned(), |o| o.scenario.clone())),
            word,
            cause: cause(paired, &properties, &figures),
            settings,
            more_settings,
            properties,
            figures,
            pairs: Pairs::all(campaigns, &faults),
            notes,
        }
    }
}

/// What decides the word, then what else is different.
fn cause(paired: &Paired, properties: &[FailuresRow], figures: &[DifferenceRow]) -> String {
    if paired.seeds == 0 {
        return "no seed has been run in both".to_owned();
    }
    if properties.is_empty() {
        return "no property is in both".to_owned();
    }
    let named = |change: &str| {
        let of: Vec<&str> = properties.iter().filter(|p| p.change == change).map(|p| p.id.as_str()).collect();
        (!of.is_empty()).then(|| format!("{change}: {}", of.join(", ")))
    };
    let mut parts: Vec<String> = ["new", "ongoing", "rare", "resolved"].into_iter().filter_map(named).collect();
    if parts.is_empty() {
        parts.push("nothing fails in either".to_owned());
    }
    let beyond_chance = figures.iter().filter(|figure| figure.direction != Ordering::Equal);
    parts.extend(beyond_chance.map(|figure| format!("{} {}", figure.name, figure.difference)));
    format!("{} in both; {}", plural(paired.seeds, "seed"), parts.join("; "))
}

impl FailuresRow {
    fn of(id: &str, failures: &Failures) -> Self {
        let change = match failures.change {
            Change::New => "new",
            Change::Resolved => "resolved",
            Change::Ongoing => "ongoing",
            Change::Rare => "rare",
            Change::Never => "never fails",
        };
        Self {
            id: id.to_owned(),
            failed: failures.failed.map(|failed| format!("{} of {}", count(failed), count(failures.pairs))),
            change,
            worse: failures.is_worse(),
            better: failures.change == Change::Resolved,
            newly: named(&failures.newly),
            no_longer: named(&failures.no_longer),
        }
    }
}

fn named(seeds: &[u64]) -> String {
    let shown: Vec<String> = seeds.iter().take(MOST_SEEDS_NAMED).map(u64::to_string).collect();
    match seeds.len().saturating_sub(MOST_SEEDS_NAMED) {
        0 if shown.is_empty() => SAME.to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {} more", shown.join(", "), count(more as u64)),
    }
}

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figure {
    Recovery,
    Lost,
    Availability,
}

impl Figure {
    fn written(self, value: f64) -> String {
        match self {
            Self::Recovery => Axis::Duration.written(value * 1e9),
            Self::Lost => Axis::Count.written(value),
            Self::Availability => percent(value),
        }
    }

    /// Whether more of it is worse.
    fn is_worse_higher(self) -> bool {
        self != Self::Availability
    }
}

fn figures(paired: &Paired) -> Vec<DifferenceRow> {
    let recovery = paired.recovery.iter();
    let mut rows: Vec<DifferenceRow> = recovery
        .map(|(fault, of)| DifferenceRow::of(format!("recovery after {fault}"), of, Figure::Recovery))
        .collect();
    let lost = paired.lost.iter().filter(|of| of.medians != [0.0, 0.0] || of.lower_equal_higher != [0, of.pairs, 0]);
    rows.extend(lost.map(|of| DifferenceRow::of("lost writes".to_owned(), of, Figure::Lost)));
    let served = paired.availability.iter();
    rows.extend(served.map(|of| DifferenceRow::of("availability".to_owned(), of, Figure::Availability)));
    rows
}

impl DifferenceRow {
    fn of(name: String, of: &Difference, figure: Figure) -> Self {
        let written = |value: f64| match value {
            value if value.is_infinite() => "not recovered".to_owned(),
            value => figure.written(value),
        };
        let signed = |value: f64| match value.partial_cmp(&0.0) {
            Some(Ordering::Less) if value.is_infinite() => "recovers now".to_owned(),
            Some(Ordering::Greater) if value.is_infinite() => "recovers no longer".to_owned(),
            Some(Ordering::Less) => format!("−{}", figure.written(-value)),
            Some(Ordering::Greater) => format!("+{}", figure.written(value)),
            _ => "no difference".to_owned(),
        };
        let interval = match of.interval {
            (Some(low), Some(high)) if low == of.median && high == of.median => String::new(),
            (Some(low), Some(high)) => format!(" ({} to {})", signed(low), signed(high)),
            _ => " (too few seeds for an interval)".to_owned(),
        };
        let higher = of.direction().unwrap_or(Ordering::Equal);
        let direction = if figure.is_worse_higher() { higher } else { higher.reverse() };
        let [lower, equal, higher] = of.lower_equal_higher.map(count);
        Self {
            name,
            medians: of.medians.map(written),
            difference: format!("{}{interval}", signed(of.median)),
            seeds: format!("{lower} / {equal} / {higher}"),
            direction,
        }
    }
}

/// Every setting whose value differs.
fn settings(campaigns: [&Campaign; 2]) -> Vec<[String; 3]> {
    let values = |campaign: &Campaign| -> BTreeMap<String, String> {
        let of = campaign.worst.as_ref().map_or(&[][..], |worst| &worst.assumptions);
        of.iter().map(|Assumption { path, value, .. }| (path.clone(), value.clone())).collect()
    };
    let [first, second] = campaigns.map(values);
    let paths: std::collections::BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    let value = |of: &BTreeMap<String, String>, path: &str| of.get(path).map_or(SAME, String::as_str).to_owned();
    // What a scenario is called and expects is no setting of the plan.
    const ABOUT: [&str; 4] = ["name", "description", "once", "expect"];
    let rows = paths
        .into_iter()
        .filter(|path| !ABOUT.contains(&path.as_str()))
        .map(|path| [path.clone(), value(&first, path), value(&second, path)]);
    rows.filter(|[_, before, after]| before != after).collect()
}

fn notes(paired: &Paired) -> Vec<String> {
    let only = |which: usize, side: &str| {
        let ids = &paired.only[which];
        (!ids.is_empty()).then(|| format!("only the {side} has {}", ids.join(", ")))
    };
    let few = (paired.seeds > 0 && paired.seeds < 6).then(|| {
        format!("{} are too few for an interval: run the same seeds 0..20 of both", plural(paired.seeds, "seed"))
    });
    [only(0, "first"), only(1, "second"), few].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::{Outcome, Verdict, fixture};
    use crate::units::Span;

    fn slower(by: u64, failing: u64) -> impl Fn(u64) -> Outcome {
        move |seed| {
            let mut outcome = fixture::spaced(seed);
            outcome.recovery[0].rto = outcome.recovery[0].rto.map(|rto| rto.saturating_add(Span::from_secs(by)));
            outcome.assumptions[0].value = format!("{by}s");
            if seed < failing {
                outcome.properties[0].verdict = Verdict::Fail;
            }
            outcome
        }
    }

    #[test]
    fn what_fails_newly_is_worse_and_what_takes_longer_is_said_with_its_interval() {
        let first = explore::run(0..20, None, slower(0, 0)).unwrap();
        let second = explore::run(0..20, None, slower(60, 8)).unwrap();
        let view = ComparisonView::of(["a", "b"], [&first, &second], &Paired::of(&first, &second));
        assert_eq!(
            (view.word, view.properties[0].change, view.properties[0].failed[1].as_str()),
            ("WORSE", "new", "8 of 20")
        );
        assert_eq!(view.properties[0].newly, "0, 1, 2, 3, 4 and 3 more");
        assert_eq!((view.figures[0].difference.as_str(), view.figures[0].direction), ("+1m", Ordering::Greater));
        assert!(view.cause.starts_with("20 seeds in both; new: rto; ongoing: "), "{}", view.cause);
        assert_eq!(view.settings.len(), 1);
        assert_eq!(view.settings[0][1..], ["0s".to_owned(), "60s".to_owned()]);
        let back = ComparisonView::of(["b", "a"], [&second, &first], &Paired::of(&second, &first));
        assert_eq!((back.word, back.properties[0].change), ("NOT WORSE", "resolved"));
        let apart = explore::run(50..60, None, slower(0, 0)).unwrap();
        let none = ComparisonView::of(["a", "b"], [&first, &apart], &Paired::of(&first, &apart));
        assert_eq!((none.word, none.cause.as_str()), ("UNKNOWN", "no seed has been run in both"));
    }
}
