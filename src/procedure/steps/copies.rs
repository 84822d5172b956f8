//! Copies that follow an authority: how far each has got, and which of them may be opened without loss.
//!
//! Does not know which copy is wanted. Invariants: a copy that has more than the one that is to be opened is never
//! overlooked if it answers. That nothing acknowledged is missing is claimed only if enough copies have answered for
//! one of them to have each acknowledged write.

use crate::ports::{Clock, CopyStatus, DatabaseTerms, Databases, PortError};
use crate::procedure::StepError;
use crate::procedure::race::{Winner, race};
use crate::procedure::together::together;
use crate::units::{Span, plural};

/// How long a copy is given to say how far it is. Source: Patroni asks the other members so long before it promotes
/// (`Ha.fetch_node_status`, a time-out of 2 s).
const PATIENCE: Span = Span::from_secs(2);

/// How far the copies of a database are that answer, and the one that is to be opened among them.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The copy that is to be opened.
    pub chosen: CopyStatus,
    /// The others.
    others: Vec<CopyStatus>,
    terms: DatabaseTerms,
}

impl Survey {
    /// The newest epoch that any copy has seen.
    pub fn newest_epoch(&self) -> u32 {
        mutant!("others_have_no_epochs": self.others.iter().map(|copy| copy.epoch).fold(self.chosen.epoch, u32::max) => self.chosen.epoch)
    }

    /// How far the copy that is to be opened will be, if it is opened now.
    pub fn kept(&self) -> u64 {
        if self.terms.discards_unapplied { self.chosen.applied_lsn } else { self.chosen.received_lsn }
    }

    /// The copy that has most of what the one to be opened has not received, if one has.
    pub fn better(&self) -> Option<&CopyStatus> {
        let more = self.others.iter().filter(|copy| {
            mutant!("who_diverged_is_better": copy.promotable => true) && copy.received_lsn > self.chosen.received_lsn
        });
        more.reduce(|best, copy| if copy.received_lsn > best.received_lsn { copy } else { best })
    }

    /// What the copy that is to be opened lacks of what `better` has, in writes.
    pub fn lacks(&self, better: &CopyStatus) -> u64 {
        better.received_lsn.saturating_sub(self.kept())
    }

    /// The same once the copy that is to be opened has what the better one has.
    #[must_use]
    pub fn fed(mut self) -> Self {
        let received = self.better().map_or(0, |better| better.received_lsn);
        self.chosen.received_lsn = self.chosen.received_lsn.max(received);
        self
    }

    /// Whether the copy that is to be opened keeps every acknowledged write for certain: enough of those that commits wait
    /// for have answered, and none has more; or the authority that was `fenced` off has answered, and has no more.
    pub fn keeps_everything(&self, fenced: Option<&str>) -> bool {
        let kept = self.kept();
        let is_fenced = |region: &str| Some(region) == fenced;
        let authority = self.others.iter().find(|copy| {
            is_fenced(&copy.region) && copy.promotable && mutant!("who_writes_on_settles_it": !copy.writable => true)
        });
        if authority.is_some_and(|authority| authority.received_lsn <= kept) {
            return true;
        }
        let Some(quorum) = &self.terms.quorum else { return false };
        let counted = quorum.of.iter().filter(|region| **region != self.chosen.leader && !is_fenced(region));
        let all = counted.clone().count();
        let heard: Vec<&CopyStatus> = counted.filter_map(|region| self.status(region)).collect();
        // Every acknowledged write is on `acks` of `all`: whoever hears from more than the rest hears from one that has it.
        mutant!("half_a_quorum_is_enough": heard.len() + quorum.acks > all => heard.len() + quorum.acks >= all)
            && mutant!("who_has_more_is_not_asked": heard.iter().all(|copy| copy.received_lsn <= kept) => true)
    }

    fn status(&self, region: &str) -> Option<&CopyStatus> {
        std::iter::once(&self.chosen).chain(&self.others).find(|copy| copy.region == region && copy.promotable)
    }
}

/// Asks the copies of `database` how far they are: the one in `region` above all, and the others while each is given a
/// little time, but for `unasked`. What an authority says counts only once it is fenced off: until then it may write on.
///
/// # Errors
///
/// That of the call, if the copy in `region` does not answer.
pub async fn survey<P: Databases + Clock>(
    ports: &P,
    (database, region): (&str, &str),
    unasked: Option<&str>,
) -> Result<Survey, StepError> {
    let terms = ports.database_terms(database).await?;
    let ask = async |other: &String| match race(ports.copy_status(database, other), ports.sleep(PATIENCE)).await {
        Winner::First(Ok(status)) => Some(status),
        Winner::First(Err(_)) | Winner::Second(()) => None,
    };
    let chosen = ports.copy_status(database, region).await?;
    let others = terms.copies.iter().filter(|other| *other != region && Some(other.as_str()) != unasked);
    let others = together(others.map(ask)).await;
    Ok(Survey { chosen, others: others.into_iter().flatten().collect(), terms })
}

/// How far the copy of `database` in `region` will be, if it is opened now: what a promotion discards does not count.
///
/// # Errors
///
/// That of a call.
pub async fn kept<P: Databases>(ports: &P, database: &str, region: &str) -> Result<u64, StepError> {
    let discards = ports.database_terms(database).await?.discards_unapplied;
    let copy = ports.copy_status(database, region).await?;
    Ok(if discards { copy.applied_lsn } else { copy.received_lsn })
}

/// Whether the copy of `database` in `region` acknowledges a write, soon.
pub async fn acknowledges_writes<P: Databases + Clock>(ports: &P, database: &str, region: &str) -> bool {
    matches!(race(ports.write_heartbeat(database, region), ports.sleep(PATIENCE)).await, Winner::First(Ok(())))
}

/// Lets the copy in `region` have what a better one has: until it has it, or only begun if `wait` is not set. `allowed`:
/// so much may be missing if that cannot be done. Returns the survey as it is then.
///
/// # Errors
///
/// [`StepError::NotYet`] with the name of the better copy if it cannot be done.
pub async fn feed<P: Databases + Clock>(
    ports: &P,
    database: &str,
    survey: Survey,
    (wait, allowed): (bool, Option<u64>),
) -> Result<Survey, StepError> {
    let Some(better) = survey.better() else { return Ok(survey) };
    let (to, from) = (&survey.chosen.region, &better.region);
    let call = ports.catch_up(database, to, from);
    let answer = match wait {
        true => call.await,
        false => match race(call, ports.sleep(PATIENCE)).await {
            Winner::First(answer) => answer,
            Winner::Second(()) => return Ok(survey.fed()),
        },
    };
    let lacks = survey.lacks(better);
    match answer {
        Ok(_) => Ok(survey.fed()),
        Err(error @ PortError::Superseded { .. }) => Err(error.into()),
        Err(_) if mutant!("any_lack_is_allowed": allowed.is_some_and(|allowed| lacks <= allowed) => true) => Ok(survey),
        Err(error) => Err(StepError::NotYet(format!(
            "{database}: the copy in {from} has {} that the one in {to} lacks, and cannot pass them on ({error}): open \
             that one, or let `loss_limit` allow the loss",
            plural(lacks, "write")
        ))),
    }
}

/// Rebuilds the copies of `databases` in `region`; one that follows is left alone. Says so, unless there is none.
///
/// # Errors
///
/// That of the first call that fails.
pub async fn rebuild<P: Databases>(ports: &P, databases: &[&str], region: &str) -> Result<Option<String>, StepError> {
    for database in databases {
        ports.rebuild(database, region).await?;
    }
    Ok((!databases.is_empty()).then(|| format!("{} replicate to {region}", databases.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::AckQuorum;

    fn copy(region: &str, received: u64) -> CopyStatus {
        CopyStatus {
            region: region.to_owned(),
            epoch: 1,
            applied_lsn: received - 5,
            received_lsn: received,
            writable: false,
            promotable: true,
            leader: "a".to_owned(),
        }
    }

    /// `b` is to be opened, of copies in `a`, which leads, `b`, `c` and `d`.
    fn survey(b: u64, others: &[(&str, u64)], acks: Option<usize>) -> Survey {
        let copies: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let quorum = acks.map(|acks| AckQuorum { of: copies.clone(), acks });
        let others = others.iter().map(|(region, received)| copy(region, *received)).collect();
        Survey { chosen: copy("b", b), others, terms: DatabaseTerms { copies, quorum, discards_unapplied: false } }
    }

    #[test]
    fn nothing_is_missing_for_certain_once_every_quorum_has_been_heard_from() {
        // Of b, c and d one has each write: all three must be heard from. With two, any two; with three, b is enough.
        assert!(survey(90, &[("c", 90), ("d", 80)], Some(1)).keeps_everything(None));
        assert!(!survey(90, &[("c", 90)], Some(1)).keeps_everything(None));
        assert!(survey(90, &[("c", 90)], Some(2)).keeps_everything(None));
        assert!(!survey(90, &[("c", 91)], Some(2)).keeps_everything(None), "c has more");
        assert!(!survey(90, &[], Some(2)).keeps_everything(None));
        assert!(survey(90, &[], Some(3)).keeps_everything(None));
        assert!(!survey(90, &[("c", 90), ("d", 90)], None).keeps_everything(None), "commits wait for none of them");
    }

    #[test]
    fn an_authority_that_answers_and_writes_no_more_settles_it() {
        assert!(survey(90, &[("a", 90)], None).keeps_everything(Some("a")));
        assert!(!survey(90, &[("a", 91)], None).keeps_everything(Some("a")));
        assert!(!survey(90, &[("a", 90)], None).keeps_everything(None), "it may write on");
    }

    #[test]
    fn what_is_discarded_is_not_kept() {
        let mut survey = survey(90, &[], Some(3));
        survey.terms.discards_unapplied = true;
        assert_eq!(survey.kept(), 85);
        assert!(!survey.keeps_everything(None), "it has received more than it keeps");
    }

    #[test]
    fn the_best_copy_is_the_furthest_that_may_be_promoted() {
        let mut survey = survey(90, &[("c", 95), ("d", 99)], None);
        assert_eq!(survey.better().map(|copy| copy.region.as_str()), Some("d"));
        survey.others[1].promotable = false;
        assert_eq!(survey.better().map(|copy| copy.region.as_str()), Some("c"));
        survey.others[0].received_lsn = 90;
        assert_eq!(survey.better(), None);
    }
}
