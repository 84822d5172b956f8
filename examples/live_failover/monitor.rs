//! Monitoring: looks at both regions every tenth of a second, and writes down what it saw.

use super::copies::Copy;
use super::http::call;
use super::site::Figures;
use super::world::{PATIENCE, REGIONS, SCRAPE_EVERY, World, read_json, write_json};
use firedrill::live::LiveRuntime;
use firedrill::ports::Clock;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was seen of a region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// When it was looked at last, in nanoseconds.
    pub at: u64,
    /// What its site said then; `None`: nothing.
    pub figures: Option<Figures>,
    /// The newest head that its database was seen to have while it took writes, and when, in nanoseconds.
    pub head: Option<(u64, u64)>,
    /// When it was first looked at in vain after that, in nanoseconds.
    pub silent_since: Option<u64>,
}

/// What was seen, by region.
pub type Sight = BTreeMap<String, Seen>;

pub async fn run(world: World, clock: LiveRuntime) {
    let copies: BTreeMap<String, Copy> =
        REGIONS.map(|region| (region.to_owned(), Copy::of(&world, region))).into_iter().collect();
    let mut sight: Sight = REGIONS.map(|region| (region.to_owned(), Seen::default())).into();
    loop {
        for (region, seen) in &mut sight {
            look(world.sites[region], &copies[region], seen, &clock).await;
        }
        if let Err(error) = write_json(&world.monitoring(), &sight) {
            eprintln!("monitoring: {error}");
        }
        tokio::time::sleep(SCRAPE_EVERY).await;
    }
}

/// Whether every site was seen, and a database that takes writes.
pub fn sees_all(world: &World) -> bool {
    let sight: Sight = read_json(&world.monitoring()).unwrap_or_default();
    sight.len() == REGIONS.len()
        && sight.values().all(|seen| seen.figures.is_some())
        && sight.values().any(|seen| seen.head.is_some())
}

async fn look(site: u16, copy: &Copy, seen: &mut Seen, clock: &LiveRuntime) {
    seen.at = clock.now().as_nanos();
    let answer = call(site, "/figures", "", PATIENCE).await;
    seen.figures = answer.ok().and_then(|(_, body)| serde_json::from_str(&body).ok());
    let asked = clock.now().as_nanos();
    match copy.state().await {
        Ok(state) if state.writable => {
            // No write of later than this is in it.
            seen.head = Some((state.received, asked));
            seen.silent_since = None;
        }
        Ok(_) => {}
        Err(_) if seen.head.is_some() => {
            seen.silent_since.get_or_insert(clock.now().as_nanos());
        }
        Err(_) => {}
    }
}
