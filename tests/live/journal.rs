//! The journal in a file: what it has answered for is there, whatever happened to the process; what is damaged is said.

use super::{folder, live};
use firedrill::live::{JOURNAL, LiveError, LiveRuntime};
use firedrill::ports::{Clock, Journal, PortError, Tenure};
use firedrill::units::{Instant, Span};
use std::fs::{read, write};
use std::path::Path;

const LEASE: Span = Span::from_secs(60);

/// A process that joins and leads.
async fn leader(folder: &Path, name: &str) -> LiveRuntime {
    let runtime = LiveRuntime::join(folder, name).await.expect("it joins");
    let lease = runtime.acquire_lease(LEASE).await.expect("nobody holds it");
    runtime.under(lease.epoch)
}

/// A journal of three entries, as bytes; the process is gone.
fn three_entries(folder: &Path) -> Vec<u8> {
    live(async {
        let leader = leader(folder, "a").await;
        for (position, entry) in (0..).zip(["one", "two", "three \"quoted\"\nand on a second line"]) {
            leader.append_journal(position, entry).await.expect("it is appended");
        }
    });
    std::fs::remove_file(folder.join(firedrill::live::LEASE)).expect("the lease is over");
    read(folder.join(JOURNAL)).expect("there is a journal")
}

fn entries(folder: &Path) -> Result<Vec<String>, String> {
    live(async {
        let joined = LiveRuntime::join(folder, "b").await.map_err(|error| error.to_string())?;
        joined.read_journal(0).await.map_err(|error| error.to_string())
    })
}

#[test]
fn what_was_appended_is_read_by_the_next_process_from_any_position() {
    let folder = folder("journal_next");
    three_entries(&folder);
    live(async {
        let next = LiveRuntime::join(&folder, "b").await.unwrap();
        assert_eq!(next.read_journal(0).await.unwrap()[..2], ["one", "two"]);
        assert_eq!(next.read_journal(2).await.unwrap(), ["three \"quoted\"\nand on a second line"]);
        assert_eq!(next.read_journal(9).await.unwrap(), [""; 0]);
    });
}

#[test]
fn an_entry_goes_to_the_end_or_nowhere() {
    let folder = folder("journal_position");
    live(async {
        let leader = leader(&folder, "a").await;
        leader.append_journal(0, "one").await.unwrap();
        for wrong in [0, 2] {
            let refused = leader.append_journal(wrong, "two").await;
            assert!(matches!(&refused, Err(PortError::Refused(why)) if why.contains("1 entries")), "{refused:?}");
        }
        leader.append_journal(1, "two").await.unwrap();
        assert_eq!(leader.read_journal(0).await.unwrap(), ["one", "two"]);
    });
}

#[test]
fn a_last_line_of_which_any_part_was_written_is_cut_off_and_written_over() {
    let folder = folder("journal_torn");
    let whole = three_entries(&folder);
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in last..whole.len() {
        write(folder.join(JOURNAL), &whole[..length]).unwrap();
        live(async {
            let next = leader(&folder, "b").await;
            assert_eq!(next.read_journal(0).await.unwrap(), ["one", "two"], "{length} bytes");
            next.append_journal(2, "four").await.unwrap();
        });
        assert_eq!(entries(&folder).unwrap(), ["one", "two", "four"], "{length} bytes");
        std::fs::remove_file(folder.join(firedrill::live::LEASE)).unwrap();
    }
}

#[test]
fn a_line_that_was_written_and_not_made_durable_before_the_kill_counts_if_it_is_there_whole() {
    let folder = folder("journal_unsynced");
    let whole = three_entries(&folder);
    // What is not synced may be lost with the machine, not with the process: then the line is there or it is not, and
    // whoever wrote it was not answered.
    write(folder.join(JOURNAL), &whole).unwrap();
    assert_eq!(entries(&folder).unwrap().len(), 3);
}

#[test]
fn any_damage_to_a_whole_line_is_named_by_file_and_line() {
    let folder = folder("journal_damaged");
    let whole = three_entries(&folder);
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    for at in (0..whole.len()).filter(|at| !ends.contains(at)) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        write(folder.join(JOURNAL), &damaged).unwrap();
        let line = ends.iter().filter(|end| **end < at).count() + 1;
        let said = entries(&folder).unwrap_err();
        // What has become an end of a line makes two of one: the first of them is none.
        assert!(said.contains(&format!("journal.jsonl:{line}: ")), "byte {at}, line {line}: {said}");
        assert!(said.contains("restore the file from a copy"), "{said}");
    }
}

#[test]
fn a_line_that_is_missing_or_there_twice_is_named() {
    let folder = folder("journal_missing");
    let whole = three_entries(&folder);
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    for (kept, line) in [(vec![0, 2, 3], 2), (vec![0, 1, 1, 2], 3), (vec![1, 2], 1)] {
        let text: Vec<u8> = kept.iter().flat_map(|at| lines[*at].to_vec()).collect();
        write(folder.join(JOURNAL), text).unwrap();
        let said = entries(&folder).unwrap_err();
        assert!(said.contains(&format!("journal.jsonl:{line}: line number")), "{said}");
    }
}

#[test]
fn a_file_that_is_no_journal_or_of_another_format_is_refused() {
    let folder = folder("journal_other");
    for (text, why) in [("{}\n", "not a line of this format"), ("hello\n", "not a line of this format")] {
        write(folder.join(JOURNAL), text).unwrap();
        let said = entries(&folder).unwrap_err();
        assert!(said.contains(why) && said.contains("journal.jsonl:1: "), "{said}");
    }
    let missing = live(LiveRuntime::join(Path::new("/dev/null/folder"), "a"));
    assert!(matches!(missing, Err(LiveError::System { .. })));
}

#[test]
fn a_journal_that_is_cut_short_while_it_is_open_is_noticed() {
    let folder = folder("journal_shorter");
    live(async {
        let leader = leader(&folder, "a").await;
        leader.append_journal(0, "one").await.unwrap();
        let whole = read(folder.join(JOURNAL)).unwrap();
        write(folder.join(JOURNAL), &whole[..whole.len() / 2]).unwrap();
        let said = leader.append_journal(1, "two").await.unwrap_err();
        assert!(matches!(&said, PortError::Unreachable(why) if why.contains("shorter")), "{said}");
    });
}

#[test]
fn the_next_process_begins_no_earlier_than_what_is_written_down() {
    let folder = folder("journal_clock");
    let last = live(async {
        let leader = leader(&folder, "a").await;
        leader.sleep(Span::from_millis(30)).await;
        leader.append_journal(0, "one").await.unwrap();
        leader.now()
    });
    assert!(last >= Instant::ZERO + Span::from_millis(30));
    let next = live(async { LiveRuntime::join(&folder, "b").await.unwrap().now() });
    assert!(next.since(last) < Span::from_secs(20) && next >= last, "{last} and then {next}");
}
