//! A record with its references resolved once, and the ways to write an instant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use super::DocumentError;
use super::hand_over::{Answer, AnswerType, Disposition, HandOver, Question, Suggestion};
use super::labels::{Label, OPEN};

/// A record whose references all lead somewhere. Every document is made from one.
pub struct Lookup<'a> {
    /// The projected record.
    pub record: &'a HandOver,
    zone: TimeZone,
    unit_names: BTreeMap<&'a str, &'a str>,
    questions: BTreeMap<&'a str, &'a Question>,
    answers: BTreeMap<&'a str, &'a Answer>,
    answers_by_question: BTreeMap<&'a str, Vec<&'a Answer>>,
    suggestions: Vec<&'a Suggestion>,
}

/// One line of the tally: what became of how many questions.
pub struct TallyLine {
    /// Absent is open.
    pub disposition: Option<Disposition>,
    /// How many.
    pub count: usize,
}

impl TallyLine {
    /// The word for it.
    pub fn label(&self) -> &'static str {
        self.disposition.map_or(OPEN, Label::label)
    }
}

impl<'a> Lookup<'a> {
    /// Resolves the references.
    ///
    /// # Errors
    /// An id that is there twice or leads nowhere, an instant or offset outside the calendar.
    pub fn new(record: &'a HandOver) -> Result<Self, DocumentError> {
        let offset = record.time_zone.utc_offset_minutes;
        let zone = offset
            .checked_mul(60)
            .filter(|seconds| seconds.abs() < 24 * 60 * 60)
            .and_then(|seconds| Offset::from_seconds(seconds).ok())
            .map(TimeZone::fixed)
            .ok_or(DocumentError::Offset { minutes: offset })?;
        let mut answers_by_question: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for answer in &record.answers {
            if let Some(id) = answer.question_id.as_deref() {
                answers_by_question.entry(id).or_default().push(answer);
            }
        }
        let mut suggestions: Vec<_> = record.suggestions.iter().collect();
        suggestions.sort_by(|a, b| (a.number, &a.id).cmp(&(b.number, &b.id)));
        let lookup = Self {
            record,
            suggestions,
            answers_by_question,
            zone,
            unit_names: unique(
                "unit",
                record
                    .units
                    .iter()
                    .map(|unit| (unit.id.as_str(), unit.name.as_str())),
            )?,
            questions: unique(
                "question",
                record
                    .questions
                    .iter()
                    .map(|question| (question.id.as_str(), question)),
            )?,
            answers: unique(
                "answer",
                record.answers.iter().map(|answer| (answer.id.as_str(), answer)),
            )?,
        };
        unique(
            "suggestion",
            record
                .suggestions
                .iter()
                .map(|suggestion| (suggestion.id.as_str(), ())),
        )?;
        lookup.check_references()?;
        lookup.check_instants()?;
        Ok(lookup)
    }

    fn check_references(&self) -> Result<(), DocumentError> {
        let has_unit = |id: &str| self.unit_names.contains_key(id);
        let missing = |from: String, kind, id: &str| DocumentError::UnknownId {
            from,
            kind,
            id: id.to_owned(),
        };
        for question in &self.record.questions {
            let from = || format!("question {}", question.id);
            if let Some(id) = question.unit_id.as_deref().filter(|id| !has_unit(id)) {
                return Err(missing(from(), "unit", id));
            }
            if let Some(id) = question
                .merged_into
                .as_deref()
                .filter(|id| !self.questions.contains_key(id))
            {
                return Err(missing(from(), "question", id));
            }
        }
        for answer in &self.record.answers {
            let from = || format!("answer {}", answer.id);
            if let Some(id) = [Some(answer.unit_id.as_str()), answer.transfer_to.as_deref()]
                .into_iter()
                .flatten()
                .find(|id| !has_unit(id))
            {
                return Err(missing(from(), "unit", id));
            }
            if let Some(id) = answer
                .question_id
                .as_deref()
                .filter(|id| !self.questions.contains_key(id))
            {
                return Err(missing(from(), "question", id));
            }
        }
        for suggestion in &self.record.suggestions {
            let from = || format!("suggestion {}", suggestion.id);
            if let Some(id) = unit_ids(suggestion).find(|id| !has_unit(id)) {
                return Err(missing(from(), "unit", id));
            }
            if let Some(id) = suggestion
                .live_answer_ids
                .iter()
                .find(|id| !self.answers.contains_key(id.as_str()))
            {
                return Err(missing(from(), "answer", id));
            }
        }
        Ok(())
    }

    /// Every instant is looked at once, so that writing one cannot fail later.
    fn check_instants(&self) -> Result<(), DocumentError> {
        let record = self.record;
        let session = [
            record.generated_at_ms,
            record.session.started_ms,
            record.session.ended_ms,
        ];
        let segments = record
            .segments
            .iter()
            .flat_map(|segment| [segment.started_ms, segment.ended_ms])
            .flatten();
        let questions = record
            .questions
            .iter()
            .flat_map(|question| [Some(question.asked_ms), question.disposed_ms])
            .flatten();
        let answers = record.answers.iter().map(|answer| answer.given_ms);
        let suggestions = record.suggestions.iter().flat_map(|suggestion| {
            let own = [
                Some(suggestion.raised_ms),
                suggestion.handling.assigned_ms,
                suggestion.handling.signed_ms,
            ];
            own.into_iter()
                .chain(suggestion.sources.iter().map(|source| source.said_ms))
                .flatten()
        });
        let announcements = record
            .announcements
            .iter()
            .map(|announcement| announcement.issued_ms);
        let mut instants = session
            .into_iter()
            .chain(segments)
            .chain(questions)
            .chain(answers)
            .chain(suggestions)
            .chain(announcements);
        match instants.find(|ms| !INSTANT_MS.contains(ms)) {
            Some(ms) => Err(DocumentError::Instant { ms }),
            None => Ok(()),
        }
    }

    /// Name of a unit; references were checked, so it is there.
    pub fn unit_name(&self, id: &str) -> &'a str {
        self.unit_names.get(id).copied().unwrap_or_default()
    }

    /// Names of units, joined as a Chinese list.
    pub fn unit_names(&self, ids: &[String]) -> String {
        ids.iter()
            .map(|id| self.unit_name(id))
            .collect::<Vec<_>>()
            .join("、")
    }

    /// A question.
    pub fn question(&self, id: &str) -> Option<&'a Question> {
        self.questions.get(id).copied()
    }

    /// Answers given live to what a suggestion is about.
    pub fn live_answers(&self, suggestion: &Suggestion) -> impl Iterator<Item = &'a Answer> {
        suggestion
            .live_answer_ids
            .iter()
            .filter_map(|id| self.answers.get(id.as_str()).copied())
    }

    /// Answers to a question, in the order of the record.
    pub fn answers_to(&self, question_id: &str) -> &[&'a Answer] {
        self.answers_by_question
            .get(question_id)
            .map_or(&[], Vec::as_slice)
    }

    /// Commitments, by due date and then as given.
    pub fn commitments(&self) -> Vec<&'a Answer> {
        let mut commitments: Vec<_> = self
            .record
            .answers
            .iter()
            .filter(|answer| answer.answer_type == AnswerType::Commitment)
            .collect();
        commitments.sort_by_key(|answer| (answer.due_date.is_none(), answer.due_date));
        commitments
    }

    /// Commitments made live about a suggestion or in answer to a question behind it, each once.
    pub fn commitments_of<'s>(&'s self, suggestion: &'s Suggestion) -> impl Iterator<Item = &'a Answer> + 's {
        let of_sources = suggestion
            .sources
            .iter()
            .filter_map(|source| source.id.as_deref())
            .flat_map(|id| self.answers_to(id))
            .copied();
        let mut seen = BTreeSet::new();
        self.live_answers(suggestion)
            .chain(of_sources)
            .filter(|answer| answer.answer_type == AnswerType::Commitment)
            .filter(move |answer| seen.insert(answer.id.as_str()))
    }

    /// Whether the reply is due before the day of the package and has not come.
    pub fn is_overdue(&self, suggestion: &Suggestion) -> bool {
        let today = self.local(self.record.generated_at_ms).date();
        suggestion.handling.reply_date.is_none() && suggestion.due_date.is_some_and(|due| due < today)
    }

    /// Suggestions by number.
    pub fn suggestions(&self) -> Vec<&'a Suggestion> {
        self.suggestions.clone()
    }

    /// Questions by number.
    pub fn questions(&self) -> Vec<&'a Question> {
        let mut questions: Vec<_> = self.record.questions.iter().collect();
        questions.sort_by(|a, b| (a.number, &a.id).cmp(&(b.number, &b.id)));
        questions
    }

    /// What became of the questions. The counts are counted here and stored nowhere.
    pub fn tally(&self) -> Vec<TallyLine> {
        let all = super::labels::DISPOSITIONS.into_iter().map(Some).chain([None]);
        all.map(|disposition| TallyLine {
            disposition,
            count: self
                .record
                .questions
                .iter()
                .filter(|question| question.disposition == disposition)
                .count(),
        })
        .collect()
    }

    /// Date and time where the session was held.
    pub fn local(&self, ms: i64) -> DateTime {
        let timestamp = jiff::Timestamp::from_millisecond(ms).expect("check_instants has seen it");
        timestamp.to_zoned(self.zone.clone()).datetime()
    }

    /// `2026年3月18日`
    pub fn day(&self, ms: i64) -> String {
        chinese_date(self.local(ms).date())
    }

    /// `2026年3月18日14:00`
    pub fn minute(&self, ms: i64) -> String {
        let local = self.local(ms);
        format!(
            "{}{:02}:{:02}",
            chinese_date(local.date()),
            local.hour(),
            local.minute()
        )
    }

    /// `14:05`
    pub fn time_of_day(&self, ms: i64) -> String {
        let local = self.local(ms);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// `2026-03-18T06:00:00Z`, for the properties of a file.
    pub fn utc(&self, ms: i64) -> String {
        jiff::Timestamp::from_second(ms.div_euclid(1_000))
            .expect("check_instants has seen it")
            .to_string()
    }

    /// `2026年3月18日14:00—16:05`
    pub fn session_span(&self) -> String {
        let session = &self.record.session;
        let (start, end) = (self.local(session.started_ms), self.local(session.ended_ms));
        let end_text = if start.date() == end.date() {
            self.time_of_day(session.ended_ms)
        } else {
            self.minute(session.ended_ms)
        };
        format!("{}—{end_text}", self.minute(session.started_ms))
    }
}

/// From the year 1900 to 9000: what a spreadsheet can hold, with room for any offset.
const INSTANT_MS: std::ops::Range<i64> = -2_208_988_800_000..221_845_392_000_000;

/// Ids of every unit a suggestion names.
pub fn unit_ids(suggestion: &Suggestion) -> impl Iterator<Item = &str> {
    let lead = suggestion.lead_unit_id.iter();
    lead.chain(&suggestion.co_unit_ids)
        .chain(&suggestion.separate_unit_ids)
        .map(String::as_str)
}

/// `2026年3月18日`
pub fn chinese_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// Position on the stream as a player shows it: `42:10`, `1:02:03`.
pub fn clock(ms: i64) -> String {
    let (sign, seconds) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs() / 1_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{sign}{minutes:02}:{seconds:02}")
    }
}

fn unique<'a, T>(
    kind: &'static str,
    entries: impl Iterator<Item = (&'a str, T)>,
) -> Result<BTreeMap<&'a str, T>, DocumentError> {
    let mut map = BTreeMap::new();
    for (id, entry) in entries {
        if map.insert(id, entry).is_some() {
            return Err(DocumentError::DuplicateId {
                kind,
                id: id.to_owned(),
            });
        }
    }
    Ok(map)
}

/// Names of units that have something to do, in the order of the record.
pub fn units_with_work<'a>(lookup: &Lookup<'a>) -> Vec<&'a super::hand_over::Unit> {
    let busy: BTreeSet<&str> = lookup.record.suggestions.iter().flat_map(unit_ids).collect();
    lookup
        .record
        .units
        .iter()
        .filter(|unit| busy.contains(unit.id.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::example::model_case;
    use super::*;

    #[test]
    fn positions_read_like_a_player() {
        assert_eq!(clock(2_530_000), "42:10");
        assert_eq!(clock(3_723_900), "1:02:03");
        assert_eq!(clock(0), "00:00");
        assert_eq!(clock(-1_000), "-00:01");
    }

    #[test]
    fn an_instant_is_written_in_the_zone_of_the_record_and_not_of_the_machine() {
        let mut record = model_case();
        assert_eq!(
            Lookup::new(&record).unwrap().minute(1_773_813_600_000),
            "2026年3月18日14:00"
        );
        record.time_zone.utc_offset_minutes = -300;
        assert_eq!(
            Lookup::new(&record).unwrap().minute(1_773_813_600_000),
            "2026年3月18日01:00"
        );
    }

    #[test]
    fn a_reference_that_leads_nowhere_is_refused_by_name() {
        let mut record = model_case();
        record.suggestions[0].lead_unit_id = Some("u99".to_owned());
        let error = Lookup::new(&record).err().expect("refused");
        assert_eq!(error.code(), "unknown_id");
        assert!(error.to_string().contains("u99"), "{error}");
    }

    #[test]
    fn an_id_used_twice_and_a_time_outside_the_calendar_are_refused() {
        let mut record = model_case();
        record.questions[1].id = record.questions[0].id.clone();
        assert_eq!(
            Lookup::new(&record).err().expect("refused").code(),
            "duplicate_id"
        );
        let mut record = model_case();
        record.generated_at_ms = i64::MAX;
        assert_eq!(
            Lookup::new(&record).err().expect("refused").code(),
            "instant_out_of_range"
        );
        let mut record = model_case();
        record.time_zone.utc_offset_minutes = 5_000;
        assert_eq!(
            Lookup::new(&record).err().expect("refused").code(),
            "offset_out_of_range"
        );
    }

    #[test]
    fn the_tally_balances() {
        let record = model_case();
        let lookup = Lookup::new(&record).unwrap();
        assert_eq!(
            lookup.tally().iter().map(|line| line.count).sum::<usize>(),
            record.questions.len()
        );
    }
}
