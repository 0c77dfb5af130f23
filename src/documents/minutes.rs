//! Minutes 协商纪要.
//!
//! Fields: proposal handling research, section 3.4. What no query can know (background, agreed points, minority
//! views, next steps, distribution) comes from the record; a part nobody wrote is left out, not invented.

use std::collections::BTreeMap;

use super::DocumentError;
use super::hand_over::{Answer, AnswerKind, AnswerType, Disposition, HandOver, Presence, Question};
use super::labels::{Label, OPEN};
use super::lookup::{Lookup, chinese_date, clock, unit_ids};
use super::text;
use super::word::{Cell, Document, Paragraph, Row, Run, Style};
use super::word_parts;

/// Characters of 2号 (22 pt) on a line of 442 pt.
const TITLE_LINE_CHARS: usize = 20;
/// Questions quoted per topic, by support. The rest are counted, and listed in the result list.
const QUESTIONS_PER_TOPIC_MAX: usize = 3;
/// Characters quoted of one question.
const QUESTION_CHARS_MAX: usize = 120;
/// Characters quoted of one answer.
const ANSWER_CHARS_MAX: usize = 240;
/// Answers printed per unit, live ones first. The rest are in the result list.
const ANSWERS_PER_UNIT_MAX: usize = 20;
/// Suggestions listed; minutes are read, and the ledger has them all.
const SUGGESTIONS_MAX: usize = 200;
/// Open or declined questions listed.
const UNSETTLED_MAX: usize = 30;

/// The title of the minutes.
pub fn title(record: &HandOver) -> String {
    format!(
        "关于“{}”的{}纪要",
        text::one_line(&record.session.title),
        record.session.kind.label()
    )
}

/// The title as it is printed: a long one breaks where the sense does, so that no single character is left on the second line.
fn broken_title(record: &HandOver) -> String {
    let title = title(record);
    match title.rfind("”的") {
        Some(end) if title.chars().count() > TITLE_LINE_CHARS => {
            let end = end + "”的".len();
            format!("{}\n{}", &title[..end], &title[end..])
        }
        _ => title,
    }
}

/// The file `协商纪要.docx`.
///
/// # Errors
/// The archive cannot be written.
pub fn write(lookup: &Lookup<'_>) -> Result<Vec<u8>, DocumentError> {
    let record = lookup.record;
    let mut document = Document::new();
    write_head(&mut document, lookup);
    let mut sections = Sections::default();
    sections.open(&mut document, "基本情况");
    write_background(&mut document, lookup);
    sections.open(&mut document, "各方主要意见");
    write_opinions(&mut document, lookup);
    if !record.answers.is_empty() {
        sections.open(&mut document, "部门回应");
        write_responses(&mut document, lookup);
    }
    sections.list(&mut document, "形成的共识", &record.minutes.consensus);
    sections.list(&mut document, "少数意见", &record.minutes.minority_views);
    if !record.suggestions.is_empty() {
        sections.open(&mut document, "意见建议清单");
        write_suggestions(&mut document, lookup);
    }
    if !lookup.commitments().is_empty() {
        sections.open(&mut document, "承诺事项清单");
        write_commitments(&mut document, lookup);
    }
    write_unsettled(&mut document, &mut sections, lookup);
    write_next_steps(&mut document, &mut sections, lookup);
    write_imprint(&mut document, lookup);
    word_parts::write(document, &title(record), lookup)
}

/// Numbers the sections that are there.
#[derive(Default)]
struct Sections {
    count: usize,
}

impl Sections {
    fn open(&mut self, document: &mut Document, name: &str) {
        self.count += 1;
        document.text(Style::Heading1, format!("{}、{name}", chinese_number(self.count)));
    }

    fn list(&mut self, document: &mut Document, name: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.open(document, name);
        for (index, item) in items.iter().enumerate() {
            document.text(Style::Body, format!("{}.{}", index + 1, text::one_line(item)));
        }
    }
}

/// 一 to 九十九; larger numbers as digits.
pub fn chinese_number(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match number {
        1..=9 => DIGITS[number].to_owned(),
        10..=19 => format!("十{}", DIGITS[number % 10]),
        20..=99 => format!("{}十{}", DIGITS[number / 10], DIGITS[number % 10]),
        _ => number.to_string(),
    }
}

fn write_head(document: &mut Document, lookup: &Lookup<'_>) {
    let record = lookup.record;
    let mark = record
        .hall
        .minutes_mark
        .clone()
        .unwrap_or_else(|| format!("{}协商纪要", record.hall.name));
    let mark = text::one_line(&mark);
    let half_points = mark_half_points(mark.chars().count());
    document.paragraph(&Paragraph::of(
        Style::Mark,
        vec![Run::plain(mark).half_points(half_points)],
    ));
    if let Some(issue) = &record.minutes.issue {
        document.text(Style::Issue, text::one_line(issue));
    }
    document.text(
        Style::IssueLine,
        format!(
            " {}\t{} ",
            text::one_line(&record.hall.body),
            lookup.day(record.generated_at_ms)
        ),
    );
    document.text(Style::Title, broken_title(record));

    let session = &record.session;
    document.field("时间", lookup.session_span());
    let place = session
        .place
        .as_deref()
        .map(|place| format!("{place}；"))
        .unwrap_or_default();
    document.field(
        "地点和平台",
        format!("{place}{}（{}）", session.platform, session.join_url),
    );
    if !session.host_names.is_empty() {
        document.field("主持人", session.host_names.join("、"));
    }
    let departments: Vec<&str> = departments_on_stage(lookup);
    if !departments.is_empty() {
        document.field("参加单位", departments.join("、"));
    }
    write_people(document, record);
    write_agenda(document, lookup);
}

/// Size of the red words: as large as fits on one line of 442 pt with a little air, 18 to 48 pt.
fn mark_half_points(characters: usize) -> u32 {
    let fits = 430 * 2 / u32::try_from(characters.max(1)).unwrap_or(u32::MAX);
    fits.clamp(36, 96)
}

/// Units that answered or were asked, in the order of the record.
fn departments_on_stage<'a>(lookup: &Lookup<'a>) -> Vec<&'a str> {
    let record = lookup.record;
    let spoke = |id: &str| {
        record.answers.iter().any(|answer| answer.unit_id == id)
            || record
                .questions
                .iter()
                .any(|question| question.unit_id.as_deref() == Some(id))
    };
    record
        .units
        .iter()
        .filter(|unit| spoke(&unit.id))
        .map(|unit| unit.name.as_str())
        .collect()
}

fn write_people(document: &mut Document, record: &HandOver) {
    for presence in [
        Presence::Department,
        Presence::Member,
        Presence::Expert,
        Presence::Citizen,
    ] {
        let of_kind: Vec<_> = record
            .people
            .iter()
            .filter(|person| person.presence == presence)
            .collect();
        if of_kind.is_empty() {
            continue;
        }
        // Unnamed people are counted, not repeated.
        let unnamed = of_kind
            .iter()
            .filter(|person| person.name == presence.label())
            .count();
        let mut words: Vec<String> = of_kind
            .iter()
            .filter(|person| person.name != presence.label())
            .map(|person| {
                let post: String = [person.organisation.as_deref(), person.title.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect();
                if post.is_empty() {
                    person.name.clone()
                } else {
                    format!("{}（{post}）", person.name)
                }
            })
            .collect();
        if unnamed > 0 {
            words.push(format!("{}{unnamed}人", presence.label()));
        }
        let label = if presence == Presence::Department {
            "部门到会人员"
        } else {
            presence.label()
        };
        document.field(label, words.join("、"));
    }
}

fn write_agenda(document: &mut Document, lookup: &Lookup<'_>) {
    let segments = &lookup.record.segments;
    if segments.is_empty() {
        return;
    }
    let lines: Vec<String> = segments
        .iter()
        .map(|segment| {
            let time = match (segment.started_ms, segment.ended_ms) {
                (Some(start), Some(end)) => {
                    format!("（{}—{}）", lookup.time_of_day(start), lookup.time_of_day(end))
                }
                (Some(start), None) => format!("（{}起）", lookup.time_of_day(start)),
                _ => "（未进行）".to_owned(),
            };
            format!("{}.{}{time}", segment.number, text::one_line(&segment.title))
        })
        .collect();
    document.field("议程", format!("{}。", lines.join("；")));
}

fn write_background(document: &mut Document, lookup: &Lookup<'_>) {
    let record = lookup.record;
    if let Some(background) = &record.minutes.background {
        for paragraph in text::clean(background)
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            document.text(Style::Body, paragraph.trim());
        }
    }
    let figures = &record.figures;
    document.text(
        Style::Body,
        format!(
            "直播期间最高同时在线{}人，参与{}人，发表评论{}条，提出问题{}件，附议{}人次。",
            grouped(figures.watching_peak),
            grouped(figures.participants),
            grouped(figures.comments),
            grouped(figures.questions),
            grouped(figures.supports)
        ),
    );
    let parts: Vec<String> = lookup
        .tally()
        .iter()
        .filter(|line| line.count > 0)
        .map(|line| format!("{}{}件", line.label(), line.count))
        .collect();
    let tally = if parts.is_empty() {
        String::new()
    } else {
        format!("，其中{}", parts.join("、"))
    };
    document.text(
        Style::Body,
        format!(
            "受理提问{}件{tally}。会后形成意见建议{}件，现场和书面承诺{}项。",
            record.questions.len(),
            record.suggestions.len(),
            lookup.commitments().len()
        ),
    );
}

/// `15,230`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn write_opinions(document: &mut Document, lookup: &Lookup<'_>) {
    let mut topics: BTreeMap<&str, Vec<&Question>> = BTreeMap::new();
    for question in &lookup.record.questions {
        topics
            .entry(question.topic.as_deref().unwrap_or("其他"))
            .or_default()
            .push(question);
    }
    let mut topics: Vec<_> = topics.into_iter().collect();
    let supports = |questions: &[&Question]| {
        questions
            .iter()
            .fold(0, |sum: u64, question| sum.saturating_add(question.supports))
    };
    topics.sort_by_key(|(topic, questions)| (std::cmp::Reverse(supports(questions)), *topic));
    if topics.is_empty() {
        document.text(Style::Body, "本场没有受理的提问。");
    }
    for (index, (topic, questions)) in topics.into_iter().enumerate() {
        let head = format!("（{}）{}", chinese_number(index + 1), text::one_line(topic));
        document.text(
            Style::Heading2,
            format!(
                "{head}（提问{}件，附议{}人次）",
                questions.len(),
                grouped(supports(&questions))
            ),
        );
        let mut heads: Vec<&Question> = questions
            .iter()
            .copied()
            .filter(|question| {
                !matches!(
                    question.disposition,
                    Some(Disposition::Merged | Disposition::Withdrawn)
                )
            })
            .collect();
        heads.sort_by_key(|question| (std::cmp::Reverse(question.supports), question.number));
        for (index, question) in heads.iter().take(QUESTIONS_PER_TOPIC_MAX).enumerate() {
            document.text(Style::Body, opinion(index + 1, question));
        }
        let rest = questions
            .len()
            .saturating_sub(heads.len().min(QUESTIONS_PER_TOPIC_MAX));
        if rest > 0 {
            document.text(
                Style::Body,
                format!("另有{rest}件（含归并）见责任清单的“结果清单”页。"),
            );
        }
    }
}

fn opinion(index: usize, question: &Question) -> String {
    let body = text::one_line(&question.text);
    let merged = if question.merged_count > 0 {
        format!("，归并{}件", question.merged_count)
    } else {
        String::new()
    };
    format!(
        "{index}.{}（{}号，{}，附议{}人次{merged}，{}）",
        text::cut(&body, QUESTION_CHARS_MAX, "……"),
        question.number,
        text::one_line(&question.asker),
        grouped(question.supports),
        question.disposition.map_or(OPEN, Label::label),
    )
}

fn write_responses(document: &mut Document, lookup: &Lookup<'_>) {
    let mut index = 0;
    for unit in &lookup.record.units {
        let mut answers: Vec<&Answer> = lookup
            .record
            .answers
            .iter()
            .filter(|answer| answer.unit_id == unit.id)
            .collect();
        if answers.is_empty() {
            continue;
        }
        index += 1;
        let live = answers
            .iter()
            .filter(|answer| answer.kind == AnswerKind::Live)
            .count();
        let counts = [("现场答复", live), ("书面答复", answers.len() - live)];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(word, count)| format!("{word}{count}件"))
            .collect();
        document.text(
            Style::Heading2,
            format!(
                "（{}）{}（{}）",
                chinese_number(index),
                text::one_line(&unit.name),
                counts.join("，")
            ),
        );
        answers.sort_by_key(|answer| answer.kind != AnswerKind::Live);
        for (index, answer) in answers.iter().take(ANSWERS_PER_UNIT_MAX).enumerate() {
            document.text(Style::Body, response(index + 1, answer, lookup));
        }
        if answers.len() > ANSWERS_PER_UNIT_MAX {
            let rest = answers.len() - ANSWERS_PER_UNIT_MAX;
            document.text(Style::Body, format!("另有{rest}件见责任清单的“结果清单”页。"));
        }
    }
}

fn response(index: usize, answer: &Answer, lookup: &Lookup<'_>) -> String {
    let question = answer.question_id.as_deref().and_then(|id| lookup.question(id));
    let about = question
        .map(|question| format!("就{}号提问", question.number))
        .unwrap_or_default();
    let body = text::one_line(&answer.body);
    let body = text::cut(&body, ANSWER_CHARS_MAX, "……");
    let body = body.trim_end_matches(['。', '.']);
    let owner = answer
        .owner
        .as_deref()
        .map(|owner| format!("责任人{}，", text::one_line(owner)))
        .unwrap_or_default();
    let more = match answer.answer_type {
        AnswerType::Explanation => String::new(),
        AnswerType::Commitment => format!(
            "；{owner}{}",
            answer.due_date.map_or_else(
                || "未定完成时限".to_owned(),
                |date| format!("{}前完成", chinese_date(date))
            )
        ),
        AnswerType::Refusal => answer
            .basis
            .as_deref()
            .map(|basis| format!("；依据：{}", text::one_line(basis)))
            .unwrap_or_default(),
        AnswerType::Transfer => answer
            .transfer_to
            .as_deref()
            .map(|id| format!("；转{}办理", lookup.unit_name(id)))
            .unwrap_or_default(),
    };
    let mut place = vec![answer.kind.label().to_owned()];
    place.extend(answer.start_clock_ms.map(clock));
    place.extend(answer.speaker.as_deref().map(text::one_line));
    format!(
        "{index}.{about}{}：{body}{more}（{}）。",
        answer.answer_type.label(),
        place.join("，")
    )
}

fn write_suggestions(document: &mut Document, lookup: &Lookup<'_>) {
    let mut rows = vec![Row::head(&[
        "编号",
        "意见建议",
        "主办（会办）",
        "附议",
        "归并",
        "办理时限",
    ])];
    let suggestions = lookup.suggestions();
    for suggestion in suggestions.iter().take(SUGGESTIONS_MAX) {
        let lead = suggestion
            .lead_unit_id
            .as_deref()
            .map_or("待定", |id| lookup.unit_name(id));
        let others =
            [&suggestion.co_unit_ids, &suggestion.separate_unit_ids].map(|ids| lookup.unit_names(ids));
        let others: Vec<String> = others.into_iter().filter(|names| !names.is_empty()).collect();
        let units = if others.is_empty() {
            lead.to_owned()
        } else {
            format!("{lead}\n（{}）", others.join("、"))
        };
        rows.push(Row::new(vec![
            Cell::centre(&suggestion.code),
            Cell::text(text::one_line(&suggestion.title)),
            Cell::text(units),
            Cell::centre(suggestion.supports.to_string()),
            Cell::centre(suggestion.merged_count.to_string()),
            Cell::centre(
                suggestion
                    .due_date
                    .map_or_else(|| "待定".to_owned(), |date| date.to_string()),
            ),
        ]));
    }
    document.table(&[1_450, 2_595, 2_200, 650, 650, 1_300], &rows);
    if suggestions.len() > SUGGESTIONS_MAX {
        let rest = suggestions.len() - SUGGESTIONS_MAX;
        document.text(Style::Note, format!("另有{rest}件见台账。"));
    }
}

fn write_commitments(document: &mut Document, lookup: &Lookup<'_>) {
    let mut rows = vec![Row::head(&[
        "序号",
        "承诺事项",
        "责任单位和责任人",
        "完成时限",
        "时间点",
    ])];
    for (index, answer) in lookup.commitments().into_iter().enumerate() {
        let owner = answer
            .owner
            .as_deref()
            .map(|owner| format!("\n{}", text::one_line(owner)))
            .unwrap_or_default();
        rows.push(Row::new(vec![
            Cell::centre((index + 1).to_string()),
            Cell::text(text::cut(
                &text::one_line(&answer.body),
                ANSWER_CHARS_MAX,
                text::CUT_MARK,
            )),
            Cell::text(format!("{}{owner}", lookup.unit_name(&answer.unit_id))),
            Cell::centre(
                answer
                    .due_date
                    .map_or_else(|| "未定".to_owned(), |date| date.to_string()),
            ),
            Cell::centre(
                answer
                    .start_clock_ms
                    .map_or_else(|| answer.kind.label().to_owned(), clock),
            ),
        ]));
    }
    document.table(&[650, 3_595, 2_300, 1_300, 1_000], &rows);
}

/// Questions that were declined or still stand open; those who asked them will look here first.
fn write_unsettled(document: &mut Document, sections: &mut Sections, lookup: &Lookup<'_>) {
    let unsettled: Vec<&Question> = lookup
        .questions()
        .into_iter()
        .filter(|question| matches!(question.disposition, None | Some(Disposition::Declined)))
        .collect();
    if unsettled.is_empty() {
        return;
    }
    sections.open(document, "未决和不予采纳事项");
    let mut rows = vec![Row::head(&["提问", "内容", "处置", "理由"])];
    for question in unsettled.iter().take(UNSETTLED_MAX) {
        rows.push(Row::new(vec![
            Cell::centre(question.number.to_string()),
            Cell::text(text::cut(
                &text::one_line(&question.text),
                QUESTION_CHARS_MAX,
                "……",
            )),
            Cell::centre(question.disposition.map_or(OPEN, Label::label)),
            Cell::text(
                question
                    .disposition_reason
                    .as_deref()
                    .map(text::one_line)
                    .unwrap_or_default(),
            ),
        ]));
    }
    document.table(&[900, 3_945, 1_300, 2_700], &rows);
    if unsettled.len() > UNSETTLED_MAX {
        document.text(
            Style::Note,
            format!(
                "另有{}件见责任清单的“结果清单”页。",
                unsettled.len() - UNSETTLED_MAX
            ),
        );
    }
}

fn write_next_steps(document: &mut Document, sections: &mut Sections, lookup: &Lookup<'_>) {
    let record = lookup.record;
    if record.minutes.next_steps.is_empty() && record.suggestions.is_empty() {
        return;
    }
    sections.open(document, "下一步");
    for (index, step) in record.minutes.next_steps.iter().enumerate() {
        document.text(Style::Body, format!("{}.{}", index + 1, text::one_line(step)));
    }
    if record.suggestions.is_empty() {
        return;
    }
    document.text(Style::Caption, "责任单位和时限");
    let mut rows = vec![Row::head(&["责任单位", "主办", "会办和分办", "承诺", "最早时限"])];
    for unit in &record.units {
        let lead: Vec<_> = record
            .suggestions
            .iter()
            .filter(|suggestion| suggestion.lead_unit_id.as_deref() == Some(&unit.id))
            .collect();
        let all = record
            .suggestions
            .iter()
            .filter(|suggestion| unit_ids(suggestion).any(|id| id == unit.id));
        let (count, first) = all.fold((0, None), |(count, first), suggestion| {
            (count + 1, first.into_iter().chain(suggestion.due_date).min())
        });
        let commitments: Vec<_> = lookup
            .commitments()
            .into_iter()
            .filter(|answer| answer.unit_id == unit.id)
            .collect();
        let first = commitments
            .iter()
            .filter_map(|answer| answer.due_date)
            .chain(first)
            .min();
        if count + commitments.len() == 0 {
            continue;
        }
        rows.push(Row::new(vec![
            Cell::text(&unit.name),
            Cell::centre(lead.len().to_string()),
            Cell::centre((count - lead.len()).to_string()),
            Cell::centre(commitments.len().to_string()),
            Cell::centre(first.map_or_else(|| "待定".to_owned(), |date| date.to_string())),
        ]));
    }
    document.table(&[3_545, 1_100, 1_500, 1_100, 1_600], &rows);
}

fn write_imprint(document: &mut Document, lookup: &Lookup<'_>) {
    let record = lookup.record;
    let mut lines = Vec::new();
    if !record.minutes.distribution.is_empty() {
        lines.push(format!("发送：{}。", record.minutes.distribution.join("，")));
    }
    lines.push(format!(
        "{}\t{}印发",
        text::one_line(&record.contact.office),
        lookup.day(record.generated_at_ms)
    ));
    document.text(Style::Note, "").imprint(&lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_are_what_one_writes() {
        for (number, word) in [
            (1, "一"),
            (10, "十"),
            (11, "十一"),
            (20, "二十"),
            (35, "三十五"),
            (100, "100"),
        ] {
            assert_eq!(chinese_number(number), word);
        }
    }

    #[test]
    fn large_counts_are_grouped() {
        assert_eq!(grouped(15_230), "15,230");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }

    #[test]
    fn the_red_words_fit_on_one_line() {
        assert_eq!(mark_half_points(8), 96);
        assert_eq!(mark_half_points(14), 61);
        assert_eq!(mark_half_points(400), 36);
    }
}
