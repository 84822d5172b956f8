//! From a file's text to a plan: parse, set, lay over the preset, copy what is `like`, declare names, build every
//! section, check what they say together. Problems of all sections are reported at once.

use super::base::{self, Chain};
use super::catalog::Catalogs;
use super::files::{Files, NoFiles};
use super::plan::Plan;
use super::section::{
    Context, balancer, bucket, checks, control, database, dns, doubts, expect, fault, head, health, monitoring,
    network, objective, people, procedures, property, provider, queue, region, service, workload,
};
use super::waits::Waits;
use super::{explain, foreign, names, occurrence, overlay, preset, sdk, setting, tree, yaml};
use crate::field::{Node, NodeValue, Origin, Problem, Problems};
use crate::model::plan::WorldPlan;

/// Compiles a scenario that names no files. `file` names it in messages, `settings` are pairs of path and value that
/// override the file. With the plan come the warnings.
///
/// # Errors
///
/// Everything that is wrong with it, warnings included, sorted by place.
pub fn load(
    text: &str,
    file: &str,
    settings: &[(String, String)],
    catalogs: &Catalogs,
) -> Result<(Plan, Problems), Problems> {
    load_with_files(text, file, settings, catalogs, &NoFiles)
}

/// Compiles a scenario as [`load`] does, with the files it names.
///
/// # Errors
///
/// Everything that is wrong with it, warnings included, sorted by place.
pub fn load_with_files(
    text: &str,
    file: &str,
    settings: &[(String, String)],
    catalogs: &Catalogs,
    files: &dyn Files,
) -> Result<(Plan, Problems), Problems> {
    let mut problems = Problems::new();
    let mut chain = Chain::default();
    let root = match merged((text, file), (settings, catalogs), files, &mut chain, &mut problems) {
        Ok(root) => root,
        Err(fatal) => {
            problems.append(fatal);
            return Err(problems.sorted());
        }
    };
    let scope = names::collect(&root, catalogs, &mut problems);
    let mut ledger = Vec::new();
    let bases = &chain.files;
    let mut context =
        Context { root: &root, scope: &scope, problems: &mut problems, ledger: &mut ledger, files, bases };
    let plan = build(&mut context, file, catalogs);
    if plan.is_none() && !problems.has_errors() {
        problems.push(Problem::file("FD0999", "firedrill could not compile this scenario and does not know why"));
    }
    let problems = problems.sorted();
    match plan {
        Some(plan) if !problems.has_errors() => {
            let assumptions = explain::assumptions(&ledger, &chain.files);
            let doubts = problems.iter().filter(|problem| doubts::CODES.contains(&problem.code));
            let doubts = doubts.map(|problem| problem.message.clone()).collect();
            Ok((Plan { assumptions, doubts, bases: chain.files, ..plan }, problems))
        }
        _ => Err(problems),
    }
}

/// The file's tree with the files it builds on, settings, preset and `like` worked in.
fn merged(
    (text, file): (&str, &str),
    (settings, catalogs): (&[(String, String)], &Catalogs),
    files: &dyn Files,
    chain: &mut Chain,
    problems: &mut Problems,
) -> Result<Node, Problems> {
    let mut root = yaml::parse(text, Origin::File).map_err(|found| match foreign::recognise(text, None) {
        Some(problem) => Problems::from(problem),
        None => found,
    })?;
    if let Some(problem) = foreign::recognise(text, Some(&root)) {
        return Err(Problems::from(problem));
    }
    if !matches!(root.value, NodeValue::Map(_)) {
        return Ok(root);
    }
    base::read(&root, file, settings, files, chain)?;
    root = overlay::over_all(root, &chain.trees, problems);
    let preset_set = settings.iter().rev().find(|(path, _)| path == "preset").map(|(_, name)| name.trim().to_owned());
    let name = preset_set.or_else(|| root.get("preset").and_then(Node::text).map(str::to_owned));
    if let Some(under) = name.and_then(|name| preset::tree(&name)) {
        root = tree::lay_over(root, &under?);
    }
    setting::apply(&mut root, settings, catalogs, problems);
    expand_like(&mut root, problems);
    health::lay_vendors(&mut root);
    if let NodeValue::Map(entries) = &mut root.value
        && let Some(workload) = entries.iter_mut().find(|entry| entry.key == "workload")
    {
        sdk::lay_under(&mut workload.value)?;
    }
    Ok(root)
}

fn expand_like(root: &mut Node, problems: &mut Problems) {
    let NodeValue::Map(entries) = &mut root.value else { return };
    for entry in entries {
        match entry.key.as_str() {
            "databases" => tree::expand_like(&mut entry.value, &["like"], problems),
            "regions" => {
                tree::expand_like(&mut entry.value, &region::OWN, problems);
                let NodeValue::Map(regions) = &mut entry.value.value else { continue };
                let insides = regions.iter_mut().filter_map(|region| match &mut region.value.value {
                    NodeValue::Map(fields) => fields.iter_mut().find(|field| field.key == "services"),
                    _ => None,
                });
                insides.for_each(|services| tree::expand_like(&mut services.value, &["like"], problems));
            }
            _ => {}
        }
    }
}

/// What the scenario says about itself, if it could be read. `None`: nothing else of it can be.
fn headed(context: &mut Context<'_>, file: &str) -> Option<Option<head::Head>> {
    if !head::is_known_version(context) {
        return None;
    }
    let head = head::build(context, file);
    matches!(context.root.value, NodeValue::Map(_)).then_some(head)
}

fn build(context: &mut Context<'_>, file: &str, catalogs: &Catalogs) -> Option<Plan> {
    let head = headed(context, file)?;
    let before = context.problems.error_count();
    let mut world = world(context, head.as_ref());
    if let Some(world) = &mut world {
        queue::settle(world, context);
    }
    let sound = context.problems.error_count() == before;
    let faults = fault::build(context, catalogs.faults, head.as_ref().map(|head| head.duration));
    let procedures = procedures::build(context, catalogs);
    let built = control::build(context, catalogs.controls, &procedures);
    let controls = built.whole();
    if let Some((_, controls)) = &controls {
        procedures.keep(controls, context);
    }
    let declared = context.scope;
    let mut scope = declared.clone();
    if let (Some(world), Some(controls)) = (&world, &controls) {
        occurrence::bar(&mut scope, world, controls);
    }
    let context = &mut context.within(&scope);
    let properties = property::build(context, catalogs.properties);
    let expect = expect::build(context);
    if let Some(faults) = &faults {
        fault::check_conditions(faults, context);
    }
    if let (Some(world), Some(controls), Some(faults)) = (&world, &controls, &faults) {
        let (ledger, beginning) = (&*context.ledger, context.root.place);
        Waits { scope: declared, world, faults, controls, ledger, beginning }.check(context.problems);
    }
    // What a controller cannot do in this world is said together with what is wrong elsewhere.
    let (plans, acting) = built.sound();
    let mut world = world.map(|world| WorldPlan { controllers: plans, ..world });
    for database in acting.iter().flat_map(|control| control.reads_rows()) {
        if let Some(plan) = world.as_mut().and_then(|world| world.databases.get_mut(database.index())) {
            plan.rows_are_read = true;
        }
    }
    if let Some(world) = &world
        && sound
    {
        checks::check(world, faults.as_deref(), (controls.is_some(), &acting), context);
        procedures.check(&acting, world, context);
    }
    let head = head?;
    let (world, faults, (_, controls)) = (world?, faults?, controls?);
    if context.problems.has_errors() {
        doubts::refuse(&world, &faults, context);
    } else {
        doubts::warn(&world, &faults, (&controls, head.runs), context);
    }
    let properties = properties?;
    Some(Plan {
        name: head.name,
        description: head.description,
        preset: head.preset,
        runs: head.runs,
        once: head.once,
        world,
        faults,
        controls,
        observers: properties.iter().filter_map(|planned| planned.property.watched_by()).collect(),
        properties,
        expect: expect?,
        assumptions: Vec::new(),
        bases: Vec::new(),
        scope,
        doubts: Vec::new(),
    })
}

/// The world, once every section of it was built, so that each reports its problems.
fn world(context: &mut Context<'_>, head: Option<&head::Head>) -> Option<WorldPlan> {
    let providers = provider::build(context);
    let regions = region::build(context);
    let services = service::build(context, regions.as_deref());
    let databases = database::build(context);
    let buckets = bucket::build(context);
    let dns = dns::build(context, regions.as_deref());
    let resolvers = dns::resolvers(context);
    let network = network::build(context);
    let balancer = balancer::build(context, regions.as_deref());
    let monitoring = monitoring::build(context);
    let notification = monitoring::notification(context);
    let people = people::build(context);
    let control = monitoring::control_plane(context);
    let journal = monitoring::journal(context);
    let workloads = workload::build(context);
    let objective = objective::build(context, workloads.as_deref(), services.as_deref());
    let maintenance = objective::maintenance(context);
    let head = head?;
    let ((monitoring, watches), (notification, tells), mut control) = (monitoring?, notification?, control?);
    let (keeps, members) = journal?;
    control.needs.extend([watches, tells, keeps].into_iter().flatten());
    control.journal_members = members;
    Some(WorldPlan {
        duration: head.duration,
        settle: head.settle,
        tie_break_seeded: head.seeded,
        objective: objective?,
        maintenance: maintenance?,
        providers: providers?,
        regions: regions?,
        services: services?,
        databases: databases?,
        buckets: buckets?,
        network: network?,
        dns: dns?,
        resolvers: resolvers?,
        balancer: balancer?,
        monitoring,
        notification,
        people: people?,
        control,
        controllers: Vec::new(),
        workloads: workloads?,
    })
}
