//! The hand-over package: what lies on the secretary's desk ten seconds after a session is closed.
//!
//! Pure: a [`HandOver`] goes in, files come out. No clock, no database, no disk, nothing else of this program. The
//! same record gives the same bytes, so a package can be made again years later and compared.
//!
//! - `hand_over` is the record, `privacy` the one field policy, `lookup` the record with references resolved.
//! - One file per document: `minutes`, `assignment`, `ledger` and `ledger_sheets`, `responsibility`, `lists` (CSV), `package_json`,
//!   `readme`, `manifest`.
//! - What they are written with: `table` (columns and values), `sheet` (XLSX), `word` and `word_parts` (DOCX),
//!   `archive` (ZIP), `text` (the guard every string passes).
//!
//! File names are Chinese with the UTF-8 flag of ZIP: a clerk forwards single files and must know them by name.
//! Windows 8 and later, macOS, WPS, 7-Zip and current Linux desktops honour the flag; an older reader garbles the words
//! but keeps the number in front and the extension, so order and programs still fit. Files for machines are ASCII.

mod archive;
mod assignment;
mod hand_over;
mod labels;
mod ledger;
mod ledger_sheets;
mod lists;
mod lookup;
mod manifest;
mod minutes;
mod package_json;
mod privacy;
mod readme;
mod responsibility;
mod sheet;
mod table;
mod text;
mod word;
mod word_parts;

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
mod package_tests;

pub use hand_over::{
    Announcement, Answer, AnswerKind, AnswerType, Contact, Conversion, Disposition, Figures, Hall, HandOver,
    Handling, Merge, MergeRole, MinutesText, Person, Presence, Privacy, Question, Satisfaction, Segment,
    Session, SessionKind, Source, SourceKind, Suggestion, Tier, TimeZone, Unit,
};
pub use package_json::{SCHEMA, SCHEMA_ID};

use lookup::Lookup;

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path in the package, with `/`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Why a package could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Two things of a kind have one id.
    #[error("{kind} id `{id}` is in the record twice")]
    DuplicateId {
        /// What it is.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// A reference leads nowhere.
    #[error("{from} names {kind} `{id}`, which is not in the record")]
    UnknownId {
        /// What refers.
        from: String,
        /// What it refers to.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// An instant outside the years a document can write.
    #[error("instant {ms} ms is outside the years 1900 to 8999")]
    Instant {
        /// Milliseconds since 1970.
        ms: i64,
    },
    /// An offset no zone has.
    #[error("offset of {minutes} minutes is not within a day")]
    Offset {
        /// Minutes east of UTC.
        minutes: i32,
    },
    /// A workbook could not be written.
    #[error("could not write a workbook")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A CSV file could not be written.
    #[error("could not write a CSV file")]
    Csv(#[from] csv::Error),
    /// JSON could not be written.
    #[error("could not write JSON")]
    Json(#[from] serde_json::Error),
    /// An archive could not be written.
    #[error("could not write an archive")]
    Archive(#[from] zip::result::ZipError),
}

impl DocumentError {
    /// Code for the program to branch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DuplicateId { .. } => "duplicate_id",
            Self::UnknownId { .. } => "unknown_id",
            Self::Instant { .. } => "instant_out_of_range",
            Self::Offset { .. } => "offset_out_of_range",
            Self::Workbook(_) | Self::Csv(_) | Self::Json(_) | Self::Archive(_) => "document_not_written",
        }
    }
}

/// Every file of the package of a record, in the order a person should see them.
///
/// # Errors
/// The record contradicts itself (see [`DocumentError`]), or a file cannot be written.
pub fn package(record: &HandOver) -> Result<Vec<File>, DocumentError> {
    let projected = privacy::project(record);
    let lookup = Lookup::new(&projected)?;
    let mut files: Vec<(String, File)> = Vec::new();
    let mut add =
        |title: &str, path: String, bytes: Vec<u8>| files.push((title.to_owned(), File { path, bytes }));

    add(
        &minutes::title(&projected),
        "01-协商纪要.docx".to_owned(),
        minutes::write(&lookup)?,
    );
    add(
        "意见建议交办汇总表",
        "02-意见建议交办单/00-交办汇总表.docx".to_owned(),
        assignment::write_summary(&lookup)?,
    );
    for (index, unit) in assignment::units(&lookup).into_iter().enumerate() {
        let path = format!(
            "02-意见建议交办单/{:02}-{}.docx",
            index + 1,
            text::file_stem(&unit.name)
        );
        add(&assignment::title(unit), path, assignment::write(&lookup, unit)?);
    }
    add(
        "意见建议办理台账",
        "03-台账.xlsx".to_owned(),
        ledger::write(&lookup)?,
    );
    add(
        "责任清单和结果清单",
        "04-责任清单.xlsx".to_owned(),
        responsibility::write(&lookup)?,
    );
    for list in lists::write(&lookup)? {
        add(list.title, list.path.to_owned(), list.bytes);
    }
    add(
        "全部数据（JSON）",
        "package.json".to_owned(),
        package_json::write(&lookup)?,
    );
    add(
        "package.json 的 JSON Schema",
        "schema/hand-over.schema.json".to_owned(),
        SCHEMA.as_bytes().to_vec(),
    );
    let readme = readme::write(&lookup, &files);
    files.push((
        "说明和数据字典".to_owned(),
        File {
            path: readme::PATH.to_owned(),
            bytes: readme,
        },
    ));
    let manifest = manifest::write(&lookup, &files)?;
    files.push((
        String::new(),
        File {
            path: manifest::PATH.to_owned(),
            bytes: manifest,
        },
    ));
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

/// The files as one ZIP archive; the same files give the same bytes.
///
/// # Errors
/// Two files have one path, or the archive is too large for the format.
pub fn zip(files: &[File]) -> Result<Vec<u8>, DocumentError> {
    archive::write(
        files
            .iter()
            .map(|file| (file.path.as_str(), file.bytes.as_slice())),
    )
}
