//! The pages, built into the program: one HTML file for every path, and its assets.
//!
//! The build lays a `.br` and a `.gz` beside every text (`web/build/precompress.ts`); what the browser takes is sent as it lies.

use std::borrow::Cow;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::error::ApiError;
use super::{Door, Options};
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
        && let Some((data, encoding)) = in_best_form(path, request.headers())
    {
        let content_type = mime_guess::from_path(path).first_or_octet_stream();
        // Names of built assets carry a hash of their content.
        let cache = if path.starts_with("assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=3600"
        };
        let response = (
            [
                (header::CONTENT_TYPE, content_type.as_ref().to_owned()),
                (header::CACHE_CONTROL, cache.to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ],
            data,
        );
        return encoded(response.into_response(), encoding);
    }
    if path.starts_with("assets/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some((index, encoding)) = in_best_form("index.html", request.headers()) else {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the pages were not built into this program; run `make run`\n",
        )
            .into_response();
    };
    let response = (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (header::CACHE_CONTROL, "no-cache".to_owned()),
            (
                header::CONTENT_SECURITY_POLICY,
                content_security_policy(door.options()),
            ),
            (header::REFERRER_POLICY, "same-origin".to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
        ],
        index,
    );
    encoded(response.into_response(), encoding)
}

/// Forms beside the plain one, the smallest first: what `Accept-Encoding` calls it, and how its file ends.
const FORMS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// A file of the build in the smallest form the browser takes, with the name of its encoding.
fn in_best_form(path: &str, headers: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
    for (name, ending) in FORMS {
        if takes(headers, name)
            && let Some(file) = Dist::get(&format!("{path}{ending}"))
        {
            return Some((file.data, Some(name)));
        }
    }
    Dist::get(path).map(|file| (file.data, None))
}

/// Whether `Accept-Encoding` names the encoding without refusing it (`q=0`). `*` is not read: whoever sends it can read plain.
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|entry| {
            let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
            let refused = weight
                .trim()
                .strip_prefix("q=")
                .is_some_and(|q| q.parse() == Ok(0.0_f32));
            name.trim().eq_ignore_ascii_case(encoding) && !refused
        })
}

fn encoded(mut response: Response, encoding: Option<&'static str>) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Pages talk to this server only; pictures may come from the origins the operator named.
fn content_security_policy(options: &Options) -> String {
    let streams = options.stream_origins.join(" ");
    // Safari before 15.4 does not count a WebSocket of the same host as 'self'.
    let sockets = options.public_url.replacen("http", "ws", 1);
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob: {streams}; \
         connect-src 'self' {sockets} {streams}; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_only_what_it_says_it_takes() {
        let headers = |value: &str| {
            HeaderMap::from_iter([(
                header::ACCEPT_ENCODING,
                HeaderValue::from_str(value).expect("ASCII"),
            )])
        };
        for (said, brotli, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("gzip", false, true),
            ("GZIP;q=0.5,br; q=1.0", true, true),
            ("br;q=0, gzip;q=0.000", false, false),
            ("brotli, x-gzip", false, false),
            ("*", false, false),
            ("", false, false),
        ] {
            assert_eq!(
                (takes(&headers(said), "br"), takes(&headers(said), "gzip")),
                (brotli, gzip),
                "{said}"
            );
        }
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }
}
