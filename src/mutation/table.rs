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
        noticed_by: &["v01-m-m-1", "v10-closed-users", "v11-outage-drain"],
    },
    Mutant {
        name: "a_user_does_not_think",
        wrong: "users send their next request at once",
        noticed_by: &["v10-closed-users", "v27-full-jitter"],
    },
    Mutant {
        name: "who_gave_up_is_not_worked_for",
        wrong: "a service knows who has given up, and passes them over",
        noticed_by: &[
            "v12-no-retry-280",
            "v12-one-retry-100",
            "v12-one-retry-140",
            "v12-one-retry-160",
            "v12b-shed-to-100",
        ],
    },
    Mutant {
        name: "the_last_retry_is_not_made",
        wrong: "clients try once less than they may",
        noticed_by: &[
            "v12-one-retry-140",
            "v12-one-retry-160",
            "v12b-shed-to-100",
            "v26-attempts-half",
            "v26-attempts-most",
            "v27-full-jitter",
        ],
    },
    Mutant {
        name: "backoff_has_no_jitter",
        wrong: "every wait before a retry is the longest one",
        noticed_by: &["v27-full-jitter"],
    },
];
