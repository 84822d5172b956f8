//! Every kind of fault there is: one line each.

use super::{
    FaultKind, database_crash, dns_api_down, notification_late, notification_lost, partition, person_slow,
    person_unreachable, region_outage, replication_stall, slow_share,
};

/// The kinds of fault a scenario can schedule.
pub const CATALOG: &[FaultKind] = &[
    region_outage::KIND,
    slow_share::KIND,
    dns_api_down::KIND,
    partition::KIND,
    replication_stall::KIND,
    database_crash::KIND,
    person_unreachable::KIND,
    person_slow::KIND,
    notification_lost::KIND,
    notification_late::KIND,
];
