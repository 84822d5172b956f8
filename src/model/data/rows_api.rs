//! Rows of databases, as control reads and writes them.
//!
//! Owns its commands. Does not know why rows are compared. Invariants: control finds the rows of the copy that leads, as committed;
//! what it writes enters the log like what clients write, is told apart from that, and is answered when a client would be.

use super::database::{BackupCatalogue, Database, Replica, RowContent};
use super::{Data, Due};
use crate::kernel::Class;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{PortError, Row, RowPage, RowWrite, Rows, RowsWritten};
use crate::record::{REPAIR, StoreEvent, Write, is_row, position_of, version};
use crate::units::{DatabaseId, Instant};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum RowsCommand {
    /// Read rows from a key on, so many keys.
    Read(DatabaseId, u32, u32),
    /// Write rows.
    Write(DatabaseId, Vec<RowWrite>),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum RowsAnswer {
    /// Rows.
    Page(RowPage),
    /// What became of rows that were to be written.
    Written(RowsWritten),
}

impl Operation for RowsCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::Read(..) => Nature::Asks,
            Self::Write(..) => Nature::Changes(Action::WriteRows),
        }
    }

    fn interface(&self) -> Option<Interface> {
        // It is the database that is asked, not the interface that controls it.
        None
    }
}

impl Data {
    /// Control reads or writes rows of a database.
    pub(in crate::model) fn execute_rows(&mut self, core: &mut Core, call: u32, command: RowsCommand) {
        let (RowsCommand::Read(database, ..) | RowsCommand::Write(database, _)) = command;
        let state = &self.databases[database.index()];
        let region = state.copies[state.authority].region;
        let Some(copy) = self.copy_that_answers(core, call, database, region) else { return };
        if !self.databases[database.index()].keeps_contents() {
            return core.refuse(
                call,
                "what its rows hold is not known: the controller must say that it reads them, by `reads_rows`",
            );
        }
        match command {
            RowsCommand::Read(_, from, limit) => {
                let page = self.databases[database.index()].page(copy, from, limit, core.now());
                core.answer(call, Ok(RowsAnswer::Page(page).into()));
            }
            RowsCommand::Write(_, writes) => self.write_rows(core, call, (database, copy), &writes),
        }
    }

    fn write_rows(&mut self, core: &mut Core, call: u32, (database, copy): (DatabaseId, usize), writes: &[RowWrite]) {
        let now = core.now();
        if !self.databases[database.index()].may_write(copy, now) {
            return core.refuse(call, "it accepts no writes");
        }
        if self.has_no_room(core, database, copy) {
            return core.refuse(call, "its disk is full");
        }
        if !core.plan.compared_databases().iter().any(|(one, other)| *one == database || *other == database) {
            return core.refuse(call, "no dual write goes to it, so nobody could tell what this takes away");
        }
        // What is compared is at stake on both sides, whichever is written.
        for compared in self.databases.iter_mut().filter(|state| state.keeps_contents()) {
            compared.note_change(now);
        }
        let state = &mut self.databases[database.index()];
        let (mut written, mut durable) = (RowsWritten::default(), now);
        for write in writes {
            match state.repair(copy, write, now) {
                Repair::Changed => written.changed.push(write.key),
                Repair::Needless => {}
                Repair::Entered(acknowledged) => durable = durable.max(acknowledged),
            }
        }
        let gives_up = now.saturating_add(state.plan.call_timeout);
        if durable > gives_up {
            // It stands in the log, and too few replicas have it.
            self.watch_patience(core, (database, copy), now, Instant::MAX);
            return core.schedule(gives_up, Class::Control, Due::RowsWritten { call, database, copy, written: None });
        }
        core.schedule(durable, Class::Control, Due::RowsWritten { call, database, copy, written: Some(written) });
    }

    /// What control wrote is durable, or it waits for that no longer.
    pub(super) fn rows_written(
        &mut self,
        core: &mut Core,
        call: u32,
        (database, copy): (DatabaseId, usize),
        written: Option<RowsWritten>,
    ) {
        let state = &self.databases[database.index()];
        let region = state.copies[copy].region;
        if let Some(fault) = core.regions[region.index()].dark.holder().or(state.copies[copy].crashed.holder()) {
            return core.hit(fault);
        }
        let waited = state.plan.call_timeout;
        let late = || PortError::Indeterminate(format!("not acknowledged within {waited:#}: too few replicas answer"));
        let answer =
            written.filter(|_| state.may_write(copy, core.now())).map(|written| RowsAnswer::Written(written).into());
        core.answer_from(region, call, answer.ok_or_else(late));
    }

    /// What `command` is answered with when it is done.
    pub(in crate::model) fn rows_as_if_done(&self, command: &RowsCommand) -> Answer {
        match command {
            RowsCommand::Write(..) => RowsAnswer::Written(RowsWritten::default()).into(),
            RowsCommand::Read(..) => Answer::Done,
        }
    }
}

/// What became of one row that control was to write.
enum Repair {
    /// It was not what was expected.
    Changed,
    /// It is what it should be.
    Needless,
    /// It entered the log, and is acknowledged then.
    Entered(Instant),
}

impl Database {
    /// Whether it is known what its rows hold.
    fn keeps_contents(&self) -> bool {
        self.contents.is_some()
    }

    /// What was written as `version` holds that, if anybody wants to know.
    #[cold]
    pub(in crate::model) fn note_content(&mut self, version: u64, content: RowContent) {
        let Some(contents) = &mut self.contents else { return };
        contents.note(version, content);
        if !contents.is_full() {
            return;
        }
        let copies = self.copies.iter().flat_map(Replica::versions);
        let backups = self.backups.iter().flat_map(BackupCatalogue::versions);
        let log = &self.log;
        contents.keep(&copies.chain(backups).collect(), |version| log.keeps(position_of(version)));
    }

    /// The row of `key` by `version`, as a reader finds it.
    fn row(&self, key: u32, version: u64) -> Option<Row> {
        let deleted = version != 0 && !is_row(version);
        if version == 0 || (deleted && !self.plan.soft_deletes) {
            return None;
        }
        let content = self.contents.as_ref()?.get(version)?;
        Some(Row { key, table: self.plan.table_of(key), value: content.value, stamp: content.stamp, deleted })
    }

    /// The rows of `copy` with keys from `from` on.
    fn page(&mut self, copy: usize, from: u32, limit: u32, now: Instant) -> RowPage {
        self.advance(now);
        let versions = self.copies[copy].rows();
        let end = from.saturating_add(limit.max(1)).min(versions.len() as u32);
        let rows = (from..end).filter_map(|key| self.row(key, versions[key as usize])).collect();
        let tables = self.plan.tables.iter().map(|(table, _)| table.clone()).collect();
        RowPage { tables, rows, next: ((end as usize) < versions.len()).then_some(end) }
    }

    /// Control writes a row at `copy`. A write that has begun there before is committed first: a row is locked until then.
    fn repair(&mut self, copy: usize, wanted: &RowWrite, now: Instant) -> Repair {
        let Some(newest) = self.copies[copy].newest(wanted.key) else { return Repair::Changed };
        let current = self.row(wanted.key, newest);
        if wanted.only_if.is_some_and(
            |expected| mutant!("a_repair_does_not_compare": Row::found(expected.0) != Row::found(current) => false),
        ) {
            return Repair::Changed;
        }
        let row = wanted.row.filter(|row| !row.deleted);
        if Row::found(current) == row.map(|row| row.value) {
            return Repair::Needless;
        }
        let operation = wanted.row.map_or(REPAIR, |row| row.value);
        let write = Write { operation, key: wanted.key, invoked: now, deleted: row.is_none() };
        let stamp = wanted.row.map_or(now, |row| row.stamp);
        let logged = self.enter(copy, write, now, |position, write| StoreEvent::Repaired { position, write });
        self.note_content(version(logged.position, write.deleted), RowContent { value: operation, stamp });
        Repair::Entered(logged.acknowledged)
    }
}

impl Rows for SimulatedPorts {
    async fn read_rows(&self, database: &str, from: u32, limit: u32) -> Result<RowPage, PortError> {
        match self.ask(RowsCommand::Read(self.database(database)?, from, limit)).await? {
            Answer::Rows(RowsAnswer::Page(page)) => Ok(page),
            other => misfit(&other),
        }
    }

    async fn write_rows(&self, database: &str, writes: &[RowWrite]) -> Result<RowsWritten, PortError> {
        match self.ask(RowsCommand::Write(self.database(database)?, writes.to_vec())).await? {
            Answer::Rows(RowsAnswer::Written(written)) => Ok(written),
            other => misfit(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::database::RowContents;
    use super::super::database::tests::{Watched, database, job, later};
    use super::*;
    use crate::model::core::job::{Access, Job};
    use crate::model::plan::Commit;
    use crate::ports::Expected;

    /// A database whose key 3 was written by operation 1, and its key 4 written and deleted.
    fn written(soft_deletes: bool) -> Watched {
        let mut database = database(Commit::Asynchronous);
        database.contents = Some(RowContents::default());
        database.plan.soft_deletes = soft_deletes;
        put(&mut database, &job(1, 3), 1);
        put(&mut database, &job(2, 4), 2);
        put(&mut database, &Job { access: Access::Delete, ..job(3, 4) }, 3);
        database
    }

    fn put(database: &mut Watched, job: &Job, second: u64) {
        let now = Instant::from_secs(second);
        let logged = database.append(0, job, now, true, now);
        let version = version(logged.position, job.access == Access::Delete);
        database.note_content(version, RowContent { value: job.number, stamp: now });
    }

    fn row(key: u32, value: u64, second: u64) -> Row {
        Row { key, table: 0, value, stamp: Instant::from_secs(second), deleted: false }
    }

    #[test]
    fn a_page_has_what_is_committed_and_deletes_only_if_they_are_soft() {
        let gone = Row { deleted: true, ..row(4, 3, 3) };
        for (soft, expected) in [(false, vec![row(3, 1, 1)]), (true, vec![row(3, 1, 1), gone])] {
            let page = written(soft).page(0, 2, 3, later(9_000));
            assert_eq!((page.rows, page.next), (expected, Some(5)), "{soft}");
        }
        let mut database = database(Commit::Asynchronous);
        database.contents = Some(RowContents::default());
        put(&mut database, &job(1, 3), 1);
        assert_eq!(database.page(0, 2, 3, Instant::from_secs(1)).rows, [], "it is not committed yet");
        assert_eq!(
            database.page(0, 5, 1_000, later(9_000)),
            RowPage { tables: Vec::new(), rows: Vec::new(), next: None }
        );
    }

    #[test]
    fn a_row_is_written_only_if_it_still_is_what_it_was() {
        let now = later(9_000);
        let wanted = |row, only_if| RowWrite { key: 3, row, only_if };
        let newer = Some(row(3, 7, 5));
        let as_seen = Some(Expected(Some(row(3, 1, 1))));
        let mut database = written(false);
        put(&mut database, &job(9, 3), 8);
        assert!(matches!(database.repair(0, &wanted(newer, as_seen), now), Repair::Changed), "it is of operation 9");
        assert!(matches!(database.repair(0, &wanted(newer, None), now), Repair::Entered(_)), "whatever it is");
        assert!(matches!(database.repair(0, &wanted(newer, None), now), Repair::Needless), "it is there already");
        database.advance(later(20_000));
        assert_eq!(database.page(0, 3, 1, later(20_000)).rows, [row(3, 7, 5)], "with the stamp it had");
        assert!(matches!(database.repair(0, &wanted(None, Some(Expected(newer))), now), Repair::Entered(_)));
        assert_eq!(database.page(0, 3, 1, later(30_000)).rows, [], "deleted");
        let elsewhere = RowWrite { key: 4_000_000, row: newer, only_if: None };
        assert!(matches!(database.repair(0, &elsewhere, now), Repair::Changed), "there is no such key");
    }

    #[test]
    fn contents_of_what_nobody_can_come_to_are_dropped() {
        let mut database = written(true);
        for number in 10..20_000 {
            put(&mut database, &job(number, 3), number);
            database.advance(Instant::from_secs(number));
        }
        let kept = (0..20_000).filter(|lsn| {
            let position = crate::record::Position { epoch: 1, lsn: *lsn };
            database.contents.as_ref().is_some_and(|contents| contents.get(version(position, false)).is_some())
        });
        assert!(kept.count() < 2_100, "two keys, and what the replica has not applied");
    }
}
