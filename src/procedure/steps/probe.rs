//! Whether services answer.

use crate::ports::{Clock, Probe};
use crate::procedure::StepError;
use crate::units::Span;

/// Between two probes of a service, so that one lucky moment is not taken for health. The figure is ours.
const PAUSE: Span = Span::from_secs(1);

/// Every one of `services` in `region` answers every probe within `limit`. Returns the longest that one took.
///
/// # Errors
///
/// [`StepError::NotYet`] if one took longer, or what a probe that was not answered says.
pub async fn services_answer<P: Probe + Clock>(
    ports: &P,
    (region, services): (&str, &[String]),
    (probes, limit): (u32, Span),
) -> Result<Span, StepError> {
    let mut slowest = Span::ZERO;
    for round in 0..probes {
        if round > 0 {
            ports.sleep(PAUSE).await;
        }
        for service in services {
            let took = ports.probe(region, service).await?;
            if took > limit {
                let why = format!("{service} in {region} answered after {took:#}, limit {limit:#}");
                return Err(StepError::NotYet(why));
            }
            slowest = slowest.max(took);
        }
    }
    Ok(slowest)
}
