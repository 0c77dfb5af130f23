//! The master ledger 台账: forty columns in fixed order, and the sheets counted from it.
//!
//! Source of columns and sheets: proposal handling research, section 3.3. Every number on the further sheets is
//! counted here from the same suggestions the first sheet lists; nothing is a formula and nothing is stored.

use std::collections::BTreeMap;

use super::DocumentError;
use super::hand_over::{Answer, Disposition, Satisfaction, Suggestion};
use super::labels::{CONVERSIONS, Label, NOT_EVALUATED, RESULT_CLASSES, STATES};
use super::lookup::{Lookup, chinese_date, clock, unit_ids};
use super::sheet::{Book, Layout, Paper};
use super::table::{Column, Kind, Value, visible};

/// Version of keys and order of the ledger, in the hidden row after the last key.
pub const LEDGER_SCHEMA: &str = "yishiting-ledger/1";

/// One row of the ledger.
pub struct LedgerRow<'a> {
    lookup: &'a Lookup<'a>,
    suggestion: &'a Suggestion,
    row_number: usize,
}

/// The forty columns.
pub fn columns<'a>() -> [Column<LedgerRow<'a>>; 40] {
    use Kind::{Code, Date, DateTime, Number, OneOf, Percent, Text};
    let column = Column::<LedgerRow<'a>>::new;
    [
        column("row", "序号", 5, Number, "本表行号，从 1 起。", |row| Value::count(row.row_number)),
        column("code", "案号/编号", 13, Code, "意见建议的编号，办理全程不变。", |row| Value::opt_code(Some(&row.suggestion.code))),
        column("session", "来源活动", 16, Text, "协商会的期号和主题。", |row| {
            let session = &row.lookup.record.session;
            Value::text(format!("{} {}", session.number, session.title))
        }),
        column("clock", "直播时间点", 8, Code, "首次提出时的直播时间（时:分:秒，以开播为零点）。", |row| {
            Value::opt_code(row.suggestion.clock_ms.map(clock).as_deref())
        }),
        column("raised_at", "提出时间", 11, DateTime, "首次提出的时间，按数据字典所列时区。", |row| {
            Value::DateTime(row.lookup.local(row.suggestion.raised_ms))
        }),
        column("proposer", "提出人(脱敏)", 9, Text, "脱敏后的显示名；公开版只写网民或委员。", |row| Value::text(&row.suggestion.proposer)).reduced(),
        column("proposer_tier", "提出人类别", 9, Text, "网民、网民（已验证）、委员或工作人员。", |row| Value::text(row.suggestion.tier.label())),
        column("title", "意见建议标题(案由)", 22, Text, "一句话的案由。", |row| Value::text(&row.suggestion.title)),
        column("summary", "摘要", 34, Text, "内容摘要；原文在 package.json 的 sources 中。", |row| Value::text(&row.suggestion.summary)),
        column("category", "类别", 9, Text, "本厅的分类。", |row| Value::opt_text(row.suggestion.category.as_deref())),
        column("category_code", "类别代码", 8, Code, "分类代码，按文本保存。", |row| Value::opt_code(row.suggestion.category_code.as_deref())),
        column("supports", "附议/点赞数", 7, Number, "全部来源的附议人次。", |row| Value::number(row.suggestion.supports)),
        column("merged_count", "归并条数", 6, Number, "归并到本条的原始意见条数。", |row| Value::Number(row.suggestion.merged_count.into())),
        column("merge", "归并关系(主并/被并)", 11, Text, "与其他编号的归并关系；被并件保留各自提出人。", |row| {
            let merge = row.suggestion.merge.as_ref();
            Value::opt_text(merge.map(|merge| format!("{} {}", merge.role.label(), merge.with.join("、"))).as_deref())
        }),
        column("answered_live", "现场是否答复", 10, Text, "是否在直播中答复过，及答复的时间点和单位。", |row| Value::text(live_answers(row))),
        column("conversion", "转化形式(提案/交办件/社情民意/12345/信访/留存)", 9, OneOf(CONVERSION_WORDS), "转成了什么。", |row| {
            Value::opt_text(row.suggestion.conversion.map(Label::label))
        }),
        column("acceptance", "立案/受理情况", 9, Text, "立案或受理的结论。", |row| Value::opt_text(row.suggestion.handling.acceptance.as_deref())),
        column("lead_unit", "主办单位", 13, Text, "牵头办理的单位。", |row| {
            Value::opt_text(row.suggestion.lead_unit_id.as_deref().map(|id| row.lookup.unit_name(id)))
        }),
        column("co_units", "会办单位", 13, Text, "会办单位，顿号分隔。", |row| Value::text(row.lookup.unit_names(&row.suggestion.co_unit_ids))),
        column("separate_units", "分办单位", 11, Text, "各自答复的分办单位，顿号分隔。", |row| {
            Value::text(row.lookup.unit_names(&row.suggestion.separate_unit_ids))
        }),
        column("assigned_at", "交办时间", 11, DateTime, "交办的时间。", |row| local(row, row.suggestion.handling.assigned_ms)),
        column("signed_at", "签收时间", 11, DateTime, "主办单位签收的时间。", |row| local(row, row.suggestion.handling.signed_ms)),
        column("due_date", "办理时限", 11, Date, "应答复的日期。", |row| row.suggestion.due_date.map_or(Value::Empty, Value::Date)),
        column("days_left", "剩余/超期工作日", 8, Number, "距办理时限的工作日数，负数为超期。", |row| {
            row.suggestion.handling.days_left.map_or(Value::Empty, Value::Number)
        }),
        column("extension", "延期情况", 9, Text, "延期的批准情况和期限。", |row| Value::opt_text(row.suggestion.handling.extension.as_deref())),
        column("clerk", "承办人及电话(内)", 12, Code, "承办人及电话，仅内部版。", |row| Value::opt_code(row.suggestion.handling.clerk.as_deref())).internal(),
        column("state", "当前状态", 9, OneOf(STATES), "办理状态。", |row| Value::text(&row.suggestion.state)),
        column("progress", "最近进展", 16, Text, "最近一次进展。", |row| Value::opt_text(row.suggestion.handling.progress.as_deref())),
        column("reply_number", "答复文号", 12, Code, "答复函的文号。", |row| Value::opt_code(row.suggestion.handling.reply_number.as_deref())),
        column("reply_date", "答复日期", 11, Date, "答复函的日期。", |row| row.suggestion.handling.reply_date.map_or(Value::Empty, Value::Date)),
        column("result_class", "办理结果类别", 7, OneOf(RESULT_CLASSES), "办理结果的类别字母。", |row| {
            Value::opt_text(row.suggestion.handling.result_class.as_deref())
        }),
        column("commitments", "承诺事项及期限", 20, Text, "现场承诺的事项和完成期限。", |row| Value::text(commitments(row))),
        column("progress_percent", "落实进度%", 7, Percent, "落实进度；已答复不等于已落实。", |row| {
            row.suggestion.handling.progress_percent.map_or(Value::Empty, |percent| Value::Percent(percent.min(100)))
        }),
        column("satisfaction", "提案者满意度", 8, OneOf(SATISFACTION_WORDS), "提出人的评价；未评价单列，不计入满意。", |row| {
            Value::text(satisfaction(row.suggestion.handling.satisfaction))
        }),
        column("dissatisfaction", "不满意原因/再办理次数", 12, Text, "内部版写原因和次数，公开版只写次数。", |row| Value::text(dissatisfaction(row))).reduced(),
        column("supervision", "督办级别", 8, Text, "催办、督办、重点督办、通报。", |row| Value::opt_text(row.suggestion.handling.supervision.as_deref())),
        column("publication", "公开方式", 9, Text, "全文公开、摘要公开或不公开及理由。", |row| Value::opt_text(row.suggestion.handling.publication.as_deref())),
        column("public_url", "公开链接", 16, Text, "公开页的网址，按文本保存。", |row| Value::opt_text(row.suggestion.handling.public_url.as_deref())),
        column("archive_number", "归档号", 9, Code, "归档号。", |row| Value::opt_code(row.suggestion.handling.archive_number.as_deref())),
        column("remark", "备注", 14, Text, "备注，仅内部版。", |row| Value::opt_text(row.suggestion.handling.remark.as_deref())).internal(),
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
    let places: Vec<String> = row.lookup.live_answers(row.suggestion).map(|answer| answer_place(row.lookup, answer)).collect();
    if places.is_empty() { "否".to_owned() } else { format!("是（{}）", places.join("；")) }
}

/// `42:10 区供电公司`
fn answer_place(lookup: &Lookup<'_>, answer: &Answer) -> String {
    let unit = lookup.unit_name(&answer.unit_id);
    answer.start_clock_ms.map_or_else(|| unit.to_owned(), |ms| format!("{} {unit}", clock(ms)))
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
    [handling.dissatisfaction.clone(), times].into_iter().flatten().collect::<Vec<_>>().join("；")
}

/// The file `台账.xlsx`.
///
/// # Errors
/// The format refuses something.
pub fn write(lookup: &Lookup<'_>) -> Result<Vec<u8>, DocumentError> {
    let heading = format!("{}意见建议办理台账（{}）", lookup.record.hall.name, lookup.record.privacy.label());
    let mut book = Book::new(&heading, lookup)?;
    let suggestions = lookup.suggestions();
    let master = Layout { name: "台账", heading: &heading, paper: Paper::A3, schema: Some(LEDGER_SCHEMA), frozen_columns: 2 };
    let rows = suggestions.iter().enumerate().map(|(index, suggestion)| LedgerRow { lookup, suggestion, row_number: index + 1 });
    book.sheet(&master, lookup, &columns(), rows)?;

    let layout = |name| Layout { name, heading: name, paper: Paper::A4, schema: None, frozen_columns: 1 };
    book.sheet(&layout("按单位统计"), lookup, &unit_columns(), unit_rows(lookup))?;
    book.sheet(&layout("按类别统计"), lookup, &group_columns("category", "类别"), category_rows(&suggestions))?;
    book.sheet(&layout("办理结果"), lookup, &group_columns("result_class", "办理结果类别"), result_rows(&suggestions))?;
    book.sheet(&layout("超期清单"), lookup, &overdue_columns(), overdue(lookup, &suggestions))?;
    book.sheet(&layout("承诺清单"), lookup, &commitment_columns(), lookup.commitments().into_iter().map(|answer| CommitmentRow { lookup, answer }))?;
    book.sheet(&layout("数据字典"), lookup, &dictionary_columns(), dictionary(lookup))?;
    book.sheet(&layout("校验"), lookup, &check_columns(), checks(lookup))?;
    book.finish()
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
        column("unit", "单位", 24, Text, "承办单位。", |row| Value::text(row.name)),
        column("lead", "主办", 9, Number, "主办件数。", |row| Value::count(row.lead)),
        column("co", "会办", 9, Number, "会办件数。", |row| Value::count(row.co)),
        column("separate", "分办", 9, Number, "分办件数。", |row| Value::count(row.separate)),
        column("signed", "主办已签收", 11, Number, "主办件中已签收的件数。", |row| Value::count(row.signed)),
        column("replied", "主办已答复", 11, Number, "主办件中已答复的件数。", |row| Value::count(row.replied)),
        column("overdue", "主办超期未答复", 14, Number, "主办件中过了时限仍未答复的件数。", |row| Value::count(row.overdue)),
        column("evaluated", "主办已评价", 11, Number, "主办件中提出人已评价的件数。", |row| Value::count(row.evaluated)),
        column("satisfied", "满意和基本满意", 14, Number, "其中满意和基本满意的件数；未评价不计。", |row| Value::count(row.satisfied)),
        column("commitments", "承诺事项", 10, Number, "该单位作出的承诺件数。", |row| Value::count(row.commitments)),
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
    let index: BTreeMap<&str, usize> = lookup.record.units.iter().zip(0..).map(|(unit, index)| (unit.id.as_str(), index)).collect();
    for suggestion in &lookup.record.suggestions {
        for id in &suggestion.co_unit_ids {
            rows[index[id.as_str()]].co += 1;
        }
        for id in &suggestion.separate_unit_ids {
            rows[index[id.as_str()]].separate += 1;
        }
        let Some(lead) = suggestion.lead_unit_id.as_deref() else { continue };
        let row = &mut rows[index[lead]];
        let handling = &suggestion.handling;
        row.lead += 1;
        row.signed += usize::from(handling.signed_ms.is_some());
        row.replied += usize::from(handling.reply_date.is_some());
        row.overdue += usize::from(lookup.is_overdue(suggestion));
        row.evaluated += usize::from(handling.satisfaction.is_some());
        row.satisfied += usize::from(matches!(handling.satisfaction, Some(Satisfaction::Satisfied | Satisfaction::Basically)));
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
        column(key, title, 24, Text, "分组的值。", |row| Value::text(&row.word)),
        column("suggestions", "意见建议件数", 14, Number, "件数。", |row| Value::count(row.count)),
        column("supports", "附议人次", 14, Number, "附议人次合计。", |row| Value::number(row.supports)),
        column("share", "占比", 10, Percent, "占全部件数的百分比，四舍五入。", |row| Value::Percent(row.share)),
    ]
}

/// Counts `suggestions` by a word; words in `first` come first even with nothing in them, the rest in order of their text.
fn group(suggestions: &[&Suggestion], first: &[&str], word: impl Fn(&Suggestion) -> String) -> Vec<GroupRow> {
    let mut counts: BTreeMap<(usize, String), (usize, u64)> =
        first.iter().enumerate().map(|(rank, word)| ((rank, (*word).to_owned()), (0, 0))).collect();
    for suggestion in suggestions {
        let word = word(suggestion);
        let rank = first.iter().position(|known| *known == word).unwrap_or(first.len());
        let entry = counts.entry((rank, word)).or_default();
        entry.0 += 1;
        entry.1 = entry.1.saturating_add(suggestion.supports);
    }
    let all = suggestions.len().max(1);
    let share = |count: usize| u8::try_from((count * 200 + all) / (all * 2)).unwrap_or(100);
    counts.into_iter().map(|((_, word), (count, supports))| GroupRow { word, count, supports, share: share(count) }).collect()
}

fn category_rows(suggestions: &[&Suggestion]) -> Vec<GroupRow> {
    group(suggestions, &[], |suggestion| suggestion.category.clone().unwrap_or_else(|| "未分类".to_owned()))
}

fn result_rows(suggestions: &[&Suggestion]) -> Vec<GroupRow> {
    let mut first = RESULT_CLASSES.to_vec();
    first.push(NO_RESULT);
    group(suggestions, &first, |suggestion| suggestion.handling.result_class.clone().unwrap_or_else(|| NO_RESULT.to_owned()))
}

const NO_RESULT: &str = "尚无结果";

fn overdue<'a>(lookup: &'a Lookup<'a>, suggestions: &'a [&'a Suggestion]) -> impl Iterator<Item = LedgerRow<'a>> {
    let overdue = suggestions.iter().filter(|suggestion| lookup.is_overdue(suggestion));
    overdue.enumerate().map(|(index, suggestion)| LedgerRow { lookup, suggestion, row_number: index + 1 })
}

/// The columns of the ledger that matter for what is late.
fn overdue_columns<'a>() -> Vec<Column<LedgerRow<'a>>> {
    let keys = ["row", "code", "title", "lead_unit", "co_units", "due_date", "days_left", "state", "supervision"];
    columns().into_iter().filter(|column| keys.contains(&column.key)).collect()
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
        column("body", "承诺事项", 46, Text, "承诺的内容。", |row| Value::text(&row.answer.body)),
        column("unit", "责任单位", 18, Text, "作出承诺的单位。", |row| Value::text(row.lookup.unit_name(&row.answer.unit_id))),
        column("owner", "责任人", 14, Text, "负责落实的人或科室。", |row| Value::opt_text(row.answer.owner.as_deref())),
        column("due_date", "完成时限", 12, Date, "完成的日期。", |row| row.answer.due_date.map_or(Value::Empty, Value::Date)),
        column("kind", "方式", 8, Text, "现场或书面。", |row| Value::text(row.answer.kind.label())),
        column("clock", "直播时间点", 11, Code, "现场承诺的直播时间。", |row| Value::opt_code(row.answer.start_clock_ms.map(clock).as_deref())),
        column("question", "来源提问", 34, Text, "提问编号和内容。", |row| {
            let question = row.answer.question_id.as_deref().and_then(|id| row.lookup.question(id));
            Value::opt_text(question.map(|question| format!("{} 号：{}", question.number, question.text)).as_deref())
        }),
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
        column("position", "列号", 7, Number, "本版台账中的列号。", |row| Value::count(row.position)),
        column("title", "列名", 34, Text, "台账的列名。", |row| Value::text(row.title)),
        column("key", "机器键", 18, Text, "隐藏的第二行中的键。", |row| Value::text(row.key)),
        column("kind", "类型", 14, Text, "值的类型。", |row| Value::text(row.kind)),
        column("visibility", "公开范围", 14, Text, "两个版本的差别。", |row| Value::text(row.visibility)),
        column("meaning", "说明", 50, Text, "含义。", |row| Value::text(row.meaning)),
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
        column("check", "校验项", 34, Text, "恒等式。", |row| Value::text(row.name)),
        column("left", "总数", 10, Number, "总数。", |row| Value::count(row.left)),
        column("right", "各项之和", 10, Number, "各项之和。", |row| Value::count(row.right)),
        column("result", "结果", 10, Text, "一致或不一致。", |row| Value::text(if row.left == row.right { "一致" } else { "不一致" })),
        column("parts", "各项", 60, Text, "各项的数。", |row| Value::text(&row.parts)),
    ]
}

/// The identities of a record. Each side is counted in its own way, so that a mistake in one shows.
pub fn checks(lookup: &Lookup<'_>) -> Vec<Check> {
    let suggestions = lookup.suggestions();
    let tally = lookup.tally();
    let joined = |parts: Vec<(String, usize)>| {
        let text: Vec<String> = parts.iter().map(|(word, count)| format!("{word} {count}")).collect();
        (parts.iter().map(|(_, count)| count).sum::<usize>(), text.join("，"))
    };
    let check = |name, left, (right, parts)| Check { name, left, right, parts };
    let groups = |rows: Vec<GroupRow>| rows.into_iter().map(|row| (row.word, row.count)).collect::<Vec<_>>();
    let units = unit_rows(lookup);
    let led = units.iter().map(|row| (row.name.to_owned(), row.lead)).filter(|(_, count)| *count > 0);
    let no_lead = suggestions.iter().filter(|suggestion| suggestion.lead_unit_id.is_none()).count();
    let conversions = CONVERSIONS.iter().map(|conversion| {
        (conversion.label().to_owned(), suggestions.iter().filter(|suggestion| suggestion.conversion == Some(*conversion)).count())
    });
    let unconverted = suggestions.iter().filter(|suggestion| suggestion.conversion.is_none()).count();
    let merged = lookup.record.questions.iter().filter(|question| question.disposition == Some(Disposition::Merged)).count();
    let merged_into = lookup.record.questions.iter().filter(|question| question.merged_into.is_some()).count();
    let tasks = suggestions.iter().map(|suggestion| unit_ids(suggestion).count()).sum();
    let task_parts = [("主办", units.iter().map(|row| row.lead).sum()), ("会办", units.iter().map(|row| row.co).sum()), ("分办", units.iter().map(|row| row.separate).sum())];
    vec![
        check("提问总数 = 各处置之和", lookup.record.questions.len(), joined(tally.iter().map(|line| (line.label().to_owned(), line.count)).collect())),
        check("归并的提问 = 有归并去向的提问", merged, (merged_into, format!("有归并去向 {merged_into}"))),
        check("意见建议总数 = 按主办单位之和", suggestions.len(), joined(led.chain([("无主办".to_owned(), no_lead)]).collect())),
        check("意见建议总数 = 按类别之和", suggestions.len(), joined(groups(category_rows(&suggestions)))),
        check("意见建议总数 = 按转化形式之和", suggestions.len(), joined(conversions.chain([("未转化".to_owned(), unconverted)]).collect())),
        check("意见建议总数 = 按办理结果之和", suggestions.len(), joined(groups(result_rows(&suggestions)))),
        check("承办任务总数 = 主办 + 会办 + 分办", tasks, joined(task_parts.into_iter().map(|(word, count): (&str, usize)| (word.to_owned(), count)).collect())),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::example::model_case;
    use super::super::hand_over::Privacy;
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_plan_in_order() {
        let titles: Vec<&str> = columns().iter().map(|column| column.title).collect();
        assert_eq!(
            titles.join(" · "),
            "序号 · 案号/编号 · 来源活动 · 直播时间点 · 提出时间 · 提出人(脱敏) · 提出人类别 · 意见建议标题(案由) · 摘要 · 类别 · 类别代码 · 附议/点赞数 · 归并条数 · 归并关系(主并/被并) · 现场是否答复 · 转化形式(提案/交办件/社情民意/12345/信访/留存) · 立案/受理情况 · 主办单位 · 会办单位 · 分办单位 · 交办时间 · 签收时间 · 办理时限 · 剩余/超期工作日 · 延期情况 · 承办人及电话(内) · 当前状态 · 最近进展 · 答复文号 · 答复日期 · 办理结果类别 · 承诺事项及期限 · 落实进度% · 提案者满意度 · 不满意原因/再办理次数 · 督办级别 · 公开方式 · 公开链接 · 归档号 · 备注"
        );
        assert_eq!(columns().iter().map(|column| column.key).collect::<BTreeSet<_>>().len(), 40);
    }

    #[test]
    fn the_public_ledger_has_no_clerk_and_no_remark() {
        let columns = columns();
        let keys: Vec<&str> = visible(&columns, Privacy::Public).iter().map(|column| column.key).collect();
        assert_eq!(keys.len(), 38);
        assert!(!keys.contains(&"clerk") && !keys.contains(&"remark"));
    }

    #[test]
    fn every_identity_of_the_model_case_holds_and_a_broken_one_shows() {
        let mut record = model_case();
        assert!(checks(&Lookup::new(&record).unwrap()).iter().all(|check| check.left == check.right));
        let merged = record.questions.iter_mut().find(|question| question.merged_into.is_some()).expect("a merged question");
        merged.merged_into = None;
        assert!(checks(&Lookup::new(&record).unwrap()).iter().any(|check| check.left != check.right));
    }

    #[test]
    fn the_offered_words_are_the_labels() {
        assert_eq!(CONVERSION_WORDS, CONVERSIONS.map(Label::label));
        assert_eq!(SATISFACTION_WORDS[..3], [Satisfaction::Satisfied, Satisfaction::Basically, Satisfaction::Unsatisfied].map(Label::label));
    }

    #[test]
    fn an_unanswered_evaluation_is_never_counted_as_satisfied() {
        let mut record = model_case();
        for suggestion in &mut record.suggestions {
            suggestion.handling.satisfaction = None;
        }
        let lookup = Lookup::new(&record).unwrap();
        assert!(unit_rows(&lookup).iter().all(|row| row.satisfied == 0 && row.evaluated == 0));
    }
}
