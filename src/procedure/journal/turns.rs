//! One at a time, in the order of asking.
//!
//! Owns the queue. Invariant: a turn that is dropped, at whatever point, lets the next one proceed and wakes it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Whose turn it is, and who waits.
#[derive(Debug, Default)]
pub(super) struct Turns {
    queue: RefCell<VecDeque<(u64, Option<Waker>)>>,
    tickets: Cell<u64>,
}

/// Somebody's turn, or their place in the queue.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    ticket: u64,
}

impl Turns {
    /// Waits until everybody who asked before has had their turn.
    pub(super) async fn take(&self) -> Turn<'_> {
        let ticket = self.tickets.get();
        self.tickets.set(ticket + 1);
        self.queue.borrow_mut().push_back((ticket, None));
        let turn = Turn { turns: self, ticket };
        poll_fn(|context| {
            let mut queue = self.queue.borrow_mut();
            if queue.front().is_some_and(|(first, _)| *first == ticket) {
                return Poll::Ready(());
            }
            for (_, waker) in queue.iter_mut().filter(|(waiting, _)| *waiting == ticket) {
                *waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut queue = self.turns.queue.borrow_mut();
        queue.retain(|(ticket, _)| *ticket != self.ticket);
        if let Some(waker) = queue.front_mut().and_then(|(_, waker)| waker.take()) {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::{Pin, pin};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Context, Wake};

    #[derive(Default)]
    struct Wakes(AtomicU32);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_turn_is_had_in_the_order_of_asking_and_whoever_is_next_is_woken() {
        let (turns, wakes) = (Turns::default(), Arc::new(Wakes::default()));
        let waker = Waker::from(Arc::clone(&wakes));
        let mut context = Context::from_waker(&waker);
        let (mut first, mut gone, mut last) = (pin!(turns.take()), Some(Box::pin(turns.take())), pin!(turns.take()));
        let Poll::Ready(turn) = first.as_mut().poll(&mut context) else { panic!("nobody is before it") };
        assert!(gone.as_mut().map(|gone| Pin::new(gone).poll(&mut context).is_pending()).unwrap());
        assert!(last.as_mut().poll(&mut context).is_pending());
        gone = None;
        assert!(gone.is_none() && last.as_mut().poll(&mut context).is_pending(), "the first still has its turn");
        assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
        drop(turn);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert!(last.as_mut().poll(&mut context).is_ready());
    }
}
