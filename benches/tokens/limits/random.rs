//! Random times.

use fastrand::Rng;

/// A random time between two events that happen so often on average, in microseconds (exponential distribution).
pub(super) fn random_gap(random: &mut Rng, per_second: f64) -> i64 {
    (-(1.0 - random.f64()).ln() / per_second * 1e6) as i64
}
