//! A controller that does as a test has written it, over the ports of a rehearsal.

use super::plan_of;
use firedrill::control::{Control, Working};
use firedrill::model::SimulatedPorts;
use firedrill::model::plan::{ControllerPlan, WorldPlan};
use firedrill::ports::Clock;
use firedrill::record::Record;
use firedrill::rehearse::rehearsal;
use firedrill::sim::{Rehearsal, run};
use firedrill::units::Instant;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// What a script tells of what it saw.
pub type Told = Arc<Mutex<Vec<String>>>;

/// A controller that does as it is written.
struct Script(Written, Told);

/// What it does, given its ports and somewhere to tell what it saw.
pub type Written = fn(SimulatedPorts, Told) -> Working;

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

impl Control for Script {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        (self.0)(ports, Arc::clone(&self.1))
    }
}

/// A run of the scenario `text` with `script` as its only controller, and what that told.
pub fn played(text: &str, script: Written) -> (Record, Vec<String>) {
    let mut plan = plan_of(text, "script.yaml", &[]);
    let told = Told::default();
    plan.world.controllers = vec![ControllerPlan { name: "script".to_owned(), place: None, drill: false, lease: None }];
    let controls: Vec<Arc<dyn Control>> = vec![Arc::new(Script(script, Arc::clone(&told)))];
    let schedule = plan.schedule(1);
    let record = run(Rehearsal { controls: &controls, ..rehearsal(&plan, &schedule) }, 1).record;
    let told = told.lock().expect("one thread").clone();
    (record, told)
}

/// Waits until that second of the run.
pub async fn until(ports: &SimulatedPorts, second: u64) {
    ports.sleep(Instant::from_secs(second).since(ports.now())).await;
}

/// Keeps what the script saw.
pub fn tell(told: &Told, what: impl fmt::Debug) {
    told.lock().expect("one thread").push(format!("{what:?}"));
}

/// Both at once, to their ends.
pub async fn both<A: Future, B: Future>(first: A, second: B) -> (A::Output, B::Output) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut one, mut other) = (None, None);
    poll_fn(|context| {
        if one.is_none()
            && let Poll::Ready(output) = first.as_mut().poll(context)
        {
            one = Some(output);
        }
        if other.is_none()
            && let Poll::Ready(output) = second.as_mut().poll(context)
        {
            other = Some(output);
        }
        if one.is_some() && other.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (one.expect("it is over"), other.expect("it is over"))
}
