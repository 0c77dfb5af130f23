//! Erasing by law: who asked, who confirmed, and the one place where stored text is overwritten.

use super::conn::{Conn, StoreError, from_json, on, parse, stored, to_json};
use super::writer::Tx;
use crate::domain::erasure::{Erasure, ErasureState};
use crate::domain::event::Event;
use crate::domain::ids::{ErasureId, SessionId, StaffId};
use crate::domain::note::NoteSubject;
use crate::domain::post::{Decided, ERASED_BODY};
use crate::domain::time::Timestamp;
use crate::domain::words::PostKind;

#[derive(sqlx::FromRow)]
struct ErasureRow {
    id: String,
    kind: String,
    post_id: String,
    reason: String,
    asked_by: String,
    asked_name: String,
    asked_ms: i64,
    settled_name: String,
    settled_ms: Option<i64>,
    state: String,
}

impl ErasureRow {
    fn into_erasure(self) -> Result<Erasure, StoreError> {
        Ok(Erasure {
            id: parse("erasure id", self.id)?,
            kind: parse("post kind", self.kind)?,
            post_id: self.post_id,
            reason: self.reason,
            asked_by: parse("staff id", self.asked_by)?,
            asked_name: self.asked_name,
            asked_at: Timestamp::from_ms(self.asked_ms),
            settled_name: self.settled_name,
            settled_at: self.settled_ms.map(Timestamp::from_ms),
            state: parse("state of an erasure", self.state)?,
        })
    }
}

impl Conn<'_> {
    /// Erasures of a session, newest first.
    pub async fn erasures(&mut self, session: &SessionId) -> Result<Vec<Erasure>, StoreError> {
        let rows: Vec<ErasureRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, kind, post_id, reason, asked_by, asked_name, asked_ms, settled_name, settled_ms, state FROM erasure WHERE session_id = $1 ORDER BY id DESC")
                .bind(session.as_str()).fetch_all(c).await
        })?;
        rows.into_iter().map(ErasureRow::into_erasure).collect()
    }

    /// Whether a post was erased: it never becomes public again.
    pub async fn is_erased(
        &mut self,
        session: &SessionId,
        kind: PostKind,
        id: &str,
    ) -> Result<bool, StoreError> {
        let n: i64 = on!(self, |c| {
            sqlx::query_scalar(
                "SELECT COUNT(*) FROM erasure WHERE session_id = $1 AND kind = $2 AND post_id = $3 AND state = 'done'",
            )
            .bind(session.as_str())
            .bind(kind.as_str())
            .bind(id)
            .fetch_one(c)
            .await
        })?;
        Ok(n > 0)
    }
}

impl Tx {
    /// Stores that somebody asked for an erasure.
    pub async fn insert_erasure(&mut self, session: &SessionId, e: &Erasure) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO erasure (id, session_id, kind, post_id, reason, asked_by, asked_name, asked_ms, settled_by, settled_name, settled_ms, state) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'','',NULL,$9)")
                .bind(e.id.as_str()).bind(session.as_str()).bind(e.kind.as_str()).bind(&e.post_id).bind(&e.reason).bind(e.asked_by.as_str())
                .bind(&e.asked_name).bind(e.asked_at.ms()).bind(e.state.as_str()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Settles an open erasure; `false` if it is not open any more.
    pub async fn settle_erasure(
        &mut self,
        id: &ErasureId,
        to: ErasureState,
        by: &StaffId,
        name: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE erasure SET state = $2, settled_by = $3, settled_name = $4, settled_ms = $5 WHERE id = $1 AND state = 'open'")
                .bind(id.as_str()).bind(to.as_str()).bind(by.as_str()).bind(name).bind(now.ms()).execute(c).await.map(|r| r.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// Overwrites the text of a post and the name it was written under, in its row and in every event of the log that carries it, and what
    /// its author objected with and staff wrote of it: they may repeat the text.
    pub async fn erase_post(
        &mut self,
        session: &SessionId,
        kind: PostKind,
        id: &str,
    ) -> Result<(), StoreError> {
        let sql = match kind {
            PostKind::Comment => {
                "UPDATE comment SET body = $2, author_name = '', findings = '[]', note = '', revision = revision + 1 WHERE id = $1"
            }
            PostKind::Question => {
                "UPDATE question SET body = $2, author_name = '', findings = '[]', note = '', topic = '', place = '', revision = revision + 1 WHERE id = $1"
            }
        };
        on!(&mut self.conn(), |c| sqlx::query(sql)
            .bind(id)
            .bind(ERASED_BODY)
            .execute(c)
            .await
            .map(|_| ()))?;
        self.erased.push((kind, id.to_owned()));
        self.erase_words_of_staff(kind, id).await?;
        self.erase_objection(kind, id).await?;
        let rows: Vec<(String, i64, String)> = on!(&mut self.conn(), |c| sqlx::query_as(
            "SELECT channel, seq, body FROM event WHERE session_id = $1 AND body LIKE $2"
        )
        .bind(session.as_str())
        .bind(format!("%{id}%"))
        .fetch_all(c)
        .await)?;
        for (channel, seq, body) in rows {
            let mut event: Event = from_json("event", &body)?;
            if !event.erase(kind, id) {
                continue;
            }
            on!(&mut self.conn(), |c| sqlx::query(
                "UPDATE event SET body = $4 WHERE session_id = $1 AND channel = $2 AND seq = $3"
            )
            .bind(session.as_str())
            .bind(&channel)
            .bind(stored(u64::try_from(seq).unwrap_or(0)))
            .bind(to_json(&event))
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }

    /// Overwrites the appeal, with what it was answered.
    async fn erase_objection(&mut self, kind: PostKind, id: &str) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE appeal SET reason = $3, note = '' WHERE kind = $1 AND post_id = $2"
        )
        .bind(kind.as_str())
        .bind(id)
        .bind(ERASED_BODY)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Overwrites the notes to the author and among staff, and why a question was chosen for the stage.
    async fn erase_words_of_staff(&mut self, kind: PostKind, id: &str) -> Result<(), StoreError> {
        let rows: Vec<(String, String)> = on!(&mut self.conn(), |c| {
            sqlx::query_as(
            "SELECT d.id, d.items FROM decision d JOIN decision_item i ON i.decision_id = d.id WHERE i.kind = $1 AND i.post_id = $2"
        )
        .bind(kind.as_str())
        .bind(id)
        .fetch_all(c)
        .await
        })?;
        for (decision, items) in rows {
            let mut items: Vec<Decided> = from_json("items of a decision", &items)?;
            for item in items.iter_mut().filter(|i| i.kind == kind && i.id == id) {
                item.from_note.clear();
            }
            on!(&mut self.conn(), |c| sqlx::query(
                "UPDATE decision SET note = '', items = $2 WHERE id = $1"
            )
            .bind(&decision)
            .bind(to_json(&items))
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE note SET body = $3 WHERE subject = $1 AND subject_id = $2"
        )
        .bind(NoteSubject::of(kind).as_str())
        .bind(id)
        .bind(ERASED_BODY)
        .execute(c)
        .await
        .map(|_| ()))?;
        if kind == PostKind::Question {
            on!(&mut self.conn(), |c| sqlx::query(
                "UPDATE choice SET reason = $2 WHERE question_id = $1 AND reason <> ''"
            )
            .bind(id)
            .bind(ERASED_BODY)
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }
}
