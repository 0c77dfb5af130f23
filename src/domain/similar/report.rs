//! How well the likeness does on labelled pairs, and how fast: what `yishiting similar-report` prints and the tests hold.

use std::fmt::Write as _;

use super::{Index, Sentences, WorkingPoint};

/// Pairs on which words and weights were chosen.
const DEVELOPED_ON: &str = include_str!("../../../tests/fixtures/similar/pairs.tsv");
/// Pairs that were never tuned on.
const HELD_OUT: &str = include_str!("../../../tests/fixtures/similar/pairs-heldout.tsv");

const KINDS: [&str; 4] = ["other", "meaning", "place", "statement"];

/// Two questions, and whether one answer would serve both authors.
struct Pair {
    half: &'static str,
    same: bool,
    kind: &'static str,
    hard: bool,
    texts: [&'static str; 2],
}

fn pairs(file: &'static str) -> Vec<Pair> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [half, verdict, kind, difficulty, one, other] => Some(Pair {
                half,
                same: verdict == "same",
                kind,
                hard: difficulty == "hard",
                texts: [one, other],
            }),
            _ => None,
        })
        .collect()
}

/// Right and wrong answers over some pairs.
#[derive(Debug, Default)]
struct Count {
    all: u32,
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

/// Pairs with their scores among all texts of their file, as in one session.
struct Scored {
    pairs: Vec<(Pair, f32)>,
    /// Scores of sentences put together by chance. Labelled pairs are all about one matter; in a session nearly all pairs are these.
    strangers: Vec<f32>,
}

/// With how many others, far apart in the file, each sentence is put together.
const STRANGERS_EACH: usize = 4;

impl Scored {
    fn of(file: &'static str, sentences: Option<&dyn Sentences>) -> Self {
        let mut index = Index::default();
        let mut texts = Vec::new();
        for text in pairs(file).iter().flat_map(|pair| pair.texts) {
            if !index.contains(&text) {
                texts.push(text);
                index.put(text, text);
                if let Some(sentences) = sentences {
                    index.set_vector(&text, sentences.vector(text));
                }
            }
        }
        let scored = |pair: Pair| {
            let score = index.likeness(&pair.texts[0], &pair.texts[1]);
            (pair, score)
        };
        let apart = texts.len() / (STRANGERS_EACH + 2);
        let strangers = (0..texts.len())
            .flat_map(|at| (1..=STRANGERS_EACH).map(move |n| (at, at + n * apart)))
            .map(|(at, other)| index.likeness(&texts[at], &texts[other % texts.len()]))
            .collect();
        Self {
            pairs: pairs(file).into_iter().map(scored).collect(),
            strangers,
        }
    }

    /// Share of strangers that would be put together.
    fn strangers(&self, point: WorkingPoint) -> f64 {
        let near = self.strangers.iter().filter(|score| **score >= point.score_min);
        near.count() as f64 / self.strangers.len().max(1) as f64
    }

    fn count(&self, point: WorkingPoint, of: impl Fn(&Pair) -> bool) -> Count {
        let mut count = Count::default();
        for (pair, score) in self.pairs.iter().filter(|(pair, _)| of(pair)) {
            let near = *score >= point.score_min;
            count.all += 1;
            count.same += u32::from(pair.same);
            count.found += u32::from(pair.same && near);
            count.wrong += u32::from(!pair.same && near);
        }
        count
    }

    fn table(&self, name: &str, out: &mut String) {
        let mut halves: Vec<&str> = self.pairs.iter().map(|(pair, _)| pair.half).collect();
        halves.dedup();
        halves.sort_unstable();
        halves.dedup();
        let whole = |half: &str| halves.len() == 1 || half.is_empty();
        for half in [""]
            .into_iter()
            .chain(halves.iter().copied().filter(|half| !whole(half)))
        {
            let within = |pair: &Pair| half.is_empty() || pair.half == half;
            let n = self.pairs.iter().filter(|(pair, _)| within(pair)).count();
            let _ = writeln!(out, "{name} {half} ({n} pairs)");
            for (point, title) in [(WorkingPoint::HINT, "hint"), (WorkingPoint::CLUSTER, "cluster")] {
                let _ = write!(out, "  {title:8}");
                for (title, hard) in [("all", None), ("easy", Some(false)), ("hard", Some(true))] {
                    let c = self.count(point, |p| within(p) && hard.is_none_or(|h| p.hard == h));
                    let _ = write!(
                        out,
                        "  {title} recall {:.3} precision {:.3}",
                        c.recall(),
                        c.precision()
                    );
                }
                let _ = write!(out, "\n            wrongly taken for the same:");
                for kind in KINDS {
                    let c = self.count(point, |p| within(p) && p.kind == kind);
                    let _ = write!(out, "  {kind} {} of {}", c.wrong, c.all);
                }
                let _ = write!(out, "  strangers {:.1} %", 100.0 * self.strangers(point));
                out.push('\n');
            }
        }
    }
}

/// Recall and precision on both files, with vectors and without, easy and hard pairs apart.
#[must_use]
pub fn report(sentences: Option<&dyn Sentences>) -> String {
    let mut out = String::new();
    for (file, name) in [(DEVELOPED_ON, "developed on"), (HELD_OUT, "held out")] {
        if sentences.is_some() {
            Scored::of(file, sentences).table(&format!("{name}, with vectors"), &mut out);
        }
        Scored::of(file, None).table(&format!("{name}, words only"), &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shipped;

    impl Sentences for Shipped {
        fn vector(&self, sentence: &str) -> Box<[i8]> {
            yishiting_vectors::Model::shipped().vector(sentence)
        }
    }

    #[test]
    fn there_are_enough_labelled_pairs_of_every_kind() {
        for (file, least) in [(DEVELOPED_ON, 900), (HELD_OUT, 400)] {
            let lines = file.lines().filter(|line| !line.starts_with('#')).count();
            let pairs = pairs(file);
            assert_eq!(lines, pairs.len(), "six columns each");
            assert!(pairs.len() >= least, "{}", pairs.len());
            for kind in KINDS.into_iter().chain(["paraphrase"]) {
                let n = pairs.iter().filter(|p| p.kind == kind).count();
                assert!(n >= 12, "{n} {kind}");
            }
        }
    }

    /// What is reached, with a little room: the target is recall 0.85 at precision 0.8. A rise of these figures is welcome,
    /// a fall is a regression.
    #[test]
    fn labelled_pairs_are_told_apart_with_vectors() {
        // The held-out file only: reading both takes minutes without optimisation, and `yishiting similar-report` tells of both.
        let scored = Scored::of(HELD_OUT, Some(&Shipped));
        for (point, (recall, precision)) in [
            (WorkingPoint::HINT, (0.87, 0.80)),
            (WorkingPoint::CLUSTER, (0.76, 0.86)),
        ] {
            let c = scored.count(point, |_| true);
            assert!(
                c.recall() >= recall && c.precision() >= precision,
                "{point:?}: {} {}",
                c.recall(),
                c.precision()
            );
        }
        for (point, most) in [(WorkingPoint::HINT, 0.02), (WorkingPoint::CLUSTER, 0.008)] {
            let share = scored.strangers(point);
            assert!(share <= most, "{point:?}: {share} of strangers put together");
        }
        let other = scored.count(WorkingPoint::HINT, |p| p.kind == "other");
        assert!(
            other.wrong * 16 <= other.all,
            "{} unrelated questions shown",
            other.wrong
        );
    }

    #[test]
    fn labelled_pairs_are_told_apart_by_words_alone() {
        for file in [DEVELOPED_ON, HELD_OUT] {
            let scored = Scored::of(file, None);
            let c = scored.count(WorkingPoint::HINT, |_| true);
            assert!(
                c.recall() >= 0.84 && c.precision() >= 0.73,
                "{} {}",
                c.recall(),
                c.precision()
            );
            let share = scored.strangers(WorkingPoint::HINT);
            assert!(share <= 0.03, "{share} of strangers shown");
        }
    }

    #[test]
    fn the_report_names_both_files_and_both_points() {
        let report = report(None);
        for word in [
            "developed on",
            "held out",
            "hint",
            "cluster",
            "easy",
            "hard",
            "statement",
            "strangers",
        ] {
            assert!(report.contains(word), "{report}");
        }
    }
}
