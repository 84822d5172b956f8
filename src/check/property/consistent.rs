//! `consistent`: when everything has settled, copies at the same position hold the same rows.

use super::{Evidence, Judgement, Property, live, stake};
use crate::check::copies::{self, CopyState};
use crate::field::{Field, FieldType, Kind, Problems, Referent, Scope, Values};
use crate::outcome::Verdict;
use crate::record::{Record, StoreRecord};
use crate::units::plural;
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind =
    Kind::new("consistent", "At the end, no two copies at the same position differ, and none has diverged.", &FIELDS)
        .short("database");

const FIELDS: [Field; 1] =
    [Field::optional("database", FieldType::Reference(Referent::Database), "The database; all of them if absent.")];

/// Builds one.
pub fn build(_: &str, values: &Values, _: &Scope, _: &mut Problems) -> Option<Arc<dyn Property>> {
    Some(Arc::new(Consistent { store: values.opt_reference("database").map(|store| store.name.clone()) }))
}

#[derive(Debug)]
struct Consistent {
    store: Option<String>,
}

impl Property for Consistent {
    fn demand(&self) -> String {
        let of = self.store.as_ref().map_or_else(|| "every database".to_owned(), Clone::clone);
        format!("the copies of {of} agree at the end")
    }

    fn bound(&self) -> String {
        "0 differ".to_owned()
    }

    fn rests_on_stores(&self) -> bool {
        true
    }

    fn judge(&self, record: &Record) -> Judgement {
        let mine = record.stores.iter().filter(|store| self.store.as_ref().is_none_or(|name| *name == store.store));
        let judged = |store: &StoreRecord| {
            let judged = live(judge_one(&copies::state_of(store), record), store, record);
            match stake::missing(store).filter(|_| judged.verdict == Verdict::Pass) {
                Some(missing) => Err(missing),
                None => Ok(judged),
            }
        };
        let (mut worst, mut idle): (Option<Judgement>, Option<String>) = (None, None);
        for store in mine {
            match judged(store) {
                Ok(judged) => worst = Some(worst.take().map_or(judged.clone(), |worst| worst.worse(judged))),
                Err(missing) => idle = idle.or(Some(missing)),
            }
        }
        match (worst, idle) {
            (Some(judged), Some(idle)) => judged.adding(&format!("; {idle}")),
            (Some(judged), None) => judged,
            (None, Some(idle)) => Judgement::not_exercised(format!("{idle}, so no copy could diverge")),
            (None, None) => Judgement::not_exercised("the run recorded no copy"),
        }
    }
}

fn judge_one(state: &CopyState, record: &Record) -> Judgement {
    let (bad, findings) = (state.differing.len() + state.diverged.len(), state.findings());
    let judged = if bad > 0 {
        Judgement::fail(state.compared + bad as u64, findings.join("; ")).at(record.end).margin(0.0 - bad as f64)
    } else if !findings.is_empty() {
        Judgement::unknown(state.compared, findings.join("; "))
    } else if state.compared == 0 {
        Judgement::not_exercised(format!("{}: no two copies to compare", state.store))
    } else {
        let pairs = Evidence::counted(state.compared, "pairs of copies");
        Judgement::pass(pairs, format!("{}: {} compared equal", state.store, plural(state.compared, "pair")))
            .margin(0.0)
    };
    judged.measured(format!("{bad} differ"))
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{Fixture, build, copy};
    use crate::outcome::Verdict;
    use crate::record::CopyRole;

    #[test]
    fn equal_positions_must_hold_equal_rows_and_one_copy_proves_nothing() {
        let property = build("consistent", &[]);
        let judge = |copies| property.judge(&Fixture::new(60).store("orders", 10, |s| s.copies = copies).record());
        let authority = || copy("west", 1, 10, 7, CopyRole::Authority);
        let follower = |lsn, digest| copy("north", 1, lsn, digest, CopyRole::Follower);
        assert_eq!(judge(vec![authority(), follower(10, 7)]).verdict, Verdict::Pass);
        assert_eq!(judge(vec![authority(), follower(10, 8)]).verdict, Verdict::Fail);
        assert_eq!(judge(vec![authority(), follower(9, 8)]).verdict, Verdict::Inconclusive, "not comparable");
        assert_eq!(judge(vec![authority()]).verdict, Verdict::Inconclusive);
        assert_eq!(judge(vec![]).verdict, Verdict::Inconclusive);
        let aside = copy("north", 1, 12, 9, CopyRole::Diverged);
        assert_eq!(judge(vec![authority(), aside]).verdict, Verdict::Fail);
        let down = copy("north", 1, 10, 7, CopyRole::Unreachable);
        assert_eq!(judge(vec![authority(), down]).verdict, Verdict::Inconclusive, "unreachable is not equal");
    }

    #[test]
    fn a_copy_that_could_not_be_read_is_named_though_all_others_agree() {
        let copies = vec![
            copy("west", 1, 10, 7, CopyRole::Authority),
            copy("north", 1, 10, 7, CopyRole::Follower),
            copy("south", 1, 10, 7, CopyRole::Unreachable),
        ];
        let judged =
            build("consistent", &[]).judge(&Fixture::new(60).store("orders", 10, |s| s.copies = copies).record());
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{}", judged.why);
        assert!(judged.why.contains("south could not be read"), "{}", judged.why);
    }
}
