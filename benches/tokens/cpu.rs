//! CPU time, measured in interleaved batches.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;
use crate::series::Series;

/// How often every subject has its turn.
const ROUNDS: usize = 500;
/// How long one batch takes at least.
const BATCH: Duration = Duration::from_millis(1);

/// Something that can be run a number of times, and tells the CPU time that took.
pub(crate) struct Subject<'a>(Box<dyn FnMut(u32) -> Outcome<Duration> + 'a>);

impl<'a> Subject<'a> {
    /// A subject that measures itself, to leave out what it prepares.
    pub(crate) fn new(run: impl FnMut(u32) -> Outcome<Duration> + 'a) -> Self {
        Self(Box::new(run))
    }

    /// The subject `call`.
    pub(crate) fn of<T>(mut call: impl FnMut() -> Outcome<T> + 'a) -> Self {
        Self::new(move |times| {
            let started = now();
            for _ in 0..times {
                std::hint::black_box(call()?);
            }
            Ok(now().saturating_sub(started))
        })
    }

    /// How many runs make a batch.
    fn batch(&mut self) -> Outcome<u32> {
        let mut times = 1;
        while (self.0)(times)? < BATCH {
            times *= 2;
        }
        Ok(times)
    }
}

/// The microseconds per run of each of `subjects`: in every round each has one batch, there and back in turn, so that
/// all see the same machine.
pub(crate) fn interleave(mut subjects: Vec<Subject<'_>>) -> Outcome<Vec<Series>> {
    let batches = subjects.iter_mut().map(Subject::batch).collect::<Outcome<Vec<_>>>()?;
    let mut series = vec![Series::default(); subjects.len()];
    for round in 0..ROUNDS {
        let mut turns: Vec<_> = subjects.iter_mut().zip(&batches).zip(&mut series).collect();
        if round % 2 == 1 {
            turns.reverse();
        }
        for ((subject, batch), series) in turns {
            let took = (subject.0)(*batch)?;
            series.push(took.as_secs_f64() * 1e6 / f64::from(*batch));
        }
    }
    Ok(series)
}

/// The CPU time of this thread so far: what others do on the machine is not in it.
pub(crate) fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
