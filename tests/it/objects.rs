//! Buckets of an object store: how far copies are behind, what is lost, what control learns and repairs, and that what is lost
//! is never a GO.

use super::plan_of;
use firedrill::control::{Control, Working};
use firedrill::model::SimulatedPorts;
use firedrill::model::plan::{ControllerPlan, WorldPlan};
use firedrill::outcome::{Outcome, Verdict};
use firedrill::ports::{BucketDamage, BucketRepair, BucketStatus, Clock, Objects, PortError};
use firedrill::rehearse::{Provenance, rehearsal, rehearse};
use firedrill::scenario::{Catalogs, load};
use firedrill::sim::{Rehearsal, run};
use firedrill::units::{Instant, Span};
use std::fmt;
use std::sync::{Arc, Mutex};

const WORLD: &str = "
firedrill: 1
name: pictures
duration: 10m
regions:
  west:  {services: {api: {servers: 16, time: 20ms, bucket: pictures}}}
  north: {role: secondary, services: {api: {servers: 16, time: 20ms, bucket: pictures}}}
buckets:
  pictures: {primary: west, replicas: [north], delay: 30s, object_size: 1MB, verify_rate: 100MB/s, repair_rate: 10MB/s}
workload:
  - open: {rate: 20/s, arrivals: constant, mix: {write: 50%}, keys: {uniform: 10k}, timeout: 2s, retries: 0}
";

fn judged(rest: &str) -> Outcome {
    let text = format!("{WORLD}{rest}");
    rehearse(&plan_of(&text, "pictures.yaml", &[]), &Provenance::default(), 1)
}

fn at(outcome: &Outcome, signal: &str, second: u64) -> u64 {
    outcome.record.signal(signal).expect("recorded").at(Instant::from_secs(second)).part
}

const NOTHING_LOST: &str = "properties: {whole: {always: bucket.pictures.lost <= 0}}\n";

#[test]
fn a_copy_is_behind_by_what_was_put_within_the_delay() {
    let outcome = judged(NOTHING_LOST);
    // Little's law: 10 puts a second, each 30 s on its way, but for keys that were put twice meanwhile.
    let behind: Vec<u64> = (60..600).map(|second| at(&outcome, "bucket.pictures.north.behind", second)).collect();
    let mean = behind.iter().sum::<u64>() as f64 / behind.len() as f64;
    assert!((mean - 300.0).abs() < 8.0, "{mean}");
    assert_eq!(at(&outcome, "bucket.pictures.west.behind", 300), 0);
    assert_eq!(outcome.verdict, Verdict::Pass);
    let end = outcome.record.end.second();
    assert!((630..=660).contains(&end) && at(&outcome, "bucket.pictures.north.behind", end) == 0, "ends at {end}");
}

#[test]
fn replication_that_is_late_leaves_as_much_more_behind() {
    let outcome = judged(&format!(
        "faults: [{{objects_late: {{id: late, bucket: pictures, by: 90s, at: 2m, for: 6m}}}}]\n{NOTHING_LOST}"
    ));
    let behind = at(&outcome, "bucket.pictures.north.behind", 420);
    assert!((1_100..=1_210).contains(&behind), "120 s of 10 puts a second, but for keys put twice: {behind}");
    assert!(at(&outcome, "bucket.pictures.north.behind", 580) < 310, "made up for once it is over");
}

#[test]
fn nothing_arrives_in_a_region_that_is_dark_or_cut_off_and_all_of_it_afterwards() {
    for fault in [
        "region_outage: {region: north",
        "partition: {region: west, from: north",
        "bucket_down: {bucket: pictures, region: north",
    ] {
        let outcome = judged(&format!("faults: [{{{fault}, at: 2m, for: 90s}}}}]\n{NOTHING_LOST}"));
        let behind = |second| at(&outcome, "bucket.pictures.north.behind", second);
        // Puts of 119 s, ten a second, under 10,000 keys: 10,000 (1 - exp(-0.119)) different ones, give or take thirty.
        assert!((1_030..=1_210).contains(&behind(209)), "{fault}: {}", behind(209));
        assert!(behind(119) < 310 && behind(211) < 310, "{fault}");
    }
}

const DELETED: &str =
    "faults: [{objects_damaged: {id: deleted, bucket: pictures, region: west, share: 10%, at: 4m, for: 1s}}]\n";

#[test]
fn objects_that_are_lost_are_found_where_no_property_speaks_of_them() {
    // A tenth of the 300 that were put in the 30 s before had not reached the other region.
    let served = "properties: {served: {measure: {value: availability, at_least: 1%}}}\n";
    let outcome = judged(&format!("{DELETED}{served}"));
    let said = outcome.findings.iter().find(|found| found.starts_with("pictures:")).expect("objects are lost");
    assert!(said.contains("objects were lost, the first at 4m") && outcome.verdict == Verdict::Inconclusive, "{said}");
    let most = (0..600).map(|second| at(&outcome, "bucket.pictures.lost", second)).max().expect("recorded");
    assert!((15..=50).contains(&most), "{most}");
    for (bound, bounds) in [(most, true), (most - 1, false)] {
        let always = format!("properties: {{few: {{always: bucket.pictures.lost <= {bound}}}}}\n");
        let outcome = judged(&format!("{DELETED}{always}"));
        assert_eq!(!outcome.findings.iter().any(|found| found.starts_with("pictures:")), bounds, "at most {bound}");
    }
    let later = format!("properties: {{later: {{always: {{holds: bucket.pictures.lost <= {most}, from: 5m}}}}}}\n");
    assert!(judged(&format!("{DELETED}{later}")).findings.iter().any(|found| found.starts_with("pictures:")));
}

#[test]
fn reads_that_are_older_than_replication_explains_are_found() {
    let both = "balancer: {weights: {west: 50%, north: 50%}}\nproperties: {served: {always: success >= 99%}}\n";
    let world = |rest: &str| {
        let text = format!("{WORLD}{both}{rest}")
            .replace("delay: 30s", "delay: 15s")
            .replace("role: secondary, services: {api: {", "role: secondary, services: {api: {active: true, ");
        rehearse(&plan_of(&text, "both.yaml", &[]), &Provenance::default(), 1)
    };
    let usual = world("");
    assert_eq!((usual.verdict, at(&usual, "bucket.pictures.north.stale", 600)), (Verdict::Pass, 0));
    let late = world("faults: [{objects_late: {bucket: pictures, region: north, by: 1h, at: 1m}}]\n");
    let stale = at(&late, "bucket.pictures.north.stale", 600);
    assert!(stale > 100 && at(&late, "bucket.pictures.west.stale", 600) == 0, "{stale}");
    let said = late.findings.iter().find(|found| found.starts_with("pictures.north:")).expect("older objects");
    assert!(said.contains(&format!("{stale} reads were answered with an older object")), "{said}");
    assert_eq!(late.verdict, Verdict::Inconclusive);
}

#[test]
fn who_gets_what_is_not_there_fails_and_the_fault_is_blamed() {
    let outcome = judged(&format!("{DELETED}{NOTHING_LOST}"));
    let failed = outcome.record.requests.failed;
    // 10 reads a second for six minutes, a tenth of which fails at first, and fewer as keys are put anew: the mean of
    // exp(-t / 1000 s) over 360 s is 0.84.
    assert!((240..=360).contains(&failed), "{failed}");
    let fault = outcome.record.faults.iter().find(|fault| fault.id == "deleted").expect("it is there");
    // Beside those, what was put while it lasted and damaged.
    assert!((failed..failed + 5).contains(&fault.touched), "{} touched, {failed} failed", fault.touched);
}

#[test]
fn a_store_that_is_down_answers_errors_and_one_that_is_dark_answers_nothing() {
    let run = |fault: &str| judged(&format!("faults: [{fault}]\n{NOTHING_LOST}")).record;
    let down = run("{bucket_down: {bucket: pictures, region: west, at: 2m, for: 1m}}").requests;
    assert_eq!((down.failed, down.unknown), (1_200, 0), "20 requests a second, each refused at once");
    // Services in west have no copy of their own: the store alone is dark, and what was put may stand.
    let text = format!("{WORLD}faults: [{{region_outage: {{region: south, at: 2m, for: 1m}}}}]\n{NOTHING_LOST}");
    let text = text
        .replace("primary: west, replicas: [north]", "primary: south")
        .replace("buckets:", "  south: {role: secondary, services: {spare: {servers: 1, time: 1ms}}}\nbuckets:");
    let text = text.replace("pictures: {primary", "pictures: {call_timeout: 1s, primary");
    let dark = rehearse(&plan_of(&text, "elsewhere.yaml", &[]), &Provenance::default(), 1).record;
    let (failed, unknown) = (dark.requests.failed, dark.requests.unknown);
    assert!((550..=650).contains(&failed) && (550..=650).contains(&unknown), "{failed} reads, {unknown} writes");
    let up = dark.signal("bucket.pictures.south.up").expect("recorded");
    assert_eq!([119, 120, 179, 180].map(|second| up.at(Instant::from_secs(second)).part), [1, 0, 0, 1]);
}

/// What control is told.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Status(Result<BucketStatus, PortError>),
    Found(Result<BucketDamage, PortError>),
    Repaired(Result<BucketRepair, PortError>),
}

type Answers = Arc<Mutex<Vec<(Span, Told)>>>;

/// Asks for the state of a copy at a time, verifies it, has it repaired, and keeps what it is told and how long that took.
struct Caretaker {
    at: u64,
    region: &'static str,
    answers: Answers,
}

impl fmt::Debug for Caretaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caretaker")
    }
}

impl Control for Caretaker {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        let (at, region, answers) = (self.at, self.region, Arc::clone(&self.answers));
        Box::pin(async move {
            ports.sleep(Span::from_secs(at)).await;
            for call in 0..3 {
                let from = ports.now();
                let told = match call {
                    0 => Told::Status(ports.bucket_status("pictures", region).await),
                    1 => Told::Found(ports.verify_bucket("pictures", region).await),
                    _ => Told::Repaired(ports.repair_bucket("pictures", region).await),
                };
                answers.lock().expect("one thread").push((ports.now().since(from), told));
            }
        })
    }
}

fn cared_for(rest: &str, at: u64, region: &'static str) -> Vec<(Span, Told)> {
    let mut plan = plan_of(&format!("{WORLD}{rest}{NOTHING_LOST}"), "pictures.yaml", &[]);
    plan.world.controllers =
        vec![ControllerPlan { name: "caretaker".to_owned(), place: None, drill: false, lease: None }];
    let answers = Answers::default();
    let controls: Vec<Arc<dyn Control>> = vec![Arc::new(Caretaker { at, region, answers: Arc::clone(&answers) })];
    let schedule = plan.schedule(1);
    run(Rehearsal { controls: &controls, ..rehearsal(&plan, &schedule) }, 1);
    answers.lock().expect("one thread").clone()
}

#[test]
fn a_repair_takes_what_it_copies_takes_and_brings_back_what_another_copy_has() {
    let told = cared_for(DELETED, 300, "west");
    let [(_, Told::Status(Ok(status))), (reading, Told::Found(Ok(found))), (copying, Told::Repaired(Ok(repair)))] =
        &told[..]
    else {
        panic!("{told:?}")
    };
    // A thousand are gone; in the minute since then some were put anew.
    assert!((9_000..9_100).contains(&status.objects), "{status:?}");
    assert!((800..950).contains(&found.missing) && found.corrupt == 0, "{found:?}");
    assert!((Span::from_secs(100)..Span::from_secs(101)).contains(reading), "10 GB at 100 MB/s: {reading}");
    let shortest = Span::from_millis(repair.copied * 100);
    assert!((shortest..shortest.saturating_add(Span::from_secs(12))).contains(copying), "{repair:?} in {copying}");
    assert_eq!(repair.beyond, 0);
}

#[test]
fn what_every_copy_has_lost_is_beyond_repair() {
    let everywhere = DELETED.replace("region: west, ", "");
    let told = cared_for(&everywhere, 241, "north");
    let Told::Repaired(Ok(repair)) = &told[2].1 else { panic!("{told:?}") };
    assert!(repair.beyond > 700 && repair.copied < 100, "{repair:?}");
}

#[test]
fn a_copy_that_is_down_refuses_one_that_is_dark_is_silent_and_one_that_is_not_there_is_named() {
    let down = cared_for("faults: [{bucket_down: {bucket: pictures, region: north, at: 1m}}]\n", 90, "north");
    let refused = |told: &Told, why: &str| {
        let (Told::Status(Err(error)) | Told::Found(Err(error)) | Told::Repaired(Err(error))) = told.clone() else {
            panic!("{told:?}")
        };
        assert!(error.to_string().contains(why), "{error}");
    };
    assert_eq!(down.len(), 3);
    down.iter().for_each(|(_, told)| refused(told, "answers errors"));
    let dark = cared_for("faults: [{region_outage: {region: north, at: 1m}}]\n", 90, "north");
    dark.iter().for_each(|(_, told)| refused(told, "no answer within"));
    cared_for("", 90, "south").iter().for_each(|(_, told)| refused(told, "there is no region `south`"));
}

#[test]
fn a_repair_that_fails_repairs_nothing_and_can_be_asked_for_again() {
    let wrong = |how: &str| {
        let rest = format!(
            "faults:\n  - objects_damaged: {{id: deleted, bucket: pictures, region: west, share: 10%, at: 4m, for: 1s}}\n  \
             - action_fails: {{action: repair_bucket, how: {how}, share: 100%, at: 4m, for: 90s}}\n\
             control:\n  - scrub: {{bucket: pictures, every: 100s}}\n{NOTHING_LOST}"
        );
        let text = format!("{WORLD}{rest}").replace("verify_rate: 100MB/s", "verify_rate: 1GB/s");
        rehearse(&plan_of(&text, "pictures.yaml", &[]), &Provenance::default(), 1)
    };
    for how in ["refused", "without_effect"] {
        let outcome = wrong(how);
        let hits = outcome.record.faults.iter().find(|fault| fault.id == "action_fails").expect("it is there").hits;
        assert_eq!(hits, 1, "{how}");
        let damaged = |second| at(&outcome, "bucket.pictures.west.damaged", second);
        // The round at 5m finds them at 5m10s, and its repair fails; that at 6m40s has up to 900 objects copied in 90 s.
        assert!(damaged(400) > 700, "{how}: {}", damaged(400));
        assert_eq!(damaged(510), 0, "{how}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let cases = [
        ("replicas: [north]", "replicas: [north, north]", "FD0208", "two copies in `north`"),
        ("replicas: [north]", "replicas: [west]", "FD0208", "two copies in `west`"),
        ("time: 20ms, bucket: pictures", "time: 20ms, bucket: films", "FD0102", "films"),
        (
            "workload:",
            "faults: [{objects_late: {bucket: pictures, region: south, by: 1m, at: 1m}}]\nworkload:",
            "FD0102",
            "south",
        ),
    ];
    for (written, instead, code, says) in cases {
        let text = format!("{WORLD}{NOTHING_LOST}").replacen(written, instead, 1);
        let problems = load(&text, "pictures.yaml", &[], &Catalogs::BUILT_IN).expect_err(instead);
        let problem = problems.iter().find(|problem| problem.code == code).unwrap_or_else(|| panic!("{problems:?}"));
        assert!(problem.message.contains(says), "{}", problem.message);
    }
    let alone = format!("{WORLD}faults: [{{objects_late: {{bucket: pictures, by: 1m, at: 1m}}}}]\n{NOTHING_LOST}")
        .replace(", replicas: [north]", "");
    let problems = load(&alone, "pictures.yaml", &[], &Catalogs::BUILT_IN).expect_err("nothing is replicated");
    assert!(problems.iter().any(|problem| problem.code == "FD0219" && problem.message.contains("one copy")));
}
