//! What a netizen writes, cleaned and measured at the door.
//!
//! A [`Body`] is text that is safe to store, show and export as text: no control or direction characters, nothing
//! invisible, not empty, not longer than the caller allows. It keeps the author's own characters: no normal form is
//! applied, because NFC replaces compatibility ideographs that occur in people's names. Markup stays as text; the
//! page escapes it. Whether the words may be shown is not decided here, see [`super::screen`].

use unicode_segmentation::UnicodeSegmentation;

/// Longest comment accepted, in characters as a reader counts them (extended grapheme clusters).
///
/// A comment also runs over the picture, where 200 characters are already four screens of a phone; what needs more
/// room is a question. The same figure as the caps of the large chat systems.
pub const COMMENT_GRAPHEMES_MAX: usize = 200;

/// Longest question accepted, in characters as a reader counts them (extended grapheme clusters).
///
/// Room for facts, place and request in one paragraph; the host can still read it aloud in two minutes.
pub const QUESTION_GRAPHEMES_MAX: usize = 500;

/// Combining marks kept after one base character. Real scripts need two or three; a pile of them paints over
/// neighbouring lines.
const MARKS_MAX: usize = 3;

/// Scalar values that count as one character. The longest emoji in use have ten; whatever is longer counts again, so
/// that a limit in characters is also a limit in bytes (at most 64 per character).
const CLUSTER_SCALARS_MAX: usize = 16;

/// Text of a comment or question, fit to be stored and shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Body(String);

/// Why a text is not a [`Body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Nothing is left after removing spaces and invisible characters.
    #[error("text is empty")]
    Empty,
    /// Longer than the caller allows; both in characters as a reader counts them.
    #[error("text has {len} characters; the limit is {max}")]
    TooLong {
        /// Characters in the cleaned text.
        len: usize,
        /// Characters allowed.
        max: usize,
    },
}

impl BodyError {
    /// Code for a program to branch on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "text_empty",
            Self::TooLong { .. } => "text_too_long",
        }
    }
}

impl Body {
    /// Cleans `raw` and accepts it if 1 to `max_graphemes` characters are left.
    ///
    /// Removed: U+0000, C0 and C1 controls, direction marks, characters without width (emoji sequences keep their
    /// joiners), spaces at both ends and at line ends, combining marks beyond the third. Line ends of every kind
    /// become `\n`, at most two in a row; a tab becomes a space. The length is that of the cleaned text.
    pub fn parse(raw: &str, max_graphemes: usize) -> Result<Self, BodyError> {
        let text = clean(raw);
        if text.is_empty() {
            return Err(BodyError::Empty);
        }
        let len = graphemes(&text);
        if len > max_graphemes {
            return Err(BodyError::TooLong {
                len,
                max: max_graphemes,
            });
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl std::fmt::Display for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters as a reader counts them; a cluster of more than sixteen scalar values counts more than once.
#[must_use]
pub fn graphemes(text: &str) -> usize {
    text.graphemes(true)
        .map(|cluster| cluster.chars().count().div_ceil(CLUSTER_SCALARS_MAX))
        .sum()
}

/// `raw` without what a reader cannot see, trimmed; lines kept, at most one empty line in a row.
#[must_use]
pub fn clean(raw: &str) -> String {
    let visible = visible(raw);
    let mut out = String::with_capacity(visible.len());
    let mut empty_lines = 0;
    for line in visible.split('\n') {
        let line = line.trim_end_matches(is_blank);
        if line.trim_start_matches(is_blank).is_empty() {
            empty_lines += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty_lines > 0 { "\n\n" } else { "\n" });
        }
        empty_lines = 0;
        out.push_str(if out.is_empty() {
            line.trim_start_matches(is_blank)
        } else {
            line
        });
    }
    out
}

/// True for a space of any width, and for the characters that only look like one.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// True for a character that shows nothing and takes no room: controls, direction marks, joiners, fillers, tags,
/// variation selectors, noncharacters. Line ends and the tab count as invisible here too.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// True for a character that is drawn as a picture, or may be. Wide on purpose: it only decides whether a joiner
/// may stay and whether a symbol counts as decoration.
#[must_use]
pub fn is_emoji(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2934}' | '\u{2935}' | '\u{2b00}'..='\u{2bff}' | '〰' | '〽' | '㊗' | '㊙' | '\u{1f000}'..='\u{1faff}')
}

/// True for an ideograph used in Chinese writing.
#[must_use]
pub fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Removes what is invisible, except where it makes an emoji or an ideograph variant what it is.
fn visible(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut before: Option<char> = None; // last character kept
    let mut marks = 0;
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        let kept = match c {
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    continue;
                }
                Some('\n')
            }
            '\n' | '\u{85}' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\t' => Some(' '),
            // A joiner stays only between two pictures (family, profession); a lone one hides words.
            '\u{200d}' => {
                (before.is_some_and(ends_emoji) && chars.peek().is_some_and(|&n| is_emoji(n))).then_some(c)
            }
            '\u{fe0e}' | '\u{fe0f}' => before
                .is_some_and(|b| is_emoji(b) || b.is_ascii_digit() || b == '#' || b == '*')
                .then_some(c),
            // Standardised and ideographic variants: the form of a character in a person's name.
            '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_han).then_some(c),
            // Tags spell a region after the black flag and nothing elsewhere.
            '\u{e0020}'..='\u{e007f}' => before
                .is_some_and(|b| b == '🏴' || matches!(b, '\u{e0020}'..='\u{e007e}'))
                .then_some(c),
            c if is_invisible(c) => None,
            c => Some(c),
        };
        let Some(c) = kept else { continue };
        if unicode_normalization::char::is_combining_mark(c) && !is_invisible(c) {
            marks += 1;
            if marks > MARKS_MAX {
                continue;
            }
        } else {
            marks = 0;
        }
        before = Some(c);
        out.push(c);
    }
    out
}

/// True if `c` can end the left half of a joined emoji: a picture, or its variation selector.
fn ends_emoji(c: char) -> bool {
    is_emoji(c) || c == '\u{fe0f}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        assert_eq!(Body::parse(raw, 500).expect("parses").as_str(), expected);
    }

    #[test]
    fn a_body_keeps_the_authors_characters() {
        check(
            "老旧小区加装电梯的补贴标准是多少？",
            "老旧小区加装电梯的补贴标准是多少？",
        );
        check("ＡＢＣ 繁體字 ①", "ＡＢＣ 繁體字 ①");
        check("\u{f9dc}先生", "\u{f9dc}先生"); // a compatibility ideograph in a name is not replaced
        check("<script>alert(1)</script>", "<script>alert(1)</script>");
        check("=1+1", "=1+1");
        check("葛\u{e0100}先生", "葛\u{e0100}先生");
    }

    #[test]
    fn controls_and_direction_marks_are_removed() {
        check("电\0价\u{7}太\u{1b}高\u{9f}", "电价太高");
        check("\u{202e}水价\u{202c}\u{2066}涨\u{2069}了\u{200f}", "水价涨了");
        check("电\u{200b}价\u{feff}和\u{2060}水\u{ad}价\u{3164}", "电价和水价");
        check("甲\t乙", "甲 乙");
    }

    #[test]
    fn emoji_sequences_stay_whole_and_lone_joiners_go() {
        check(
            "👨\u{200d}👩\u{200d}👧\u{200d}👦 同意",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦 同意",
        );
        check("❤\u{fe0f}\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥");
        check("1\u{fe0f}\u{20e3}号楼", "1\u{fe0f}\u{20e3}号楼");
        check("👋🏽", "👋🏽");
        check(
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        );
        check("电\u{200d}价\u{fe0f}", "电价");
        check("a\u{e0041}b", "ab");
    }

    #[test]
    fn lines_are_kept_and_empty_lines_are_folded() {
        check("  一\r\n二\r三\u{2028}四  ", "一\n二\n三\n四");
        check("一\n\n\n\n\n二", "一\n\n二");
        check("一\n \n\u{3000}\n二   \n", "一\n\n二");
        check("一\n\u{3000}\u{3000}二", "一\n\u{3000}\u{3000}二");
    }

    #[test]
    fn a_text_of_nothing_visible_is_empty() {
        for raw in [
            "",
            "   ",
            "\n\n",
            "\u{3000}\u{200b}",
            "\0\0",
            "\u{2800}",
            "\u{202e}",
            "\u{fe0f}",
        ] {
            assert_eq!(Body::parse(raw, 200), Err(BodyError::Empty), "{raw:?}");
        }
    }

    #[test]
    fn the_limit_counts_what_a_reader_counts() {
        assert!(Body::parse(&"字".repeat(200), COMMENT_GRAPHEMES_MAX).is_ok());
        assert_eq!(
            Body::parse(&"字".repeat(201), COMMENT_GRAPHEMES_MAX),
            Err(BodyError::TooLong { len: 201, max: 200 })
        );
        assert!(
            Body::parse(
                &"👨\u{200d}👩\u{200d}👧\u{200d}👦".repeat(200),
                COMMENT_GRAPHEMES_MAX
            )
            .is_ok()
        );
        assert!(
            Body::parse(&format!("{}{}", " ".repeat(900), "字".repeat(200)), 200).is_ok(),
            "spaces at the ends do not count"
        );
        assert_eq!(
            Body::parse(&"字".repeat(10_000), 200),
            Err(BodyError::TooLong {
                len: 10_000,
                max: 200
            })
        );
    }

    #[test]
    fn piled_up_marks_and_endless_clusters_are_bounded() {
        let zalgo = format!("电{}", "\u{336}".repeat(5_000));
        assert_eq!(
            Body::parse(&zalgo, 10).expect("parses").as_str().chars().count(),
            1 + MARKS_MAX
        );
        let jamo = "\u{1100}".repeat(5_000); // one cluster by the rules of Unicode
        assert!(matches!(Body::parse(&jamo, 200), Err(BodyError::TooLong { .. })));
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for raw in [
            " 一\n\n\n二 ",
            "👨\u{200d}👩x\u{200d}y",
            "e\u{301}\u{301}\u{301}\u{301}\u{301}",
            "\r\n\t甲",
        ] {
            let once = clean(raw);
            assert_eq!(clean(&once), once);
        }
    }

    #[test]
    fn errors_say_limit_and_actual() {
        let error = Body::parse(&"字".repeat(612), 500).expect_err("too long");
        assert_eq!(error.to_string(), "text has 612 characters; the limit is 500");
        assert_eq!(error.code(), "text_too_long");
    }
}
