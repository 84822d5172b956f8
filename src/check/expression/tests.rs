//! Expressions as text: what is read and evaluated, and what is refused with which words.

use super::*;
use crate::check::fixture::{Fixture, at};
use crate::check::vocabulary::tests::vocabulary;
use crate::record::SignalUnit;

fn parse(text: &str) -> Expression {
    Expression::parse(text, &vocabulary()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> ExpressionError {
    Expression::parse(text, &vocabulary()).expect_err(text)
}

#[test]
fn units_must_agree_and_the_message_names_both_sides() {
    let error = refused("success >= 99% and latency.p99 <= 5%");
    assert_eq!(error.message, "`latency.p99` is a time, `5%` is a share: they cannot be compared");
    assert_eq!(error.span, 19..36);
    assert_eq!(refused("lag <= 5").help.as_deref(), Some("write a unit: `5s` or `5ms`"));
    assert_eq!(refused("offered > 10").help.as_deref(), Some("write `10/s`"));
    assert_eq!(refused("backlog > 10/s").help.as_deref(), Some("`rate(backlog, 30s)` is per second"));
    for fine in [
        "lag == 0",
        "1 - success <= 1%",
        "backlog <= 10k",
        "backlog / (goodput + 1/s) < 5s",
        "offered * lag < 100",
        "region.north.ok / offered >= 50%",
        "latency.p99 <= 2 * latency.p50 + 10ms",
        "rate(backlog, 30s) <= 5/s or not count(fault.*, 10m) > 2",
        "quantile(latency.p95, 99.9%, 1m) < 1s",
        "last(success, 10s) >= 1 - 0.5%",
        "seen.west-europe.api.up == 1",
    ] {
        parse(fine);
    }
}

#[test]
fn a_share_is_never_compared_with_a_bare_number() {
    for (text, help) in [
        ("errors <= 5", "write `5%`"),
        ("success >= 99.9", "write `99.9%`"),
        ("0.99 <= success", "write `99%`"),
        ("success == 1", "write `100%` for the whole, or `1%`"),
        ("success * 3 == 2", "write `2%`"),
        ("errors + 1 <= 200%", "write `100%` for the whole, or `1%`"),
        ("quantile(success, 0.99, 5s) > 1%", "write `99%`"),
    ] {
        let error = refused(text);
        assert_eq!(error.help, Some(format!("a share needs its unit: {help}")), "{text}: {error}");
    }
    assert_eq!(refused("backlog <= 5%").message, "`backlog` is a count, `5%` is a share: they cannot be compared");
    for fine in ["errors <= 0", "1 - success <= 1%", "success * backlog <= 5", "region.north.ok / offered >= 50%"] {
        parse(fine);
    }
}

#[test]
fn a_misused_function_shows_its_use() {
    for (text, message, help) in [
        ("rate(offered, 30s) > 0", "`rate` needs a count", "it is already per second: `mean(offered, 30s)`"),
        ("mean(success) > 99%", "`mean` takes 2 arguments, not 1", "write `mean(success, 1m)`"),
        ("meen(success, 1m) > 99%", "unknown function `meen`", "write `mean(success, 1m)`"),
        ("mean(success, 100ms) > 99%", "the window is too short", "signals hold one value per second"),
        ("success", "`success` is a share, not a statement", "compare it: `success >= …`"),
        ("(success > 1%) + 1 > 2", "expected a value, but this is true or false", "compare values"),
        ("mean > 1", "`mean` is a function", "write `mean(success, 1m)`"),
        ("succes >= 99%", "unknown signal `succes`", "did you mean `success`?"),
        ("count(fault.drak, 1m) > 0", "unknown event `fault.drak`", "did you mean `fault.dark`?"),
    ] {
        let error = refused(text);
        assert!(error.message.starts_with(message), "{text}: {}", error.message);
        assert!(error.help.as_ref().unwrap().starts_with(help), "{text}: {:?}", error.help);
    }
    assert_eq!(refused("mean(success, 5%) > 1%").message, "expected a window such as `30s`, not `5%`");
    assert_eq!(refused("quantile(success, 0%, 5s) > 1%").message, "expected a share such as `99%`, not `0%`");
}

#[test]
fn a_value_exactly_on_the_threshold_is_on_it() {
    // 2/3 is less than 66.666666667 % and more than 66.666666666 %: a rounded comparison would call one of them equal.
    let record = Fixture::new(9).signal("success", SignalUnit::Ratio, &[(0, 2, 3), (3, 999, 1000), (6, 0, 0)]).record();
    let truth = |text: &str, s| parse(text).evaluate(&record).unwrap().at(at(s)).truth;
    assert_eq!(truth("success < 66.6666667%", 0), Some(true));
    assert_eq!(truth("success > 66.6666666%", 0), Some(true));
    assert_eq!(truth("success >= 99.9%", 3), Some(true));
    assert_eq!(truth("success > 99.9%", 3), Some(false));
    assert_eq!(truth("success == 99.9%", 3), Some(true));
    assert_eq!(truth("success * 3 == 200%", 0), Some(true));
    assert_eq!(truth("(success / 3 + success / 3 + success / 3) * 3 != 200%", 0), Some(false));
}

#[test]
fn missing_data_is_neither_good_nor_bad() {
    let points = [(0, 1, 1), (3, 0, 0)];
    let record = Fixture::new(9).signal("success", SignalUnit::Ratio, &points).record();
    let truth = |text: &str| parse(text).evaluate(&record).unwrap().at(at(5)).truth;
    assert_eq!(truth("success >= 99%"), None);
    assert_eq!(truth("not success >= 99%"), None);
    assert_eq!(truth("success >= 99% or count(fault.*, 10s) == 0"), Some(true), "true with anything is true");
    assert_eq!(truth("success >= 99% and count(fault.*, 10s) > 0"), Some(false), "false with anything is false");
    assert_eq!(truth("success >= 99% or count(fault.*, 10s) > 0"), None);
    assert_eq!(truth("1 / count(fault.*, 10s) > 0"), None, "a quotient by zero is missing");
    assert_eq!(truth("last(success, 2s) == 100%"), None);
    assert_eq!(truth("last(success, 3s) == 100%"), Some(true));
    assert_eq!(parse("lag < 5s").unrecorded(&record), ["db.orders.lag"]);
}

#[test]
fn a_number_that_does_not_fit_is_an_error_and_not_a_rounded_number() {
    let sample = (0, (1 << 62) - 57, (1 << 62) - 1);
    let record = Fixture::new(9).signal("success", SignalUnit::Ratio, &[sample]).record();
    assert!(parse("success * success * success > 1%").evaluate(&record).is_err());
    assert!(parse("success > 1%").evaluate(&record).is_ok());
    assert!(parse("success * success > 99%").evaluate(&record).unwrap().at(at(1)).truth == Some(true));
}

#[test]
fn slack_is_in_units_of_the_bound_unless_a_scale_is_given() {
    let record = Fixture::new(9).signal("db.orders.lag", SignalUnit::Nanoseconds, &[(0, 4_000_000_000, 1)]).record();
    let slack = |e: Expression| e.evaluate(&record).unwrap().at(at(0)).slack.unwrap();
    assert_eq!(slack(parse("lag <= 5s")), 0.2);
    assert_eq!(slack(parse("lag >= 5s")), -0.2);
    assert_eq!(slack(parse("lag == 0")), -4.0);
    assert_eq!(slack(parse("lag <= 5s").scaled("500ms").unwrap()), 2.0);
    assert!(parse("lag <= 5s").scaled("5%").is_err());
    assert!(parse("lag <= 5s").scaled("0s").is_err());
    assert!(!parse("lag <= 5s and success > 1%").has_one_unit());
    assert_eq!(parse("lag <= 5s").value_at(&record, at(0)).as_deref(), Some("4s"));
}

/// 100 requests a second; from 10 s on nobody is answered, from 20 s on all but 2 %, from 30 s on all.
fn survivors() -> Record {
    let latency = [(0, 20_000_000, 1), (10, 0, 0), (20, 20_000_000, 1)];
    let mut fixture = Fixture::new(39).signal(
        "success",
        SignalUnit::Ratio,
        &[(0, 100, 100), (10, 0, 100), (20, 98, 100), (30, 100, 100)],
    );
    for name in ["latency.p50", "latency.p95", "latency.p99"] {
        fixture = fixture.signal(name, SignalUnit::Nanoseconds, &latency);
    }
    fixture.record()
}

#[test]
fn a_service_is_not_judged_by_the_few_it_still_answered() {
    let record = survivors();
    let truth = |text: &str, s| parse(text).evaluate(&record).unwrap().at(at(s)).truth;
    for (text, at_15, at_25, at_35) in [
        ("latency.p99 <= 1s", Some(false), Some(false), Some(true)),
        ("latency.p99 > 1s", Some(true), Some(true), Some(false)),
        ("latency.p95 <= 1s", Some(false), Some(true), Some(true)),
        ("latency.p50 <= 1s", Some(false), Some(true), Some(true)),
        ("max(latency.p99, 4s) <= 1s", Some(false), Some(false), Some(true)),
        ("mean(latency.p99, 4s) <= 1s", Some(false), Some(false), Some(true)),
        ("p95(latency.p99, 4s) <= 1s", Some(false), Some(false), Some(true)),
        ("last(latency.p99, 4s) <= 1s", Some(false), Some(false), Some(true)),
        ("latency.p99 + latency.p50 <= 1s", Some(false), Some(false), Some(true)),
        ("2 * latency.p99 <= 1s", Some(false), Some(false), Some(true)),
        ("latency.p99 / 2 <= 1s", Some(false), Some(false), Some(true)),
        ("latency.p99 - latency.p95 <= 1s", Some(false), Some(false), Some(true)),
        ("latency.p99 <= 2 * latency.p50", Some(false), Some(false), Some(true)),
        ("latency.p99 / latency.p50 <= 200%", Some(false), Some(false), Some(true)),
        ("5s - latency.p99 >= 4s", Some(false), Some(false), Some(true)),
        ("not latency.p99 > 2 * latency.p50", Some(false), Some(false), Some(true)),
        ("latency.p99 <= 2 * latency.p50 or success < 50%", Some(true), Some(false), Some(true)),
    ] {
        assert_eq!((truth(text, 15), truth(text, 25), truth(text, 35)), (at_15, at_25, at_35), "{text}");
    }
    let denied = |text: &str, s| parse(text).evaluate_denied(&record).unwrap().at(at(s)).truth;
    for (s, holds) in [(15, Some(true)), (25, Some(true)), (35, Some(false))] {
        assert_eq!(denied("latency.p99 > 2 * latency.p50", s), holds, "who says never is not helped either, at {s}");
    }
    let both = parse("latency.p99 <= 2 * latency.p50").evaluate(&record).unwrap().at(at(15)).slack;
    assert_eq!(both, Some(-40.0), "further from it than anything that was seen");
    assert_eq!(truth("mean(latency.p99, 4s) <= 1s", 33), Some(false), "one without end is in the window");
    let worst = parse("latency.p99 <= 1s").evaluate(&record).unwrap().at(at(15)).slack;
    assert_eq!(worst, Some(-39.0), "as long as the run, for all that was seen");
    assert_eq!(parse("latency.p99 <= 1s").value_at(&record, at(15)).as_deref(), Some("longer than any (not answered)"));
}

/// For the planted errors.
pub(crate) const EACH: &[fn()] = &[
    units_must_agree_and_the_message_names_both_sides,
    a_share_is_never_compared_with_a_bare_number,
    a_value_exactly_on_the_threshold_is_on_it,
    a_service_is_not_judged_by_the_few_it_still_answered,
];
