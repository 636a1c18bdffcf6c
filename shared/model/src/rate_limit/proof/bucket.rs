//! The item of a bucket, as DynamoDB keeps it.

use crate::rate_limit::{BucketWrite, RateLimit};

/// The item. `None` before the first write and after TTL has deleted it.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    item: Option<Item>,
    /// A broken rule: a bucket that is in use is set as if it were full.
    pub(super) ignores_now: bool,
    /// The number of writes, failed ones too.
    pub(super) writes: usize,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    full_at: i64,
    expires_at: i64,
}

/// The result of a write.
#[derive(Debug, Clone, Copy)]
pub(super) enum Written {
    /// It took effect, and this is the new `full_at`.
    Yes(i64),
    /// Its condition failed, and this is the stored `full_at`.
    No(Option<i64>),
}

impl Bucket {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { limit, item: None, ignores_now: false, writes: 0 }
    }

    /// A conditional write with the conditions of `store`.
    pub(super) fn write(&mut self, write: BucketWrite) -> Written {
        self.writes += 1;
        let stored = self.full_at();
        let written = match write {
            BucketWrite::Set { full_at, now } => {
                let is_full = stored.is_none_or(|stored| stored <= now) || self.ignores_now;
                is_full.then_some((full_at, now))
            }
            BucketWrite::Add { micros, now, latest } => {
                stored.filter(|stored| (now..=latest).contains(stored)).map(|stored| (stored + micros, now))
            }
        };
        let Some((full_at, now)) = written else { return Written::No(stored) };
        self.item = Some(Item { full_at, expires_at: self.expires_at(now) });
        Written::Yes(full_at)
    }

    /// Takes `tokens` at once, as that many new processes would with one request each. Returns whether it had them.
    pub(super) fn take(&mut self, tokens: i64, now: i64) -> bool {
        let full_at = self.full_at().unwrap_or(now).max(now) + tokens * self.limit.interval_micros();
        if full_at > now + self.limit.duration_micros() {
            return false;
        }
        self.item = Some(Item { full_at, expires_at: self.expires_at(now) });
        true
    }

    /// The number of tokens at the time `now`.
    pub(super) fn free_tokens(&self, now: i64) -> i64 {
        let used = (self.full_at().unwrap_or(now) - now).max(0);
        ((self.limit.duration_micros() - used) / self.limit.interval_micros()).max(0)
    }

    pub(super) fn full_at(&self) -> Option<i64> {
        self.item.map(|item| item.full_at)
    }

    /// When TTL can delete the item, in microseconds. `None` if there is no item.
    pub(super) fn end(&self) -> Option<i64> {
        self.item.map(|item| item.expires_at * 1_000_000)
    }

    /// Deletes the item, as TTL does.
    pub(super) fn delete(&mut self) {
        self.item = None;
    }

    /// The same time as in `store`, in Unix seconds.
    fn expires_at(&self, now: i64) -> i64 {
        now / 1_000_000 + 2 * i64::from(self.limit.seconds()) + 60
    }
}
