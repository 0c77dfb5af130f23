//! The audit log as a chain: what a record says, its canonical form, its hash, and how a chain is judged.
//!
//! One chain per hall, and one for what belongs to no hall (accounts, new halls). Per hall and not one for all, because an outsider
//! who is handed the log of one hall can then judge it whole without seeing the others, and because nodes that serve different
//! halls do not wait for each other. That a whole chain vanished shows in the chain of the installation, which names every hall.
//!
//! A record is hashed over its canonical form: JSON with the keys in the order of the alphabet, no white space, whole numbers,
//! strings escaped as RFC 8785 says. `prev` in it is the hash of the record before, sixty-four zeros for the first. So a record
//! cannot be changed, left out or moved without all later hashes changing too; whoever noted a head once can tell even that.

use std::fmt::Write;

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// `prev` of the first record of a chain.
pub const BEGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The chain: a hall, or empty for the installation.
    pub hall: String,
    /// Number in the chain, from 1.
    pub seq: u64,
    pub id: String,
    pub at_ms: i64,
    /// Empty when the act was not on a session.
    pub session: String,
    /// Who acted.
    pub staff: String,
    /// The name at the time, so that the log can be read by itself.
    pub staff_name: String,
    pub verb: String,
    pub target: String,
    /// JSON in canonical form.
    pub detail: String,
    /// Hash of the record before.
    pub prev: String,
}

impl Record {
    /// What is hashed.
    pub fn canonical(&self) -> String {
        let mut out = String::with_capacity(400);
        self.write_canonical(&mut out);
        out
    }

    /// The same into a buffer that is used again.
    pub fn write_canonical(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{{\"at_ms\":{},\"detail\":{}", self.at_ms, self.detail);
        for (key, value) in [("hall", &self.hall), ("id", &self.id), ("prev", &self.prev)] {
            text(out, key, value);
        }
        let _ = write!(out, ",\"seq\":{}", self.seq);
        for (key, value) in [
            ("session", &self.session),
            ("staff", &self.staff),
            ("staff_name", &self.staff_name),
            ("target", &self.target),
            ("verb", &self.verb),
        ] {
            text(out, key, value);
        }
        out.push('}');
    }

    /// Its hash.
    pub fn hash(&self) -> String {
        hash(self.canonical().as_bytes())
    }

    /// The record as a line of an export, without the line end.
    pub fn line(&self, hash: &str) -> String {
        format!("{{\"hash\":\"{hash}\",\"record\":{}}}", self.canonical())
    }
}

/// A key and a string, after a comma. Control characters, the quote and the backslash are escaped, nothing else.
fn text(out: &mut String, key: &str, value: &str) {
    let _ = write!(out, ",\"{key}\":\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// SHA-256 in lower-case hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(bytes);
    let mut out = String::with_capacity(64);
    for byte in digest {
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
    out
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub seq: u64,
    pub hash: String,
}

/// What is wrong with a chain: the first thing, in the order of the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("record {seq} was altered: its hash does not fit its content")]
    Altered { seq: u64 },
    #[error("record {seq} is missing")]
    Missing { seq: u64 },
    #[error("record {seq} is not in its place")]
    Reordered { seq: u64 },
    #[error("record {seq} is there twice")]
    Repeated { seq: u64 },
    #[error("record {seq} does not follow from the one before it: one of the two was replaced")]
    Replaced { seq: u64 },
    #[error(
        "the chain ends with record {seq}, and its end is noted otherwise: a record was added or the note was altered"
    )]
    WrongHead { seq: u64 },
    #[error("record {seq} is not the one that was noted earlier: the chain was written anew")]
    Rewritten { seq: u64 },
    #[error("line {line} of the export is not a record")]
    Unreadable { line: u64 },
}

/// Judges one chain, record after record.
#[derive(Debug)]
pub struct Verifier {
    last: Head,
    /// The first fault that is certain, or a gap that may turn out to be another order.
    fault: Option<Fault>,
    count: u64,
    known: Vec<Head>,
}

impl Verifier {
    /// `known` are heads somebody noted earlier.
    pub fn new(known: Vec<Head>) -> Self {
        Self {
            last: Head {
                seq: 0,
                hash: BEGIN.to_owned(),
            },
            fault: None,
            count: 0,
            known,
        }
    }

    /// Takes the next record: its place, what it says of the one before, the hash it carries, and the bytes the hash is of.
    pub fn take(&mut self, seq: u64, prev: &str, carried: &str, canonical: &[u8]) {
        self.count += 1;
        match &self.fault {
            None => {}
            Some(Fault::Missing { seq: gap }) => {
                // Does what was missing turn up further down?
                if *gap == seq {
                    self.fault = Some(Fault::Reordered { seq });
                }
                return;
            }
            Some(_) => return,
        }
        let expected = self.last.seq + 1;
        let found = hash(canonical);
        self.fault = if found != carried {
            Some(Fault::Altered { seq: expected })
        } else if seq > expected {
            Some(Fault::Missing { seq: expected })
        } else if seq < expected {
            Some(Fault::Repeated { seq })
        } else if prev != self.last.hash {
            Some(Fault::Replaced { seq })
        } else if self.known.iter().any(|k| k.seq == seq && k.hash != found) {
            Some(Fault::Rewritten { seq })
        } else {
            None
        };
        self.last = Head { seq, hash: found };
    }

    /// A line that cannot be read.
    pub fn unreadable(&mut self, line: u64) {
        self.fault.get_or_insert(Fault::Unreadable { line });
    }

    /// The end of the chain, with where it is noted to end.
    ///
    /// # Errors
    /// The first fault.
    pub fn finish(self, noted: Option<&Head>) -> Result<Verified, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if let Some(noted) = noted {
            if noted.seq > self.last.seq {
                return Err(Fault::Missing {
                    seq: self.last.seq + 1,
                });
            }
            if *noted != self.last {
                return Err(Fault::WrongHead { seq: self.last.seq });
            }
        }
        if let Some(known) = self.known.iter().find(|k| k.seq > self.last.seq) {
            return Err(Fault::Missing {
                seq: known.seq.min(self.last.seq + 1),
            });
        }
        Ok(Verified {
            records: self.count,
            head: self.last,
        })
    }
}

/// A chain that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub records: u64,
    pub head: Head,
}

/// What must be read of a record to put it into its chain.
#[derive(Deserialize)]
struct Place<'l> {
    hall: &'l str,
    prev: &'l str,
    seq: u64,
}

#[derive(Deserialize)]
struct HeadLine {
    hall: String,
    hash: String,
    seq: u64,
}

/// The last line of a chain in an export.
pub fn head_line(hall: &str, head: &Head) -> String {
    format!(
        "{{\"head\":{{\"hall\":\"{hall}\",\"hash\":\"{}\",\"seq\":{}}}}}",
        head.hash, head.seq
    )
}

/// The heads noted earlier of one chain.
pub fn known_of(known: &[(String, Head)], hall: &str) -> Vec<Head> {
    let of_it = known.iter().filter(|(h, _)| h == hall);
    of_it.map(|(_, head)| head.clone()).collect()
}

/// A chain of an export with what was found.
pub type Judged = (String, Result<Verified, Fault>);

/// Judges an export: chains one after the other, each ended by the line of its head.
pub struct ExportVerifier {
    known: Vec<(String, Head)>,
    hall: Option<String>,
    verifier: Verifier,
    line: u64,
    done: Vec<Judged>,
}

impl ExportVerifier {
    /// `known` are heads noted earlier, with the chain they are of.
    pub fn new(known: Vec<(String, Head)>) -> Self {
        Self {
            verifier: Verifier::new(Vec::new()),
            known,
            hall: None,
            line: 0,
            done: Vec::new(),
        }
    }

    /// Takes one line, without its end.
    pub fn line(&mut self, line: &str) {
        const HASH_AT: usize = "{\"hash\":\"".len();
        const RECORD_AT: usize = HASH_AT + 64;
        self.line += 1;
        if line.is_empty() {
            return;
        }
        if let Some(head) = line.strip_prefix("{\"head\":").and_then(|l| l.strip_suffix('}')) {
            match serde_json::from_str::<HeadLine>(head) {
                Ok(head) => self.end(Some(head)),
                Err(_) => self.verifier.unreadable(self.line),
            }
            return;
        }
        let parts = line
            .strip_prefix("{\"hash\":\"")
            .and_then(|_| Some((line.get(HASH_AT..RECORD_AT)?, line.get(RECORD_AT..)?)))
            .and_then(|(hash, rest)| Some((hash, rest.strip_prefix("\",\"record\":")?.strip_suffix('}')?)));
        let Some((hash, record)) = parts else {
            self.verifier.unreadable(self.line);
            return;
        };
        let Ok(place) = serde_json::from_str::<Place<'_>>(record) else {
            // A flipped byte may also spoil the JSON: it is the record that should stand here.
            let expected = self.verifier.last.seq + 1;
            self.verifier
                .fault
                .get_or_insert(Fault::Altered { seq: expected });
            return;
        };
        match &self.hall {
            Some(hall) if hall == place.hall => {}
            None => self.begin(place.hall),
            // A record of another chain before this one has ended: altered, or a head line was taken away.
            Some(_) if self::hash(record.as_bytes()) != hash => {}
            Some(_) => {
                self.end(None);
                self.begin(place.hall);
            }
        }
        self.verifier.take(place.seq, place.prev, hash, record.as_bytes());
    }

    fn begin(&mut self, hall: &str) {
        self.hall = Some(hall.to_owned());
        self.verifier.known = known_of(&self.known, hall);
    }

    fn end(&mut self, head: Option<HeadLine>) {
        let verifier = std::mem::replace(&mut self.verifier, Verifier::new(Vec::new()));
        let hall = self.hall.take();
        let next = verifier.last.seq + 1;
        let (hall, judged) = match head {
            Some(head) => {
                let of_another = hall.as_ref().is_some_and(|h| *h != head.hall);
                let noted = Head {
                    seq: head.seq,
                    hash: head.hash,
                };
                let judged = if of_another {
                    verifier.finish(None).and(Err(Fault::WrongHead { seq: next - 1 }))
                } else {
                    verifier.finish(Some(&noted))
                };
                (hall.unwrap_or(head.hall), judged)
            }
            // Without its last line nobody knows whether records are missing at the end.
            None => (
                hall.unwrap_or_default(),
                verifier.finish(None).and(Err(Fault::Missing { seq: next })),
            ),
        };
        self.done.push((hall, judged));
    }

    /// Every chain with what was found.
    pub fn finish(mut self) -> Vec<Judged> {
        if self.hall.is_some() || self.verifier.fault.is_some() {
            self.end(None);
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(len: u64) -> Vec<(Record, String)> {
        let mut prev = BEGIN.to_owned();
        (1..=len)
            .map(|seq| {
                let record = Record {
                    hall: "00000000000000h1".into(),
                    seq,
                    id: format!("{seq:016}"),
                    at_ms: 1_795_000_000_000 + seq.cast_signed(),
                    session: String::new(),
                    staff: "00000000000000s1".into(),
                    staff_name: "周\"敏\"\n".into(),
                    verb: "decide".into(),
                    target: format!("decision {seq}"),
                    detail: r#"{"items":3,"reason":"off_topic"}"#.into(),
                    prev: prev.clone(),
                };
                let hash = record.hash();
                prev.clone_from(&hash);
                (record, hash)
            })
            .collect()
    }

    fn export(chain: &[(Record, String)], head: &Head) -> Vec<String> {
        let mut lines: Vec<String> = chain.iter().map(|(r, h)| r.line(h)).collect();
        lines.push(head_line("00000000000000h1", head));
        lines
    }

    fn judge(lines: &[String]) -> Result<Verified, Fault> {
        judge_knowing(lines, Vec::new())
    }

    fn judge_knowing(lines: &[String], known: Vec<Head>) -> Result<Verified, Fault> {
        let known = known
            .into_iter()
            .map(|head| ("00000000000000h1".to_owned(), head));
        let mut verifier = ExportVerifier::new(known.collect());
        for line in lines {
            verifier.line(line);
        }
        verifier.finish().remove(0).1
    }

    fn head(chain: &[(Record, String)]) -> Head {
        let (record, hash) = chain.last().expect("not empty");
        Head {
            seq: record.seq,
            hash: hash.clone(),
        }
    }

    #[test]
    fn the_canonical_form_is_what_any_json_library_writes_with_sorted_keys() {
        let (record, hash) = chain(1).remove(0);
        let value: serde_json::Value = serde_json::from_str(&record.canonical()).expect("JSON");
        assert_eq!(value.to_string(), record.canonical());
        assert_eq!(hash.len(), 64);
        assert_eq!(
            super::hash(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_whole_chain_is_whole() {
        let chain = chain(50);
        let lines = export(&chain, &head(&chain));
        assert_eq!(judge(&lines).map(|v| v.records), Ok(50));
        assert_eq!(
            judge_knowing(
                &lines,
                vec![Head {
                    seq: 7,
                    hash: chain[6].1.clone()
                }]
            )
            .map(|v| v.records),
            Ok(50)
        );
    }

    #[test]
    fn every_flipped_byte_is_named_with_its_record() {
        let chain = chain(4);
        let lines = export(&chain, &head(&chain));
        for (n, line) in lines.iter().take(4).enumerate() {
            for at in 0..line.len() {
                let mut bytes = line.clone().into_bytes();
                bytes[at] ^= 1;
                let Ok(flipped) = String::from_utf8(bytes) else {
                    continue;
                };
                let mut lines = lines.clone();
                lines[n] = flipped;
                let fault = judge(&lines).expect_err("one byte is another");
                let named = match fault {
                    Fault::Altered { seq } | Fault::Missing { seq } | Fault::Replaced { seq } => seq,
                    Fault::Unreadable { line } => line,
                    other => panic!("{other} at byte {at}"),
                };
                assert_eq!(named, n as u64 + 1, "byte {at}");
            }
        }
    }

    #[test]
    fn what_is_missing_moved_or_doubled_is_named() {
        let chain = chain(9);
        let lines = export(&chain, &head(&chain));
        let check = |change: &dyn Fn(&mut Vec<String>), fault: Fault| {
            let mut lines = lines.clone();
            change(&mut lines);
            assert_eq!(judge(&lines), Err(fault));
        };
        check(&|l| drop(l.remove(0)), Fault::Missing { seq: 1 });
        check(&|l| drop(l.remove(4)), Fault::Missing { seq: 5 });
        check(&|l| drop(l.remove(8)), Fault::Missing { seq: 9 });
        check(&|l| drop(l.remove(9)), Fault::Missing { seq: 10 });
        check(&|l| l.swap(3, 4), Fault::Reordered { seq: 4 });
        check(&|l| l.swap(1, 7), Fault::Reordered { seq: 2 });
        check(&|l| l.insert(5, l[4].clone()), Fault::Repeated { seq: 5 });
    }

    #[test]
    fn a_record_replaced_with_a_hash_that_fits_does_not_fit_its_neighbour() {
        let mut chain = chain(9);
        let noted = head(&chain);
        chain[4].0.target = "another".into();
        chain[4].1 = chain[4].0.hash();
        assert_eq!(judge(&export(&chain, &noted)), Err(Fault::Replaced { seq: 6 }));
        // The whole rest written anew shows only against a head noted before.
        for at in 5..9 {
            chain[at].0.prev = chain[at - 1].1.clone();
            chain[at].1 = chain[at].0.hash();
        }
        let lines = export(&chain, &head(&chain));
        assert!(judge(&lines).is_ok());
        assert_eq!(
            judge_knowing(&lines, vec![noted]),
            Err(Fault::Rewritten { seq: 9 })
        );
        let later = Head {
            seq: 12,
            hash: BEGIN.into(),
        };
        assert_eq!(
            judge_knowing(&lines, vec![later]),
            Err(Fault::Missing { seq: 10 })
        );
    }
}
