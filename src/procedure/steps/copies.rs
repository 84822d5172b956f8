//! Copies that follow an authority.

use crate::ports::Databases;
use crate::procedure::StepError;

/// Rebuilds the copies of `databases` in `region`; one that follows is left alone. Says so, unless there is none.
///
/// # Errors
///
/// That of the first call that fails.
pub async fn rebuild<P: Databases>(ports: &P, databases: &[&str], region: &str) -> Result<Option<String>, StepError> {
    for database in databases {
        ports.rebuild(database, region).await?;
    }
    Ok((!databases.is_empty()).then(|| format!("{} replicate to {region}", databases.join(", "))))
}
