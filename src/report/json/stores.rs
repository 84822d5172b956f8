//! Databases in `results.json`: what was lost, who could write, and what the copies were at the end.

use super::scalar::{Moment, Seconds};
use crate::record::{
    AuthorityRecord, CopyRecord, CopyRole, HistoryCut, Holder, LossBound, LostWrite, LostWriteLocations,
    StaleEpochWrite, StoreRecord, Unanswered, WriteTerm,
};
use crate::report::view;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

const ROLES: [CopyRole; 4] = [CopyRole::Authority, CopyRole::Follower, CopyRole::Diverged, CopyRole::Unreachable];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LossEntry<'a> {
    store: Cow<'a, str>,
    acked: u64,
    at_stake: u64,
    lost_total: u64,
    lost_visible: u64,
    lost_held: u64,
    lost_held_by_the_dead: u64,
    lost_nowhere: u64,
    holders: Vec<HolderEntry<'a>>,
    refused: u64,
    unknown_never_stored: u64,
    unknown_stored: u64,
    unknown_gone: u64,
    cuts: Vec<CutEntry<'a>>,
    rpo_pre_s: Option<Seconds>,
    rpo_post_s: Option<Seconds>,
    announced_if_dead: Option<u64>,
    announced_if_alive: Option<u64>,
    lost: Vec<LostEntry<'a>>,
}

/// A copy that holds lost writes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolderEntry<'a> {
    region: Cow<'a, str>,
    writes: u64,
    was_up: bool,
}

/// A cut of the history and what it cost.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CutEntry<'a> {
    at_s: Moment,
    from: Cow<'a, str>,
    to: Option<Cow<'a, str>>,
    outage_s: Option<Moment>,
    lost: u64,
    lost_before_outage: u64,
    first_lost_s: Option<Moment>,
    last_server_acked_s: Option<Moment>,
    last_lost_after_outage_s: Option<Moment>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LostEntry<'a> {
    operation: u64,
    key: u32,
    epoch: u32,
    lsn: u64,
    server_acked_s: Moment,
    client_acked_s: Moment,
    visible: bool,
    cut: u32,
    last_seen: Cow<'a, str>,
    held_by: Vec<Cow<'a, str>>,
}

/// Who could write, and which writes were acknowledged by somebody else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthorityEntry<'a> {
    store: Cow<'a, str>,
    fences: u64,
    promotions: u64,
    discarded: u64,
    terms: Vec<TermEntry<'a>>,
    stale_epoch_total: u64,
    stale_epoch: Vec<StaleEpochEntry<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermEntry<'a> {
    region: Cow<'a, str>,
    epoch: u32,
    from_s: Moment,
    until_s: Moment,
    acked: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StaleEpochEntry<'a> {
    operation: u64,
    key: u32,
    at_s: Moment,
    region: Cow<'a, str>,
    epoch: u32,
    in_force: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CopyEntry<'a> {
    store: Cow<'a, str>,
    region: Cow<'a, str>,
    role: Role,
    epoch: u32,
    applied_lsn: u64,
    rows: u64,
    digest: Content,
}

struct Role(CopyRole);

/// The digest of a copy's content: 32 hexadecimal digits.
struct Content(u128);

impl<'a> LossEntry<'a> {
    pub(super) fn of(s: &'a StoreRecord) -> Self {
        let points = view::recovery_points(s);
        Self {
            store: (&s.store).into(),
            acked: s.acked,
            at_stake: s.at_stake,
            lost_total: s.lost_total,
            lost_visible: s.lost_visible,
            lost_held: s.whereabouts.held,
            lost_held_by_the_dead: s.whereabouts.held_by_the_dead,
            lost_nowhere: s.whereabouts.nowhere,
            holders: s.whereabouts.holders.iter().map(HolderEntry::of).collect(),
            refused: s.unanswered.refused,
            unknown_never_stored: s.unanswered.never_stored,
            unknown_stored: s.unanswered.stored,
            unknown_gone: s.unanswered.gone,
            cuts: s.cuts.iter().map(CutEntry::of).collect(),
            rpo_pre_s: points.map(|reach| Seconds(reach.before)),
            rpo_post_s: points.map(|reach| Seconds(reach.after)),
            announced_if_dead: s.announced.map(|bound| bound.if_dead),
            announced_if_alive: s.announced.map(|bound| bound.if_alive),
            lost: s.lost.iter().map(LostEntry::of).collect(),
        }
    }

    /// The database, with what the other lists say about it.
    fn into_store(self, authority: AuthorityRecord, copies: Vec<CopyRecord>) -> StoreRecord {
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
                holders: self.holders.into_iter().map(HolderEntry::into_holder).collect(),
            },
            unanswered: Unanswered {
                refused: self.refused,
                never_stored: self.unknown_never_stored,
                stored: self.unknown_stored,
                gone: self.unknown_gone,
            },
            cuts: self.cuts.into_iter().map(CutEntry::into_cut).collect(),
            lost: self.lost.into_iter().map(LostEntry::into_write).collect(),
            announced: self
                .announced_if_dead
                .zip(self.announced_if_alive)
                .map(|(if_dead, if_alive)| LossBound { if_dead, if_alive }),
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
        while let Some(copy) = copies.next_if(|copy| copy.store == loss.store) {
            own.push(copy.into_copy());
        }
        loss.into_store(authority.into_record(), own)
    };
    loss.into_iter().zip(authority).map(whole).collect()
}

impl<'a> HolderEntry<'a> {
    fn of(holder: &'a Holder) -> Self {
        Self { region: (&holder.region).into(), writes: holder.writes, was_up: holder.was_up }
    }

    fn into_holder(self) -> Holder {
        Holder { region: self.region.into_owned(), writes: self.writes, was_up: self.was_up }
    }
}

impl<'a> CutEntry<'a> {
    fn of(cut: &'a HistoryCut) -> Self {
        Self {
            at_s: Moment(cut.at),
            from: (&cut.from).into(),
            to: cut.to.as_deref().map(Cow::from),
            outage_s: cut.outage.map(Moment),
            lost: cut.lost,
            lost_before_outage: cut.lost_before,
            first_lost_s: cut.first_lost.map(Moment),
            last_server_acked_s: cut.last_server_acked.map(Moment),
            last_lost_after_outage_s: cut.last_lost_after.map(Moment),
        }
    }

    fn into_cut(self) -> HistoryCut {
        HistoryCut {
            at: self.at_s.0,
            from: self.from.into_owned(),
            to: self.to.map(Cow::into_owned),
            outage: self.outage_s.map(|at| at.0),
            lost: self.lost,
            lost_before: self.lost_before_outage,
            first_lost: self.first_lost_s.map(|at| at.0),
            last_server_acked: self.last_server_acked_s.map(|at| at.0),
            last_lost_after: self.last_lost_after_outage_s.map(|at| at.0),
        }
    }
}

impl<'a> LostEntry<'a> {
    fn of(w: &'a LostWrite) -> Self {
        Self {
            operation: w.operation,
            key: w.key,
            epoch: w.epoch,
            lsn: w.lsn,
            server_acked_s: Moment(w.server_acked),
            client_acked_s: Moment(w.client_acked),
            visible: w.visible,
            cut: w.cut,
            last_seen: (&w.last_seen).into(),
            held_by: w.held_by.iter().map(Cow::from).collect(),
        }
    }

    fn into_write(self) -> LostWrite {
        LostWrite {
            operation: self.operation,
            key: self.key,
            epoch: self.epoch,
            lsn: self.lsn,
            server_acked: self.server_acked_s.0,
            client_acked: self.client_acked_s.0,
            visible: self.visible,
            cut: self.cut,
            last_seen: self.last_seen.into_owned(),
            held_by: self.held_by.into_iter().map(Cow::into_owned).collect(),
        }
    }
}

impl<'a> AuthorityEntry<'a> {
    pub(super) fn of(s: &'a StoreRecord) -> Self {
        let AuthorityRecord { terms, fences, promotions, stale_epoch_total, stale_epoch, discarded } = &s.authority;
        Self {
            store: (&s.store).into(),
            fences: *fences,
            promotions: *promotions,
            discarded: *discarded,
            terms: terms.iter().map(TermEntry::of).collect(),
            stale_epoch_total: *stale_epoch_total,
            stale_epoch: stale_epoch.iter().map(StaleEpochEntry::of).collect(),
        }
    }

    fn into_record(self) -> AuthorityRecord {
        AuthorityRecord {
            terms: self.terms.into_iter().map(TermEntry::into_term).collect(),
            fences: self.fences,
            promotions: self.promotions,
            stale_epoch_total: self.stale_epoch_total,
            stale_epoch: self.stale_epoch.into_iter().map(StaleEpochEntry::into_write).collect(),
            discarded: self.discarded,
        }
    }
}

impl<'a> TermEntry<'a> {
    fn of(t: &'a WriteTerm) -> Self {
        let (from_s, until_s) = (Moment(t.from), Moment(t.until));
        Self { region: (&t.region).into(), epoch: t.epoch, from_s, until_s, acked: t.acked }
    }

    fn into_term(self) -> WriteTerm {
        let (from, until) = (self.from_s.0, self.until_s.0);
        WriteTerm { region: self.region.into_owned(), epoch: self.epoch, from, until, acked: self.acked }
    }
}

impl<'a> StaleEpochEntry<'a> {
    fn of(w: &'a StaleEpochWrite) -> Self {
        Self {
            operation: w.operation,
            key: w.key,
            at_s: Moment(w.at),
            region: (&w.region).into(),
            epoch: w.epoch,
            in_force: w.in_force,
        }
    }

    fn into_write(self) -> StaleEpochWrite {
        StaleEpochWrite {
            operation: self.operation,
            key: self.key,
            at: self.at_s.0,
            region: self.region.into_owned(),
            epoch: self.epoch,
            in_force: self.in_force,
        }
    }
}

impl<'a> CopyEntry<'a> {
    pub(super) fn of_store(s: &'a StoreRecord) -> impl Iterator<Item = Self> {
        s.copies.iter().map(|copy| Self::of(&s.store, copy))
    }

    fn of(store: &'a str, c: &'a CopyRecord) -> Self {
        Self {
            store: store.into(),
            region: (&c.region).into(),
            role: Role(c.role),
            epoch: c.epoch,
            applied_lsn: c.applied_lsn,
            rows: c.rows,
            digest: Content(c.digest),
        }
    }

    fn into_copy(self) -> CopyRecord {
        CopyRecord {
            region: self.region.into_owned(),
            epoch: self.epoch,
            applied_lsn: self.applied_lsn,
            rows: self.rows,
            digest: self.digest.0,
            role: self.role.0,
        }
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(view::role(self.0))
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let role = ROLES.into_iter().find(|role| view::role(*role) == text);
        role.map(Self).ok_or_else(|| serde::de::Error::custom("a copy is authority, follower, diverged or unreachable"))
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let content = u128::from_str_radix(&text, 16);
        content.map(Self).map_err(|_| serde::de::Error::custom("the digest of a copy is 32 hexadecimal digits"))
    }
}
