//! The hand-over package: as one ZIP, or file by file.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Door;
use super::asking::Behind;
use super::error::ApiResult;
use super::url::{Path, Query};
use crate::documents::{File, Privacy};
use crate::domain::ids::SessionId;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;

#[derive(Debug, Deserialize)]
pub struct PackageQuery {
    privacy: Option<Privacy>,
}

async fn make(door: &Door, id: &SessionId, staff: &Staff, query: &PackageQuery) -> ApiResult<Vec<File>> {
    let privacy = query.privacy.unwrap_or(Privacy::Internal);
    Ok(door
        .commands()
        .export_package(staff, id, privacy, &door.options().public_url)
        .await?)
}

fn download(name: &str, content_type: &str, bytes: Vec<u8>) -> Response {
    // RFC 6266: the plain name for old programs, the real one for all others.
    let ascii: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"._-".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let disposition = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

pub async fn zip(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Query(query): Query<PackageQuery>,
) -> ApiResult<Response> {
    let files = make(&door, &id, &staff, &query).await?;
    let session = door.commands().session(&id).await?;
    let bytes = crate::documents::zip(&files).map_err(|error| {
        tracing::error!(error = %crate::store::report(&error), "package not zipped");
        Rejection::unavailable()
    })?;
    let edition = if query.privacy == Some(Privacy::Public) {
        "公开版"
    } else {
        "内部版"
    };
    Ok(download(
        &format!("{}-{}-{edition}.zip", session.title, session.code),
        "application/zip",
        bytes,
    ))
}

pub async fn files(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Query(query): Query<PackageQuery>,
) -> ApiResult<Json<Value>> {
    let files = make(&door, &id, &staff, &query).await?;
    let list: Vec<Value> = files
        .iter()
        .map(|f| {
            let sha256: String = Sha256::digest(&f.bytes).iter().map(|b| format!("{b:02x}")).collect();
            json!({ "path": f.path, "title": f.path.rsplit('/').next().unwrap_or(&f.path), "size": f.bytes.len(), "sha256": sha256 })
        })
        .collect();
    Ok(Json(json!({ "files": list })))
}

pub async fn file(
    State(door): State<Door>,
    Path((id, path)): Path<(SessionId, String)>,
    Behind(staff): Behind,
    Query(query): Query<PackageQuery>,
) -> ApiResult<Response> {
    let found = make(&door, &id, &staff, &query)
        .await?
        .into_iter()
        .find(|f| f.path == path)
        .ok_or_else(|| Rejection::not_found("file in the package"))?;
    let content_type = mime_guess::from_path(&found.path).first_or_octet_stream();
    Ok(download(
        found.path.rsplit('/').next().unwrap_or(&found.path),
        content_type.essence_str(),
        found.bytes,
    ))
}
