//! Reports of viewers (举报): they raise a post in the queue and never hide it, however many there are.

use serde::{Deserialize, Serialize};

use super::post::AnyPost;
use super::time::Timestamp;

/// Distinct persons (of those who share a device, one) whose reports put a post before everything that waits. One angry reader cannot do it, three strangers can.
pub const REPORTS_URGENT: u64 = 3;
/// Reports of one person in a session that may be open at once: enough for a bad evening, too few to flood a desk.
pub const REPORTS_OPEN_MAX: u64 = 20;

/// Codes a viewer chooses from, with their words in Chinese and English.
pub const REPORT_REASONS: &[(&str, &str, &str)] = &[
    ("insult", "辱骂攻击他人", "it attacks somebody"),
    ("personal_data", "泄露个人信息", "it gives away personal data"),
    ("rumour", "不实信息", "it is not true"),
    ("advertisement", "广告或引流", "it is advertising"),
    ("illegal", "违法内容", "it is illegal"),
    ("off_topic", "和议题无关", "it is not about this"),
];

/// Whether `code` is one of [`REPORT_REASONS`].
pub fn is_report_reason(code: &str) -> bool {
    REPORT_REASONS.iter().any(|(c, ..)| *c == code)
}

/// What viewers said of one post, as far as no moderator has settled it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reports {
    /// Persons.
    pub count: u64,
    /// When the first of them reported it.
    pub first_at: Option<Timestamp>,
    /// How many for each reason, most first.
    pub reasons: Vec<(String, u64)>,
}

impl Reports {
    /// From each reason with how many gave it and when the first of them did.
    pub fn of(rows: impl IntoIterator<Item = (String, u64, Timestamp)>) -> Self {
        let mut reports = Self::default();
        for (reason, n, at) in rows {
            reports.count += n;
            reports.first_at = Some(reports.first_at.map_or(at, |first| first.min(at)));
            reports.reasons.push((reason, n));
        }
        reports
            .reasons
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        reports
    }
}

/// Whether the desks are told that a post has `count` reports now: the first hundred, then every tenth and so on. Each telling carries the
/// post and reads its reports, which must not grow with their square when thousands are angry.
pub const fn is_told(count: u64) -> bool {
    match count.checked_ilog10() {
        None => false,
        Some(digits) => count.is_multiple_of(10_u64.pow(digits.saturating_sub(1))),
    }
}

/// A published post with what viewers said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    pub post: AnyPost,
    pub reports: Reports,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_counted_by_reason_from_the_first_one() {
        let at = Timestamp::from_ms;
        let reports = Reports::of([("rumour".to_owned(), 1, at(3)), ("insult".to_owned(), 2, at(5))]);
        assert_eq!((reports.count, reports.first_at), (3, Some(at(3))));
        assert_eq!(
            reports.reasons,
            [("insult".to_owned(), 2), ("rumour".to_owned(), 1)]
        );
        assert_eq!(Reports::of([]), Reports::default());
    }

    #[test]
    fn of_many_reports_the_desks_hear_few_and_the_number_they_know_is_close() {
        let told: Vec<u64> = (1..=100_000).filter(|&n| is_told(n)).collect();
        assert!(
            told[..100].iter().copied().eq(1..=100),
            "a few are told one by one"
        );
        assert!(told.len() < 400, "{} of 100,000", told.len());
        assert!(
            told.windows(2).all(|w| w[1] * 10 <= w[0] * 11 || w[0] < 100),
            "never a tenth behind"
        );
    }
}
