//! Further spellings of a word that are listed beforehand: initials, mixtures with pinyin, split characters.

use super::{
    canon::Class,
    sound::{letters, readings},
    split::splits,
};

/// Spellings made per word and flag. A word of three characters has about 60; the bound keeps a flag on a long word
/// from eating memory.
const PER_WORD_MAX: usize = 400;

/// Spellings made per word and flag when nearly every word is flagged: each place alone, and some pairs.
const PER_WORD_MIN: usize = 24;

/// Spellings aimed at in all. With 60 bytes each in the automaton this is some 60 MiB.
const TOTAL: usize = 1_000_000;

/// Spellings per word and flag when `flagged` words want some.
pub(super) fn per_word_max(flagged: usize) -> usize {
    (TOTAL / flagged.max(1)).clamp(PER_WORD_MIN, PER_WORD_MAX)
}

/// Longest word for which every mixture is made; longer ones get initials and spellings of one kind throughout.
const MIXED_CHARS_MAX: usize = 4;

/// Longest word that is spelled in these ways at all.
const WORD_CHARS_MAX: usize = 12;

/// Spellings with at least one character as an initial, the rest as characters, initials or syllables.
pub(super) fn initials(word: &[char], max: usize) -> Vec<String> {
    let Some(per_char) = each(
        word,
        |&c| Class::of(c) == Class::Han,
        |c| {
            let sounds = readings(c);
            let initial = sounds.first().map(|&s| {
                letters(s)
                    .chars()
                    .next()
                    .expect("a syllable has letters")
                    .to_string()
            })?;
            Some((initial, letters(sounds[0]).to_owned()))
        },
    ) else {
        return Vec::new();
    };
    let all: String = per_char
        .iter()
        .map(|(_, (initial, _))| initial.as_str())
        .collect();
    let mut out = vec![all];
    let mixed = word.len() <= MIXED_CHARS_MAX;
    let choices: Vec<Vec<String>> = per_char
        .into_iter()
        .map(|(c, (initial, syllable))| {
            let mut choice = vec![c.to_string(), initial];
            if mixed {
                choice.push(syllable);
            }
            choice
        })
        .collect();
    for picks in combinations(&choices, max) {
        // A spelling without an initial belongs to another flag.
        if picks.contains(&1) {
            out.push(spell(&choices, &picks));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Spellings with at least one character in parts.
pub(super) fn split(word: &[char], max: usize) -> Vec<String> {
    if word.len() > WORD_CHARS_MAX {
        return Vec::new();
    }
    let choices: Vec<Vec<String>> = word
        .iter()
        .map(|&c| {
            std::iter::once(c.to_string())
                .chain(splits(c).iter().map(|way| way.iter().collect()))
                .collect()
        })
        .collect();
    let mut out: Vec<String> = combinations(&choices, max)
        .into_iter()
        .filter(|picks| picks.iter().any(|&p| p > 0))
        .map(|picks| spell(&choices, &picks))
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// `f` of every character of `word`, or `None` if one fails, or the word is too short or too long.
fn each<T>(
    word: &[char],
    fits: impl Fn(&char) -> bool,
    f: impl Fn(char) -> Option<T>,
) -> Option<Vec<(char, T)>> {
    if !(2..=WORD_CHARS_MAX).contains(&word.len()) || !word.iter().all(fits) {
        return None;
    }
    word.iter().map(|&c| f(c).map(|t| (c, t))).collect()
}

/// Up to `max` rows of one choice per place. With too many, rows that change fewer places come first.
fn combinations(choices: &[Vec<String>], max: usize) -> Vec<Vec<usize>> {
    let total = choices.iter().map(Vec::len).try_fold(1usize, usize::checked_mul);
    if total.is_some_and(|total| total <= max) {
        let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
        for choice in choices {
            rows = rows
                .iter()
                .flat_map(|row| (0..choice.len()).map(move |n| row.iter().copied().chain([n]).collect()))
                .collect();
        }
        return rows;
    }
    let mut rows = Vec::new();
    // Every place in its first spelling, then each single place in each spelling, then pairs of places.
    rows.push(choices.iter().map(|c| 1.min(c.len() - 1)).collect());
    for (place, choice) in choices.iter().enumerate() {
        for n in 1..choice.len() {
            let mut row = vec![0; choices.len()];
            row[place] = n;
            rows.push(row.clone());
            for (other, other_choice) in choices.iter().enumerate().skip(place + 1) {
                for m in 1..other_choice.len() {
                    row[other] = m;
                    rows.push(row.clone());
                }
                row[other] = 0;
            }
        }
    }
    rows.truncate(max);
    rows
}

fn spell(choices: &[Vec<String>], picks: &[usize]) -> String {
    choices
        .iter()
        .zip(picks)
        .map(|(choice, &pick)| choice[pick].as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn initials_mix_with_characters_and_syllables() {
        let variants = initials(&word("傻逼"), 99);
        for expected in ["sb", "傻b", "s逼", "shab", "sbi"] {
            assert!(
                variants.iter().any(|v| v == expected),
                "{expected} in {variants:?}"
            );
        }
        assert!(!variants.iter().any(|v| v == "傻逼" || v == "shabi"));
        assert!(initials(&word("六合彩特码"), 99).contains(&"lhctm".to_owned()));
        assert!(initials(&word("a片"), 99).is_empty());
    }

    #[test]
    fn split_spellings_keep_at_least_one_character_apart() {
        let variants = split(&word("枪支"), 99);
        assert!(variants.contains(&"木仓支".to_owned()) && variants.contains(&"木仓十又".to_owned()));
        assert!(!variants.contains(&"枪支".to_owned()));
    }

    #[test]
    fn a_long_word_makes_a_bounded_number_of_spellings() {
        let long = word("赌博诈骗淫秽色情枪支弹药");
        assert!(split(&long, 50).len() <= 50);
        assert!(initials(&long, 50).len() <= 51);
        assert_eq!(
            (per_word_max(1), per_word_max(10_000), per_word_max(100_000)),
            (400, 100, 24)
        );
    }
}
