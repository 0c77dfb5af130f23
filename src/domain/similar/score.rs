//! How alike two questions are, from 0 to 1.

use super::reading::{Letter, Meaning, Part, Place, bit};
use super::vocabulary::{Ask, SHIPPED};

/// From which score two questions are taken to ask the same, and for which purpose.
///
/// Measured on `tests/fixtures/similar/pairs.tsv` (recall and precision; dev half, test half):
///
/// | | easy pairs | hard pairs | all |
/// |---|---|---|---|
/// | hint | 0.96 0.66, 0.93 0.63 | 0.61 0.49, 0.62 0.50 | 0.81 0.60, 0.80 0.58 |
/// | cluster | 0.85 0.83, 0.83 0.78 | 0.23 0.43, 0.24 0.45 | 0.59 0.72, 0.59 0.69 |
///
/// Of unrelated questions the hint shows one in a hundred and thirty. Hard pairs are made to be hard: either nothing is
/// shared but the matter, or everything but one word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkingPoint {
    /// The least score.
    pub score_min: f32,
    /// Share of "one is contained in the other" in the comparison, from 0 to 1; the rest is "both are the same".
    pub contained: f32,
}

impl WorkingPoint {
    /// While somebody types: the text is not finished, and a hint too many is read over. Recall first.
    pub const HINT: Self = Self {
        score_min: 0.2,
        contained: 0.55,
    };
    /// For putting questions into one cluster before a person's eyes: a wrong one costs trust. Precision first.
    pub const CLUSTER: Self = Self {
        score_min: 0.36,
        contained: 0.35,
    };
}

/// What is left of the likeness when one thing does not agree.
const OTHER_SUBJECT: f32 = 0.35;
const OTHER_ACT: f32 = 0.5;
const OPPOSITE: f32 = 0.3;
const OTHER_PLACE: f32 = 0.4;
const PLACE_ON_ONE_SIDE: f32 = 0.85;
const OTHER_NUMBER: f32 = 0.5;
const OTHER_AMOUNT: f32 = 0.8;
const OTHER_ORDER: f32 = 0.4;
const PRAISE: f32 = 0.3;
const REPLACED: f32 = 0.45;

/// From this share of common characters two texts are one sentence, in percent.
const SAME_SENTENCE_PERCENT: usize = 55;

/// Below this weight a text is too short for "contained in the other" to mean much.
const CONTAINED_WEIGHT: f32 = 4.0;

/// How alike `a` and `b` are; `rarity` gives the weight of a term among the questions at hand.
pub(super) fn likeness(a: &Meaning, b: &Meaning, contained: f32, rarity: &dyn Fn(u64) -> f32) -> f32 {
    let about = about(a, b, contained, rarity);
    if about <= 0.0 {
        return 0.0;
    }
    about * ask(a, b) * subject(a, b) * place(a, b) * number(a, b) * order(a, b) * replaced(a, b)
}

/// What both are about.
fn about(a: &Meaning, b: &Meaning, contained: f32, rarity: &dyn Fn(u64) -> f32) -> f32 {
    let (mut both, mut only_a, mut only_b) = (0.0, 0.0, 0.0);
    let (mut i, mut j) = (0, 0);
    while i < a.terms.len() || j < b.terms.len() {
        let (left, right) = (a.terms.get(i), b.terms.get(j));
        match (left, right) {
            (Some(&(x, wx)), Some(&(y, wy))) if x == y => {
                both += f32::midpoint(wx, wy) * rarity(x);
                (i, j) = (i + 1, j + 1);
            }
            (Some(&(x, wx)), y) if y.is_none_or(|&(y, _)| x < y) => {
                only_a += wx * rarity(x);
                i += 1;
            }
            (_, Some(&(y, wy))) => {
                only_b += wy * rarity(y);
                j += 1;
            }
            _ => break,
        }
    }
    if both <= 0.0 {
        return 0.0;
    }
    let same = 2.0 * both / (2.0 * both + only_a + only_b);
    let smaller = both + only_a.min(only_b);
    let contained = contained * (smaller / CONTAINED_WEIGHT).min(1.0);
    same * (1.0 - contained) + both / smaller * contained
}

/// What kind of question both are.
fn ask(a: &Meaning, b: &Meaning) -> f32 {
    let praise = bit(Ask::Praise);
    if (a.asks & praise) != (b.asks & praise) {
        return PRAISE;
    }
    let kinds = |m: &Meaning| {
        Ask::ALL
            .iter()
            .copied()
            .filter(|&kind| m.asks(kind) && kind != Ask::Praise)
            .collect::<Vec<_>>()
    };
    let (kinds_a, kinds_b) = (kinds(a), kinds(b));
    if kinds_a.is_empty() || kinds_b.is_empty() {
        return if kinds_a == kinds_b { 1.0 } else { 0.92 };
    }
    // The best counterpart of each kind: a text that asks why and when agrees with one that asks why.
    let mean = |from: &[Ask], to: &[Ask]| {
        from.iter()
            .map(|&x| to.iter().map(|&y| between(x, y)).fold(0.0, f32::max))
            .sum::<f32>()
            / from.len() as f32
    };
    mean(&kinds_a, &kinds_b).max(mean(&kinds_b, &kinds_a))
}

/// How far an answer to one kind of question answers the other.
fn between(a: Ask, b: Ask) -> f32 {
    use Ask::{Do, How, Howto, Much, When, Where, Whether, Who, Why};
    let (a, b) = if (a as u8) <= (b as u8) { (a, b) } else { (b, a) };
    match (a, b) {
        _ if a == b => 1.0,
        (When | How, Do) | (Do, Whether) | (Who, Where) => 0.9,
        (When, Whether) | (Where | Howto, Howto | How) | (How, Whether) | (Much, How) | (Who, How | Do) => {
            0.8
        }
        (Where, Do) => 0.7,
        (Why, Do | How) | (Where, Whether) | (Howto, Whether | Do) => 0.6,
        (Much, Whether) | (When, How) => 0.5,
        _ => 0.3,
    }
}

/// Subjects that exclude each other, and contraries.
fn subject(a: &Meaning, b: &Meaning) -> f32 {
    let vocabulary = &*SHIPPED;
    let has = |m: &Meaning, concept| m.concepts.contains(&concept);
    let differ = vocabulary.differ.iter().any(|group| {
        let one_has = |x: &Meaning| group.iter().any(|&c| has(x, c));
        one_has(a) && one_has(b) && !group.iter().any(|&c| has(a, c) && has(b, c))
    });
    let opposite = vocabulary.opposite().iter().any(|&(x, y)| {
        let only = |m: &Meaning, x, y| has(m, x) && !has(m, y);
        only(a, x, y) && only(b, y, x) || only(a, y, x) && only(b, x, y)
    });
    (if other_act(a, b) { OTHER_ACT } else { 1.0 })
        * (if differ { OTHER_SUBJECT } else { 1.0 })
        * (if opposite { OPPOSITE } else { 1.0 })
}

/// Both say what is to be done, and it is not the same.
fn other_act(a: &Meaning, b: &Meaning) -> bool {
    let groups = |m: &Meaning| -> Vec<usize> {
        let acts = SHIPPED.acts.iter().enumerate();
        acts.filter(|(_, group)| group.iter().any(|c| m.concepts.contains(c)))
            .map(|(i, _)| i)
            .collect()
    };
    let (a, b) = (groups(a), groups(b));
    !a.is_empty() && !b.is_empty() && !a.iter().any(|group| b.contains(group))
}

/// Named places. A name on one side only may still be meant on the other.
fn place(a: &Meaning, b: &Meaning) -> f32 {
    if a.places.is_empty() && b.places.is_empty() {
        return 1.0;
    }
    if a.places.is_empty() || b.places.is_empty() {
        return PLACE_ON_ONE_SIDE;
    }
    let comparable = |x: &Place, y: &Place| x.kind == y.kind;
    let any =
        |test: &dyn Fn(&Place, &Place) -> bool| a.places.iter().any(|x| b.places.iter().any(|y| test(x, y)));
    if any(&|x, y| comparable(x, y) && same_place(x, y)) {
        return 1.0;
    }
    if any(&comparable) {
        return OTHER_PLACE;
    }
    PLACE_ON_ONE_SIDE
}

/// Compared from the right: what was read along before a name (修好人民路) is no part of it.
fn same_place(a: &Place, b: &Place) -> bool {
    let shared = a
        .name
        .iter()
        .rev()
        .zip(b.name.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    // 人民小学 and 人民医院 are two places; 阳光花园 and 阳光小区 are one in people's mouths.
    shared >= 2 && (a.ending == b.ending || a.kind != super::vocabulary::PlaceKind::Facility)
}

/// Numbers of one unit: which building, which line, how much.
fn number(a: &Meaning, b: &Meaning) -> f32 {
    let mut left = 1.0f32;
    for x in &a.numbers {
        let same_unit = |m: &Meaning, value: Option<u32>| {
            m.numbers
                .iter()
                .any(|n| n.unit == x.unit && value.is_none_or(|v| n.value == v))
        };
        let shared = a
            .numbers
            .iter()
            .any(|n| n.unit == x.unit && same_unit(b, Some(n.value)) && b.numbers.contains(n));
        if same_unit(b, None) && !shared {
            left = left.min(if x.names() { OTHER_NUMBER } else { OTHER_AMOUNT });
        }
    }
    left
}

/// 先交费后供暖 is not 先供暖后交费.
fn order(a: &Meaning, b: &Meaning) -> f32 {
    if !(a.ordered && b.ordered) {
        return 1.0;
    }
    let shared: Vec<usize> = a
        .concepts
        .iter()
        .filter_map(|c| b.concepts.iter().position(|d| c == d))
        .collect();
    let inverted = shared.windows(2).filter(|pair| pair[0] > pair[1]).count();
    if inverted * 2 >= shared.len().max(2) - 1 && inverted > 0 {
        OTHER_ORDER
    } else {
        1.0
    }
}

/// One sentence with one thing put in the place of another: 医院门口堵车 and 小学门口堵车. Whoever asks the same thing in
/// other words changes the sentence, or puts in a word that means the same.
fn replaced(a: &Meaning, b: &Meaning) -> f32 {
    let (x, y) = (&a.letters, &b.letters);
    let pairs = side_by_side(x, y);
    if 2 * pairs.len() * 100 < SAME_SENTENCE_PERCENT * (x.len() + y.len()) {
        return 1.0;
    }
    let own = |letters: &[Letter], other: &Meaning| {
        letters
            .iter()
            .filter(|l| match l.part_of {
                Part::Form => false,
                Part::Concept(c) => !other.concepts.contains(&c),
                Part::Other => true,
            })
            .count()
    };
    let (mut i, mut j) = (0, 0);
    for (to_i, to_j) in pairs.into_iter().chain([(x.len(), y.len())]) {
        let (left, right) = (own(&x[i..to_i], b), own(&y[j..to_j], a));
        if left > 0 && right > 0 && left + right > 2 {
            return REPLACED;
        }
        (i, j) = (to_i + 1, to_j + 1);
    }
    1.0
}

/// Characters both texts share in one order (a longest common subsequence), as positions in each.
fn side_by_side(x: &[Letter], y: &[Letter]) -> Vec<(usize, usize)> {
    let width = y.len() + 1;
    let mut longest = vec![0u8; (x.len() + 1) * width];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            longest[i * width + j] = if x[i].is == y[j].is {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < x.len() && j < y.len() {
        if x[i].is == y[j].is {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
