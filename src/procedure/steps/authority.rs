//! Who may write to a database: fencing older epochs off, and opening a copy under a new one.

use crate::ports::{Databases, Promotion, Runtime};
use crate::procedure::{Effect, StepError, Work};
use serde::Serialize;

/// Fences off every epoch of `database` below `epoch`. `fenced` is where the evidence keeps whether that was done.
///
/// # Errors
///
/// [`StepError::Final`] if a higher epoch is in force: somebody else acts.
pub(in crate::procedure) async fn fence<P: Runtime + Databases, E: Serialize>(
    work: &mut Work<'_, P, E>,
    (database, epoch): (&str, u32),
    fenced: impl Fn(&mut E) -> &mut Effect,
) -> Result<(), StepError> {
    let before = fenced(work.evidence).ask();
    work.write_down().await?;
    let answer = work.ports.fence(database, epoch).await;
    let in_force = fenced(work.evidence).learn(before, answer)?;
    if in_force != epoch {
        let why = format!("{database}: epoch {in_force} is in force, not {epoch}: somebody else acts");
        return Err(StepError::Final(why));
    }
    Ok(())
}

/// Makes the copy of `database` in `region` the authority of `epoch`. `promoted` is where the evidence keeps whether that
/// was done. Returns what the copy says of it; whether that is what was wanted is for the caller to say.
///
/// # Errors
///
/// That of the call.
pub(in crate::procedure) async fn promote<P: Runtime + Databases, E: Serialize>(
    work: &mut Work<'_, P, E>,
    (database, region, epoch): (&str, &str, u32),
    promoted: impl Fn(&mut E) -> &mut Effect,
) -> Result<Promotion, StepError> {
    let before = promoted(work.evidence).ask();
    work.write_down().await?;
    let answer = work.ports.promote(database, region, epoch).await;
    Ok(promoted(work.evidence).learn(before, answer)?)
}
