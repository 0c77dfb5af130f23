//! Rates: the table of `domain::limits` applied per person, or per address before a person is known.

use std::collections::HashMap;
use std::num::NonZeroU32;

use dashmap::DashMap;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::{Commands, Outcome};
use crate::domain::ids::{ParticipantId, SessionId};
use crate::domain::limits::Action;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::time::Timestamp;
use crate::domain::words::Tier;

/// One limiter per row of the table, keyed by person or address.
pub(super) struct Rates {
    limiters: HashMap<(Action, Tier), DefaultKeyedRateLimiter<Box<str>>>,
    clock: DefaultClock,
    /// When a person commented last, for slow mode.
    last_comment: DashMap<(SessionId, ParticipantId), Timestamp>,
}

impl Default for Rates {
    fn default() -> Self {
        let mut limiters = HashMap::new();
        for &action in Action::ALL {
            for &tier in Tier::ALL {
                let limit = action.limit(tier);
                let rate = NonZeroU32::new(limit.per_minute).expect("the table has no zero rate");
                let burst = NonZeroU32::new(limit.burst).expect("the table has no zero burst");
                limiters.insert(
                    (action, tier),
                    RateLimiter::keyed(Quota::per_minute(rate).allow_burst(burst)),
                );
            }
        }
        Self {
            limiters,
            clock: DefaultClock::default(),
            last_comment: DashMap::new(),
        }
    }
}

impl Rates {
    /// # Errors
    /// `rate_limited` with the time until the next one is allowed.
    pub(super) fn check(&self, action: Action, tier: Tier, key: &str) -> Result<(), Rejection> {
        let limiter = self
            .limiters
            .get(&(action, tier))
            .expect("every row of the table has a limiter");
        let Err(not_until) = limiter.check_key(&key.into()) else {
            return Ok(());
        };
        let wait = not_until.wait_time_from(self.clock.now());
        let retry_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
        let limit = action.limit(tier);
        let text = format!(
            "`{action}` is limited to {} a minute, {} at once; wait {retry_ms} ms",
            limit.per_minute, limit.burst
        );
        metrics::counter!("command_rate_limited", "action" => action.as_str()).increment(1);
        Err(Rejection::new(Code::RateLimited, text)
            .retry_after_ms(retry_ms)
            .with("seconds", retry_ms.div_ceil(1_000)))
    }

    pub(super) fn sweep(&self) {
        for limiter in self.limiters.values() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        // Slow mode asks for ten minutes at most; a map of people who came that recently is bounded by the audience.
        if self.last_comment.len() > 100_000 {
            self.last_comment.clear();
        }
    }

    /// Slow mode: at least `pause_s` seconds between two comments of one person in a session.
    ///
    /// # Errors
    /// `rate_limited`
    pub(super) fn slow_mode(
        &self,
        session: &SessionId,
        person: &ParticipantId,
        pause_s: u32,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        if pause_s == 0 {
            return Ok(());
        }
        let pause_ms = i64::from(pause_s) * 1_000;
        let mut last = self
            .last_comment
            .entry((session.clone(), person.clone()))
            .or_insert(Timestamp::from_ms(i64::MIN / 2));
        let since_ms = now.since_ms(*last);
        // Before the last one is now only when the clock was set back; nobody is silenced for that.
        if (0..pause_ms).contains(&since_ms) {
            let left = (pause_ms - since_ms).unsigned_abs();
            let text = format!("slow mode asks for {pause_s} seconds between comments; wait {left} ms");
            return Err(Rejection::new(Code::RateLimited, text)
                .retry_after_ms(left)
                .with("seconds", left.div_ceil(1_000)));
        }
        *last = now;
        Ok(())
    }
}

impl Commands {
    /// Counts an action of an address that is not a known person yet.
    ///
    /// # Errors
    /// `rate_limited`
    pub fn check_address(&self, action: Action, address: std::net::IpAddr) -> Outcome<()> {
        if self.inner.options.exempt_loopback && address.is_loopback() {
            return Ok(());
        }
        Ok(self
            .inner
            .rates
            .check(action, Tier::Guest, &network_of(address))?)
    }
}

/// What limits of an address count by. A household or a phone has a /64 of its own; single addresses of it would be no limit at all.
pub(super) fn network_of(address: std::net::IpAddr) -> String {
    match address.to_canonical() {
        std::net::IpAddr::V4(v4) => v4.to_string(),
        std::net::IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_burst_a_person_must_wait_and_others_need_not() {
        let rates = Rates::default();
        let burst = Action::Comment.limit(Tier::Guest).burst;
        for _ in 0..burst {
            assert!(rates.check(Action::Comment, Tier::Guest, "a").is_ok());
        }
        let refused = rates
            .check(Action::Comment, Tier::Guest, "a")
            .expect_err("over the burst");
        assert_eq!(refused.code, Code::RateLimited);
        assert!(
            refused
                .retry_after_ms
                .is_some_and(|ms| (1..=60_000).contains(&ms))
        );
        assert!(rates.check(Action::Comment, Tier::Guest, "b").is_ok());
    }

    #[test]
    fn slow_mode_asks_for_its_pause_and_no_more() {
        let rates = Rates::default();
        let at = Timestamp::from_ms;
        let (session, person) = (SessionId::new(at(0), 1), ParticipantId::new(at(0), 2));
        assert!(rates.slow_mode(&session, &person, 10, at(1_000)).is_ok());
        assert_eq!(
            rates
                .slow_mode(&session, &person, 10, at(4_000))
                .expect_err("too early")
                .retry_after_ms,
            Some(7_000)
        );
        assert!(rates.slow_mode(&session, &person, 10, at(11_000)).is_ok());
        assert!(rates.slow_mode(&session, &person, 0, at(11_001)).is_ok());
        assert!(
            rates.slow_mode(&session, &person, 10, at(-3_600_000)).is_ok(),
            "the clock was set back"
        );
    }
}
