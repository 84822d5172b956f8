//! Databases in `results.json`, which stand there in three lists: what was lost, who could write, and what the copies were
//! at the end.

use crate::record::{
    AuthorityRecord, CopyRecord, HistoryCut, Holder, LossBound, LostWrite, LostWriteLocations, StaleEpochWrite,
    StoreRecord, Unanswered, WriteTerm,
};
use crate::report::view::recovery_points;
use crate::units::{As, Seconds, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The writes of one database, and what was lost of them.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Loss")]
pub(super) struct LossEntry<'a> {
    /// The database's name.
    store: Cow<'a, str>,
    /// Writes acknowledged to clients.
    acked: u64,
    /// Of these, those acknowledged while they could have been lost.
    at_stake: u64,
    /// Of those acknowledged, the ones that are not in the history that leads at the end.
    lost_total: u64,
    /// Of the lost, those not legally overwritten by a surviving later write.
    lost_visible: u64,
    /// Of the lost, those in a copy that was up when clients stopped sending.
    lost_held: u64,
    /// Of the lost, those only in copies that were down then.
    lost_held_by_the_dead: u64,
    /// Of the lost, those in no copy.
    lost_nowhere: u64,
    /// The copies that hold lost writes.
    holders: Cow<'a, [Holder]>,
    /// Writes refused: the client knows that nothing was written.
    refused: u64,
    /// Of unknown outcome to the client, and never in a log.
    unknown_never_stored: u64,
    /// Of unknown outcome to the client, and in the history that leads at the end.
    unknown_stored: u64,
    /// Of unknown outcome to the client, once in a log, and not in the history that leads at the end.
    unknown_gone: u64,
    /// Every cut of its history, in order, and what it cost.
    cuts: Cow<'a, [HistoryCut]>,
    /// How far its losses reach back before the outages they are measured from; null if one has none to measure from.
    #[serde(with = "As::<Option<Seconds>>")]
    rpo_pre_s: Option<Span>,
    /// How far they reach on after them.
    #[serde(with = "As::<Option<Seconds>>")]
    rpo_post_s: Option<Span>,
    /// The largest loss that control announced before it acted, in writes, if the authority was dead; null if none was.
    announced_if_dead: Option<u64>,
    /// The same, if the authority was only cut off.
    announced_if_alive: Option<u64>,
    /// The first thousand lost writes, by acknowledgement.
    lost: Cow<'a, [LostWrite]>,
}

/// Who could write to one database, and which writes were acknowledged by somebody else.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Authority")]
pub(super) struct AuthorityEntry<'a> {
    /// The database's name.
    store: Cow<'a, str>,
    /// Fences that took effect.
    fences: u64,
    /// Promotions that were done.
    promotions: u64,
    /// Writes that a copy held alone and that were discarded when it was rebuilt.
    discarded: u64,
    /// Who accepted writes, and when.
    terms: Cow<'a, [WriteTerm]>,
    /// Writes acknowledged by a copy whose epoch was no longer in force, or outside any term of its.
    stale_epoch_total: u64,
    /// The first thousand of them.
    stale_epoch: Cow<'a, [StaleEpochWrite]>,
}

/// One copy of a database, read when everything had settled.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Copy")]
pub(super) struct CopyEntry<'a> {
    /// The database's name.
    store: Cow<'a, str>,
    #[serde(flatten)]
    copy: Cow<'a, CopyRecord>,
}

impl<'a> CopyEntry<'a> {
    pub(super) fn all_of(store: &'a StoreRecord) -> impl Iterator<Item = Self> {
        let entry = |copy| Self { store: (&store.store).into(), copy: Cow::Borrowed(copy) };
        store.copies.iter().map(entry)
    }
}

impl<'a> From<&'a StoreRecord> for AuthorityEntry<'a> {
    fn from(StoreRecord { store, authority, .. }: &'a StoreRecord) -> Self {
        let AuthorityRecord { fences, promotions, discarded, terms, stale_epoch_total, stale_epoch } = authority;
        let (fences, promotions, discarded, stale_epoch_total) = (*fences, *promotions, *discarded, *stale_epoch_total);
        let (store, terms, stale_epoch) = (store.into(), terms.into(), stale_epoch.into());
        Self { store, fences, promotions, discarded, terms, stale_epoch_total, stale_epoch }
    }
}

impl From<AuthorityEntry<'_>> for AuthorityRecord {
    fn from(entry: AuthorityEntry<'_>) -> Self {
        let AuthorityEntry { store: _, fences, promotions, discarded, terms, stale_epoch_total, stale_epoch } = entry;
        let (terms, stale_epoch) = (terms.into_owned(), stale_epoch.into_owned());
        Self { fences, promotions, discarded, terms, stale_epoch_total, stale_epoch }
    }
}

impl<'a> From<&'a StoreRecord> for LossEntry<'a> {
    fn from(record: &'a StoreRecord) -> Self {
        let points = recovery_points(record);
        let (whereabouts, unanswered) = (&record.whereabouts, &record.unanswered);
        Self {
            store: (&record.store).into(),
            acked: record.acked,
            at_stake: record.at_stake,
            lost_total: record.lost_total,
            lost_visible: record.lost_visible,
            lost_held: whereabouts.held,
            lost_held_by_the_dead: whereabouts.held_by_the_dead,
            lost_nowhere: whereabouts.nowhere,
            holders: (&whereabouts.holders).into(),
            refused: unanswered.refused,
            unknown_never_stored: unanswered.never_stored,
            unknown_stored: unanswered.stored,
            unknown_gone: unanswered.gone,
            cuts: (&record.cuts).into(),
            rpo_pre_s: points.map(|reach| reach.before),
            rpo_post_s: points.map(|reach| reach.after),
            announced_if_dead: record.announced.map(|bound| bound.if_dead),
            announced_if_alive: record.announced.map(|bound| bound.if_alive),
            lost: (&record.lost).into(),
        }
    }
}

impl LossEntry<'_> {
    /// The database, with what the other lists say about it.
    fn into_store(self, authority: AuthorityRecord, copies: Vec<CopyRecord>) -> StoreRecord {
        let announced = self.announced_if_dead.zip(self.announced_if_alive);
        StoreRecord {
            store: self.store.into_owned(),
            acked: self.acked,
            at_stake: self.at_stake,
            lost_total: self.lost_total,
            lost_visible: self.lost_visible,
            whereabouts: LostWriteLocations {
                held: self.lost_held,
                held_by_the_dead: self.lost_held_by_the_dead,
                nowhere: self.lost_nowhere,
                holders: self.holders.into_owned(),
            },
            unanswered: Unanswered {
                refused: self.refused,
                never_stored: self.unknown_never_stored,
                stored: self.unknown_stored,
                gone: self.unknown_gone,
            },
            cuts: self.cuts.into_owned(),
            lost: self.lost.into_owned(),
            announced: announced.map(|(if_dead, if_alive)| LossBound { if_dead, if_alive }),
            copies,
            authority,
        }
    }
}

/// Puts the databases together again: the first two lists have one entry for each, in the same order.
pub(super) fn stores(
    loss: Vec<LossEntry<'_>>,
    authority: Vec<AuthorityEntry<'_>>,
    copies: Vec<CopyEntry<'_>>,
) -> Vec<StoreRecord> {
    let mut copies = copies.into_iter().peekable();
    let whole = |(loss, authority): (LossEntry<'_>, AuthorityEntry<'_>)| {
        let mut own = Vec::new();
        while let Some(entry) = copies.next_if(|entry| entry.store == loss.store) {
            own.push(entry.copy.into_owned());
        }
        loss.into_store(authority.into(), own)
    };
    loss.into_iter().zip(authority).map(whole).collect()
}
