//! Form a suggestion: from questions, from comments (several into one), or typed in from the venue.

use serde_json::json;
use unicode_segmentation::UnicodeSegmentation;

use super::screening::{parse_label, parse_long};
use super::{Act, Commands, Outcome};
use crate::domain::answer::check_date;
use crate::domain::ids::{CommentId, DepartmentId, QuestionId, SessionId, SuggestionId};
use crate::domain::policy::Verb;
use crate::domain::post::Question;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;
use crate::domain::suggestion::{SUMMARY_GRAPHEMES_MAX, Suggestion, TITLE_GRAPHEMES};
use crate::domain::time::Timestamp;
use crate::domain::words::{Disposition, PostState, SuggestionSource};

/// Everything that can be said of a suggestion.
#[derive(Debug, Clone)]
pub struct SuggestionInput {
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
}

/// A source named twice is one source.
fn each_once<T: Clone + Eq + std::hash::Hash>(mut ids: Vec<T>) -> Vec<T> {
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    ids
}

impl SuggestionInput {
    pub(super) fn build(self, id: SuggestionId, at: Timestamp) -> Result<Suggestion, Rejection> {
        let title = parse_label("title", &self.title, *TITLE_GRAPHEMES.end())?;
        let len = title.graphemes(true).count();
        if !TITLE_GRAPHEMES.contains(&len) {
            let text = format!(
                "title has {len} characters; between {} and {} are possible",
                TITLE_GRAPHEMES.start(),
                TITLE_GRAPHEMES.end()
            );
            return Err(Rejection::new(Code::OutOfRange, text).with("field", "title"));
        }
        if !self.due_date.is_empty() {
            check_date("due_date", &self.due_date)?;
        }
        let suggestion = Suggestion {
            id,
            number: 0,
            title,
            summary: parse_long("summary", &self.summary, SUMMARY_GRAPHEMES_MAX)?,
            category: parse_label("category", &self.category, 20)?,
            department_id: self.department_id,
            co_department_ids: self.co_department_ids,
            source: self.source,
            question_ids: each_once(self.question_ids),
            comment_ids: each_once(self.comment_ids),
            raised_by: parse_label("raised_by", &self.raised_by, 30)?,
            due_date: self.due_date,
            requirement: parse_long("requirement", &self.requirement, 500)?,
            at,
            revision: 1,
        };
        suggestion.check()?;
        Ok(suggestion)
    }
}

impl Commands {
    /// Questions it is made from that nothing became of yet are assigned with it.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state` once closed, `incomplete`, `out_of_range`, `not_found`, `too_long`.
    pub async fn form_suggestion(
        &self,
        by: &Staff,
        session_id: &SessionId,
        input: SuggestionInput,
    ) -> Outcome<Suggestion> {
        self.in_session(by, session_id, Verb::FormSuggestion, move |act| {
            Box::pin(async move {
                let mut suggestion = input.build(SuggestionId::new(act.now, act.chance()), act.now)?;
                check_in_session(act, &suggestion).await?;
                let session_id = act.session.id.clone();
                act.tx.insert_suggestion(&session_id, &mut suggestion).await?;
                settle_questions(act, &suggestion).await?;
                act.audit(
                    &format!("suggestion {}", suggestion.id),
                    json!({ "number": suggestion.number }),
                )
                .await?;
                Ok(suggestion)
            })
        })
        .await
    }
}

/// Its departments take part and its sources are public posts of this session.
pub(super) async fn check_in_session(act: &mut Act<'_>, suggestion: &Suggestion) -> Outcome<()> {
    for department in suggestion
        .department_id
        .iter()
        .chain(&suggestion.co_department_ids)
    {
        act.session.check_department(department)?;
    }
    for question in &suggestion.question_ids {
        act.published_question(question).await?;
    }
    let session_id = act.session.id.clone();
    let comments = act
        .tx
        .conn()
        .comments_by_id(&session_id, &suggestion.comment_ids)
        .await?;
    if comments.len() != suggestion.comment_ids.len()
        || comments.iter().any(|c| c.post.state != PostState::Published)
    {
        return Err(Rejection::not_found("published comment in this session").into());
    }
    Ok(())
}

/// A question with a department to go to and nothing else become of it is assigned.
pub(super) async fn settle_questions(act: &mut Act<'_>, suggestion: &Suggestion) -> Outcome<()> {
    if suggestion.department_id.is_none() {
        return Ok(());
    }
    for id in &suggestion.question_ids {
        let question: Question = act.published_question(id).await?;
        if question.disposition.is_none() {
            if !act
                .tx
                .dispose_question(id, question.post.revision, Some(Disposition::Assigned), None, "")
                .await?
            {
                return Err(Rejection::conflict("the question").into());
            }
            act.tell_question(id).await?;
        }
    }
    Ok(())
}
