//! The external classifier over HTTP: a signed POST, a small answer.
//!
//! Signed as Standard Webhooks are: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,BASE64(HMAC-SHA256(secret, id.timestamp.body))`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::config::ClassifierConfig;
use crate::command::{Classifier, ClassifierQuestion, Judgement, NoClassifier};

/// Largest answer read, in bytes. One that says more is not ours.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Shortest key, in bytes, as Standard Webhooks asks.
const KEY_BYTES_MIN: usize = 24;

/// The key in a secret: `whsec_` and base 64.
pub fn key_of(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    (key.len() >= KEY_BYTES_MIN).then_some(key)
}

/// The classifier the configuration names.
pub fn classifier(config: &ClassifierConfig) -> anyhow::Result<Arc<dyn Classifier>> {
    if config.url.is_empty() {
        return Ok(Arc::new(NoClassifier));
    }
    // The command line does this at its start; whoever runs the program from within does not.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let budget = Duration::from_millis(config.within_ms);
    Ok(Arc::new(Http {
        client: reqwest::Client::builder()
            .timeout(budget)
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        url: config.url.clone(),
        key: key_of(&config.secret)
            .ok_or_else(|| anyhow::anyhow!("configuration key `classifier.secret`"))?,
        budget,
    }))
}

struct Http {
    client: reqwest::Client,
    url: String,
    key: Vec<u8>,
    budget: Duration,
}

#[derive(Serialize)]
struct Asked<'q> {
    session_id: &'q str,
    kind: &'q str,
    text: &'q str,
}

/// What is understood of an answer; more may be in it.
#[derive(Deserialize)]
struct Answer {
    verdict: Verdict,
    #[serde(default)]
    label: String,
    #[serde(default)]
    spans: Vec<(u32, u32)>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Publish,
    Hold,
}

fn signature(key: &[u8], id: &str, timestamp: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl Classifier for Http {
    fn offered(&self) -> bool {
        true
    }
    fn budget(&self) -> Duration {
        self.budget
    }
    fn judge<'a>(&'a self, question: ClassifierQuestion<'a>) -> BoxFuture<'a, Result<Judgement, String>> {
        Box::pin(async move {
            let body = serde_json::to_string(&Asked {
                session_id: question.session_id.as_str(),
                kind: question.kind.as_str(),
                text: question.text,
            })
            .map_err(|e| e.to_string())?;
            #[expect(
                clippy::disallowed_methods,
                reason = "the outermost layer reads the clock and makes randomness"
            )]
            let (timestamp, id) = (
                jiff::Timestamp::now().as_second(),
                format!("msg_{:016x}", rand::random::<u64>()),
            );
            let request = self
                .client
                .post(&self.url)
                .header("content-type", "application/json")
                .header("webhook-id", &id)
                .header("webhook-timestamp", timestamp.to_string())
                .header("webhook-signature", signature(&self.key, &id, timestamp, &body))
                .body(body);
            let mut response = request.send().await.map_err(|e| e.without_url().to_string())?;
            if !response.status().is_success() {
                return Err(format!("answered {}", response.status()));
            }
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|e| e.without_url().to_string())? {
                if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                    return Err(format!("the answer is larger than {ANSWER_BYTES_MAX} bytes"));
                }
                bytes.extend_from_slice(&chunk);
            }
            let answer: Answer =
                serde_json::from_slice(&bytes).map_err(|_| "the answer was not understood".to_owned())?;
            Ok(Judgement {
                hold: answer.verdict == Verdict::Hold,
                label: answer.label,
                spans: answer.spans,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn the_signature_is_the_one_of_standard_webhooks() {
        let key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("24 bytes");
        assert_eq!(
            signature(
                &key,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                "{\"test\": 2432232314}"
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_is_long_and_marked() {
        for wrong in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_!!!"] {
            assert!(key_of(wrong).is_none(), "{wrong}");
        }
    }
}
