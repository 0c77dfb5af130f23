//! One connection of either database, and the macro that lets one statement serve both.

use sqlx::{PgConnection, SqliteConnection};

/// A connection lent for a few statements. All reading queries are methods on it, in the file of their noun.
pub enum Conn<'a> {
    Sqlite(&'a mut SqliteConnection),
    Pg(&'a mut PgConnection),
}

/// Runs the same expression on whichever database it is; `$c` is the driver's connection.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match &mut *$conn {
            $crate::store::conn::Conn::Sqlite(c) => {
                let $c = &mut **c;
                $body
            }
            $crate::store::conn::Conn::Pg(c) => {
                let $c = &mut **c;
                $body
            }
        }
    };
}
pub(super) use on;

/// The store could not do it. Never shown to people: it is logged and answered `unavailable`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database error")]
    Sql(#[from] sqlx::Error),
    #[error("database migration error")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row holds what no version of the program wrote.
    #[error("stored {what} cannot be read: {why}")]
    Corrupt { what: &'static str, why: String },
    /// The writer has stopped or its queue is full.
    #[error("the writer does not take changes now")]
    Busy,
}

impl StoreError {
    /// Whether a unique column had the value already.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(e)) if e.is_unique_violation())
    }
}

/// Reads a word or id a row holds.
pub(super) fn parse<T: TryFrom<String>>(what: &'static str, text: String) -> Result<T, StoreError> {
    T::try_from(text.clone()).map_err(|_| StoreError::Corrupt {
        what,
        why: format!("`{text}`"),
    })
}

/// Reads an id or word that is '' when absent.
pub(super) fn parse_opt<T: TryFrom<String>>(
    what: &'static str,
    text: String,
) -> Result<Option<T>, StoreError> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(what, text).map(Some)
    }
}

/// The text an absent id is stored as.
pub(super) fn or_empty(id: Option<&impl ToString>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

/// Reads a JSON column.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt {
        what,
        why: e.to_string(),
    })
}

/// Writes a JSON column.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our own types have string keys and finite numbers")
}

/// A stored number as the program counts.
pub(super) fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// A number of the program as stored; everything we count stays far below 2^63.
pub(super) fn stored(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
