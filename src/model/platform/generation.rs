//! Answers that a language model writes token by token.
//!
//! Owns how many tokens a request has and how long writing takes. Does not know queues or limits. Invariant: one draw
//! from a stream of its own for each count, so that nobody else's samples change.

use crate::kernel::{Distribution, Sampler, Stream, Streams};
use crate::model::plan::{CountDistribution, GenerationPlan};
use crate::units::Span;

/// A count is drawn as a span of this many nanoseconds each, so that samplers of time serve for it.
const NANOS_EACH: u64 = 1_000;

/// A distribution of whole numbers, ready to be drawn from.
#[derive(Debug, Clone)]
struct Counts {
    sampler: Sampler,
    stream: Stream,
}

impl Counts {
    fn new(distribution: &CountDistribution, stream: Stream) -> Self {
        let median = Span::from_nanos(distribution.median.saturating_mul(NANOS_EACH));
        let distribution = if distribution.sigma > 0.0 {
            Distribution::LogNormal { median, sigma: distribution.sigma }
        } else {
            Distribution::Constant(median)
        };
        Self { sampler: Sampler::new(&distribution), stream }
    }

    fn at(&self, draw: u64) -> u64 {
        ((self.sampler.span(self.stream.at(draw)).as_nanos() + NANOS_EACH / 2) / NANOS_EACH).max(1)
    }
}

/// A language model's share in the work of a service.
#[derive(Debug, Clone)]
pub struct Generation {
    prompt: Counts,
    output: Counts,
    per_token: Span,
}

impl Generation {
    /// The generation of `plan`, drawn from streams at `path`.
    pub fn new(plan: &GenerationPlan, path: &str, streams: &Streams) -> Self {
        Self {
            prompt: Counts::new(&plan.prompt, streams.stream(path, "prompt")),
            output: Counts::new(&plan.output, streams.stream(path, "output")),
            per_token: plan.per_token,
        }
    }

    /// How many tokens the request of draw `draw` and its answer have together: what a limit counts.
    pub fn tokens(&self, draw: u64) -> u64 {
        self.prompt.at(draw).saturating_add(self.output.at(draw))
    }

    /// How long writing its answer takes.
    pub fn writing(&self, draw: u64) -> Span {
        let tokens = mutant!("a_prompt_is_written_too": self.output.at(draw) => self.tokens(draw));
        Span::from_nanos(tokens.saturating_mul(self.per_token.as_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_the_tokens_its_distributions_say_and_its_answer_takes_their_time() {
        let plan = GenerationPlan {
            prompt: CountDistribution { median: 1_000, sigma: 0.0 },
            output: CountDistribution { median: 200, sigma: 0.8 },
            per_token: Span::from_millis(10),
        };
        let generation = Generation::new(&plan, "service/a/b", &Streams::new(7));
        let mut outputs: Vec<u64> = (0..10_001).map(|draw| generation.tokens(draw) - 1_000).collect();
        for draw in 0..100 {
            let output = generation.tokens(draw) - 1_000;
            assert_eq!(generation.writing(draw), Span::from_millis(10 * output));
        }
        outputs.sort_unstable();
        // The median of 10001 lognormal values of sigma 0.8 has a standard error of 200 × 0.8 × 1.2533 / 100 = 2.
        assert!(outputs[5_000].abs_diff(200) < 8, "{}", outputs[5_000]);
        assert!(outputs[0] >= 1);
    }
}
