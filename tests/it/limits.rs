//! Limits that say when to come back, and clients that obey: a burst beyond a quota gets through if they do.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};

/// Ninety calls within a second against a quota of sixty a minute, with a client library's own rules and these.
fn burst(client: &str, limit: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: burst
duration: 10m
providers: {{p: {{limit: {{requests: 60/m{limit}}}}}}}
regions:
  sweden: {{provider: p, services: {{chat: {{servers: 500, time: 500ms}}}}}}
resolvers: {{count: 0}}
objective: {{served: 99%, within: 2m}}
workload:
  - trace: {{file: burst.csv, {client}}}
properties:
  all_answered: {{measure: {{value: availability, at_least: 99%}}}}
"
    );
    rehearse(&plan_of(&text, "tests/it/evidence/burst.yaml", &[]), &Provenance::default(), 1)
}

fn answered(client: &str, limit: &str) -> u64 {
    burst(client, limit).record.requests.ok
}

#[test]
fn who_obeys_a_limit_gets_through_and_who_does_not_gives_up_within_seconds() {
    assert_eq!(answered("sdk: openai", ""), 90, "all wait for as long as they are told");
    assert_eq!(answered("sdk: openai", ", retry_after: nothing"), 62, "two retries within two seconds find two tokens");
    let all = burst("sdk: openai", "");
    assert_eq!(all.record.requests.attempts, 120, "each of the thirty that were limited asks once more");
}

#[test]
fn who_is_told_to_wait_longer_than_it_obeys_gives_up_or_goes_its_own_way() {
    let told = |beyond: &str| format!("sdk: openai, retry_after: {{up_to: 10s, beyond: {beyond}}}");
    assert_eq!(answered(&told("give_up"), ""), 60);
    assert_eq!(answered(&told("backoff"), ""), 62);
}
