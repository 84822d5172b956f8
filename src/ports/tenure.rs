//! Under which lease calls are made.

/// Acting in the name of a lease.
pub trait Tenure {
    /// The same ports, every call made under the lease of `epoch`. Until then they act under none, epoch 0.
    #[must_use]
    fn under(&self, epoch: u32) -> Self;
    /// The epoch of the lease these ports act under; 0: none.
    fn epoch(&self) -> u32;
}
