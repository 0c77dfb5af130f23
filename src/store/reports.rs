//! What viewers reported, until a moderator settles it.

use sqlx::QueryBuilder;

use super::conn::{Conn, StoreError, count, on, parse};
use super::writer::Tx;
use crate::domain::ids::{ParticipantId, SessionId};
use crate::domain::post::AnyPost;
use crate::domain::report::{Reported, Reports};
use crate::domain::time::Timestamp;
use crate::domain::words::{PostKind, PostState};

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

/// An open report of a post that is public: of what is not, there is nothing to keep or take down.
macro_rules! open_reports {
    ($which:literal) => {
        concat!(
            "report WHERE ",
            $which,
            " AND settled_ms IS NULL AND (EXISTS (SELECT 1 FROM comment p WHERE report.kind = 'comment' AND p.id = report.post_id AND p.state = 'published') ",
            "OR EXISTS (SELECT 1 FROM question p WHERE report.kind = 'question' AND p.id = report.post_id AND p.state = 'published'))"
        )
    };
}

impl Conn<'_> {
    /// Reported posts of a session: by how many, since when. Most reported first, then the one reported first. Those who share a device
    /// count once: coming in again costs nothing.
    pub async fn reported_posts(
        &mut self,
        session: &SessionId,
    ) -> Result<Vec<(PostKind, String, u64, Timestamp)>, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = on!(self, |c| {
            sqlx::query_as(concat!(
                "SELECT kind, post_id, COUNT(DISTINCT COALESCE((SELECT NULLIF(w.device, '') FROM participant w WHERE w.id = reporter_id), reporter_id)) AS n, CAST(MIN(at_ms) AS BIGINT) AS first FROM ",
                open_reports!("session_id = $1"),
                " GROUP BY kind, post_id ORDER BY n DESC, first, post_id"
            ))
            .bind(session.as_str()).fetch_all(c).await
        })?;
        rows.into_iter()
            .map(|(kind, id, n, at)| Ok((parse("post kind", kind)?, id, count(n), Timestamp::from_ms(at))))
            .collect()
    }

    /// How many posts of a session are reported.
    pub async fn reported_total(&mut self, session: &SessionId) -> Result<u64, StoreError> {
        let n: i64 = on!(self, |c| {
            sqlx::query_scalar(concat!(
                "SELECT COUNT(*) FROM (SELECT DISTINCT kind, post_id FROM ",
                open_reports!("session_id = $1"),
                ") reported"
            ))
            .bind(session.as_str())
            .fetch_one(c)
            .await
        })?;
        Ok(count(n))
    }

    /// Open reports of one post.
    pub async fn reports_of(&mut self, kind: PostKind, id: &str) -> Result<Reports, StoreError> {
        let rows: Vec<(String, i64, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT reason, COUNT(*), CAST(MIN(at_ms) AS BIGINT) FROM report WHERE kind = $1 AND post_id = $2 AND settled_ms IS NULL GROUP BY reason"
        )
        .bind(kind.as_str())
        .bind(id)
        .fetch_all(c)
        .await
        })?;
        Ok(Reports::of(rows.into_iter().map(|(reason, n, first)| {
            (reason, count(n), Timestamp::from_ms(first))
        })))
    }

    /// How many open reports one post has.
    pub async fn count_reports(
        &mut self,
        session: &SessionId,
        kind: PostKind,
        id: &str,
    ) -> Result<u64, StoreError> {
        let n: i64 = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COUNT(*) FROM report WHERE session_id = $1 AND settled_ms IS NULL AND kind = $2 AND post_id = $3"
        )
        .bind(session.as_str())
        .bind(kind.as_str())
        .bind(id)
        .fetch_one(c)
        .await
        })?;
        Ok(count(n))
    }

    /// Reported posts of a session with what was said of them: most reported first, then the one reported first. At most `limit`.
    pub async fn reported(&mut self, session: &SessionId, limit: usize) -> Result<Vec<Reported>, StoreError> {
        let mut out = Vec::new();
        for (kind, id, ..) in self.reported_posts(session).await?.into_iter().take(limit) {
            if let Some(post) = self.post(session, kind, &id).await? {
                let reports = self.reports_of(kind, &id).await?;
                out.push(Reported { post, reports });
            }
        }
        Ok(out)
    }

    /// Each post with what viewers said of it, if they did.
    pub async fn with_reports(
        &mut self,
        posts: Vec<AnyPost>,
    ) -> Result<Vec<(AnyPost, Option<Reports>)>, StoreError> {
        let mut out = Vec::with_capacity(posts.len());
        for post in posts {
            let reports = self.reports_on(&post).await?;
            out.push((post, reports));
        }
        Ok(out)
    }

    /// What viewers said of a post, if it is public and they did.
    pub async fn reports_on(&mut self, post: &AnyPost) -> Result<Option<Reports>, StoreError> {
        if post.post().state != PostState::Published {
            return Ok(None);
        }
        let reports = self.reports_of(post.kind(), post.id()).await?;
        Ok((reports.count > 0).then_some(reports))
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
        session: &SessionId,
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
                    .push(" WHERE settled_ms IS NULL AND session_id = ")
                    .push_bind(session.as_str())
                    .push(" AND (kind, post_id) IN (");
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
        session: &SessionId,
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
                    .push(" AND session_id = ")
                    .push_bind(session.as_str())
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
