//! How clients are sent from one region to the other: by the records that name it, by the balancer's weights, or both.
//!
//! Does not know when that is done. Invariants: what clients were sent by before is read, and written down, before it is
//! changed, and undoing goes back to that. What counts is what is read back.

use super::undo::UNCHANGED;
use super::{FailoverEvidence, FailoverRecord, FailoverWeights, RegionFailover, WeightsOrder};
use crate::ports::{Dns, LoadBalancer, Runtime};
use crate::procedure::shift::same_shares;
use crate::procedure::step::StepError;
use crate::procedure::together::together;
use crate::procedure::{Effect, Work, steps};
use crate::record::event::Shares;
use crate::units::Ratio;

impl RegionFailover {
    /// Step 3. All records are changed at the same time, so that many take no longer than one; then the weights.
    pub(in crate::procedure) async fn switch_traffic<P: Runtime + Dns + LoadBalancer>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<String, StepError> {
        let mut notes = Vec::new();
        if !self.order.records.is_empty() {
            self.switch_records(work).await?;
            notes.extend(self.moved_and_left(&work.evidence.records));
        }
        if let Some(order) = &self.order.weights {
            notes.push(self.switch_weights(order, work).await?);
        }
        Ok(notes.join("; "))
    }

    async fn switch_records<P: Runtime + Dns>(
        &self,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<(), StepError> {
        let to = &self.order.to;
        for name in &self.order.records {
            if work.evidence.records.iter().all(|record| record.name != *name) {
                let before = work.ports.read_record(name).await?;
                let record = FailoverRecord { name: name.clone(), before, switched: Effect::None };
                work.evidence.records.push(record);
            }
        }
        self.refuse_what_is_sent_elsewhere(&work.evidence.records)?;
        let moves = |record: &FailoverRecord| !self.is_sent_elsewhere(record);
        let moving = work.evidence.records.iter_mut().filter(|record| moves(record));
        let before: Vec<Effect> = moving.map(|record| record.switched.ask()).collect();
        work.write_down().await?;
        let moving = work.evidence.records.iter().filter(|record| moves(record));
        let answers = together(moving.map(|record| work.ports.point_record(&record.name, to))).await;
        let mut failed = None;
        let moving = work.evidence.records.iter_mut().filter(|record| moves(record));
        for ((record, before), answer) in moving.zip(before).zip(answers) {
            if let Err(error) = record.switched.learn(before, answer) {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Whether clients are sent to a third region by it: whoever chose that is not overruled.
    fn is_sent_elsewhere(&self, record: &FailoverRecord) -> bool {
        let (from, to, named) = (&self.order.from, &self.order.to, &record.before);
        !named.is_empty() && named != from && named != to
    }

    /// Where no name is this move's to change and no balancer sends clients, the region is not being left.
    fn refuse_what_is_sent_elsewhere(&self, records: &[FailoverRecord]) -> Result<(), StepError> {
        let (from, planned) = (&self.order.from, self.order.planned);
        if planned || self.order.weights.is_some() || !records.iter().all(|record| self.is_sent_elsewhere(record)) {
            return Ok(());
        }
        let named = records.iter().map(|record| format!("{} names {}", record.name, record.before));
        let named = named.collect::<Vec<_>>().join(", ");
        Err(StepError::Final(format!("nothing sends clients to {from}: {named}")))
    }

    /// What has become of the records, in words.
    fn moved_and_left(&self, records: &[FailoverRecord]) -> Vec<String> {
        let (left, moved): (Vec<_>, Vec<_>) = records.iter().partition(|record| self.is_sent_elsewhere(record));
        let names = moved.iter().map(|record| record.name.as_str()).collect::<Vec<_>>().join(", ");
        let moved = (!moved.is_empty()).then(|| format!("{names} now name {}", self.order.to));
        let left = left.iter().map(|record| format!("{} still names {}", record.name, record.before));
        moved.into_iter().chain(left).collect()
    }

    async fn switch_weights<P: Runtime + LoadBalancer>(
        &self,
        order: &WeightsOrder,
        work: &mut Work<'_, P, FailoverEvidence>,
    ) -> Result<String, StepError> {
        if work.evidence.weights.is_none() {
            let before = work.ports.read_weights().await?;
            work.evidence.weights = Some(FailoverWeights { before, switched: Effect::None });
        }
        let Some(weights) = &mut work.evidence.weights else { return Ok(String::new()) };
        let wanted = self.wanted_weights(order, &weights.before);
        let before = weights.switched.ask();
        work.write_down().await?;
        let answer = work.ports.set_weights(&wanted).await;
        let Some(weights) = &mut work.evidence.weights else { return Ok(String::new()) };
        weights.switched.learn(before, answer)?;
        in_force(work.ports, &wanted).await?;
        Ok(format!("the balancer sends {}", Shares(wanted)))
    }

    fn wanted_weights(&self, order: &WeightsOrder, before: &[(String, Ratio)]) -> Vec<(String, Ratio)> {
        match order {
            WeightsOrder::Move => moved(before, &self.order.from, &self.order.to),
            WeightsOrder::Set(weights) => weights.clone(),
        }
    }

    /// Verifies step 3 at the authoritative servers and the balancer.
    pub(in crate::procedure) async fn traffic_is_switched<P: Dns + LoadBalancer>(
        &self,
        ports: &P,
        evidence: &FailoverEvidence,
    ) -> Result<(), StepError> {
        for record in evidence.records.iter().filter(|record| !self.is_sent_elsewhere(record)) {
            let named = ports.read_record(&record.name).await?;
            if mutant!("switching_is_not_read_back": named != self.order.to => false) {
                return Err(StepError::NotYet(format!("{} still names {named}", record.name)));
            }
        }
        match self.order.weights.as_ref().zip(evidence.weights.as_ref()) {
            Some((order, weights)) => in_force(ports, &self.wanted_weights(order, &weights.before)).await,
            None => Ok(()),
        }
    }

    /// Sends clients back to where they were sent before, and reads that back. What others have set since is left to them.
    pub(in crate::procedure) async fn switch_traffic_back<P: Dns + LoadBalancer>(
        &self,
        ports: &P,
        evidence: &mut FailoverEvidence,
    ) -> Result<String, StepError> {
        let mut notes = Vec::new();
        let switched: Vec<_> = evidence.records.iter_mut().filter(|r| mutant!("a_record_in_doubt_is_not_undone": r.switched != Effect::None => r.switched == Effect::Certain)).collect();
        let found = together(switched.iter().map(|record| ports.read_record(&record.name))).await;
        let mut ours = Vec::new();
        for (record, found) in switched.into_iter().zip(found) {
            match steps::set_by_others(found, &record.before, &self.order.to)? {
                Some(named) => {
                    notes.push(format!("{} is left as it is: others have pointed it to {named} since", record.name));
                    record.switched = Effect::None;
                }
                None => ours.push(record),
            }
        }
        let mut switched = ours;
        let answers = together(switched.iter().map(|record| ports.point_record(&record.name, &record.before))).await;
        for (record, answer) in switched.iter_mut().zip(answers) {
            answer?;
            let named = ports.read_record(&record.name).await?;
            if mutant!("undoing_is_not_read_back": named != record.before => false) {
                return Err(StepError::NotYet(format!("{} still names {named}", record.name)));
            }
            record.switched = Effect::None;
            notes.push(format!("{} names {named} again", record.name));
        }
        if let Some(weights) = evidence.weights.as_mut().filter(|weights| weights.switched != Effect::None) {
            notes.push(self.weigh_back(ports, weights).await?);
        }
        Ok(if notes.is_empty() { UNCHANGED.to_owned() } else { notes.join("; ") })
    }

    async fn weigh_back<P: LoadBalancer>(&self, ports: &P, weights: &mut FailoverWeights) -> Result<String, StepError> {
        let before = &weights.before;
        let set =
            self.order.weights.as_ref().map_or_else(|| before.clone(), |order| self.wanted_weights(order, before));
        if let Some(found) = steps::weighted_by_others(ports.read_weights().await, before, &set)? {
            weights.switched = Effect::None;
            return Ok(format!("the balancer's weights are left as others have set them since: {}", Shares(found)));
        }
        ports.set_weights(before).await?;
        in_force(ports, before).await?;
        let again = format!("the balancer sends {} again", Shares(before.clone()));
        weights.switched = Effect::None;
        Ok(again)
    }
}

/// The weights once `to` has what `from` had.
fn moved(weights: &[(String, Ratio)], from: &str, to: &str) -> Vec<(String, Ratio)> {
    let both =
        weights.iter().filter(|(region, _)| region == from || region == to).map(|(_, share)| share.as_ppb()).sum();
    let others = weights.iter().filter(|(region, _)| region != from && region != to).cloned();
    others.chain([(to.to_owned(), Ratio::from_ppb(both))]).collect()
}

async fn in_force<P: LoadBalancer>(ports: &P, wanted: &[(String, Ratio)]) -> Result<(), StepError> {
    let found = ports.read_weights().await?;
    match mutant!("weights_are_not_read_back": same_shares(&found, wanted) => true) {
        true => Ok(()),
        false => Err(StepError::NotYet(format!("the balancer still sends {}", Shares(found)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_that_takes_over_gets_the_share_of_the_one_that_is_left_and_no_other() {
        let weights = |list: &[(&str, u64)]| {
            list.iter().map(|(name, percent)| ((*name).to_owned(), Ratio::from_percent(*percent))).collect::<Vec<_>>()
        };
        let moved = |before: &[(&str, u64)]| moved(&weights(before), "west", "north");
        assert!(same_shares(&moved(&[("west", 100)]), &weights(&[("north", 100)])));
        let three = moved(&[("east", 20), ("west", 50), ("north", 30)]);
        assert!(same_shares(&three, &weights(&[("east", 20), ("north", 80)])));
        assert!(same_shares(&moved(&[("north", 100)]), &weights(&[("north", 100)])), "it has left already");
    }
}
