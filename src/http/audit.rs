//! The audit log of a hall: read, judged, handed out.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;

use super::Door;
use super::asking::Behind;
use super::error::ApiResult;
use super::posts::Paging;
use super::url::{Path, Query};
use crate::domain::audit::{BEGIN, Head};
use crate::domain::ids::{HallId, SessionId, StaffId};
use crate::domain::policy::{self, Verb};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::protocol::record::{AuditHead, AuditPage, AuditRecord, AuditVerification};
use crate::store::{Carried, Conn, StoreError, report};

#[derive(Debug, Deserialize)]
pub struct AuditQuery {
    session_id: Option<SessionId>,
    #[serde(default)]
    cursor: String,
    limit: Option<u32>,
}

fn head_face(hall: &HallId, head: Option<Head>) -> AuditHead {
    let (seq, hash) = head.map_or((0, BEGIN.to_owned()), |h| (h.seq, h.hash));
    AuditHead {
        hall_id: hall.clone(),
        seq,
        hash,
    }
}

async fn known_hall(conn: &mut Conn<'_>, hall: &HallId) -> ApiResult<()> {
    conn.hall(hall)
        .await?
        .ok_or_else(|| Rejection::not_found("hall"))?;
    Ok(())
}

fn face(Carried { record, hash }: Carried) -> Result<AuditRecord, StoreError> {
    // Empty for what the program did by itself.
    let by = Some(record.staff).filter(|id| !id.is_empty()).map(|text| {
        StaffId::try_from(text.clone()).map_err(|_| StoreError::Corrupt {
            what: "staff id",
            why: text,
        })
    });
    Ok(AuditRecord {
        seq: record.seq,
        at_ms: Timestamp::from_ms(record.at_ms),
        session_id: record.session.parse().ok(),
        staff_id: by.transpose()?,
        staff_name: record.staff_name,
        verb: record.verb,
        target: record.target,
        detail: record.detail,
        hash,
    })
}

pub async fn page(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Json<AuditPage>> {
    policy::check_hall(Verb::ReadAudit, &staff.roles_in(&hall))?;
    let paging = Paging {
        cursor: query.cursor,
        limit: query.limit,
    };
    let before = match paging.offset()? {
        0 => i64::MAX,
        seq => i64::try_from(seq).unwrap_or(i64::MAX),
    };
    let mut snapshot = door.inner.db.snapshot().await?;
    let mut conn = snapshot.conn();
    known_hall(&mut conn, &hall).await?;
    let found = conn
        .audit_before(hall.as_str(), query.session_id.as_ref(), before, paging.limit())
        .await?;
    let head = conn.audit_head(hall.as_str()).await?;
    let full = found.len() == paging.limit() as usize;
    let last = found.last().map(|c| c.record.seq);
    Ok(Json(AuditPage {
        next_cursor: last.filter(|&seq| full && seq > 1).map(|seq| seq.to_string()),
        records: found.into_iter().map(face).collect::<Result<_, _>>()?,
        head: head_face(&hall, head),
    }))
}

/// For everybody: it says how much was done, not what.
pub async fn head(State(door): State<Door>, Path(hall): Path<HallId>) -> ApiResult<Json<AuditHead>> {
    let mut reader = door.read().await?;
    known_hall(&mut reader.conn(), &hall).await?;
    let head = reader.conn().audit_head(hall.as_str()).await?;
    Ok(Json(head_face(&hall, head)))
}

pub async fn verification(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
) -> ApiResult<Json<AuditVerification>> {
    policy::check_hall(Verb::ReadAudit, &staff.roles_in(&hall))?;
    let mut snapshot = door.inner.db.snapshot().await?;
    let mut conn = snapshot.conn();
    known_hall(&mut conn, &hall).await?;
    let noted = conn.audit_head(hall.as_str()).await?.unwrap_or(Head {
        seq: 0,
        hash: BEGIN.to_owned(),
    });
    let judged = conn.verify_audit(hall.as_str(), Some(&noted), &[]).await?;
    let head = head_face(&hall, Some(noted));
    Ok(Json(match judged {
        Ok(whole) => AuditVerification {
            whole: true,
            records: whole.records,
            head,
            fault: String::new(),
        },
        Err(fault) => {
            tracing::error!(hall.id = %hall, "audit log of hall {hall}: {fault}");
            AuditVerification {
                whole: false,
                records: 0,
                head,
                fault: fault.to_string(),
            }
        }
    }))
}

/// JSON lines for `yishiting verify --export`.
pub async fn export(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
) -> ApiResult<Response> {
    door.commands().export_audit(&staff, &hall).await?;
    let mut snapshot = door.inner.db.snapshot().await?;
    let name = format!("attachment; filename=\"audit-{hall}.jsonl\"");
    // Two pieces ahead of who downloads.
    let (out, pieces) = tokio::sync::mpsc::channel::<String>(2);
    tokio::spawn(async move {
        if let Err(error) = snapshot.conn().export_audit(hall.as_str(), &out).await {
            // The answer has begun; without the line of the head the reader knows that it is not whole.
            tracing::error!(error = %report(&error), hall.id = %hall, "audit log of hall {hall} not handed out whole");
        }
    });
    let body = Body::from_stream(stream::unfold(pieces, async |mut pieces| {
        let piece = pieces.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(piece)), pieces))
    }));
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/jsonl; charset=utf-8".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, body).into_response())
}
