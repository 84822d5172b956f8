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
        noticed_by: &[
            "v01-m-m-1",
            "v02-m-m-1-near-saturation",
            "v08-m-d-1",
            "v09-m-h2-1",
            "v10-closed-users",
            "v11-outage-drain",
            "lease-in-time",
        ],
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
        wrong: "lognormal distributions have half their sigma",
        noticed_by: &["v08-m-g-1-lognormal", "v38-incident-durations", "v38b-incident-phases"],
    },
    Mutant {
        name: "healing_one_fault_heals_all",
        wrong: "what two faults hold is free once one of them heals",
        noticed_by: &["v28-shared-cause"],
    },
    Mutant {
        name: "a_flapping_fault_is_never_gone",
        wrong: "a fault that comes and goes is there again as soon as it has gone",
        noticed_by: &["v28-availability"],
    },
    Mutant {
        name: "a_fault_is_gone_after_half_its_time",
        wrong: "a fault that comes and goes is there for half as long as was drawn",
        noticed_by: &["v28-availability", "v28-five-in-series", "v28-two-of-three", "v38-incident-durations"],
    },
    Mutant {
        name: "a_shared_cause_strikes_one",
        wrong: "a cause that several regions share hits only one of them",
        noticed_by: &["v28-beta-tenth", "v28-shared-cause"],
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
            "v12-one-retry-120",
            "v12-one-retry-140",
            "v12-one-retry-145",
            "v12-one-retry-149",
            "v12b-shed-to-100",
            "v12b-shed-to-140",
            "v26-retry-budget-271",
            "lease-late",
            "lease-collapse",
        ],
    },
    Mutant {
        name: "the_last_retry_is_not_made",
        wrong: "clients try once less than they may",
        noticed_by: &[
            "v12-one-retry-140",
            "v12-one-retry-151",
            "v12-one-retry-160",
            "v12-one-retry-280",
            "v12b-shed-to-100",
            "v26-attempts-half",
            "v26-attempts-most",
            "v27-full-jitter",
        ],
    },
    Mutant {
        name: "a_budget_allows_twice_the_retries",
        wrong: "a request puts twice as much into the retry budget as it should",
        noticed_by: &["v26-retry-budget-271", "v26-retry-budget-274"],
    },
    Mutant {
        name: "backoff_has_no_jitter",
        wrong: "every wait before a retry is the longest one",
        noticed_by: &["v27-full-jitter"],
    },
    Mutant {
        name: "no_cache_is_fresh",
        wrong: "every answer is at least half its time to live old at the start",
        noticed_by: &["v14-dns-stale-share", "v18-ttl-lowered-late"],
    },
    Mutant {
        name: "clients_have_no_past",
        wrong: "every cache is full at the start, and every connection is opened with the run",
        noticed_by: &["v15b-dns-demand-at-once", "v41-connections-of-every-age"],
    },
    Mutant {
        name: "a_cache_keeps_answers_half_again",
        wrong: "caches keep answers for half as long again",
        noticed_by: &["v15-dns-demand", "v17-ttl-violators", "v18b-ttl-lowered-in-time", "v20-dns-servers-down"],
    },
    Mutant {
        name: "an_empty_answer_is_kept_like_others",
        wrong: "an answer without addresses is kept as long as any other",
        noticed_by: &["v19-dns-bad-server"],
    },
    Mutant {
        name: "the_other_time_to_live_is_passed_on",
        wrong: "a resolver passes on what is left instead of all of the time to live, and the other way round",
        noticed_by: &["v16-two-caches", "v16b-two-caches-counting-down"],
    },
    Mutant {
        name: "a_failure_less_is_enough",
        wrong: "one failure less is enough",
        noticed_by: &[
            "v21-polled-checks",
            "v22-gray-half",
            "v22b-gray-tenth",
            "v24-fleet",
            "v39-composed",
            "v39b-dns-alone",
        ],
    },
    Mutant {
        name: "failures_need_not_be_in_a_row",
        wrong: "successes in between do not count",
        noticed_by: &["v22-gray-half"],
    },
    Mutant {
        name: "one_result_more_counts",
        wrong: "one more of the last results counts",
        noticed_by: &["v23-of-the-last"],
    },
    Mutant {
        name: "a_fleet_asks_for_twice_the_share",
        wrong: "a fleet asks for twice the share of healthy votes",
        noticed_by: &["v24-fleet"],
    },
    Mutant {
        name: "a_promotion_takes_no_time",
        wrong: "a promoted copy is written at once",
        noticed_by: &["v39c-database-switch"],
    },
    Mutant {
        name: "replication_takes_no_time",
        wrong: "a record is on the replica as soon as it is on the authority",
        noticed_by: &["v30-asynchronous-loss"],
    },
    Mutant {
        name: "a_replica_applies_at_once",
        wrong: "a replica applies whatever has arrived, however fast",
        noticed_by: &["v31-catch-up"],
    },
    Mutant {
        name: "nobody_is_replaced",
        wrong: "the next person is paged only after another five time-outs",
        noticed_by: &["v33-escalation"],
    },
    Mutant { name: "every_page_is_noticed", wrong: "no page goes unnoticed", noticed_by: &["v33-escalation"] },
    Mutant { name: "nobody_errs", wrong: "people are never wrong first", noticed_by: &["v40-decisions"] },
    Mutant {
        name: "a_phase_has_its_mean_for_median",
        wrong: "phases of incidents have their means for medians",
        noticed_by: &["v38b-incident-phases", "v38c-mitigations", "v38d-providers", "v40-decisions"],
    },
    Mutant {
        name: "a_year_has_half_its_days",
        wrong: "what happens once a year happens twice",
        noticed_by: &["v38e-incident-frequency"],
    },
    Mutant { name: "one_yes_less", wrong: "one approval less is enough", noticed_by: &["v34-quorum"] },
    Mutant {
        name: "monitoring_looks_back_half_as_long",
        wrong: "monitoring takes rates over half its window",
        noticed_by: &["v25-burn-rate"],
    },
    Mutant {
        name: "a_call_is_repeated_once_less",
        wrong: "services that call another ask it once less than they should",
        noticed_by: &["v26-attempts-layers", "v26-attempts-calls"],
    },
    Mutant {
        name: "a_restore_is_as_fast_as_an_upload",
        wrong: "a backup is copied back as fast as it was uploaded",
        noticed_by: &["v31-restore"],
    },
    Mutant {
        name: "replaying_the_log_takes_no_time",
        wrong: "the log after a full backup is applied at once",
        noticed_by: &["v31-restore"],
    },
    Mutant { name: "a_bucket_holds_half", wrong: "a token bucket holds half as much", noticed_by: &["rate-limit"] },
    Mutant {
        name: "a_client_keeps_names_as_told",
        wrong: "clients keep an address as long as the TTL says, whatever they do with it",
        noticed_by: &["name-cache-of-clients"],
    },
    Mutant {
        name: "a_copy_nearby_is_never_behind",
        wrong: "a read of a replica sees every write",
        noticed_by: &["reads-nearby"],
    },
    Mutant {
        name: "a_balancer_has_no_second_choice",
        wrong: "what the first choice fails goes back to the client",
        noticed_by: &["second-choice"],
    },
    Mutant {
        name: "nobody_is_asked_next",
        wrong: "a service whose call has failed asks nobody else",
        noticed_by: &["calls-in-turn", "call-given-up"],
    },
    Mutant {
        name: "silence_is_an_answer",
        wrong: "a call that nobody answers is not given up in time",
        noticed_by: &["remote-call"],
    },
    Mutant {
        name: "the_way_back_takes_no_time",
        wrong: "the answer of a service in another region comes back at once",
        noticed_by: &["remote-call"],
    },
    Mutant {
        name: "every_share_is_half",
        wrong: "services that are chosen get half of all requests, whatever their shares",
        noticed_by: &["chosen-shares"],
    },
    Mutant {
        name: "any_member_is_a_quorum",
        wrong: "the store of leases answers as long as one of its members does",
        noticed_by: &["lease-quorum"],
    },
    Mutant {
        name: "a_hedge_begins_the_choices_again",
        wrong: "a hedge makes the balancer forget where it has sent the request",
        noticed_by: &["hedge-of-second-choice"],
    },
    Mutant {
        name: "a_breaker_is_shared_by_all",
        wrong: "what one process learns closes the way for all",
        noticed_by: &["breaker-of-each-process"],
    },
    Mutant {
        name: "a_hedge_waits_twice_as_long",
        wrong: "a hedge is sent after twice the time",
        noticed_by: &["hedge"],
    },
    Mutant {
        name: "a_breaker_stays_open_twice_as_long",
        wrong: "a breaker stays open for twice the time",
        noticed_by: &["breaker"],
    },
    Mutant {
        name: "an_autoscaler_wants_all_at_work",
        wrong: "an autoscaler wants all servers at work",
        noticed_by: &["autoscaler"],
    },
    Mutant {
        name: "a_prompt_is_written_too",
        wrong: "a model takes the time of the answer's tokens for those of the prompt, too",
        noticed_by: &["llm-latency"],
    },
    Mutant {
        name: "a_lonely_commit_waits_twice_as_long",
        wrong: "a commit without a replica waits twice as long",
        noticed_by: &["degraded-commit"],
    },
    Mutant {
        name: "half_of_the_log_is_kept",
        wrong: "half of the log that a replica lacks is kept",
        noticed_by: &["log-disk"],
    },
    Mutant {
        name: "a_failed_renewal_waits_for_the_next",
        wrong: "who could not renew a lease asks again only when the next renewal is due",
        noticed_by: &["lease-late", "lease-admission"],
    },
    Mutant {
        name: "a_lease_never_ends",
        wrong: "a lease that was granted never ends",
        noticed_by: &["lease-collapse"],
    },
    Mutant {
        name: "every_action_goes_wrong",
        wrong: "every action of control goes wrong if any may",
        noticed_by: &["v29-failover-by-hand", "v29-published-rates"],
    },
];
