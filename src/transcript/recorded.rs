//! Ports that write down what passes through them.
//!
//! Invariant: the caller gets the answer of the ports below, when they answer.

use super::line::{Line, Transcript};
use crate::ports::{Audit, Clock, PortError, Tenure};
use crate::record::event::Event;
use crate::record::{Lap, LossBound, Reconciliation};
use crate::units::{Instant, Span};
use serde::Serialize;
use serde_json::{Value, json};
use std::future::poll_fn;
use std::pin::pin;

/// Any ports, and a record of all that passes through them.
#[derive(Debug, Clone)]
pub struct Recorded<P> {
    ports: P,
    transcript: Transcript,
}

/// A call until it is answered or nobody waits for it any more.
struct Open<'a, P: Clock> {
    recorded: &'a Recorded<P>,
    number: u64,
    answered: bool,
}

impl<P: Clock> Drop for Open<'_, P> {
    fn drop(&mut self) {
        if !self.answered {
            let (number, at) = (self.number, self.recorded.ports.now());
            self.recorded.transcript.push(Line::Dropped { number, at });
        }
    }
}

impl<P> Recorded<P> {
    /// What passes through `ports` is written into `transcript`.
    pub fn new(ports: P, transcript: Transcript) -> Self {
        Self { ports, transcript }
    }

    /// The ports below.
    pub fn ports(&self) -> &P {
        &self.ports
    }

    fn told(&self, name: &str, with: Value) {
        self.transcript.push(Line::Event { name: name.to_owned(), with });
    }
}

impl<P: Clock + Tenure> Recorded<P> {
    pub(super) async fn call<T: Serialize>(
        &self,
        name: &str,
        with: Value,
        call: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        let (number, at, epoch) = (self.transcript.next_call(), self.ports.now(), self.ports.epoch());
        self.transcript.push(Line::Call { number, at, epoch, name: name.to_owned(), with });
        let mut open = Open { recorded: self, number, answered: false };
        let mut call = pin!(call);
        let mut polls = 0_u64;
        let answer = poll_fn(|context| {
            polls = polls.saturating_add(1);
            call.as_mut().poll(context)
        })
        .await;
        open.answered = true;
        let kept = match &answer {
            // All of it is plain data with text for keys.
            Ok(answer) => Ok(serde_json::to_value(answer).unwrap_or_default()),
            Err(error) => Err(error.clone()),
        };
        let (at, at_once) = (self.ports.now(), polls == 1);
        self.transcript.push(Line::Answer { number, at, at_once, answer: kept });
        answer
    }
}

impl<P: Clock + Tenure> Clock for Recorded<P> {
    fn now(&self) -> Instant {
        let at = self.ports.now();
        self.transcript.push(Line::Now { at });
        at
    }

    async fn sleep(&self, span: Span) {
        let slept = async {
            self.ports.sleep(span).await;
            Ok(())
        };
        // It has no other answer.
        drop(self.call("sleep", json!([span]), slept).await);
    }
}

impl<P: Tenure> Tenure for Recorded<P> {
    fn under(&self, epoch: u32) -> Self {
        Self { ports: self.ports.under(epoch), transcript: self.transcript.clone() }
    }

    fn epoch(&self) -> u32 {
        self.ports.epoch()
    }
}

impl<P: Audit> Audit for Recorded<P> {
    fn lap(&self, lap: Lap) {
        self.told("lap", lap_told(&lap));
        self.ports.lap(lap);
    }

    fn event(&self, event: impl Into<Event>) {
        let event = event.into();
        self.told("event", event_told(&event));
        self.ports.event(event);
    }

    fn reconciled(&self, reconciliation: Reconciliation) {
        self.ports.reconciled(reconciliation);
    }

    fn announce_loss_bound(&self, database: &str, bound: LossBound) {
        self.told("announce_loss_bound", json!([database, bound]));
        self.ports.announce_loss_bound(database, bound);
    }
}

pub(super) fn event_told(event: &Event) -> Value {
    json!([event.name(), event.text()])
}

pub(super) fn lap_told(lap: &Lap) -> Value {
    // What the order and the steps before say of undoing follows from what is told already.
    let Lap { procedure, run, step, start, took, budget, tries, result, note, .. } = lap;
    json!([procedure, run, step, start, took, budget, tries, result, note])
}
