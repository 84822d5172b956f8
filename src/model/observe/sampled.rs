//! Which requests are shown by themselves: a few hundred, spread over the run.
//!
//! Does not know what becomes of them. Invariants: whether a request is picked follows from its number and the number of
//! requests alone, and influences nothing; however long the run, no more are kept than fit on a page.

use crate::record::SampledRequest;

/// The most requests that are kept. Product default: what a viewer of traces shows at once, and some 100 kB of results.
const MOST: usize = 500;

/// Requests that were picked.
#[derive(Debug, Default)]
pub struct SampledRequests {
    kept: Vec<SampledRequest>,
    /// A request is picked if none of these bits of its number is set.
    mask: u64,
}

impl SampledRequests {
    /// Whether the request of that number is picked, should it end now.
    #[inline(always)]
    pub fn picks(&self, number: u64) -> bool {
        number & self.mask == 0
    }

    /// `request` has ended. Of too many every second one is kept, and picked from now on.
    pub fn keep(&mut self, request: SampledRequest) {
        self.kept.push(request);
        if self.kept.len() > MOST {
            self.mask = self.mask << 1 | 1;
            let mask = self.mask;
            self.kept.retain(|kept| kept.number & mask == 0);
        }
    }

    /// All of them, in the order in which they began.
    pub fn close(mut self) -> Vec<SampledRequest> {
        self.kept.sort_by_key(|request| (request.started, request.number));
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::OperationOutcome;
    use crate::units::Instant;

    fn request(number: u64) -> SampledRequest {
        SampledRequest {
            number,
            workload: "users".to_owned(),
            region: None,
            write: false,
            attempts: 1,
            started: Instant::from_secs(number),
            ended: Instant::from_secs(number + 1),
            outcome: OperationOutcome::Ok,
            reason: None,
        }
    }

    #[test]
    fn what_is_kept_is_spread_over_the_run_and_bounded() {
        for requests in [10, 500, 501, 100_000] {
            let mut sampled = SampledRequests::default();
            for number in 0..requests {
                if sampled.picks(number) {
                    sampled.keep(request(number));
                }
            }
            let kept = sampled.close();
            let step = kept[1].number - kept[0].number;
            assert!(kept.windows(2).all(|two| two[1].number - two[0].number == step), "evenly, {requests}");
            assert!(kept.len() <= MOST && (kept.len() > MOST / 2 || step == 1), "{requests}: {}", kept.len());
        }
    }
}
