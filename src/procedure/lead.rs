//! Leader election: a controller stands by until it holds the lease, acts while it does, and stands down when it does
//! not.
//!
//! Owns the lease of one controller. Does not know what is done under it.
//!
//! Invariants: nothing is done before the lease is held and the journal read. The lease counts from the instant it was
//! asked for, by a clock that is only ever compared with itself, so that neither a slow answer nor a wrong wall clock
//! makes it seem longer. Once it can no longer be known to be held, all work is dropped where it stands.

use super::journal::Scribe;
use super::race::{Winner, race};
use crate::ports::{PortError, Runtime};
use crate::record::event::{ControllerEvent, Prose};
use crate::units::{Instant, Span};

/// How a controller holds the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTerms {
    /// For how long it is asked for.
    pub lasts: Span,
    /// How long after the last renewal was asked for the controller stands down. Shorter than `lasts`.
    pub renew_within: Span,
    /// How often it is renewed, or asked for by one who stands by.
    pub every: Span,
}

impl Default for LeaseTerms {
    /// Source: defaults of client-go's leader election, as used by Kubernetes' own controllers (`LeaseDuration` 15 s,
    /// `RenewDeadline` 10 s, `RetryPeriod` 2 s).
    fn default() -> Self {
        Self { lasts: Span::from_secs(15), renew_within: Span::from_secs(10), every: Span::from_secs(2) }
    }
}

/// Does `work` whenever the lease is held, forever. The work is given the journal under the lease, and starts over,
/// from what the journal says, each time.
///
/// Events: `controller.leads`, `controller.stood_down`, and `controller.journal_unreadable` while the journal cannot be
/// read.
pub async fn lead<P: Runtime, W: Future<Output = ()>>(ports: P, plan: LeaseTerms, work: impl Fn(Scribe<P>) -> W) {
    loop {
        let (led, asked) = stand_by(&ports, plan).await;
        led.event(ControllerEvent::Leads { epoch: led.epoch() });
        let duty = async { work(open(&led, plan).await).await };
        let why = match race(duty, hold(&led, plan, asked)).await {
            Winner::First(()) => "its work is done".to_owned(),
            Winner::Second(why) => why,
        };
        led.event(ControllerEvent::StoodDown { epoch: led.epoch(), why: why.into() });
        ports.sleep(plan.every).await;
    }
}

/// Asks for the lease until it is granted. Returns the ports under it and when it was asked for.
async fn stand_by<P: Runtime>(ports: &P, plan: LeaseTerms) -> (P, Instant) {
    loop {
        let asked = ports.now();
        if let Winner::First(Ok(lease)) = race(ports.acquire_lease(plan.lasts), ports.sleep(plan.renew_within)).await {
            return (ports.under(lease.epoch), mutant!("the_first_lease_counts_from_its_answer": asked => ports.now()));
        }
        ports.sleep(plan.every).await;
    }
}

/// Reads the journal, again and again until that succeeds.
async fn open<P: Runtime>(ports: &P, plan: LeaseTerms) -> Scribe<P> {
    let mut told = false;
    loop {
        match Scribe::open(ports.clone()).await {
            Ok(scribe) => return scribe,
            Err(error) if !told => {
                told = true;
                ports.event(ControllerEvent::JournalUnreadable { error: Prose::of(error) });
            }
            Err(_) => {}
        }
        ports.sleep(plan.every).await;
    }
}

/// Renews the lease, asked for last at `asked`, until it is lost. Returns why.
async fn hold<P: Runtime>(ports: &P, plan: LeaseTerms, mut asked: Instant) -> String {
    loop {
        ports.sleep(plan.every).await;
        let now = ports.now();
        let left = plan.renew_within.saturating_sub(now.since(asked));
        match race(ports.renew_lease(plan.lasts), ports.sleep(left)).await {
            Winner::First(Ok(())) => asked = mutant!("a_lease_counts_from_its_answer": now => ports.now()),
            Winner::First(Err(error @ PortError::Superseded { .. })) if mutant!("goes_on_though_superseded": true => false) =>
            {
                return error.to_string();
            }
            Winner::First(Err(_)) if mutant!("an_unrenewed_lease_is_held": ports.now().since(asked) < plan.renew_within => true) =>
                {}
            Winner::First(Err(error)) => return format!("not renewed within {}: {error}", plan.renew_within),
            Winner::Second(()) => return format!("not renewed within {}", plan.renew_within),
        }
    }
}
