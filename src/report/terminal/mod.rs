//! The terminal summary: what to read at 3 a.m.
//!
//! Owns the layout. Readable without colour and without Unicode; whether to use either is the caller's choice.

mod campaign;
mod canvas;
mod compared;
mod comparison;
mod matrix;
mod run;

use super::{Format, Look};
use crate::explore::Campaign;
use crate::outcome::{Outcome, Verdict};
use canvas::Paint;

pub(super) use compared::render as compared;
pub(super) use comparison::render as comparison;
pub(super) use matrix::render as matrix;

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
            "NO-GO: no_loss: orders: 18 of 615 acknowledged writes are not in the history that leads (18 held by",
            "clients were served again 4m 43.1s after dark.",
            "And found: 4 warnings below.",
            "As the scenario expects: no_loss fails. To go ahead is to accept that.",
            "  5:43.0  T+4:43.0  recovered  dark: clients are served again after 4m 43.1s",
            "  dark  4m 43.1s = detect 5.1s + decide 3m 37.7s + act 59.6s + converge 735ms, objective 6m",
            "  ✔  rto       6m      4m 43.1s                        +0.21   5:43.0",
            "  ✘  no_loss   0 lost  18 lost (14 visible), RPO 4.5s  -0.03   0:55.4  failed, as expected",
            "  firedrill run src/outcome/fixture/dark.yaml --seed 7 --set dns.ttl=20s",
        ] {
            assert!(text.lines().any(|l| l == line), "{line:?} is missing from:\n{text}");
        }
        assert!(text.contains("`cold` affected nothing"), "{text}");
        assert!(text.contains("18 of 615 acknowledged writes lost"), "{text}");
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
        assert!(line.starts_with("NO-GO: West Europe goes dark, seed 7: no_loss: orders: 18 "), "{line}");
        let full = shown(&fixture::outage(7), Look { detail: Detail::Full, ..Look::PLAIN });
        assert!(full.contains("westeurope is degraded: api degraded"), "{full}");
        assert!(!shown(&fixture::outage(7), Look::PLAIN).contains("westeurope is degraded: api degraded"));
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
        for (at, name) in [(60, "fault.dark"), (100, "fault.dark.healed"), (300, "fault.dark")] {
            outcome.record.timeline.push_told(Instant::from_secs(at), Actor::Fault, name, "");
        }
        let text = shown(&outcome, Look::PLAIN);
        let row = text.lines().find(|line| line.starts_with("  dark   2 ")).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["dark", "2", "1:00.0", "5:00.0", "3m", "40s", "6,262"]);
    }

    #[test]
    fn hostile_text_stays_text_at_any_width() {
        let poison = format!("\u{1b}]0;x\u{7}\u{202e}evil\r\n\n# {}\u{9b}2J", "長".repeat(200));
        let cleaned = fixture::hostile(&crate::report::text::clean(&poison));
        for width in [40, 80, 100] {
            for detail in [Detail::Line, Detail::Summary, Detail::Full] {
                let look = Look { width, detail, ..Look::PLAIN };
                let text = shown(&fixture::hostile(&poison), look);
                assert!(text.chars().all(|c| c == '\n' || !crate::report::text::acts_on_a_reader(c)));
                assert_eq!(text, shown(&cleaned, look), "its line ends are blanks, so it starts no line of its own");
            }
        }
    }

    #[test]
    fn ascii_output_is_ascii_and_narrow_output_is_narrow() {
        let text = shown(&fixture::outage(7), Look { ascii: true, detail: Detail::Full, ..Look::PLAIN });
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("[FAIL]  no_loss"), "{text}");
        let look = Look { width: 52, ..Look::PLAIN };
        let wide: Vec<_> =
            shown(&fixture::quiet(7), look).lines().filter(|l| l.width() > 52).map(str::to_owned).collect();
        assert_eq!(wide, ["  firedrill run src/outcome/fixture/calm.yaml --seed 7"], "only the command");
    }

    #[test]
    fn a_campaign_shows_counts_the_spread_and_the_worst_seed() {
        let rehearse = |seed| {
            assert!(seed != 2, "broken");
            fixture::spaced(seed)
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
