//! The audit log: added to in the transaction of the act, never changed, judged by whoever wants to.
//!
//! Lines are collected while a batch runs and chained when it commits, as events are: the row of the chain's head is taken
//! last and in the order of the halls, so that nodes do not wait for each other in a circle.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;
use tokio::sync::mpsc;

use super::conn::{Conn, StoreError, count, on, or_empty, stored, to_json};
use super::db::Db;
use super::writer::Tx;
use crate::domain::audit::{BEGIN, Fault, Head, Record, Verified, Verifier, head_line, known_of};
use crate::domain::ids::{AuditId, HallId, SessionId, StaffId};
use crate::domain::time::Timestamp;

/// Lines of one statement: twelve columns each, below the 32,766 parameters of SQLite.
const ROWS_PER_STATEMENT: usize = 500;
/// Records read at once while a chain is judged: about 10 MB.
const READ_MAX: u32 = 20_000;
/// Records of one piece of an export: about half a megabyte.
const EXPORT_MAX: u32 = 1_000;

/// One act of staff, or of the program in their place. `target` names what it was done to; `detail` says how, without texts of netizens.
#[derive(Debug, Clone)]
pub struct Audit {
    pub id: AuditId,
    pub at: Timestamp,
    pub hall_id: Option<HallId>,
    pub session_id: Option<SessionId>,
    /// `None` for what the program did by itself.
    pub staff_id: Option<StaffId>,
    /// The name at the time; empty with `staff_id`.
    pub staff_name: String,
    /// A [`Verb`](crate::domain::policy::Verb), or what accounts do with themselves (`log_in`, …).
    pub verb: &'static str,
    pub target: String,
    pub detail: serde_json::Value,
}

type Row = (
    String,
    i64,
    String,
    i64,
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    String,
);

/// A record with the hash it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub record: Record,
    pub hash: String,
}

fn carried(row: Row) -> Carried {
    Carried {
        record: Record {
            hall: row.0,
            seq: count(row.1),
            id: row.2,
            at_ms: row.3,
            session: row.4,
            staff: row.5,
            staff_name: row.6,
            verb: row.7,
            target: row.8,
            detail: row.9,
            prev: row.10,
        },
        hash: row.11,
    }
}

/// Chains and stores the lines of a transaction.
pub(super) async fn append(conn: &mut Conn<'_>, lines: Vec<Audit>) -> Result<(), StoreError> {
    let mut by_hall: BTreeMap<String, Vec<Audit>> = BTreeMap::new();
    for line in lines {
        by_hall
            .entry(or_empty(line.hall_id.as_ref()))
            .or_default()
            .push(line);
    }
    for (hall, lines) in by_hall {
        let records = lines.into_iter().map(|a| Record {
            hall: hall.clone(),
            seq: 0,
            id: a.id.to_string(),
            at_ms: a.at.ms(),
            session: or_empty(a.session_id.as_ref()),
            staff: or_empty(a.staff_id.as_ref()),
            staff_name: a.staff_name,
            verb: a.verb.to_owned(),
            target: a.target,
            detail: to_json(&a.detail),
            prev: String::new(),
        });
        chain(conn, &hall, records.collect()).await?;
    }
    Ok(())
}

async fn chain(conn: &mut Conn<'_>, hall: &str, mut records: Vec<Record>) -> Result<(), StoreError> {
    on!(conn, |c| sqlx::query(
        "INSERT INTO audit_head (hall_id, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (hall_id) DO NOTHING"
    )
    .bind(hall)
    .bind(BEGIN)
    .execute(c)
    .await
    .map(|_| ()))?;
    // Takes the row: nobody else adds to this chain until the commit.
    let (last, mut prev): (i64, String) = on!(conn, |c| sqlx::query_as(
        "UPDATE audit_head SET seq = seq + $2 WHERE hall_id = $1 RETURNING seq, hash"
    )
    .bind(hall)
    .bind(stored(records.len() as u64))
    .fetch_one(c)
    .await)?;
    let mut seq = count(last) - records.len() as u64;
    let mut hashes = Vec::with_capacity(records.len());
    for record in &mut records {
        seq += 1;
        record.seq = seq;
        record.prev = prev;
        prev = record.hash();
        hashes.push(prev.clone());
    }
    let rows: Vec<(&Record, &String)> = records.iter().zip(&hashes).collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO audit (hall_id, seq, id, at_ms, session_id, staff_id, staff_name, verb, target, detail, prev, hash) ",
            );
            q.push_values(chunk, |mut row, (r, hash)| {
                row.push_bind(&r.hall)
                    .push_bind(stored(r.seq))
                    .push_bind(&r.id)
                    .push_bind(r.at_ms)
                    .push_bind(&r.session)
                    .push_bind(&r.staff)
                    .push_bind(&r.staff_name)
                    .push_bind(&r.verb)
                    .push_bind(&r.target)
                    .push_bind(&r.detail)
                    .push_bind(&r.prev)
                    .push_bind(*hash);
            });
            q.build().execute(c).await.map(|_| ())
        })?;
    }
    on!(conn, |c| sqlx::query(
        "UPDATE audit_head SET hash = $2 WHERE hall_id = $1"
    )
    .bind(hall)
    .bind(&prev)
    .execute(c)
    .await
    .map(|_| ()))?;
    Ok(())
}

/// Moves what was written before there were chains into them; does nothing when that is done.
pub(super) async fn chain_what_was_before(conn: &mut Conn<'_>) -> Result<(), StoreError> {
    type Old = (String, i64, String, String, String, String, String, String);
    let old: Vec<Old> = on!(conn, |c| {
        sqlx::query_as(
        "SELECT u.id, u.at_ms, u.hall_id, u.session_id, u.staff_id, u.verb, u.target, u.detail FROM audit_unchained u ORDER BY u.id"
    )
    .fetch_all(c)
    .await
    })?;
    if old.is_empty() {
        return Ok(());
    }
    let mut by_hall: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for (id, at_ms, hall, session, staff, verb, target, detail) in old {
        // Written by this program, but perhaps with its keys in another order.
        let detail: serde_json::Value = super::conn::from_json("audit detail", &detail)?;
        by_hall.entry(hall.clone()).or_default().push(Record {
            hall,
            seq: 0,
            id,
            at_ms,
            session,
            staff,
            staff_name: String::new(),
            verb,
            target,
            detail: detail.to_string(),
            prev: String::new(),
        });
    }
    for (hall, records) in by_hall {
        chain(conn, &hall, records).await?;
    }
    on!(conn, |c| sqlx::query("DELETE FROM audit_unchained")
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

impl Tx {
    /// Adds a line to the audit log; it gets its place in the chain when the batch commits.
    pub fn audit(&mut self, line: Audit) {
        self.audits.push(line);
    }
}

impl Conn<'_> {
    /// Every chain with where it is noted to end. One without records or without a note is there too.
    pub async fn audit_chains(&mut self) -> Result<Vec<(String, Option<Head>)>, StoreError> {
        let heads: Vec<(String, i64, String)> = on!(self, |c| sqlx::query_as(
            "SELECT hall_id, seq, hash FROM audit_head ORDER BY hall_id"
        )
        .fetch_all(c)
        .await)?;
        let halls: Vec<(String,)> = on!(self, |c| sqlx::query_as(
            "SELECT DISTINCT hall_id FROM audit ORDER BY hall_id"
        )
        .fetch_all(c)
        .await)?;
        let mut chains: BTreeMap<String, Option<Head>> =
            halls.into_iter().map(|(hall,)| (hall, None)).collect();
        for (hall, seq, hash) in heads {
            let head = Head {
                seq: count(seq),
                hash,
            };
            chains.insert(hall, Some(head));
        }
        Ok(chains.into_iter().collect())
    }
    /// Where a chain is noted to end.
    pub async fn audit_head(&mut self, hall: &str) -> Result<Option<Head>, StoreError> {
        let head: Option<(i64, String)> = on!(self, |c| sqlx::query_as(
            "SELECT seq, hash FROM audit_head WHERE hall_id = $1"
        )
        .bind(hall)
        .fetch_optional(c)
        .await)?;
        Ok(head.map(|(seq, hash)| Head {
            seq: count(seq),
            hash,
        }))
    }
    /// Records of a chain after a number, in its order.
    pub async fn audit_after(
        &mut self,
        hall: &str,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<Carried>, StoreError> {
        let rows: Vec<Row> = on!(self, |c| {
            sqlx::query_as(
            "SELECT hall_id, seq, id, at_ms, session_id, staff_id, staff_name, verb, target, detail, prev, hash \
             FROM audit WHERE hall_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        )
        .bind(hall)
        .bind(seq)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await
        })?;
        Ok(rows.into_iter().map(carried).collect())
    }
    /// Records of a chain before a number, newest first; of one session if it is named.
    pub async fn audit_before(
        &mut self,
        hall: &str,
        session: Option<&SessionId>,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<Carried>, StoreError> {
        let rows: Vec<Row> = on!(self, |c| {
            sqlx::query_as(
            "SELECT hall_id, seq, id, at_ms, session_id, staff_id, staff_name, verb, target, detail, prev, hash \
             FROM audit WHERE hall_id = $1 AND seq < $2 AND ($3 = '' OR session_id = $3) ORDER BY seq DESC LIMIT $4"
        )
        .bind(hall)
        .bind(seq)
        .bind(or_empty(session))
        .bind(i64::from(limit))
        .fetch_all(c)
        .await
        })?;
        Ok(rows.into_iter().map(carried).collect())
    }
    /// Judges one chain as it is stored.
    ///
    /// # Errors
    /// Of the store; what is wrong with the chain is in the answer.
    pub async fn verify_audit(
        &mut self,
        hall: &str,
        noted: Option<&Head>,
        known: &[(String, Head)],
    ) -> Result<Result<Verified, Fault>, StoreError> {
        let mut verifier = Verifier::new(known_of(known, hall));
        let mut after = i64::MIN;
        loop {
            let records = self.audit_after(hall, after, READ_MAX).await?;
            let Some(last) = records.last() else { break };
            after = stored(last.record.seq);
            let full = records.len() == READ_MAX as usize;
            // Hashing is work for a thread of its own: others wait for this one.
            let judged = tokio::task::spawn_blocking(move || {
                let mut canonical = String::with_capacity(600);
                for Carried { record, hash } in &records {
                    canonical.clear();
                    record.write_canonical(&mut canonical);
                    verifier.take(record.seq, &record.prev, hash, canonical.as_bytes());
                }
                verifier
            });
            verifier = judged.await.map_err(|_| StoreError::Busy)?;
            if !full {
                break;
            }
        }
        Ok(verifier.finish(noted))
    }
    /// Hands over one chain as lines of JSON, the line of its head last. Ends early when nobody takes them any more.
    pub async fn export_audit(&mut self, hall: &str, out: &mpsc::Sender<String>) -> Result<u64, StoreError> {
        // The head first: what is added meanwhile is for the next export.
        let head = self.audit_head(hall).await?.unwrap_or(Head {
            seq: 0,
            hash: BEGIN.to_owned(),
        });
        let (mut after, mut written) = (i64::MIN, 0);
        loop {
            let records = self.audit_after(hall, after, EXPORT_MAX).await?;
            let Some(last) = records.last() else { break };
            after = stored(last.record.seq);
            let mut lines = String::with_capacity(records.len() * 500);
            for Carried { record, hash } in records.iter().filter(|r| r.record.seq <= head.seq) {
                lines.push_str(&record.line(hash));
                lines.push('\n');
                written += 1;
            }
            if out.send(lines).await.is_err() {
                return Ok(written);
            }
            if after >= stored(head.seq) {
                break;
            }
        }
        // Whoever took them may have gone.
        let _ = out.send(head_line(hall, &head) + "\n").await;
        Ok(written)
    }
}

impl Db {
    /// Judges every chain as of one instant, or the one named.
    pub async fn verify_audit(
        &self,
        only: Option<&str>,
        known: &[(String, Head)],
    ) -> Result<Vec<(String, Result<Verified, Fault>)>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        let mut judged = Vec::new();
        for (hall, noted) in snapshot.conn().audit_chains().await? {
            if only.is_some_and(|only| only != hall) {
                continue;
            }
            // A chain whose end is noted nowhere has lost the note: that is a fault of its own.
            let noted = noted.unwrap_or(Head {
                seq: 0,
                hash: BEGIN.to_owned(),
            });
            let result = snapshot.conn().verify_audit(&hall, Some(&noted), known).await?;
            judged.push((hall, result));
        }
        Ok(judged)
    }
}
