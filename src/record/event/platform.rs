//! What happens to regions, and to the run as a whole.

use crate::units::{Span, plural};

events! {
    /// What happens to regions, and to the run as a whole.
    PlatformEvent, PlatformKind;

    /// The region's standby services became active.
    Active by World "region.{region}.active" { region: String } => "the services of {region} are active"
    /// The region's services went back on standby.
    Standby by World "region.{region}.standby" { region: String } => "the services of {region} are on standby"
    /// The region served its first request after the remediation.
    Served by World "served.{region}" { region: String } => "{region} served the first request after the change"
    /// The settling time was over, and something was still in progress.
    Unsettled by World "run.unsettled" { settle: Span, procedures: u64, at_rest: bool } => {
        let procedures = (*procedures > 0).then(|| plural(*procedures, "procedure"));
        let rest = (!*at_rest).then(|| "requests or replication".to_owned());
        let open = procedures.into_iter().chain(rest).collect::<Vec<_>>().join(", ");
        format!("not settled {settle:#} after the workload ended: {open} in progress")
    }
}
