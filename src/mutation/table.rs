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
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "a_server_takes_half_again_as_long",
        wrong: "a server takes half as long again as was drawn",
        noticed_by: &["v01-m-m-1", "v02-m-m-1-near-saturation", "v08-m-d-1", "v09-m-h2-1"],
    },
    Mutant {
        name: "the_last_come_is_served_first",
        wrong: "a free server turns to who came last",
        noticed_by: &["v03-m-m-10", "v04-m-m-3"],
    },
    Mutant {
        name: "one_server_stays_idle",
        wrong: "one of several servers never works",
        noticed_by: &[
            "v03-m-m-10",
            "v04-m-m-3",
            "v05-m-m-100",
            "v06-m-m-12-12",
            "v06-m-d-12-12",
            "v06-m-m-110-110",
            "v07-m-m-4-20",
        ],
    },
    Mutant {
        name: "one_more_may_wait",
        wrong: "one more request may wait than the bound says",
        noticed_by: &["v06-m-m-12-12", "v06-m-d-12-12", "v06-m-m-110-110", "v07-m-m-4-20"],
    },
    Mutant {
        name: "a_lognormal_law_is_half_as_wide",
        wrong: "lognormal laws have half their sigma",
        noticed_by: &["v08-m-g-1-lognormal", "v38-incident-durations"],
    },
    Mutant {
        name: "healing_one_fault_heals_all",
        wrong: "what two faults hold is free once one of them heals",
        noticed_by: &["v28-shared-cause"],
    },
    Mutant {
        name: "a_flapping_fault_is_gone_half_as_long",
        wrong: "a fault that comes and goes is gone for half as long as was drawn",
        noticed_by: &["v28-availability"],
    },
];
