//! Ask a question.

use super::screening::Screened;
use super::{Commands, Identity, Outcome};
use crate::domain::event::Event;
use crate::domain::ids::{DepartmentId, QuestionId, SessionId};
use crate::domain::limits::Action;
use crate::domain::policy::check_tier;
use crate::domain::post::{AnyPost, Author, PLACE_GRAPHEMES_MAX, Post, Question, TOPIC_GRAPHEMES_MAX};
use crate::domain::words::{PostKind, PostState};
use crate::store::Stored;

/// What the person wrote.
#[derive(Debug, Clone)]
pub struct NewQuestion {
    pub client_ref: String,
    pub body: String,
    pub topic: String,
    pub place: String,
    pub department_id: Option<DepartmentId>,
}

impl Commands {
    /// Stores a question and answers where it stands. Sending it again under the same `client_ref` changes nothing.
    ///
    /// # Errors
    /// `wrong_state` after the end, `tier_too_low`, `muted`, `banned`, `rate_limited`, `empty`, `too_long`, `not_found` (department), `unavailable`.
    pub async fn ask_question(
        &self,
        who: &Identity,
        session_id: &SessionId,
        new: NewQuestion,
    ) -> Outcome<Stored> {
        let now = self.now();
        let session = self.public_session(session_id).await?;
        if let Some(stored) = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .post_by_ref(PostKind::Question, session_id, &who.id, &new.client_ref)
            .await?
        {
            return Ok(stored);
        }
        if !session.state.takes_questions() {
            return Err(session.wrong_state("takes no questions").into());
        }
        check_tier(who.tier, session.policy.question_tier)?;
        self.check_age(&session, who)?;
        self.check_sanctions(&session, who).await?;
        if let Some(department) = &new.department_id {
            session.check_department(department)?;
        }
        let body = super::screening::parse_body(&new.body, Action::Question.limit(who.tier).graphemes_max)?;
        let topic = super::screening::parse_label("topic", &new.topic, TOPIC_GRAPHEMES_MAX)?;
        let place = super::screening::parse_label("place", &new.place, PLACE_GRAPHEMES_MAX)?;
        self.check_rate(Action::Question, who)?;
        // Topic and place are shown beside the text, so they are screened with it; findings in them have no place in the text.
        let Screened {
            state,
            findings,
            reason,
        } = self
            .screen_question(&session, who, body.as_str(), &topic, &place)
            .await?;
        let mut question = Question {
            id: QuestionId::new(now, self.chance()),
            post: Post {
                number: 0,
                author: Author {
                    id: who.id.clone(),
                    name: who.name.clone(),
                    tier: who.tier,
                },
                client_ref: new.client_ref,
                body: body.as_str().to_owned(),
                state,
                at: now,
                findings,
                reason,
                note: String::new(),
                revision: 1,
            },
            topic,
            place,
            department_id: new.department_id,
            disposition: None,
            merged_into: None,
            disposition_reason: String::new(),
            supports: 0,
        };
        let session_id = session_id.clone();
        let stored = self
            .run(move |tx| {
                Box::pin(async move {
                    // Looked for again inside the transaction: two arrivals at once are one question.
                    if let Some(stored) = tx
                        .conn()
                        .post_by_ref(
                            PostKind::Question,
                            &session_id,
                            &question.post.author.id,
                            &question.post.client_ref,
                        )
                        .await?
                    {
                        return Ok(stored);
                    }
                    tx.insert_question(&session_id, &mut question).await?;
                    let stored = Stored {
                        id: question.id.to_string(),
                        number: question.post.number,
                        state: question.post.state,
                        reason: question.post.reason.clone(),
                    };
                    let event = if question.post.state == PostState::Published {
                        Event::QuestionPublished {
                            question: Box::new(question),
                        }
                    } else {
                        Event::ItemQueued {
                            post: Box::new(AnyPost::Question(question)),
                        }
                    };
                    tx.log(&session_id, now, event);
                    Ok(stored)
                })
            })
            .await?;
        metrics::counter!("command_questions", "state" => stored.state.as_str()).increment(1);
        Ok(stored)
    }
}
