//! Suggestions (意见建议): what the session hands over to be handled.

use serde::{Deserialize, Serialize};

use super::ids::{CommentId, DepartmentId, QuestionId, SuggestionId};
use super::rejection::{Code, Rejection};
use super::time::Timestamp;
use super::words::SuggestionSource;

/// Shortest and longest title (案由), in characters as a reader counts them. Source: research on proposal forms.
pub const TITLE_GRAPHEMES: std::ops::RangeInclusive<usize> = 4..=100;
/// Longest summary, in characters as a reader counts them.
pub const SUMMARY_GRAPHEMES_MAX: usize = 2_000;
/// Posts one suggestion may be made from.
pub const SOURCES_MAX: usize = 200;

/// A suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub id: SuggestionId,
    pub number: u64,
    pub title: String,
    pub summary: String,
    pub category: String,
    pub department_id: Option<DepartmentId>,
    pub co_department_ids: Vec<DepartmentId>,
    pub source: SuggestionSource,
    pub question_ids: Vec<QuestionId>,
    pub comment_ids: Vec<CommentId>,
    pub raised_by: String,
    pub due_date: String,
    pub requirement: String,
    pub at: Timestamp,
    pub revision: u64,
}

impl Suggestion {
    /// # Errors
    /// `incomplete` or `out_of_range` when sources do not fit the kind of source, or lead and co-handler are the same.
    pub fn check(&self) -> Result<(), Rejection> {
        let sources = self.question_ids.len() + self.comment_ids.len();
        match self.source {
            SuggestionSource::Question if self.question_ids.is_empty() => {
                return Err(Rejection::incomplete(
                    "question_ids",
                    "a suggestion made from questions names them",
                ));
            }
            SuggestionSource::Comment if self.comment_ids.is_empty() || !self.question_ids.is_empty() => {
                return Err(Rejection::incomplete(
                    "comment_ids",
                    "a suggestion made from comments names them, and no questions",
                ));
            }
            SuggestionSource::Venue if sources > 0 => {
                return Err(Rejection::out_of_range(
                    "source",
                    "a suggestion from the venue is not made from posts",
                ));
            }
            _ => {}
        }
        if sources > SOURCES_MAX {
            return Err(Rejection::new(
                Code::OutOfRange,
                format!("a suggestion is made from {sources} posts; the limit is {SOURCES_MAX}"),
            ));
        }
        if self
            .department_id
            .as_ref()
            .is_some_and(|lead| self.co_department_ids.contains(lead))
        {
            return Err(Rejection::out_of_range(
                "co_department_ids",
                "the lead department may not be its own co-handler",
            ));
        }
        Ok(())
    }
}
