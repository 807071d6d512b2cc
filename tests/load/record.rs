//! What the clients saw.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Times of answers by what was asked, of the first fifth of the run and of the last, and what went wrong.
pub(crate) struct Record {
    end: Instant,
    fifth: Duration,
    started: Instant,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    times: BTreeMap<&'static str, [Vec<f32>; 2]>,
    counts: BTreeMap<&'static str, u64>,
    errors: Vec<String>,
}

/// The answers of one client, handed over now and then, because there are many.
pub(crate) struct Mine<'a> {
    record: &'a Record,
    what: &'static str,
    times: [Vec<f32>; 2],
    count: u64,
}

impl Record {
    pub(crate) fn new(end: Instant, fifth: Duration) -> Self {
        Self { end, fifth, started: Instant::now(), seen: Mutex::default() }
    }

    /// How long it lasts still.
    pub(crate) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Whether the clients are to go on.
    pub(crate) fn goes_on(&self) -> bool {
        !self.left().is_zero()
    }

    pub(crate) fn of(&self, what: &'static str) -> Mine<'_> {
        Mine { record: self, what, times: [vec![], vec![]], count: 0 }
    }

    pub(crate) fn fail(&self, what: &str, error: &dyn std::fmt::Display) {
        let seconds = self.started.elapsed().as_secs();
        self.seen.lock().unwrap().errors.push(format!("{what}, after {seconds} s: {error}"));
    }

    /// What was asked, its median and its 99th percentile in milliseconds, each at the start and at the end.
    pub(crate) fn times(&self) -> Vec<(&'static str, [f64; 2], [f64; 2])> {
        let seen = self.seen.lock().unwrap();
        let of = |times: &[Vec<f32>; 2], part: f64| [&times[0], &times[1]].map(|times| percentile(times, part));
        seen.times.iter().map(|(what, times)| (*what, of(times, 0.5), of(times, 0.99))).collect()
    }

    /// How often each was answered.
    pub(crate) fn counts(&self) -> Vec<(&'static str, u64)> {
        self.seen.lock().unwrap().counts.iter().map(|(what, count)| (*what, *count)).collect()
    }

    pub(crate) fn errors(&self) -> Vec<String> {
        self.seen.lock().unwrap().errors.clone()
    }
}

impl Mine<'_> {
    /// An answer to what was asked at `asked`.
    pub(crate) fn answered(&mut self, asked: Instant) {
        let now = Instant::now();
        let time = (now - asked).as_secs_f32() * 1e3;
        self.count += 1;
        if now < self.record.started + self.record.fifth {
            self.times[0].push(time);
        } else if now + self.record.fifth > self.record.end {
            self.times[1].push(time);
        }
    }
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        let mut seen = self.record.seen.lock().unwrap();
        *seen.counts.entry(self.what).or_default() += self.count;
        let times = seen.times.entry(self.what).or_default();
        for (all, own) in times.iter_mut().zip(&mut self.times) {
            all.append(own);
        }
    }
}

fn percentile(times: &[f32], part: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f32::total_cmp);
    let at = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
    times.get(at).copied().map_or(f64::NAN, f64::from)
}
