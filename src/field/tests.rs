//! Decoding by tables, on a table that has every type.

use super::{
    DISTRIBUTIONS, Field, FieldType, Kind, MapEntry, Node, NodeValue, Origin, Place, Problems, Referent, Scope, Value,
    decode, decode_entry,
};
use crate::kernel::Distribution;
use crate::units::{Bytes, Rate, Ratio, RegionId, ServiceId, Span};

const INNER: Kind = Kind::new("inner", "A table.", &[Field::with("n", COUNT, "3", "test", "A number.")]).short("n");
const OTHER: Kind = Kind::new("other", "Another.", &[Field::required("m", COUNT, "A number.")]);
const COUNT: FieldType = FieldType::Count { min: 1, max: 9 };
const EVERY: Kind = Kind::new(
    "every",
    "A field of every type.",
    &[
        Field::with("text", FieldType::Text, "t", "test", "A text."),
        Field::with("flag", FieldType::Flag, "true", "test", "A flag."),
        Field::with("count", COUNT, "4", "test", "A count."),
        Field::with("decimal", FieldType::Decimal { min: 0.0, max: 1.0 }, "0.5", "test", "A number."),
        Field::with("span", FieldType::Span, "5s", "test", "A span."),
        Field::with("ratio", FieldType::Ratio, "10%", "test", "A share."),
        Field::with("rate", FieldType::Rate, "5/s", "test", "A rate."),
        Field::with("bytes", FieldType::Bytes, "5kB", "test", "A size."),
        Field::with("throughput", FieldType::Throughput, "5MB/s", "test", "How fast data move."),
        Field::with("distribution", FieldType::Distribution, "5ms", "test", "A distribution."),
        Field::with("choice", FieldType::Choice(&["a", "b"]), "b", "test", "A word."),
        Field::with("expression", FieldType::Expression, "x > 1", "test", "An expression."),
        Field::empty("list", FieldType::List(&FieldType::Span), "Spans."),
        Field::empty("map", FieldType::Map(&COUNT), "Counts."),
        Field::empty("table", FieldType::Table(&INNER), "A table."),
        Field::with("one", FieldType::OneOf(&[&INNER, &OTHER]), "inner", "test", "One of two."),
        Field::with("each", FieldType::AllOrPer(Referent::Region, &FieldType::Span), "1s", "test", "For each."),
        Field::optional("region", FieldType::Reference(Referent::Region), "A region."),
        Field::derived("name", FieldType::Name, "something", "test", "A name."),
    ],
);

fn place() -> Place {
    Place { origin: Origin::File, line: 7, column: 3, start: 20, end: 30 }
}

fn scalar(text: &str) -> Node {
    Node::scalar(text, place())
}

fn map(entries: &[(&str, Node)]) -> Node {
    let entry =
        |(key, value): &(&str, Node)| MapEntry { key: (*key).to_owned(), key_place: place(), value: value.clone() };
    Node { place: place(), value: NodeValue::Map(entries.iter().map(entry).collect()) }
}

fn scope() -> Scope {
    let mut scope = Scope::default();
    for (name, id) in [("home", 0), ("away", 1)] {
        scope.declare(Referent::Region, name, place());
        scope.declare_instance("api", RegionId(id));
    }
    scope
}

fn codes(kind: &'static Kind, node: &Node) -> Vec<&'static str> {
    let mut problems = Problems::new();
    let decoded = decode(kind, node, &scope(), &mut problems);
    assert_eq!(decoded.is_some(), problems.is_empty());
    problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn every_type_has_its_default_and_its_getter() {
    let mut problems = Problems::new();
    let mut values = decode(&EVERY, &Node::empty_map(place()), &scope(), &mut problems).unwrap();
    assert_eq!((values.text("text"), values.flag("flag"), values.count("count")), ("t", true, 4));
    assert_eq!((values.decimal("decimal"), values.span("span")), (0.5, Span::from_secs(5)));
    assert_eq!((values.ratio("ratio"), values.rate("rate")), (Ratio::from_percent(10), Rate::per_second(5)));
    assert_eq!((values.bytes("bytes"), values.text("choice")), (Bytes::new(5_000), "b"));
    assert_eq!(values.distribution("distribution"), &Distribution::Constant(Span::from_millis(5)));
    assert_eq!(values.expression("expression").0, "x > 1");
    assert!(values.list("list").is_empty() && values.map("map").is_empty());
    assert_eq!((values.table("table").count("n"), values.table("one").kind.name), (3, "inner"));
    assert_eq!(values.per("each").len(), 2);
    assert_eq!((values.opt_reference("region"), values.opt_text("name")), (None, None));
    assert_eq!((values.origin("span"), values.place("span")), (Origin::Default, place()));
    values.settle("name", Value::Text("given".to_owned()));
    values.settle("text", Value::Text("ignored".to_owned()));
    assert_eq!((values.text("name"), values.text("text")), ("given", "t"));
}

#[test]
fn sound_tables_have_no_defects_and_unsound_ones_do() {
    assert_eq!(EVERY.defects(), Vec::<String>::new());
    for distribution in DISTRIBUTIONS {
        assert_eq!(distribution.defects(), Vec::<String>::new());
    }
    const BAD: Kind = Kind::new(
        "bad",
        "no sentence",
        &[Field::with("a", COUNT, "10", "test", "Too large."), Field::with("a", COUNT, "5", "", "Twice, no source.")],
    )
    .short("b");
    assert_eq!(BAD.defects().len(), 5);
}

#[test]
fn everything_wrong_with_a_table_is_reported_at_once() {
    let node = map(&[
        ("spam", scalar("1")),
        ("count", scalar("10")),
        ("flag", scalar("yes")),
        ("region", scalar("hoem")),
        ("distribution", map(&[("uniform", map(&[("low", scalar("2s")), ("high", scalar("1s"))]))])),
        ("one", map(&[("inner", scalar("1")), ("other", scalar("1"))])),
        ("table", map(&[("n", Node { place: place(), value: NodeValue::Null })])),
    ]);
    assert_eq!(codes(&EVERY, &node), ["FD0101", "FD0105", "FD0106", "FD0112", "FD0104", "FD0111", "FD0102"]);
}

#[test]
fn a_bare_value_stands_for_the_field_of_the_short_form() {
    let mut problems = Problems::new();
    let values = decode(&INNER, &scalar("8"), &scope(), &mut problems).unwrap();
    assert_eq!(values.count("n"), 8);
    assert_eq!(codes(&OTHER, &scalar("8")), ["FD0104"]);
}

#[test]
fn a_common_table_stands_beside_the_own_one() {
    let mut problems = Problems::new();
    let node = map(&[("other", map(&[("m", scalar("2")), ("n", scalar("5"))]))]);
    let (own, common) = decode_entry(&[&OTHER], Some(&INNER), &node, &scope(), &mut problems).unwrap();
    assert_eq!((own.count("m"), common.unwrap().count("n")), (2, 5));
    let node = map(&[("other", map(&[("m", scalar("2")), ("nn", scalar("5"))]))]);
    assert_eq!(decode_entry(&[&OTHER], Some(&INNER), &node, &scope(), &mut problems), None);
    assert_eq!(problems.iter().next().unwrap().help.as_deref(), Some("did you mean `n`?"));
}

#[test]
fn instances_are_numbered_in_the_order_of_declaration() {
    let scope = scope();
    assert_eq!(scope.service_in("api", RegionId(1)), Some(ServiceId(1)));
    assert_eq!(scope.service_in("web", RegionId(1)), None);
    assert_eq!(scope.services(Some("api"), None), [ServiceId(0), ServiceId(1)]);
    assert_eq!(scope.services(None, Some(RegionId(0))), [ServiceId(0)]);
}
