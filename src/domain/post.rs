//! What netizens write: comments and questions, where they stand, and what a moderator may do to them.

use serde::{Deserialize, Serialize};

use super::ids::{CommentId, DecisionId, DepartmentId, ParticipantId, QuestionId};
use super::rejection::{Code, Rejection};
use super::screen::Verdict as Screened;
use super::time::Timestamp;
use super::words::{Disposition, ModerationMode, PostKind, PostState, Tier, Verdict};

/// Longest topic, in characters as a reader counts them.
pub const TOPIC_GRAPHEMES_MAX: usize = 20;
/// Longest place, in characters as a reader counts them.
pub const PLACE_GRAPHEMES_MAX: usize = 30;
/// Posts one decision may cover.
pub const DECISION_ITEMS_MAX: usize = 500;
/// What stands where a text was erased by law.
pub const ERASED_BODY: &str = "（已依法删除）";
/// How long a decision can be undone.
pub const UNDO_MS: i64 = 10_000;

/// Who wrote it, as known when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub id: ParticipantId,
    pub name: String,
    pub tier: Tier,
}

/// One thing screening found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub rule: String,
    /// Reason code.
    pub reason: String,
    /// First character, in Unicode scalar values of the body.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// What comments and questions have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Number in its session and kind, from 1; the author knows it by this.
    pub number: u64,
    pub author: Author,
    /// The client's own name for it.
    pub client_ref: String,
    pub body: String,
    pub state: PostState,
    pub at: Timestamp,
    pub findings: Vec<Finding>,
    /// Reason code if held, declined or retracted.
    pub reason: String,
    /// Note of the moderator to the author.
    pub note: String,
    pub revision: u64,
}

/// A comment (弹幕).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    #[serde(flatten)]
    pub post: Post,
}

/// A question (提问).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub id: QuestionId,
    #[serde(flatten)]
    pub post: Post,
    pub topic: String,
    pub place: String,
    pub department_id: Option<DepartmentId>,
    pub disposition: Option<Disposition>,
    pub merged_into: Option<QuestionId>,
    /// Why it was declined, shown to everybody.
    pub disposition_reason: String,
    /// Supports of it and of what was merged into it, one per person; as of when it was read.
    pub supports: u64,
}

/// A comment or a question, where the difference does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AnyPost {
    Comment(Comment),
    Question(Question),
}

impl AnyPost {
    pub fn kind(&self) -> PostKind {
        match self {
            Self::Comment(_) => PostKind::Comment,
            Self::Question(_) => PostKind::Question,
        }
    }
    pub fn id(&self) -> &str {
        match self {
            Self::Comment(c) => c.id.as_str(),
            Self::Question(q) => q.id.as_str(),
        }
    }
    pub fn post(&self) -> &Post {
        match self {
            Self::Comment(c) => &c.post,
            Self::Question(q) => &q.post,
        }
    }
    pub fn post_mut(&mut self) -> &mut Post {
        match self {
            Self::Comment(c) => &mut c.post,
            Self::Question(q) => &mut q.post,
        }
    }
}

impl Post {
    /// Overwrites the text and the name it was written under.
    pub fn erase(&mut self) {
        ERASED_BODY.clone_into(&mut self.body);
        self.author.name.clear();
        self.findings.clear();
        self.note.clear();
    }
}

impl Question {
    /// The same with what is shown beside the text.
    pub fn erase(&mut self) {
        self.post.erase();
        self.topic.clear();
        self.place.clear();
    }
}

impl AnyPost {
    /// Overwrites the text and the name it was written under.
    pub fn erase(&mut self) {
        match self {
            Self::Comment(comment) => comment.post.erase(),
            Self::Question(question) => question.erase(),
        }
    }
}

/// Where a new post goes: what the mode of its channel makes of what screening found.
///
/// `publish_first` still declines what the block list names: it is illegal whoever is at the desk.
pub const fn intake(mode: ModerationMode, found: Screened) -> PostState {
    match (mode, found) {
        (_, Screened::Decline) => PostState::Declined,
        (ModerationMode::HoldFirst, _) | (ModerationMode::HoldSuspicious, Screened::Hold) => PostState::Held,
        (ModerationMode::PublishFirst, _) | (ModerationMode::HoldSuspicious, Screened::Publish) => {
            PostState::Published
        }
    }
}

impl Verdict {
    /// Where a post in state `from` goes, or `None` if the verdict does not fit it.
    pub const fn applied_to(self, from: PostState) -> Option<PostState> {
        match (self, from) {
            (Self::Approve, PostState::Held)
            | (Self::Restore, PostState::Declined | PostState::Retracted) => Some(PostState::Published),
            (Self::Decline, PostState::Held) => Some(PostState::Declined),
            (Self::Retract, PostState::Published) => Some(PostState::Retracted),
            _ => None,
        }
    }
    /// Whether the author must be told why.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Decline | Self::Retract)
    }
}

/// One act of a moderator over one or many posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub id: DecisionId,
    pub verdict: Verdict,
    pub reason: String,
    pub note: String,
    pub by_name: String,
    pub at: Timestamp,
    pub undone: bool,
    pub items: Vec<Decided>,
}

/// A post after a decision, with what undo needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub kind: PostKind,
    pub id: String,
    pub from: PostState,
    pub from_reason: String,
    pub from_note: String,
    pub state: PostState,
    pub revision: u64,
}

/// # Errors
/// `incomplete` when what the disposition needs is missing; `wrong_state` when the question was never accepted.
pub fn check_disposition(
    question: &Question,
    to: Option<Disposition>,
    merged_into: Option<&QuestionId>,
    reason: &str,
    answered: Answered,
) -> Result<(), Rejection> {
    if question.post.state != PostState::Published {
        return Err(Rejection::new(
            Code::WrongState,
            format!(
                "question {} is {} and has no disposition",
                question.post.number, question.post.state
            ),
        ));
    }
    match to {
        Some(Disposition::Merged) => match merged_into {
            None => Err(Rejection::incomplete(
                "merged_into",
                "a merged question names the one it was merged into",
            )),
            Some(head) if *head == question.id => Err(Rejection::out_of_range(
                "merged_into",
                "a question may not be merged into itself",
            )),
            Some(_) => Ok(()),
        },
        Some(Disposition::Declined) if reason.trim().is_empty() => Err(Rejection::incomplete(
            "reason",
            "a declined question needs a reason everybody can read",
        )),
        Some(Disposition::AnsweredLive) if !answered.live => Err(Rejection::incomplete(
            "answer",
            "no live answer to this question is published",
        )),
        Some(Disposition::AnsweredInWriting) if !answered.in_writing => Err(Rejection::incomplete(
            "answer",
            "no written answer to this question is published",
        )),
        Some(Disposition::Assigned) if !answered.in_suggestion => Err(Rejection::incomplete(
            "suggestion",
            "no suggestion with a department is made from this question; form one",
        )),
        Some(Disposition::Withdrawn) => Err(Rejection::out_of_range(
            "disposition",
            "only its author may withdraw a question",
        )),
        _ => Ok(()),
    }
}

/// Which kinds of published answers a question has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answered {
    pub live: bool,
    pub in_writing: bool,
    /// Whether a suggestion with a department names it: without one no assignment sheet would.
    pub in_suggestion: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_block_list_names_is_declined_in_every_mode() {
        for &mode in ModerationMode::ALL {
            assert_eq!(intake(mode, Screened::Decline), PostState::Declined);
        }
    }

    #[test]
    fn only_hold_first_holds_what_is_not_suspicious() {
        assert_eq!(
            intake(ModerationMode::HoldFirst, Screened::Publish),
            PostState::Held
        );
        assert_eq!(
            intake(ModerationMode::HoldSuspicious, Screened::Publish),
            PostState::Published
        );
        assert_eq!(
            intake(ModerationMode::HoldSuspicious, Screened::Hold),
            PostState::Held
        );
        assert_eq!(
            intake(ModerationMode::PublishFirst, Screened::Hold),
            PostState::Published
        );
    }

    #[test]
    fn what_the_author_took_back_no_moderator_brings_back() {
        for &verdict in Verdict::ALL {
            assert_eq!(verdict.applied_to(PostState::Withdrawn), None);
        }
        assert_eq!(
            Verdict::Restore.applied_to(PostState::Declined),
            Some(PostState::Published)
        );
        assert_eq!(Verdict::Approve.applied_to(PostState::Published), None);
    }
}
