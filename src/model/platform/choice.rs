//! Which of several services a service calls.
//!
//! Does not know why they have the shares they have. Invariant: the same key, or the same attempt at a request, comes to the
//! same service.

use crate::kernel::{Stream, below};
use crate::model::core::job::Job;
use crate::model::plan::ChoicePlan;
use crate::units::Ratio;

/// A choice of one service in several.
#[derive(Debug)]
pub struct Choice {
    shares: Vec<Ratio>,
    by_key: bool,
    stream: Stream,
}

impl Choice {
    /// As `plan` has it, drawn from `stream`.
    pub fn new(plan: &ChoicePlan, stream: Stream) -> Self {
        let share = |share: Ratio| mutant!("every_share_is_half": share => Ratio::from_percent(50));
        let shares = plan.shares.iter().map(|(_, of)| share(*of)).collect();
        Self { shares, by_key: plan.by_key, stream }
    }

    /// The number of the service that `job` comes to.
    pub fn arm(&self, job: &Job) -> u8 {
        // A probe has no key.
        let draw = if mutant!("a_key_moves": self.by_key && !job.is_probe() => false) {
            u64::from(job.key)
        } else {
            job.draw()
        };
        let mut at = below(self.stream.at(draw), Ratio::ONE.as_ppb());
        for (number, share) in (0..).zip(&self.shares) {
            if at < share.as_ppb() {
                return number;
            }
            at -= share.as_ppb();
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Streams;
    use crate::model::core::job::Waiter;
    use crate::units::{Instant, ServiceId};

    fn drawn(by_key: bool, with: impl Fn(u64) -> Job) -> Vec<u8> {
        let shares = [(0, 90), (1, 0), (2, 10)].map(|(id, share)| (ServiceId(id), Ratio::from_percent(share)));
        let plan = ChoicePlan { shares: shares.to_vec(), by_key };
        let choice = Choice::new(&plan, Streams::new(1).stream("service/here/gateway", "choice"));
        (0..20_000).map(|number| choice.arm(&with(number))).collect()
    }

    fn job(number: u64, key: u32) -> Job {
        Job { slot: 0, key, ..Job::probe(number, 0, ServiceId(0), Waiter::Client, Instant::ZERO) }
    }

    #[test]
    fn each_gets_its_share_and_one_without_a_share_nothing() {
        let arms = drawn(false, |number| job(number, 0));
        let count = |arm| arms.iter().filter(|drawn| **drawn == arm).count();
        // 2,000 expected, standard deviation 42.
        assert!((1_800..=2_200).contains(&count(2)) && count(1) == 0, "{} {}", count(1), count(2));
    }

    #[test]
    fn a_key_comes_to_the_same_one_each_time_and_a_probe_goes_by_itself() {
        let arms = drawn(true, |number| job(number, (number % 50) as u32));
        assert!(arms.chunks(50).all(|chunk| chunk == &arms[..50]));
        assert!(arms[..50].contains(&0) && arms[..50].contains(&2));
        let probes = drawn(true, |number| Job::probe(number, 0, ServiceId(0), Waiter::Checker, Instant::ZERO));
        assert!(probes.contains(&0) && probes.contains(&2));
    }
}
