//! What a text message is, found without reading all of it: ten thousand viewers get the same batch.

use serde::Deserialize;

use super::frame::masked_text;

/// As much of a message as every viewer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbered events.
    Batch { first: u64, last: u64 },
    /// The whole channel as of `seq`.
    View { seq: u64 },
    /// Lossy figures.
    State,
    /// An answer to this one connection.
    Own,
    /// Nothing this client knows.
    Unknown,
}

/// The kind of a message. Reads the first forty bytes as our server writes them, and the whole of it when they look otherwise.
pub fn kind(text: &[u8]) -> Kind {
    quick(text).unwrap_or_else(|| whole(text))
}

fn quick(text: &[u8]) -> Option<Kind> {
    let rest = text.strip_prefix(br#"{"type":""#)?;
    if let Some(rest) = rest.strip_prefix(br#"batch","first_seq":"#) {
        let (first, rest) = number(rest)?;
        let (last, rest) = number(rest.strip_prefix(br#","last_seq":"#)?)?;
        return matches!(rest.first(), Some(b',' | b'}')).then_some(Kind::Batch { first, last });
    }
    if rest.starts_with(br#"state""#) {
        return Some(Kind::State);
    }
    let rest = rest.strip_prefix(br#"view","version":"#)?;
    let (_, rest) = number(rest)?;
    let (seq, rest) = number(rest.strip_prefix(br#","seq":"#)?)?;
    matches!(rest.first(), Some(b',' | b'}')).then_some(Kind::View { seq })
}

/// Digits at the beginning, and what is behind them.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value: u64 = 0;
    let mut len = 0;
    while let Some(digit) = text.get(len).filter(|byte| byte.is_ascii_digit()) {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        len += 1;
    }
    (len > 0).then(|| (value, &text[len..]))
}

fn whole(text: &[u8]) -> Kind {
    #[derive(Deserialize)]
    struct Head {
        r#type: String,
        #[serde(default)]
        first_seq: Option<u64>,
        #[serde(default)]
        last_seq: Option<u64>,
        #[serde(default)]
        seq: Option<u64>,
    }
    let Ok(head) = serde_json::from_slice::<Head>(text) else {
        return Kind::Unknown;
    };
    match (head.r#type.as_str(), head.first_seq, head.last_seq, head.seq) {
        ("batch", Some(first), Some(last), _) => Kind::Batch { first, last },
        ("view", _, _, Some(seq)) => Kind::View { seq },
        ("state", ..) => Kind::State,
        ("welcome" | "ack" | "error" | "own", ..) => Kind::Own,
        _ => Kind::Unknown,
    }
}

/// Version of the protocol this client speaks.
pub const VERSION: u32 = 1;

/// The frame that says who a connection belongs to.
pub fn hello(token: &str) -> Vec<u8> {
    masked_text(&serde_json::json!({ "type": "hello", "token": token, "version": VERSION }).to_string())
}

/// A batch read whole, as far as the load tester checks it.
#[derive(Debug, Deserialize)]
pub struct BatchText {
    pub first_seq: u64,
    pub last_seq: u64,
    pub items: Vec<ItemText>,
    #[serde(default)]
    pub tallies: Vec<(String, u64)>,
    #[serde(default)]
    pub omitted: u64,
}

/// An item of a batch.
#[derive(Debug, Deserialize)]
pub struct ItemText {
    pub seq: u64,
    #[serde(default)]
    pub comment: Option<CommentText>,
}

/// A comment in an item.
#[derive(Debug, Deserialize)]
pub struct CommentText {
    pub body: String,
}

/// A view read whole, as far as the load tester checks it.
#[derive(Debug, Deserialize)]
pub struct ViewText {
    pub seq: u64,
    pub comments: Vec<CommentText>,
}

impl BatchText {
    /// Why its numbers are not those of a batch, if they are not: in order, within its bounds, and none without content.
    pub fn fault(&self) -> Option<&'static str> {
        if self.last_seq < self.first_seq {
            return Some("ends before it begins");
        }
        if !self.items.is_sorted_by(|a, b| a.seq < b.seq) {
            return Some("items out of order");
        }
        if self
            .items
            .iter()
            .any(|item| !(self.first_seq..=self.last_seq).contains(&item.seq))
        {
            return Some("item outside its bounds");
        }
        let told = self.items.len() as u64 + self.omitted;
        // Supports are many numbers in one tally; without any, each number is an item or a comment left out.
        (self.tallies.is_empty() && told != self.last_seq - self.first_seq + 1)
            .then_some("a number without content")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_reading_and_the_whole_reading_agree() {
        for (text, expected) in [
            (
                r#"{"type":"batch","first_seq":12,"last_seq":15,"items":[]}"#,
                Kind::Batch { first: 12, last: 15 },
            ),
            (
                r#"{"type":"view","version":1,"seq":9,"server_ms":1}"#,
                Kind::View { seq: 9 },
            ),
            (r#"{"type":"state","server_ms":1,"watching":3}"#, Kind::State),
        ] {
            assert_eq!(quick(text.as_bytes()), Some(expected), "{text}");
            assert_eq!(whole(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn another_spelling_of_the_same_is_read_whole() {
        for (text, expected) in [
            (
                r#"{"last_seq":15,"items":[],"first_seq":12,"type":"batch"}"#,
                Kind::Batch { first: 12, last: 15 },
            ),
            (r#"{ "type": "view", "seq": 9 }"#, Kind::View { seq: 9 }),
            (r#"{"type":"ack","ref":"abcdefgh"}"#, Kind::Own),
            (r#"{"type":"batch","first_seq":1.5,"last_seq":2}"#, Kind::Unknown),
            (
                r#"{"type":"batch","first_seq":99999999999999999999,"last_seq":2}"#,
                Kind::Unknown,
            ),
            (r#"{"type":"batch"}"#, Kind::Unknown),
            ("", Kind::Unknown),
            ("[1]", Kind::Unknown),
        ] {
            assert_eq!(kind(text.as_bytes()), expected, "{text}");
        }
    }

    fn batch(numbers: &[u64], first: u64, last: u64, omitted: u64) -> BatchText {
        let items = numbers
            .iter()
            .map(|&seq| ItemText { seq, comment: None })
            .collect();
        BatchText {
            first_seq: first,
            last_seq: last,
            items,
            tallies: Vec::new(),
            omitted,
        }
    }

    #[test]
    fn a_batch_tells_every_number_once_and_in_order() {
        assert_eq!(batch(&[4, 5, 6], 4, 6, 0).fault(), None);
        assert_eq!(batch(&[4, 6], 4, 6, 1).fault(), None);
        assert!(batch(&[4, 6], 4, 6, 0).fault().is_some());
        assert!(batch(&[5, 4, 6], 4, 6, 0).fault().is_some());
        assert!(batch(&[4, 4, 5], 4, 6, 0).fault().is_some());
        assert!(batch(&[3, 4], 4, 5, 0).fault().is_some());
        assert!(batch(&[], 5, 4, 0).fault().is_some());
    }
}
