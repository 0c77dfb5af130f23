//! Many durations in little memory: 128 steps per power of two, so that a quantile is right within one per cent.

use serde::{Deserialize, Serialize};

const STEPS: u64 = 128;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// Counts of durations, in microseconds.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max_us: u64,
}

/// A histogram on its way between processes: the counts that are not zero.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Packed {
    counts: Vec<(usize, u64)>,
    max_us: u64,
}

impl Packed {
    /// The longest of them.
    #[cfg(test)]
    pub fn max_us(&self) -> u64 {
        self.max_us
    }
}

fn place(us: u64) -> usize {
    if us < STEPS {
        return us as usize;
    }
    let shift = 63 - us.leading_zeros() - STEP_BITS;
    (u64::from(shift) * STEPS + (us >> shift)) as usize
}

/// The largest duration of a place.
fn upper_us(place: usize) -> u64 {
    let place = place as u64;
    if place < 2 * STEPS {
        return place;
    }
    let shift = place / STEPS - 1;
    ((place - shift * STEPS + 1) << shift) - 1
}

impl Histogram {
    /// Adds a duration.
    pub fn add(&mut self, us: u64) {
        let place = place(us);
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
        self.total += 1;
        self.max_us = self.max_us.max(us);
    }

    /// Adds what another process counted.
    pub fn merge(&mut self, packed: &Packed) {
        for &(place, count) in &packed.counts {
            if place >= self.counts.len() {
                self.counts.resize(place + 1, 0);
            }
            self.counts[place] += count;
            self.total += count;
        }
        self.max_us = self.max_us.max(packed.max_us);
    }

    /// For another process.
    pub fn packed(&self) -> Packed {
        let counts = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        Packed {
            counts: counts.map(|(place, count)| (place, *count)).collect(),
            max_us: self.max_us,
        }
    }

    /// How many were added.
    #[cfg(test)]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Milliseconds that a share `q` (0 to 1) of the durations did not exceed; `None` without durations.
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let wanted = ((self.total as f64 * q).ceil() as u64).clamp(1, self.total);
        let mut seen = 0;
        for (place, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(upper_us(place).min(self.max_us) as f64 / 1_000.0);
            }
        }
        Some(self.max_us as f64 / 1_000.0)
    }

    /// Milliseconds of the longest; `None` without durations.
    pub fn max_ms(&self) -> Option<f64> {
        (self.total > 0).then_some(self.max_us as f64 / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_right_within_one_per_cent() {
        let mut histogram = Histogram::default();
        for us in 1..=100_000 {
            histogram.add(us);
        }
        for (q, expected_ms) in [(0.5, 50.0), (0.99, 99.0), (0.001, 0.1), (1.0, 100.0)] {
            let found = histogram.quantile_ms(q).expect("not empty");
            assert!(
                (found - expected_ms).abs() <= expected_ms * 0.01,
                "{q}: {found} is not {expected_ms}"
            );
        }
        assert_eq!(histogram.max_ms(), Some(100.0));
    }

    #[test]
    fn every_duration_is_within_its_place() {
        let mut before = 0;
        for us in (0..100_000).chain([1 << 20, (1 << 20) + 1, u64::from(u32::MAX), 1 << 40]) {
            let at = place(us);
            assert!(at >= before, "places grow with durations");
            assert!(upper_us(at) >= us && (at == 0 || upper_us(at - 1) < us), "{us}");
            before = at;
        }
    }

    #[test]
    fn what_two_processes_counted_is_the_same_as_if_one_had() {
        let (mut one, mut two, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for us in 0..5_000 {
            if us % 3 == 0 {
                one.add(us * 7)
            } else {
                two.add(us * 7)
            }
            both.add(us * 7);
        }
        let mut merged = Histogram::default();
        merged.merge(&one.packed());
        merged.merge(&two.packed());
        for q in [0.1, 0.5, 0.99, 1.0] {
            assert_eq!(merged.quantile_ms(q), both.quantile_ms(q));
        }
        assert_eq!(merged.total(), 5_000);
    }

    #[test]
    fn without_durations_there_is_no_quantile() {
        assert_eq!(Histogram::default().quantile_ms(0.5), None);
        assert_eq!(Histogram::default().max_ms(), None);
    }
}
