//! Databases with what all parts share and nothing else: no services, no clients.

use super::Data;
use super::database::tests::job;
use super::database::{CopyOperation, OperationKind};
use crate::kernel::Streams;
use crate::model::core::Core;
use crate::model::core::event::KernelEvent;
use crate::model::core::job::Job;
use crate::model::message::Message;
use crate::record::{Books, Observer, Position, WatchedStore};
use crate::scenario::{Catalogs, load};
use crate::units::{DatabaseId, FaultId, Instant, RegionId, ServiceId, Span};
use std::cell::RefCell;
use std::rc::Rc;

const ORDERS: DatabaseId = DatabaseId(0);
const WEST: RegionId = RegionId(0);
const EAST: RegionId = RegionId(1);
const FAULT: FaultId = FaultId(0);

/// Each region has the services `web`, which calls `api`, `api`, which calls `tax` and uses the database, `tax`, and
/// `aside`, in that order.
fn parts() -> (Core, Data) {
    let text = "
firedrill: 1
duration: 10m
regions:
  west:
    services:
      web: {servers: 1, time: 1ms, calls: [api]}
      api: {servers: 1, time: 1ms, calls: [tax], database: orders}
      tax: {servers: 1, time: 1ms}
      aside: {servers: 1, time: 1ms}
  east: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [east], call_timeout: 5s}
workload:
  - open: {rate: 1/s, service: web}
faults:
  - region_outage: {id: dark, region: west, at: 5m, for: 1m}
properties:
  some: {measure: {value: availability, at_least: 1%}}
";
    let (plan, _) = load(text, "data.yaml", &[], &Catalogs::BUILT_IN).unwrap_or_else(|p| panic!("{p:#?}"));
    let mut core = Core::new(&plan.world, &Streams::new(1), &["dark"]);
    let keys = plan.world.key_count();
    let regions = ["west".to_owned(), "east".to_owned()];
    let books: Rc<RefCell<dyn Observer>> =
        Rc::new(RefCell::new(Books::new([WatchedStore { keys, regions: &regions }])));
    let data = Data::new(&mut core, &books);
    (core, data)
}

/// A write at the first copy, asked for from the west, that is due in a second and whose answer takes `back`.
fn write(core: &mut Core, data: &mut Data, back: Span) -> Job {
    let (job, position) = (job(7, 0), Position { epoch: 1, lsn: 1 });
    let (kind, ready) = (OperationKind::Write(position), Instant::from_secs(1));
    let operation = CopyOperation { job, kind, copy: 0, begun: core.now(), ready, back, stamp: 0, open: true };
    data.begin_operation(core, ORDERS, operation);
    job
}

fn told(core: &mut Core) -> Vec<Message> {
    std::iter::from_fn(|| core.next_message()).collect()
}

#[test]
fn a_crash_tells_at_once_that_a_write_may_stand() {
    let (mut core, mut data) = parts();
    write(&mut core, &mut data, Span::from_millis(3));
    data.crash_database(&mut core, ORDERS, None, FAULT);
    let told = told(&mut core);
    let [Message::Reset { job, written: Some((ORDERS, Position { lsn: 1, .. })), back }] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!((job.number, *back), (7, Span::from_millis(3)));
    data.crash_database(&mut core, ORDERS, None, FAULT);
    assert!(core.next_message().is_none(), "it was lost once");
}

#[test]
fn a_dark_region_leaves_services_elsewhere_to_their_time_out() {
    let (mut core, mut data) = parts();
    write(&mut core, &mut data, Span::ZERO);
    // The services of the west that ask are spared.
    data.take_down(&mut core, WEST);
    let told = told(&mut core);
    let [Message::Hangs(_, until)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*until, Instant::from_secs(5));
    let mut ended = Vec::new();
    while let Some(event) = core.kernel.advance() {
        let KernelEvent::Database { slot, stamp, .. } = event else { continue };
        ended.extend(data.end_operation(&core, ORDERS, slot, stamp).map(|o| (core.now(), o.kind)));
    }
    assert_eq!(ended, [(Instant::from_secs(5), OperationKind::Hang)]);
}

#[test]
fn what_went_dark_with_its_database_gets_no_answer() {
    let (mut core, mut data) = parts();
    write(&mut core, &mut data, Span::ZERO);
    core.regions[WEST.index()].dark.hold(FAULT);
    data.take_down(&mut core, WEST);
    assert!(matches!(told(&mut core).as_slice(), [Message::NoAnswer(Job { number: 7, .. })]));
}

#[test]
fn a_service_gives_up_on_a_write_once_and_the_write_goes_on() {
    let (mut core, mut data) = parts();
    let operation = CopyOperation {
        job: job(7, 0),
        kind: OperationKind::Write(Position { epoch: 1, lsn: 1 }),
        copy: 0,
        begun: core.now(),
        ready: Instant::MAX,
        back: Span::ZERO,
        stamp: 0,
        open: true,
    };
    data.begin_operation(&mut core, ORDERS, operation);
    let mut seen = Vec::new();
    while let Some(event) = core.kernel.advance() {
        let KernelEvent::Database { slot, stamp, .. } = event else { continue };
        let now = core.now();
        if data.give_up(&mut core, ORDERS, slot, stamp).is_some() {
            seen.push((now, "given up"));
            data.time_operation(&mut core, ORDERS, slot, Instant::from_secs(9));
        } else if let Some(ended) = data.end_operation(&core, ORDERS, slot, stamp) {
            assert_eq!(ended.back, CopyOperation::UNHEARD);
            seen.push((now, "acknowledged"));
        }
    }
    assert_eq!(seen, [(Instant::from_secs(5), "given up"), (Instant::from_secs(9), "acknowledged")]);
}

#[test]
fn nobody_is_told_twice_of_what_was_never_to_be_heard() {
    let (mut core, mut data) = parts();
    write(&mut core, &mut data, CopyOperation::UNHEARD);
    data.crash_database(&mut core, ORDERS, None, FAULT);
    assert!(core.next_message().is_none());
}

#[test]
fn writes_are_at_stake_while_a_service_before_their_database_is_touched_and_no_other() {
    let [web, api, tax, aside] = [0, 1, 2, 3].map(ServiceId);
    for (service, counts) in [(web, 1), (api, 1), (tax, 1), (aside, 0), (ServiceId(4), 1)] {
        let (mut core, mut data) = parts();
        data.service_touched(&mut core, service, true);
        data.databases[0].note_acknowledged(core.now());
        assert_eq!(data.databases[0].stake.writes(), counts, "{service:?}");
        data.service_touched(&mut core, service, false);
        data.databases[0].note_acknowledged(Instant::from_secs(60));
        assert_eq!(data.databases[0].stake.writes(), counts, "{service:?} is left alone");
    }
    let (_, data) = parts();
    assert!(!data.dependents.are_touched(ORDERS, EAST));
}
