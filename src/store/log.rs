//! The log of a session: events numbered per channel in the order of the commits, without holes.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, QueryBuilder};

use super::conn::{Conn, StoreError, count, from_json, on, parse, stored, to_json};
use crate::domain::event::{Event, Logged};
use crate::domain::ids::SessionId;
use crate::domain::time::Timestamp;
use crate::domain::words::Channel;

/// Events of one statement: five columns each, far below the 32,766 parameters of SQLite.
const ROWS_PER_STATEMENT: usize = 500;

/// Numbers and stores the events of a transaction; gives back the sessions that got some.
pub(super) async fn append(
    conn: &mut Conn<'_>,
    events: Vec<(SessionId, Timestamp, Event)>,
) -> Result<Vec<SessionId>, StoreError> {
    let mut by_channel: BTreeMap<(SessionId, Channel), Vec<(Timestamp, String)>> = BTreeMap::new();
    for (session, at, event) in events {
        by_channel
            .entry((session, event.channel()))
            .or_default()
            .push((at, to_json(&event)));
    }
    let mut sessions = Vec::new();
    for ((session, channel), events) in by_channel {
        // Column names cannot be parameters; this one is of a closed set.
        let sql = match channel {
            Channel::Public => {
                "UPDATE session SET public_seq = public_seq + $2 WHERE id = $1 RETURNING public_seq"
            }
            Channel::Backstage => {
                "UPDATE session SET backstage_seq = backstage_seq + $2 WHERE id = $1 RETURNING backstage_seq"
            }
        };
        let n = stored(events.len() as u64);
        let last: i64 = on!(conn, |c| sqlx::query_scalar(sql)
            .bind(session.as_str())
            .bind(n)
            .fetch_one(c)
            .await)?;
        let mut seq = last - n;
        for chunk in events.chunks(ROWS_PER_STATEMENT) {
            on!(conn, |c| {
                let mut q = QueryBuilder::new("INSERT INTO event (session_id, channel, seq, at_ms, body) ");
                q.push_values(chunk, |mut row, (at, body)| {
                    seq += 1;
                    row.push_bind(session.as_str())
                        .push_bind(channel.as_str())
                        .push_bind(seq)
                        .push_bind(at.ms())
                        .push_bind(body);
                });
                q.build().execute(c).await.map(|_| ())
            })?;
        }
        if sessions.last() != Some(&session) {
            sessions.push(session);
        }
    }
    Ok(sessions)
}

impl Conn<'_> {
    /// Events of a channel after `seq`, in order, at most `limit`.
    pub async fn events_after(
        &mut self,
        session: &SessionId,
        channel: Channel,
        seq: u64,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        let rows: Vec<(i64, i64, String)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT seq, at_ms, body FROM event WHERE session_id = $1 AND channel = $2 AND seq > $3 ORDER BY seq LIMIT $4"
        )
        .bind(session.as_str())
        .bind(channel.as_str())
        .bind(stored(seq))
        .bind(i64::from(limit))
        .fetch_all(c)
        .await
        })?;
        rows.into_iter()
            .map(|(seq, at, body)| {
                Ok(Logged {
                    session_id: session.clone(),
                    channel,
                    seq: count(seq),
                    at: Timestamp::from_ms(at),
                    event: from_json("event", &body)?,
                })
            })
            .collect()
    }

    /// Last numbers of the channels of a session: public, backstage.
    pub async fn heads(&mut self, session: &SessionId) -> Result<Option<(u64, u64)>, StoreError> {
        let row: Option<(i64, i64)> = on!(self, |c| sqlx::query_as(
            "SELECT public_seq, backstage_seq FROM session WHERE id = $1"
        )
        .bind(session.as_str())
        .fetch_optional(c)
        .await)?;
        Ok(row.map(|(p, b)| (count(p), count(b))))
    }

    /// Last numbers of many sessions in one statement; what other nodes committed shows here.
    pub async fn heads_of(
        &mut self,
        sessions: &[SessionId],
    ) -> Result<Vec<(SessionId, u64, u64)>, StoreError> {
        let mut out = Vec::with_capacity(sessions.len());
        for chunk in sessions.chunks(ROWS_PER_STATEMENT) {
            let marks: Vec<String> = (1..=chunk.len()).map(|i| format!("${i}")).collect();
            let sql = format!(
                "SELECT id, public_seq, backstage_seq FROM session WHERE id IN ({})",
                marks.join(", ")
            );
            let rows: Vec<(String, i64, i64)> = on!(self, |c| {
                let mut q = sqlx::query_as(AssertSqlSafe(sql.clone()));
                for id in chunk {
                    q = q.bind(id.as_str());
                }
                q.fetch_all(c).await
            })?;
            for (id, p, b) in rows {
                out.push((parse("session id", id)?, count(p), count(b)));
            }
        }
        Ok(out)
    }
}
