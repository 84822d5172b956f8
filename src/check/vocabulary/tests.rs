//! Names resolve as they are declared, and nothing else does.

use super::*;
use crate::field::{Origin, Place};
use crate::record::SignalUnit::Count;

/// The names of [`scope`].
pub fn vocabulary() -> Vocabulary {
    Vocabulary::new(&scope())
}

/// Two regions with an api each, one database, two faults and a procedure.
pub fn scope() -> Scope {
    let mut scope = Scope::default();
    let here = Place::beginning(Origin::File);
    for (referent, name) in [
        (Referent::Region, "west-europe"),
        (Referent::Region, "north"),
        (Referent::Service, "api"),
        (Referent::Database, "orders"),
        (Referent::Fault, "dark"),
        (Referent::Fault, "slow"),
        (Referent::Record, "www"),
        (Referent::Procedure, "region_failover"),
    ] {
        scope.declare(referent, name, here);
    }
    scope.declare_instance("api", RegionId(0));
    scope.declare_instance("api", RegionId(1));
    scope
}

#[test]
fn signals_are_resolved_and_suggested() {
    let known = vocabulary();
    assert_eq!(known.signal("service.north.api.queue", 0..1), Ok(("service.north.api.queue".into(), Count)));
    for alias in ["lag", "orders.lag", "db.orders.lag"] {
        assert_eq!(known.signal(alias, 0..1).unwrap().0, "db.orders.lag", "{alias}");
    }
    let error = known.signal("region.nroth.ok", 3..5).unwrap_err();
    assert_eq!((error.span.clone(), error.help.as_deref()), (3..5, Some("did you mean `region.north.ok`?")));
    let help = known.signal("region.north.latency", 0..1).unwrap_err().help.unwrap();
    assert!(help.starts_with("the nearest signals are `region.north.") && !help.contains('{'), "{help}");
    assert!(known.signal("fault.dark", 0..1).unwrap_err().help.unwrap().contains("is an event"));
}

#[test]
fn events_are_resolved_and_suggested() {
    let known = vocabulary();
    for name in ["fault.dark", "fault.*", "*.started", "region_failover.switch_dns.done", "notified.users"] {
        assert!(known.event(name, 0..1).is_ok(), "{name}");
    }
    let error = known.event("fault.drak", 0..1).unwrap_err();
    assert_eq!(error.help.as_deref(), Some("did you mean `fault.dark`?"));
    let help = known.event("region_failover.exploded_badly", 0..1).unwrap_err().help.unwrap();
    assert!(help.starts_with("the nearest events are `region_failover.") && !help.contains('{'), "{help}");
    for name in ["failover.started", "fault.da*", "", "region_failover.switch_dns.exploded", "fault."] {
        assert!(known.event(name, 0..1).is_err(), "{name}");
    }
}

#[test]
fn a_short_name_needs_a_single_database() {
    let mut scope = Scope::default();
    scope.declare(Referent::Database, "orders", Place::beginning(Origin::File));
    scope.declare(Referent::Database, "users", Place::beginning(Origin::File));
    let known = Vocabulary::new(&scope);
    assert!(known.signal("lag", 0..1).is_err());
    assert!(known.signal("users.lag", 0..1).is_ok());
}
