//! Leases refuse few requests that a bucket without leases accepts.

use std::ops::RangeInclusive;

use crate::rate_limit::RateLimit;
use crate::rate_limit::proof::bucket::Bucket;
use crate::rate_limit::proof::process::Process;
use crate::rate_limit::proof::random::Random;

/// How many times the limit's time a measurement takes, unless the number of its requests is too small or too large. A lease
/// holds back tokens of a burst, once: in a shorter time, that is a larger part of the requests.
const LENGTH: f64 = 3.0;
const REQUESTS: RangeInclusive<i64> = 6_000..=60_000;

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
    for load in [0.9, 1.0, 1.2, 2.0, 3.0, 10.0, 100.0] {
        assert_refusals(load, Arrivals::Poisson, 7.0);
        assert_refusals(load, Arrivals::Bursty, 7.0);
    }
}

/// Asserts that a lease refuses at most `most` percent of the requests more than a bucket without leases does, if they
/// arrive at `load` times the rate of the limit.
fn assert_refusals(load: f64, arrivals: Arrivals, most: f64) {
    for requests in [64, 100, 600, 6_000, 60_000] {
        for processes in [1, 10, 100] {
            let limit = RateLimit { requests, seconds: 60 };
            let lost = refused_more(limit, load, arrivals, processes);
            let case = format!("{limit:?} × {load}, {arrivals:?}, {processes} processes");
            println!("{case}: {lost:.2} %");
            assert!(lost <= most, "{case}: {lost:.2} %");
        }
    }
}

/// The percentage of the requests that leases refuse and a bucket without leases accepts, less the other way round. Each
/// request goes to any of the processes.
fn refused_more(limit: RateLimit, load: f64, arrivals: Arrivals, processes: i64) -> f64 {
    let mut random = Random::new(1);
    let requests = (LENGTH * load * f64::from(limit.requests())) as i64;
    let requests = requests.clamp(*REQUESTS.start(), *REQUESTS.end());
    let (mut leased, mut exact) = (Bucket::new(limit), Bucket::new(limit));
    let mut all: Vec<_> = (0..processes).map(|_| Process::new(limit, 0)).collect();
    let (mut time, mut difference) = (0.0, 0);
    for _ in 0..requests {
        time += random.exponential(limit.interval_micros() as f64 / load);
        let now = 1_000_000_000_000 + arrivals.moment(time as i64);
        let process = random.below(processes) as usize;
        difference += i64::from(exact.take(1, now)) - i64::from(all[process].request(&mut leased, now));
    }
    difference as f64 * 100.0 / requests as f64
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
