//! A moderator notes something about a person or a post for colleagues, and keeps filters of the desk.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::{HallId, NoteId};
use crate::domain::note::{NOTE_GRAPHEMES_MAX, Note, NoteSubject};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;

impl Commands {
    /// # Errors
    /// `forbidden`, `empty`, `too_long`, `not_found`.
    pub async fn write_note(
        &self,
        by: &Staff,
        hall: &HallId,
        subject: NoteSubject,
        subject_id: String,
        body: &str,
    ) -> Outcome<Note> {
        let body = super::screening::parse_long("body", body, NOTE_GRAPHEMES_MAX)?;
        if body.is_empty() {
            return Err(Rejection::new(Code::Empty, "a note says something").into());
        }
        self.in_hall(by, hall, Verb::WriteNote, move |act| {
            Box::pin(async move {
                let hall_id = act.hall.id.clone();
                if !act.tx.conn().is_of_hall(&hall_id, subject, &subject_id).await? {
                    return Err(Rejection::not_found("person or post in this hall").into());
                }
                let note = Note {
                    id: NoteId::new(act.now, act.chance()),
                    subject,
                    subject_id,
                    staff_id: act.staff.id.clone(),
                    by_name: act.staff.name.clone(),
                    body,
                    at: act.now,
                };
                act.tx.insert_note(&hall_id, &note).await?;
                let target = format!("{} {}", note.subject, note.subject_id);
                act.audit(&target, json!({ "note": note.id })).await?;
                Ok(note)
            })
        })
        .await
    }

    /// Takes a note of one's own away.
    ///
    /// # Errors
    /// `forbidden`, `not_found`.
    pub async fn delete_note(&self, by: &Staff, hall: &HallId, id: NoteId) -> Outcome<()> {
        self.in_hall(by, hall, Verb::WriteNote, move |act| {
            Box::pin(async move {
                let (hall_id, staff_id) = (act.hall.id.clone(), act.staff.id.clone());
                if !act.tx.delete_note(&hall_id, &id, &staff_id).await? {
                    return Err(Rejection::not_found("note of yours").into());
                }
                act.audit(&format!("note {id}"), json!({ "deleted": true })).await
            })
        })
        .await
    }

    /// Keeps the saved filters of an account, as the page's own JSON. They are the account's, so nothing else is written of it.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn keep_desk_views(&self, by: &Staff, hall: &HallId, views: String) -> Outcome<()> {
        self.in_hall(by, hall, Verb::ReadQueue, move |act| {
            Box::pin(async move {
                act.leave_no_line();
                let (hall_id, staff_id) = (act.hall.id.clone(), act.staff.id.clone());
                act.tx.put_desk_views(&hall_id, &staff_id, &views).await?;
                Ok(())
            })
        })
        .await
    }
}
