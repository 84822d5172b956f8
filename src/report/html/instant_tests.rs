//! What the page's script and its data must always be: the ones that the policy names, harmless, small, and true.

use super::super::{Html, checksum};
use super::SCRIPT;
use crate::outcome::{Outcome, fixture};
use crate::record::{Sample, Signal, SignalUnit};
use crate::report::hostile::POISON;
use crate::report::view::charts;
use crate::report::{Format, Look};
use crate::units::{Instant, Span};
use serde_json::Value;

fn page(outcome: &Outcome) -> String {
    String::from_utf8(Html.run(outcome, Look::PLAIN)).unwrap()
}

/// What stands in the element that begins with `start`.
fn inside<'a>(page: &'a str, start: &str) -> &'a str {
    let after = page.split(start).nth(1).unwrap_or_else(|| panic!("no {start}"));
    after.split("</script").next().unwrap()
}

fn data(outcome: &Outcome) -> Value {
    serde_json::from_str(inside(&page(outcome), "<script id=\"run\" type=\"application/json\">")).unwrap()
}

/// The values of a line over the stretch, one for each cell.
fn values(line: &Value, stretch: usize) -> Vec<Option<f64>> {
    let tokens = line[2][stretch].as_str().unwrap().split(' ');
    tokens
        .flat_map(|token| {
            let (value, times) = token.split_once('*').unwrap_or((token, "1"));
            vec![value.parse().ok(); times.parse().unwrap()]
        })
        .collect()
}

#[test]
fn the_policy_names_the_one_script_by_the_checksum_of_its_bytes() {
    for outcome in [fixture::outage(7), fixture::quiet(7), fixture::hostile(POISON[0])] {
        let page = page(&outcome);
        let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
        let allowed: Vec<_> = policy.split("; ").filter(|part| part.starts_with("script-src")).collect();
        let script = inside(&page, "<script>");
        assert_eq!(allowed, [format!("script-src 'sha256-{}'", checksum(script))]);
        assert_eq!(script, SCRIPT);
        assert_eq!(
            (page.matches("<script").count(), page.matches("</script").count()),
            (2, 2),
            "the data and the script"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[test]
fn the_script_makes_no_markup_of_text_and_asks_nobody() {
    for word in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
        "import(",
        "</",
        "<!--",
    ] {
        assert!(!SCRIPT.contains(word), "{word}");
    }
}

#[test]
fn no_name_ends_the_data_or_becomes_more_than_text() {
    let poisons = POISON.into_iter().chain(["</script><script>alert(1)</script>", "<!--<script>", "]]>\u{2028}-->"]);
    for poison in poisons {
        let outcome = fixture::hostile(poison);
        let page = page(&outcome);
        let text = inside(&page, "<script id=\"run\" type=\"application/json\">");
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{poison:?}");
        let data: Value = serde_json::from_str(text).unwrap();
        let names: Vec<_> =
            data["tracks"].as_array().unwrap().iter().map(|track| track["name"].as_str().unwrap()).collect();
        assert!(names.iter().any(|name| name.starts_with("Copies of")), "{names:?}");
        assert_eq!((page.matches("<script").count(), page.matches("<!--").count()), (2, 0), "{poison:?}");
    }
}

/// Second by second, where the page goes from change to change: what is looked at here changes with the second.
fn expected(signal: &Signal, from: u64, to: u64) -> Option<f64> {
    let known: Vec<Sample> =
        (from..to).map(|second| signal.at(Instant::from_secs(second))).filter(|s| s.whole > 0).collect();
    let value = |s: &Sample| s.part as f64 / s.whole as f64;
    let weight = |s: &Sample| if signal.unit == SignalUnit::Ratio { s.whole as f64 } else { 1.0 };
    let total: f64 = known.iter().map(weight).sum();
    let scale = if signal.unit == SignalUnit::Nanoseconds { 1e6 } else { 1.0 };
    (!known.is_empty()).then(|| known.iter().map(|s| value(s) * weight(s)).sum::<f64>() / total / scale)
}

#[test]
fn what_is_embedded_are_the_figures_of_the_record() {
    let outcome = fixture::outage(7);
    let data = data(&outcome);
    let (drawn, mut compared) = (charts(&outcome), 0);
    for (chart, embedded) in drawn.iter().zip(data["charts"].as_array().unwrap()) {
        assert_eq!(embedded["slug"], chart.slug);
        for (line, embedded) in chart.lines.iter().zip(embedded["lines"].as_array().unwrap()) {
            assert_eq!(embedded[0], line.name.as_str());
            if line.signal.points().any(|(at, _)| !at.as_nanos().is_multiple_of(1_000_000_000)) {
                continue;
            }
            for (stretch, window) in data["windows"].as_array().unwrap().iter().enumerate() {
                let [from, to, cell] = [0, 1, 2].map(|i| window[i].as_f64().unwrap() as u64);
                let values = values(embedded, stretch);
                for (i, value) in values.iter().enumerate().filter(|(i, _)| (*i as u64 + 1) * cell <= to - from) {
                    let at = from + i as u64 * cell;
                    let expected = expected(line.signal, at, at + cell);
                    let agree = match (*value, expected) {
                        (Some(value), Some(expected)) => (value - expected).abs() <= expected.abs() * 5.01e-4,
                        (value, expected) => value == expected,
                    };
                    assert!(agree, "{} at {at}s: {value:?}, not {expected:?}", line.signal.name);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 5_000, "{compared} values");
}

fn track<'a>(data: &'a Value, name: &str) -> &'a Value {
    let tracks = data["tracks"].as_array().unwrap();
    tracks.iter().find(|track| track["name"] == name).unwrap_or_else(|| panic!("no {name} in {tracks:#?}"))
}

/// What the track says at an instant.
fn state(data: &Value, name: &str, at: f64) -> String {
    let states = track(data, name)["states"].as_array().unwrap();
    states.iter().rev().find(|state| state[0].as_f64().unwrap() <= at).unwrap()[1].as_str().unwrap().to_owned()
}

#[test]
fn the_gaps_of_what_control_believed_are_those_it_is_judged_by() {
    let outcome = fixture::outage(7);
    let data = data(&outcome);
    assert!(!outcome.misjudged.is_empty());
    for judged in &outcome.misjudged {
        let gaps = track(&data, &format!("Control believed of {}", judged.region))["gaps"].as_array().unwrap();
        let total = |missed: bool| -> f64 {
            let wanted = gaps.iter().filter(|gap| gap[2] == missed);
            wanted.map(|gap| gap[1].as_f64().unwrap() - gap[0].as_f64().unwrap()).sum()
        };
        let close = |a: f64, b: Span| (a - b.as_secs_f64()).abs() < 1e-6;
        assert!(close(total(true), judged.missed) && close(total(false), judged.false_alarm), "{gaps:?} {judged:?}");
        assert!(judged.missed > Span::ZERO);
    }
}

#[test]
fn at_any_instant_the_page_says_what_was_true_seen_believed_and_stored() {
    let outcome = fixture::outage(7);
    let data = data(&outcome);
    let record = &outcome.record;
    let detected =
        record.timeline.events().iter().find(|event| event.name == "watch.detected").unwrap().at.as_secs_f64();
    let believed = |at: f64| state(&data, "Control believed of westeurope", at);
    assert_eq!([believed(detected - 0.1), believed(detected)], ["it is healthy", "it is down"]);
    let fault = record.faults[0].at.unwrap().as_secs_f64();
    assert_eq!(state(&data, "In truth", fault - 0.1), "no fault is in effect");
    assert!(state(&data, "In truth", fault).starts_with("in effect: dark (region_outage)"));
    let monitoring = |at: f64| state(&data, "Monitoring saw of westeurope", at);
    assert!(monitoring(fault - 0.1).starts_with("1 of 1 service up"), "{}", monitoring(fault - 0.1));
    assert!(monitoring(detected).starts_with("0 of 1 service up"), "{}", monitoring(detected));
    assert_eq!(state(&data, "Clients saw", fault + 5.0), "most requests are not served");
    for lap in record.laps.iter().filter(|lap| lap.took > Span::ZERO) {
        let during = lap.start.as_secs_f64() + lap.took.as_secs_f64() / 2.0;
        assert!(state(&data, "Control did", during).contains(&format!("{} › {}", lap.procedure, lap.step)));
    }
    for store in &record.stores {
        let copies = track(&data, &format!("Copies of {}", store.store));
        for copy in &store.copies {
            let line = copies["lines"].as_array().unwrap().iter();
            let line = line.clone().find(|line| line[0] == format!("{} at", copy.region)).unwrap();
            let signal = record.signal(&format!("db.{}.{}.position", store.store, copy.region)).unwrap();
            assert_eq!(signal.at(record.end), Sample::count(copy.applied_lsn), "{} in {}", store.store, copy.region);
            let last = data["windows"].as_array().unwrap().len() - 1;
            let [to, cell] = [1, 2].map(|i| data["windows"][last][i].as_f64().unwrap() as u64);
            let values = values(line, last);
            // In the middle of the run, where a cell is a whole one.
            let middle = values.len() as u64 / 2;
            let expected = expected(signal, middle * cell, (middle + 1) * cell).unwrap();
            assert!(middle * cell < to && expected > 0.0);
            assert!((values[middle as usize].unwrap() - expected).abs() <= expected * 5.01e-4, "{values:?}");
        }
    }
}
