//! The pages, built into the program: one HTML file for every path, and its assets.

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::Door;
use super::error::ApiError;
use crate::domain::rejection::{Code, Rejection};

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[exclude = ".vite/*"]
#[exclude = "*.map"]
#[allow_missing = true]
struct Dist;

/// An asset by its path, else the page: the router in the page knows the rest.
pub async fn page(State(door): State<Door>, request: Request) -> Response {
    if request.method() != axum::http::Method::GET && request.method() != axum::http::Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    if path != "index.html"
        && let Some(file) = Dist::get(path)
    {
        let content_type = mime_guess::from_path(path).first_or_octet_stream();
        // Names of built assets carry a hash of their content.
        let cache = if path.starts_with("assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=3600"
        };
        return (
            [
                (header::CONTENT_TYPE, content_type.as_ref().to_owned()),
                (header::CACHE_CONTROL, cache.to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ],
            file.data,
        )
            .into_response();
    }
    if path.starts_with("assets/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some(index) = Dist::get("index.html") else {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the pages were not built into this program; run `make run`\n",
        )
            .into_response();
    };
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CACHE_CONTROL, "no-cache".to_owned()),
            (
                header::CONTENT_SECURITY_POLICY,
                content_security_policy(&door.options().stream_origins),
            ),
            (header::REFERRER_POLICY, "same-origin".to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
        ],
        index.data,
    )
        .into_response()
}

/// Pages talk to this server only; pictures may come from the origins the operator named.
fn content_security_policy(stream_origins: &[String]) -> String {
    let streams = stream_origins.join(" ");
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob: {streams}; \
         connect-src 'self' {streams}; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )
}

/// A path under `/api/v1` that is not a route.
pub async fn no_such_route(uri: Uri) -> ApiError {
    Rejection::not_found(&format!("route `{}`", uri.path())).into()
}

/// A route under `/api/v1` asked with a method it does not have.
pub async fn no_such_method(uri: Uri) -> Response {
    let error = ApiError(Rejection::new(
        Code::Malformed,
        format!("route `{}` does not take this method", uri.path()),
    ));
    let mut response = error.into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
