//! Names: the zone with its control API and its servers, the resolvers between clients and the zone, what each client
//! group caches, and the automation that writes the zone.
//!
//! Does not know why a record was changed.
//!
//! Invariants: a cache answers what was published when it last asked, until the time to live it keeps has passed.
//! Caches need no event: they are looked at when somebody asks, and one that asks by itself is caught up with then.

mod cache;
mod planning;
mod resolvers;
mod servers;
mod stubs;
mod zone;

pub use planning::{Enacted, PlanCheck, Planning};
pub use resolvers::Resolvers;
pub use servers::ServerOutage;
pub use stubs::{Stubs, live_through};
pub use zone::Zone;
