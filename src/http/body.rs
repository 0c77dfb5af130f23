//! Request bodies: JSON or a clear word why not.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::domain::rejection::{Code, Rejection};

/// Longest time a body may take: the largest word list over a slow line. Who sends a byte now and then shall not hold memory for ever.
const BODY_WITHIN: Duration = Duration::from_secs(60);

/// A JSON body. Unlike axum's own it answers with our codes and does not ask for a content type.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let read = tokio::time::timeout(BODY_WITHIN, Bytes::from_request(request, state));
        let late = |_| {
            Rejection::new(
                Code::Malformed,
                format!("the body did not arrive within {} s", BODY_WITHIN.as_secs()),
            )
        };
        let bytes = read.await.map_err(late)?.map_err(|e| {
            let code = if e.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                Code::TooLarge
            } else {
                Code::Malformed
            };
            Rejection::new(code, e.body_text())
        })?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Rejection::new(Code::Malformed, "the body is not UTF-8"))?;
        let value = serde_json::from_str(text)
            .map_err(|e| Rejection::new(Code::Malformed, format!("the body was not understood: {e}")))?;
        Ok(Self(value))
    }
}
