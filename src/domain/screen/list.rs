//! Word lists as people keep them: one word per line, or a CSV file.
//!
//! ```text
//! # a comment
//! 赌博网站
//! 代办证件,fraud
//! 傻逼,abuse,pinyin initials homophone split
//! "刷单,返利",fraud
//! ```
//!
//! A line is `word[,category[,flags]]`. Comma, full-width comma and tab separate; a field that contains one of them
//! stands in double quotes. Flags are separated by spaces. Without flags a word is found as written, with noise, in
//! another width or in traditional characters, and with repeats; the flags add:
//!
//! | flag | finds | mark it when |
//! |---|---|---|
//! | `pinyin` 拼音 | `dubo`, `du bo`, `赌bo` | the syllables mean nothing else |
//! | `initials` 首字母 | `db`, `赌b` | the letters are no unit, standard or name |
//! | `homophone` 谐音 | other characters of the same sound, emoji that are read like one | no ordinary word or pair of words sounds alike |
//! | `split` 拆字 | `贝者十尃` | almost always safe |
//! | `all` 全部 | all four | |
//!
//! What a flag finds only ever holds a post, whatever the kind of the list.

use std::sync::Arc;

use super::canon::{Class, canonical, skeleton};

/// Longest entry accepted, in characters of the canonical form. Longer lines are sentences pasted by mistake.
pub const WORD_CHARS_MAX: usize = 64;

/// Broken lines reported at once. More would not be read; [`ListError::total`] counts them all.
const REPORTED_LINES_MAX: usize = 50;

/// Version of the lists that ship with the program. Raise it with every change to one of them.
const STARTER_VERSION: u64 = 2;

/// Id of the shipped list of ordinary words that begin or end like a listed word ends or begins.
pub(super) const EDGES_ID: &str = "starter-edges";

/// What a hit of the list leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// An exact hit declines; any other hit holds. For a very short list read by several people.
    Block,
    /// A hit holds.
    Hold,
    /// A hit is shown to the moderator and holds nothing.
    Note,
    /// Lifts hits that lie inside one of its words: `枪支管理法` lifts `枪支`.
    Allow,
}

/// Who keeps the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Valid in every hall.
    Global,
    /// Valid in the hall it belongs to. Its allow words do not lift a block word of a global list unless longer.
    Hall,
}

/// Which further spellings of a word are looked for; see the module text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags {
    /// Latin spelling of the syllables.
    pub pinyin: bool,
    /// First letters of the syllables.
    pub initials: bool,
    /// Other characters of the same sound.
    pub homophone: bool,
    /// Characters taken apart.
    pub split: bool,
}

/// One word of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The word as written.
    pub word: Arc<str>,
    /// Category; `general` when the line names none.
    pub category: Arc<str>,
    /// Further spellings to look for.
    pub flags: Flags,
}

/// A list with its identity. Screening results name id and version, so a decision can be explained later.
#[derive(Debug, Clone)]
pub struct WordList {
    /// Stable id.
    pub id: Arc<str>,
    /// Grows with every change.
    pub version: u64,
    /// Who keeps it.
    pub scope: Scope,
    /// What a hit leads to.
    pub kind: ListKind,
    /// The words.
    pub entries: Vec<Entry>,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {cause}")]
pub struct BrokenLine {
    /// Line number from 1.
    pub line: usize,
    /// What is wrong with it.
    pub cause: LineError,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The bytes are not UTF-8 (spreadsheets often save GBK).
    #[error("text is not UTF-8; save the file as UTF-8")]
    NotUtf8,
    /// There is a category but no word.
    #[error("there is no word before the comma")]
    NoWord,
    /// Nothing is left of the word without symbols.
    #[error("word `{0}` has no letter or digit")]
    NoLetters(String),
    /// A single Latin letter or digit would hold everything.
    #[error("word `{0}` is a single letter or digit")]
    TooShort(String),
    /// The word is a sentence.
    #[error("word has {0} characters; the limit is {WORD_CHARS_MAX}")]
    TooLong(usize),
    /// The flag is not known.
    #[error("flag `{0}` is not one of pinyin, initials, homophone, split, all")]
    UnknownFlag(String),
    /// There are more than three fields.
    #[error("line has {0} fields; the form is word,category,flags")]
    TooManyFields(usize),
    /// A quote is opened and not closed on the same line.
    #[error("double quote is not closed")]
    OpenQuote,
}

/// A list that could not be read, with its broken lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{total} lines of the word list could not be read; first {}", .lines.first().map(ToString::to_string).unwrap_or_default())]
pub struct ListError {
    /// The first broken lines.
    pub lines: Vec<BrokenLine>,
    /// All broken lines, also those not in `lines`.
    pub total: usize,
}

impl WordList {
    /// The lists that ship with the program: a very short block list, a moderate hold list, and allow words for the
    /// ordinary phrases that contain them.
    #[must_use]
    pub fn starter() -> Vec<Self> {
        [
            (
                "starter-block",
                ListKind::Block,
                include_str!("../../../assets/words/block.txt"),
            ),
            (
                "starter-hold",
                ListKind::Hold,
                include_str!("../../../assets/words/hold.txt"),
            ),
            (
                EDGES_ID,
                ListKind::Allow,
                include_str!("../../../assets/words/edges.txt"),
            ),
            (
                "starter-allow",
                ListKind::Allow,
                include_str!("../../../assets/words/allow.txt"),
            ),
        ]
        .into_iter()
        .map(|(id, kind, text)| {
            Self::parse(id, STARTER_VERSION, Scope::Global, kind, text)
                .expect("the shipped lists parse; held by a test")
        })
        .collect()
    }

    /// Reads a list from text or bytes in the form of the module text. A byte order mark, empty lines, `#` comments
    /// and a header line (`word` or `词` first) are skipped; a word that comes twice counts once, flags united.
    ///
    /// # Errors
    /// When any line is broken. Nothing is taken from such a file, so that nobody believes a half list is active.
    pub fn parse(
        id: &str,
        version: u64,
        scope: Scope,
        kind: ListKind,
        text: impl AsRef<[u8]>,
    ) -> Result<Self, ListError> {
        let bytes = text.as_ref();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = Reader::default();
        for (n, line) in bytes.split(|&b| b == b'\n').enumerate() {
            if let Err(cause) = reader.line(line, n == 0) {
                reader.broken_total += 1;
                if reader.broken.len() < REPORTED_LINES_MAX {
                    reader.broken.push(BrokenLine { line: n + 1, cause });
                }
            }
        }
        if reader.broken_total > 0 {
            return Err(ListError {
                lines: reader.broken,
                total: reader.broken_total,
            });
        }
        Ok(Self {
            id: id.into(),
            version,
            scope,
            kind,
            entries: reader.entries,
        })
    }
}

#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    /// Index into `entries` by word and category.
    seen: std::collections::HashMap<(Arc<str>, Arc<str>), usize>,
    /// One copy of each category name.
    categories: std::collections::HashSet<Arc<str>>,
    broken: Vec<BrokenLine>,
    broken_total: usize,
}

impl Reader {
    fn line(&mut self, bytes: &[u8], first: bool) -> Result<(), LineError> {
        let line = std::str::from_utf8(bytes).map_err(|_| LineError::NotUtf8)?.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let fields = fields(line)?;
        let word = fields.first().map_or("", |f| f.trim());
        if first
            && matches!(
                word.to_lowercase().as_str(),
                "word" | "words" | "词" | "词语" | "敏感词" | "关键词"
            )
        {
            return Ok(());
        }
        if fields.len() > 3 {
            return Err(LineError::TooManyFields(fields.len()));
        }
        check_word(word)?;
        let category = match fields.get(1).map(|f| f.trim().to_lowercase()) {
            Some(category) if !category.is_empty() => category,
            _ => "general".to_owned(),
        };
        let category = self
            .categories
            .get(category.as_str())
            .cloned()
            .unwrap_or_else(|| {
                let category: Arc<str> = category.into();
                self.categories.insert(category.clone());
                category
            });
        let flags = Flags::parse(fields.get(2).map_or("", |f| f.as_str()))?;
        let word: Arc<str> = word.into();
        match self.seen.entry((word.clone(), category.clone())) {
            std::collections::hash_map::Entry::Occupied(at) => {
                let known = &mut self.entries[*at.get()].flags;
                *known = known.union(flags);
            }
            std::collections::hash_map::Entry::Vacant(at) => {
                at.insert(self.entries.len());
                self.entries.push(Entry {
                    word,
                    category,
                    flags,
                });
            }
        }
        Ok(())
    }
}

impl Flags {
    /// All four.
    pub const ALL: Self = Self {
        pinyin: true,
        initials: true,
        homophone: true,
        split: true,
    };

    fn parse(field: &str) -> Result<Self, LineError> {
        let mut flags = Self::default();
        for name in field
            .split([' ', '|', '+', ';', '、'])
            .filter(|name| !name.is_empty())
        {
            match name.to_lowercase().as_str() {
                "pinyin" | "拼音" => flags.pinyin = true,
                "initials" | "首字母" => flags.initials = true,
                "homophone" | "谐音" => flags.homophone = true,
                "split" | "拆字" => flags.split = true,
                "all" | "全部" => flags = Self::ALL,
                _ => return Err(LineError::UnknownFlag(name.to_owned())),
            }
        }
        Ok(flags)
    }

    const fn union(self, other: Self) -> Self {
        Self {
            pinyin: self.pinyin | other.pinyin,
            initials: self.initials | other.initials,
            homophone: self.homophone | other.homophone,
            split: self.split | other.split,
        }
    }
}

fn check_word(word: &str) -> Result<(), LineError> {
    if word.is_empty() {
        return Err(LineError::NoWord);
    }
    let bare = skeleton(word);
    let mut chars = bare.chars();
    match (chars.next(), chars.next()) {
        (None, _) => return Err(LineError::NoLetters(word.to_owned())),
        (Some(only), None) if Class::of(only).is_alnum() => return Err(LineError::TooShort(word.to_owned())),
        _ => {}
    }
    let len = canonical(word).chars().count();
    if len > WORD_CHARS_MAX {
        return Err(LineError::TooLong(len));
    }
    Ok(())
}

/// Fields of one line. Quotes count only at the start of a field, as spreadsheets write them.
fn fields(line: &str) -> Result<Vec<String>, LineError> {
    let mut fields = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if(|&c| c == ' ').is_some() {}
        let mut field = String::new();
        if chars.next_if_eq(&'"').is_some() {
            loop {
                match chars.next() {
                    None => return Err(LineError::OpenQuote),
                    Some('"') if chars.next_if_eq(&'"').is_some() => field.push('"'),
                    Some('"') => break,
                    Some(c) => field.push(c),
                }
            }
        }
        let separator = |c: char| matches!(c, ',' | '，' | '\t');
        while let Some(c) = chars.next_if(|&c| !separator(c)) {
            field.push(c);
        }
        fields.push(field);
        if chars.next().is_none() {
            return Ok(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<WordList, ListError> {
        WordList::parse("test", 1, Scope::Hall, ListKind::Hold, text)
    }

    #[test]
    fn a_list_is_words_with_optional_category_and_flags() {
        let list = parse("\u{feff}# comment\n赌博\n\n代开发票 , fraud\r\n傻逼,abuse,pinyin split\n")
            .expect("parses");
        let words: Vec<&str> = list.entries.iter().map(|e| &*e.word).collect();
        assert_eq!(words, ["赌博", "代开发票", "傻逼"]);
        assert_eq!(&*list.entries[0].category, "general");
        assert_eq!(&*list.entries[1].category, "fraud");
        assert_eq!(
            list.entries[2].flags,
            Flags {
                pinyin: true,
                split: true,
                ..Flags::default()
            }
        );
    }

    #[test]
    fn spreadsheet_files_are_read() {
        let list =
            parse("敏感词,分类,标记\n\"刷单,返利\",诈骗,谐音\n甲\"乙,x\n赌博\t涉赌\n").expect("parses");
        let words: Vec<&str> = list.entries.iter().map(|e| &*e.word).collect();
        assert_eq!(words, ["刷单,返利", "甲\"乙", "赌博"]);
        assert_eq!(&*list.entries[2].category, "涉赌");
    }

    #[test]
    fn a_broken_line_is_named_and_nothing_is_taken() {
        let error = parse("赌博\n,abuse\n！！！\n甲,乙,丙丁\na\n\"开口\n1,2,,4\n").expect_err("broken");
        let lines: Vec<(usize, LineError)> = error.lines.iter().map(|l| (l.line, l.cause.clone())).collect();
        assert_eq!(
            lines,
            [
                (2, LineError::NoWord),
                (3, LineError::NoLetters("！！！".into())),
                (4, LineError::UnknownFlag("丙丁".into())),
                (5, LineError::TooShort("a".into())),
                (6, LineError::OpenQuote),
                (7, LineError::TooManyFields(4)),
            ]
        );
        assert_eq!(
            error.to_string(),
            "6 lines of the word list could not be read; first line 2: there is no word before the comma"
        );
        let gbk =
            WordList::parse("t", 1, Scope::Hall, ListKind::Hold, b"ok\n\xb6\xc4\xb2\xa9\n").expect_err("GBK");
        assert_eq!(
            gbk.lines,
            [BrokenLine {
                line: 2,
                cause: LineError::NotUtf8
            }]
        );
        assert!(matches!(
            parse(&"长".repeat(65)).expect_err("long").lines[0].cause,
            LineError::TooLong(65)
        ));
    }

    #[test]
    fn a_word_twice_counts_once_with_both_flags() {
        let list = parse("赌博,gambling,pinyin\n赌博,gambling,split\n").expect("parses");
        assert_eq!(list.entries.len(), 1);
        assert_eq!(
            list.entries[0].flags,
            Flags {
                pinyin: true,
                split: true,
                ..Flags::default()
            }
        );
    }

    #[test]
    fn a_hundred_thousand_lines_are_read() {
        let text: String = (0..100_000).map(|n| format!("词语{n},general\n")).collect();
        assert_eq!(parse(&text).expect("parses").entries.len(), 100_000);
    }
}
