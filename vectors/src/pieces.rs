//! Cuts a sentence into the pieces of words the model knows: those whose likelihoods have the greatest product.

use std::collections::HashMap;

use super::file::Reader;

/// Numbers of the pieces that are no text: the ends of a sentence, and what is not known.
pub(crate) const BEGIN: u32 = 0;
pub(crate) const END: u32 = 1;
const UNKNOWN: u32 = 2;

/// Stands for a space, and before the first word.
const SPACE: char = '\u{2581}';

pub(crate) struct Pieces {
    known: HashMap<Box<str>, (u32, f32)>,
    /// Characters of the longest piece.
    longest: usize,
    unknown: f32,
    /// What some characters are written as before they are looked up.
    written: HashMap<char, Box<str>>,
}

impl Pieces {
    pub(crate) fn read(file: &mut Reader<'_>, n: usize) -> Option<Self> {
        let unknown = file.real()?;
        let mut known = HashMap::with_capacity(n);
        let mut longest = 1;
        for id in 0..u32::try_from(n).ok()? {
            let len = file.byte()?;
            let likelihood = file.real()?;
            let text = str::from_utf8(file.bytes(len)?).ok()?;
            if !text.is_empty() {
                longest = longest.max(text.chars().count());
                known.insert(text.into(), (id, likelihood));
            }
        }
        let mut written = HashMap::new();
        for _ in 0..file.size()? {
            let from = char::from_u32(file.whole()?)?;
            let len = file.byte()?;
            let to = (0..len)
                .map(|_| char::from_u32(file.whole()?))
                .collect::<Option<String>>()?;
            written.insert(from, to.into());
        }
        Some(Self {
            known,
            longest,
            unknown,
            written,
        })
    }

    /// A space before it, and none twice.
    fn write(&self, sentence: &str) -> String {
        let mut out = String::from(SPACE);
        let mut put = |c: char| {
            let c = if c == ' ' { SPACE } else { c };
            if c != SPACE || !out.ends_with(SPACE) {
                out.push(c);
            }
        };
        for c in sentence.chars() {
            match self.written.get(&c) {
                Some(to) => to.chars().for_each(&mut put),
                None => put(c),
            }
        }
        out
    }

    /// The numbers of the pieces.
    pub(crate) fn cut(&self, sentence: &str) -> Vec<u32> {
        let text = self.write(sentence);
        let starts: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let n = starts.len() - 1;
        // Best way to each place: likelihood, where its last piece begins, which it is.
        let mut best = vec![(f32::NEG_INFINITY, 0usize, UNKNOWN); n + 1];
        best[0].0 = 0.0;
        for from in 0..n {
            let so_far = best[from].0;
            for to in from + 1..=n.min(from + self.longest) {
                if let Some(&(id, likelihood)) = self.known.get(&text[starts[from]..starts[to]])
                    && so_far + likelihood > best[to].0
                {
                    best[to] = (so_far + likelihood, from, id);
                }
            }
            if so_far + self.unknown > best[from + 1].0 {
                best[from + 1] = (so_far + self.unknown, from, UNKNOWN);
            }
        }
        let mut ids = Vec::new();
        let mut at = n;
        while at > 0 {
            ids.push(best[at].2);
            at = best[at].1;
        }
        ids.reverse();
        ids
    }
}
