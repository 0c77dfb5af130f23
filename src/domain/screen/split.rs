//! Characters taken apart: `木仓` for 枪, `弓虽` for 强.

use std::{collections::HashMap, sync::LazyLock};

use super::canon::canonical;

/// Items `枪:木仓`, separated by spaces; lines `扌=手才` name what is written in place of a radical. Folded when read, so
/// that table and text agree.
const TABLE: &str = include_str!("../../../assets/words/split.txt");

struct Splits {
    of: HashMap<char, Vec<Vec<char>>>,
}

static SPLITS: LazyLock<Splits> = LazyLock::new(|| {
    let mut stands_for: HashMap<char, Vec<char>> = HashMap::new();
    let mut of: HashMap<char, Vec<Vec<char>>> = HashMap::new();
    for line in canonical(TABLE)
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
    {
        if let Some((radical, others)) = line.split_once('=') {
            stands_for.insert(
                radical.chars().next().expect("a radical is one character"),
                others.chars().collect(),
            );
            continue;
        }
        for item in line.split_whitespace() {
            let (whole, halves) = item.split_once(':').expect("an item has a colon; held by a test");
            let whole = whole.chars().next().expect("an item names a character");
            of.entry(whole).or_default().push(halves.chars().collect());
        }
    }
    for halves in of.values_mut() {
        let written: Vec<Vec<char>> = halves.iter().flat_map(|h| spellings(h, &stands_for)).collect();
        *halves = written;
        halves.dedup();
    }
    Splits { of }
});

/// Every way to write the halves, each radical as itself or as a character that stands for it.
fn spellings(halves: &[char], stands_for: &HashMap<char, Vec<char>>) -> Vec<Vec<char>> {
    let mut out: Vec<Vec<char>> = vec![Vec::new()];
    for &half in halves {
        let choices: Vec<char> = std::iter::once(half)
            .chain(stands_for.get(&half).into_iter().flatten().copied())
            .collect();
        out = out
            .iter()
            .flat_map(|head| choices.iter().map(|&c| head.iter().copied().chain([c]).collect()))
            .collect();
    }
    out
}

/// The ways `c` is written in parts; empty if the table has none.
pub(super) fn splits(c: char) -> &'static [Vec<char>] {
    SPLITS.of.get(&c).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_characters_come_apart_in_several_ways() {
        assert!(splits('枪').contains(&vec!['木', '仓']));
        assert!(splits('强').contains(&vec!['弓', '虽']));
        assert!(splits('你').contains(&vec!['人', '尔']));
        assert!(splits('操').contains(&vec!['手', '喿']));
        assert!(splits('字').len() <= 2);
    }

    #[test]
    fn the_table_is_canonical_so_that_text_and_table_agree() {
        for (&whole, ways) in &SPLITS.of {
            assert_eq!(canonical(&whole.to_string()), whole.to_string());
            for way in ways {
                let text: String = way.iter().collect();
                assert_eq!(canonical(&text), text, "{whole}");
                assert!((2..=4).contains(&way.len()), "{whole} {text}");
            }
        }
    }
}
