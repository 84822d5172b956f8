//! What happened, as tables: events, faults, steps, verdicts, lost writes, and one row per seed of a campaign.

use super::sheet::{Sheet, Value};
use crate::explore::Campaign;
use crate::outcome::Outcome;
use crate::units::{Instant, Span};

/// The lists of one run.
pub(super) fn of_run(outcome: &Outcome) -> Vec<Sheet> {
    vec![events(outcome), faults(outcome), steps(outcome), properties(outcome), writes(outcome), lost_writes(outcome)]
}

/// The lists of a campaign.
pub(super) fn of_campaign(campaign: &Campaign) -> Vec<Sheet> {
    vec![seeds(campaign), seed_properties(campaign), seed_recovery(campaign)]
}

fn moment<'a>(at: Option<Instant>) -> Value<'a> {
    at.map_or(Value::Unknown, Value::moment)
}

fn span<'a>(span: Option<Span>) -> Value<'a> {
    span.map_or(Value::Unknown, Value::span)
}

fn events(outcome: &Outcome) -> Sheet {
    let mut sheet = Sheet::new("events", &["t_s", "actor", "event", "what"]);
    for event in outcome.timeline().events() {
        let actor = event.actor.to_string();
        sheet.row(&[Value::moment(event.at), Value::Text(&actor), Value::Text(&event.name), Value::Text(&event.text)]);
    }
    sheet
}

fn faults(outcome: &Outcome) -> Sheet {
    let mut sheet = Sheet::new("faults", &["fault", "kind", "began_s", "healed_s", "hits_count"]);
    for f in &outcome.record.faults {
        let names = [Value::Text(&f.id), Value::Text(&f.kind)];
        let [id, kind] = names;
        sheet.row(&[id, kind, moment(f.at), moment(f.healed), Value::Whole(f.hits)]);
    }
    sheet
}

fn steps(outcome: &Outcome) -> Sheet {
    let heads = ["procedure", "run", "step", "start_s", "took_s", "budget_s", "tries_count", "result", "note"];
    let mut sheet = Sheet::new("steps", &heads);
    for lap in &outcome.record.laps {
        sheet.row(&[
            Value::Text(&lap.procedure),
            Value::Whole(lap.run.into()),
            Value::Text(&lap.step),
            Value::moment(lap.start),
            Value::span(lap.took),
            Value::span(lap.budget),
            Value::Whole(lap.tries.into()),
            Value::Text(&lap.result.to_string()),
            Value::Text(&lap.note),
        ]);
    }
    sheet
}

fn properties(outcome: &Outcome) -> Sheet {
    let heads = [
        "property",
        "kind",
        "verdict",
        "expected",
        "bound",
        "measured",
        "margin_ratio",
        "at_s",
        "exercised_count",
        "why",
    ];
    let mut sheet = Sheet::new("properties", &heads);
    for p in &outcome.properties {
        sheet.row(&[
            Value::Text(&p.id),
            Value::Text(&p.kind),
            Value::Text(&p.verdict.to_string()),
            Value::Text(&p.expected.to_string()),
            Value::Text(&p.bound),
            p.measured.as_deref().map_or(Value::Unknown, Value::Text),
            Value::figure(p.margin),
            moment(p.at),
            Value::Whole(p.exercised),
            Value::Text(&p.why),
        ]);
    }
    sheet
}

fn writes(outcome: &Outcome) -> Sheet {
    let heads = [
        "database",
        "acknowledged_count",
        "at_stake_count",
        "lost_count",
        "lost_visible_count",
        "lost_held_count",
        "lost_held_by_the_dead_count",
        "lost_nowhere_count",
        "refused_count",
        "unknown_never_stored_count",
        "unknown_stored_count",
        "unknown_gone_count",
    ];
    let mut sheet = Sheet::new("writes", &heads);
    for store in &outcome.record.stores {
        let (found, not) = (&store.whereabouts, &store.unanswered);
        let acknowledged = [store.acked, store.at_stake, store.lost_total, store.lost_visible];
        let counts = acknowledged.into_iter().chain([found.held, found.held_by_the_dead, found.nowhere]).chain([
            not.refused,
            not.never_stored,
            not.stored,
            not.gone,
        ]);
        let row: Vec<Value<'_>> = std::iter::once(Value::Text(&store.store)).chain(counts.map(Value::Whole)).collect();
        sheet.row(&row);
    }
    sheet
}

fn lost_writes(outcome: &Outcome) -> Sheet {
    let heads = [
        "database",
        "operation",
        "key",
        "epoch",
        "lsn",
        "stored_s",
        "seen_by_client_s",
        "visible",
        "last_seen_in",
        "held_by",
    ];
    let mut sheet = Sheet::new("lost_writes", &heads);
    for store in &outcome.record.stores {
        for w in &store.lost {
            let held_by = w.held_by.join(" ");
            sheet.row(&[
                Value::Text(&store.store),
                Value::Whole(w.operation),
                Value::Whole(w.key.into()),
                Value::Whole(w.epoch.into()),
                Value::Whole(w.lsn),
                Value::moment(w.server_acked),
                Value::moment(w.client_acked),
                Value::Truth(w.visible),
                Value::Text(&w.last_seen),
                Value::Text(&held_by),
            ]);
        }
    }
    sheet
}

fn seeds(campaign: &Campaign) -> Sheet {
    let heads = ["seed", "verdict", "as_expected", "stopped", "lost_writes_count", "digest", "internal_error"];
    let mut sheet = Sheet::new("seeds", &heads);
    for row in &campaign.rows {
        let seed = Value::Whole(row.seed);
        match &row.run {
            Ok(run) => sheet.row(&[
                seed,
                Value::Text(&run.verdict.to_string()),
                Value::Truth(run.as_expected),
                Value::Truth(run.stopped),
                Value::Whole(run.lost),
                Value::Text(&run.digest.to_string()),
                Value::Unknown,
            ]),
            Err(why) => {
                let unknown = || Value::Unknown;
                sheet.row(&[seed, unknown(), Value::Truth(false), unknown(), unknown(), unknown(), Value::Text(why)]);
            }
        }
    }
    sheet
}

fn seed_properties(campaign: &Campaign) -> Sheet {
    let mut sheet = Sheet::new("seed_properties", &["seed", "property", "verdict", "margin_ratio"]);
    for row in &campaign.rows {
        let judged = row.run.iter().flat_map(|run| &run.properties);
        for ((verdict, margin), property) in judged.zip(&campaign.summary.properties) {
            let verdict = verdict.to_string();
            let cells = [Value::Text(&property.id), Value::Text(&verdict)];
            let [id, verdict] = cells;
            sheet.row(&[Value::Whole(row.seed), id, verdict, Value::figure(*margin)]);
        }
    }
    sheet
}

fn seed_recovery(campaign: &Campaign) -> Sheet {
    let mut sheet = Sheet::new("seed_recovery", &["seed", "fault", "recovery_s"]);
    for row in &campaign.rows {
        for (fault, rto) in row.run.iter().flat_map(|run| &run.recovery) {
            sheet.row(&[Value::Whole(row.seed), Value::Text(fault), span(*rto)]);
        }
    }
    sheet
}
