//! How problems look.

use super::{SMALL, owned, shown, try_load};
use crate::scenario::{Catalogs, Sources, TABLES, diagnostics, explain_code, render};

fn rendered(text: &str, settings: &[(&str, &str)]) -> String {
    shown(&try_load(text, settings).unwrap_err(), text, settings)
}

#[test]
fn a_problem_shows_message_place_line_caret_and_help() {
    let text = SMALL.replace("region: home", "region: hoem");
    assert_eq!(
        rendered(&text, &[]),
        "\
error[FD0102]: unknown region `hoem`
  --> test.yaml:11:39
   |
11 |   - region_outage: {id: dark, region: hoem, at: 5m, for: 1m}
   |                                       ^^^^
   |
   = help: declared regions: home, away; did you mean `home`?

1 error in test.yaml
"
    );
}

#[test]
fn a_problem_in_a_setting_shows_the_setting() {
    let text = rendered(SMALL, &[("dns.ttl", "5s"), ("faults.dark.for", "10x")]);
    assert!(text.contains("--> --set:1:17") && text.contains("1 | faults.dark.for=10x"), "{text}");
}

#[test]
fn a_second_place_is_shown_with_what_is_there() {
    let text = SMALL.replace("home: {serv", "home: {role: primary, serv").replace("secondary", "primary");
    let text = rendered(&text, &[]);
    assert!(
        text.contains("4 |   home:") && text.contains("the first one is here") && text.contains("5 |   away"),
        "{text}"
    );
}

#[test]
fn a_file_as_a_whole_is_named_and_counted() {
    let text = rendered("", &[]);
    assert!(text.starts_with("error[FD0002]: the file is empty\n--> test.yaml\n"), "{text}");
    let both =
        SMALL.replace("at: 5m", "optional: true, at: 10m").replace("servers: 4", "servers: 0").replace("100/s", "5");
    assert!(rendered(&both, &[]).ends_with("\n2 errors, 1 warning in test.yaml\n"));
}

#[test]
fn wide_letters_and_long_lines_do_not_move_the_place() {
    let wide = SMALL.replace("duration: 10m", "description: {ä: ü}\nduration: 10m");
    assert!(rendered(&wide, &[]).contains("2 | description: {ä: ü}\n  |              ^"), "{}", rendered(&wide, &[]));
    let long = SMALL.replace("{rate: 100/s}", &format!("{{name: a{}, rate: 5}}", "a".repeat(600)));
    let text = rendered(&long, &[]);
    assert!(text.contains("--> test.yaml:9:627") && !text.contains("aaaa, rate"), "{text}");
}

#[test]
fn colours_only_come_when_asked_for() {
    let problems = try_load("a: [", &[]).unwrap_err();
    let sources = Sources { file: "f", text: "a: [", settings: &[], bases: &[] };
    assert!(
        render(&problems, sources, true).contains('\u{1b}') && !render(&problems, sources, false).contains('\u{1b}')
    );
}

#[test]
fn machines_get_the_same_as_people() {
    let text = SMALL.replace("100/s", "5");
    let problems = try_load(&text, &[]).unwrap_err();
    let all = diagnostics(&problems, Sources { file: "f", text: &text, settings: &owned(&[]), bases: &[] });
    assert_eq!((all[0].severity, all[0].code, all[0].line, all[0].column), ("error", "FD0105", 9, 18));
    assert_eq!(&text[all[0].span.0..all[0].span.1], "5");
    assert!(explain_code(all[0].code).is_some());
}

#[test]
fn every_table_of_the_language_is_sound() {
    for (path, kind) in TABLES {
        assert_eq!(kind.defects(), Vec::<String>::new(), "{path}");
    }
    let Catalogs { faults, controls, properties, .. } = Catalogs::BUILT_IN;
    let kinds = faults.iter().map(|fault| &fault.kind).chain(controls.iter().map(|control| &control.kind));
    for kind in kinds.chain(properties.iter().map(|property| &property.kind)) {
        assert_eq!(kind.defects(), Vec::<String>::new(), "{}", kind.name);
    }
}

#[test]
fn every_preset_is_laid_under_without_a_problem() {
    for name in super::super::preset::NAMES {
        let root = super::super::preset::tree(name).unwrap().unwrap();
        assert!(root.entries().iter().all(|entry| entry.key != "regions"), "a preset chooses no topology");
        assert!(try_load(SMALL, &[("preset", name)]).is_ok());
    }
}

#[test]
fn a_dependency_that_nobody_wrote_is_told() {
    let inferred = |text: &str| super::super::inferred(&try_load(text, &[]).expect("it is right").0);
    assert_eq!(inferred(SMALL), [""; 0], "it is written");
    let told = "`api` of home and away uses `orders`, the only database there is; if not, write `database: null`";
    assert_eq!(inferred(&SMALL.replace(", database: orders", "")), [told]);
    assert_eq!(inferred(&SMALL.replace("database: orders", "database: null")), [""; 0]);
}
