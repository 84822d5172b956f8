//! Links under faults: what passes, how long it takes, and who is to blame.

use super::*;

const WEST: RegionId = RegionId(0);
const NORTH: RegionId = RegionId(1);
const MS: fn(u64) -> Span = Span::from_millis;

fn network(loss: u64) -> Network {
    let link = LinkPlan { latency: Distribution::Constant(MS(10)), loss: Ratio::from_percent(loss) };
    let plan = NetworkPlan { clients: vec![link.clone(); 2], regions: vec![link; 4] };
    Network::new(&plan, &["west", "north"], &Streams::new(1))
}

fn degradation(fault: u16, loss: u64, slowdown: u64, delay: u64) -> LinkDegradation {
    let percent = Ratio::from_percent;
    LinkDegradation { fault: FaultId(fault), loss: percent(loss), slowdown: percent(slowdown), delay: MS(delay) }
}

fn pair(network: &Network, from: RegionId, to: RegionId) -> Option<Span> {
    network.between(from, to).expect("two regions").travel(0)
}

#[test]
fn a_partition_cuts_the_direction_it_says_and_no_other() {
    for (direction, to, from) in
        [(Direction::Both, None, None), (Direction::To, None, Some(MS(10))), (Direction::From, Some(MS(10)), None)]
    {
        let mut network = network(0);
        network.cut(WEST, None, direction, FaultId(0));
        network.cut(WEST, Some(NORTH), direction, FaultId(1));
        assert_eq!((network.to(WEST).travel(0), network.from(WEST).travel(0)), (to, from), "{direction:?}");
        assert_eq!((pair(&network, NORTH, WEST), pair(&network, WEST, NORTH)), (to, from), "{direction:?}");
        assert_eq!(network.to(NORTH).travel(0), Some(MS(10)));
        assert_eq!(network.cut_between(NORTH, WEST), Some(FaultId(1)), "a stream needs both routes");
        network.reconnect(WEST, None, FaultId(0));
        network.reconnect(WEST, Some(NORTH), FaultId(1));
        assert_eq!((network.to(WEST).travel(0), pair(&network, WEST, NORTH)), (Some(MS(10)), Some(MS(10))));
    }
}

#[test]
fn wear_slows_delays_and_loses_beside_what_is_lost_anyway() {
    let mut network = network(20);
    let arrived = |network: &Network| (0..20_000).filter(|draw| network.to(WEST).travel(*draw).is_some()).count();
    let usual = arrived(&network);
    network.degrade(WEST, None, Direction::To, degradation(0, 50, 300, 40));
    network.degrade(WEST, None, Direction::To, degradation(1, 0, 200, 5));
    let degraded = arrived(&network);
    assert!((15_700..16_300).contains(&usual) && (7_700..8_300).contains(&degraded), "{usual}, {degraded}");
    let passes = (0..).find(|draw| network.to(WEST).travel(*draw).is_some()).expect("some pass");
    assert_eq!(network.to(WEST).travel(passes), Some(MS(10 * 3 * 2 + 40 + 5)));
    network.repair(WEST, None, FaultId(0));
    assert_eq!((arrived(&network), network.to(WEST).travel(passes)), (usual, Some(MS(25))));
    network.repair(WEST, None, FaultId(1));
    assert_eq!(network.to(WEST).travel(passes), Some(MS(10)));
}

#[test]
fn a_message_is_counted_for_the_faults_that_touched_it() {
    let mut network = network(20);
    let link = |network: &Network| (0..1_000).map(|draw| network.to(WEST).culprits(draw).count()).sum::<usize>();
    assert_eq!(link(&network), 0, "what is lost anyway is nobody's fault");
    network.degrade(WEST, None, Direction::To, degradation(0, 50, 100, 0));
    let lost = (0..1_000).filter(|draw| network.to(WEST).travel(*draw).is_none()).count();
    let blamed = link(&network);
    assert!(blamed < lost && (350..450).contains(&blamed), "{blamed} of {lost}");
    network.degrade(WEST, None, Direction::To, degradation(1, 0, 200, 0));
    assert_eq!(link(&network), blamed + 1_000 - lost, "the one that slows is counted for what arrives");
    network.cut(WEST, None, Direction::To, FaultId(2));
    let culprits: Vec<FaultId> = network.to(WEST).culprits(7).collect();
    assert_eq!(culprits, [FaultId(2)]);
}

#[test]
fn a_stream_over_a_worn_link_is_later_by_what_the_link_adds() {
    let mut network = network(0);
    network.degrade(WEST, Some(NORTH), Direction::From, degradation(0, 0, 300, 40));
    assert_eq!(network.added_between(WEST, NORTH), MS(60));
    assert_eq!((network.added_between(NORTH, WEST), network.added_between(WEST, WEST)), (Span::ZERO, Span::ZERO));
}

#[test]
fn the_longest_delay_is_later_than_any_run_and_never_overflows() {
    let mut network = network(0);
    for fault in 0..30 {
        network.degrade(WEST, None, Direction::Both, degradation(fault, 0, 100_000, 1));
    }
    let travel = network.to(WEST).travel(0).expect("nothing is lost");
    assert_eq!(travel, LONGEST);
    assert!(crate::units::Instant::from_secs(86_400 * 365) + travel + travel > crate::units::Instant::ZERO);
}
