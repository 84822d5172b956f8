//! Text that wants to be more than text, over every format there is.
//!
//! Each format has tests of its own markup; here stand the rules that all of them keep. One that is no text is not shown
//! on a terminal and has no lines: what stands in its texts is for its own tests.

use super::text::acts_on_a_reader;
use super::{CATALOG, Document, Look, Subject, TERMINAL};
use crate::explore;
use crate::outcome::fixture;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What an author, or someone who sends a scenario to a colleague, may put into a name.
pub(super) const POISON: [&str; 14] = [
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\" onload=\"alert(1)",
    "' style='background:url(http://x)",
    "]]></system-out><testcase name=\"forged\"/>",
    "<!ENTITY x SYSTEM \"file:///etc/passwd\">&x;",
    "a\n# EOF\nforged_metric 1",
    "=HYPERLINK(\"http://x\",\"y\")",
    "\",\"second cell\"\r\nsecond,row",
    "| cell | [l](javascript:x) ![i](http://x)\n# heading",
    "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m",
    "\u{202e}txt.exe\u{2066}\u{200b}\u{feff}\u{e0041}",
    "\u{0}\u{8}\u{7f}\u{fffe}\u{ffff}",
    "שלום-عالم",
];

/// Everything that is written of runs with `poison` in them. All tests here look at the same.
fn documents(poison: &str) -> Arc<Vec<Document>> {
    static WRITTEN: Mutex<BTreeMap<String, Arc<Vec<Document>>>> = Mutex::new(BTreeMap::new());
    let written = || WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = written().get(poison).cloned();
    known.unwrap_or_else(|| {
        let documents = Arc::new(write(poison));
        written().insert(poison.to_owned(), Arc::clone(&documents));
        documents
    })
}

fn write(poison: &str) -> Vec<Document> {
    let campaign = explore::run(0..2, None, |_| fixture::hostile(poison)).unwrap();
    let mut all = Subject::Run(&fixture::hostile(poison)).documents(|_| true);
    all.extend(Subject::Campaign(&campaign).documents(|_| true));
    let is_text = |file: &str| CATALOG.iter().all(|format| format.is_text() || format.file() != Some(file));
    all.retain(|document| is_text(&document.path));
    all.push(Document { path: "terminal".to_owned(), bytes: TERMINAL.run(&fixture::hostile(poison), Look::PLAIN) });
    all
}

fn text(document: &Document) -> String {
    String::from_utf8(document.bytes.clone()).unwrap_or_else(|_| panic!("{} is not UTF-8", document.path))
}

#[test]
fn nothing_acts_when_a_file_is_shown_on_a_terminal() {
    for poison in POISON {
        for document in documents(poison).iter() {
            let acting = text(document).chars().find(|c| *c != '\n' && acts_on_a_reader(*c));
            assert_eq!(acting, None, "{} with {poison:?}", document.path);
        }
    }
}

#[test]
fn no_text_adds_a_line_to_any_file() {
    let lines =
        |poison| documents(poison).iter().map(|d| (text(d).lines().count(), d.path.clone())).collect::<Vec<_>>();
    let tame = lines("x");
    for poison in POISON {
        for ((now, path), (then, _)) in lines(poison).into_iter().zip(&tame) {
            // A terminal wraps; a picture leaves out labels for which there is no room.
            let is_kept = match path.rsplit('.').next() {
                Some("html" | "svg") => now <= *then,
                Some("terminal") => true,
                _ => now == *then,
            };
            assert!(is_kept, "{path}: {now} lines instead of {then} with {poison:?}");
        }
    }
}

#[test]
fn no_text_adds_an_element_or_an_attribute_to_any_markup() {
    let is_markup = |d: &Document| [".html", ".svg", ".xml"].iter().any(|end| d.path.ends_with(end));
    // Tags, and quotes inside of tags: what an element and an attribute need.
    let shape = |d: &Document| {
        let text = text(d);
        let tags: Vec<&str> = text.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect();
        // Where a label stands depends on its length.
        let quotes = |tag: &&str| tag.replace(r#" text-anchor="end""#, "").matches(['"', '\'']).count();
        let attributes: usize = tags.iter().map(quotes).sum();
        (tags.len(), attributes)
    };
    let shapes = |poison| documents(poison).iter().filter(|d| is_markup(d)).map(shape).collect::<Vec<_>>();
    let tame = shapes("x");
    for poison in POISON {
        // Labels may be left out where there is no room for them, which takes a pair of tags away but never adds one.
        for (now, then) in shapes(poison).into_iter().zip(&tame) {
            assert!(now.0 <= then.0 && now.1 <= then.1, "{now:?} for {then:?} with {poison:?}");
        }
    }
}

#[test]
fn a_very_long_text_does_not_make_a_very_long_file() {
    let poison = "long ".repeat(10_000);
    for document in documents(&poison).iter() {
        let most = if document.path == "results.json" { usize::MAX } else { 2_000_000 };
        assert!(document.bytes.len() < most, "{}: {} bytes", document.path, document.bytes.len());
    }
}
