//! `leases`: holders who must renew what they hold, in time.

use super::super::Context;
use crate::field::{Field, FieldType, Kind, Value, Values};
use crate::kernel::Distribution;
use crate::model::plan::{Arrivals, Closed, LeasePlan};

pub(super) const LEASES: Kind = Kind::new(
    "leases",
    "A number of holders, each of which must renew a lease. A renewal is one request with the population's time-out \
     and backoff; a failed one is repeated for as long as it takes, so `retries` does not apply.",
    &[
        Field::derived("name", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::required("holders", FieldType::Count { min: 1, max: 1_000_000 }, "How many holders there are."),
        Field::with(
            "every",
            FieldType::PositiveSpan,
            "10s",
            "a Kubernetes node renews its lease every 10 s",
            "How long after a renewal a holder requests the next.",
        ),
        Field::with(
            "term",
            FieldType::PositiveSpan,
            "40s",
            "a Kubernetes node's lease lasts 40 s",
            "How long a lease is valid from when it was granted.",
        ),
        Field::with(
            "on_failure",
            FieldType::Choice(&["keep", "give_up"]),
            "keep",
            "product default: a lease holds for its term (Gray and Cheriton, Leases, 1989)",
            "What a holder does when a renewal fails: it keeps its lease for the rest of the term, or takes itself out \
             of service at once.",
        ),
        Field::with(
            "begin",
            FieldType::Choice(&["held", "lapsed"]),
            "held",
            "product default: nothing is wrong yet",
            "The initial state: all hold a lease with renewals spread evenly, or nobody does and all ask at once.",
        ),
    ],
);

pub(super) fn arrivals(values: &Values, client: &mut Values, context: &mut Context<'_>) -> Option<Arrivals> {
    let (every, term) = (values.span("every"), values.span("term"));
    if term < every {
        let message = format!("a lease of {term} expires before it is renewed, every {every}");
        context.refuse("FD0106", values.place("term"), message, "make `term` longer than `every`");
        return None;
    }
    if !client.list("journey").is_empty() {
        let message = "a renewal is one request, not a journey".to_owned();
        context.refuse("FD0106", client.place("journey"), message, "leave `journey` out");
        return None;
    }
    if client.origin("retries").is_by_hand() && client.count_u32("retries") > 0 {
        let message = "a holder retries until it has its lease".to_owned();
        context.refuse("FD0106", client.place("retries"), message, "leave `retries` out; `backoff` sets its waits");
        return None;
    }
    client.replace("retries", Value::Count(0));
    let (gives_up, lapsed) = (values.text("on_failure") == "give_up", values.text("begin") == "lapsed");
    let lease = Some(LeasePlan { every, term, gives_up, lapsed });
    Some(Arrivals::Closed(Closed { users: values.count_u32("holders"), think: Distribution::Constant(every), lease }))
}
