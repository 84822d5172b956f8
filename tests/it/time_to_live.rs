//! A time to live that control sets: when it begins to hold, for whom, and what keeps it from holding.

use super::script::{Told, Written, both, played, tell, until};
use firedrill::control::Working;
use firedrill::model::SimulatedPorts;
use firedrill::ports::{Clock, Dns, Journal, PortError, Tenure};
use firedrill::record::Record;
use firedrill::units::{Instant, Span};

const RECORD: &str = "app.example";
const SHORT: Span = Span::from_secs(10);

/// Four groups of clients, whose answers of a minute expire at 15, 30, 45 and 60 s. A change takes 15 s to be published,
/// and the way to the DNS API no time.
fn world(more: &str, resolvers: u32) -> String {
    format!(
        "
firedrill: 1
name: time to live
duration: 4m
settle: 0s
regions:
  west:  {{services: {{api: {{servers: 4, time: 1ms}}}}}}
  north: {{role: secondary, services: {{api: {{servers: 4, time: 1ms, active: true}}}}}}
network: {{latency: 0ms, clients: 0ms}}
control_plane: {{latency: 0ms, timeout: 1m}}
resolvers: {{count: {resolvers}, violators: 0%, ages: even}}
workload:
  - open: {{rate: 5/s, arrivals: constant, groups: 4, refresh: prefetch, keep_alive: 0s, timeout: 1s, retries: 0}}
properties: {{served: {{always: success >= 99%}}}}
{more}
"
    )
}

const DNS: &str = "dns: {ttl: 60s, publish: 15s}";

/// Of four groups, how many would send north in each of these seconds.
fn north(record: &Record, seconds: &[u64]) -> Vec<u64> {
    let share = record.signal("dns.share.north").expect("always recorded");
    let at =
        |second: &u64| share.points().take_while(|(at, _)| at.second() <= *second).last().expect("from the start").1;
    seconds.iter().map(at).map(|sample| sample.part * 4 / sample.whole).collect()
}

/// Lowers the time to live, published at 65 s; points north, published at 86 s, and back, published at 142 s.
fn there_and_back(ports: SimulatedPorts, _: Told) -> Working {
    Box::pin(async move {
        until(&ports, 50).await;
        ports.set_ttl(RECORD, SHORT).await.expect("nothing stands in the way");
        move_there_and_back(&ports).await;
    })
}

async fn move_there_and_back(ports: &SimulatedPorts) {
    until(ports, 71).await;
    ports.point_record(RECORD, "north").await.expect("nothing stands in the way");
    until(ports, 127).await;
    ports.point_record(RECORD, "west").await.expect("nothing stands in the way");
}

/// The group that asked at 15 s asks again at 75 s, and every 10 s from then on: it sees north at 95 s and west at 145 s.
/// Those that asked at 30, 45 and 60 s, before 65 s, ask again a minute later: they see north at 90, 105 and 120 s. From
/// then on they ask every 10 s, too, and see west at 150, 145 and 150 s.
#[test]
fn what_was_fetched_before_is_kept_as_long_as_it_was_and_what_is_fetched_after_for_the_new_time() {
    for resolvers in [0, 4] {
        let (record, _) = played(&world(DNS, resolvers), there_and_back);
        let seconds = [89, 90, 94, 95, 104, 105, 119, 120, 144, 145, 149, 150];
        assert_eq!(north(&record, &seconds), [0, 1, 1, 2, 2, 3, 3, 4, 4, 2, 2, 0], "with {resolvers} resolvers");
    }
}

#[test]
fn a_time_to_live_that_control_sets_and_one_that_was_planned_are_one_and_the_same() {
    let moves_only: Written = |ports, _| Box::pin(async move { move_there_and_back(&ports).await });
    let planned = "dns: {ttl: 60s, publish: 15s, changes: [{at: 65s, ttl: 10s}]}";
    let (by_control, _) = played(&world(DNS, 4), there_and_back);
    let (by_plan, _) = played(&world(planned, 4), moves_only);
    let told = |record: &Record| {
        let events = record.timeline.events().iter().filter(|event| event.name == "dns.app.example.ttl");
        events.map(|event| (event.at, event.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(&by_control), [(Instant::from_secs(65), "the TTL of app.example is now 10s".to_owned())]);
    assert_eq!(told(&by_control), told(&by_plan));
    let every: Vec<u64> = (1..240).collect();
    assert_eq!(north(&by_control, &every), north(&by_plan, &every));
}

#[test]
fn what_is_read_back_is_what_is_published_and_no_sooner() {
    let (_, told) = played(&world(DNS, 0), |ports, told| {
        Box::pin(async move {
            until(&ports, 50).await;
            let asked = ports.set_ttl(RECORD, SHORT);
            let looked = async {
                until(&ports, 64).await;
                tell(&told, ports.read_ttl(RECORD).await);
            };
            let (answer, ()) = both(asked, looked).await;
            tell(&told, (answer, ports.now()));
            tell(&told, ports.read_ttl(RECORD).await);
            tell(&told, ports.set_ttl("nowhere.example", SHORT).await);
        })
    });
    let at = |seconds| format!("{:?}", (Ok::<(), PortError>(()), Instant::from_secs(seconds)));
    let read = |span: Span| format!("{:?}", Ok::<Span, PortError>(span));
    assert_eq!(told[..3], [read(Span::from_secs(60)), at(65), read(SHORT)]);
    assert!(told[3].contains("there is no record `nowhere.example`"), "{}", told[3]);
}

#[test]
fn a_fault_of_actions_gets_at_it_and_reading_back_finds_out() {
    let fault = |how: &str| {
        format!("{DNS}\nfaults:\n  - action_fails: {{id: odd, action: set_ttl, share: 100%, how: {how}, at: 1s}}\n")
    };
    let script: Written = |ports, told| {
        Box::pin(async move {
            until(&ports, 50).await;
            tell(&told, ports.set_ttl(RECORD, SHORT).await.is_ok());
            tell(&told, ports.read_ttl(RECORD).await.expect("reading changes nothing") == SHORT);
            tell(&told, ports.point_record(RECORD, "north").await.is_ok());
        })
    };
    for (how, expected) in [("refused", ["false", "false", "true"]), ("without_effect", ["true", "false", "true"])] {
        let (record, told) = played(&world(&fault(how), 0), script);
        assert_eq!(told, expected, "{how}");
        assert_eq!(record.faults[0].hits, 1, "{how}");
    }
}

#[test]
fn a_controller_that_was_superseded_sets_none_even_if_it_asked_before() {
    let (record, told) = played(&world(DNS, 0), |ports, told| {
        Box::pin(async move {
            let lease = ports.acquire_lease(Span::from_mins(1)).await.expect("nobody else holds it");
            let old = ports.under(lease.epoch);
            until(&ports, 50).await;
            let taken_over = async {
                until(&ports, 60).await;
                ports.acquire_lease(Span::from_mins(1)).await.expect("it is its own");
            };
            let (accepted, ()) = both(old.set_ttl(RECORD, SHORT), taken_over).await;
            let superseded = |answer: Result<(), PortError>| matches!(answer, Err(PortError::Superseded { .. }));
            tell(&told, (superseded(accepted), superseded(old.set_ttl(RECORD, SHORT).await)));
            tell(&told, old.read_ttl(RECORD).await == Ok(Span::from_secs(60)));
        })
    });
    assert_eq!(told, ["(true, true)", "true"]);
    assert_eq!(record.timeline.times("dns.app.example.ttl").count(), 0);
}
