//! How often the intervals that are told hold the truth, over ten thousand simulated campaigns of each kind in which it is known.
//!
//! Whoever is told 95 % is right in 95 of 100 campaigns at least, whatever the distribution and whenever a campaign was stopped.
//! The seed is fixed, so that the figures are always the same; three standard errors of a sample are allowed for.

use super::anytime::{at_least, at_most, bets, interval};
use super::binomial::around_quantile;
use super::paired::Difference;
use super::share::{Share, Stopping, USUAL_CONFIDENCE};
use crate::kernel::{Stream, Streams};

const CAMPAIGNS: u64 = 10_000;

/// What a sample of so many campaigns of exactly 95 % may fall short of, by three standard errors.
const LEAST: f64 = 0.95 - 3.0 * 0.002_18;

/// A number from zero to one.
fn uniform(stream: &Stream, n: u64) -> f64 {
    stream.at(n) as f64 / 18_446_744_073_709_551_616.0
}

/// The share of campaigns in which something holds.
fn covered(holds: impl Fn(u64) -> bool) -> f64 {
    (0..CAMPAIGNS).filter(|campaign| holds(*campaign)).count() as f64 / CAMPAIGNS as f64
}

fn stream(purpose: &str) -> Stream {
    Streams::new(1).stream("coverage", purpose)
}

/// Runs of which each holds with probability `share`, looked at every 64 until the claim of `claimed` is settled: how many held
/// and how many did not.
fn stopped(stream: &Stream, campaign: u64, share: f64, claimed: f64) -> (u64, u64) {
    const MOST: u64 = 1_024;
    let (mut held, mut failed) = (0, 0);
    for run in 0..MOST {
        let holds = uniform(stream, campaign * MOST + run) < share;
        held += u64::from(holds);
        failed += u64::from(!holds);
        if (run + 1).is_multiple_of(64) {
            let (above, below) = bets(held, failed, claimed);
            if above.max(below) >= libm::log(20.0) {
                break;
            }
        }
    }
    (held, failed)
}

#[test]
fn an_interval_of_a_campaign_that_was_stopped_when_it_was_settled_holds_the_true_share() {
    for (share, claimed) in [(0.95, 0.95), (0.97, 0.95), (0.6, 0.5)] {
        let stream = stream("sequential");
        let ends: Vec<(u64, u64)> = (0..CAMPAIGNS).map(|campaign| stopped(&stream, campaign, share, claimed)).collect();
        let of = |holds: &dyn Fn(u64, u64) -> bool| {
            covered(|campaign| {
                let (held, failed) = ends[campaign as usize];
                holds(held, failed)
            })
        };
        let both = of(&|held, failed| {
            let (low, high) = interval(held, failed, 0.05);
            (low..=high).contains(&share)
        });
        let sides = [
            of(&|held, failed| at_least(held, failed, 0.05) <= share),
            of(&|held, failed| at_most(held, failed, 0.05) >= share),
        ];
        assert!(both >= LEAST && sides.iter().all(|side| *side >= LEAST), "{share}: {both}, {sides:?}");
    }
}

#[test]
fn an_interval_of_a_number_of_runs_that_was_fixed_holds_the_true_share() {
    for (runs, share) in [(59, 0.97), (200, 0.99), (30, 0.5)] {
        let stream = stream("fixed");
        let told = covered(|campaign| {
            let held = (0..runs).filter(|run| uniform(&stream, campaign * runs + run) < share).count() as u64;
            let all = Share { held, undecided: 0, of: runs, stopping: Stopping::Fixed };
            let (low, high) = all.interval(USUAL_CONFIDENCE);
            (low..=high).contains(&share)
        });
        assert!(told >= LEAST, "{runs} runs at {share}: {told}");
    }
}

/// Of a distribution with a heavy tail, in which no mean exists, and with values that repeat.
fn heavy(number: f64) -> f64 {
    (1.0 / (1.0 - number)).floor() + if number < 0.5 { number } else { 0.0 }
}

#[test]
fn an_interval_of_paired_runs_holds_the_median_of_the_differences() {
    const PAIRS: u64 = 40;
    let (common, own) = (stream("common"), stream("own"));
    // What both plans share cancels; the second takes longer by what has this median.
    let later = |number: f64| -libm::log(1.0 - number);
    let truth = libm::log(2.0);
    let told = covered(|campaign| {
        let pair = |pair: u64| {
            let at = campaign * PAIRS + pair;
            let first = heavy(uniform(&common, at));
            (first, first + later(uniform(&own, at)))
        };
        let pairs: Vec<(f64, f64)> = (0..PAIRS).map(pair).collect();
        let (low, high) = Difference::of(&pairs).expect("there are pairs").interval;
        low.is_none_or(|low| low <= truth) && high.is_none_or(|high| truth <= high)
    });
    assert!(told >= LEAST, "{told}");
}

#[test]
fn the_runs_around_a_quantile_hold_it() {
    for (runs, share) in [(60, 0.5), (200, 0.9), (400, 0.99)] {
        let stream = stream("quantiles");
        let (low, high) = around_quantile(runs, share, 0.025);
        let told = covered(|campaign| {
            // Of uniform numbers the quantile is the share itself.
            let mut values: Vec<f64> = (0..runs).map(|run| uniform(&stream, campaign * runs + run)).collect();
            values.sort_by(f64::total_cmp);
            let at = |position: u64| values[position as usize - 1];
            low.is_none_or(|low| at(low) <= share) && high.is_none_or(|high| share <= at(high))
        });
        assert!(told >= LEAST, "{runs} runs around {share}: {told}");
    }
}
