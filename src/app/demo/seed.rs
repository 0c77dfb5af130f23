//! Fills the hall of the demonstration, through commands only: what stands there afterwards could have been made by hand.
//!
//! The clock is moved by hand meanwhile, so that questions were asked over a week and the past session two months ago.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context;
use futures_util::future::try_join_all;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::crowd::names::Namer;
use super::texts::{self, CROWD, HALL, LIVE, PAST, SessionTexts, Settle};
use crate::app::start::Parts;
use crate::command::{
    Clock, Commands, DecisionInput, DispositionInput, HallInput, Identity, NewQuestion, Seen, SegmentInput,
    SessionInput, SuggestionInput, SupportWish, WrittenAnswer,
};
use crate::domain::hall::Hall;
use crate::domain::ids::{CommentId, DepartmentId, QuestionId, SessionId};
use crate::domain::session::{Policy, Session};
use crate::domain::staff::{Grant, Staff};
use crate::domain::time::Timestamp;
use crate::domain::words::{
    AnswerType, Disposition, PostKind, Role, SessionKind, SessionState, SuggestionSource, Verdict,
};

/// The password of every account. No secret: the links with it are on a page anybody may read, in a demonstration only.
pub const PASSWORD: &str = "demonstration";
/// People who supported questions before the session.
const SUPPORTERS: usize = 231;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The clock of the hall's walls, east of Greenwich.
const HALL_OFFSET_MS: i64 = 8 * HOUR_MS;

/// What was made.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The session that is live.
    pub live: SessionId,
    /// The session of two months ago.
    pub past: SessionId,
}

/// A clock that is moved by hand and never back.
#[derive(Debug, Clone)]
pub struct HandClock {
    now_ms: Arc<AtomicI64>,
    real: Timestamp,
}

impl HandClock {
    /// Stands at `real` until it is first set.
    pub fn at(real: Timestamp) -> Self {
        Self {
            now_ms: Arc::new(AtomicI64::new(real.ms())),
            real,
        }
    }
    /// For the commands.
    pub fn clock(&self) -> Clock {
        let now_ms = self.now_ms.clone();
        Arc::new(move || Timestamp::from_ms(now_ms.load(Ordering::Relaxed)))
    }
    fn set(&self, at: Timestamp) {
        self.now_ms.store(at.ms(), Ordering::Relaxed);
    }
    fn forward(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.now_ms.load(Ordering::Relaxed))
    }
}

/// Fills an empty database.
pub async fn seed(parts: &Parts, clock: &HandClock, has_picture: bool) -> anyhow::Result<Seeded> {
    if parts.db.read().await?.conn().has_staff().await? {
        anyhow::bail!("the database has accounts already; a demonstration wants an empty one");
    }
    let past_start = afternoon_days_ago(clock.real, 62);
    clock.set(past_start.plus_ms(-20 * DAY_MS));
    let house = House::open(parts, clock).await?;
    let past = house.hold_past(past_start).await?;
    let live = house.prepare_live(has_picture).await?;
    clock.set(clock.real);
    Ok(Seeded { live, past })
}

/// Half past two in the afternoon, so many days ago.
fn afternoon_days_ago(now: Timestamp, days: i64) -> Timestamp {
    let midnight = (now.ms() + HALL_OFFSET_MS).div_euclid(DAY_MS) * DAY_MS - HALL_OFFSET_MS;
    Timestamp::from_ms(midnight - days * DAY_MS + 14 * HOUR_MS + 30 * MINUTE_MS)
}

/// The date so many days after an instant, `YYYY-MM-DD`.
fn date_after(at: Timestamp, days: i64) -> anyhow::Result<String> {
    let shifted = jiff::Timestamp::from_millisecond(at.ms() + HALL_OFFSET_MS + days * DAY_MS)?;
    Ok(shifted.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

/// The hall with everybody in it.
struct House<'a> {
    commands: &'a Commands,
    clock: &'a HandClock,
    hall: Hall,
    departments: HashMap<String, DepartmentId>,
    host: Staff,
    moderator: Staff,
    secretary: Staff,
    /// By the key of their department.
    officers: HashMap<String, Staff>,
    /// Netizens by nickname.
    authors: HashMap<String, Identity>,
    supporters: Vec<Arc<Identity>>,
}

impl<'a> House<'a> {
    async fn open(parts: &'a Parts, clock: &'a HandClock) -> anyhow::Result<Self> {
        let commands = &parts.commands;
        let operator_text = HALL
            .staff
            .iter()
            .find(|s| s.seat == "operator")
            .context("the staff has no operator")?;
        let operator = commands
            .add_operator(&operator_text.login, &operator_text.name, PASSWORD.to_owned())
            .await?;
        let text = &HALL.hall;
        let input = HallInput {
            slug: text.slug.clone(),
            name: text.name.clone(),
            body_name: text.body_name.clone(),
            color: text.color.clone(),
            intro: text.intro.clone(),
            rules: text.rules.clone(),
            contact: text.contact.clone(),
            policy: Policy::default(),
            departments: HALL.departments.iter().map(|d| (None, d.name.clone())).collect(),
            members: text.members.clone(),
        };
        let hall = commands.create_hall(&operator, input).await?;
        let known = parts.db.read().await?.conn().departments(&hall.id).await?;
        let departments: HashMap<String, DepartmentId> = HALL
            .departments
            .iter()
            .filter_map(|text| {
                known
                    .iter()
                    .find(|d| d.name == text.name)
                    .map(|d| (text.key.clone(), d.id.clone()))
            })
            .collect();

        let mut seats: HashMap<&str, Staff> = HashMap::new();
        let mut officers = HashMap::new();
        for member in HALL.staff.iter().filter(|s| s.seat != "operator") {
            let role: Role = member.seat.parse()?;
            let department_id = member.department.as_ref().map(|key| departments[key].clone());
            let created = commands
                .create_staff(&operator, &member.login, &member.name, PASSWORD.to_owned(), false)
                .await?;
            let staff = commands
                .grant_roles(
                    &operator,
                    &hall.id,
                    &created.id,
                    vec![Grant {
                        hall_id: hall.id.clone(),
                        role,
                        department_id,
                    }],
                )
                .await?;
            match &member.department {
                Some(key) => drop(officers.insert(key.clone(), staff)),
                None => drop(seats.entry(&member.seat).or_insert(staff)),
            }
        }
        let mut seat = |name: &str| {
            seats
                .remove(name)
                .with_context(|| format!("the staff has no {name}"))
        };
        let (host, moderator, secretary) = (seat("host")?, seat("moderator")?, seat("secretary")?);

        let mut house = Self {
            commands,
            clock,
            hall,
            departments,
            host,
            moderator,
            secretary,
            officers,
            authors: HashMap::new(),
            supporters: Vec::new(),
        };
        house.let_people_in().await?;
        Ok(house)
    }

    /// The authors of prepared questions, every third verified by phone, and who supports them.
    async fn let_people_in(&mut self) -> anyhow::Result<()> {
        let mut names: Vec<&String> = LIVE
            .questions
            .iter()
            .chain(&PAST.questions)
            .map(|q| &q.by)
            .chain(PAST.comments.iter().map(|c| &c.by))
            .collect();
        names.sort();
        names.dedup();
        for (i, name) in names.into_iter().enumerate() {
            let guest = self.commands.join_as_guest(name).await?;
            let author = if i % 3 == 0 {
                self.verify(&guest, &format!("1980000{i:04}")).await?
            } else {
                guest
            };
            self.authors.insert(name.clone(), author);
        }
        let mut namer = Namer::new(StdRng::seed_from_u64(62));
        let names: Vec<String> = (0..SUPPORTERS)
            .map(|i| namer.next_name(&CROWD.places[i % CROWD.places.len()]))
            .collect();
        let supporters = try_join_all(names.iter().map(|name| self.commands.join_as_guest(name))).await?;
        self.supporters = supporters.into_iter().map(Arc::new).collect();
        Ok(())
    }

    async fn verify(&self, guest: &Identity, phone: &str) -> anyhow::Result<Identity> {
        let sent = self.commands.send_phone_code(phone).await?;
        let code = sent
            .shown_code
            .context("the demonstration's sender shows its codes")?;
        Ok(self
            .commands
            .verify_phone(Some(guest), phone, &code, &guest.name)
            .await?)
    }

    fn department(&self, key: &str) -> Option<DepartmentId> {
        self.departments.get(key).cloned()
    }

    fn officer(&self, key: &str) -> anyhow::Result<&Staff> {
        self.officers
            .get(key)
            .with_context(|| format!("no officer for `{key}`"))
    }

    fn session_input(&self, texts: &SessionTexts, starts_at: Timestamp, stream_url: String) -> SessionInput {
        let head = &texts.session;
        SessionInput {
            kind: SessionKind::Consultation,
            title: head.title.clone(),
            intro: head.intro.clone(),
            venue: head.venue.clone(),
            host_name: head.host_name.clone(),
            starts_at: Some(starts_at),
            stream_url,
            topics: head.topics.clone(),
            department_ids: HALL
                .departments
                .iter()
                .filter_map(|d| self.department(&d.key))
                .collect(),
            segments: texts
                .segments
                .iter()
                .map(|s| SegmentInput {
                    id: None,
                    title: s.title.clone(),
                    department_id: self.department(&s.department),
                    planned_minutes: s.minutes,
                })
                .collect(),
            materials: texts
                .materials
                .iter()
                .map(|m| (m.title.clone(), m.body.clone(), String::new()))
                .collect(),
        }
    }

    /// A session that is announced, with its questions asked and approved over some days.
    async fn announce_and_ask(
        &self,
        texts: &SessionTexts,
        starts_at: Timestamp,
        days_before: i64,
        picture: bool,
    ) -> anyhow::Result<(Session, Vec<QuestionId>)> {
        self.clock.set(starts_at.plus_ms(-days_before * DAY_MS));
        let mut session = self
            .commands
            .create_session(
                &self.secretary,
                &self.hall.id,
                self.session_input(texts, starts_at, String::new()),
            )
            .await?;
        if picture {
            // The address of the picture has the id in it, which is known only now.
            let input = self.session_input(texts, starts_at, format!("/media/{}/index.m3u8", session.id));
            session = self
                .commands
                .edit_session(&self.secretary, &session.id, input)
                .await?;
        }
        session = self
            .commands
            .move_session(&self.secretary, &session.id, SessionState::Scheduled)
            .await?;

        let step_ms = (days_before - 1) * DAY_MS / i64::try_from(texts.questions.len().max(1))?;
        let mut ids = Vec::with_capacity(texts.questions.len());
        for (i, question) in texts.questions.iter().enumerate() {
            self.clock.forward(step_ms);
            ids.push(self.ask(&session.id, i, question).await?);
        }
        self.support(&session.id, &texts.questions, &ids).await?;
        Ok((session, ids))
    }

    async fn ask(
        &self,
        session: &SessionId,
        place_in_file: usize,
        text: &texts::Question,
    ) -> anyhow::Result<QuestionId> {
        let author = self
            .authors
            .get(&text.by)
            .with_context(|| format!("nobody is called `{}`", text.by))?;
        let new = NewQuestion {
            client_ref: format!("prepared-{place_in_file:04}"),
            body: text.body.clone(),
            topic: text.topic.clone(),
            place: text.place.clone(),
            department_id: self.department(&text.department),
        };
        let stored = self.commands.ask_question(author, session, new).await?;
        self.clock.forward(20 * MINUTE_MS);
        let (verdict, reason) = if text.settle == Some(Settle::Rejected) {
            (Verdict::Decline, text.reason.clone())
        } else {
            (Verdict::Approve, String::new())
        };
        let items = vec![Seen {
            kind: PostKind::Question,
            id: stored.id.clone(),
            revision: 1,
            lease: None,
        }];
        self.commands
            .decide_posts(
                &self.moderator,
                session,
                DecisionInput {
                    verdict,
                    items,
                    reason,
                    note: String::new(),
                },
            )
            .await?;
        if text.settle == Some(Settle::Withdrawn) {
            self.clock.forward(2 * HOUR_MS);
            self.commands
                .withdraw_post(author, session, PostKind::Question, &stored.id)
                .await?;
        }
        Ok(stored.id.parse()?)
    }

    /// Supporters differ from question to question, and some support many.
    async fn support(
        &self,
        session: &SessionId,
        questions: &[texts::Question],
        ids: &[QuestionId],
    ) -> anyhow::Result<()> {
        let mut rng = StdRng::seed_from_u64(7);
        let mut order: Vec<usize> = (0..self.supporters.len()).collect();
        for (question, id) in questions.iter().zip(ids) {
            order.shuffle(&mut rng);
            let people = order.iter().take(question.supports);
            let wishes = people.map(|&i| SupportWish {
                who: self.supporters[i].clone(),
                session_id: session.clone(),
                question_id: id.clone(),
                on: true,
            });
            let outcomes = self.commands.set_supports(wishes.collect()).await;
            outcomes.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    async fn prepare_live(&self, has_picture: bool) -> anyhow::Result<SessionId> {
        let starts_at = self.clock.real.plus_ms(-3 * MINUTE_MS);
        let (session, ids) = self.announce_and_ask(&LIVE, starts_at, 8, has_picture).await?;
        let announcement = if has_picture {
            LIVE.session.announcement.as_str()
        } else {
            "这台机器没有 ffmpeg，演示没有画面；提问、评论和答复照常。"
        };
        self.clock.set(starts_at.plus_ms(-10 * MINUTE_MS));
        self.commands
            .announce(&self.host, &session.id, announcement)
            .await?;
        self.commands
            .arrange_next_up(&self.host, &session.id, ids.iter().take(3).cloned().collect())
            .await?;
        self.clock.set(starts_at);
        let session = self
            .commands
            .move_session(&self.host, &session.id, SessionState::Live)
            .await?;
        self.clock.forward(20_000);
        let first = session.segments.first().map(|s| s.id.clone());
        self.commands.run_segment(&self.host, &session.id, first).await?;
        Ok(session.id)
    }

    async fn hold_past(&self, starts_at: Timestamp) -> anyhow::Result<SessionId> {
        let (session, ids) = self.announce_and_ask(&PAST, starts_at, 9, false).await?;
        let id = session.id;
        self.clock.set(starts_at);
        let session = self
            .commands
            .move_session(&self.host, &id, SessionState::Live)
            .await?;
        let comments = self.hold_meeting(&session, &ids).await?;
        self.clock.forward(4 * MINUTE_MS);
        self.commands
            .move_session(&self.host, &id, SessionState::Ended)
            .await?;
        self.commands.note_peak(&id, PAST.session.peak).await?;

        self.clock.set(starts_at.plus_ms(2 * DAY_MS));
        for (question, question_id) in PAST.questions.iter().zip(&ids) {
            self.clock.forward(25 * MINUTE_MS);
            self.settle(question, question_id, &ids).await?;
        }
        for suggestion in &PAST.suggestions {
            self.clock.forward(10 * MINUTE_MS);
            let input = self.suggestion_input(suggestion, &ids, &comments)?;
            self.commands.form_suggestion(&self.secretary, &id, input).await?;
        }
        self.clock.set(starts_at.plus_ms(5 * DAY_MS));
        self.commands
            .move_session(&self.secretary, &id, SessionState::Closed)
            .await?;
        Ok(id)
    }

    /// The live part: segments, comments in between, what was answered on the stream.
    async fn hold_meeting(&self, session: &Session, ids: &[QuestionId]) -> anyhow::Result<Vec<CommentId>> {
        let mut comments = Vec::new();
        let mut to_say = PAST.comments.iter();
        let mut to_answer = PAST
            .questions
            .iter()
            .zip(ids)
            .filter(|(q, _)| q.settle == Some(Settle::Live));
        for segment in &session.segments {
            self.clock.forward(MINUTE_MS);
            self.commands
                .run_segment(&self.host, &session.id, Some(segment.id.clone()))
                .await?;
            for (question, question_id) in to_answer.by_ref().take(2) {
                self.clock.forward(2 * MINUTE_MS);
                self.commands
                    .put_on_stage(&self.host, &session.id, Some(question_id.clone()), "")
                    .await?;
                self.clock.forward(40_000);
                let department = self
                    .department(&question.department)
                    .context("a question answered live names its department")?;
                let officer = self.officer(&question.department)?;
                self.commands
                    .start_answer(officer, &session.id, department, &question.speaker)
                    .await?;
                for text in to_say.by_ref().take(4) {
                    self.clock.forward(9_000);
                    let author = self
                        .authors
                        .get(&text.by)
                        .with_context(|| format!("nobody is called `{}`", text.by))?;
                    let stored = self
                        .commands
                        .post_comment(
                            author,
                            &session.id,
                            &format!("past-comment-{:04}", comments.len()),
                            &text.body,
                        )
                        .await?;
                    comments.push(stored.id.parse()?);
                }
                self.clock.forward(i64::from(question.minutes) * MINUTE_MS);
                self.commands
                    .stop_answer(officer, &session.id, &question.answer)
                    .await?;
            }
            self.clock.forward(12 * MINUTE_MS);
        }
        Ok(comments)
    }

    async fn settle(
        &self,
        question: &texts::Question,
        id: &QuestionId,
        ids: &[QuestionId],
    ) -> anyhow::Result<()> {
        let answer_type = match question.settle {
            None | Some(Settle::Live | Settle::Assigned | Settle::Rejected | Settle::Withdrawn) => {
                return Ok(());
            }
            Some(Settle::Explanation) => AnswerType::Explanation,
            Some(Settle::Commitment) => AnswerType::Commitment,
            Some(Settle::Refusal) => AnswerType::Refusal,
            Some(Settle::Transferred) => {
                let answer = self.written(question, AnswerType::Transfer)?;
                self.commands
                    .answer_in_writing(self.officer(&question.department)?, id, answer)
                    .await?;
                self.clock.forward(DAY_MS / 2);
                let mut answer = self.written(question, AnswerType::Explanation)?;
                answer.department_id = self
                    .department(&question.to)
                    .context("a transfer names where it goes")?;
                self.commands
                    .answer_in_writing(self.officer(&question.to)?, id, answer)
                    .await?;
                return Ok(());
            }
            Some(Settle::Merged) => {
                let head = ids
                    .get(question.into.wrapping_sub(1))
                    .context("a merged question names its head")?;
                let input = DispositionInput {
                    disposition: Some(Disposition::Merged),
                    merged_into: Some(head.clone()),
                    reason: String::new(),
                };
                self.commands.dispose_question(&self.secretary, id, input).await?;
                return Ok(());
            }
            Some(Settle::Declined) => {
                let input = DispositionInput {
                    disposition: Some(Disposition::Declined),
                    merged_into: None,
                    reason: question.reason.clone(),
                };
                self.commands.dispose_question(&self.secretary, id, input).await?;
                return Ok(());
            }
        };
        let answer = self.written(question, answer_type)?;
        self.commands
            .answer_in_writing(self.officer(&question.department)?, id, answer)
            .await?;
        Ok(())
    }

    fn written(&self, question: &texts::Question, answer_type: AnswerType) -> anyhow::Result<WrittenAnswer> {
        let transfer = answer_type == AnswerType::Transfer;
        Ok(WrittenAnswer {
            department_id: self
                .department(&question.department)
                .context("an answered question names its department")?,
            answer_type,
            body: if transfer {
                "这件事不归我们管，已转请主管部门答复。".to_owned()
            } else {
                question.answer.clone()
            },
            speaker: question.speaker.clone(),
            owner: question.owner.clone(),
            due_date: if answer_type == AnswerType::Commitment {
                date_after(self.clock.now(), question.due_days)?
            } else {
                String::new()
            },
            basis: question.basis.clone(),
            transfer_to: if transfer {
                self.department(&question.to)
            } else {
                None
            },
        })
    }

    fn suggestion_input(
        &self,
        text: &texts::Suggestion,
        ids: &[QuestionId],
        comments: &[CommentId],
    ) -> anyhow::Result<SuggestionInput> {
        let source = match (text.questions.is_empty(), text.comments.is_empty()) {
            (false, _) => SuggestionSource::Question,
            (true, false) => SuggestionSource::Comment,
            (true, true) => SuggestionSource::Venue,
        };
        let pick = |places: &[usize], len: usize| {
            places
                .iter()
                .map(|p| p.wrapping_sub(1))
                .filter(|p| *p < len)
                .collect::<Vec<_>>()
        };
        Ok(SuggestionInput {
            title: text.title.clone(),
            summary: text.summary.clone(),
            category: text.category.clone(),
            department_id: self.department(&text.department),
            co_department_ids: text.co.iter().filter_map(|key| self.department(key)).collect(),
            source,
            question_ids: pick(&text.questions, ids.len())
                .into_iter()
                .map(|i| ids[i].clone())
                .collect(),
            comment_ids: pick(&text.comments, comments.len())
                .into_iter()
                .map(|i| comments[i].clone())
                .collect(),
            raised_by: text.raised_by.clone(),
            due_date: date_after(self.clock.now(), text.due_days)?,
            requirement: text.requirement.clone(),
        })
    }
}
