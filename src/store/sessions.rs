//! Sessions with their departments, run of show, materials and stage.

use super::conn::{Conn, StoreError, count, from_json, on, or_empty, parse, parse_opt, stored, to_json};
use super::writer::Tx;
use crate::domain::hall::Department;
use crate::domain::ids::{HallId, QuestionId, SessionId};
use crate::domain::session::{Material, Segment, Session, Stage};
use crate::domain::time::Timestamp;
use crate::domain::words::{SessionKind, SessionState};

/// A session row without what hangs on it.
#[derive(sqlx::FromRow)]
pub struct SessionRow {
    id: String,
    hall_id: String,
    hall_slug: String,
    hall_name: String,
    hall_color: String,
    code: String,
    number: i64,
    kind: String,
    title: String,
    intro: String,
    venue: String,
    host_name: String,
    state: String,
    starts_ms: Option<i64>,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    closed_ms: Option<i64>,
    stream_url: String,
    announcement: String,
    topics: String,
    policy: String,
    stage: String,
    next_up: String,
    emergency: String,
}

/// What a list shows of a session.
#[derive(Debug, Clone)]
pub struct CardRow {
    pub id: SessionId,
    pub hall_id: HallId,
    pub code: String,
    pub kind: SessionKind,
    pub title: String,
    pub state: SessionState,
    pub starts_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

fn instant(ms: Option<i64>) -> Option<Timestamp> {
    ms.map(Timestamp::from_ms)
}
fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::ms)
}

macro_rules! session_columns {
    () => {
        "session.id, session.hall_id, hall.slug AS hall_slug, hall.name AS hall_name, hall.color AS hall_color, code, number, kind, title, session.intro, venue, host_name, state, \
         starts_ms, started_ms, ended_ms, closed_ms, stream_url, announcement, topics, session.policy, stage, next_up, emergency"
    };
}

impl Conn<'_> {
    /// A session, whole.
    pub async fn session(&mut self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            session_columns!(),
            " FROM session JOIN hall ON hall.id = session.hall_id WHERE session.id = $1"
        ))
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        match row {
            Some(row) => self.assemble(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn assemble(&mut self, row: SessionRow) -> Result<Session, StoreError> {
        let id: SessionId = parse("session id", row.id)?;
        let departments: Vec<(String, String)> = on!(self, |c| {
            sqlx::query_as("SELECT department.id, name FROM session_department JOIN department ON department.id = department_id WHERE session_id = $1 ORDER BY session_department.position")
            .bind(id.as_str()).fetch_all(c).await
        })?;
        #[allow(clippy::type_complexity)] // a row, read here only
        let segments: Vec<(String, String, String, i64, Option<i64>, Option<i64>)> = on!(self, |c| {
            sqlx::query_as("SELECT id, title, department_id, planned_minutes, started_ms, ended_ms FROM segment WHERE session_id = $1 ORDER BY position")
            .bind(id.as_str()).fetch_all(c).await
        })?;
        let materials: Vec<(String, String, String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT id, title, body, url FROM material WHERE session_id = $1 ORDER BY position"
        )
        .bind(id.as_str())
        .fetch_all(c)
        .await)?;
        Ok(Session {
            hall_id: parse("hall id", row.hall_id)?,
            hall_slug: row.hall_slug,
            hall_name: row.hall_name,
            hall_color: row.hall_color,
            code: row.code,
            number: count(row.number),
            kind: parse("session kind", row.kind)?,
            title: row.title,
            intro: row.intro,
            venue: row.venue,
            host_name: row.host_name,
            state: parse("session state", row.state)?,
            starts_at: instant(row.starts_ms),
            started_at: instant(row.started_ms),
            ended_at: instant(row.ended_ms),
            closed_at: instant(row.closed_ms),
            stream_url: row.stream_url,
            announcement: row.announcement,
            topics: from_json("topics", &row.topics)?,
            policy: from_json("policy", &row.policy)?,
            departments: departments
                .into_iter()
                .map(|(id, name)| {
                    Ok(Department {
                        id: parse("department id", id)?,
                        name,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
            segments: segments
                .into_iter()
                .map(|(id, title, department, minutes, started, ended)| {
                    Ok(Segment {
                        id: parse("segment id", id)?,
                        title,
                        department_id: parse_opt("department id", department)?,
                        planned_minutes: u32::try_from(minutes).unwrap_or(0),
                        started_at: instant(started),
                        ended_at: instant(ended),
                    })
                })
                .collect::<Result<_, StoreError>>()?,
            materials: materials
                .into_iter()
                .map(|(id, title, body, url)| {
                    Ok(Material {
                        id: parse("material id", id)?,
                        title,
                        body,
                        url,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
            stage: if row.stage.is_empty() {
                None
            } else {
                Some(from_json("stage", &row.stage)?)
            },
            next_up: from_json("next up", &row.next_up)?,
            emergency: if row.emergency.is_empty() {
                None
            } else {
                Some(from_json("emergency", &row.emergency)?)
            },
            id,
        })
    }

    /// The session a join code names.
    pub async fn session_of_code(&mut self, code: &str) -> Result<Option<SessionId>, StoreError> {
        let id: Option<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM session WHERE code = $1"
        )
        .bind(code)
        .fetch_optional(c)
        .await)?;
        id.map(|id| parse("session id", id)).transpose()
    }

    /// Sessions of a hall, newest first.
    pub async fn cards(&mut self, hall: &HallId) -> Result<Vec<CardRow>, StoreError> {
        #[allow(clippy::type_complexity)] // a row, read here only
        let rows: Vec<(
            String,
            String,
            String,
            String,
            String,
            String,
            Option<i64>,
            Option<i64>,
            Option<i64>,
        )> = on!(self, |c| {
            sqlx::query_as(
            "SELECT id, hall_id, code, kind, title, state, starts_ms, started_ms, ended_ms FROM session WHERE hall_id = $1 ORDER BY id DESC").bind(hall.as_str()).fetch_all(c).await
        })?;
        rows.into_iter()
            .map(
                |(id, hall_id, code, kind, title, state, starts, started, ended)| {
                    Ok(CardRow {
                        id: parse("session id", id)?,
                        hall_id: parse("hall id", hall_id)?,
                        code,
                        kind: parse("session kind", kind)?,
                        title,
                        state: parse("session state", state)?,
                        starts_at: instant(starts),
                        started_at: instant(started),
                        ended_at: instant(ended),
                    })
                },
            )
            .collect()
    }

    /// Sessions whose emergency preset is over at `now`.
    pub async fn due_emergencies(&mut self, now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        let ids: Vec<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT id FROM session WHERE emergency_until_ms <= $1"
        )
        .bind(now.ms())
        .fetch_all(c)
        .await)?;
        ids.into_iter().map(|id| parse("session id", id)).collect()
    }

    /// Most people who watched at once.
    pub async fn peak_watching(&mut self, id: &SessionId) -> Result<u64, StoreError> {
        let n: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT peak_watching FROM session WHERE id = $1"
        )
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        Ok(count(n.unwrap_or(0)))
    }

    /// The number the next session of a hall gets.
    pub async fn next_session_number(&mut self, hall: &HallId) -> Result<u64, StoreError> {
        let n: i64 = on!(self, |c| sqlx::query_scalar(
            "SELECT COALESCE(MAX(number), 0) + 1 FROM session WHERE hall_id = $1"
        )
        .bind(hall.as_str())
        .fetch_one(c)
        .await)?;
        Ok(count(n))
    }
}

impl Tx {
    /// Stores a new session, without departments, segments and materials.
    pub async fn insert_session(&mut self, s: &Session, created_at: Timestamp) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query(
            "INSERT INTO session (id, hall_id, code, number, kind, title, intro, venue, host_name, state, starts_ms, started_ms, ended_ms, closed_ms, stream_url, announcement, topics, policy, \
             stage, next_up, peak_watching, public_seq, backstage_seq, comment_no, question_no, suggestion_no, created_ms) \
             VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,NULL,NULL,NULL,$12,$13,$14,$15,'','[]',0,0,0,0,0,0,$16)")
            .bind(s.id.as_str()).bind(s.hall_id.as_str()).bind(&s.code).bind(stored(s.number)).bind(s.kind.as_str()).bind(&s.title).bind(&s.intro).bind(&s.venue)
            .bind(&s.host_name).bind(s.state.as_str()).bind(ms(s.starts_at)).bind(&s.stream_url).bind(&s.announcement).bind(to_json(&s.topics)).bind(to_json(&s.policy))
            .bind(created_at.ms()).execute(c).await.map(|_| ())
        })?;
        self.set_session_parts(s).await
    }

    /// Writes everything small of a session but its state, stage and list.
    pub async fn update_session(&mut self, s: &Session) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE session SET kind = $2, title = $3, intro = $4, venue = $5, host_name = $6, starts_ms = $7, stream_url = $8, announcement = $9, topics = $10, policy = $11 WHERE id = $1")
            .bind(s.id.as_str()).bind(s.kind.as_str()).bind(&s.title).bind(&s.intro).bind(&s.venue).bind(&s.host_name).bind(ms(s.starts_at)).bind(&s.stream_url)
            .bind(&s.announcement).bind(to_json(&s.topics)).bind(to_json(&s.policy)).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Writes departments, run of show and materials of a session.
    pub async fn set_session_parts(&mut self, s: &Session) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM session_department WHERE session_id = $1",
            "DELETE FROM segment WHERE session_id = $1",
            "DELETE FROM material WHERE session_id = $1",
        ] {
            on!(&mut self.conn(), |c| sqlx::query(sql)
                .bind(s.id.as_str())
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        for (position, d) in s.departments.iter().enumerate() {
            on!(&mut self.conn(), |c| sqlx::query(
                "INSERT INTO session_department (session_id, department_id, position) VALUES ($1,$2,$3)"
            )
            .bind(s.id.as_str())
            .bind(d.id.as_str())
            .bind(stored(position as u64))
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        for (position, g) in s.segments.iter().enumerate() {
            on!(&mut self.conn(), |c| {
                sqlx::query("INSERT INTO segment (id, session_id, position, title, department_id, planned_minutes, started_ms, ended_ms) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)")
                .bind(g.id.as_str()).bind(s.id.as_str()).bind(stored(position as u64)).bind(&g.title).bind(or_empty(g.department_id.as_ref())).bind(i64::from(g.planned_minutes))
                .bind(ms(g.started_at)).bind(ms(g.ended_at)).execute(c).await.map(|_| ())
            })?;
        }
        for (position, m) in s.materials.iter().enumerate() {
            on!(&mut self.conn(), |c| sqlx::query(
                "INSERT INTO material (id, session_id, position, title, body, url) VALUES ($1,$2,$3,$4,$5,$6)"
            )
            .bind(m.id.as_str())
            .bind(s.id.as_str())
            .bind(stored(position as u64))
            .bind(&m.title)
            .bind(&m.body)
            .bind(&m.url)
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }

    /// A step of a session's life, from the state seen; `false` if it is in another by now.
    pub async fn move_session(&mut self, s: &Session, from: SessionState) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE session SET state = $3, started_ms = $4, ended_ms = $5, closed_ms = $6 WHERE id = $1 AND state = $2")
            .bind(s.id.as_str()).bind(from.as_str()).bind(s.state.as_str()).bind(ms(s.started_at)).bind(ms(s.ended_at)).bind(ms(s.closed_at)).execute(c).await.map(|r| r.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// Writes the emergency preset of a session, or that it is off.
    pub async fn set_emergency(&mut self, s: &Session) -> Result<(), StoreError> {
        let text = s.emergency.as_ref().map(to_json).unwrap_or_default();
        let until = s.emergency.as_ref().and_then(|e| e.until);
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE session SET emergency = $2, emergency_until_ms = $3 WHERE id = $1"
        )
        .bind(s.id.as_str())
        .bind(&text)
        .bind(ms(until))
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Writes what is on stage.
    pub async fn set_stage(&mut self, id: &SessionId, stage: Option<&Stage>) -> Result<(), StoreError> {
        let text = stage.map(to_json).unwrap_or_default();
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE session SET stage = $2 WHERE id = $1"
        )
        .bind(id.as_str())
        .bind(&text)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Writes the host's list.
    pub async fn set_next_up(&mut self, id: &SessionId, next_up: &[QuestionId]) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE session SET next_up = $2 WHERE id = $1"
        )
        .bind(id.as_str())
        .bind(to_json(&next_up))
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Remembers how many watched at once, if it is more than before. Who comes once it is closed is not counted: its documents must not change.
    pub async fn raise_peak_watching(&mut self, id: &SessionId, watching: u64) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE session SET peak_watching = $2 WHERE id = $1 AND peak_watching < $2 AND closed_ms IS NULL"
        )
        .bind(id.as_str())
        .bind(stored(watching))
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
