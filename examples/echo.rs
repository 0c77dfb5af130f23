//! Says back whatever text it is sent, with the frame decoder of the server: what the Autobahn test suite wants to talk to.
//! `scripts/conformance.sh` runs it. Not the server: that never says back, and its messages are small.

#![allow(dead_code, reason = "the codec is taken by path and used in part")]

#[path = "../src/hub/codec.rs"]
mod codec;
#[path = "../src/hub/deflate.rs"]
mod deflate;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use codec::{Decoder, Incoming, Rules};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The suite sends messages of 16 MiB.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// As much as the server reads at once.
const READ_BYTES: usize = 64 << 10;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".into());
    let listener = TcpListener::bind(&address)?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        // One that breaks off is the other end's affair.
        std::thread::spawn(move || drop(serve(stream)));
    }
    Ok(())
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; READ_BYTES];
    let (leftover, deflate) = shake_hands(&mut stream)?;
    let rules = Rules {
        message_bytes_max: MESSAGE_BYTES_MAX,
        deflate,
    };
    let mut got = leftover.len();
    buffer[..got].copy_from_slice(&leftover);
    loop {
        let mut input = &buffer[..got];
        let mut answers = Vec::new();
        let mut pong = None;
        let over = loop {
            match decoder.next(&mut input, rules) {
                Ok(None) => break false,
                Ok(Some(Incoming::Text(text))) => frame(text.as_bytes(), &mut answers),
                // As the server does: of the pings of one read the last one is answered.
                Ok(Some(Incoming::Ping(payload))) => pong = Some(codec::pong_frame(payload)),
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Close(code))) => {
                    answers.extend(
                        code.map_or_else(codec::empty_close_frame, |code| codec::close_frame(code, "")),
                    );
                    break true;
                }
                Err(broken) => {
                    answers.extend(codec::close_frame(broken.code, broken.reason));
                    break true;
                }
            }
        };
        if let Some(pong) = pong {
            // Before a close, behind which nothing follows.
            answers.splice(0..0, pong);
        }
        stream.write_all(&answers)?;
        if over {
            stream.shutdown(std::net::Shutdown::Write)?;
            // Closing while the other end still sends would make the system throw away what was said.
            while stream.read(&mut buffer)? > 0 {}
            return Ok(());
        }
        got = stream.read(&mut buffer)?;
        if got == 0 {
            return Ok(());
        }
    }
}

/// Answers the handshake; gives back what came behind it, and whether compression was agreed on.
fn shake_hands(stream: &mut TcpStream) -> io::Result<(Vec<u8>, bool)> {
    let mut head = Vec::new();
    let mut buffer = [0; 4_096];
    let end = loop {
        if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        let got = stream.read(&mut buffer)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&buffer[..got]);
    };
    let leftover = head.split_off(end);
    let head = String::from_utf8_lossy(&head).into_owned();
    let values = |name: &'static str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    let key = values("sec-websocket-key").next().unwrap_or_default();
    let deflate = deflate::is_offered(values("sec-websocket-extensions"));
    let extensions = if deflate {
        format!("Sec-WebSocket-Extensions: {}\r\n", deflate::ACCEPTED)
    } else {
        String::new()
    };
    let accept = derive_accept_key(key.as_bytes());
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nServer: yishiting-codec\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{extensions}Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )?;
    Ok((leftover, deflate))
}

/// A text frame of any length.
fn frame(payload: &[u8], out: &mut Vec<u8>) {
    out.push(0x81);
    match payload.len() {
        len @ 0..=125 => out.push(len as u8),
        len @ 126..=0xFFFF => {
            out.push(126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}
