//! Every kind of fault there is: one line each.

use super::{
    FaultKind, autoscaler_off, balancer_late, balancer_partly, balancer_refuses, cache_lost, capacity_loss, clock_skew,
    common_mode, controller_double, controller_kill, controller_pause, database_crash, dns_api_down, journal_down,
    link_degraded, monitoring_blackout, monitoring_gap, notification_late, notification_lost, partition, person_slow,
    person_unreachable, provisioning_down, region_outage, replication_stall, servers_added, slow_share, zone_outage,
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
    link_degraded::KIND,
    zone_outage::KIND,
    capacity_loss::KIND,
    balancer_refuses::KIND,
    balancer_partly::KIND,
    balancer_late::KIND,
    monitoring_blackout::KIND,
    monitoring_gap::KIND,
    person_unreachable::KIND,
    person_slow::KIND,
    notification_lost::KIND,
    notification_late::KIND,
    cache_lost::KIND,
    autoscaler_off::KIND,
    provisioning_down::KIND,
    servers_added::KIND,
    common_mode::KIND,
];
