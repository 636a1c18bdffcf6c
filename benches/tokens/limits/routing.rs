//! Which process answers a call.

use std::fmt::{Display, Formatter, Result};

use fastrand::Rng;

use crate::limits::random::random_gap;

/// How calls are distributed over processes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Routing {
    /// One process answers all calls.
    OneProcess,
    /// Each call goes to the idle process that was used last, and to a new process if none is idle. These processes answer
    /// so many calls of other callers a second, too.
    WarmFirst { others: f64 },
    /// Each call goes to any of so many processes.
    AtRandom(usize),
}

impl Display for Routing {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::OneProcess => f.write_str("one process"),
            Self::WarmFirst { others: 0.0 } => f.write_str("warm processes first"),
            Self::WarmFirst { others } => write!(f, "warm processes first, among {others}/s of others"),
            Self::AtRandom(processes) => write!(f, "{processes} processes at random"),
        }
    }
}

/// The mean time that a process needs for a call, in calls per second. 5 ms is a call that waits for one write.
const SERVED_PER_SECOND: f64 = 200.0;

/// Chooses a process for each call. Times are in microseconds.
pub(super) struct Router {
    routing: Routing,
    random: Rng,
    /// The number of processes that were started.
    started: usize,
    /// The idle processes; the last was used last.
    idle: Vec<usize>,
    /// When each busy process will be idle.
    busy: Vec<(i64, usize)>,
    next_other_call: i64,
}

impl Router {
    pub(super) fn new(routing: Routing, random: Rng) -> Self {
        Self { routing, random, started: 0, idle: Vec::new(), busy: Vec::new(), next_other_call: 0 }
    }

    /// The process for a call at `now`.
    pub(super) fn route(&mut self, now: i64) -> usize {
        match self.routing {
            Routing::OneProcess => 0,
            Routing::AtRandom(processes) => self.random.usize(..processes),
            Routing::WarmFirst { others } => {
                self.route_others(others, now);
                self.occupy(now)
            }
        }
    }

    /// Routes the calls of other callers until `now`.
    fn route_others(&mut self, per_second: f64, now: i64) {
        while per_second > 0.0 && self.next_other_call <= now {
            self.occupy(self.next_other_call);
            self.next_other_call += random_gap(&mut self.random, per_second);
        }
    }

    fn occupy(&mut self, now: i64) -> usize {
        self.busy.sort_unstable();
        let ended = self.busy.partition_point(|(end, _)| *end <= now);
        self.idle.extend(self.busy.drain(..ended).map(|(_, process)| process));
        let process = self.idle.pop().unwrap_or_else(|| {
            self.started += 1;
            self.started - 1
        });
        self.busy.push((now + random_gap(&mut self.random, SERVED_PER_SECOND), process));
        process
    }
}
