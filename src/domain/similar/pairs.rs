//! The labelled pairs of `tests/fixtures/similar/pairs.tsv` against both working points.

use super::{Index, WorkingPoint};

struct Pair {
    half: &'static str,
    same: bool,
    kind: &'static str,
    hard: bool,
    texts: [&'static str; 2],
}

fn pairs() -> Vec<Pair> {
    let file = include_str!("../../../tests/fixtures/similar/pairs.tsv");
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [half, verdict, kind, difficulty, one, other] => Pair {
                half,
                same: verdict == "same",
                kind,
                hard: difficulty == "hard",
                texts: [one, other],
            },
            _ => panic!("six columns: {line}"),
        })
        .collect()
}

/// Right and wrong answers over some pairs.
#[derive(Default)]
struct Count {
    same: u32,
    found: u32,
    wrong: u32,
}

impl Count {
    fn recall(&self) -> f64 {
        f64::from(self.found) / f64::from(self.same.max(1))
    }
    fn precision(&self) -> f64 {
        f64::from(self.found) / f64::from((self.found + self.wrong).max(1))
    }
}

/// All pairs with their scores among the texts of the file, as in one session.
fn scored(point: WorkingPoint) -> Vec<(Pair, bool)> {
    let mut index = Index::default();
    for text in pairs().iter().flat_map(|pair| pair.texts) {
        index.put(text, text);
    }
    pairs()
        .into_iter()
        .map(|pair| {
            let near = index.likeness(pair.texts[0], pair.texts[1], point) >= point.score_min;
            (pair, near)
        })
        .collect()
}

fn count(scored: &[(Pair, bool)], of: impl Fn(&Pair) -> bool) -> Count {
    let mut count = Count::default();
    for (pair, near) in scored.iter().filter(|(pair, _)| of(pair)) {
        count.same += u32::from(pair.same);
        count.found += u32::from(pair.same && *near);
        count.wrong += u32::from(!pair.same && *near);
    }
    count
}

/// Prints recall and precision: `cargo test labelled_pairs -- --nocapture`.
fn report(name: &str, scored: &[(Pair, bool)]) {
    for half in ["dev", "test"] {
        for (title, hard) in [("all", None), ("easy", Some(false)), ("hard", Some(true))] {
            let c = count(scored, |p| p.half == half && hard.is_none_or(|h| p.hard == h));
            println!(
                "{name:8} {half:4} {title:4}  recall {:.2}  precision {:.2}  ({} same)",
                c.recall(),
                c.precision(),
                c.same
            );
        }
        for kind in ["other", "meaning", "place", "statement"] {
            let all = scored.iter().filter(|(p, _)| p.half == half && p.kind == kind);
            let wrong = count(scored, |p| p.half == half && p.kind == kind).wrong;
            println!(
                "{name:8} {half:4} taken for the same although another {kind}: {wrong} of {}",
                all.count()
            );
        }
    }
}

#[test]
fn there_are_enough_labelled_pairs_of_every_kind() {
    let pairs = pairs();
    assert!(pairs.len() >= 500);
    for half in ["dev", "test"] {
        for kind in ["paraphrase", "other", "meaning", "place", "statement"] {
            let n = pairs.iter().filter(|p| p.half == half && p.kind == kind).count();
            assert!(n >= 8, "{n} {kind} in {half}");
        }
    }
}

/// What is reached, with a little room. The target of recall 0.85 at precision 0.8 over all pairs is not: what a hard
/// paraphrase shares with its counterpart is knowledge of the world, which no list of words holds. A rise of these
/// figures is welcome, a fall is a regression.
#[test]
fn the_labelled_pairs_are_told_apart_as_well_as_before() {
    let (hint, cluster) = (scored(WorkingPoint::HINT), scored(WorkingPoint::CLUSTER));
    report("hint", &hint);
    report("cluster", &cluster);
    for half in ["dev", "test"] {
        let of =
            |scored: &[(Pair, bool)], easy: bool| count(scored, |p| p.half == half && (!easy || !p.hard));
        assert!(of(&hint, false).recall() >= 0.78, "hint, {half}");
        assert!(of(&hint, true).recall() >= 0.91, "hint, easy, {half}");
        assert!(of(&cluster, false).precision() >= 0.67, "cluster, {half}");
        assert!(of(&cluster, true).precision() >= 0.76, "cluster, easy, {half}");
        assert!(of(&cluster, true).recall() >= 0.81, "cluster, easy, {half}");
        let other = count(&hint, |p| p.half == half && p.kind == "other");
        assert!(
            other.wrong <= 2,
            "hint: {} unrelated questions shown, {half}",
            other.wrong
        );
    }
}
