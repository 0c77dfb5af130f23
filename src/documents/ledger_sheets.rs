//! The further sheets of the ledger: counted per unit, category and result, what is late, what was promised, the
//! dictionary, and the identities that must hold. Each is counted here from the suggestions of the first sheet.

use std::collections::BTreeMap;

use super::DocumentError;
use super::hand_over::{Answer, Disposition, Satisfaction, Suggestion};
use super::labels::{CONVERSIONS, Label, RESULT_CLASSES};
use super::ledger::{LedgerRow, columns};
use super::lookup::{Lookup, clock, unit_ids};
use super::sheet::{Book, Layout, Paper};
use super::table::{Column, Kind, Value, visible};

/// Adds sheets 2 to 8.
///
/// # Errors
/// The format refuses something.
pub fn write(book: &mut Book, lookup: &Lookup<'_>) -> Result<(), DocumentError> {
    let suggestions = lookup.suggestions();
    let layout = |name| Layout {
        name,
        heading: name,
        paper: Paper::A4,
        schema: None,
        frozen_columns: 1,
    };
    book.sheet(&layout("按单位统计"), lookup, &unit_columns(), unit_rows(lookup))?;
    book.sheet(
        &layout("按类别统计"),
        lookup,
        &group_columns("category", "类别"),
        category_rows(&suggestions),
    )?;
    book.sheet(
        &layout("办理结果"),
        lookup,
        &group_columns("result_class", "办理结果类别"),
        result_rows(&suggestions),
    )?;
    book.sheet(
        &layout("超期清单"),
        lookup,
        &overdue_columns(),
        overdue(lookup, &suggestions),
    )?;
    book.sheet(
        &layout("承诺清单"),
        lookup,
        &commitment_columns(),
        lookup
            .commitments()
            .into_iter()
            .map(|answer| CommitmentRow { lookup, answer }),
    )?;
    book.sheet(
        &layout("数据字典"),
        lookup,
        &dictionary_columns(),
        dictionary(lookup),
    )?;
    book.sheet(&layout("校验"), lookup, &check_columns(), checks(lookup))?;
    Ok(())
}

/// Counts of one unit.
struct UnitRow<'a> {
    name: &'a str,
    lead: usize,
    co: usize,
    separate: usize,
    signed: usize,
    replied: usize,
    overdue: usize,
    satisfied: usize,
    evaluated: usize,
    commitments: usize,
}

fn unit_columns<'a>() -> [Column<UnitRow<'a>>; 10] {
    use Kind::{Number, Text};
    let column = Column::<UnitRow<'a>>::new;
    [
        column("unit", "单位", 24, Text, "承办单位。", |row| {
            Value::text(row.name)
        }),
        column("lead", "主办", 9, Number, "主办件数。", |row| {
            Value::count(row.lead)
        }),
        column("co", "会办", 9, Number, "会办件数。", |row| {
            Value::count(row.co)
        }),
        column("separate", "分办", 9, Number, "分办件数。", |row| {
            Value::count(row.separate)
        }),
        column(
            "signed",
            "主办已签收",
            11,
            Number,
            "主办件中已签收的件数。",
            |row| Value::count(row.signed),
        ),
        column(
            "replied",
            "主办已答复",
            11,
            Number,
            "主办件中已答复的件数。",
            |row| Value::count(row.replied),
        ),
        column(
            "overdue",
            "主办超期未答复",
            14,
            Number,
            "主办件中过了时限仍未答复的件数。",
            |row| Value::count(row.overdue),
        ),
        column(
            "evaluated",
            "主办已评价",
            11,
            Number,
            "主办件中提出人已评价的件数。",
            |row| Value::count(row.evaluated),
        ),
        column(
            "satisfied",
            "满意和基本满意",
            14,
            Number,
            "其中满意和基本满意的件数；未评价不计。",
            |row| Value::count(row.satisfied),
        ),
        column(
            "commitments",
            "承诺事项",
            10,
            Number,
            "该单位作出的承诺件数。",
            |row| Value::count(row.commitments),
        ),
    ]
}

fn unit_rows<'a>(lookup: &Lookup<'a>) -> Vec<UnitRow<'a>> {
    let mut rows: Vec<UnitRow<'a>> = lookup
        .record
        .units
        .iter()
        .map(|unit| UnitRow {
            name: &unit.name,
            lead: 0,
            co: 0,
            separate: 0,
            signed: 0,
            replied: 0,
            overdue: 0,
            satisfied: 0,
            evaluated: 0,
            commitments: 0,
        })
        .collect();
    let index: BTreeMap<&str, usize> = lookup
        .record
        .units
        .iter()
        .zip(0..)
        .map(|(unit, index)| (unit.id.as_str(), index))
        .collect();
    for suggestion in &lookup.record.suggestions {
        for id in &suggestion.co_unit_ids {
            rows[index[id.as_str()]].co += 1;
        }
        for id in &suggestion.separate_unit_ids {
            rows[index[id.as_str()]].separate += 1;
        }
        let Some(lead) = suggestion.lead_unit_id.as_deref() else {
            continue;
        };
        let row = &mut rows[index[lead]];
        let handling = &suggestion.handling;
        row.lead += 1;
        row.signed += usize::from(handling.signed_ms.is_some());
        row.replied += usize::from(handling.reply_date.is_some());
        row.overdue += usize::from(lookup.is_overdue(suggestion));
        row.evaluated += usize::from(handling.satisfaction.is_some());
        row.satisfied += usize::from(matches!(
            handling.satisfaction,
            Some(Satisfaction::Satisfied | Satisfaction::Basically)
        ));
    }
    for answer in lookup.commitments() {
        rows[index[answer.unit_id.as_str()]].commitments += 1;
    }
    rows.retain(|row| row.lead + row.co + row.separate + row.commitments > 0);
    rows
}

/// Suggestions that share a word.
struct GroupRow {
    word: String,
    count: usize,
    supports: u64,
    share: u8,
}

fn group_columns(key: &'static str, title: &'static str) -> [Column<GroupRow>; 4] {
    use Kind::{Number, Percent, Text};
    let column = Column::<GroupRow>::new;
    [
        column(key, title, 24, Text, "分组的值。", |row| {
            Value::text(&row.word)
        }),
        column(
            "suggestions",
            "意见建议件数",
            14,
            Number,
            "件数。",
            |row| Value::count(row.count),
        ),
        column(
            "supports",
            "附议人次",
            14,
            Number,
            "附议人次合计。",
            |row| Value::number(row.supports),
        ),
        column(
            "share",
            "占比",
            10,
            Percent,
            "占全部件数的百分比，四舍五入。",
            |row| Value::Percent(row.share),
        ),
    ]
}

/// Counts `suggestions` by a word; words in `first` come first even with nothing in them, the rest in order of their text.
fn group(suggestions: &[&Suggestion], first: &[&str], word: impl Fn(&Suggestion) -> String) -> Vec<GroupRow> {
    let mut counts: BTreeMap<(usize, String), (usize, u64)> = first
        .iter()
        .enumerate()
        .map(|(rank, word)| ((rank, (*word).to_owned()), (0, 0)))
        .collect();
    for suggestion in suggestions {
        let word = word(suggestion);
        let rank = first
            .iter()
            .position(|known| *known == word)
            .unwrap_or(first.len());
        let entry = counts.entry((rank, word)).or_default();
        entry.0 += 1;
        entry.1 = entry.1.saturating_add(suggestion.supports);
    }
    let all = suggestions.len().max(1);
    let share = |count: usize| u8::try_from((count * 200 + all) / (all * 2)).unwrap_or(100);
    counts
        .into_iter()
        .map(|((_, word), (count, supports))| GroupRow {
            word,
            count,
            supports,
            share: share(count),
        })
        .collect()
}

fn category_rows(suggestions: &[&Suggestion]) -> Vec<GroupRow> {
    group(suggestions, &[], |suggestion| {
        suggestion.category.clone().unwrap_or_else(|| "未分类".to_owned())
    })
}

fn result_rows(suggestions: &[&Suggestion]) -> Vec<GroupRow> {
    let mut first = RESULT_CLASSES.to_vec();
    first.push(NO_RESULT);
    group(suggestions, &first, |suggestion| {
        suggestion
            .handling
            .result_class
            .clone()
            .unwrap_or_else(|| NO_RESULT.to_owned())
    })
}

const NO_RESULT: &str = "尚无结果";

fn overdue<'a>(
    lookup: &'a Lookup<'a>,
    suggestions: &'a [&'a Suggestion],
) -> impl Iterator<Item = LedgerRow<'a>> {
    let overdue = suggestions
        .iter()
        .filter(|suggestion| lookup.is_overdue(suggestion));
    overdue.enumerate().map(|(index, suggestion)| LedgerRow {
        lookup,
        suggestion,
        row_number: index + 1,
    })
}

/// The columns of the ledger that matter for what is late.
fn overdue_columns<'a>() -> Vec<Column<LedgerRow<'a>>> {
    let keys = [
        "row",
        "code",
        "title",
        "lead_unit",
        "co_units",
        "due_date",
        "days_left",
        "state",
        "supervision",
    ];
    columns()
        .into_iter()
        .filter(|column| keys.contains(&column.key))
        .collect()
}

/// A commitment and where it was made.
pub struct CommitmentRow<'a> {
    /// Names and times.
    pub lookup: &'a Lookup<'a>,
    /// The commitment.
    pub answer: &'a Answer,
}

fn commitment_columns<'a>() -> [Column<CommitmentRow<'a>>; 7] {
    use Kind::{Code, Date, Text};
    let column = Column::<CommitmentRow<'a>>::new;
    [
        column("body", "承诺事项", 46, Text, "承诺的内容。", |row| {
            Value::text(&row.answer.body)
        }),
        column(
            "unit",
            "责任单位",
            18,
            Text,
            "作出承诺的单位。",
            |row| Value::text(row.lookup.unit_name(&row.answer.unit_id)),
        ),
        column(
            "owner",
            "责任人",
            14,
            Text,
            "负责落实的人或科室。",
            |row| Value::opt_text(row.answer.owner.as_deref()),
        ),
        column("due_date", "完成时限", 12, Date, "完成的日期。", |row| {
            row.answer.due_date.map_or(Value::Empty, Value::Date)
        }),
        column("kind", "方式", 8, Text, "现场或书面。", |row| {
            Value::text(row.answer.kind.label())
        }),
        column(
            "clock",
            "直播时间点",
            11,
            Code,
            "现场承诺的直播时间。",
            |row| Value::opt_code(row.answer.start_clock_ms.map(clock).as_deref()),
        ),
        column(
            "question",
            "来源提问",
            34,
            Text,
            "提问编号和内容。",
            |row| {
                let question = row
                    .answer
                    .question_id
                    .as_deref()
                    .and_then(|id| row.lookup.question(id));
                Value::opt_text(
                    question
                        .map(|question| format!("{} 号：{}", question.number, question.text))
                        .as_deref(),
                )
            },
        ),
    ]
}

/// A line of the dictionary.
struct DictionaryRow {
    position: usize,
    title: &'static str,
    key: &'static str,
    kind: &'static str,
    visibility: &'static str,
    meaning: &'static str,
}

fn dictionary_columns() -> [Column<DictionaryRow>; 6] {
    use Kind::{Number, Text};
    let column = Column::<DictionaryRow>::new;
    [
        column(
            "position",
            "列号",
            7,
            Number,
            "本版台账中的列号。",
            |row| Value::count(row.position),
        ),
        column("title", "列名", 34, Text, "台账的列名。", |row| {
            Value::text(row.title)
        }),
        column(
            "key",
            "机器键",
            18,
            Text,
            "隐藏的第二行中的键。",
            |row| Value::text(row.key),
        ),
        column("kind", "类型", 14, Text, "值的类型。", |row| {
            Value::text(row.kind)
        }),
        column(
            "visibility",
            "公开范围",
            14,
            Text,
            "两个版本的差别。",
            |row| Value::text(row.visibility),
        ),
        column("meaning", "说明", 50, Text, "含义。", |row| {
            Value::text(row.meaning)
        }),
    ]
}

fn dictionary(lookup: &Lookup<'_>) -> Vec<DictionaryRow> {
    let columns = columns();
    let shown = visible(&columns, lookup.record.privacy);
    let line = |(index, column): (usize, &&Column<LedgerRow<'_>>)| DictionaryRow {
        position: index + 1,
        title: column.title,
        key: column.key,
        kind: column.kind.label(),
        visibility: column.visibility.label(),
        meaning: column.meaning,
    };
    shown.iter().enumerate().map(line).collect()
}

/// One identity that must hold.
pub struct Check {
    /// What is compared.
    pub name: &'static str,
    /// The whole.
    pub left: usize,
    /// The sum of its parts.
    pub right: usize,
    /// The parts, for a person.
    pub parts: String,
}

fn check_columns() -> [Column<Check>; 5] {
    use Kind::{Number, Text};
    let column = Column::<Check>::new;
    [
        column("check", "校验项", 34, Text, "恒等式。", |row| {
            Value::text(row.name)
        }),
        column("left", "总数", 10, Number, "总数。", |row| {
            Value::count(row.left)
        }),
        column("right", "各项之和", 10, Number, "各项之和。", |row| {
            Value::count(row.right)
        }),
        column("result", "结果", 10, Text, "一致或不一致。", |row| {
            Value::text(if row.left == row.right {
                "一致"
            } else {
                "不一致"
            })
        }),
        column("parts", "各项", 60, Text, "各项的数。", |row| {
            Value::text(&row.parts)
        }),
    ]
}

/// The identities of a record. Each side is counted in its own way, so that a mistake in one shows.
pub fn checks(lookup: &Lookup<'_>) -> Vec<Check> {
    let suggestions = lookup.suggestions();
    let tally = lookup.tally();
    let joined = |parts: Vec<(String, usize)>| {
        let text: Vec<String> = parts
            .iter()
            .map(|(word, count)| format!("{word} {count}"))
            .collect();
        (
            parts.iter().map(|(_, count)| count).sum::<usize>(),
            text.join("，"),
        )
    };
    let check = |name, left, (right, parts)| Check {
        name,
        left,
        right,
        parts,
    };
    let groups = |rows: Vec<GroupRow>| {
        rows.into_iter()
            .map(|row| (row.word, row.count))
            .collect::<Vec<_>>()
    };
    let units = unit_rows(lookup);
    let led = units
        .iter()
        .map(|row| (row.name.to_owned(), row.lead))
        .filter(|(_, count)| *count > 0);
    let no_lead = suggestions
        .iter()
        .filter(|suggestion| suggestion.lead_unit_id.is_none())
        .count();
    let conversions = CONVERSIONS.iter().map(|conversion| {
        (
            conversion.label().to_owned(),
            suggestions
                .iter()
                .filter(|suggestion| suggestion.conversion == Some(*conversion))
                .count(),
        )
    });
    let unconverted = suggestions
        .iter()
        .filter(|suggestion| suggestion.conversion.is_none())
        .count();
    let merged = lookup
        .record
        .questions
        .iter()
        .filter(|question| question.disposition == Some(Disposition::Merged))
        .count();
    let merged_into = lookup
        .record
        .questions
        .iter()
        .filter(|question| question.merged_into.is_some())
        .count();
    let tasks = suggestions
        .iter()
        .map(|suggestion| unit_ids(suggestion).count())
        .sum();
    let task_parts = [
        ("主办", units.iter().map(|row| row.lead).sum()),
        ("会办", units.iter().map(|row| row.co).sum()),
        ("分办", units.iter().map(|row| row.separate).sum()),
    ];
    vec![
        check(
            "提问总数 = 各处置之和",
            lookup.record.questions.len(),
            joined(
                tally
                    .iter()
                    .map(|line| (line.label().to_owned(), line.count))
                    .collect(),
            ),
        ),
        check(
            "归并的提问 = 有归并去向的提问",
            merged,
            (merged_into, format!("有归并去向 {merged_into}")),
        ),
        check(
            "意见建议总数 = 按主办单位之和",
            suggestions.len(),
            joined(led.chain([("无主办".to_owned(), no_lead)]).collect()),
        ),
        check(
            "意见建议总数 = 按类别之和",
            suggestions.len(),
            joined(groups(category_rows(&suggestions))),
        ),
        check(
            "意见建议总数 = 按转化形式之和",
            suggestions.len(),
            joined(conversions.chain([("未转化".to_owned(), unconverted)]).collect()),
        ),
        check(
            "意见建议总数 = 按办理结果之和",
            suggestions.len(),
            joined(groups(result_rows(&suggestions))),
        ),
        check(
            "承办任务总数 = 主办 + 会办 + 分办",
            tasks,
            joined(
                task_parts
                    .into_iter()
                    .map(|(word, count): (&str, usize)| (word.to_owned(), count))
                    .collect(),
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::example::model_case;
    use super::*;

    #[test]
    fn every_identity_of_the_model_case_holds_and_a_broken_one_shows() {
        let mut record = model_case();
        assert!(
            checks(&Lookup::new(&record).unwrap())
                .iter()
                .all(|check| check.left == check.right)
        );
        let merged = record
            .questions
            .iter_mut()
            .find(|question| question.merged_into.is_some())
            .expect("a merged question");
        merged.merged_into = None;
        assert!(
            checks(&Lookup::new(&record).unwrap())
                .iter()
                .any(|check| check.left != check.right)
        );
    }

    #[test]
    fn an_unanswered_evaluation_is_never_counted_as_satisfied() {
        let mut record = model_case();
        for suggestion in &mut record.suggestions {
            suggestion.handling.satisfaction = None;
        }
        let lookup = Lookup::new(&record).unwrap();
        assert!(
            unit_rows(&lookup)
                .iter()
                .all(|row| row.satisfied == 0 && row.evaluated == 0)
        );
    }
}
