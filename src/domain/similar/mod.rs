//! Which published questions ask the same as a text: for the hint while somebody types, and for clusters.
//!
//! Shared letters alone say little: in one consultation all questions speak of the same few things. So a question is read
//! into its [`Meaning`] (reading.rs) with the words of a data file (vocabulary.rs): what it is about, weighed by how rare
//! that is among the questions at hand; what kind of question it is; where; which numbers. Two are alike (score.rs) as far
//! as what they are about agrees, and less by every one of the others that does not.
//!
//! Pure: no clock, no store. The callers say which questions there are (index.rs). Merging stays a person's act.

mod index;
mod reading;
mod score;
mod vocabulary;
mod weights;

#[cfg(test)]
mod pairs;

pub use index::{Index, Near};
pub use score::WorkingPoint;

/// A question as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Its text.
    pub body: &'a str,
    /// Where it is about as the author said apart from the text; may be empty.
    pub place: &'a str,
}

impl<'a> From<&'a str> for Asked<'a> {
    fn from(body: &'a str) -> Self {
        Self { body, place: "" }
    }
}
