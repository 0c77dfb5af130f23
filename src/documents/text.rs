//! What may not reach a reader as it was typed: formulas, control characters, direction marks, endless cells.
//!
//! The audience writes most of a package, so every string passes through here on its way into DOCX, XLSX and
//! CSV. `package.json` keeps the whole original; there only the spelling of direction marks changes.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// Longest text of one XLSX cell in UTF-16 units. Source: limits of the format; longer cells make a reader refuse the file.
pub const CELL_UTF16_MAX: usize = 32_767;

/// Ends a text that was cut; says where the rest is.
pub const CUT_MARK: &str = "……（已截断，全文见 package.json）";

/// Characters that order text against its reading direction and can make a line say something else.
pub fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Text fit for XML and for a person: line ends are `\n`, no control characters but tab and line end, no
/// direction controls, no characters XML 1.0 forbids.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(needs_cleaning) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                clean.push('\n');
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push('\n'),
            _ if needs_cleaning(c) => {}
            _ => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

fn needs_cleaning(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}' => true,
        _ => c.is_control() || is_direction_control(c),
    }
}

/// Whether a spreadsheet could take this for a formula: `= + - @`, tab or line end in front, in half or full width.
///
/// Invisible characters in front do not hide the sign: readers drop them before they look.
pub fn looks_like_formula(text: &str) -> bool {
    let invisible = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}')
    };
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let first = text
        .chars()
        .find(|c| !invisible(*c) && !c.is_control() && !is_direction_control(*c));
    matches!(
        first,
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '−')
    )
}

/// Text of a CSV field: clean, and with `'` in front if a spreadsheet could calculate it.
pub fn csv_field(text: &str) -> Cow<'_, str> {
    let field = clean(text);
    if looks_like_formula(text) || looks_like_formula(&field) {
        Cow::Owned(format!("'{field}"))
    } else {
        field
    }
}

/// Text of an XLSX cell: clean and no longer than the format allows.
pub fn cell(text: &str) -> Cow<'_, str> {
    let text = clean(text);
    // One UTF-8 byte or more per UTF-16 unit, so a short string needs no counting.
    if text.len() <= CELL_UTF16_MAX || text.encode_utf16().count() <= CELL_UTF16_MAX {
        return text;
    }
    let room = CELL_UTF16_MAX - CUT_MARK.encode_utf16().count();
    let mut used = 0;
    let end = text
        .grapheme_indices(true)
        .find(|(_, grapheme)| {
            used += grapheme.encode_utf16().count();
            used > room
        })
        .map_or(text.len(), |(start, _)| start);
    Cow::Owned(format!("{}{CUT_MARK}", &text[..end]))
}

/// At most `graphemes_max` characters as a reader counts them, then `mark`.
pub fn cut<'a>(text: &'a str, graphemes_max: usize, mark: &str) -> Cow<'a, str> {
    if text.len() <= graphemes_max {
        return Cow::Borrowed(text);
    }
    match text.grapheme_indices(true).nth(graphemes_max) {
        Some((end, _)) => Cow::Owned(format!("{}{mark}", text[..end].trim_end())),
        None => Cow::Borrowed(text),
    }
}

/// One line: every run of white space is one space.
pub fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// JSON in which direction controls are written as escapes: the same value, but an editor shows it in order.
pub fn escape_directions(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_direction_control) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_direction_control(c) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Part of a file name every system accepts: no separators, no reserved signs or names, at most 40 characters.
pub fn file_stem(name: &str) -> String {
    let kept: String = one_line(name)
        .chars()
        .map(|c| {
            if matches!(c, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let stem = cut(&kept, 40, "").trim_matches(['.', ' ']).to_owned();
    if stem.is_empty() {
        "未命名".to_owned()
    } else {
        stem
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formula_signs_are_found_in_every_disguise() {
        for text in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2",
            "@SUM(A1)",
            "＝1",
            "＋1",
            "－1",
            "＠a",
            "\t=1",
            "\rx",
            "\nx",
            " =1",
            "\u{200B}=1",
            "\u{FEFF}＝1",
            "\u{202E}=1",
            "\u{0}=1",
        ] {
            assert!(looks_like_formula(text), "{text:?}");
            assert!(csv_field(text).starts_with('\''), "{text:?}");
        }
        for text in ["", "为什么涨价", "1=1", "a@b", "（-3）", "—没有"] {
            assert!(!looks_like_formula(text), "{text:?}");
            assert_eq!(csv_field(text), text);
        }
    }

    #[test]
    fn control_and_direction_characters_are_gone_and_line_ends_are_one_kind() {
        assert_eq!(clean("a\u{0}b\u{1F}c\u{7F}d\u{FFFE}e"), "abcde");
        assert_eq!(clean("abc\u{202E}txt.exe\u{2069}"), "abctxt.exe");
        assert_eq!(clean("a\r\nb\rc\u{2028}d\te"), "a\nb\nc\nd\te");
    }

    #[test]
    fn a_cell_of_33000_characters_is_cut_with_a_mark_and_not_inside_a_family() {
        let text = "👨‍👩‍👧‍👦".repeat(4_000);
        let cell = cell(&text);
        assert!(cell.encode_utf16().count() <= CELL_UTF16_MAX);
        let body = cell.strip_suffix(CUT_MARK).expect("cut mark");
        assert_eq!(body.len() % "👨‍👩‍👧‍👦".len(), 0);
    }

    #[test]
    fn a_file_stem_has_nothing_a_file_system_refuses() {
        assert_eq!(file_stem("区供电公司/一部"), "区供电公司_一部");
        assert_eq!(file_stem("..\\..\\x"), "_.._x");
        assert_eq!(file_stem(" . "), "未命名");
        assert_eq!(file_stem(&"长".repeat(200)).chars().count(), 40);
    }

    proptest! {
        #[test]
        fn whatever_comes_in_what_goes_out_is_legal_xml_and_fits(text in any::<String>()) {
            let out = cell(&text);
            let legal = out.chars().all(|c| matches!(c, '\t' | '\n' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..));
            prop_assert!(legal);
            prop_assert!(!out.chars().any(is_direction_control));
            prop_assert!(out.encode_utf16().count() <= CELL_UTF16_MAX);
            prop_assert_eq!(clean(&out), out.as_ref());
        }

        #[test]
        fn no_csv_field_starts_like_a_formula(text in "[ \t\r\n\u{200B}\u{202E}]{0,3}[=+\\-@＝＋－＠a字]{0,2}\\PC{0,8}") {
            let field = csv_field(&text);
            prop_assert!(field.starts_with('\'') || !looks_like_formula(&field));
        }
    }
}
