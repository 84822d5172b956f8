//! Whom a controller asks or pages: the tables and what they build.

use super::SimulatedProcedure;
use crate::field::{Field, FieldType, Item, Kind, Place, Problem, Problems, Referent, Value, Values};
use crate::procedure::{ApprovalPlan, StepApproval};
use crate::units::Span;
use std::collections::BTreeSet;

const PEOPLE: FieldType = FieldType::List(&FieldType::Reference(Referent::Person));
const ROUNDS: FieldType = FieldType::Count { min: 1, max: 100 };

/// Who must consent.
pub(super) const APPROVE: Kind = Kind::new(
    "approve",
    "Who must approve before a procedure, or some of its steps, may start.",
    &[
        Field::required("ask", PEOPLE, "The people, in the order in which they are paged."),
        Field::empty(
            "before",
            FieldType::List(&FieldType::Name),
            "The steps that need approval; empty: the start of the procedure.",
        ),
        Field::with(
            "quorum",
            FieldType::Count { min: 1, max: 100 },
            "1",
            "product default: the first answer counts",
            "How many of them must approve.",
        ),
        Field::with(
            "veto",
            FieldType::Flag,
            "true",
            "product default: anyone who sees a reason not to proceed is heard",
            "Whether a single refusal is final, or only as many as make the quorum impossible.",
        ),
        Field::with(
            "page",
            FieldType::Choice(&["in_turn", "all"]),
            "in_turn",
            "product default: nobody is woken unnecessarily",
            "Whether people are paged one after the other or all at once.",
        ),
        Field::with(
            "acknowledge_within",
            FieldType::AllOrPer(Referent::Person, &FieldType::PositiveSpan),
            "3m",
            "product default: two people fit into a recovery objective of 15 min; PagerDuty's documentation shows 30 min \
             for each",
            "How long a page may go unacknowledged before the next person is paged; for all, or by person.",
        ),
        Field::with(
            "decide_within",
            FieldType::PositiveSpan,
            "5m",
            "product default: a yes or no to a prepared plan",
            "How long a person who has acknowledged may take to decide before the next person is paged.",
        ),
        Field::with("rounds", ROUNDS, "2", "product default: everyone gets a second page", "How many rounds of paging there are."),
    ],
)
.short("ask");

/// Who is paged when a procedure has failed.
pub(super) const ON_CALL: Kind = Kind::new(
    "on_call",
    "Who is paged when a procedure did not complete and a person must act.",
    &[
        Field::required("page", PEOPLE, "The people, in the order in which they are paged."),
        Field::with(
            "acknowledge_within",
            FieldType::AllOrPer(Referent::Person, &FieldType::PositiveSpan),
            "5m",
            "product default: the service is down; PagerDuty's documentation shows 30 min for each",
            "How long a page may go unacknowledged before the next person is paged; for all, or by person.",
        ),
        Field::with(
            "rounds",
            ROUNDS,
            "3",
            "product default: PagerDuty's documentation allows up to nine repetitions",
            "How many rounds of paging there are.",
        ),
    ],
)
.short("page");

/// What a controller knows about people.
#[derive(Debug, Clone, Default)]
pub(super) struct Contacts {
    /// Who must consent to the start.
    pub approval: Option<ApprovalPlan>,
    /// Who must consent to steps.
    pub steps: Option<StepApproval>,
    /// Who is paged after a failure.
    pub on_call: Option<ApprovalPlan>,
}

/// The fields `approve` and `on_call` of a controller that runs `procedure`. `None` if a problem was reported.
pub(super) fn contacts(values: &Values, procedure: &SimulatedProcedure, problems: &mut Problems) -> Option<Contacts> {
    let mut told = Contacts::default();
    if let Some(approve) = values.opt_table("approve") {
        let plan = consent(approve, problems)?;
        let before = steps(approve, procedure, problems)?;
        if before.is_empty() {
            told.approval = Some(plan);
        } else {
            told.steps = Some(StepApproval { before, plan });
        }
    }
    if let Some(on_call) = values.opt_table("on_call") {
        let chain = chain(on_call, "page", problems)?;
        told.on_call = Some(ApprovalPlan {
            quorum: 1,
            veto: true,
            together: false,
            acknowledge_within: patience(&chain, on_call, problems)?,
            decide_within: Span::ZERO,
            rounds: on_call.count_u32("rounds"),
            chain,
        });
    }
    Some(told)
}

fn consent(values: &Values, problems: &mut Problems) -> Option<ApprovalPlan> {
    let chain = chain(values, "ask", problems)?;
    let quorum = values.count_u32("quorum");
    if quorum as usize > chain.len() {
        let message = format!("{quorum} must say yes, but only {} are asked", chain.len());
        problems.push(Problem::error("FD0240", values.place("quorum"), message).help("ask more people, or need fewer"));
        return None;
    }
    Some(ApprovalPlan {
        quorum,
        veto: values.flag("veto"),
        together: values.text("page") == "all",
        acknowledge_within: patience(&chain, values, problems)?,
        decide_within: values.span("decide_within"),
        rounds: values.count_u32("rounds"),
        chain,
    })
}

/// By person of the chain: how long a page may stay without acknowledgement.
fn patience(chain: &[String], values: &Values, problems: &mut Problems) -> Option<Vec<Span>> {
    let mut spans = Vec::new();
    for name in chain {
        let found = values.per("acknowledge_within").iter().find(|(person, _)| person.name == *name);
        let Some((_, Item { value: Value::Span(span), .. })) = found else {
            let message = format!("`acknowledge_within` has no value for `{name}`");
            let problem = Problem::error("FD0103", values.place("acknowledge_within"), message);
            problems.push(problem.help("give one span for all, or one for each"));
            return None;
        };
        spans.push(*span);
    }
    Some(spans)
}

/// The people of a field, each once and at least one.
fn chain(values: &Values, field: &str, problems: &mut Problems) -> Option<Vec<String>> {
    let mut chain: Vec<String> = Vec::new();
    for item in values.list(field) {
        let Value::Reference(person) = &item.value else { continue };
        if chain.contains(&person.name) {
            let message = format!("`{}` is listed twice", person.name);
            problems.push(bad_chain(item.place, message).help("name everyone once; `rounds` pages all of them again"));
            return None;
        }
        chain.push(person.name.clone());
    }
    if chain.is_empty() {
        let problem = bad_chain(values.place(field), "there is nobody to ask".to_owned());
        problems.push(problem.help("name someone declared under `people:`"));
        return None;
    }
    Some(chain)
}

fn bad_chain(place: Place, message: String) -> Problem {
    Problem::error("FD0240", place, message)
}

/// The steps named under `before`, which the procedure must have.
fn steps(values: &Values, procedure: &SimulatedProcedure, problems: &mut Problems) -> Option<Vec<String>> {
    let known = procedure.steps();
    let mut named = BTreeSet::new();
    let mut complete = true;
    for item in values.list("before") {
        let Value::Text(name) = &item.value else { continue };
        if !known.contains(name) {
            let problem = Problem::error("FD0102", item.place, format!("`{}` has no step `{name}`", procedure.name));
            problems.push(problem.help(format!("its steps: {}", known.join(", "))));
            complete = false;
        }
        named.insert(name.clone());
    }
    complete.then(|| known.into_iter().filter(|step| named.contains(step)).collect())
}
