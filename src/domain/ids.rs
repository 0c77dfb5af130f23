//! Identifiers: one newtype per noun, made by the program, sortable by time.
//!
//! An id is 16 characters of Crockford base 32 in lower case: 48 bits of milliseconds and 32 bits of chance.
//! Made by the program so that both databases need no sequence, short because every comment carries one to every viewer.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::time::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Length of every id, in characters.
pub const ID_LEN: usize = 16;

fn encode(at: Timestamp, chance: u32) -> String {
    let bits = (u128::from(at.ms().cast_unsigned() & 0xFFFF_FFFF_FFFF) << 32) | u128::from(chance);
    (0..ID_LEN)
        .rev()
        .map(|i| char::from(ALPHABET[((bits >> (5 * i)) & 31) as usize]))
        .collect()
}

/// The first 48 of its 80 bits.
fn made_at(id: &str) -> Timestamp {
    let bits = id.bytes().fold(0_u128, |bits, b| {
        let digit = ALPHABET.iter().position(|&a| a == b).unwrap_or(0);
        (bits << 5) | digit as u128
    });
    Timestamp::from_ms(i64::try_from(bits >> 32).unwrap_or(0))
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LEN && text.bytes().all(|b| ALPHABET.contains(&b))
}

/// Text that is not an id: wrong length or alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has {ID_LEN} characters of 0-9 and a-z without i, l, o, u")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(type = "string")]
        pub struct $name(Box<str>);

        impl $name {
            /// A new id; `chance` must be fresh randomness.
            pub fn new(at: Timestamp, chance: u32) -> Self { Self(encode(at, chance).into()) }
            /// When it was made.
            pub fn made_at(&self) -> Timestamp { made_at(&self.0) }
            /// The sixteen characters.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                if is_id(&text) { Ok(Self(text.into())) } else { Err(NotAnId) }
            }
        }
        impl std::str::FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> { Self::try_from(text.to_owned()) }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String { id.0.into() }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

ids! {
    /// A standing room of a body.
    HallId,
    /// One live consultation in a hall.
    SessionId,
    /// An item of the run of show.
    SegmentId,
    /// A department that answers.
    DepartmentId,
    /// Something to read before or during the session.
    MaterialId,
    /// A person who writes, at any session of any hall.
    ParticipantId,
    /// An account behind the stage.
    StaffId,
    /// A comment (弹幕).
    CommentId,
    /// A question (提问).
    QuestionId,
    /// An answer, live or written.
    AnswerId,
    /// One act of a moderator over one or many items; what undo names.
    DecisionId,
    /// A moderator's hold of a post; what fences a decision.
    LeaseId,
    /// A post to be erased by law.
    ErasureId,
    /// A note of staff.
    NoteId,
    /// A mute or a ban.
    SanctionId,
    /// A suggestion (意见建议).
    SuggestionId,
    /// A line of the audit log.
    AuditId,
    /// What a host put on stage.
    ChoiceId,
    /// An author's objection to a post that was not published.
    AppealId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later() {
        let early = CommentId::new(Timestamp::from_ms(1_000), u32::MAX);
        let late = CommentId::new(Timestamp::from_ms(1_001), 0);
        assert!(early < late);
        assert_eq!(early.as_str().len(), ID_LEN);
        assert_eq!(
            late.made_at(),
            Timestamp::from_ms(1_001),
            "an id tells when it was made"
        );
    }

    #[test]
    fn text_that_is_not_an_id_is_refused() {
        for bad in [
            "",
            "short",
            "0123456789abcdeu",
            "0123456789ABCDEF",
            "0123456789abcdef0",
            "'; drop table --",
        ] {
            assert_eq!(bad.parse::<CommentId>(), Err(NotAnId), "{bad}");
        }
        let id = CommentId::new(Timestamp::from_ms(1_795_000_000_000), 7);
        assert_eq!(id.as_str().parse::<CommentId>(), Ok(id));
    }
}
