//! Netizens and staff, with what they do most.

use std::ops::Deref;

use reqwest::Response;
use yishiting::domain::ids::{DepartmentId, QuestionId, SessionId, StaffId};
use yishiting::domain::words::{Disposition, PostKind, PostState, Verdict};
use yishiting::protocol::client::Ref;
use yishiting::protocol::rest::{
    AnswerStartRequest, AnswerStopRequest, CommentRequest, DecisionAnswer, DecisionItem, DecisionRequest,
    DispositionRequest, MineAnswer, QuestionRequest, QueuePage, StageRequest, TokenAnswer,
};
use yishiting::protocol::server::{Ack, ParticipantFace, QuestionFace, QueueItem, SessionFace};

use super::rest::{NOTHING, Refused, Rest, answer_of, new_ref};
use super::wait::in_time;
use super::world::LoginAnswer;

/// Somebody who writes.
#[derive(Clone)]
pub struct Netizen {
    pub rest: Rest,
    pub token: String,
    pub face: ParticipantFace,
    /// Counts the acknowledgements of all who share it.
    pub acknowledged: Option<tokio::sync::watch::Sender<usize>>,
}

impl Deref for Netizen {
    type Target = Rest;
    fn deref(&self) -> &Rest {
        &self.rest
    }
}

impl Netizen {
    /// From the answer to coming in.
    pub fn new(rest: &Rest, answer: TokenAnswer) -> Self {
        Self {
            rest: rest.with_bearer(&answer.token),
            token: answer.token,
            face: answer.participant,
            acknowledged: None,
        }
    }

    pub async fn comment(&self, session: &SessionId, body: &str) -> Result<Ack, Refused> {
        self.comment_as(session, new_ref(), body).await
    }
    /// Under a name of its own, to send it again.
    pub async fn comment_as(&self, session: &SessionId, r#ref: Ref, body: &str) -> Result<Ack, Refused> {
        self.post(
            format!("/sessions/{session}/comments"),
            &CommentRequest {
                r#ref,
                body: body.into(),
            },
        )
        .await
    }
    /// The same when the server may not be there; `None` without an acknowledgement.
    pub async fn try_comment_as(&self, session: &SessionId, r#ref: Ref, body: &str) -> Option<Ack> {
        let request = self
            .rest
            .request(reqwest::Method::POST, &format!("/sessions/{session}/comments"));
        let body = CommentRequest {
            r#ref,
            body: body.into(),
        };
        let response = in_time(
            "an answer or the end of the connection",
            request.json(&body).send(),
        )
        .await
        .ok()?;
        let ack = response
            .status()
            .is_success()
            .then_some(response.json().await.ok())
            .flatten()?;
        if let Some(acknowledged) = &self.acknowledged {
            acknowledged.send_modify(|n| *n += 1);
        }
        Some(ack)
    }
    pub async fn question(&self, session: &SessionId, body: &str) -> Result<Ack, Refused> {
        self.question_as(session, new_ref(), body).await
    }
    /// Under a name of its own, to send it again.
    pub async fn question_as(&self, session: &SessionId, r#ref: Ref, body: &str) -> Result<Ack, Refused> {
        self.post(
            format!("/sessions/{session}/questions"),
            &QuestionRequest {
                r#ref,
                body: body.into(),
                topic: None,
                department_id: None,
                place: None,
            },
        )
        .await
    }
    /// Asks and gives back the question's id.
    pub async fn asked(&self, session: &SessionId, body: &str) -> QuestionId {
        question_id(&self.question(session, body).await.expect("taken"))
    }
    /// Asks a department and gives back the question's id.
    pub async fn asked_department(
        &self,
        session: &SessionId,
        body: &str,
        department: &DepartmentId,
    ) -> QuestionId {
        let request = QuestionRequest {
            r#ref: new_ref(),
            body: body.into(),
            topic: Some("计价".into()),
            department_id: Some(department.clone()),
            place: Some("东湖苑".into()),
        };
        question_id(
            &self
                .post::<Ack>(format!("/sessions/{session}/questions"), &request)
                .await
                .expect("taken"),
        )
    }
    pub async fn support(
        &self,
        session: &SessionId,
        question: &QuestionId,
        on: bool,
    ) -> Result<Ack, Refused> {
        let method = if on {
            reqwest::Method::PUT
        } else {
            reqwest::Method::DELETE
        };
        let path = format!(
            "/sessions/{session}/questions/{question}/support?ref={}",
            new_ref().as_str()
        );
        self.send(method, &path, NOTHING).await
    }
    pub async fn withdraw(&self, session: &SessionId, kind: PostKind, id: &str) -> Result<Ack, Refused> {
        self.delete(format!(
            "/sessions/{session}/posts/{kind}/{id}?ref={}",
            new_ref().as_str()
        ))
        .await
    }
    pub async fn mine(&self, session: &SessionId) -> MineAnswer {
        self.get(format!("/sessions/{session}/mine"))
            .await
            .expect("readable")
    }
}

/// The question an acknowledgement is for.
pub fn question_id(ack: &Ack) -> QuestionId {
    ack.id.parse().expect("an id")
}

/// Somebody behind the stage.
#[derive(Clone)]
pub struct Staff {
    pub rest: Rest,
    pub id: StaffId,
}

impl Deref for Staff {
    type Target = Rest;
    fn deref(&self) -> &Rest {
        &self.rest
    }
}

impl Staff {
    /// From the answer to a login.
    pub async fn of_answer(rest: &Rest, response: Response) -> Result<Self, Refused> {
        let cookie = response
            .headers()
            .get("set-cookie")
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split(';').next()?.strip_prefix("yishiting_login="))
            .map(str::to_owned);
        let me: LoginAnswer = answer_of("login", response).await?;
        let cookie = cookie.expect("a login sets the cookie");
        Ok(Self {
            rest: rest.with_cookie(&cookie),
            id: me.id,
        })
    }

    /// Posts of a session in a state.
    pub async fn queue(&self, session: &SessionId, state: PostState) -> Vec<QueueItem> {
        let page: QueuePage = self
            .get(format!("/sessions/{session}/queue?state={state}&limit=200"))
            .await
            .expect("may read the queue");
        page.items
    }
    /// Decides on posts as they were seen.
    pub async fn decide(
        &self,
        session: &SessionId,
        verdict: Verdict,
        items: &[&QueueItem],
    ) -> Result<DecisionAnswer, Refused> {
        let items = items
            .iter()
            .map(|i| DecisionItem {
                kind: i.kind,
                id: i.id.clone(),
                revision: i.revision,
                lease: None,
            })
            .collect();
        let reason = if verdict.needs_reason() {
            "off_topic".to_owned()
        } else {
            String::new()
        };
        self.post(
            format!("/sessions/{session}/decisions"),
            &DecisionRequest {
                verdict,
                items,
                reason,
                note: String::new(),
            },
        )
        .await
    }
    /// Decides on one post by its id, as it is now.
    pub async fn decide_now(
        &self,
        session: &SessionId,
        verdict: Verdict,
        id: &str,
    ) -> Result<DecisionAnswer, Refused> {
        for state in [
            PostState::Held,
            PostState::Published,
            PostState::Declined,
            PostState::Retracted,
            PostState::Withdrawn,
        ] {
            if let Some(item) = self.queue(session, state).await.iter().find(|i| i.id == id) {
                return self.decide(session, verdict, &[item]).await;
            }
        }
        panic!("no post {id} in session {session}");
    }
    pub async fn undo(
        &self,
        session: &SessionId,
        decision: &DecisionAnswer,
    ) -> Result<DecisionAnswer, Refused> {
        self.post(format!("/sessions/{session}/decisions/{}/undo", decision.id), &())
            .await
    }
    pub async fn dispose(
        &self,
        question: &QuestionId,
        disposition: Option<Disposition>,
        merged_into: Option<&QuestionId>,
        reason: &str,
    ) -> Result<QuestionFace, Refused> {
        let request = DispositionRequest {
            disposition,
            merged_into: merged_into.cloned(),
            reason: reason.into(),
        };
        self.put(format!("/questions/{question}/disposition"), &request)
            .await
    }
    pub async fn put_on_stage(
        &self,
        session: &SessionId,
        question: Option<&QuestionId>,
    ) -> Result<SessionFace, Refused> {
        self.put(
            format!("/sessions/{session}/stage"),
            &StageRequest {
                question_id: question.cloned(),
                reason: String::new(),
            },
        )
        .await
    }
    pub async fn start_answer(
        &self,
        session: &SessionId,
        department: &DepartmentId,
    ) -> Result<SessionFace, Refused> {
        self.post(
            format!("/sessions/{session}/answering"),
            &AnswerStartRequest {
                department_id: department.clone(),
                speaker: "张工".into(),
            },
        )
        .await
    }
    pub async fn stop_answer(&self, session: &SessionId, note: &str) -> Result<SessionFace, Refused> {
        self.send(
            reqwest::Method::DELETE,
            &format!("/sessions/{session}/answering"),
            Some(&AnswerStopRequest { body: note.into() }),
        )
        .await
    }
}
