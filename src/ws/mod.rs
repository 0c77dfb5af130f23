//! One WebSocket from greeting to close: what its text messages ask for, and what they are answered.
//!
//! Reading costs nothing here: a connection gets a [`Conversation`] with its first message. The rules of a conversation are apart
//! from the socket ([`conversation`]); this module keeps the order of one connection's messages and bounds how many wait.

mod conversation;
mod votes;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::command::{CommandError, Commands, Identity};
use crate::domain::ids::HallId;
use crate::domain::policy::{Verb, check_hall};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::words::Channel;
use crate::hub::{ChannelKey, ConnId, Hub, Inbound};
use crate::protocol::client::{ClientMessage, Ref};
use crate::protocol::close;
use crate::protocol::server::{ErrorMessage, ServerMessage};
use conversation::{Conversation, Reply};
use votes::{Lane, Vote};

/// Messages of one connection that may wait. A page sends its outbox of a minute offline and then one at a time.
const WAITING_MAX: usize = 64;
/// Messages of all connections worked on at once; the store's queue is larger, so this is what pushes back first.
const AT_ONCE_MAX: usize = 4_096;
/// Messages a connection may send that are not understood before it is closed.
const MALFORMED_MAX: u32 = 10;
/// Messages, greetings among them, a connection may send within [`REFUSED_WITHIN`] without one that was taken. A page comes back with
/// an outbox of at most [`WAITING_MAX`], is told how long to wait, and waits; four times that is nobody's page.
const REFUSED_MAX: u32 = 256;
const REFUSED_WITHIN: Duration = Duration::from_secs(60);

/// Conversations of all connections that ever sent something.
#[derive(Clone)]
pub struct Conversations {
    inner: Arc<Inner>,
}

struct Inner {
    commands: Commands,
    hub: Hub,
    runtime: Handle,
    at_once: Arc<Semaphore>,
    lane: Lane,
    open: DashMap<ConnId, Arc<Line>>,
    backstage: DashMap<ConnId, Behind>,
}

/// Who reads a backstage channel, so that the right can be checked again.
struct Behind {
    login_token: String,
    hall_id: HallId,
}

/// A connection's messages in their order, and the conversation they belong to.
#[derive(Default)]
struct Line {
    state: Mutex<LineState>,
    /// Votes of the connection in the lane.
    votes: AtomicUsize,
    conversation: tokio::sync::Mutex<Conversation>,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct LineState {
    waiting: VecDeque<ClientMessage>,
    running: bool,
    malformed: u32,
    /// Who is talking, once that is known.
    who: Option<Arc<Identity>>,
    refused: u32,
    /// When the first of `refused` was.
    refused_since: Option<Instant>,
}

impl LineState {
    /// A message came to nothing. Whether these are more than any page sends.
    fn refuse(&mut self, now: Instant) -> bool {
        let since = *self.refused_since.get_or_insert(now);
        if now.duration_since(since) > REFUSED_WITHIN {
            self.refused = 0;
            self.refused_since = Some(now);
        }
        self.refused += 1;
        self.refused == REFUSED_MAX
    }

    /// A message was taken.
    fn take(&mut self) {
        self.refused = 0;
        self.refused_since = None;
    }
}

impl Conversations {
    /// Conversations over the commands; answers go out through the hub.
    pub fn new(commands: Commands, hub: Hub, runtime: Handle) -> Self {
        let (lane, work) = Lane::new(commands.clone(), hub.clone());
        runtime.spawn(work);
        Self {
            inner: Arc::new(Inner {
                commands,
                hub,
                runtime,
                at_once: Arc::new(Semaphore::new(AT_ONCE_MAX)),
                lane,
                open: DashMap::new(),
                backstage: DashMap::new(),
            }),
        }
    }

    /// Remembers who reads a backstage channel over this connection.
    pub fn hold_backstage(&self, conn: ConnId, login_token: String, hall_id: HallId) {
        self.inner.backstage.insert(conn, Behind { login_token, hall_id });
    }

    /// Closes backstage connections of logins that are over and of accounts that lost the right. Called about twice a minute.
    pub async fn check_backstage(&self) {
        let held: Vec<(ConnId, String, HallId)> = self
            .inner
            .backstage
            .iter()
            .map(|b| (*b.key(), b.login_token.clone(), b.hall_id.clone()))
            .collect();
        for (conn, login_token, hall_id) in held {
            let may = match self.inner.commands.staff_of_login(&login_token).await {
                Ok(staff) => check_hall(Verb::ReadBackstage, &staff.roles_in(&hall_id)).is_ok(),
                // While the database is away nobody is sent off.
                Err(CommandError::Store(_)) => true,
                Err(CommandError::Rejected(_)) => false,
            };
            if !may {
                self.inner.backstage.remove(&conn);
                self.inner.hub.close(
                    conn,
                    close::NOT_PERMITTED,
                    "your login is over or the right was taken away",
                );
            }
        }
    }

    fn refuse(&self, conn: ConnId, rejection: Rejection, r#ref: Option<Ref>) {
        self.inner
            .hub
            .send(conn, &ServerMessage::Error(error(rejection, r#ref)));
    }

    /// Counts a message that came to nothing, and sends away who floods us with them.
    async fn work(self, conn: ConnId, key: ChannelKey, line: Arc<Line>) {
        let mut conversation = line.conversation.lock().await;
        loop {
            let message = {
                let mut state = line.state();
                let Some(message) = state.waiting.pop_front() else {
                    state.running = false;
                    return;
                };
                message
            };
            let Ok(_turn) = self.inner.at_once.acquire().await else {
                return;
            };
            let reply = conversation
                .on_message(&self.inner.commands, &key.session_id, message)
                .await;
            match reply {
                Reply::Say(message) => {
                    let taken = matches!(message, ServerMessage::Ack(_));
                    noted(&self.inner.hub, conn, &line, taken);
                    self.inner.hub.send(conn, &message);
                }
                Reply::Welcome(message) => {
                    // Nothing is done by it: greeting again and again is a flood like any other.
                    noted(&self.inner.hub, conn, &line, false);
                    let who = conversation.who().cloned();
                    if let Some(who) = &who {
                        self.inner.hub.identify(conn, who.id.clone());
                    }
                    line.state().who = who;
                    self.inner.hub.send(conn, &message);
                }
                Reply::Vote {
                    who,
                    r#ref,
                    question_id,
                    on,
                } => self.vote(Vote {
                    conn,
                    line: line.clone(),
                    who,
                    session_id: key.session_id.clone(),
                    r#ref,
                    question_id,
                    on,
                }),
            }
        }
    }

    fn vote(&self, vote: Vote) {
        let (conn, refused) = (vote.conn, vote.r#ref.clone());
        if self.inner.lane.put(vote).is_err() {
            self.refuse(conn, Rejection::unavailable(), Some(refused));
        }
    }

    fn too_many(&self, conn: ConnId, r#ref: Option<Ref>) {
        let rejection = Rejection::new(
            Code::RateLimited,
            format!("{WAITING_MAX} messages of this connection are waiting; send slower"),
        )
        .retry_after_ms(1_000)
        .with("seconds", 1);
        self.refuse(conn, rejection, r#ref);
    }
}

/// A message was taken, or came to nothing; who sends only such is closed.
fn noted(hub: &Hub, conn: ConnId, line: &Line, taken: bool) {
    let mut state = line.state();
    if taken {
        state.take();
    } else if state.refuse(Instant::now()) {
        tracing::info!(%conn, "a connection sent {REFUSED_MAX} messages that were refused and is closed");
        hub.close(conn, close::NOT_UNDERSTOOD, "too many messages that were refused");
    }
}

/// What a failed message is answered; the cause of a failure of ours goes to the log.
fn failed(error: CommandError, r#ref: Option<Ref>) -> ServerMessage {
    let rejection = match error {
        CommandError::Rejected(rejection) => rejection,
        CommandError::Store(error) => {
            tracing::error!(error = %crate::store::report(&error), "message failed in the store");
            Rejection::unavailable()
        }
    };
    ServerMessage::Error(self::error(rejection, r#ref))
}

/// A refusal as the wire carries it.
pub(crate) fn error(rejection: Rejection, r#ref: Option<Ref>) -> ErrorMessage {
    ErrorMessage {
        r#ref,
        code: rejection.code,
        message: rejection.message,
        retry_after_ms: rejection.retry_after_ms,
        params: rejection.params,
    }
}

impl Inbound for Conversations {
    fn on_text(&self, conn: ConnId, key: &ChannelKey, text: &str) {
        let known = self.inner.open.get(&conn).map(|line| line.clone());
        let line = known.unwrap_or_else(|| self.inner.open.entry(conn).or_default().clone());
        if key.channel != Channel::Public {
            self.refuse(
                conn,
                Rejection::new(Code::Forbidden, "this channel is read-only; staff act over HTTP"),
                None,
            );
            noted(&self.inner.hub, conn, &line, false);
            return;
        }
        let message: ClientMessage = match ClientMessage::read(text) {
            Ok(message) => message,
            Err(why) => {
                self.refuse(
                    conn,
                    Rejection::new(Code::Malformed, format!("message was not understood: {why}")),
                    conversation::ref_of(text),
                );
                let mut state = line.state();
                state.malformed += 1;
                if state.malformed >= MALFORMED_MAX {
                    self.inner.hub.close(
                        conn,
                        close::NOT_UNDERSTOOD,
                        "too many messages that were not understood",
                    );
                }
                return;
            }
        };
        let start = {
            let mut state = line.state();
            if state.waiting.len() + line.votes.load(Ordering::Relaxed) >= WAITING_MAX {
                drop(state);
                self.too_many(conn, conversation::ref_of_message(&message));
                noted(&self.inner.hub, conn, &line, false);
                return;
            }
            let ready = if state.running { None } else { state.who.clone() };
            let message = match (message, ready) {
                // Nothing is before it, and it is known who votes: straight into the lane.
                (
                    ClientMessage::Support {
                        r#ref,
                        question_id,
                        on,
                    },
                    Some(who),
                ) => {
                    drop(state);
                    let session_id = key.session_id.clone();
                    self.vote(Vote {
                        conn,
                        line,
                        who,
                        session_id,
                        r#ref,
                        question_id,
                        on,
                    });
                    return;
                }
                (message, _) => message,
            };
            state.waiting.push_back(message);
            !std::mem::replace(&mut state.running, true)
        };
        if start {
            self.inner
                .runtime
                .spawn(self.clone().work(conn, key.clone(), line));
        }
    }

    fn on_close(&self, conn: ConnId) {
        self.inner.open.remove(&conn);
        self.inner.backstage.remove(&conn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_many_refusals_in_a_short_time_and_nothing_taken_are_a_flood() {
        let (mut line, now) = (LineState::default(), Instant::now());
        let refuse = |line: &mut LineState, times, now| (0..times).any(|_| line.refuse(now));
        assert!(!refuse(&mut line, REFUSED_MAX - 1, now));
        line.take();
        assert!(
            !refuse(&mut line, REFUSED_MAX - 1, now),
            "one that was taken forgives the others"
        );
        let later = now + REFUSED_WITHIN + Duration::from_secs(1);
        assert!(!refuse(&mut line, REFUSED_MAX - 1, later), "so does time");
        assert!(refuse(&mut line, 1, later));
        assert!(!refuse(&mut line, 100, later), "it is closed once");
    }
}
