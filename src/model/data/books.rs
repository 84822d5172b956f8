//! What others learn of databases as a whole: monitoring, the end of a run, and comparisons of worlds.
//!
//! Owns nothing. Does not know what is made of it. Invariant: what is looked at is as it is at present, with all applied
//! that could be by now.

use crate::model::core::Core;
use crate::model::data::Data;
use crate::model::data::database::{BackupCatalogue, Database, Replica};
use crate::record::ClosingStore;
use crate::units::{Instant, RegionId};

impl Data {
    /// A second is over: what authorities took on in it decides how fast replicas are fed in the next.
    pub(in crate::model) fn share_capacity(&mut self, at: Instant) {
        for database in &mut self.databases {
            database.advance(at);
            database.share_capacity(at);
        }
    }

    /// Monitoring looks at the heads of authorities, where it looks at a region.
    pub(in crate::model) fn scrape_heads(&mut self, core: &Core, looks_at: impl Fn(RegionId) -> bool) {
        let now = core.now();
        for database in &mut self.databases {
            database.advance(now);
            let authority = &database.copies[database.authority];
            let unseen = core.regions[authority.region.index()].is_silent() || !looks_at(authority.region);
            let up = !authority.crashed.is_on() && authority.is_readable() && !unseen;
            let head = up.then(|| database.log.head(authority.lineage));
            database.seen.scraped(now, head);
        }
    }

    /// Whether no replica could still catch up.
    pub(in crate::model) fn is_at_rest(&mut self, now: Instant) -> bool {
        self.databases.iter_mut().for_each(|d| d.advance(now));
        let behind = |d: &Database| d.followers().any(|c| c.is_connected() && c.backlog() > 0);
        !self.databases.iter().any(behind)
    }

    /// Writes down which copies are up by themselves.
    pub(in crate::model) fn note_who_is_up(&mut self, core: &Core) {
        for database in &mut self.databases {
            database.up_at_the_end = database.copies.iter().map(|copy| is_up(copy, core)).collect();
        }
    }

    /// What databases are at the end, which goes into the fingerprint of the run; with their rows if they are `looked_at`.
    pub(in crate::model) fn close(&mut self, core: &mut Core, looked_at: bool) -> Vec<ClosingStore> {
        let now = core.now();
        let name_of = |id: RegionId| core.region_name(id);
        let reachable = |copy: &Replica| is_up(copy, core);
        let stores: Vec<_> = self.databases.iter_mut().map(|d| d.close(now, looked_at, name_of, reachable)).collect();
        for copy in stores.iter().flat_map(|store| &store.copies) {
            let text = format!("{}/{}/{:x}", copy.region, copy.applied_lsn, copy.digest);
            core.chronicle.digest.note_text(now, &text);
        }
        stores
    }

    /// What is in effect, for comparing.
    pub(in crate::model) fn in_force(&self) -> impl Iterator<Item = String> + '_ {
        self.databases.iter().flat_map(of_one)
    }
}

fn is_up(copy: &Replica, core: &Core) -> bool {
    !copy.crashed.is_on() && !core.regions[copy.region.index()].dark.is_on()
}

fn of_one(database: &Database) -> impl Iterator<Item = String> + '_ {
    let copies = database.copies.iter().enumerate().map(|(at, copy)| {
        let (crashed, stalled, full) = (copy.crashed.is_on(), copy.stalled.is_on(), copy.full.is_on());
        let (name, added, wiped) = (&database.name, copy.added, copy.wiped.is_on());
        format!("{name} copy {at}: crashed {crashed}, stalled {stalled}, full {full}, wiped {wiped}, {added} later")
    });
    copies.chain(database.backups.as_ref().map(BackupCatalogue::in_force))
}
