//! A scenario that builds on another file: what holds, where it comes from, and what is refused.

use super::super::{
    Catalogs, Diagnostic, Files, Plan, Sources, bases, diagnostics, load_with_files, place_of_property, render,
};
use super::{SMALL, owned};
use crate::field::Problems;
use crate::model::plan::Readable;
use std::io::{self, BufRead, Cursor};
use std::sync::Arc;

/// Files by their paths.
struct Shelf(&'static [(&'static str, &'static str)]);

#[derive(Debug)]
struct Text(&'static str);

impl Files for Shelf {
    fn find(&self, path: &str) -> Result<Arc<dyn Readable>, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| Arc::new(Text(text)) as Arc<dyn Readable>).ok_or_else(|| "no such file".to_owned())
    }
}

impl Readable for Text {
    fn open(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(Box::new(Cursor::new(self.0)))
    }
}

const ESTATE: &str = "\
firedrill_base: 1
name: the estate
regions:
  home: {services: {api: {servers: 4, time: 20ms, database: orders}}}
  away: {like: home, role: secondary}
databases:
  orders: {primary: home, replicas: [away]}
workload:
  - open: {name: users, rate: 100/s}
faults:
  - region_outage: {id: dark, region: home, at: 5m, for: 1m}
  - database_crash: {id: crash, database: orders, region: away, at: 7m, for: 1m}
control:
  - watch: {run: region_failover}
properties:
  loss: {ledger: {lost: 0}}
  rto: {recovers: {after: fault.dark, within: 5m}}
expect: {loss: fail, rto: pass}
";

const SHELF: Shelf = Shelf(&[
    ("estate.yaml", ESTATE),
    ("stages/big.yaml", "firedrill_base: 1\nbase: ../estate.yaml\nregions: {home: {services: {api: {servers: 64}}}}\n"),
    ("loop.yaml", "firedrill: 1\nbase: ./loop2.yaml\n"),
    ("loop2.yaml", "firedrill: 1\nbase: x/../loop.yaml\n"),
    ("mine.yaml", "firedrill: 1\nbase: test.yaml\n"),
    ("secret.txt", "user: admin\npassword: [hunter2\n"),
    ("list.yaml", "firedrill_base: 1\n- a\n"),
    ("broken.yaml", "firedrill_base: 1\nregions:\n  home: {services: {api: {servers: 1, time: 1ms, sevrers: 2}}}\n"),
    ("newer.yaml", "firedrill_base: 2\n"),
    ("loads/base.yaml", "firedrill_base: 1\nworkload: [{trace: {file: load.csv}}]\n"),
    ("loads/load.csv", "time,rate\n0,100\n"),
]);

fn try_over(text: &str, settings: &[(&str, &str)]) -> Result<Plan, Problems> {
    load_with_files(text, "dir/test.yaml", &owned(settings), &Catalogs::BUILT_IN, &SHELF).map(|(plan, _)| plan)
}

fn over(text: &str) -> Plan {
    try_over(text, &[]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A scenario on the estate.
fn on_estate(rest: &str) -> String {
    format!("firedrill: 1\nbase: estate.yaml\nduration: 10m\n{rest}")
}

/// Value and origin of what is at `path`.
fn at<'p>(plan: &'p Plan, path: &str) -> (&'p str, &'p str) {
    let found = plan.assumptions.iter().find(|line| line.path == path);
    found.map_or(("", ""), |line| (&line.value, &line.origin))
}

/// File, line, message and code of the first error.
fn refused(text: &str) -> (String, u32, String, &'static str) {
    let problems = try_over(text, &[]).unwrap_err();
    let chain = bases(text, "dir/test.yaml", &[], &SHELF);
    let sources = Sources { file: "dir/test.yaml", text, settings: &[], bases: &chain };
    assert!(!render(&problems, sources, false).is_empty());
    let errors = |diagnostic: &Diagnostic| diagnostic.severity == "error";
    let first = diagnostics(&problems, sources).into_iter().find(errors).unwrap();
    (first.file, first.line, first.message, first.code)
}

#[test]
fn every_value_comes_from_the_nearest_file_that_has_it_and_says_so() {
    let text = "firedrill: 1\nbase: stages/big.yaml\nduration: 10m\ndatabases: {orders: {delay: 3s}}\n";
    let plan = over(text);
    assert_eq!(at(&plan, "regions.home.services.api.servers"), ("64", "base stages/big.yaml"));
    assert_eq!(at(&plan, "regions.home.services.api.time"), ("20ms", "base estate.yaml"));
    assert_eq!(at(&plan, "databases.orders.delay").1, "file");
    assert_eq!(at(&plan, "databases.orders.primary"), ("home", "base estate.yaml"));
    assert_eq!(at(&plan, "regions.away.services.api.servers").0, "64", "what is `like` it follows");
    assert_eq!(plan.bases.iter().map(|base| &*base.file).collect::<Vec<_>>(), ["stages/big.yaml", "estate.yaml"]);
    assert_eq!(plan.name, "test", "a name is nobody's but one's own");
}

#[test]
fn a_scenario_that_builds_on_a_file_is_the_same_as_one_in_which_it_stands() {
    let whole = ESTATE.replace("firedrill_base: 1\nname: the estate", "firedrill: 1\nduration: 10m");
    let (apart, together) = (over(&on_estate("")), super::plan(&whole));
    assert_eq!(format!("{:?}", apart.world), format!("{:?}", together.world));
    let names = |plan: &Plan| plan.properties.iter().map(|property| property.id.clone()).collect::<Vec<_>>();
    assert_eq!(names(&apart), names(&together));
}

#[test]
fn elements_with_names_are_overlaid_in_place_added_and_removed() {
    let plan = over(&on_estate(
        "faults:\n  - dark: null\n  - database_crash: {id: crash, at: 3m}\n  - region_outage: {id: late, region: home, at: 8m}\n\
         workload:\n  - open: {name: users, rate: 7/s}\n  - open: {name: more, rate: 9/s}\n\
         properties: {rto: {recovers: {after: fault.late}}}\n",
    ));
    assert_eq!(plan.faults.iter().map(|fault| &*fault.id).collect::<Vec<_>>(), ["crash", "late"]);
    assert_eq!((at(&plan, "faults.crash.at").0, at(&plan, "faults.crash.for")), ("3m", ("1m", "base estate.yaml")));
    assert_eq!([at(&plan, "workload.users.rate").0, at(&plan, "workload.more.rate").0], ["7/s", "9/s"]);
    assert_eq!(at(&plan, "properties.rto.recovers.within"), ("5m", "base estate.yaml"));
    assert_eq!(at(&plan, "properties.rto.recovers.after"), ("fault.late", "file"));
}

#[test]
fn null_removes_what_the_base_says() {
    let plan = over(&on_estate("properties: {loss: null}\ncontrol: null\nregions: {away: {role: null}}\n"));
    assert_eq!(plan.properties.iter().map(|property| &*property.id).collect::<Vec<_>>(), ["rto"]);
    assert!(plan.controls.is_empty());
    assert_eq!(at(&plan, "regions.away.role").1, "default");
    let none = over(&on_estate(
        "regions: {home: {services: {api: {database: null}}}}\ndatabases: null\nproperties: {loss: null}\n\
         faults:\n  - crash: null\ncontrol: null\n",
    ));
    assert_eq!(at(&none, "regions.home.services.api.database"), ("none", "file"), "a value of its own");
    let (file, line, message, code) = refused(&on_estate("properties: {lost: null}\n"));
    assert_eq!((&*file, line, code), ("dir/test.yaml", 4, "FD0115"), "{message}");
}

#[test]
fn another_kind_replaces_and_the_same_kind_is_overlaid() {
    let plan = over(&on_estate(
        "properties: {loss: {measure: {value: availability, at_least: 1%}}}\nexpect: {loss: null}\n\
         regions: {home: {services: {api: {time: {exponential: 9ms}}}}}\n",
    ));
    assert_eq!((plan.properties[0].id.as_str(), plan.properties[0].kind), ("loss", "measure"));
    assert_eq!(at(&plan, "regions.home.services.api.time").1, "file");
}

#[test]
fn what_is_wrong_is_shown_in_the_file_that_says_it() {
    let (file, line, message, code) =
        refused("firedrill: 1\nbase: broken.yaml\nduration: 1m\nworkload: [{open: {rate: 1/s}}]\n");
    assert_eq!((&*file, line, code), ("dir/broken.yaml", 3, "FD0101"), "{message}");
    let (file, line, ..) = refused(&on_estate("databases: {orders: {primary: hmoe}}\n"));
    assert_eq!((&*file, line), ("dir/test.yaml", 4));
    let (file, _, _, code) = refused("firedrill: 1\nbase: newer.yaml\nduration: 1m\n");
    assert_eq!((&*file, code), ("dir/newer.yaml", "FD0113"));
    let text = on_estate("properties: {mine: {ledger: {lost: 1}}}\n");
    let chain = bases(&text, "dir/test.yaml", &[], &SHELF);
    let sources = Sources { file: "dir/test.yaml", text: &text, settings: &[], bases: &chain };
    assert_eq!(place_of_property(&sources, "mine"), Some(("dir/test.yaml".to_owned(), 4, 14)));
    assert_eq!(place_of_property(&sources, "rto"), Some(("dir/estate.yaml".to_owned(), 17, 3)));
}

#[test]
fn what_cannot_be_a_base_is_refused_and_nothing_of_it_is_shown() {
    for (base, why) in [
        ("nowhere.yaml", "no such file"),
        ("/etc/passwd", "one machine"),
        ("loop.yaml", "circular: loop.yaml → loop2.yaml → loop.yaml"),
        ("test.yaml", "circular"),
        ("../dir/test.yaml", "circular"),
        ("mine.yaml", "circular"),
        ("secret.txt", "neither a scenario nor a base"),
        ("[a]", "path of a file"),
    ] {
        let (_, _, message, code) = refused(&format!("firedrill: 1\nbase: {base}\nduration: 1m\n"));
        assert_eq!(code, "FD0009", "{base}: {message}");
        assert!(message.contains(why) && !message.contains("hunter2"), "{base}: {message}");
    }
    assert_eq!(refused("firedrill: 1\nbase: list.yaml\n").3, "FD0004");
    assert_eq!(super::found(ESTATE, &[])[0].0, "FD0008", "a base is no scenario");
}

#[test]
fn a_setting_overrides_the_base_and_can_name_another() {
    let plan = try_over(SMALL, &[("base", "stages/big.yaml"), ("regions.home.services.api.queue", "5")]).unwrap();
    assert_eq!((plan.bases.len(), at(&plan, "regions.home.services.api.servers").0), (2, "4"));
    assert_eq!(at(&plan, "regions.home.services.api.queue"), ("5", "--set"));
    assert!(plan.faults.iter().any(|fault| fault.id == "crash"));
    let text = on_estate("");
    assert!(try_over(&text, &[("base", "null"), ("regions.home.services.api.queue", "5")]).is_err());
}

#[test]
fn a_recording_is_looked_for_beside_the_file_that_names_it() {
    let plan = over(&SMALL.replace("firedrill: 1", "firedrill: 1\nbase: loads/base.yaml"));
    assert_eq!(plan.world.workloads.len(), 2);
    let beside = SMALL.replace("- open: {rate: 100/s}", "- trace: {file: load.csv}");
    assert!(try_over(&beside, &[]).is_err(), "there is none beside the scenario");
}
