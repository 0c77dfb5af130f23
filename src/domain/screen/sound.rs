//! Sounds of Chinese characters: syllables without tone, their initials, and sounds that dialects do not tell apart.

use std::{collections::HashMap, sync::LazyLock};

use pinyin::{ToPinyin, ToPinyinMulti};

/// Characters with a syllable, by code point: CJK extension A and the unified ideographs.
const HAN: std::ops::RangeInclusive<u32> = 0x3400..=0x9fff;

/// Readings of one character taken into account for a dictionary word.
const READINGS_MAX: usize = 3;

/// Characters that are often read in two ways. The second readings of others are rare or old (听 as yin) and would
/// make ordinary words sound like listed ones.
const TWO_SOUNDS: &str = "行重长乐调传弹会还都便薄朝降觉角卡了露落没铺强塞色宿校血着单石车曾藏剥泊查称臭畜恶佛给更期奇茄区盛说提拓尾吓系解削叶扎\
    粘壳率仔炮模秘弄尿绿六";

/// Pictures that are read as the character they show.
const EMOJI: &[(&str, char)] = &[
    ("🔫", '枪'),
    ("🐎🐴🏇", '马'),
    ("💊", '药'),
    ("🎰🎲🃏", '赌'),
    ("🔪🗡", '刀'),
    ("💣🧨", '炸'),
    ("🐔🐓🐤", '鸡'),
    ("🦆", '鸭'),
    ("🐕🐶", '狗'),
    ("🐷🐖", '猪'),
    ("🐢", '龟'),
    ("💰💵💴", '钱'),
    ("💩", '屎'),
    ("❄🧊", '冰'),
    ("🌿🌱🌾", '草'),
    ("🖊✏🖋🖍", '笔'),
    ("👃", '鼻'),
    ("🚗🚙🚘", '车'),
    ("🏠🏡", '房'),
    ("🔥", '火'),
    ("💧", '水'),
    ("☀🌞", '日'),
    ("🌙", '月'),
    ("🍺🍷", '酒'),
    ("🚬", '烟'),
    ("👩", '女'),
    ("🐍", '蛇'),
    ("🥚", '蛋'),
    ("🍆", '茄'),
    ("🩸", '血'),
    ("💀☠", '死'),
    ("🎫", '票'),
];

/// A syllable without tone, as an index; 0 is no syllable.
pub(super) type Syllable = u16;

struct Sounds {
    /// First and second reading by code point from the start of [`HAN`].
    of: Vec<[Syllable; 2]>,
    /// Letters of each syllable, `v` for ü.
    letters: Vec<String>,
    /// Representative of the syllables that sound alike to many speakers.
    blurred: Vec<Syllable>,
    by_letters: HashMap<String, Syllable>,
}

static SOUNDS: LazyLock<Sounds> = LazyLock::new(|| {
    let mut sounds = Sounds {
        of: Vec::new(),
        letters: vec![String::new()],
        blurred: Vec::new(),
        by_letters: HashMap::new(),
    };
    // Every reading gets a number, also those that are no character's first one.
    for u in HAN {
        let c = char::from_u32(u).expect("no surrogates among the ideographs");
        let first = c.to_pinyin().map_or(0, |p| sounds.number(p.plain()));
        let others: Vec<Syllable> = c
            .to_pinyin_multi()
            .into_iter()
            .flatten()
            .map(|p| sounds.number(p.plain()))
            .collect();
        let second = others
            .into_iter()
            .find(|&s| s != first && s != 0 && TWO_SOUNDS.contains(c))
            .unwrap_or(first);
        sounds.of.push([first, second]);
    }
    let mut groups: HashMap<String, Syllable> = HashMap::new();
    for (n, letters) in sounds.letters.iter().enumerate() {
        let group = *groups.entry(blur(letters)).or_insert(n as Syllable);
        sounds.blurred.push(group);
    }
    sounds
});

impl Sounds {
    fn number(&mut self, plain: &str) -> Syllable {
        let letters = plain.replace('ü', "v").replace('ê', "e");
        if !letters.contains(['a', 'e', 'i', 'o', 'u', 'v']) {
            return 0; // interjections without a vowel
        }
        if let Some(&known) = self.by_letters.get(&letters) {
            return known;
        }
        let number = self.letters.len() as Syllable;
        self.letters.push(letters.clone());
        self.by_letters.insert(letters, number);
        number
    }
}

/// One spelling for syllables that southern speakers and hasty typists mix up: zh/z, ch/c, sh/s, -ng/-n.
fn blur(letters: &str) -> String {
    let mut out = letters.to_owned();
    for (from, to) in [("zh", "z"), ("ch", "c"), ("sh", "s")] {
        if let Some(rest) = out.strip_prefix(from) {
            out = format!("{to}{rest}");
        }
    }
    for (from, to) in [("ang", "an"), ("eng", "en"), ("ing", "in")] {
        if let Some(rest) = out.strip_suffix(from) {
            out = format!("{rest}{to}");
        }
    }
    out
}

/// Usual syllable of `c`, if it is a Chinese character with a known sound.
pub(super) fn syllable(c: char) -> Option<Syllable> {
    pair(c).map(|pair| pair[0])
}

fn pair(c: char) -> Option<[Syllable; 2]> {
    let pair = *SOUNDS.of.get(u32::from(c).checked_sub(*HAN.start())? as usize)?;
    (pair[0] != 0).then_some(pair)
}

/// The character that stands for reading 0 or 1 of `c` in an automaton over sounds; `c` itself if it has no sound.
pub(super) fn symbol_of(c: char, reading: usize) -> char {
    pair(c).map_or(c, |pair| symbol(pair[reading]))
}

/// The common readings of `c`, one or two; empty if none is known.
pub(super) fn common_readings(c: char) -> Vec<Syllable> {
    let mut readings = pair(c).map_or(Vec::new(), Vec::from);
    readings.dedup();
    readings
}

/// True if `a` and `b` have a common reading in common, tones aside.
pub(super) fn share_a_reading(a: char, b: char) -> bool {
    pair(a)
        .zip(pair(b))
        .is_some_and(|(a, b)| a.iter().any(|reading| b.contains(reading)))
}

/// All syllables `c` may be read as, the usual one first; empty if none is known.
pub(super) fn readings(c: char) -> Vec<Syllable> {
    let mut readings: Vec<Syllable> = syllable(c).into_iter().collect();
    for other in c.to_pinyin_multi().into_iter().flatten() {
        let letters = other.plain().replace('ü', "v");
        if let Some(&known) = SOUNDS.by_letters.get(&letters)
            && !readings.contains(&known)
            && readings.len() < READINGS_MAX
        {
            readings.push(known);
        }
    }
    readings
}

/// Letters of a syllable, `v` for ü.
pub(super) fn letters(syllable: Syllable) -> &'static str {
    &SOUNDS.letters[usize::from(syllable)]
}

/// Representative of the syllables that sound alike to many speakers.
pub(super) fn blurred(syllable: Syllable) -> Syllable {
    SOUNDS.blurred[usize::from(syllable)]
}

/// The character that stands for `syllable` in an automaton over sounds (from the private use area).
pub(super) fn symbol(syllable: Syllable) -> char {
    char::from_u32(0xe000 + u32::from(blurred(syllable))).expect("there are fewer than 2,000 syllables")
}

/// The character a picture is read as.
pub(super) fn emoji_reading(c: char) -> Option<char> {
    EMOJI
        .iter()
        .find(|(pictures, _)| pictures.contains(c))
        .map(|&(_, han)| han)
}

/// True if `run` (ASCII letters) can be read as pinyin syllables throughout. Empty is true.
pub(super) fn is_pinyin(run: &[char]) -> bool {
    let mut reachable = vec![false; run.len() + 1];
    reachable[0] = true;
    for end in 1..=run.len() {
        // The longest syllable has six letters (zhuang).
        reachable[end] = (end.saturating_sub(6)..end).any(|start| {
            reachable[start]
                && SOUNDS
                    .by_letters
                    .contains_key(&run[start..end].iter().collect::<String>())
        });
    }
    reachable[run.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<&'static str> {
        text.chars().filter_map(syllable).map(letters).collect()
    }

    #[test]
    fn characters_have_syllables_without_tone() {
        assert_eq!(spelled("赌博绿a女"), ["du", "bo", "lv", "nv"]);
    }

    #[test]
    fn sounds_that_are_mixed_up_share_a_symbol() {
        let of = |c| symbol(syllable(c).expect("has a sound"));
        assert_eq!(of('沙'), of('撒'));
        assert_eq!(of('京'), of('金'));
        assert_ne!(of('赌'), of('头'));
    }

    #[test]
    fn runs_of_letters_are_told_apart_from_pinyin() {
        let check = |run: &str| is_pinyin(&run.chars().collect::<Vec<_>>());
        assert!(check("") && check("wo") && check("zhuangle") && check("xian"));
        assert!(!check("rket") && !check("b") && !check("product"));
    }

    #[test]
    fn a_word_knows_its_other_readings() {
        let readings: Vec<_> = readings('重').into_iter().map(letters).collect();
        assert!(
            readings.contains(&"zhong") && readings.contains(&"chong"),
            "{readings:?}"
        );
    }
}
