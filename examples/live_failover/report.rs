//! The report: the product's own, from what was seen of this drill.

use super::client::{Asked, Told};
use super::copies::Row;
use super::play::Played;
use super::world::{DATABASE, REGIONS};
use firedrill::live::{LiveAnswer, LiveDrill, LiveFault, LivePromotion, LiveRequest, LiveStore};
use firedrill::outcome::Verdict;
use firedrill::record::Position;
use firedrill::rehearse::{Provenance, judge_record};
use firedrill::report::{FileEntry, Look, Rendering, Subject, TERMINAL, manifest};
use firedrill::scenario::{Catalogs, load};
use firedrill::transcript::Line;
use firedrill::units::Instant;
use std::fs;
use std::path::Path;

/// What must hold.
const SCENARIO: &str = include_str!("live-failover.yaml");
const FILE: &str = "examples/live_failover/live-failover.yaml";

/// Judges the drill, writes its results beside everything else, and returns which properties did not hold.
pub fn written(played: &Played, said: &[Line]) -> Result<Vec<String>, String> {
    let (plan, _) = load(SCENARIO, FILE, &[], &Catalogs::BUILT_IN).map_err(|problems| format!("{problems:?}"))?;
    let drill = LiveDrill {
        objective: plan.world.objective.clone(),
        faults: vec![LiveFault {
            id: "dark".to_owned(),
            kind: "region_outage".to_owned(),
            effect: "the processes of the west are killed".to_owned(),
            at: played.dark,
            region: REGIONS[0].to_owned(),
        }],
        requests: Vec::new(),
        stores: vec![store(played, said)?],
        told: played.record.clone(),
        workload_end: played.stopped,
        end: played.end,
    };
    let class = |name: &str| drill.classes().position(|class| class.ends_with(name)).ok_or("there is no such class");
    let classes = [class(".read")?, class(".write")?].map(|class| u16::try_from(class).unwrap_or(u16::MAX));
    let requests = played.requests.iter().map(|request| live(request, classes)).collect();
    let record = LiveDrill { requests, ..drill }.record();
    let provenance = Provenance { file: FILE.to_owned(), text: SCENARIO.to_owned(), ..Provenance::default() };
    let outcome = judge_record(&plan, &provenance, record);
    let subject = Subject::Run(&outcome);
    let folder = played.world.folder.join("results");
    let mut entries = Vec::new();
    for rendering in subject.renderings(|_| true) {
        entries.push(write(&folder, &rendering).map_err(|error| error.to_string())?);
    }
    write(&folder, &manifest(entries).into()).map_err(|error| error.to_string())?;
    println!("{}", String::from_utf8_lossy(&subject.written(TERMINAL, Look::PLAIN)));
    println!("the report is {}", folder.join("report.html").display());
    let broken = outcome.properties.iter().filter(|property| property.verdict != Verdict::Pass);
    Ok(broken.map(|property| format!("{}: {}: {}", property.id, property.verdict, property.why)).collect())
}

fn write(folder: &Path, rendering: &Rendering<'_>) -> std::io::Result<FileEntry> {
    let path = folder.join(&rendering.path);
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    firedrill::report::written(rendering, &mut fs::File::create(path)?)
}

fn live(request: &Asked, [read, write]: [u16; 2]) -> LiveRequest {
    let place = match &request.told {
        Told::Done(row) => row.as_ref().map(position),
        _ => None,
    };
    LiveRequest {
        operation: request.operation,
        class: if request.is_write { write } else { read },
        region: request.region.clone(),
        began: request.began,
        ended: request.ended,
        answer: match request.told {
            Told::Done(_) => LiveAnswer::Done,
            Told::Failed(reason) => LiveAnswer::Failed(reason),
            Told::Unknown(reason) => LiveAnswer::Unknown(reason),
        },
        write: request.is_write.then(|| (DATABASE.to_owned(), place)),
    }
}

fn position(row: &Row) -> Position {
    Position { epoch: row.epoch, lsn: row.position }
}

/// The database: when it was fenced and promoted is in what control and the system said to each other.
fn store(played: &Played, said: &[Line]) -> Result<LiveStore, String> {
    let (_, fenced, _) = last_done(said, "fence").ok_or("nothing was fenced off")?;
    let (asked, done, answer) = last_done(said, "promote").ok_or("nothing was promoted")?;
    let number = |field: &str| answer.get(field).and_then(serde_json::Value::as_u64).ok_or("no promotion is told of");
    let promotion = LivePromotion {
        fenced,
        asked,
        done,
        region: REGIONS[1].to_owned(),
        epoch: u32::try_from(number("epoch")?).unwrap_or(u32::MAX),
        from_lsn: number("from_lsn")?,
    };
    Ok(LiveStore {
        name: DATABASE.to_owned(),
        regions: REGIONS.map(str::to_owned).to_vec(),
        promotions: vec![promotion],
        rows: played.rows.iter().map(|row| (position(row), row.operation)).collect(),
    })
}

/// When the last call of that name was sent that was done, when it was answered, and with what.
fn last_done(said: &[Line], wanted: &str) -> Option<(Instant, Instant, serde_json::Value)> {
    let mut sent: Option<(u64, Instant)> = None;
    let mut done = None;
    for line in said {
        match (line, sent) {
            (Line::Call { number, at, name, .. }, _) if name == wanted => sent = Some((*number, *at)),
            (Line::Answer { number, at, answer: Ok(answer), .. }, Some((call, asked))) if *number == call => {
                done = Some((asked, *at, answer.clone()));
            }
            _ => {}
        }
    }
    done
}
