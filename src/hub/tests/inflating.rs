//! permessage-deflate as a browser does it, since the tests' WebSocket knows no extensions: one window over all compressed messages.

use std::io::{Read, Write};
use std::net::TcpStream;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// A stream that shows compressed text frames as plain ones.
pub struct Inflating {
    stream: TcpStream,
    /// `None`: compression was not negotiated, and a compressed frame passes as the fault it is.
    window: Option<Vec<u8>>,
    raw: Vec<u8>,
    plain: Vec<u8>,
    /// Frames that came compressed.
    pub inflated: usize,
    /// Bytes read.
    pub bytes: usize,
}

impl Inflating {
    pub fn new(stream: TcpStream, negotiated: bool) -> Self {
        Self {
            stream,
            window: negotiated.then(Vec::new),
            raw: Vec::new(),
            plain: Vec::new(),
            inflated: 0,
            bytes: 0,
        }
    }

    /// Moves one whole frame from `raw` to `plain`. `false` if there is none.
    fn take_frame(&mut self) -> bool {
        let Some(window) = &mut self.window else {
            self.plain.append(&mut self.raw);
            return !self.plain.is_empty();
        };
        let [first, second, ..] = self.raw[..] else {
            return false;
        };
        let (head, len) = match second {
            126 if self.raw.len() >= 4 => (4, usize::from(u16::from_be_bytes([self.raw[2], self.raw[3]]))),
            127 if self.raw.len() >= 10 => (
                10,
                u64::from_be_bytes(self.raw[2..10].try_into().expect("eight")) as usize,
            ),
            126 | 127 => return false,
            short => (2, usize::from(short)),
        };
        if self.raw.len() < head + len {
            return false;
        }
        let frame: Vec<u8> = self.raw.drain(..head + len).collect();
        if first & 0x40 == 0 {
            self.plain.extend_from_slice(&frame);
            return true;
        }
        let input = [&frame[head..], &[0, 0, 0xFF, 0xFF]].concat();
        let from = window.len();
        let flags = inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
            | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let mut room = 32 << 10;
        let (status, read, written) = loop {
            window.resize(from + room, 0);
            let done = decompress(&mut DecompressorOxide::new(), &input, window, from, flags);
            if done.0 != TINFLStatus::HasMoreOutput {
                break done;
            }
            room *= 4;
        };
        assert_eq!(
            (status, read),
            (TINFLStatus::NeedsMoreInput, input.len()),
            "a browser could not inflate it"
        );
        window.truncate(from + written);
        self.inflated += 1;
        let text = &window[from..];
        self.plain.extend_from_slice(&[first & !0x40, 127]);
        self.plain.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.plain.extend_from_slice(text);
        // A browser's window has 32 KiB: what is referred to from farther away is a fault.
        let excess = window.len().saturating_sub(32 << 10);
        window.drain(..excess);
        true
    }
}

impl Read for Inflating {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.plain.is_empty() && !self.take_frame() {
            let mut buffer = [0; 16 << 10];
            let len = self.stream.read(&mut buffer)?;
            if len == 0 {
                return Ok(0);
            }
            self.bytes += len;
            self.raw.extend_from_slice(&buffer[..len]);
        }
        let len = into.len().min(self.plain.len());
        into[..len].copy_from_slice(&self.plain[..len]);
        self.plain.drain(..len);
        Ok(len)
    }
}

impl Write for Inflating {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.stream.write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}
