//! Draws to durations, one draw per sample.
//!
//! Owns the tables that make sampling cheap. Expects validated distributions (it clamps others and never panics).
//! Invariant: non-decreasing in the draw but for the rounding of a double; within 1e-3 of the exact quantile.

use super::distribution::Distribution;
use super::quantile::{LONGEST, Quantile, unit};
use crate::units::{Ratio, Span};

const CELL_BITS: u32 = 12;
const CELLS: usize = 1 << CELL_BITS;
/// Where the relative error of a straight line exceeds this, the exact quantile is used.
const TOLERANCE: f64 = 5e-4;
/// With more cells than this at either end to be computed exactly, a table does not pay.
const EXACT_MOST: usize = CELLS / 8;

/// A sampler of one distribution.
#[derive(Debug, Clone)]
pub struct Sampler {
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    Constant(u64),
    /// `count` values from `low` on.
    Uniform {
        low: u64,
        count: u64,
    },
    Table(Table),
    Exact(Quantile),
    Points(Vec<(u64, u64)>),
}

/// The quantiles of 4096 equal cells, with straight lines between them. Cells but for `cells` from `first` on are computed.
#[derive(Debug, Clone)]
struct Table {
    first: usize,
    cells: usize,
    ends: Box<[u64; CELLS + 1]>,
    exact: Quantile,
}

impl Sampler {
    /// A sampler of `distribution`, which should have passed [`Distribution::validate`]. Building a table takes about 0.3 ms.
    pub fn new(distribution: &Distribution) -> Self {
        let shape = match distribution {
            Distribution::Constant(span) | Distribution::Normal { mean: span, sd: Span::ZERO } => {
                Shape::Constant(span.as_nanos().min(LONGEST))
            }
            Distribution::Uniform { low, high } => {
                let (low, high) = (low.as_nanos().min(LONGEST), high.as_nanos().min(LONGEST));
                Shape::Uniform { low, count: high.saturating_sub(low) + 1 }
            }
            Distribution::Empirical { points } => Shape::Points(ascending(points)),
            _ => Quantile::of(distribution)
                .map_or(Shape::Constant(0), |exact| Table::new(exact).map_or(Shape::Exact(exact), Shape::Table)),
        };
        Self { shape }
    }

    /// The duration that this draw stands for. Never longer than 2^62 ns, whatever the tail.
    #[inline(always)]
    pub fn span(&self, draw: u64) -> Span {
        match &self.shape {
            Shape::Table(table) => Span::from_nanos(table.at(draw)),
            _ => self.span_without_table(draw),
        }
    }

    #[inline(never)]
    fn span_without_table(&self, draw: u64) -> Span {
        Span::from_nanos(match &self.shape {
            Shape::Constant(ns) => *ns,
            Shape::Uniform { low, count } => low + crate::kernel::below(draw, *count),
            Shape::Table(table) => table.at(draw),
            Shape::Exact(exact) => exact.at(unit(draw)),
            Shape::Points(points) => interpolate(points, draw),
        })
    }
}

impl Table {
    /// `None` if straight lines would be wrong in too many cells.
    fn new(exact: Quantile) -> Option<Self> {
        let first = (0..=EXACT_MOST).find(|cell| is_straight(&exact, *cell))?;
        let last = (0..=EXACT_MOST).map(|cell| CELLS - cell).find(|end| is_straight(&exact, end - 1))?;
        let mut ends = Box::new([0; CELLS + 1]);
        let mut least = 0;
        for cell in first..=last {
            // Ascending even where the quantile function wavers in its last bit.
            least = exact.at(edge(cell)).max(least);
            ends[cell] = least;
        }
        Some(Self { first, cells: last - first, ends, exact })
    }

    #[inline(always)]
    fn at(&self, draw: u64) -> u64 {
        let cell = (draw >> (64 - CELL_BITS)) as usize;
        if cell.wrapping_sub(self.first) >= self.cells {
            return self.in_the_tail(draw);
        }
        let (low, high) = (self.ends[cell], self.ends[cell + 1]);
        low + crate::kernel::below(draw << CELL_BITS, high - low)
    }

    #[inline(never)]
    fn in_the_tail(&self, draw: u64) -> u64 {
        self.exact.at(unit(draw))
    }
}

/// Where a cell begins, as a number in (0, 1).
fn edge(cell: usize) -> f64 {
    (cell as f64 / CELLS as f64).clamp(f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0)
}

/// Whether a straight line across a cell stays within the tolerance, judged at its quarters.
fn is_straight(exact: &Quantile, cell: usize) -> bool {
    let (from, to) = (edge(cell), edge(cell + 1));
    let (low, high) = (exact.exact(from), exact.exact(to));
    [0.02, 0.25, 0.5, 0.75, 0.98].into_iter().all(|part| {
        let truth = exact.exact(from + part * (to - from));
        (low + part * (high - low) - truth).abs() <= TOLERANCE * truth
    })
}

/// Points in integers, ascending even if the distribution was not validated.
fn ascending(points: &[(Ratio, Span)]) -> Vec<(u64, u64)> {
    let mut points: Vec<_> = points.iter().map(|(at, span)| (at.as_ppb(), span.as_nanos().min(LONGEST))).collect();
    points.sort_unstable();
    let mut longest = 0;
    for (_, ns) in &mut points {
        longest = longest.max(*ns);
        *ns = longest;
    }
    points
}

/// Straight lines between quantiles (parts per billion, nanoseconds), in integers.
fn interpolate(points: &[(u64, u64)], draw: u64) -> u64 {
    let position = u128::from(draw) * u128::from(Ratio::ONE.as_ppb());
    let next = points.partition_point(|(at, _)| u128::from(*at) << 64 <= position);
    let (Some((from, low)), Some((to, high))) = (points.get(next.wrapping_sub(1)), points.get(next)) else {
        return points.last().map_or(0, |(_, ns)| *ns);
    };
    // 60 and 30 bits of fraction keep the product within 128 bits.
    let (part, whole) = ((position - (u128::from(*from) << 64)) >> 34, u128::from(to - from) << 30);
    low + (u128::from(high - low) * part / whole) as u64
}
