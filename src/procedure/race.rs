//! Work against a deadline.
//!
//! Owns one combinator. Invariant: where both are ready in the same poll, the first wins, so that work which finishes
//! exactly at its deadline is in time. The executor's part is to fire everything due at an instant before it polls;
//! where a call that takes no time is answered only in a later round of the same instant, the deadline comes first.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Which of two futures was ready first, and what it returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner<A, B> {
    /// The first, perhaps in the same poll as the second.
    First(A),
    /// The second, while the first was not ready.
    Second(B),
}

/// Polls both until one is ready and drops the other.
pub async fn race<A: Future, B: Future>(first: A, second: B) -> Winner<A::Output, B::Output> {
    let mut first = pin!(first);
    let mut second = pin!(second);
    poll_fn(|context| {
        if let Poll::Ready(output) = first.as_mut().poll(context) {
            return Poll::Ready(Winner::First(output));
        }
        second.as_mut().poll(context).map(Winner::Second)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use std::task::{Context, Waker};

    fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_tie_goes_to_the_first() {
        assert_eq!(poll_once(race(ready(1), ready(2))), Poll::Ready(Winner::First(1)));
    }

    #[test]
    fn the_second_wins_only_while_the_first_is_pending() {
        assert_eq!(poll_once(race(pending::<u8>(), ready(2))), Poll::Ready(Winner::Second(2)));
        assert_eq!(poll_once(race(pending::<u8>(), pending::<u8>())), Poll::Pending);
    }
}
