//! What the screen found and what follows from it.

use std::{ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};

use super::reason::Reason;

/// What may happen to a post. Ordered: a later one outweighs an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against it.
    Publish,
    /// A person looks at it first.
    Hold,
    /// Not published. Only an exact hit of a block list leads here.
    Decline,
}

/// Weight of one finding. Ordered from light to heavy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown to the moderator, holds nothing.
    Note,
    /// Holds the post.
    Hold,
    /// Declines the post.
    Block,
}

/// The rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A word of a list.
    Word {
        /// The entry as written in the list.
        word: Arc<str>,
        /// Id of the list.
        list: Arc<str>,
        /// Version of the list at the time.
        version: u64,
    },
    /// An identity number of 18 characters with a correct check digit.
    IdNumber,
    /// A mobile number in any style of digits.
    Mobile,
    /// A bank card number with a correct check digit.
    BankCard,
    /// An e-mail address.
    Email,
    /// A link or host name outside the allowed domains.
    Link,
    /// A number or name in a messenger, offered for contact.
    Contact,
    /// The author sent the same shortly before.
    RepeatOwn,
    /// Several authors sent the same shortly before.
    RepeatOthers,
    /// Mostly symbols, or many hidden characters.
    SpecialCharacters,
    /// First posts of a new identity are looked at here.
    FirstPost,
}

/// How a word was recognised. Only [`Path::Exact`] may decline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// As written, after width, case, circled forms, traditional characters, look-alikes and invisible characters.
    Exact,
    /// With symbols, spaces, emoji or a few letters in between.
    Noise,
    /// With repeated characters.
    Repeat,
    /// With digits for Chinese numerals or the other way round.
    Digits,
    /// With digits and symbols in the place of Latin letters.
    Lookalike,
    /// With characters taken apart into their components.
    Split,
    /// Spelled in pinyin, wholly or in part.
    Pinyin,
    /// Shortened to initials, wholly or in part.
    Initials,
    /// With other characters of the same sound.
    Homophone,
    /// Written from behind.
    Backwards,
    /// Not a word: a pattern or a property of the post.
    Pattern,
}

/// One thing found in a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that fired.
    pub rule: Rule,
    /// Category of the word list entry, or of the rule.
    pub category: Arc<str>,
    /// Its weight.
    pub severity: Severity,
    /// Characters (not bytes) of the **original** text.
    pub span: Range<usize>,
    /// How it was recognised.
    pub path: Path,
    /// What the author is told.
    pub reason: Reason,
}

/// Result of screening one post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// What may happen to the post.
    pub verdict: Verdict,
    /// Everything found, in the order of the text.
    pub findings: Vec<Finding>,
}

impl Screening {
    /// Orders the findings and draws the verdict from the heaviest.
    pub(super) fn from_findings(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|f| (f.span.start, f.span.end, f.path));
        let verdict = match findings.iter().map(|f| f.severity).max() {
            None | Some(Severity::Note) => Verdict::Publish,
            Some(Severity::Hold) => Verdict::Hold,
            Some(Severity::Block) => Verdict::Decline,
        };
        Self { verdict, findings }
    }

    /// What the author is told: the reasons of the findings that decided, heaviest first, each once.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        let mut deciding: Vec<&Finding> = self
            .findings
            .iter()
            .filter(|f| f.severity > Severity::Note)
            .collect();
        deciding.sort_by_key(|f| std::cmp::Reverse(f.severity));
        let mut reasons = Vec::new();
        for finding in deciding {
            if !reasons.contains(&finding.reason) {
                reasons.push(finding.reason);
            }
        }
        reasons
    }
}
