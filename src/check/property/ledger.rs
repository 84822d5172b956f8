//! `ledger`: what clients were promised is in the surviving copies.
//!
//! Lost, visibly lost and at risk are counted apart and never folded into each other. The recovery point is measured
//! back from the fault; writes acknowledged after the fault on a branch that did not survive are a loss of their own,
//! which no recovery point excuses.

use super::{Evidence, Judgement, Property, live, plural};
use crate::check::loss::Loss;
use crate::field::{Field, FieldType, Kind, Problems, Referent, Scope, Values};
use crate::record::{Record, StoreRecord};
use crate::units::Span;
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("ledger", "No more acknowledged writes are lost than allowed.", &FIELDS);

const ANY_COUNT: FieldType = FieldType::Count { min: 0, max: u64::MAX };

const FIELDS: [Field; 8] = [
    Field::derived(
        "lost",
        ANY_COUNT,
        "0, if nothing else is bounded",
        "an acknowledged write is a promise",
        "Acknowledged writes that may be in no surviving copy.",
    ),
    Field::optional("visible", ANY_COUNT, "Lost writes that no surviving later write legally overwrote."),
    Field::optional(
        "rpo",
        FieldType::Span,
        "How far before the fault losses may reach. None may be later than the fault, unless `rpo_after` allows it.",
    ),
    Field::optional(
        "rpo_after",
        FieldType::Span,
        "How long after the fault writes may still be acknowledged that are lost. Left out: none may, if `rpo` is bounded.",
    ),
    Field::optional("at_risk", ANY_COUNT, "Writes in no surviving copy whose client never learnt the outcome."),
    Field::with(
        "announced",
        FieldType::Flag,
        "false",
        "product default: a bound is asked for by name",
        "Whether no more may be lost than control announced before each promotion; what nobody announced counts as none.",
    ),
    Field::optional("store", FieldType::Reference(Referent::Database), "The database; all of them if absent."),
    Field::with(
        "scale",
        FieldType::PositiveSpan,
        "60s",
        "own choice: only the unit of the margin",
        "With `rpo: 0s`, the loss that counts as one in the margin.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, _: &Scope, _: &mut Problems) -> Option<Arc<dyn Property>> {
    let (visible, at_risk) = (values.opt_count("visible"), values.opt_count("at_risk"));
    let (rpo, rpo_after) = (values.opt_span("rpo"), values.opt_span("rpo_after"));
    let announced = values.flag("announced");
    let nothing_else = visible.is_none() && rpo.is_none() && rpo_after.is_none() && at_risk.is_none() && !announced;
    let lost = values.opt_count("lost").or(nothing_else.then_some(0));
    let store = values.opt_reference("store").map(|store| store.name.clone());
    Some(Arc::new(Ledger { lost, visible, rpo, rpo_after, at_risk, announced, store, scale: values.span("scale") }))
}

#[derive(Debug)]
struct Ledger {
    lost: Option<u64>,
    visible: Option<u64>,
    rpo: Option<Span>,
    rpo_after: Option<Span>,
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

    fn judge(&self, record: &Record) -> Judgement {
        let mine = record.stores.iter().filter(|store| self.store.as_ref().is_none_or(|name| *name == store.store));
        let (used, idle): (Vec<_>, Vec<_>) = mine.partition(|store| store.acked > 0);
        let Some(judged) =
            used.into_iter().map(|store| live(self.judge_one(store), store, record)).reduce(Judgement::worse)
        else {
            return Judgement::not_exercised("no write was acknowledged, so nothing could be lost");
        };
        match idle.first() {
            Some(idle) => judged.adding(&format!("; {} acknowledged no write", idle.store)),
            None => judged,
        }
    }
}

impl Ledger {
    fn judge_one(&self, store: &StoreRecord) -> Judgement {
        let accounts = self.accounts(store);
        let violated = accounts.iter().any(|account| account.violated);
        let margin = accounts.iter().map(|account| account.margin).reduce(f64::min);
        let first_lost = store.lost.first().map(|write| write.client_acked);
        Judgement::decided(!violated, Evidence::counted(store.acked, "acknowledged writes"), why(store))
            .measured(measured(store, self.rpo.is_some() || self.rpo_after.is_some()))
            .margin(margin.map(|margin| margin + 0.0))
            .at(if violated { first_lost.or(store.fault_at) } else { None })
    }

    fn accounts(&self, store: &StoreRecord) -> Vec<Account> {
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
            count(self.at_risk, store.at_risk),
            count(self.announced.then(|| store.announced_bound.unwrap_or(0)), store.lost_total),
        ];
        let loss = Loss::of(store);
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
}

/// What was lost, how far back it reaches and what is in doubt: first what the property is about.
fn measured(store: &StoreRecord, rpo_first: bool) -> String {
    let visible = if store.lost_total > 0 { format!(" ({} visible)", store.lost_visible) } else { String::new() };
    let mut parts = vec![format!("{} lost{visible}", store.lost_total)];
    let loss = Loss::of(store);
    if loss.before > Span::ZERO || rpo_first {
        parts.insert(usize::from(!rpo_first), format!("RPO {:#}", loss.before));
    }
    if loss.after > Span::ZERO {
        parts.push(format!("up to {:#} after the fault", loss.after));
    }
    if store.at_risk > 0 {
        parts.push(format!("{} at risk", store.at_risk));
    }
    parts.join(", ")
}

fn why(store: &StoreRecord) -> String {
    let promised = plural(store.acked, "acknowledged write");
    if store.lost_total == 0 {
        return format!("{}: all of {promised} survived", store.store);
    }
    let (before, all) = (store.lost_before_fault, store.lost_total);
    let split = match store.fault_at {
        Some(at) => format!(", {before} acknowledged before the fault at {at:#}, {} after", all.saturating_sub(before)),
        None => ", without any fault".to_owned(),
    };
    let seen = store.lost.first().map_or_else(String::new, |write| format!("; last seen in {}", write.last_seen));
    format!("{}: {all} of {promised} in no surviving copy{split}{seen}", store.store)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
