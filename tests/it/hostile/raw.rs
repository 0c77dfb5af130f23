//! A socket that says whatever bytes it is given, and reads what comes without any library's opinion.

use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use yishiting::domain::ids::SessionId;

use crate::support::wait::in_time;

/// Key of the handshake in RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What it is answered.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// One connection.
pub struct Raw {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Lower case.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(n, value)| (n == name).then_some(value.trim()))
    }
}

/// A frame of the server: its first byte and its payload.
pub type Frame = (u8, Vec<u8>);

impl Raw {
    /// Connects.
    pub async fn connect(base: &str) -> Self {
        Self::try_connect(base).await.expect("it listens")
    }
    /// Connects, if it can.
    pub async fn try_connect(base: &str) -> std::io::Result<Self> {
        let stream = in_time("a connection", TcpStream::connect(address(base))).await?;
        stream.set_nodelay(true)?;
        Ok(Self::over(stream))
    }
    /// Connects with a receive buffer as small as the system allows.
    pub async fn narrow(base: &str) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.set_recv_buffer_size(2_048).expect("a smaller buffer");
        socket.set_nonblocking(true).expect("a socket");
        let socket = TcpSocket::from_std_stream(socket.into());
        let address = address(base).parse().expect("an address");
        Self::over(
            in_time("a connection", socket.connect(address))
                .await
                .expect("it listens"),
        )
    }
    /// Connects from another address of this machine.
    pub async fn connect_from(from: &str, base: &str) -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(format!("{from}:0").parse().expect("an address"))?;
        let address = address(base).parse().expect("an address");
        Ok(Self::over(
            in_time("a connection", socket.connect(address)).await?,
        ))
    }
    fn over(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Sends bytes. A server that has closed already is no fault here: what it said is read later.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = in_time("room for bytes", self.stream.write_all(bytes.as_ref())).await;
    }
    /// Sends bytes one at a time.
    pub async fn send_slowly(&mut self, bytes: &[u8], pause: Duration) {
        for byte in bytes {
            if self.stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends bytes for a connection that may be closed meanwhile. `false` once it is.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }
    /// The status of a plain request.
    pub async fn healthy(&mut self) -> Option<u16> {
        self.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        Some(self.answer().await?.status)
    }
    /// Two halves, to read and to write at once.
    pub fn split(&mut self) -> (Reading<'_>, Writing<'_>) {
        let (read, write) = self.stream.split();
        (
            Reading {
                stream: read,
                buffer: &mut self.buffer,
            },
            Writing(write),
        )
    }

    /// Opens a session's WebSocket.
    pub async fn open(base: &str, session: &SessionId, query: &str) -> Self {
        let mut raw = Self::connect(base).await;
        let path = format!("/api/v1/sessions/{session}/live{query}");
        raw.send(handshake(&path, &[])).await;
        let answer = raw.answer().await.expect("an answer");
        assert_eq!(answer.status, 101, "{answer:?}");
        assert_eq!(
            answer.header("sec-websocket-accept"),
            Some(&*ACCEPT.to_lowercase())
        );
        assert!(answer.header("sec-websocket-extensions").is_none());
        raw
    }

    /// Reads more. `false` at the end.
    async fn more(&mut self) -> bool {
        let read = in_time("bytes", self.stream.read_buf(&mut self.buffer)).await;
        read.is_ok_and(|n| n > 0)
    }

    /// The next answer, or `None` when the server left without one.
    pub async fn answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.more().await {
                assert!(self.buffer.is_empty(), "half an answer: {:?}", self.buffer);
                return None;
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let head = String::from_utf8(head).expect("a head is ASCII").to_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .expect("a status");
        let mut answer = Answer {
            status,
            head,
            body: String::new(),
        };
        let len: usize = answer
            .header("content-length")
            .map_or(0, |v| v.parse().expect("a number"));
        while self.buffer.len() < len {
            assert!(self.more().await, "half a body");
        }
        answer.body = String::from_utf8(self.buffer.drain(..len).collect()).expect("UTF-8");
        Some(answer)
    }

    /// The next frame, or `None` when the server left.
    pub async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, len)) = parse(&self.buffer) {
                self.buffer.drain(..len);
                return Some(frame);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Reads to the end of the connection, and gives back what came.
    pub async fn read_to_the_end(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.buffer)
    }

    /// Reads some bytes, whatever they are.
    pub async fn read_some(&mut self) -> Vec<u8> {
        assert!(self.more().await, "the connection is open");
        std::mem::take(&mut self.buffer)
    }
}

/// The half that reads.
pub struct Reading<'a> {
    stream: ReadHalf<'a>,
    buffer: &'a mut Vec<u8>,
}

impl Reading<'_> {
    /// The next frame, or `None` when the server left.
    pub async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, len)) = parse(self.buffer) {
                self.buffer.drain(..len);
                return Some(frame);
            }
            if !in_time("bytes", self.stream.read_buf(self.buffer))
                .await
                .is_ok_and(|n| n > 0)
            {
                return None;
            }
        }
    }
}

/// The half that writes.
pub struct Writing<'a>(WriteHalf<'a>);

impl Writing<'_> {
    /// Sends bytes, as far as the server takes them.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = in_time("room for bytes", self.0.write_all(bytes.as_ref())).await;
    }
}

fn address(base: &str) -> &str {
    base.trim_start_matches("http://")
}

/// A handshake as browsers send it. A header given here replaces the one of that name, or leaves it out if it is empty.
pub fn handshake(path: &str, other: &[(&str, &str)]) -> String {
    let mut headers = vec![
        ("Host", "hall.example"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", KEY),
    ];
    headers.retain(|(name, _)| !other.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)));
    headers.extend(other.iter().filter(|(_, value)| !value.is_empty()));
    let mut request = format!("GET {path} HTTP/1.1\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request + "\r\n"
}

/// A frame as a client sends it, with the shortest length that fits.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = payload.len();
    let mut bytes = vec![first];
    match len {
        0..=125 => bytes.push(0x80 | len as u8),
        126..=0xFFFF => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    let mask = [0x37, 0xFA, 0x21, 0x3D];
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
    bytes
}

/// A whole frame of the server, and how long it is.
fn parse(bytes: &[u8]) -> Option<(Frame, usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    assert_eq!(second & 0x80, 0, "a server does not mask");
    let (len, at) = match second {
        126 => (
            u16::from_be_bytes(bytes.get(2..4)?.try_into().expect("two")) as usize,
            4,
        ),
        127 => (
            u64::from_be_bytes(bytes.get(2..10)?.try_into().expect("eight")) as usize,
            10,
        ),
        short => (usize::from(short), 2),
    };
    let payload = bytes.get(at..at + len)?.to_vec();
    Some(((first, payload), at + len))
}
