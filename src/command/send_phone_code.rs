//! Send a code to a phone, to become verified.

use futures_util::future::BoxFuture;

use super::{Commands, Outcome};
use crate::domain::limits::{PHONE_CODE_PAUSE_S, PHONE_CODE_TTL_S, PHONE_CODES_PER_HOUR};
use crate::domain::rejection::{Code, Rejection};
use crate::store::PhoneCode;

/// Brings codes to phones. Implementations never log the number.
pub trait CodeSender: Send + Sync {
    /// Whether verification by phone is offered at all.
    fn offered(&self) -> bool;
    /// Sends `code` to `phone`; an error is answered `unavailable`.
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> BoxFuture<'a, Result<(), String>>;
    /// Whether the code may be shown on the page: demonstration only.
    fn shows_code(&self) -> bool {
        false
    }
}

/// A code is on its way.
#[derive(Debug, Clone)]
pub struct PhoneCodeSent {
    pub expires_s: u32,
    /// The code, in the demonstration.
    pub shown_code: Option<String>,
}

/// A mainland mobile number: 11 digits from 13 to 19, spaces and `+86` dropped.
pub(super) fn parse_phone(phone: &str) -> Result<String, Rejection> {
    let digits: String = phone
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let digits = digits.strip_prefix("+86").unwrap_or(&digits);
    let fits = digits.len() == 11
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.starts_with('1')
        && !matches!(digits.as_bytes()[1], b'0'..=b'2');
    if fits {
        Ok(digits.to_owned())
    } else {
        Err(Rejection::out_of_range(
            "phone",
            "a mobile number has 11 digits and begins with 13 to 19",
        ))
    }
}

impl Commands {
    /// # Errors
    /// `out_of_range` (not a mobile number), `rate_limited` (one a minute, a few an hour per number), `unavailable`.
    pub async fn send_phone_code(&self, phone: &str) -> Outcome<PhoneCodeSent> {
        if !self.inner.code_sender.offered() {
            return Err(Rejection::new(Code::Forbidden, "verification by phone is not set up here").into());
        }
        let phone = parse_phone(phone)?;
        let hash = self.keyed_hash("phone", &phone);
        let code = format!("{:06}", self.chance() % 1_000_000);
        let code_hash = self.keyed_hash("phone code", &format!("{phone}:{code}"));
        let now = self.now();
        self.run(move |tx| {
            Box::pin(async move {
                let before = tx.conn().phone_code(&hash).await?;
                let (mut hour_start, mut sent_in_hour) = (now, 0);
                if let Some(before) = before {
                    let left_ms = i64::from(PHONE_CODE_PAUSE_S) * 1_000 - now.since_ms(before.sent_at);
                    if left_ms > 0 {
                        return Err(wait(left_ms).into());
                    }
                    if now.since_ms(before.hour_start) < 3_600_000 {
                        (hour_start, sent_in_hour) = (before.hour_start, before.sent_in_hour);
                    }
                    if sent_in_hour >= u64::from(PHONE_CODES_PER_HOUR) {
                        return Err(wait(3_600_000 - now.since_ms(hour_start)).into());
                    }
                }
                let row = PhoneCode {
                    code_hash,
                    expires_at: now.plus_ms(i64::from(PHONE_CODE_TTL_S) * 1_000),
                    tries: 0,
                    sent_at: now,
                    hour_start,
                    sent_in_hour: sent_in_hour + 1,
                };
                tx.put_phone_code(&hash, &row).await?;
                Ok(())
            })
        })
        .await?;
        if let Err(error) = self.inner.code_sender.send(&phone, &code).await {
            tracing::error!(error = %error, "phone code not sent");
            return Err(Rejection::new(
                Code::Unavailable,
                "the message could not be sent just now; try again in a minute",
            )
            .retry_after_ms(60_000)
            .into());
        }
        Ok(PhoneCodeSent {
            expires_s: PHONE_CODE_TTL_S,
            shown_code: self.inner.code_sender.shows_code().then_some(code),
        })
    }

    /// Whether verification by phone is offered.
    pub fn offers_phone(&self) -> bool {
        self.inner.code_sender.offered()
    }
}

fn wait(left_ms: i64) -> Rejection {
    let left = left_ms.unsigned_abs();
    Rejection::new(
        Code::RateLimited,
        format!("a code was sent to this number; wait {left} ms for the next"),
    )
    .retry_after_ms(left)
    .with("seconds", left.div_ceil(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mobile_numbers_get_a_code() {
        for good in ["13800138000", "+86 138 0013 8000", "199-0000-0000"] {
            assert!(parse_phone(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "12345678901",
            "1380013800",
            "138001380000",
            "１３８００１３８０００",
            "01012345678",
        ] {
            assert!(parse_phone(bad).is_err(), "{bad}");
        }
    }
}
