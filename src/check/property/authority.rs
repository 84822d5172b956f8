//! `authority`: one copy at a time accepts writes, and none promises anything in an epoch that is over.

use super::{Evidence, Judgement, Property};
use crate::check::authority::{AuthorityState, audit};
use crate::field::{Field, FieldType, Kind, Problems, Referent, Scope, Values};
use crate::record::{Record, StoreRecord};
use crate::units::plural;
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new(
    "authority",
    "No two copies of a database accept writes at once, and no copy acknowledges a write in a superseded epoch.",
    &FIELDS,
)
.short("database");

const FIELDS: [Field; 1] =
    [Field::optional("database", FieldType::Reference(Referent::Database), "The database; all of them if absent.")];

/// How many stale-epoch writes the verdict names.
const NAMED: usize = 3;

/// Builds one.
pub fn build(_: &str, values: &Values, _: &Scope, _: &mut Problems) -> Option<Arc<dyn Property>> {
    Some(Arc::new(Authority { store: values.opt_reference("database").map(|store| store.name.clone()) }))
}

#[derive(Debug)]
struct Authority {
    store: Option<String>,
}

impl Property for Authority {
    fn demand(&self) -> String {
        let of = self.store.as_ref().map_or_else(|| "every database".to_owned(), Clone::clone);
        format!("{of} has one authority at a time, and only it acknowledges writes")
    }

    fn bound(&self) -> String {
        "0 stale-epoch writes".to_owned()
    }

    fn judge(&self, record: &Record) -> Judgement {
        let mine = record.stores.iter().filter(|store| self.store.as_ref().is_none_or(|name| *name == store.store));
        let at_stake = mine.map(|store| (store, audit(store))).filter(|(_, a)| a.changes > 0 || !a.is_sound());
        let each = at_stake.map(|(store, state)| judge_one(store, &state, record));
        let judged = each.reduce(Judgement::worse);
        judged.unwrap_or_else(|| {
            Judgement::not_exercised(
                "nothing was fenced or promoted, so authority was never at \
                                                           stake",
            )
        })
    }
}

fn judge_one(store: &StoreRecord, state: &AuthorityState, record: &Record) -> Judgement {
    let acked: u64 = store.authority.terms.iter().map(|term| term.acked).sum();
    let overlap = state.split.map_or(0, |split| split.lasted.as_nanos());
    // The worse of two shares: of all that was acknowledged, and of the run.
    let share = |part: u64, of: u64| part as f64 / of.max(1) as f64;
    let worst = share(state.stale_epoch_total, acked).max(share(overlap, record.end.as_nanos()));
    let measured = match overlap {
        0 => plural(state.stale_epoch_total, "stale-epoch write"),
        _ => format!("{}, split for {:#}", plural(state.stale_epoch_total, "stale-epoch write"), split_for(state)),
    };
    let changes = Evidence::counted(state.changes, "fences and promotions");
    Judgement::decided(state.is_sound(), changes, why(store, state))
        .measured(measured)
        .margin(0.0 - worst + 0.0)
        .at(state.first_violation())
}

fn split_for(state: &AuthorityState) -> crate::units::Span {
    state.split.map_or(crate::units::Span::ZERO, |split| split.lasted)
}

fn why(store: &StoreRecord, state: &AuthorityState) -> String {
    if state.is_sound() {
        let (fences, promotions) = (store.authority.fences, store.authority.promotions);
        return format!(
            "{}: one authority through {} and {}",
            state.store,
            plural(fences, "fence"),
            plural(promotions, "promotion")
        );
    }
    let further = store.authority.stale_epoch.iter().skip(1).take(NAMED - 1);
    let further: Vec<String> =
        further.map(|w| format!("then operation {} of key {} at {:#}", w.operation, w.key, w.at)).collect();
    state.findings().into_iter().chain(further).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{Fixture, at, build};
    use crate::check::property::Judgement;
    use crate::outcome::Verdict;
    use crate::record::{AuthorityLog, AuthorityRecord};

    fn judge(record: AuthorityRecord) -> Judgement {
        build("authority", &[]).judge(&Fixture::new(60).store("orders", 9, |s| s.authority = record).record())
    }

    /// West writes until `west_ends`, and acknowledges a write at 21 s; north is fenced for at 15 s and writes from 20 s.
    fn history(west_ends: u64) -> AuthorityRecord {
        let mut log = AuthorityLog::new(vec!["west".into(), "north".into()]);
        log.writable(0, Some(1), at(0));
        log.acked(0, 1, (1, 1), at(1));
        log.fenced(2);
        if west_ends < 21 {
            log.writable(0, None, at(west_ends));
        }
        log.writable(1, Some(2), at(20));
        log.promoted(2);
        if west_ends > 21 {
            log.acked(0, 1, (7, 3), at(21));
            log.writable(0, None, at(west_ends));
        }
        log.acked(1, 2, (8, 3), at(22));
        log.close(at(60))
    }

    #[test]
    fn an_authority_that_ended_before_the_next_began_is_sound() {
        let judged = judge(history(15));
        assert_eq!((judged.verdict, judged.exercised, judged.margin), (Verdict::Pass, 2, Some(0.0)), "{}", judged.why);
    }

    #[test]
    fn an_old_authority_that_goes_on_is_named_with_what_it_promised() {
        let judged = judge(history(30));
        assert_eq!((judged.verdict, judged.at), (Verdict::Fail, Some(at(20))), "{}", judged.why);
        assert!(judged.why.contains("operation 7 of key 3, in epoch 1 while 2 was current"), "{}", judged.why);
        assert_eq!(judged.measured.as_deref(), Some("1 stale-epoch write, split for 10s"));
        assert!(judged.margin.unwrap() < 0.0);
    }

    #[test]
    fn a_write_in_an_old_epoch_is_a_violation_though_no_two_wrote_at_once() {
        let mut log = AuthorityLog::new(vec!["west".into(), "north".into()]);
        log.writable(0, Some(1), at(0));
        log.fenced(2);
        log.promoted(2);
        log.acked(0, 1, (7, 3), at(16));
        log.writable(0, None, at(18));
        log.writable(1, Some(2), at(20));
        let judged = judge(log.close(at(60)));
        assert_eq!(judged.verdict, Verdict::Fail, "{}", judged.why);
        assert_eq!(judged.measured.as_deref(), Some("1 stale-epoch write"));
    }

    #[test]
    fn two_writers_are_a_split_even_if_nobody_wrote() {
        let mut log = AuthorityLog::new(vec!["west".into(), "north".into()]);
        log.writable(0, Some(1), at(0));
        log.promoted(2);
        log.writable(1, Some(2), at(20));
        assert_eq!(judge(log.close(at(60))).verdict, Verdict::Fail);
    }

    #[test]
    fn without_a_fence_or_a_promotion_nothing_was_at_stake() {
        let mut log = AuthorityLog::new(vec!["west".into()]);
        log.writable(0, Some(1), at(0));
        log.acked(0, 1, (1, 1), at(1));
        assert_eq!(judge(log.close(at(60))).verdict, Verdict::Inconclusive);
    }
}
