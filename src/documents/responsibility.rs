//! Responsibility list 责任清单 and result list 结果清单 in one workbook: who does what until when, and what became of
//! every single question.

use super::DocumentError;
use super::hand_over::{Answer, Question, Suggestion};
use super::labels::{Label, OPEN};
use super::lookup::{Lookup, clock};
use super::sheet::{Book, Layout, Paper};
use super::table::{Column, Kind, Value};
use super::text;

/// Version of keys and order.
const SCHEMA: &str = "yishiting-responsibility/1";

/// Something a unit has to do.
enum Duty<'a> {
    Suggestion(&'a Suggestion),
    Commitment(&'a Answer),
}

struct DutyRow<'a> {
    lookup: &'a Lookup<'a>,
    duty: Duty<'a>,
    row_number: usize,
}

/// The file `责任清单.xlsx`.
///
/// # Errors
/// The format refuses something.
pub fn write(lookup: &Lookup<'_>) -> Result<Vec<u8>, DocumentError> {
    let heading = format!(
        "{}责任清单（{}）",
        lookup.record.hall.name,
        lookup.record.privacy.label()
    );
    let mut book = Book::new(&heading, lookup)?;
    let layout = Layout {
        name: "责任清单",
        heading: &heading,
        paper: Paper::A4,
        schema: Some(SCHEMA),
        frozen_columns: 2,
    };
    let suggestions = lookup
        .suggestions()
        .into_iter()
        .filter(|suggestion| suggestion.lead_unit_id.is_some())
        .map(Duty::Suggestion);
    let commitments = lookup.commitments().into_iter().map(Duty::Commitment);
    let duties = suggestions
        .chain(commitments)
        .enumerate()
        .map(|(index, duty)| DutyRow {
            lookup,
            duty,
            row_number: index + 1,
        });
    book.sheet(&layout, lookup, &duty_columns(), duties)?;
    let layout = Layout {
        name: "结果清单",
        heading: "提问处置结果清单",
        paper: Paper::A4,
        schema: Some(SCHEMA),
        frozen_columns: 2,
    };
    let results = lookup
        .questions()
        .into_iter()
        .map(|question| ResultRow { lookup, question });
    book.sheet(&layout, lookup, &result_columns(), results)?;
    book.finish()
}

fn duty_columns<'a>() -> [Column<DutyRow<'a>>; 11] {
    use Kind::{Code, Date, Number, Text};
    let column = Column::<DutyRow<'a>>::new;
    [
        column("row", "序号", 6, Number, "行号。", |row| {
            Value::count(row.row_number)
        }),
        column(
            "kind",
            "事项来源",
            10,
            Text,
            "意见建议或承诺。",
            |row| {
                Value::text(match row.duty {
                    Duty::Suggestion(_) => "意见建议",
                    Duty::Commitment(_) => "承诺",
                })
            },
        ),
        column(
            "code",
            "编号",
            13,
            Code,
            "意见建议编号，或承诺所答的提问号。",
            |row| match row.duty {
                Duty::Suggestion(suggestion) => Value::opt_code(Some(&suggestion.code)),
                Duty::Commitment(answer) => {
                    let question = answer
                        .question_id
                        .as_deref()
                        .and_then(|id| row.lookup.question(id));
                    Value::opt_code(
                        question
                            .map(|question| format!("提问{}", question.number))
                            .as_deref(),
                    )
                }
            },
        ),
        column("matter", "事项", 42, Text, "要办的事。", |row| {
            match row.duty {
                Duty::Suggestion(suggestion) => Value::text(&suggestion.title),
                Duty::Commitment(answer) => Value::text(&answer.body),
            }
        }),
        column(
            "unit",
            "责任单位",
            18,
            Text,
            "主办单位或作出承诺的单位。",
            |row| {
                let id = match row.duty {
                    Duty::Suggestion(suggestion) => suggestion.lead_unit_id.as_deref(),
                    Duty::Commitment(answer) => Some(answer.unit_id.as_str()),
                };
                Value::opt_text(id.map(|id| row.lookup.unit_name(id)))
            },
        ),
        column(
            "owner",
            "责任人",
            14,
            Text,
            "承诺的责任人。",
            |row| match row.duty {
                Duty::Suggestion(_) => Value::Empty,
                Duty::Commitment(answer) => Value::opt_text(answer.owner.as_deref()),
            },
        ),
        column(
            "other_units",
            "配合单位",
            20,
            Text,
            "会办和分办单位。",
            |row| match row.duty {
                Duty::Suggestion(suggestion) => {
                    let ids: Vec<String> = suggestion
                        .co_unit_ids
                        .iter()
                        .chain(&suggestion.separate_unit_ids)
                        .cloned()
                        .collect();
                    Value::text(row.lookup.unit_names(&ids))
                }
                Duty::Commitment(_) => Value::Empty,
            },
        ),
        column(
            "due_date",
            "完成时限",
            12,
            Date,
            "答复或完成的日期。",
            |row| {
                let date = match row.duty {
                    Duty::Suggestion(suggestion) => suggestion.due_date,
                    Duty::Commitment(answer) => answer.due_date,
                };
                date.map_or(Value::Empty, Value::Date)
            },
        ),
        column(
            "due_basis",
            "时限依据",
            24,
            Text,
            "时限怎样算出。",
            |row| match row.duty {
                Duty::Suggestion(suggestion) => Value::opt_text(suggestion.due_basis.as_deref()),
                Duty::Commitment(_) => Value::text("现场或书面承诺"),
            },
        ),
        column(
            "clock",
            "直播时间点",
            11,
            Code,
            "提出或承诺的直播时间。",
            |row| {
                let ms = match row.duty {
                    Duty::Suggestion(suggestion) => suggestion.clock_ms,
                    Duty::Commitment(answer) => answer.start_clock_ms,
                };
                Value::opt_code(ms.map(clock).as_deref())
            },
        ),
        column(
            "state",
            "当前状态",
            10,
            Text,
            "办理状态；承诺未经证明一律为待落实。",
            |row| match row.duty {
                Duty::Suggestion(suggestion) => Value::text(&suggestion.state),
                Duty::Commitment(_) => Value::text("待落实"),
            },
        ),
    ]
}

/// A question and what became of it.
pub struct ResultRow<'a> {
    /// Names and times.
    pub lookup: &'a Lookup<'a>,
    /// The question.
    pub question: &'a Question,
}

fn result_columns<'a>() -> [Column<ResultRow<'a>>; 11] {
    use Kind::{Code, DateTime, Number, Text};
    let column = Column::<ResultRow<'a>>::new;
    [
        column(
            "number",
            "提问号",
            8,
            Number,
            "作者收到的编号。",
            |row| Value::Number(row.question.number),
        ),
        column(
            "asked_at",
            "提问时间",
            16,
            DateTime,
            "提问的时间。",
            |row| Value::DateTime(row.lookup.local(row.question.asked_ms)),
        ),
        column("text", "提问", 44, Text, "原文。", |row| {
            Value::text(&row.question.text)
        }),
        column(
            "asker",
            "提问人(脱敏)",
            11,
            Text,
            "脱敏后的显示名；公开版只写网民或委员。",
            |row| Value::text(&row.question.asker),
        )
        .reduced(),
        column("topic", "话题", 12, Text, "话题。", |row| {
            Value::opt_text(row.question.topic.as_deref())
        }),
        column("unit", "所问部门", 16, Text, "所问的部门。", |row| {
            Value::opt_text(row.question.unit_id.as_deref().map(|id| row.lookup.unit_name(id)))
        }),
        column("supports", "附议", 8, Number, "附议人次。", |row| {
            Value::number(row.question.supports)
        }),
        column(
            "disposition",
            "处置",
            10,
            Text,
            "处置；待处置表示还没有结果。",
            |row| Value::text(row.question.disposition.map_or(OPEN, Label::label)),
        ),
        column(
            "merged_into",
            "归并到",
            9,
            Code,
            "归并到的提问号。",
            |row| {
                let head = row
                    .question
                    .merged_into
                    .as_deref()
                    .and_then(|id| row.lookup.question(id));
                Value::opt_code(head.map(|question| question.number.to_string()).as_deref())
            },
        ),
        column("reason", "理由", 22, Text, "处置的理由。", |row| {
            Value::opt_text(row.question.disposition_reason.as_deref())
        }),
        column(
            "answers",
            "答复",
            44,
            Text,
            "答复的单位、时间点和内容。",
            |row| Value::text(answers(row)),
        ),
    ]
}

fn answers(row: &ResultRow<'_>) -> String {
    let lines: Vec<String> = row
        .lookup
        .answers_to(&row.question.id)
        .iter()
        .map(|answer| {
            let unit = row.lookup.unit_name(&answer.unit_id);
            let place = answer
                .start_clock_ms
                .map(|ms| format!(" {}", clock(ms)))
                .unwrap_or_default();
            format!(
                "{unit}（{}{place}，{}）：{}",
                answer.kind.label(),
                answer.answer_type.label(),
                text::one_line(&answer.body)
            )
        })
        .collect();
    lines.join("\n")
}
