//! Everything a browser may send over a WebSocket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::domain::ids::{DepartmentId, QuestionId};
use crate::domain::words::PostKind;

/// The client's own name for what it sends, 8 to 40 characters of `A-Z a-z 0-9 - _`.
///
/// It names the answer (`ack` or `error`) and makes sending again harmless: the second arrival of the same `ref` of the
/// same person changes nothing and is answered like the first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct Ref(String);

/// A `ref` of the wrong length or alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ref has 8 to 40 characters of A-Z a-z 0-9 - _")]
pub struct NotARef;

impl Ref {
    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Ref {
    type Error = NotARef;
    fn try_from(text: String) -> Result<Self, NotARef> {
        let fits = (8..=40).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits { Ok(Self(text)) } else { Err(NotARef) }
    }
}

impl From<Ref> for String {
    fn from(r: Ref) -> String {
        r.0
    }
}

/// One text message from a browser. Reading needs none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Who is writing. Must precede any of the others; may come again with a newer token.
    Hello {
        /// Token from `POST /api/v1/participants` or `POST /api/v1/phone/verify`.
        token: String,
        /// Protocol version the page was built for, [`super::VERSION`].
        version: u32,
    },
    /// Post a comment.
    Comment {
        /// Names the answer; makes a repeat harmless.
        r#ref: Ref,
        /// What was written.
        body: String,
    },
    /// Ask a question.
    Question {
        /// Names the answer; makes a repeat harmless.
        r#ref: Ref,
        /// What was written.
        body: String,
        /// What it is about, at most 20 characters.
        #[serde(default)]
        topic: Option<String>,
        /// The department it is meant for.
        #[serde(default)]
        department_id: Option<DepartmentId>,
        /// Where it is about (estate, street), at most 30 characters.
        #[serde(default)]
        place: Option<String>,
    },
    /// Support a question (`on: true`) or take the support back.
    Support {
        /// Names the answer.
        r#ref: Ref,
        /// Which question.
        question_id: QuestionId,
        /// Whether the person supports it from now on.
        on: bool,
    },
    /// Take back something of one's own.
    Withdraw {
        /// Names the answer.
        r#ref: Ref,
        /// What it is.
        kind: PostKind,
        /// Which one.
        id: String,
    },
}

impl ClientMessage {
    /// Reads a message. Supports come in thousands a second and are read by their own shape first: finding out which of several
    /// shapes a text has costs as much again as reading it.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Support<'a> {
            r#type: &'a str,
            r#ref: Ref,
            question_id: QuestionId,
            on: bool,
        }
        if text.starts_with(r#"{"type":"support""#)
            && let Ok(Support {
                r#type: "support",
                r#ref,
                question_id,
                on,
            }) = serde_json::from_str(text)
        {
            return Ok(Self::Support {
                r#ref,
                question_id,
                on,
            });
        }
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_message_or_field_is_refused() {
        for bad in [
            r#"{"type":"shout","ref":"abcdefgh"}"#,
            r#"{"type":"comment","ref":"abcdefgh","body":"好","admin":true}"#,
            r#"{"type":"comment","ref":"short","body":"好"}"#,
            r#"{"type":"comment","body":"好"}"#,
            r"[]",
        ] {
            assert!(serde_json::from_str::<ClientMessage>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_support_is_read_like_every_other_message() {
        for text in [
            r#"{"type":"support","ref":"abcdefgh","question_id":"0123456789abcdef","on":true}"#,
            r#"{"on":false,"question_id":"0123456789abcdef","ref":"abcdefgh","type":"support"}"#,
            r#"{"type":"support","ref":"abcdefgh","question_id":"0123456789abcdef","on":true,"twice":1}"#,
            r#"{"type":"support","ref":"abcdefgh","question_id":"short","on":true}"#,
            r#"{"type":"support","ref":"abcdefgh","on":true}"#,
            r#"{"type":"support","type":"support","ref":"abcdefgh","question_id":"0123456789abcdef","on":true}"#,
            r#"{"type":"supp\u006frt","ref":"abcdefgh","question_id":"0123456789abcdef","on":true}"#,
            r#"{"type":"withdraw","ref":"abcdefgh","kind":"comment","id":"x"}"#,
        ] {
            let plain = serde_json::from_str::<ClientMessage>(text);
            assert_eq!(ClientMessage::read(text).ok(), plain.ok(), "{text}");
        }
    }

    #[test]
    fn a_question_may_leave_out_topic_department_and_place() {
        let m: ClientMessage =
            serde_json::from_str(r#"{"type":"question","ref":"abcdefgh","body":"水价"}"#).expect("valid");
        assert!(matches!(
            m,
            ClientMessage::Question {
                topic: None,
                department_id: None,
                place: None,
                ..
            }
        ));
    }
}
