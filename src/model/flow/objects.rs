//! Services that put objects into buckets and get them from there.
//!
//! Invariants: a service waits for a bucket no longer than the call time-out, and resumes its work once it has the
//! answer. What was put and not answered for may stand: the caller learns that it may have happened.

use crate::model::World;
use crate::model::core::job::Job;
use crate::model::flow::hop::HopTo;
use crate::model::flow::reply::ClientReply;
use crate::model::objects::Came;
use crate::model::platform::Store;
use crate::record::FailureReason;
use crate::units::{BucketId, RegionId, Span};

/// Tells what a job sends to a bucket from what it sends elsewhere over the same link.
const MESSAGES: u32 = 55;

impl World {
    /// A service in `region` that works on `job` calls `bucket`: a write puts an object, a read gets one.
    #[inline(never)]
    pub(in crate::model) fn bucket_call(&mut self, job: Job, bucket: BucketId, region: RegionId) {
        let place = self.objects.place(bucket, region);
        match self.travel_between(region, place, (&job, message(&job, false))) {
            None => self.bucket_silent(job, bucket, region),
            Some(Span::ZERO) => self.bucket_arrive(job, bucket, region),
            Some(latency) => self.send(job, HopTo::Bucket { bucket, from: region }, latency),
        }
    }

    /// `job` reaches the copy of `bucket` that services of `from` use.
    #[inline(never)]
    pub(in crate::model) fn bucket_arrive(&mut self, job: Job, bucket: BucketId, from: RegionId) {
        let place = self.objects.place(bucket, from);
        let (came, culprit) = self.objects.serve(&mut self.core, (bucket, place), (job.key, job.access.writes()));
        culprit.into_iter().for_each(|fault| self.touch(&job, fault));
        let (time, _) = self.objects.times(bucket);
        match came {
            Came::Well if job.access.writes() => {
                self.platform.note_written(Store::Bucket(bucket), job.key, self.core.now())
            }
            Came::Old(ago) => self.platform.note_old_read(&job, ago, self.core.now()),
            Came::Well | Came::Damaged | Came::Down | Came::Silent => {}
        }
        if came == Came::Silent {
            return self.bucket_silent(job, bucket, from);
        }
        let Some(back) = self.travel_between(place, from, (&job, message(&job, true))) else {
            return self.bucket_silent(job, bucket, from);
        };
        let takes = time.saturating_add(back);
        match came {
            Came::Well | Came::Old(_) => self.send(job, HopTo::Again(from), takes),
            Came::Damaged => self.reply(&job, from, ClientReply::Error(FailureReason::ObjectDamaged), takes),
            Came::Down | Came::Silent => {
                self.reply(&job, from, ClientReply::Error(FailureReason::BucketUnreachable), takes)
            }
        }
    }

    /// Nobody answers: the service gives up after the call time-out.
    fn bucket_silent(&mut self, job: Job, bucket: BucketId, from: RegionId) {
        if self.clients.is_live(&job) {
            self.clients.requests[job.slot].reason = FailureReason::BucketUnreachable;
        }
        let (_, call_timeout) = self.objects.times(bucket);
        self.send(job, HopTo::Unheard(from), call_timeout);
    }
}

/// The number of a message to the bucket or, if `back`, of its answer.
fn message(job: &Job, back: bool) -> u64 {
    ((job.draw() ^ (u64::from(job.stage) << MESSAGES)) << 1) | u64::from(back)
}
