//! What a refused request is answered.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::command::CommandError;
use crate::domain::rejection::Rejection;
use crate::protocol::server::ErrorMessage;
use crate::store::{StoreError, report};

/// A refusal on its way out.
#[derive(Debug)]
pub struct ApiError(pub Rejection);

/// What handlers answer.
pub type ApiResult<T> = Result<T, ApiError>;

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        Self(rejection)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %report(&error), "request failed in the store");
        Self(Rejection::unavailable())
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Rejected(rejection) => Self(rejection),
            CommandError::Store(error) => error.into(),
        }
    }
}

/// The refusal as the wire carries it.
pub fn wire(rejection: Rejection) -> ErrorMessage {
    ErrorMessage {
        r#ref: None,
        code: rejection.code,
        message: rejection.message,
        retry_after_ms: rejection.retry_after_ms,
        params: rejection.params,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.0.retry_after_ms;
        let mut response =
            (status, [(header::CACHE_CONTROL, "no-store")], Json(wire(self.0))).into_response();
        if let Some(seconds) = retry.map(|ms| ms.div_ceil(1_000))
            && let Ok(value) = seconds.to_string().parse()
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}
