//! How alike two questions are, from 0 to 1: what agrees and what does not, weighed.

use super::reading::{Letter, Meaning, Part, Place};
use super::vocabulary::{Ask, SHIPPED};
use super::weights::Weights;

/// From which score two questions are taken to ask the same, and for which purpose. The score is how likely a person would
/// merge the two; what both points reach on the labelled pairs: `yishiting similar-report`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkingPoint {
    /// The least score.
    pub score_min: f32,
}

impl WorkingPoint {
    /// While somebody types: the text is not finished, and a hint too many is read over. Recall first.
    pub const HINT: Self = Self { score_min: 0.4 };
    /// For putting questions into one cluster before a person's eyes: a wrong one costs trust. Precision first.
    pub const CLUSTER: Self = Self { score_min: 0.6 };
}

/// Names of the [`Features`], in their order; the file of weights uses them.
pub(super) const NAMES: [&str; N] = [
    "same",
    "contained",
    "own_one",
    "own_both",
    "letters",
    "order_of_letters",
    "replaced",
    "ask",
    "praise",
    "statement_info",
    "statement_do",
    "past",
    "no_trouble",
    "act",
    "subject",
    "opposite",
    "place_other",
    "place_one_side",
    "place_same",
    "number_other",
    "amount_other",
    "number_same",
    "order",
    "length",
    "near",
    "near_letters",
    "near_same",
    "short",
    "words_one",
    "words_both",
    "reworded",
];

/// How many there are.
pub(super) const N: usize = 31;

/// What agrees between two questions and what does not, each some 0 to 1.
pub(super) type Features = [f32; N];

/// Places of two of them.
const SAME: usize = 0;
const NEAR: usize = 24;
/// Two texts that are about nothing in common are alike only if they lie so near as vectors (as it stands among the features). The weights
/// were learned on pairs about one matter and know no strangers; in a session nearly all pairs are.
const NEAR_WITHOUT_WORDS: f32 = 0.5;

/// From this share of common characters two texts are one sentence, in percent.
const SAME_SENTENCE_PERCENT: usize = 55;
/// Below this weight a text is too short for "contained in the other" to mean much.
const CONTAINED_WEIGHT: f32 = 4.0;
/// Cosines of sentences that have nothing to do with each other, and how much they differ; measured on the labelled pairs.
const COSINE_USUAL: f32 = 0.85;
const COSINE_SPREAD: f32 = 0.1;

/// How alike `a` and `b` are; `rarity` gives the weight of a term among the questions at hand, `cosine` how near their
/// vectors are if both have one.
pub(super) fn likeness(a: &Meaning, b: &Meaning, cosine: Option<f32>, rarity: &dyn Fn(u64) -> f32) -> f32 {
    if !a.letters.is_empty() && a.letters == b.letters && a.places == b.places {
        return 1.0;
    }
    let features = features(a, b, cosine, rarity);
    if features[SAME] == 0.0 && features[NEAR] < NEAR_WITHOUT_WORDS {
        return 0.0;
    }
    Weights::shipped().score(&features, cosine.is_some())
}

/// The comparison before it is weighed. It does not matter which question is which.
pub(super) fn features(
    a: &Meaning,
    b: &Meaning,
    cosine: Option<f32>,
    rarity: &dyn Fn(u64) -> f32,
) -> Features {
    let about = About::of(a, b, rarity);
    let asks = Asks::of(a, b);
    let place = Places::of(a, b);
    let number = Numbers::of(a, b);
    let pairs = side_by_side(a, b);
    let longest = a.letters.len().max(b.letters.len()).max(1) as f32;
    let in_order = pairs.len() as f32 / longest;
    let letters = letters(a, b);
    let own = (own_words(a, b), own_words(b, a));
    let near = cosine.map_or(0.0, |c| (c - COSINE_USUAL) / COSINE_SPREAD);
    let flag = |is: bool| f32::from(u8::from(is));
    [
        about.same,
        about.contained,
        about.own_one,
        about.own_both,
        letters,
        in_order,
        flag(replaced(a, b, &pairs)),
        asks.agree,
        flag(asks.praise),
        flag(asks.statement_info),
        flag(asks.statement_do),
        flag(asks.past),
        flag(asks.no_trouble),
        flag(other_act(a, b)),
        flag(other_subject(a, b)),
        flag(contrary(a, b)),
        flag(place.other),
        flag(place.one_side),
        flag(place.same),
        flag(number.other),
        flag(number.other_amount),
        flag(number.same),
        flag(other_order(a, b)),
        (a.letters.len().max(1) as f32 / b.letters.len().max(1) as f32)
            .ln()
            .abs(),
        near,
        near * letters,
        near * about.same,
        flag(a.letters.len().min(b.letters.len()) < 7),
        own.0.max(own.1),
        own.0.min(own.1),
        letters * (1.0 - 4.0 * own.0.max(own.1)).max(0.0),
    ]
}

/// What both are about, by weight.
struct About {
    /// Share of what both are about in all of it.
    same: f32,
    /// Share of it in the one that says less.
    contained: f32,
    /// The heaviest thing one says and the other does not; and the same for the one of which that is lighter.
    own_one: f32,
    own_both: f32,
}

impl About {
    fn of(a: &Meaning, b: &Meaning, rarity: &dyn Fn(u64) -> f32) -> Self {
        let (mut both, mut only_a, mut only_b) = (0.0, 0.0, 0.0);
        let (mut own_a, mut own_b) = (0.0f32, 0.0f32);
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
                    own_a = own_a.max(wx * rarity(x));
                    i += 1;
                }
                (_, Some(&(y, wy))) => {
                    only_b += wy * rarity(y);
                    own_b = own_b.max(wy * rarity(y));
                    j += 1;
                }
                _ => break,
            }
        }
        let smaller = both + only_a.min(only_b);
        Self {
            same: 2.0 * both / (2.0 * both + only_a + only_b).max(0.1),
            contained: both / smaller.max(0.1) * (smaller / CONTAINED_WEIGHT).min(1.0),
            own_one: own_a.max(own_b) / 2.0,
            own_both: own_a.min(own_b) / 2.0,
        }
    }
}

/// What kind of question both are.
struct Asks {
    agree: f32,
    /// One praises and the other does not.
    praise: bool,
    /// One asks for something to be told, or done, and the other asks nothing.
    statement_info: bool,
    statement_do: bool,
    /// The one that asks nothing tells what has happened.
    past: bool,
    /// Nor does it name any trouble, as who asks for help without asking does.
    no_trouble: bool,
}

impl Asks {
    fn of(a: &Meaning, b: &Meaning) -> Self {
        let kinds = |m: &Meaning| {
            Ask::ALL
                .iter()
                .copied()
                .filter(|&kind| m.asks(kind) && !matches!(kind, Ask::Praise | Ask::Past | Ask::Trouble))
                .collect::<Vec<_>>()
        };
        let (kinds_a, kinds_b) = (kinds(a), kinds(b));
        let one_tells = kinds_a.is_empty() != kinds_b.is_empty();
        let (telling, asking) = if kinds_a.is_empty() {
            (a, &kinds_b)
        } else {
            (b, &kinds_a)
        };
        let wants = asking.iter().any(|kind| matches!(kind, Ask::Do | Ask::How));
        // The best counterpart of each kind: a text that asks why and when agrees with one that asks why.
        let mean = |from: &[Ask], to: &[Ask]| {
            let best = |&x: &Ask| to.iter().map(|&y| between(x, y)).fold(0.0, f32::max);
            from.iter().map(best).sum::<f32>() / from.len() as f32
        };
        Self {
            agree: if kinds_a.is_empty() || kinds_b.is_empty() {
                0.8
            } else {
                mean(&kinds_a, &kinds_b).max(mean(&kinds_b, &kinds_a))
            },
            praise: a.asks(Ask::Praise) != b.asks(Ask::Praise),
            statement_info: one_tells && !wants,
            statement_do: one_tells && wants,
            past: one_tells && telling.asks(Ask::Past),
            no_trouble: one_tells && !telling.asks(Ask::Trouble),
        }
    }
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

/// Both name one of things that exclude each other, and not the same.
fn other_subject(a: &Meaning, b: &Meaning) -> bool {
    let has = |m: &Meaning, concept| m.concepts.contains(&concept);
    SHIPPED.differ.iter().any(|group| {
        let one_has = |x: &Meaning| group.iter().any(|&c| has(x, c));
        one_has(a) && one_has(b) && !group.iter().any(|&c| has(a, c) && has(b, c))
    })
}

/// One says the contrary of what the other says.
fn contrary(a: &Meaning, b: &Meaning) -> bool {
    let only = |m: &Meaning, x, y| m.concepts.contains(&x) && !m.concepts.contains(&y);
    SHIPPED
        .opposite()
        .iter()
        .any(|&(x, y)| only(a, x, y) && only(b, y, x) || only(a, y, x) && only(b, x, y))
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
#[derive(Default)]
struct Places {
    same: bool,
    other: bool,
    one_side: bool,
}

impl Places {
    fn of(a: &Meaning, b: &Meaning) -> Self {
        let any = |test: &dyn Fn(&Place, &Place) -> bool| {
            a.places.iter().any(|x| b.places.iter().any(|y| test(x, y)))
        };
        let same = any(&|x, y| x.kind == y.kind && same_place(x, y));
        let other = !same && any(&|x, y| x.kind == y.kind);
        Self {
            same,
            other,
            one_side: !same && !other && (!a.places.is_empty() || !b.places.is_empty()),
        }
    }
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
struct Numbers {
    same: bool,
    other: bool,
    other_amount: bool,
}

impl Numbers {
    fn of(a: &Meaning, b: &Meaning) -> Self {
        let shared = |unit| a.numbers.iter().any(|n| n.unit == unit && b.numbers.contains(n));
        let differs = |names: bool| {
            a.numbers
                .iter()
                .any(|x| x.names() == names && b.numbers.iter().any(|y| y.unit == x.unit) && !shared(x.unit))
        };
        Self {
            same: a.numbers.iter().any(|n| b.numbers.contains(n)),
            other: differs(true),
            other_amount: differs(false),
        }
    }
}

/// 先交费后供暖 is not 先供暖后交费.
fn other_order(a: &Meaning, b: &Meaning) -> bool {
    if !(a.ordered && b.ordered) {
        return false;
    }
    let shared: Vec<usize> = a
        .concepts
        .iter()
        .filter_map(|c| b.concepts.iter().position(|d| c == d))
        .collect();
    let inverted = shared.windows(2).filter(|pair| pair[0] > pair[1]).count();
    inverted * 2 >= shared.len().max(2) - 1 && inverted > 0
}

/// Share of pairs of neighbouring characters both have.
fn letters(a: &Meaning, b: &Meaning) -> f32 {
    let pairs = |m: &Meaning| {
        let mut pairs: Vec<_> = m.letters.windows(2).map(|w| (w[0].is, w[1].is)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    };
    let (x, y) = (pairs(a), pairs(b));
    let both = x.iter().filter(|pair| y.binary_search(pair).is_ok()).count();
    2.0 * both as f32 / (x.len() + y.len()).max(1) as f32
}

/// Share of the characters of `a` that say something and are not said in `b`. Next to nothing where one text is the other
/// with other polite words around it.
fn own_words(a: &Meaning, b: &Meaning) -> f32 {
    let said = |l: &&Letter| l.part_of != Part::Form;
    let own = |l: &&Letter| match l.part_of {
        Part::Concept(c) => !b.concepts.contains(&c),
        _ => !b.letters.iter().any(|other| other.is == l.is),
    };
    let all = a.letters.iter().filter(said).count();
    a.letters.iter().filter(said).filter(own).count() as f32 / all.max(4) as f32
}

/// One sentence with one thing put in the place of another: 医院门口堵车 and 小学门口堵车. Whoever asks the same thing in
/// other words changes the sentence, or puts in a word that means the same.
fn replaced(a: &Meaning, b: &Meaning, pairs: &[(usize, usize)]) -> bool {
    let (x, y) = (&a.letters, &b.letters);
    if 2 * pairs.len() * 100 < SAME_SENTENCE_PERCENT * (x.len() + y.len()) {
        return false;
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
    for (to_i, to_j) in pairs.iter().copied().chain([(x.len(), y.len())]) {
        let (left, right) = (own(&x[i..to_i], b), own(&y[j..to_j], a));
        if left > 0 && right > 0 && left + right > 2 {
            return true;
        }
        (i, j) = (to_i + 1, to_j + 1);
    }
    false
}

/// Characters both texts share in one order (a longest common subsequence), as positions in each.
fn side_by_side(a: &Meaning, b: &Meaning) -> Vec<(usize, usize)> {
    let (x, y) = (&a.letters, &b.letters);
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

/// Cosine of the angle between two vectors.
pub(super) fn cosine(a: &[i8], b: &[i8]) -> f32 {
    let dot = |a: &[i8], b: &[i8]| -> i32 {
        let products = a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y));
        products.sum()
    };
    let (ab, aa, bb) = (dot(a, b) as f32, dot(a, a) as f32, dot(b, b) as f32);
    ab / (aa * bb).sqrt().max(1.0)
}
