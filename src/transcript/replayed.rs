//! Ports that answer from a transcript, and the running of control code on them.
//!
//! Owns the comparison of what is sent with what was sent. Does not know what any of it is for.
//!
//! Invariants: time is what the transcript says; nothing waits. Nothing is answered before it was answered then, by the
//! order of all that happened. After the first difference, and after the end of the transcript, nothing is answered.

use super::line::Line;
use super::recorded::{event_told, lap_told};
use crate::ports::{Audit, Clock, PortError, Tenure};
use crate::record::event::Event;
use crate::record::{Lap, LossBound};
use crate::units::{Instant, Span};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// The first thing that control code did otherwise than in the transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// The line of the transcript, from 1.
    pub line: usize,
    /// What stands there; `None`: it had ended.
    pub expected: Option<String>,
    /// What was done in its place; `None`: nothing, and nothing is waited for that was answered then.
    pub sent: Option<String>,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = self.expected.as_deref().unwrap_or("the end");
        let sent = self.sent.as_deref().unwrap_or("nothing");
        write!(f, "line {} of the transcript has {expected}, but now it is {sent}", self.line)
    }
}

impl std::error::Error for Divergence {}

/// Ports that answer from a transcript.
#[derive(Debug, Clone)]
pub struct Replayed {
    script: Rc<Script>,
    epoch: u32,
}

#[derive(Debug)]
struct Script {
    lines: Vec<Line>,
    /// How many of them have happened.
    done: Cell<usize>,
    calls: Cell<u64>,
    now: Cell<Instant>,
    divergence: RefCell<Option<Divergence>>,
    /// Whether what is dropped now is dropped because the replay is over.
    over: Cell<bool>,
}

/// A call until it is answered or nobody waits for it any more.
struct Open<'a> {
    script: &'a Script,
    number: u64,
    answered: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.answered {
            let (number, at) = (self.number, self.script.now.get());
            self.script.expect(&Line::Dropped { number, at });
        }
    }
}

/// Whether something woke the control code while it was polled.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs the control code that `make` makes on ports that answer from `lines`. Returns what it came to, or nothing if the
/// transcript ended first, as one of a process that was killed does.
///
/// # Errors
///
/// The first thing that it does otherwise.
pub fn replay<F: Future>(lines: Vec<Line>, make: impl FnOnce(Replayed) -> F) -> Result<Option<F::Output>, Divergence> {
    let (divergence, now) = (RefCell::new(None), Cell::new(Instant::ZERO));
    let (done, calls, over) = (Cell::new(0), Cell::new(0), Cell::new(false));
    let script = Rc::new(Script { lines, done, calls, now, divergence, over });
    let result = run(&script, make(Replayed { script: Rc::clone(&script), epoch: 0 }));
    match (result, script.divergence.take()) {
        (_, Some(divergence)) => Err(divergence),
        (Some(output), None) if script.has_ended() => Ok(Some(output)),
        (Some(_), None) => Err(script.divergence_here(Some("the end".to_owned()))),
        (None, None) if script.has_ended() => Ok(None),
        (None, None) => Err(script.divergence_here(None)),
    }
}

/// Polls the control code as long as it gets on.
fn run<F: Future>(script: &Script, code: F) -> Option<F::Output> {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut code = pin!(code);
    loop {
        let before = script.done.get();
        if let Poll::Ready(output) = code.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        let gets_on = script.done.get() > before || woken.0.swap(false, Ordering::Relaxed);
        if !gets_on || script.is_over() {
            script.over.set(true);
            return None;
        }
    }
}

impl Script {
    fn peek(&self) -> Option<&Line> {
        self.lines.get(self.done.get())
    }

    /// Whether nothing follows but calls that nobody waited for any more: the control code was abandoned.
    fn has_ended(&self) -> bool {
        self.lines[self.done.get()..].iter().all(|line| matches!(line, Line::Dropped { .. }))
    }

    fn is_over(&self) -> bool {
        self.over.get() || self.peek().is_none() || self.divergence.borrow().is_some()
    }

    fn advance(&self, at: Instant) {
        self.done.set(self.done.get() + 1);
        self.now.set(at);
    }

    fn divergence_here(&self, sent: Option<String>) -> Divergence {
        Divergence { line: self.done.get() + 1, expected: self.peek().map(Line::to_string), sent }
    }

    /// The control code does that; whether it did so then, too.
    fn expect(&self, does: &Line) -> bool {
        if self.is_over() {
            return false;
        }
        let now = self.now.get();
        let (same, at) = match (self.peek(), does) {
            (
                Some(Line::Call { at, number, epoch, name, with }),
                Line::Call { number: n, epoch: e, name: c, with: w, .. },
            ) => ((number, epoch, name, with) == (n, e, c, w), *at),
            (Some(Line::Dropped { number, at }), Line::Dropped { number: dropped, .. }) => (number == dropped, *at),
            (Some(Line::Now { at }), Line::Now { .. }) => (true, *at),
            (Some(Line::Event { name, with }), Line::Event { name: n, with: w }) => ((name, with) == (n, w), now),
            _ => (false, now),
        };
        if same {
            self.advance(at);
        } else {
            *self.divergence.borrow_mut() = Some(self.divergence_here(Some(does.to_string())));
        }
        same
    }

    /// The answer to call `number`, which was polled so often, if it comes next.
    fn answer(&self, number: u64, polls: u64) -> Option<Result<Value, PortError>> {
        if self.is_over() {
            return None;
        }
        match self.peek() {
            Some(Line::Answer { number: answered, at, at_once, answer })
                if *answered == number && *at_once == (polls == 1) =>
            {
                self.advance(*at);
                Some(answer.clone())
            }
            _ => None,
        }
    }
}

impl Replayed {
    pub(super) async fn answer<T: DeserializeOwned>(&self, name: &str, with: Value) -> Result<T, PortError> {
        let script = &*self.script;
        let (number, at, epoch) = (script.calls.get() + 1, script.now.get(), self.epoch);
        script.calls.set(number);
        if !script.expect(&Line::Call { number, at, epoch, name: name.to_owned(), with }) {
            return pending().await;
        }
        let mut open = Open { script, number, answered: false };
        let mut polls = 0_u64;
        let answer = poll_fn(|_| {
            polls = polls.saturating_add(1);
            script.answer(number, polls).map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        open.answered = true;
        match answer.map(serde_json::from_value) {
            Ok(Ok(answer)) => Ok(answer),
            Err(error) => Err(error),
            Ok(Err(error)) => {
                let line = script.done.get();
                let expected = Some(format!("an answer to {name} that this version cannot read: {error}"));
                *script.divergence.borrow_mut() = Some(Divergence { line, expected, sent: None });
                pending().await
            }
        }
    }

    fn told(&self, name: &str, with: Value) {
        self.script.expect(&Line::Event { name: name.to_owned(), with });
    }
}

impl Clock for Replayed {
    fn now(&self) -> Instant {
        let at = self.script.now.get();
        self.script.expect(&Line::Now { at });
        self.script.now.get()
    }

    async fn sleep(&self, span: Span) {
        // It has no other answer.
        drop(self.answer::<()>("sleep", json!([span])).await);
    }
}

impl Tenure for Replayed {
    fn under(&self, epoch: u32) -> Self {
        Self { script: Rc::clone(&self.script), epoch }
    }

    fn epoch(&self) -> u32 {
        self.epoch
    }
}

impl Audit for Replayed {
    fn lap(&self, lap: Lap) {
        self.told("lap", lap_told(&lap));
    }

    fn event(&self, event: impl Into<Event>) {
        self.told("event", event_told(&event.into()));
    }

    fn announce_loss_bound(&self, database: &str, bound: LossBound) {
        self.told("announce_loss_bound", json!([database, bound]));
    }
}
