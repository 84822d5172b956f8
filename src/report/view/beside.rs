//! One figure of several plans beside each other: how it spreads over the runs of each.
//!
//! Owns which plans stand there, in which order, and the words for each. Does not know pixels. Invariant: a run in which the
//! figure had no end is longer than any, in every quantile, and is counted apart.

use super::charts::Axis;
use crate::explore::{Campaign, FigureQuantiles, RunRow};
use crate::outcome::Outcome;
use crate::report::text::{count, plural};
use crate::units::Span;

/// The most plans that one picture shows.
const MOST_PLANS: usize = 40;

/// The most seeds that are joined by a line of their own.
const MOST_LINES: usize = 60;

/// One plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlanSpread {
    /// What it is called.
    pub name: String,
    /// How its figure spreads; `None`: no run has one.
    pub spread: Option<FigureQuantiles>,
    /// What the figure must not exceed.
    pub objective: Option<f64>,
}

/// One figure of several plans.
pub(crate) struct SideBySide {
    /// What the figure is.
    pub title: String,
    pub axis: Axis,
    /// What is said of a run in which it had no end.
    pub endless: &'static str,
    /// What is said of a plan without one.
    pub none: &'static str,
    pub plans: Vec<PlanSpread>,
    /// Plans that are not shown.
    pub left_out: usize,
}

/// The same seeds under two plans.
pub(crate) struct Pairs {
    /// The first plan and the second.
    pub plans: SideBySide,
    /// The figure with the same seed in each, by seed.
    pub values: Vec<(u64, [f64; 2])>,
}

impl SideBySide {
    /// Recovery times of `plans`.
    pub(crate) fn recovery(title: String, plans: Vec<PlanSpread>) -> Self {
        let (endless, none) = ("not recovered", "nothing to recover from");
        Self { title, axis: Axis::Duration, endless, none, plans, left_out: 0 }.cut()
    }

    /// Acknowledged writes that `plans` lost.
    pub(crate) fn loss(plans: Vec<PlanSpread>) -> Self {
        let title = "Acknowledged writes lost".to_owned();
        Self { title, axis: Axis::Count, endless: "", none: "no database", plans, left_out: 0 }.cut()
    }

    fn cut(mut self) -> Self {
        self.left_out = self.plans.len().saturating_sub(MOST_PLANS);
        self.plans.truncate(MOST_PLANS);
        self
    }

    /// Whether any plan has such a figure.
    pub(crate) fn is_known(&self) -> bool {
        self.plans.iter().any(|plan| plan.spread.is_some())
    }

    /// Whether it had no end in any run.
    pub(crate) fn has_endless(&self) -> bool {
        self.plans.iter().filter_map(|plan| plan.spread.as_ref()).any(|spread| spread.endless > 0)
    }

    /// The highest value that there is, objectives included.
    pub(crate) fn highest(&self) -> f64 {
        let of_plan = |plan: &PlanSpread| {
            let told =
                plan.spread.iter().flat_map(|spread| spread.told.iter().map(|(value, _)| *value).chain(spread.ends));
            told.chain(plan.objective).collect::<Vec<_>>()
        };
        self.plans.iter().flat_map(of_plan).filter(|value| value.is_finite()).fold(0.0, f64::max)
    }

    /// A value, or that there was no end.
    pub(crate) fn written(&self, value: f64) -> String {
        if value.is_infinite() { self.endless.to_owned() } else { self.axis.written(value) }
    }

    /// How the figure of one plan spreads, in words.
    pub(crate) fn said(&self, plan: &PlanSpread) -> String {
        let Some(spread) = &plan.spread else { return self.none.to_owned() };
        let objective =
            plan.objective.map_or_else(String::new, |most| format!("; objective {}", self.axis.written(most)));
        if spread.runs == 1 {
            return format!("{}, one run{objective}", self.written(spread.ends[1]));
        }
        if spread.ends[0] == spread.ends[1] {
            return format!("{} in each of {}{objective}", self.written(spread.ends[1]), plural(spread.runs, "run"));
        }
        let [(median, enclosing), (ninetieth, _), ..] = spread.told[..] else { return self.none.to_owned() };
        let enclosing = match enclosing {
            [Some(low), Some(high)] => format!(" ({} to {})", self.written(low), self.written(high)),
            _ => String::new(),
        };
        let endless = match spread.endless {
            0 => String::new(),
            n => format!("; {} in {} of {}", self.endless, count(n), plural(spread.runs, "run")),
        };
        let [median, ninetieth, worst] = [median, ninetieth, spread.ends[1]].map(|value| self.written(value));
        format!("median {median}{enclosing}, p90 {ninetieth}, worst {worst}{endless}{objective}")
    }

    /// All of it, for those who cannot see it.
    pub(crate) fn in_words(&self) -> String {
        let said: Vec<String> = self.plans.iter().map(|plan| format!("{}: {}.", plan.name, self.said(plan))).collect();
        said.join(" ")
    }
}

impl PlanSpread {
    /// How long until the last outage of a run was over, over the runs that had one, and the shortest objective there is.
    pub(crate) fn recovery(name: String, campaign: &Campaign) -> Self {
        let longest = |run: &RunRow| run.recovery.iter().map(|(_, rto)| nanos(*rto)).max_by(f64::total_cmp);
        let objectives = campaign.worst.iter().flat_map(|worst| &worst.recovery).filter_map(|r| r.objective);
        Self {
            name,
            spread: FigureQuantiles::of(runs(campaign).filter_map(|(_, run)| longest(run))),
            objective: objectives.min().map(|span| nanos(Some(span))),
        }
    }

    /// The same of a run by itself.
    pub(crate) fn recovery_of_run(name: String, outcome: &Outcome) -> Self {
        let longest = outcome.recovery.iter().map(|r| nanos(r.rto)).max_by(f64::total_cmp);
        let objective = outcome.recovery.iter().filter_map(|r| r.objective).min();
        Self { name, spread: FigureQuantiles::of(longest), objective: objective.map(|span| nanos(Some(span))) }
    }

    /// Acknowledged writes lost, if there is a database to lose any.
    pub(crate) fn loss(name: String, campaign: &Campaign) -> Self {
        let has_database = campaign.worst.as_ref().is_some_and(|worst| !worst.record.stores.is_empty());
        let lost = runs(campaign).filter(|_| has_database).map(|(_, run)| run.lost as f64);
        Self { name, spread: FigureQuantiles::of(lost), objective: None }
    }

    /// The same of a run by itself.
    pub(crate) fn loss_of_run(name: String, outcome: &Outcome) -> Self {
        let stores = &outcome.record.stores;
        let lost = (!stores.is_empty()).then(|| stores.iter().map(|store| store.lost_total).sum::<u64>() as f64);
        Self { name, spread: FigureQuantiles::of(lost), objective: None }
    }
}

impl Pairs {
    /// Recovery after each fault that both have met with the same seed, then losses if there are any.
    pub(crate) fn all(campaigns: [&Campaign; 2], faults: &[&str]) -> Vec<Self> {
        let of_fault = |fault: &str| {
            let rto = |run: &RunRow| run.recovery.iter().find(|(name, _)| name == fault).map(|(_, rto)| nanos(*rto));
            let values = paired(campaigns, rto);
            let objectives = campaigns.map(|campaign| {
                let of = campaign.worst.iter().flat_map(|worst| &worst.recovery).find(|r| r.fault == fault)?;
                of.objective.map(|span| nanos(Some(span)))
            });
            Self::of(values, objectives, |plans| SideBySide::recovery(format!("Recovery after {fault}"), plans))
        };
        let mut all: Vec<Self> = faults.iter().map(|fault| of_fault(fault)).collect();
        let lost = paired(campaigns, |run| Some(run.lost as f64));
        if lost.iter().any(|(_, lost)| *lost != [0.0, 0.0]) {
            all.push(Self::of(lost, [None, None], SideBySide::loss));
        }
        all
    }

    fn of(
        values: Vec<(u64, [f64; 2])>,
        objectives: [Option<f64>; 2],
        beside: impl Fn(Vec<PlanSpread>) -> SideBySide,
    ) -> Self {
        let plan = |side: usize, name: &str| PlanSpread {
            name: name.to_owned(),
            spread: FigureQuantiles::of(values.iter().map(|(_, both)| both[side])),
            objective: objectives[side],
        };
        let plans = beside(vec![plan(0, "First"), plan(1, "Second")]);
        Self { plans, values }
    }

    /// The seeds that are joined by lines, and how many are not. Of many, one in so many, by seed.
    pub(crate) fn lines(&self) -> (impl Iterator<Item = &(u64, [f64; 2])>, usize) {
        let every = self.values.len().div_ceil(MOST_LINES).max(1);
        let shown = self.values.len().div_ceil(every);
        (self.values.iter().step_by(every), self.values.len() - shown)
    }

    /// In how many seeds the second is lower, the same, higher.
    pub(crate) fn lower_equal_higher(&self) -> [usize; 3] {
        let count = |is: fn(&[f64; 2]) -> bool| self.values.iter().filter(|(_, both)| is(both)).count();
        [count(|[a, b]| b < a), count(|[a, b]| a == b), count(|[a, b]| b > a)]
    }

    /// All of it, for those who cannot see it.
    pub(crate) fn in_words(&self) -> String {
        let [lower, equal, higher] = self.lower_equal_higher().map(|n| count(n as u64));
        let seeds = plural(self.values.len() as u64, "seed");
        let counted = format!("Of {seeds} the second is lower in {lower}, the same in {equal} and higher in {higher}.");
        format!("{} {counted}", self.plans.in_words())
    }
}

/// The figure of the seeds that both have run and that have it in both.
fn paired(campaigns: [&Campaign; 2], of: impl Fn(&RunRow) -> Option<f64>) -> Vec<(u64, [f64; 2])> {
    let second: std::collections::BTreeMap<u64, &RunRow> = runs(campaigns[1]).collect();
    let both = runs(campaigns[0]).filter_map(|(seed, run)| Some((seed, [of(run)?, of(second.get(&seed)?)?])));
    both.collect()
}

fn runs(campaign: &Campaign) -> impl Iterator<Item = (u64, &RunRow)> {
    campaign.rows.iter().filter_map(|row| Some((row.seed, row.run.as_ref().ok()?)))
}

fn nanos(span: Option<Span>) -> f64 {
    span.map_or(f64::INFINITY, |span| span.as_nanos() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    #[test]
    fn a_plan_is_told_by_its_quantiles_and_by_those_that_did_not_recover() {
        let rehearse = |seed| if seed < 2 { fixture::stalled(seed) } else { fixture::spaced(seed) };
        let campaign = explore::run(0..20, None, rehearse).unwrap();
        let plans = vec![
            PlanSpread::recovery("many".to_owned(), &campaign),
            PlanSpread::recovery_of_run("one".to_owned(), &fixture::outage(7)),
            PlanSpread::recovery_of_run("never".to_owned(), &fixture::stalled(7)),
            PlanSpread { spread: None, ..PlanSpread::recovery_of_run("none".to_owned(), &fixture::quiet(7)) },
        ];
        let beside = SideBySide::recovery("Recovery time".to_owned(), plans);
        let said: Vec<String> = beside.plans.iter().map(|plan| beside.said(plan)).collect();
        let many = "median 4m 40s (4m 40s to 4m 40s), p90 4m 40s, worst not recovered; not recovered in 2 of 20 runs; objective 6m";
        assert_eq!(
            said,
            [
                many,
                "4m 43.1s, one run; objective 6m",
                "not recovered, one run; objective 6m",
                "nothing to recover from",
            ]
        );
        assert!(beside.has_endless() && beside.is_known() && beside.highest() == 360e9);
        assert!(beside.in_words().starts_with("many: median 4m 40s") && beside.in_words().ends_with("recover from."));
    }

    #[test]
    fn the_same_seeds_are_paired_and_of_many_some_are_joined() {
        let first = explore::run(0..130, None, fixture::spaced).unwrap();
        let slower = |seed| if seed < 10 { fixture::stalled(seed) } else { fixture::spaced(seed) };
        let second = explore::run(5..130, None, slower).unwrap();
        let pairs = Pairs::all([&first, &second], &["dark"]);
        assert_eq!((pairs.len(), pairs[0].values.len(), pairs[0].lower_equal_higher()), (2, 125, [0, 120, 5]));
        let (lines, more) = pairs[0].lines();
        assert_eq!((lines.count(), more), (42, 83));
        assert!(
            pairs[0].in_words().ends_with("Of 125 seeds the second is lower in 0, the same in 120 and higher in 5.")
        );
    }
}
