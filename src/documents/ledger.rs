//! The master ledger 台账: forty columns in fixed order.
//!
//! Source of columns and sheets: proposal handling research, section 3.3. The further sheets are in `ledger_sheets`;
//! nothing is a formula and no number is stored.

use super::DocumentError;
use super::hand_over::{Answer, Satisfaction, Suggestion};
use super::labels::{Label, NOT_EVALUATED, RESULT_CLASSES, STATES};
use super::ledger_sheets;
use super::lookup::{Lookup, chinese_date, clock};
use super::sheet::{Book, Layout, Paper};
use super::table::{Column, Kind, Value};

/// Version of keys and order of the ledger, in the hidden row after the last key.
pub const LEDGER_SCHEMA: &str = "yishiting-ledger/1";

/// One row of the ledger.
pub struct LedgerRow<'a> {
    /// Names and times.
    pub lookup: &'a Lookup<'a>,
    /// The suggestion.
    pub suggestion: &'a Suggestion,
    /// 1, 2, 3.
    pub row_number: usize,
}

/// The forty columns.
pub fn columns<'a>() -> [Column<LedgerRow<'a>>; 40] {
    use Kind::{Code, Date, DateTime, Number, OneOf, Percent, Text};
    let column = Column::<LedgerRow<'a>>::new;
    [
        column("row", "序号", 5, Number, "本表行号，从 1 起。", |row| {
            Value::count(row.row_number)
        }),
        column(
            "code",
            "案号/编号",
            11,
            Code,
            "意见建议的编号，办理全程不变。",
            |row| Value::opt_code(Some(&row.suggestion.code)),
        ),
        column(
            "session",
            "来源活动",
            12,
            Text,
            "协商会的期号和主题。",
            |row| {
                let session = &row.lookup.record.session;
                Value::text(format!("{} {}", session.number, session.title))
            },
        ),
        column(
            "clock",
            "直播时间点",
            8,
            Code,
            "首次提出时的直播时间（时:分:秒，以开播为零点）。",
            |row| Value::opt_code(row.suggestion.clock_ms.map(clock).as_deref()),
        ),
        column(
            "raised_at",
            "提出时间",
            16,
            DateTime,
            "首次提出的时间，按数据字典所列时区。",
            |row| Value::DateTime(row.lookup.local(row.suggestion.raised_ms)),
        ),
        column(
            "proposer",
            "提出人(脱敏)",
            8,
            Text,
            "脱敏后的显示名；公开版只写网民或委员。",
            |row| Value::text(&row.suggestion.proposer),
        )
        .reduced(),
        column(
            "proposer_tier",
            "提出人类别",
            8,
            Text,
            "网民、网民（已验证）、委员或工作人员。",
            |row| Value::text(row.suggestion.tier.label()),
        ),
        column(
            "title",
            "意见建议标题(案由)",
            18,
            Text,
            "一句话的案由。",
            |row| Value::text(&row.suggestion.title),
        ),
        column(
            "summary",
            "摘要",
            28,
            Text,
            "内容摘要；原文在 package.json 的 sources 中。",
            |row| Value::text(&row.suggestion.summary),
        ),
        column("category", "类别", 7, Text, "本厅的分类。", |row| {
            Value::opt_text(row.suggestion.category.as_deref())
        }),
        column(
            "category_code",
            "类别代码",
            7,
            Code,
            "分类代码，按文本保存。",
            |row| Value::opt_code(row.suggestion.category_code.as_deref()),
        ),
        column(
            "supports",
            "附议/点赞数",
            7,
            Number,
            "全部来源的附议人次。",
            |row| Value::number(row.suggestion.supports),
        ),
        column(
            "merged_count",
            "归并条数",
            6,
            Number,
            "归并到本条的原始意见条数。",
            |row| Value::Number(row.suggestion.merged_count.into()),
        ),
        column(
            "merge",
            "归并关系(主并/被并)",
            9,
            Text,
            "与其他编号的归并关系；被并件保留各自提出人。",
            |row| {
                let merge = row.suggestion.merge.as_ref();
                Value::opt_text(
                    merge
                        .map(|merge| format!("{} {}", merge.role.label(), merge.with.join("、")))
                        .as_deref(),
                )
            },
        ),
        column(
            "answered_live",
            "现场是否答复",
            10,
            Text,
            "是否在直播中答复过，及答复的时间点和单位。",
            |row| Value::text(live_answers(row)),
        ),
        column(
            "conversion",
            "转化形式(提案/交办件/社情民意/12345/信访/留存)",
            8,
            OneOf(CONVERSION_WORDS),
            "转成了什么。",
            |row| Value::opt_text(row.suggestion.conversion.map(Label::label)),
        ),
        column(
            "acceptance",
            "立案/受理情况",
            8,
            Text,
            "立案或受理的结论。",
            |row| Value::opt_text(row.suggestion.handling.acceptance.as_deref()),
        ),
        column(
            "lead_unit",
            "主办单位",
            10,
            Text,
            "牵头办理的单位。",
            |row| {
                Value::opt_text(
                    row.suggestion
                        .lead_unit_id
                        .as_deref()
                        .map(|id| row.lookup.unit_name(id)),
                )
            },
        ),
        column(
            "co_units",
            "会办单位",
            10,
            Text,
            "会办单位，顿号分隔。",
            |row| Value::text(row.lookup.unit_names(&row.suggestion.co_unit_ids)),
        ),
        column(
            "separate_units",
            "分办单位",
            8,
            Text,
            "各自答复的分办单位，顿号分隔。",
            |row| Value::text(row.lookup.unit_names(&row.suggestion.separate_unit_ids)),
        ),
        column(
            "assigned_at",
            "交办时间",
            16,
            DateTime,
            "交办的时间。",
            |row| local(row, row.suggestion.handling.assigned_ms),
        ),
        column(
            "signed_at",
            "签收时间",
            16,
            DateTime,
            "主办单位签收的时间。",
            |row| local(row, row.suggestion.handling.signed_ms),
        ),
        column(
            "due_date",
            "办理时限",
            11,
            Date,
            "应答复的日期。",
            |row| row.suggestion.due_date.map_or(Value::Empty, Value::Date),
        ),
        column(
            "days_left",
            "剩余/超期工作日",
            7,
            Number,
            "距办理时限的工作日数，负数为超期。",
            |row| {
                row.suggestion
                    .handling
                    .days_left
                    .map_or(Value::Empty, Value::Number)
            },
        ),
        column(
            "extension",
            "延期情况",
            7,
            Text,
            "延期的批准情况和期限。",
            |row| Value::opt_text(row.suggestion.handling.extension.as_deref()),
        ),
        column(
            "clerk",
            "承办人及电话(内)",
            10,
            Code,
            "承办人及电话，仅内部版。",
            |row| Value::opt_code(row.suggestion.handling.clerk.as_deref()),
        )
        .internal(),
        column(
            "state",
            "当前状态",
            8,
            OneOf(STATES),
            "办理状态。",
            |row| Value::text(&row.suggestion.state),
        ),
        column(
            "progress",
            "最近进展",
            12,
            Text,
            "最近一次进展。",
            |row| Value::opt_text(row.suggestion.handling.progress.as_deref()),
        ),
        column(
            "reply_number",
            "答复文号",
            10,
            Code,
            "答复函的文号。",
            |row| Value::opt_code(row.suggestion.handling.reply_number.as_deref()),
        ),
        column(
            "reply_date",
            "答复日期",
            11,
            Date,
            "答复函的日期。",
            |row| {
                row.suggestion
                    .handling
                    .reply_date
                    .map_or(Value::Empty, Value::Date)
            },
        ),
        column(
            "result_class",
            "办理结果类别",
            6,
            OneOf(RESULT_CLASSES),
            "办理结果的类别字母。",
            |row| Value::opt_text(row.suggestion.handling.result_class.as_deref()),
        ),
        column(
            "commitments",
            "承诺事项及期限",
            18,
            Text,
            "现场承诺的事项和完成期限。",
            |row| Value::text(commitments(row)),
        ),
        column(
            "progress_percent",
            "落实进度%",
            6,
            Percent,
            "落实进度；已答复不等于已落实。",
            |row| {
                row.suggestion
                    .handling
                    .progress_percent
                    .map_or(Value::Empty, |percent| Value::Percent(percent.min(100)))
            },
        ),
        column(
            "satisfaction",
            "提案者满意度",
            7,
            OneOf(SATISFACTION_WORDS),
            "提出人的评价；未评价单列，不计入满意。",
            |row| Value::text(satisfaction(row.suggestion.handling.satisfaction)),
        ),
        column(
            "dissatisfaction",
            "不满意原因/再办理次数",
            10,
            Text,
            "内部版写原因和次数，公开版只写次数。",
            |row| Value::text(dissatisfaction(row)),
        )
        .reduced(),
        column(
            "supervision",
            "督办级别",
            6,
            Text,
            "催办、督办、重点督办、通报。",
            |row| Value::opt_text(row.suggestion.handling.supervision.as_deref()),
        ),
        column(
            "publication",
            "公开方式",
            8,
            Text,
            "全文公开、摘要公开或不公开及理由。",
            |row| Value::opt_text(row.suggestion.handling.publication.as_deref()),
        ),
        column(
            "public_url",
            "公开链接",
            10,
            Text,
            "公开页的网址，按文本保存。",
            |row| Value::opt_text(row.suggestion.handling.public_url.as_deref()),
        ),
        column("archive_number", "归档号", 8, Code, "归档号。", |row| {
            Value::opt_code(row.suggestion.handling.archive_number.as_deref())
        }),
        column("remark", "备注", 10, Text, "备注，仅内部版。", |row| {
            Value::opt_text(row.suggestion.handling.remark.as_deref())
        })
        .internal(),
    ]
}

const CONVERSION_WORDS: &[&str] = &["提案", "交办件", "社情民意", "12345", "信访", "留存"];
const SATISFACTION_WORDS: &[&str] = &["满意", "基本满意", "不满意", NOT_EVALUATED];

fn local(row: &LedgerRow<'_>, ms: Option<i64>) -> Value {
    ms.map_or(Value::Empty, |ms| Value::DateTime(row.lookup.local(ms)))
}

fn satisfaction(satisfaction: Option<Satisfaction>) -> &'static str {
    satisfaction.map_or(NOT_EVALUATED, Label::label)
}

fn live_answers(row: &LedgerRow<'_>) -> String {
    let places: Vec<String> = row
        .lookup
        .live_answers(row.suggestion)
        .map(|answer| answer_place(row.lookup, answer))
        .collect();
    if places.is_empty() {
        "否".to_owned()
    } else {
        format!("是（{}）", places.join("；"))
    }
}

/// `42:10 区供电公司`
fn answer_place(lookup: &Lookup<'_>, answer: &Answer) -> String {
    let unit = lookup.unit_name(&answer.unit_id);
    answer
        .start_clock_ms
        .map_or_else(|| unit.to_owned(), |ms| format!("{} {unit}", clock(ms)))
}

fn commitments(row: &LedgerRow<'_>) -> String {
    let of_suggestion: Vec<String> = row
        .lookup
        .commitments_of(row.suggestion)
        .map(|answer| match answer.due_date {
            Some(date) => format!("{}（{}前）", answer.body, chinese_date(date)),
            None => answer.body.clone(),
        })
        .collect();
    of_suggestion.join("\n")
}

fn dissatisfaction(row: &LedgerRow<'_>) -> String {
    let handling = &row.suggestion.handling;
    let times = (handling.rehandled_count > 0).then(|| format!("再办理 {} 次", handling.rehandled_count));
    [handling.dissatisfaction.clone(), times]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("；")
}

/// The file `台账.xlsx`.
///
/// # Errors
/// The format refuses something.
pub fn write(lookup: &Lookup<'_>) -> Result<Vec<u8>, DocumentError> {
    let heading = format!(
        "{}意见建议办理台账（{}）",
        lookup.record.hall.name,
        lookup.record.privacy.label()
    );
    let mut book = Book::new(&heading, lookup)?;
    let suggestions = lookup.suggestions();
    let master = Layout {
        name: "台账",
        heading: &heading,
        paper: Paper::A3,
        schema: Some(LEDGER_SCHEMA),
        frozen_columns: 2,
    };
    let rows = suggestions
        .iter()
        .enumerate()
        .map(|(index, suggestion)| LedgerRow {
            lookup,
            suggestion,
            row_number: index + 1,
        });
    book.sheet(&master, lookup, &columns(), rows)?;

    ledger_sheets::write(&mut book, lookup)?;
    book.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::hand_over::Privacy;
    use super::super::labels::CONVERSIONS;
    use super::super::table::visible;
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_plan_in_order() {
        let titles: Vec<&str> = columns().iter().map(|column| column.title).collect();
        assert_eq!(
            titles.join(" · "),
            "序号 · 案号/编号 · 来源活动 · 直播时间点 · 提出时间 · 提出人(脱敏) · 提出人类别 · 意见建议标题(案由) · 摘要 · 类别 · 类别代码 · 附议/点赞数 · 归并条数 · 归并关系(主并/被并) · 现场是否答复 · 转化形式(提案/交办件/社情民意/12345/信访/留存) · 立案/受理情况 · 主办单位 · 会办单位 · 分办单位 · 交办时间 · 签收时间 · 办理时限 · 剩余/超期工作日 · 延期情况 · 承办人及电话(内) · 当前状态 · 最近进展 · 答复文号 · 答复日期 · 办理结果类别 · 承诺事项及期限 · 落实进度% · 提案者满意度 · 不满意原因/再办理次数 · 督办级别 · 公开方式 · 公开链接 · 归档号 · 备注"
        );
        assert_eq!(
            columns()
                .iter()
                .map(|column| column.key)
                .collect::<BTreeSet<_>>()
                .len(),
            40
        );
    }

    #[test]
    fn the_public_ledger_has_no_clerk_and_no_remark() {
        let columns = columns();
        let keys: Vec<&str> = visible(&columns, Privacy::Public)
            .iter()
            .map(|column| column.key)
            .collect();
        assert_eq!(keys.len(), 38);
        assert!(!keys.contains(&"clerk") && !keys.contains(&"remark"));
    }

    #[test]
    fn the_offered_words_are_the_labels() {
        assert_eq!(CONVERSION_WORDS, CONVERSIONS.map(Label::label));
        assert_eq!(
            SATISFACTION_WORDS[..3],
            [
                Satisfaction::Satisfied,
                Satisfaction::Basically,
                Satisfaction::Unsatisfied
            ]
            .map(Label::label)
        );
    }
}
