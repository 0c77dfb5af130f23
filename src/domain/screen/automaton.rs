//! Many patterns at once over a row of characters; a pattern may stand for several words.

use std::collections::HashMap;

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};

/// What a pattern is to the word it was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The canonical word; it has only word characters.
    Whole,
    /// The canonical word; it has a symbol or space in it.
    Literal,
    /// A literal word without its symbols.
    Bare,
    /// A word with doubled characters, each once.
    Collapsed,
    /// Made by a flag: initials, split characters, sounds.
    Made,
}

/// A pattern's word and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    pub(super) word: u32,
    pub(super) chars: u16,
    pub(super) kind: Kind,
}

/// Patterns collected before the automaton is built.
#[derive(Default)]
pub(super) struct Patterns(HashMap<String, Vec<Pattern>>);

impl Patterns {
    pub(super) fn add(&mut self, text: String, word: u32, kind: Kind) {
        let pattern = Pattern {
            word,
            chars: text.chars().count() as u16,
            kind,
        };
        let group = self.0.entry(text).or_default();
        if !group.contains(&pattern) {
            group.push(pattern);
        }
    }
}

/// The patterns, ready to be searched for.
#[derive(Default)]
pub(super) struct Automaton {
    machine: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// Patterns with the same text are neighbours.
    patterns: Vec<Pattern>,
    /// Start in `patterns` of the group with this number; one more than there are groups.
    groups: Vec<u32>,
}

impl Automaton {
    pub(super) fn build(patterns: Patterns) -> Self {
        let mut texts: Vec<(String, Vec<Pattern>)> = patterns
            .0
            .into_iter()
            .filter(|(text, _)| !text.is_empty())
            .collect();
        if texts.is_empty() {
            return Self::default();
        }
        // Sorted, so that the same lists always build the same automaton.
        texts.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let machine = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .use_prefilter(false)
            .build_with_values(
                texts
                    .iter()
                    .zip(0u32..)
                    .map(|((text, _), group)| (text.as_str(), group)),
            )
            .expect("patterns are distinct and not empty, and a list has far fewer than 2^24 characters");
        let mut all = Vec::new();
        let mut groups = vec![0];
        for (_, group) in texts {
            all.extend(group);
            groups.push(all.len() as u32);
        }
        Self {
            machine: Some(machine),
            patterns: all,
            groups,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.machine.is_none()
    }

    /// Calls `hit(start, end, pattern)` for every pattern in `chars`, overlapping ones too.
    pub(super) fn scan(&self, chars: &[char], mut hit: impl FnMut(usize, usize, Pattern)) {
        let Some(machine) = &self.machine else { return };
        let mut stepper = machine.find_overlapping_stepper();
        for (i, &c) in chars.iter().enumerate() {
            stepper.consume(c);
            for found in stepper.matches() {
                let group = found.value() as usize;
                for &pattern in &self.patterns[self.groups[group] as usize..self.groups[group + 1] as usize] {
                    hit(i + 1 - usize::from(pattern.chars), i + 1, pattern);
                }
            }
        }
    }

    /// Memory on the heap in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.machine
            .as_ref()
            .map_or(0, CharwiseDoubleArrayAhoCorasick::heap_bytes)
            + self.patterns.capacity() * size_of::<Pattern>()
            + self.groups.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_and_equal_patterns_are_all_found() {
        let mut patterns = Patterns::default();
        for (word, text) in ["赌博", "博弈", "赌博", "赌"].into_iter().enumerate() {
            patterns.add(text.to_owned(), word as u32, Kind::Whole);
        }
        let automaton = Automaton::build(patterns);
        let mut hits = Vec::new();
        automaton.scan(&"禁赌博弈".chars().collect::<Vec<_>>(), |s, e, p| {
            hits.push((s, e, p.word))
        });
        hits.sort_unstable();
        assert_eq!(hits, [(1, 2, 3), (1, 3, 0), (1, 3, 2), (2, 4, 1)]);
        Automaton::build(Patterns::default())
            .scan(&['a'], |_, _, _| panic!("an empty automaton finds nothing"));
    }
}
