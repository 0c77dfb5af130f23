//! `package.json`: the projected record for machines, with its published schema.

use serde::Serialize;

use super::DocumentError;
use super::hand_over::{Disposition, HandOver, Privacy};
use super::lookup::Lookup;
use super::text;

/// JSON Schema (draft 2020-12) of `package.json`, as it is served and as it is in every package.
pub const SCHEMA: &str = include_str!("schema/hand-over.schema.json");

/// The schema's `$id`; a change that breaks a reader gets another.
pub const SCHEMA_ID: &str = "urn:yishiting:schema:hand-over:1";

#[derive(Serialize)]
struct Package<'a> {
    schema: &'static str,
    edition: Privacy,
    tally: Tally,
    hand_over: &'a HandOver,
}

/// What became of the questions; `raised` is the number of questions, the rest add up to it.
#[derive(Serialize)]
struct Tally {
    raised: usize,
    answered_live: usize,
    answered_in_writing: usize,
    assigned: usize,
    merged: usize,
    declined: usize,
    withdrawn: usize,
    open: usize,
}

/// The file.
///
/// # Errors
/// JSON cannot be written.
pub fn write(lookup: &Lookup<'_>) -> Result<Vec<u8>, DocumentError> {
    let record = lookup.record;
    let count = |disposition| {
        record
            .questions
            .iter()
            .filter(|question| question.disposition == disposition)
            .count()
    };
    let tally = Tally {
        raised: record.questions.len(),
        answered_live: count(Some(Disposition::AnsweredLive)),
        answered_in_writing: count(Some(Disposition::AnsweredInWriting)),
        assigned: count(Some(Disposition::Assigned)),
        merged: count(Some(Disposition::Merged)),
        declined: count(Some(Disposition::Declined)),
        withdrawn: count(Some(Disposition::Withdrawn)),
        open: count(None),
    };
    pretty(&Package {
        schema: SCHEMA_ID,
        edition: record.privacy,
        tally,
        hand_over: record,
    })
}

/// JSON for people and machines: indented, direction controls as escapes, one line end at the end.
///
/// # Errors
/// JSON cannot be written.
pub fn pretty(value: &impl Serialize) -> Result<Vec<u8>, DocumentError> {
    let json = serde_json::to_string_pretty(value)?;
    let mut json = text::escape_directions(&json).into_owned();
    json.push('\n');
    Ok(json.into_bytes())
}
