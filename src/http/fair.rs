//! Fair selection: what waits to be heard, and the report of what was.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Door;
use super::asking::MaybeBehind;
use super::error::ApiResult;
use super::sessions::visible;
use super::url::{Path, Query};
use crate::domain::fair::{self, GroupFigures, Narrow, RULE, Ranked};
use crate::domain::ids::{DepartmentId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::words::{PostState, SessionState};
use crate::protocol::record::{ChoiceFace, FairAnswer, FairRow, FairnessReport, GroupLine, TopQuestion};

/// Rows of a list unless asked for fewer or more.
const ROWS: u32 = fair::LIST_LEN;
/// Rows of a list, at most.
const ROWS_MAX: u32 = 200;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListName {
    #[default]
    MostSupported,
    NotYetHeard,
}

#[derive(Debug, Deserialize)]
pub struct FairQuery {
    #[serde(default)]
    view: ListName,
    topic: Option<String>,
    department_id: Option<DepartmentId>,
    place: Option<String>,
    limit: Option<u32>,
}

fn row(r: &Ranked) -> FairRow {
    FairRow {
        question: (&r.question).into(),
        on_air_s: (r.on_air_ms / 1_000).cast_unsigned(),
        rate_milli: r.rate_milli,
        rank_supported: r.rank_supported,
        rank_unheard: r.rank_unheard,
        first_of_topic: r.first_of_topic,
        first_of_department: r.first_of_department,
        first_of_place: r.first_of_place,
    }
}

pub async fn list(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
    Query(query): Query<FairQuery>,
) -> ApiResult<Json<FairAnswer>> {
    let session = visible(&door, &id, staff.as_ref()).await?;
    let (ranking, at) = door.commands().ranking(&session).await?;
    let narrow = Narrow {
        topic: query.topic,
        department_id: query.department_id,
        place: query.place,
    };
    let rows: Vec<&Ranked> = match query.view {
        ListName::MostSupported => ranking.most_supported(),
        ListName::NotYetHeard => ranking.rows.iter().collect(),
    };
    let limit = query.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX) as usize;
    Ok(Json(FairAnswer {
        rule: RULE.to_owned(),
        as_of_ms: at,
        waiting: ranking.rows.len() as u64,
        rows: rows
            .into_iter()
            .filter(|r| narrow.holds(&r.question))
            .take(limit)
            .map(row)
            .collect(),
    }))
}

fn groups(figures: BTreeMap<String, GroupFigures>, name: impl Fn(&str) -> String) -> Vec<GroupLine> {
    let mut lines: Vec<GroupLine> = figures
        .into_iter()
        .map(|(key, g)| GroupLine {
            name: name(&key),
            asked: g.asked,
            supports: g.supports,
            heard: g.heard,
            top: g.top,
            top_heard: g.top_heard,
        })
        .collect();
    lines.sort_by(|a, b| (b.asked, &a.name).cmp(&(a.asked, &b.name)));
    lines
}

pub async fn report(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
) -> ApiResult<Json<FairnessReport>> {
    let session = visible(&door, &id, staff.as_ref()).await?;
    let over = matches!(session.state, SessionState::Ended | SessionState::Closed);
    let behind = staff
        .as_ref()
        .is_some_and(|s| Verb::ReadFairness.allowed(&s.roles_in(&session.hall_id), session.state));
    if !over && !behind {
        return Err(Rejection::not_found("report before the session has ended").into());
    }
    let mut snapshot = door.inner.db.snapshot().await?;
    let mut conn = snapshot.conn();
    let questions = conn.all_questions(&id).await?;
    let choices = conn.choices(&id).await?;
    let names: HashMap<String, String> = conn
        .all_departments(&session.hall_id)
        .await?
        .into_iter()
        .map(|d| (d.id.to_string(), d.name))
        .collect();
    drop(snapshot);
    let texts: HashMap<String, (u64, String)> = questions
        .iter()
        .map(|q| {
            let public = q.post.state == PostState::Published;
            let body = if public {
                q.post.body.clone()
            } else {
                String::new()
            };
            (q.id.to_string(), (q.post.number, body))
        })
        .collect();
    let report = fair::report(questions, choices);
    Ok(Json(FairnessReport {
        session_id: id,
        as_of_ms: door.now(),
        rule: RULE.to_owned(),
        published: report.published,
        heard: report.heard,
        top: report
            .top
            .iter()
            .map(|(q, heard)| TopQuestion {
                question: q.into(),
                heard: *heard,
            })
            .collect(),
        top_heard: report.top_heard,
        topics: groups(report.topics, str::to_owned),
        departments: groups(report.departments, |id| {
            names.get(id).cloned().unwrap_or_default()
        }),
        places: groups(report.places, str::to_owned),
        choices: report
            .choices
            .iter()
            .map(|c| {
                let (number, body) = texts.get(c.question_id.as_str()).cloned().unwrap_or_default();
                ChoiceFace {
                    question_id: c.question_id.clone(),
                    number,
                    body,
                    at_ms: c.at,
                    by_name: if behind { c.by_name.clone() } else { String::new() },
                    rule: c.rule.clone(),
                    rank_supported: c.rank_supported,
                    rank_unheard: c.rank_unheard,
                    of: c.of,
                    supports: c.supports,
                    first_of_group: c.first_of_group,
                    outside: c.outside(),
                    reason: c.reason.clone(),
                }
            })
            .collect(),
        outside: report.outside,
        outside_with_reason: report.outside_with_reason,
    }))
}
