//! Word lists: read, tried, changed, with their history; and what else a hall wants of screening.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Door;
use super::asking::Behind;
use super::body::Body;
use super::error::ApiResult;
use super::url::{Path, Query};
use crate::command::{self, WhichList, WordsInput, check_list};
use crate::domain::ids::HallId;
use crate::domain::policy::{self, Verb};
use crate::domain::rejection::Rejection;
use crate::domain::screen::Verdict;
use crate::domain::screening_settings::{ScreeningSettings, WordKind};
use crate::protocol::record::{
    ScreeningFace, ScreeningRequest, WordListAnswer, WordListHead, WordListRequest, WordListSaved,
    WordListsAnswer, WordTrialAnswer, WordTrialChange, WordTrialRequest,
};
use crate::protocol::rest::BrokenLine;
use crate::store::ListVersion;

/// Versions of a list shown.
const HISTORY_LEN: u32 = 50;
/// Changes of a trial shown.
const CHANGES_SHOWN: usize = 100;

/// The hall a path names; `None` for `everywhere`.
fn scope(word: &str) -> Result<Option<HallId>, Rejection> {
    if word == "everywhere" {
        return Ok(None);
    }
    word.parse().map(Some).map_err(|_| Rejection::not_found("hall"))
}

fn which(scope_word: &str, kind: &str) -> Result<WhichList, Rejection> {
    Ok(WhichList {
        hall: scope(scope_word)?,
        kind: kind
            .parse()
            .map_err(|_| Rejection::not_found("kind of word list"))?,
    })
}

fn head(v: ListVersion) -> WordListHead {
    WordListHead {
        kind: v.kind,
        version: v.version,
        words: v.words,
        added: v.added,
        removed: v.removed,
        note: v.note,
        at_ms: v.at,
        by_name: v.staff_name,
    }
}

pub(super) fn broken_face(broken: Vec<command::BrokenLine>) -> Vec<BrokenLine> {
    broken
        .into_iter()
        .map(|b| BrokenLine {
            line: b.line,
            why: b.why,
        })
        .collect()
}

pub async fn lists(
    State(door): State<Door>,
    Path(word): Path<String>,
    Behind(staff): Behind,
) -> ApiResult<Json<WordListsAnswer>> {
    let hall = scope(&word)?;
    // Whoever may edit any of them may see them all.
    check_list(
        &staff,
        &WhichList {
            hall: hall.clone(),
            kind: WordKind::Hold,
        },
    )?;
    let lists = door.read().await?.conn().lists_of(hall.as_ref()).await?;
    let memory = door.commands().word_memory(hall.as_ref()).await?;
    Ok(Json(WordListsAnswer {
        lists: lists.into_iter().map(head).collect(),
        shipped_words: memory.shipped_words,
        automata_bytes: memory.automata_bytes,
        shipped_automata_bytes: memory.shipped_automata_bytes,
        classifier: door.commands().has_classifier(),
    }))
}

#[derive(Debug, Deserialize)]
pub struct VersionQuery {
    version: Option<u64>,
}

pub async fn list(
    State(door): State<Door>,
    Path((word, kind)): Path<(String, String)>,
    Behind(staff): Behind,
    Query(query): Query<VersionQuery>,
) -> ApiResult<Json<WordListAnswer>> {
    let which = which(&word, &kind)?;
    check_list(&staff, &which)?;
    let mut reader = door.read().await?;
    let (version, text) = reader
        .conn()
        .list_text(which.hall.as_ref(), which.kind, query.version)
        .await?;
    if query.version.is_some_and(|v| v != version) {
        return Err(Rejection::not_found("version of this list").into());
    }
    let history = reader
        .conn()
        .list_history(which.hall.as_ref(), which.kind, HISTORY_LEN)
        .await?;
    Ok(Json(WordListAnswer {
        version,
        text,
        history: history.into_iter().map(head).collect(),
    }))
}

pub async fn edit(
    State(door): State<Door>,
    Path((word, kind)): Path<(String, String)>,
    Behind(staff): Behind,
    Body(request): Body<WordListRequest>,
) -> ApiResult<Json<WordListSaved>> {
    let input = WordsInput {
        text: request.text,
        base_version: request.base_version,
        note: request.note,
    };
    let (read, saved) = door
        .commands()
        .edit_word_list(&staff, which(&word, &kind)?, input)
        .await?;
    Ok(Json(WordListSaved {
        saved: saved.map(head),
        words: read.words,
        broken: broken_face(read.broken),
        broken_total: read.broken_total,
    }))
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Publish => "publish",
        Verdict::Hold => "hold",
        Verdict::Decline => "decline",
    }
}

pub async fn trial(
    State(door): State<Door>,
    Path((word, kind)): Path<(String, String)>,
    Behind(staff): Behind,
    Body(request): Body<WordTrialRequest>,
) -> ApiResult<Json<WordTrialAnswer>> {
    let trial = door
        .commands()
        .try_word_list(&staff, which(&word, &kind)?, request.text, request.posts)
        .await?;
    let count = |holds: fn(Verdict, Verdict) -> bool| {
        trial
            .changes
            .iter()
            .filter(|c| holds(c.before.verdict, c.after.verdict))
            .count() as u64
    };
    Ok(Json(WordTrialAnswer {
        words: trial.read.words,
        broken_total: trial.read.broken_total,
        posts: trial.posts,
        newly_held: count(|before, after| before < after && after == Verdict::Hold),
        newly_declined: count(|before, after| before < after && after == Verdict::Decline),
        released: count(|before, after| after < before),
        changes: trial
            .changes
            .iter()
            .take(CHANGES_SHOWN)
            .map(|c| {
                let telling = if c.after.verdict < c.before.verdict {
                    &c.before
                } else {
                    &c.after
                };
                WordTrialChange {
                    kind: c.post.kind,
                    id: c.post.id.clone(),
                    number: c.post.number,
                    session_id: c.post.session_id.clone(),
                    body: c.post.body.clone(),
                    before: verdict_word(c.before.verdict).to_owned(),
                    after: verdict_word(c.after.verdict).to_owned(),
                    findings: telling
                        .findings
                        .iter()
                        .map(|f| (&command::finding_of(f)).into())
                        .collect(),
                }
            })
            .collect(),
        broken: broken_face(trial.read.broken),
    }))
}

fn settings_face(s: ScreeningSettings) -> Json<ScreeningFace> {
    Json(ScreeningFace {
        first_posts: s.first_posts,
        allowed_hosts: s.allowed_hosts,
        external: s.external,
    })
}

pub async fn settings(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
) -> ApiResult<Json<ScreeningFace>> {
    policy::check_hall(Verb::EditWords, &staff.roles_in(&hall))?;
    Ok(settings_face(
        door.read().await?.conn().screening_settings(&hall).await?,
    ))
}

pub async fn set_settings(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
    Body(request): Body<ScreeningRequest>,
) -> ApiResult<Json<ScreeningFace>> {
    let settings = ScreeningSettings {
        first_posts: request.first_posts,
        allowed_hosts: request.allowed_hosts,
        external: request.external,
    };
    Ok(settings_face(
        door.commands().set_screening(&staff, &hall, settings).await?,
    ))
}
