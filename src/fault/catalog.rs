//! Every kind of fault there is: one line each.

use super::{
    FaultKind, clock_skew, controller_double, controller_kill, controller_pause, database_crash, dns_api_down,
    journal_down, notification_late, notification_lost, partition, person_slow, person_unreachable, region_outage,
    replication_stall, slow_share,
};

/// The kinds of fault a scenario can schedule.
pub const CATALOG: &[FaultKind] = &[
    region_outage::KIND,
    slow_share::KIND,
    dns_api_down::KIND,
    partition::KIND,
    replication_stall::KIND,
    database_crash::KIND,
    controller_kill::KIND,
    controller_pause::KIND,
    controller_double::KIND,
    journal_down::KIND,
    clock_skew::KIND,
    person_unreachable::KIND,
    person_slow::KIND,
    notification_lost::KIND,
    notification_late::KIND,
];
