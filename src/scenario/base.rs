//! The files that a scenario builds on: `base:` names one, which may name another.
//!
//! Owns the chain: which files it is made of, and what cannot be one of them. Does not know how one file is laid over
//! another. Invariant: nothing is shown of a file that does not say that it is meant to be a base.

use super::files::Files;
use super::{section, yaml};
use crate::field::{Node, NodeValue, Origin, Place, Problem, Problems, shorten};
use crate::outcome::BaseFile;
use std::io::Read;

/// Most files one above the other. Ours: an estate, its variant for a stage, and some to spare.
const MOST_BASES: usize = 8;

/// The largest file that is read, in bytes: as large as a scenario may be, and one byte that tells that it is larger.
const LARGEST: u64 = (16 << 20) + 1;

/// With this key begins a file that others build on and that is no scenario by itself.
pub(super) const MARK: &str = "firedrill_base";

/// The files that a scenario builds on, from the nearest to the farthest, with their trees.
#[derive(Default)]
pub(super) struct Chain {
    pub files: Vec<BaseFile>,
    pub trees: Vec<Node>,
}

/// Whether `text` is a base that is no scenario by itself.
pub fn is_base(text: &str) -> bool {
    begins_a_line(text, MARK)
}

/// The files that the scenario `text` builds on, as far as they can be read: what [`load`](super::load()) says of them
/// points into these texts.
pub fn bases(text: &str, file: &str, settings: &[(String, String)], files: &dyn Files) -> Vec<BaseFile> {
    let Ok(root) = yaml::parse(text, Origin::File) else { return Vec::new() };
    let mut chain = Chain::default();
    // What is wrong with them is said when the scenario is loaded.
    let _ = read(&root, file, settings, files, &mut chain);
    chain.files
}

/// Reads the whole chain that begins with the scenario `root`, whose name is `file`.
///
/// # Errors
///
/// The first thing that is wrong. `chain` holds what could be read.
pub(super) fn read(
    root: &Node,
    file: &str,
    settings: &[(String, String)],
    files: &dyn Files,
    chain: &mut Chain,
) -> Result<(), Problems> {
    let mut named = match settings.iter().rposition(|(path, _)| path == "base") {
        Some(index) => given(index, &settings[index].1),
        None => root.get("base").cloned(),
    };
    let mut folder = String::new();
    while let Some(name) = named.take().filter(|name| !name.is_null()) {
        let Some(written) = name.text() else {
            return Err(unusable(name.place, format!("`base` is the path of a file, but this is {}", name.shape())));
        };
        if section::is_place_on_one_machine(written) {
            let message = format!("`{}` is a place on one machine", shorten(written));
            return Err(unusable(name.place, message));
        }
        let path = plain(&format!("{folder}{written}"));
        let above = chain.files.iter().map(|base| base.file.as_str()).chain([own_name(file)]);
        if above.into_iter().any(|other| other == path) || plain(&format!("{}{path}", folder_of(file))) == plain(file) {
            return Err(circular(&name, &path, chain));
        }
        if chain.files.len() == MOST_BASES {
            return Err(unusable(name.place, format!("more than {MOST_BASES} files build on each other")));
        }
        let text = fetched(&path, &name, files)?;
        folder = folder_of(&path).to_owned();
        let tree = taken(&path, text, &name, chain)?;
        named = tree.get("base").cloned();
        chain.trees.push(tree);
    }
    Ok(())
}

/// The base that a setting names.
fn given(index: usize, value: &str) -> Option<Node> {
    let start = "base=".len();
    let column = u32::try_from(start + 1).unwrap_or(1);
    let origin = Origin::Setting(u16::try_from(index).ok()?);
    let place = Place { origin, line: 1, column, start, end: start + value.len() };
    let value = value.trim();
    (!matches!(value, "" | "null" | "~")).then(|| Node::scalar(value, place))
}

/// The text at `path`.
fn fetched(path: &str, name: &Node, files: &dyn Files) -> Result<String, Problems> {
    let refused = |why: String| unusable(name.place, format!("`{}`: {why}", shorten(path)));
    let found = files.find(path).map_err(refused)?;
    let mut bytes = Vec::new();
    let read = found.open().and_then(|from| from.take(LARGEST).read_to_end(&mut bytes));
    read.map_err(|error| refused(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8 text".to_owned()))?;
    if !is_base(&text) && !begins_a_line(&text, "firedrill") {
        return Err(refused(format!("it is neither a scenario nor a base, which begins with `{MARK}: 1`")));
    }
    Ok(text)
}

/// Adds a file to the chain and gives its tree.
fn taken(path: &str, text: String, name: &Node, chain: &mut Chain) -> Result<Node, Problems> {
    let origin = Origin::Base(u16::try_from(chain.files.len()).unwrap_or(u16::MAX));
    chain.files.push(BaseFile { file: path.to_owned(), text });
    let tree = yaml::parse(&chain.files[chain.files.len() - 1].text, origin)?;
    let NodeValue::Map(entries) = &tree.value else {
        return Err(unusable(name.place, format!("`{}` is {}, and a base is a map of sections", path, tree.shape())));
    };
    let mut versions = entries.iter().filter(|entry| [MARK, "firedrill"].contains(&entry.key.as_str()));
    if let Some(version) = versions.find(|version| version.value.text() != Some("1")) {
        let message =
            format!("this is version {} of the language, but this program reads version 1", version.value.shape());
        return Err(Problem::error("FD0113", version.value.place, message).help("use a newer firedrill").into());
    }
    Ok(tree)
}

fn circular(name: &Node, path: &str, chain: &Chain) -> Problems {
    let names: Vec<&str> = chain.files.iter().map(|base| base.file.as_str()).chain([path]).collect();
    let message =
        format!("`base` is circular: {}", names.iter().map(|name| shorten(name)).collect::<Vec<_>>().join(" → "));
    unusable(name.place, message)
}

fn unusable(place: Place, message: String) -> Problems {
    let help =
        "`base` names a scenario, or a file that begins with `firedrill_base: 1`, relative to the file it stands in";
    Problem::error("FD0009", place, message).help(help).into()
}

/// Whether a line of `text` begins with `key:`.
fn begins_a_line(text: &str, key: &str) -> bool {
    let says = |line: &str| {
        line.trim_matches(['"', '\''])
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    yaml::without_mark(text).lines().any(|line| says(line.trim_start_matches(['{', ' '])))
}

/// The folder of a file, with the slash that ends it; empty if there is none.
pub(super) fn folder_of(path: &str) -> &str {
    path.rfind(['/', '\\']).map_or("", |end| &path[..=end])
}

fn own_name(file: &str) -> &str {
    &file[folder_of(file).len()..]
}

/// `path` without `.` and without folders that are left again.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_without_detours() {
        for (path, expected) in
            [("a/../b.yaml", "b.yaml"), ("./b.yaml", "b.yaml"), ("../../b", "../../b"), ("/a/./b", "/a/b")]
        {
            assert_eq!(plain(path), expected);
        }
    }

    #[test]
    fn a_base_says_that_it_is_one() {
        assert!(is_base("# about it\nfiredrill_base: 1\n") && is_base("\u{feff}'firedrill_base': 1"));
        assert!(!is_base("firedrill: 1\n") && !is_base("name: firedrill_base\n") && !is_base("firedrill_bases: 1"));
    }
}
