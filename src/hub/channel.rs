//! One channel of an open session: folds what happened, and says it once per tick to all shards and streams.
//!
//! Events come in order from the log's tail and are folded at once, so that a view is never behind the position told to the
//! tail. What goes out is paced by one task per channel: nearly at once after silence, once per tick in a burst.
//!
//! The state is behind one short lock. Publishing to the shards happens under it, so that a shard that joins gets exactly what
//! was published before, and in its inbox what is published after. No lock is taken the other way round.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Notify, watch};

use super::ChannelKey;
use super::batch::{Frame, Gathering, hide};
use super::codec::{self, TextFrame};
use super::deflate::{self, Deflater};
use super::fold::{Fold, Told, told};
use super::outlet::Outlet;
use super::presence::Presence;
use super::ring::Ring;
use super::shard::inbox::{Command, PersonKey, person_key};
use crate::domain::event::{Event, Logged};
use crate::domain::words::{Channel as Stream, PostKind, PostState};
use crate::protocol::face;
use crate::protocol::server::{ServerMessage, State, What};

/// Figures that changed go out with a batch after this time,
const FIGURES_WITH_BATCH: Duration = Duration::from_secs(1);
/// alone after this one, so that in a busy hall they never cost a write of their own,
const FIGURES_ALONE: Duration = Duration::from_millis(1_500);
/// and a change of less than half a percent waits so long.
const FIGURES_SMALL_CHANGE: Duration = Duration::from_secs(10);
/// What happens within so long of the first event after silence goes out with it: a write costs the same with one text or ten, and
/// nobody notices.
const GATHER: Duration = Duration::from_millis(5);
/// Texts remembered before old ones are looked for and dropped.
const TEXTS_MIN: usize = 4_096;

/// One numbered stream of an open session.
pub struct Channel {
    /// Unlike the key never used twice: a session that was closed and opened again has new channels.
    pub id: u64,
    pub key: ChannelKey,
    pub presence: Arc<Presence>,
    outlet: Arc<Outlet>,
    state: Mutex<ChannelState>,
    /// The last number folded, readable without the lock.
    seq: AtomicU64,
    /// Who knows less than this gets a view instead of a replay: a text that was removed is in between.
    replay_floor: AtomicU64,
    wake: Notify,
    signal: watch::Sender<Signal>,
    /// Streams there have been.
    streams: AtomicU64,
    /// Viewers that negotiated compression; without any nothing is compressed.
    deflating: AtomicUsize,
}

struct ChannelState {
    fold: Fold,
    gathering: Gathering,
    ring: Ring,
    deflater: Deflater,
    joined: Vec<bool>,
    view: Option<EncodedView>,
    /// An older view shows what was removed since.
    view_seq_min: u64,
    /// Where the text of a comment or question last went out, while a replay can still show it.
    texts: HashMap<String, u64>,
    texts_max: usize,
    figures_at: Instant,
    /// When figures last took a ping along.
    pinged_at: Instant,
    figures_watching: u64,
    closed: bool,
}

#[derive(Clone)]
struct EncodedView {
    text: TextFrame,
    seq: u64,
    at: Instant,
    /// Bytes of batches since.
    behind: usize,
    /// Its frame for who negotiated compression, once somebody asked.
    deflated: Option<Bytes>,
}

/// What streams wait for.
#[derive(Debug, Clone, Default)]
pub struct Signal {
    pub head_seq: u64,
    pub figures: Option<TextFrame>,
    pub figures_count: u64,
    pub closed: bool,
    /// Streams are to end one by one within this time after that instant.
    pub ending: Option<(Instant, Duration)>,
}

/// What a shard begins with.
pub struct Joined {
    /// The number before the first of `frames`.
    pub tail_seq: u64,
    pub frames: Vec<Arc<Frame>>,
}

/// A view as of `seq`, ready to be sent.
pub struct CurrentView {
    pub text: TextFrame,
    pub seq: u64,
    /// Compressed by itself, if that was asked for.
    pub deflated: Option<Bytes>,
}

impl Channel {
    /// `recent` are the last events up to the fold's number; what of it is contiguous can be replayed.
    pub fn new(
        id: u64,
        key: ChannelKey,
        fold: Fold,
        recent: &[Logged],
        presence: Arc<Presence>,
        outlet: Arc<Outlet>,
    ) -> Arc<Self> {
        let now = Instant::now();
        let options = &outlet.options;
        let seq = fold.seq();
        let replayable = replayable(recent, seq);
        let tail_seq = replayable.first().map_or(seq, |frame| frame.first_seq - 1);
        let mut ring = Ring::after(
            tail_seq,
            options.replay_bytes_max,
            Duration::from_millis(options.replay_age_ms_max),
        );
        for frame in replayable {
            ring.push(Arc::new(frame), now);
        }
        let mut texts = HashMap::new();
        for event in recent.iter().filter(|event| event.seq > tail_seq) {
            if let Told::What(what) = told(&event.event) {
                remember_texts(&mut texts, event.seq, &what);
            }
        }
        let state = ChannelState {
            gathering: Gathering::after(seq, options.comments_per_s_max, now),
            fold,
            ring,
            deflater: Deflater::default(),
            joined: vec![false; outlet.inboxes.len()],
            view: None,
            view_seq_min: 0,
            texts,
            texts_max: TEXTS_MIN,
            figures_at: now,
            pinged_at: now,
            figures_watching: presence.watching(),
            closed: false,
        };
        Arc::new(Self {
            id,
            key,
            presence,
            outlet,
            state: Mutex::new(state),
            seq: AtomicU64::new(seq),
            replay_floor: AtomicU64::new(0),
            wake: Notify::new(),
            signal: watch::channel(Signal {
                head_seq: seq,
                ..Signal::default()
            })
            .0,
            streams: AtomicU64::new(0),
            deflating: AtomicUsize::new(0),
        })
    }

    /// The last number folded.
    pub fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    pub fn is_public_stream(&self) -> bool {
        self.key.channel == Stream::Public
    }

    /// Whether who is not staff may watch.
    pub fn is_open_to_all(&self) -> bool {
        self.is_public_stream() && self.presence.is_public()
    }

    /// Takes in events. Known ones are passed over; after a hole nothing is taken.
    pub fn deliver(&self, events: &[Logged]) {
        let now = Instant::now();
        let mut own = Vec::new();
        let mut state = self.lock();
        for event in events {
            let seq = state.fold.seq();
            if event.seq <= seq {
                continue;
            }
            if event.seq != seq + 1 {
                tracing::error!(session.id = %self.key.session_id, channel = %self.key.channel, channel.seq = seq, event.seq, "event {} was delivered after {seq}; it is ignored until those between come", event.seq);
                break;
            }
            let shown_at = state.take_in(event, now);
            self.replay_floor.fetch_max(shown_at, Ordering::AcqRel);
            self.after(event, &state, &mut own);
        }
        self.seq.store(state.fold.seq(), Ordering::Release);
        let gathered = !state.gathering.is_empty();
        drop(state);
        if gathered {
            self.wake.notify_one();
        }
        if !own.is_empty() {
            let posts: Arc<[(PersonKey, Bytes)]> = own.into();
            for inbox in &self.outlet.inboxes {
                inbox.push(Command::Own {
                    session_id: self.key.session_id.clone(),
                    posts: posts.clone(),
                });
            }
        }
    }

    /// What an event means beyond the view.
    fn after(&self, event: &Logged, state: &ChannelState, own: &mut Vec<(PersonKey, Bytes)>) {
        match &event.event {
            Event::SessionChanged { session, .. } => {
                let public = session.state.is_public();
                if self.presence.set_public(public) && !public {
                    self.tell_joined(state, || Command::Hide { channel_id: self.id });
                    self.signal.send_modify(|_| {});
                }
            }
            Event::ItemsDecided { authors, .. } => own.extend(authors.iter().filter_map(|change| {
                let post = face::own_change(change)?;
                Some((
                    person_key(&change.author_id),
                    codec::encode(&ServerMessage::Own(post)).frame().clone(),
                ))
            })),
            _ => {}
        }
    }

    /// Says what was gathered, once per tick, until the channel is closed.
    pub async fn pace(self: Arc<Self>) {
        let tick = Duration::from_millis(self.outlet.options.tick_ms);
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let woken = tokio::select! {
                () = self.wake.notified() => true,
                _ = second.tick() => false,
            };
            if woken {
                tokio::time::sleep(GATHER.min(tick)).await;
            }
            if !self.speak() {
                return;
            }
            if woken {
                tokio::time::sleep(tick.saturating_sub(GATHER)).await;
            }
        }
    }

    /// Sends the batch and the figures that are due. `false` once the channel is closed.
    fn speak(&self) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        if state.closed {
            return false;
        }
        let mut frames = state.gathering.take(self.outlet.options.batch_items_max);
        if self.deflating.load(Ordering::Acquire) > 0 {
            for frame in &mut frames {
                frame.deflated = Some(state.deflater.next(&frame.text.json(), now));
            }
            if !frames.is_empty() {
                metrics::histogram!("hub_deflate_seconds").record(now.elapsed().as_secs_f64());
            }
            state.deflater.rest(now);
        } else {
            // Who comes later must find a stream without a hole.
            state.deflater.restart();
        }
        let frames: Vec<Arc<Frame>> = frames.into_iter().map(Arc::new).collect();
        for frame in &frames {
            if let Some(view) = &mut state.view {
                view.behind += frame.text.frame().len();
            }
            state.ring.push(frame.clone(), now);
        }
        state.ring.trim(now);
        let figures = self.figures_due(&state, now, !frames.is_empty()).then(|| {
            state.figures_at = now;
            state.figures_watching = self.presence.watching();
            // Figures that go out anyway take the ping along some time before it is due.
            let ping = now.saturating_duration_since(state.pinged_at) >= self.keepalive() / 4 * 3;
            if ping {
                state.pinged_at = now;
            }
            (self.figures(), ping)
        });
        if frames.is_empty() && figures.is_none() {
            return true;
        }
        self.tell_joined(&state, || Command::Publish {
            channel_id: self.id,
            frames: frames.clone(),
            figures: figures
                .as_ref()
                .map(|(figures, ping)| (figures.frame().clone(), *ping)),
        });
        self.signal.send_modify(|signal| {
            signal.head_seq = state.ring.head_seq();
            if let Some((figures, _)) = figures {
                signal.figures = Some(figures);
                signal.figures_count += 1;
            }
        });
        true
    }

    fn keepalive(&self) -> Duration {
        Duration::from_millis(self.outlet.options.keepalive_ms)
    }

    fn figures_due(&self, state: &ChannelState, now: Instant, with_batch: bool) -> bool {
        let since = now.saturating_duration_since(state.figures_at);
        let watching = self.presence.watching();
        let change = watching.abs_diff(state.figures_watching);
        if now.saturating_duration_since(state.pinged_at) >= self.keepalive() {
            return true;
        }
        change > 0
            && match with_batch {
                true => since >= FIGURES_WITH_BATCH,
                false => since >= FIGURES_SMALL_CHANGE || (since >= FIGURES_ALONE && change > watching / 200),
            }
    }

    /// The figures as they are now.
    pub fn figures(&self) -> TextFrame {
        codec::encode(&ServerMessage::State(State {
            server_ms: (self.outlet.clock)(),
            watching: self.presence.watching(),
        }))
    }

    fn tell_joined(&self, state: &ChannelState, command: impl Fn() -> Command) {
        for (inbox, _) in self
            .outlet
            .inboxes
            .iter()
            .zip(&state.joined)
            .filter(|(_, joined)| **joined)
        {
            inbox.push(command());
        }
    }

    /// Begins publishing to a shard. `None` once the channel is closed.
    pub fn join(&self, shard: usize) -> Option<Joined> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        state.joined[shard] = true;
        state.ring.trim(Instant::now());
        let tail_seq = state.ring.tail_seq();
        Some(Joined {
            tail_seq,
            frames: state.ring.after_seq(tail_seq).cloned().collect(),
        })
    }

    /// Stops publishing to a shard.
    pub fn leave(&self, shard: usize) {
        self.lock().joined[shard] = false;
    }

    /// Somebody who negotiated compression is here from now on.
    pub fn deflating_enter(&self) {
        self.deflating.fetch_add(1, Ordering::AcqRel);
    }

    /// And no longer.
    pub fn deflating_leave(&self) {
        self.deflating.fetch_sub(1, Ordering::AcqRel);
    }

    /// Whether who knows all up to `since` may have the rest as it was sent.
    pub fn may_replay(&self, since: u64) -> bool {
        since >= self.replay_floor.load(Ordering::Acquire)
    }

    /// The same, unless it is so much that a view is better.
    pub fn may_resume(&self, since: u64) -> bool {
        let missed = || {
            self.lock()
                .ring
                .after_seq(since)
                .map(|frame| frame.text.frame().len())
                .sum::<usize>()
        };
        self.may_replay(since) && missed() <= self.outlet.options.resume_bytes_max
    }

    /// The view for who joins now: a recent one of at least `seq_min` with nothing removed since, or a new one.
    pub fn view(&self, seq_min: u64, deflated: bool) -> CurrentView {
        let options = &self.outlet.options;
        let mut state = self.lock();
        let usable = state.view.as_ref().filter(|view| {
            view.seq >= state.view_seq_min.max(seq_min)
                && view.behind <= options.view_behind_bytes_max
                && view.at.elapsed() < Duration::from_millis(options.view_age_ms_max)
        });
        let view = match usable {
            Some(view) => view.clone(),
            None => {
                metrics::counter!("hub_views_encoded").increment(1);
                let message = state
                    .fold
                    .message((self.outlet.clock)(), self.presence.watching());
                let view = EncodedView {
                    text: codec::encode(&message),
                    seq: state.fold.seq(),
                    at: Instant::now(),
                    behind: 0,
                    deflated: None,
                };
                state.view = Some(view.clone());
                view
            }
        };
        let deflated = deflated.then(|| {
            view.deflated.clone().unwrap_or_else(|| {
                let frame = deflate::alone(&view.text.json());
                if let Some(kept) = &mut state.view {
                    kept.deflated = Some(frame.clone());
                }
                frame
            })
        });
        CurrentView {
            text: view.text,
            seq: view.seq,
            deflated,
        }
    }

    /// Frames with anything after `seq`, at most `max`; `None` if the first of them is no longer kept.
    pub fn replay(&self, seq: u64, max: usize) -> Option<Vec<Arc<Frame>>> {
        let state = self.lock();
        (state.ring.tail_seq() <= seq).then(|| state.ring.after_seq(seq).take(max).cloned().collect())
    }

    /// What a stream waits for, and the part of an ending's window after which this one is to end.
    pub fn watch(&self) -> (watch::Receiver<Signal>, f64) {
        // Steps of the golden section spread any number of streams evenly.
        let number = self.streams.fetch_add(1, Ordering::Relaxed);
        (
            self.signal.subscribe(),
            (number as f64 * 0.618_033_988_75).fract(),
        )
    }

    /// Ends its streams evenly over the window.
    pub fn end_streams(&self, begun: Instant, window: Duration) {
        self.signal
            .send_modify(|signal| signal.ending = Some((begun, window)));
    }

    /// Closes both channels of a session unless a shard has joined one of them. `true` if they are closed.
    pub fn close_unused(public: &Self, backstage: &Self) -> bool {
        // The only place with two of these locks, always in this order.
        let (mut public_state, mut backstage_state) = (public.lock(), backstage.lock());
        let unused = !public_state.joined.contains(&true) && !backstage_state.joined.contains(&true);
        if unused {
            public_state.closed = true;
            backstage_state.closed = true;
            drop((public_state, backstage_state));
            public.ended();
            backstage.ended();
        }
        unused
    }

    /// Ends it whoever is there.
    pub fn close(&self) {
        self.lock().closed = true;
        self.ended();
    }

    fn ended(&self) {
        self.wake.notify_one();
        self.signal.send_modify(|signal| signal.closed = true);
    }

    fn lock(&self) -> MutexGuard<'_, ChannelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChannelState {
    /// Returns where a text last went out that is removed by the event, or 0.
    fn take_in(&mut self, event: &Logged, now: Instant) -> u64 {
        let mut shown_at = 0;
        match told(&event.event) {
            Told::Counts(counts) => {
                self.fold.count(event.seq, counts);
                self.gathering.count(event.seq, counts);
            }
            Told::What(what) => {
                self.fold.apply(event.seq, &what);
                if let What::PostRemoved { id, .. } = what.as_ref() {
                    self.view_seq_min = event.seq;
                    shown_at = self.texts.remove(id).unwrap_or(0);
                }
                if let What::ItemQueued { item } = what.as_ref()
                    && item.state != PostState::Held
                {
                    // Taken back or erased: no desk that comes back is given what it said before.
                    self.view_seq_min = event.seq;
                    shown_at = event.seq;
                }
                remember_texts(&mut self.texts, event.seq, &what);
                if self.texts.len() > self.texts_max {
                    let tail_seq = self.ring.tail_seq();
                    self.texts.retain(|_, seq| *seq > tail_seq);
                    self.texts_max = TEXTS_MIN.max(self.texts.len() * 2);
                }
                self.gathering.push(event.seq, *what, now);
            }
        }
        shown_at
    }
}

/// Notes where a text can be read in a replay.
fn remember_texts(texts: &mut HashMap<String, u64>, seq: u64, what: &What) {
    let id = match what {
        What::CommentPublished { comment } => comment.id.as_str(),
        What::QuestionPublished { question } => question.id.as_str(),
        What::SessionChanged { session } => match &session.stage {
            Some(stage) => stage.question.id.as_str(),
            None => return,
        },
        _ => return,
    };
    texts.insert(id.to_owned(), seq);
}

/// The last contiguous events up to `seq`, one frame each, without the text of what was removed later.
fn replayable(recent: &[Logged], seq: u64) -> Vec<Frame> {
    let mut expected = seq;
    let mut removed: Vec<(PostKind, &str)> = Vec::new();
    let mut frames = Vec::new();
    for event in recent.iter().rev() {
        if event.seq != expected || expected == 0 {
            break;
        }
        expected -= 1;
        let mut gathering = Gathering::after(event.seq - 1, u32::MAX, Instant::now());
        match told(&event.event) {
            Told::Counts(counts) => gathering.count(event.seq, counts),
            Told::What(mut what) => {
                if removed.iter().all(|(kind, id)| hide(&mut what, *kind, id)) {
                    gathering.push(event.seq, *what, Instant::now());
                } else {
                    gathering.count(event.seq, &[]);
                }
            }
        }
        if let Event::PostRemoved { kind, id } = &event.event {
            removed.push((*kind, id));
        }
        frames.extend(gathering.take(1));
    }
    frames.reverse();
    frames
}
