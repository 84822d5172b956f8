//! Every kind of fault there is: one line each.

use super::{
    FaultKind, action_fails, balancer_late, balancer_partly, balancer_refuses, capacity_loss, clock_skew,
    controller_double, controller_kill, controller_pause, database_crash, disk_full, dns_api_down, journal_down,
    link_degraded, monitoring_blackout, monitoring_gap, name_servers_bad, name_servers_down, notification_late,
    notification_lost, partition, person_slow, person_unreachable, region_outage, replication_stall, slow_share,
    stale_plan, zone_outage,
};

/// The kinds of fault a scenario can schedule.
pub const CATALOG: &[FaultKind] = &[
    region_outage::KIND,
    slow_share::KIND,
    dns_api_down::KIND,
    partition::KIND,
    replication_stall::KIND,
    database_crash::KIND,
    disk_full::KIND,
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
    name_servers_down::KIND,
    name_servers_bad::KIND,
    stale_plan::KIND,
    action_fails::KIND,
];
