//! Files of the built-in live picture.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;

use super::Door;
use crate::domain::ids::SessionId;
use crate::hls;

/// A playlist or segment. Playlists are short-lived, segments never change.
pub async fn file(State(door): State<Door>, Path((session, name)): Path<(SessionId, String)>) -> Response {
    let Some(kind) = hls::kind_of(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = door.options().media_dir.join(session.as_str()).join(&name);
    let Ok(file) = tokio::fs::File::open(&path).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let cache = if kind.is_playlist() {
        "no-cache"
    } else {
        "public, max-age=86400, immutable"
    };
    let headers = [
        (header::CONTENT_TYPE, kind.content_type()),
        (header::CACHE_CONTROL, cache),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Body::from_stream(ReaderStream::new(file))).into_response()
}
