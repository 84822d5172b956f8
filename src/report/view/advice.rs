//! Go, no-go or unknown: what the verdict means for those who decide whether to go ahead.
//!
//! Invariant: it never says more than the verdict does. A failure is a no-go even if the scenario expects it: to expect a
//! loss is not to accept it. A pass that was not expected is unknown: then the model or the expectation is wrong.

use super::verdict::Headline;
use crate::explore::Campaign;
use crate::outcome::{Outcome, Verdict};
use crate::report::text::{count, plural};

/// What a rehearsal says about going ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Everything demanded held.
    Go,
    /// Something demanded did not hold.
    NoGo,
    /// It cannot be told.
    Unknown,
}

impl Advice {
    pub(crate) const fn of(verdict: Verdict, as_expected: bool) -> Self {
        match (verdict, as_expected) {
            (Verdict::Fail, _) => Self::NoGo,
            (Verdict::Pass, true) => Self::Go,
            (Verdict::Pass, false) | (Verdict::Inconclusive, _) => Self::Unknown,
        }
    }

    /// `GO`, `NO-GO`, `UNKNOWN`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::NoGo => "NO-GO",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// What the scenario's expectations have to do with it, if there is something to say.
    pub(crate) const fn remark(verdict: Verdict, as_expected: bool) -> &'static str {
        match (verdict, as_expected) {
            (Verdict::Fail, true) => {
                "The scenario foresees every one of these failures. To go ahead is to accept them."
            }
            (Verdict::Fail, false) => "The scenario does not foresee this.",
            (Verdict::Inconclusive, true) => "The scenario foresees that this cannot be told.",
            (Verdict::Pass, false) => {
                "Something held that the scenario says must fail: find out whether the model or the expectation is \
                 wrong."
            }
            (Verdict::Inconclusive, false) | (Verdict::Pass, true) => "",
        }
    }

    /// Why, for one run.
    pub(crate) fn reason_of_run(outcome: &Outcome) -> String {
        let failed = outcome.properties.iter().filter(|p| p.verdict == Verdict::Fail).count() as u64;
        let all = outcome.properties.len() as u64;
        let reason = Headline::of(outcome).reason;
        if outcome.verdict == Verdict::Fail && outcome.stopped.is_none() {
            return format!("{} of {} failed. {reason}", count(failed), plural_property(all));
        }
        let lost: u64 = outcome.record.stores.iter().map(|store| store.lost_total).sum();
        let lost = match lost {
            0 => String::new(),
            n => format!("; {} lost, which no property forbids", plural(n, "acknowledged write")),
        };
        match outcome.warnings.len() as u64 {
            0 => format!("{reason}{lost}"),
            n => format!("{reason}{lost}, with {} below", plural(n, "warning")),
        }
    }

    /// Why, for many runs.
    pub(crate) fn reason_of_campaign(campaign: &Campaign) -> String {
        let (counts, runs) = (&campaign.summary.runs, campaign.rows.len() as u64);
        match Self::of(campaign.verdict(), campaign.as_expected()) {
            Self::NoGo => {
                let failed: Vec<_> = campaign.summary.properties.iter().filter(|p| p.verdicts.fail > 0).collect();
                let which = failed.iter().map(|p| format!("{} in {}", p.id, count(p.verdicts.fail)));
                let which = which.collect::<Vec<_>>().join(", ");
                format!("{} of {} failed: {which}", count(counts.fail), plural(runs, "run"))
            }
            Self::Go => match counts.not_exercised {
                0 => format!("every property held in {}", plural(runs, "run")),
                idle => format!(
                    "every property held in {}; {idle} more exercised none",
                    plural(runs.saturating_sub(idle), "run")
                ),
            },
            Self::Unknown if counts.broken > 0 => format!("firedrill itself broke in {}", plural(counts.broken, "run")),
            Self::Unknown if counts.inconclusive > 0 => {
                format!("{} of {} could not be judged", count(counts.inconclusive), plural(runs, "run"))
            }
            Self::Unknown if campaign.summary.leaves_open() => {
                let open: Vec<_> = campaign.summary.properties.iter().filter(|p| p.is_open()).collect();
                let which = open.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ");
                format!("no run exercised {which}")
            }
            Self::Unknown => "runs came out better than the scenario expects".to_owned(),
        }
    }
}

fn plural_property(n: u64) -> String {
    if n == 1 { "1 property".to_owned() } else { format!("{} properties", count(n)) }
}

/// What runs without a failure say about runs that were not made: with 95% confidence the share that fails is below
/// this. The exact binomial bound, 1 − 0.05^(1/n), of which the rule of three is the approximation.
///
/// Source: Clopper and Pearson 1934, one-sided, for zero successes.
pub(crate) fn failure_rate_bound(clean_runs: u64) -> Option<f64> {
    (clean_runs > 0).then(|| 1.0 - libm::pow(0.05, 1.0 / clean_runs as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    #[test]
    fn a_failure_is_a_no_go_even_if_it_was_foreseen() {
        let outage = fixture::outage(7);
        assert_eq!(Advice::of(outage.verdict, outage.as_expected).word(), "NO-GO");
        let reason = Advice::reason_of_run(&outage);
        assert!(reason.starts_with("1 of 3 properties failed. no_loss: 100 acknowledged"), "{reason}");
        assert_eq!(Advice::of(Verdict::Pass, false), Advice::Unknown);
        assert_eq!(Advice::of(Verdict::Pass, true), Advice::Go);
        assert_eq!(Advice::of(Verdict::Inconclusive, true), Advice::Unknown);
    }

    #[test]
    fn a_go_names_its_warnings() {
        let mut quiet = fixture::quiet(7);
        assert_eq!(Advice::reason_of_run(&quiet), "2 properties held");
        quiet.warnings.push("a fault did not bite".to_owned());
        assert_eq!(Advice::reason_of_run(&quiet), "2 properties held, with 1 warning below");
        quiet.record.stores[0].lost_total = 3;
        let reason = "2 properties held; 3 acknowledged writes lost, which no property forbids, with 1 warning below";
        assert_eq!(Advice::reason_of_run(&quiet), reason);
    }

    #[test]
    fn a_campaign_says_which_properties_failed_how_often() {
        let campaign = explore::run(0..4, None, fixture::outage).unwrap();
        assert_eq!(Advice::reason_of_campaign(&campaign), "4 of 4 runs failed: no_loss in 4");
        let campaign = explore::run(0..4, None, fixture::quiet).unwrap();
        assert_eq!(Advice::reason_of_campaign(&campaign), "every property held in 4 runs");
        let campaign = explore::run(0..4, None, fixture::stalled).unwrap();
        assert_eq!(Advice::reason_of_campaign(&campaign), "4 of 4 runs could not be judged");
    }

    /// Figures: the exact one-sided bound, to seven digits, from any table of the beta distribution.
    #[test]
    fn clean_runs_bound_the_failure_rate_and_never_exclude_failure() {
        for (n, bound) in [(1, 0.95), (30, 9.503_385e-2), (100, 2.951_305e-2), (300, 9.936_082e-3)] {
            assert!((failure_rate_bound(n).unwrap() - bound).abs() < 1e-7 * bound.max(0.1), "{n}");
        }
        assert_eq!(failure_rate_bound(0), None);
    }
}
