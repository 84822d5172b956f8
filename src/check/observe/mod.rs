//! Who watches a run for a property: one file each, fed by what happens and by what copies hold at the end.
//!
//! Does not know a model, nor how the property judges what was seen. Invariant: what an observer comes to depends on the
//! history alone, so that it may be held against another one's.

mod aligned;
mod final_state;
mod linearizable;

pub use aligned::{ALIGNED, Aligned};
pub use final_state::{FINAL_STATE, FinalState, FinalValue, final_state};
pub use linearizable::{Contradiction, LINEARIZABLE, Linearizable, linearizable};
