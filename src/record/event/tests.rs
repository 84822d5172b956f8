//! What holds of every declaration.

use super::*;
use std::collections::BTreeSet;

/// The name of such an event, of things called `a`, `b` and so on.
fn example(pattern: &str) -> String {
    let part = |(index, part): (usize, &str)| {
        let letter = char::from(b'a' + index as u8).to_string();
        if part.starts_with('{') { letter } else { part.to_owned() }
    };
    pattern.split('.').enumerate().map(part).collect::<Vec<_>>().join(".")
}

#[test]
fn what_is_told_by_the_name_of_an_event_is_of_its_kind_and_of_no_other() {
    for kind in EventKind::all() {
        let Declaration { actor, pattern, .. } = *kind.declaration();
        assert_eq!(EventKind::of(actor, &example(pattern)), Some(kind), "{pattern}");
        let twins: Vec<_> = EventKind::all().filter(|other| other.declaration().pattern == pattern).collect();
        assert_eq!(twins, [kind]);
    }
    assert_eq!(EventKind::of(Actor::World, "fault.dark"), None, "the world does not break itself");
    assert_eq!(EventKind::of(Actor::Control, "nothing.like.it.is.declared"), None);
}

#[test]
fn what_a_scenario_declares_may_have_dots_in_its_name() {
    let published = EventKind::of(Actor::World, "dns.app.example.published").expect("a kind");
    assert_eq!(published, EventKind::Name(NameKind::Published));
    assert_eq!(published.part("record", "dns.app.example.published"), Some("app.example"));
    let began = EventKind::of(Actor::Fault, "fault.a.b");
    assert_eq!(began, Some(EventKind::Fault(FaultKind::Began)));
    let healed = EventKind::of(Actor::Fault, "fault.a.b.healed").expect("a kind");
    assert_eq!((healed, healed.part("fault", "fault.a.b.healed")), (EventKind::Fault(FaultKind::Healed), Some("a.b")));
    let step = EventKind::of(Actor::Control, "failback.promote.done").expect("a kind");
    assert_eq!(
        (step.part("procedure", "failback.promote.done"), step.part("step", "failback.promote.done")),
        (Some("failback"), Some("promote"))
    );
}

#[test]
fn every_event_has_a_sentence_and_a_name_of_plain_parts() {
    for kind in EventKind::all() {
        let Declaration { pattern, doc, .. } = kind.declaration();
        assert!(doc.ends_with('.') && doc.starts_with(|c: char| c.is_uppercase()), "{pattern}: {doc}");
        let plain = |part: &str| {
            let word = part.trim_start_matches('{').trim_end_matches('}');
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        };
        assert!(pattern.split('.').all(plain), "{pattern}");
    }
    let names: BTreeSet<&str> = EventKind::all().map(|kind| kind.declaration().pattern).collect();
    assert_eq!(names.len(), EventKind::all().count());
}

#[test]
fn an_event_has_its_name_its_words_and_its_actor_from_its_declaration() {
    let event = Event::from(DataEvent::Fenced { database: "orders".into(), epoch: 2 });
    assert_eq!((event.name().as_str(), event.actor()), ("db.orders.fenced", Actor::World));
    assert_eq!(event.text(), "orders rejects writes older than epoch 2");
    assert_eq!(event.kind(), Some(EventKind::Data(DataKind::Fenced)));
    assert_eq!(event.kind().and_then(|kind| kind.part("database", "db.orders.fenced")), Some("orders"));
}

#[test]
fn a_controller_says_what_is_its_own_and_only_repeats_what_is_not() {
    let own = Event::from(ControllerEvent::Leads { epoch: 3 });
    assert_eq!(own.clone().from_control(), own);
    let forged = Event::from(PlatformEvent::Served { region: "west".into() }).from_control();
    assert_eq!((forged.actor(), forged.kind()), (Actor::Control, None));
    assert_eq!(forged.name(), "served.west");
}

#[test]
fn a_run_is_known_by_what_runs_and_what_becomes_of_it() {
    let of = |name: &'static str| EventKind::of(Actor::Control, name).and_then(|kind| kind.run(name));
    assert_eq!(of("failback.undone"), Some(("failback", RunPhase::Undone)));
    assert_eq!(of("shift.started"), Some(("shift", RunPhase::Started)));
    assert_eq!(of("drill.started"), Some(("drill", RunPhase::Started)), "a drill is a procedure too");
    assert_eq!(of("failback.promote.undone"), None, "a step of a run");
    assert_eq!(of("watch.decided"), None);
}
