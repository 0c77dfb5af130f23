//! An open session: its two channels and who is there.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tokio::sync::OnceCell;

use super::ChannelKey;
use super::channel::Channel;
use super::fold::{BackstageFold, Fold, Limits, PublicFold};
use super::outlet::Outlet;
use super::presence::Presence;
use super::source::{Seed, SourceError};
use crate::domain::event::Logged;
use crate::domain::ids::SessionId;
use crate::domain::time::Timestamp;
use crate::domain::words::Channel as Stream;
use crate::protocol::VERSION;
use crate::protocol::face;
use crate::protocol::server::{BackstageView, View};

/// Both channels of a session. They are opened and closed together: what a moderator decides backstage is told to authors
/// on the public channel.
pub struct Session {
    pub public: Arc<Channel>,
    pub backstage: Arc<Channel>,
    pub presence: Arc<Presence>,
}

/// A session in the register: open, or being opened by the first who asked for it.
#[derive(Default)]
pub struct Opening {
    /// `Ok(None)`: there is no such session.
    pub outcome: OnceCell<Result<Option<Arc<Session>>, SourceError>>,
    /// Whether those who asked to be told of it were.
    pub announced: AtomicBool,
}

impl Opening {
    /// The session, if it is open.
    pub fn session(&self) -> Option<&Arc<Session>> {
        self.outcome.get()?.as_ref().ok()?.as_ref()
    }
}

impl Session {
    /// From a snapshot. `channel_id` and the number after it are the channels'.
    pub fn new(id: &SessionId, seed: Seed, channel_id: u64, outlet: &Arc<Outlet>) -> Arc<Self> {
        let presence = Arc::new(Presence::new(seed.public_visible, Instant::now()));
        let now = (outlet.clock)();
        let (public, backstage, recents) = folded(seed, now);
        let channel = |stream: Stream, fold: Fold, recent: &[Logged]| {
            let number = channel_id + u64::from(stream == Stream::Backstage);
            let key = ChannelKey {
                session_id: id.clone(),
                channel: stream,
            };
            Channel::new(number, key, fold, recent, presence.clone(), outlet.clone())
        };
        Arc::new(Self {
            public: channel(Stream::Public, Fold::Public(Box::new(public)), &recents.0),
            backstage: channel(Stream::Backstage, Fold::Backstage(backstage), &recents.1),
            presence: presence.clone(),
        })
    }

    pub fn channel(&self, stream: Stream) -> &Arc<Channel> {
        match stream {
            Stream::Public => &self.public,
            Stream::Backstage => &self.backstage,
        }
    }

    /// Takes in events of one channel.
    pub fn deliver(&self, events: &[Logged]) {
        if let Some(first) = events.first() {
            self.channel(first.channel).deliver(events);
        }
    }
}

/// Both folds, and the recent events of both channels.
fn folded(seed: Seed, now: Timestamp) -> (PublicFold, BackstageFold, (Vec<Logged>, Vec<Logged>)) {
    let Seed {
        public, backstage, ..
    } = seed;
    let limits = Limits::default();
    let view = View {
        version: VERSION,
        seq: public.seq,
        server_ms: now,
        session: face::session_face(&public.session, public.stage_question.as_ref()),
        questions: public.questions.iter().map(Into::into).collect(),
        questions_total: public.questions_total,
        comments: public.comments.iter().map(Into::into).collect(),
        answers: public.answers.iter().map(Into::into).collect(),
        watching: 0,
    };
    let backstage_view = BackstageView {
        version: VERSION,
        seq: backstage.seq,
        server_ms: now,
        held: backstage.held.iter().map(Into::into).collect(),
        held_total: backstage.held_total,
        next_up: backstage.next_up,
        decisions: backstage.decisions.iter().map(Into::into).collect(),
        reported: backstage
            .reported
            .iter()
            .map(|r| face::queue_item(&r.post, Some(&r.reports)))
            .collect(),
        claims: backstage.claims.iter().map(Into::into).collect(),
    };
    (
        PublicFold::new(view, limits),
        BackstageFold::new(backstage_view, limits),
        (public.recent, backstage.recent),
    )
}
