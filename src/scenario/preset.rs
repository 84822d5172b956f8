//! Presets: defaults that a file's own values override. They are data, in `presets/`.

use super::sdk::SDKS;
use super::section::azure;
use super::yaml;
use crate::field::{Node, Origin, Problems};

/// A preset.
#[derive(Debug)]
pub struct Preset {
    /// Its name, as it is written.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub doc: &'static str,
    text: &'static str,
    source: &'static str,
}

impl Preset {
    /// A preset, with the source of its values.
    pub(super) const fn new(name: &'static str, doc: &'static str, text: &'static str, source: &'static str) -> Self {
        Self { name, doc, text, source }
    }

    /// Its values, as they would be written in a file.
    pub const fn text(&self) -> &'static str {
        self.text
    }
}

/// Every preset.
pub const PRESETS: [Preset; 1] = [Preset {
    name: "ai-provider",
    doc: "Model calls and records on a provider with a primary and a secondary region.",
    text: include_str!("presets/ai-provider.yaml"),
    source: "the preset: its file names the source of each value",
}];

/// Vendors' rules of health checks, for tables of checks.
pub const CHECKS: [Preset; 5] = [
    Preset {
        name: "route53",
        doc: "Amazon Route 53, standard interval.",
        text: include_str!("presets/checks/route53.yaml"),
        source: ROUTE_53,
    },
    Preset {
        name: "route53-fast",
        doc: "Amazon Route 53, fast interval.",
        text: include_str!("presets/checks/route53-fast.yaml"),
        source: ROUTE_53,
    },
    Preset {
        name: "traffic-manager",
        doc: "Azure Traffic Manager.",
        text: include_str!("presets/checks/traffic-manager.yaml"),
        source: "Azure Traffic Manager documentation, endpoint monitoring",
    },
    Preset {
        name: "front-door",
        doc: "Azure Front Door.",
        text: include_str!("presets/checks/front-door.yaml"),
        source: "Azure Front Door documentation, health probes",
    },
    Preset {
        name: "alb",
        doc: "AWS Application Load Balancer.",
        text: include_str!("presets/checks/alb.yaml"),
        source: "Elastic Load Balancing user guide, target group health checks",
    },
];

/// Distances between regions, for the network; its figures are a table of its own.
const DISTANCES: [Preset; 1] =
    [Preset { name: azure::NAME, doc: "Round trips between regions of Azure.", text: "", source: azure::SOURCE }];

const ROUTE_53: &str = "Amazon Route 53 developer guide, health checks";

/// The names of all vendors' rules.
pub(super) const CHECK_NAMES: &[&str] =
    &[CHECKS[0].name, CHECKS[1].name, CHECKS[2].name, CHECKS[3].name, CHECKS[4].name];

/// The names of all presets.
pub(super) const NAMES: &[&str] = &[PRESETS[0].name];

/// The tree of a preset of whole scenarios, if there is one of that name.
///
/// # Errors
///
/// A preset that cannot be read: a test reads each.
pub(super) fn tree(name: &str) -> Option<Result<Node, Problems>> {
    let preset = PRESETS.iter().find(|preset| preset.name == name)?;
    Some(yaml::parse(preset.text, Origin::Preset(preset.name)))
}

/// The tree of a vendor's rules, if there are some of that name.
///
/// # Errors
///
/// Rules that cannot be read: a test reads each.
pub(super) fn checks_tree(name: &str) -> Option<Result<Node, Problems>> {
    let preset = CHECKS.iter().find(|preset| preset.name == name)?;
    Some(yaml::parse(preset.text, Origin::Preset(preset.name)))
}

/// The text of a preset, of a vendor's rules or of a client library, for diagnostics that point into it.
pub(super) fn text(name: &str) -> &'static str {
    find(name).map_or("", |preset| preset.text)
}

/// Where the values of a preset or client library come from.
pub(super) fn source(name: &str) -> &'static str {
    find(name).map_or("", |preset| preset.source)
}

fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().chain(&CHECKS).chain(&SDKS).chain(&DISTANCES).find(|preset| preset.name == name)
}
