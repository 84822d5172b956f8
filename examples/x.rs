use firedrill::control::{CATALOG as CONTROLS, PROCEDURES};
use firedrill::fault::CATALOG as FAULTS;
use firedrill::scenario::*;
use firedrill::sim::*;
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let catalogs = Catalogs { faults: FAULTS, controls: CONTROLS, procedures: PROCEDURES, properties: &[] };
    let plan = match load(&text, &file, &[], &catalogs) { Ok((plan, w)) => { for p in w.iter() { println!("{p:?}"); } plan }, Err(problems) => { for p in problems.iter() { println!("{p:?}"); } return } };
    println!("{}", explain(&plan));
    let t = std::time::Instant::now();
    let run = run(Rehearsal { world: &plan.world, faults: &plan.faults, controls: &plan.controls, events_max: EVENTS_MAX }, 1);
    let el = t.elapsed();
    for e in run.record.timeline.events() { println!("{} {} {} {}", e.at, e.actor, e.name, e.text); }
    for lap in &run.record.laps { println!("{} {} took {} of {}: {} {}", lap.step, lap.start, lap.took, lap.budget, lap.result, lap.note); }
    println!("{:#?}\n{:?}\nend {} digest {} events {}", run.record.requests, run.stopped, run.record.end, run.record.digest, run.record.events);
    for s in &run.record.stores { println!("{:?}", (&s.store, s.acked, s.lost_total, s.lost_visible, s.at_risk, s.announced_bound, &s.copies)); }
    for f in &run.record.faults { println!("{f:?}"); }
    println!("{:?} {} ns/request", el, el.as_nanos() / run.record.requests.started as u128);
}
