//! Reports of viewers (举报): they raise a post in the queue and never hide it, however many there are.

use serde::{Deserialize, Serialize};

use super::post::AnyPost;
use super::time::Timestamp;

/// Distinct persons whose reports put a post before everything that waits. One angry reader cannot do it, three strangers can.
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
    /// From the reason and time of each open report.
    pub fn of(rows: impl IntoIterator<Item = (String, Timestamp)>) -> Self {
        let mut reports = Self::default();
        for (reason, at) in rows {
            reports.count += 1;
            reports.first_at = Some(reports.first_at.map_or(at, |first| first.min(at)));
            match reports.reasons.iter_mut().find(|(r, _)| *r == reason) {
                Some((_, n)) => *n += 1,
                None => reports.reasons.push((reason, 1)),
            }
        }
        reports
            .reasons
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        reports
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
        let reports = Reports::of([
            ("insult".to_owned(), at(5)),
            ("rumour".to_owned(), at(3)),
            ("insult".to_owned(), at(9)),
        ]);
        assert_eq!((reports.count, reports.first_at), (3, Some(at(3))));
        assert_eq!(
            reports.reasons,
            [("insult".to_owned(), 2), ("rumour".to_owned(), 1)]
        );
        assert_eq!(Reports::of([]), Reports::default());
    }
}
