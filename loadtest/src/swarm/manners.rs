//! When a viewer that was sent away or lost comes back: as the page does it (`web/src/live/backoff.ts`), so that a return measured
//! here is the return of people.

use std::time::Duration;

/// Close code of a server that goes away and wants its viewers back.
pub const GOING_AWAY: u16 = 4000;
/// Least wait after a loss without a word.
const FIRST_MS: u64 = 500;
/// Most of it.
const LONGEST_MS: u64 = 20_000;
/// The span when a server that goes away names none.
const SPREAD_MS: u64 = 5_000;
/// Longest wait a server may ask for.
const SPREAD_LONGEST_MS: u64 = 120_000;

/// The wait before the next attempt. `reason` is that of close code 4000, if there was one; `chance` is between 0 and 1.
pub fn wait(reason: Option<&str>, attempt: u32, chance: f64) -> Duration {
    let ms = match reason {
        Some(reason) => spread_ms(reason, chance),
        None => backoff_ms(attempt, chance),
    };
    Duration::from_secs_f64(ms / 1e3)
}

fn backoff_ms(attempt: u32, chance: f64) -> f64 {
    let bound_ms = ((2 * FIRST_MS) << attempt.min(16)).min(LONGEST_MS);
    FIRST_MS as f64 + chance * (bound_ms - FIRST_MS) as f64
}

/// `retry=SPAN after=WAIT` in milliseconds: the wait, and a random part of the span.
fn spread_ms(reason: &str, chance: f64) -> f64 {
    let span_ms = number_after(reason, "retry=")
        .filter(|ms| *ms > 0)
        .unwrap_or(SPREAD_MS);
    let after_ms = number_after(reason, "after=").unwrap_or(0).min(SPREAD_LONGEST_MS);
    after_ms as f64 + chance * span_ms.min(SPREAD_LONGEST_MS) as f64
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(name)?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_a_server_names_is_used_up_by_chance() {
        for (reason, chance, expected_ms) in [
            ("retry=1000", 0.0, 0.0),
            ("retry=1000", 0.5, 500.0),
            ("retry=1000 after=6000", 0.5, 6_500.0),
            ("", 0.5, 2_500.0),
            ("retry=0", 1.0, 5_000.0),
            ("retry=900000", 1.0, 120_000.0),
        ] {
            assert_eq!(spread_ms(reason, chance), expected_ms, "{reason}");
        }
    }

    #[test]
    fn the_wait_without_a_word_doubles_to_a_bound() {
        let longest: Vec<f64> = (0..8).map(|attempt| backoff_ms(attempt, 1.0)).collect();
        assert_eq!(
            longest,
            [
                1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 20_000.0, 20_000.0, 20_000.0
            ]
        );
        assert!((0..20).all(|attempt| backoff_ms(attempt, 0.0) == 500.0));
        assert_eq!(wait(None, 0, 0.5), Duration::from_millis(750));
    }
}
