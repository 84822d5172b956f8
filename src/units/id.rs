//! Dense identifiers: positions in the plan's lists, so that a lookup is an index and an order is the file's order.

use serde::Serialize;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(pub u16);

        impl $name {
            /// The identifier as a position in the plan's list.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A provider.
    ProviderId,
    /// A region of a provider.
    RegionId,
    /// A service in one region.
    ServiceId,
    /// A database with all its copies.
    DatabaseId,
    /// A bucket with all its copies.
    BucketId,
    /// A DNS record.
    NameId,
    /// A population of clients.
    WorkloadId,
    /// A person who can be paged.
    PersonId,
    /// A fault of the schedule.
    FaultId,
}
