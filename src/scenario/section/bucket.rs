//! `buckets`: what keeps objects, and its copies.

use super::{Context, Named};
use crate::field::{Field, FieldType, Kind, Reference, Referent, Values};
use crate::model::plan::BucketPlan;
use crate::units::RegionId;

pub(super) const BUCKET: Kind = Kind::new(
    "bucket",
    "Objects by key, in one region or replicated between several. Every key has an object from the start.",
    &[
        Field::required(
            "primary",
            FieldType::Reference(Referent::Region),
            "The region of its first copy, which services in regions without a copy use.",
        ),
        Field::empty(
            "replicas",
            FieldType::List(&FieldType::Reference(Referent::Region)),
            "The regions of further copies.",
        ),
        Field::with(
            "delay",
            FieldType::Span,
            "15s",
            "AWS documentation: S3 replicates most objects within 15 seconds, some take hours",
            "The replication delay: from an object being put into one copy to being in another.",
        ),
        Field::with(
            "time",
            FieldType::Span,
            "100ms",
            "AWS documentation: S3 answers small requests in roughly 100 to 200 ms",
            "How long the store takes to put or get an object.",
        ),
        Field::with(
            "call_timeout",
            FieldType::PositiveSpan,
            "5s",
            "product default: as with databases",
            "How long a service waits for an answer before it returns an error to its caller.",
        ),
        Field::with("object_size", FieldType::Bytes, "1MB", "product default: a picture", "The size of one object."),
        Field::with(
            "verify_rate",
            FieldType::Throughput,
            "1GB/s",
            "product default: checksums are computed beside the store, many objects at once",
            "How fast a copy is verified.",
        ),
        Field::with(
            "repair_rate",
            FieldType::Throughput,
            "100MB/s",
            "product default: one stream that fills a gigabit link",
            "How fast objects are copied from another copy to repair damage.",
        ),
    ],
);

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<Vec<BucketPlan>> {
    let mut plans = Vec::new();
    for Named { name, values, .. } in context.named("buckets", &BUCKET) {
        if let Some(values) = &values {
            context.keep(format!("buckets.{name}"), values);
            check(&name, values, context);
        }
        plans.push(values.map(|values| plan(name, &values)));
    }
    super::all(plans)
}

fn plan(name: String, values: &Values) -> BucketPlan {
    BucketPlan {
        name,
        regions: copies(values).filter_map(|region| u16::try_from(region.index).ok().map(RegionId)).collect(),
        delay: values.span("delay"),
        time: values.span("time"),
        call_timeout: values.span("call_timeout"),
        object: values.bytes("object_size"),
        verify: values.throughput("verify_rate"),
        repair: values.throughput("repair_rate"),
    }
}

/// The regions that have a copy, as they are written.
fn copies(values: &Values) -> impl Iterator<Item = &Reference> {
    std::iter::once(values.reference("primary")).chain(values.references("replicas"))
}

/// A bucket has one copy in a region.
fn check(name: &str, values: &Values, context: &mut Context<'_>) {
    let message = |region: &str| format!("bucket `{name}` has two copies in `{region}`");
    context.refuse_twice(copies(values), message, "one copy per region: remove one");
}
