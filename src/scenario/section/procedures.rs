//! `procedures`: budgets, tries and limits of procedures, whichever controller runs them; and procedures of the scenario's
//! own, as lists of steps.
//!
//! The fields and what they mean are the control layer's. Invariant: what is printed is what the controllers of this
//! scenario go by; what is set of a procedure that none of them runs is reported as having no effect.

use super::{Context, Named};
use crate::control::{
    ACTIONS, Control, PROCEDURE, PolicyKind, ProcedureSettings, Procedures, RUNBOOK, RunbookPlan, STEP, ShortBudget,
    SimulatedProcedure, StepMisfit, WrittenStep, misfits, runbook, short_budgets,
};
use crate::field::{
    Catalog, Kind, MapEntry, Node, NodeValue, Place, Problem, Referent, Value, Values, decode, decode_entry, nearest,
};
use crate::model::plan::WorldPlan;
use crate::record::event::EventKind;
use crate::scenario::Catalogs;
use crate::scenario::names::numbered;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The procedures of a scenario, and where something is written of them.
pub(in crate::scenario) struct Section {
    /// What can be run.
    pub procedures: Procedures,
    /// How it is run.
    pub settings: ProcedureSettings,
    /// By which rules it may be started.
    pub policies: Catalog<PolicyKind>,
    written: Vec<(String, Place)>,
    own: Vec<Own>,
}

/// A procedure of the scenario's own, as it was read.
struct Own {
    table: Values,
    steps: Vec<WrittenStep>,
    plan: RunbookPlan,
}

/// A list of steps in the tree.
pub(in crate::scenario) struct OwnEntry<'n> {
    /// The name, and all that is said of it.
    pub entry: &'n MapEntry,
    /// Its steps.
    pub steps: Vec<StepNode<'n>>,
}

/// One of its steps in the tree.
pub(in crate::scenario) struct StepNode<'n> {
    /// What it is called.
    pub name: String,
    node: &'n Node,
}

/// Every procedure of the tree whose steps are a list, unless its name is one of the catalog.
pub(in crate::scenario) fn written(root: &Node, catalog: Catalog<SimulatedProcedure>) -> Vec<OwnEntry<'_>> {
    let entries = root.get("procedures").map_or(&[][..], Node::entries);
    let own = entries.iter().filter(|entry| !is_known(&entry.key, catalog));
    own.filter_map(|entry| Some(OwnEntry { entry, steps: named(list(&entry.value)?) })).collect()
}

fn is_known(name: &str, catalog: Catalog<SimulatedProcedure>) -> bool {
    catalog.iter().any(|known| known.name == name)
}

/// The list of steps in what is said of a procedure, if there is one.
fn list(node: &Node) -> Option<&Node> {
    let steps = node.get("steps").unwrap_or(node);
    matches!(steps.value, NodeValue::List(_)).then_some(steps)
}

/// Each step with its name: that it is given, or its action's, numbered.
fn named(steps: &Node) -> Vec<StepNode<'_>> {
    let mut unnamed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for node in steps.elements() {
        let (given, action) = match node.entries() {
            [entry] => (entry.value.get("name").and_then(Node::text), entry.key.as_str()),
            _ => (None, node.text().unwrap_or("step")),
        };
        let name = given.map_or_else(|| numbered(action, unnamed.entry(action).or_insert(0)), str::to_owned);
        out.push(StepNode { name, node });
    }
    out
}

pub(in crate::scenario) fn build(context: &mut Context<'_>, catalogs: &Catalogs) -> Section {
    let (catalog, policies) = (catalogs.procedures, catalogs.policies);
    let root = context.root;
    let mut entries = Vec::new();
    let (mut own, mut built) = (Vec::new(), Vec::new());
    for entry in root.get("procedures").map_or(&[][..], Node::entries) {
        if is_known(&entry.key, catalog) && list(&entry.value).is_some() {
            let message = format!("`{}` is built in and has steps of its own", entry.key);
            let help = "rename yours, or set the figures of its steps: `steps: {switch_dns: {budget: 3m}}`";
            context.refuse("FD0242", entry.key_place, message, help);
        } else if list(&entry.value).is_none() {
            entries.push(entry.clone());
        }
    }
    let mut broken = Vec::new();
    for entry in written(root, catalog) {
        match read(&entry, context) {
            Some((read, procedure)) => {
                own.push(read);
                built.push(procedure);
            }
            None => broken.push(entry.entry.key.clone()),
        }
    }
    let place = root.get("procedures").map_or(root.place, |node| node.place);
    let settings = Node { place, value: NodeValue::Map(entries) };
    let (mut tables, mut written) = (BTreeMap::new(), Vec::new());
    for Named { name, place, values } in context.named_in(&settings, &PROCEDURE) {
        if !is_known(&name, catalog) && nearest(&name, catalog.iter().map(|known| &*known.name)).is_none() {
            let message = format!("`{name}` is not a known procedure, and has no list of steps");
            let help = "give its steps: `[activate, {promote: orders}, {point_record: api.example}]`, or in a table \
                        under `steps`";
            context.refuse("FD0242", place, message, help);
            continue;
        }
        let known = context.scope.resolve(Referent::Procedure, &name, place, context.problems);
        if let (Some(_), Some(values)) = (known, values) {
            written.push((name.clone(), place));
            tables.insert(name, values);
        }
    }
    written.extend(own.iter().map(|own: &Own| (own.plan.name.clone(), own.table.place)));
    let procedures = Procedures::new(catalog, built).with_broken(broken);
    let settings = ProcedureSettings::new(&procedures, tables, context.scope, context.problems);
    Section { procedures, settings, policies, written, own }
}

/// Most steps of one procedure: what is longer is several procedures. The figure is ours.
const MOST_STEPS: usize = 200;

/// What is wrong with the names of a procedure and its steps, which are parts of the names of events, if anything is.
fn misnamed(own: &OwnEntry<'_>) -> Option<(Place, String, &'static str)> {
    let name = own.entry.key.as_str();
    if EventKind::all().any(|kind| kind.declaration().pattern.split('.').next() == Some(name)) {
        let message = format!("`{name}` is the first part of other events' names");
        return Some((own.entry.key_place, message, "rename the procedure"));
    }
    let steps = own.steps.iter().map(|step| (step.name.as_str(), step.node.place));
    let (name, place) =
        std::iter::once((name, own.entry.key_place)).chain(steps).find(|(name, _)| name.contains('.'))?;
    let message = format!("`{name}` has a dot, which separates the parts of an event's name");
    Some((place, message, "use `_` or `-` instead"))
}

/// A procedure of the scenario's own. `None` if a problem was reported.
fn read(own: &OwnEntry<'_>, context: &mut Context<'_>) -> Option<(Own, SimulatedProcedure)> {
    if let Some((place, message, help)) = misnamed(own) {
        context.refuse("FD0242", place, message, help);
        return None;
    }
    if let Some(one_more) = own.steps.get(MOST_STEPS) {
        let message = format!("too many steps: at most {MOST_STEPS}");
        context.refuse("FD0114", one_more.node.place, message, "split the procedure");
        return None;
    }
    let table = decode(&RUNBOOK, &own.entry.value, context.scope, context.problems);
    let kinds: Vec<&'static Kind> = ACTIONS.iter().map(|action| &action.kind).collect();
    let mut steps = Vec::new();
    for StepNode { name, node } in &own.steps {
        let decoded = decode_entry(&kinds, Some(&STEP), node, context.scope, context.problems);
        steps.push(decoded.and_then(|(own, common)| {
            let mut common = common?;
            common.settle("name", Value::Text(name.clone()));
            Some(WrittenStep { place: node.place, name: name.clone(), own, common })
        }));
    }
    let (mut table, mut steps) = (table?, super::all(steps)?);
    let (plan, procedure) = runbook(&own.entry.key, &mut table, &mut steps, context.problems)?;
    Some((Own { table, steps, plan }, procedure))
}

impl Section {
    /// Keeps for `explain` what concerns these controllers, and warns of what concerns none.
    pub(in crate::scenario) fn keep(&self, controls: &[Arc<dyn Control>], context: &mut Context<'_>) {
        let mut run: Vec<String> = Vec::new();
        for name in controls.iter().flat_map(|control| control.procedures()) {
            if !run.contains(&name) {
                run.push(name);
            }
        }
        for name in &run {
            if let Some(own) = self.own.iter().find(|own| own.plan.name == *name) {
                context.keep(format!("procedures.{name}"), &own.table);
                for step in &own.steps {
                    let path = format!("procedures.{name}.steps.{}", step.name);
                    context.keep(format!("{path}.{}", step.own.kind.name), &step.own);
                    context.keep(path, &step.common);
                }
            } else if let Some(values) = self.settings.of(name) {
                context.keep(format!("procedures.{name}"), values);
            }
        }
        let astray = |(name, place): &&(String, Place)| !run.contains(name) && place.origin.is_by_hand();
        for (name, place) in self.written.iter().filter(astray) {
            let message = format!("the settings of `{name}` have no effect: no control runs it");
            let problem = Problem::warning("FD0518", *place, message);
            context.problems.push(problem.help("let a control `run` it, or leave it out"));
        }
    }

    /// Refuses steps that the world has nothing for, or that take longer than they may, told what their controllers tell
    /// them.
    pub(in crate::scenario) fn check(
        &self,
        controls: &[Arc<dyn Control>],
        world: &WorldPlan,
        context: &mut Context<'_>,
    ) {
        let names = world.controllers.iter().map(|controller| controller.name.as_str());
        let told =
            names.zip(controls).flat_map(|(by, control)| control.orders(world).into_iter().map(move |told| (by, told)));
        for (by, (name, brief)) in told {
            let Some(own) = self.own.iter().find(|own| own.plan.name == name) else {
                self.refuse_short_budgets((by, &name), short_budgets(&name, &brief, world), context);
                continue;
            };
            for StepMisfit { step, message, help } in misfits(&own.plan, &brief, world) {
                context.refuse("FD0242", own.steps[step].place, message, &help);
            }
        }
    }

    /// At the budget, if the scenario says it; otherwise at the controller `by` that runs `procedure`.
    fn refuse_short_budgets(
        &self,
        (by, procedure): (&str, &str),
        too_short: Vec<ShortBudget>,
        context: &mut Context<'_>,
    ) {
        for ShortBudget { step, message } in too_short {
            let path = format!("control.{by}");
            let own = context.ledger.iter().filter(|(of, _)| *of == path).map(|(_, values)| values).next_back();
            let written = |values: &Values| {
                let (_, item) = values.opt_map("steps")?.iter().find(|(name, _)| name == step)?;
                let Value::Table(figures) = &item.value else { return None };
                let by_hand = figures.origin("budget").is_by_hand();
                by_hand.then(|| figures.place("budget"))
            };
            let steps = |values: &&Values| values.kind.field("steps").is_some();
            let place = own.filter(steps).and_then(written).or_else(|| self.settings.of(procedure).and_then(written));
            let place = place.or(own.map(|values| values.place)).unwrap_or(context.root.place);
            let help = format!("set `procedures.{procedure}.steps.{step}.budget` above that");
            context.refuse("FD0242", place, message, &help);
        }
    }
}
