//! The decoder of what clients send, against a second reading of RFC 6455 that sees all bytes at once, in any split.
//!
//! Input: one byte for the limit, one for how many cuts and whether compression was agreed on, the cuts, and then what the client
//! sends. The second reading knows no compression; with it only the splits are compared.

#![no_main]
#![allow(dead_code, reason = "the codec is taken by path and only its reading half is used")]

#[path = "../../src/hub/codec.rs"]
mod codec;
#[path = "../../src/hub/deflate.rs"]
mod deflate;

use codec::{Decoder, Incoming, Rules};
use libfuzzer_sys::fuzz_target;

/// What a decoder made of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Got {
    Text(String),
    Ping(Vec<u8>),
    Pong,
    Close(Option<u16>),
    Broken(u16),
}

fuzz_target!(|data: &[u8]| {
    let [limit, cuts, rest @ ..] = data else { return };
    let rules = Rules {
        message_bytes_max: usize::from(*limit) * 8,
        deflate: cuts & 8 != 0,
    };
    let count = usize::from(cuts % 8).min(rest.len());
    let (cuts, bytes) = rest.split_at(count);
    let whole = decode(bytes, &[], rules);
    let mut at = 0;
    let ends: Vec<usize> = cuts
        .iter()
        .map(|step| {
            at += usize::from(*step);
            at
        })
        .collect();
    assert_eq!(decode(bytes, &ends, rules), whole, "the split changed something");
    let every: Vec<usize> = (0..bytes.len()).collect();
    assert_eq!(decode(bytes, &every, rules), whole, "byte by byte it is something else");
    if !rules.deflate {
        assert_eq!(
            reference(bytes, rules.message_bytes_max),
            whole,
            "the other reading differs"
        );
    }
});

fn decode(bytes: &[u8], ends: &[usize], rules: Rules) -> Vec<Got> {
    let limit = rules.message_bytes_max;
    let mut decoder = Decoder::default();
    let mut got = Vec::new();
    let mut from = 0;
    for to in ends.iter().copied().chain([bytes.len()]) {
        let to = to.clamp(from, bytes.len());
        let mut input = &bytes[from..to];
        from = to;
        loop {
            match decoder.next(&mut input, rules) {
                Ok(None) => {
                    assert!(input.is_empty(), "nothing is left when more is asked for");
                    break;
                }
                Ok(Some(Incoming::Text(text))) => {
                    assert!(text.len() <= limit, "longer than is allowed");
                    got.push(Got::Text(text.to_owned()));
                }
                Ok(Some(Incoming::Ping(payload))) => {
                    assert!(payload.len() <= 125);
                    got.push(Got::Ping(payload.to_vec()));
                }
                Ok(Some(Incoming::Pong)) => got.push(Got::Pong),
                Ok(Some(Incoming::Close(code))) => {
                    got.push(Got::Close(code));
                    return got;
                }
                Err(broken) => {
                    got.push(Got::Broken(broken.code));
                    return got;
                }
            }
        }
    }
    // Emptied, it is as new.
    decoder.reset();
    assert!(decoder.is_idle());
    let mut hello = &[0x81, 0x82, 0, 0, 0, 0, b'h', b'i'][..];
    if limit >= 2 {
        assert_eq!(decoder.next(&mut hello, rules), Ok(Some(Incoming::Text("hi"))));
    }
    got
}

/// RFC 6455, section 5, read from the text of it and not from our code.
fn reference(bytes: &[u8], limit: usize) -> Vec<Got> {
    let mut got = Vec::new();
    let mut message: Option<Vec<u8>> = None;
    let mut at = 0;
    let broken = |mut got: Vec<Got>, code| {
        got.push(Got::Broken(code));
        got
    };
    loop {
        let Some(&[first, second]) = bytes.get(at..at + 2).map(|b| b.first_chunk::<2>().expect("two")) else {
            return got;
        };
        let (last, opcode) = (first >= 0x80, first % 16);
        let control = opcode >= 8;
        if first & 0b0111_0000 != 0 || second < 0x80 {
            return broken(got, 1002);
        }
        match opcode {
            0 if message.is_none() => return broken(got, 1002),
            1 | 2 if message.is_some() => return broken(got, 1002),
            2 => return broken(got, 1003),
            0 | 1 => {}
            8..=10 if !last || second & 0x7F > 125 => return broken(got, 1002),
            8..=10 => {}
            _ => return broken(got, 1002),
        }
        let extra = match second & 0x7F {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some(head) = bytes.get(at + 2..at + 2 + extra + 4) else { return got };
        let (extended, mask) = head.split_at(extra);
        let len = if extra == 0 {
            u64::from(second & 0x7F)
        } else {
            extended.iter().fold(0_u64, |len, b| len << 8 | u64::from(*b))
        };
        if len >= 1 << 63 || (extra == 2 && len < 126) || (extra == 8 && len < 1 << 16) {
            return broken(got, 1002);
        }
        if !control && len > (limit - message.as_ref().map_or(0, Vec::len)) as u64 {
            return broken(got, 1009);
        }
        at += 2 + extra + 4;
        let here = bytes.len().min(at + len as usize);
        let payload: Vec<u8> = bytes[at..here]
            .iter()
            .enumerate()
            .map(|(i, b)| b ^ mask[i % 4])
            .collect();
        let whole = here - at == len as usize;
        at = here;
        if control {
            if !whole {
                return got;
            }
            match opcode {
                9 => got.push(Got::Ping(payload)),
                10 => got.push(Got::Pong),
                _ => {
                    got.push(closing(&payload));
                    return got;
                }
            }
            continue;
        }
        let mut text = message.take().unwrap_or_default();
        text.extend(payload);
        match String::from_utf8(text) {
            Ok(text) if whole && last => got.push(Got::Text(text)),
            Ok(text) => message = Some(text.into_bytes()),
            // Half a character at the end of what is here may become one.
            Err(error) if error.utf8_error().error_len().is_none() && !(whole && last) => {
                message = Some(error.into_bytes());
            }
            Err(_) => return broken(got, 1007),
        }
        if !whole {
            return got;
        }
    }
}

fn closing(payload: &[u8]) -> Got {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() {
            Got::Close(None)
        } else {
            Got::Broken(1002)
        };
    };
    let code = u16::from_be_bytes(*code);
    let may_be_sent = match code {
        1000..=1014 => ![1004, 1005, 1006].contains(&code),
        3000..=4999 => true,
        _ => false,
    };
    if !may_be_sent {
        return Got::Broken(1002);
    }
    if std::str::from_utf8(reason).is_err() {
        return Got::Broken(1007);
    }
    Got::Close(Some(code))
}
