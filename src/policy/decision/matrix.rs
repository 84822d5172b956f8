//! Rules as data: conditions that must hold for a time, each for a class of decision.
//!
//! Owns the clock of every rule, and which classes fire. Does not know what a class leads to.
//!
//! Invariants: a rule fires at the first evaluation at which all of its conditions have held for its whole time, while its
//! gate is open. One condition seen inside its limit starts the rule over. Of several rules for a class one is enough.

use super::condition::Condition;
use super::gate::Gate;
use super::limit::Limit;
use super::{Aftermath, Decision, Rules, Side};
use crate::policy::{Observation, OnGap, SustainedThreshold};
use crate::units::{Figure, Instant, Span, TimedFigure};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What an evaluation without data does to the clock of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// It starts over, as in Prometheus.
    Reset,
    /// It stops: what was counted stays, the gap is not counted.
    Hold,
}

/// When a class of decision is called for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRule<K, C> {
    /// What it is called in evidence.
    pub name: String,
    /// What it calls for.
    pub class: C,
    /// What must hold, all of it at once. At least one condition.
    pub when: Vec<Condition<K>>,
    /// For how long.
    pub sustained: Span,
    /// What missing data does to that time.
    pub on_gap: Gap,
    /// When it may propose at all.
    pub gate: Gate<C>,
}

/// A rule that has begun to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTrigger<C> {
    /// The rule.
    pub rule: String,
    /// What it calls for.
    pub class: C,
    /// What is seen at this evaluation, with the limits: nothing where data is missing.
    pub values: Vec<(Figure, Side, Limit)>,
    /// The first evaluation that saw it.
    pub since: Instant,
    /// How long it has been seen to hold.
    pub held: Span,
    /// How long it must.
    pub sustained: Span,
}

/// What a decision was made by: every rule that has begun to hold, most severe first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triggers<C>(pub Vec<RuleTrigger<C>>);

/// Rules with their clocks.
#[derive(Debug, Clone)]
pub struct Matrix<K, C> {
    rules: Vec<Clocked<K, C>>,
    /// By class: when what it called for was last done.
    done: BTreeMap<C, Instant>,
}

#[derive(Debug, Clone)]
struct Clocked<K, C> {
    rule: DecisionRule<K, C>,
    clock: SustainedThreshold,
    /// By condition: whether it held when it could last be seen.
    holds: Vec<bool>,
}

impl<K: Ord, C: Copy + Ord> Matrix<K, C> {
    /// Rules that have seen nothing yet.
    pub fn new(rules: impl IntoIterator<Item = DecisionRule<K, C>>) -> Self {
        Self { rules: rules.into_iter().map(Clocked::new).collect(), done: BTreeMap::new() }
    }
}

impl<K: Ord, C: Copy + Ord> Clocked<K, C> {
    fn new(rule: DecisionRule<K, C>) -> Self {
        let (clock, holds) = (SustainedThreshold::new(rule.sustained, OnGap::Hold), vec![false; rule.when.len()]);
        Self { rule, clock, holds }
    }

    /// What all of its conditions together have shown; the clock has counted it.
    fn observe(&mut self, now: Instant, seen: &BTreeMap<K, TimedFigure>) -> Observation {
        let mut all = Observation::Exceeded;
        for (condition, holds) in self.rule.when.iter().zip(&mut self.holds) {
            let one = condition.look(now, seen.get(&condition.of), *holds);
            match one {
                Observation::Exceeded => *holds = true,
                Observation::Within => *holds = false,
                Observation::Missing => {}
            }
            all = match (all, one) {
                (Observation::Within, _) | (_, Observation::Within) => Observation::Within,
                (Observation::Missing, _) | (_, Observation::Missing) => Observation::Missing,
                (Observation::Exceeded, Observation::Exceeded) => Observation::Exceeded,
            };
        }
        let counted = match (all, self.rule.on_gap) {
            (Observation::Missing, Gap::Reset) => Observation::Within,
            (all, _) => all,
        };
        self.clock.observe(now, counted);
        all
    }

    fn trigger(&self, seen: &BTreeMap<K, TimedFigure>) -> Option<RuleTrigger<C>> {
        let DecisionRule { name, class, when, sustained, .. } = &self.rule;
        let value = |condition: &Condition<K>| {
            let figure = seen.get(&condition.of)?.figure;
            Some((figure, condition.side, condition.limit))
        };
        let values = when.iter().filter_map(value).collect();
        let (since, held) = (self.clock.since()?, self.clock.held());
        Some(RuleTrigger { rule: name.clone(), class: *class, values, since, held, sustained: *sustained })
    }
}

impl<K: Ord, C: Copy + Ord + fmt::Debug> Rules for Matrix<K, C> {
    type Seen = BTreeMap<K, TimedFigure>;
    type Class = C;
    type Evidence = Triggers<C>;

    fn judge(&mut self, now: Instant, seen: Option<&Self::Seen>) -> Decision<C, Triggers<C>> {
        let nothing = BTreeMap::new();
        let seen = seen.unwrap_or(&nothing);
        let (mut firing, mut active, mut open, mut doubtful) = Default::default();
        let mut triggers: Vec<RuleTrigger<C>> = Vec::new();
        for rule in &mut self.rules {
            let observation = rule.observe(now, seen);
            if !rule.rule.gate.is_open(now, &self.done) {
                continue;
            }
            let class = rule.rule.class;
            insert(&mut open, class);
            if rule.clock.since().is_some() {
                insert(&mut active, class);
            } else if observation == Observation::Missing {
                insert(&mut doubtful, class);
            }
            if observation == Observation::Exceeded && rule.clock.fires() {
                insert(&mut firing, class);
            }
            triggers.extend(rule.trigger(seen));
        }
        triggers.sort_by_key(|trigger| Reverse(trigger.class));
        let gravest = triggers.iter().filter(|trigger| Some(&trigger.class) == active.last());
        Decision {
            held: gravest.map(|trigger| trigger.held).max().unwrap_or(Span::ZERO),
            clear: open
                .iter()
                .filter(|class| !active.contains(*class) && !doubtful.contains(*class))
                .copied()
                .collect(),
            firing: firing.into_iter().rev().collect(),
            active: active.into_iter().collect(),
            evidence: Triggers(triggers),
        }
    }

    fn learn(&mut self, class: Option<C>, aftermath: Aftermath, at: Instant) {
        if let (Some(class), Aftermath::Done) = (class, aftermath) {
            self.done.insert(class, at);
        }
    }

    fn start_over(&mut self) {
        for rule in &mut self.rules {
            rule.clock = SustainedThreshold::new(rule.rule.sustained, OnGap::Hold);
            rule.holds.fill(false);
        }
    }

    fn outlasts_an_action(&self, _: C) -> bool {
        true
    }
}

fn insert<C: Ord>(classes: &mut BTreeSet<C>, class: C) {
    classes.insert(class);
}

impl<C> fmt::Display for Triggers<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no rule holds");
        }
        for (index, trigger) in self.0.iter().enumerate() {
            let before = if index > 0 { "; " } else { "" };
            write!(f, "{before}{}", trigger.rule)?;
            for (number, (figure, side, limit)) in trigger.values.iter().enumerate() {
                let before = if number > 0 { " and" } else { ":" };
                let side = if *side == Side::Above { "above" } else { "below" };
                write!(f, "{before} {figure} {side} {limit}")?;
            }
            write!(f, ", for {:#} of {:#}", trigger.held, trigger.sustained)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod tests;
