//! CPU time, measured in interleaved batches.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;
use crate::series::Series;

/// How many batches each subject runs.
const ROUNDS: usize = 500;
/// How often a subject runs before it is measured.
const WARM_UP: u32 = 16;
/// The shortest time that a batch takes.
const BATCH: Duration = Duration::from_millis(1);

/// Something that is run a number of times and returns the CPU time that this took.
pub(crate) struct Subject<'a>(Box<dyn FnMut(u32) -> Outcome<Duration> + 'a>);

impl<'a> Subject<'a> {
    /// A subject that measures itself, so that its preparation is not counted.
    pub(crate) fn new(run: impl FnMut(u32) -> Outcome<Duration> + 'a) -> Self {
        Self(Box::new(run))
    }

    /// The subject `call`.
    pub(crate) fn of<T>(mut call: impl FnMut() -> Outcome<T> + 'a) -> Self {
        Self::new(move |times| {
            let started = cpu_time_now();
            for _ in 0..times {
                std::hint::black_box(call()?);
            }
            Ok(cpu_time_now().saturating_sub(started))
        })
    }

    /// How many runs make a batch, after some runs that fill caches and take leases.
    fn batch(&mut self) -> Outcome<u32> {
        (self.0)(WARM_UP)?;
        let mut times = 1;
        while (self.0)(times)? < BATCH {
            times *= 2;
        }
        Ok(times)
    }
}

/// The microseconds per run of each subject. In every round each subject runs one batch, in alternating order, so that
/// all of them measure the same machine.
pub(crate) fn interleave(mut subjects: Vec<Subject<'_>>) -> Outcome<Vec<Series>> {
    let batches = subjects.iter_mut().map(Subject::batch).collect::<Outcome<Vec<_>>>()?;
    interleave_batches(subjects, &batches, ROUNDS)
}

/// As [`interleave`], with batches of those sizes and that many rounds.
pub(crate) fn interleave_batches(
    mut subjects: Vec<Subject<'_>>,
    batches: &[u32],
    rounds: usize,
) -> Outcome<Vec<Series>> {
    let mut series = vec![Series::default(); subjects.len()];
    for round in 0..rounds {
        let mut turns: Vec<_> = subjects.iter_mut().zip(batches).zip(&mut series).collect();
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

/// The CPU time of this thread so far. Other threads and processes do not change it.
pub(crate) fn cpu_time_now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
