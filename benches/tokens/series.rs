//! The measurements of one subject, their medians and means.

/// One figure per round. Two series of the same rounds are compared round by round, so that a slow machine slows
/// both.
#[derive(Debug, Default, Clone)]
pub(crate) struct Series(Vec<f64>);

impl Series {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The mean; NaN if there are no figures.
    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// The figure at that quantile, 0 to 1; NaN if there are no figures.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }

    /// The sum, round by round.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a + b)
    }

    /// The difference, round by round.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a - b)
    }

    /// The ratio, round by round.
    pub(crate) fn over(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a / b)
    }

    fn combine(&self, other: &Self, operation: impl Fn(f64, f64) -> f64) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| operation(*a, *b)).collect())
    }
}
