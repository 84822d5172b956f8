//! Scenarios to start from. They are data, in `templates/`.
//!
//! Invariant: each runs as it is and comes out as it says.

/// A scenario to begin with.
#[derive(Debug)]
pub(super) struct Template {
    /// Its name, as it is written.
    pub name: &'static str,
    /// What it rehearses, in a sentence.
    pub doc: &'static str,
    /// The file.
    pub text: &'static str,
}

/// Every template, the one to begin with first.
pub(super) const TEMPLATES: [Template; 6] = [
    Template {
        name: "region-evacuation",
        doc: "A region fails, the failover moves everything to another one, and later brings it back.",
        text: include_str!("templates/region-evacuation.yaml"),
    },
    Template {
        name: "dns-flip",
        doc: "Traffic moves by DNS alone: how long it takes, and which clients resolvers leave behind.",
        text: include_str!("templates/dns-flip.yaml"),
    },
    Template {
        name: "dr-drill",
        doc: "The failover is rehearsed on the live system, in a zone of synthetic clients.",
        text: include_str!("templates/dr-drill.yaml"),
    },
    Template {
        name: "approval",
        doc: "Nothing is moved until somebody on call has approved: what that costs.",
        text: include_str!("templates/approval.yaml"),
    },
    Template {
        name: "retry-storm",
        doc: "The secondary takes over cold, and retries keep it down: how much headroom it needs.",
        text: include_str!("templates/retry-storm.yaml"),
    },
    Template {
        name: "split-brain",
        doc: "The primary is cut off and keeps writing: whether two copies ever acknowledge writes.",
        text: include_str!("templates/split-brain.yaml"),
    },
];

/// The names of all templates.
pub(super) const NAMES: [&str; TEMPLATES.len()] = {
    let mut names = [""; TEMPLATES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = TEMPLATES[at].name;
        at += 1;
    }
    names
};

/// The template called `name`.
pub(super) fn find(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}
