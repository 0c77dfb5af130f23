//! One person who writes, with an outbox as a browser has it: what is not acknowledged is sent again under the same ref.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::swarm::Tally;
use crate::talker::{Heard, Talker};
use crate::wire::{Follower, Kind, sentence};

/// What one person writes in a round; the server's table allows a guest four comments, three questions and thirty supports at once, and a
/// restart forgets what was counted. One comment of them is left for the repeat.
const COMMENTS_PER_ROUND: usize = 3;
const QUESTIONS_PER_ROUND: usize = 2;
const SUPPORTS_PER_ROUND: usize = 25;
/// Posts of one person and round.
pub const POSTS_PER_ROUND: usize = COMMENTS_PER_ROUND + QUESTIONS_PER_ROUND;
/// Milliseconds between two things one person does.
const PAUSE_MS: (u64, u64) = (5, 45);
/// Milliseconds until the next attempt to connect.
const AGAIN_MS: (u64, u64) = (10, 60);
/// How long to wait when a refusal names no time.
const RETRY_MS: u64 = 500;

/// What all writers share.
pub struct Room {
    server: SocketAddr,
    path: String,
    writing: AtomicBool,
    /// Questions acknowledged so far, to be supported.
    questions: Mutex<Vec<String>>,
}

/// A person.
pub struct Writer {
    pub index: usize,
    pub token: String,
    desk: Mutex<Desk>,
}

/// What a person has sent and heard.
#[derive(Debug, Default)]
struct Desk {
    round: usize,
    /// Written in this round.
    comments: usize,
    questions: usize,
    supports: usize,
    count: u64,
    outbox: BTreeMap<u64, Waiting>,
    /// Sent again although acknowledged: ref and the id that must come back.
    repeats: HashMap<String, Repeat>,
    /// Connected since the server was killed in this round.
    back: bool,
    sent: Sent,
    /// The newest comment and question that were acknowledged: ref and what is to come back when they are sent again.
    newest: BTreeMap<bool, (String, Repeat)>,
    follower: Follower,
    tally: Tally,
    counts: Counts,
}

#[derive(Debug, Clone)]
struct Repeat {
    message: Value,
    id: String,
    due: Option<Instant>,
}

/// Something on its way.
#[derive(Debug, Clone)]
struct Waiting {
    r#ref: String,
    message: Value,
    what: What,
    /// When to send it again, if the server asked to wait.
    due: Option<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Comment,
    Question,
    Support(String),
}

/// A post that was acknowledged.
#[derive(Debug, Clone)]
pub struct AckedPost {
    pub is_question: bool,
    pub r#ref: String,
    pub id: String,
}

/// What a person was told is stored.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub posts: Vec<AckedPost>,
    /// Refs ever sent, acknowledged or not.
    pub refs: BTreeSet<String>,
    pub supports: BTreeSet<String>,
}

/// Counts of one person.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    pub repeats: u64,
    pub repeats_wrong: u64,
    pub waits: u64,
    pub refused: u64,
    pub sequence_faults: u64,
    pub examples: Vec<String>,
}

impl Room {
    pub fn new(server: SocketAddr, path: String) -> Self {
        Self {
            server,
            path,
            writing: AtomicBool::new(false),
            questions: Mutex::default(),
        }
    }

    /// Everybody writes.
    pub fn begin_round(&self, people: &[Arc<Writer>]) {
        for writer in people {
            let mut desk = writer.desk();
            desk.round += 1;
            (desk.comments, desk.questions, desk.supports) = (0, 0, 0);
            desk.back = false;
        }
        self.writing.store(true, Ordering::Release);
    }

    /// Nothing new from now on; what is on its way is brought to its end.
    pub fn stop_writing(&self) {
        self.writing.store(false, Ordering::Release);
    }

    fn questions(&self) -> MutexGuard<'_, Vec<String>> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    pub fn new(index: usize, token: String) -> Self {
        Self {
            index,
            token,
            desk: Mutex::default(),
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts and supports acknowledged so far.
    pub fn acked(&self) -> u64 {
        let desk = self.desk();
        (desk.sent.posts.len() + desk.sent.supports.len()) as u64
    }

    /// Sent and not acknowledged.
    pub fn waiting(&self) -> usize {
        self.desk().outbox.len()
    }

    /// Back after the kill of `round`, and everything is acknowledged.
    pub fn is_settled(&self, round: usize) -> bool {
        let desk = self.desk();
        desk.round == round && desk.back && desk.outbox.is_empty() && desk.repeats.is_empty()
    }

    pub fn sent(&self) -> Sent {
        self.desk().sent.clone()
    }

    pub fn counts(&self) -> Counts {
        let desk = self.desk();
        let Tally {
            gaps,
            duplicates,
            reordered,
            broken,
            ..
        } = &desk.tally;
        Counts {
            sequence_faults: gaps + duplicates + reordered + broken,
            ..desk.counts.clone()
        }
    }
}

/// Writes until the program ends.
pub async fn write(writer: Arc<Writer>, room: Arc<Room>, mut chance: Chance) {
    loop {
        // Refusals of connections are what a restart looks like from outside.
        if let Ok(talker) = connect(&writer, &room).await {
            talk(&writer, &room, talker, &mut chance).await;
        }
        tokio::time::sleep(Duration::from_millis(chance.between(AGAIN_MS.0, AGAIN_MS.1))).await;
    }
}

async fn connect(writer: &Writer, room: &Room) -> anyhow::Result<Talker> {
    let follower = writer.desk().follower.clone();
    let mut talker = Talker::open(room.server, &room.path, &writer.token, &follower).await?;
    talker.welcomed(|kind| writer.desk().follow(kind)).await?;
    let again: Vec<Value> = writer.desk().on_connect(room.writing.load(Ordering::Acquire));
    for message in &again {
        talker.say(message).await?;
    }
    Ok(talker)
}

/// One connection, until it ends.
async fn talk(writer: &Writer, room: &Room, mut talker: Talker, chance: &mut Chance) {
    let pause = |chance: &mut Chance| {
        tokio::time::Instant::now() + Duration::from_millis(chance.between(PAUSE_MS.0, PAUSE_MS.1))
    };
    let mut next = pause(chance);
    loop {
        tokio::select! {
            heard = talker.hear() => {
                if let Heard::Gone(_) = heard {
                    return;
                }
                writer.desk().on_heard(heard, room);
            }
            () = tokio::time::sleep_until(next) => {
                next = pause(chance);
                let message = {
                    let mut desk = writer.desk();
                    match desk.due() {
                        Some(message) => Some(message),
                        None if room.writing.load(Ordering::Acquire) => desk.something(writer.index, room, chance),
                        None => None,
                    }
                };
                if let Some(message) = message
                    && talker.say(&message).await.is_err()
                {
                    return;
                }
            }
        }
    }
}

impl Desk {
    fn follow(&mut self, kind: Kind) {
        match kind {
            Kind::Batch { first, last } => drop(self.tally.step(self.follower.batch(first, last))),
            Kind::View { seq } => drop(self.tally.step(self.follower.view(seq))),
            Kind::State | Kind::Own => {}
            Kind::Unknown => self.tally.broken += 1,
        }
    }

    /// What a page does when it is connected again: everything unacknowledged once more, in order. And on purpose the newest comment and question
    /// that were acknowledged, which must change nothing.
    fn on_connect(&mut self, writing: bool) -> Vec<Value> {
        let mut again: Vec<Value> = self
            .outbox
            .values_mut()
            .map(|waiting| {
                waiting.due = None;
                waiting.message.clone()
            })
            .collect();
        if !writing && !self.back && self.round > 0 {
            self.back = true;
            for (name, repeat) in self.newest.values() {
                self.counts.repeats += 1;
                self.repeats.insert(name.clone(), repeat.clone());
                again.push(repeat.message.clone());
            }
        } else {
            again.extend(self.repeats.values_mut().map(|repeat| {
                repeat.due = None;
                repeat.message.clone()
            }));
        }
        again
    }

    /// Something that was asked to wait and has waited.
    fn due(&mut self) -> Option<Value> {
        let now = Instant::now();
        let waiting = self
            .outbox
            .values_mut()
            .map(|waiting| (&mut waiting.due, &waiting.message));
        let repeats = self
            .repeats
            .values_mut()
            .map(|repeat| (&mut repeat.due, &repeat.message));
        let (due, message) = waiting
            .chain(repeats)
            .find(|(due, _)| due.is_some_and(|due| due <= now))?;
        *due = None;
        Some(message.clone())
    }

    /// Something new, if the round allows more.
    fn something(&mut self, index: usize, room: &Room, chance: &mut Chance) -> Option<Value> {
        let kind = chance.between(0, 10);
        self.count += 1;
        let name = format!("crash-{index}-{}", self.count);
        let (what, message) = if kind < 2 && self.comments < COMMENTS_PER_ROUND {
            self.comments += 1;
            (
                What::Comment,
                json!({ "type": "comment", "ref": name, "body": body(self.count, &name) }),
            )
        } else if kind < 4 && self.questions < QUESTIONS_PER_ROUND {
            self.questions += 1;
            (
                What::Question,
                json!({ "type": "question", "ref": name, "body": body(self.count, &name) }),
            )
        } else if self.supports < SUPPORTS_PER_ROUND {
            let question = self.unsupported(room, chance)?;
            self.supports += 1;
            (
                What::Support(question.clone()),
                json!({ "type": "support", "ref": name, "question_id": question, "on": true }),
            )
        } else {
            return None;
        };
        if !matches!(what, What::Support(_)) {
            self.sent.refs.insert(name.clone());
        }
        self.outbox.insert(
            self.count,
            Waiting {
                r#ref: name,
                message: message.clone(),
                what,
                due: None,
            },
        );
        Some(message)
    }

    /// A question this person does not support yet, nor is about to.
    fn unsupported(&self, room: &Room, chance: &mut Chance) -> Option<String> {
        let questions = room.questions();
        let from = chance.between(0, questions.len() as u64) as usize;
        let all = questions.iter().cycle().skip(from).take(questions.len());
        let under_way = |id: &String| {
            self.outbox
                .values()
                .any(|waiting| waiting.what == What::Support(id.clone()))
        };
        all.take(50)
            .find(|id| !self.sent.supports.contains(*id) && !under_way(id))
            .cloned()
    }

    fn on_heard(&mut self, heard: Heard, room: &Room) {
        match heard {
            Heard::Ack { r#ref, id, state } => self.on_ack(&r#ref, id, &state, room),
            Heard::Refused {
                r#ref: Some(name),
                code,
                retry_after_ms,
            } => self.on_refused(&name, &code, retry_after_ms),
            Heard::Refused {
                r#ref: None, code, ..
            } => {
                self.counts.refused += 1;
                self.counts
                    .examples
                    .push(format!("refused without a ref: {code}"));
            }
            Heard::Channel(kind) => self.follow(kind),
            Heard::Welcome | Heard::Other | Heard::Gone(_) => {}
        }
    }

    fn on_ack(&mut self, name: &str, id: String, state: &str, room: &Room) {
        if let Some(repeat) = self.repeats.remove(name) {
            if repeat.id != id {
                self.counts.repeats_wrong += 1;
                self.counts
                    .examples
                    .push(format!("{name} was {} and is {id} when sent again", repeat.id));
            }
            return;
        }
        let Some(count) = self
            .outbox
            .iter()
            .find(|(_, waiting)| waiting.r#ref == name)
            .map(|(count, _)| *count)
        else {
            return;
        };
        let Some(waiting) = self.outbox.remove(&count) else {
            return;
        };
        match waiting.what {
            What::Support(question) => {
                self.sent.supports.insert(question);
            }
            what => {
                if state != "published" {
                    self.counts.refused += 1;
                    self.counts
                        .examples
                        .push(format!("{name} was acknowledged as `{state}`"));
                }
                let is_question = what == What::Question;
                if is_question {
                    room.questions().push(id.clone());
                }
                self.newest.insert(
                    is_question,
                    (
                        name.to_owned(),
                        Repeat {
                            message: waiting.message,
                            id: id.clone(),
                            due: None,
                        },
                    ),
                );
                self.sent.posts.push(AckedPost {
                    is_question,
                    r#ref: name.to_owned(),
                    id,
                });
            }
        }
    }

    fn on_refused(&mut self, name: &str, code: &str, retry_after_ms: Option<u64>) {
        let due = Some(Instant::now() + Duration::from_millis(retry_after_ms.unwrap_or(RETRY_MS)));
        if matches!(code, "rate_limited" | "unavailable") {
            self.counts.waits += 1;
            if let Some(repeat) = self.repeats.get_mut(name) {
                repeat.due = due;
            } else if let Some(waiting) = self.outbox.values_mut().find(|waiting| waiting.r#ref == name) {
                waiting.due = due;
            }
            return;
        }
        self.counts.refused += 1;
        self.counts.examples.push(format!("{name} was refused: {code}"));
        self.repeats.remove(name);
        self.outbox.retain(|_, waiting| waiting.r#ref != name);
    }
}

/// A text nobody else writes.
fn body(n: u64, name: &str) -> String {
    format!("{} ·{name}", sentence(n))
}
