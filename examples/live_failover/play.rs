//! The play: sets everything up, breaks it, and says the result.

use super::client::{self, Asked as Request, Ledger, Told};
use super::conformance;
use super::controller::control;
use super::copies::{Copy, Row};
use super::monitor;
use super::postgres::{self, Postgres};
use super::report;
use super::world::{DATABASE, Name, RECORD, REGIONS, Register, SERVICE, TTL_MS, World, read_json, write_json};
use firedrill::live::{LiveRecord, LiveRuntime};
use firedrill::ports::{Clock, Journal};
use firedrill::procedure::{Entry, What};
use firedrill::record::LossBound;
use firedrill::transcript::{Transcript, replay};
use firedrill::units::{Instant, Span};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// What is asked for.
pub struct Asked {
    pub postgres: bool,
    /// Only the suites for ports.
    pub conformance: bool,
    /// Where everything is kept; what an earlier play has left there is taken away.
    pub output: PathBuf,
}

/// The second stands by for the first.
const CONTROLLERS: [&str; 2] = ["a", "b"];

/// How long anything may take to get ready or to be over.
const LONGEST: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The programs of the system, by what they are.
pub type Programs = BTreeMap<String, Child>;

/// What happened.
pub struct Played {
    pub world: World,
    pub requests: Vec<Request>,
    /// What the copy that leads holds in the end.
    pub rows: Vec<Row>,
    pub record: LiveRecord,
    pub dark: Instant,
    /// When the client stopped.
    pub stopped: Instant,
    pub end: Instant,
}

pub async fn run(asked: Asked) -> Result<(), String> {
    if asked.postgres && !postgres::is_installed() {
        return Err("there is no PostgreSQL server: install Debian's package `postgresql`".to_owned());
    }
    let world = made(&asked)?;
    if world.postgres {
        Postgres::set_up(&world).await?;
    }
    let played = timeout(LONGEST * 2, async {
        if asked.conformance {
            conformance::run(world.clone()).await.map(|()| None)
        } else {
            play(world.clone()).await.map(Some)
        }
    })
    .await;
    if world.postgres {
        for region in REGIONS {
            Postgres::of(&world, region).stop().await;
        }
    }
    let played = played.map_err(|_| "it did not come to its end".to_owned())??;
    played.map_or(Ok(()), |played| told(&played))
}

/// The folder, and in it what everybody reads.
fn made(asked: &Asked) -> Result<World, String> {
    let (error, folder) = (|error: std::io::Error| error.to_string(), &asked.output);
    if folder.join("world.json").exists() {
        std::fs::remove_dir_all(folder).map_err(error)?;
    }
    std::fs::create_dir_all(folder).map_err(error)?;
    let folder = folder.canonicalize().map_err(error)?;
    // Held together, so that no two are the same.
    let held: Result<Vec<_>, _> = (0..4).map(|_| std::net::TcpListener::bind(("127.0.0.1", 0))).collect();
    let ports: Result<Vec<u16>, _> = held.map_err(error)?.iter().map(|l| l.local_addr().map(|a| a.port())).collect();
    let ports = ports.map_err(error)?;
    let by_region = |at: usize| REGIONS.map(str::to_owned).into_iter().zip(ports[at..at + 2].iter().copied()).collect();
    let world = World { folder, sites: by_region(0), databases: by_region(2), postgres: asked.postgres };
    write_json(&world.folder.join("world.json"), &world)?;
    write_json(&world.names(), &Name { region: REGIONS[0].to_owned(), ttl_ms: TTL_MS })?;
    write_json(&world.register(), &Register { epoch: 1, leader: Some(REGIONS[0].to_owned()) })?;
    Ok(world)
}

async fn play(world: World) -> Result<Played, String> {
    let clock = LiveRuntime::join(&world.group(), "the play").await.map_err(|error| error.to_string())?;
    let mut programs = started(&world)?;
    let watched = tokio::task::spawn_local(monitor::run(world.clone(), clock.clone()));
    until("both sites are there", async || monitor::sees_all(&world)).await?;
    let ledger = Ledger::default();
    let background = [watched, tokio::task::spawn_local(client::run(world.clone(), clock.clone(), ledger.clone()))];
    until("clients are served", async || served(&ledger, 0)).await?;
    start(&mut programs, &world, ["controller", "a"])?;
    until("a controller leads", async || happened(&world, &["controller.leads"])).await?;
    start(&mut programs, &world, ["controller", "b"])?;
    sleep(Duration::from_millis(1_500)).await;

    let dark = clock.now();
    println!("{} the west is killed", dark.clock());
    for program in ["site west", "database west"] {
        kill(&mut programs, program).await;
    }
    if world.postgres {
        Postgres::of(&world, "west").kill().await?;
    }
    until("the failover changes something that cannot be taken back", async || {
        let step = |what: &What| matches!(what, What::Asked { step, .. } if step == "activate_secondary");
        written(&clock).await.iter().any(step)
    })
    .await?;
    println!("{} the controller is killed", clock.now().clock());
    kill(&mut programs, "controller a").await;
    let ended = |what: &What| matches!(what, What::Ended { .. });
    if written(&clock).await.iter().any(ended) {
        return Err("the first controller was done before it was killed: nothing was shown".to_owned());
    }
    until("the second one ends it", async || written(&clock).await.iter().any(ended)).await?;
    println!("{} the second controller is done", clock.now().clock());
    let before = ledger.borrow().len();
    until("clients are served again", async || served(&ledger, before + 100)).await?;
    background.into_iter().for_each(|task| task.abort());
    let stopped = clock.now();
    sleep(super::world::PATIENCE * 2).await;
    kill(&mut programs, "controller b").await;
    let rows = Copy::of(&world, "north").rows(0).await.map_err(|error| format!("{error:?}"))?;
    let record = LiveRecord::read(&world.group()).map_err(|error| error.to_string())?;
    let requests = ledger.take();
    Ok(Played { end: clock.now(), world, requests, rows, record, dark, stopped })
}

/// The sites, and the databases unless they are there.
pub fn started(world: &World) -> Result<Programs, String> {
    let mut programs = Programs::new();
    for region in REGIONS {
        start(&mut programs, world, ["site", region])?;
        if !world.postgres {
            start(&mut programs, world, ["database", region])?;
        }
    }
    Ok(programs)
}

fn start(programs: &mut Programs, world: &World, what: [&str; 2]) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    // Whoever finds its standard input closed ends: so do all of them when this process does.
    command.args(what).arg(&world.folder).stdin(Stdio::piped()).kill_on_drop(true);
    let child = command.spawn().map_err(|error| error.to_string())?;
    programs.insert(what.join(" "), child);
    Ok(())
}

/// With the signal that no process can answer to.
async fn kill(programs: &mut Programs, name: &str) {
    if let Some(mut child) = programs.remove(name) {
        // It may have ended by itself.
        drop(child.kill().await);
    }
}

pub async fn until(what: &str, holds: impl AsyncFn() -> bool) -> Result<(), String> {
    let waited = async {
        while !holds().await {
            sleep(LOOK_EVERY).await;
        }
    };
    timeout(LONGEST, waited).await.map_err(|_| format!("in vain was waited until {what}"))
}

/// What the journal holds.
async fn written(runtime: &LiveRuntime) -> Vec<What> {
    let entries = runtime.read_journal(0).await.unwrap_or_default();
    entries.iter().filter_map(|text| serde_json::from_str::<Entry>(text).ok()).map(|entry| entry.what).collect()
}

fn happened(world: &World, names: &[&str]) -> bool {
    let record = LiveRecord::read(&world.group()).unwrap_or_default();
    record.timeline.events().iter().any(|event| names.contains(&event.name.as_str()))
}

/// Whether some were answered among the requests from number `from` on.
fn served(ledger: &Ledger, from: usize) -> bool {
    ledger.borrow().iter().skip(from).filter(|request| matches!(request.told, Told::Done(_))).count() > 20
}

/// Says the result.
fn told(played: &Played) -> Result<(), String> {
    let Played { world, requests, rows, record, dark, .. } = played;
    for event in record.timeline.events() {
        println!("{} {}: {}", event.at.clock(), event.name, event.text);
    }
    let acknowledged = requests.iter().filter_map(|request| match &request.told {
        Told::Done(Some(row)) => Some((request, row)),
        _ => None,
    });
    let acknowledged: Vec<_> = acknowledged.collect();
    let lost: Vec<_> = acknowledged.iter().filter(|(_, row)| !rows.contains(row)).collect();
    let announced = record.bounds.iter().rfind(|(_, database, _)| database == DATABASE).map(|(.., bound)| *bound);
    let announced = announced.ok_or("no loss was announced")?;
    let back = requests.iter().filter(|request| request.is_write && request.ended > *dark);
    let back = back.filter(|request| matches!(request.told, Told::Done(_)) && request.region == "north");
    let back = back.map(|request| request.ended).min().ok_or("clients were not served again")?;
    println!(
        "{} requests; {} writes acknowledged, {} of them lost, at most {} announced; served again after {:#}",
        requests.len(),
        acknowledged.len(),
        lost.len(),
        announced.if_dead,
        back.since(*dark),
    );
    let mut wrong = wrongs(played, &lost.iter().map(|(_, row)| (*row).clone()).collect::<Vec<_>>(), announced);
    let mut said = Vec::new();
    for name in CONTROLLERS {
        let text = std::fs::read_to_string(world.transcript(name)).map_err(|error| error.to_string())?;
        let lines = Transcript::parse(&text).map_err(|error| error.to_string())?;
        said.extend(lines.clone());
        println!("controller {name}: {} lines are said again in virtual time", lines.len());
        if let Err(divergence) = replay(lines, control) {
            wrong.push(format!("controller {name}: {divergence}"));
        }
    }
    wrong.extend(report::written(played, &said)?);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// What must hold and does not.
fn wrongs(played: &Played, lost: &[Row], announced: LossBound) -> Vec<String> {
    let Played { world, rows, record, dark, .. } = played;
    let mut wrong = Vec::new();
    if lost.len() as u64 > announced.if_dead {
        wrong.push(format!("{} writes were lost, and {} announced", lost.len(), announced.if_dead));
    }
    wrong.extend(lost.iter().filter(|row| row.epoch > 1).map(|row| format!("lost after the failover: {row:?}")));
    let places = rows.iter().enumerate().filter(|(at, row)| row.position != *at as u64 + 1);
    wrong.extend(places.map(|(at, row)| format!("{row:?} stands at {at}")));
    match read_json::<Name>(&world.names()) {
        Ok(name) if name.region == "north" => {}
        other => wrong.push(format!("{RECORD} of {SERVICE} is {other:?}")),
    }
    let done = |name: &str| record.timeline.events().iter().filter(|event| event.name == name).count();
    let counts = ["region_failover.started", "region_failover.resumed", "region_failover.done"].map(done);
    if counts != [1, 1, 1] {
        wrong.push(format!("started, resumed and done {counts:?} times"));
    }
    let leads = done("controller.leads");
    if leads != 2 || !record.unreadable.is_empty() {
        wrong.push(format!("{leads} led; the audit cannot be read in lines {:?}", record.unreadable));
    }
    if played.end.since(*dark) > Span::from_secs(90) {
        wrong.push("it took longer than a minute and a half".to_owned());
    }
    wrong
}
