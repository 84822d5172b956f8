//! A radix ladder over `time 64 | sequence 40 | payload 24`.
//!
//! Owns pending entries. Refuses what the three workloads do not need: an event per bucket pool, crowded fronts.
//! Invariant: entries up to `base` are in the front, which descends; others in the bucket of the highest differing digit.

/// A pending-event set.
pub struct Ladder {
    front: Vec<u128>,
    base: u64,
    levels: u32,
    occupied: [u64; 16],
    buckets: Vec<Vec<u128>>,
    scratch: Vec<u128>,
    sequence: u64,
    filed: usize,
}

impl Default for Ladder {
    fn default() -> Self {
        Self::new()
    }
}

impl Ladder {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            front: Vec::with_capacity(1024),
            base: 0,
            levels: 0,
            occupied: [0; 16],
            buckets: vec![Vec::new(); 1024],
            scratch: Vec::new(),
            sequence: 0,
            filed: 0,
        }
    }

    /// Adds an entry.
    #[inline(always)]
    pub fn push(&mut self, time: u64, payload: u32) {
        self.sequence += 1;
        let entry = u128::from(time) << 64 | u128::from(self.sequence << 24 | u64::from(payload));
        if self.filed == 0 {
            self.base = self.base.max(time);
            if self.front.len() >= 16 {
                self.spread();
            }
        }
        if time > self.base {
            return self.file(level(time ^ self.base), entry, time);
        }
        let mut at = self.front.len();
        self.front.push(entry);
        while at > 0 && self.front[at - 1] < entry {
            self.front[at] = self.front[at - 1];
            at -= 1;
        }
        self.front[at] = entry;
    }

    /// Time of the least entry, or the end of time.
    #[inline(always)]
    pub fn head(&mut self) -> u64 {
        if self.front.is_empty() {
            self.refill();
        }
        self.front.last().map_or(u64::MAX, |entry| (entry >> 64) as u64)
    }

    /// Takes the least entry: its payload.
    #[inline(always)]
    pub fn take(&mut self) -> u32 {
        self.front.pop().map_or(0, |entry| entry as u32 & 0xFF_FFFF)
    }

    #[inline(always)]
    fn file(&mut self, level: u32, entry: u128, time: u64) {
        let digit = (time >> (6 * level)) & 63;
        self.levels |= 1 << level;
        self.occupied[level as usize & 15] |= 1 << digit;
        self.buckets[(level as usize & 15) << 6 | digit as usize].push(entry);
        self.filed += 1;
    }

    /// Files a full front in the empty buckets, but for its least entry.
    #[inline(never)]
    fn spread(&mut self) {
        let least = self.front[self.front.len() - 1];
        self.base = (least >> 64) as u64;
        let mut entries = std::mem::replace(&mut self.front, std::mem::take(&mut self.scratch));
        for entry in entries.drain(..) {
            let time = (entry >> 64) as u64;
            if time > self.base {
                self.file(level(time ^ self.base), entry, time);
            } else {
                self.front.push(entry);
            }
        }
        self.scratch = entries;
    }

    #[inline(never)]
    fn refill(&mut self) {
        while self.levels != 0 {
            let level = self.levels.trailing_zeros();
            let digit = self.occupied[level as usize].trailing_zeros();
            self.occupied[level as usize] &= self.occupied[level as usize] - 1;
            if self.occupied[level as usize] == 0 {
                self.levels &= self.levels - 1;
            }
            let (shift, bucket) = (6 * level, (level << 6 | digit) as usize);
            let above = u64::MAX.checked_shl(shift + 6).unwrap_or(0);
            self.base = (self.base & above) | u64::from(digit) << shift | ((1 << shift) - 1);
            self.filed -= self.buckets[bucket].len();
            if level == 0 || self.buckets[bucket].len() <= 16 {
                std::mem::swap(&mut self.front, &mut self.buckets[bucket]);
                return self.front.sort_unstable_by(|a, b| b.cmp(a));
            }
            let mut entries = std::mem::replace(&mut self.buckets[bucket], std::mem::take(&mut self.scratch));
            for entry in entries.drain(..) {
                self.file(level - 1, entry, (entry >> 64) as u64);
            }
            self.scratch = entries;
        }
    }
}

#[inline(always)]
fn level(difference: u64) -> u32 {
    (63 - difference.leading_zeros()) / 6
}
