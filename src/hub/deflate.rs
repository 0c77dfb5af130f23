//! permessage-deflate (RFC 7692) for a channel that says the same to everybody.
//!
//! Compressing each batch by itself saves little: half a kilobyte has nothing to refer back to (measured at 20 comments a second and a
//! 100 ms tick: 0.71 of the plain bytes). A compressor per viewer would refer back, and cost each of them a quarter of a megabyte. Here the
//! batches of a channel are one compressed stream, made once for all: who reads it has been sent the same bytes since the beginning
//! of an *epoch*, so every reader's window holds the same (0.33 of the plain bytes). At an epoch's beginning nothing refers back, and there
//! and only there plain readers change over to the stream. What is sent besides it (figures, answers) goes
//! uncompressed and so leaves readers' windows alone (RFC 7692, 7.2.2); views are compressed by themselves and send their reader back to
//! the plain frames until the next epoch.
//!
//! What clients send is inflated by itself ([`ACCEPTED`] asks them for that), into one buffer a shard, never past the longest message.

use std::time::{Duration, Instant};

use bytes::Bytes;
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::codec;

/// What the server answers to an offer it takes: it reads clients' messages one by one.
pub const ACCEPTED: &str = "permessage-deflate; client_no_context_takeover";

/// Plain bytes of an epoch. Shorter wastes the window, longer keeps who joins on plain frames: at 20 comments a second six seconds.
const EPOCH_BYTES: usize = 24 << 10;
/// A compressor not used for so long is given back (0.3 MB): the next batch begins an epoch.
const IDLE_MAX: Duration = Duration::from_secs(20);
/// zlib's scale from 1 to 9. Higher gains a hundredth.
const LEVEL: u8 = 6;
/// What a message ends with and is left out on the wire (RFC 7692, 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// Whether one of the offers of a handshake can be taken (values of `Sec-WebSocket-Extensions`). Without a server window of 32 KiB kept over
/// messages there is no shared stream, so who wants less is served plainly.
pub fn is_offered<'a>(offers: impl IntoIterator<Item = &'a str>) -> bool {
    offers
        .into_iter()
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("permessage-deflate"))
                && parts.all(|parameter| {
                    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                    match name.trim().to_ascii_lowercase().as_str() {
                        "client_no_context_takeover" => value.is_empty(),
                        "client_max_window_bits" => true,
                        "server_max_window_bits" => value.trim().trim_matches('"') == "15",
                        _ => false,
                    }
                })
        })
}

/// A batch of the stream in its WebSocket frame.
#[derive(Debug, Clone)]
pub struct Deflated {
    pub frame: Bytes,
    /// Refers to nothing before it: plain readers may change over here.
    pub begins: bool,
}

/// Makes the stream of one channel.
#[derive(Default)]
pub struct Deflater {
    stream: Option<Box<CompressorOxide>>,
    /// Plain bytes since the epoch began.
    epoch_bytes: usize,
    used: Option<Instant>,
}

impl Deflater {
    /// The next message of the stream.
    pub fn next(&mut self, message: &[u8], now: Instant) -> Deflated {
        if self.epoch_bytes >= EPOCH_BYTES {
            self.stream = None;
        }
        let begins = self.stream.is_none();
        if begins {
            self.epoch_bytes = 0;
        }
        self.epoch_bytes += message.len();
        self.used = Some(now);
        let stream = self.stream.get_or_insert_with(compressor);
        Deflated {
            frame: framed(stream, message),
            begins,
        }
    }

    /// Gives the memory back when nothing was said for a while.
    pub fn rest(&mut self, now: Instant) {
        if self
            .used
            .is_some_and(|used| now.saturating_duration_since(used) >= IDLE_MAX)
        {
            *self = Self::default();
        }
    }

    /// The next message begins an epoch: somebody may have missed one.
    pub fn restart(&mut self) {
        *self = Self::default();
    }
}

/// A message compressed by itself, in its frame.
pub fn alone(message: &[u8]) -> Bytes {
    framed(&mut compressor(), message)
}

fn compressor() -> Box<CompressorOxide> {
    let mut compressor = Box::<CompressorOxide>::default();
    compressor.set_format_and_level(DataFormat::Raw, LEVEL);
    compressor
}

fn framed(stream: &mut CompressorOxide, message: &[u8]) -> Bytes {
    let mut deflated = vec![0; message.len() / 2 + 64];
    let (mut read, mut written) = (0, 0);
    loop {
        let (status, took, gave) = compress(
            stream,
            &message[read..],
            &mut deflated[written..],
            TDEFLFlush::Sync,
        );
        (read, written) = (read + took, written + gave);
        assert!(
            status == TDEFLStatus::Okay,
            "compressing into memory cannot break: {status:?}"
        );
        // Room that is left over means that everything is out.
        if read == message.len() && written < deflated.len() {
            break;
        }
        deflated.resize(deflated.len() * 2, 0);
    }
    deflated.truncate(written);
    debug_assert!(deflated.ends_with(&TAIL));
    deflated.truncate(written - TAIL.len());
    codec::compressed_frame(&deflated)
}

/// Why a client's message was not inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uninflated {
    /// It grows past the limit.
    TooBig,
    /// It is no deflate stream.
    Broken,
}

/// Inflates one message of a client into `text`, which it empties first, and never lets it grow past `bytes_max`.
pub fn inflate(payload: &mut Vec<u8>, text: &mut Vec<u8>, bytes_max: usize) -> Result<(), Uninflated> {
    payload.extend_from_slice(&TAIL);
    text.clear();
    // One byte more than is allowed tells a message that just fits from one that does not.
    text.resize(bytes_max + 1, 0);
    let mut state = DecompressorOxide::new();
    let (status, read, written) = decompress(
        &mut state,
        payload,
        text,
        0,
        inflate_flags::TINFL_FLAG_HAS_MORE_INPUT | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    );
    if written > bytes_max || status == TINFLStatus::HasMoreOutput {
        return Err(Uninflated::TooBig);
    }
    // A message ends with a block that is not the last one: more could come. One that says it is the last ends there.
    let whole = match status {
        TINFLStatus::NeedsMoreInput => read == payload.len(),
        TINFLStatus::Done => true,
        _ => false,
    };
    if !whole {
        return Err(Uninflated::Broken);
    }
    text.truncate(written);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a browser makes of the stream: one window over all compressed messages.
    #[derive(Default)]
    struct Reader {
        window: Vec<u8>,
    }

    impl Reader {
        fn read(&mut self, frame: &[u8]) -> Option<String> {
            assert_eq!(frame[0], 0xC1, "a text with RSV1, whole");
            let payload = match frame[1] {
                126 => &frame[4..],
                127 => &frame[10..],
                _ => &frame[2..],
            };
            let input = [payload, &TAIL].concat();
            let from = self.window.len();
            self.window.resize(from + (1 << 20), 0);
            let (status, read, written) = decompress(
                &mut DecompressorOxide::new(),
                &input,
                &mut self.window,
                from,
                inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
                    | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
            );
            self.window.truncate(from + written);
            (status == TINFLStatus::NeedsMoreInput && read == input.len())
                .then(|| String::from_utf8(self.window[from..].to_vec()).expect("text"))
        }
    }

    fn batch(n: usize) -> String {
        format!(
            r#"{{"type":"batch","first_seq":{n},"last_seq":{n},"items":[{{"seq":{n},"type":"comment_published","comment":{{"id":"{:016x}","name":"街坊{n}","body":"晚上的电压不稳，空调带不起来 {n}","at_ms":{n}}}}}]}}"#,
            n * 7_919
        )
    }

    #[test]
    fn who_comes_at_an_epoch_reads_the_rest_and_it_is_a_third_of_the_bytes() {
        let (mut deflater, now) = (Deflater::default(), Instant::now());
        let mut readers: Vec<Reader> = Vec::new();
        let (mut plain, mut sent, mut epochs) = (0, 0, 0);
        for n in 0..1_000 {
            let text = batch(n);
            let deflated = deflater.next(text.as_bytes(), now);
            if deflated.begins {
                readers.push(Reader::default());
                epochs += 1;
            }
            plain += text.len();
            sent += deflated.frame.len();
            for reader in &mut readers {
                assert_eq!(reader.read(&deflated.frame).as_deref(), Some(&text[..]));
            }
        }
        assert!(epochs > 5, "{epochs}");
        assert!(sent * 100 < plain * 36, "{sent} of {plain}");
    }

    #[test]
    fn who_comes_in_the_middle_of_an_epoch_could_not_read_it() {
        let (mut deflater, now) = (Deflater::default(), Instant::now());
        deflater.next(batch(1).as_bytes(), now);
        let second = deflater.next(batch(2).as_bytes(), now);
        assert!(!second.begins);
        assert_ne!(Reader::default().read(&second.frame), Some(batch(2)));
    }

    #[test]
    fn an_idle_compressor_is_given_back_and_the_next_message_begins_an_epoch() {
        let (mut deflater, now) = (Deflater::default(), Instant::now());
        assert!(deflater.next(b"{}", now).begins);
        deflater.rest(now + Duration::from_secs(1));
        assert!(!deflater.next(b"{}", now).begins);
        deflater.rest(now + Duration::from_secs(60));
        assert!(deflater.stream.is_none());
        assert!(deflater.next(b"{}", now).begins);
        deflater.restart();
        assert!(deflater.next(b"{}", now).begins);
    }

    #[test]
    fn offers_that_keep_the_window_are_taken() {
        for (offer, taken) in [
            ("permessage-deflate", true),
            ("permessage-deflate; client_max_window_bits", true),
            (
                "permessage-deflate; client_max_window_bits=12; client_no_context_takeover",
                true,
            ),
            ("Permessage-Deflate;server_max_window_bits=15", true),
            ("permessage-deflate; server_max_window_bits=10", false),
            ("permessage-deflate; server_no_context_takeover", false),
            (
                "permessage-deflate; server_no_context_takeover, permessage-deflate",
                true,
            ),
            ("permessage-deflate; something", false),
            ("x-webkit-deflate-frame", false),
            ("", false),
        ] {
            assert_eq!(is_offered([offer]), taken, "{offer}");
        }
        assert!(!is_offered([]));
        assert!(is_offered(["x", "permessage-deflate"]));
    }

    #[test]
    fn a_bomb_of_a_client_stops_at_the_limit_and_rubbish_is_named() {
        let mut text = Vec::new();
        let inflated = |bytes: &[u8], text: &mut Vec<u8>| {
            let frame = alone(bytes);
            let payload = match frame[1] {
                126 => &frame[4..],
                _ => &frame[2..],
            };
            inflate(&mut payload.to_vec(), text, 8_192)
        };
        assert_eq!(inflated("附议".as_bytes(), &mut text), Ok(()));
        assert_eq!(text, "附议".as_bytes());
        assert_eq!(inflated(&vec![b'x'; 8_192], &mut text), Ok(()));
        assert_eq!(inflated(&vec![b'x'; 8_193], &mut text), Err(Uninflated::TooBig));
        assert_eq!(inflated(&vec![0; 50 << 20], &mut text), Err(Uninflated::TooBig));
        assert!(text.capacity() <= 32 << 10);
        assert_eq!(
            inflate(&mut vec![0xFF; 9], &mut text, 8_192),
            Err(Uninflated::Broken)
        );
    }

    proptest! {
        #[test]
        fn any_texts_come_out_as_they_went_in(texts in prop::collection::vec(".{0,3000}", 1..20)) {
            let (mut deflater, mut reader, now) = (Deflater::default(), Reader::default(), Instant::now());
            for text in texts {
                let deflated = deflater.next(text.as_bytes(), now);
                prop_assert_eq!(reader.read(&deflated.frame), Some(text.clone()));
                prop_assert_eq!(Reader::default().read(&alone(text.as_bytes())), Some(text));
            }
        }

        #[test]
        fn no_bytes_of_a_client_make_inflating_panic_or_hoard(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let mut text = Vec::new();
            let _ = inflate(&mut bytes.clone(), &mut text, 1_000);
            prop_assert!(text.len() <= 1_001);
        }
    }
}
