//! Control interfaces that take only so many calls, because of a fault.
//!
//! Owns what is left of each limit. Does not know what a call asks for.
//!
//! Invariants: a call that is turned away has no effect and takes nothing out of any limit; limits that overlap hold at the
//! same time and heal apart, each as full at its beginning as a limit that nobody has used.

use super::Core;
use super::rate_limit::Limiter;
use crate::model::plan::{Interface, LimitPlan};
use crate::ports::PortError;
use crate::units::{FaultId, Instant};

/// One limit of one fault.
#[derive(Debug, Clone)]
struct Throttle {
    fault: FaultId,
    interface: Interface,
    limit: LimitPlan,
    left: Limiter,
}

/// The limits in effect, in the order in which they began.
#[derive(Debug, Default)]
pub(in crate::model) struct Throttles(Vec<Throttle>);

impl Throttles {
    /// What is in effect, for comparing.
    pub fn in_force(&self) -> String {
        let each = |t: &Throttle| format!("{:?} {:?}", t.interface, t.limit);
        let mut lines: Vec<String> = self.0.iter().map(each).collect();
        lines.sort();
        format!("calls throttled {lines:?}")
    }

    /// Takes a call of `interface` at `now`, if every limit has room for it; else the fault whose limit has none.
    fn take(&mut self, interface: Interface, now: Instant) -> Result<(), FaultId> {
        let mut concerned: Vec<&mut Throttle> = self.0.iter_mut().filter(|t| t.interface == interface).collect();
        let mut after = Vec::with_capacity(concerned.len());
        for throttle in &concerned {
            let mut left = throttle.left;
            if !left.admits(0, now) {
                return Err(throttle.fault);
            }
            after.push(left);
        }
        concerned.iter_mut().zip(after).for_each(|(throttle, left)| throttle.left = left);
        Ok(())
    }
}

impl Core {
    /// Of the calls of `interface`, what is above `limit` is turned away.
    pub fn throttle(&mut self, interface: Interface, limit: LimitPlan, fault: FaultId) {
        let left = Limiter::new(&limit);
        self.throttles.0.push(Throttle { fault, interface, limit, left });
    }

    /// All calls are taken again, as far as this fault is concerned.
    pub fn end_throttling(&mut self, fault: FaultId) {
        self.throttles.0.retain(|throttle| throttle.fault != fault);
    }

    /// What a call of `interface` is answered with that is above a limit, now; counted for the fault that set it.
    pub(in crate::model) fn throttled(&mut self, interface: Interface) -> Option<PortError> {
        let fault = self.throttles.take(interface, self.now()).err()?;
        self.hit(fault);
        Some(PortError::Refused("throttled: too many calls".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::RetryAfter;
    use crate::units::Span;

    fn throttle(fault: u16, interface: Interface, calls: &str, over: u64) -> Throttle {
        let (requests, retry_after) = (calls.parse().ok(), RetryAfter::Nothing);
        let limit = LimitPlan { requests, tokens: None, over: Span::from_secs(over), retry_after };
        Throttle { fault: FaultId(fault), interface, left: Limiter::new(&limit), limit }
    }

    /// Of `count` calls at once, how many are taken, and whose limit the first of the others is above.
    fn at_once(throttles: &mut Throttles, count: usize, second: u64) -> (usize, Option<FaultId>) {
        let taken: Vec<_> = (0..count).map(|_| throttles.take(Interface::Dns, Instant::from_secs(second))).collect();
        (taken.iter().filter(|taken| taken.is_ok()).count(), taken.into_iter().find_map(Result::err))
    }

    #[test]
    fn calls_above_the_limit_are_turned_away_until_there_is_room_again() {
        let mut throttles = Throttles(vec![throttle(0, Interface::Dns, "5/s", 1)]);
        assert_eq!(at_once(&mut throttles, 12, 10), (5, Some(FaultId(0))));
        assert_eq!(at_once(&mut throttles, 12, 11), (5, Some(FaultId(0))), "what was turned away took nothing");
        assert_eq!(throttles.take(Interface::Services, Instant::from_secs(11)), Ok(()), "another interface");
    }

    #[test]
    fn of_limits_that_overlap_each_must_have_room_and_the_others_lose_nothing() {
        let (tight, wide) = (throttle(1, Interface::Dns, "2/s", 1), throttle(0, Interface::Dns, "5/s", 1));
        let mut throttles = Throttles(vec![wide, tight]);
        assert_eq!(at_once(&mut throttles, 12, 10), (2, Some(FaultId(1))));
        throttles.0.retain(|throttle| throttle.fault != FaultId(1));
        assert_eq!(at_once(&mut throttles, 12, 10), (3, Some(FaultId(0))), "ten refusals took nothing of the five");
    }
}
