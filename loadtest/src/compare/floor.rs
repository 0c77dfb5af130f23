//! The floor: what the kernel alone costs. A bare epoll loop per thread that sends the same bytes to the same number of sockets, one write a
//! frame, after a handshake that looks at nothing.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Protocol, Socket, Type};

const LISTENER: Token = Token(usize::MAX - 1);
const PUBLISHER: Token = Token(usize::MAX);
const BACKLOG: i32 = 4_096;
/// Answer to the one key all viewers of this program send.
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct Viewer {
    stream: TcpStream,
    open: bool,
    /// What did not fit, for who is slow; in a healthy run nothing ever.
    waiting: VecDeque<Arc<[u8]>>,
    sent: usize,
}

/// Serves viewers on `port` with `threads` loops; messages come over the publish port as four bytes of length and the text.
pub fn serve(port: u16, publish_port: u16, threads: usize) -> anyhow::Result<()> {
    let mut loops = Vec::new();
    let mut pipes = Vec::new();
    for _ in 0..threads.max(1) {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        theirs.set_nonblocking(true)?;
        pipes.push(ours);
        loops.push(std::thread::spawn(move || {
            sweep(port, mio::net::UnixStream::from_std(theirs))
        }));
    }
    let publishers = std::net::TcpListener::bind(("127.0.0.1", publish_port))?;
    let publishing = std::thread::spawn(move || -> anyhow::Result<()> {
        loop {
            let (mut stream, _) = publishers.accept()?;
            stream.set_nodelay(true)?;
            let mut message = Vec::new();
            loop {
                let mut len = [0; 4];
                if stream.read_exact(&mut len).is_err() {
                    break;
                }
                message.resize(u32::from_be_bytes(len) as usize, 0);
                stream.read_exact(&mut message)?;
                for pipe in &mut pipes {
                    pipe.write_all(&len)?;
                    pipe.write_all(&message)?;
                }
            }
        }
    });
    for sweeping in loops {
        sweeping
            .join()
            .map_err(|_| anyhow::anyhow!("a loop panicked"))??;
    }
    publishing
        .join()
        .map_err(|_| anyhow::anyhow!("the publisher panicked"))?
}

fn listener(port: u16) -> anyhow::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_port(true)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(TcpListener::from_std(socket.into()))
}

fn sweep(port: u16, mut publisher: mio::net::UnixStream) -> anyhow::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = listener(port).context("the floor's port")?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    poll.registry()
        .register(&mut publisher, PUBLISHER, Interest::READABLE)?;
    let mut events = Events::with_capacity(4_096);
    let mut viewers: Vec<Option<Viewer>> = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let mut stream = Vec::new();
    loop {
        poll.poll(&mut events, Some(Duration::from_secs(1)))?;
        for event in &events {
            match event.token() {
                LISTENER => accept(&listener, &poll, &mut viewers)?,
                PUBLISHER => {
                    while let Ok(len) = publisher.read(&mut buffer) {
                        if len == 0 {
                            return Ok(());
                        }
                        stream.extend_from_slice(&buffer[..len]);
                    }
                    while let Some(message) = next_message(&mut stream) {
                        let frame = framed(&message);
                        for slot in &mut viewers {
                            if let Some(viewer) = slot.as_mut().filter(|viewer| viewer.open)
                                && !send(viewer, &frame)
                            {
                                *slot = None;
                            }
                        }
                    }
                }
                Token(at) => {
                    if let Some(slot) = viewers.get_mut(at)
                        && let Some(viewer) = slot.as_mut()
                        && !heard(viewer, &mut buffer, event.is_writable())
                    {
                        *slot = None;
                    }
                }
            }
        }
    }
}

fn accept(listener: &TcpListener, poll: &Poll, viewers: &mut Vec<Option<Viewer>>) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(_) => continue,
        };
        stream.set_nodelay(true)?;
        let at = viewers.len();
        poll.registry()
            .register(&mut stream, Token(at), Interest::READABLE | Interest::WRITABLE)?;
        viewers.push(Some(Viewer {
            stream,
            open: false,
            waiting: VecDeque::new(),
            sent: 0,
        }));
    }
}

/// `false` when the viewer is gone.
fn heard(viewer: &mut Viewer, buffer: &mut [u8], writable: bool) -> bool {
    loop {
        match viewer.stream.read(buffer) {
            Ok(0) => return false,
            Ok(_) if !viewer.open => {
                viewer.open = true;
                if viewer.stream.write(ANSWER).is_err() {
                    return false;
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(_) => return false,
        }
    }
    while writable && let Some(frame) = viewer.waiting.front().cloned() {
        match viewer.stream.write(&frame[viewer.sent..]) {
            Ok(len) if viewer.sent + len == frame.len() => {
                viewer.sent = 0;
                viewer.waiting.pop_front();
            }
            Ok(len) => viewer.sent += len,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(_) => return false,
        }
    }
    true
}

fn send(viewer: &mut Viewer, frame: &Arc<[u8]>) -> bool {
    if viewer.waiting.is_empty() {
        match viewer.stream.write(frame) {
            Ok(len) if len == frame.len() => return true,
            Ok(len) => viewer.sent = len,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
    }
    viewer.waiting.push_back(frame.clone());
    true
}

fn next_message(stream: &mut Vec<u8>) -> Option<Vec<u8>> {
    let len = u32::from_be_bytes(stream.get(..4)?.try_into().ok()?) as usize;
    let message = stream.get(4..4 + len)?.to_vec();
    stream.drain(..4 + len);
    Some(message)
}

/// A text frame of a server.
fn framed(payload: &[u8]) -> Arc<[u8]> {
    let mut frame = vec![0x81];
    match payload.len() {
        short @ 0..=125 => frame.push(short as u8),
        medium @ 126..=0xFFFF => {
            frame.push(126);
            frame.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            frame.push(127);
            frame.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame.into()
}
