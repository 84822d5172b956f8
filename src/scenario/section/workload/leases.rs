//! `leases`: holders who must renew what they hold, in time.

use super::super::Context;
use crate::field::{Field, FieldType, Kind, Origin, Value, Values};
use crate::kernel::Distribution;
use crate::model::plan::{Arrivals, Closed, LeasePlan};

pub(super) const LEASES: Kind = Kind::new(
    "leases",
    "A number of holders, each of a lease that it must renew. A renewal is one request with the time-out and the backoff \
     that every population has; one that fails is followed by the next for as long as it takes, so `retries` says nothing \
     here.",
    &[
        Field::derived("name", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::required("holders", FieldType::Count { min: 1, max: 1_000_000 }, "How many holders there are."),
        Field::with(
            "every",
            FieldType::PositiveSpan,
            "10s",
            "a Kubernetes node renews its lease every 10 s",
            "How long after a renewal a holder asks for the next.",
        ),
        Field::with(
            "term",
            FieldType::PositiveSpan,
            "40s",
            "a Kubernetes node's lease lasts 40 s",
            "How long a lease holds from when it was granted.",
        ),
        Field::with(
            "on_failure",
            FieldType::Choice(&["keep", "give_up"]),
            "keep",
            "product default: a lease holds for its term (Gray and Cheriton, Leases, 1989)",
            "What a holder does with its lease when a renewal fails: it keeps it for the rest of its term, or it takes \
             itself out of service at once.",
        ),
        Field::with(
            "begin",
            FieldType::Choice(&["held", "lapsed"]),
            "held",
            "product default: nothing is wrong yet",
            "How the run begins: all hold a lease and their renewals are spread evenly, or nobody does and all ask at once.",
        ),
    ],
);

pub(super) fn arrivals(values: &Values, client: &mut Values, context: &mut Context<'_>) -> Option<Arrivals> {
    let (every, term) = (values.span("every"), values.span("term"));
    if term < every {
        let message = format!("a lease of {term} ends before it is renewed, which is every {every}");
        context.refuse("FD0106", values.place("term"), message, "let `term` be longer than `every`");
        return None;
    }
    if !client.list("journey").is_empty() {
        let message = "a renewal is one request, not a journey".to_owned();
        context.refuse("FD0106", client.place("journey"), message, "leave `journey` out");
        return None;
    }
    if matches!(client.origin("retries"), Origin::File | Origin::Setting(_)) && client.count_u32("retries") > 0 {
        let message = "a holder asks until it has its lease".to_owned();
        context.refuse("FD0106", client.place("retries"), message, "leave `retries` out; `backoff` says how it waits");
        return None;
    }
    client.replace("retries", Value::Count(0));
    let (gives_up, lapsed) = (values.text("on_failure") == "give_up", values.text("begin") == "lapsed");
    let lease = Some(LeasePlan { every, term, gives_up, lapsed });
    Some(Arrivals::Closed(Closed { users: values.count_u32("holders"), think: Distribution::Constant(every), lease }))
}
