//! RFC 6455 section 4.2: whether a request opens a WebSocket, and what it is answered.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::error::ApiError;
use crate::domain::rejection::{Code, Rejection};

/// Why a request is no handshake.
#[derive(Debug, Clone, Copy)]
pub enum Refused {
    /// It breaks the rules.
    Malformed(&'static str),
    /// It is no WebSocket of the version spoken here.
    UpgradeRequired(&'static str),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(why) => malformed(why),
            Self::UpgradeRequired(why) => upgrade_required(why),
        }
    }
}

/// The answer to the key of a handshake.
///
/// # Errors
/// 426 with the version spoken here for what is not a WebSocket of it, 400 for one that breaks the rules.
pub fn accept_of(version: Version, headers: &HeaderMap) -> Result<HeaderValue, Refused> {
    if version != Version::HTTP_11 {
        return Err(Refused::Malformed("a WebSocket begins with HTTP/1.1"));
    }
    if !has_token(headers, header::UPGRADE, "websocket") || !has_token(headers, header::CONNECTION, "upgrade")
    {
        return Err(Refused::UpgradeRequired(
            "this is a WebSocket; for Server-Sent Events ask `…/events`",
        ));
    }
    if only(headers, header::SEC_WEBSOCKET_VERSION).is_none_or(|v| v != "13") {
        return Err(Refused::UpgradeRequired("WebSockets are spoken in version 13"));
    }
    only(headers, header::SEC_WEBSOCKET_KEY)
        .filter(|key| is_key(key.as_bytes()))
        .and_then(|key| HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok())
        .ok_or(Refused::Malformed(
            "a handshake has one `Sec-WebSocket-Key`: 16 bytes in base64",
        ))
}

/// The value of a header that stands there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether it is sixteen bytes in base64.
fn is_key(key: &[u8]) -> bool {
    key.len() == 24
        && key.ends_with(b"==")
        && key[..22]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|v| v.trim().eq_ignore_ascii_case(token))
}

fn malformed(why: &'static str) -> Response {
    ApiError(Rejection::new(Code::Malformed, why)).into_response()
}

fn upgrade_required(why: &'static str) -> Response {
    let mut response = malformed(why);
    *response.status_mut() = StatusCode::UPGRADE_REQUIRED;
    let headers = response.headers_mut();
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response
}
