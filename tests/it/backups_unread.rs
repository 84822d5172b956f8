//! A fault of backups has affected something once somebody reads them, or looks at their age.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

fn run(faults: &str, rest: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: backups\nduration: 30m\nregions:\n  west: {{services: {{api: {{servers: 32, time: 20ms, database: \
         d}}}}}}\n  east: {{like: west, role: secondary}}\ndatabases:\n  d: {{primary: west, replicas: [east], backups: {{volume: 1GB, full: \
         10m, log: 2m}}}}\nresolvers: {{violators: 0%}}\nworkload:\n  - open: {{name: u, rate: 5/s, mix: {{write: 20%}}}}\nfaults:\n{faults}{rest}"
    );
    rehearse(&plan_of(&text, "backups.yaml", &[]), &Provenance::default(), 1)
}

const FAULTS: [&str; 4] = [
    "  - backups_stop: {id: bad, database: d, at: 1m}\n",
    "  - backup_unusable: {id: bad, database: d, at: 13m}\n",
    "  - backup_unusable: {id: bad, database: d, at: 13m, what: log}\n",
    "  - backup_unusable: {id: bad, database: d, at: 13m, what: all}\n",
];

const CALM: &str = "properties:\n  ok: {always: success >= 99%}\n";

#[test]
fn what_nobody_reads_has_affected_nobody() {
    for fault in FAULTS {
        let outcome = run(fault, CALM);
        assert_eq!((outcome.record.faults[0].hits, outcome.verdict), (0, Verdict::Inconclusive), "{fault}");
        assert!(outcome.doubts.iter().any(|doubt| doubt.contains("fault `bad` affected nothing")), "{fault}");
    }
}

#[test]
fn who_looks_at_their_age_may_notice() {
    for fault in FAULTS {
        let outcome = run(fault, &format!("{CALM}  young: {{always: db.d.restorable_age <= 40m}}\n"));
        assert!(outcome.record.faults[0].hits > 0 && outcome.verdict == Verdict::Pass, "{fault}");
    }
}

#[test]
fn who_restores_meets_them() {
    let restored = "  - data_lost: {id: deleted, database: d, at: 15m}\ncontrol:\n  - watch: {every: 1m, run: restore_from_backup}\n";
    for fault in FAULTS {
        let outcome = run(fault, &format!("{restored}{CALM}"));
        let bad = outcome.record.faults.iter().find(|found| found.id == "bad").expect("it is there");
        assert!(bad.hits > 0, "{fault}");
    }
}
