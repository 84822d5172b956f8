//! The site of a region: an HTTP server that reads from and writes to the database of its region.

use super::copies::{Copy, CopyError};
use super::http::{Answer, Request, serve};
use super::world::{PATIENCE, REGIONS, World};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// How far back its own figures reach.
const WINDOW: Duration = Duration::from_secs(2);

/// How long services take to start or stop.
const STARTS_WITHIN: Duration = Duration::from_millis(250);

/// What it says of itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Figures {
    pub active: bool,
    pub requests: u64,
    pub errors: u64,
    pub p95_ms: Option<u64>,
}

struct Site {
    copy: Copy,
    active: bool,
    /// The newest lease that told it anything.
    lease: u32,
    /// When each request ended, how long it took, and whether it failed.
    finished: VecDeque<(Instant, Duration, bool)>,
}

pub async fn run(world: World, region: String) {
    let active = region == REGIONS[0];
    let site = Site { copy: Copy::of(&world, &region), active, lease: 0, finished: VecDeque::new() };
    let site = Rc::new(RefCell::new(site));
    serve(world.sites[&region], move |request| answer(site.clone(), request)).await;
}

async fn answer(site: Rc<RefCell<Site>>, request: Request) -> Answer {
    match request.path.as_str() {
        "/write" | "/read" | "/probe" => {
            let began = Instant::now();
            let answer = served(&site, &request).await;
            if request.path != "/probe" {
                let mut site = site.borrow_mut();
                site.finished.push_back((Instant::now(), began.elapsed(), answer.0 != 200));
            }
            answer
        }
        "/figures" => (200, serde_json::to_string(&site.borrow_mut().figures()).expect("plain data")),
        "/activate" | "/deactivate" => {
            let lease = request.body.parse().unwrap_or(0);
            if let Some(newest) = newer(&site, lease) {
                return (409, newest.to_string());
            }
            tokio::time::sleep(STARTS_WITHIN).await;
            // Somebody else may have come in the meantime.
            if let Some(newest) = newer(&site, lease) {
                return (409, newest.to_string());
            }
            site.borrow_mut().active = request.path == "/activate";
            (200, String::new())
        }
        _ => (404, "no such thing".to_owned()),
    }
}

/// The lease that is newer than `lease`, which is the newest from now on if there is none.
fn newer(site: &RefCell<Site>, lease: u32) -> Option<u32> {
    let newest = &mut site.borrow_mut().lease;
    *newest = lease.max(*newest);
    (*newest > lease).then_some(*newest)
}

async fn served(site: &RefCell<Site>, request: &Request) -> Answer {
    let (copy, active) = {
        let site = site.borrow();
        (site.copy.clone(), site.active)
    };
    if !active {
        return (503, "on standby".to_owned());
    }
    if request.path == "/read" || request.path == "/probe" {
        return match tokio::time::timeout(PATIENCE, copy.state()).await {
            Ok(Ok(state)) => (200, state.applied.to_string()),
            Ok(Err(error)) => (502, format!("{error:?}")),
            Err(_) => (504, "the database is silent".to_owned()),
        };
    }
    match copy.append(request.body.parse().unwrap_or(0)).await {
        Ok(row) => (200, serde_json::to_string(&row).expect("plain data")),
        Err(CopyError::Refused(why) | CopyError::Unreachable(why)) => (502, why),
        Err(CopyError::Silent(why)) => (504, why),
    }
}

impl Site {
    fn figures(&mut self) -> Figures {
        let now = Instant::now();
        self.finished.retain(|(ended, ..)| now.duration_since(*ended) <= WINDOW);
        let mut took: Vec<Duration> = self.finished.iter().map(|(_, took, _)| *took).collect();
        took.sort();
        Figures {
            active: self.active,
            requests: self.finished.len() as u64,
            errors: self.finished.iter().filter(|(.., failed)| *failed).count() as u64,
            p95_ms: took.get(took.len() * 95 / 100).map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}
