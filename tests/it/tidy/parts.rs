//! The world has parts, and they keep apart: who may name whom below `model`.
//!
//! Owns the list of parts. Does not know what is in them.

use super::show;
use super::source::{Source, named_below, sources};

/// What every part may name: what all share, and the lists through which they reach each other.
const SHARED: &[&str] = &["Core", "agenda", "command", "core", "message", "plan", "ports"];

/// The parts. Each names itself and what is shared; `flow` alone, where requests go, sees several at once.
const PARTS: &[&str] = &["clients", "control", "data", "health", "names", "objects", "observe", "people", "platform"];

/// What `core` may name: the lists of what parts say and do, and no part.
const BELOW_CORE: &[&str] = &["agenda", "command", "message", "plan"];

/// The most fields the world may have: a part each, and no more parts than fit into a head.
const FIELDS_MOST: usize = 11;

#[test]
fn a_part_of_the_world_reaches_another_only_through_the_core_or_the_flow() {
    let mut broken = Vec::new();
    for source in sources() {
        let ["model", part, ..] = source.module()[..] else { continue };
        let allowed: &[&str] = match part {
            "core" => BELOW_CORE,
            part if PARTS.contains(&part) => SHARED,
            _ => continue,
        };
        let depth = source.module().len() - 1;
        for (offset, name) in named_below(&source.shipped, "crate::model::", depth) {
            if name != part && !allowed.contains(&name.as_str()) && !is_own(&source, part, &name) {
                broken.push(format!("{}: `{part}` must not name `{name}`", source.at(&source.shipped, offset)));
            }
        }
    }
    show(&broken);
}

/// Whether `name` is the part itself under the name of its type.
fn is_own(source: &Source, part: &str, name: &str) -> bool {
    name.to_lowercase() == part && source.module()[1] == part
}

#[test]
fn the_world_is_its_parts_and_little_else() {
    let world = sources().into_iter().find(|source| source.path == "model/mod.rs").expect("there is a world");
    let begins = world.code.find("pub struct World {").expect("the world is a struct");
    let fields = world.code[begins..].lines().skip(1).take_while(|line| !line.starts_with('}'));
    let fields = fields.filter(|line| line.contains(':')).count();
    assert!((5..=FIELDS_MOST).contains(&fields), "the world has {fields} fields");
}
