//! One of the crowd: a nickname, a token, a WebSocket, and what a page keeps of its own.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rand::Rng;
use rand::rngs::StdRng;
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::Shared;
use crate::domain::ids::{DepartmentId, QuestionId};
use crate::domain::words::{PostKind, PostState};
use crate::protocol::client::{ClientMessage, Ref};
use crate::protocol::close;
use crate::protocol::rest::{
    JoinRequest, MineAnswer, PhoneCodeAnswer, PhoneCodeRequest, PhoneVerifyRequest, TokenAnswer,
};
use crate::protocol::server::ServerMessage;

/// Silence after which a page gives a line up.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long opening a line may take.
const OPENING_MAX: Duration = Duration::from_secs(10);
/// Longest pause between two tries to come back.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// What was sent and is not acknowledged, at most; a person has rarely more than one.
const OUTBOX_MAX: usize = 16;
/// Questions one person supports at most. Bounds what is remembered of hours.
const SUPPORTS_MAX: usize = 200;
/// A tap on what is supported already takes it back this often, and is a slip otherwise.
const REVOKE_CHANCE: f64 = 0.06;
/// Buffer of a line. Three hundred people with the library's 128 KiB would be 40 MiB of nothing.
const BUFFER_BYTES: usize = 4 << 10;

/// What the director asks of a person.
#[derive(Debug, Clone)]
pub enum Deed {
    Comment(String),
    Question {
        body: String,
        topic: String,
        department_id: Option<DepartmentId>,
        place: String,
    },
    Support(QuestionId),
    /// Leave for a while: with a farewell, or as a phone in a lift does.
    Leave {
        away: Duration,
        rudely: bool,
    },
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Come back.
    Lost,
    /// The server said not to come back.
    ForGood,
}

/// A person before coming in.
#[derive(Debug)]
pub struct Person {
    /// In the order they are tried.
    pub names: Vec<String>,
    /// Proved when there is one.
    pub phone: Option<String>,
    /// How long after the start.
    pub arrival: Duration,
    pub chance: StdRng,
}

/// A line to the live channel.
pub struct Line {
    socket: WebSocketStream<TcpStream>,
}

impl Line {
    /// Opens it, from `since` on if something was seen before.
    pub async fn open(shared: &Shared, since: Option<u64>) -> anyhow::Result<Self> {
        let since = since.map(|seq| format!("?since={seq}")).unwrap_or_default();
        let url = format!(
            "ws://{}/api/v1/sessions/{}/live{since}",
            shared.address, shared.session
        );
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES);
        let opening = async {
            let stream = TcpStream::connect(shared.address).await?;
            Ok::<_, anyhow::Error>(
                tokio_tungstenite::client_async_with_config(url, stream, Some(config))
                    .await?
                    .0,
            )
        };
        Ok(Self {
            socket: timeout(OPENING_MAX, opening).await??,
        })
    }

    /// The next text of the server. Pings are answered by the library.
    pub async fn next(&mut self) -> Result<Utf8Bytes, Ended> {
        loop {
            match timeout(SILENCE_MAX, self.socket.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => return Ok(text),
                Ok(Some(Ok(Message::Close(frame)))) => {
                    let code = frame.map_or(0, |f| u16::from(f.code));
                    let for_good = matches!(
                        code,
                        close::NOT_UNDERSTOOD | close::NOT_PERMITTED | close::NO_SUCH_SESSION
                    );
                    return Err(if for_good { Ended::ForGood } else { Ended::Lost });
                }
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) | Err(_) => return Err(Ended::Lost),
            }
        }
    }

    async fn send(&mut self, message: &ClientMessage) -> Result<(), Ended> {
        let text = serde_json::to_string(message).expect("wire types have string keys");
        self.socket
            .send(Message::text(text))
            .await
            .map_err(|_| Ended::Lost)
    }
}

impl Person {
    /// Comes, stays, leaves, comes back; until the session is gone.
    pub async fn live(mut self, shared: Arc<Shared>, mut deeds: Receiver<Deed>) {
        sleep(self.arrival).await;
        let token = self.come_in(&shared).await;
        let mut here = Here {
            token,
            seq: None,
            chance: self.chance,
            outbox: VecDeque::new(),
            held: HashMap::new(),
            supported: HashSet::new(),
        };
        let mut pause = Duration::from_millis(500);
        loop {
            // What was asked of somebody away is not done later all at once.
            while deeds.try_recv().is_ok() {}
            match here.watch(&shared, &mut deeds).await {
                Err(Ended::ForGood) => return,
                Ok(away) => {
                    pause = Duration::from_millis(500);
                    sleep(away).await;
                }
                Err(Ended::Lost) => {
                    sleep(pause.mul_f64(here.chance.random_range(0.5..1.5))).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Takes a name, the next one when it is refused, and proves the phone. Tries until it works: the server may just be busy.
    async fn come_in(&mut self, shared: &Shared) -> String {
        let mut refused = 0;
        loop {
            let name = &self.names[refused.min(self.names.len() - 1)];
            let request = shared
                .http
                .post(shared.url("/participants"))
                .json(&JoinRequest { name: name.clone() });
            match request.send().await {
                Ok(answer) if answer.status().is_success() => {
                    if let Ok(joined) = answer.json::<TokenAnswer>().await {
                        let verified = match &self.phone {
                            Some(phone) => verify(shared, &joined.token, phone, name).await,
                            None => None,
                        };
                        return verified.unwrap_or(joined.token);
                    }
                }
                Ok(answer) if answer.status().is_client_error() => {
                    refused += 1;
                    // People think before they try another name.
                    sleep(Duration::from_millis(self.chance.random_range(800..2_500))).await;
                    continue;
                }
                _ => {}
            }
            sleep(Duration::from_millis(self.chance.random_range(1_000..6_000))).await;
        }
    }
}

/// Proves a phone with the code that the demonstration shows on the page. Who cannot stays a guest.
async fn verify(shared: &Shared, token: &str, phone: &str, name: &str) -> Option<String> {
    let request = PhoneCodeRequest {
        phone: phone.to_owned(),
    };
    let sent: PhoneCodeAnswer = shared
        .http
        .post(shared.url("/phone/codes"))
        .json(&request)
        .send()
        .await
        .ok()?
        .json()
        .await
        .ok()?;
    let request = PhoneVerifyRequest {
        phone: phone.to_owned(),
        code: sent.shown_code?,
        name: name.to_owned(),
    };
    let answer = shared
        .http
        .post(shared.url("/phone/verify"))
        .bearer_auth(token)
        .json(&request)
        .send()
        .await
        .ok()?;
    Some(answer.json::<TokenAnswer>().await.ok()?.token)
}

/// A person who has come in.
struct Here {
    token: String,
    seq: Option<u64>,
    chance: StdRng,
    outbox: VecDeque<(Ref, ClientMessage)>,
    /// Own posts that wait for a moderator.
    held: HashMap<String, PostKind>,
    supported: HashSet<QuestionId>,
}

impl Here {
    /// Watches until told to leave; answers for how long.
    async fn watch(&mut self, shared: &Shared, deeds: &mut Receiver<Deed>) -> Result<Duration, Ended> {
        let mut line = Line::open(shared, self.seq).await.map_err(|_| Ended::Lost)?;
        line.send(&ClientMessage::Hello {
            token: self.token.clone(),
            version: crate::protocol::VERSION,
        })
        .await?;
        for (_, message) in &self.outbox {
            line.send(message).await?;
        }
        if !self.held.is_empty() {
            self.look_after_held(shared).await;
        }
        loop {
            tokio::select! {
                text = line.next() => self.hear(shared, &text?)?,
                deed = deeds.recv() => match deed {
                    Some(Deed::Leave { away, rudely }) => {
                        if !rudely {
                            let _ = line.socket.close(None).await;
                        }
                        return Ok(away);
                    }
                    Some(deed) => self.act(&mut line, deed).await?,
                    // Without a director nothing more will be asked; the crowd is leaving.
                    None => return Err(Ended::ForGood),
                },
            }
        }
    }

    async fn act(&mut self, line: &mut Line, deed: Deed) -> Result<(), Ended> {
        let r#ref = self.new_ref();
        let message = match deed {
            Deed::Comment(body) => ClientMessage::Comment {
                r#ref: r#ref.clone(),
                body,
            },
            Deed::Question {
                body,
                topic,
                department_id,
                place,
            } => ClientMessage::Question {
                r#ref: r#ref.clone(),
                body,
                topic: Some(topic),
                department_id,
                place: Some(place),
            },
            Deed::Support(question_id) => {
                let on = !self.supported.contains(&question_id);
                if on && self.supported.len() == SUPPORTS_MAX
                    || !on && !self.chance.random_bool(REVOKE_CHANCE)
                {
                    return Ok(());
                }
                if on {
                    self.supported.insert(question_id.clone());
                } else {
                    self.supported.remove(&question_id);
                }
                ClientMessage::Support {
                    r#ref: r#ref.clone(),
                    question_id,
                    on,
                }
            }
            Deed::Leave { .. } => return Ok(()),
        };
        if self.outbox.len() == OUTBOX_MAX {
            self.outbox.pop_front();
        }
        self.outbox.push_back((r#ref, message.clone()));
        line.send(&message).await
    }

    fn new_ref(&mut self) -> Ref {
        format!("c-{:016x}", self.chance.random::<u64>())
            .try_into()
            .expect("18 characters of the alphabet")
    }

    /// Most of what arrives is for everybody, and of that only the number matters to somebody who draws no page.
    fn hear(&mut self, shared: &Shared, text: &str) -> Result<(), Ended> {
        match kind_of(text) {
            Some("state" | "welcome") => Ok(()),
            Some("view") => {
                self.seq = number_after(text, "\"seq\":").or(self.seq);
                Ok(())
            }
            Some("batch") => self.follow(text),
            _ => {
                if let Ok(message) = serde_json::from_str(text) {
                    self.hear_own(shared, message);
                }
                Ok(())
            }
        }
    }

    fn follow(&mut self, text: &str) -> Result<(), Ended> {
        let (Some(first), Some(last)) = (
            number_after(text, "\"first_seq\":"),
            number_after(text, "\"last_seq\":"),
        ) else {
            return Ok(());
        };
        match self.seq {
            Some(seq) if first > seq + 1 => Err(Ended::Lost),
            Some(seq) if last <= seq => Ok(()),
            _ => {
                self.seq = Some(last);
                Ok(())
            }
        }
    }

    fn hear_own(&mut self, shared: &Shared, message: ServerMessage) {
        match message {
            ServerMessage::Ack(ack) => {
                let sent = self.settle(&ack.r#ref);
                let kind = match sent {
                    Some(ClientMessage::Comment { .. }) => PostKind::Comment,
                    Some(ClientMessage::Question { .. }) => PostKind::Question,
                    _ => return,
                };
                if ack.state == Some(PostState::Held) && self.held.insert(ack.id, kind).is_none() {
                    shared.waiting.add(kind, 1);
                }
            }
            ServerMessage::Error(error) => {
                if let Some(r#ref) = error.r#ref {
                    self.settle(&r#ref);
                }
            }
            ServerMessage::Own(own) if own.state != PostState::Held => self.decided(shared, &own.id),
            _ => {}
        }
    }

    /// What was sent under a `ref`, now that it is answered.
    fn settle(&mut self, r#ref: &Ref) -> Option<ClientMessage> {
        let at = self.outbox.iter().position(|(sent, _)| sent == r#ref)?;
        self.outbox.remove(at).map(|(_, message)| message)
    }

    fn decided(&mut self, shared: &Shared, id: &str) {
        if let Some(kind) = self.held.remove(id) {
            shared.waiting.add(kind, -1);
        }
    }

    /// Asks what became of own posts meanwhile, as a page does when it comes back.
    async fn look_after_held(&mut self, shared: &Shared) {
        let request = shared
            .http
            .get(shared.url(&format!("/sessions/{}/mine", shared.session)))
            .bearer_auth(&self.token);
        let Ok(answer) = request.send().await else { return };
        let Ok(mine) = answer.json::<MineAnswer>().await else {
            return;
        };
        for post in mine.posts.iter().filter(|p| p.state != PostState::Held) {
            self.decided(shared, &post.id);
        }
    }
}

/// The type of a message without reading the rest: it stands first.
fn kind_of(text: &str) -> Option<&str> {
    text.strip_prefix("{\"type\":\"")?.split('"').next()
}

/// The number behind the first place a key stands.
fn number_after(text: &str, key: &str) -> Option<u64> {
    let rest = &text[text.find(key)? + key.len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::server::Batch;

    #[test]
    fn the_number_of_a_message_is_found_without_reading_it_all() {
        let batch = ServerMessage::Batch(Batch {
            first_seq: 7,
            last_seq: 19,
            items: Vec::new(),
            tallies: Vec::new(),
            omitted: 0,
        });
        let text = serde_json::to_string(&batch).expect("plain");
        assert_eq!(
            (
                kind_of(&text),
                number_after(&text, "\"first_seq\":"),
                number_after(&text, "\"last_seq\":")
            ),
            (Some("batch"), Some(7), Some(19))
        );
        for none in ["", "[]", "{\"seq\":1}"] {
            assert_eq!(kind_of(none), None, "{none}");
        }
    }
}
