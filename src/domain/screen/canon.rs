//! Canonical form of a text with a map back to the original positions, and the thinned streams made from it.

use std::ops::Range;

use super::{
    super::text::{is_blank, is_emoji, is_han, is_invisible},
    fold::{fold, leet},
};

/// Pictures in common use from the older blocks; the other characters there (★ ■ →) are symbols.
const PICTURES: &str = "☀☁☂☃☎☔☕☘☝☠☹☺♥♨⚠⚡⚽⚾⛄⛅⛔✂✅✈✉✊✋✌✍✏✔✖✨✳❄❌❎❓❔❕❗❣❤➕➖⤴⬆⬇⭐⭕㊗㊙";

/// What a canonical character is to the matchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Han,
    /// ASCII letter; other scripts are [`Class::Other`].
    Letter,
    /// ASCII digit.
    Digit,
    /// Letters of other scripts. Kept in words, unlike noise.
    Other,
    Space,
    /// Comma, full stop, line end. What stands on either side is rarely one word cut in two.
    Stop,
    /// Punctuation that is put into words more often than between them.
    Pause,
    Emoji,
    /// Symbols, quotes, brackets.
    Noise,
}

impl Class {
    pub(super) fn of(c: char) -> Self {
        match c {
            'a'..='z' => Self::Letter,
            '0'..='9' => Self::Digit,
            ',' | '。' | '\n' => Self::Stop,
            '.' | ';' | ':' | '!' | '?' | '、' | '…' => Self::Pause,
            // Radicals and strokes stand for characters when these are taken apart.
            '\u{2e80}'..='\u{2fd5}' | '\u{31c0}'..='\u{31e3}' => Self::Han,
            _ if is_han(c) => Self::Han,
            _ if is_blank(c) => Self::Space,
            _ if c.is_ascii() => Self::Noise,
            _ if c >= '\u{1f000}' && is_emoji(c) || PICTURES.contains(c) => Self::Emoji,
            _ if c.is_alphanumeric() => Self::Other,
            _ => Self::Noise,
        }
    }

    /// True if the character can be part of a word.
    pub(super) const fn is_word(self) -> bool {
        matches!(self, Self::Han | Self::Letter | Self::Digit | Self::Other)
    }

    /// True for ASCII letters and digits.
    pub(super) const fn is_alnum(self) -> bool {
        matches!(self, Self::Letter | Self::Digit)
    }
}

/// A text in canonical form. Position `i` came from character `at[i]` of the original.
#[derive(Debug)]
pub(super) struct Canon {
    pub(super) chars: Vec<char>,
    pub(super) classes: Vec<Class>,
    at: Vec<u32>,
    /// Characters of the original.
    pub(super) original_len: usize,
    /// Invisible characters and combining marks that were dropped.
    pub(super) dropped: usize,
}

impl Canon {
    /// Canonical form of `text`. Folding it again changes nothing.
    pub(super) fn of(text: &str) -> Self {
        let mut canon = Self {
            chars: Vec::with_capacity(text.len() / 2),
            classes: Vec::with_capacity(text.len() / 2),
            at: Vec::with_capacity(text.len() / 2),
            original_len: 0,
            dropped: 0,
        };
        let mut inside_until = 0;
        for (position, (byte, c)) in text.char_indices().enumerate() {
            canon.original_len = position + 1;
            if position < inside_until {
                continue;
            }
            // Written as a page's source or a program would: the reader of the source sees the character.
            let (c, len) = match c {
                '&' | '\\' => escaped(&text[byte..]).unwrap_or((c, 1)),
                c => (c, 1),
            };
            inside_until = position + len;
            let before = canon.chars.len();
            fold(c, &mut |folded| {
                canon.chars.push(folded);
                canon.classes.push(Class::of(folded));
                canon.at.push(position as u32);
            });
            // A selector or joiner is part of the emoji before it, not an attempt to hide something.
            if canon.chars.len() == before
                && !(is_invisible(c) && canon.chars.last().is_some_and(|&last| is_emoji(last)))
            {
                canon.dropped += 1;
            }
        }
        canon
    }

    /// Character range of the original text that canonical positions `from..to` came from.
    ///
    /// # Panics
    /// If the range is empty or outside the text.
    pub(super) fn span(&self, from: usize, to: usize) -> Range<usize> {
        self.at[from] as usize..self.at[to - 1] as usize + 1
    }

    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    /// Class of the character before `i`, or [`Class::Space`] at the start.
    pub(super) fn class_before(&self, i: usize) -> Class {
        if i == 0 { Class::Space } else { self.classes[i - 1] }
    }

    /// Class of the character at `i`, or [`Class::Space`] past the end.
    pub(super) fn class_at(&self, i: usize) -> Class {
        self.classes.get(i).copied().unwrap_or(Class::Space)
    }
}

/// The character an escape at the start of `text` stands for (`&#20667;` `&#x50bb;` `&nbsp;` `\\u50bb`), and how many characters it takes.
fn escaped(text: &str) -> Option<(char, usize)> {
    let char_of = |digits: &str, radix: u32| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    if let Some(digits) = text.strip_prefix("\\u").and_then(|rest| rest.get(..4)) {
        return Some((char_of(digits, 16)?, 6));
    }
    let name = text.strip_prefix('&')?;
    let name = &name[..name.char_indices().take(9).find(|(_, c)| *c == ';')?.0];
    let c = match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "zwj" | "zwnj" | "shy" => '\u{200d}',
        _ => match name.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(hex) => char_of(hex, 16)?,
            None => char_of(name.strip_prefix('#')?, 10)?,
        },
    };
    Some((c, name.chars().count() + 2))
}

/// Characters picked or rewritten from a [`Canon`], each with its canonical position.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) chars: Vec<char>,
    /// Canonical position of each character; never decreasing.
    pub(super) from: Vec<u32>,
}

impl Stream {
    pub(super) fn push(&mut self, c: char, from: usize) {
        self.chars.push(c);
        self.from.push(from as u32);
    }

    /// The canonical characters for which `keep` holds.
    pub(super) fn pick(canon: &Canon, keep: impl Fn(Class) -> bool) -> Self {
        let mut stream = Self::default();
        for (i, (&c, &class)) in canon.chars.iter().zip(&canon.classes).enumerate() {
            if keep(class) {
                stream.push(c, i);
            }
        }
        stream
    }

    /// Canonical positions of the stream's `start..end`.
    pub(super) fn range(&self, start: usize, end: usize) -> (usize, usize) {
        (self.from[start] as usize, self.from[end - 1] as usize + 1)
    }
}

/// Canonical text of a dictionary entry, nickname or phrase, without positions.
pub(super) fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| fold(c, &mut |c| out.push(c)));
    out
}

/// [`canonical`] text with only the characters that can be part of a word.
pub(in super::super) fn skeleton(text: &str) -> String {
    let mut out = canonical(text);
    out.retain(|c| Class::of(c).is_word());
    out
}

/// Latin words in `text`, canonical: as written, with digits and symbols read as letters, and with letters that stand
/// alone (`a d m i n`) put together. Chinese characters divide words.
pub(in super::super) fn latin_words(text: &str) -> Vec<String> {
    let plain: Vec<char> = canonical(text).chars().collect();
    let is_letter = |i: Option<usize>| i.and_then(|i| plain.get(i)).is_some_and(char::is_ascii_lowercase);
    let read: Vec<char> = (0..plain.len())
        .map(|i| match leet(plain[i]) {
            Some(letter) if is_letter(i.checked_sub(1)) || is_letter(Some(i + 1)) => letter,
            _ => plain[i],
        })
        .collect();
    let mut words = Vec::new();
    for chars in [&plain, &read] {
        let text: String = chars.iter().collect();
        let parts: Vec<&str> = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty())
            .collect();
        words.extend(parts.iter().map(|&part| part.to_owned()));
        words.extend(
            parts
                .chunk_by(|a, b| a.len() == 1 && b.len() == 1)
                .filter(|run| run.len() > 1)
                .map(<[&str]>::concat),
        );
        if text.chars().all(|c| Class::of(c) != Class::Han) {
            words.push(parts.concat());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_point_into_the_original() {
        let text = "㊙ｆ\u{200b}ｕ⑩國";
        let canon = Canon::of(text);
        let original: Vec<char> = text.chars().collect();
        let at = canon.chars.iter().position(|&c| c == 'u').expect("folded");
        assert_eq!(original[canon.span(at, at + 1)], ['ｕ']);
        let ten = canon
            .chars
            .windows(2)
            .position(|w| w == ['1', '0'])
            .expect("folded");
        assert_eq!(original[canon.span(ten, ten + 2)], ['⑩']);
        assert_eq!(original[canon.span(at - 1, at + 1)], ['ｆ', '\u{200b}', 'ｕ']);
        assert_eq!(canon.dropped, 1);
    }

    #[test]
    fn escapes_are_read_as_the_character_they_stand_for() {
        for (text, plain) in [
            ("&#20667;&#x903C;", "傻逼"),
            ("傻&nbsp;逼", "傻 逼"),
            ("\\u50bb", "傻"),
            ("A&B公司 &amp &#; \\user", "a&b公司 &amp &#; \\user"),
        ] {
            let canon = Canon::of(text);
            assert_eq!(canon.chars.iter().collect::<String>(), plain, "{text}");
            assert_eq!(canon.original_len, text.chars().count());
        }
    }

    #[test]
    fn emoji_sequences_do_not_count_as_hidden_characters() {
        assert_eq!(Canon::of("👨\u{200d}👩❤\u{fe0f}好").dropped, 0);
        assert_eq!(Canon::of("坏\u{200d}人").dropped, 1);
    }

    #[test]
    fn a_skeleton_has_only_word_characters() {
        assert_eq!(skeleton("市·長 （Ａ-1）"), "市长a1");
    }
}
