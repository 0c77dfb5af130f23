//! Health, metrics, and what pages ask before anything else.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Door;
use super::asking::Address;
use super::error::{ApiError, ApiResult};
use crate::domain::rejection::Rejection;

/// The process lives.
pub async fn alive() -> &'static str {
    "ok"
}

/// The database answers.
pub async fn ready(State(door): State<Door>) -> Result<&'static str, ApiError> {
    door.inner.db.ping().await?;
    Ok("ok")
}

/// Prometheus text, to this machine only: figures of a hall are the operator's business.
pub async fn metrics(State(door): State<Door>, Address(from): Address, headers: HeaderMap) -> Response {
    // Through a proxy on this machine everybody comes from it.
    let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    if !from.is_loopback() || forwarded {
        return StatusCode::NOT_FOUND.into_response();
    }
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        (door.inner.metrics)(),
    )
        .into_response()
}

/// What this installation offers.
pub async fn options(State(door): State<Door>) -> Json<Value> {
    Json(
        json!({ "demonstration": door.options().demonstration.is_some(), "phone": door.commands().offers_phone() }),
    )
}

/// Links of the demonstration.
pub async fn demonstration_links(State(door): State<Door>) -> ApiResult<Json<Value>> {
    match &door.options().demonstration {
        Some(links) => Ok(Json(json!({ "links": **links }))),
        None => Err(Rejection::not_found("page: this is not a demonstration").into()),
    }
}
