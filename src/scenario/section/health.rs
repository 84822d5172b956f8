//! `checks`: how the health of regions is judged, for the balancer and for records that follow it.
//!
//! Vendors' rules are data, as defaults of what is written, in `presets/checks/`.

use super::Context;
use crate::field::{Field, FieldType, Kind, MapEntry, Node, NodeValue, Values};
use crate::model::plan::{ActivePlan, ChecksPlan, HealthRule, PassivePlan, ProbeKind};
use crate::scenario::{preset, tree};
use crate::units::Span;

const SUCCESS_RATE: Kind = Kind::new(
    "success_rate",
    "Passive checks: judgement from the answers to real requests.",
    &[
        Field::with(
            "below",
            FieldType::Ratio,
            "85%",
            "product default: far below what a healthy region serves",
            "A region is unhealthy if a smaller share of the requests that were answered by it, or timed out, are served.",
        ),
        Field::with(
            "window",
            FieldType::PositiveSpan,
            "30s",
            "product default: three of Envoy's intervals",
            "The window over which requests that end are counted.",
        ),
        Field::with(
            "minimum",
            FieldType::Count { min: 1, max: 1_000_000_000 },
            "100",
            "Envoy outlier detection: success_rate_request_volume 100",
            "With fewer requests in the window, no judgement is made.",
        ),
        Field::with(
            "every",
            FieldType::PositiveSpan,
            "10s",
            "Envoy outlier detection: interval 10 s",
            "The evaluation interval.",
        ),
        Field::with(
            "eject_for",
            FieldType::PositiveSpan,
            "30s",
            "Envoy outlier detection: base_ejection_time 30 s",
            "How long a region stays ejected before it is tried again.",
        ),
    ],
);

/// The table of checks. Its short form names a vendor.
pub(super) const CHECKS: Kind = Kind::new(
    "checks",
    "How region health is judged.",
    &[
        Field::optional("vendor", FieldType::Choice(preset::CHECK_NAMES), "The vendor whose rules serve as defaults."),
        Field::with(
            "probe",
            FieldType::Choice(&["request", "ping", "none"]),
            "request",
            "vendors' checks fetch a page",
            "What a checker sends: a request as clients do, a ping that any active service answers, or nothing.",
        ),
        Field::with(
            "every",
            FieldType::PositiveSpan,
            "30s",
            "Azure Traffic Manager and Route 53: default interval 30 s",
            "How often each checker probes each region.",
        ),
        Field::with(
            "timeout",
            FieldType::Span,
            "10s",
            "Azure Traffic Manager: default time-out 10 s",
            "How long a checker waits for an answer. 0, for a ping: failure is known at once.",
        ),
        Field::with(
            "unhealthy_after",
            COUNT,
            "3",
            "Route 53: failure threshold 3",
            "Consecutive failures after which a checker considers a region unhealthy.",
        ),
        Field::with(
            "healthy_after",
            COUNT,
            "3",
            "Route 53: failure threshold 3",
            "Consecutive successes after which it considers a region healthy again.",
        ),
        Field::optional(
            "last",
            FieldType::Count { min: 1, max: 64 },
            "Instead of consecutive results: how many of the most recent results count.",
        ),
        Field::optional(
            "good",
            FieldType::Count { min: 1, max: 64 },
            "With `last`: how many of them must be successes for the region to be healthy.",
        ),
        Field::with(
            "checkers",
            FieldType::Count { min: 1, max: 1_000 },
            "1",
            "product default: a single checker",
            "How many checkers there are.",
        ),
        Field::with(
            "share",
            FieldType::Ratio,
            "18%",
            "Route 53: healthy while more than 18 % of its checkers say so",
            "A region is healthy while more than this share of checkers consider it healthy.",
        ),
        Field::with(
            "synchronised",
            FieldType::Flag,
            "true",
            "product default: the easiest to reason about",
            "Whether all probe at the same instants; otherwise each has its own phase, drawn at the start.",
        ),
        Field::optional(
            "success_rate",
            FieldType::Table(&SUCCESS_RATE),
            "Passive checks: judgement from the answers to real requests. Left out: none.",
        ),
        Field::with(
            "fail_open",
            FieldType::Flag,
            "true",
            "Azure Traffic Manager and Front Door: all are used when all are unhealthy",
            "Whether all regions are used when none is healthy.",
        ),
        Field::with(
            "most_removed",
            FieldType::Ratio,
            "100%",
            "product default: no limit",
            "The largest share of a balancer's weights that may be ejected, whatever checks say.",
        ),
    ],
)
.short("vendor");

const COUNT: FieldType = FieldType::Count { min: 1, max: 1_000 };

/// Lays vendors' rules under every table of checks that names one.
pub(in crate::scenario) fn lay_vendors(root: &mut Node) {
    let NodeValue::Map(sections) = &mut root.value else { return };
    for section in sections {
        match section.key.as_str() {
            "balancer" => lay_vendor(&mut section.value),
            "dns" => {
                let NodeValue::Map(fields) = &mut section.value.value else { continue };
                let failover = fields.iter_mut().filter(|field| field.key == "failover");
                for records in failover {
                    let NodeValue::Map(records) = &mut records.value.value else { continue };
                    records.iter_mut().for_each(|record| lay_vendor(&mut record.value));
                }
            }
            _ => {}
        }
    }
}

/// Lays a vendor's rules under the `checks` of `table`.
fn lay_vendor(table: &mut Node) {
    let NodeValue::Map(fields) = &mut table.value else { return };
    let Some(checks) = fields.iter_mut().find(|field| field.key == "checks") else { return };
    if checks.value.text().is_some() {
        let (place, key_place) = (checks.value.place, checks.key_place);
        let bare = std::mem::replace(&mut checks.value, Node::empty_map(place));
        checks.value.value = NodeValue::Map(vec![MapEntry { key: "vendor".to_owned(), key_place, value: bare }]);
    }
    let vendor = checks.value.get("vendor").and_then(Node::text).and_then(preset::checks_tree);
    // A preset that cannot be read is found by a test.
    if let Some(Ok(under)) = vendor {
        let own = std::mem::replace(&mut checks.value, Node::empty_map(under.place));
        checks.value = tree::lay_over(own, &under);
    }
}

/// The checks of a decoded table.
pub(super) fn checks(values: &Values, context: &mut Context<'_>) -> Option<ChecksPlan> {
    let passive = values.opt_table("success_rate").map(|table| PassivePlan {
        below: table.ratio("below"),
        window: table.span("window"),
        minimum: table.count("minimum"),
        every: table.span("every"),
        eject_for: table.span("eject_for"),
    });
    let active = if values.text("probe") == "none" { None } else { Some(active(values, context)?) };
    if active.is_none() && passive.is_none() {
        let message = "these checks neither probe nor judge real requests";
        context.refuse("FD0260", values.place, message, "add `success_rate: {}`, or leave `probe: none` out");
        return None;
    }
    Some(ChecksPlan {
        active,
        passive,
        fail_open: values.flag("fail_open"),
        most_removed: values.ratio("most_removed"),
    })
}

fn active(values: &Values, context: &mut Context<'_>) -> Option<ActivePlan> {
    let probe = if values.text("probe") == "ping" { ProbeKind::Ping } else { ProbeKind::Request };
    let timeout = values.span("timeout");
    if probe == ProbeKind::Request && timeout == Span::ZERO {
        let message = "a request with no time-out to wait for is never answered in time";
        context.refuse("FD0260", values.place("timeout"), message, "set a time-out, or use `probe: ping`");
        return None;
    }
    Some(ActivePlan {
        every: values.span("every"),
        timeout,
        probe,
        rule: rule(values, context)?,
        checkers: values.count_u32("checkers"),
        share: values.ratio("share"),
        unsynchronised: !values.flag("synchronised"),
    })
}

fn rule(values: &Values, context: &mut Context<'_>) -> Option<HealthRule> {
    match (values.opt_count("last"), values.opt_count("good")) {
        (None, None) => Some(HealthRule::Consecutive {
            unhealthy_after: values.count_u32("unhealthy_after"),
            healthy_after: values.count_u32("healthy_after"),
        }),
        (Some(last), Some(good)) if good <= last => {
            Some(HealthRule::OfLast { window: values.count_u32("last"), good: values.count_u32("good") })
        }
        _ => {
            let message = "`last` and `good` go together, and `good` cannot exceed `last`";
            context.refuse("FD0260", values.place, message, "for two of the last four: `last: 4, good: 2`");
            None
        }
    }
}
