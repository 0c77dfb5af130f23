//! Word lists compiled into automata.

use std::{collections::HashMap, sync::Arc};

use super::{
    automaton::{Automaton, Kind, Patterns},
    canon::{canonical, skeleton},
    finding::{Path, Severity},
    fold::numeral,
    list::{EDGES_ID, Flags, ListKind, Scope, WordList},
    sound, variants,
};

/// Word lists compiled for searching. Build once, share in an `Arc`, replace as a whole.
pub struct Layer {
    pub(super) words: Vec<Word>,
    lists: Vec<ListHead>,
    /// Words as they are, and without symbols.
    pub(super) main: Automaton,
    /// Words with numerals written as digits.
    pub(super) digits: Automaton,
    /// Initials and split characters.
    pub(super) spelled: Automaton,
    /// Syllables in letters.
    pub(super) spoken: Automaton,
    /// Syllables as symbols, for other characters of the same sound.
    pub(super) sounding: Automaton,
}

pub(super) struct Word {
    pub(super) text: Arc<str>,
    pub(super) category: Arc<str>,
    flags: Flags,
    list: u16,
}

pub(super) struct ListHead {
    pub(super) id: Arc<str>,
    pub(super) version: u64,
    pub(super) scope: Scope,
    pub(super) kind: ListKind,
    /// Its words lift what they overlap at an edge, not what they cover.
    pub(super) edges: bool,
}
impl Layer {
    /// Compiles `lists`: 0.2 s and 8 MiB for 100,000 words, 0.4 s and 16 MiB when 2,000 of 60,000 carry every flag, 7 s
    /// and 150 MiB when all 60,000 do. Do it away from the threads that serve.
    ///
    /// # Panics
    /// With more than 65,535 lists.
    #[must_use]
    pub fn build(lists: &[WordList]) -> Self {
        let mut layer = Self {
            words: Vec::with_capacity(lists.iter().map(|l| l.entries.len()).sum()),
            lists: Vec::with_capacity(lists.len()),
            main: Automaton::default(),
            digits: Automaton::default(),
            spelled: Automaton::default(),
            spoken: Automaton::default(),
            sounding: Automaton::default(),
        };
        let spelled = lists
            .iter()
            .flat_map(|l| &l.entries)
            .filter(|e| e.flags.initials || e.flags.split)
            .count();
        let mut patterns = AllPatterns {
            per_word_max: variants::per_word_max(spelled),
            ..AllPatterns::default()
        };
        for list in lists {
            let number = u16::try_from(layer.lists.len()).expect("a hall has a handful of lists");
            layer.lists.push(ListHead {
                id: list.id.clone(),
                version: list.version,
                scope: list.scope,
                kind: list.kind,
                edges: list.id.as_ref() == EDGES_ID,
            });
            for entry in &list.entries {
                patterns.add(&entry.word, entry.flags, list.kind, layer.words.len() as u32);
                layer.words.push(Word {
                    text: entry.word.clone(),
                    category: entry.category.clone(),
                    flags: entry.flags,
                    list: number,
                });
            }
        }
        layer.main = Automaton::build(patterns.main);
        layer.digits = Automaton::build(patterns.digits);
        layer.spelled = Automaton::build(patterns.spelled);
        layer.spoken = Automaton::build(patterns.spoken);
        layer.sounding = Automaton::build(patterns.sounding);
        layer
    }

    /// Number of words, all lists together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True if there are no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Memory of the automata on the heap, in bytes, without the texts of the words.
    #[must_use]
    pub fn automata_bytes(&self) -> usize {
        [
            &self.main,
            &self.digits,
            &self.spelled,
            &self.spoken,
            &self.sounding,
        ]
        .map(Automaton::heap_bytes)
        .iter()
        .sum()
    }

    /// Id, version and number of words of each list.
    #[must_use]
    pub fn lists(&self) -> Vec<(Arc<str>, u64, usize)> {
        let mut counts: HashMap<u16, usize> = HashMap::new();
        self.words
            .iter()
            .for_each(|w| *counts.entry(w.list).or_default() += 1);
        self.lists
            .iter()
            .zip(0u16..)
            .map(|(list, n)| {
                (
                    list.id.clone(),
                    list.version,
                    counts.get(&n).copied().unwrap_or(0),
                )
            })
            .collect()
    }

    /// Words with a flag, which cost more memory than the others.
    #[must_use]
    pub fn flagged(&self) -> usize {
        self.words.iter().filter(|w| w.flags != Flags::default()).count()
    }

    pub(super) fn list(&self, word: u32) -> &ListHead {
        &self.lists[usize::from(self.words[word as usize].list)]
    }

    /// Weight of a word found along `path`.
    pub(super) fn severity(&self, word: u32, path: Path) -> Severity {
        match (self.list(word).kind, path) {
            (ListKind::Block, Path::Exact) => Severity::Block,
            (ListKind::Block | ListKind::Hold, _) => Severity::Hold,
            (ListKind::Note | ListKind::Allow, _) => Severity::Note,
        }
    }
}

/// Patterns of all automata while a layer is built.
#[derive(Default)]
struct AllPatterns {
    /// Bound on the spellings of one word.
    per_word_max: usize,
    main: Patterns,
    digits: Patterns,
    spelled: Patterns,
    spoken: Patterns,
    sounding: Patterns,
}

impl AllPatterns {
    fn add(&mut self, text: &str, flags: Flags, kind: ListKind, word: u32) {
        let canonical = canonical(text).trim().to_owned();
        let bare = skeleton(text);
        let chars: Vec<char> = bare.chars().collect();
        if canonical == bare {
            self.main.add(canonical, word, Kind::Whole);
        } else {
            self.main.add(canonical, word, Kind::Literal);
            if chars.len() >= 2 {
                self.main.add(bare.clone(), word, Kind::Bare);
            }
        }
        if kind == ListKind::Allow {
            return; // what lifts a hit is read strictly
        }
        let mut collapsed = chars.clone();
        collapsed.dedup();
        if collapsed.len() < chars.len() && collapsed.len() >= 2 {
            self.main.add(collapsed.iter().collect(), word, Kind::Collapsed);
        }
        let has_numeral = chars.iter().any(|&c| c.is_ascii_digit() || numeral(c).is_some());
        let has_other = chars.iter().any(|&c| !c.is_ascii_digit() && numeral(c).is_none());
        if has_numeral && has_other {
            self.digits.add(
                chars.iter().map(|&c| numeral(c).unwrap_or(c)).collect(),
                word,
                Kind::Made,
            );
        }
        if flags.initials {
            variants::initials(&chars, self.per_word_max)
                .into_iter()
                .for_each(|v| self.spelled.add(v, word, Kind::Made));
        }
        if flags.split {
            variants::split(&chars, self.per_word_max)
                .into_iter()
                .for_each(|v| self.spelled.add(v, word, Kind::Made));
        }
        if (flags.pinyin || flags.homophone) && chars.len() >= 2 {
            // Letters are told apart from Chinese, so rare readings do no harm there.
            if flags.pinyin {
                for sounds in spoken(&chars, sound::readings) {
                    self.spoken
                        .add(sounds.iter().map(Sound::letters).collect(), word, Kind::Made);
                }
            }
            if flags.homophone {
                for sounds in spoken(&chars, sound::common_readings) {
                    self.sounding
                        .add(sounds.iter().map(Sound::symbol).collect(), word, Kind::Made);
                }
            }
        }
    }
}
/// Sound of one character of a word.
#[derive(Clone, Copy)]
pub(super) enum Sound {
    Syllable(sound::Syllable),
    /// A letter or digit is read as itself.
    Plain(char),
}

impl Sound {
    pub(super) fn letters(&self) -> String {
        match *self {
            Self::Syllable(s) => sound::letters(s).to_owned(),
            Self::Plain(c) => c.to_string(),
        }
    }

    fn symbol(&self) -> char {
        match *self {
            Self::Syllable(s) => sound::symbol(s),
            Self::Plain(c) => c,
        }
    }
}

/// Every way to read the word, at most eight.
pub(super) fn spoken(word: &[char], readings: impl Fn(char) -> Vec<sound::Syllable>) -> Vec<Vec<Sound>> {
    let mut ways: Vec<Vec<Sound>> = vec![Vec::new()];
    for &c in word {
        let mut readings: Vec<Sound> = readings(c).into_iter().map(Sound::Syllable).collect();
        if readings.is_empty() {
            readings.push(Sound::Plain(c));
        }
        if ways.len() * readings.len() > 8 {
            readings.truncate(1);
        }
        ways = ways
            .iter()
            .flat_map(|way| {
                readings
                    .iter()
                    .map(move |&r| way.iter().copied().chain([r]).collect())
            })
            .collect();
    }
    ways
}
