//! permessage-deflate (RFC 7692) as ten thousand browsers read it, without ten thousand windows.
//!
//! What a compressed message says depends on all compressed messages its reader got before it. Readers that got the same bytes are at the
//! same [`Spot`]; what the next message says there is found out once and then looked up, after comparing every byte of it. A reader
//! the server treated differently is at a spot of its own and inflates for itself: nothing is taken on trust.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// The extension a browser offers.
pub const OFFER: &str = "permessage-deflate; client_max_window_bits";
/// What a message ends with and is left out on the wire (RFC 7692, 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];
/// Bytes a message may refer back to.
const WINDOW_BYTES: usize = 32 << 10;
/// Longest message believed.
const TEXT_BYTES_MAX: usize = 16 << 20;
/// Messages remembered: minutes of a busy hall. Who is further behind inflates again.
const KNOWN_MAX: usize = 1_024;

/// What a reader has got so far, as far as the next message can refer to it.
#[derive(Debug)]
pub struct Spot {
    id: u64,
    /// The message that led here, as it came and as it reads.
    payload: Vec<u8>,
    text: Vec<u8>,
    window: Vec<u8>,
}

impl Spot {
    /// The last message.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// What is known about messages, by the spot they are read at.
#[derive(Default)]
pub struct Inflater {
    known: HashMap<u64, Vec<Rc<Spot>>>,
    /// Spots something is known about, oldest first.
    order: VecDeque<u64>,
    last_id: u64,
}

impl Inflater {
    /// Reads a message of somebody who is at `spot`, or has got none before. `None` if it is no compressed message.
    pub fn read(&mut self, spot: Option<&Spot>, payload: &[u8]) -> Option<Rc<Spot>> {
        let at = spot.map_or(0, |spot| spot.id);
        let known = self.known.get(&at).map_or(&[][..], |spots| spots);
        if let Some(next) = known.iter().find(|next| next.payload == payload) {
            return Some(next.clone());
        }
        let before = spot.map_or(&[][..], |spot| &spot.window);
        let text = inflate(before, payload)?;
        let all = [before, &text].concat();
        self.last_id += 1;
        let next = Rc::new(Spot {
            id: self.last_id,
            payload: payload.to_vec(),
            window: all[all.len().saturating_sub(WINDOW_BYTES)..].to_vec(),
            text,
        });
        self.known.entry(at).or_default().push(next.clone());
        self.order.push_back(at);
        if self.order.len() > KNOWN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        Some(next)
    }
}

fn inflate(window: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
    let input = [payload, &TAIL].concat();
    let mut out = window.to_vec();
    loop {
        // Room doubles until the message fits; views are large and seldom.
        out.resize(window.len() + (out.len() - window.len() + 4_096) * 2, 0);
        let (status, read, written) = decompress(
            &mut DecompressorOxide::new(),
            &input,
            &mut out,
            window.len(),
            inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
                | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
        );
        match status {
            TINFLStatus::NeedsMoreInput if read == input.len() => {
                return Some(out[window.len()..window.len() + written].to_vec());
            }
            TINFLStatus::HasMoreOutput if out.len() < TEXT_BYTES_MAX => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::DataFormat;
    use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress};

    use super::*;

    fn deflate(stream: &mut CompressorOxide, text: &str) -> Vec<u8> {
        let mut out = vec![0; text.len() + 64];
        let (_, read, written) = compress(stream, text.as_bytes(), &mut out, TDEFLFlush::Sync);
        assert_eq!(read, text.len());
        out.truncate(written - TAIL.len());
        out
    }

    fn stream() -> CompressorOxide {
        let mut stream = CompressorOxide::default();
        stream.set_format_and_level(DataFormat::Raw, 6);
        stream
    }

    #[test]
    fn readers_of_one_stream_share_what_it_says() {
        let (mut stream, mut inflater) = (stream(), Inflater::default());
        let (mut one, mut other) = (None, None);
        for n in 0..50 {
            let text = format!("晚上的电压不稳，空调带不起来 {n}");
            let payload = deflate(&mut stream, &text);
            let next = inflater.read(one.as_deref(), &payload).expect("whole");
            assert_eq!(next.text(), text.as_bytes());
            one = Some(next);
            let next = inflater.read(other.as_deref(), &payload).expect("whole");
            assert!(Rc::ptr_eq(one.as_ref().expect("set"), &next));
            other = Some(next);
        }
        assert_eq!(inflater.order.len(), 50, "each was inflated once");
    }

    #[test]
    fn who_missed_a_message_reads_something_else_or_nothing() {
        let (mut stream, mut inflater) = (stream(), Inflater::default());
        let text = "三号院七号楼的电梯又停了";
        deflate(&mut stream, text);
        let second = deflate(&mut stream, text);
        let read = inflater.read(None, &second);
        assert!(read.is_none_or(|spot| spot.text() != text.as_bytes()));
    }

    #[test]
    fn rubbish_is_no_message_and_large_ones_are_whole() {
        let mut inflater = Inflater::default();
        assert!(inflater.read(None, &[0xFF; 9]).is_none());
        let long = "附议".repeat(40_000);
        let payload = deflate(&mut stream(), &long);
        assert_eq!(
            inflater.read(None, &payload).expect("whole").text(),
            long.as_bytes()
        );
    }
}
