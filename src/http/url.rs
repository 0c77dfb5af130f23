//! What a URL says: its path and its query, or a clear word why not.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::domain::rejection::{Code, Rejection};

/// Parts of the path. Unlike axum's own it answers with our codes: what is no id names nothing.
pub struct Path<T>(pub T);

/// The query. Unlike axum's own it answers with our codes.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(e) => {
                Err(Rejection::new(Code::NotFound, format!("nothing is here: {}", e.body_text())).into())
            }
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(e) => Err(Rejection::new(Code::Malformed, e.body_text()).into()),
        }
    }
}
