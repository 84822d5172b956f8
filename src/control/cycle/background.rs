//! Work that runs alongside other work.
//!
//! Owns the polling of tasks. Invariant: the work is polled before its tasks, and they in the order in which they
//! were begun; what is still under way when the work ends is dropped.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Background tasks of one piece of work.
#[derive(Default)]
pub(super) struct BackgroundTasks {
    begun: RefCell<Vec<Task>>,
}

impl BackgroundTasks {
    /// Begins a task; it is polled from the next poll of the work on.
    pub(super) fn begin(&self, task: impl Future<Output = ()> + 'static) {
        self.begun.borrow_mut().push(Box::pin(task));
    }

    /// Does `work`, and the tasks that it begins beside it.
    pub(super) async fn beside<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        let mut under_way: Vec<Task> = Vec::new();
        poll_fn(|context| {
            if let Poll::Ready(output) = work.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            under_way.append(&mut self.begun.borrow_mut());
            under_way.retain_mut(|task| task.as_mut().poll(context).is_pending());
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use std::rc::Rc;
    use std::task::{Context, Waker};

    #[test]
    fn tasks_are_polled_in_order_until_they_end_and_dropped_with_the_work() {
        let (tasks, log) = (BackgroundTasks::default(), Rc::new(RefCell::new(Vec::new())));
        let task = |name: &'static str, ends: bool| {
            let log = Rc::clone(&log);
            poll_fn(move |_| {
                log.borrow_mut().push(name);
                if ends { Poll::Ready(()) } else { Poll::Pending }
            })
        };
        tasks.begin(task("a", true));
        tasks.begin(task("b", false));
        {
            let mut both = pin!(tasks.beside(pending::<()>()));
            for _ in 0..2 {
                assert!(both.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
        }
        assert_eq!(*log.borrow(), ["a", "b", "b"]);
        assert_eq!(Rc::strong_count(&log), 1, "what was under way is gone");
    }
}
