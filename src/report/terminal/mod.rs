//! The terminal summary: what to read at 3 a.m.
//!
//! Owns the layout. Readable without colour and without Unicode; whether to use either is the caller's choice.

mod campaign;
mod canvas;
mod compared;
mod run;

use super::{Format, Look};
use crate::explore::Campaign;
use crate::outcome::{Outcome, Verdict};
use canvas::Paint;

pub(super) use compared::render as compared;

pub(super) struct Terminal;

impl Format for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }
    fn file(&self) -> Option<&'static str> {
        None
    }
    fn run(&self, outcome: &Outcome, look: Look) -> Vec<u8> {
        run::render(outcome, look)
    }
    fn campaign(&self, campaign: &Campaign, look: Look) -> Vec<u8> {
        campaign::render(campaign, look)
    }
}

/// What was expected is never red.
const fn paint(verdict: Verdict, as_expected: bool) -> Paint {
    match (verdict, as_expected) {
        (Verdict::Pass, true) => Paint::Good,
        (Verdict::Fail, false) => Paint::Bad,
        _ => Paint::Odd,
    }
}

const fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✔",
        Verdict::Fail => "✘",
        Verdict::Inconclusive => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;
    use crate::record::{Actor, Timeline};
    use crate::report::Detail;
    use crate::units::Instant;
    use unicode_width::UnicodeWidthStr;

    fn shown(outcome: &Outcome, look: Look) -> String {
        String::from_utf8(Terminal.run(outcome, look)).unwrap()
    }

    #[test]
    fn the_summary_says_what_a_tired_reader_needs() {
        let text = shown(&fixture::outage(7), Look::PLAIN);
        for line in [
            "West Europe goes dark",
            "NO-GO: no_loss: 100 acknowledged writes of `orders` are in no surviving copy; 2 of 3 properties",
            "held; region_failover was done; clients were served again 4m 12.4s after dark.",
            "And found: 1 warning below.",
            "As the scenario expects: no_loss fails. To go ahead is to accept that.",
            "   9:12.4  T+4:12.4   recovered  dark: clients are served again after 4m 12.4s",
            "  dark  4m 12.4s = detect 1m 10s + decide 2m + act 45s + converge 17.4s, objective 15m",
            "  ✔  rto       15m     4m 12.4s  +0.72   9:12.4",
            "  ✘  no_loss   0 lost  100 lost  -1.00   5:00.0  failed, as expected",
            "  firedrill run scenarios/regions/dark.yaml --seed 7 --set dns.ttl=60s",
        ] {
            assert!(text.lines().any(|l| l == line), "{line:?} is missing from:\n{text}");
        }
        assert!(text.contains("`cold` did not bite"), "{text}");
        assert!(text.contains("100 of 240,000 acknowledged writes lost"), "{text}");
        assert!(!text.contains('\u{1b}'), "no colour unless asked for");
    }

    #[test]
    fn a_run_that_stopped_says_so_first_and_shows_no_recovery_time() {
        let text = shown(&fixture::stalled(7), Look::PLAIN);
        assert!(text.contains("UNKNOWN: the run stopped early"), "{text}");
        assert!(text.contains("not recovered when the run ended"), "{text}");
    }

    #[test]
    fn quiet_is_one_line_and_verbose_has_every_event() {
        let line = shown(&fixture::outage(7), Look { detail: Detail::Line, ..Look::PLAIN });
        assert_eq!(line.lines().filter(|line| !line.starts_with("  warning: ")).count(), 1, "{line}");
        assert!(line.starts_with("NO-GO: West Europe goes dark, seed 7: no_loss: 100 "), "{line}");
        let full = shown(&fixture::outage(7), Look { detail: Detail::Full, ..Look::PLAIN });
        assert!(full.contains("api: 96 of 100 requests failed, above 5%"), "{full}");
        assert!(!shown(&fixture::outage(7), Look::PLAIN).contains("api: 96 of 100 requests failed, above 5%"));
    }

    #[test]
    fn an_event_is_one_line_however_long_it_is() {
        let mut outcome = fixture::outage(7);
        outcome.record.timeline = Timeline::default();
        for at in 0..9 {
            let text = "a long story ".repeat(30);
            outcome.record.timeline.push_told(Instant::from_secs(at), Actor::World, "story.told", text);
        }
        for width in [40, 60, 100] {
            let text = shown(&outcome, Look { detail: Detail::Full, width, ..Look::PLAIN });
            let listed = text.split("\nEvents\n").nth(1).unwrap();
            let told: Vec<&str> = listed.lines().filter(|line| line.contains("story")).collect();
            assert_eq!(told.len(), 9, "{text}");
            assert!(told.iter().all(|line| line.width() <= width && line.ends_with('…')), "{text}");
            assert!(text.contains("cut to the width"));
        }
    }

    #[test]
    fn a_fault_that_happens_again_is_counted() {
        let mut outcome = fixture::outage(7);
        assert!(!shown(&outcome, Look::PLAIN).contains("\nFaults\n"), "the timeline has it");
        outcome.record.timeline = Timeline::default();
        for (at, name) in [(300, "fault.dark"), (400, "fault.dark.healed"), (900, "fault.dark")] {
            outcome.record.timeline.push_told(Instant::from_secs(at), Actor::Fault, name, "");
        }
        let text = shown(&outcome, Look::PLAIN);
        let row = text.lines().find(|line| line.starts_with("  dark   2 ")).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            row.split_whitespace().collect::<Vec<_>>(),
            ["dark", "2", "5:00.0", "15:00.0", "27m", "40s", "31,004"]
        );
    }

    #[test]
    fn hostile_text_stays_text_at_any_width() {
        let poison = format!("\u{1b}]0;x\u{7}\u{202e}evil\r\n\n# {}\u{9b}2J", "長".repeat(200));
        for width in [40, 80, 100] {
            for detail in [Detail::Line, Detail::Summary, Detail::Full] {
                let text = shown(&fixture::hostile(&poison), Look { width, detail, ..Look::PLAIN });
                assert!(text.chars().all(|c| c == '\n' || !crate::report::text::acts_on_a_reader(c)));
                assert!(!text.lines().any(|l| l.starts_with('#')), "user text cannot start a line of its own");
            }
        }
    }

    #[test]
    fn ascii_output_is_ascii_and_narrow_output_is_narrow() {
        let text = shown(&fixture::outage(7), Look { ascii: true, detail: Detail::Full, ..Look::PLAIN });
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("[FAIL]  no_loss"), "{text}");
        let look = Look { width: 60, ..Look::PLAIN };
        let wide: Vec<_> =
            shown(&fixture::outage(7), look).lines().filter(|l| l.width() > 60).map(str::to_owned).collect();
        assert_eq!(
            wide,
            ["  firedrill run scenarios/regions/dark.yaml --seed 7 --set dns.ttl=60s"],
            "only the command"
        );
    }

    #[test]
    fn a_campaign_shows_counts_the_spread_and_the_worst_seed() {
        let rehearse = |seed| {
            assert!(seed != 2, "broken");
            fixture::outage(seed)
        };
        let campaign = explore::run(0..5, None, rehearse).unwrap();
        let text = String::from_utf8(Terminal.campaign(&campaign, Look::PLAIN)).unwrap();
        assert!(text.contains("NO-GO: no_loss failed in 4 of 5 runs; 2 of 3 properties held in every run."), "{text}");
        assert!(text.contains("Differs from what the scenario expects in 1 of 5 runs."), "{text}");
        assert!(text.contains("5 runs: 4 fail, 1 internal error."), "{text}");
        assert!(text.contains("seed 2: internal error: broken"), "{text}");
        assert!(text.contains("--seed 4"), "{text}");
    }
}
