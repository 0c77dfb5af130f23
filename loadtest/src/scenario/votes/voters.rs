//! Thousands of people who vote, on one thread: raw sockets on epoll like the viewers', so that little of the machine is the client's.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::Value;

use super::plan::{Fate, Plan, place_of, write_ref};
use crate::measure::Histogram;
use crate::swarm::connect;
use crate::wire::{self, Handshake, Kind, Opcode};

/// Bytes read at once, into a buffer all voters share.
const READ_BYTES: usize = 256 * 1024;
const EVENTS_MAX: usize = 4_096;
/// Pause between two looks at the sockets, as the viewers make it: a client that must be woken is paid for by the server.
const LOOK_EVERY: Duration = Duration::from_micros(500);
/// Handshakes under way at once.
const CONNECTING_MAX: usize = 256;
/// Addresses 127.0.79.1 to .200: each has ports of its own.
const SOURCES: usize = 200;

/// How fast votes are sent.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// So many a second, whether they are answered or not. Answers are timed from when a vote was due.
    PerSecond(f64),
    /// So many may wait for their answer.
    InFlight(usize),
}

/// What a stretch of votes was like.
#[derive(Debug, Default)]
pub struct Stretch {
    pub sent: u64,
    pub acknowledged: u64,
    /// From when it was due to its answer.
    pub answers: Histogram,
    /// Until the last was sent.
    pub sending_s: f64,
    /// Until the last was answered.
    pub answered_s: f64,
    pub refused: BTreeMap<String, u64>,
}

/// Everybody who votes, and the votes.
pub struct Voters {
    poll: Poll,
    server: SocketAddr,
    host: String,
    path: String,
    people: Vec<Voter>,
    question_ids: Vec<String>,
    pub plan: Plan,
    due: Vec<Instant>,
    waiting: usize,
    stretch: Stretch,
    buffer: Vec<u8>,
    pub broken: u64,
    pub lost: u64,
    pub closed: BTreeMap<String, u64>,
}

struct Voter {
    token: String,
    stream: Option<TcpStream>,
    phase: Phase,
    rest: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Away,
    Connecting,
    Asking,
    Greeting,
    Here,
}

impl Voters {
    pub fn new(
        server: SocketAddr,
        path: String,
        tokens: Vec<String>,
        question_ids: Vec<String>,
        plan: Plan,
    ) -> anyhow::Result<Self> {
        let people = tokens
            .into_iter()
            .map(|token| Voter {
                token,
                stream: None,
                phase: Phase::Away,
                rest: Vec::new(),
            })
            .collect();
        Ok(Self {
            poll: Poll::new()?,
            server,
            host: server.to_string(),
            path,
            people,
            question_ids,
            due: vec![Instant::now(); plan.votes.len()],
            plan,
            waiting: 0,
            stretch: Stretch::default(),
            buffer: vec![0; READ_BYTES],
            broken: 0,
            lost: 0,
            closed: BTreeMap::new(),
        })
    }

    /// Connects and greets everybody who is away.
    pub fn come(&mut self, within: Duration) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let mut next = 0;
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            let under_way = self.people[..next]
                .iter()
                .filter(|voter| voter.phase != Phase::Here)
                .count();
            if under_way == 0 && next == self.people.len() {
                return Ok(begun.elapsed());
            }
            for _ in under_way..CONNECTING_MAX {
                while self
                    .people
                    .get(next)
                    .is_some_and(|voter| voter.phase == Phase::Here)
                {
                    next += 1;
                }
                if next == self.people.len() {
                    break;
                }
                self.connect(next)?;
                next += 1;
            }
            if begun.elapsed() > within {
                bail!(
                    "{under_way} voters could not connect and greet in {} s: {:?}",
                    within.as_secs(),
                    self.closed
                );
            }
            self.look(&mut events)?;
        }
    }

    /// Sends a range of the plan and waits for the answers, for the last of them at most `within`.
    pub fn vote(
        &mut self,
        range: Range<usize>,
        pace: Pace,
        within: Duration,
        mut tell: impl FnMut(u64, &Stretch),
    ) -> anyhow::Result<Stretch> {
        let end = range.end;
        self.send_until(range, pace, None, &mut tell)?;
        let sent = Instant::now();
        let mut events = Events::with_capacity(EVENTS_MAX);
        while self.waiting > 0 && sent.elapsed() < within {
            self.look(&mut events)?;
        }
        self.stretch.answered_s = self.stretch.sending_s + sent.elapsed().as_secs_f64();
        if self.waiting > 0 {
            bail!(
                "{} votes before the {end}th have no answer; closed: {:?}",
                self.waiting,
                self.closed
            );
        }
        Ok(std::mem::take(&mut self.stretch))
    }

    /// Sends until a moment and forgets who waits: the server is about to be killed.
    pub fn vote_until(&mut self, range: Range<usize>, pace: Pace, until: Instant) -> anyhow::Result<()> {
        self.send_until(range, pace, Some(until), &mut |_, _| ())
    }

    /// Takes in what the server still sent before it died, and lets everybody be away.
    pub fn all_lost(&mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(1) {
            self.look(&mut events)?;
        }
        for voter in &mut self.people {
            (voter.stream, voter.phase) = (None, Phase::Away);
            voter.rest.clear();
        }
        (self.waiting, self.lost) = (0, 0);
        Ok(())
    }

    /// Sends again, under the same refs, what has no answer; as a page does when it is connected again.
    pub fn repeat_unanswered(&mut self, within: Duration) -> anyhow::Result<u64> {
        let unanswered: Vec<usize> = (0..self.plan.votes.len())
            .filter(|&at| self.plan.fates[at] == Fate::Sent)
            .collect();
        for &place in &unanswered {
            self.say(place, Instant::now())?;
        }
        let begun = Instant::now();
        let mut events = Events::with_capacity(EVENTS_MAX);
        while self.waiting > 0 {
            anyhow::ensure!(
                begun.elapsed() < within,
                "{} repeated votes have no answer",
                self.waiting
            );
            self.look(&mut events)?;
        }
        Ok(unanswered.len() as u64)
    }

    fn send_until(
        &mut self,
        range: Range<usize>,
        pace: Pace,
        until: Option<Instant>,
        tell: &mut impl FnMut(u64, &Stretch),
    ) -> anyhow::Result<()> {
        self.stretch = Stretch::default();
        let begun = Instant::now();
        let mut events = Events::with_capacity(EVENTS_MAX);
        let mut next = range.start;
        while next < range.end && until.is_none_or(|until| Instant::now() < until) {
            let ready = match pace {
                Pace::PerSecond(rate) => (begun.elapsed().as_secs_f64() * rate) as usize + range.start + 1,
                Pace::InFlight(most) => next + most.saturating_sub(self.waiting),
            };
            while next < ready.min(range.end) {
                let due = match pace {
                    Pace::PerSecond(rate) => {
                        begun + Duration::from_secs_f64((next - range.start) as f64 / rate)
                    }
                    Pace::InFlight(_) => Instant::now(),
                };
                self.say(next, due)?;
                next += 1;
            }
            self.look(&mut events)?;
            tell(begun.elapsed().as_secs(), &self.stretch);
        }
        self.stretch.sending_s = begun.elapsed().as_secs_f64();
        Ok(())
    }

    fn say(&mut self, place: usize, due: Instant) -> anyhow::Result<()> {
        let vote = self.plan.votes[place];
        let mut message = Vec::with_capacity(128);
        message.extend_from_slice(&[0x81, 0, 0, 0, 0, 0]);
        message.extend_from_slice(br#"{"type":"support","ref":""#);
        write_ref(&mut message, place);
        message.extend_from_slice(br#"","question_id":""#);
        message.extend_from_slice(self.question_ids[usize::from(vote.question)].as_bytes());
        message.extend_from_slice(if vote.on {
            br#"","on":true}"#
        } else {
            br#"","on":false}"#
        });
        message[1] = 0x80
            | u8::try_from(message.len() - 6)
                .ok()
                .filter(|len| *len < 126)
                .context("a vote is short")?;
        self.due[place] = due;
        self.plan.fates[place] = Fate::Sent;
        self.waiting += 1;
        self.stretch.sent += 1;
        let voter = &mut self.people[vote.voter as usize];
        let written = voter.stream.as_mut().map(|stream| stream.write(&message));
        // In the variant with a kill the connection may be gone; a message cut in the middle would be a fault of this program.
        match written {
            Some(Ok(len)) if len < message.len() => bail!("a voter's socket is full"),
            Some(Err(error)) if error.kind() == ErrorKind::WouldBlock => bail!("a voter's socket is full"),
            _ => Ok(()),
        }
    }

    fn connect(&mut self, index: usize) -> anyhow::Result<()> {
        let from = Ipv4Addr::new(127, 0, 79, (index % SOURCES) as u8 + 1);
        let mut stream = connect(self.server, from, None).context("a voter could not connect")?;
        self.poll
            .registry()
            .register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        let voter = &mut self.people[index];
        (voter.stream, voter.phase) = (Some(stream), Phase::Connecting);
        Ok(())
    }

    /// One look at all sockets, and a pause.
    fn look(&mut self, events: &mut Events) -> anyhow::Result<()> {
        let begun = Instant::now();
        self.poll.poll(events, Some(Duration::ZERO))?;
        let mut buffer = std::mem::take(&mut self.buffer);
        for event in &*events {
            let index = event.token().0;
            if self.people[index].phase == Phase::Connecting && event.is_writable() {
                let request = wire::request(&self.host, &self.path, wire::Asking::default());
                let voter = &mut self.people[index];
                voter.phase = Phase::Asking;
                let written = voter.stream.as_mut().map(|stream| stream.write(&request));
                anyhow::ensure!(
                    matches!(written, Some(Ok(len)) if len == request.len()),
                    "a voter could not connect"
                );
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.read(index, &mut buffer);
            }
        }
        self.buffer = buffer;
        std::thread::sleep(LOOK_EVERY.saturating_sub(begun.elapsed()));
        Ok(())
    }

    fn read(&mut self, index: usize, buffer: &mut [u8]) {
        loop {
            let Some(stream) = &mut self.people[index].stream else {
                return;
            };
            match stream.read(buffer) {
                Ok(0) => return self.gone(index, "ended"),
                Ok(len) => {
                    let mut rest = std::mem::take(&mut self.people[index].rest);
                    if rest.is_empty() {
                        let used = self.take_in(index, &buffer[..len]);
                        rest.extend_from_slice(&buffer[used..len]);
                    } else {
                        rest.extend_from_slice(&buffer[..len]);
                        let used = self.take_in(index, &rest);
                        rest.drain(..used);
                    }
                    if rest.is_empty() {
                        rest = Vec::new();
                    }
                    self.people[index].rest = rest;
                    // A short read emptied the socket: what comes now is a new event.
                    if len < buffer.len() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.gone(index, "broken off"),
            }
        }
    }

    fn gone(&mut self, index: usize, why: &str) {
        let voter = &mut self.people[index];
        (voter.stream, voter.phase) = (None, Phase::Away);
        self.lost += 1;
        *self.closed.entry(why.to_owned()).or_default() += 1;
    }

    /// Reads whole frames; gives back how many bytes they had.
    fn take_in(&mut self, index: usize, bytes: &[u8]) -> usize {
        let mut at = 0;
        if self.people[index].phase == Phase::Asking {
            match wire::answered(bytes) {
                Handshake::Waiting => return 0,
                Handshake::Open { len, .. } => {
                    at = len;
                    self.greet(index);
                }
                Handshake::Refused(status) => {
                    self.gone(index, &format!("http {status}"));
                    return bytes.len();
                }
            }
        }
        loop {
            match wire::frame(&bytes[at..]) {
                Ok(None) => return at,
                Ok(Some(frame)) => {
                    at += frame.len;
                    match frame.opcode {
                        Opcode::Text => self.on_text(index, frame.payload),
                        Opcode::Ping => {
                            let pong = wire::masked(0x8A, frame.payload);
                            if let Some(stream) = &mut self.people[index].stream {
                                // A socket without room for it is found lost by the server.
                                let _ = stream.write(&pong);
                            }
                        }
                        // Binary is nothing this server says.
                        Opcode::Binary | Opcode::Pong => {}
                        Opcode::Close => {
                            let code = frame
                                .payload
                                .get(..2)
                                .map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
                            self.gone(index, &code.to_string());
                            return bytes.len();
                        }
                    }
                }
                Err(_) => {
                    self.broken += 1;
                    self.gone(index, "not understood");
                    return bytes.len();
                }
            }
        }
    }

    fn greet(&mut self, index: usize) {
        let voter = &mut self.people[index];
        voter.phase = Phase::Greeting;
        let message = wire::hello(&voter.token);
        if let Some(stream) = &mut voter.stream {
            // The first bytes of a connection find room; who is not answered is reported by `come`.
            let _ = stream.write(&message);
        }
    }

    fn on_text(&mut self, index: usize, text: &[u8]) {
        if let Some(rest) = text.strip_prefix(br#"{"type":"ack","ref":""#) {
            match place_of(rest) {
                Some(place) if place < self.due.len() => self.acknowledged(place),
                _ => self.broken += 1,
            }
            return;
        }
        if wire::kind(text) != Kind::Own {
            return;
        }
        let message: Value = serde_json::from_slice(text).unwrap_or_default();
        match message["type"].as_str() {
            Some("welcome") => self.people[index].phase = Phase::Here,
            Some("error") => {
                let code = message["code"].as_str().unwrap_or("-").to_owned();
                match message["ref"].as_str().and_then(|name| place_of(name.as_bytes())) {
                    Some(place) if self.plan.fates[place] == Fate::Sent => {
                        self.plan.fates[place] = Fate::Refused;
                        self.waiting -= 1;
                    }
                    _ => self.broken += 1,
                }
                *self.stretch.refused.entry(code).or_default() += 1;
            }
            _ => {}
        }
    }

    fn acknowledged(&mut self, place: usize) {
        if self.plan.fates[place] != Fate::Sent {
            self.broken += 1;
            return;
        }
        self.plan.fates[place] = Fate::Acknowledged;
        self.waiting -= 1;
        self.stretch.acknowledged += 1;
        self.stretch
            .answers
            .add(u64::try_from(self.due[place].elapsed().as_micros()).unwrap_or(u64::MAX));
    }
}
