//! Markov chains in continuous time, solved exactly: where the figures of validation scenarios come from that have no
//! formula one could write on a line.
//!
//! Does not know the models. Invariant: the solver proves itself on a chain whose figures are published before it is
//! asked about any other.

use super::tests::plan;
use crate::outcome::Comparison;
use std::collections::BTreeMap;

/// Rates between named states.
#[derive(Default)]
struct Chain(BTreeMap<(String, String), f64>);

impl Chain {
    fn add(&mut self, from: &str, to: &str, rate: f64) {
        *self.0.entry((from.to_owned(), to.to_owned())).or_insert(0.0) += rate;
    }

    /// The share of time in each state: the balance equations, one of them replaced by the sum of all, by Gauss and
    /// Jordan with pivots.
    fn stationary(&self) -> BTreeMap<String, f64> {
        let mut names: Vec<&String> = self.0.keys().flat_map(|(from, to)| [from, to]).collect();
        names.sort();
        names.dedup();
        let n = names.len();
        let number = |name: &String| names.binary_search(&name).expect("a state of the chain");
        let mut rows = vec![vec![0.0; n + 1]; n];
        for ((from, to), rate) in &self.0 {
            let (from, to) = (number(from), number(to));
            rows[to][from] += rate;
            rows[from][from] -= rate;
        }
        rows[n - 1] = vec![1.0; n + 1];
        for column in 0..n {
            let size = |row: &usize| rows[*row][column].abs();
            let pivot = (column..n).max_by(|a, b| size(a).total_cmp(&size(b))).expect("a row is left");
            rows.swap(column, pivot);
            let by = rows[column].clone();
            for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != column) {
                let factor = row[column] / by[column];
                row.iter_mut().zip(&by).for_each(|(value, by)| *value -= factor * by);
            }
        }
        names.iter().enumerate().map(|(i, name)| ((*name).clone(), rows[i][n] / rows[i][i])).collect()
    }

    /// The share of time in states that begin with one of these words.
    fn share(&self, words: &[&str]) -> f64 {
        let states = self.stationary();
        states.iter().filter(|(name, _)| words.iter().any(|word| name.starts_with(word))).map(|(_, share)| share).sum()
    }
}

/// An active node and a passive one, per hour: each fails once in 1,000 h and is repaired in 4 h; nine failovers in ten
/// are automatic and take 5 min, the others are done by hand in 1.5 h.
fn two_nodes() -> Chain {
    let (fails, covered) = (1e-3, 0.9);
    let mut chain = Chain::default();
    for (from, to, rate) in [
        ("both", "auto", fails * covered),
        ("both", "manual", fails * (1.0 - covered)),
        ("both", "one", fails),
        ("auto", "one", 12.0),
        ("manual", "one", 1.0 / 1.5),
        ("auto", "none", fails),
        ("manual", "none", fails),
        ("one", "both", 0.25),
        ("one", "none", fails),
        ("none", "one", 0.5),
    ] {
        chain.add(from, to, rate);
    }
    chain
}

/// What `v29-failover-by-hand` simulates, per second. As above, but: the passive node does not fail; the node that
/// failed is being repaired from the start, not only once the failover is done; the failback after a repair is an
/// action, too, and one in ten is done by hand; and if the node fails again while that is on its way, its records name
/// a dark region until it is repaired. What takes a fixed time, or nearly, is a row of twenty equal stages.
fn one_node(fails: f64, repair: f64, detection: f64, by_hand: f64, covered: f64) -> Chain {
    const STAGES: usize = 20;
    let stage = |n: usize| format!("down: detected {n:02}");
    let next = STAGES as f64 / detection;
    let mut chain = Chain::default();
    chain.add("home", &stage(0), fails);
    for n in 0..STAGES - 1 {
        chain.add(&stage(n), &stage(n + 1), next);
    }
    chain.add(&stage(STAGES - 1), "away", next * covered);
    chain.add(&stage(STAGES - 1), "down: by hand", next * (1.0 - covered));
    (0..STAGES).for_each(|n| chain.add(&stage(n), "home", repair));
    chain.add("down: by hand", "away", by_hand);
    chain.add("down: by hand", "home", repair);
    // Fit again: the next scrape is a second away on average.
    chain.add("away", "fit", repair);
    chain.add("fit", "away", fails);
    chain.add("fit", "home", covered);
    chain.add("fit", "back by hand", 1.0 - covered);
    chain.add("back by hand", "home", by_hand);
    chain.add("back by hand", "back too soon", fails);
    chain.add("back too soon", "back by hand", repair);
    chain.add("back too soon", "down: came back too soon", by_hand);
    chain.add("down: came back too soon", "home", repair);
    chain
}

#[test]
fn the_solver_finds_the_published_figures_of_an_active_and_a_passive_node() {
    let chain = two_nodes();
    let available = chain.share(&["both", "one"]);
    assert!((available - 0.999_760_753).abs() < 5e-10, "{available}");
    let minutes = (1.0 - available) * 365.0 * 24.0 * 60.0;
    assert!((minutes - 125.748).abs() < 5e-4, "{minutes} minutes a year");
    let part = |state| (100.0 * chain.share(&[state]) / (1.0 - available)).round();
    assert_eq!([part("manual"), part("auto"), part("none")], [62.0, 31.0, 7.0]);
}

/// What a scenario compares.
fn compared(scenario: &str) -> Comparison {
    let outcome = super::tests::first(&plan(scenario));
    outcome.properties.into_iter().find_map(|property| property.comparison).expect("one is compared")
}

#[test]
fn the_scenario_is_compared_with_what_the_solver_finds_for_its_rates() {
    let unavailable = one_node(1.0 / 100.0, 1.0 / 40.0, 3.0, 1.0 / 15.0, 0.9).share(&["down"]);
    let expected = compared("v29-failover-by-hand").expected;
    assert!((expected / unavailable - 1.0).abs() < 1e-4, "{expected} and {unavailable}");
}

/// From one failure of a working pair to the next: a node in 500 h fails while both work, and that is this share of the time.
#[test]
fn the_scenario_with_the_published_rates_divides_by_the_time_between_failures_of_a_working_pair() {
    let chain = two_nodes();
    let hours = 500.0 / chain.share(&["both"]);
    let comparison = compared("v29-published-rates");
    let seconds = format!("/ {:.3}s", 12.0 * hours);
    assert!(comparison.figure.ends_with(&seconds), "{} and {seconds}", comparison.figure);
    let unavailable = 1.0 - chain.share(&["both", "one"]);
    assert!((comparison.expected / unavailable - 1.0).abs() < 1e-4, "{} and {unavailable}", comparison.expected);
}
