//! What the kernel orders: the events of the world, small and without a reference.

use crate::units::{DatabaseId, FaultId, ServiceId, WorkloadId};

/// What the kernel orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelEvent {
    /// A population's next request.
    Arrival(WorkloadId),
    /// A client tries again.
    Retry {
        /// The request.
        slot: u32,
        /// Its attempt.
        ticket: u32,
    },
    /// The balancer gives up on an attempt that it has sent somewhere.
    Unanswered {
        /// The request.
        slot: u32,
        /// Its attempt.
        ticket: u32,
    },
    /// A service gives up on a call of another one.
    LegLate {
        /// The fork whose leg the call is.
        fork: u32,
        /// Which leg.
        number: u8,
    },
    /// A client gives up on an attempt.
    Deadline {
        /// The request.
        slot: u32,
        /// Its attempt.
        ticket: u32,
    },
    /// A client sends a second attempt beside one that is still open.
    Hedge {
        /// The request.
        slot: u32,
        /// The attempt it hedges.
        ticket: u32,
    },
    /// A user has thought and sends their next request.
    Proceed(u32),
    /// A lease ends, unless it was renewed.
    LeaseEnds {
        /// The population of its holder.
        workload: WorkloadId,
        /// Its holder.
        holder: u32,
    },
    /// The recording a population's load is read from is no longer what was checked.
    TraceBroken(WorkloadId),
    /// A job reaches the next place.
    Hop(u32),
    /// A server finishes a job.
    Served {
        /// The service.
        service: ServiceId,
        /// Its server.
        server: u32,
        /// The job's stamp.
        stamp: u32,
    },
    /// A database operation is due.
    Database {
        /// The database.
        database: DatabaseId,
        /// The operation.
        slot: u32,
        /// Its stamp.
        stamp: u32,
    },
    /// Something at the rate of control.
    Agenda(u32),
    /// A fault of the schedule begins; for the run, not the world, to carry out.
    Inject(FaultId),
    /// A fault of the schedule ends.
    Heal(FaultId),
    /// Clients stop sending.
    WorkloadEnd,
    /// The time to settle is over.
    SettleEnd,
}
