//! A limit with fewer than 64 requests is exact.

use crate::rate_limit::proof::bucket::Bucket;
use crate::rate_limit::proof::process::{Process, timestamp};
use crate::rate_limit::proof::random::Random;
use crate::rate_limit::{RateLimit, seconds};

const CLIENTS: u64 = 2_000;
const REQUESTS: usize = 150;

#[test]
fn a14_a_limit_below_64_requests_is_exact_for_a_client_that_respects_retry_after() {
    let mut refused = 0;
    for seed in 0..CLIENTS {
        let mut random = Random::new(seed);
        let limit = RateLimit {
            requests: 1 + random.below(63) as u32,
            seconds: random.one_of(&[1, 2, 7, 60, 3_600]),
        };
        refused += assert_exact(&mut random, limit, seed);
    }
    assert!(refused > CLIENTS, "{refused}");
}

/// Sends requests of one client to several processes, and compares each answer with that of a bucket without leases.
/// Returns the number of refusals.
fn assert_exact(random: &mut Random, limit: RateLimit, seed: u64) -> u64 {
    let (mut now, mut refused) = (1_000_000_000_000, 0);
    let (mut bucket, mut exact) = (Bucket::new(limit), Bucket::new(limit));
    let mut processes: Vec<_> = (0..1 + random.below(5)).map(|_| Process::new(limit, 0)).collect();
    for _ in 0..REQUESTS {
        let process = random.below(processes.len() as i64) as usize;
        let process = &mut processes[process];
        let is_granted = process.request(&mut bucket, now);
        let time = timestamp(now);
        assert_eq!(is_granted, exact.take(1, now), "seed {seed}: {limit:?}");
        assert_eq!(bucket.full_at(), exact.full_at(), "seed {seed}: {limit:?}: not one token per request");
        if is_granted {
            let left = limit.remaining(exact.full_at().unwrap(), time);
            assert_eq!(process.lease.remaining(time), left, "seed {seed}: {limit:?}");
            now += random.below(3) * random.below(limit.interval_micros());
        } else {
            let next_token = exact.full_at().unwrap() - limit.duration_micros() + limit.interval_micros();
            let wait = process.lease.retry_after(time);
            assert_eq!(wait, seconds(next_token - now).max(1), "seed {seed}: {limit:?}");
            now += i64::from(wait) * 1_000_000 + random.below(2) * random.below(limit.duration_micros());
            refused += 1;
        }
    }
    refused
}
