//! `final_state`, `aligned` and `linearizable`: nobody who watched the run saw the rule broken.
//!
//! Owns how what an observer came to is judged. Does not know what it looked at. Invariant: an observer that could decide on
//! nothing is no evidence, and neither is one where nothing could have gone wrong.

use super::{Evidence, Judgement, Property, stake};
use crate::check::observe::{ALIGNED, Aligned, FINAL_STATE, FinalState, LINEARIZABLE, Linearizable};
use crate::field::{Kind, Problems, Scope, Values};
use crate::record::{HistoryLog, Observation, Observer, ObserverSource, Record, Violation};
use crate::units::plural;
use std::sync::Arc;

/// What `final_state` takes.
pub const FINAL_STATE_KIND: Kind = Kind::new(
    FINAL_STATE,
    "What every database holds in the end explains each write that a client was told is done, from what clients know alone: no \
     acknowledged write began after the one that is there had returned, and nothing is there that nobody wrote.",
    &[],
);

/// What `aligned` takes.
pub const ALIGNED_KIND: Kind = Kind::new(
    ALIGNED,
    "In the end every copy that leads or follows holds exactly what the log says at its position, by a replay of all writes and \
     cuts.",
    &[],
);

/// What `linearizable` takes.
pub const LINEARIZABLE_KIND: Kind = Kind::new(
    LINEARIZABLE,
    "What clients were told of each key, reads included, could have come from one database that does one thing at a time: nobody \
     reads what was overwritten before they asked, what had failed, or what was never written.",
    &[],
);

/// How many violations the verdict names.
const NAMED: usize = 3;

const WATCH_FINAL_STATE: Observed = Observed {
    observer: FINAL_STATE,
    demand: "what is there in the end explains what clients were told",
    watch: |names| Box::new(FinalState::new(names.to_vec())),
    bytes_of_a_request: HistoryLog::BYTES_OF_A_REQUEST,
};

const WATCH_ALIGNED: Observed = Observed {
    observer: ALIGNED,
    demand: "every copy holds what the log says at its position",
    watch: |names| Box::new(Aligned::new(names.len())),
    // Only what not every copy has is kept.
    bytes_of_a_request: 0,
};

const WATCH_LINEARIZABLE: Observed = Observed {
    observer: LINEARIZABLE,
    demand: "what clients were told of each key could have come from one database",
    watch: |names| Box::new(Linearizable::new(names.to_vec())),
    bytes_of_a_request: HistoryLog::BYTES_OF_A_REQUEST,
};

/// Builds `final_state`.
pub fn build_final_state(_: &str, _: &Values, _: &Scope, _: &mut Problems) -> Option<Arc<dyn Property>> {
    Some(Arc::new(WATCH_FINAL_STATE))
}

/// Builds `aligned`.
pub fn build_aligned(_: &str, _: &Values, _: &Scope, _: &mut Problems) -> Option<Arc<dyn Property>> {
    Some(Arc::new(WATCH_ALIGNED))
}

/// Builds `linearizable`.
pub fn build_linearizable(_: &str, _: &Values, _: &Scope, _: &mut Problems) -> Option<Arc<dyn Property>> {
    Some(Arc::new(WATCH_LINEARIZABLE))
}

/// Everybody who watches for a property that comes with the product, for runs that are watched without one.
pub fn watchers() -> [Arc<dyn ObserverSource>; 3] {
    [Arc::new(WATCH_FINAL_STATE), Arc::new(WATCH_ALIGNED), Arc::new(WATCH_LINEARIZABLE)]
}

#[derive(Debug, Clone)]
struct Observed {
    observer: &'static str,
    demand: &'static str,
    watch: fn(&[String]) -> Box<dyn Observer>,
    bytes_of_a_request: u64,
}

impl ObserverSource for Observed {
    fn observer(&self, databases: &[String]) -> Box<dyn Observer> {
        (self.watch)(databases)
    }

    fn bytes_of_a_request(&self) -> u64 {
        self.bytes_of_a_request
    }
}

impl Property for Observed {
    fn demand(&self) -> String {
        self.demand.to_owned()
    }

    fn bound(&self) -> String {
        "0 violations".to_owned()
    }

    fn rests_on_stores(&self) -> bool {
        true
    }

    fn watched_by(&self) -> Option<Arc<dyn ObserverSource>> {
        Some(Arc::new(self.clone()))
    }

    fn judge(&self, record: &Record) -> Judgement {
        let Some(seen) = record.observation(self.observer) else {
            return Judgement::not_exercised("nobody watched this run");
        };
        let missing: Vec<Option<String>> = record.stores.iter().map(stake::missing).collect();
        let idle = missing.iter().flatten().next().filter(|_| missing.iter().all(Option::is_some));
        match idle.filter(|_| seen.violations == 0) {
            Some(idle) => Judgement::not_exercised(format!("{idle}, so nothing could be wrong")),
            None => judged(seen),
        }
    }
}

fn judged(seen: &Observation) -> Judgement {
    let Observation { unit, checked, undecided, violations, named, .. } = seen;
    if *violations > 0 {
        let said: Vec<String> = named.iter().take(NAMED).map(sentence).collect();
        let left = violations.saturating_sub(NAMED as u64);
        let more = if left > 0 { format!("; and {left} more") } else { String::new() };
        let first = named.iter().filter_map(|violation| violation.at).min();
        let fail = Judgement::fail(*checked, format!("{}{more}", said.join("; ")));
        return fail.at(first).margin(0.0 - *violations as f64).measured(plural(*violations, "violation"));
    }
    if *undecided > 0 {
        return Judgement::unknown(
            *checked,
            format!("{undecided} of {} {unit} could not be decided", checked + undecided),
        );
    }
    if *checked == 0 {
        return Judgement::not_exercised(format!("there were no {unit} to look at"));
    }
    let evidence = Evidence::counted(*checked, unit.clone());
    Judgement::pass(evidence, format!("{checked} {unit}, none of them wrong"))
        .margin(0.0)
        .measured("0 violations".to_owned())
}

/// `orders, key 7: acknowledged, and there is no row (operation 12)`.
fn sentence(violation: &Violation) -> String {
    let key = violation.key.map_or_else(String::new, |key| format!(", key {key}"));
    let numbers: Vec<String> = violation.operations.iter().map(u64::to_string).collect();
    let operations = match numbers.as_slice() {
        [] => String::new(),
        [one] => format!(" (operation {one})"),
        several => format!(" (operations {})", several.join(", ")),
    };
    format!("{}{key}: {}{operations}", violation.store, violation.what)
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{Fixture, build};
    use crate::outcome::Verdict;
    use crate::record::{Observation, Record, Violation};

    fn record(observations: Vec<Observation>, at_stake: u64) -> Record {
        let record = Fixture::new(60).store("orders", 9, |store| store.at_stake = at_stake).record();
        Record { observations, ..record }
    }

    fn seen(checked: u64, undecided: u64, violations: u64) -> Observation {
        let violation = |key: u64| Violation {
            store: "orders".to_owned(),
            key: u32::try_from(key).ok(),
            what: "acknowledged, and there is no row".to_owned(),
            operations: vec![key + 10],
            at: None,
        };
        let named = (0..violations).map(violation).collect();
        Observation { checked, undecided, violations, named, ..Observation::new("final_state", "keys") }
    }

    #[test]
    fn what_was_seen_decides_and_nothing_seen_decides_nothing() {
        let property = build("final_state", &[]);
        let verdict = |observations, at_stake| property.judge(&record(observations, at_stake)).verdict;
        assert_eq!(verdict(vec![seen(5, 0, 0)], 3), Verdict::Pass);
        assert_eq!(verdict(vec![seen(5, 0, 1)], 3), Verdict::Fail);
        assert_eq!(verdict(vec![seen(5, 0, 1)], 0), Verdict::Fail, "what is wrong is wrong whatever was at stake");
        assert_eq!(verdict(vec![seen(5, 0, 0)], 0), Verdict::Inconclusive);
        assert_eq!(verdict(vec![seen(5, 1, 0)], 3), Verdict::Inconclusive);
        assert_eq!(verdict(vec![seen(0, 0, 0)], 3), Verdict::Inconclusive);
        assert_eq!(verdict(Vec::new(), 3), Verdict::Inconclusive);
        assert_eq!(verdict(vec![seen(5, 0, 0), seen(6, 0, 0)], 3), Verdict::Inconclusive, "which of them is meant?");
    }

    #[test]
    fn three_violations_are_named_and_the_rest_is_counted() {
        let judged = build("final_state", &[]).judge(&record(vec![seen(9, 0, 5)], 3));
        let named = [0, 1, 2]
            .map(|key| format!("orders, key {key}: acknowledged, and there is no row (operation {})", key + 10));
        assert_eq!(
            (judged.why.as_str(), judged.margin),
            (format!("{}; and 2 more", named.join("; ")).as_str(), Some(-5.0))
        );
    }
}
