//! Words of scenarios that were renamed: an old one gives an error that names the new one.
//!
//! Owns the table, which `CHANGELOG.md` repeats for scripts. Does not know where a word may stand. Invariant: no new word
//! is an old one, so that nobody is sent on twice.

/// What a word was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renamed {
    /// A key, or the name of a list.
    Key,
    /// What may stand as a value.
    Value,
    /// An event.
    Event,
    /// A field of the results.
    Result,
}

/// Every renamed word: what it was, as it was written, and as it is written now.
pub const RENAMED: &[(Renamed, &str, &str)] = &[
    (Renamed::Key, "a_no: counts", "veto: false"),
    (Renamed::Key, "a_no: decides", "veto: true"),
    (Renamed::Key, "abandoned: drop", "serve_abandoned: false"),
    (Renamed::Key, "abandoned: work", "serve_abandoned: true"),
    (Renamed::Key, "laws", "distributions"),
    (Renamed::Key, "store", "database"),
    (Renamed::Key, "when_alone", "without_replicas"),
    (Renamed::Value, "weigh", "set_weights"),
    (Renamed::Event, "balancer.weighed", "balancer.weights_changed"),
    (Renamed::Event, "watch.moot", "watch.no_longer_needed"),
    (Renamed::Result, "spells", "periods"),
    (Renamed::Result, "stray", "stale_epoch"),
    (Renamed::Result, "stray_total", "stale_epoch_total"),
];

/// What is written now in place of `word`, as `what`, if it was renamed. Where what follows a key matters, all that may.
pub fn renamed(what: Renamed, word: &str) -> Option<String> {
    let is_it = |old: &str| old == word || old.strip_prefix(word).is_some_and(|rest| rest.starts_with(": "));
    let now = RENAMED.iter().filter(|(kind, old, _)| *kind == what && is_it(old));
    let now: Vec<String> = now
        .map(|(_, old, new)| if *old == word { format!("`{new}`") } else { format!("`{new}` for `{old}`") })
        .collect();
    (!now.is_empty()).then(|| now.join(", "))
}

/// Whether the key `word` was renamed to one of `known`.
pub(super) fn is_renamed<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> bool {
    let now = renamed(Renamed::Key, word).unwrap_or_default();
    known.into_iter().any(|name| now.starts_with(&format!("`{name}`")) || now.starts_with(&format!("`{name}: ")))
}

/// The help for it; empty if it was not renamed.
pub(super) fn new_word(what: Renamed, word: &str) -> String {
    renamed(what, word).map_or_else(String::new, |now| format!("it was renamed: write {now}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_word_leads_to_the_new_one_and_no_further() {
        assert_eq!(renamed(Renamed::Key, "when_alone").as_deref(), Some("`without_replicas`"));
        let both = "`veto: false` for `a_no: counts`, `veto: true` for `a_no: decides`";
        assert_eq!(renamed(Renamed::Key, "a_no").as_deref(), Some(both));
        assert_eq!(renamed(Renamed::Event, "when_alone"), None);
        assert_eq!(renamed(Renamed::Key, "a"), None);
        for (what, _, new) in RENAMED {
            assert_eq!(renamed(*what, new.split(':').next().unwrap_or(new)), None, "{new}");
        }
    }
}
