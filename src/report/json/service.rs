//! What was promised to clients and when it was not kept, in `results.json`.

use super::scalar::{Moment, Seconds, one_of};
use crate::outcome::Outage;
use crate::record::{FaultReach, Objective, Period, ServiceClass};
use crate::units::Ratio;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

const REACHES: [FaultReach; 3] = [FaultReach::Direct, FaultReach::Indirect, FaultReach::Control];

/// How a fault gets at requests, as a word.
pub(super) struct How(pub FaultReach);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectiveEntry<'a> {
    stable_s: Seconds,
    declared: bool,
    classes: Vec<ClassEntry<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassEntry<'a> {
    name: Cow<'a, str>,
    /// Parts per thousand million.
    served_ppb: u64,
    within_s: Seconds,
    drill: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutageEntry<'a> {
    class: Cow<'a, str>,
    promised_ppb: u64,
    within_s: Seconds,
    from_s: Moment,
    last_s: Moment,
    asked_s: Moment,
    answered_s: Option<Moment>,
    until_s: Option<Moment>,
    unserved: u64,
    requests: u64,
    certain: bool,
    planned: bool,
    causes: Cow<'a, [String]>,
    bounded_by: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeriodEntry {
    from_s: Moment,
    until_s: Option<Moment>,
}

impl<'a> ObjectiveEntry<'a> {
    pub(super) fn of(objective: &'a Objective) -> Self {
        let class = |class: &'a ServiceClass| ClassEntry {
            name: (&class.name).into(),
            served_ppb: class.served.as_ppb(),
            within_s: Seconds(class.within),
            drill: class.drill,
        };
        Self {
            stable_s: Seconds(objective.stable),
            declared: objective.declared,
            classes: objective.classes.iter().map(class).collect(),
        }
    }

    pub(super) fn into_objective(self) -> Objective {
        let class = |class: ClassEntry<'_>| ServiceClass {
            name: class.name.into_owned(),
            served: Ratio::from_ppb(class.served_ppb),
            within: class.within_s.0,
            drill: class.drill,
        };
        Objective {
            stable: self.stable_s.0,
            declared: self.declared,
            classes: self.classes.into_iter().map(class).collect(),
        }
    }
}

impl<'a> OutageEntry<'a> {
    pub(super) fn of(o: &'a Outage) -> Self {
        Self {
            class: (&o.class).into(),
            promised_ppb: o.promised.as_ppb(),
            within_s: Seconds(o.within),
            from_s: Moment(o.from),
            last_s: Moment(o.last),
            asked_s: Moment(o.asked),
            answered_s: o.answered.map(Moment),
            until_s: o.until.map(Moment),
            unserved: o.unserved,
            requests: o.requests,
            certain: o.certain,
            planned: o.planned,
            causes: (&o.causes).into(),
            bounded_by: o.bounded_by.as_deref().map(Cow::from),
        }
    }

    pub(super) fn into_outage(self) -> Outage {
        Outage {
            class: self.class.into_owned(),
            promised: Ratio::from_ppb(self.promised_ppb),
            within: self.within_s.0,
            from: self.from_s.0,
            last: self.last_s.0,
            asked: self.asked_s.0,
            answered: self.answered_s.map(|at| at.0),
            until: self.until_s.map(|at| at.0),
            unserved: self.unserved,
            requests: self.requests,
            certain: self.certain,
            planned: self.planned,
            causes: self.causes.into_owned(),
            bounded_by: self.bounded_by.map(Cow::into_owned),
        }
    }
}

impl PeriodEntry {
    pub(super) fn of(period: &Period) -> Self {
        Self { from_s: Moment(period.from), until_s: period.until.map(Moment) }
    }

    pub(super) fn into_period(self) -> Period {
        Period { from: self.from_s.0, until: self.until_s.map(|at| at.0) }
    }
}

impl Serialize for How {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for How {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(deserializer, &REACHES, "direct, indirect or control").map(Self)
    }
}
