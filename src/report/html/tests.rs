//! What the page must always be: whole, offline, accessible, small, and inert but for its one script, which has tests of its
//! own.

use super::*;
use crate::explore;
use crate::outcome::fixture;
use crate::record::{Sample, Signal, SignalUnit, Viewpoint};
use crate::units::{Instant, Span};

fn written(outcome: &Outcome) -> String {
    String::from_utf8(Html.run(outcome, Look::PLAIN)).unwrap()
}

/// The page without its script, and without what that reads.
fn without_script(text: &str) -> String {
    let (first, rest) = text.split_once("<script").unwrap_or((text, ""));
    let after = rest.split("<script").filter_map(|part| part.split_once("</script>"));
    first.chars().chain(after.flat_map(|(_, after)| after.chars())).collect()
}

fn campaign() -> String {
    let campaign = explore::run(0..4, None, fixture::spaced).unwrap();
    String::from_utf8(Html.campaign(&campaign, Look::PLAIN)).unwrap()
}

#[test]
fn every_part_of_the_outcome_has_its_place_and_order() {
    let text = written(&fixture::outage(7));
    let mut from = 0;
    for part in [
        "<h1>West Europe goes dark</h1>",
        "</span>NO-GO</h2>",
        "no_loss: orders: 18 of 615 acknowledged writes",
        "fault `cold` affected nothing",
        "<b>4m 43.1s</b><span>objective 6m, after dark</span>",
        "id=\"timeline\"",
        "2m of 2m, over budget",
        "id=\"service\"",
        "DNS share by target",
        "id=\"recovery\"",
        "decide 3m 37.7s",
        "id=\"ledger\"",
        "18 held by westeurope",
        "id=\"properties\"",
        "failed, as expected",
        "id=\"faults\"",
        "2 faults had no effect",
        "id=\"assumptions\"",
        "values chosen",
        "monitoring.scrape",
        "id=\"provenance\"",
        "firedrill run src/outcome/fixture/dark.yaml --seed 7 --set dns.ttl=20s",
    ] {
        let found = text[from..].find(part);
        assert!(found.is_some(), "{part:?} is missing, or before its place");
        from += found.unwrap();
    }
}

#[test]
fn the_page_asks_nobody_for_anything_and_its_policy_forbids_it() {
    for text in [written(&fixture::outage(7)), campaign(), written(&fixture::hostile("https://x.example/y.png"))] {
        let style = &text[text.find("<style>").unwrap() + 7..text.find("</style>").unwrap()];
        let policy = format!("default-src 'none'; style-src 'sha256-{}'", checksum(style));
        assert!(text.contains(&policy), "the policy allows exactly the style of the page");
        assert!(!style.contains("url(") && !style.contains("@import"));
        let text = without_script(&text);
        let tags = || text.split('<').skip(1).map(|rest| format!("<{}", rest.split('>').next().unwrap()));
        for word in ["<script", " src=", "<link", "<iframe", "<object", "<base", " style=", "javascript:"] {
            assert!(!tags().any(|tag| tag.contains(word)), "{word}");
        }
        let handler = |name: &str| name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('=');
        assert!(!tags().any(|tag| tag.split(" on").skip(1).any(handler)), "no event handlers");
        let links = text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        links.for_each(|link| assert!(link.starts_with('#'), "{link} leads out of the page"));
    }
}

#[test]
fn a_page_has_landmarks_headings_in_order_named_ids_and_table_heads() {
    for text in [without_script(&written(&fixture::outage(7))), campaign()] {
        for part in ["<html lang=\"en\">", "<main id=\"report\">", "<header>", "<nav aria-label=", "class=\"skip\""] {
            assert_eq!(text.matches(part).count(), 1, "{part}");
        }
        let levels: Vec<u32> = text.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)).collect();
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        let mut ids: Vec<&str> = text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "no id twice");
        for attribute in ["aria-labelledby=\"", "href=\"#"] {
            let targets = text.split(attribute).skip(1).flat_map(|rest| rest.split('"').next().unwrap().split(' '));
            targets.for_each(|target| assert!(ids.binary_search(&target).is_ok(), "{target} leads nowhere"));
        }
        let tables = text.matches("<table").count();
        assert!(tables > 10 && text.matches("<caption>").count() == tables, "{tables} tables");
        assert_eq!(text.matches("<svg").count(), text.matches("role=\"img\"").count());
    }
}

#[test]
fn what_is_printed_can_be_chosen_and_by_default_the_long_parts_are_left_out() {
    let text = written(&fixture::outage(7));
    assert!(text.contains("<input type=\"checkbox\" id=\"print-all\">"), "a choice without a script");
    let style = &text[text.find("<style>").unwrap()..text.find("</style>").unwrap()];
    let unmarked = style.split(":root:has(#print-all:not(:checked)) section:is(").nth(1).unwrap();
    let (parts, rest) = unmarked.split_once("){").unwrap();
    assert!(rest.starts_with("display:none}"), "{rest}");
    // Every part that a reader may jump to but for what a board reads, and nothing that is not there.
    let left_out: Vec<&str> = parts.split(',').map(|part| part.split(['=', ']']).nth(1).unwrap()).collect();
    let kept = ["numbers", "properties", "provenance"];
    let all: Vec<&str> = super::run::CONTENTS.iter().map(|(id, _)| *id).filter(|id| !kept.contains(id)).collect();
    assert_eq!(left_out, [&all[..], &["seeds"]].concat());
    let board = &text[text.find("<div class=\"board\">").unwrap()..text.find("id=\"timeline\"").unwrap()];
    assert!(board.contains("id=\"board-chart-w-t\"") && board.matches("<tr role").count() <= 21, "{board}");
    assert!(board.contains("more moments are on the page"), "it says what it leaves out");
    let mut many = fixture::outage(7);
    many.properties = vec![many.properties[0].clone(); 20];
    many.warnings = vec![String::new(); 9];
    let text = written(&many);
    for more in ["<p class=\"on-paper\">6 more are on the page.", "<p class=\"on-paper\">3 more are on the page."] {
        assert!(text.contains(more), "{more}");
    }
    let hidden = |part: &str, most: usize| format!("{part} tr:nth-child(n+{}){{display:none}}", most + 1);
    assert!(style.contains(&hidden("tbody", super::board::MOST_PROPERTIES)), "the style sheet hides the same");
    assert!(style.contains(&format!("li:nth-child(n+{}){{display:none}}", super::board::MOST_WARNINGS + 1)));
}

#[test]
fn the_paper_for_a_change_board_is_a_page_like_the_others() {
    let campaign = explore::run(0..4, None, fixture::spaced).unwrap();
    let pages = [ChangePage.run(&fixture::outage(7), Look::PLAIN), ChangePage.campaign(&campaign, Look::PLAIN)];
    for text in pages.map(|page| String::from_utf8(page).unwrap()) {
        for part in
            ["id=\"gates\"", "id=\"way-back\"", "id=\"steps\"", "id=\"people\"", "id=\"hangs-on\"", "</span>NO-GO</h2>"]
        {
            assert_eq!(text.matches(part).count(), 1, "{part}");
        }
        assert!(text.contains("default-src 'none'") && !text.contains("<script") && !text.contains("src=\""));
        assert_eq!(text.matches("<svg").count(), 2, "the steps on the clock, for both widths");
        let mut ids: Vec<&str> = text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "no id twice");
    }
}

#[test]
fn colours_can_be_chosen_and_paper_shows_what_is_closed() {
    let text = written(&fixture::outage(7));
    let style = &text[text.find("<style>").unwrap()..text.find("</style>").unwrap()];
    for (theme, page) in [("light", "--page:#ffffff"), ("dark", "--page:#12161b")] {
        let chosen =
            style.split(&format!(":root:has(#theme-{theme}:checked){{")).nth(1).unwrap().split('}').next().unwrap();
        assert!(chosen.contains(page) && chosen.contains(&format!("color-scheme:{theme}")), "{chosen}");
        assert!(text.contains(&format!("id=\"theme-{theme}\"")));
    }
    let print = &style[style.rfind("@media print").unwrap()..];
    assert!(text.contains("<details") && print.contains("details::details-content{content-visibility:visible"));
}

/// Relative luminance and contrast as WCAG 2.2 defines them; text needs 4.5, what pictures consist of needs 3.
#[test]
fn colours_can_be_told_apart_in_light_and_dark() {
    let luminance = |hex: &str| {
        let part = |i: usize| {
            let c = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let schemes: Vec<&str> = svg::COLORS.split(":root{").skip(1).collect();
    assert_eq!(schemes.len(), 3, "light, dark, print");
    for scheme in schemes {
        let color = |name: &str| {
            let rest = scheme.split(&format!("--{name}:")).nth(1).unwrap_or_else(|| panic!("no {name}"));
            luminance(&rest[..7])
        };
        let contrast = |a: &str, b: &str| {
            let (a, b) = (color(a), color(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for (text, ground) in [
            ("ink", "page"),
            ("ink", "card"),
            ("soft", "page"),
            ("soft", "card"),
            ("link", "page"),
            ("go", "page"),
            ("stop", "page"),
            ("odd", "page"),
            ("go", "go-page"),
            ("stop", "stop-page"),
            ("odd", "odd-page"),
            ("ink", "stop-page"),
            ("ink", "odd-page"),
            ("stop", "card"),
            ("fault", "page"),
            ("on-bar", "p1"),
            ("on-bar", "p2"),
            ("on-bar", "p3"),
            ("on-bar", "p4"),
            ("on-bar", "fault"),
            ("on-bar", "stop"),
            ("on-bar", "s1"),
            ("on-bar", "odd"),
        ] {
            assert!(contrast(text, ground) >= 4.5, "{text} on {ground}: {:.2}", contrast(text, ground));
        }
        for graphic in ["s1", "s2", "s3", "s4", "idle", "budget", "focus"] {
            assert!(contrast(graphic, "page") >= 3.0, "{graphic}: {:.2}", contrast(graphic, "page"));
        }
    }
}

/// What the long page has noise on, one of each kind of chart. Five more come beside them.
const NOISY: [&str; 22] = [
    "attempts",
    "db.orders.lag",
    "db.orders.westeurope.position",
    "db.orders.writable",
    "dns.share.northeurope",
    "dns.share.westeurope",
    "errors",
    "failed.dark",
    "failed.limited",
    "failed.timed_out",
    "goodput",
    "latency.p50",
    "latency.p95",
    "latency.p99",
    "offered",
    "region.northeurope.ok",
    "region.westeurope.ok",
    "seen.westeurope.api.errors",
    "seen.westeurope.api.up",
    "service.northeurope.api.busy",
    "service.northeurope.api.queue",
    "success",
];

/// Three days of noise on those signals, a fault every two hours, every list full.
#[test]
fn a_page_of_three_days_stays_below_two_megabytes() {
    let hours = 72;
    let mut outcome = fixture::outage(7);
    outcome.record.end = Instant::from_secs(hours * 3_600);
    outcome.record.workload_end = outcome.record.end;
    outcome.record.signals.retain(|signal| NOISY.contains(&signal.name.as_str()));
    assert_eq!(outcome.record.signals.len(), NOISY.len());
    for signal in &mut outcome.record.signals {
        let mut noisy = Signal::new(signal.name.clone(), signal.unit, signal.view);
        (0..hours * 3_600).for_each(|t| noisy.set(Instant::from_secs(t), noise(t, signal.unit)));
        *signal = noisy;
    }
    for name in ["service.a.x.queue", "service.b.x.queue", "service.c.x.queue", "db.users.lag", "dns.share.c"] {
        let mut noisy = Signal::new(name, SignalUnit::Count, Viewpoint::Truth);
        (0..hours * 3_600).for_each(|t| noisy.set(Instant::from_secs(t), noise(t + 7, SignalUnit::Count)));
        outcome.record.signals.push(noisy);
    }
    for i in 1..hours / 2 {
        let mut fault = outcome.record.faults[0].clone();
        (fault.at, fault.healed) = (Some(Instant::from_secs(i * 7_200)), Some(Instant::from_secs(i * 7_200 + 600)));
        outcome.record.faults.push(fault);
        let mut recovery = outcome.recovery[0].clone();
        recovery.at = Instant::from_secs(i * 7_200);
        outcome.recovery.push(recovery);
        let mut lap = outcome.record.laps[0].clone();
        (lap.run, lap.start, lap.took) = (i as u32 + 1, Instant::from_secs(i * 7_200 + 90), Span::from_secs(30));
        outcome.record.laps.push(lap);
    }
    let write = outcome.record.stores[0].lost[0].clone();
    outcome.record.stores[0].lost = vec![write; 1_000];
    for i in 0..20_000 {
        outcome.record.timeline.push_told(
            Instant::from_secs(2_000 + i),
            crate::record::Actor::World,
            "tick",
            "x".repeat(99),
        );
    }
    let text = written(&outcome);
    assert!(text.len() < 2_000_000, "{} bytes", text.len());
    assert!(text.contains(">19,905 more; <code>results.json</code> has them all"), "it says what it left out");
}

/// Something between 0 and 1 that looks random and is the same everywhere.
fn noise(t: u64, unit: SignalUnit) -> Sample {
    let part = (t * 7_919 % 1_009) * (t / 60 % 13);
    match unit {
        SignalUnit::Ratio => Sample::quotient(part, 13 * 1_009),
        SignalUnit::Nanoseconds => Sample::count(part * 1_000_000),
        SignalUnit::Count | SignalUnit::PerSecond => Sample::count(part),
    }
}

#[test]
fn a_campaign_shows_the_spread_and_its_worst_run() {
    let text = campaign();
    assert!(
        text.contains("no_loss failed in all 4 runs; 2 of 3 properties held in every run."),
        "the answer over all runs"
    );
    assert!(text.contains("Recovery time after dark") && text.contains("The worst run: seed 3"));
    assert!(text.contains("seed 2: 4m 40s"), "every dot says which seed it is");
    let clean = explore::run(0..30, None, fixture::quiet).unwrap();
    let text = String::from_utf8(Html.campaign(&clean, Look::PLAIN)).unwrap();
    assert!(text.contains("with 95% confidence, less than 9.5% of such runs fail"), "{}", &text[..9_000]);
}

#[test]
fn the_page_of_the_fixture_is_the_golden_one() {
    crate::report::golden::check("report.html", &Html.run(&fixture::outage(7), Look::PLAIN));
}
