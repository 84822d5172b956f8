//! A program of one's own: the example's procedure and rule in a test, struck at every call, and its whole command line.

#[path = "../../examples/own_procedure/hot_key.rs"]
mod hot_key;
#[path = "../../examples/own_procedure/promote_first.rs"]
mod promote_first;
#[path = "../../examples/own_procedure/quick_watch.rs"]
mod quick_watch;

use super::ROOT;
use super::command_line::{code, firedrill};
use super::determinism::folder;
use firedrill::Drill;
use firedrill::check::PropertyKind;
use firedrill::control::{ControlKind, SimulatedProcedure};
use firedrill::ports::{Databases, Dns, Runtime, Services};
use firedrill::procedure::steps::loss_bound;
use firedrill::procedure::{Brief, Listed, Perform, Procedure, Step, StepError, Work};
use firedrill::scenario::Catalogs;
use firedrill::units::Span;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Output};

const PROCEDURES: &[SimulatedProcedure] = &[SimulatedProcedure::of::<promote_first::PromoteFirst>()];
const CONTROLS: &[ControlKind] = &[quick_watch::KIND];
const PROPERTIES: &[PropertyKind] = &[hot_key::KIND];
const CATALOGS: Catalogs =
    Catalogs::BUILT_IN.with_procedures(PROCEDURES).with_controls(CONTROLS).with_properties(PROPERTIES);
const FILE: &str = "examples/own_procedure/promote-first.yaml";

fn drill() -> Drill {
    let small = [("workload.0.rate", "3/s"), ("duration", "8m"), ("faults.0.at", "60s"), ("settle", "20m")];
    let quick = [
        ("dns.publish", "3s"),
        ("dns.ttl", "10s"),
        ("resolvers.count", "4"),
        ("databases.orders.promote_time", "2s"),
        ("regions.westeurope.services.api.activation", "5s"),
        ("regions.northeurope.services.api.activation", "5s"),
    ];
    let drill = Drill::from_file(format!("{ROOT}/{FILE}")).catalogs(CATALOGS);
    small.into_iter().chain(quick).fold(drill, |drill, (path, value)| drill.set(path, value))
}

#[test]
fn the_procedure_of_the_example_passes_with_many_seeds_and_struck_at_every_call() {
    let found = drill().seeds(0..8).interrupt_everywhere().run();
    println!("{} runs, {} struck", found.runs, found.interrupted);
    assert!(found.wrong.is_empty(), "{} wrong:\n{}", found.wrong.len(), found.wrong.join("\n"));
    assert!(found.runs == 8 && found.interrupted > 200, "{} runs, {} struck", found.runs, found.interrupted);
}

/// Does in one step what must be done, and takes what it finds done for somebody else's work.
struct Jealous(JealousOrder);

#[derive(Clone, Serialize, Deserialize)]
struct JealousOrder {
    to: String,
    records: Vec<String>,
}

impl Procedure for Jealous {
    type StepId = ();
    type Order = JealousOrder;
    type Evidence = ();
    const NAME: &'static str = "jealous";
    const DOC: &'static str = "opens the copies and points the names at them, unless somebody else did";

    fn ordered(order: JealousOrder) -> Self {
        Self(order)
    }
    fn order(&self) -> &JealousOrder {
        &self.0
    }
    fn steps(&self) -> Vec<((), Step)> {
        Self::STEPS.to_vec()
    }
    fn limit(&self) -> Span {
        Self::LIMIT
    }
    fn past_return(&self, (): &()) -> bool {
        false
    }
}

impl Listed for Jealous {
    const STEPS: &'static [((), Step)] = &[((), Step::new("move", "move it all", 300, 10, 5).undo_within(60))];
    const LIMIT: Span = Span::from_mins(15);
    const LIMIT_SOURCE: &'static str = "nobody asked";

    fn order_of(brief: &Brief) -> JealousOrder {
        JealousOrder { to: brief.to.clone(), records: brief.records.clone() }
    }
}

impl<P: Runtime + Databases + Dns + Services> Perform<P> for Jealous {
    async fn consent(&self, _: u32, _: &Step, _: &P, (): &()) -> Result<Option<Span>, String> {
        Ok(None)
    }
    async fn perform(&self, (): (), work: &mut Work<'_, P, ()>) -> Result<String, StepError> {
        let (ports, to) = (work.ports, &self.0.to);
        ports.activate(to).await?;
        for name in ports.databases_in(to).await? {
            let copy = ports.copy_status(&name, to).await?;
            if copy.writable {
                return Err(StepError::Final(format!("{name} is written in {to}: somebody else was here")));
            }
            let epoch = ports.fence(&name, copy.epoch + 1).await?;
            let received = ports.copy_status(&name, to).await?.received_lsn;
            ports.announce_loss_bound(&name, loss_bound(ports.head_bound(&name).await?, received));
            ports.promote(&name, to, epoch).await?;
        }
        for record in &self.0.records {
            ports.point_record(record, to).await?;
        }
        Ok("moved".to_owned())
    }
    async fn verify(&self, (): (), _: &P, (): &()) -> Result<(), StepError> {
        Ok(())
    }
    async fn undo(&self, (): (), _: &mut Work<'_, P, ()>) -> Result<String, StepError> {
        Err(StepError::Final("nobody wrote that".to_owned()))
    }
}

#[test]
fn a_procedure_that_cannot_be_gone_on_with_is_found_by_striking_it() {
    const JEALOUS: &[SimulatedProcedure] = &[SimulatedProcedure::of::<Jealous>()];
    let catalogs = Catalogs::BUILT_IN.with_procedures(JEALOUS).with_controls(CONTROLS).with_properties(PROPERTIES);
    let found = drill().catalogs(catalogs).set("control.0.quick_watch.run", "jealous").interrupt_everywhere().run();
    assert!(found.wrong.iter().all(|wrong| !wrong.starts_with("seed")), "undisturbed it passes: {:?}", found.wrong);
    let left = found.wrong.iter().filter(|wrong| wrong.contains("jealous was left unfinished")).count();
    assert!(left > 0, "{} of {}: {:#?}", found.wrong.len(), found.interrupted, found.wrong);
}

#[test]
fn a_drill_says_everything_that_is_wrong_and_how_to_see_it() {
    let late = drill().set("properties.back.recovers.within", "1s");
    let found = late.seeds(3..5).run();
    assert_eq!((found.runs, found.wrong.len()), (2, 2));
    assert!(found.wrong[0].starts_with("seed 3: back is fail"), "{}", found.wrong[0]);
    assert!(found.wrong[0].contains("--seed 3 --set workload.0.rate=3/s"), "{}", found.wrong[0]);
    let said = std::panic::catch_unwind(|| drill().set("properties.back.recovers.within", "1s").assert_passes());
    let said = *said.unwrap_err().downcast::<String>().expect("a message");
    assert!(said.contains("1 of 1 runs failed"), "{said}");
    let broken = std::panic::catch_unwind(|| Drill::from_file(format!("{ROOT}/{FILE}")).assert_passes());
    let broken = *broken.unwrap_err().downcast::<String>().expect("a message");
    assert!(broken.contains("FD0108") && broken.contains("promote-first.yaml:"), "{broken}");
}

/// The program of the example, as `cargo test` or whoever runs this one test builds it.
fn own_procedure(arguments: &str) -> Output {
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--offline", "--example", "own_procedure"])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let test = std::env::current_exe().expect("it has a path");
    let program = test.parent().and_then(Path::parent).expect("target").join("examples/own_procedure");
    Command::new(program).args(arguments.split(' ')).current_dir(ROOT).output().expect("it runs")
}

#[test]
fn the_program_of_the_example_is_the_whole_command_line() {
    let place = folder("own_program");
    let run = format!("run {FILE} --seeds 0..3 --set workload.0.rate=3/s -o {}", place.display());
    let done = own_procedure(&run);
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(0), "{out}{err}");
    for file in ["report.html", "junit.xml"] {
        let text = std::fs::read_to_string(place.join(file)).expect(file);
        assert!(text.contains("own_procedure run"), "{file} says how to run it again");
    }
    let failed = own_procedure(&format!("run {FILE} --set properties.back.recovers.within=1s -o {}", place.display()));
    assert_eq!(failed.status.code(), Some(1));
    let listed = own_procedure("list procedures");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("promote_first") && listed.contains("region_failover"), "{listed}");
    assert!(String::from_utf8_lossy(&own_procedure("explain quick_watch").stdout).contains("our runbook"));
    assert!(String::from_utf8_lossy(&own_procedure("schema").stdout).contains("\"quick_watch\""));
    let hot =
        own_procedure(&format!("run {FILE} --set properties.no_hot_key.hot_key.per_minute=1 -o {}", place.display()));
    assert_eq!(code(&hot), Some(1), "{}", String::from_utf8_lossy(&hot.stdout));
}

#[test]
fn two_entries_of_one_name_are_said() {
    assert!(CATALOGS.doubles().is_empty());
    let twice = Catalogs::BUILT_IN.with_controls(firedrill::control::CATALOG);
    assert_eq!(twice.doubles()[0], ("controls", "watch"));
}

#[test]
fn what_init_writes_to_begin_with_is_the_program_of_the_example() {
    let folder = folder("init_procedure");
    let written = firedrill(&folder, &["init", "--procedure", "my_failover"]);
    assert_eq!(code(&written), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    let read = |path: &str| std::fs::read_to_string(folder.join("my_failover").join(path)).expect(path);
    assert!(read("Cargo.toml").contains("name = \"my_failover\"") && !read("Cargo.toml").contains("FIREDRILL_VERSION"));
    let example = |path: &str| std::fs::read_to_string(format!("{ROOT}/examples/own_procedure/{path}")).expect(path);
    assert_eq!(read("src/promote_first.rs"), example("promote_first.rs"));
    assert_eq!(read("src/hot_key.rs"), example("hot_key.rs"));
    let code_of = |text: &str| text.split_once("mod promote_first;").expect("its modules").1.to_owned();
    assert_eq!(code_of(&read("src/main.rs")), code_of(&example("main.rs")), "the one is kept as the other");
    let again = firedrill(&folder, &["init", "--procedure", "my_failover"]);
    assert_eq!(code(&again), Some(2), "nothing is overwritten");
    assert_eq!(code(&firedrill(&folder, &["init", "--procedure", "1st"])), Some(2), "not the name of a crate");
    assert_eq!(code(&firedrill(&folder, &["init", "--procedure"])), Some(2), "it needs a folder");
}
