//! The search for listed words along every path, and what is left of the hits.

use std::{cmp::Reverse, sync::Arc};

use super::{
    automaton::{Automaton, Kind, Pattern},
    canon::{Canon, Class, Stream, canonical, skeleton},
    finding::{Finding, Path, Rule},
    fit::{
        collapse, gaps_are_noise, gaps_have_letters, hear, is_code, is_stroke, is_tone, place_follows,
        reads_as_pinyin_around, repeats_enough, stands_alone, stands_apart, voiced, whole_syllables,
    },
    fold::{leet, numeral},
    layer::Layer,
    list::{ListKind, Scope},
    reason::Reason,
    sound,
};

/// A word found at canonical positions `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hit {
    layer: usize,
    word: u32,
    from: usize,
    to: usize,
    path: Path,
}
/// Searches one text in one or more layers.
pub(super) struct Search<'a> {
    canon: &'a Canon,
    layers: &'a [Arc<Layer>],
    hits: Vec<Hit>,
}

impl<'a> Search<'a> {
    /// All findings of words in the text.
    pub(super) fn run(canon: &'a Canon, layers: &'a [Arc<Layer>]) -> Vec<Finding> {
        let mut search = Self {
            canon,
            layers,
            hits: Vec::new(),
        };
        search.exact();
        search.thinned();
        search.digits();
        search.pictures();
        search.backwards();
        search.lookalike();
        search.spelled();
        search.sounding();
        search.spoken();
        search.findings()
    }

    fn exact(&mut self) {
        let canon = self.canon;
        self.scan(
            |l| &l.main,
            &canon.chars,
            |_, _, from, to, pattern| {
                (matches!(pattern.kind, Kind::Whole | Kind::Literal) && stands_alone(canon, from, to))
                    .then_some((from, to, Path::Exact))
            },
        );
    }

    /// Words with noise, letters or repeats in them.
    fn thinned(&mut self) {
        let canon = self.canon;
        let has = |f: fn(Class) -> bool| canon.classes.iter().any(|&c| f(c));
        let has_noise = has(|c| !c.is_word());
        let words = Stream::pick(canon, Class::is_word);
        if has_noise {
            self.scan(
                |l| &l.main,
                &words.chars,
                |_, _, start, end, pattern| {
                    let at = &words.from[start..end];
                    let (from, to) = words.range(start, end);
                    (matches!(pattern.kind, Kind::Whole | Kind::Bare)
                        && to - from > end - start
                        && gaps_are_noise(canon, at, at)
                        && stands_alone(canon, from, to))
                    .then_some((from, to, Path::Noise))
                },
            );
        }
        let strokes = canon.chars.iter().any(|&c| is_stroke(c));
        if (has(Class::is_alnum) || strokes) && has(|c| c == Class::Han) {
            let mut han = Stream::default();
            for (i, &c) in canon.chars.iter().enumerate() {
                if canon.classes[i] == Class::Han && !is_stroke(c) {
                    han.push(c, i);
                }
            }
            self.scan(
                |l| &l.main,
                &han.chars,
                |_, _, start, end, pattern| {
                    let at = &han.from[start..end];
                    let (from, to) = han.range(start, end);
                    (matches!(pattern.kind, Kind::Whole | Kind::Bare) && gaps_have_letters(canon, at))
                        .then_some((from, to, Path::Noise))
                },
            );
        }
        if words.chars.windows(2).any(|pair| pair[0] == pair[1]) {
            let (once, last) = collapse(&words);
            self.scan(
                |l| &l.main,
                &once.chars,
                |layer, word, start, end, pattern| {
                    let (first, last) = (&once.from[start..end], &last[start..end]);
                    let (from, to) = (first[0] as usize, last[last.len() - 1] as usize + 1);
                    (pattern.kind != Kind::Literal
                        && to - from > end - start
                        && gaps_are_noise(canon, first, last)
                        && repeats_enough(canon, &layer.words[word as usize].text, first, last)
                        && stands_alone(canon, from, to))
                    .then_some((from, to, Path::Repeat))
                },
            );
        }
    }

    /// Words with a numeral written another way.
    fn digits(&mut self) {
        let canon = self.canon;
        if self.layers.iter().all(|l| l.digits.is_empty()) {
            return;
        }
        let mut stream = voiced(canon);
        stream
            .chars
            .iter_mut()
            .for_each(|c| *c = numeral(*c).unwrap_or(*c));
        self.scan(
            |l| &l.digits,
            &stream.chars,
            |_, _, start, end, _| {
                let at = &stream.from[start..end];
                let (from, to) = stream.range(start, end);
                (gaps_are_noise(canon, at, at) && stands_alone(canon, from, to)).then_some((
                    from,
                    to,
                    Path::Digits,
                ))
            },
        );
    }

    /// Words with a picture in the place of a character (`🔫支`), whatever their flags: a picture has no other reading.
    fn pictures(&mut self) {
        let canon = self.canon;
        let is_read =
            |i: usize| canon.classes[i] == Class::Emoji && sound::emoji_reading(canon.chars[i]).is_some();
        if !(0..canon.len()).any(is_read) {
            return;
        }
        let voiced = voiced(canon);
        self.scan(
            |l| &l.main,
            &voiced.chars,
            |layer, word, start, end, pattern| {
                let at = &voiced.from[start..end];
                let (from, to) = voiced.range(start, end);
                (matches!(pattern.kind, Kind::Whole | Kind::Bare)
                    && layer.list(word).kind != ListKind::Allow
                    && at.iter().any(|&i| is_read(i as usize))
                    && gaps_are_noise(canon, at, at))
                .then_some((from, to, Path::Homophone))
            },
        );
    }

    /// Chinese words written from behind. One of three characters must stand by itself; longer ones are nothing else.
    fn backwards(&mut self) {
        let canon = self.canon;
        let mut reversed = Stream::pick(canon, |c| c == Class::Han);
        if reversed.chars.len() < 3 {
            return;
        }
        reversed.chars.reverse();
        reversed.from.reverse();
        self.scan(
            |l| &l.main,
            &reversed.chars,
            |layer, word, start, end, pattern| {
                let forwards: Vec<u32> = reversed.from[start..end].iter().rev().copied().collect();
                let (from, to) = (forwards[0] as usize, forwards[forwards.len() - 1] as usize + 1);
                let chars = &reversed.chars[start..end];
                let isolated = !canon.class_before(from).is_word() && !canon.class_at(to).is_word();
                (matches!(pattern.kind, Kind::Whole | Kind::Bare)
                    && layer.list(word).kind != ListKind::Allow
                    && (chars.len() >= 4 || (chars.len() == 3 && isolated))
                    && !chars.iter().eq(chars.iter().rev())
                    && gaps_are_noise(canon, &forwards, &forwards))
                .then_some((from, to, Path::Backwards))
            },
        );
    }

    /// Latin words with digits and symbols for letters.
    fn lookalike(&mut self) {
        let canon = self.canon;
        let mut chars = canon.chars.clone();
        let mut changed = false;
        for (i, read) in chars.iter_mut().enumerate() {
            let beside = canon.class_before(i) == Class::Letter || canon.class_at(i + 1) == Class::Letter;
            if beside && let Some(letter) = leet(canon.chars[i]) {
                *read = letter;
                changed = true;
            }
        }
        if !changed {
            return;
        }
        self.scan(
            |l| &l.main,
            &chars,
            |_, _, from, to, pattern| {
                (pattern.kind == Kind::Whole
                    && chars[from..to].iter().all(char::is_ascii_lowercase)
                    && chars[from..to] != canon.chars[from..to]
                    && stands_alone(canon, from, to))
                .then_some((from, to, Path::Lookalike))
            },
        );
    }

    /// Initials and split characters.
    fn spelled(&mut self) {
        let canon = self.canon;
        if self.layers.iter().all(|l| l.spelled.is_empty()) {
            return;
        }
        let words = Stream::pick(canon, Class::is_word);
        self.scan(
            |l| &l.spelled,
            &words.chars,
            |_, _, start, end, _| {
                let at = &words.from[start..end];
                let (from, to) = words.range(start, end);
                let chars = &words.chars[start..end];
                let has_letters = chars.iter().any(char::is_ascii_lowercase);
                let path = if has_letters { Path::Initials } else { Path::Split };
                (gaps_are_noise(canon, at, at)
                    && (!has_letters || (stands_apart(canon, from, to) && !is_code(canon, from, to))))
                .then_some((from, to, path))
            },
        );
    }

    /// Other characters of the same sound, and pictures read as characters.
    fn sounding(&mut self) {
        let canon = self.canon;
        if self.layers.iter().all(|l| l.sounding.is_empty()) {
            return;
        }
        let voiced = voiced(canon);
        // Once as most characters are read, once with the second reading of those that have one (薄: bao, bo).
        for reading in [0, 1] {
            let symbols: Vec<char> = voiced
                .chars
                .iter()
                .map(|&c| sound::symbol_of(c, reading))
                .collect();
            self.scan(
                |l| &l.sounding,
                &symbols,
                |layer, word, start, end, _| {
                    let at = &voiced.from[start..end];
                    let (from, to) = voiced.range(start, end);
                    let text: Vec<char> = skeleton(&layer.words[word as usize].text).chars().collect();
                    let heard = hear(&text, &voiced.chars[start..end]);
                    (heard && gaps_are_noise(canon, at, at)).then_some((from, to, Path::Homophone))
                },
            );
        }
    }

    /// Syllables written in letters, wholly or in part.
    fn spoken(&mut self) {
        let canon = self.canon;
        if self.layers.iter().all(|l| l.spoken.is_empty()) || !canon.classes.contains(&Class::Letter) {
            return;
        }
        let voiced = voiced(canon);
        let mut spelled = Stream::default();
        let mut last: Vec<u32> = Vec::new(); // end of each letter, with the tone behind it
        for (&c, &from) in voiced.chars.iter().zip(&voiced.from) {
            match sound::syllable(c) {
                Some(s) => sound::letters(s)
                    .chars()
                    .for_each(|l| spelled.push(l, from as usize)),
                None if is_tone(canon, from as usize) => {
                    *last.last_mut().expect("a tone follows a letter") = from
                }
                None => spelled.push(c, from as usize),
            }
            last.resize(spelled.from.len(), from);
        }
        self.scan(
            |l| &l.spoken,
            &spelled.chars,
            |layer, word, start, end, _| {
                let (first, last) = (&spelled.from[start..end], &last[start..end]);
                let (from, to) = (first[0] as usize, last[last.len() - 1] as usize + 1);
                let text: Vec<char> = skeleton(&layer.words[word as usize].text).chars().collect();
                (whole_syllables(canon, &spelled, start, end, &text)
                    && gaps_are_noise(canon, first, last)
                    && reads_as_pinyin_around(canon, from, to))
                .then_some((from, to, Path::Pinyin))
            },
        );
    }

    /// Runs one automaton of every layer and keeps the hits that `accept` turns into a range and path.
    fn scan(
        &mut self,
        automaton: impl Fn(&Layer) -> &Automaton,
        chars: &[char],
        accept: impl Fn(&Layer, u32, usize, usize, Pattern) -> Option<(usize, usize, Path)>,
    ) {
        let hits = &mut self.hits;
        for (number, layer) in self.layers.iter().enumerate() {
            automaton(layer).scan(chars, |start, end, pattern| {
                if let Some((from, to, path)) = accept(layer, pattern.word, start, end, pattern) {
                    hits.push(Hit {
                        layer: number,
                        word: pattern.word,
                        from,
                        to,
                        path,
                    });
                }
            });
        }
    }

    /// Hits without those an allow word lifts, each word and place once with its plainest path, and without those
    /// inside a longer hit that weighs as much.
    fn findings(self) -> Vec<Finding> {
        let (allowed, mut hits): (Vec<Hit>, Vec<Hit>) = self
            .hits
            .iter()
            .partition(|hit| self.layers[hit.layer].list(hit.word).kind == ListKind::Allow);
        hits.retain(|hit| {
            // What is written as in the list is judged as written: a lifted word does not come back by its sound or its numeral.
            (hit.path == Path::Exact || !self.is_written(hit)) && !self.names_a_place(hit)
        });
        hits.retain(|hit| {
            !allowed
                .iter()
                .any(|allow| self.lifts(allow, hit) || self.cuts(allow, hit))
        });
        // Heaviest first, then the plainest path, so that a word is explained by the shortest reasoning.
        let weight = |h: &Hit| Reverse(self.layers[h.layer].severity(h.word, h.path));
        hits.sort_by_key(|h| (weight(h), h.path, h.from, Reverse(h.to)));
        let mut kept: Vec<Hit> = Vec::new();
        for hit in hits {
            let inside = |k: &Hit| k.from <= hit.from && hit.to <= k.to;
            let same_word =
                |k: &Hit| (k.layer, k.word) == (hit.layer, hit.word) && k.from < hit.to && hit.from < k.to;
            if !kept.iter().any(|k| inside(k) || same_word(k)) {
                kept.push(hit);
            }
        }
        kept.iter().map(|hit| self.finding(hit)).collect()
    }

    /// True if the text has the word's own characters there and nothing else.
    fn is_written(&self, hit: &Hit) -> bool {
        let word = canonical(&self.layers[hit.layer].words[hit.word as usize].text);
        word.chars()
            .eq(self.canon.chars[hit.from..hit.to].iter().copied())
    }

    /// True if the hit is the name of a place: who offers something offers it to no village. An insult stands before a place as before
    /// anything else; only one that was found by its sound is lifted there (沙壁路).
    fn names_a_place(&self, hit: &Hit) -> bool {
        let layer = &self.layers[hit.layer];
        let insult = layer.words[hit.word as usize].category.as_ref() == "abuse";
        let may_be = match hit.path {
            Path::Exact => !insult && layer.list(hit.word).kind != ListKind::Block,
            Path::Homophone => true,
            _ => false,
        };
        may_be && layer.list(hit.word).kind != ListKind::Allow && place_follows(self.canon, hit.to)
    }

    /// True if the hit is a piece of two ordinary words: an edge word begins in it and goes on, or ends in it (`六合｜彩云`, `电脑｜残`). What
    /// is blocked stays blocked when it is written; of what was found by its sound no more is known than that characters of that sound stand there.
    fn cuts(&self, edge: &Hit, hit: &Hit) -> bool {
        let over_the_end = hit.from < edge.from && edge.from < hit.to && hit.to < edge.to;
        let over_the_start = edge.from < hit.from && hit.from < edge.to && edge.to < hit.to;
        let kind = self.layers[hit.layer].list(hit.word).kind;
        (hit.path == Path::Homophone || (hit.path == Path::Exact && kind != ListKind::Block))
            && edge.path == Path::Exact
            && (over_the_end || over_the_start)
            && self.layers[edge.layer].list(edge.word).edges
    }

    /// True if the allow word covers the hit. At equal length a hall cannot lift what is blocked everywhere.
    fn lifts(&self, allow: &Hit, hit: &Hit) -> bool {
        let covers =
            allow.from <= hit.from && hit.to <= allow.to && !self.layers[allow.layer].list(allow.word).edges;
        let longer = allow.to - allow.from > hit.to - hit.from;
        let (allow_list, hit_list) = (
            self.layers[allow.layer].list(allow.word),
            self.layers[hit.layer].list(hit.word),
        );
        let outranked = hit_list.kind == ListKind::Block
            && hit_list.scope == Scope::Global
            && allow_list.scope == Scope::Hall;
        covers && (longer || !outranked)
    }

    fn finding(&self, hit: &Hit) -> Finding {
        let layer = &self.layers[hit.layer];
        let word = &layer.words[hit.word as usize];
        let list = layer.list(hit.word);
        Finding {
            rule: Rule::Word {
                word: word.text.clone(),
                list: list.id.clone(),
                version: list.version,
            },
            category: word.category.clone(),
            severity: layer.severity(hit.word, hit.path),
            span: self.canon.span(hit.from, hit.to),
            path: hit.path,
            reason: Reason::for_category(&word.category),
        }
    }
}
