//! Distributions of duration and how to sample them.
//!
//! Owns the distributions, their checks and samplers that spend exactly one draw per sample, so that two runs that
//! share a stream stay aligned draw by draw. Uses neither rejection methods nor the platform's mathematics: all
//! transcendental functions come from `libm`, in a fixed order of operations.
//!
//! Invariant: a longer draw never gives a shorter sample (but for the rounding of a double), and a draw gives the same
//! sample on every machine and profile.

mod distribution;
mod normal;
mod poisson;
mod quantile;
mod residual;
mod sampler;
#[cfg(test)]
mod tests;
mod zipf;

pub use distribution::Distribution;
pub use poisson::Poisson;
pub use residual::{Lives, left_over};
pub use sampler::Sampler;
pub use zipf::Zipf;
