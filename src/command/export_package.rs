//! Make the hand-over package: everything a session produced, as documents.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::json;
use unicode_segmentation::UnicodeSegmentation;

use super::{Commands, Outcome};
use crate::documents::{self, File, HandOver, Privacy};
use crate::domain::answer::Answer;
use crate::domain::hall::Department;
use crate::domain::ids::{CommentId, DepartmentId, QuestionId, SessionId};
use crate::domain::policy::{Verb, check_hall};
use crate::domain::post::{Comment, Question};
use crate::domain::rejection::Rejection;
use crate::domain::session::Session;
use crate::domain::staff::Staff;
use crate::domain::suggestion::Suggestion;
use crate::domain::time::Timestamp;
use crate::domain::words::{
    AnswerKind, AnswerType, Disposition, PostState, SessionKind, SuggestionSource, Tier,
};
use crate::store::{Conn, StoreError};

/// Minutes east of UTC of everything a Chinese body signs.
const BEIJING_OFFSET_MINUTES: i32 = 480;

impl Commands {
    /// The files of the package. The same session gives the same bytes: its end is the only "now" the documents know.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `wrong_state` before the session ended, `unavailable`.
    pub async fn export_package(
        &self,
        by: &Staff,
        id: &SessionId,
        privacy: Privacy,
        public_url: &str,
    ) -> Outcome<Vec<File>> {
        let session = self.session(id).await?;
        check_hall(Verb::Export, &by.roles_in(&session.hall_id))?;
        let files = self.package(id, privacy, public_url).await?;
        self.in_session(by, id, Verb::Export, move |act| {
            Box::pin(async move {
                act.audit("package", json!({ "public": privacy == Privacy::Public }))
                    .await
            })
        })
        .await?;
        Ok(files)
    }

    /// The same from the command line of the machine.
    ///
    /// # Errors
    /// `not_found`, `wrong_state` before the session ended, `unavailable`.
    pub async fn package(&self, id: &SessionId, privacy: Privacy, public_url: &str) -> Outcome<Vec<File>> {
        let mut snapshot = self.inner.db.snapshot().await?;
        let mut conn = snapshot.conn();
        let session = conn
            .session(id)
            .await?
            .ok_or_else(|| Rejection::not_found("session"))?;
        if session.ended_at.is_none() {
            return Err(session.wrong_state("has no package before it ended").into());
        }
        let record = record(&mut conn, session, privacy, public_url).await?;
        drop(snapshot);
        let made = tokio::task::spawn_blocking(move || documents::package(&record)).await;
        made.map_err(|_| Rejection::unavailable())?.map_err(|error| {
            tracing::error!(error = %crate::store::report(&error), session.id = %id, "package of session {id} not made");
            Rejection::unavailable().into()
        })
    }
}

async fn record(
    conn: &mut Conn<'_>,
    session: Session,
    privacy: Privacy,
    public_url: &str,
) -> Result<HandOver, StoreError> {
    let hall = conn.hall(&session.hall_id).await?.ok_or(StoreError::Corrupt {
        what: "session",
        why: "its hall is missing".into(),
    })?;
    let accepted = |q: &Question| matches!(q.post.state, PostState::Published | PostState::Withdrawn);
    let questions: Vec<Question> = conn
        .all_questions(&session.id)
        .await?
        .into_iter()
        .filter(accepted)
        .collect();
    let answers = conn.answers(&session.id).await?;
    let suggestions = conn.suggestions(&session.id).await?;
    let comment_ids: Vec<CommentId> = suggestions
        .iter()
        .flat_map(|s| s.comment_ids.iter().cloned())
        .collect();
    let comments: HashMap<CommentId, Comment> = conn
        .comments_by_id(&session.id, &comment_ids)
        .await?
        .into_iter()
        .map(|c| (c.id.clone(), c))
        .collect();
    let (participants, comments_total, supports) = conn.live_figures(&session.id).await?;
    let watching_peak = conn.peak_watching(&session.id).await?;
    let started = session
        .started_at
        .unwrap_or(session.ended_at.unwrap_or(hall.created_at));
    let ended = session.ended_at.unwrap_or(started);
    let clock = |at: Timestamp| (at >= started && at <= ended).then(|| at.since_ms(started));
    // Departments that no longer take part are named where they were asked or answered.
    let named = |id: &DepartmentId| {
        session.department(id).is_some()
            || questions.iter().any(|q| q.department_id.as_ref() == Some(id))
            || answers
                .iter()
                .any(|a| a.department_id == *id || a.transfer_to.as_ref() == Some(id))
            || suggestions
                .iter()
                .any(|s| s.department_id.as_ref() == Some(id) || s.co_department_ids.contains(id))
    };
    let others = conn
        .all_departments(&session.hall_id)
        .await?
        .into_iter()
        .filter(|d| session.department(&d.id).is_none() && named(&d.id));
    let units: Vec<Department> = session.departments.iter().cloned().chain(others).collect();
    let numbered = Numbered {
        questions: questions.iter().map(|q| (&q.id, q)).collect(),
        session: &session,
    };
    Ok(HandOver {
        privacy,
        generated_at_ms: session.closed_at.unwrap_or(ended).ms(),
        time_zone: documents::TimeZone {
            name: "北京时间".into(),
            utc_offset_minutes: BEIJING_OFFSET_MINUTES,
        },
        hall: documents::Hall {
            id: hall.id.to_string(),
            name: hall.name.clone(),
            body: hall.body_name.clone(),
            minutes_mark: None,
        },
        contact: documents::Contact {
            office: hall.body_name.clone(),
            person: None,
            phone: some(&hall.contact),
            feedback: "在本平台填写答复，或按本单回传".into(),
        },
        session: documents::Session {
            id: session.id.to_string(),
            number: numbered.session_number(),
            title: session.title.clone(),
            kind: match session.kind {
                SessionKind::Consultation => documents::SessionKind::Consultation,
                SessionKind::Interview => documents::SessionKind::Interview,
                SessionKind::Lecture => documents::SessionKind::Lecture,
                SessionKind::Deliberation => documents::SessionKind::Deliberation,
            },
            started_ms: started.ms(),
            ended_ms: ended.ms(),
            place: some(&session.venue),
            platform: hall.name.clone(),
            host_names: some(&session.host_name).into_iter().collect(),
            join_url: format!("{public_url}/j/{}", session.code),
            replay_url: None,
        },
        minutes: documents::MinutesText {
            background: some(&session.intro),
            ..Default::default()
        },
        units: units
            .iter()
            .map(|d| documents::Unit {
                id: d.id.to_string(),
                name: d.name.clone(),
                clerk: None,
                phone: None,
            })
            .collect(),
        people: some(&session.host_name)
            .into_iter()
            .map(|name| documents::Person {
                name,
                title: None,
                organisation: None,
                presence: documents::Presence::Host,
            })
            .collect(),
        segments: (1..)
            .zip(&session.segments)
            .map(|(number, s)| documents::Segment {
                number,
                title: s.title.clone(),
                started_ms: s.started_at.map(Timestamp::ms),
                ended_ms: s.ended_at.map(Timestamp::ms),
            })
            .collect(),
        figures: documents::Figures {
            watching_peak,
            participants,
            comments: comments_total,
            questions: questions.len() as u64,
            supports,
        },
        questions: questions
            .iter()
            .map(|q| question(q, &questions, &answers, &clock))
            .collect(),
        answers: answers.iter().map(|a| answer(a, &clock)).collect(),
        suggestions: suggestions
            .iter()
            .map(|s| numbered.suggestion(s, &answers, &comments, &clock))
            .collect(),
        announcements: Vec::new(),
    })
}

/// Documents say nothing where there is nothing.
fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A nickname on paper: its first character. Paper travels farther than a page.
fn masked(name: &str) -> String {
    format!("{}**", name.graphemes(true).next().unwrap_or("网民"))
}

fn tier(tier: Tier) -> documents::Tier {
    match tier {
        Tier::Guest => documents::Tier::Guest,
        Tier::Verified => documents::Tier::Verified,
        Tier::Member => documents::Tier::Member,
        Tier::Staff => documents::Tier::Staff,
    }
}

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn question(
    q: &Question,
    all: &[Question],
    answers: &[Answer],
    clock: &impl Fn(Timestamp) -> Option<i64>,
) -> documents::Question {
    let live = answers
        .iter()
        .find(|a| a.question_id == q.id && a.kind == AnswerKind::Live);
    let withdrawn = q.post.state == PostState::Withdrawn;
    let disposition = if withdrawn {
        Some(Disposition::Withdrawn)
    } else {
        q.disposition
    };
    documents::Question {
        id: q.id.to_string(),
        number: number(q.post.number),
        // What its author took back is counted and not repeated.
        text: if withdrawn {
            "（本人已撤回）".into()
        } else {
            q.post.body.clone()
        },
        asker: masked(&q.post.author.name),
        tier: tier(q.post.author.tier),
        asked_ms: q.post.at.ms(),
        topic: if withdrawn { None } else { some(&q.topic) },
        unit_id: q.department_id.as_ref().map(ToString::to_string),
        place: if withdrawn { None } else { some(&q.place) },
        supports: q.supports,
        staged_clock_ms: live.and_then(|a| clock(a.started_at?)),
        unstaged_clock_ms: live.and_then(|a| clock(a.ended_at?)),
        disposition: disposition.map(|d| match d {
            Disposition::AnsweredLive => documents::Disposition::AnsweredLive,
            Disposition::AnsweredInWriting => documents::Disposition::AnsweredInWriting,
            Disposition::Assigned => documents::Disposition::Assigned,
            Disposition::Merged => documents::Disposition::Merged,
            Disposition::Declined => documents::Disposition::Declined,
            Disposition::Withdrawn => documents::Disposition::Withdrawn,
        }),
        disposition_reason: some(&q.disposition_reason),
        disposed_ms: None,
        merged_into: q
            .merged_into
            .as_ref()
            .filter(|head| all.iter().any(|h| h.id == **head))
            .map(ToString::to_string),
        merged_count: u32::try_from(
            all.iter()
                .filter(|m| m.merged_into.as_ref() == Some(&q.id))
                .count(),
        )
        .unwrap_or(u32::MAX),
    }
}

fn answer(a: &Answer, clock: &impl Fn(Timestamp) -> Option<i64>) -> documents::Answer {
    documents::Answer {
        id: a.id.to_string(),
        question_id: Some(a.question_id.to_string()),
        unit_id: a.department_id.to_string(),
        speaker: some(&a.speaker),
        kind: match a.kind {
            AnswerKind::Live => documents::AnswerKind::Live,
            AnswerKind::Written => documents::AnswerKind::Written,
        },
        answer_type: match a.answer_type {
            AnswerType::Explanation => documents::AnswerType::Explanation,
            AnswerType::Commitment => documents::AnswerType::Commitment,
            AnswerType::Refusal => documents::AnswerType::Refusal,
            AnswerType::Transfer => documents::AnswerType::Transfer,
        },
        body: a.body.clone(),
        owner: some(&a.owner),
        due_date: date(&a.due_date),
        basis: some(&a.basis),
        transfer_to: a.transfer_to.as_ref().map(ToString::to_string),
        given_ms: a.published_at.ms(),
        start_clock_ms: a.started_at.and_then(clock),
        end_clock_ms: a.ended_at.and_then(clock),
    }
}

/// Supports of several questions: a head has counted those of what was merged into it, and what was taken back has none.
fn supports_of(voices: &[&Question]) -> u64 {
    voices
        .iter()
        .filter(|q| q.post.state == PostState::Published)
        .filter(|q| !voices.iter().any(|head| q.merged_into.as_ref() == Some(&head.id)))
        .map(|q| q.supports)
        .sum()
}

/// Questions by id, for what suggestions were made from.
struct Numbered<'a> {
    questions: HashMap<&'a QuestionId, &'a Question>,
    session: &'a Session,
}

impl Numbered<'_> {
    fn session_number(&self) -> String {
        let year = self
            .session
            .started_at
            .or(self.session.ended_at)
            .map_or(1970, |at| {
                jiff::Timestamp::from_millisecond(at.ms() + i64::from(BEIJING_OFFSET_MINUTES) * 60_000)
                    .map_or(1970, |t| t.to_zoned(jiff::tz::TimeZone::UTC).year())
            });
        format!("{year}-{:02}", self.session.number)
    }

    fn suggestion(
        &self,
        s: &Suggestion,
        answers: &[Answer],
        comments: &HashMap<CommentId, Comment>,
        clock: &impl Fn(Timestamp) -> Option<i64>,
    ) -> documents::Suggestion {
        let sources = self.sources(s, comments, clock);
        let voices: Vec<&Question> = s
            .question_ids
            .iter()
            .filter_map(|id| self.questions.get(id).copied())
            .collect();
        let live = |a: &&Answer| a.kind == AnswerKind::Live && s.question_ids.contains(&a.question_id);
        let first = sources.iter().min_by_key(|v| v.said_ms);
        documents::Suggestion {
            id: s.id.to_string(),
            number: number(s.number),
            code: format!("{}-{:03}", self.session_number(), s.number),
            title: s.title.clone(),
            summary: s.summary.clone(),
            category: some(&s.category),
            category_code: None,
            proposer: first.map_or_else(|| "网民".to_owned(), |v| v.author.clone()),
            tier: first.map_or(documents::Tier::Guest, |v| v.tier),
            raised_ms: first.and_then(|v| v.said_ms).unwrap_or_else(|| s.at.ms()),
            clock_ms: first.and_then(|v| v.clock_ms),
            lead_unit_id: s.department_id.as_ref().map(ToString::to_string),
            co_unit_ids: s.co_department_ids.iter().map(ToString::to_string).collect(),
            separate_unit_ids: Vec::new(),
            supports: supports_of(&voices),
            merged_count: u32::try_from(sources.len().saturating_sub(1)).unwrap_or(u32::MAX),
            sources,
            merge: None,
            live_answer_ids: answers.iter().filter(live).map(|a| a.id.to_string()).collect(),
            conversion: s.department_id.is_some().then_some(documents::Conversion::Case),
            requirement: some(&s.requirement),
            due_date: date(&s.due_date),
            due_basis: None,
            state: if s.department_id.is_some() {
                "待签收"
            } else {
                "待交办"
            }
            .to_owned(),
            handling: documents::Handling::default(),
        }
    }

    fn sources(
        &self,
        s: &Suggestion,
        comments: &HashMap<CommentId, Comment>,
        clock: &impl Fn(Timestamp) -> Option<i64>,
    ) -> Vec<documents::Source> {
        if s.source == SuggestionSource::Venue {
            let author = if s.raised_by.is_empty() {
                "现场".to_owned()
            } else {
                masked(&s.raised_by)
            };
            return vec![documents::Source {
                kind: documents::SourceKind::Venue,
                id: None,
                number: None,
                text: s.summary.clone(),
                author,
                tier: documents::Tier::Guest,
                said_ms: Some(s.at.ms()),
                clock_ms: clock(s.at),
            }];
        }
        let from_questions = s
            .question_ids
            .iter()
            .filter_map(|id| self.questions.get(id))
            .filter(|q| q.post.state == PostState::Published)
            .map(|q| (documents::SourceKind::Question, q.id.to_string(), &q.post));
        let from_comments = s
            .comment_ids
            .iter()
            .filter_map(|id| comments.get(id))
            .filter(|c| c.post.state == PostState::Published)
            .map(|c| (documents::SourceKind::Comment, c.id.to_string(), &c.post));
        from_questions
            .chain(from_comments)
            .map(|(kind, id, post)| documents::Source {
                kind,
                id: Some(id),
                number: Some(number(post.number)),
                text: post.body.clone(),
                author: masked(&post.author.name),
                tier: tier(post.author.tier),
                said_ms: Some(post.at.ms()),
                clock_ms: clock(post.at),
            })
            .collect()
    }
}
