//! Broken files: whatever is done to a scenario, the answer is a plan or a list of problems with places.

use super::{EXAMPLE, SMALL, shown, try_load};
use crate::scenario::{explain, text_of};
use proptest::prelude::*;

/// Words that mean something somewhere, and some that mean nothing anywhere.
const WORDS: &[&str] = &[
    "null",
    "~",
    "{}",
    "[]",
    "-1",
    "0",
    "5",
    "10m",
    "99%",
    "200%",
    "1e999",
    "NaN",
    "true",
    "home",
    "away",
    "api",
    "orders",
    "like: home",
    "role: primary",
    "&a",
    "*a",
    "<<: *a",
    "- ",
    "? ",
    ": ",
    "|",
    ">",
    "'",
    "\"",
    "#",
    "---",
    "...",
    "!!int",
    "\t",
    "\u{0}",
    "ü",
    "\u{202e}",
    "🔥",
    "\u{feff}",
    "region",
    "{uniform: {low: 5ms}}",
    "balancer",
    "99999999999999999999d",
];

#[derive(Debug, Clone)]
enum Edit {
    Remove(usize, usize),
    Repeat(usize, usize),
    Insert(usize, usize),
    Value(usize, usize),
    Letter(usize, char),
    DropLine(usize),
    Indent(usize, usize),
    MoveLine(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0_usize..4_000;
    prop_oneof![
        (at.clone(), 0_usize..40).prop_map(|(at, n)| Edit::Remove(at, n)),
        (at.clone(), 0_usize..60).prop_map(|(at, n)| Edit::Repeat(at, n)),
        (at.clone(), 0..WORDS.len()).prop_map(|(at, word)| Edit::Insert(at, word)),
        (at.clone(), 0..WORDS.len()).prop_map(|(at, word)| Edit::Value(at, word)),
        (at.clone(), any::<char>()).prop_map(|(at, c)| Edit::Letter(at, c)),
        at.clone().prop_map(Edit::DropLine),
        (at.clone(), 0_usize..5).prop_map(|(at, n)| Edit::Indent(at, n)),
        (at.clone(), at).prop_map(|(from, to)| Edit::MoveLine(from, to)),
    ]
}

fn apply(text: &str, edit: &Edit) -> String {
    let letters: Vec<char> = text.chars().collect();
    let within = |at: usize| at % (letters.len() + 1);
    let part = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
    let cut = |at: usize, n: usize| (within(at), (within(at) + n).min(letters.len()));
    let end = letters.len();
    match edit {
        Edit::Remove(at, n) => {
            let (from, to) = cut(*at, *n);
            part(0, from) + &part(to, end)
        }
        Edit::Repeat(at, n) => {
            let (from, to) = cut(*at, *n);
            part(0, to) + &part(from, end)
        }
        Edit::Insert(at, word) => part(0, within(*at)) + WORDS[*word] + &part(within(*at), end),
        Edit::Letter(at, c) => part(0, within(*at)) + &c.to_string() + &part((within(*at) + 1).min(end), end),
        Edit::Value(at, word) => with_value(text, *at, WORDS[*word]),
        Edit::DropLine(..) | Edit::Indent(..) | Edit::MoveLine(..) => with_lines(text, edit),
    }
}

/// The value after the `at`-th colon, up to the next comma or bracket, replaced.
fn with_value(text: &str, at: usize, word: &str) -> String {
    let colons: Vec<usize> = text.match_indices(": ").map(|(at, _)| at + 2).collect();
    if colons.is_empty() {
        return word.to_owned();
    }
    let start = colons[at % colons.len()];
    let end = text[start..].find([',', '}', ']', '\n']).map_or(text.len(), |end| start + end);
    format!("{}{word}{}", &text[..start], &text[end..])
}

fn with_lines(text: &str, edit: &Edit) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let count = lines.len();
    match edit {
        Edit::DropLine(at) => drop(lines.remove(at % count)),
        Edit::Indent(at, n) => lines[at % count].insert_str(0, &" ".repeat(*n)),
        Edit::MoveLine(from, to) => {
            let line = lines.remove(from % count);
            lines.insert(to % count, line);
        }
        _ => {}
    }
    lines.join("\n")
}

/// Loads, and checks that the answer is one a user can work with.
fn check(text: &str, settings: &[(&str, &str)]) {
    match try_load(text, settings) {
        Ok((plan, _)) => assert!(!explain(&plan).is_empty()),
        Err(problems) => {
            assert!(problems.has_errors());
            for problem in &problems {
                assert_ne!(problem.code, "FD0999", "{text}");
                let placed =
                    problem.place.is_none_or(|place| place.line >= 1 && place.column >= 1 && place.start <= place.end);
                assert!(placed && !problem.message.is_empty(), "{problem:?}");
            }
            let text = shown(&problems, text, settings);
            assert!(text.trim_end().ends_with("test.yaml"), "{text}");
            assert!(!text.contains('\u{1b}'), "a file must not control the terminal");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edited_file_is_a_plan_or_a_list_of_problems(
        small in any::<bool>(),
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        let start = if small { SMALL } else { EXAMPLE };
        let text = edits.iter().fold(start.to_owned(), |text, edit| apply(&text, edit));
        check(&text, &[]);
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        check(&text, &[]);
        check(SMALL, &[(&text, "1")]);
        check(SMALL, &[("regions.home", &text)]);
    }

    #[test]
    fn any_value_at_any_path_is_answered(
        path in prop::sample::select(vec![
            "workload.0.rate", "workload.0", "workload", "faults.dark", "faults", "regions", "regions.home.services.api",
            "databases.orders", "dns.records", "properties.loss", "expect", "balancer", "network.clients", "preset",
            "workload.0.mix", "workload.0.keys", "databases.orders.delay", "regions.away.like", "firedrill", "name",
            "balancer.weights", "network.between", "control.0", "providers", "workload.0.name", "faults.0.id",
            "regions.home.role", "regions.home.services.api.active", "databases.orders.apply_rate", "workload.0.record",
        ]),
        word in prop::sample::select(WORDS),
        more in prop::sample::select(WORDS),
    ) {
        check(SMALL, &[(path, word)]);
        check(SMALL, &[(path, &format!("{{home: {word}, count: {more}}}"))]);
        check(SMALL, &[(path, &format!("[{word}, {{open: {more}}}]"))]);
    }

    #[test]
    fn any_bytes_are_text_or_one_problem(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Err(problems) = text_of(&bytes) {
            prop_assert_eq!(problems.iter().count(), 1);
        }
    }
}

#[test]
fn a_large_file_is_answered() {
    let line = "  - region_outage: {id: dark, region: home, at: 5m, for: 1m, note: abcdefghijklmnopqrstuvwxyz}\n";
    let text = SMALL.replace("control:", &(line.repeat(20_000) + "control:"));
    assert!(text.len() > 1_800_000);
    let problems = try_load(&text, &[]).unwrap_err();
    assert!(problems.iter().any(|problem| problem.code == "FD0114"));
    assert!(shown(&problems, &text, &[]).len() < 100_000);
    let endless = SMALL.replace("duration: 10m", &format!("description: {}\nduration: 10", "x".repeat(10 << 20)));
    assert_eq!(try_load(&endless, &[]).unwrap_err().iter().map(|problem| problem.code).collect::<Vec<_>>(), ["FD0105"]);
    let too_large = "x".repeat((16 << 20) + 1);
    assert_eq!(try_load(&too_large, &[]).unwrap_err().iter().next().unwrap().code, "FD0003");
}
