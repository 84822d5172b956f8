//! `junit.xml`: the verdicts for a CI system, one test case per property.
//!
//! A case is green if and only if the verdict is the expected one. A run that stopped early or asserts nothing has a red
//! case that says so, because a suite without cases is green.
//!
//! Does not know wall-clock time: a file without it is the same for equal outcomes. Source of the form: the JUnit XML
//! that Maven Surefire writes, as GitHub, GitLab and Jenkins read it.

use super::{Format, Look, Subject, xml};
use crate::explore::{Campaign, PropertySummary};
use crate::outcome::{Expectation, Outcome, PropertyOutcome, Verdict, replay_command};
use crate::record::StoreRecord;
use crate::report::text::{count, plural};
use crate::report::view::{Headline, LossRow, claim_in_words};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The longest a single piece of foreign text gets. Unit: characters.
const LONGEST: usize = 4_000;

pub(super) struct Junit;

/// A suite that stands in a file beside others.
#[derive(Debug, Clone)]
pub(super) struct JunitSuite(TestSuite);

impl JunitSuite {
    /// Of what came out of `file`, which names its classes: two scenarios may share a name, and no two a file.
    pub(super) fn of(subject: Subject<'_>, file: &str) -> Self {
        let class = class_of(file);
        let suite = match subject {
            Subject::Run(outcome) => of_run(outcome, &class),
            Subject::Campaign(campaign) => of_campaign(campaign, &class),
        };
        Self(suite)
    }

    /// Several suites as one file.
    pub(super) fn document(suites: &[Self]) -> Vec<u8> {
        document(suites.iter().map(|suite| suite.0.clone()))
    }
}

/// `scenarios/verdicts/relapse.yaml` as `scenarios.verdicts.relapse`, as tools that fold by class expect.
fn class_of(file: &str) -> String {
    let name = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml")).unwrap_or(file);
    let parts = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.map(|part| part.replace('.', "_")).collect::<Vec<_>>().join(".")
}

impl Format for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }
    fn file(&self) -> Option<&'static str> {
        Some("junit.xml")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        document([of_run(outcome, &outcome.scenario)])
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        let name = campaign.worst.as_ref().map_or("campaign", |worst| worst.scenario.as_str());
        document([of_campaign(campaign, name)])
    }
}

fn of_run(outcome: &Outcome, class: &str) -> TestSuite {
    let mut cases: Vec<Case> = outcome.properties.iter().map(|p| Case::of(p, &outcome.replay_command())).collect();
    if outcome.proves_nothing() {
        cases.push(Case::unjudged(Headline::deciding(outcome)));
    }
    let of_store = |store: &StoreRecord| format!("{}: {}", store.store, LossRow::of(store).sentence());
    let writes = outcome.record.stores.iter().map(of_store);
    let warnings = outcome.warnings.iter().map(|warning| format!("warning: {warning}"));
    suite((&outcome.scenario, class), &outcome.file, cases, &writes.chain(warnings).collect::<Vec<_>>())
}

fn of_campaign(campaign: &Campaign, class: &str) -> TestSuite {
    let (name, file) = campaign.worst.as_ref().map_or(("campaign", "-"), |o| (o.scenario.as_str(), o.file.as_str()));
    let mut cases: Vec<Case> = campaign.summary.properties.iter().map(|p| Case::over_all(p, campaign)).collect();
    let broken = campaign.rows.iter().filter_map(|row| Some((row.seed, row.run.as_ref().err()?)));
    cases.extend(broken.map(|(seed, why)| Case::broken(seed, why)));
    let stopped = campaign.rows.iter().filter(|row| row.run.as_ref().is_ok_and(|run| run.stopped)).count() as u64;
    if stopped > 0 {
        cases.push(Case::unjudged(format!("{} stopped early", plural(stopped, "run"))));
    } else if campaign.summary.properties.is_empty() {
        cases.push(Case::unjudged("the scenario asserts nothing".to_owned()));
    }
    let warnings = campaign.summary.warnings.iter();
    let warnings = warnings.map(|w| format!("warning: {} (in {})", w.text, plural(w.runs, "run")));
    suite((name, class), file, cases, &warnings.collect::<Vec<_>>())
}

/// What a CI system shows for a case.
enum Colour {
    Green,
    Failure,
    Error,
    /// Could not be told, and was expected not to.
    Skipped,
}

struct Case {
    name: String,
    colour: Colour,
    message: String,
    details: String,
}

impl Case {
    fn of(p: &PropertyOutcome, replay: &str) -> Self {
        let colour = match (p.verdict, p.as_expected()) {
            (Verdict::Inconclusive, true) => Colour::Skipped,
            (_, true) => Colour::Green,
            (Verdict::Inconclusive, false) => Colour::Error,
            (Verdict::Pass | Verdict::Fail, false) => Colour::Failure,
        };
        let expected = match (p.verdict, p.expected) {
            (Verdict::Pass, Expectation::Pass) => String::new(),
            (_, expected) => format!(" (expected: {expected})"),
        };
        let measured = p.measured.as_deref().unwrap_or("nothing");
        Self {
            name: p.id.clone(),
            colour,
            message: format!("{}{expected}: {}", p.verdict, p.why),
            details: format!(
                "demand: {}; bound: {}; measured: {measured}; exercised: {}; replay: {replay}",
                p.demand,
                p.bound,
                count(p.exercised)
            ),
        }
    }

    fn over_all(p: &PropertySummary, campaign: &Campaign) -> Self {
        let c = &p.verdicts;
        let undecided = p.expected == Expectation::Inconclusive;
        let judged = if undecided { c.exercised() + c.not_exercised } else { c.exercised() };
        let reached = p.reached();
        let claimed = campaign.summary.claims().find(|(claimed, _)| claimed.id == p.id);
        let (colour, message) = match (p.expected, claimed) {
            (_, Some((_, settled))) => {
                let colour = match settled.verdict {
                    Verdict::Pass => Colour::Green,
                    Verdict::Fail => Colour::Failure,
                    Verdict::Inconclusive => Colour::Error,
                };
                (colour, claim_in_words(p, settled, campaign.summary.stopping))
            }
            (expected, _) if judged == 0 && !expected.wants_exercise() => {
                (Colour::Skipped, "no run exercised it, as none need".to_owned())
            }
            _ if judged == 0 => (Colour::Error, "no run exercised it".to_owned()),
            (Expectation::Either, _) => {
                (Colour::Skipped, format!("held in {} of {}, as it may", count(c.pass), plural(judged, "run")))
            }
            (expected, _) if reached < judged => {
                let (others, runs) = (count(judged - reached), plural(judged, "run"));
                (Colour::Failure, format!("{others} of {runs} differ from what is expected: {expected}"))
            }
            (Expectation::Inconclusive, _) => (Colour::Skipped, as_expected(reached, judged, p.expected)),
            _ => (Colour::Green, as_expected(reached, judged, p.expected)),
        };
        let replay = campaign.worst.as_ref().zip(p.worst).map_or_else(String::new, |(o, (_, seed))| {
            format!(
                "; smallest margin: {}",
                replay_command((&o.program, &o.file), &o.settings, o.schedule.as_deref(), seed)
            )
        });
        Self {
            name: p.id.clone(),
            colour,
            message,
            details: format!(
                "{} pass, {} fail, {} inconclusive, {} not exercised{replay}",
                c.pass, c.fail, c.inconclusive, c.not_exercised
            ),
        }
    }

    fn broken(seed: u64, why: &str) -> Self {
        let message = format!("internal error: {why}");
        Self { name: format!("seed {seed}"), colour: Colour::Error, message, details: "a bug of firedrill".to_owned() }
    }

    fn unjudged(why: String) -> Self {
        Self { name: "judged".to_owned(), colour: Colour::Error, message: why, details: String::new() }
    }

    fn into_test_case(self, suite: &str) -> TestCase {
        let mut status = match self.colour {
            Colour::Green => TestCaseStatus::success(),
            Colour::Failure => TestCaseStatus::non_success(NonSuccessKind::Failure),
            Colour::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
            Colour::Skipped => TestCaseStatus::skipped(),
        };
        let (message, details) = (allowed(&self.message), allowed(&self.details));
        let spoken = matches!(self.colour, Colour::Green).then(|| format!("{message}; {details}"));
        status.set_message(message);
        if matches!(self.colour, Colour::Failure | Colour::Error) {
            status.set_description(details);
        }
        let mut case = TestCase::new(allowed(&self.name), status);
        case.set_classname(suite);
        case.system_out = spoken.map(Into::into);
        case
    }
}

/// `all 50 runs are pass, as expected`.
fn as_expected(reached: u64, judged: u64, expected: Expectation) -> String {
    format!("{} of {} are {expected}, as expected", count(reached), plural(judged, "run"))
}

/// Foreign text that XML can carry. Escaping it is the business of whoever writes the file.
fn allowed(text: &str) -> String {
    xml::allowed(text, LONGEST)
}

/// The cases of a scenario, and beside them what became of the writes of each database, and every warning.
fn suite((name, class): (&str, &str), file: &str, cases: Vec<Case>, said: &[String]) -> TestSuite {
    let class = allowed(class);
    let mut suite = TestSuite::new(allowed(name));
    suite.extra.insert("file".into(), allowed(file).into());
    suite.add_test_cases(cases.into_iter().map(|case| case.into_test_case(&class)));
    if !said.is_empty() {
        suite.set_system_out(said.iter().map(|line| allowed(line)).collect::<Vec<_>>().join("\n"));
    }
    suite
}

fn document(suites: impl IntoIterator<Item = TestSuite>) -> Vec<u8> {
    let mut report = Report::new("firedrill");
    report.add_test_suites(suites);
    report.to_string().expect("memory takes whatever is written").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    fn written(outcome: &Outcome) -> String {
        String::from_utf8(Junit.run(outcome, Look::PLAIN)).unwrap()
    }

    #[test]
    fn a_case_is_green_exactly_if_its_verdict_is_the_expected_one() {
        let text = written(&fixture::outage(7));
        assert!(text.contains("tests=\"3\" skipped=\"0\" errors=\"0\" failures=\"0\""), "{text}");
        assert!(text.contains("fail (expected: fail): orders: 18 of 615 acknowledged writes"), "{text}");
        let mut surprise = fixture::outage(7);
        surprise.properties[0].verdict = Verdict::Fail;
        surprise.properties[1].verdict = Verdict::Pass;
        surprise.properties[2].verdict = Verdict::Inconclusive;
        let text = written(&surprise);
        assert!(text.contains("skipped=\"0\" errors=\"1\" failures=\"2\""), "{text}");
        assert!(text.contains("pass (expected: fail)"), "{text}");
        surprise.properties[2].expected = Expectation::Inconclusive;
        assert!(written(&surprise).contains("<skipped message=\"inconclusive"));
    }

    #[test]
    fn suites_of_scenarios_that_share_a_name_have_classes_of_their_own() {
        let outage = fixture::outage(7);
        let suites = ["./a/dark.yaml", "../b/dark.v2.yaml"].map(|file| JunitSuite::of(Subject::Run(&outage), file));
        let text = String::from_utf8(JunitSuite::document(&suites)).unwrap();
        assert!(text.contains("classname=\"a.dark\"") && text.contains("classname=\"b.dark_v2\""), "{text}");
        assert_eq!(text.matches("<testsuite ").count(), 2);
    }

    #[test]
    fn what_was_not_judged_is_red() {
        let text = written(&fixture::stalled(7));
        assert!(text.contains("errors=\"4\"") && text.contains("<testcase name=\"judged\""), "{text}");
        let mut nothing = fixture::quiet(7);
        nothing.properties.clear();
        assert!(written(&nothing).contains("<error message=\"the scenario asserts nothing\">"));
    }

    #[test]
    fn a_campaign_has_a_case_per_property_and_one_per_broken_run() {
        let rehearse = |seed| {
            assert!(seed != 2, "broken");
            if seed == 3 { fixture::stalled(seed) } else { fixture::outage(seed) }
        };
        let text =
            String::from_utf8(Junit.campaign(&explore::run(0..5, None, rehearse).unwrap(), Look::PLAIN)).unwrap();
        // A run that stopped early is a case of its own, and decides no property.
        assert!(text.contains("tests=\"5\" skipped=\"0\" errors=\"2\" failures=\"3\""), "{text}");
        assert!(text.contains("<error message=\"internal error: broken\">"), "{text}");
        assert!(text.contains("<error message=\"1 run stopped early\">"), "{text}");
        assert!(
            text.contains(
                "\"1 of 4 runs differ from what is expected: pass\">3 pass, 0 fail, 1 inconclusive, 0 not exercised"
            ),
            "{text}"
        );
    }

    #[test]
    fn the_file_of_the_fixture_is_the_golden_one() {
        crate::report::golden::check("junit.xml", &Junit.run(&fixture::outage(7), Look::PLAIN));
    }
}
