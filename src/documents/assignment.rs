//! Assignment sheets 意见建议交办单: one file per unit, one sheet per suggestion, and a list of all.
//!
//! Fields of a sheet: proposal handling research, section 3.2. There is no official template; the boxes for
//! signing and sending back are left empty to be filled by hand or on the unit's desk.

use super::DocumentError;
use super::hand_over::{Answer, AnswerType, Source, Suggestion, Unit};
use super::labels::Label;
use super::lookup::{Lookup, chinese_date, clock, unit_ids, units_with_work};
use super::text;
use super::word::{Cell, Document, Paragraph, Row, Run, Style};
use super::word_parts;

/// Original voices printed on a sheet. More would push the signing boxes of a popular suggestion off the second page.
const SOURCES_MAX: usize = 12;
/// Characters printed of one voice.
const SOURCE_CHARS_MAX: usize = 200;
/// Characters printed of a summary.
const SUMMARY_CHARS_MAX: usize = 600;
/// Label, value, label, value.
const WIDTHS: [u32; 4] = [1_400, 3_022, 1_400, 3_023];

/// Units that get a file, in order.
pub fn units<'a>(lookup: &Lookup<'a>) -> Vec<&'a Unit> {
    units_with_work(lookup)
}

/// The title of a unit's file.
pub fn title(unit: &Unit) -> String {
    format!("意见建议交办单（{}）", text::one_line(&unit.name))
}

/// The file of one unit.
///
/// # Errors
/// The archive cannot be written.
pub fn write(lookup: &Lookup<'_>, unit: &Unit) -> Result<Vec<u8>, DocumentError> {
    let mut document = Document::new();
    let suggestions: Vec<&Suggestion> = lookup
        .suggestions()
        .into_iter()
        .filter(|suggestion| unit_ids(suggestion).any(|id| id == unit.id))
        .collect();
    document.text(Style::Title, "意见建议交办清单");
    document.field("承办单位", &unit.name);
    write_origin(&mut document, lookup);
    document.text(Style::Caption, format!("共{}件", suggestions.len()));
    let mut rows = vec![Row::head(&["编号", "意见建议", "承办", "办理时限", "附议和归并"])];
    for suggestion in &suggestions {
        rows.push(Row::new(vec![
            Cell::centre(&suggestion.code),
            Cell::text(text::one_line(&suggestion.title)),
            Cell::centre(role(suggestion, &unit.id)),
            Cell::centre(due(suggestion)),
            Cell::text(summary_line(suggestion)),
        ]));
    }
    document.table(&[1_450, 3_395, 700, 1_300, 2_000], &rows);
    for suggestion in &suggestions {
        write_sheet(&mut document, lookup, unit, suggestion);
    }
    word_parts::write(document, &title(unit), lookup)
}

/// The file that lists every suggestion by unit.
///
/// # Errors
/// The archive cannot be written.
pub fn write_summary(lookup: &Lookup<'_>) -> Result<Vec<u8>, DocumentError> {
    let mut document = Document::new();
    document.text(Style::Title, "意见建议交办汇总表");
    write_origin(&mut document, lookup);
    for unit in units(lookup) {
        let of_unit: Vec<&Suggestion> = lookup
            .suggestions()
            .into_iter()
            .filter(|suggestion| unit_ids(suggestion).any(|id| id == unit.id))
            .collect();
        document.text(
            Style::Caption,
            format!("{}（{}件）", text::one_line(&unit.name), of_unit.len()),
        );
        let mut rows = vec![Row::head(&[
            "编号",
            "意见建议",
            "承办",
            "办理时限",
            "签收人",
            "签收日期",
        ])];
        for suggestion in of_unit {
            rows.push(Row::new(vec![
                Cell::centre(&suggestion.code),
                Cell::text(text::one_line(&suggestion.title)),
                Cell::centre(role(suggestion, &unit.id)),
                Cell::centre(due(suggestion)),
                Cell::text(""),
                Cell::text(""),
            ]));
        }
        document.table(&[1_450, 3_195, 700, 1_300, 1_100, 1_100], &rows);
    }
    let unassigned: Vec<_> = lookup
        .suggestions()
        .into_iter()
        .filter(|suggestion| unit_ids(suggestion).next().is_none())
        .collect();
    if !unassigned.is_empty() {
        document.text(
            Style::Caption,
            format!("尚未确定承办单位（{}件）", unassigned.len()),
        );
        let mut rows = vec![Row::head(&["编号", "意见建议", "状态"])];
        for suggestion in unassigned {
            rows.push(Row::new(vec![
                Cell::centre(&suggestion.code),
                Cell::text(text::one_line(&suggestion.title)),
                Cell::centre(&suggestion.state),
            ]));
        }
        document.table(&[1_450, 5_595, 1_800], &rows);
    }
    word_parts::write(document, "意见建议交办汇总表", lookup)
}

fn write_origin(document: &mut Document, lookup: &Lookup<'_>) {
    let record = lookup.record;
    document.field("来源", origin(lookup));
    document.field("交办单位", contact(lookup));
    document.field("交办日期", lookup.day(record.generated_at_ms));
}

fn origin(lookup: &Lookup<'_>) -> String {
    let session = &lookup.record.session;
    format!(
        "{}第{}场“{}”，{}",
        lookup.record.hall.name,
        session.number,
        text::one_line(&session.title),
        lookup.day(session.started_ms)
    )
}

fn contact(lookup: &Lookup<'_>) -> String {
    let contact = &lookup.record.contact;
    let person: Vec<&str> = [contact.person.as_deref(), contact.phone.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    if person.is_empty() {
        contact.office.clone()
    } else {
        format!("{}（{}）", contact.office, person.join("，"))
    }
}

/// How a unit takes part.
fn role(suggestion: &Suggestion, unit_id: &str) -> &'static str {
    let in_list = |ids: &[String]| ids.iter().any(|id| id == unit_id);
    if suggestion.lead_unit_id.as_deref() == Some(unit_id) {
        "主办"
    } else if in_list(&suggestion.co_unit_ids) {
        "会办"
    } else {
        "分办"
    }
}

fn due(suggestion: &Suggestion) -> String {
    suggestion
        .due_date
        .map_or_else(|| "待定".to_owned(), |date| date.to_string())
}

fn summary_line(suggestion: &Suggestion) -> String {
    format!(
        "附议{}人次\n归并{}条",
        suggestion.supports, suggestion.merged_count
    )
}

fn write_sheet(document: &mut Document, lookup: &Lookup<'_>, unit: &Unit, suggestion: &Suggestion) {
    let record = lookup.record;
    document.paragraph(&Paragraph::new(Style::SheetTitle, "意见建议交办单").on_new_page());
    let wide = |label: &str, value: String| Row::new(vec![Cell::head(label), Cell::text(value).span(3)]);
    let pair = |left: &str, left_value: String, right: &str, right_value: String| {
        Row::new(vec![
            Cell::head(left),
            Cell::text(left_value),
            Cell::head(right),
            Cell::text(right_value),
        ])
    };
    let handling = &suggestion.handling;
    let requirement = suggestion
        .requirement
        .clone()
        .unwrap_or_else(|| "请研究办理，逐条答复。".to_owned());
    let assigned = lookup.day(handling.assigned_ms.unwrap_or(record.generated_at_ms));
    let rows = [
        pair("编号", suggestion.code.clone(), "交办日期", assigned),
        pair(
            "承办",
            format!("{}（{}）", unit.name, role(suggestion, &unit.id)),
            "类别",
            category(suggestion),
        ),
        wide("来源", origin(lookup)),
        pair(
            "直播时间点",
            suggestion.clock_ms.map_or_else(|| "—".to_owned(), clock),
            "回放链接",
            or_dash(record.session.replay_url.clone().unwrap_or_default()),
        ),
        wide("标题", text::one_line(&suggestion.title)),
        wide(
            "摘要",
            text::cut(
                &text::clean(&suggestion.summary),
                SUMMARY_CHARS_MAX,
                text::CUT_MARK,
            )
            .into_owned(),
        )
        .height_twips(720)
        .may_split(),
        pair(
            "原文和归并",
            sources_in_words(suggestion),
            "涉及网民",
            format!("附议{}人次", suggestion.supports),
        ),
        wide("现场答复", live_answers(lookup, suggestion)).may_split(),
        pair(
            "主办单位",
            suggestion
                .lead_unit_id
                .as_deref()
                .map_or("待定", |id| lookup.unit_name(id))
                .to_owned(),
            "会办单位",
            or_dash(lookup.unit_names(&suggestion.co_unit_ids)),
        ),
        pair(
            "分办单位",
            or_dash(lookup.unit_names(&suggestion.separate_unit_ids)),
            "督办级别",
            or_dash(handling.supervision.clone().unwrap_or_default()),
        ),
        wide("办理要求", requirement),
        wide("办理时限", due_in_words(suggestion)),
        wide("交办单位", contact(lookup)),
        wide("反馈方式", record.contact.feedback.clone()),
        pair(
            "签收单位",
            String::new(),
            "签收人\n签收时间",
            handling.signed_ms.map(|ms| lookup.minute(ms)).unwrap_or_default(),
        )
        .height_twips(760),
        wide("退办意见\n及理由", String::new()).height_twips(760),
        wide("备注", handling.remark.clone().unwrap_or_default()),
    ];
    document.table(&WIDTHS, &rows);
    write_sources(document, lookup, suggestion);
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "—".to_owned() } else { text }
}

fn category(suggestion: &Suggestion) -> String {
    let code = suggestion
        .category_code
        .as_deref()
        .map(|code| format!("（{code}）"))
        .unwrap_or_default();
    format!("{}{code}", suggestion.category.as_deref().unwrap_or("未分类"))
}

/// `3条（原文附后）；主并：2026-03-011`
fn sources_in_words(suggestion: &Suggestion) -> String {
    let sources = format!("{}条（原文附后）", suggestion.sources.len());
    match &suggestion.merge {
        Some(merge) => format!("{sources}；{}：{}", merge.role.label(), merge.with.join("、")),
        None => sources,
    }
}

fn due_in_words(suggestion: &Suggestion) -> String {
    let date = suggestion
        .due_date
        .map_or_else(|| "待定".to_owned(), |date| format!("{}前", chinese_date(date)));
    match &suggestion.due_basis {
        Some(basis) => format!("{date}（{}）", text::one_line(basis)),
        None => date,
    }
}

fn live_answers(lookup: &Lookup<'_>, suggestion: &Suggestion) -> String {
    let lines: Vec<String> = lookup
        .live_answers(suggestion)
        .map(|answer| live_answer(lookup, answer))
        .collect();
    if lines.is_empty() {
        "现场未答复".to_owned()
    } else {
        lines.join("\n")
    }
}

fn live_answer(lookup: &Lookup<'_>, answer: &Answer) -> String {
    let mut place: Vec<String> = answer.start_clock_ms.map(clock).into_iter().collect();
    place.push(lookup.unit_name(&answer.unit_id).to_owned());
    place.extend(answer.speaker.as_deref().map(text::one_line));
    let until = match (answer.answer_type, answer.due_date) {
        (AnswerType::Commitment, Some(date)) => format!("（承诺{}前完成）", chinese_date(date)),
        _ => String::new(),
    };
    let body = text::one_line(&answer.body);
    format!(
        "{}：{}{until}",
        place.join(" "),
        text::cut(&body, SOURCE_CHARS_MAX, text::CUT_MARK)
    )
}

fn write_sources(document: &mut Document, lookup: &Lookup<'_>, suggestion: &Suggestion) {
    if suggestion.sources.is_empty() {
        return;
    }
    document
        .paragraph(&Paragraph::of(Style::Note, vec![Run::strong("附：归并清单（原文）")]).keep_with_next());
    for (index, source) in suggestion.sources.iter().take(SOURCES_MAX).enumerate() {
        document.text(Style::Note, source_line(index + 1, source, lookup));
    }
    if suggestion.sources.len() > SOURCES_MAX {
        document.text(
            Style::Note,
            format!(
                "其余{}条见 package.json。",
                suggestion.sources.len() - SOURCES_MAX
            ),
        );
    }
}

fn source_line(index: usize, source: &Source, lookup: &Lookup<'_>) -> String {
    let mut place = vec![match source.number {
        Some(number) => format!("{}{number}号", source.kind.label()),
        None => source.kind.label().to_owned(),
    }];
    place.push(text::one_line(&source.author));
    place.extend(
        source
            .clock_ms
            .map(clock)
            .or_else(|| source.said_ms.map(|ms| lookup.time_of_day(ms))),
    );
    let body = text::one_line(&source.text);
    format!(
        "{index}.（{}）{}",
        place.join("，"),
        text::cut(&body, SOURCE_CHARS_MAX, text::CUT_MARK)
    )
}
