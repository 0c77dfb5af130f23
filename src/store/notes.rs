//! What staff note about people and posts, and the filters they save.

use super::conn::{Conn, StoreError, on, parse};
use super::writer::Tx;
use crate::domain::ids::{HallId, NoteId, StaffId};
use crate::domain::note::{Note, NoteSubject};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct NoteRow {
    id: String,
    subject: String,
    subject_id: String,
    staff_id: String,
    by_name: String,
    body: String,
    at_ms: i64,
}

impl NoteRow {
    fn into_note(self) -> Result<Note, StoreError> {
        Ok(Note {
            id: parse("note id", self.id)?,
            subject: parse("subject of a note", self.subject)?,
            subject_id: self.subject_id,
            staff_id: parse("staff id", self.staff_id)?,
            by_name: self.by_name,
            body: self.body,
            at: Timestamp::from_ms(self.at_ms),
        })
    }
}

impl Conn<'_> {
    /// Notes of a hall about somebody or something, newest first.
    pub async fn notes(
        &mut self,
        hall: &HallId,
        subject: NoteSubject,
        id: &str,
    ) -> Result<Vec<Note>, StoreError> {
        let rows: Vec<NoteRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, subject, subject_id, staff_id, by_name, body, at_ms FROM note WHERE hall_id = $1 AND subject = $2 AND subject_id = $3 ORDER BY id DESC")
                .bind(hall.as_str()).bind(subject.as_str()).bind(id).fetch_all(c).await
        })?;
        rows.into_iter().map(NoteRow::into_note).collect()
    }

    /// The saved filters of an account in a hall, as JSON.
    pub async fn desk_views(&mut self, hall: &HallId, staff: &StaffId) -> Result<Option<String>, StoreError> {
        let views: Option<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT views FROM desk_view WHERE hall_id = $1 AND staff_id = $2"
        )
        .bind(hall.as_str())
        .bind(staff.as_str())
        .fetch_optional(c)
        .await)?;
        Ok(views)
    }
}

impl Tx {
    /// Stores a note.
    pub async fn insert_note(&mut self, hall: &HallId, note: &Note) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO note (id, hall_id, subject, subject_id, staff_id, by_name, body, at_ms) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)")
                .bind(note.id.as_str()).bind(hall.as_str()).bind(note.subject.as_str()).bind(&note.subject_id).bind(note.staff_id.as_str())
                .bind(&note.by_name).bind(&note.body).bind(note.at.ms()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Takes a note of one's own away; `false` if there is none.
    pub async fn delete_note(
        &mut self,
        hall: &HallId,
        id: &NoteId,
        staff: &StaffId,
    ) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM note WHERE hall_id = $1 AND id = $2 AND staff_id = $3"
        )
        .bind(hall.as_str())
        .bind(id.as_str())
        .bind(staff.as_str())
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
        Ok(n == 1)
    }

    /// Keeps the saved filters of an account in a hall, replacing the old ones.
    pub async fn put_desk_views(
        &mut self,
        hall: &HallId,
        staff: &StaffId,
        views: &str,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO desk_view (hall_id, staff_id, views) VALUES ($1,$2,$3) ON CONFLICT (hall_id, staff_id) DO UPDATE SET views = excluded.views")
                .bind(hall.as_str()).bind(staff.as_str()).bind(views).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
}
