//! The words the comparison knows, from `assets/similar/synonyms.txt`. The file explains its own form.

use std::collections::HashMap;
use std::sync::LazyLock;

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};

use super::super::closed_set::closed_set;
use super::super::screen::canon::skeleton;

closed_set! {
    /// What kind of question a text is.
    Ask {
        When = "when", Why = "why", Much = "much", Who = "who", Where = "where", Howto = "howto", How = "how",
        Do = "do", Whether = "whether", Praise = "praise", Past = "past", Trouble = "trouble",
    }
}

/// What kind of place a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceKind {
    Estate,
    Road,
    Area,
    Facility,
}

/// A concept: what several words mean alike.
pub(super) type Concept = u16;

/// What a word of the file is; a word may be several things at once (小学 is a concept and ends a name).
#[derive(Debug, Default, Clone)]
pub(super) struct Mark {
    pub(super) concepts: Vec<Concept>,
    /// Kinds of question, one bit each by place in [`Ask::ALL`].
    pub(super) asks: u16,
    pub(super) place: Option<PlaceKind>,
    pub(super) negation: bool,
}

/// The file, ready to read texts with.
pub(super) struct Vocabulary {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    marks: Vec<Mark>,
    weak: Vec<bool>,
    /// Groups of which a question is about one at most.
    pub(super) differ: Vec<Vec<Concept>>,
    /// Acts that go together.
    pub(super) acts: Vec<Vec<Concept>>,
    opposite: Vec<(Concept, Concept)>,
}

/// The vocabulary that ships with the program.
pub(super) static SHIPPED: LazyLock<Vocabulary> = LazyLock::new(|| {
    Vocabulary::parse(include_str!("../../../assets/similar/synonyms.txt"))
        .expect("the shipped file is read by a test")
});

/// A word found in a text, by character positions.
#[derive(Debug)]
pub(super) struct Hit<'v> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) mark: &'v Mark,
}

impl Vocabulary {
    /// Reads a file.
    ///
    /// # Errors
    /// The number of the first line that is not understood, from 1, and why.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser::default();
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                parser
                    .line(line)
                    .map_err(|why| format!("line {}: {why}", i + 1))?;
            }
        }
        parser.finish()
    }

    /// Words of a [`skeleton`], from left to right, the longest at each place.
    pub(super) fn hits(&self, text: &str) -> Vec<Hit<'_>> {
        let mut position = 0;
        let mut byte = 0;
        let mut hits = Vec::new();
        for found in self.automaton.leftmost_find_iter(text) {
            position += text[byte..found.start()].chars().count();
            let start = position;
            position += text[found.start()..found.end()].chars().count();
            byte = found.end();
            hits.push(Hit {
                start,
                end: position,
                mark: &self.marks[found.value() as usize],
            });
        }
        hits
    }

    pub(super) fn is_weak(&self, concept: Concept) -> bool {
        self.weak[usize::from(concept)]
    }

    /// The contrary of a concept, if it has just one meaning when negated.
    pub(super) fn contrary(&self, concept: Concept) -> Option<Concept> {
        self.opposite
            .iter()
            .find_map(|&(a, b)| (a == concept).then_some(b).or((b == concept).then_some(a)))
    }

    pub(super) fn opposite(&self) -> &[(Concept, Concept)] {
        &self.opposite
    }
}

#[derive(Default)]
struct Parser {
    section: String,
    concepts: HashMap<String, Concept>,
    weak: Vec<bool>,
    words: HashMap<String, usize>,
    marks: Vec<Mark>,
    differ: Vec<Vec<Concept>>,
    acts: Vec<Vec<Concept>>,
    opposite: Vec<(Concept, Concept)>,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if let Some(section) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section.clone_into(&mut self.section);
            return Ok(());
        }
        let (left, right) = line
            .split_once('=')
            .map_or((line, None), |(left, right)| (left.trim(), Some(right.trim())));
        let words_of = |right: Option<&str>| right.map(str::to_owned).ok_or("`=` is missing");
        match self.section.as_str() {
            "words" | "weak" => {
                let weak = self.section == "weak";
                let ids: Vec<Concept> = left
                    .split_whitespace()
                    .map(|name| self.concept(name, weak))
                    .collect();
                for word in words_of(right)?.split_whitespace() {
                    let mark = self.mark(word);
                    if mark.concepts.is_empty() {
                        mark.concepts.clone_from(&ids);
                    }
                }
            }
            "ask" => {
                let ask: Ask = left.parse().map_err(|_| format!("no kind of question: {left}"))?;
                for word in words_of(right)?.split_whitespace() {
                    self.mark(word).asks |= 1 << (ask as u16);
                }
            }
            "place" => {
                let kind = match left {
                    "estate" => PlaceKind::Estate,
                    "road" => PlaceKind::Road,
                    "area" => PlaceKind::Area,
                    "facility" => PlaceKind::Facility,
                    _ => return Err(format!("no kind of place: {left}")),
                };
                for word in words_of(right)?.split_whitespace() {
                    self.mark(word).place = Some(kind);
                }
            }
            "negation" => line
                .split_whitespace()
                .for_each(|word| self.mark(word).negation = true),
            "filler" => line.split_whitespace().for_each(|word| {
                self.mark(word);
            }),
            "differ" => {
                let group = self.known(line)?;
                self.differ.push(group);
            }
            "act" => {
                let group = self.known(line)?;
                self.acts.push(group);
            }
            "opposite" => match self.known(line)?[..] {
                [a, b] => self.opposite.push((a, b)),
                _ => return Err("an opposite has two concepts".into()),
            },
            section => return Err(format!("no section {section}")),
        }
        Ok(())
    }

    fn concept(&mut self, name: &str, weak: bool) -> Concept {
        if let Some(&id) = self.concepts.get(name) {
            return id;
        }
        let id = Concept::try_from(self.weak.len()).expect("a file of fewer than 65,536 concepts");
        self.weak.push(weak);
        self.concepts.insert(name.to_owned(), id);
        id
    }

    fn known(&self, line: &str) -> Result<Vec<Concept>, String> {
        line.split_whitespace()
            .map(|name| {
                self.concepts
                    .get(name)
                    .copied()
                    .ok_or_else(|| format!("no concept {name}"))
            })
            .collect()
    }

    fn mark(&mut self, word: &str) -> &mut Mark {
        let at = *self.words.entry(skeleton(word)).or_insert_with(|| {
            self.marks.push(Mark::default());
            self.marks.len() - 1
        });
        &mut self.marks[at]
    }

    fn finish(self) -> Result<Vocabulary, String> {
        let words: Vec<(&str, u32)> = self
            .words
            .iter()
            .map(|(word, &at)| (word.as_str(), at as u32))
            .collect();
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(words)
            .map_err(|why| why.to_string())?;
        Ok(Vocabulary {
            automaton,
            marks: self.marks,
            weak: self.weak,
            differ: self.differ,
            acts: self.acts,
            opposite: self.opposite,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_understood() {
        let vocabulary = Vocabulary::parse(include_str!("../../../assets/similar/synonyms.txt"));
        assert!(vocabulary.is_ok_and(|v| v.differ.len() > 10 && v.opposite.len() > 10));
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        let why = |text: &str| Vocabulary::parse(text).err().unwrap_or_default();
        assert_eq!(why("[words]\n水 = 自来水\n\n火\n"), "line 4: `=` is missing");
        assert_eq!(
            why("[words]\n水 = 自来水\n[differ]\n水 火\n"),
            "line 4: no concept 火"
        );
        assert_eq!(why("[ask]\nhmm = 嗯\n"), "line 2: no kind of question: hmm");
        assert_eq!(why("[sound]\n水\n"), "line 2: no section sound");
    }
}
