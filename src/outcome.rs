//! Verdicts, margins and measured figures of one run: plain data that reports render.
//!
//! Does not know the simulator, a clock, a file or a terminal.
//!
//! Invariant: everything a report prints is in here, and a violated property is a value, never an error.

mod belief;
mod comparison;
mod digits;
mod expectation;
#[cfg(test)]
pub(crate) mod fixture;

pub use belief::{BeliefStretch, belief_stretches, beliefs};
pub use comparison::{Comparison, Quantity, Rule, Seen};
pub use digits::{SixDigits, TwelveDigits, six_digits};
pub use expectation::{Claim, Expectation};

use crate::record::{Record, Timeline};
use crate::units::{As, Form, Instant, Ppb, Ratio, Seconds, Span};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The program, as it is called where nothing of a user's own is added to it.
pub const PROGRAM: &str = "firedrill";

/// The version of this tool.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The three-valued answer. Ordered by weight: a failure outranks an unknown, an unknown outranks a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It held, and it was exercised.
    Pass,
    /// It cannot be told: never exercised, or the run ended first.
    Inconclusive,
    /// It was violated.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        })
    }
}

/// What one property came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PropertyOutcome {
    /// Its id in the scenario.
    pub id: String,
    /// Its kind, such as `recovers`.
    pub kind: String,
    /// What it demands, in words.
    pub demand: String,
    /// What came out.
    pub verdict: Verdict,
    /// What the scenario says must come out.
    pub expected: Expectation,
    /// How far it may fail, as written, if it is expected to and that is bounded.
    pub within: Option<String>,
    /// Whether it failed further than that.
    pub beyond: bool,
    /// The bound, as printed: `15m`, `0 lost`, `99%`.
    pub bound: String,
    /// What was measured, as printed, if anything was.
    pub measured: Option<String>,
    /// How far from violation, normalised: zero is exactly on the bound, negative is violated.
    #[serde(with = "As::<Option<SixDigits>>")]
    pub margin: Option<f64>,
    /// The first moment of violation, or the moment that decided.
    #[serde(rename = "at_s", with = "As::<Option<Seconds>>")]
    pub at: Option<Instant>,
    /// How often the property was exercised. Zero is never a pass.
    pub exercised: u64,
    /// Why the verdict is what it is, in one sentence.
    pub why: String,
    /// The figure and what it should be, where the property compares the two.
    pub comparison: Option<Comparison>,
}

impl PropertyOutcome {
    /// Whether nothing about it differs from what is expected of one run: the verdict is the expected one, or none is
    /// expected, and a failure is no worse than expected.
    pub fn as_expected(&self) -> bool {
        let met = !self.counts() || self.expected.of_one_run().is_none_or(|expected| self.verdict == expected);
        met && !self.beyond
    }

    /// Whether it has a part in the word of the run: not if nothing is expected of it, and not if it need not be
    /// exercised and was not.
    pub fn counts(&self) -> bool {
        match self.expected {
            Expectation::Either | Expectation::Share(_) => false,
            Expectation::PassIfExercised => self.is_exercised(),
            Expectation::Pass | Expectation::Fail | Expectation::Inconclusive => true,
        }
    }

    /// Whether the scenario allows for its failure without expecting it.
    pub fn may_fail(&self) -> bool {
        matches!(self.expected, Expectation::Either | Expectation::Share(_))
    }

    /// Whether anything was observed that could have failed it, or did.
    pub fn is_exercised(&self) -> bool {
        self.exercised > 0 || self.verdict != Verdict::Inconclusive
    }

    /// What is said of one that was not exercised.
    pub fn never_exercised(&self) -> String {
        format!("property `{}` was never exercised: {}", self.id, self.why)
    }

    /// Whether one run cannot decide what is expected of it.
    pub fn is_over_runs(&self) -> bool {
        self.expected.claim().is_some() || self.compares_over_runs()
    }

    /// Whether it compares a figure of all runs, so that no run has a verdict of its own.
    pub fn compares_over_runs(&self) -> bool {
        self.comparison.as_ref().is_some_and(|comparison| comparison.rule.is_over_runs())
    }
}

/// A time during which requests of one class were not served as promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// The class: population, service, and whether they read or write.
    pub class: String,
    /// The share of them that is to be served.
    #[serde(rename = "promised_ppb", with = "As::<Ppb>")]
    pub promised: Ratio,
    /// The longest response time that counts as served.
    #[serde(rename = "within_s", with = "As::<Seconds>")]
    pub within: Span,
    /// When the first request not served began.
    #[serde(rename = "from_s", with = "As::<Seconds>")]
    pub from: Instant,
    /// When the last one began.
    #[serde(rename = "last_s", with = "As::<Seconds>")]
    pub last: Instant,
    /// The earliest that the request can have begun whose answer ended it. Between `last` and then nobody asked.
    #[serde(rename = "asked_s", with = "As::<Seconds>")]
    pub asked: Instant,
    /// When that answer came; `None`: none did.
    #[serde(rename = "answered_s", with = "As::<Option<Seconds>>")]
    pub answered: Option<Instant>,
    /// The same, if service then stayed as promised.
    #[serde(rename = "until_s", with = "As::<Option<Seconds>>")]
    pub until: Option<Instant>,
    /// Requests not served.
    pub unserved: u64,
    /// Requests.
    pub requests: u64,
    /// Whether there were enough requests to tell an outage from chance.
    pub certain: bool,
    /// Whether it lies in a window of maintenance.
    pub planned: bool,
    /// What it belongs to: faults, procedures, changes, load. Empty: nothing explains it.
    pub causes: Vec<String>,
    /// The property that bounds it and holds, if one does.
    pub bounded_by: Option<String>,
}

/// How the service came back from one fault, measured on clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The fault.
    pub fault: String,
    /// When it began.
    #[serde(rename = "at_s", with = "As::<Seconds>")]
    pub at: Instant,
    /// Recovery time: from the fault to the end of the last outage that belongs to it. `None`: not recovered in the run.
    #[serde(rename = "rto_s", with = "As::<Option<Seconds>>")]
    pub rto: Option<Span>,
    /// To the end of the first of them.
    #[serde(rename = "first_back_s", with = "As::<Option<Seconds>>")]
    pub first_back: Option<Span>,
    /// Outages that belong to it, of all classes, those that overlap counted as one; planned ones left out.
    pub outages: u64,
    /// The class that came back last.
    pub class: String,
    /// The promise it is measured against: `99% served within 10s, stable for 60s`.
    pub criterion: String,
    /// The time before its end in which nobody asked, so that it may have been over by then.
    #[serde(rename = "resolution_s", with = "As::<Seconds>")]
    pub resolution: Span,
    /// With planned outages counted in, if there are any: the recovery time.
    #[serde(rename = "with_planned_s", with = "As::<Option<Seconds>>")]
    pub with_planned: Option<Span>,
    /// Whether the fault was healed and no remedy had any effect.
    pub healed_by_itself: bool,
    /// From the fault to the first correct alarm.
    #[serde(rename = "detect_s", with = "As::<Option<Seconds>>")]
    pub detect: Option<Span>,
    /// From the alarm to the decision to act, and all later waiting for people's consent.
    #[serde(rename = "decide_s", with = "As::<Option<Seconds>>")]
    pub decide: Option<Span>,
    /// From the decision to the first request the remediation served, without waiting for approval.
    #[serde(rename = "act_s", with = "As::<Option<Seconds>>")]
    pub act: Option<Span>,
    /// From there to recovery, without waiting for approval.
    #[serde(rename = "converge_s", with = "As::<Option<Seconds>>")]
    pub converge: Option<Span>,
    /// Of `decide`, the waiting for people's approval that came after the decision to act: before the remediation.
    #[serde(rename = "consent_acting_s", with = "As::<Seconds>")]
    pub consent_acting: Span,
    /// The same, after the remediation.
    #[serde(rename = "consent_converging_s", with = "As::<Seconds>")]
    pub consent_converging: Span,
    /// Whether the run ended before recovery.
    pub censored: bool,
    /// The shortest recovery time that a property of the scenario demands after this fault, if one does.
    #[serde(rename = "objective_s", with = "As::<Option<Seconds>>")]
    pub objective: Option<Span>,
}

impl Recovery {
    /// When action was decided on, if that is known.
    pub fn decided_at(&self) -> Option<Instant> {
        let later = self.consent_acting.saturating_add(self.consent_converging);
        Some(self.at.saturating_add(self.detect?).saturating_add(self.decide?.saturating_sub(later)))
    }

    /// When the remediation served its first request, if that is known.
    pub fn mitigated_at(&self) -> Option<Instant> {
        Some(self.decided_at()?.saturating_add(self.act?).saturating_add(self.consent_acting))
    }
}

/// For how long control was wrong about a region that it watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Misjudged {
    /// The region.
    pub region: String,
    /// It was believed healthy and did not serve: that went unseen, or was seen late.
    #[serde(rename = "missed_s", with = "As::<Seconds>")]
    pub missed: Span,
    /// It was believed down and served: the alarm was false, or that it was back was seen late.
    #[serde(rename = "false_alarm_s", with = "As::<Seconds>")]
    pub false_alarm: Span,
    /// For how long it is known whether it served: what is right and what is wrong together.
    #[serde(rename = "known_s", with = "As::<Seconds>")]
    pub known: Span,
}

/// Availability over the run, by requests and by time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(from = "WithShares", into = "WithShares")]
pub struct Availability {
    /// Requests served: answered well, within what the objective allows.
    pub ok: u64,
    /// Requests started, and those that users who were held up would have started.
    pub started: u64,
    /// One-second slots whose success ratio reached the objective, of all slots with requests.
    pub good_slots: u64,
    /// Slots with requests.
    pub slots: u64,
    /// The longest outage of any class; one that is not over lasts until clients stop.
    pub longest_bad: Span,
}

/// The same as it stands in files, where both shares are worked out.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct WithShares {
    /// Requests served: answered well, within what the objective allows.
    ok: u64,
    /// Requests started, and those that users who were held up would have started.
    started: u64,
    /// The share of them that was served; null if there were none.
    by_requests: Option<SixDigits>,
    /// One-second slots whose success ratio reached the objective.
    good_slots: u64,
    /// Slots with requests.
    slots: u64,
    /// The share of them that was good; null if there were none.
    by_time: Option<SixDigits>,
    /// The longest outage of any class; one that is not over lasts until clients stop.
    #[serde(with = "As::<Seconds>")]
    longest_bad_s: Span,
}

impl From<Availability> for WithShares {
    fn from(Availability { ok, started, good_slots, slots, longest_bad }: Availability) -> Self {
        let share = |part: u64, whole: u64| (whole != 0).then(|| SixDigits::of(&(part as f64 / whole as f64)));
        let (by_requests, by_time) = (share(ok, started), share(good_slots, slots));
        Self { ok, started, by_requests, good_slots, slots, by_time, longest_bad_s: longest_bad }
    }
}

impl From<WithShares> for Availability {
    fn from(WithShares { ok, started, good_slots, slots, longest_bad_s, .. }: WithShares) -> Self {
        Self { ok, started, good_slots, slots, longest_bad: longest_bad_s }
    }
}

/// A run that ended before it could be judged whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stopped {
    /// When.
    #[serde(rename = "at_s", with = "As::<Seconds>")]
    pub at: Instant,
    /// Why, and who waited for whom.
    pub why: String,
}

/// One rehearsal, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The scenario's name.
    pub scenario: String,
    /// The program that made it, for the replay line.
    pub program: String,
    /// The scenario file as it was given, for the replay line; `-` if it came from elsewhere.
    pub file: String,
    /// Settings given beside the file (`path=value`), in order, for the replay line.
    pub settings: Vec<String>,
    /// The file of the written schedule that was run in place of the seed's own, for the replay line.
    pub schedule: Option<String>,
    /// General information about the scenario.
    pub description: String,
    /// The text of the scenario, so that the record can be judged again; empty if it was compiled from something else.
    pub source: String,
    /// The files that the scenario builds on, so that the record can be judged again.
    pub bases: Vec<BaseFile>,
    /// The version of firedrill that made the run.
    pub tool_version: String,
    /// All properties together.
    pub verdict: Verdict,
    /// Whether every verdict is the expected one.
    pub as_expected: bool,
    /// One per property, in the file's order.
    pub properties: Vec<PropertyOutcome>,
    /// One per fault that took something away.
    pub recovery: Vec<Recovery>,
    /// One per region that a controller watches, by name.
    pub misjudged: Vec<Misjudged>,
    /// Every time a class of requests was not served as promised, in order.
    pub outages: Vec<Outage>,
    /// What was found that no property bounds: with any, the scenario does not pass.
    pub findings: Vec<String>,
    /// Availability over the whole run.
    pub availability: Availability,
    /// Why the run stopped early, if it did: then the verdict is at best inconclusive.
    pub stopped: Option<Stopped>,
    /// What the reader must know before trusting the verdict: faults that had no effect, properties never exercised.
    pub warnings: Vec<String>,
    /// Why the run as a whole proves nothing, whatever its properties say: then the verdict is at best inconclusive. Each
    /// is a warning too.
    pub doubts: Vec<String>,
    /// Each assumption behind the verdict, in the file's order.
    pub assumptions: Vec<Assumption>,
    /// The run itself.
    pub record: Record,
}

/// A file that a scenario builds on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BaseFile {
    /// Its path from the scenario's folder.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// A number the verdict rests on, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// Its place in the scenario, such as `databases.orders.delay`.
    pub path: String,
    /// Its value, as printed.
    pub value: String,
    /// Who set it: `file`, `base estate.yaml`, `preset ai-provider`, `--set` or `default`.
    pub origin: String,
    /// Where the default comes from.
    pub source: String,
}

impl Outcome {
    /// The timeline of the run.
    pub fn timeline(&self) -> &Timeline {
        &self.record.timeline
    }

    /// The verdict without those properties that one run cannot decide.
    pub fn verdict_alone(&self) -> Verdict {
        let decided = self.properties.iter().filter(|property| !property.is_over_runs() && property.counts());
        let nothing_found = !self.proves_nothing() && self.findings.is_empty();
        let at_best = if nothing_found { Verdict::Pass } else { Verdict::Inconclusive };
        decided.map(|property| property.verdict).fold(at_best, Verdict::max)
    }

    /// Whether every verdict that one run can decide is the expected one.
    pub fn as_expected_alone(&self) -> bool {
        let decided = |property: &PropertyOutcome| property.is_over_runs() || property.as_expected();
        let bounded = self.findings.is_empty() || self.verdict_alone() == Verdict::Fail;
        !self.proves_nothing() && bounded && self.properties.iter().all(decided)
    }

    /// Whether the run says nothing for sure, whatever its properties say.
    pub fn proves_nothing(&self) -> bool {
        self.stopped.is_some() || self.properties.is_empty() || !self.doubts.is_empty()
    }

    /// The command that repeats exactly this run.
    pub fn replay_command(&self) -> String {
        let Self { program, file, settings, schedule, record, .. } = self;
        replay_command((program, file), settings, schedule.as_deref(), record.seed)
    }
}

/// The command by which that program runs one scenario file with one seed, quoted for a POSIX shell.
pub fn replay_command((program, file): (&str, &str), settings: &[String], schedule: Option<&str>, seed: u64) -> String {
    let schedule = schedule.map_or(String::new(), |file| format!(" --schedule {}", shell_word(file)));
    let settings: String = settings.iter().map(|s| format!(" --set {}", shell_word(s))).collect();
    format!("{} run {} --seed {seed}{schedule}{settings}", shell_word(program), shell_word(file))
}

/// `text` as one word of a POSIX shell: bare if nothing in it means anything to the shell, else in single quotes.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,%+@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replay_command_survives_a_shell() {
        let mut outcome = fixture::outage(7);
        assert_eq!(outcome.replay_command(), "firedrill run src/outcome/fixture/dark.yaml --seed 7 --set dns.ttl=20s");
        outcome.file = "it's dark.yaml".to_owned();
        outcome.settings = vec!["name=$(date)".to_owned()];
        assert_eq!(outcome.replay_command(), r"firedrill run 'it'\''s dark.yaml' --seed 7 --set 'name=$(date)'");
        (outcome.schedule, outcome.settings) = (Some("a b.yaml".to_owned()), Vec::new());
        assert!(outcome.replay_command().ends_with("dark.yaml' --seed 7 --schedule 'a b.yaml'"));
    }
}
