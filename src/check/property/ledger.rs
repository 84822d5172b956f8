//! `ledger`: what clients were promised is in the history that leads at the end.
//!
//! Lost, visibly lost and at risk are counted apart and never folded into each other. The recovery point of each loss is
//! measured back from the outage before the promotion it was lost to, or from an event that is chosen; writes
//! acknowledged after that on a branch that did not survive are a loss of their own, which no recovery point excuses.

use super::read::Reader;
use super::{Evidence, Judgement, Property, live, stake};
use crate::check::finding::Harm;
use crate::check::loss::Loss;
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Referent, Scope, Values};
use crate::record::event::EventPattern;
use crate::record::{HistoryCut, Record, StoreRecord};
use crate::units::{Span, plural};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("ledger", "No more acknowledged writes are lost than allowed.", &FIELDS);

const ANY_COUNT: FieldType = FieldType::Count { min: 0, max: u64::MAX };

const FIELDS: [Field; 9] = [
    Field::derived(
        "lost",
        ANY_COUNT,
        "0, if nothing else is bounded",
        "an acknowledged write is a promise",
        "The most acknowledged writes that may be missing from the leading history at the end, whether or not another \
         copy holds them.",
    ),
    Field::optional("visible", ANY_COUNT, "The most lost writes that no surviving later write legitimately overwrote."),
    Field::optional(
        "rpo",
        FieldType::Span,
        "How far before the outage losses may reach. No write acknowledged after it may be lost, unless `rpo_after` \
         allows it.",
    ),
    Field::derived(
        "after",
        FieldType::Expression,
        "for each promotion, the event that last cut the leading region off from clients or control; failing that, the \
         last fault",
        "a recovery point is counted from the disruption it responds to",
        "The event that `rpo` and `rpo_after` are measured from, such as `fault.dark`: its last time before each promotion.",
    ),
    Field::optional(
        "rpo_after",
        FieldType::Span,
        "How long after the outage lost writes may still have been acknowledged. Left out: not at all, if `rpo` is \
         bounded.",
    ),
    Field::optional(
        "at_risk",
        ANY_COUNT,
        "The most writes that were logged and are gone, and whose client never learnt the outcome.",
    ),
    Field::with(
        "announced",
        FieldType::Flag,
        "false",
        "product default: a bound is only applied on request",
        "Whether losses may not exceed what control announced before each promotion; no announcement counts as zero.",
    ),
    Field::optional("database", FieldType::Reference(Referent::Database), "The database; all of them if absent."),
    Field::with(
        "scale",
        FieldType::PositiveSpan,
        "60s",
        "own choice: only the unit of the margin",
        "With `rpo: 0s`, the loss that makes a margin of one.",
    ),
];

/// How many cuts of the history the verdict names.
const NAMED_CUTS: usize = 3;

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let after = Reader { values, known: &Vocabulary::new(scope), problems }.opt_event("after")?;
    let (visible, at_risk) = (values.opt_count("visible"), values.opt_count("at_risk"));
    let (rpo, rpo_after) = (values.opt_span("rpo"), values.opt_span("rpo_after"));
    let announced = values.flag("announced");
    let nothing_else = visible.is_none() && rpo.is_none() && rpo_after.is_none() && at_risk.is_none() && !announced;
    let lost = values.opt_count("lost").or(nothing_else.then_some(0));
    let store = values.opt_reference("database").map(|store| store.name.clone());
    Some(Arc::new(Ledger {
        lost,
        visible,
        rpo,
        rpo_after,
        after,
        at_risk,
        announced,
        store,
        scale: values.span("scale"),
    }))
}

#[derive(Debug)]
struct Ledger {
    lost: Option<u64>,
    visible: Option<u64>,
    rpo: Option<Span>,
    rpo_after: Option<Span>,
    after: Option<EventPattern>,
    at_risk: Option<u64>,
    announced: bool,
    store: Option<String>,
    scale: Span,
}

/// One bound and how far the run was from it.
struct Account {
    margin: f64,
    violated: bool,
}

impl Property for Ledger {
    fn demand(&self) -> String {
        let of = self.store.as_ref().map_or_else(|| "every database".to_owned(), Clone::clone);
        format!("{of} keeps what it acknowledged: {}", self.bound())
    }

    fn bound(&self) -> String {
        let counts = [(self.lost, "lost"), (self.visible, "visibly lost"), (self.at_risk, "at risk")];
        let counts = counts.into_iter().filter_map(|(bound, what)| bound.map(|n| format!("{n} {what}")));
        let rpo = self.rpo.map(|rpo| format!("RPO {rpo}"));
        let after = self.rpo_after.map(|after| format!("{after} after the fault"));
        let announced = self.announced.then(|| "no more than announced".to_owned());
        counts.chain(rpo).chain(after).chain(announced).collect::<Vec<_>>().join(", ")
    }

    fn rests_on_stores(&self) -> bool {
        true
    }

    fn bounds(&self, harm: &Harm<'_>, _: &Record) -> bool {
        // What nobody saw, or was never acknowledged, is only a part of what may be lost.
        let counts_all = self.lost.is_some() || self.rpo.is_some() || self.announced;
        let bounds_all = mutant!("any_part_of_the_losses_is_all": counts_all => true);
        let mine = |store: &StoreRecord| self.store.as_ref().is_none_or(|name| *name == store.store);
        matches!(harm, Harm::Loss(store) if bounds_all && mine(store))
    }

    fn judge(&self, record: &Record) -> Judgement {
        let mine = record.stores.iter().filter(|store| self.store.as_ref().is_none_or(|name| *name == store.store));
        let (used, idle): (Vec<_>, Vec<_>) = mine.partition(|store| stake::missing(store).is_none());
        let why_idle = idle.first().and_then(|store| stake::missing(store));
        let each = used.into_iter().map(|store| live(self.judge_one(store, record), store, record));
        match (each.reduce(Judgement::worse), why_idle) {
            (Some(judged), Some(idle)) => judged.adding(&format!("; {idle}")),
            (Some(judged), None) => judged,
            (None, Some(idle)) => Judgement::not_exercised(format!("{idle}, so nothing could be lost")),
            (None, None) => Judgement::not_exercised("the run recorded no database"),
        }
    }
}

impl Ledger {
    fn judge_one(&self, store: &StoreRecord, record: &Record) -> Judgement {
        let loss = match &self.after {
            Some(event) => Loss::since(store, &event.times(record)),
            None => Loss::of(store),
        };
        let accounts = self.accounts(store, loss);
        let violated = accounts.iter().any(|account| account.violated);
        let margin = accounts.iter().map(|account| account.margin).reduce(f64::min);
        let first_lost = store.lost.first().map(|write| write.client_acked);
        let outage = store.worst_cut().and_then(|cut| cut.outage);
        let at_stake = Evidence::counted(store.at_stake.max(store.lost_total), "writes at stake");
        Judgement::decided(!violated, at_stake, self.why(store, loss))
            .measured(measured(store, loss, self.rpo.is_some() || self.rpo_after.is_some()))
            .margin(margin.map(|margin| margin + 0.0))
            .at(if violated { first_lost.or(outage) } else { None })
    }

    fn accounts(&self, store: &StoreRecord, loss: Loss) -> Vec<Account> {
        let count = |bound: Option<u64>, n: u64| {
            let share = |part: f64, of: u64| part / of.max(1) as f64;
            bound.map(|bound| Account {
                // With nothing allowed, the loss as a share of what was promised.
                margin: if bound == 0 { -share(n as f64, store.acked) } else { share(bound as f64 - n as f64, bound) },
                violated: n > bound,
            })
        };
        let counts = [
            count(self.lost, store.lost_total),
            count(self.visible, store.lost_visible),
            count(self.at_risk, store.unanswered.gone),
            count(self.announced.then(|| store.announced.map_or(0, |bound| bound.if_alive)), store.lost_total),
        ];
        let reach = (self.rpo.is_some() || self.rpo_after.is_some()).then(|| self.reach_account(loss));
        counts.into_iter().flatten().chain(reach).collect()
    }

    /// How far losses reach, back before the fault and on after it.
    fn reach_account(&self, loss: Loss) -> Account {
        let part = |bound: Span, nanos: f64| {
            let scale = if bound == Span::ZERO { self.scale } else { bound };
            nanos / scale.as_nanos().max(1) as f64
        };
        let left = |bound: Span, reached: Span| part(bound, bound.as_nanos() as f64 - reached.as_nanos() as f64);
        let before = self.rpo.map_or(f64::INFINITY, |rpo| left(rpo, loss.before));
        let after = match (self.rpo_after, self.rpo) {
            (Some(bound), _) => left(bound, loss.after),
            // A write acknowledged after the fault and lost is beyond any recovery point.
            (None, Some(rpo)) if loss.after > Span::ZERO => -part(rpo, loss.after.as_nanos() as f64),
            (None, _) => f64::INFINITY,
        };
        let too_early = self.rpo.is_some_and(|rpo| loss.before > rpo);
        let too_late = loss.after > self.rpo_after.unwrap_or(Span::ZERO);
        let margin = if loss.without_fault { -1.0 } else { before.min(after) };
        Account { margin, violated: loss.without_fault || too_early || too_late }
    }

    fn why(&self, store: &StoreRecord, loss: Loss) -> String {
        let promised = plural(store.acked, "acknowledged write");
        if store.lost_total == 0 {
            return format!("{}: all of {promised} survived", store.store);
        }
        let lossy = store.cuts.iter().filter(|cut| cut.lost > 0);
        let costs: Vec<String> = lossy.clone().take(NAMED_CUTS).map(cost).collect();
        let more = match lossy.count().saturating_sub(NAMED_CUTS) {
            0 => String::new(),
            n => format!("; {n} more cuts lost writes"),
        };
        let chosen = match &self.after {
            Some(event) if loss.without_fault => format!("; some were lost before any `{event}`"),
            _ => String::new(),
        };
        format!(
            "{}: {} of {promised} are not in the history that leads ({}); {}{more}{chosen}",
            store.store,
            store.lost_total,
            store.whereabouts.said(),
            costs.join("; ")
        )
    }
}

/// What was lost, how far back it reaches and what is in doubt: first what the property is about.
fn measured(store: &StoreRecord, loss: Loss, rpo_first: bool) -> String {
    let visible = if store.lost_total > 0 { format!(" ({} visible)", store.lost_visible) } else { String::new() };
    let mut parts = vec![format!("{} lost{visible}", store.lost_total)];
    if loss.before > Span::ZERO || rpo_first {
        parts.insert(usize::from(!rpo_first), format!("RPO {:#}", loss.before));
    }
    if loss.after > Span::ZERO {
        parts.push(format!("up to {:#} after the fault", loss.after));
    }
    if store.unanswered.gone > 0 {
        parts.push(format!("{} at risk", store.unanswered.gone));
    }
    parts.join(", ")
}

/// A cut and what it cost, in words.
fn cost(cut: &HistoryCut) -> String {
    let by = match &cut.to {
        Some(_) if cut.overwrites => format!("at {:#}, overwritten in {} by control with older ones", cut.at, cut.from),
        Some(to) => format!("when {to} took over from {} at {:#}", cut.from, cut.at),
        None => "as no copy was left that had them".to_owned(),
    };
    let (before, after) = (cut.lost_before, cut.lost.saturating_sub(cut.lost_before));
    match cut.outage {
        Some(at) => format!("{} {by}: {before} acknowledged before the fault at {at:#}, {after} after", cut.lost),
        None => format!("{} {by}, without any fault before it", cut.lost),
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
