//! Leases refuse few requests that a bucket without leases accepts.

use crate::rate_limit::RateLimit;
use crate::rate_limit::proof::bucket::Bucket;
use crate::rate_limit::proof::process::Process;
use crate::rate_limit::proof::random::Random;

/// How many times the limit's time a measurement takes. Leases hold back tokens of the first burst, once: in a shorter time,
/// that is a larger part of what a bucket without leases accepts.
const LENGTH: f64 = 10.0;
/// The most requests of a measurement, so that it ends soon.
const MAX_REQUESTS: f64 = 600_000.0;

/// How requests arrive.
#[derive(Debug, Clone, Copy)]
enum Arrivals {
    /// Independent of each other, at an even rate.
    Poisson,
    /// The same, but those of ten seconds come in one.
    Bursty,
}

#[test]
fn a14_up_to_80_percent_of_the_limit_leases_refuse_at_most_2_percent_more() {
    for load in [0.1, 0.5, 0.8] {
        assert_refusals(load, Arrivals::Poisson, 2.0);
        assert_refusals(load, Arrivals::Bursty, 2.0);
    }
}

#[test]
fn a14_above_80_percent_of_the_limit_leases_refuse_at_most_7_percent_more() {
    for load in [0.9, 1.0, 1.2, 2.0, 3.0, 10.0] {
        assert_refusals(load, Arrivals::Poisson, 7.0);
        assert_refusals(load, Arrivals::Bursty, 7.0);
    }
}

/// Asserts that at most `most` percent fewer requests pass than with a bucket without leases, if they arrive at `load` times
/// the rate of the limit.
fn assert_refusals(load: f64, arrivals: Arrivals, most: f64) {
    for requests in [64, 600, 6_000] {
        for processes in [1, 10, 100] {
            let limit = RateLimit { requests, seconds: 60 };
            let lost = refused_more(limit, load, arrivals, processes);
            let case = format!("{limit:?} × {load}, {arrivals:?}, {processes} processes");
            println!("{case}: {lost:.2} %");
            assert!(lost <= most, "{case}: {lost:.2} %");
        }
    }
}

/// How many fewer requests pass with leases, in percent of those that pass without. Each request goes to any of the processes.
fn refused_more(limit: RateLimit, load: f64, arrivals: Arrivals, processes: i64) -> f64 {
    let mut random = Random::new(1);
    let requests = LENGTH * load * f64::from(limit.requests());
    let (mut leased, mut exact) = (Bucket::new(limit), Bucket::new(limit));
    let mut all: Vec<_> = (0..processes).map(|_| Process::new(limit, 0)).collect();
    let (mut time, mut passed, mut passed_leases) = (0.0, 0_i64, 0_i64);
    for _ in 0..requests.min(MAX_REQUESTS) as i64 {
        time += random.exponential(limit.interval_micros() as f64 / load);
        let now = 1_000_000_000_000 + arrivals.moment(time as i64);
        let process = random.below(processes) as usize;
        passed += i64::from(exact.take(1, now));
        passed_leases += i64::from(all[process].request(&mut leased, now));
    }
    (passed - passed_leases) as f64 * 100.0 / passed as f64
}

impl Arrivals {
    /// When a request arrives that would arrive at the time `even` at an even rate. In microseconds.
    fn moment(self, even: i64) -> i64 {
        match self {
            Self::Poisson => even,
            Self::Bursty => even / 10_000_000 * 10_000_000 + even % 10_000_000 / 10,
        }
    }
}
