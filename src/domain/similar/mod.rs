//! Which published questions ask the same as a text: for the hint while somebody types, and for clusters.
//!
//! Shared letters alone say little: in one consultation all questions speak of the same few things. So a question is read
//! into its [`Meaning`] (reading.rs) with the words of a data file (vocabulary.rs): what it is about, weighed by how rare
//! that is among the questions at hand; what kind of question it is; where; which numbers. Two are alike (score.rs) as far
//! as what they are about agrees, and less by every one of the others that does not.
//!
//! Hard paraphrases share no word with their counterpart. For them a [`Sentences`] says where texts lie as vectors; it is
//! implemented outside, and all works without it, worse. What each agreement counts is data (weights.rs).
//!
//! Pure: no clock, no store. The callers say which questions there are (index.rs), and keep them in clusters (clusters.rs).
//! Merging stays a person's act. How well it does: report.rs, and docs/similar.md.

mod clusters;
mod index;
mod reading;
mod report;
mod score;
mod vocabulary;
mod weights;

pub use clusters::Clusters;
pub use index::{Index, Near};
pub use report::report;
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

/// Where sentences lie: those that mean alike in nearly one direction, also where they share no letter.
pub trait Sentences: Send + Sync {
    /// The direction of a sentence; all have one length.
    fn vector(&self, sentence: &str) -> Box<[i8]>;
}
