//! The CSV files: questions, answers, suggestions. UTF-8 with BOM and CRLF, because that is what a spreadsheet on a
//! Chinese Windows opens without asking; text that could calculate has `'` in front.

use super::DocumentError;
use super::hand_over::{Answer, Question, Suggestion};
use super::labels::{Label, OPEN};
use super::lookup::Lookup;
use super::table::{Column, Kind, Value, visible};
use super::text;

/// A list: file, title for people, bytes.
pub struct List {
    /// Path in the package.
    pub path: &'static str,
    /// Title for the manifest.
    pub title: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The three files.
///
/// # Errors
/// A row cannot be written.
pub fn write(lookup: &Lookup<'_>) -> Result<[List; 3], DocumentError> {
    let questions = lookup.questions().into_iter().map(|question| Row {
        lookup,
        item: question,
    });
    let answers = lookup
        .record
        .answers
        .iter()
        .map(|answer| Row { lookup, item: answer });
    let suggestions = lookup.suggestions().into_iter().map(|suggestion| Row {
        lookup,
        item: suggestion,
    });
    Ok([
        List {
            path: "data/questions.csv",
            title: "提问",
            bytes: csv(lookup, &question_columns(), questions)?,
        },
        List {
            path: "data/answers.csv",
            title: "答复",
            bytes: csv(lookup, &answer_columns(), answers)?,
        },
        List {
            path: "data/suggestions.csv",
            title: "意见建议",
            bytes: csv(lookup, &suggestion_columns(), suggestions)?,
        },
    ])
}

/// One item and the record it is from.
pub struct Row<'a, T> {
    lookup: &'a Lookup<'a>,
    item: &'a T,
}

fn csv<R>(
    lookup: &Lookup<'_>,
    columns: &[Column<R>],
    rows: impl Iterator<Item = R>,
) -> Result<Vec<u8>, DocumentError> {
    let columns = visible(columns, lookup.record.privacy);
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{FEFF}".as_bytes().to_vec());
    writer.write_record(columns.iter().map(|column| column.key))?;
    for row in rows {
        writer.write_record(columns.iter().map(|column| {
            let value = (column.value)(&row);
            if value.is_text() {
                text::csv_field(&value.plain()).into_owned()
            } else {
                value.plain()
            }
        }))?;
    }
    writer
        .into_inner()
        .map_err(|error| DocumentError::Csv(error.into_error().into()))
}

/// Columns of `questions.csv`.
pub fn question_columns<'a>() -> [Column<Row<'a, Question>>; 17] {
    use Kind::{Code, DateTime, Number, Text};
    let column = Column::<Row<'a, Question>>::new;
    [
        column("id", "标识", 0, Code, "提问的标识。", |row| {
            Value::opt_code(Some(&row.item.id))
        }),
        column(
            "number",
            "提问号",
            0,
            Number,
            "作者收到的编号。",
            |row| Value::Number(row.item.number),
        ),
        column(
            "asked_at",
            "提问时间",
            0,
            DateTime,
            "提问的时间。",
            |row| Value::DateTime(row.lookup.local(row.item.asked_ms)),
        ),
        column(
            "asker",
            "提问人",
            0,
            Text,
            "脱敏后的显示名；公开版只写网民或委员。",
            |row| Value::text(&row.item.asker),
        )
        .reduced(),
        column(
            "tier",
            "提问人类别",
            0,
            Text,
            "网民、网民（已验证）、委员或工作人员。",
            |row| Value::text(row.item.tier.label()),
        ),
        column("text", "原文", 0, Text, "原文。", |row| {
            Value::text(&row.item.text)
        }),
        column("topic", "话题", 0, Text, "话题。", |row| {
            Value::opt_text(row.item.topic.as_deref())
        }),
        column("unit", "所问部门", 0, Text, "所问的部门。", |row| {
            Value::opt_text(row.item.unit_id.as_deref().map(|id| row.lookup.unit_name(id)))
        }),
        column("place", "地点", 0, Text, "作者写的地点。", |row| {
            Value::opt_text(row.item.place.as_deref())
        }),
        column("supports", "附议", 0, Number, "附议人次。", |row| {
            Value::number(row.item.supports)
        }),
        column(
            "staged_clock_s",
            "上台秒",
            0,
            Number,
            "上台时的直播秒数。",
            |row| seconds(row.item.staged_clock_ms),
        ),
        column(
            "unstaged_clock_s",
            "下台秒",
            0,
            Number,
            "下台时的直播秒数。",
            |row| seconds(row.item.unstaged_clock_ms),
        ),
        column("disposition", "处置", 0, Text, "处置。", |row| {
            Value::text(row.item.disposition.map_or(OPEN, Label::label))
        }),
        column("disposition_reason", "处置理由", 0, Text, "理由。", |row| {
            Value::opt_text(row.item.disposition_reason.as_deref())
        }),
        column(
            "disposed_at",
            "处置时间",
            0,
            DateTime,
            "处置的时间。",
            |row| {
                row.item
                    .disposed_ms
                    .map_or(Value::Empty, |ms| Value::DateTime(row.lookup.local(ms)))
            },
        ),
        column(
            "merged_into",
            "归并到",
            0,
            Code,
            "归并到的提问的标识。",
            |row| Value::opt_code(row.item.merged_into.as_deref()),
        ),
        column(
            "merged_count",
            "归并件数",
            0,
            Number,
            "归并到本件的提问数。",
            |row| Value::Number(row.item.merged_count.into()),
        ),
    ]
}

/// Columns of `answers.csv`.
pub fn answer_columns<'a>() -> [Column<Row<'a, Answer>>; 14] {
    use Kind::{Code, Date, DateTime, Number, Text};
    let column = Column::<Row<'a, Answer>>::new;
    [
        column("id", "标识", 0, Code, "答复的标识。", |row| {
            Value::opt_code(Some(&row.item.id))
        }),
        column(
            "question_id",
            "提问标识",
            0,
            Code,
            "所答提问的标识。",
            |row| Value::opt_code(row.item.question_id.as_deref()),
        ),
        column(
            "question_number",
            "提问号",
            0,
            Number,
            "所答提问的编号。",
            |row| {
                let question = row
                    .item
                    .question_id
                    .as_deref()
                    .and_then(|id| row.lookup.question(id));
                question.map_or(Value::Empty, |question| Value::Number(question.number))
            },
        ),
        column("unit", "答复单位", 0, Text, "答复的单位。", |row| {
            Value::text(row.lookup.unit_name(&row.item.unit_id))
        }),
        column(
            "speaker",
            "发言人",
            0,
            Text,
            "直播中显示的发言人。",
            |row| Value::opt_text(row.item.speaker.as_deref()),
        ),
        column("kind", "方式", 0, Text, "现场或书面。", |row| {
            Value::text(row.item.kind.label())
        }),
        column(
            "answer_type",
            "类型",
            0,
            Text,
            "说明、承诺、不采纳或转办。",
            |row| Value::text(row.item.answer_type.label()),
        ),
        column("body", "内容", 0, Text, "答复的内容。", |row| {
            Value::text(&row.item.body)
        }),
        column("owner", "责任人", 0, Text, "承诺的责任人。", |row| {
            Value::opt_text(row.item.owner.as_deref())
        }),
        column(
            "due_date",
            "完成时限",
            0,
            Date,
            "承诺完成的日期。",
            |row| row.item.due_date.map_or(Value::Empty, Value::Date),
        ),
        column("basis", "依据", 0, Text, "不采纳的依据。", |row| {
            Value::opt_text(row.item.basis.as_deref())
        }),
        column(
            "transfer_to",
            "转办单位",
            0,
            Text,
            "转给的单位。",
            |row| Value::opt_text(row.item.transfer_to.as_deref().map(|id| row.lookup.unit_name(id))),
        ),
        column(
            "given_at",
            "答复时间",
            0,
            DateTime,
            "答复的时间。",
            |row| Value::DateTime(row.lookup.local(row.item.given_ms)),
        ),
        column(
            "start_clock_s",
            "开始秒",
            0,
            Number,
            "现场答复开始的直播秒数。",
            |row| seconds(row.item.start_clock_ms),
        ),
    ]
}

/// Columns of `suggestions.csv`.
pub fn suggestion_columns<'a>() -> [Column<Row<'a, Suggestion>>; 18] {
    use Kind::{Code, Date, DateTime, Number, Text};
    let column = Column::<Row<'a, Suggestion>>::new;
    [
        column("id", "标识", 0, Code, "意见建议的标识。", |row| {
            Value::opt_code(Some(&row.item.id))
        }),
        column("code", "编号", 0, Code, "编号。", |row| {
            Value::opt_code(Some(&row.item.code))
        }),
        column(
            "raised_at",
            "提出时间",
            0,
            DateTime,
            "首次提出的时间。",
            |row| Value::DateTime(row.lookup.local(row.item.raised_ms)),
        ),
        column(
            "clock_s",
            "直播秒",
            0,
            Number,
            "首次提出时的直播秒数。",
            |row| seconds(row.item.clock_ms),
        ),
        column(
            "proposer",
            "提出人",
            0,
            Text,
            "脱敏后的显示名；公开版只写网民或委员。",
            |row| Value::text(&row.item.proposer),
        )
        .reduced(),
        column("title", "案由", 0, Text, "案由。", |row| {
            Value::text(&row.item.title)
        }),
        column("summary", "摘要", 0, Text, "摘要。", |row| {
            Value::text(&row.item.summary)
        }),
        column("category", "类别", 0, Text, "类别。", |row| {
            Value::opt_text(row.item.category.as_deref())
        }),
        column(
            "category_code",
            "类别代码",
            0,
            Code,
            "类别代码。",
            |row| Value::opt_code(row.item.category_code.as_deref()),
        ),
        column("lead_unit", "主办单位", 0, Text, "主办单位。", |row| {
            Value::opt_text(
                row.item
                    .lead_unit_id
                    .as_deref()
                    .map(|id| row.lookup.unit_name(id)),
            )
        }),
        column("co_units", "会办单位", 0, Text, "会办单位。", |row| {
            Value::text(row.lookup.unit_names(&row.item.co_unit_ids))
        }),
        column(
            "separate_units",
            "分办单位",
            0,
            Text,
            "分办单位。",
            |row| Value::text(row.lookup.unit_names(&row.item.separate_unit_ids)),
        ),
        column("supports", "附议", 0, Number, "附议人次。", |row| {
            Value::number(row.item.supports)
        }),
        column(
            "merged_count",
            "归并条数",
            0,
            Number,
            "归并到本条的原始意见条数。",
            |row| Value::Number(row.item.merged_count.into()),
        ),
        column(
            "source_ids",
            "来源标识",
            0,
            Text,
            "来源提问和评论的标识，空格分隔。",
            |row| {
                let ids: Vec<&str> = row
                    .item
                    .sources
                    .iter()
                    .filter_map(|source| source.id.as_deref())
                    .collect();
                Value::text(ids.join(" "))
            },
        ),
        column(
            "due_date",
            "办理时限",
            0,
            Date,
            "应答复的日期。",
            |row| row.item.due_date.map_or(Value::Empty, Value::Date),
        ),
        column(
            "due_basis",
            "时限依据",
            0,
            Text,
            "时限怎样算出。",
            |row| Value::opt_text(row.item.due_basis.as_deref()),
        ),
        column("state", "状态", 0, Text, "办理状态。", |row| {
            Value::text(&row.item.state)
        }),
    ]
}

fn seconds(ms: Option<i64>) -> Value {
    ms.map_or(Value::Empty, |ms| Value::Number(ms.div_euclid(1_000)))
}
