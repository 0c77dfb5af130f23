//! `MANIFEST.json`: path, title, size and SHA-256 of every other file, so that a copy can be checked without us.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::lookup::Lookup;
use super::{DocumentError, File};

/// Path of the manifest. It cannot list itself.
pub const PATH: &str = "MANIFEST.json";

#[derive(Serialize)]
struct Manifest<'a> {
    schema: &'static str,
    session_id: &'a str,
    session_number: &'a str,
    edition: super::hand_over::Privacy,
    generated_at: String,
    files: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    title: &'a str,
    size_bytes: usize,
    sha256: String,
}

/// The manifest of `files`, sorted by path.
///
/// # Errors
/// JSON cannot be written.
pub fn write(lookup: &Lookup<'_>, files: &[(String, File)]) -> Result<Vec<u8>, DocumentError> {
    let mut lines: Vec<Line<'_>> = files
        .iter()
        .map(|(title, file)| Line {
            path: &file.path,
            title,
            size_bytes: file.bytes.len(),
            sha256: hex(&Sha256::digest(&file.bytes)),
        })
        .collect();
    lines.sort_by_key(|line| line.path);
    let record = lookup.record;
    super::package_json::pretty(&Manifest {
        schema: "yishiting-manifest/1",
        session_id: &record.session.id,
        session_number: &record.session.number,
        edition: record.privacy,
        generated_at: lookup.utc(record.generated_at_ms),
        files: lines,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
