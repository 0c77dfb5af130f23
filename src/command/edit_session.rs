//! Prepare a session: what it is about, who takes part, the run of show, the materials.

use serde_json::json;

use super::screening::{parse_label, parse_long};
use super::{Commands, Outcome};
use crate::domain::hall::Department;
use crate::domain::ids::{DepartmentId, MaterialId, SegmentId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::{
    MATERIALS_MAX, Material, SEGMENTS_MAX, Segment, Session, TOPICS_MAX, check_url,
};
use crate::domain::staff::Staff;
use crate::domain::time::Timestamp;
use crate::domain::words::SessionKind;

/// Everything that is prepared of a session.
#[derive(Debug, Clone)]
pub struct SessionInput {
    pub kind: SessionKind,
    pub title: String,
    pub intro: String,
    pub venue: String,
    pub host_name: String,
    pub starts_at: Option<Timestamp>,
    pub stream_url: String,
    pub topics: Vec<String>,
    pub department_ids: Vec<DepartmentId>,
    pub segments: Vec<SegmentInput>,
    /// Title, text, link.
    pub materials: Vec<(String, String, String)>,
}

/// An item of the run of show.
#[derive(Debug, Clone)]
pub struct SegmentInput {
    pub id: Option<SegmentId>,
    pub title: String,
    pub department_id: Option<DepartmentId>,
    pub planned_minutes: u32,
}

impl SessionInput {
    /// Writes the input into a session. Departments come from the hall or stay from before; a segment that ran keeps its times.
    pub(super) fn apply(
        self,
        session: &mut Session,
        hall_departments: &[Department],
        now: Timestamp,
        chance: &dyn Fn() -> u32,
    ) -> Result<(), Rejection> {
        let title = parse_label("title", &self.title, 60)?;
        if title.is_empty() {
            return Err(Rejection::new(Code::Empty, "a session needs a title").with("field", "title"));
        }
        check_url("stream_url", &self.stream_url)?;
        for (field, len, max) in [
            ("topics", self.topics.len(), TOPICS_MAX),
            ("segments", self.segments.len(), SEGMENTS_MAX),
            ("materials", self.materials.len(), MATERIALS_MAX),
        ] {
            if len > max {
                return Err(Rejection::out_of_range(
                    field,
                    format!("a session has {len} {field}; the limit is {max}"),
                ));
            }
        }
        let mut departments = Vec::with_capacity(self.department_ids.len());
        for id in &self.department_ids {
            let known = hall_departments
                .iter()
                .chain(&session.departments)
                .find(|d| d.id == *id);
            let known = known
                .ok_or_else(|| Rejection::not_found("department in this hall"))?
                .clone();
            if !departments.contains(&known) {
                departments.push(known);
            }
        }
        let mut segments = Vec::with_capacity(self.segments.len());
        for input in self.segments {
            let before = input
                .id
                .as_ref()
                .and_then(|id| session.segments.iter().find(|s| s.id == *id));
            if before.is_some_and(|b| segments.iter().any(|s: &Segment| s.id == b.id)) {
                return Err(Rejection::out_of_range("segments", "a segment is named twice"));
            }
            if input.id.is_some() && before.is_none() {
                return Err(Rejection::not_found("segment in this session"));
            }
            if input.planned_minutes == 0 || input.planned_minutes > 600 {
                return Err(Rejection::out_of_range(
                    "planned_minutes",
                    "a segment is planned for 1 to 600 minutes",
                ));
            }
            if input
                .department_id
                .as_ref()
                .is_some_and(|d| !departments.iter().any(|known| known.id == *d))
            {
                return Err(Rejection::not_found("department in this session"));
            }
            segments.push(Segment {
                id: input.id.clone().unwrap_or_else(|| SegmentId::new(now, chance())),
                title: parse_label("segments", &input.title, 40)?,
                department_id: input.department_id,
                planned_minutes: input.planned_minutes,
                started_at: before.and_then(|s| s.started_at),
                ended_at: before.and_then(|s| s.ended_at),
            });
        }
        if session
            .segments
            .iter()
            .any(|s| s.started_at.is_some() && !segments.iter().any(|kept| kept.id == s.id))
        {
            return Err(Rejection::out_of_range(
                "segments",
                "a segment that ran may not be removed",
            ));
        }
        let mut materials = Vec::with_capacity(self.materials.len());
        for (title, body, url) in self.materials {
            check_url("url", &url)?;
            materials.push(Material {
                id: MaterialId::new(now, chance()),
                title: parse_label("materials", &title, 60)?,
                body: parse_long("materials", &body, 10_000)?,
                url,
            });
        }
        session.kind = self.kind;
        session.title = title;
        session.intro = parse_long("intro", &self.intro, 2_000)?;
        session.venue = parse_label("venue", &self.venue, 60)?;
        session.host_name = parse_label("host_name", &self.host_name, 30)?;
        session.starts_at = self.starts_at;
        session.stream_url = self.stream_url;
        session.topics = self
            .topics
            .iter()
            .map(|t| parse_label("topics", t, 20))
            .filter(|t| t.as_ref().map_or(true, |t| !t.is_empty()))
            .collect::<Result<_, _>>()?;
        session.departments = departments;
        session.segments = segments;
        session.materials = materials;
        Ok(())
    }
}

impl Commands {
    /// # Errors
    /// `forbidden`, `wrong_state` once closed, `not_found`, `out_of_range`, `too_long`.
    pub async fn edit_session(&self, by: &Staff, id: &SessionId, input: SessionInput) -> Outcome<Session> {
        self.in_session(by, id, Verb::EditSession, move |act| {
            Box::pin(async move {
                let departments = act.tx.conn().departments(&act.session.hall_id).await?;
                let now = act.now;
                let mut session = act.session.clone();
                input.apply(&mut session, &departments, now, &|| act.chance())?;
                act.tx.update_session(&session).await?;
                act.tx.set_session_parts(&session).await?;
                act.session = session;
                act.changed();
                act.audit("session", json!({})).await?;
                Ok(act.session.clone())
            })
        })
        .await
    }
}
