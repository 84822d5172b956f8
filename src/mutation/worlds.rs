//! Integration tests of small worlds, compiled here as well so that errors can be planted under them.

use crate::scenario::{Catalogs, Plan, load};

/// The repository.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[path = "../../tests/it/chosen_region.rs"]
mod chosen_region;
#[path = "../../tests/it/dual_write.rs"]
mod dual_write;
#[path = "../../tests/it/fencing.rs"]
mod fencing;
#[path = "../../tests/it/interrupted_work.rs"]
mod interrupted_work;
#[path = "../../tests/it/overtaken.rs"]
mod overtaken;
#[path = "../../tests/it/reconciliation.rs"]
mod reconciliation;
#[path = "../../tests/it/recovery_point.rs"]
mod recovery_point;
#[path = "../../tests/it/restores.rs"]
mod restores;
#[path = "../../tests/it/rival_controllers.rs"]
mod rival_controllers;
#[path = "../../tests/it/routes.rs"]
mod routes;
#[path = "../../tests/it/shared_lease.rs"]
mod shared_lease;
#[path = "../../tests/it/switchover.rs"]
mod switchover;

/// Compiles a scenario's text.
fn plan_of(text: &str, path: &str, settings: &[(&str, &str)]) -> Plan {
    let settings: Vec<(String, String)> = settings.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
    match load(text, path, &settings, &Catalogs::BUILT_IN) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("{path}: {problems:#?}"),
    }
}
