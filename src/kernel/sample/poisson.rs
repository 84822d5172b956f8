//! Poisson counts by inversion.
//!
//! Owns a table of the distribution function. Rejects means above a million. Invariant: non-decreasing in the draw.

/// A sampler of Poisson counts.
#[derive(Debug, Clone)]
pub struct Poisson {
    /// The count that belongs to the first entry.
    first: u64,
    /// Entry `k`: the chance of at most `first + k`, in units of 2^-64.
    at_most: Vec<u64>,
}

/// The greatest mean.
const MEAN_MOST: f64 = 1e6;
/// Counts less likely than this, relative to the likeliest, are left out: less than one draw in 2^64 would meet them.
const NEGLIGIBLE: f64 = 1e-23;

impl Poisson {
    /// Counts with this mean.
    ///
    /// # Errors
    ///
    /// If the mean is negative, not a number or above a million.
    pub fn new(mean: f64) -> Result<Self, String> {
        if !(0.0..=MEAN_MOST).contains(&mean) {
            return Err(format!("the mean of a Poisson distribution is {mean}, but must be from 0 to {MEAN_MOST}"));
        }
        let mode = libm::floor(mean);
        let below = weights((0..mode as u64).rev().map(|count| (count + 1) as f64 / mean));
        let above = weights((mode as u64 + 1..).map(|count| mean / count as f64));
        let total = below.iter().rev().sum::<f64>() + 1.0 + above.iter().rev().sum::<f64>();
        let mut sum = 0.0;
        let ascending = below.iter().rev().chain([&1.0]).chain(&above);
        let at_most = ascending.map(|weight| {
            sum += weight;
            // The cast saturates at one.
            (sum / total * 18_446_744_073_709_551_616.0) as u64
        });
        Ok(Self { first: mode as u64 - below.len() as u64, at_most: at_most.collect() })
    }

    /// The count that this draw stands for.
    pub fn at(&self, draw: u64) -> u64 {
        let entry = self.at_most.partition_point(|at_most| *at_most <= draw);
        self.first + entry.min(self.at_most.len() - 1) as u64
    }
}

/// Running products of ratios, until they are negligible.
fn weights(ratios: impl Iterator<Item = f64>) -> Vec<f64> {
    let products = ratios.scan(1.0, |weight, ratio| {
        *weight *= ratio;
        Some(*weight)
    });
    products.take_while(|weight| *weight > NEGLIGIBLE).collect()
}
