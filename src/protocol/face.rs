//! From inner values to what the public may see of them. The one place where that is decided.

use super::server::{
    AnswerFace, AnsweringFace, ClaimFace, CommentFace, DecidedItem, DecisionFace, DepartmentFace,
    EmergencyFace, FindingFace, MaterialFace, OwnPost, ParticipantFace, PolicyFace, QuestionFace, QueueItem,
    ReportsFace, SegmentFace, SessionFace, StageFace,
};
use crate::domain::answer::Answer;
use crate::domain::claim::Claim;
use crate::domain::event::OwnChange;
use crate::domain::hall::Department;
use crate::domain::post::{AnyPost, Author, Comment, Decision, Finding, Question, UNDO_MS};
use crate::domain::report::Reports;
use crate::domain::session::{EmergencyStep, Policy, Session};
use crate::domain::words::Tier;

impl From<&Author> for ParticipantFace {
    fn from(a: &Author) -> Self {
        Self {
            id: a.id.clone(),
            name: a.name.clone(),
            tier: a.tier,
        }
    }
}

impl From<&Comment> for CommentFace {
    fn from(c: &Comment) -> Self {
        let tier = c.post.author.tier;
        Self {
            id: c.id.clone(),
            name: c.post.author.name.clone(),
            tier: (tier >= Tier::Member).then_some(tier),
            body: c.post.body.clone(),
            at_ms: c.post.at,
        }
    }
}

impl From<&Question> for QuestionFace {
    fn from(q: &Question) -> Self {
        Self {
            id: q.id.clone(),
            number: q.post.number,
            name: q.post.author.name.clone(),
            body: q.post.body.clone(),
            topic: q.topic.clone(),
            place: q.place.clone(),
            department_id: q.department_id.clone(),
            at_ms: q.post.at,
            supports: q.supports,
            disposition: q.disposition,
            merged_into: q.merged_into.clone(),
            reason: q.disposition_reason.clone(),
        }
    }
}

impl From<&Answer> for AnswerFace {
    fn from(a: &Answer) -> Self {
        Self {
            id: a.id.clone(),
            question_id: a.question_id.clone(),
            department_id: a.department_id.clone(),
            kind: a.kind,
            answer_type: a.answer_type,
            body: a.body.clone(),
            speaker: a.speaker.clone(),
            owner: a.owner.clone(),
            due_date: a.due_date.clone(),
            basis: a.basis.clone(),
            transfer_to: a.transfer_to.clone(),
            started_ms: a.started_at,
            ended_ms: a.ended_at,
            at_ms: a.published_at,
        }
    }
}

impl From<&Department> for DepartmentFace {
    fn from(d: &Department) -> Self {
        Self {
            id: d.id.clone(),
            name: d.name.clone(),
        }
    }
}

impl From<Policy> for PolicyFace {
    fn from(p: Policy) -> Self {
        let Policy {
            comment_tier,
            question_tier,
            support_tier,
            comment_mode,
            question_mode,
            slow_mode_s,
            links_off,
            chat_off,
            stream_off,
            first_held,
            min_age_s,
            wait_limit_s,
        } = p;
        Self {
            comment_tier,
            question_tier,
            support_tier,
            comment_mode,
            question_mode,
            slow_mode_s,
            links_off,
            chat_off,
            stream_off,
            first_held,
            min_age_s,
            wait_limit_s,
        }
    }
}

impl From<PolicyFace> for Policy {
    fn from(p: PolicyFace) -> Self {
        let PolicyFace {
            comment_tier,
            question_tier,
            support_tier,
            comment_mode,
            question_mode,
            slow_mode_s,
            links_off,
            chat_off,
            stream_off,
            first_held,
            min_age_s,
            wait_limit_s,
        } = p;
        Self {
            comment_tier,
            question_tier,
            support_tier,
            comment_mode,
            question_mode,
            slow_mode_s,
            links_off,
            chat_off,
            stream_off,
            first_held,
            min_age_s,
            wait_limit_s,
        }
    }
}

/// The session as everybody may see it; `stage_question` is the question its stage names.
pub fn session_face(s: &Session, stage_question: Option<&Question>) -> SessionFace {
    let stage = s
        .stage
        .as_ref()
        .zip(stage_question)
        .map(|(stage, question)| StageFace {
            question: question.into(),
            since_ms: stage.since,
            answering: stage.answering.as_ref().map(|a| AnsweringFace {
                answer_id: a.answer_id.clone(),
                department_id: a.department_id.clone(),
                speaker: a.speaker.clone(),
                started_ms: a.started_at,
            }),
        });
    SessionFace {
        id: s.id.clone(),
        hall_id: s.hall_id.clone(),
        hall_slug: s.hall_slug.clone(),
        hall_name: s.hall_name.clone(),
        hall_color: s.hall_color.clone(),
        code: s.code.clone(),
        kind: s.kind,
        title: s.title.clone(),
        intro: s.intro.clone(),
        venue: s.venue.clone(),
        host_name: s.host_name.clone(),
        state: s.state,
        starts_ms: s.starts_at,
        started_ms: s.started_at,
        ended_ms: s.ended_at,
        stream_url: s.stream_url.clone(),
        announcement: s.announcement.clone(),
        policy: s.policy.into(),
        topics: s.topics.clone(),
        departments: s.departments.iter().map(Into::into).collect(),
        segments: s
            .segments
            .iter()
            .map(|g| SegmentFace {
                id: g.id.clone(),
                title: g.title.clone(),
                department_id: g.department_id.clone(),
                planned_minutes: g.planned_minutes,
                started_ms: g.started_at,
                ended_ms: g.ended_at,
            })
            .collect(),
        materials: s
            .materials
            .iter()
            .map(|m| MaterialFace {
                id: m.id.clone(),
                title: m.title.clone(),
                body: m.body.clone(),
                url: m.url.clone(),
            })
            .collect(),
        stage,
        emergency: s.emergency.as_ref().map(|e| EmergencyFace {
            since_ms: e.since,
            until_ms: e.until,
            did: EmergencyStep::between(e.before, s.policy),
        }),
    }
}

impl From<&Finding> for FindingFace {
    fn from(f: &Finding) -> Self {
        Self {
            rule: f.rule.clone(),
            reason: f.reason.clone(),
            start: f.start,
            end: f.end,
        }
    }
}

impl From<&AnyPost> for QueueItem {
    fn from(any: &AnyPost) -> Self {
        let post = any.post();
        let (topic, place, department_id) = match any {
            AnyPost::Comment(_) => (String::new(), String::new(), None),
            AnyPost::Question(q) => (q.topic.clone(), q.place.clone(), q.department_id.clone()),
        };
        Self {
            kind: any.kind(),
            id: any.id().to_owned(),
            number: post.number,
            state: post.state,
            revision: post.revision,
            author: (&post.author).into(),
            body: post.body.clone(),
            topic,
            place,
            department_id,
            at_ms: post.at,
            findings: post.findings.iter().map(Into::into).collect(),
            reason: post.reason.clone(),
            note: post.note.clone(),
            reports: None,
        }
    }
}

impl From<&Reports> for ReportsFace {
    fn from(r: &Reports) -> Self {
        Self {
            count: r.count,
            first_ms: r.first_at,
            reasons: r.reasons.clone(),
        }
    }
}

/// A post with what viewers said of it, if they did.
pub fn queue_item(post: &AnyPost, reports: Option<&Reports>) -> QueueItem {
    QueueItem {
        reports: reports.map(Into::into),
        ..post.into()
    }
}

impl From<&Claim> for ClaimFace {
    fn from(c: &Claim) -> Self {
        Self {
            kind: c.kind,
            id: c.id.clone(),
            lease: c.lease.clone(),
            staff_id: c.staff_id.clone(),
            by_name: c.by_name.clone(),
            at_ms: c.at,
            until_ms: c.until,
            taken_from: c.taken_from.clone(),
        }
    }
}

impl From<&Decision> for DecisionFace {
    fn from(d: &Decision) -> Self {
        Self {
            id: d.id.clone(),
            verdict: d.verdict,
            items: d
                .items
                .iter()
                .map(|i| DecidedItem {
                    kind: i.kind,
                    id: i.id.clone(),
                    state: i.state,
                    revision: i.revision,
                })
                .collect(),
            reason: d.reason.clone(),
            by_name: d.by_name.clone(),
            at_ms: d.at,
            undo_until_ms: d.at.plus_ms(UNDO_MS),
            undone: d.undone,
        }
    }
}

/// An own post as its author sees it. `None` when its `ref` is not one a client can have sent (typed in by staff).
pub fn own_post(any: &AnyPost) -> Option<OwnPost> {
    let post = any.post();
    Some(OwnPost {
        kind: any.kind(),
        id: any.id().to_owned(),
        r#ref: post.client_ref.clone().try_into().ok()?,
        number: post.number,
        state: post.state,
        reason: post.reason.clone(),
        note: post.note.clone(),
        body: post.body.clone(),
        at_ms: post.at,
        disposition: match any {
            AnyPost::Comment(_) => None,
            AnyPost::Question(q) => q.disposition,
        },
    })
}

/// The same for a change told by the log.
pub fn own_change(c: &OwnChange) -> Option<OwnPost> {
    Some(OwnPost {
        kind: c.kind,
        id: c.id.clone(),
        r#ref: c.client_ref.clone().try_into().ok()?,
        number: c.number,
        state: c.state,
        reason: c.reason.clone(),
        note: c.note.clone(),
        body: c.body.clone(),
        at_ms: c.at,
        disposition: None,
    })
}
