//! No more than `requests + w / interval` requests pass in any time `w`, in 100,000 random histories.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::rate_limit::proof::history::{History, Rule};
use crate::rate_limit::proof::meter::excess;
use crate::rate_limit::proof::world::World;

const HISTORIES: u64 = 100_000;
/// How many histories each broken rule gets.
const BROKEN_HISTORIES: u64 = 20_000;

/// What the histories have in common, for the test's output.
#[derive(Debug, Default)]
struct Total {
    histories: u64,
    spends: i64,
    spent_from_lease: usize,
    /// The histories in which exactly as many requests passed as the bound allows.
    bound_reached: u64,
    /// The histories in which wrong clocks let more requests pass than right ones would.
    clocks_mattered: u64,
}

#[test]
fn a14_no_history_lets_more_requests_pass_than_the_limit() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
    let mut total = Total::default();
    for seed in seed..seed + HISTORIES {
        let history = World::history(seed, Rule::Unbroken);
        let slack = 2 * history.max_error;
        let excess = excess(history.limit, slack, &history.spends);
        assert!(excess <= 0, "seed {seed}: {excess} µs over the bound: {history:#?}");
        total.add(&history, excess, slack);
    }
    println!("first seed {seed}: {total:?}");
    assert!(total.bound_reached > HISTORIES / 10, "the histories do not reach the bound: {total:?}");
    assert!(total.clocks_mattered > HISTORIES / 100, "no clock is wrong: {total:?}");
    assert!(total.spent_from_lease as u64 > HISTORIES, "nothing is leased: {total:?}");
}

#[test]
fn the_meter_finds_the_excess_of_broken_rules() {
    for rule in [Rule::SpentOneIntervalLate, Rule::CopiedLease, Rule::WriteIgnoresNow] {
        let caught = (0..BROKEN_HISTORIES)
            .map(|seed| World::history(seed, rule))
            .filter(|history| excess(history.limit, 2 * history.max_error, &history.spends) > 0)
            .count();
        println!("{rule:?}: {caught} of {BROKEN_HISTORIES} histories exceed the bound");
        assert!(caught > 0, "{rule:?}");
    }
}

impl Total {
    fn add(&mut self, history: &History, worst: i64, slack: i64) {
        self.histories += 1;
        self.spends += history.spends.iter().map(|spend| spend.tokens).sum::<i64>();
        self.spent_from_lease += history.spent_from_lease;
        self.bound_reached += u64::from(worst == 0 && slack == 0);
        self.clocks_mattered += u64::from(slack > 0 && worst + slack > 0);
    }
}
