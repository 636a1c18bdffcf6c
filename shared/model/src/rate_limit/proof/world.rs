//! The bucket and the processes of a history, and what happens to them apart from requests.

use crate::rate_limit::proof::bucket::Bucket;
use crate::rate_limit::proof::history::{Event, History, Rule, Step};
use crate::rate_limit::proof::meter::Spend;
use crate::rate_limit::proof::process::{Process, Waiting};
use crate::rate_limit::proof::random::Random;
use crate::rate_limit::{BucketWrite, Lease, RateLimit};

const SECOND: i64 = 1_000_000;
/// The time at which each history begins.
const START: i64 = 1_000_000 * SECOND;
/// The largest error of a clock.
const MAX_ERROR: i64 = 5 * SECOND;
/// TTL deletes no item while a write has been under way for so long. The SDK gives up after 4 s. Only a process that
/// stops after it reads the clock and before it sends the write can send a later one.
const LATEST_WRITE: i64 = 30 * SECOND;

/// The state during a history.
pub(super) struct World {
    pub(super) random: Random,
    pub(super) rule: Rule,
    /// The true time.
    pub(super) now: i64,
    pub(super) bucket: Bucket,
    pub(super) processes: Vec<Process>,
    /// Writes that arrive late, with the true time of their request. Nobody waits for their answers.
    pub(super) late_writes: Vec<(BucketWrite, i64)>,
    pub(super) history: History,
}

impl World {
    /// A random history that depends on `seed` only.
    pub(super) fn history(seed: u64, rule: Rule) -> History {
        let mut world = Self::new(seed, rule);
        for _ in 0..20 + world.random.below(60) {
            world.now += world.pause();
            world.step();
        }
        world.finish()
    }

    fn new(seed: u64, rule: Rule) -> Self {
        let mut random = Random::new(seed);
        let limit = limit(&mut random);
        let max_error = match random.below(2) {
            0 => 0,
            _ => random.one_of(&[1, 1_000, limit.interval_micros().min(MAX_ERROR), 500_000, MAX_ERROR]),
        };
        let processes =
            (0..1 + random.below(5)).map(|_| Process::new(limit, random.around_zero(max_error))).collect();
        let mut bucket = Bucket::new(limit);
        bucket.ignores_now = rule == Rule::WriteIgnoresNow;
        let history =
            History { limit, max_error, spends: Vec::new(), spent_from_lease: 0, events: Vec::new() };
        let mut world =
            Self { random, rule, now: START, bucket, processes, late_writes: Vec::new(), history };
        if world.random.percent(50) {
            world.spend_elsewhere();
        }
        world
    }

    fn step(&mut self) {
        let process = self.random.below(self.processes.len() as i64) as usize;
        match self.random.below(100) {
            0..62 => self.request_or_continue(process),
            62..72 => self.spend_elsewhere(),
            72..84 => self.put_back(process),
            84..88 => self.stop(process),
            88..90 => self.forget(process),
            90..94 => self.move_clock(process),
            94..97 => self.write_late(),
            _ => self.delete(),
        }
    }

    fn write_late(&mut self) {
        if !self.late_writes.is_empty() {
            let at = self.random.below(self.late_writes.len() as i64) as usize;
            let (write, _) = self.late_writes.swap_remove(at);
            self.log(Step::WriteLate { write });
            self.bucket.write(write);
        }
    }

    /// Takes back the token of a request that another limit refused, so that it did not pass.
    fn put_back(&mut self, process: usize) {
        let owner = &mut self.processes[process];
        if owner.granted.is_empty() {
            return;
        }
        let newest = owner.granted.len() as i64 - 1;
        let back = if self.random.percent(80) { 0 } else { self.random.below(newest + 1) };
        let (token, number) = owner.granted.remove((newest - back) as usize);
        owner.lease.put_back(token);
        self.history.spends[number].tokens = 0;
        self.log(Step::PutBack { process });
    }

    /// A process stops for ever, and another one starts. The first one's write can still arrive.
    fn stop(&mut self, process: usize) {
        self.log(Step::Stop { process });
        if let Some(Waiting { take, since, answer: None }) = self.processes[process].waiting {
            self.late_writes.push((take.write, since));
        }
        let error = self.random.around_zero(self.history.max_error);
        self.processes[process] = Process::new(self.history.limit, error);
    }

    /// The process forgets its lease, and keeps the tokens that its requests can put back.
    fn forget(&mut self, process: usize) {
        let forgetful = &mut self.processes[process];
        if forgetful.waiting.is_none() {
            forgetful.lease = Lease::new(self.history.limit);
            self.log(Step::Forget { process });
        }
    }

    fn move_clock(&mut self, process: usize) {
        let error = self.random.around_zero(self.history.max_error);
        self.processes[process].clock_error = error;
        self.log(Step::MoveClock { process, error });
    }

    /// Many other processes send one request each at the same time.
    fn spend_elsewhere(&mut self) {
        let reading = self.now + self.random.around_zero(self.history.max_error);
        let free = self.bucket.free_tokens(reading);
        let tokens = match self.random.below(3) {
            0 => self.random.below(free),
            1 => free - self.random.below(3),
            _ => free,
        };
        if tokens > 0 && self.bucket.take(tokens, reading) {
            self.history.spends.push(Spend { time: self.now, tokens });
            self.log(Step::SpendElsewhere { tokens });
        }
    }

    /// TTL deletes the bucket some time after it is full. DynamoDB's clock can be wrong, too.
    fn delete(&mut self) {
        let waiting = self.processes.iter().filter_map(|process| process.waiting.map(|it| it.since));
        let mut sent = waiting.chain(self.late_writes.iter().map(|(_, since)| *since));
        let has_late_write = sent.any(|since| self.now - since > LATEST_WRITE);
        let reading = self.now + self.random.around_zero(self.history.max_error);
        if !has_late_write && self.bucket.end().is_some_and(|end| end < reading) {
            self.bucket.delete();
            self.log(Step::Delete);
        }
    }

    pub(super) fn log(&mut self, step: Step) {
        self.history.events.push(Event { time: self.now, step });
    }

    fn finish(mut self) -> History {
        self.history.spends.sort_by_key(|spend| spend.time);
        self.history
    }
}

/// A limit: often one near the number of requests from which processes lease, and the largest and smallest ones.
fn limit(random: &mut Random) -> RateLimit {
    let requests = match random.below(10) {
        0..2 => random.one_of(&[1, 2, 3, 1_000_000]),
        2..5 => random.one_of(&[62, 63, 64, 65, 66]),
        5..8 => random.one_of(&[100, 128, 600, 6_000]),
        8 => 1 + random.below(1_000_000),
        _ => 1 + random.below(200),
    };
    let seconds = match random.below(4) {
        0 => random.one_of(&[1, 2, 86_400]),
        1 => 1 + random.below(86_400),
        _ => random.one_of(&[10, 60, 3_600]),
    };
    RateLimit { requests: requests as u32, seconds: seconds as u32 }
}
