//! Notes of staff about a person or a post. Never seen by the public or the author.

use super::closed_set::closed_set;
use super::ids::{NoteId, StaffId};
use super::time::Timestamp;
use super::words::PostKind;

/// Longest note, in characters as a reader counts them.
pub const NOTE_GRAPHEMES_MAX: usize = 300;
/// Filters an account may save in a hall: as many as fit on a line of the desk.
pub const DESK_VIEWS_MAX: usize = 12;
/// Longest name of a saved filter, in characters as a reader counts them.
pub const DESK_VIEW_NAME_MAX: usize = 20;

closed_set! {
    /// What a note is about.
    NoteSubject { Participant = "participant", Comment = "comment", Question = "question" }
}

impl NoteSubject {
    /// A post of a kind.
    pub const fn of(kind: PostKind) -> Self {
        match kind {
            PostKind::Comment => Self::Comment,
            PostKind::Question => Self::Question,
        }
    }
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: NoteId,
    pub subject: NoteSubject,
    pub subject_id: String,
    pub staff_id: StaffId,
    pub by_name: String,
    pub body: String,
    pub at: Timestamp,
}
