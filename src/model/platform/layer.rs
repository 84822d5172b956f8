//! Layers of calls: a service that calls another asks it again when it fails.
//!
//! Owns how often. Does not know why a call failed. Invariant: a call is made at most once and as many times more as
//! the service it calls says, for each time its caller is asked; so attempts of layers multiply (Google, Site Reliability
//! Engineering, 2016, chapter 22: three layers of four attempts make 64).

use crate::model::core::job::Job;
use crate::model::plan::Layer;

/// Where the calls of a layer are counted in [`Job::repeats`].
const fn shift(layer: Layer) -> u32 {
    let depth = if layer.depth < Layer::MOST { layer.depth } else { Layer::MOST };
    4 * depth as u32
}

/// The last call of `job` has failed. Sets it back to where it is made again, by its caller or, if that has failed with
/// it, by a caller further out, but none before the place `from`. Whether there is one who asks again.
pub fn repeat(layers: &[Layer], job: &mut Job, from: usize) -> bool {
    let mut failed = usize::from(job.stage).checked_sub(1);
    while let Some((place, layer)) =
        failed.filter(|place| *place >= from).and_then(|place| Some((place, *layers.get(place)?)))
    {
        // What was repeated further in is counted from zero.
        let outer = (1_u64 << shift(layer)) - 1;
        let made = (u64::from(job.repeats) >> shift(layer)) & 15;
        let retries = mutant!("a_call_is_repeated_once_less": layer.retries => layer.retries.saturating_sub(1));
        job.repeats &= outer as u32;
        if made < u64::from(retries) {
            job.repeats |= ((made + 1) << shift(layer)) as u32;
            job.stage = place as u8;
            return true;
        }
        failed = layers[..place].iter().rposition(|other| other.depth < layer.depth);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::core::job::Waiter;
    use crate::units::{Instant, ServiceId};

    fn job(stage: u8) -> Job {
        Job { stage, ..Job::probe(1, 0, ServiceId(0), Waiter::Control, Instant::ZERO) }
    }

    #[test]
    fn an_inner_call_is_made_anew_each_time_an_outer_one_is_repeated() {
        let layers = [Layer { depth: 0, retries: 1 }, Layer { depth: 1, retries: 2 }];
        let mut job = job(2);
        let mut stages = Vec::new();
        while repeat(&layers, &mut job, 0) {
            stages.push(job.stage);
            // The outer call comes to the inner one again, and that fails.
            job.stage = 2;
        }
        assert_eq!(stages, [1, 1, 0, 1, 1], "three inner calls, twice");
        assert_eq!(job.repeats, 0);
    }

    #[test]
    fn a_caller_before_that_has_answered_is_not_asked_again() {
        let layers = [Layer { depth: 0, retries: 3 }, Layer { depth: 1, retries: 0 }, Layer { depth: 0, retries: 0 }];
        assert!(!repeat(&layers, &mut job(3), 0), "the third place was called by the entry itself");
        let mut second = job(2);
        assert!(repeat(&layers, &mut second, 0) && second.stage == 0);
        assert!(!repeat(&layers, &mut job(0), 0) && !repeat(&[], &mut job(2), 0));
    }

    #[test]
    fn beyond_the_layers_there_is_room_for_nothing_is_repeated() {
        let layers: Vec<Layer> =
            (0..40).map(|depth| Layer { depth, retries: if depth < Layer::MOST { 1 } else { 0 } }).collect();
        let mut job = job(40);
        assert!(repeat(&layers, &mut job, 0));
        assert_eq!(job.stage, Layer::MOST - 1, "by the last layer that has room");
    }
}
