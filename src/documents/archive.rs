//! ZIP archives whose bytes follow from their contents: no clock, no owner, entries in the order given.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::DocumentError;

/// One file of an archive.
pub struct Entry {
    /// Path with `/`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Writes `entries`. Every entry is dated 1980-01-01, the zero of the format; names outside ASCII carry the UTF-8 flag.
///
/// # Errors
/// A path is there twice or the archive is too large for the format.
pub fn write_archive(entries: &[Entry]) -> Result<Vec<u8>, DocumentError> {
    write(
        entries
            .iter()
            .map(|entry| (entry.path.as_str(), entry.bytes.as_slice())),
    )
}

/// The same from borrowed parts.
///
/// # Errors
/// As [`write_archive`].
pub fn write<'a>(entries: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<u8>, DocumentError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in entries {
        archive.start_file(path, options)?;
        archive.write_all(bytes).map_err(zip::result::ZipError::Io)?;
    }
    Ok(archive.finish()?.into_inner())
}
