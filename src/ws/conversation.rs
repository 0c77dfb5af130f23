//! The rules of a conversation: a message in, an answer out. Knows no socket.

use std::sync::Arc;

use crate::command::{CommandError, Commands, Identity, NewQuestion};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::rejection::{Code, Rejection};
use crate::protocol::VERSION;
use crate::protocol::client::{ClientMessage, Ref};
use crate::protocol::server::{Ack, ParticipantFace, ServerMessage};
use crate::store::Stored;

/// Who is talking.
#[derive(Debug, Default)]
pub struct Conversation {
    identity: Option<Arc<Identity>>,
}

/// What becomes of a message.
#[derive(Debug)]
pub enum Reply {
    Say(ServerMessage),
    /// The connection belongs to the person of the conversation from now on.
    Welcome(ServerMessage),
    /// A vote, which is answered by the lane of votes.
    Vote {
        who: Arc<Identity>,
        r#ref: Ref,
        question_id: QuestionId,
        on: bool,
    },
}

impl Conversation {
    /// Answers one message. What it asks for is stored when the answer is an `ack`.
    pub async fn on_message(
        &mut self,
        commands: &Commands,
        session: &SessionId,
        message: ClientMessage,
    ) -> Reply {
        let r#ref = ref_of_message(&message);
        match self.act(commands, session, message).await {
            Ok(reply) => reply,
            Err(error) => Reply::Say(super::failed(error, r#ref)),
        }
    }

    /// The person, once known.
    pub fn who(&self) -> Option<&Arc<Identity>> {
        self.identity.as_ref()
    }

    fn identity(&self) -> Result<&Arc<Identity>, Rejection> {
        self.identity
            .as_ref()
            .ok_or_else(|| Rejection::new(Code::Unauthenticated, "say who you are first: send `hello`"))
    }

    async fn act(
        &mut self,
        commands: &Commands,
        session: &SessionId,
        message: ClientMessage,
    ) -> Result<Reply, CommandError> {
        match message {
            ClientMessage::Hello { token, version } => {
                if version != VERSION {
                    return Err(Rejection::new(
                        Code::WrongVersion,
                        format!("the page speaks version {version}, the server {VERSION}; reload it"),
                    )
                    .with("version", VERSION)
                    .into());
                }
                let identity = commands.authenticate(&token)?;
                let participant = ParticipantFace {
                    id: identity.id.clone(),
                    name: identity.name.clone(),
                    tier: identity.tier,
                };
                self.identity = Some(Arc::new(identity));
                Ok(Reply::Welcome(ServerMessage::Welcome { participant }))
            }
            ClientMessage::Comment { r#ref, body } => {
                let stored = commands
                    .post_comment(self.identity()?, session, r#ref.as_str(), &body)
                    .await?;
                Ok(acknowledge(commands, session, r#ref, stored).await)
            }
            ClientMessage::Question {
                r#ref,
                body,
                topic,
                department_id,
                place,
            } => {
                let new = NewQuestion {
                    client_ref: r#ref.as_str().to_owned(),
                    body,
                    topic: topic.unwrap_or_default(),
                    place: place.unwrap_or_default(),
                    department_id,
                };
                let stored = commands.ask_question(self.identity()?, session, new).await?;
                Ok(acknowledge(commands, session, r#ref, stored).await)
            }
            ClientMessage::Support {
                r#ref,
                question_id,
                on,
            } => Ok(Reply::Vote {
                who: self.identity()?.clone(),
                r#ref,
                question_id,
                on,
            }),
            ClientMessage::Withdraw { r#ref, kind, id } => {
                let stored = commands
                    .withdraw_post(self.identity()?, session, kind, &id)
                    .await?;
                Ok(acknowledge(commands, session, r#ref, stored).await)
            }
        }
    }
}

async fn acknowledge(commands: &Commands, session: &SessionId, r#ref: Ref, stored: Stored) -> Reply {
    let wait_s = commands.wait_of(session, &stored).await;
    Reply::Say(ServerMessage::Ack(Ack {
        r#ref,
        id: stored.id,
        number: Some(stored.number),
        state: Some(stored.state),
        reason: stored.reason,
        wait_s,
    }))
}

/// The `ref` of a message, for its answer.
pub fn ref_of_message(message: &ClientMessage) -> Option<Ref> {
    match message {
        ClientMessage::Hello { .. } => None,
        ClientMessage::Comment { r#ref, .. }
        | ClientMessage::Question { r#ref, .. }
        | ClientMessage::Support { r#ref, .. }
        | ClientMessage::Withdraw { r#ref, .. } => Some(r#ref.clone()),
    }
}

/// The `ref` of a text that was not understood, if that much of it was.
pub fn ref_of(text: &str) -> Option<Ref> {
    #[derive(serde::Deserialize)]
    struct OnlyRef {
        r#ref: Ref,
    }
    serde_json::from_str::<OnlyRef>(text).ok().map(|m| m.r#ref)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_not_understood_is_answered_under_its_ref_if_it_has_one() {
        assert_eq!(
            ref_of(r#"{"type":"shout","ref":"abcdefgh"}"#).map(String::from),
            Some("abcdefgh".to_owned())
        );
        for without in ["", "{}", r#"{"ref":7}"#, "not json"] {
            assert_eq!(ref_of(without), None, "{without}");
        }
    }
}
