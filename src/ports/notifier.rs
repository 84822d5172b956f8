//! Channels to audiences. Who reads what a channel has accepted, nobody learns.

use super::PortError;

/// Telling people.
pub trait Notifier {
    /// Hands `message` to the channel of `audience`. Returns once the channel has accepted it.
    async fn notify(&self, audience: &str, message: &str) -> Result<(), PortError>;
}
