//! Reads a question into what it is about, what kind of question it is, where, and which numbers.

use super::super::screen::canon::skeleton;
use super::Asked;
use super::vocabulary::{Ask, Concept, PlaceKind, SHIPPED, Vocabulary};

/// Longest text that is read, in characters; a question has at most 500.
const READ_CHARS_MAX: usize = 600;
/// Longest name of a place before its ending: 解放南 in 解放南路, with room for one verb that was read along.
const NAME_CHARS_MAX: usize = 4;
/// How far a negation reaches, in characters.
const NEGATION_REACH: usize = 3;
/// What stands outside the sentences that ask counts less: it is the story, not the question.
const STORY: f32 = 0.7;

/// Weight of a word of the vocabulary, of one that says little, of two neighbouring characters, of a name or number.
const CONCEPT: f32 = 1.5;
const WEAK: f32 = 0.3;
const PAIR: f32 = 0.7;
const SINGLE: f32 = 0.4;
const NAME: f32 = 0.8;

/// A thing a question is about: a concept, two neighbouring characters, a name, a number.
pub(super) type Term = u64;

/// A place with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: PlaceKind,
    pub(super) name: Vec<char>,
    pub(super) ending: Vec<char>,
}

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// Index into [`UNITS`].
    pub(super) unit: usize,
    pub(super) value: u32,
}

impl Number {
    /// True if it says which one (3 号楼), false if how much (3 元).
    pub(super) fn names(self) -> bool {
        UNITS[self.unit].1
    }
}

/// A question as the comparison sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    /// What it is about with weights, sorted by term, each once.
    pub(super) terms: Vec<(Term, f32)>,
    /// Concepts in the order they first occur.
    pub(super) concepts: Vec<Concept>,
    /// Kinds of question, one bit each by place in [`Ask::ALL`].
    pub(super) asks: u16,
    pub(super) places: Vec<Place>,
    pub(super) numbers: Vec<Number>,
    /// The order of words matters: 先 … 后, 从 … 到, … 比 ….
    pub(super) ordered: bool,
    /// The text by characters, see [`Letter`]; at most [`LETTERS_MAX`].
    pub(super) letters: Vec<Letter>,
}

/// Characters that are laid side by side; two texts alike to the letter are short.
pub(super) const LETTERS_MAX: usize = 80;

/// A character and what it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) is: char,
    pub(super) part_of: Part,
}

/// What a character is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Words that say little, and words that show the kind of question.
    Form,
    Concept(Concept),
    /// No word is known; names and numbers too.
    Other,
}

/// Units of numbers, longest first, and whether the number is a name. Numerals in characters count with names only: 一 is also "a".
const UNITS: &[(&str, bool)] = &[
    ("号楼", true),
    ("单元", true),
    ("号线", true),
    ("立方", false),
    ("小时", false),
    ("分钟", false),
    ("年级", true),
    ("栋", true),
    ("幢", true),
    ("楼", true),
    ("层", true),
    ("期", true),
    ("档", true),
    ("路", true),
    ("号", true),
    ("点", true),
    ("月", true),
    ("年", true),
    ("岁", true),
    ("元", false),
    ("块", false),
    ("米", false),
    ("度", false),
    ("吨", false),
    ("户", false),
    ("方", false),
    ("平", false),
    ("成", false),
];

impl Meaning {
    /// Reads a question with the vocabulary that ships with the program.
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        let vocabulary = &*SHIPPED;
        let text: String = asked.body.chars().take(READ_CHARS_MAX).collect();
        let mut clauses: Vec<Clause> = text
            .split(|c: char| !c.is_alphanumeric())
            .map(skeleton)
            .filter(|clause| !clause.is_empty())
            .map(|clause| Clause::read(vocabulary, &clause))
            .collect();
        let wants = |clause: &Clause| clause.asks & !(bit(Ask::Past) | bit(Ask::Trouble)) != 0;
        let any_asks = clauses.iter().any(wants);
        for clause in &mut clauses {
            if any_asks && !wants(clause) {
                clause.terms.iter_mut().for_each(|(_, weight)| *weight *= STORY);
            }
        }
        let place = skeleton(asked.place);
        if !place.is_empty() {
            clauses.push(Clause::read(vocabulary, &place));
        }
        Self::join(clauses)
    }

    fn join(clauses: Vec<Clause>) -> Self {
        let mut meaning = Self::default();
        for clause in clauses {
            meaning.asks |= clause.asks;
            meaning.terms.extend(clause.terms);
            meaning.places.extend(clause.places);
            meaning.numbers.extend(clause.numbers);
            meaning.ordered |= clause.ordered;
            meaning.letters.extend(clause.letters);
            for concept in clause.concepts {
                if !meaning.concepts.contains(&concept) {
                    meaning.concepts.push(concept);
                }
            }
        }
        meaning.letters.truncate(LETTERS_MAX);
        // The heaviest mention of a term counts, once.
        meaning
            .terms
            .sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        meaning.terms.dedup_by_key(|(term, _)| *term);
        meaning
    }

    pub(super) fn asks(&self, ask: Ask) -> bool {
        self.asks & bit(ask) != 0
    }
}

pub(super) fn bit(ask: Ask) -> u16 {
    1 << (ask as u16)
}

/// What stands between two marks of punctuation.
#[derive(Default)]
struct Clause {
    terms: Vec<(Term, f32)>,
    concepts: Vec<Concept>,
    asks: u16,
    places: Vec<Place>,
    numbers: Vec<Number>,
    ordered: bool,
    letters: Vec<Letter>,
    /// Characters no word was found in, since the last one.
    run: Vec<char>,
    /// The run follows a word of one character.
    single_before: bool,
    /// How many characters a negation still reaches.
    negated: usize,
}

impl Clause {
    fn read(vocabulary: &Vocabulary, text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let letter = |&is: &char| Letter {
            is,
            part_of: Part::Other,
        };
        let mut clause = Self {
            letters: chars.iter().map(letter).collect(),
            ordered: chars.contains(&'先')
                || chars.contains(&'比')
                || text.contains('从') && text.contains('到'),
            ..Self::default()
        };
        let mut hits = vocabulary.hits(text).into_iter().peekable();
        let mut before: Option<(usize, usize)> = None;
        let mut at = 0;
        while at < chars.len() {
            while hits.next_if(|hit| hit.start < at).is_some() {}
            if let Some((number, end)) = number_at(&chars, at) {
                clause.end_run();
                clause
                    .terms
                    .push((key(3, number.unit as u64, u64::from(number.value)), NAME));
                clause.numbers.push(number);
                at = end;
                continue;
            }
            let Some(hit) = hits.next_if(|hit| hit.start == at) else {
                clause.run.push(chars[at]);
                clause.negated = clause.negated.saturating_sub(1);
                at += 1;
                continue;
            };
            let word = &chars[hit.start..hit.end];
            let named = hit.mark.place.is_some_and(|kind| {
                // 建设路: the name is itself a word.
                let adjoining = before.filter(|&(start, end)| end == hit.start && end - start == 2);
                let before_it = &chars[hit.start.saturating_sub(2)..hit.start];
                clause.name(kind, word, before_it, adjoining.is_some())
            });
            if !named {
                let part_of = match hit.mark.concepts[..] {
                    [] if hit.mark.place.is_some() => Part::Other,
                    [concept, ..] if !vocabulary.is_weak(concept) => Part::Concept(concept),
                    _ => Part::Form,
                };
                clause.letters[hit.start..hit.end]
                    .iter_mut()
                    .for_each(|l| l.part_of = part_of);
            }
            let plain_ending = hit.mark.place.is_some() && hit.mark.concepts.is_empty() && hit.mark.asks == 0;
            if !named && plain_ending {
                clause.run.extend(word);
            } else if !named {
                clause.end_run();
                clause.note(vocabulary, &hit.mark.concepts, hit.end - hit.start);
                clause.asks |= hit.mark.asks;
                if hit.mark.negation {
                    clause.negated = NEGATION_REACH;
                }
            }
            clause.single_before = hit.end - hit.start == 1 && hit.mark.concepts.is_empty();
            before = (!hit.mark.concepts.is_empty()).then_some((hit.start, hit.end));
            at = hit.end;
        }
        clause.end_run();
        clause
    }

    /// Takes what stands before the ending of a place as its name.
    fn name(&mut self, kind: PlaceKind, ending: &[char], before: &[char], is_word: bool) -> bool {
        let name: Vec<char> = match before {
            [_, _] if self.run.is_empty() && is_word && kind == PlaceKind::Road => before.to_vec(),
            // 中山: 中 alone says nothing elsewhere.
            [_, _] if self.run.len() == 1 && self.single_before => before.to_vec(),
            _ if self.run.len() >= 2 => {
                let from = self.run.len().saturating_sub(NAME_CHARS_MAX);
                self.run.split_off(from)
            }
            _ => return false,
        };
        self.end_run();
        let tail = &name[name.len() - 2..];
        self.terms.push((
            key(2, u64::from(u32::from(tail[0])), u64::from(u32::from(tail[1]))),
            NAME,
        ));
        self.places.push(Place {
            kind,
            name,
            ending: ending.to_vec(),
        });
        true
    }

    fn note(&mut self, vocabulary: &Vocabulary, concepts: &[Concept], len: usize) {
        for &concept in concepts {
            let contrary = vocabulary.contrary(concept).filter(|_| self.negated > 0);
            let concept = contrary.unwrap_or(concept);
            let weight = if vocabulary.is_weak(concept) {
                WEAK
            } else {
                CONCEPT
            };
            self.terms.push((key(1, 0, u64::from(concept)), weight));
            self.concepts.push(concept);
        }
        self.negated = self.negated.saturating_sub(len);
    }

    /// Characters between words become pairs of neighbours.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if let [single] = run[..] {
            self.terms.push((key(0, 0, u64::from(u32::from(single))), SINGLE));
        }
        for pair in run.windows(2) {
            let (a, b) = (u64::from(u32::from(pair[0])), u64::from(u32::from(pair[1])));
            self.terms.push((key(0, a, b), PAIR));
        }
    }
}

/// Kind in the top bits, two values of at most 30 bits below.
fn key(kind: u64, a: u64, b: u64) -> Term {
    kind << 60 | a << 30 | (b & 0x3fff_ffff)
}

/// A number with a unit that begins at `at`, and where it ends.
fn number_at(chars: &[char], at: usize) -> Option<(Number, usize)> {
    let digits = |c: &&char| c.is_ascii_digit();
    let len = chars[at..].iter().take_while(digits).count();
    let (value, end, numeral) = if len > 0 {
        let value = chars[at..at + len.min(9)]
            .iter()
            .collect::<String>()
            .parse()
            .ok()?;
        (value, at + len, false)
    } else {
        let (value, len) = numeral(&chars[at..])?;
        (value, at + len, true)
    };
    let rest = &chars[end..];
    let unit = UNITS.iter().position(|(unit, names)| {
        (*names || !numeral)
            && unit.chars().count() <= rest.len()
            && unit.chars().zip(rest).all(|(a, b)| a == *b)
    })?;
    // 一年 and 几个月 are spans of time, 一路 is a way of going.
    if numeral && matches!(UNITS[unit].0, "年" | "路" | "点" | "号" | "层") {
        return None;
    }
    let end = end + UNITS[unit].0.chars().count();
    Some((Number { unit, value }, end))
}

/// A numeral in characters up to 99, and its length.
fn numeral(chars: &[char]) -> Option<(u32, usize)> {
    const ONES: &str = "零一二三四五六七八九";
    let one = |c: Option<&char>| {
        c.and_then(|c| ONES.chars().position(|o| o == *c))
            .map(|v| v as u32)
    };
    let (tens, mut len) = match (one(chars.first()), chars.get(1), chars.first()) {
        (_, _, Some('十')) => (1, 1),
        (Some(tens), Some('十'), _) => (tens, 2),
        (Some(value), _, _) => return Some((value, 1)),
        _ => return None,
    };
    let ones = one(chars.get(len)).inspect(|_| len += 1).unwrap_or(0);
    Some((tens * 10 + ones, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Meaning {
        Meaning::of(&body.into())
    }

    fn names(body: &str) -> Vec<String> {
        read(body)
            .places
            .iter()
            .map(|p| p.name.iter().chain(&p.ending).collect())
            .collect()
    }

    #[test]
    fn words_that_mean_alike_are_one_concept() {
        assert_eq!(read("水价上调").concepts, read("水费涨价").concepts);
        assert_eq!(read("電價上調").concepts, read("电费涨价").concepts);
        assert_ne!(read("水价上调").concepts, read("水价下调").concepts);
    }

    #[test]
    fn a_negation_turns_the_next_concept_around() {
        assert_eq!(read("不要涨价").concepts, read("降价").concepts);
        assert_eq!(read("为什么不降价").concepts, read("降价").concepts);
    }

    #[test]
    fn places_are_found_by_their_endings() {
        assert_eq!(names("幸福路的路灯坏了"), ["幸福路"]);
        assert_eq!(names("中山街"), ["中山街"]);
        assert_eq!(names("建设路上"), ["建设路"]);
        assert_eq!(names("我们小区的电梯"), [""; 0]);
    }

    #[test]
    fn numbers_carry_their_unit() {
        let value = |body: &str| {
            read(body)
                .numbers
                .iter()
                .map(|n| (UNITS[n.unit].0, n.value))
                .collect::<Vec<_>>()
        };
        assert_eq!(value("3号楼二单元"), [("号楼", 3), ("单元", 2)]);
        assert_eq!(value("地铁十二号线"), [("号线", 12)]);
        assert_eq!(value("１２路公交车涨到５元"), [("路", 12), ("元", 5)]);
        assert_eq!(value("等了一年"), []);
    }

    #[test]
    fn any_text_is_read_without_panic() {
        let pool = [
            "水", "价", "一", "十", "3", "号楼", "路", "不", "，", "请问", "a", "小区", "中", "\u{200b}",
            "👨", "先", "𠮷", "ﷺ",
        ];
        let mut seed = 1u64;
        for _ in 0..3_000 {
            let mut text = String::new();
            for _ in 0..16 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let pick = (seed >> 33) as usize;
                match pick % 4 {
                    0 => text.extend(char::from_u32(pick as u32 % 0x11_0000)),
                    _ => text.push_str(pool[pick / 4 % pool.len()]),
                }
            }
            assert!(
                read(&text).terms.iter().all(|(_, weight)| weight.is_finite()),
                "{text}"
            );
        }
    }
}
