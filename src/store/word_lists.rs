//! Word lists with their versions, what else a hall wants of screening, and the posts a change is tried on.

use std::collections::BTreeMap;

use super::conn::{Conn, StoreError, count, from_json, on, or_empty, parse, stored, to_json};
use super::writer::Tx;
use crate::domain::ids::{HallId, ParticipantId, SessionId, StaffId};
use crate::domain::screening_settings::{ScreeningSettings, WordKind};
use crate::domain::time::Timestamp;
use crate::domain::words::PostKind;

/// Newest version of each list of a hall and of every hall (`None`).
pub type ListVersions = BTreeMap<(bool, WordKind), u64>;

/// A version of a list without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListVersion {
    pub kind: WordKind,
    pub version: u64,
    pub words: u64,
    pub added: u64,
    pub removed: u64,
    pub note: String,
    pub at: Timestamp,
    pub staff_name: String,
}

/// A new version of a list.
pub struct NewListVersion<'v> {
    /// `None` for every hall.
    pub hall: Option<&'v HallId>,
    pub head: &'v ListVersion,
    pub text: &'v str,
    pub by: &'v StaffId,
}

/// A post a change is tried on.
#[derive(Debug, Clone)]
pub struct PostText {
    pub kind: PostKind,
    pub id: String,
    pub number: u64,
    pub session_id: SessionId,
    pub body: String,
}

type VersionRow = (String, i64, i64, i64, i64, String, i64, String);

fn version(row: VersionRow) -> Result<ListVersion, StoreError> {
    Ok(ListVersion {
        kind: parse("word list kind", row.0)?,
        version: count(row.1),
        words: count(row.2),
        added: count(row.3),
        removed: count(row.4),
        note: row.5,
        at: Timestamp::from_ms(row.6),
        staff_name: row.7,
    })
}

impl Conn<'_> {
    /// Newest versions of the lists valid in a hall; the key says whether it is the hall's own.
    pub async fn list_versions(&mut self, hall: &HallId) -> Result<ListVersions, StoreError> {
        let rows: Vec<(String, String, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT hall_id, kind, MAX(version) FROM word_list WHERE hall_id = '' OR hall_id = $1 GROUP BY hall_id, kind"
        )
        .bind(hall.as_str())
        .fetch_all(c)
        .await
        })?;
        rows.into_iter()
            .map(|(of, kind, n)| Ok(((!of.is_empty(), parse("word list kind", kind)?), count(n))))
            .collect()
    }
    /// Newest lists of a hall, or of every hall, without their texts.
    pub async fn lists_of(&mut self, hall: Option<&HallId>) -> Result<Vec<ListVersion>, StoreError> {
        let rows: Vec<VersionRow> = on!(self, |c| {
            sqlx::query_as(
            "SELECT kind, version, words, added, removed, note, at_ms, staff_name FROM word_list w WHERE hall_id = $1 \
             AND version = (SELECT MAX(o.version) FROM word_list o WHERE o.hall_id = w.hall_id AND o.kind = w.kind) ORDER BY kind"
        )
        .bind(or_empty(hall))
        .fetch_all(c)
        .await
        })?;
        rows.into_iter().map(version).collect()
    }
    /// Versions of one list, newest first.
    pub async fn list_history(
        &mut self,
        hall: Option<&HallId>,
        kind: WordKind,
        limit: u32,
    ) -> Result<Vec<ListVersion>, StoreError> {
        let rows: Vec<VersionRow> = on!(self, |c| {
            sqlx::query_as(
            "SELECT kind, version, words, added, removed, note, at_ms, staff_name FROM word_list WHERE hall_id = $1 AND kind = $2 ORDER BY version DESC LIMIT $3"
        )
        .bind(or_empty(hall))
        .bind(kind.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await
        })?;
        rows.into_iter().map(version).collect()
    }
    /// Text of a version, or of the newest one, with its number; an empty list of version 0 if there is none.
    pub async fn list_text(
        &mut self,
        hall: Option<&HallId>,
        kind: WordKind,
        version: Option<u64>,
    ) -> Result<(u64, String), StoreError> {
        let row: Option<(i64, String)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT version, text FROM word_list WHERE hall_id = $1 AND kind = $2 AND ($3 < 0 OR version = $3) ORDER BY version DESC LIMIT 1"
        )
        .bind(or_empty(hall))
        .bind(kind.as_str())
        .bind(version.map_or(-1, stored))
        .fetch_optional(c)
        .await
        })?;
        Ok(row.map_or((0, String::new()), |(n, text)| (count(n), text)))
    }
    /// What else a hall wants of screening.
    pub async fn screening_settings(&mut self, hall: &HallId) -> Result<ScreeningSettings, StoreError> {
        let text: Option<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT settings FROM hall_screening WHERE hall_id = $1"
        )
        .bind(hall.as_str())
        .fetch_optional(c)
        .await)?;
        text.map_or_else(
            || Ok(ScreeningSettings::default()),
            |t| from_json("screening settings", &t),
        )
    }
    /// The newest posts of a hall, or of all, both kinds together, newest first.
    pub async fn last_posts(
        &mut self,
        hall: Option<&HallId>,
        limit: u32,
    ) -> Result<Vec<PostText>, StoreError> {
        let mut posts = Vec::new();
        for kind in [PostKind::Comment, PostKind::Question] {
            let sql = match kind {
                PostKind::Comment => {
                    "SELECT p.id, p.number, p.session_id, p.body FROM comment p JOIN session s ON s.id = p.session_id WHERE ($1 = '' OR s.hall_id = $1) ORDER BY p.id DESC LIMIT $2"
                }
                PostKind::Question => {
                    "SELECT p.id, p.number, p.session_id, p.body FROM question p JOIN session s ON s.id = p.session_id WHERE ($1 = '' OR s.hall_id = $1) ORDER BY p.id DESC LIMIT $2"
                }
            };
            let rows: Vec<(String, i64, String, String)> = on!(self, |c| sqlx::query_as(sql)
                .bind(or_empty(hall))
                .bind(i64::from(limit))
                .fetch_all(c)
                .await)?;
            for (id, number, session, body) in rows {
                posts.push(PostText {
                    kind,
                    id,
                    number: count(number),
                    session_id: parse("session id", session)?,
                    body,
                });
            }
        }
        posts.sort_by(|a, b| b.id.cmp(&a.id));
        posts.truncate(limit as usize);
        Ok(posts)
    }
    /// Whether a person has at least `n` published posts in a hall. Looks at no more rows than that.
    pub async fn has_published(
        &mut self,
        hall: &HallId,
        person: &ParticipantId,
        n: u32,
    ) -> Result<bool, StoreError> {
        let found: i64 = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM ( \
                 SELECT p.id FROM comment p JOIN session s ON s.id = p.session_id WHERE p.author_id = $2 AND p.state = 'published' AND s.hall_id = $1 \
                 UNION ALL \
                 SELECT p.id FROM question p JOIN session s ON s.id = p.session_id WHERE p.author_id = $2 AND p.state = 'published' AND s.hall_id = $1 \
             ) both_kinds LIMIT $3) enough"
        )
        .bind(hall.as_str())
        .bind(person.as_str())
        .bind(i64::from(n))
        .fetch_one(c)
        .await
        })?;
        Ok(count(found) >= u64::from(n))
    }
}

impl Tx {
    /// Adds a version of a list. One that is there already (somebody was faster) shows as a unique violation.
    pub async fn insert_list_version(&mut self, v: &NewListVersion<'_>) -> Result<(), StoreError> {
        let head = v.head;
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO word_list (hall_id, kind, version, text, words, added, removed, note, at_ms, staff_id, staff_name) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)")
            .bind(or_empty(v.hall)).bind(head.kind.as_str()).bind(stored(head.version)).bind(v.text).bind(stored(head.words)).bind(stored(head.added))
            .bind(stored(head.removed)).bind(&head.note).bind(head.at.ms()).bind(v.by.as_str()).bind(&head.staff_name).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Writes what else a hall wants of screening.
    pub async fn put_screening_settings(
        &mut self,
        hall: &HallId,
        settings: &ScreeningSettings,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO hall_screening (hall_id, settings) VALUES ($1,$2) ON CONFLICT (hall_id) DO UPDATE SET settings = excluded.settings")
            .bind(hall.as_str()).bind(to_json(settings)).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
}
