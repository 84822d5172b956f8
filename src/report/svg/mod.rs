//! `charts/`: every picture of the report as a file of its own, for slides and documents.
//!
//! Owns drawing. Does not know which signals belong together and what they mean: the view decided that.
//!
//! Invariant: equal outcomes give equal bytes; colour is never the only carrier of a meaning; every picture says in words
//! what it shows; a picture is drawn for a page and for a telephone, never shrunk.

mod axes;
mod beside;
mod canvas;
mod lanes;
mod lines;
mod phases;
mod plot;
mod strip;

pub(crate) use beside::{pairs, side_by_side};
pub(crate) use canvas::Picture;
pub(crate) use lanes::swim_lanes;
pub(crate) use lines::time_chart;
pub(crate) use phases::recovery_bars;
pub(crate) use plot::Size;
pub(crate) use strip::distribution;

use super::view::{CampaignView, Chart, charts, incidents, slugs, whole};
use super::{Document, Folder};
use crate::explore::Campaign;
use crate::outcome::Outcome;

/// The colours by name, for light, dark and print.
pub(super) const COLORS: &str = include_str!("colors.css");
/// How the classes of a picture look.
pub(super) const STYLE: &str = include_str!("chart.css");

/// Pictures that are no signals over time.
const TIMELINE: &str = "timeline";
const RECOVERY: &str = "recovery";
const SPREAD: [&str; 8] =
    ["spread-1", "spread-2", "spread-3", "spread-4", "spread-5", "spread-6", "spread-7", "spread-8"];

pub(super) struct Svg;

impl Folder for Svg {
    fn name(&self) -> &'static str {
        "svg"
    }
    fn folder(&self) -> &'static str {
        "charts"
    }
    fn owns(&self, file: &str) -> bool {
        let Some(slug) = file.strip_suffix(".svg") else { return false };
        let slug = slug.strip_suffix("-focus").unwrap_or(slug);
        slug == TIMELINE || slug == RECOVERY || SPREAD.contains(&slug) || slugs().any(|known| known == slug)
    }
    fn run(&self, outcome: &Outcome) -> Vec<Document> {
        let mut found = Vec::new();
        let focus = incidents(outcome).shown.into_iter().next().map(|window| ("-focus", window));
        for (suffix, window) in [("", whole(outcome))].into_iter().chain(focus) {
            found.push(file(TIMELINE, suffix, &swim_lanes(outcome, window, Size::Wide, "t")));
            let draw = |chart: Chart<'_>| time_chart(&chart, outcome, window, Size::Wide, "c");
            found.extend(charts(outcome).into_iter().map(|chart| file(chart.slug, suffix, &draw(chart))));
        }
        if !outcome.recovery.is_empty() {
            found.push(file(RECOVERY, "", &recovery_bars(outcome, Size::Wide, "r")));
        }
        found
    }
    fn campaign(&self, campaign: &Campaign) -> Vec<Document> {
        let view = CampaignView::of(campaign);
        let spread = SPREAD.iter().zip(&view.distributions);
        let mut found: Vec<Document> =
            spread.map(|(slug, d)| file(slug, "", &distribution(d, Size::Wide, "d"))).collect();
        found.extend(campaign.worst.iter().flat_map(|worst| self.run(worst)));
        found
    }
}

fn file(slug: &str, suffix: &str, picture: &Picture) -> Document {
    Document { path: format!("charts/{slug}{suffix}.svg"), bytes: picture.document(&format!("{COLORS}{STYLE}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    #[test]
    fn every_picture_is_a_file_that_the_folder_owns_and_says_what_it_shows() {
        let campaign = explore::run(0..3, None, fixture::spaced).unwrap();
        let files = [Svg.run(&fixture::outage(7)), Svg.campaign(&campaign)].concat();
        assert!(files.len() > 20, "{}", files.len());
        for file in files {
            let text = String::from_utf8(file.bytes).unwrap();
            assert!(Svg.owns(file.path.strip_prefix("charts/").unwrap()), "{}", file.path);
            assert!(text.contains("<desc id=") && text.contains("role=\"img\""), "{}", file.path);
            assert!(!text.contains("href") && !text.contains("url("), "{}: nothing is fetched", file.path);
        }
        assert!(!Svg.owns("holiday.svg") && !Svg.owns("rate.png"));
    }

    #[test]
    fn the_timeline_of_the_fixture_is_the_golden_one() {
        let timeline = Svg.run(&fixture::outage(7)).remove(0);
        assert_eq!(timeline.path, "charts/timeline.svg");
        crate::report::golden::check("timeline.svg", &timeline.bytes);
    }

    #[test]
    fn a_gap_in_the_data_is_a_gap_in_the_line() {
        let outcome = fixture::outage(7);
        let latency = charts(&outcome).into_iter().find(|chart| chart.slug == "latency").unwrap();
        let text = time_chart(&latency, &outcome, whole(&outcome), Size::Wide, "x").inline();
        let line = text.lines().find(|line| line.contains("\"line s1\"") && line.contains("<title>")).unwrap();
        assert_eq!(line.matches('M').count(), 2, "no latency while nobody answers: {line}");
    }
}
