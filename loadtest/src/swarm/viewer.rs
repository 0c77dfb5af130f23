//! One viewer: a socket, where it is in the channel, and the bytes of a frame that has not come whole.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;

use mio::net::TcpStream;
use socket2::{Domain, Protocol, Socket, Type};

use super::book::Book;
use super::manners;
use super::tally::Tally;
use crate::clock::now_us;
use crate::measure::Histogram;
use crate::wire::{self, Asking, Dialect, Follower, Handshake, Heard, Inflater, Kind, Opcode, Spot, Step};

/// A half frame larger than this is a view; its memory is given back when it is whole.
const REST_BYTES_KEPT: usize = 4 * 1024;

/// A viewer and its connection, if it has one.
#[derive(Debug, Default)]
pub struct Viewer {
    pub stream: Option<TcpStream>,
    pub phase: Phase,
    pub follower: Follower,
    /// When this attempt began, microseconds since 1970.
    pub begun_us: u64,
    /// When the last connection was lost, if one was.
    pub lost_us: Option<u64>,
    /// When the first message of this connection came.
    pub live_us: u64,
    /// The reason the server gave when it sent this viewer away, until it has been acted on.
    pub sent_away: Option<String>,
    /// Attempts since a connection held.
    pub attempt: u32,
    /// It does not read its socket; what comes stays in the system.
    pub stalled: bool,
    /// It was not yet at the number asked for since it was last told to come or to read again.
    pub levelling: bool,
    rest: Vec<u8>,
    /// What of a stream inside the frames has not come whole.
    carry: Vec<u8>,
    /// The server took the offer of compression.
    deflate: bool,
    /// Where it is among compressed messages.
    spot: Option<Rc<Spot>>,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    #[default]
    Away,
    Connecting,
    Asking,
    /// Open, nothing heard yet.
    Open,
    Live,
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Stays,
    Gone,
}

/// What all viewers of a process share while one of them reads.
pub struct Desk<'a> {
    pub buffer: &'a mut [u8],
    pub tally: &'a mut Tally,
    pub book: &'a mut Book,
    pub latency: &'a mut Histogram,
    /// Connect to first message.
    pub joined: &'a mut Histogram,
    /// Order to first message.
    pub live: &'a mut Histogram,
    /// Loss of a connection to the first message of the next.
    pub away: &'a mut Histogram,
    /// When handshakes were answered, and when the server sent viewers away.
    pub came_us: &'a mut Vec<u64>,
    pub sent_away_us: &'a mut Vec<u64>,
    pub ordered_us: u64,
    pub host: &'a str,
    pub path: &'a str,
    pub dialect: Dialect,
    /// Offers compression.
    pub deflate: bool,
    /// Says who it is when the connection is open.
    pub hello: Option<&'a [u8]>,
    pub inflater: &'a mut Inflater,
}

/// Begins to connect from an address of this machine.
pub fn connect(server: SocketAddr, from: Ipv4Addr, receive_bytes: Option<usize>) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if let Some(bytes) = receive_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    if server.ip().is_loopback() && server.is_ipv4() {
        socket.bind(&SocketAddrV4::new(from, 0).into())?;
    }
    match socket.connect(&server.into()) {
        Ok(()) => {}
        Err(error)
            if error.raw_os_error() == Some(EINPROGRESS) || error.kind() == io::ErrorKind::WouldBlock => {}
        Err(error) => return Err(error),
    }
    Ok(TcpStream::from_std(socket.into()))
}

/// "Operation now in progress" on Linux; the standard library has no name for it.
const EINPROGRESS: i32 = 115;

impl Viewer {
    /// The socket can be written to for the first time: it is connected, or it failed.
    pub fn on_writable(&mut self, desk: &mut Desk<'_>) -> After {
        if self.phase != Phase::Connecting {
            return After::Stays;
        }
        let Some(stream) = &mut self.stream else {
            return After::Gone;
        };
        if stream.take_error().ok().flatten().is_some() || stream.peer_addr().is_err() {
            desk.tally.failed += 1;
            return After::Gone;
        }
        let request = if wire::events::is_events(desk.path) {
            wire::events::request(desk.host, desk.path, self.follower.seq())
        } else {
            let asking = Asking {
                since: self.follower.seq(),
                deflate: desk.deflate,
            };
            wire::request(desk.host, desk.path, asking)
        };
        // The first bytes of a connection always find room.
        if stream
            .write(&request)
            .is_ok_and(|written| written == request.len())
        {
            self.phase = Phase::Asking;
            After::Stays
        } else {
            desk.tally.failed += 1;
            After::Gone
        }
    }

    /// Reads all there is. `to_the_end` if the other side has closed: then the end is behind the bytes and no event of its own.
    pub fn on_readable(&mut self, desk: &mut Desk<'_>, to_the_end: bool) -> After {
        loop {
            let Some(stream) = &mut self.stream else {
                return After::Gone;
            };
            match stream.read(desk.buffer) {
                Ok(0) => return self.ended(desk),
                Ok(len) => {
                    desk.tally.bytes += len as u64;
                    if self.take_in(len, desk) == After::Gone {
                        return After::Gone;
                    }
                    // A short read emptied the socket: what comes now is a new event.
                    if len < desk.buffer.len() && !to_the_end {
                        return After::Stays;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return After::Stays,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.ended(desk),
            }
        }
    }

    /// Forgets the connection, keeps the place in the channel.
    pub fn leave(&mut self) {
        self.stream = None;
        self.phase = Phase::Away;
        self.rest = Vec::new();
        self.carry = Vec::new();
        self.spot = None;
    }

    fn ended(&self, desk: &mut Desk<'_>) -> After {
        match self.phase {
            Phase::Connecting | Phase::Asking => desk.tally.failed += 1,
            Phase::Away | Phase::Open | Phase::Live => {}
        }
        After::Gone
    }

    fn take_in(&mut self, len: usize, desk: &mut Desk<'_>) -> After {
        if self.rest.is_empty() {
            let buffer = std::mem::take(&mut desk.buffer);
            let (used, after) = self.read_all(&buffer[..len], desk);
            if after == After::Stays {
                self.rest.extend_from_slice(&buffer[used..len]);
            }
            desk.buffer = buffer;
            return after;
        }
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(&desk.buffer[..len]);
        let (used, after) = self.read_all(&rest, desk);
        rest.drain(..used);
        if rest.is_empty() || rest.len() < REST_BYTES_KEPT {
            rest.shrink_to(REST_BYTES_KEPT.min(rest.len()));
        }
        self.rest = rest;
        after
    }

    /// Reads whole frames; gives back how many bytes they had.
    fn read_all(&mut self, bytes: &[u8], desk: &mut Desk<'_>) -> (usize, After) {
        let mut at = 0;
        let events = wire::events::is_events(desk.path);
        if self.phase == Phase::Asking {
            let answered = if events {
                wire::events::answered(bytes)
            } else {
                wire::answered(bytes)
            };
            match answered {
                Handshake::Waiting => return (0, After::Stays),
                Handshake::Open { len, deflate } => {
                    at = len;
                    self.deflate = deflate;
                    self.phase = Phase::Open;
                    desk.tally.opened += 1;
                    desk.came_us.push(now_us());
                    let greeting = desk.dialect.greeting();
                    for said in [&greeting, desk.hello.unwrap_or_default()] {
                        if !said.is_empty() && self.say(said, desk) == After::Gone {
                            return (at, After::Gone);
                        }
                    }
                    if !desk.dialect.begins_with_view() {
                        self.is_live(now_us(), desk);
                    }
                }
                Handshake::Refused(status) => {
                    desk.tally.failed += 1;
                    desk.tally.closed(format!("http {status}"));
                    return (0, After::Gone);
                }
            }
        }
        if events {
            while let Some((data, len)) = wire::events::event(&bytes[at..]) {
                at += len;
                if let Some(text) = data {
                    self.on_text(text, desk);
                }
            }
            return (at, After::Stays);
        }
        loop {
            match wire::frame(&bytes[at..]) {
                Ok(None) => return (at, After::Stays),
                Ok(Some(frame)) => {
                    at += frame.len;
                    let after = match frame.opcode {
                        Opcode::Binary if !desk.dialect.is_binary() => {
                            desk.tally.broken += 1;
                            After::Gone
                        }
                        Opcode::Text | Opcode::Binary if frame.deflated => {
                            self.on_deflated(frame.payload, frame.len, desk)
                        }
                        Opcode::Text | Opcode::Binary => {
                            desk.tally.framed_bytes += frame.len as u64;
                            desk.tally.plain_bytes += frame.len as u64;
                            self.on_data(frame.payload, desk)
                        }
                        Opcode::Ping => self.say(&wire::masked(0x8A, frame.payload), desk),
                        Opcode::Pong => After::Stays,
                        Opcode::Close => self.on_close(frame.payload, desk),
                    };
                    if after == After::Gone {
                        return (at, After::Gone);
                    }
                }
                Err(_) => {
                    desk.tally.broken += 1;
                    return (at, After::Gone);
                }
            }
        }
    }

    fn on_deflated(&mut self, payload: &[u8], framed_len: usize, desk: &mut Desk<'_>) -> After {
        let read = desk
            .inflater
            .read(self.spot.as_deref(), payload)
            .filter(|_| self.deflate);
        let Some(next) = read else {
            desk.tally.broken += 1;
            return After::Gone;
        };
        desk.tally.deflated += 1;
        desk.tally.framed_bytes += framed_len as u64;
        desk.tally.plain_bytes += wire::framed_len(next.text().len()) as u64;
        let after = self.on_data(next.text(), desk);
        self.spot = Some(next);
        after
    }

    fn on_data(&mut self, data: &[u8], desk: &mut Desk<'_>) -> After {
        let mut carry = std::mem::take(&mut self.carry);
        let mut after = After::Stays;
        desk.dialect.hear(data, &mut carry, |heard| match heard {
            Heard::Message(text) => self.on_text(text, desk),
            Heard::Answer(frame) => after = self.say(frame, desk),
        });
        self.carry = carry;
        after
    }

    fn is_live(&mut self, now_us: u64, desk: &mut Desk<'_>) {
        self.phase = Phase::Live;
        self.live_us = now_us;
        if let Some(lost_us) = self.lost_us.take() {
            desk.away.add(now_us.saturating_sub(lost_us));
        }
        desk.joined.add(now_us.saturating_sub(self.begun_us));
        desk.live.add(now_us.saturating_sub(desk.ordered_us));
    }

    fn on_text(&mut self, text: &[u8], desk: &mut Desk<'_>) {
        let kind = wire::kind(text);
        let now_us = now_us();
        if self.phase == Phase::Open {
            self.is_live(now_us, desk);
        }
        match kind {
            Kind::Batch { first, last } => {
                // Where no view comes, the first number heard is where following begins.
                if !desk.dialect.begins_with_view() && self.follower.seq().is_none() {
                    self.follower.view(first.saturating_sub(1));
                }
                let step = self.follower.batch(first, last);
                if let Some(after) = desk.tally.step(step) {
                    desk.tally.comments += desk.book.note((first, last), text, after, now_us, desk.latency);
                }
            }
            Kind::View { seq } => {
                desk.tally.views += 1;
                desk.book.note_view(seq, text);
                desk.tally.views_again += u64::from(self.follower.seq().is_some());
                if self.follower.view(seq) == Step::Backwards {
                    desk.tally.reordered += 1;
                }
            }
            Kind::State => desk.tally.states += 1,
            Kind::Own => {}
            Kind::Unknown => desk.tally.broken += 1,
        }
    }

    fn on_close(&mut self, payload: &[u8], desk: &mut Desk<'_>) -> After {
        let code = payload
            .get(..2)
            .map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
        desk.tally.closed(code.to_string());
        if code == manners::GOING_AWAY {
            let reason = payload.get(2..).unwrap_or_default();
            self.sent_away = Some(String::from_utf8_lossy(reason).into_owned());
            desk.sent_away_us.push(now_us());
        }
        self.say(&wire::masked(0x88, payload), desk);
        After::Gone
    }

    fn say(&mut self, bytes: &[u8], desk: &mut Desk<'_>) -> After {
        let Some(stream) = &mut self.stream else {
            return After::Gone;
        };
        desk.tally.pings += u64::from(bytes[0] == 0x8A);
        // Some bytes a minute; a socket without room for them is not being read by the server.
        if stream.write(bytes).is_ok_and(|written| written == bytes.len()) {
            After::Stays
        } else {
            After::Gone
        }
    }
}
