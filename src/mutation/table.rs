//! Every planted error, and the scenarios of `scenarios/validation` that must notice it.

/// A planted error.
pub(super) struct Mutant {
    /// Its name in the source.
    pub name: &'static str,
    /// What the model then does, in words.
    pub wrong: &'static str,
    /// The files, without folder and ending, each of which must differ.
    pub noticed_by: &'static [&'static str],
}

/// All of them.
pub(super) const MUTANTS: &[Mutant] = &[Mutant {
    name: "a_server_takes_half_again_as_long",
    wrong: "a server takes half as long again as was drawn",
    noticed_by: &["v01-m-m-1"],
}];
