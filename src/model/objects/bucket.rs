//! One bucket: what each copy holds of every key, and what is on its way from one copy to another.
//!
//! Owns the objects. Does not know time-outs, services or control, or which copy can be reached: it is given that.
//!
//! Invariants: the versions of a key only grow, and the newest put wins in every copy. What is damaged stays damaged until a
//! newer version or a repair takes its place. The counts of what is behind, damaged and lost are those of the objects, at
//! every moment.

use crate::kernel::{Stream, chance, members};
use crate::model::core::held::Held;
use crate::model::plan::BucketPlan;
use crate::record::OUTDATED;
use crate::units::{FaultId, Instant, Ratio, RegionId, Span};
use std::collections::{BTreeMap, VecDeque};

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectState {
    /// It is there and can be read.
    Sound,
    /// It is there and its content is not what was put.
    Corrupt,
    /// It is not there.
    Missing,
}

/// One object in one copy.
#[derive(Debug, Clone, Copy)]
struct Object {
    version: u32,
    condition: ObjectState,
}

/// Every key has an object from the start.
const FIRST: u32 = 1;

/// Added to the version of an object to decide whether it is damaged: below are the draws for those that are there.
const WRITTEN: u64 = 1 << 40;

/// What one fault does to what a copy stores.
#[derive(Debug, Clone, Copy)]
pub struct ObjectDamage {
    /// The fault.
    pub fault: FaultId,
    /// The share of objects.
    pub share: Ratio,
    /// What they become.
    pub into: ObjectState,
    /// Decides which.
    pub draws: Stream,
}

/// An object on its way into a copy.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    due: Instant,
    key: u32,
    version: u32,
}

/// How many objects of a bucket are not as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ObjectCounts {
    /// Objects of which a copy holds an older version than the newest put.
    pub behind: u64,
    /// Objects that a copy has lost or cannot read.
    pub damaged: u64,
}

/// The bucket's copy in one region.
#[derive(Debug)]
pub struct Copy {
    /// The region.
    pub region: RegionId,
    /// The store answers errors here while this is held.
    pub down: Held,
    /// By fault: how much later objects arrive here.
    pub late: Vec<(FaultId, Span)>,
    /// What is done to objects that are stored here.
    pub damages: Vec<ObjectDamage>,
    /// Every fault that has damaged objects here, and what it made of them.
    damaged_by: Vec<(FaultId, ObjectState)>,
    objects: Vec<Object>,
    /// By copy they come from.
    incoming: Vec<VecDeque<Arrival>>,
    counts: ObjectCounts,
    stale: u64,
}

/// One bucket.
#[derive(Debug)]
pub struct Bucket {
    pub plan: BucketPlan,
    /// In the order of the plan.
    pub copies: Vec<Copy>,
    newest: Vec<u32>,
    /// By key and version: when that was put, of what some copy does not have yet.
    put_at: BTreeMap<(u32, u32), Instant>,
    versions: u32,
    /// By the copies that have the newest version, as a set of bits: how many objects that is so of.
    held_by: BTreeMap<u128, u64>,
}

impl Bucket {
    /// The bucket of `plan` at the start: an object under each of `keys` keys, the same in every copy.
    pub fn new(plan: &BucketPlan, keys: u32) -> Self {
        let objects = vec![Object { version: FIRST, condition: ObjectState::Sound }; keys as usize];
        let copy = |region: &RegionId| Copy {
            region: *region,
            down: Held::default(),
            late: Vec::new(),
            damages: Vec::new(),
            damaged_by: Vec::new(),
            objects: objects.clone(),
            incoming: vec![VecDeque::new(); plan.regions.len()],
            counts: ObjectCounts::default(),
            stale: 0,
        };
        Self {
            copies: plan.regions.iter().map(copy).collect(),
            newest: vec![FIRST; keys as usize],
            put_at: BTreeMap::new(),
            versions: FIRST,
            held_by: BTreeMap::from([(
                plan.regions.iter().enumerate().fold(0, |set, (copy, _)| set | bit(copy)),
                keys.into(),
            )]),
            plan: plan.clone(),
        }
    }

    /// The copy that services of `region` use: its own, or the first.
    pub fn used_from(&self, region: RegionId) -> usize {
        self.in_region(region).unwrap_or(0)
    }

    /// The copy in `region`, if there is one.
    pub fn in_region(&self, region: RegionId) -> Option<usize> {
        self.copies.iter().position(|copy| copy.region == region)
    }

    /// An object is put into `copy` under `key`. Returns the fault that damages it there, and those that make it late elsewhere.
    pub fn put(&mut self, copy: usize, key: u32, now: Instant) -> (Option<FaultId>, Vec<FaultId>) {
        self.versions += 1;
        let version = self.versions;
        let damaged_by = self.change(key, |bucket| {
            bucket.newest[key as usize] = version;
            bucket.put_at.insert((key, version), now);
            bucket.store(copy, key, version)
        });
        let mut late_by = Vec::new();
        let delay = self.plan.delay;
        for (_, other) in self.copies.iter_mut().enumerate().filter(|(index, _)| *index != copy) {
            late_by.extend(other.late.iter().map(|(fault, _)| *fault));
            let late = other.late.iter().fold(Span::ZERO, |sum, (_, by)| sum.saturating_add(*by));
            let due = now.saturating_add(delay).saturating_add(late);
            let queue = &mut other.incoming[copy];
            // What was put later does not overtake.
            let due = queue.back().map_or(due, |last| last.due.max(due));
            queue.push_back(Arrival { due, key, version });
        }
        (damaged_by, late_by)
    }

    /// A version is written into `copy`. Returns the fault that damages it, if one does. The caller counts.
    fn store(&mut self, copy: usize, key: u32, version: u32) -> Option<FaultId> {
        let copy = &mut self.copies[copy];
        let draw = WRITTEN + u64::from(version);
        let damage = copy.damages.iter().find(|damage| chance(damage.draws.at(draw), damage.share)).copied();
        let condition = damage.map_or(ObjectState::Sound, |damage| damage.into);
        copy.objects[key as usize] = Object { version, condition };
        // Nobody asks any more when that was put which every copy has, or what is newer.
        let least = self.copies.iter().map(|copy| copy.objects[key as usize].version).min().unwrap_or(version);
        while let Some((&put, _)) = self.put_at.range((key, 0)..=(key, least)).next() {
            self.put_at.remove(&put);
        }
        damage.map(|damage| damage.fault)
    }

    /// Somebody gets the object under `key` from `copy`: what they find, the last fault that made objects so, and how long ago it
    /// was replaced, if it is old.
    pub fn get(&mut self, copy: usize, key: u32, now: Instant) -> (ObjectState, Option<FaultId>, Option<Span>) {
        let held = self.copies[copy].objects[key as usize];
        // What replaced it, and not the newest of all: who is an hour behind is so however often an object is put.
        let replaced = self.put_at.range((key, held.version + 1)..=(key, u32::MAX)).next();
        let usual = self.plan.delay.min(OUTDATED);
        let replaced = replaced.filter(|_| held.condition == ObjectState::Sound).map(|(_, put)| *put);
        self.copies[copy].stale += u64::from(replaced.is_some_and(|put| put.saturating_add(usual) < now));
        let (found, culprit) = self.look(copy, key);
        (found, culprit, replaced.map(|put| now.since(put)))
    }

    /// What is under `key` in `copy`, and the last fault that made objects so.
    pub fn look(&self, copy: usize, key: u32) -> (ObjectState, Option<FaultId>) {
        let copy = &self.copies[copy];
        let condition = copy.objects[key as usize].condition;
        let culprit = copy.damaged_by.iter().rev().find(|(_, into)| *into == condition);
        (condition, culprit.map(|(fault, _)| *fault))
    }

    /// What is due by `now` arrives, between copies of which `reaches` says that they reach each other. What had to wait
    /// arrives as soon as they do: how much at a time is not limited. Returns the faults that damage some of it.
    pub fn advance(&mut self, now: Instant, reaches: impl Fn(&Copy, &Copy) -> bool) -> Vec<FaultId> {
        let mut culprits = Vec::new();
        for to in 0..self.copies.len() {
            for from in 0..self.copies.len() {
                let due = |copy: &Copy| copy.incoming[from].front().is_some_and(|next| next.due <= now);
                while due(&self.copies[to]) && reaches(&self.copies[from], &self.copies[to]) {
                    let Some(arrival) = self.copies[to].incoming[from].pop_front() else { break };
                    culprits.extend(self.arrive(from, to, arrival));
                }
            }
        }
        culprits
    }

    /// An object arrives in the copy `to`, unless its origin no longer has it to send.
    fn arrive(&mut self, from: usize, to: usize, Arrival { key, version, .. }: Arrival) -> Option<FaultId> {
        let (origin, held) = (self.copies[from].objects[key as usize], self.copies[to].objects[key as usize]);
        let damaged = origin.version == version && origin.condition != ObjectState::Sound;
        if damaged || version < held.version {
            return None;
        }
        self.change(key, |bucket| bucket.store(to, key, version))
    }

    /// From now on `damage` is done to what `copy` stores; what it holds is damaged at once. Returns how much that is.
    pub fn damage(&mut self, copy: usize, damage: ObjectDamage) -> u64 {
        let ObjectDamage { fault, share, into, draws } = damage;
        self.copies[copy].damages.push(damage);
        self.copies[copy].damaged_by.push((fault, into));
        let chosen = members(draws, self.keys(), share);
        let mut count = 0;
        for (key, _) in (0..).zip(chosen).filter(|(_, chosen)| *chosen) {
            self.change(key, |bucket| bucket.copies[copy].objects[key as usize].condition = into);
            count += 1;
        }
        count
    }

    /// Ends what `fault` does to the copies. What it damaged stays so. What it made late, if nothing else does, takes no
    /// longer from now on than it usually takes.
    pub fn heal(&mut self, fault: FaultId, now: Instant) {
        let usual = now.saturating_add(self.plan.delay);
        for copy in &mut self.copies {
            copy.down.release(fault);
            copy.damages.retain(|damage| damage.fault != fault);
            let before = copy.late.len();
            copy.late.retain(|(late, _)| *late != fault);
            if copy.late.is_empty() && before > 0 {
                copy.incoming.iter_mut().flatten().for_each(|arrival| arrival.due = arrival.due.min(usual));
            }
        }
    }

    /// The objects in `copy` that are damaged or behind, each with the copy among `sources` that has the best in its
    /// place, if one has.
    pub fn to_repair(&self, copy: usize, sources: &[usize]) -> Vec<(u32, Option<usize>)> {
        let wanting = |(key, held): &(u32, &Object)| {
            held.condition != ObjectState::Sound || held.version < self.newest[*key as usize]
        };
        let best = |key| {
            let offers = sources.iter().copied().filter(|source| self.improves(key, *source, copy));
            // Of those as new as each other, the first.
            offers.rev().max_by_key(|source| self.copies[*source].objects[key as usize].version)
        };
        (0..).zip(&self.copies[copy].objects).filter(wanting).map(|(key, _)| (key, best(key))).collect()
    }

    /// Whether what `from` holds under `key` is better than what `to` does.
    fn improves(&self, key: u32, from: usize, to: usize) -> bool {
        let [offered, held] = [from, to].map(|copy| self.copies[copy].objects[key as usize]);
        let wanted = offered.version > held.version || held.condition != ObjectState::Sound;
        offered.condition == ObjectState::Sound && wanted
    }

    /// The object under `key` is copied from `from` to `to`, if it is still better than what is there. Returns whether it
    /// was, and the fault that damaged it.
    pub fn repair(&mut self, key: u32, from: usize, to: usize) -> (bool, Option<FaultId>) {
        if !self.improves(key, from, to) {
            return (false, None);
        }
        let version = self.copies[from].objects[key as usize].version;
        (true, self.change(key, |bucket| bucket.store(to, key, version)))
    }

    /// How many objects of `copy` are in that condition.
    pub fn count_of(&self, copy: usize, condition: ObjectState) -> u64 {
        self.copies[copy].objects.iter().filter(|object| object.condition == condition).count() as u64
    }

    /// How many objects of `copy` are not as they should be.
    pub fn counts(&self, copy: usize) -> ObjectCounts {
        self.copies[copy].counts
    }

    /// How often somebody got an object from `copy` that had been replaced for longer than replication usually takes, and than
    /// what is merely on its way may take.
    pub fn stale(&self, copy: usize) -> u64 {
        self.copies[copy].stale
    }

    /// How many objects are on their way into `copy`.
    pub fn backlog(&self, copy: usize) -> u64 {
        self.copies[copy].incoming.iter().map(|queue| queue.len() as u64).sum()
    }

    /// Objects whose newest version no copy has any more.
    pub fn lost(&self) -> u64 {
        self.held_by.get(&0).copied().unwrap_or(0)
    }

    /// Objects whose newest version is only in copies of which `answers` is not true.
    pub fn out_of_reach(&self, answers: impl Fn(&Copy) -> bool) -> u64 {
        let there = self.copies.iter().enumerate().filter(|(_, copy)| answers(copy));
        let there = there.fold(0, |set, (copy, _)| set | bit(copy));
        let nowhere = |(held_by, count): (&u128, &u64)| (*held_by != 0 && held_by & there == 0).then_some(*count);
        self.held_by.iter().filter_map(nowhere).sum()
    }

    /// The number of keys.
    pub fn keys(&self) -> u64 {
        self.newest.len() as u64
    }

    /// Whether nothing is on its way that could arrive, given who reaches whom.
    pub fn is_at_rest(&self, reaches: impl Fn(&Copy, &Copy) -> bool) -> bool {
        let arrives = |to: &Copy| {
            let from = self.copies.iter().zip(&to.incoming);
            from.filter(|(_, queue)| !queue.is_empty()).any(|(from, _)| reaches(from, to))
        };
        !self.copies.iter().any(arrives)
    }

    /// The fingerprint of what `copy` holds: FNV-1a, 64 bit (Fowler, Noll, Vo), by word.
    pub fn fingerprint(&self, copy: usize) -> u64 {
        let of = |object: &Object| u64::from(object.version) << 2 | object.condition as u64;
        let words = self.copies[copy].objects.iter().map(of);
        words.fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3))
    }

    /// What is in effect in each copy, for comparing.
    pub fn in_force(&self) -> impl Iterator<Item = String> + '_ {
        self.copies.iter().map(|copy| {
            let late = copy.late.iter().fold(Span::ZERO, |sum, (_, by)| sum.saturating_add(*by));
            let mut damage: Vec<String> =
                copy.damages.iter().map(|damage| format!("{} {:?}", damage.share, damage.into)).collect();
            damage.sort_unstable();
            let (name, region, down) = (&self.plan.name, copy.region, copy.down.is_on());
            format!("bucket {name} in {region:?}: down {down}, late {late}, damage {damage:?}")
        })
    }

    /// Changes what is held under `key`, and recounts what that makes of it.
    fn change<T>(&mut self, key: u32, change: impl FnOnce(&mut Self) -> T) -> T {
        self.count(key, |count| *count -= 1);
        let changed = change(self);
        self.count(key, |count| *count += 1);
        changed
    }

    /// Lets `add` at every count that the objects under `key` are among.
    fn count(&mut self, key: u32, add: impl Fn(&mut u64)) {
        let newest = self.newest[key as usize];
        let mut held_by = 0;
        for (index, copy) in self.copies.iter_mut().enumerate() {
            let Object { version, condition } = copy.objects[key as usize];
            let sound = condition == ObjectState::Sound;
            if version < newest {
                add(&mut copy.counts.behind);
            }
            if !sound {
                add(&mut copy.counts.damaged);
            }
            if version == newest && sound {
                held_by |= bit(index);
            }
        }
        let count = self.held_by.entry(held_by).or_default();
        add(count);
        if *count == 0 {
            self.held_by.remove(&held_by);
        }
    }
}

/// The set of that copy alone; those beyond the hundred and twenty-seventh are as one.
fn bit(copy: usize) -> u128 {
    1 << copy.min(127)
}

#[cfg(test)]
#[path = "bucket_tests.rs"]
mod tests;
