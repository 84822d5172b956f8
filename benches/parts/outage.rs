//! The region outage of the README, rehearsed once: what is judged and reported here.

use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, Plan, load};

/// A plan and what came of it.
pub struct Outage {
    pub plan: Plan,
    pub provenance: Provenance,
    pub outcome: Outcome,
}

/// The plan of `text`, which is a scenario that comes with the product.
pub fn plan(text: &str, file: &str) -> Plan {
    match load(text, file, &[], &Catalogs::BUILT_IN) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("{file} is broken: {problems:?}"),
    }
}

pub fn rehearsed() -> Outage {
    let file = "scenarios/ai-provider/region-outage.yaml";
    let text = include_str!("../../scenarios/ai-provider/region-outage.yaml");
    let plan = plan(text, file);
    let provenance = Provenance { file: file.to_owned(), text: text.to_owned(), ..Provenance::default() };
    let outcome = rehearse(&plan, &provenance, 1);
    Outage { plan, provenance, outcome }
}
