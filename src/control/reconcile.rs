//! Compares two databases that should be the same, row by row, and repairs what is not.

use super::{Control, ControlKind, Working};
use crate::field::{Field, FieldType, Kind, Problem, Referent};
use crate::model::SimulatedPorts;
use crate::model::plan::WorldPlan;
use crate::procedure::{ReconcilePlan, Repair, reconcile};
use crate::record::Strategy;
use crate::record::event::EventKind;
use crate::units::{DatabaseId, Instant};
use std::sync::Arc;

/// The kind.
pub const KIND: ControlKind = ControlKind {
    kind: Kind::new(
        "reconcile",
        "Walks through two databases that get the same writes, reports every row that is not the same in both, and repairs it.",
        &[
            Field::required("primary", FieldType::Reference(Referent::Database), "The one database."),
            Field::required("secondary", FieldType::Reference(Referent::Database), "The other."),
            Field::with(
                "strategy",
                FieldType::Choice(&["primary_wins", "secondary_wins", "latest_wins"]),
                "primary_wins",
                "product default: the side that answers users is right",
                "Which row counts. `latest_wins` goes by the time stamps that writers put on rows, by their own clocks; a row that \
                 is not there has none, so the other one counts.",
            ),
            Field::with(
                "repair",
                FieldType::Choice(&["stable", "always", "never"]),
                "stable",
                "data-safety: a difference is read twice, and written only to a row that has not changed",
                "Which rows are written: those that differed in the same way again after `settle`, and only if they still are what \
                 they were; all of them after `settle`, whatever has happened since; none, so that they are only reported.",
            ),
            Field::with(
                "settle",
                FieldType::PositiveSpan,
                "5s",
                "product default: longer than a write is under way from one side to the other",
                "How long after it was read a row is read again, or with `repair: always` written.",
            ),
            Field::optional("at", FieldType::Span, "When the first walk begins. Left out: after `every`."),
            Field::optional(
                "every",
                FieldType::PositiveSpan,
                "The interval between the starts of two walks. Left out: there is one walk, `at`.",
            ),
            Field::with(
                "page",
                FieldType::Count { min: 1, max: 1_000_000 },
                "1000",
                "gh-ost and pt-table-checksum read 1,000 rows at a time",
                "Keys that are read at a time.",
            ),
            Field::with(
                "rate",
                FieldType::Rate,
                "10000/s",
                "product default: ten pages a second",
                "Keys a second, at most.",
            ),
        ],
    ),
    build: |values, _, problems| {
        let (primary, secondary) = (values.reference("primary").clone(), values.reference("secondary").clone());
        let mut refuse = |at: &str, message: &str, help: &str| {
            problems.push(Problem::error("FD0249", values.place(at), message).help(help));
        };
        if primary.index == secondary.index {
            refuse("secondary", "`reconcile` compares a database with itself", "name two databases");
            return None;
        }
        let (at, every) = (values.opt_span("at"), values.opt_span("every"));
        let Some(first) = at.or(every) else {
            refuse("primary", "`reconcile` does not say when", "write `at: 10m`, or `every: 5m`, or both");
            return None;
        };
        let plan = ReconcilePlan {
            primary: primary.name,
            secondary: secondary.name,
            strategy: match values.text("strategy") {
                "secondary_wins" => Strategy::SecondaryWins,
                "latest_wins" => Strategy::LatestWins,
                _ => Strategy::PrimaryWins,
            },
            repair: match values.text("repair") {
                "always" => Repair::Always { after: values.span("settle") },
                "never" => Repair::Never,
                _ => Repair::Stable { settle: values.span("settle") },
            },
            first: Instant::ZERO.saturating_add(first),
            every,
            page: values.count_u32("page"),
            rate: values.rate("rate"),
        };
        let databases = [primary.index, secondary.index].map(|index| DatabaseId(index as u16));
        Some(Arc::new(Reconcile { plan, databases }))
    },
};

#[derive(Debug)]
struct Reconcile {
    plan: ReconcilePlan,
    databases: [DatabaseId; 2],
}

impl Control for Reconcile {
    fn start(&self, _: &WorldPlan, ports: SimulatedPorts) -> Working {
        Box::pin(reconcile(ports, self.plan.clone()))
    }
    fn reads_rows(&self) -> Vec<DatabaseId> {
        self.databases.to_vec()
    }
    fn events(&self) -> Option<Vec<String>> {
        let own = |kind: &EventKind| matches!(kind, EventKind::Reconcile(_));
        Some(EventKind::all().filter(own).map(|kind| kind.called(&[])).collect())
    }
}
