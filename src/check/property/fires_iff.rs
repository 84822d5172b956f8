//! `fires_iff`: an event happens if, and only if, a statement has truly held for long enough, in time, and once each time.
//!
//! A rule that reacts is judged by the truth and never by what it sees itself: a rule that is right about its own metric may
//! be wrong about the world. So the statement must not name what monitoring sees.
//!
//! Invariant: an episode is a longest stretch in which the statement holds. One that lasts for `sustained` and more is due, from
//! `sustained` after its beginning and for `react`; one that is shorter is not; one that is within `dead_band` of `sustained` may go
//! either way, and so may one of which there are no data at its edges.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::expression::Expression;
use crate::check::trace::Trace;
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::record::Record;
use crate::record::event::EventPattern;
use crate::units::{Instant, Span, plural};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new(
    "fires_iff",
    "An event happens if and only if a statement has truly held for long enough: in time, once each time, and never otherwise.",
    &FIELDS,
);

const FIELDS: [Field; 5] = [
    Field::required("event", FieldType::Expression, "The event, such as `region_failover.started`."),
    Field::required(
        "when",
        FieldType::Expression,
        "The truth that it is to follow, such as `errors > 5%`. What monitoring sees is no truth.",
    ),
    Field::with("sustained", FieldType::Span, "0s", "none: it is due at once", "How long that must have held."),
    Field::required(
        "react",
        FieldType::PositiveSpan,
        "The time from then in which the event must happen. A rule over scrapes needs a scrape, its window and an evaluation at \
         least.",
    ),
    Field::with(
        "dead_band",
        FieldType::Span,
        "0s",
        "none: the truth is exact",
        "How much shorter or longer than `sustained` an episode may be for the event to be neither due nor wrong.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let known = Vocabulary::new(scope);
    let mut reader = Reader { values, known: &known, problems };
    let (event, when) = (reader.event("event"), reader.statement("when"));
    let (event, when) = (event?, when?);
    if let Some(seen) = when.signals().iter().find(|name| known.is_seen(name)) {
        let message = format!("`{seen}` is what monitoring sees, and a rule is not judged by what it sees itself");
        return reader.refuse(
            Some("when"),
            &message,
            "name what is true, such as `errors`, `success` or `region.west.up`",
        );
    }
    let (sustained, react, dead_band) = (values.span("sustained"), values.span("react"), values.span("dead_band"));
    if dead_band > Span::ZERO && dead_band >= sustained {
        let message = format!("`dead_band` {dead_band} leaves nothing of `sustained` {sustained}");
        return reader.refuse(Some("dead_band"), &message, "choose a shorter one");
    }
    Some(Arc::new(FiresIff { event, when, sustained, react, dead_band }))
}

#[derive(Debug)]
struct FiresIff {
    event: EventPattern,
    when: Expression,
    sustained: Span,
    react: Span,
    dead_band: Span,
}

/// What is to be said of the event because of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// It must happen in this window, the ends included.
    Due(Instant, Instant),
    /// It may happen in this window.
    Open(Instant, Instant),
}

/// What became of one thing that was to be judged.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    margin: f64,
    at: Instant,
    why: String,
}

impl FiresIff {
    /// By episode, what it says of the event; the short ones say nothing.
    fn claims(&self, truth: &Trace<Option<bool>>) -> Vec<Claim> {
        let stretches: Vec<_> = truth.stretches().collect();
        let mut claims = Vec::new();
        for (place, stretch) in stretches.iter().enumerate() {
            let edge = |beside: Option<usize>| {
                beside.and_then(|place| stretches.get(place)).is_some_and(|other| other.value.is_none())
            };
            let blurred = edge(place.checked_sub(1)) || edge(Some(place + 1));
            let until = stretch.until.unwrap_or(Instant::MAX);
            let due = stretch.from.saturating_add(self.sustained);
            let latest = due.saturating_add(self.react);
            match stretch.value {
                Some(true) if blurred => claims.push(Claim::Open(stretch.from, until.max(latest))),
                Some(true) => claims.extend(self.claim(stretch.from, stretch.until, truth.end())),
                // Whatever went on meanwhile, it may have been due until some time after.
                None => claims
                    .push(Claim::Open(stretch.from, until.saturating_add(self.sustained).saturating_add(self.react))),
                Some(false) => {}
            }
        }
        claims
    }

    fn claim(&self, from: Instant, until: Option<Instant>, end: Instant) -> Option<Claim> {
        let due = from.saturating_add(self.sustained);
        let lasted = until.unwrap_or(end).since(from);
        let band = self.dead_band;
        if lasted >= self.sustained.saturating_add(band) {
            return Some(Claim::Due(due, due.saturating_add(self.react)));
        }
        let nearly = lasted.saturating_add(band) > self.sustained;
        // What goes on at the end of the run may be as long as it takes.
        let open = until.is_none() || (band > Span::ZERO && nearly);
        open.then(|| Claim::Open(from, due.saturating_add(band).saturating_add(self.react)))
    }

    /// How well the event `at` fits a window.
    fn fit(&self, (from, to): (Instant, Instant), at: Instant) -> f64 {
        let nanos = |at: Instant| at.as_nanos() as f64;
        let left = (nanos(at) - nanos(from)).min(nanos(to) - nanos(at));
        (left / self.react.as_nanos() as f64).max(-1.0)
    }

    /// What came of each due episode and of each event that nothing called for; and the deadlines that the end of the run cut.
    fn judge_all(&self, claims: &[Claim], events: &[Instant], end: Instant) -> (Vec<Found>, u64, Vec<Instant>) {
        let mut free: Vec<Instant> = events.to_vec();
        let (mut found, mut due, mut cut) = (Vec::new(), 0, Vec::new());
        for claim in claims {
            let Claim::Due(from, to) = *claim else { continue };
            // The event that fits best, the first of several.
            let fits = |at: &Instant| self.fit((from, to), *at);
            let best = (0..free.len()).rev().max_by(|a, b| fits(&free[*a]).total_cmp(&fits(&free[*b])));
            match best.filter(|best| fits(&free[*best]) > -1.0) {
                Some(best) => {
                    due += 1;
                    let at = free.remove(best);
                    let margin = self.fit((from, to), at);
                    let delay = if at < from {
                        format!("{:#} too early", from.since(at))
                    } else {
                        format!("{:#} after it was due", at.since(from))
                    };
                    found.push(Found { margin, at, why: format!("{} happened {delay}", self.event) });
                }
                None if to > end => cut.push(to),
                None => {
                    due += 1;
                    let why = format!("{} was due at {from:#} and did not happen by {to:#}", self.event);
                    found.push(Found { margin: -1.0, at: to, why });
                }
            }
        }
        let open =
            |at: &Instant| claims.iter().any(|claim| matches!(claim, Claim::Open(from, to) if from <= at && at <= to));
        for at in free.into_iter().filter(|at| mutant!("whatever_fires_is_right": !open(at) => false)) {
            let again = claims.iter().any(|claim| match claim {
                Claim::Due(from, to) => *from <= at && at <= to.saturating_add(self.react),
                Claim::Open(..) => false,
            });
            let why = if again {
                format!("{} happened again at {at:#}, for one episode", self.event)
            } else {
                format!("{} happened at {at:#}, though `{}` had not held for {}", self.event, self.when, self.sustained)
            };
            found.push(Found { margin: -1.0, at, why });
        }
        (found, due, cut)
    }
}

impl Property for FiresIff {
    fn demand(&self) -> String {
        let Self { event, when, sustained, react, .. } = self;
        format!("{event} if and only if `{when}` has held for {sustained}, within {react}")
    }

    fn bound(&self) -> String {
        self.react.to_string()
    }

    fn speaks_of(&self, name: &str) -> bool {
        self.event.matches(name) || self.when.counts(name)
    }

    fn judge(&self, record: &Record) -> Judgement {
        let truth = match self.when.evaluate(record) {
            Ok(trace) => trace.map(|judged| judged.truth),
            Err(overflow) => return Judgement::not_exercised(overflow.to_string()),
        };
        if let Some(name) = self.when.unrecorded(record).first() {
            return Judgement::not_exercised(format!("the run recorded no signal `{name}`"));
        }
        let claims = self.claims(&truth);
        let (found, due, cut) = self.judge_all(&claims, &self.event.times(record), truth.end());
        let worst = found.iter().min_by(|a, b| a.margin.total_cmp(&b.margin).then(a.at.cmp(&b.at)));
        if let Some(worst) = worst.filter(|worst| worst.margin < 0.0) {
            let wrong = found.iter().filter(|one| one.margin < 0.0).count() as u64;
            let more = if wrong > 1 { format!("; and {} more", plural(wrong - 1, "time")) } else { String::new() };
            return Judgement::fail(due.max(wrong), format!("{}{more}", worst.why)).margin(worst.margin).at(worst.at);
        }
        if let Some(deadline) = cut.first() {
            return Judgement::unknown(
                due,
                format!("the run ended at {:#}, before {deadline:#}, when it was due", truth.end()),
            );
        }
        let Some(worst) = worst else {
            let missing = truth.stretches().any(|stretch| stretch.value.is_none());
            let why = if missing { ", as far as there were data" } else { "" };
            let why =
                format!("`{}` never held for {}{why}, and {} did not happen", self.when, self.sustained, self.event);
            return Judgement::not_exercised(why);
        };
        let episodes = Evidence::counted(due, "episodes in which it was due");
        Judgement::pass(episodes, format!("{}, at worst; {} due", worst.why, plural(due, "time")))
            .margin(worst.margin)
            .measured(worst.why.rsplit_once("happened ").map(|(_, delay)| delay.replace(" after it was due", "")))
            .at(worst.at)
    }
}

#[cfg(test)]
#[path = "fires_iff_tests.rs"]
mod tests;
