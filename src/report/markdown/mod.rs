//! `summary.md`: the whole report for a pull request, a wiki, a CI step summary.
//!
//! Owns the order of the sections. Does not know what the figures mean: the view decided that.
//!
//! Invariant: equal outcomes give equal bytes, and a page stays below a megabyte: long lists are cut and say so.

mod campaign;
mod change;
mod compared;
mod page;
mod run;

pub(super) use change::ChangeMarkdown;
pub(super) use compared::render as compared;

use super::{Format, Look};
use crate::explore::Campaign;
use crate::outcome::{Outcome, Verdict};

pub(super) struct Markdown;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }
    fn file(&self) -> Option<&'static str> {
        Some("summary.md")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        run::render(outcome)
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        campaign::render(campaign)
    }
}

const fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✔ pass",
        Verdict::Fail => "✘ fail",
        Verdict::Inconclusive => "? inconclusive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    fn written(outcome: &Outcome) -> String {
        String::from_utf8(Markdown.run(outcome, Look::PLAIN)).unwrap()
    }

    #[test]
    fn every_part_of_the_outcome_has_its_place() {
        let text = written(&fixture::outage(7));
        for part in [
            "# West Europe goes dark\n",
            "**NO-GO:** no_loss: orders: 18 of 615 acknowledged writes",
            "**And found:** 4 warnings below",
            "\n\nAs the scenario expects: no_loss fails. To go ahead is to accept that.\n",
            "| dark | 4m 43.1s | 6m | 5.1s | 3m 37.7s | 59.6s | 735ms |",
            "| region_failover | 1 | switch_dns | 1:26.1 | 2m | 2m | 4 | over budget |",
            "| orders | 615 | 18 | 14 | 18 held by westeurope | 4.5s | 0s | 40 writes if the old authority was dead, 2,057 if it was only cut off | 162 | 625 | 0 | 0 |",
            "| orders | 539 | 372 | 1:154 | 0:55.456 | 0:55.466 | yes | westeurope | westeurope |",
            "| cold | monitoring_blackout | 1 | 7:31.0 | 7:31.0 | 7:32.0 | 1s | 0 | no |",
            "| late | monitoring_gap | 0 | never began | – | – | – | 0 | no |",
            " assumptions</summary>",
            "| monitoring.scrape | 5s | file |",
            "firedrill run src/outcome/fixture/dark.yaml --seed 7 --set dns.ttl=20s",
        ] {
            assert!(text.contains(part), "{part:?} is missing from:\n{text}");
        }
    }

    #[test]
    fn hostile_text_adds_no_line_no_cell_and_no_markup() {
        let tame = written(&fixture::hostile("x"));
        let poison =
            "\u{1b}[31m\u{202e}| a | <script>alert(1)</script>\n# h\n```\n- [l](javascript:x) ![i](http://x) `c`";
        let text = written(&fixture::hostile(poison));
        assert_eq!(text.lines().count(), tame.lines().count(), "no line of its own");
        let unescaped = |line: &str| line.replace("\\|", "").matches('|').count();
        let own = |line: &&str| tame.lines().any(|known| known == *line);
        let in_command = |line: &&str| !line.starts_with("firedrill run") && !line.starts_with("``");
        let bars = |text: &str| text.lines().filter(in_command).map(unescaped).collect::<Vec<_>>();
        assert_eq!(bars(&text), bars(&tame), "no cell of its own");
        for line in text.lines().filter(in_command).filter(|line| !own(line)) {
            let bare = line.replace("\\`", "").replace("\\[", "");
            assert!(!line.contains("<script") && !bare.contains('`') && !bare.contains('['), "{line}");
        }
        assert!(text.chars().all(|c| c == '\n' || !crate::report::text::acts_on_a_reader(c)));
    }

    #[test]
    fn a_page_stays_below_a_megabyte_and_says_what_it_left_out() {
        let mut outcome = fixture::outage(7);
        let write = outcome.record.stores[0].lost[0].clone();
        outcome.record.stores[0].lost = vec![write; 1_000];
        for i in 0..100_000 {
            let at = crate::units::Instant::from_secs(2_000 + i);
            outcome.record.timeline.push_told(at, crate::record::Actor::World, "tick", "x".repeat(500));
        }
        let text = written(&outcome);
        assert!(text.len() < 1_000_000, "{} bytes", text.len());
        assert!(text.contains("more; `results.json` has them all"), "it says so");
    }

    #[test]
    fn a_campaign_names_its_worst_run_and_shows_it() {
        let campaign = explore::run(0..4, None, fixture::spaced).unwrap();
        let text = String::from_utf8(Markdown.campaign(&campaign, Look::PLAIN)).unwrap();
        assert!(text.contains("| dark | 4 | 0 | 4m 40s | 4m 40s | 4m 40s |"), "{text}");
        assert!(text.contains("| rto | 6m | 4 | 0 | 0 | 0 | +0.22 | 3 | pass |"), "{text}");
        assert!(text.contains("--seed 3"), "{text}");
    }

    #[test]
    fn the_paper_for_a_change_board_is_the_golden_one() {
        crate::report::golden::check("change-request.md", &ChangeMarkdown.run(&fixture::outage(7), Look::PLAIN));
    }

    #[test]
    fn the_report_of_the_fixture_is_the_golden_one() {
        crate::report::golden::check("summary.md", &Markdown.run(&fixture::outage(7), Look::PLAIN));
    }
}
