//! Notifying stakeholders.

use crate::ports::Notifier;
use crate::procedure::StepError;

/// Notifies each of `audiences` that has not been notified yet; `told` is where the evidence keeps which have. Nobody
/// is notified again because another channel fails.
///
/// # Errors
///
/// That of the first channel that did not take the message.
pub async fn tell<P: Notifier>(
    ports: &P,
    audiences: &[String],
    message: &str,
    told: &mut Vec<String>,
) -> Result<String, StepError> {
    for audience in audiences {
        if !told.contains(audience) {
            ports.notify(audience, message).await?;
            told.push(audience.clone());
        }
    }
    // The channel has taken it, which is all that is known.
    Ok(format!("sent to {}", audiences.join(", ")))
}
