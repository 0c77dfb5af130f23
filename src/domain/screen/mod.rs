//! Screening of what netizens write: what speaks against showing a post at once, and why.
//!
//! Pure rules: text and context in, findings out. The callers load the lists, keep the recent fingerprints and store
//! the result; nothing here reads a clock, a file or a database.
//!
//! ```text
//! text -> Canon (canon.rs, fold.rs)   width, case, circles, marks, traditional, look-alikes; map to the original
//!      -> words (words.rs)            exact · noise · repeats · digits · look-alike letters · split · pinyin ·
//!                                     initials · homophones; allow words lift what they cover
//!      -> personal.rs links.rs contact.rs repeats.rs   numbers, links, messengers, the same again
//!      -> Screening (finding.rs)      verdict and findings, each with span in the original and reason (reason.rs)
//! ```
//!
//! Two promises. The dictionary and the text go through the same fold, so a word is found or not found alike in both.
//! Only an exact hit of a block list declines; whatever needed guessing holds for a person.

mod automaton;
pub(super) mod canon;
mod contact;
mod finding;
mod fold;
mod links;
mod list;
pub(super) mod personal;
mod reason;
mod repeats;
mod sound;
mod split;
mod variants;
mod words;

use std::sync::Arc;

pub use finding::{Finding, Path, Rule, Screening, Severity, Verdict};
pub use list::{BrokenLine, Entry, Flags, LineError, ListError, ListKind, Scope, WORD_CHARS_MAX, WordList};
pub use reason::Reason;
pub use repeats::Fingerprint;
pub use words::Layer;

use self::{
    canon::{Canon, Class},
    words::Search,
};

/// Shortest post whose share of symbols is looked at. A row of exclamation marks is a reaction, not a disguise.
const SYMBOL_CHARS_MIN: usize = 10;

/// Hidden characters and marks from which a post is held, when there is more than one for every four shown.
const HIDDEN_MIN: usize = 6;

/// What the screen should know beyond the text. Everything defaults to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Fingerprints of the author's own recent posts in this session.
    pub author_recent: &'a [Fingerprint],
    /// Fingerprints of recent posts of other authors in this session.
    pub others_recent: &'a [Fingerprint],
    /// This is one of the first posts of a new identity and the hall wants those looked at.
    pub first_post: bool,
    /// Domains of the hall whose links need no look, besides `gov.cn`.
    pub allowed_hosts: &'a [&'a str],
}

/// Word lists and rules, ready to screen posts. Cheap to clone; share it and replace it as a whole.
#[derive(Clone, Default)]
pub struct Screen {
    layers: Vec<Arc<Layer>>,
}

impl Screen {
    /// Compiles the lists of one hall into a screen of its own.
    #[must_use]
    pub fn build(lists: &[WordList]) -> Self {
        Self::of([Arc::new(Layer::build(lists))])
    }

    /// A screen of layers compiled before, so that many halls share the global one.
    #[must_use]
    pub fn of(layers: impl IntoIterator<Item = Arc<Layer>>) -> Self {
        Self {
            layers: layers.into_iter().collect(),
        }
    }

    /// A screen with the lists that ship with the program; see [`WordList::starter`].
    #[must_use]
    pub fn starter() -> Self {
        Self::build(&WordList::starter())
    }

    /// The layers, global one first by convention of the caller.
    #[must_use]
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    /// Screens one post.
    #[must_use]
    pub fn check(&self, text: &str, context: &Context<'_>) -> Screening {
        let canon = Canon::of(text);
        let mut findings = Search::run(&canon, &self.layers);
        let links = links::find(&canon, context.allowed_hosts);
        for (rule, from, to) in personal::find(&canon)
            .into_iter()
            .chain(links)
            .chain(contact::find(&canon))
        {
            let span = canon.span(from, to);
            // A number offered as a contact is one finding, not two.
            if !findings
                .iter()
                .any(|f| f.path == Path::Pattern && f.span.start <= span.start && span.end <= f.span.end)
            {
                findings.push(pattern(rule, span));
            }
        }
        let whole = 0..canon.original_len;
        if !whole.is_empty() {
            for rule in whole_post_rules(text, &canon, context) {
                findings.push(pattern(rule, whole.clone()));
            }
        }
        Screening::from_findings(findings)
    }
}

/// Rules about the post as a whole.
fn whole_post_rules(text: &str, canon: &Canon, context: &Context<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    if !context.author_recent.is_empty() || !context.others_recent.is_empty() {
        let post = Fingerprint::of(text);
        if repeats::repeats_own(&post, context.author_recent) {
            rules.push(Rule::RepeatOwn);
        }
        if repeats::repeats_others(&post, context.others_recent) {
            rules.push(Rule::RepeatOthers);
        }
    }
    if mostly_symbols(canon) {
        rules.push(Rule::SpecialCharacters);
    }
    if context.first_post {
        rules.push(Rule::FirstPost);
    }
    rules
}

/// Symbols outnumber words, or hidden characters are many. Emoji, punctuation and spaces are neither.
fn mostly_symbols(canon: &Canon) -> bool {
    let count = |f: fn(Class) -> bool| canon.classes.iter().filter(|&&c| f(c)).count();
    let (symbols, words) = (count(|c| c == Class::Noise), count(Class::is_word));
    (canon.len() >= SYMBOL_CHARS_MIN && symbols > words)
        || (canon.dropped >= HIDDEN_MIN && canon.dropped * 4 > canon.len())
}

/// Finding of a rule that is not a word.
fn pattern(rule: Rule, span: std::ops::Range<usize>) -> Finding {
    let reason = match rule {
        Rule::IdNumber => Reason::IdNumber,
        Rule::Mobile => Reason::Mobile,
        Rule::BankCard => Reason::BankCard,
        Rule::Email => Reason::Email,
        Rule::Link => Reason::Link,
        Rule::Contact => Reason::Contact,
        Rule::RepeatOwn => Reason::Repeat,
        Rule::RepeatOthers => Reason::Flood,
        Rule::SpecialCharacters => Reason::SpecialCharacters,
        Rule::FirstPost => Reason::FirstPost,
        Rule::Word { .. } => Reason::Word,
    };
    let category = match rule {
        Rule::IdNumber | Rule::Mobile | Rule::BankCard | Rule::Email => "personal",
        Rule::Link | Rule::Contact => "contact",
        Rule::RepeatOwn | Rule::RepeatOthers => "repeat",
        Rule::SpecialCharacters => "special",
        Rule::FirstPost => "first_post",
        Rule::Word { .. } => "general",
    };
    Finding {
        rule,
        category: category.into(),
        severity: Severity::Hold,
        span,
        path: Path::Pattern,
        reason,
    }
}

/// A post whose screening differs between two screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<K> {
    /// The caller's key of the post.
    pub post: K,
    /// Result with the screen in use.
    pub before: Screening,
    /// Result with the screen on trial.
    pub after: Screening,
}

/// Screens `posts` with both screens and returns those whose verdict would change. Repeats and first posts are left
/// out: they depend on a moment that has passed.
pub fn dry_run<'t, K>(
    current: &Screen,
    trial: &Screen,
    allowed_hosts: &[&str],
    posts: impl IntoIterator<Item = (K, &'t str)>,
) -> Vec<Change<K>> {
    let context = Context {
        allowed_hosts,
        ..Context::default()
    };
    posts
        .into_iter()
        .filter_map(|(post, text)| {
            let (before, after) = (current.check(text, &context), trial.check(text, &context));
            (before.verdict != after.verdict).then_some(Change { post, before, after })
        })
        .collect()
}
