//! What is known of how long incidents last and how often they happen, by name.
//!
//! Owns the published figures, each with where it comes from. Does not know what a scenario does with them.
//!
//! Invariant: every name that may be written has an entry, and every entry can be written.

use super::kind::{Field, FieldType, Kind};
use super::node::Node;
use super::values::Values;
use crate::kernel::Distribution;
use crate::units::{Rate, Span};

/// A lognormal distribution of published durations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase {
    /// Its name.
    pub name: &'static str,
    /// What it is the duration of, with its median and where it comes from.
    pub doc: &'static str,
    /// Mean of the natural logarithm of minutes.
    mu: f64,
    /// Standard deviation of that.
    sigma: f64,
}

/// How often something was known to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frequency {
    /// Its name.
    pub name: &'static str,
    /// What happens that often, and where the figure comes from.
    pub doc: &'static str,
    /// Per million days, a year being 365.25 days.
    rate: u64,
}

pub(super) const INCIDENT: Kind = Kind::new(
    "incident",
    "The length of phases of published incidents: lognormal distributions fitted to 356 coded cloud incidents (the \
     corpus of IntelligentDDS/Post-mortems-Analysis, ISSRE 2022).",
    &[Field::required(
        "phase",
        FieldType::Choice(&[
            "all",
            "aws",
            "azure",
            "google",
            "detect",
            "identify",
            "fix",
            "rollback",
            "replace",
            "isolate",
            "flow_control",
            "restart",
            "scale",
            "repair",
            "self_heal",
            "decide",
            "llm_outage",
        ]),
        "Which phase, or which incidents: `firedrill list distributions` describes each.",
    )],
)
.short("phase");

const EVERY: Kind = Kind::new(
    "incident",
    "The rate of published incidents.",
    &[Field::required(
        "of",
        FieldType::Choice(&["aws_us_east_1", "aws_region", "data_centre", "llm_provider"]),
        "Which kind: `firedrill list distributions` gives the rate of each.",
    )],
)
.short("of");

/// How often something happens, by name.
pub const FREQUENCIES: &[&Kind] = &[&EVERY];

const fn phase(name: &'static str, mu: f64, sigma: f64, doc: &'static str) -> Phase {
    Phase { name, doc, mu, sigma }
}

/// Every `{incident: …}` that stands for a length of time.
///
/// The first seven are fitted to one corpus. Of the kinds of mitigation after them that corpus gives means and medians
/// (ISSRE 2022), and of lognormal distributions with these the logarithm's mean is ln(median), its variance 2 ln(mean / median).
pub const PHASES: [Phase; 17] = [
    phase("all", 5.402, 1.238, "Whole incidents, 354 of them: median 222 min (ISSRE 2022 corpus)."),
    phase("aws", 6.059, 1.362, "Incidents of AWS, 14 of them: median 428 min (ISSRE 2022 corpus)."),
    phase("azure", 5.544, 1.137, "Incidents of Azure, 241 of them: median 256 min (ISSRE 2022 corpus)."),
    phase("google", 4.964, 1.341, "Incidents of Google Cloud, 99 of them: median 143 min (ISSRE 2022 corpus)."),
    phase("detect", 2.142, 1.246, "Time to detect an incident, 66 of them: median 9 min (ISSRE 2022 corpus)."),
    phase("identify", 3.789, 1.235, "Time to find its cause, 37 of them: median 44 min (ISSRE 2022 corpus)."),
    phase("fix", 4.650, 1.397, "Time to fix it, 104 of them: median 105 min (ISSRE 2022 corpus)."),
    phase("rollback", 4.510_860, 1.038_264, "Mitigation by a rollback: median 91 min, mean 156 (ISSRE 2022)."),
    phase(
        "replace",
        4.672_829,
        1.086_150,
        "Mitigation by replacing what failed: median 107 min, mean 193 (ISSRE \
                                            2022).",
    ),
    phase(
        "isolate",
        4.828_314,
        1.145_847,
        "Mitigation by isolating what failed: median 125 min, mean 241 (ISSRE \
                                            2022).",
    ),
    phase(
        "flow_control",
        4.753_590,
        1.311_135,
        "Mitigation by limiting the load: median 116 min, mean 274 (ISSRE \
                                                 2022).",
    ),
    phase("restart", 4.460_144, 1.520_938, "Mitigation by a restart: median 86.5 min, mean 275 (ISSRE 2022)."),
    phase("scale", 5.096_813, 1.294_667, "Mitigation by adding capacity: median 163.5 min, mean 378 (ISSRE 2022)."),
    phase(
        "repair",
        5.393_628,
        1.417_722,
        "Mitigation by a fix of code or hardware: median 220 min, mean 601 (ISSRE 2022).",
    ),
    phase(
        "self_heal",
        4.248_495,
        1.943_827,
        "No mitigation, it went away by itself: median 70 min, mean 463 (ISSRE \
                                              2022).",
    ),
    phase(
        "decide",
        4.34,
        0.88,
        "Time from a fault to a decision under uncertainty, in ten well-known incidents (GitHub 2018, AWS 2015, 2020 \
         and 2025, Azure 2021, Fastly 2021 and others): median 77 min.",
    ),
    phase("llm_outage", 4.248_495, 0.7, "Outages of language-model providers, four reports only: median 70 min."),
];

const fn frequency(name: &'static str, rate: u64, doc: &'static str) -> Frequency {
    Frequency { name, doc, rate }
}

/// Every `{incident: …}` that stands for a rate.
pub const INCIDENTS: [Frequency; 4] = [
    frequency("aws_us_east_1", 2_300, "0.84 a year: AWS post-event summaries of us-east-1, 2011 to 2021."),
    frequency("aws_region", 110, "0.04 a year: AWS post-event summaries of an average other region, 2011 to 2021."),
    frequency(
        "data_centre",
        689,
        "0.2517 a year: 53 % of operators had an outage in three years (Uptime Institute, 2025).",
    ),
    frequency("llm_provider", 80_500, "0.08 a day: with `llm_outage` 0.5 % of the time; 0.3 to 0.8 % were observed."),
];

/// What is known of the figure that `node` names, with where it comes from, if it is `{incident: …}`.
pub(super) fn published(node: &Node) -> Option<&'static str> {
    let [entry] = node.entries() else { return None };
    if entry.key != INCIDENT.name {
        return None;
    }
    let name = [Some(&entry.value), entry.value.get("phase"), entry.value.get("of")].into_iter().flatten();
    let name = name.filter_map(Node::text).next()?;
    let phase = PHASES.iter().find(|known| known.name == name).map(|known| known.doc);
    phase.or_else(|| INCIDENTS.iter().find(|known| known.name == name).map(|known| known.doc))
}

/// The rate a decoded frequency stands for.
pub(super) fn rate_of(values: &Values) -> Rate {
    let named = INCIDENTS.iter().find(|known| known.name == values.text("of"));
    let rate = named.map_or(0, |known| known.rate);
    Rate::from_per_million_days(mutant!("a_year_has_half_its_days": rate => 2 * rate))
}

/// The distribution of the phase called `name`.
pub(super) fn incident(name: &str) -> Distribution {
    let phase = PHASES.iter().find(|known| known.name == name).unwrap_or(&PHASES[0]);
    let mu = mutant!("a_phase_has_its_mean_for_median": phase.mu => phase.mu + phase.sigma * phase.sigma / 2.0);
    Distribution::LogNormal { median: Span::from_nanos((libm::exp(mu) * 60e9) as u64), sigma: phase.sigma }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(kind: &'static Kind, field: &str) -> Vec<&'static str> {
        match kind.field(field).map(|field| &field.ty) {
            Some(FieldType::Choice(names)) => names.to_vec(),
            other => panic!("{field} is {other:?}"),
        }
    }

    #[test]
    fn what_may_be_written_is_what_is_known() {
        assert_eq!(choice(&INCIDENT, "phase"), PHASES.map(|phase| phase.name));
        assert_eq!(choice(&EVERY, "of"), INCIDENTS.map(|known| known.name));
    }

    #[test]
    fn each_phase_has_the_median_and_the_mean_that_its_text_says() {
        for phase in PHASES {
            let figure = |word: &str| {
                let (_, rest) = phase.doc.split_once(word)?;
                let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                digits.parse::<f64>().ok()
            };
            let median = libm::exp(phase.mu);
            assert!((median - figure("median ").unwrap()).abs() <= 0.51, "{}: median {median}", phase.name);
            let mean = libm::exp(phase.mu + phase.sigma * phase.sigma / 2.0);
            assert!(figure("mean ").is_none_or(|said| (mean - said).abs() < 0.51), "{}: mean {mean}", phase.name);
        }
    }
}
