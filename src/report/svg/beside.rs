//! One figure of several plans, drawn: a row for each, with the range of its runs, what encloses the median, the median, the
//! 90th percentile and the worst; and the same seeds under two plans, joined by lines.
//!
//! Does not know what is measured. Invariant: what had no end stands in a column of its own, right of the axis.

use super::axes::Scale;
use super::canvas::{Canvas, Picture, SMALL, fitting, width_of};
use super::plot::{At, Look, Plot, Size};
use crate::report::view::{Pairs, PlanSpread, SideBySide};
use plotters::coord::ranged1d::Ranged;
use plotters_backend::text_anchor::HPos;

/// A row: its name, what it says on two lines, its bar.
const ROW: f64 = 76.0;
/// From the top of a row to the middle of its bar, and half the height of that.
const DOWN: f64 = 59.0;
const HALF: f64 = 6.0;
/// Room for what stands above the rows.
const TOP: f64 = 22.0;
/// Room between two panels.
const GAP: f64 = 30.0;
/// Which part of the axis the column for what had no end takes beyond it.
const ENDLESS: f64 = 0.16;
/// Room between the two rows of a pair, for lines from one to the other.
const BETWEEN: f64 = 96.0;

/// Draws `plans`, and `others` beside them, or below where there is no room. `id` is unique in the page.
pub(crate) fn side_by_side(plans: &SideBySide, others: &SideBySide, size: Size, id: &str) -> Picture {
    let height = ROW * plans.plans.len() as f64;
    let (room, more) = match size {
        Size::Wide => ([8.0, TOP, 370.0], [590.0 + GAP, TOP, 14.0]),
        Size::Narrow => ([8.0, TOP, 12.0], [8.0, 2.0 * TOP + height + GAP, 12.0]),
    };
    let canvas = panel(Canvas::default(), size, room, plans, &rows(plans.plans.len(), 0.0));
    let canvas = panel(canvas, size, more, others, &rows(others.plans.len(), 0.0));
    let words = format!("{}. {} {}. {}", plans.title, plans.in_words(), others.title, others.in_words());
    canvas.finish(size, id, &format!("{} and {}", plans.title, others.title.to_lowercase()), &words)
}

/// Draws the same seeds under two plans.
pub(crate) fn pairs(pairs: &Pairs, size: Size, id: &str) -> Picture {
    let room = [8.0, TOP, 12.0];
    let rows = rows(pairs.plans.plans.len(), BETWEEN);
    let mut plot = axes(Canvas::default(), size, room, &pairs.plans, &rows);
    let place = Along::of(&pairs.plans);
    let (from, to) = (rows[0] + DOWN + HALF + 3.0, rows.get(1).map_or(0.0, |row| row + DOWN - HALF - 3.0));
    for (seed, [first, second]) in pairs.lines().0 {
        let class = match second.partial_cmp(first) {
            Some(std::cmp::Ordering::Greater) => "pair higher",
            Some(std::cmp::Ordering::Less) => "pair lower",
            _ => "pair same",
        };
        let says = format!("seed {seed}: {}, then {}", pairs.plans.written(*first), pairs.plans.written(*second));
        plot.draw(Look::Line, class, &[vec![(place.at(*first), from), (place.at(*second), to)]], &says);
    }
    fill(&mut plot, size.width() - room[0] - room[2], &pairs.plans, &rows);
    plot.into_canvas().finish(size, id, &pairs.plans.title, &pairs.in_words())
}

/// Where the rows begin.
fn rows(plans: usize, between: f64) -> Vec<f64> {
    (0..plans).map(|row| (ROW + between) * row as f64).collect()
}

fn panel(canvas: Canvas, size: Size, room: [f64; 3], beside: &SideBySide, rows: &[f64]) -> Canvas {
    let width = size.width() - room[0] - room[2];
    let mut plot = axes(canvas, size, room, beside, rows);
    fill(&mut plot, width, beside, rows);
    let mut canvas = plot.into_canvas();
    canvas.text("name", [room[0], room[1] - 8.0], HPos::Left, &fitting(&beside.title, width, SMALL));
    canvas
}

fn axes(canvas: Canvas, size: Size, room: [f64; 3], beside: &SideBySide, rows: &[f64]) -> Plot {
    let place = Along::of(beside);
    let height = rows.last().map_or(ROW, |last| last + ROW);
    let along = Scale::of(beside.axis, beside.highest()).with_more(place.more);
    Plot::on(canvas, size, room, height, [along, Scale::bare(height..0.0)])
}

fn fill(plot: &mut Plot, width: f64, beside: &SideBySide, rows: &[f64]) {
    let place = Along::of(beside);
    let bottom = rows.last().map_or(ROW, |last| last + ROW);
    if place.more > 0.0 {
        let column = [(place.end, 0.0), (place.end * (1.0 + place.more), bottom)];
        plot.draw(Look::Bar, "endless", &[column.to_vec()], "");
        let middle = [(place.at(f64::INFINITY), bottom)];
        plot.draw(Look::Text([0.0, 15.0], HPos::Center), "small", &[middle.to_vec()], beside.endless);
    }
    for (plan, row) in beside.plans.iter().zip(rows) {
        let text = |plot: &mut Plot, class, down, text: &str| {
            plot.draw(Look::Text([0.0, down], HPos::Left), class, &[vec![(0.0, *row)]], &fitting(text, width, SMALL));
        };
        text(plot, "name halo", 16.0, &plan.name);
        let [first, second] = two_lines(&beside.said(plan), width);
        text(plot, "small halo", 30.0, &first);
        if !second.is_empty() {
            text(plot, "small halo", 44.0, &second);
        }
        bar(plot, &place, beside, plan, row + DOWN);
    }
}

/// `text` on two lines, divided after the last comma or semicolon at which the first fits.
fn two_lines(text: &str, width: f64) -> [String; 2] {
    if width_of(text, SMALL) <= width {
        return [text.to_owned(), String::new()];
    }
    let mut ends = text.match_indices([',', ';']).map(|(at, sign)| at + sign.len());
    let end = ends.rfind(|end| width_of(&text[..*end], SMALL) <= width).unwrap_or(text.len());
    [text[..end].to_owned(), text[end..].trim_start().to_owned()]
}

/// Where values stand along the axis.
struct Along {
    /// Where the axis ends.
    end: f64,
    /// Which part of it follows for what had no end; zero: nothing had none.
    more: f64,
}

impl Along {
    fn of(beside: &SideBySide) -> Self {
        let end = Scale::of(beside.axis, beside.highest()).range().end;
        Self { end, more: if beside.has_endless() { ENDLESS } else { 0.0 } }
    }

    fn at(&self, value: f64) -> f64 {
        if value.is_infinite() { self.end * (1.0 + self.more / 2.0) } else { value }
    }
}

/// The spread of one plan around the height `y`.
fn bar(plot: &mut Plot, place: &Along, beside: &SideBySide, plan: &PlanSpread, y: f64) {
    let at = |value: f64| place.at(value);
    let box_of = |from: f64, to: f64, half: f64| -> Vec<At> { vec![(at(from), y - half), (at(to), y + half)] };
    if let Some(objective) = plan.objective {
        let says = format!("objective {}", beside.written(objective));
        plot.draw(Look::Line, "objective", &[vec![(objective, y - HALF - 4.0), (objective, y + HALF + 4.0)]], &says);
    }
    let Some(spread) = &plan.spread else { return };
    let [lowest, worst] = spread.ends;
    plot.draw(Look::Bar, "runs-range", &[box_of(lowest, worst, 1.5)], &beside.said(plan));
    let [(median, enclosing), (ninetieth, _), ..] = spread.told[..] else { return };
    if let [Some(low), Some(high)] = enclosing {
        let says = format!("the median lies between {} and {}", beside.written(low), beside.written(high));
        plot.draw(Look::Bar, "enclosing", &[box_of(low, high, HALF)], &says);
    }
    if spread.runs > 1 {
        let says = format!("p90 {}", beside.written(ninetieth));
        plot.draw(
            Look::Line,
            "ninetieth",
            &[vec![(at(ninetieth), y - HALF - 1.0), (at(ninetieth), y + HALF + 1.0)]],
            &says,
        );
        let says = format!("worst {}", beside.written(worst));
        plot.draw(Look::Dot(4.5), "dot worst", &[vec![(at(worst), y)]], &says);
    }
    let says = format!("median {}", beside.written(median));
    plot.draw(Look::Dot(5.0), "dot", &[vec![(at(median), y)]], &says);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    #[test]
    fn each_plan_has_a_row_and_what_never_recovered_a_column_of_its_own() {
        let rehearse = |seed| if seed < 2 { fixture::stalled(seed) } else { fixture::spaced(seed) };
        let campaign = explore::run(0..20, None, rehearse).unwrap();
        let names = ["steady".to_owned(), "<b>stalls".to_owned()];
        let calm = PlanSpread::recovery_of_run(names[0].clone(), &fixture::outage(7));
        let plans = |with: PlanSpread| SideBySide::recovery("Recovery time".to_owned(), vec![calm.clone(), with]);
        let stalls = plans(PlanSpread::recovery(names[1].clone(), &campaign));
        let lost = SideBySide::loss(vec![PlanSpread::loss(names[1].clone(), &campaign)]);
        for size in [Size::Wide, Size::Narrow] {
            let text = side_by_side(&stalls, &lost, size, "x").inline();
            assert_eq!((text.matches("class=\"dot\"").count(), text.matches("class=\"dot worst\"").count()), (3, 2));
            assert_eq!(text.matches("class=\"endless\"").count(), 1, "{text}");
            assert!(
                text.contains(">not recovered</text>") && text.contains("&lt;b&gt;stalls: median 4m 40s"),
                "{text}"
            );
        }
        let all_recover = side_by_side(&plans(calm.clone()), &lost, Size::Wide, "x").inline();
        assert!(!all_recover.contains("endless"), "there is no column for what did not happen");
    }

    #[test]
    fn what_a_row_says_is_divided_where_it_may_be() {
        assert_eq!(two_lines("median 4m, p90 5m; objective 6m", 400.0), ["median 4m, p90 5m; objective 6m", ""]);
        assert_eq!(two_lines("median 4m, p90 5m; objective 6m", 120.0), ["median 4m, p90 5m;", "objective 6m"]);
        assert_eq!(two_lines("nothing_to_divide_it_at", 30.0), ["nothing_to_divide_it_at", ""]);
    }

    #[test]
    fn a_pair_is_joined_by_one_line_for_each_seed_that_says_which_way_it_goes() {
        let first = explore::run(0..12, None, fixture::spaced).unwrap();
        let second = explore::run(0..12, None, |seed| match seed {
            0..3 => fixture::stalled(seed),
            3..5 => fixture::spaced(seed),
            _ => fixture::spaced(seed - 5),
        });
        let all = Pairs::all([&first, &second.unwrap()], &["dark"]);
        let text = pairs(&all[0], Size::Narrow, "x").inline();
        let count = |class: &str| text.matches(&format!("class=\"pair {class}\"")).count();
        assert_eq!([count("higher"), count("same"), count("lower")], [3, 2, 7], "{text}");
        assert!(text.contains("<title>seed 0: 4m 40s, then not recovered</title>"), "{text}");
    }
}
