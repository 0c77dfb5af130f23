//! What is on everybody's screen, as one of the crowd sees it who only watches and never says who it is.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Shared;
use super::person::{Ended, Line};
use crate::app::demo::texts::HALL;
use crate::domain::ids::{AnswerId, DepartmentId, QuestionId};
use crate::protocol::server::{Batch, QuestionFace, ServerMessage, SessionFace, View, What};

/// Questions that are looked at. The page shows no more either.
const QUESTIONS_MAX: usize = 500;

/// The session as the page has it.
#[derive(Debug, Default)]
pub struct World {
    seq: Option<u64>,
    session: Option<SessionFace>,
    questions: VecDeque<Seen>,
    answers: u64,
}

/// A question that can be supported.
#[derive(Debug, Clone)]
pub struct Seen {
    pub id: QuestionId,
    pub supports: u64,
    /// Nothing became of it yet.
    open: bool,
}

/// What matters for what people say now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scene {
    pub takes_comments: bool,
    pub takes_questions: bool,
    pub on_stage: Option<QuestionId>,
    pub answering: Option<AnswerId>,
    /// Counts up with every published answer.
    pub answers: u64,
    /// Keys of the departments that the question on stage and the segment belong to, in this order.
    pub subjects: [Option<&'static str>; 2],
}

fn key_of(session: &SessionFace, department: Option<&DepartmentId>) -> Option<&'static str> {
    let name = &session
        .departments
        .iter()
        .find(|d| Some(&d.id) == department)?
        .name;
    HALL.departments
        .iter()
        .find(|d| d.name == *name)
        .map(|d| d.key.as_str())
}

impl World {
    /// What there is to talk about.
    pub fn scene(&self) -> Scene {
        let Some(session) = &self.session else {
            return Scene::default();
        };
        let segment = session
            .segments
            .iter()
            .find(|s| s.started_ms.is_some() && s.ended_ms.is_none());
        let of_stage = session
            .stage
            .as_ref()
            .and_then(|s| s.question.department_id.as_ref());
        let of_segment = segment.and_then(|s| s.department_id.as_ref());
        Scene {
            takes_comments: session.state.takes_comments(),
            takes_questions: session.state.takes_questions(),
            on_stage: session.stage.as_ref().map(|s| s.question.id.clone()),
            answering: session
                .stage
                .as_ref()
                .and_then(|s| s.answering.as_ref())
                .map(|a| a.answer_id.clone()),
            answers: self.answers,
            subjects: [key_of(session, of_stage), key_of(session, of_segment)],
        }
    }

    /// Questions nothing became of yet.
    pub fn open_questions(&self) -> impl Iterator<Item = &Seen> {
        self.questions.iter().filter(|q| q.open)
    }

    /// The id of the department with a key.
    pub fn department(&self, key: &str) -> Option<DepartmentId> {
        let name = &HALL.departments.iter().find(|d| d.key == key)?.name;
        self.session
            .as_ref()?
            .departments
            .iter()
            .find(|d| d.name == *name)
            .map(|d| d.id.clone())
    }

    /// The number to come back with.
    pub fn seq(&self) -> Option<u64> {
        self.seq
    }

    fn see(&mut self, question: &QuestionFace) {
        let seen = Seen {
            id: question.id.clone(),
            supports: question.supports,
            open: question.disposition.is_none() && question.merged_into.is_none(),
        };
        match self.questions.iter_mut().find(|q| q.id == question.id) {
            Some(known) => *known = seen,
            None => {
                if self.questions.len() == QUESTIONS_MAX {
                    self.questions.pop_front();
                }
                self.questions.push_back(seen);
            }
        }
    }

    fn replace(&mut self, view: View) {
        self.seq = Some(view.seq);
        self.answers = view.answers.len() as u64;
        self.questions.clear();
        for question in &view.questions {
            self.see(question);
        }
        self.session = Some(view.session);
    }

    /// Applies a batch by the rule of every client. False when there is a gap and the line must be opened again.
    fn apply(&mut self, batch: Batch) -> bool {
        let Some(seq) = self.seq else { return false };
        if batch.last_seq <= seq {
            return true;
        }
        if batch.first_seq > seq + 1 {
            return false;
        }
        for item in batch.items.into_iter().filter(|i| i.seq > seq) {
            match item.what {
                What::SessionChanged { session } => self.session = Some(*session),
                What::QuestionPublished { question } => self.see(&question),
                What::AnswerPublished { .. } => self.answers += 1,
                What::PostRemoved { id, .. } => self.questions.retain(|q| q.id.as_str() != id),
                What::CommentPublished { .. }
                | What::ItemQueued { .. }
                | What::ItemsDecided { .. }
                | What::ClaimsChanged { .. }
                | What::ItemReported { .. }
                | What::ReportsSettled { .. }
                | What::NextUpChanged { .. } => {}
            }
        }
        for (id, supports) in batch.tallies {
            if let Some(question) = self.questions.iter_mut().find(|q| q.id == id) {
                question.supports = supports;
            }
        }
        self.seq = Some(batch.last_seq);
        true
    }

    /// Takes in what the server said. False when the line must be opened again.
    pub fn hear(&mut self, message: ServerMessage) -> bool {
        match message {
            ServerMessage::View(view) => {
                self.replace(*view);
                true
            }
            ServerMessage::Batch(batch) => self.apply(batch),
            _ => true,
        }
    }
}

/// Watches until the session is gone.
pub async fn watch(shared: Arc<Shared>) {
    let mut pause = Duration::from_millis(250);
    loop {
        let since = shared.lock_world().seq();
        if let Ok(mut line) = Line::open(&shared, since).await {
            pause = Duration::from_millis(250);
            let ended = loop {
                match line.next().await {
                    Ok(text) => {
                        // Not understood is not ours to repair: the next view is whole again.
                        let Ok(message) = serde_json::from_str(&text) else {
                            continue;
                        };
                        if !shared.lock_world().hear(message) {
                            break Ended::Lost;
                        }
                    }
                    Err(ended) => break ended,
                }
            };
            if ended == Ended::ForGood {
                return;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(15));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::SessionId;
    use crate::domain::time::Timestamp;

    fn question(n: u32, supports: u64) -> serde_json::Value {
        let id = QuestionId::new(Timestamp::from_ms(1), n);
        serde_json::json!({"id": id, "number": n, "name": "甲", "body": "水价", "topic": "", "place": "", "department_id": null, "at_ms": 1,
            "supports": supports, "disposition": null, "merged_into": null, "reason": ""})
    }

    fn view() -> ServerMessage {
        let id = SessionId::new(Timestamp::from_ms(1), 1);
        let policy = serde_json::json!({"comment_tier": "guest", "question_tier": "guest", "support_tier": "guest", "comment_mode": "hold_suspicious",
            "question_mode": "hold_first", "slow_mode_s": 0});
        let session = serde_json::json!({"id": id, "hall_id": id, "hall_slug": "x", "hall_name": "x", "hall_color": "", "code": "ABCDEF", "kind": "consultation",
            "title": "x", "intro": "", "venue": "", "host_name": "", "state": "live", "starts_ms": null, "started_ms": 1, "ended_ms": null, "stream_url": "",
            "announcement": "", "policy": policy, "topics": [], "departments": [{"id": id, "name": "燃气公司"}],
            "segments": [{"id": id, "title": "燃气", "department_id": id, "planned_minutes": 5, "started_ms": 1, "ended_ms": null}], "materials": [], "stage": null});
        let view = serde_json::json!({"type": "view", "version": 1, "seq": 10, "server_ms": 1, "session": session, "questions": [question(1, 5)],
            "questions_total": 1, "comments": [], "answers": [], "watching": 1});
        serde_json::from_value(view).expect("the wire type")
    }

    fn batch(first: u64, last: u64, question_n: u32) -> ServerMessage {
        let mut item = question(question_n, 0);
        item = serde_json::json!({"seq": last, "type": "question_published", "question": item});
        serde_json::from_value(
            serde_json::json!({"type": "batch", "first_seq": first, "last_seq": last, "items": [item]}),
        )
        .expect("the wire type")
    }

    #[test]
    fn the_scene_is_what_the_page_shows() {
        let mut world = World::default();
        assert_eq!(world.scene(), Scene::default());
        assert!(world.hear(view()));
        let scene = world.scene();
        assert_eq!(
            (scene.takes_comments, scene.subjects),
            (true, [None, Some("gas")])
        );
        assert!(world.department("gas").is_some() && world.department("water").is_none());
    }

    #[test]
    fn a_gap_asks_for_a_new_line_and_a_repeat_changes_nothing() {
        let mut world = World::default();
        world.hear(view());
        assert!(world.hear(batch(11, 12, 2)));
        assert!(world.hear(batch(11, 12, 3)), "a repeat is dropped");
        assert_eq!(world.open_questions().count(), 2);
        assert!(!world.hear(batch(14, 14, 4)), "13 is missing");
        assert_eq!(world.seq(), Some(12));
    }
}
