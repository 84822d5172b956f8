//! Source files as text: which words and paths of them are code, and which of that is compiled outside tests.
//!
//! Does not know Rust: it sees words and brackets of code that rustfmt has formatted.
//!
//! Invariant: what stands in comments and quotes is never taken for code.

use std::fs;
use std::path::Path;

const ONLY_IN_TESTS: &str = "#[cfg(test)]";

/// A file under `src`.
pub struct Source {
    /// From `src` on.
    pub path: String,
    /// As it stands in the file.
    pub text: String,
    /// The text without comments and quotes, line for line.
    pub code: String,
    /// The code without what only tests compile, line for line.
    pub shipped: String,
}

impl Source {
    /// The module, from the root of the crate down; empty for the root.
    pub fn module(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = self.path.trim_end_matches(".rs").split('/').collect();
        if matches!(parts.last(), Some(&("mod" | "lib" | "main"))) {
            parts.pop();
        }
        parts
    }

    /// The place of `offset` in `code`, which is this file's code in any form, as an editor takes it.
    pub fn at(&self, code: &str, offset: usize) -> String {
        format!("src/{}:{}", self.path, code[..offset].matches('\n').count() + 1)
    }
}

/// Every file under `src`, in the order of the paths.
pub fn sources() -> Vec<Source> {
    let texts: Vec<(String, String)> =
        files("src", "rs").into_iter().map(|(path, text)| (path["src/".len()..].to_owned(), text)).collect();
    let tests: Vec<String> = texts.iter().flat_map(|(path, text)| only_in_tests(path, text)).collect();
    let source = |(path, text): (String, String)| {
        let code = code_of(&text);
        let is_of = |test: &String| path == format!("{test}.rs") || path.starts_with(&format!("{test}/"));
        let shipped = if tests.iter().any(is_of) { String::new() } else { shipped(&code) };
        Source { path, text, code, shipped }
    };
    texts.into_iter().map(source).collect()
}

/// Path and text of every file below `folder` with that extension, in the order of the paths.
pub fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(path) = ahead.pop() {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
        if place.is_dir() {
            let names = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            ahead.extend(names.map(|name| format!("{path}/{name}")));
        } else if place.extension().is_some_and(|its| its == extension) {
            found.push((path, fs::read_to_string(&place).unwrap()));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "nothing to look at in {folder}");
    found
}

/// The files, without extension, that the file at `path` declares for tests only.
fn only_in_tests(path: &str, text: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let below = match path.trim_end_matches(".rs").rsplit('/').next() {
        Some("mod" | "lib" | "main") | None => folder.clone(),
        Some(name) => format!("{folder}{name}/"),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let pairs = lines.windows(2).filter(|pair| pair[0] == ONLY_IN_TESTS);
    let named = pairs.filter_map(|pair| {
        if let Some(file) = pair[1].strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix(".rs\"]")) {
            return Some(format!("{folder}{file}"));
        }
        Some(format!("{below}{}", pair[1].strip_suffix(';')?.split_once("mod ")?.1))
    });
    named.collect()
}

/// `text` with comments and quotes blanked out.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let (mut rest, mut before) = (text, ' ');
    while let Some(c) = rest.chars().next() {
        let foreign = if is_of_a_word(before) && is_of_a_word(c) { 0 } else { foreign(rest) };
        let length = foreign.max(c.len_utf8());
        match foreign {
            0 => code.push(c),
            _ => code.extend(rest[..foreign].chars().map(|c| if c == '\n' { c } else { ' ' })),
        }
        before = c;
        rest = &rest[length..];
    }
    code
}

/// The length of the comment or quote that `rest` begins with; 0 if it begins with code.
fn foreign(rest: &str) -> usize {
    let upto = |end: Option<usize>| end.unwrap_or(rest.len());
    let raw = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r').map(|raw| raw.trim_start_matches('#'));
    if rest.starts_with("//") {
        upto(rest.find('\n'))
    } else if rest.starts_with("/*") {
        end_of_remark(rest)
    } else if let Some(raw) = raw.filter(|raw| raw.starts_with('"')) {
        let opening = rest.len() - raw.len();
        let closing = format!("\"{}", "#".repeat(rest[..opening].matches('#').count()));
        upto(raw[1..].find(&closing).map(|at| opening + 1 + at + closing.len()))
    } else if let Some(quoted) = rest.strip_prefix('"') {
        let mut escaped = false;
        let closes = |c: char| {
            c == '"' && !escaped || {
                escaped = c == '\\' && !escaped;
                false
            }
        };
        upto(quoted.find(closes).map(|at| at + 2))
    } else if rest.starts_with("'\\") {
        upto(rest[3..].find('\'').map(|at| at + 4))
    } else {
        let mut chars = rest.chars();
        let (first, inside, last) = (chars.next(), chars.next(), chars.next());
        if first == Some('\'') && last == Some('\'') { 2 + inside.map_or(0, char::len_utf8) } else { 0 }
    }
}

/// Where the comment that `rest` begins with ends; such comments nest.
fn end_of_remark(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// `code` without the items behind a test attribute.
fn shipped(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(ONLY_IN_TESTS) {
        let behind = at + ONLY_IN_TESTS.len();
        let end = behind + end_of_item(&rest[behind..]);
        kept.push_str(&rest[..at]);
        kept.extend(rest[at..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    kept + rest
}

/// Where the item that `code` begins with ends: behind the first semicolon or closing brace outside all brackets.
fn end_of_item(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(c, ';' | '}') {
            return at + 1;
        }
    }
    code.len()
}

/// The modules of the crate's root that `code` names, `depth` modules below the root.
pub fn modules_named(code: &str, depth: usize) -> Vec<(usize, String)> {
    named_below(code, "crate::", depth)
}

/// What `code` names of the module whose path is `root`, from `depth` modules below it.
pub fn named_below(code: &str, root: &str, depth: usize) -> Vec<(usize, String)> {
    let roots = [root.to_owned(), "super::".repeat(depth)];
    let mut found = Vec::new();
    for root in &roots {
        let starts = code.match_indices(root.as_str()).filter(|(at, _)| !code[..*at].ends_with(is_of_a_word));
        found
            .extend(starts.flat_map(|(at, _)| heads(&code[at + root.len()..]).into_iter().map(move |name| (at, name))));
    }
    found
}

/// The first names of the rest of a path: one, or those of a group in braces.
fn heads(path: &str) -> Vec<String> {
    let name = |path: &str| path.trim_start().split(|c| !is_of_a_word(c)).next().unwrap_or_default().to_owned();
    if !path.starts_with('{') {
        return vec![name(path)];
    }
    let group = &path[1..end_of_item(path) - 1];
    let mut depth = 0;
    let parts = group.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    parts.map(name).filter(|name| !name.is_empty()).collect()
}

/// Place, name and number of lines of every function.
pub fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let named = places(code, "fn").filter(|at| code[at + 2..].starts_with(' '));
    let measured = named.map(|at| {
        let item = &code[at..at + end_of_item(&code[at..])];
        (at, heads(&item[2..])[0].clone(), item.matches('\n').count() + 1)
    });
    measured.collect()
}

/// Where `word` stands in `code` by itself.
pub fn places<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let alone =
        move |at: &usize| !code[..*at].ends_with(is_of_a_word) && !code[at + word.len()..].starts_with(is_of_a_word);
    code.match_indices(word).map(|(at, _)| at).filter(alone)
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn paths_are_found_in_groups_and_through_super_and_not_in_quotes_or_remarks() {
    let names = |text: &str, depth| {
        let found = modules_named(&shipped(&code_of(text)), depth).into_iter().map(|(_, name)| name);
        found.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("use crate::{a::{b, c}, d as e,\n    f};\nuse crate::g::H;", 1), "a d f g");
    assert_eq!(names("super::a::b(); super::super::c();", 2), "c");
    assert_eq!(names("// crate::a\n/* crate::b /* */ crate::c */ \"crate::d\\\" crate::e\" r#\"\"crate::f\"#", 1), "");
    assert_eq!(names("let c = b'\"'; crate::a; let l: &'static str = '\\''; crate::b", 1), "a b");
    assert_eq!(names("#[cfg(test)]\nmod tests {\n    use crate::a;\n}\n#[cfg(test)]\nuse crate::b;\ncrate::c", 1), "c");
}

#[test]
fn the_lines_of_a_function_are_counted_from_its_name_to_its_brace() {
    let code =
        "trait T {\n    fn a(&self) -> [u8; 2];\n    fn b() {\n        if c {\n        }\n    }\n}\nlet f: fn(u8);";
    let found: Vec<_> = functions(code).into_iter().map(|(_, name, lines)| (name, lines)).collect();
    assert_eq!(found, [("a".to_owned(), 1), ("b".to_owned(), 4)]);
}

#[test]
fn files_behind_a_test_attribute_are_known_as_such() {
    let text = "#[cfg(test)]\nmod fixture;\n#[cfg(test)]\n#[path = \"x_tests.rs\"]\nmod tests;\n";
    assert_eq!(only_in_tests("a/mod.rs", text), ["a/fixture", "a/x_tests"]);
    assert_eq!(only_in_tests("a.rs", text), ["a/fixture", "x_tests"]);
    assert_eq!(only_in_tests("a/b.rs", text), ["a/b/fixture", "a/x_tests"]);
}
