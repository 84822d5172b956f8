//! The control interface of an object store.
//!
//! Owns its commands. Does not know why a copy is verified or repaired. Invariant: a verification and a repair take as long as
//! what they read takes, and answer only if the copy is there at their end.

use super::bucket::ObjectState;
use super::{Due, ObjectStore};
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{self, BucketDamage, BucketRepair, BucketStatus, PortError};
use crate::units::{BucketId, Bytes, RegionId, Span, Throughput};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectsCommand {
    /// Read the state of a copy.
    BucketStatus(BucketId, RegionId),
    /// Read a copy to its end.
    VerifyBucket(BucketId, RegionId),
    /// Copy into a copy what is not as it should be.
    RepairBucket(BucketId, RegionId),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectsAnswer {
    /// The state of a copy.
    Status(BucketStatus),
    /// What verifying has found.
    Verified(BucketDamage),
    /// What a repair has done.
    Repaired(BucketRepair),
}

impl Operation for ObjectsCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::BucketStatus(..) | Self::VerifyBucket(..) => Nature::Asks,
            Self::RepairBucket(..) => Nature::Changes(Action::RepairBucket),
        }
    }

    fn interface(&self) -> Option<Interface> {
        Some(Interface::Objects)
    }
}

impl ObjectStore {
    /// Control asks something of an object store.
    pub(in crate::model) fn execute(&mut self, core: &mut Core, call: u32, command: &ObjectsCommand) {
        let (ObjectsCommand::BucketStatus(bucket, region)
        | ObjectsCommand::VerifyBucket(bucket, region)
        | ObjectsCommand::RepairBucket(bucket, region)) = *command;
        let Some(copy) = self.copy_that_answers(core, call, bucket, region) else { return };
        let state = &self.buckets[bucket.index()];
        match command {
            ObjectsCommand::BucketStatus(..) => {
                let missing = state.count_of(copy, ObjectState::Missing);
                let status = BucketStatus { objects: state.keys() - missing, backlog: state.backlog(copy) };
                core.answer(call, Ok(ObjectsAnswer::Status(status).into()));
            }
            ObjectsCommand::VerifyBucket(..) => {
                let takes = time_for(state.plan.verify, state.plan.object, state.keys());
                core.accept_change(call, core.now().saturating_add(takes), Due::Verified { call, bucket, region });
            }
            ObjectsCommand::RepairBucket(..) => {
                let found = state.to_repair(copy, &self.sources(core, bucket, copy));
                let copied = found.iter().filter(|(_, from)| from.is_some()).count() as u64;
                let takes = time_for(state.plan.repair, state.plan.object, copied);
                core.accept_change(
                    call,
                    core.now().saturating_add(takes),
                    Due::Repaired { call, bucket, region, found },
                );
            }
        }
    }

    /// What `command` is answered with when it is done.
    pub(in crate::model) fn as_if_done(&self, command: &ObjectsCommand) -> Answer {
        match command {
            ObjectsCommand::RepairBucket(bucket, region) => {
                let bucket = &self.buckets[bucket.index()];
                let copied = bucket.in_region(*region).map_or(0, |copy| bucket.counts(copy).damaged);
                ObjectsAnswer::Repaired(BucketRepair { copied, beyond: 0 }).into()
            }
            ObjectsCommand::BucketStatus(..) | ObjectsCommand::VerifyBucket(..) => Answer::Done,
        }
    }

    pub(in crate::model) fn objects_due(&mut self, core: &mut Core, due: Due) {
        match due {
            Due::Verified { call, bucket, region } => self.verified(core, call, bucket, region),
            Due::Repaired { call, bucket, region, found } => self.repaired(core, call, (bucket, region), &found),
        }
    }

    fn verified(&mut self, core: &mut Core, call: u32, bucket: BucketId, region: RegionId) {
        let Some(copy) = self.copy_that_answers(core, call, bucket, region) else { return };
        let [missing, corrupt] = [ObjectState::Missing, ObjectState::Corrupt]
            .map(|condition| self.buckets[bucket.index()].count_of(copy, condition));
        core.answer(call, Ok(ObjectsAnswer::Verified(BucketDamage { missing, corrupt }).into()));
    }

    fn repaired(
        &mut self,
        core: &mut Core,
        call: u32,
        (bucket, region): (BucketId, RegionId),
        found: &[(u32, Option<usize>)],
    ) {
        if let Some(refusal) = core.superseded(call) {
            return core.answer(call, Err(refusal));
        }
        let Some(copy) = self.copy_that_answers(core, call, bucket, region) else { return };
        let sources = self.sources(core, bucket, copy);
        let state = &mut self.buckets[bucket.index()];
        let mut repair = BucketRepair { copied: 0, beyond: 0 };
        for (key, from) in found {
            let from = from.filter(|from| sources.contains(from));
            let (copied, culprit) = from.map_or((false, None), |from| state.repair(*key, from, copy));
            culprit.into_iter().for_each(|fault| core.hit(fault));
            repair.copied += u64::from(copied);
            repair.beyond += u64::from(state.look(copy, *key).0 != ObjectState::Sound);
        }
        core.answer(call, Ok(ObjectsAnswer::Repaired(repair).into()));
    }

    /// The copy of `bucket` in `region`, if the store answers there; if it is known to have none or to be down, `call` is
    /// answered here.
    fn copy_that_answers(&mut self, core: &mut Core, call: u32, bucket: BucketId, region: RegionId) -> Option<usize> {
        if core.is_silent(region) {
            return None;
        }
        self.catch_up(core);
        let state = &self.buckets[bucket.index()];
        let Some(copy) = state.in_region(region) else {
            core.refuse(call, "the bucket has no copy in that region");
            return None;
        };
        if let Some(fault) = state.copies[copy].down.holder() {
            core.hit(fault);
            core.refuse(call, "the object store answers errors");
            return None;
        }
        Some(copy)
    }

    /// The copies that objects can be copied from into `to`.
    fn sources(&self, core: &Core, bucket: BucketId, to: usize) -> Vec<usize> {
        let copies = &self.buckets[bucket.index()].copies;
        let sources =
            copies.iter().enumerate().filter(|(from, copy)| *from != to && super::reaches(core, copy, &copies[to]));
        sources.map(|(from, _)| from).collect()
    }
}

/// How long `count` objects take at that rate.
fn time_for(rate: Throughput, object: Bytes, count: u64) -> Span {
    rate.time_for(Bytes::new(object.get().saturating_mul(count)))
}

impl ports::Objects for SimulatedPorts {
    async fn bucket_status(&self, bucket: &str, region: &str) -> Result<BucketStatus, PortError> {
        match self.ask(ObjectsCommand::BucketStatus(self.bucket(bucket)?, self.region(region)?)).await? {
            Answer::Objects(ObjectsAnswer::Status(status)) => Ok(status),
            other => misfit(&other),
        }
    }
    async fn verify_bucket(&self, bucket: &str, region: &str) -> Result<BucketDamage, PortError> {
        match self.ask(ObjectsCommand::VerifyBucket(self.bucket(bucket)?, self.region(region)?)).await? {
            Answer::Objects(ObjectsAnswer::Verified(found)) => Ok(found),
            other => misfit(&other),
        }
    }
    async fn repair_bucket(&self, bucket: &str, region: &str) -> Result<BucketRepair, PortError> {
        match self.ask(ObjectsCommand::RepairBucket(self.bucket(bucket)?, self.region(region)?)).await? {
            Answer::Objects(ObjectsAnswer::Repaired(repair)) => Ok(repair),
            other => misfit(&other),
        }
    }
}
