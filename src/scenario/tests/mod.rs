//! The language as a whole: what parses to what, and what is said about what does not.

mod bad;
mod base;
mod doubts;
mod elastic;
mod foreign;
mod fuzz;
mod good;
mod look;
mod occurrence;
mod procedures;
mod queues;
mod schedule;
mod workload;

use super::{Catalogs, Plan, load};
use crate::field::Problems;

/// The example of the language's description, to the letter.
const EXAMPLE: &str = include_str!("example.yaml");

/// A small scenario without problems, to break in one place at a time.
const SMALL: &str = "\
firedrill: 1
duration: 10m
regions:
  home: {services: {api: {servers: 4, time: 20ms, database: orders}}}
  away: {like: home, role: secondary}
databases:
  orders: {primary: home, replicas: [away]}
workload:
  - open: {rate: 100/s}
faults:
  - region_outage: {id: dark, region: home, at: 5m, for: 1m}
control:
  - watch: {run: region_failover}
properties:
  loss: {ledger: {lost: 0}}
";

fn plan(text: &str) -> Plan {
    planned(text, &[])
}

fn planned(text: &str, settings: &[(&str, &str)]) -> Plan {
    match try_load(text, settings) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("{}", shown(&problems, text, settings)),
    }
}

fn try_load(text: &str, settings: &[(&str, &str)]) -> Result<(Plan, Problems), Problems> {
    load(text, "dir/test.yaml", &owned(settings), &Catalogs::BUILT_IN)
}

fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect()
}

fn shown(problems: &Problems, text: &str, settings: &[(&str, &str)]) -> String {
    super::render(problems, super::Sources { file: "test.yaml", text, settings: &owned(settings), bases: &[] }, false)
}

/// Code, line and column of every problem; zeros if it is the file's as a whole.
fn found(text: &str, settings: &[(&str, &str)]) -> Vec<(&'static str, u32, u32)> {
    let problems = match try_load(text, settings) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    let place = |problem: &crate::field::Problem| problem.place.map_or((0, 0), |place| (place.line, place.column));
    problems.iter().map(|problem| (problem.code, place(problem).0, place(problem).1)).collect()
}
