//! Who acts and under which lease, how drills go, how weights are shifted.

use super::{Prose, Shares};
use crate::units::{Instant, Span};

events! {
    /// How a drill went.
    DrillEvent, DrillKind;

    /// A drill was held, validated and failed back.
    Passed by Control "drill.passed" { message: Prose } => "{message}"
    /// A drill did not complete; its zone is back in its home region.
    NotPassed by Control "drill.not_passed" {} => "the drill did not complete; the zone is back in its home region"
    /// The required approval for a drill was not given.
    Refused by Control "drill.refused" { why: Prose } => "{why}"
    /// A drill changed something that real clients depend on.
    TouchedProduction by World "drill.touched_production" { workload: String }
        => "the drill has changed something that {workload} depends on"
}

impl DrillKind {
    /// The name of the procedure that drills run: a frame around runs of other procedures.
    pub const PROCEDURE: &'static str = "drill";
}

events! {
    /// Who acts, and on which journal.
    ControllerEvent, ControllerKind;

    /// A controller was granted the lease and acts.
    Leads by Control "controller.leads" { epoch: u32 } => "epoch {epoch}"
    /// A controller lost the lease and stopped acting.
    StoodDown by Control "controller.stood_down" { epoch: u32, why: Prose } => "epoch {epoch}: {why}"
    /// The leading controller cannot read the journal.
    JournalUnreadable by Control "controller.journal_unreadable" { error: Prose } => "{error}"
    /// A change under an older lease was carried out because nothing checked it.
    StaleChange by World "controller.{controller}.stale_change" { controller: String, held: u32, newest: u32 }
        => "a change under epoch {held} although epoch {newest} was granted"
    /// A change came too late: a newer one of the same thing was in effect, and it was not carried out.
    Overtaken by World "controller.{controller}.overtaken" { controller: String }
        => "a change came too late and was not carried out: a newer change of the same target is in effect"
    /// A controller changed what another one had set, while both had runs under way that did not know of each other.
    Interfered by World "controller.{controller}.interfered"
        { controller: String, other: String, thing: String, before: String, value: String }
        => "{thing}: {value} in place of {before}, which {other} had set in a run that overlaps"
    /// A controller was killed, paused or doubled at one of its calls.
    Struck by World "controller.{controller}.struck" { controller: String, act: Prose } => "{act}"
    /// A controller over a pipe reported an event under a name of its own.
    Said by Control "controller.{controller}.said.{what}" { controller: String, what: String, text: Prose } => "{text}"
    /// The connection to a controller broke: its program died, violated the protocol, or did not answer for too long.
    Broke by Control "controller.{controller}.broke" { controller: String, why: Prose } => "{why}"
    /// The journal holds something that cannot be resumed: a person must act.
    Unreadable by Control "journal.unreadable" { why: Prose } => "{why}: a person must act"
}

events! {
    /// How a shift of the balancer's weights goes.
    ShiftEvent, ShiftKind;

    /// A shift of the balancer's weights was planned for a given time.
    Planned by Control "shift.planned" { wanted: Shares, at: Instant } => "to {wanted} at {at:#}"
    /// A shift of the balancer's weights started.
    Started by Control "shift.started" { wanted: Shares } => "to {wanted}"
    /// The balancer did not accept the weights.
    Refused by Control "shift.refused" { error: Prose } => "{error}"
    /// The weights read back were not those requested.
    Mismatch by Control "shift.mismatch" { in_force: Shares } => "{in_force} is in effect"
    /// The requested weights were read back.
    Done by Control "shift.done" { wanted: Shares, round: u32 } => "{wanted} read back in round {round}"
    /// The weights did not take effect in time; a person must act.
    Stopped by Control "shift.stopped" { wanted: Shares, within: Span }
        => "{wanted} not in effect within {within:#}: a person must act"
}
