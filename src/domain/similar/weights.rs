//! What each agreement and disagreement counts, from `assets/similar/weights.txt`. The file explains its own form.

use std::sync::LazyLock;

use super::score::{Features, N, NAMES};

/// Two sums: with vectors and without.
#[derive(Debug)]
pub(super) struct Weights {
    with: Sum,
    without: Sum,
}

#[derive(Debug, Default)]
struct Sum {
    start: f32,
    of: [f32; N],
}

static SHIPPED: LazyLock<Weights> = LazyLock::new(|| {
    Weights::parse(include_str!("../../../assets/similar/weights.txt"))
        .expect("the shipped file is read by a test")
});

impl Weights {
    pub(super) fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with which line.
    fn parse(text: &str) -> Result<Self, String> {
        let mut weights = Self {
            with: Sum::default(),
            without: Sum::default(),
        };
        let mut seen = [false; N];
        for line in text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
        {
            let [name, with, without] = line.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(format!("three columns: {line}"));
            };
            let number = |text: &str| text.parse::<f32>().map_err(|_| format!("no number: {line}"));
            let (with, without) = (number(with)?, number(without)?);
            if name == "start" {
                (weights.with.start, weights.without.start) = (with, without);
                continue;
            }
            let at = NAMES
                .iter()
                .position(|n| *n == name)
                .ok_or_else(|| format!("no feature {name}"))?;
            (weights.with.of[at], weights.without.of[at]) = (with, without);
            seen[at] = true;
        }
        match seen.iter().position(|seen| !seen) {
            None => Ok(weights),
            Some(at) => Err(format!("{} has no weight", NAMES[at])),
        }
    }

    /// From 0 to 1: how likely a person would merge the two.
    pub(super) fn score(&self, features: &Features, with_vectors: bool) -> f32 {
        let sum = if with_vectors { &self.with } else { &self.without };
        let total: f32 = sum.start + sum.of.iter().zip(features).map(|(w, f)| w * f).sum::<f32>();
        1.0 / (1.0 + (-total).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_has_a_weight_for_every_feature() {
        let weights = Weights::parse(include_str!("../../../assets/similar/weights.txt"));
        assert!(weights.is_ok(), "{weights:?}");
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        let why = |text: &str| Weights::parse(text).err().unwrap_or_default();
        assert_eq!(why("same 1\n"), "three columns: same 1");
        assert_eq!(why("hue 1 2\n"), "no feature hue");
        assert_eq!(why("same 1 x\n"), "no number: same 1 x");
        assert_eq!(why("same 1 2\n"), "contained has no weight");
    }
}
