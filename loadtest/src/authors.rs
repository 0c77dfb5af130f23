//! People who comment at a steady rate, over the same door as everybody: hello, comment, ack.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::clock::now_us;
use crate::measure::Histogram;
use crate::swarm::Tally;
use crate::talker::{Heard, Talker};
use crate::wire::{Follower, Kind, Stamp, question_text};

/// Comments a guest may write a minute by the server's table, less a tenth for chance.
const COMMENTS_PER_MINUTE: f64 = 9.0;
/// Comments that may wait at one author; more mean that the server answers nothing.
const WAITING_MAX: usize = 8;
/// Authors that connect at once.
const CONNECTING_MAX: usize = 32;

/// What an author is told to send.
#[derive(Debug, Clone)]
enum Say {
    Comment(u64),
    Question(u64),
    Support(String),
}

/// How many authors a rate needs.
pub fn authors_for(comments_per_s: f64) -> usize {
    ((comments_per_s * 60.0 / COMMENTS_PER_MINUTE).ceil() as usize).max(1)
}

/// What became of what was sent.
#[derive(Debug, Clone, Default)]
pub struct Published {
    pub sent: u64,
    /// Handed to authors, and answered in one way or another.
    queued: u64,
    answered: u64,
    /// Numbers acknowledged as published.
    pub acked: Vec<u64>,
    /// Acknowledged, but not published.
    pub not_published: u64,
    pub refused: BTreeMap<String, u64>,
    /// Comments that had to wait because their author was busy, and were left out.
    pub skipped: u64,
    /// Sent to acknowledged.
    pub ack: Histogram,
    /// Questions acknowledged, wherever they stand: how many.
    pub questions: u64,
    /// Supports acknowledged: author and question.
    pub supports: BTreeSet<(usize, String)>,
    /// What authors saw as viewers.
    pub tally: Tally,
    /// The last number of the channel an author was told.
    pub head: u64,
    /// Connections lost, with the reason.
    pub lost: BTreeMap<String, u64>,
}

/// The authors of a run.
pub struct Authors {
    lines: Vec<mpsc::Sender<Say>>,
    published: Arc<Mutex<Published>>,
    next: u64,
    _tasks: JoinSet<()>,
}

impl Authors {
    /// Connects one author per token.
    pub async fn connect(server: SocketAddr, path: &str, tokens: &[String]) -> anyhow::Result<Self> {
        let published = Arc::new(Mutex::new(Published::default()));
        let mut tasks = JoinSet::new();
        let mut lines = Vec::with_capacity(tokens.len());
        for some in tokens.chunks(CONNECTING_MAX) {
            let mut opening = JoinSet::new();
            for token in some {
                let (path, token) = (path.to_owned(), token.clone());
                opening.spawn(async move {
                    let mut follower = Follower::default();
                    let mut tally = Tally::default();
                    let mut talker = Talker::open(server, &path, &token, &follower).await?;
                    talker
                        .welcomed(|kind| follow(kind, &mut follower, &mut tally))
                        .await?;
                    anyhow::Ok((talker, follower))
                });
            }
            while let Some(opened) = opening.join_next().await {
                let (talker, follower) = opened??;
                let (send, line) = mpsc::channel(WAITING_MAX);
                tasks.spawn(write(lines.len(), talker, follower, line, published.clone()));
                lines.push(send);
            }
        }
        Ok(Self {
            lines,
            published,
            next: 0,
            _tasks: tasks,
        })
    }

    /// Publishes `rate` comments a second for some time, each at its own moment whatever became of the one before.
    pub async fn publish(&mut self, rate: f64, length: Duration) {
        let begun = Instant::now();
        let count = (rate * length.as_secs_f64()).round() as u64;
        for at in 0..count {
            let due = begun + Duration::from_secs_f64(at as f64 / rate);
            tokio::time::sleep_until(due.into()).await;
            self.comment();
        }
    }

    /// Has the next author write the next comment, now.
    pub fn comment(&mut self) {
        let author = (self.next % self.lines.len() as u64) as usize;
        if !self.say(author, Say::Comment(self.next)) {
            locked(&self.published).skipped += 1;
        }
        self.next += 1;
    }

    /// Has an author ask a question with a number of its own. `false` if there is none that has time.
    pub fn ask(&self, author: usize, number: u64) -> bool {
        self.say(author, Say::Question(number))
    }

    /// Has an author support a question.
    pub fn support(&self, author: usize, question: &str) -> bool {
        self.say(author, Say::Support(question.to_owned()))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    fn say(&self, author: usize, what: Say) -> bool {
        let taken = self.lines[author % self.lines.len()].try_send(what).is_ok();
        locked(&self.published).queued += u64::from(taken);
        taken
    }

    /// Waits until everything sent was answered, at most `within`.
    pub async fn settle(&self, within: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < within {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let published = locked(&self.published);
            if published.answered >= published.queued {
                return;
            }
        }
    }

    /// What became of everything so far.
    pub fn published(&self) -> Published {
        locked(&self.published).clone()
    }

    /// Begins counting anew.
    pub fn reset(&mut self) {
        let mut published = locked(&self.published);
        *published = Published {
            queued: published.queued.saturating_sub(published.answered),
            ..Published::default()
        };
    }

    /// The number the next comment will have.
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// Goes on counting where other authors stopped.
    pub fn count_from(&mut self, number: u64) {
        self.next = number;
    }
}

fn locked(published: &Mutex<Published>) -> MutexGuard<'_, Published> {
    published.lock().unwrap_or_else(PoisonError::into_inner)
}

fn follow(kind: Kind, follower: &mut Follower, tally: &mut Tally) {
    match kind {
        Kind::Batch { first, last } => drop(tally.step(follower.batch(first, last))),
        Kind::View { seq } => drop(tally.step(follower.view(seq))),
        Kind::State | Kind::Own => {}
        Kind::Unknown => tally.broken += 1,
    }
}

async fn write(
    author: usize,
    mut talker: Talker,
    mut follower: Follower,
    mut line: mpsc::Receiver<Say>,
    published: Arc<Mutex<Published>>,
) {
    let mut waiting: HashMap<String, (Say, Instant)> = HashMap::new();
    let mut supports: u64 = 0;
    loop {
        tokio::select! {
            what = line.recv() => {
                let Some(what) = what else { return };
                let (name, message) = match &what {
                    Say::Comment(number) => {
                        let name = format!("loadtest-{number}");
                        let body = Stamp::new(*number, now_us()).text();
                        let message = json!({ "type": "comment", "ref": name, "body": body });
                        (name, message)
                    }
                    Say::Question(number) => {
                        let name = format!("loadtest-q-{number}");
                        let message = json!({ "type": "question", "ref": name, "body": question_text(*number) });
                        (name, message)
                    }
                    Say::Support(question) => {
                        supports += 1;
                        let name = format!("loadtest-s-{supports}");
                        let message = json!({ "type": "support", "ref": name, "question_id": question, "on": true });
                        (name, message)
                    }
                };
                waiting.insert(name, (what, Instant::now()));
                locked(&published).sent += 1;
                if let Err(error) = talker.say(&message).await {
                    *locked(&published).lost.entry(error.to_string()).or_default() += 1;
                    return;
                }
            }
            heard = talker.hear() => {
                let mut published = locked(&published);
                match heard {
                    Heard::Ack { r#ref, state, .. } => {
                        let Some((what, sent)) = waiting.remove(&r#ref) else { continue };
                        published.answered += 1;
                        match what {
                            Say::Comment(number) => {
                                published.ack.add(sent.elapsed().as_micros() as u64);
                                if state == "published" { published.acked.push(number) } else { published.not_published += 1 }
                            }
                            Say::Question(_) => published.questions += 1,
                            Say::Support(question) => drop(published.supports.insert((author, question))),
                        }
                    }
                    Heard::Refused { code, r#ref, .. } => {
                        let known = r#ref.and_then(|name| waiting.remove(&name));
                        published.answered += u64::from(known.is_some());
                        *published.refused.entry(code).or_default() += 1;
                    }
                    Heard::Channel(kind) => {
                        follow(kind, &mut follower, &mut published.tally);
                        published.head = published.head.max(follower.seq().unwrap_or(0));
                    }
                    Heard::Gone(why) => {
                        *published.lost.entry(why).or_default() += 1;
                        return;
                    }
                    Heard::Welcome | Heard::Other => {}
                }
            }
        }
    }
}
