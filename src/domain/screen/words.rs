//! Word lists compiled into automata, and the search for their words along every path.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use super::{
    automaton::{Automaton, Kind, Pattern, Patterns},
    canon::{Canon, Class, Stream, canonical, skeleton},
    finding::{Finding, Path, Rule, Severity},
    fold::{leet, numeral},
    list::{Flags, ListKind, Scope, WordList},
    reason::Reason,
    sound, variants,
};

/// Noise characters between two characters of a word. Evasions use one to four.
const GAP_NOISE_MAX: usize = 6;

/// Letters and digits used as noise between two Chinese characters of a word (`赌a博`).
const GAP_LETTERS_MAX: usize = 2;

/// The characters that make up most of any text. A word of two characters is not heard in a pair that holds one of
/// them: 啥比 and 每月跑 are ordinary Chinese, 煞笔 is not.
const COMMON: &str = "的一是了我不在人有来他这上着个地到大里说就去子得也和那要下看天时过出小么起你都把好还多没为又可家学只以主会样年想\
    能生同老中从自面前头到它后然走很像见两用她国动进成回什边作对开而己些现山民候经发工向事命给长水几义三声于高正妈手知理眼志点心\
    战二问但身方实吃做叫当住听革打呢真党全才四已所敌之最光产情路分总条白话东席次亲如被花口放儿常西气五第使写军吧文运再果怎定许\
    快明行因别飞外树物活部门无往船望新带队先力完间却站代员机更九您每风级跟笑啊孩万少直意夜比阶连车重便斗马哪化太指变社似士者干\
    石满决百原拿群究各六本思解立河爸村八难早论吗根共让相研今其书坐接应关信觉死步反处记将千找争领或师结块跑谁草越字加脚紧爱等习\
    阵怕月青半火法题建赶位唱海七女任件感准张团屋爷离色脸片科倒睛利世病刚且由送切星晚表够整认响雪流未场该并底深刻平伟忙提确近亮\
    轻讲农古黑告界拉名呀土清阳照办史改历转画造嘴此治北必服雨穿父内识验传业菜爬睡兴";

/// Longest Latin word that must stand alone between digits as well as letters (`sb` is not in `SB12`).
const SHORT_LATIN_CHARS_MAX: usize = 3;

/// Word lists compiled for searching. Build once, share in an `Arc`, replace as a whole.
pub struct Layer {
    words: Vec<Word>,
    lists: Vec<ListHead>,
    /// Words as they are, and without symbols.
    main: Automaton,
    /// Words with numerals written as digits.
    digits: Automaton,
    /// Initials and split characters.
    spelled: Automaton,
    /// Syllables in letters.
    spoken: Automaton,
    /// Syllables as symbols, for other characters of the same sound.
    sounding: Automaton,
}

struct Word {
    text: Arc<str>,
    category: Arc<str>,
    flags: Flags,
    list: u16,
}

struct ListHead {
    id: Arc<str>,
    version: u64,
    scope: Scope,
    kind: ListKind,
}

/// A word found at canonical positions `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    layer: usize,
    word: u32,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) path: Path,
}

impl Layer {
    /// Compiles `lists`. Takes about a second for 100,000 words; do it away from the threads that serve.
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

    fn list(&self, word: u32) -> &ListHead {
        &self.lists[usize::from(self.words[word as usize].list)]
    }

    fn severity(&self, hit: &Hit) -> Severity {
        match (self.list(hit.word).kind, hit.path) {
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
            for sounds in spoken(&chars) {
                if flags.pinyin {
                    self.spoken
                        .add(sounds.iter().map(Sound::letters).collect(), word, Kind::Made);
                }
                if flags.homophone {
                    self.sounding
                        .add(sounds.iter().map(Sound::symbol).collect(), word, Kind::Made);
                }
            }
        }
    }
}

/// Sound of one character of a word.
#[derive(Clone, Copy)]
enum Sound {
    Syllable(sound::Syllable),
    /// A letter or digit is read as itself.
    Plain(char),
}

impl Sound {
    fn letters(&self) -> String {
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
fn spoken(word: &[char]) -> Vec<Vec<Sound>> {
    let mut ways: Vec<Vec<Sound>> = vec![Vec::new()];
    for &c in word {
        let mut readings: Vec<Sound> = sound::readings(c).into_iter().map(Sound::Syllable).collect();
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
        if has(Class::is_alnum) && has(|c| c == Class::Han) {
            let han = Stream::pick(canon, |c| c == Class::Han);
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
        let mut stream = Stream::pick(canon, Class::is_word);
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
                (gaps_are_noise(canon, at, at) && (!has_letters || stands_apart(canon, from, to)))
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
        hits.retain(|hit| !allowed.iter().any(|allow| self.lifts(allow, hit)));
        // Heaviest first, then the plainest path, so that a word is explained by the shortest reasoning.
        let weight = |h: &Hit| Reverse(self.layers[h.layer].severity(h));
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

    /// True if the allow word covers the hit. At equal length a hall cannot lift what is blocked everywhere.
    fn lifts(&self, allow: &Hit, hit: &Hit) -> bool {
        let covers = allow.from <= hit.from && hit.to <= allow.to;
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
            severity: layer.severity(hit),
            span: self.canon.span(hit.from, hit.to),
            path: hit.path,
            reason: Reason::for_category(&word.category),
        }
    }
}

/// A Latin word is not part of a longer one; a short one touches no digit either. Chinese words stand anywhere.
fn stands_alone(canon: &Canon, from: usize, to: usize) -> bool {
    let short = to - from <= SHORT_LATIN_CHARS_MAX;
    let free = |edge: Class, beside: Class| match edge {
        Class::Letter => beside != Class::Letter && !(short && beside == Class::Digit),
        Class::Digit => beside != Class::Digit,
        _ => true,
    };
    free(canon.classes[from], canon.class_before(from)) && free(canon.classes[to - 1], canon.class_at(to))
}

/// No letter or digit touches an edge that is a letter.
fn stands_apart(canon: &Canon, from: usize, to: usize) -> bool {
    let free = |edge: Class, beside: Class| edge != Class::Letter || !beside.is_alnum();
    free(canon.classes[from], canon.class_before(from)) && free(canon.classes[to - 1], canon.class_at(to))
}

/// What lies between the characters of a word is noise and not too much of it. `first` and `last` are the canonical
/// positions at which each character begins and ends its run.
///
/// A comma or full stop inside a word is believed only when every pair is divided (`六。合。彩`), and in a word of two
/// characters only when one of them has nothing beside it; else the two halves belong to two sentences.
fn gaps_are_noise(canon: &Canon, first: &[u32], last: &[u32]) -> bool {
    let mut stops = false;
    let mut all_divided = true;
    for (&before, &after) in last.iter().zip(&first[1..]) {
        let (before, after) = (before as usize, after as usize);
        if after <= before + 1 {
            all_divided &= after == before; // letters of one syllable are one character
            continue;
        }
        let gap = &canon.classes[before + 1..after];
        if gap.len() > GAP_NOISE_MAX || gap.iter().any(|c| c.is_word()) {
            return false;
        }
        stops |= gap.contains(&Class::Stop);
    }
    if !stops {
        return true;
    }
    let (from, to) = (first[0] as usize, last[last.len() - 1] as usize + 1);
    let isolated = !canon.class_before(from).is_word() || !canon.class_at(to).is_word();
    all_divided && (first.len() >= 3 || isolated)
}

/// Between Chinese characters stand one or two letters or digits, at least once, and little else.
fn gaps_have_letters(canon: &Canon, at: &[u32]) -> bool {
    let mut any = false;
    for pair in at.windows(2) {
        let gap = &canon.classes[pair[0] as usize + 1..pair[1] as usize];
        let letters = gap.iter().filter(|c| c.is_alnum()).count();
        if letters > GAP_LETTERS_MAX || gap.len() > GAP_LETTERS_MAX + 2 || gap.contains(&Class::Stop) {
            return false;
        }
        any |= letters > 0;
    }
    any
}

/// The stream with every run of one character as a single character, and where each run ends.
fn collapse(words: &Stream) -> (Stream, Vec<u32>) {
    let mut once = Stream::default();
    let mut last: Vec<u32> = Vec::new();
    for (&c, &from) in words.chars.iter().zip(&words.from) {
        if once.chars.last() == Some(&c) {
            *last.last_mut().expect("as long as the stream") = from;
        } else {
            once.push(c, from as usize);
            last.push(from);
        }
    }
    (once, last)
}

/// Each run is at least as long as in the word itself, so that `AB` is not taken for the word `AAB`.
fn repeats_enough(canon: &Canon, word: &str, first: &[u32], last: &[u32]) -> bool {
    let bare = skeleton(word);
    let mut runs: Vec<usize> = Vec::with_capacity(first.len());
    let mut before = None;
    for c in bare.chars() {
        if before == Some(c) {
            *runs.last_mut().expect("a run has begun") += 1;
        } else {
            runs.push(1);
        }
        before = Some(c);
    }
    runs.len() == first.len()
        && runs
            .iter()
            .zip(first.iter().zip(last))
            .all(|(&run, (&from, &to))| {
                canon.classes[from as usize..=to as usize]
                    .iter()
                    .filter(|c| c.is_word())
                    .count()
                    >= run
            })
}

/// A digit for the tone behind pinyin (`sha3`).
fn is_tone(canon: &Canon, i: usize) -> bool {
    matches!(canon.chars[i], '1'..='5')
        && i > 0
        && canon.classes[i - 1] == Class::Letter
        && canon.class_at(i + 1) != Class::Digit
}

/// Word characters, and pictures as the characters they are read as.
fn voiced(canon: &Canon) -> Stream {
    let mut stream = Stream::default();
    for (i, (&c, &class)) in canon.chars.iter().zip(&canon.classes).enumerate() {
        if class.is_word() {
            stream.push(c, i);
        } else if class == Class::Emoji
            && let Some(read) = sound::emoji_reading(c)
        {
            stream.push(read, i);
        }
    }
    stream
}

/// True if `heard` is the word in other characters. Sounds that are only alike (s for sh) count when a character of
/// the word itself is still there; a pair without one counts only when both characters are out of the ordinary.
fn hear(word: &[char], heard: &[char]) -> bool {
    if word.len() != heard.len() {
        return false;
    }
    let kept = word.iter().zip(heard).any(|(a, b)| a == b);
    let alike = word
        .iter()
        .zip(heard)
        .all(|(&a, &b)| a == b || sound::share_a_reading(a, b));
    kept || (alike && (word.len() > 2 || !heard.iter().any(|&c| COMMON.contains(c))))
}

/// Every Chinese character inside the hit is a whole syllable of the word, and the hit has a letter in it.
fn whole_syllables(canon: &Canon, spelled: &Stream, start: usize, end: usize, word: &[char]) -> bool {
    let from = |i: usize| spelled.from[i];
    let cuts = |i: usize| i > 0 && i < spelled.from.len() && from(i) == from(i - 1);
    if cuts(start) || cuts(end) {
        return false;
    }
    let latin = (start..end).any(|i| canon.classes[from(i) as usize] == Class::Letter);
    // Walk the word's syllables; a Chinese character in the text must begin where a syllable begins.
    let mut begins = vec![false; end - start + 1];
    let ways = spoken(word);
    let Some(way) = ways
        .iter()
        .find(|way| way.iter().map(|s| s.letters().len()).sum::<usize>() == end - start)
    else {
        return false;
    };
    let mut at = 0;
    for sound in way {
        begins[at] = true;
        at += sound.letters().len();
    }
    begins[at] = true;
    latin
        && (start..end).all(|i| {
            let han = canon.classes[from(i) as usize] != Class::Letter;
            let first = i == start || from(i) != from(i - 1);
            let last = i + 1 == end || from(i) != from(i + 1);
            !han || ((!first || begins[i - start]) && (!last || begins[i + 1 - start]))
        })
}

/// Letters that touch the hit are pinyin too: `wo dubo le` and `wodubole`, but not `produbox`.
fn reads_as_pinyin_around(canon: &Canon, from: usize, to: usize) -> bool {
    let mut before = from;
    if canon.classes[from] == Class::Letter {
        while before > 0 && canon.classes[before - 1] == Class::Letter {
            before -= 1;
        }
    }
    let mut after = to;
    if canon.classes[to - 1] == Class::Letter {
        while canon.classes.get(after) == Some(&Class::Letter) {
            after += 1;
        }
    }
    sound::is_pinyin(&canon.chars[before..from]) && sound::is_pinyin(&canon.chars[to..after])
}

/// Words per list, for a page that shows what is active.
impl Layer {
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
}
