//! Reason codes: the shipped table, a hall's own, and the words an author reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::appeal::{HALL_REASONS_MAX, check_reason};
use crate::domain::ids::HallId;
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::screen::Reason;
use crate::domain::staff::Staff;
use crate::store::HallReason;

/// The shipped file; its version is in it.
const SHIPPED: &str = include_str!("../../assets/reasons.csv");

/// A reason with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonText {
    pub code: String,
    pub version: u64,
    pub zh: String,
    pub en: String,
    /// A moderator may choose it.
    pub by_hand: bool,
    /// The hall's own.
    pub of_hall: bool,
}

/// Version of the shipped table.
fn shipped_version() -> u64 {
    SHIPPED
        .lines()
        .find_map(|line| line.strip_prefix("# version ")?.trim().parse().ok())
        .unwrap_or(1)
}

static BY_HAND: LazyLock<Vec<ReasonText>> = LazyLock::new(|| {
    let version = shipped_version();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .comment(Some(b'#'))
        .from_reader(SHIPPED.as_bytes());
    let rows = reader
        .records()
        .map(|row| row.expect("the shipped table is read by a test"));
    rows.map(|row| ReasonText {
        code: row[0].to_owned(),
        version,
        zh: row[1].to_owned(),
        en: row[2].to_owned(),
        by_hand: true,
        of_hall: false,
    })
    .collect()
});

/// What is said when everything waits and nothing was found.
fn waits() -> ReasonText {
    ReasonText {
        code: String::new(),
        version: 1,
        zh: "本场先审后发，审核员看过就会显示".into(),
        en: "everything is looked at before it is shown here; it appears once approved".into(),
        by_hand: false,
        of_hall: false,
    }
}

/// Whether a code is of the shipped table.
pub(super) fn is_shipped(code: &str) -> bool {
    BY_HAND.iter().any(|r| r.code == code) || Reason::from_code(code).is_some()
}

/// # Errors
/// `incomplete` unless the code is of the shipped table or one the hall offers now.
pub(super) async fn check_reason_of(act: &mut Act<'_>, code: &str) -> Outcome<()> {
    let hall = act.session.hall_id.clone();
    let known = is_shipped(code)
        || act
            .tx
            .conn()
            .hall_reasons(&hall)
            .await?
            .iter()
            .any(|r| r.code == code && !r.retired);
    if known {
        return Ok(());
    }
    Err(Rejection::incomplete("reason", "the author is told why: choose a reason from the table").into())
}

/// The whole table of a hall: shipped by hand, the hall's own, what screening finds.
pub fn table(of_hall: &[HallReason]) -> Vec<ReasonText> {
    let own = of_hall.iter().map(|r| ReasonText {
        code: r.code.clone(),
        version: r.version,
        zh: r.zh.clone(),
        en: r.en.clone(),
        by_hand: !r.retired,
        of_hall: true,
    });
    let found = Reason::all().map(|r| ReasonText {
        code: r.code().to_owned(),
        version: shipped_version(),
        zh: r.zh().to_owned(),
        en: r.en().to_owned(),
        by_hand: false,
        of_hall: false,
    });
    BY_HAND.iter().cloned().chain(own).chain(found).collect()
}

/// The words of a code. A code nobody knows any more is shown as it is.
pub fn text_of(code: &str, table: &[ReasonText]) -> ReasonText {
    if code.is_empty() {
        return waits();
    }
    let known = table.iter().find(|r| r.code == code).cloned();
    known.unwrap_or_else(|| ReasonText {
        code: code.to_owned(),
        version: 0,
        zh: code.to_owned(),
        en: code.to_owned(),
        by_hand: false,
        of_hall: false,
    })
}

/// What a hall wants its own reasons to be.
#[derive(Debug, Clone)]
pub struct ReasonInput {
    pub code: String,
    pub zh: String,
    pub en: String,
    pub retired: bool,
}

impl Commands {
    /// Replaces the hall's own reasons. What changed gets a new version; a code left out is retired, never removed.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `out_of_range`, `taken` for a code of the shipped table or one named twice.
    pub async fn edit_reasons(
        &self,
        by: &Staff,
        hall: &HallId,
        reasons: Vec<ReasonInput>,
    ) -> Outcome<Vec<HallReason>> {
        if reasons.len() > HALL_REASONS_MAX {
            let why = format!("{} reasons; a hall may have {HALL_REASONS_MAX}", reasons.len());
            return Err(Rejection::out_of_range("reasons", why).into());
        }
        let mut codes = BTreeSet::new();
        for r in &reasons {
            check_reason(&r.code, &r.zh, &r.en)?;
            if is_shipped(&r.code) || !codes.insert(r.code.clone()) {
                let why = format!("reason code `{}` is there already", r.code);
                return Err(Rejection::new(Code::Taken, why).with("field", "code").into());
            }
        }
        self.in_hall(by, hall, Verb::EditReasons, move |act| {
            Box::pin(async move {
                let hall = act.hall.id.clone();
                let now = act.tx.conn().hall_reasons(&hall).await?;
                let mut wanted: BTreeMap<String, ReasonInput> =
                    reasons.into_iter().map(|r| (r.code.clone(), r)).collect();
                let mut changed = Vec::new();
                for known in &now {
                    let next = match wanted.remove(&known.code) {
                        Some(w) => HallReason {
                            code: w.code,
                            version: known.version + 1,
                            zh: w.zh.trim().to_owned(),
                            en: w.en.trim().to_owned(),
                            retired: w.retired,
                        },
                        None => HallReason {
                            version: known.version + 1,
                            retired: true,
                            ..known.clone()
                        },
                    };
                    let same = next.zh == known.zh && next.en == known.en && next.retired == known.retired;
                    if !same {
                        changed.push(next);
                    }
                }
                changed.extend(wanted.into_values().map(|w| HallReason {
                    code: w.code,
                    version: 1,
                    zh: w.zh.trim().to_owned(),
                    en: w.en.trim().to_owned(),
                    retired: w.retired,
                }));
                for reason in &changed {
                    act.tx
                        .insert_reason(&hall, reason, &act.staff.id, act.now)
                        .await?;
                }
                let told: Vec<_> = changed
                    .iter()
                    .map(|r| json!({ "code": r.code, "version": r.version, "retired": r.retired }))
                    .collect();
                act.audit("reasons", json!({ "changed": told })).await?;
                Ok(act.tx.conn().hall_reasons(&hall).await?)
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_read_whole_and_has_no_code_twice() {
        let table = table(&[]);
        assert!(BY_HAND.len() >= 9 && BY_HAND.iter().all(|r| !r.zh.is_empty() && !r.en.is_empty()));
        let codes: BTreeSet<&str> = table.iter().map(|r| r.code.as_str()).collect();
        assert_eq!(codes.len(), table.len());
        for code in ["off_topic", "other", "mobile"] {
            assert!(is_shipped(code), "{code}");
        }
    }

    #[test]
    fn every_code_has_words() {
        let own = [HallReason {
            code: "not_here".into(),
            version: 3,
            zh: "不属于本区".into(),
            en: String::new(),
            retired: true,
        }];
        let table = table(&own);
        assert_eq!(text_of("not_here", &table).zh, "不属于本区");
        assert!(!text_of("not_here", &table).by_hand, "retired");
        assert!(!text_of("", &table).zh.is_empty());
        assert_eq!(text_of("gone", &table).zh, "gone");
    }
}
