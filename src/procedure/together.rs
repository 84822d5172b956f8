//! Calls made at the same time.
//!
//! Owns the combinators. Invariant: all are polled in order until each has ended, and the results are in that order.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Waits for all of `calls`.
pub(super) async fn together<T, F: Future<Output = T>>(calls: impl IntoIterator<Item = F>) -> Vec<T> {
    together_until(calls, usize::MAX, |_| false).await.into_iter().flatten().collect()
}

/// Waits for all of `calls`, of which `at_once` are under way at the same time and the next is begun when one has ended, or
/// for one whose result is the last that is waited for: then the others are dropped, and have none.
pub(super) async fn together_until<T, F: Future<Output = T>>(
    calls: impl IntoIterator<Item = F>,
    at_once: usize,
    is_last: impl Fn(&T) -> bool,
) -> Vec<Option<T>> {
    let mut calls: Vec<(Pin<Box<F>>, Option<T>)> = calls.into_iter().map(|call| (Box::pin(call), None)).collect();
    poll_fn(|context| {
        let mut under_way = 0;
        for (call, result) in calls.iter_mut().filter(|(_, result)| result.is_none()) {
            if under_way == at_once {
                break;
            }
            if let Poll::Ready(output) = call.as_mut().poll(context) {
                let last = is_last(&output);
                *result = Some(output);
                if last {
                    return Poll::Ready(());
                }
            } else {
                under_way += 1;
            }
        }
        if calls.iter().all(|(_, result)| result.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    calls.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;
    use std::pin::pin;
    use std::task::{Context, Waker};

    #[test]
    fn results_are_in_the_order_of_the_calls_and_none_is_polled_after_its_end() {
        let mut all = pin!(together([ready(1), ready(2), ready(3)]));
        let polled = all.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(vec![1, 2, 3]));
    }

    #[test]
    fn one_that_waits_keeps_the_others_results() {
        let mut turns = 0;
        let slow = poll_fn(move |_| {
            turns += 1;
            if turns > 1 { Poll::Ready(7) } else { Poll::Pending }
        });
        let quick = poll_fn(|_| Poll::Ready(1));
        let calls: Vec<Pin<Box<dyn Future<Output = i32>>>> = vec![Box::pin(slow), Box::pin(quick)];
        let mut all = pin!(together(calls));
        let context = &mut Context::from_waker(Waker::noop());
        assert!(all.as_mut().poll(context).is_pending());
        assert_eq!(all.as_mut().poll(context), Poll::Ready(vec![7, 1]));
    }

    #[test]
    fn the_last_result_that_is_waited_for_drops_the_others() {
        let calls: Vec<Pin<Box<dyn Future<Output = i32>>>> =
            vec![Box::pin(ready(1)), Box::pin(std::future::pending()), Box::pin(ready(7)), Box::pin(ready(8))];
        let mut all = pin!(together_until(calls, usize::MAX, |result| *result == 7));
        let polled = all.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(vec![Some(1), None, Some(7), None]));
    }

    #[test]
    fn no_more_than_so_many_are_under_way_and_the_next_begins_in_the_poll_in_which_one_ends() {
        let begun = std::cell::RefCell::new(Vec::new());
        let call = |number: i32, polls: i32| {
            let (begun, mut left) = (&begun, polls);
            poll_fn(move |_| {
                if left == polls {
                    begun.borrow_mut().push(number);
                }
                left -= 1;
                if left == 0 { Poll::Ready(number) } else { Poll::Pending }
            })
        };
        let mut all = pin!(together_until([call(1, 3), call(2, 2), call(3, 1), call(4, 2)], 2, |_| false));
        let context = &mut Context::from_waker(Waker::noop());
        assert!(all.as_mut().poll(context).is_pending());
        assert_eq!(*begun.borrow(), [1, 2]);
        assert!(all.as_mut().poll(context).is_pending());
        assert_eq!(*begun.borrow(), [1, 2, 3, 4], "2 has ended, and 3 at once");
        assert_eq!(all.as_mut().poll(context), Poll::Ready(vec![Some(1), Some(2), Some(3), Some(4)]));
    }
}
