//! A program with a procedure, a rule and a property of one's own, to begin with. Its parts are the files of the example, which the tests
//! build and run.
//!
//! Invariant: what is written is a crate that is whole: its program, a scenario, and a test that rehearses it.

/// Each file with its place in the crate.
pub(super) const FILES: [(&str, &str); 7] = [
    ("Cargo.toml", include_str!("templates/own_procedure/Cargo.toml.txt")),
    ("src/main.rs", include_str!("templates/own_procedure/main.rs.txt")),
    ("src/hot_key.rs", include_str!("../../examples/own_procedure/hot_key.rs")),
    ("src/promote_first.rs", include_str!("../../examples/own_procedure/promote_first.rs")),
    ("src/quick_watch.rs", include_str!("../../examples/own_procedure/quick_watch.rs")),
    ("rehearsals/promote-first.yaml", include_str!("../../examples/own_procedure/promote-first.yaml")),
    ("tests/rehearsals.rs", include_str!("templates/own_procedure/rehearsals.rs.txt")),
];

/// What stands for the name of the crate.
pub(super) const NAME: &str = "CRATE_NAME";
