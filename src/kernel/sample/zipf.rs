//! Zipf ranks by the alias method.
//!
//! Owns the alias table. Rejects more than 16 million ranks. Invariant: one draw gives a rank.

/// A sampler of ranks where rank `k` (from 0) is drawn in proportion to `1 / (k + 1)^s`.
#[derive(Debug, Clone)]
pub struct Zipf {
    /// Per cell: the draw's lower half below which the cell's own rank is meant, and the rank meant otherwise.
    cells: Vec<(u64, u32)>,
}

/// The greatest number of ranks.
const COUNT_MOST: u32 = 1 << 24;

impl Zipf {
    /// Ranks `0..count` with exponent `s`; 0 makes them equally likely.
    ///
    /// # Errors
    ///
    /// If there are no ranks or more than 16 million, or the exponent is not within 0..=10.
    pub fn new(count: u32, s: f64) -> Result<Self, String> {
        if count == 0 || count > COUNT_MOST {
            return Err(format!("a Zipf distribution has {count} ranks, but must have from 1 to {COUNT_MOST}"));
        }
        if !(0.0..=10.0).contains(&s) {
            return Err(format!("the exponent of a Zipf distribution is {s}, but must be from 0 to 10"));
        }
        let weights: Vec<f64> = (1..=count).map(|rank| libm::exp(-s * libm::log(f64::from(rank)))).collect();
        Ok(Self { cells: alias(weights) })
    }

    /// The rank that this draw stands for: the upper half of `draw * count` picks a cell, the lower half tosses its coin.
    #[inline]
    pub fn at(&self, draw: u64) -> u32 {
        let product = u128::from(draw) * self.cells.len() as u128;
        let cell = (product >> 64) as usize;
        let (own, other) = self.cells[cell];
        if (product as u64) < own { cell as u32 } else { other }
    }
}

/// Cells of equal weight, each shared by at most two ranks: A. J. Walker, ACM TOMS 3(3), 1977, built in linear time as in
/// M. D. Vose, IEEE Trans. Software Engineering 17(9), 1991.
fn alias(mut weights: Vec<f64>) -> Vec<(u64, u32)> {
    let mean = weights.iter().rev().sum::<f64>() / weights.len() as f64;
    weights.iter_mut().for_each(|weight| *weight /= mean);
    let mut cells: Vec<(u64, u32)> = (0..weights.len() as u32).map(|rank| (u64::MAX, rank)).collect();
    let (mut light, mut heavy): (Vec<u32>, Vec<u32>) =
        (0..weights.len() as u32).rev().partition(|rank| weights[*rank as usize] < 1.0);
    while let (Some(small), Some(large)) = (light.pop(), heavy.last().copied()) {
        let weight = weights[small as usize];
        cells[small as usize] = ((weight * 18_446_744_073_709_551_616.0) as u64, large);
        weights[large as usize] -= 1.0 - weight;
        if weights[large as usize] < 1.0 {
            heavy.pop();
            light.push(large);
        }
    }
    cells
}
