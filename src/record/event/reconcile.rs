//! How control compares databases that should be the same.

use super::Prose;
use crate::units::plural;

events! {
    /// How control compares databases that should be the same.
    ReconcileEvent, ReconcileKind;

    /// Control walked through two databases and repaired what it was to repair.
    Finished by Control "reconcile.finished"
        { primary: String, secondary: String, compared: u64, differing: u64, repaired: u64, changed: u64 }
        => {
        format!(
            "{primary} and {secondary}: {} compared, {differing} not the same, {repaired} repaired, {changed} that changed \
             meanwhile",
            plural(*compared, "row")
        )
    }
    /// Control could not finish its walk through two databases.
    Failed by Control "reconcile.failed" { primary: String, secondary: String, error: Prose }
        => "{primary} and {secondary}: {error}"
}
