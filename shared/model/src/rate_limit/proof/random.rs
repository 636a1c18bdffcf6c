//! Repeatable random numbers.

use proptest::prelude::RngExt as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// Random numbers that depend on a seed only.
#[derive(Debug)]
pub(super) struct Random(TestRng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        // The generator's first numbers are similar if the seeds are, so the bits of the seed are mixed.
        let mixed =
            u128::from(seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645);
        Self(TestRng::from_seed(RngAlgorithm::XorShift, &(mixed | 1).to_le_bytes()))
    }

    /// A number from 0 to `end` - 1.
    pub(super) fn below(&mut self, end: i64) -> i64 {
        self.0.random_range(0..end.max(1))
    }

    /// A number from -`most` to `most`.
    pub(super) fn around_zero(&mut self, most: i64) -> i64 {
        self.0.random_range(-most..=most)
    }

    /// Whether an event of this probability happens.
    pub(super) fn percent(&mut self, probability: i64) -> bool {
        self.below(100) < probability
    }

    pub(super) fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.0.random_range(0..values.len())]
    }

    /// A time until the next of several independent events that are `mean` apart on average.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -(1.0 - self.0.random::<f64>()).ln() * mean
    }
}
