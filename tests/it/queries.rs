//! Asking monitoring: what it answers over the ports of a rehearsal, and what it refuses.

use super::plan_of;
use firedrill::control::{Control, Working};
use firedrill::model::SimulatedPorts;
use firedrill::model::plan::{ControllerPlan, WorldPlan};
use firedrill::ports::{Clock, Labels, Metric, MetricSample, Metrics, PortError, Query};
use firedrill::rehearse::rehearsal;
use firedrill::sim::{Rehearsal, run};
use firedrill::units::{Figure, Instant, Span};
use std::fmt;
use std::sync::{Arc, Mutex};

type Answer = Result<Vec<Vec<MetricSample>>, PortError>;
type Answers = Arc<Mutex<Vec<(Instant, Answer)>>>;

/// Asks each of these at these seconds, and keeps what comes back.
struct Asker {
    asks: Vec<(u64, Vec<Query>)>,
    answers: Answers,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asker")
    }
}

impl Control for Asker {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        let (asks, answers) = (self.asks.clone(), Arc::clone(&self.answers));
        Box::pin(async move {
            for (second, queries) in asks {
                ports.sleep(Instant::from_secs(second).since(ports.now())).await;
                let answer = ports.query(&queries).await;
                answers.lock().expect("one thread").push((ports.now(), answer));
            }
        })
    }
}

const WORLD: &str = "
firedrill: 1
name: questions
duration: 3m
regions:
  west:  {services: {api: {servers: 8, time: 20ms}, search: {servers: 8, time: 200ms}}}
  north: {role: secondary, services: {api: {servers: 8, time: 20ms, active: true}}}
monitoring: {scrape: 5s, window: 30s, delay: 1s}
workload:
  - open: {rate: 20/s, arrivals: constant}
faults:
  - monitoring_gap: {id: gap, region: west, at: 100s, for: 40s}
properties: {served: {always: success >= 99%}}
";

fn ask(asks: Vec<(u64, Vec<Query>)>) -> Vec<(Instant, Answer)> {
    let mut plan = plan_of(WORLD, "questions.yaml", &[]);
    plan.world.controllers = vec![ControllerPlan { name: "asker".to_owned(), place: None, drill: false, lease: None }];
    let answers = Answers::default();
    let controls: Vec<Arc<dyn Control>> = vec![Arc::new(Asker { asks, answers: Arc::clone(&answers) })];
    let schedule = plan.schedule(1);
    run(Rehearsal { controls: &controls, ..rehearsal(&plan, &schedule) }, 1);
    answers.lock().expect("one thread").clone()
}

fn query(metric: Metric, region: Option<&str>, service: Option<&str>, window: Option<u64>) -> Query {
    let labels = Labels { region: region.map(str::to_owned), service: service.map(str::to_owned) };
    Query { metric, labels, window: window.map(Span::from_secs) }
}

fn whole(sample: &MetricSample) -> u64 {
    match sample.figure {
        Some(Figure::Share { whole, .. }) => whole,
        _ => 0,
    }
}

#[test]
fn a_shorter_window_holds_less_and_labels_choose() {
    let of = |window| query(Metric::ErrorRate, Some("west"), Some("api"), window);
    let queries =
        vec![of(None), of(Some(10)), query(Metric::Up, None, Some("api"), None), query(Metric::Up, None, None, None)];
    let answers = ask(vec![(90, queries)]);
    let lists = answers[0].1.as_ref().unwrap();
    assert_eq!([whole(&lists[0][0]), whole(&lists[1][0])], [600, 200], "20 requests a second");
    let names = |list: &[MetricSample]| {
        list.iter().map(|sample| format!("{}.{}", sample.region, sample.service)).collect::<Vec<_>>()
    };
    assert_eq!(names(&lists[2]), ["west.api", "north.api"]);
    assert_eq!(names(&lists[3]), ["west.api", "west.search", "north.api"]);
}

#[test]
fn the_answer_to_a_query_does_not_depend_on_those_beside_it() {
    let metrics = [Metric::Up, Metric::ErrorRate, Metric::Limited, Metric::ResponseTime { percentile: 50 }];
    let queries: Vec<Query> =
        metrics.iter().flat_map(|metric| [None, Some(10)].map(|window| query(*metric, None, None, window))).collect();
    let backwards = queries.iter().rev().cloned().collect();
    // Nothing is scraped in between: the first and the last question are answered from the same scrapes.
    let alone = queries.iter().map(|one| (91, vec![one.clone()]));
    let answers = ask([(91, queries.clone()), (91, backwards)].into_iter().chain(alone).collect());
    let lists = |at: usize| answers[at].1.clone().unwrap();
    assert!(answers.last().unwrap().0 < Instant::from_secs(95));
    assert_eq!(lists(0), lists(1).into_iter().rev().collect::<Vec<_>>());
    for (index, list) in lists(0).into_iter().enumerate() {
        assert_eq!(vec![list], lists(2 + index), "{:?}", queries[index]);
    }
}

#[test]
fn a_region_that_is_not_scraped_is_answered_with_what_there_was_and_its_age() {
    let of_all = || vec![query(Metric::ErrorRate, None, Some("api"), None)];
    let answers = ask(vec![(99, of_all()), (138, of_all())]);
    let [before, during] = [0, 1].map(|at| (answers[at].0, answers[at].1.as_ref().unwrap()[0].clone()));
    assert_eq!(during.1[0], before.1[0], "west: the same sample");
    let age = |(now, samples): &(Instant, Vec<MetricSample>), at: usize| samples[at].age(*now).unwrap();
    assert!(age(&before, 0) < Span::from_secs(7));
    assert!(age(&during, 0) > Span::from_secs(35) && age(&during, 1) < Span::from_secs(7), "north is scraped");
}

#[test]
fn what_is_not_scraped_or_kept_is_refused_by_name() {
    let refused = [
        (query(Metric::Up, Some("south"), None, None), "there is no region `south`"),
        (query(Metric::Up, Some("north"), Some("search"), None), "there is no service `search`"),
        (query(Metric::ErrorRate, None, None, Some(60)), "monitoring keeps 30s of scrapes, not 1m"),
        (query(Metric::ResponseTime { percentile: 0 }, None, None, None), "there is no 0th percentile"),
    ];
    let good = query(Metric::Up, None, None, None);
    let answers = ask(refused.iter().map(|(query, _)| (60, vec![good.clone(), query.clone()])).collect());
    for ((query, why), (_, answer)) in refused.iter().zip(&answers) {
        assert_eq!(*answer, Err(PortError::Refused((*why).to_owned())), "{query:?}");
    }
}

#[test]
fn what_was_never_scraped_is_told_as_such() {
    let answers = ask(vec![(0, vec![query(Metric::Up, None, Some("search"), None)])]);
    let sample = &answers[0].1.as_ref().unwrap()[0][0];
    assert_eq!((sample.taken, sample.figure, sample.age(answers[0].0)), (None, None, None));
}
