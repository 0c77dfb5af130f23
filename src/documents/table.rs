//! A column says everything about itself once: key, heading, width, kind, who may see it, what it means, where
//! its value comes from. Spreadsheets, CSV files and the data dictionary are all read from the same columns.

use jiff::civil::{Date, DateTime};

use super::hand_over::Privacy;

/// One value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// Text for reading; may be long.
    Text(String),
    /// Text that looks like a number and must stay text: case numbers, codes, telephones.
    Code(String),
    /// A count.
    Number(i64),
    /// 0 to 100.
    Percent(u8),
    /// A day.
    Date(Date),
    /// A local time.
    DateTime(DateTime),
}

impl Value {
    /// Text, or nothing if there is none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// Text that may be absent.
    pub fn opt_text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    /// Code that may be absent.
    pub fn opt_code(text: Option<&str>) -> Self {
        text.filter(|text| !text.is_empty())
            .map_or(Self::Empty, |text| Self::Code(text.to_owned()))
    }

    /// A count of things in memory.
    pub fn count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A count from the record.
    pub fn number(count: u64) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// How the value is written in a text file. Text is left as it is; the CSV writer guards it.
    pub fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Code(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Percent(percent) => format!("{percent}%"),
            Self::Date(date) => date.strftime("%Y-%m-%d").to_string(),
            Self::DateTime(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }

    /// Whether the value was typed by somebody, so that a spreadsheet must not be allowed to read it as a formula.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Code(_))
    }
}

/// What a column holds; tells the dictionary and the cell what to expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text made of digits.
    Code,
    /// Whole number.
    Number,
    /// Whole percent.
    Percent,
    /// Day.
    Date,
    /// Local time.
    DateTime,
    /// One of a list. A value outside it is allowed with a warning.
    OneOf(&'static [&'static str]),
}

impl Kind {
    /// The word for the dictionary.
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "文本",
            Self::Code => "文本（编码）",
            Self::Number => "整数",
            Self::Percent => "百分比",
            Self::Date => "日期",
            Self::DateTime => "日期时间",
            Self::OneOf(_) => "文本（选项）",
        }
    }
}

/// What the public edition does with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Same in both editions.
    Open,
    /// In both, but the public edition says less; the projection has already seen to it.
    Reduced,
    /// Not in the public edition.
    Internal,
}

impl Visibility {
    /// The word for the dictionary.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "公开",
            Self::Reduced => "公开版脱敏",
            Self::Internal => "仅内部版",
        }
    }
}

/// A column over rows of type `R`.
pub struct Column<R> {
    /// Machine key; never changes while the schema version stays.
    pub key: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Width in characters of the default font.
    pub width: u16,
    /// What it holds.
    pub kind: Kind,
    /// Who sees it.
    pub visibility: Visibility,
    /// One sentence for the dictionary.
    pub meaning: &'static str,
    /// The value for a row.
    pub value: fn(&R) -> Value,
}

impl<R> Column<R> {
    /// A column both editions show alike.
    pub fn new(
        key: &'static str,
        title: &'static str,
        width: u16,
        kind: Kind,
        meaning: &'static str,
        value: fn(&R) -> Value,
    ) -> Self {
        Self {
            key,
            title,
            width,
            kind,
            visibility: Visibility::Open,
            meaning,
            value,
        }
    }

    /// The projection leaves less of it to the public.
    pub fn reduced(self) -> Self {
        Self {
            visibility: Visibility::Reduced,
            ..self
        }
    }

    /// The public edition does not have it.
    pub fn internal(self) -> Self {
        Self {
            visibility: Visibility::Internal,
            ..self
        }
    }
}

/// The columns an edition has, in their fixed order.
pub fn visible<R>(columns: &[Column<R>], privacy: Privacy) -> Vec<&Column<R>> {
    columns
        .iter()
        .filter(|column| privacy == Privacy::Internal || column.visibility != Visibility::Internal)
        .collect()
}
