//! Two clocks to run the same procedure by: virtual time driven by a loop, and tokio's, paused.
//!
//! The rule that makes them agree: everything due at an instant is fired before anything is polled. Tokio rounds timers
//! up to a millisecond, so spans are whole milliseconds.

use firedrill::ports::Clock;
use firedrill::units::{Instant, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Virtual time.
#[derive(Clone, Default)]
pub struct VirtualClock(Rc<RefCell<Timers>>);

#[derive(Default)]
struct Timers {
    now: Instant,
    registered: u64,
    due: BTreeMap<u64, Instant>,
    fired: BTreeSet<u64>,
}

struct Sleep {
    clock: VirtualClock,
    id: u64,
}

impl Future for Sleep {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.clock.0.borrow_mut().fired.remove(&self.id) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.0.borrow_mut().due.remove(&self.id);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.0.borrow().now
    }
    async fn sleep(&self, span: Span) {
        if span == Span::ZERO {
            return; // as tokio does: what takes no time is over in the same poll
        }
        let id = {
            let mut timers = self.0.borrow_mut();
            timers.registered += 1;
            let (id, at) = (timers.registered, timers.now + span);
            timers.due.insert(id, at);
            id
        };
        Sleep { clock: self.clone(), id }.await;
    }
}

/// Whether something woke the future while it was polled: then it is polled again before time goes on.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl VirtualClock {
    /// Runs `future` to its end, or until nothing is left to happen before `horizon`.
    pub fn drive<F: Future>(&self, horizon: Instant, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(output);
            }
            if woken.0.swap(false, Ordering::Relaxed) {
                continue;
            }
            let mut timers = self.0.borrow_mut();
            let next = *timers.due.values().min().expect("something to wait for");
            if next > horizon {
                return None;
            }
            timers.now = next;
            let firing: Vec<u64> = timers.due.iter().filter(|(_, at)| **at == next).map(|(id, _)| *id).collect();
            for id in firing {
                timers.due.remove(&id);
                timers.fired.insert(id);
            }
        }
    }
}

/// Tokio's time, paused: it jumps to the next timer as soon as there is nothing else to do.
#[derive(Clone)]
pub struct TokioClock(tokio::time::Instant);

impl Clock for TokioClock {
    fn now(&self) -> Instant {
        Instant::from_nanos(u64::try_from(self.0.elapsed().as_nanos()).unwrap())
    }
    async fn sleep(&self, span: Span) {
        tokio::time::sleep(std::time::Duration::from_nanos(span.as_nanos())).await;
    }
}

impl TokioClock {
    /// Runs the future made for the clock to its end, or until `horizon`.
    pub fn drive<F: Future>(horizon: Instant, make: impl FnOnce(Self) -> F) -> Option<F::Output> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let future = make(Self(tokio::time::Instant::now()));
            tokio::time::timeout(std::time::Duration::from_nanos(horizon.as_nanos()), future).await.ok()
        })
    }
}
