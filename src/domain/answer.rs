//! Answers: live on the stream or in writing, typed so that a promise has an owner and a date.

use serde::{Deserialize, Serialize};

use super::ids::{AnswerId, DepartmentId, QuestionId};
use super::rejection::Rejection;
use super::time::Timestamp;
use super::words::{AnswerKind, AnswerType};

/// Longest text of an answer, in characters as a reader counts them.
pub const ANSWER_GRAPHEMES_MAX: usize = 5_000;

/// An answer of a department to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub id: AnswerId,
    pub question_id: QuestionId,
    pub department_id: DepartmentId,
    pub kind: AnswerKind,
    pub answer_type: AnswerType,
    pub body: String,
    pub speaker: String,
    pub owner: String,
    /// `YYYY-MM-DD`, commitments only.
    pub due_date: String,
    pub basis: String,
    pub transfer_to: Option<DepartmentId>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub published_at: Timestamp,
}

/// Checks what each type of answer owes the person who asked.
///
/// # Errors
/// `incomplete` naming the field: a commitment without owner or date, a refusal without basis, a transfer without department,
/// any answer without text.
pub fn check_written(
    answer_type: AnswerType,
    body: &str,
    owner: &str,
    due_date: &str,
    basis: &str,
    transfer_to: Option<&DepartmentId>,
) -> Result<(), Rejection> {
    if body.trim().is_empty() {
        return Err(Rejection::incomplete("body", "an answer needs a text"));
    }
    match answer_type {
        AnswerType::Explanation => Ok(()),
        AnswerType::Commitment if owner.trim().is_empty() => {
            Err(Rejection::incomplete("owner", "a commitment needs an owner"))
        }
        AnswerType::Commitment => check_date("due_date", due_date),
        AnswerType::Refusal if basis.trim().is_empty() => {
            Err(Rejection::incomplete("basis", "a refusal needs its basis"))
        }
        AnswerType::Refusal => Ok(()),
        AnswerType::Transfer if transfer_to.is_none() => Err(Rejection::incomplete(
            "transfer_to",
            "a transfer needs the department it goes to",
        )),
        AnswerType::Transfer => Ok(()),
    }
}

/// # Errors
/// `incomplete` when empty, `out_of_range` when it is no date of the calendar between 2000 and 2100.
pub fn check_date(field: &str, date: &str) -> Result<(), Rejection> {
    if date.is_empty() {
        return Err(Rejection::incomplete(field, "a date is missing"));
    }
    let parsed: Option<jiff::civil::Date> = (date.len() == 10).then(|| date.parse().ok()).flatten();
    match parsed {
        Some(d) if (2000..=2100).contains(&d.year()) => Ok(()),
        _ => Err(Rejection::out_of_range(
            field,
            format!("`{field}` is not a date like 2026-12-31"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_without_owner_or_date_is_refused() {
        let check = |owner, due| {
            check_written(AnswerType::Commitment, "修好", owner, due, "", None)
                .map_err(|r| r.params["field"].clone())
        };
        assert_eq!(check("", "2027-01-31"), Err("owner".into()));
        assert_eq!(check("王工", ""), Err("due_date".into()));
        assert_eq!(check("王工", "2027-02-30"), Err("due_date".into()));
        assert_eq!(check("王工", "2027-01-31"), Ok(()));
    }

    #[test]
    fn a_refusal_needs_its_basis_and_a_transfer_its_department() {
        assert!(check_written(AnswerType::Refusal, "不行", "", "", " ", None).is_err());
        assert!(check_written(AnswerType::Transfer, "转", "", "", "", None).is_err());
        assert!(check_written(AnswerType::Explanation, "\n", "", "", "", None).is_err());
    }
}
