//! Who may write to a database: fencing older epochs off, and opening a copy under a new one.

use crate::ports::{Databases, HeadBound, Promotion, Runtime};
use crate::procedure::{Effect, StepError, Work};
use crate::record::LossBound;
use serde::Serialize;

/// Fences off every epoch of `database` below `epoch`. `fenced` is where the evidence keeps whether that was done.
///
/// # Errors
///
/// [`StepError::Final`] if a higher epoch is in effect: another controller is acting.
pub async fn fence<P: Runtime + Databases, E: Serialize>(
    work: &mut Work<'_, P, E>,
    (database, epoch): (&str, u32),
    fenced: impl Fn(&mut E) -> &mut Effect,
) -> Result<(), StepError> {
    let before = fenced(work.evidence).ask();
    mutant!("a_fence_is_not_written_down": work.write_down().await? => ());
    let answer = work.ports.fence(database, epoch).await;
    let in_force = fenced(work.evidence).learn(before, answer)?;
    if mutant!("another_epoch_in_force_is_mine": in_force != epoch => false) {
        let why = format!("{database}: epoch {in_force} is current, not {epoch}: another controller is acting");
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
pub async fn promote<P: Runtime + Databases, E: Serialize>(
    work: &mut Work<'_, P, E>,
    (database, region, epoch): (&str, &str, u32),
    promoted: impl Fn(&mut E) -> &mut Effect,
) -> Result<Promotion, StepError> {
    let before = promoted(work.evidence).ask();
    mutant!("a_promotion_is_not_written_down": work.write_down().await? => ());
    let answer = work.ports.promote(database, region, epoch).await;
    Ok(promoted(work.evidence).learn(before, answer)?)
}

/// Gives `database`, whose older epochs were fenced off and of which no other copy was promoted, back to the copy in
/// `region` that led before. A fence cannot be lowered, so that copy leads the new epoch instead; where a higher one is
/// in effect somebody else does.
///
/// # Errors
///
/// [`StepError::NotYet`] if that copy does not lead yet, or that of a call.
pub async fn give_back<P: Databases>(
    ports: &P,
    (database, region, epoch): (&str, &str, u32),
) -> Result<String, StepError> {
    let in_force = ports.fence(database, epoch).await?;
    if in_force != epoch {
        return Ok(format!("{database} is at epoch {in_force}: another controller leads it"));
    }
    ports.promote(database, region, epoch).await?;
    let copy = ports.copy_status(database, region).await?;
    if copy.writable && copy.epoch == epoch {
        Ok(format!("{database} is led by {region} again, at epoch {epoch}"))
    } else {
        Err(StepError::NotYet(format!("{database} is not led by {region} yet")))
    }
}

/// What promoting a copy that had received that much can lose at most, given where the old authority's head can be: to be
/// announced before it is done. Without an idea of the head it is anything.
pub fn loss_bound(head: Option<HeadBound>, received: u64) -> LossBound {
    let lost = |position: fn(HeadBound) -> u64| head.map_or(u64::MAX, |head| position(head).saturating_sub(received));
    LossBound { if_dead: lost(|head| head.if_dead), if_alive: lost(|head| head.if_alive) }
}
