//! What viewers reported, until a moderator settles it.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;

use super::conn::{Conn, StoreError, count, on, parse};
use super::writer::Tx;
use crate::domain::ids::{ParticipantId, SessionId};
use crate::domain::post::AnyPost;
use crate::domain::report::{Reported, Reports};
use crate::domain::time::Timestamp;
use crate::domain::words::PostKind;

/// Written as who settled the reports of a post that was kept.
const KEPT: &str = "kept";

/// A report to be stored.
#[derive(Debug, Clone)]
pub struct NewReport {
    pub session_id: SessionId,
    pub kind: PostKind,
    pub post_id: String,
    pub reporter: ParticipantId,
    pub reason: String,
    pub at: Timestamp,
}

impl Conn<'_> {
    /// Open reports of a session by post: how many persons, since when.
    pub async fn reported_posts(
        &mut self,
        session: &SessionId,
    ) -> Result<Vec<(PostKind, String, u64, Timestamp)>, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = on!(self, |c| {
            sqlx::query_as("SELECT kind, post_id, COUNT(*), CAST(MIN(at_ms) AS BIGINT) FROM report WHERE session_id = $1 AND settled_ms IS NULL GROUP BY kind, post_id ORDER BY COUNT(*) DESC, MIN(at_ms), post_id")
                .bind(session.as_str()).fetch_all(c).await
        })?;
        rows.into_iter()
            .map(|(kind, id, n, at)| Ok((parse("post kind", kind)?, id, count(n), Timestamp::from_ms(at))))
            .collect()
    }

    /// Open reports of one post.
    pub async fn reports_of(&mut self, kind: PostKind, id: &str) -> Result<Reports, StoreError> {
        let rows: Vec<(String, i64)> = on!(self, |c| sqlx::query_as(
            "SELECT reason, at_ms FROM report WHERE kind = $1 AND post_id = $2 AND settled_ms IS NULL"
        )
        .bind(kind.as_str())
        .bind(id)
        .fetch_all(c)
        .await)?;
        Ok(Reports::of(
            rows.into_iter().map(|(r, at)| (r, Timestamp::from_ms(at))),
        ))
    }

    /// Open reports of many posts of a session at once.
    pub async fn reports_by_post(
        &mut self,
        session: &SessionId,
    ) -> Result<BTreeMap<(PostKind, String), Reports>, StoreError> {
        let rows: Vec<(String, String, String, i64)> = on!(self, |c| {
            sqlx::query_as(
                "SELECT kind, post_id, reason, at_ms FROM report WHERE session_id = $1 AND settled_ms IS NULL",
            )
            .bind(session.as_str())
            .fetch_all(c)
            .await
        })?;
        let mut by_post: BTreeMap<(PostKind, String), Vec<(String, Timestamp)>> = BTreeMap::new();
        for (kind, id, reason, at) in rows {
            by_post
                .entry((parse("post kind", kind)?, id))
                .or_default()
                .push((reason, Timestamp::from_ms(at)));
        }
        Ok(by_post
            .into_iter()
            .map(|(key, rows)| (key, Reports::of(rows)))
            .collect())
    }

    /// Reported posts of a session with what was said of them: most reported first, then the one reported first. At most `limit`.
    pub async fn reported(&mut self, session: &SessionId, limit: usize) -> Result<Vec<Reported>, StoreError> {
        let mut by_post = self.reports_by_post(session).await?;
        let mut out = Vec::new();
        for (kind, id, ..) in self.reported_posts(session).await?.into_iter().take(limit) {
            if let Some(post) = self.post(session, kind, &id).await?
                && let Some(reports) = by_post.remove(&(kind, id))
            {
                out.push(Reported { post, reports });
            }
        }
        Ok(out)
    }

    /// Reports of one person in a session that are open.
    pub async fn open_reports_by(
        &mut self,
        session: &SessionId,
        reporter: &ParticipantId,
    ) -> Result<u64, StoreError> {
        let n: i64 = on!(self, |c| {
            sqlx::query_scalar(
                "SELECT COUNT(*) FROM report WHERE session_id = $1 AND reporter_id = $2 AND settled_ms IS NULL",
            )
            .bind(session.as_str())
            .bind(reporter.as_str())
            .fetch_one(c)
            .await
        })?;
        Ok(count(n))
    }
}

impl Tx {
    /// Stores a report; `false` if this person reported this post before.
    pub async fn insert_report(&mut self, r: &NewReport) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO report (kind, post_id, reporter_id, session_id, reason, at_ms, settled_ms, settled_by) VALUES ($1,$2,$3,$4,$5,$6,NULL,'') ON CONFLICT (kind, post_id, reporter_id) DO NOTHING")
                .bind(r.kind.as_str()).bind(&r.post_id).bind(r.reporter.as_str()).bind(r.session_id.as_str()).bind(&r.reason).bind(r.at.ms()).execute(c).await.map(|d| d.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// Settles the open reports of posts; gives back which had any. `by` is the decision, or `None` when the posts were kept.
    pub async fn settle_reports(
        &mut self,
        posts: &[(PostKind, String)],
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<(PostKind, String)>, StoreError> {
        let mut settled = Vec::new();
        for chunk in posts.chunks(500) {
            let rows: Vec<(String, String)> = on!(&mut self.conn(), |c| {
                let mut q = QueryBuilder::new("UPDATE report SET settled_ms = ");
                q.push_bind(now.ms())
                    .push(", settled_by = ")
                    .push_bind(by.unwrap_or(KEPT))
                    .push(" WHERE settled_ms IS NULL AND (kind, post_id) IN (");
                q.push_values(chunk, |mut row, (kind, id)| {
                    row.push_bind(kind.as_str()).push_bind(id);
                });
                q.push(") RETURNING kind, post_id");
                q.build_query_as().fetch_all(c).await
            })?;
            for (kind, id) in rows {
                let post = (parse("post kind", kind)?, id);
                if !settled.contains(&post) {
                    settled.push(post);
                }
            }
        }
        Ok(settled)
    }

    /// Opens again the reports of posts that were kept since; gives back which posts had any.
    pub async fn reopen_kept(
        &mut self,
        posts: &[(PostKind, String)],
        since: Timestamp,
    ) -> Result<Vec<(PostKind, String)>, StoreError> {
        let mut reopened = Vec::new();
        for chunk in posts.chunks(500) {
            let rows: Vec<(String, String)> = on!(&mut self.conn(), |c| {
                let mut q = QueryBuilder::new(
                    "UPDATE report SET settled_ms = NULL, settled_by = '' WHERE settled_by = ",
                );
                q.push_bind(KEPT)
                    .push(" AND settled_ms >= ")
                    .push_bind(since.ms())
                    .push(" AND (kind, post_id) IN (");
                q.push_values(chunk, |mut row, (kind, id)| {
                    row.push_bind(kind.as_str()).push_bind(id);
                });
                q.push(") RETURNING kind, post_id");
                q.build_query_as().fetch_all(c).await
            })?;
            for (kind, id) in rows {
                let post = (parse("post kind", kind)?, id);
                if !reopened.contains(&post) {
                    reopened.push(post);
                }
            }
        }
        Ok(reopened)
    }

    /// Opens again what a decision settled, when it is undone; gives back which posts.
    pub async fn reopen_reports(&mut self, decision: &str) -> Result<Vec<(PostKind, String)>, StoreError> {
        let rows: Vec<(String, String)> = on!(&mut self.conn(), |c| {
            sqlx::query_as(
            "UPDATE report SET settled_ms = NULL, settled_by = '' WHERE settled_by = $1 RETURNING kind, post_id"
        )
        .bind(decision)
        .fetch_all(c)
        .await
        })?;
        let mut posts = Vec::new();
        for (kind, id) in rows {
            let post = (parse("post kind", kind)?, id);
            if !posts.contains(&post) {
                posts.push(post);
            }
        }
        Ok(posts)
    }
}

/// A post with what viewers said of it, if they did.
pub fn with_reports(
    posts: Vec<AnyPost>,
    reports: &BTreeMap<(PostKind, String), Reports>,
) -> Vec<(AnyPost, Option<Reports>)> {
    posts
        .into_iter()
        .map(|post| {
            let known = reports.get(&(post.kind(), post.id().to_owned())).cloned();
            (post, known)
        })
        .collect()
}
