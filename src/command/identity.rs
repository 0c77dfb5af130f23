//! Who a netizen is: a signed token that the device keeps. No password, no account, nothing to forget.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Commands;
use crate::domain::ids::ParticipantId;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::time::Timestamp;
use crate::domain::words::Tier;

/// How long a token is good. Long enough for "three months later was told it is done", renewed with every change.
const TOKEN_DAYS: i64 = 400;
/// Longest token read, in bytes; ours are about 200.
const TOKEN_BYTES_MAX: usize = 1_024;

/// The server's secret.
#[derive(Clone)]
pub struct IdentityKey([u8; 32]);

impl IdentityKey {
    /// From 32 bytes of chance, kept by the operator.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    fn mac(&self, purpose: &str, data: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(data);
        mac
    }
    /// A keyed hash in hexadecimal, for what must be recognised and never read back (phone numbers, codes, login cookies).
    pub(super) fn hash(&self, purpose: &str, data: &str) -> String {
        self.mac(purpose, data.as_bytes())
            .finalize()
            .into_bytes()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }
}

impl std::fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityKey(..)")
    }
}

/// What a token says, proved by its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub id: ParticipantId,
    pub tier: Tier,
    pub name: String,
    /// Until when it is good.
    pub until: Timestamp,
}

impl Commands {
    pub(super) fn identity(&self, id: ParticipantId, tier: Tier, name: String) -> Identity {
        Identity {
            id,
            tier,
            name,
            until: self.now().plus_ms(TOKEN_DAYS * 86_400_000),
        }
    }

    /// The token for an identity: `v1.PAYLOAD.SIGNATURE`.
    pub fn token(&self, identity: &Identity) -> String {
        let payload =
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(identity).expect("an identity is plain JSON"));
        let signature = URL_SAFE_NO_PAD.encode(
            self.inner
                .options
                .key
                .mac("token v1", payload.as_bytes())
                .finalize()
                .into_bytes(),
        );
        format!("v1.{payload}.{signature}")
    }

    /// Reads a token.
    ///
    /// # Errors
    /// `unauthenticated` when it is not ours or was changed, `expired` when it is too old.
    pub fn authenticate(&self, token: &str) -> Result<Identity, Rejection> {
        let forged = || Rejection::new(Code::Unauthenticated, "the token was not made by this server");
        if token.len() > TOKEN_BYTES_MAX {
            return Err(forged());
        }
        let (payload, signature) = token
            .strip_prefix("v1.")
            .and_then(|rest| rest.split_once('.'))
            .ok_or_else(forged)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| forged())?;
        self.inner
            .options
            .key
            .mac("token v1", payload.as_bytes())
            .verify_slice(&signature)
            .map_err(|_| forged())?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| forged())?;
        let identity: Identity = serde_json::from_slice(&payload).map_err(|_| forged())?;
        if identity.until < self.now() {
            return Err(Rejection::new(Code::Expired, "the token is over; come in again"));
        }
        Ok(identity)
    }

    pub(super) fn keyed_hash(&self, purpose: &str, data: &str) -> String {
        self.inner.options.key.hash(purpose, data)
    }
}
