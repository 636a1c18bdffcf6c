//! How many writes a process needs.

use crate::rate_limit::RateLimit;
use crate::rate_limit::proof::bucket::Bucket;
use crate::rate_limit::proof::process::Process;

const START: i64 = 1_000_000_000_000;
const DAY: i64 = 86_400_000_000;

/// A process that serves `before` requests, pauses, and then counts the writes of `requests` requests.
fn writes(limit: RateLimit, gap: i64, (before, pause): (i64, i64), requests: i64) -> usize {
    let (mut bucket, mut process) = (Bucket::new(limit), Process::new(limit, 0));
    for number in 0..before {
        assert!(process.request(&mut bucket, START + number * gap));
    }
    bucket.writes = 0;
    for number in before..before + requests {
        assert!(process.request(&mut bucket, START + pause + number * gap), "request {number}");
    }
    bucket.writes
}

#[test]
fn a14_a_process_that_wakes_after_a_pause_soon_leases_again() {
    let (limit, gap) = (RateLimit::per_minute(1200), 100_000);
    for pause in [0, 60_000_000, DAY] {
        let writes = writes(limit, gap, (100, pause), 100);
        assert!(writes <= 8, "{writes} writes after a pause of {pause} µs");
    }
}

#[test]
fn a14_a_process_with_thousands_of_requests_a_second_takes_larger_leases() {
    let limit = RateLimit { requests: 1_000_000, seconds: 10 };
    let writes = writes(limit, 20, (10_000, 0), 100_000);
    assert!(writes <= 200, "{writes} writes, {} with 64 requests each", 100_000 / 64);
}

#[test]
fn a14_after_a_refusal_nothing_is_written_for_a_second() {
    let (limit, second) = (RateLimit::per_minute(100), 1_000_000);
    let (mut bucket, mut process) = (Bucket::new(limit), Process::new(limit, 0));
    while process.request(&mut bucket, START) {}
    bucket.writes = 0;
    // The next token is there after 600 ms.
    assert!(!process.request(&mut bucket, START + second - 1));
    assert_eq!(bucket.writes, 0);
    assert!(process.request(&mut bucket, START + second));
}
