//! A viewer over a WebSocket, who keeps everything that came and folds it as a page does.

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use yishiting::domain::ids::SessionId;
use yishiting::protocol::client::ClientMessage;
use yishiting::protocol::server::{
    Ack, AnswerFace, Batch, CommentFace, ErrorMessage, ParticipantFace, QuestionFace, ServerMessage,
    SessionFace, View, What,
};

use super::people::Netizen;
use super::rest::Rest;
use super::wait::in_time;

/// What a page knows of the public channel: the fold of the view and the batches after it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    pub seq: u64,
    pub session: Option<SessionFace>,
    pub questions: BTreeMap<String, QuestionFace>,
    pub comments: BTreeMap<String, CommentFace>,
    pub answers: BTreeMap<String, AnswerFace>,
}

impl Seen {
    /// Takes in one message.
    ///
    /// # Panics
    /// When numbers are missing: a gap is a broken promise.
    pub fn take(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::View(view) => self.take_view(view),
            ServerMessage::Batch(batch) => self.take_batch(batch),
            _ => {}
        }
    }

    fn take_view(&mut self, view: &View) {
        *self = Self {
            seq: view.seq,
            session: Some(view.session.clone()),
            questions: view
                .questions
                .iter()
                .map(|q| (q.id.to_string(), q.clone()))
                .collect(),
            comments: view
                .comments
                .iter()
                .map(|c| (c.id.to_string(), c.clone()))
                .collect(),
            answers: view
                .answers
                .iter()
                .map(|a| (a.id.to_string(), a.clone()))
                .collect(),
        };
    }

    fn take_batch(&mut self, batch: &Batch) {
        if batch.last_seq <= self.seq {
            return;
        }
        assert!(
            batch.first_seq <= self.seq + 1,
            "a gap: {} was seen last and the batch begins with {}",
            self.seq,
            batch.first_seq
        );
        for item in batch.items.iter().filter(|i| i.seq > self.seq) {
            match &item.what {
                What::SessionChanged { session } => self.session = Some((**session).clone()),
                What::CommentPublished { comment } => {
                    drop(self.comments.insert(comment.id.to_string(), comment.clone()))
                }
                What::PostRemoved { id, .. } => {
                    self.comments.remove(id);
                    self.questions.remove(id);
                    self.answers.retain(|_, a| a.question_id.as_str() != id);
                }
                What::QuestionPublished { question } => {
                    drop(self.questions.insert(question.id.to_string(), question.clone()))
                }
                What::AnswerPublished { answer } => {
                    drop(self.answers.insert(answer.id.to_string(), answer.clone()))
                }
                What::ItemQueued { .. }
                | What::ItemsDecided { .. }
                | What::ClaimsChanged { .. }
                | What::ItemReported { .. }
                | What::ReportsSettled { .. }
                | What::NextUpChanged { .. } => {}
            }
        }
        for (id, supports) in &batch.tallies {
            if let Some(question) = self.questions.get_mut(id.as_str()) {
                question.supports = *supports;
            }
        }
        self.seq = batch.last_seq;
    }

    /// Texts of the comments, in the order of their ids.
    pub fn comment_bodies(&self) -> Vec<&str> {
        self.comments.values().map(|c| c.body.as_str()).collect()
    }
    /// Texts of the questions, in the order of their ids.
    pub fn question_bodies(&self) -> Vec<&str> {
        self.questions.values().map(|q| q.body.as_str()).collect()
    }
    /// The session.
    pub fn session(&self) -> &SessionFace {
        self.session.as_ref().expect("a view came first")
    }
}

/// One WebSocket.
pub struct Viewer {
    socket: WebSocketStream<TcpStream>,
    /// Every text that came, as it came.
    pub texts: Vec<String>,
    /// The public channel folded.
    pub seen: Seen,
    public: bool,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Close code; 0 when the server left without one.
    pub code: u16,
    pub reason: String,
}

impl Viewer {
    /// Connects with whatever login the client has. `query` begins with `?` or is empty.
    ///
    /// # Errors
    /// The HTTP status of a refused handshake.
    pub async fn try_open(rest: &Rest, session: &SessionId, query: &str) -> Result<Self, u16> {
        let address = rest.base.trim_start_matches("http://");
        let mut request = format!("ws://{address}/api/v1/sessions/{session}/live{query}")
            .into_client_request()
            .expect("a request");
        if let Some(cookie) = &rest.cookie {
            request.headers_mut().insert(
                "cookie",
                format!("yishiting_login={cookie}").parse().expect("a header"),
            );
        }
        let stream = TcpStream::connect(address).await.map_err(|_| 0_u16)?;
        match in_time("a handshake", client_async(request, stream)).await {
            Ok((socket, _)) => Ok(Self {
                socket,
                texts: Vec::new(),
                seen: Seen::default(),
                public: !query.contains("backstage"),
            }),
            Err(WsError::Http(response)) => Err(response.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// Connects and waits for the view.
    pub async fn open(rest: &Rest, session: &SessionId) -> Self {
        let mut viewer = Self::try_open(rest, session, "")
            .await
            .expect("the session is public");
        viewer
            .until("the view", |m| matches!(m, ServerMessage::View(_)).then_some(()))
            .await;
        viewer
    }

    /// Comes back with a number.
    pub async fn resume(rest: &Rest, session: &SessionId, since: &Seen) -> Self {
        let mut viewer = Self::try_open(rest, session, &format!("?since={}", since.seq))
            .await
            .expect("the session is public");
        viewer.seen = since.clone();
        viewer
    }

    /// Connects to the backstage.
    pub async fn backstage(rest: &Rest, session: &SessionId) -> Self {
        Self::try_open(rest, session, "?channel=backstage")
            .await
            .expect("staff of the hall may watch")
    }

    /// The next message, or how the connection ended.
    pub async fn next(&mut self) -> Result<ServerMessage, Closed> {
        loop {
            match in_time("a message", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    let message = serde_json::from_str(&text)
                        .unwrap_or_else(|e| panic!("not a message of ours: {e}: {text}"));
                    self.texts.push(text.to_string());
                    if self.public {
                        self.seen.take(&message);
                    }
                    return Ok(message);
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(
                        Closed {
                            code: 0,
                            reason: String::new(),
                        },
                        |f| Closed {
                            code: f.code.into(),
                            reason: f.reason.to_string(),
                        },
                    ));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("all frames are text, this is not: {other:?}"),
                Some(Err(_)) | None => {
                    return Err(Closed {
                        code: 0,
                        reason: "cut".into(),
                    });
                }
            }
        }
    }

    /// Reads until a message answers the question.
    pub async fn until<T>(&mut self, what: &str, mut pick: impl FnMut(&ServerMessage) -> Option<T>) -> T {
        in_time(what, async {
            loop {
                let message = self
                    .next()
                    .await
                    .unwrap_or_else(|closed| panic!("closed with {closed:?} while waiting for: {what}"));
                if let Some(found) = pick(&message) {
                    return found;
                }
            }
        })
        .await
    }

    /// Reads until what was folded is as wanted.
    pub async fn until_seen(&mut self, what: &str, mut holds: impl FnMut(&Seen) -> bool) {
        in_time(what, async {
            while !holds(&self.seen) {
                self.next()
                    .await
                    .unwrap_or_else(|closed| panic!("closed with {closed:?} while waiting for: {what}"));
            }
        })
        .await;
    }

    /// Reads until everything up to a number is in.
    pub async fn until_seq(&mut self, seq: u64) {
        self.until_seen(&format!("number {seq}"), |seen| seen.seq >= seq)
            .await;
    }

    /// Reads until the connection ends.
    pub async fn until_closed(&mut self) -> Closed {
        in_time("the end of the connection", async {
            loop {
                if let Err(closed) = self.next().await {
                    return closed;
                }
            }
        })
        .await
    }

    /// Sends a message.
    pub async fn say(&mut self, message: &ClientMessage) {
        self.say_text(&serde_json::to_string(message).expect("our own types are JSON"))
            .await;
    }
    /// Sends any text.
    pub async fn say_text(&mut self, text: &str) {
        self.say_frame(Message::text(text)).await;
    }
    /// Sends any frame.
    pub async fn say_frame(&mut self, frame: Message) {
        self.socket.send(frame).await.expect("the connection is open");
    }
    /// The socket below, for what no library would send.
    pub fn stream(&mut self) -> &mut TcpStream {
        self.socket.get_mut()
    }

    /// Says who is talking.
    pub async fn greet(&mut self, who: &Netizen) -> ParticipantFace {
        self.say(&ClientMessage::Hello {
            token: who.token.clone(),
            version: yishiting::protocol::VERSION,
        })
        .await;
        self.until("the welcome", |m| match m {
            ServerMessage::Welcome { participant } => Some(participant.clone()),
            ServerMessage::Error(e) => panic!("the greeting was refused: {e:?}"),
            _ => None,
        })
        .await
    }

    /// Sends a message and waits for what it is answered.
    pub async fn ask(&mut self, message: ClientMessage) -> Result<Ack, ErrorMessage> {
        let sent = match &message {
            ClientMessage::Hello { .. } => None,
            ClientMessage::Comment { r#ref, .. }
            | ClientMessage::Question { r#ref, .. }
            | ClientMessage::Support { r#ref, .. }
            | ClientMessage::Withdraw { r#ref, .. } => Some(r#ref.clone()),
        };
        self.say(&message).await;
        self.until("an answer", |m| match m {
            ServerMessage::Ack(ack) if Some(&ack.r#ref) == sent.as_ref() => Some(Ok(ack.clone())),
            ServerMessage::Error(error) if error.r#ref == sent => Some(Err(error.clone())),
            _ => None,
        })
        .await
    }

    /// The refusal of a text that is not understood.
    pub async fn refusal_of(&mut self, text: &str) -> ErrorMessage {
        self.say_text(text).await;
        self.until("a refusal", |m| match m {
            ServerMessage::Error(error) => Some(error.clone()),
            ServerMessage::Ack(ack) => panic!("was taken and should have been refused: {ack:?}"),
            _ => None,
        })
        .await
    }

    /// Everything that came, as one text.
    pub fn everything(&self) -> String {
        self.texts.join("\n")
    }
}
