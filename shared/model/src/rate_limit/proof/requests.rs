//! Requests in a history, and what can happen to their writes.

use crate::rate_limit::proof::bucket::Written;
use crate::rate_limit::proof::history::{Rule, Step};
use crate::rate_limit::proof::meter::Spend;
use crate::rate_limit::proof::process::Waiting;
use crate::rate_limit::proof::world::World;
use crate::rate_limit::{BucketWrite, Decision, Take};

impl World {
    /// One to four requests, or the next step of the request that waits for a write.
    pub(super) fn request_or_continue(&mut self, process: usize) {
        match self.processes[process].waiting {
            Some(waiting) if self.random.percent(70) => self.proceed(process, waiting),
            _ => (0..=self.random.below(4)).for_each(|_| self.request(process)),
        }
    }

    fn request(&mut self, process: usize) {
        let decision = self.decide(process);
        if matches!(decision, Decision::Grant(_)) {
            self.history.spent_from_lease += 1;
        }
        if matches!(decision, Decision::Take(_)) && self.processes[process].waiting.is_some() {
            self.processes[process].queued += 1;
            return;
        }
        self.follow(process, decision, self.now);
        // Most requests are not interrupted.
        while let Some(waiting) = self.processes[process].waiting
            && self.random.percent(80)
        {
            self.proceed(process, waiting);
        }
    }

    /// Decides about the requests that waited, until one of them sends a write.
    fn decide_queued(&mut self, process: usize) {
        while self.processes[process].waiting.is_none() && self.processes[process].queued > 0 {
            let waited = &mut self.processes[process];
            waited.queued -= 1;
            let decision = waited.lease.decide(waited.reading(self.now));
            self.follow(process, decision, self.now);
        }
    }

    fn decide(&mut self, process: usize) -> Decision {
        let process = &mut self.processes[process];
        if self.rule == Rule::SpentOneIntervalLate {
            let late = process.reading(self.now - self.history.limit.interval_micros());
            if let granted @ Decision::Grant(_) = process.lease.request(late) {
                return granted;
            }
        }
        process.lease.request(process.reading(self.now))
    }

    /// Does what the lease decided about a request of the true time `since`.
    fn follow(&mut self, process: usize, decision: Decision, since: i64) {
        match decision {
            Decision::Grant(token) => {
                self.log(Step::Spend { process });
                let number = self.history.spends.len();
                self.history.spends.push(Spend { time: since, tokens: 1 });
                self.processes[process].granted.push((token, number));
            }
            Decision::Refuse => self.log(Step::Refuse { process }),
            Decision::Take(take) => {
                self.processes[process].waiting = Some(Waiting { take, since, answer: None });
            }
        }
    }

    /// Sends the write of a request, or reads its answer.
    fn proceed(&mut self, process: usize, waiting: Waiting) {
        let Waiting { take, since, answer } = waiting;
        if let Some(answer) = answer {
            self.log(Step::Answer { process, answer });
            self.processes[process].waiting = None;
            let decision = self.processes[process].read_answer(&take, answer);
            if let Written::Yes(full_at) = answer {
                self.copy_lease(process, &take, full_at);
            }
            self.follow(process, decision, since);
            return self.decide_queued(process);
        }
        match self.random.below(100) {
            0..80 => {
                let answer = Some(self.send(process, take.write));
                self.processes[process].waiting = Some(Waiting { answer, ..waiting });
            }
            80..88 => self.lose_answer(process, take),
            88..92 => self.send_again_before_the_first_arrives(process, take, since),
            92..96 => self.fail(process, take),
            _ => self.throttle(process, since),
        }
    }

    fn send(&mut self, process: usize, write: BucketWrite) -> Written {
        self.log(Step::Send { process, write });
        self.bucket.write(write)
    }

    /// The write takes effect, and its answer is lost. The SDK will send the same write again.
    fn lose_answer(&mut self, process: usize, take: Take) {
        self.send(process, take.write);
        self.log(Step::LoseAnswer { process });
    }

    /// The SDK sends the write again, and the first one can arrive at any time after that.
    fn send_again_before_the_first_arrives(&mut self, process: usize, take: Take, since: i64) {
        self.late_writes.push((take.write, since));
        let answer = Some(self.send(process, take.write));
        self.processes[process].waiting = Some(Waiting { take, since, answer });
    }

    /// The request fails, and those that wait for it. Nobody knows whether its write took effect.
    fn fail(&mut self, process: usize, take: Take) {
        if self.random.percent(70) {
            self.send(process, take.write);
        }
        let failed = &mut self.processes[process];
        (failed.waiting, failed.queued) = (None, 0);
        self.log(Step::Fail { process });
    }

    fn throttle(&mut self, process: usize, since: i64) {
        self.log(Step::Throttle { process });
        let throttled = &mut self.processes[process];
        throttled.waiting = None;
        let decision = throttled.lease.on_throttled(throttled.reading(self.now));
        self.follow(process, decision, since);
        self.decide_queued(process);
    }

    /// A broken rule: a second process holds the same tokens.
    fn copy_lease(&mut self, process: usize, take: &Take, full_at: i64) {
        let second = (process + 1) % self.processes.len();
        if self.rule == Rule::CopiedLease && second != process && self.processes[second].waiting.is_none() {
            self.processes[second].lease.on_written(take, full_at);
        }
    }
}
