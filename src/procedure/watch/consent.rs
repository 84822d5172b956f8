//! Asking people before the watch starts a procedure.
//!
//! Invariants: the region is judged while people think. If it recovers meanwhile the question is withdrawn and nothing
//! is started; after a no, nothing is until the spell has ended; after silence, not before the cool-down has passed.

use super::{Watch, grid_from};
use crate::policy::{Health, HealthState};
use crate::ports::{Metrics, People, Runtime};
use crate::procedure::approval::{self, Verdict};
use crate::procedure::race::{Winner, race};
use crate::record::event::WatchEvent;
use crate::units::{Instant, Span};

/// How long people are kept waiting for what it may cost. Product default: a few calls of a control interface.
const PATIENCE: Span = Span::from_secs(5);

/// That a procedure may be started.
pub(super) struct Consent {
    /// When it was given.
    pub at: Instant,
    /// What was seen, and who agreed.
    pub why: String,
}

impl<P: Runtime + Metrics + People> Watch<'_, P> {
    /// Consent to act on `health`, as judged at `at`. At once if nobody needs to be asked, `None` if it was not given.
    pub(super) async fn consent(&mut self, at: Instant, health: &Health) -> Option<Consent> {
        let Some(plan) = self.plan.approval.clone() else {
            return Some(Consent { at, why: health.evidence.clone() });
        };
        let (ports, mut newest) = (self.ports(), health.clone());
        let price = self.price().await.map_or_else(String::new, |price| format!("; {price}"));
        let question = format!("{} of {}: {}{price}?", self.duty.leave.name, self.region(), health.evidence);
        match race(approval::ask(ports, &plan, &question), self.until_cleared(&mut newest)).await {
            Winner::First(Verdict::Approved { by }) => {
                let newest = self.until_down(newest).await?;
                Some(Consent { at: ports.now(), why: format!("{}; {by} approves", newest.evidence) })
            }
            Winner::First(Verdict::Refused { by, reason }) => {
                self.told.refused = true;
                ports.event(WatchEvent::Refused { by, reason: reason.into() });
                None
            }
            Winner::First(Verdict::NobodyAnswered) => {
                self.cool_down.extend(ports.now());
                ports.event(WatchEvent::Unanswered {});
                None
            }
            Winner::Second(()) => {
                approval::withdraw(ports, &question);
                self.moot();
                None
            }
        }
    }

    /// What acting may cost, if that can be told soon. A procedure that moves nothing finds out by itself.
    async fn price(&self) -> Option<String> {
        match race(self.duty.leave.foreseen_price(self.ports()), self.ports().sleep(PATIENCE)).await {
            Winner::First(price) => price,
            Winner::Second(()) => None,
        }
    }

    /// Judges on the grid until the spell has ended.
    async fn until_cleared(&mut self, newest: &mut Health) {
        while self.told.failing {
            *newest = self.judge_next().await;
        }
    }

    /// What was agreed to must still be so: a region of which nothing is known is not left.
    async fn until_down(&mut self, mut newest: Health) -> Option<Health> {
        while newest.state != HealthState::Down {
            newest = self.judge_next().await;
            if !self.told.failing {
                self.moot();
                return None;
            }
        }
        Some(newest)
    }

    async fn judge_next(&mut self) -> Health {
        let at = grid_from(self.ports().now().saturating_add(Span::from_nanos(1)), self.plan.every);
        self.ports().sleep(at.since(self.ports().now())).await;
        let health = self.look(at).await.health;
        self.tell_spell(&health);
        health
    }

    fn moot(&self) {
        self.ports().event(WatchEvent::Moot { region: self.region().to_owned() });
    }
}
