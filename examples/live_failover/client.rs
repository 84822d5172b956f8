//! The client: writes and reads where the name says, and keeps a ledger of its own of what it was told.

use super::copies::Row;
use super::http::{NoAnswer, call};
use super::world::{Name, PATIENCE, REGIONS, WRITES_PER_SECOND, World, read_json};
use firedrill::live::LiveRuntime;
use firedrill::ports::Clock;
use firedrill::record::FailureReason;
use firedrill::units::Instant;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// What became of a request, as the client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It was answered; a write was acknowledged at that place.
    Done(Option<Row>),
    /// It certainly did not happen.
    Failed(FailureReason),
    /// Nobody said.
    Unknown(FailureReason),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub operation: u64,
    pub is_write: bool,
    pub region: String,
    pub began: Instant,
    pub ended: Instant,
    pub told: Told,
}

/// Every request that came to an end.
pub type Ledger = Rc<RefCell<Vec<Asked>>>;

/// Sends requests until it is dropped.
pub async fn run(world: World, clock: LiveRuntime, ledger: Ledger) {
    let mut ticks = interval(Duration::from_secs(1) / u32::try_from(WRITES_PER_SECOND * 2).unwrap_or(100));
    // What was late is not made up for: so many in a second and no more.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known: Option<(Name, Instant)> = None;
    for operation in 1.. {
        ticks.tick().await;
        let now = clock.now();
        let fresh = |(name, read): &(Name, Instant)| now.since(*read).as_nanos() < name.ttl_ms * 1_000_000;
        if !known.as_ref().is_some_and(fresh)
            && let Ok(name) = read_json::<Name>(&world.names())
        {
            known = Some((name, now));
        }
        let region = known.as_ref().map_or(REGIONS[0].to_owned(), |(name, _)| name.region.clone());
        let (port, clock, ledger) = (world.sites[&region], clock.clone(), ledger.clone());
        tokio::task::spawn_local(async move {
            let (is_write, began) = (operation % 2 == 0, clock.now());
            let told = ask(port, is_write, operation).await;
            let ended = clock.now();
            ledger.borrow_mut().push(Asked { operation, is_write, region, began, ended, told });
        });
    }
}

async fn ask(port: u16, is_write: bool, operation: u64) -> Told {
    let path = if is_write { "/write" } else { "/read" };
    match call(port, path, &operation.to_string(), PATIENCE).await {
        Ok((200, body)) if is_write => match serde_json::from_str(&body) {
            Ok(row) => Told::Done(Some(row)),
            Err(_) => Told::Unknown(FailureReason::Error),
        },
        Ok((200, _)) => Told::Done(None),
        Ok((502, _)) => Told::Failed(FailureReason::DatabaseRefused),
        Ok((504, _)) => Told::Unknown(FailureReason::DatabaseUnreachable),
        Ok(_) => Told::Failed(FailureReason::Refused),
        // The machine is there, and nobody listens.
        Err(NoAnswer::NotSent(_)) => Told::Failed(FailureReason::Dark),
        Err(NoAnswer::Silent(_)) => Told::Unknown(FailureReason::Dark),
    }
}
