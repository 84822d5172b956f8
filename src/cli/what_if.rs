//! What a scenario with settings beside it is called: its results are not those of the scenario as written.
//!
//! Invariant: different settings have different names, and a name is one part of a path on every system.

use crate::field::shorten;

/// The longest name that says the settings in full, in characters.
const LONGEST: usize = 80;

/// The name of the directory for the results of the scenario called `stem` with these settings.
pub(super) fn directory(stem: &str, settings: &[String]) -> String {
    if settings.is_empty() {
        return stem.to_owned();
    }
    let said = settings.join(",");
    let plain = |c: char| c.is_ascii_alphanumeric() || "=.,-_%+".contains(c);
    let safe: String = said.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if safe == said && said.len() <= LONGEST {
        return format!("{stem}--{safe}");
    }
    let cut: String = safe.chars().take(LONGEST).collect();
    format!("{stem}--{cut}-{:08x}", short(&said))
}

/// The name of a scenario as it is run: what is set beside it makes it another one.
pub(super) fn name(name: String, settings: &[(String, String)]) -> String {
    let set = settings.iter().map(|(path, value)| format!("{path}={value}")).collect::<Vec<_>>();
    match set.as_slice() {
        _ if settings.iter().any(|(path, _)| path == "name") => name,
        [] => name,
        [one] => format!("{name}, with {}", shorten(one)),
        [one, ..] => format!("{name}, with {} and {} more", shorten(one), set.len() - 1),
    }
}

/// Tells apart what looks alike once it is cut.
fn short(text: &str) -> u32 {
    // FNV-1a, 32 bits.
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(settings: &[&str]) -> String {
        directory("dark", &settings.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_what_if_has_a_name_of_its_own() {
        assert_eq!(named(&[]), "dark");
        assert_eq!(named(&["dns.ttl=20s", "runs=3"]), "dark--dns.ttl=20s,runs=3");
        let set = |path: &str| (path.to_owned(), "1".to_owned());
        assert_eq!(name("Dark".to_owned(), &[]), "Dark");
        assert_eq!(name("Dark".to_owned(), &[set("a"), set("b")]), "Dark, with a=1 and 1 more");
        assert_eq!(name("Other".to_owned(), &[set("name")]), "Other");
        assert_ne!(named(&["a={b: 1}"]), named(&["a={b_ 1}"]));
        assert!(named(&["a=../../x/y"]).starts_with("dark--a=.._.._x_y-"));
        let long = "x".repeat(300);
        let (one, other) = (named(&[&format!("a={long}1")]), named(&[&format!("a={long}2")]));
        assert!(one.len() < 120 && one != other, "{one}");
    }
}
