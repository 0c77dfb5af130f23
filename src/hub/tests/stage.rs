//! What the tests play with: a source of sessions, events, and viewers over real sockets.

use std::collections::HashMap;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::inflating::Inflating;
use crate::domain::event::{Event, Logged};
use crate::domain::ids::{CommentId, HallId, ParticipantId, QuestionId, SessionId};
use crate::domain::post::{AnyPost, Author, Comment, Post, Question};
use crate::domain::session::{Policy, Session};
use crate::domain::time::Timestamp;
use crate::domain::words::{Channel, PostKind, PostState, SessionKind, SessionState, Tier};
use crate::hub::*;
use crate::protocol::server::{BackstageView, Batch, ServerMessage, View, What};

/// Nothing takes so long unless it never comes.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(1_795_000_000_000 + ms)
}

pub fn session_id(n: u32) -> SessionId {
    SessionId::new(at(0), n)
}

pub fn participant(n: u32) -> ParticipantId {
    ParticipantId::new(at(0), n)
}

pub fn question_id(n: u32) -> QuestionId {
    QuestionId::new(at(0), n)
}

pub fn comment_id(n: u32) -> CommentId {
    CommentId::new(at(0), n)
}

pub fn session(id: &SessionId, state: SessionState) -> Session {
    Session {
        id: id.clone(),
        hall_id: HallId::new(at(0), 1),
        hall_slug: "demo".into(),
        hall_name: "示范议事厅".into(),
        hall_color: String::new(),
        code: "K7M2QX".into(),
        number: 1,
        kind: SessionKind::Consultation,
        title: "水价听取意见".into(),
        intro: String::new(),
        venue: String::new(),
        host_name: String::new(),
        state,
        starts_at: None,
        started_at: None,
        ended_at: None,
        closed_at: None,
        stream_url: String::new(),
        announcement: String::new(),
        topics: Vec::new(),
        policy: Policy::default(),
        departments: Vec::new(),
        segments: Vec::new(),
        materials: Vec::new(),
        stage: None,
        next_up: Vec::new(),
        emergency: None,
    }
}

fn post(n: u32, body: String, state: PostState) -> Post {
    Post {
        number: n.into(),
        author: Author {
            id: participant(n),
            name: format!("街坊{n}"),
            tier: Tier::Guest,
        },
        client_ref: format!("client-ref-{n}"),
        body,
        state,
        at: at(n.into()),
        findings: Vec::new(),
        reason: String::new(),
        note: String::new(),
        revision: 1,
    }
}

pub fn comment(n: u32) -> Event {
    Event::CommentPublished {
        comment: Box::new(Comment {
            id: comment_id(n),
            post: post(n, format!("评论{n}号"), PostState::Published),
        }),
    }
}

/// A comment of about `bytes`.
pub fn long_comment(n: u32, bytes: usize) -> Event {
    let body = format!("评论{n}号{}", "x".repeat(bytes));
    Event::CommentPublished {
        comment: Box::new(Comment {
            id: comment_id(n),
            post: post(n, body, PostState::Published),
        }),
    }
}

/// A comment of about `bytes` in which nothing repeats.
pub fn noise_comment(n: u32, bytes: usize) -> Event {
    let mut state = u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let noise = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + 2 + ((state >> 33) % 90) as u8)
    });
    let body = format!("评论{n}号{}", noise.take(bytes).collect::<String>());
    Event::CommentPublished {
        comment: Box::new(Comment {
            id: comment_id(n),
            post: post(n, body, PostState::Published),
        }),
    }
}

pub fn question(n: u32) -> Event {
    Event::QuestionPublished {
        question: Box::new(whole_question(n, PostState::Published)),
    }
}

pub fn whole_question(n: u32, state: PostState) -> Question {
    Question {
        id: question_id(n),
        post: post(n, format!("问题{n}号"), state),
        topic: String::new(),
        place: String::new(),
        department_id: None,
        disposition: None,
        merged_into: None,
        disposition_reason: String::new(),
        supports: 0,
    }
}

pub fn removed_comment(n: u32) -> Event {
    Event::PostRemoved {
        kind: PostKind::Comment,
        id: comment_id(n).as_str().to_owned(),
    }
}

pub fn removed_question(n: u32) -> Event {
    Event::PostRemoved {
        kind: PostKind::Question,
        id: question_id(n).as_str().to_owned(),
    }
}

pub fn supports(n: u32, count: u64) -> Event {
    Event::SupportsCounted {
        counts: vec![(question_id(n), count)],
    }
}

pub fn held(n: u32) -> Event {
    Event::ItemQueued {
        post: Box::new(AnyPost::Question(whole_question(n, PostState::Held))),
    }
}

pub fn changed(id: &SessionId, state: SessionState) -> Event {
    Event::SessionChanged {
        session: Box::new(session(id, state)),
        stage_question: None,
    }
}

pub fn seed(id: &SessionId) -> Seed {
    Seed {
        public: PublicSeed {
            seq: 0,
            session: session(id, SessionState::Live),
            stage_question: None,
            questions: Vec::new(),
            questions_total: 0,
            comments: Vec::new(),
            answers: Vec::new(),
            recent: Vec::new(),
        },
        backstage: BackstageSeed {
            seq: 0,
            held: Vec::new(),
            held_total: 0,
            next_up: Vec::new(),
            decisions: Vec::new(),
            reported: Vec::new(),
            claims: Vec::new(),
            recent: Vec::new(),
        },
        public_visible: true,
    }
}

/// Sessions to be opened.
#[derive(Default)]
pub struct Store {
    pub seeds: Mutex<HashMap<SessionId, Seed>>,
    pub loads: AtomicUsize,
    pub failures_left: AtomicUsize,
}

impl Source for Store {
    fn load<'a>(&'a self, session: &'a SessionId) -> BoxFuture<'a, Result<Option<Seed>, SourceError>> {
        Box::pin(async move {
            self.loads.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            if self
                .failures_left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                .is_ok()
            {
                return Err(SourceError::new("the database is away"));
            }
            Ok(self.seeds.lock().expect("no panic").get(session).cloned())
        })
    }
}

/// What viewers sent, and who is gone.
#[derive(Default)]
pub struct Heard {
    pub texts: Mutex<Vec<(ConnId, ChannelKey, String)>>,
    pub closed: Mutex<Vec<ConnId>>,
}

impl Inbound for Heard {
    fn on_text(&self, conn: ConnId, key: &ChannelKey, text: &str) {
        self.texts
            .lock()
            .expect("no panic")
            .push((conn, key.clone(), text.to_owned()));
    }
    fn on_close(&self, conn: ConnId) {
        self.closed.lock().expect("no panic").push(conn);
    }
}

/// A hub with one open session, and its log.
pub struct Stage {
    pub hub: Hub,
    pub store: Arc<Store>,
    pub heard: Arc<Heard>,
    pub id: SessionId,
    listener: TcpListener,
    seqs: Mutex<HashMap<Channel, u64>>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.hub.stop();
    }
}

pub fn quick() -> Options {
    Options {
        shards: 2,
        tick_ms: 5,
        comments_per_s_max: 1_000_000,
        ..Options::default()
    }
}

impl Stage {
    pub async fn new(options: Options) -> Self {
        let id = session_id(1);
        let stage = Self::with(options, seed(&id));
        assert!(stage.hub.open(&id).await.expect("the store answers"));
        stage
    }

    /// Not opened yet.
    pub fn with(options: Options, seed: Seed) -> Self {
        let id = session_id(1);
        let store = Arc::new(Store::default());
        let seqs = HashMap::from([
            (Channel::Public, seed.public.seq),
            (Channel::Backstage, seed.backstage.seq),
        ]);
        store.seeds.lock().expect("no panic").insert(id.clone(), seed);
        let hub = Hub::start(options, store.clone(), Arc::new(|| at(0))).expect("shards start");
        let heard = Arc::new(Heard::default());
        hub.set_inbound(heard.clone());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        Self {
            hub,
            store,
            heard,
            id,
            listener,
            seqs: Mutex::new(seqs),
        }
    }

    pub fn key(&self, channel: Channel) -> ChannelKey {
        ChannelKey {
            session_id: self.id.clone(),
            channel,
        }
    }

    /// Numbers events and delivers them.
    pub fn say(&self, events: impl IntoIterator<Item = Event>) {
        let logged = self.log(events);
        self.hub.deliver(&logged);
    }

    /// Numbers events.
    pub fn log(&self, events: impl IntoIterator<Item = Event>) -> Vec<Logged> {
        let mut seqs = self.seqs.lock().expect("no panic");
        let number = |event: Event| {
            let seq = seqs.entry(event.channel()).or_default();
            *seq += 1;
            Logged {
                session_id: self.id.clone(),
                channel: event.channel(),
                seq: *seq,
                at: at(0),
                event,
            }
        };
        events.into_iter().map(number).collect()
    }

    /// A socket whose other end the hub has.
    pub fn connect(
        &self,
        channel: Channel,
        since: Option<u64>,
        staff: bool,
        leftover: Vec<u8>,
        receive_bytes: Option<usize>,
    ) -> (TcpStream, ConnId) {
        let attach = Attach {
            key: self.key(channel),
            since,
            leftover,
            greeting: Vec::new(),
            staff,
            deflate: false,
            ticket: None,
        };
        self.attach(attach, receive_bytes)
    }

    fn attach(&self, attach: Attach, receive_bytes: Option<usize>) -> (TcpStream, ConnId) {
        let domain = socket2::Domain::IPV4;
        let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).expect("a socket");
        if let Some(bytes) = receive_bytes {
            socket.set_recv_buffer_size(bytes).expect("a smaller buffer");
        }
        socket
            .connect(&self.listener.local_addr().expect("an address").into())
            .expect("a connection");
        let (server, _) = self.listener.accept().expect("its other end");
        let conn = self.hub.attach(server, attach).expect("room in the inbox");
        (socket.into(), conn)
    }

    pub fn viewer(&self, since: Option<u64>) -> Viewer {
        Viewer::new(
            self.connect(Channel::Public, since, false, Vec::new(), None),
            since,
        )
    }

    pub fn staff(&self) -> Viewer {
        Viewer::new(
            self.connect(Channel::Backstage, None, true, Vec::new(), None),
            None,
        )
    }

    /// One with little room in its socket.
    pub fn narrow_viewer(&self, since: Option<u64>) -> Viewer {
        Viewer::new(
            self.connect(Channel::Public, since, false, Vec::new(), Some(4_096)),
            since,
        )
    }

    /// A viewer that negotiated compression.
    pub fn deflating_viewer(&self, since: Option<u64>) -> Viewer {
        self.deflating(since, None)
    }

    pub fn narrow_deflating_viewer(&self, since: Option<u64>) -> Viewer {
        self.deflating(since, Some(4_096))
    }

    fn deflating(&self, since: Option<u64>, receive_bytes: Option<usize>) -> Viewer {
        let attach = Attach {
            key: self.key(Channel::Public),
            since,
            leftover: Vec::new(),
            greeting: Vec::new(),
            staff: false,
            deflate: true,
            ticket: None,
        };
        Viewer::of(self.attach(attach, receive_bytes), since, true)
    }

    pub async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "{what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A page: holds to the client's rule and fails at a gap.
pub struct Viewer {
    pub socket: WebSocket<Inflating>,
    pub conn: ConnId,
    /// The last number it knows.
    pub seq: Option<u64>,
    /// Bodies of comments by their number in the log, from batches only.
    pub comments: Vec<(u64, String)>,
    /// Everything it was ever sent, as text.
    pub texts: Vec<String>,
    pub views: Vec<View>,
    pub backstage_views: Vec<BackstageView>,
    pub tallies: HashMap<QuestionId, u64>,
    pub omitted: u32,
    pub others: Vec<ServerMessage>,
    pub batches: usize,
    pub closed: Option<(u16, String)>,
}

impl Viewer {
    pub fn new(connected: (TcpStream, ConnId), since: Option<u64>) -> Self {
        Self::of(connected, since, false)
    }

    fn of((stream, conn): (TcpStream, ConnId), since: Option<u64>, deflate: bool) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self {
            socket: WebSocket::from_raw_socket(Inflating::new(stream, deflate), Role::Client, None),
            conn,
            seq: since,
            comments: Vec::new(),
            texts: Vec::new(),
            views: Vec::new(),
            backstage_views: Vec::new(),
            tallies: HashMap::new(),
            omitted: 0,
            others: Vec::new(),
            batches: 0,
            closed: None,
        }
    }

    /// Takes in one message. `false` at the end of the connection.
    pub fn read(&mut self) -> bool {
        match self.socket.read() {
            Ok(Message::Text(text)) => self.take_in(text.to_string()),
            Ok(Message::Close(frame)) => {
                let frame = frame.map_or((1005, String::new()), |frame| {
                    (CloseCode::into(frame.code), frame.reason.to_string())
                });
                self.closed = Some(frame);
                let _answered = self.socket.flush();
                return false;
            }
            Ok(_) => {}
            Err(Error::Io(error))
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) =>
            {
                panic!("nothing came at {:?}", self.seq)
            }
            Err(
                Error::Protocol(
                    tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                )
                | Error::Io(_)
                | Error::ConnectionClosed,
            ) => return false,
            Err(error) => panic!("the bytes are not RFC 6455: {error}"),
        }
        true
    }

    fn take_in(&mut self, text: String) {
        let message: ServerMessage =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        self.texts.push(text);
        match message {
            ServerMessage::View(view) => {
                self.seq = Some(view.seq);
                self.comments.clear();
                self.tallies = view
                    .questions
                    .iter()
                    .map(|question| (question.id.clone(), question.supports))
                    .collect();
                self.views.push(*view);
            }
            ServerMessage::BackstageView(view) => {
                self.seq = Some(view.seq);
                self.backstage_views.push(*view);
            }
            ServerMessage::Batch(batch) => self.fold(batch),
            other => self.others.push(other),
        }
    }

    fn fold(&mut self, batch: Batch) {
        self.batches += 1;
        let known = self.seq.expect("a view before the first batch");
        if batch.last_seq <= known {
            return;
        }
        assert!(
            batch.first_seq <= known + 1,
            "a gap between {known} and {}",
            batch.first_seq
        );
        for item in batch.items {
            assert!((batch.first_seq..=batch.last_seq).contains(&item.seq));
            if item.seq > known
                && let What::CommentPublished { comment } = item.what
            {
                self.comments.push((item.seq, comment.body));
            }
        }
        self.tallies.extend(batch.tallies);
        self.omitted += batch.omitted;
        self.seq = Some(batch.last_seq);
    }

    pub fn read_until(&mut self, mut holds: impl FnMut(&Self) -> bool) {
        while !holds(self) {
            assert!(
                self.read(),
                "the connection ended at {:?}: {:?}",
                self.seq,
                self.closed
            );
        }
    }

    pub fn read_to(&mut self, seq: u64) {
        self.read_until(|viewer| viewer.seq.is_some_and(|known| known >= seq));
    }

    pub fn read_to_the_end(&mut self) {
        while self.read() {}
    }

    pub fn send(&mut self, message: Message) {
        self.socket.send(message).expect("the socket takes it");
    }

    pub fn saw(&self, text: &str) -> bool {
        self.texts.iter().any(|seen| seen.contains(text))
    }
}
