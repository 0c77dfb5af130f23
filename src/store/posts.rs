//! Comments and questions.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::QueryBuilder;

use super::conn::{Conn, StoreError, count, from_json, on, or_empty, parse, parse_opt, stored, to_json};
use super::writer::{Stored, Tx};
use crate::domain::event::Event;
use crate::domain::ids::{CommentId, DecisionId, DepartmentId, HallId, ParticipantId, QuestionId, SessionId};
use crate::domain::note::NoteSubject;
use crate::domain::post::{AnyPost, Author, Comment, Decision, Post, Question};
use crate::domain::time::Timestamp;
use crate::domain::words::{Disposition, PostKind, PostState, QuestionSort, Tier};

/// Comments in one statement: 14 columns each, below the 32,766 parameters of SQLite.
const ROWS_PER_STATEMENT: usize = 500;

/// A comment to be stored. Its number is given by the store.
#[derive(Debug, Clone)]
pub struct NewComment {
    pub session_id: SessionId,
    pub comment: Comment,
}

/// A page of posts as a moderator sees them.
#[derive(Debug, Clone)]
pub struct PostPage {
    pub posts: Vec<AnyPost>,
    pub total: u64,
}

/// Terms a search may have; what is typed behind them is part of the last one.
const TERMS_MAX: usize = 4;

/// Which posts of a session a moderator looks at. Empty means any.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// `None` for all states.
    pub state: Option<PostState>,
    pub kind: Option<PostKind>,
    /// Only what viewers reported and nobody settled.
    pub reported: bool,
    /// Code of what screening found or a moderator gave.
    pub reason: String,
    pub topic: String,
    pub department_id: Option<DepartmentId>,
    pub tier: Option<Tier>,
    pub author: Option<ParticipantId>,
    /// Written before.
    pub before: Option<Timestamp>,
    /// What all of must be in the text, the author's name or the topic: patterns, set by [`Self::looking_for`].
    pub terms: Vec<String>,
    pub number: Option<u64>,
}

impl QueueFilter {
    /// Posts in a state.
    pub fn of(state: PostState) -> Self {
        Self {
            state: Some(state),
            ..Self::default()
        }
    }
    /// The same looking for what a person typed: terms with spaces between them, or `#` and a number.
    #[must_use]
    pub fn looking_for(mut self, typed: &str) -> Self {
        if let Some(number) = typed
            .trim()
            .strip_prefix(['#', '＃'])
            .and_then(|n| n.parse().ok())
        {
            self.number = Some(number);
            return self;
        }
        self.terms = typed
            .trim()
            .splitn(TERMS_MAX, char::is_whitespace)
            .map(str::trim)
            .filter(|term| !term.is_empty())
            .map(like)
            .collect();
        self
    }
    fn term(&self, i: usize) -> &str {
        self.terms.get(i).map_or("%%", String::as_str)
    }
}

/// Which published questions.
#[derive(Debug, Clone, Default)]
pub struct QuestionFilter {
    pub department_id: Option<DepartmentId>,
}

#[derive(sqlx::FromRow)]
struct PostRow {
    id: String,
    number: i64,
    author_id: String,
    author_name: String,
    author_tier: String,
    client_ref: String,
    body: String,
    state: String,
    at_ms: i64,
    findings: String,
    reason: String,
    note: String,
    revision: i64,
}

#[derive(sqlx::FromRow)]
struct QuestionRow {
    #[sqlx(flatten)]
    post: PostRow,
    topic: String,
    place: String,
    department_id: String,
    disposition: String,
    merged_into: String,
    disposition_reason: String,
    supports: i64,
}

impl PostRow {
    fn into_post(self) -> Result<(String, Post), StoreError> {
        let post = Post {
            number: count(self.number),
            author: Author {
                id: parse("author id", self.author_id)?,
                name: self.author_name,
                tier: parse("tier", self.author_tier)?,
            },
            client_ref: self.client_ref,
            body: self.body,
            state: parse("post state", self.state)?,
            at: Timestamp::from_ms(self.at_ms),
            findings: from_json("findings", &self.findings)?,
            reason: self.reason,
            note: self.note,
            revision: count(self.revision),
        };
        Ok((self.id, post))
    }
    fn into_comment(self) -> Result<Comment, StoreError> {
        let (id, post) = self.into_post()?;
        Ok(Comment {
            id: parse("comment id", id)?,
            post,
        })
    }
}

impl QuestionRow {
    fn into_question(self) -> Result<Question, StoreError> {
        let (id, post) = self.post.into_post()?;
        Ok(Question {
            id: parse("question id", id)?,
            post,
            topic: self.topic,
            place: self.place,
            department_id: parse_opt("department id", self.department_id)?,
            disposition: parse_opt("disposition", self.disposition)?,
            merged_into: parse_opt("question id", self.merged_into)?,
            disposition_reason: self.disposition_reason,
            supports: count(self.supports),
        })
    }
}

macro_rules! post_columns {
    () => {
        "id, number, author_id, author_name, author_tier, client_ref, body, state, at_ms, findings, reason, note, revision"
    };
}
// Supports of a question are the persons who support it or one that was merged into it, as counted beside the votes (`supports`).
macro_rules! question_columns {
    () => {
        concat!(
            post_columns!(),
            ", topic, place, department_id, disposition, merged_into, disposition_reason, ",
            "COALESCE((SELECT t.supports FROM support_tally t WHERE t.session_id = question.session_id AND t.question_id = question.id), 0) AS supports"
        )
    };
}

/// What both kinds are filtered by: parameters 1 to 12. Text is looked for as it stands, term by term: Chinese has no spaces to find words by,
/// and one session's posts are few enough to be read through.
macro_rules! queue_terms {
    ($table:literal, $also:tt) => {
        concat!(
            "session_id = $1 AND ($3 = '' OR author_tier = $3) AND ($4 = '' OR reason = $4 OR findings LIKE $5 ESCAPE '\\') ",
            "AND ($6 = 0 OR at_ms < $6) AND ($7 = '' OR author_id = $7) AND ($8 = 0 OR number = $8)",
            queue_text!("$9", $also),
            queue_text!("$10", $also),
            queue_text!("$11", $also),
            queue_text!("$12", $also)
        )
    };
}
macro_rules! queue_text {
    ($term:literal, "") => {
        concat!(
            " AND (",
            $term,
            " = '%%' OR LOWER(body) LIKE LOWER(",
            $term,
            ") ESCAPE '\\' OR LOWER(author_name) LIKE LOWER(",
            $term,
            ") ESCAPE '\\')"
        )
    };
    ($term:literal, $also:tt) => {
        concat!(
            " AND (",
            $term,
            " = '%%' OR LOWER(body) LIKE LOWER(",
            $term,
            ") ESCAPE '\\' OR LOWER(author_name) LIKE LOWER(",
            $term,
            ") ESCAPE '\\'",
            $also,
            $term,
            ") ESCAPE '\\')"
        )
    };
}
macro_rules! reported_term {
    ($table:literal) => {
        concat!(
            " AND EXISTS (SELECT 1 FROM report WHERE report.kind = '",
            $table,
            "' AND report.post_id = ",
            $table,
            ".id AND report.settled_ms IS NULL)"
        )
    };
}
macro_rules! question_terms {
    () => {
        " AND ($15 = '' OR topic = $15) AND ($16 = '' OR department_id = $16)"
    };
}
/// A query with a state and one without: in one text (`$2 = '' OR state = $2`) the index by state would be of no use to either.
macro_rules! by_state {
    (@ count) => { "COUNT(*)" };
    (@ comment) => { post_columns!() };
    (@ question) => { question_columns!() };
    ($filter:expr, $select:tt, $table:literal, $($terms:tt)*) => {
        match $filter.state {
            Some(_) => concat!("SELECT ", by_state!(@ $select), " FROM ", $table, " WHERE state = $2 AND ", $($terms)*),
            None => concat!("SELECT ", by_state!(@ $select), " FROM ", $table, " WHERE $2 = '' AND ", $($terms)*),
        }
    };
}
/// Binds parameters 1 to 12.
macro_rules! bind_filter {
    ($query:expr, $session:expr, $filter:expr) => {
        $query
            .bind($session.as_str())
            .bind(or_empty($filter.state.as_ref()))
            .bind(or_empty($filter.tier.as_ref()))
            .bind(&$filter.reason)
            .bind(like(&format!("\"reason\":\"{}\"", $filter.reason)))
            .bind($filter.before.map_or(0, Timestamp::ms))
            .bind(or_empty($filter.author.as_ref()))
            .bind($filter.number.map_or(0, stored))
            .bind($filter.term(0))
            .bind($filter.term(1))
            .bind($filter.term(2))
            .bind($filter.term(3))
    };
}

/// Numbers and inserts comments of one session in one statement; gives back the ids of those whose `client_ref` is new.
async fn insert_numbered(
    tx: &mut Tx,
    session: &SessionId,
    comments: &mut [Comment],
    indexes: &[usize],
) -> Result<BTreeSet<String>, StoreError> {
    let n = stored(indexes.len() as u64);
    let last: i64 = on!(&mut tx.conn(), |c| sqlx::query_scalar(
        "UPDATE session SET comment_no = comment_no + $2 WHERE id = $1 RETURNING comment_no"
    )
    .bind(session.as_str())
    .bind(n)
    .fetch_one(c)
    .await)?;
    for (&i, number) in indexes.iter().zip(last - n + 1..) {
        comments[i].post.number = count(number);
    }
    let inserted: Vec<(String,)> = on!(&mut tx.conn(), |c| {
        let mut q = QueryBuilder::new(
            "INSERT INTO comment (session_id, id, number, author_id, author_name, author_tier, client_ref, body, state, at_ms, findings, reason, note, revision) ",
        );
        q.push_values(indexes, |mut row, &i| {
            let Comment { id, post } = &comments[i];
            row.push_bind(session.as_str())
                .push_bind(id.as_str())
                .push_bind(stored(post.number))
                .push_bind(post.author.id.as_str())
                .push_bind(&post.author.name)
                .push_bind(post.author.tier.as_str())
                .push_bind(&post.client_ref)
                .push_bind(&post.body)
                .push_bind(post.state.as_str())
                .push_bind(post.at.ms())
                .push_bind(to_json(&post.findings))
                .push_bind(&post.reason)
                .push_bind(&post.note)
                .push_bind(stored(post.revision));
        });
        q.push(" ON CONFLICT (session_id, author_id, client_ref) DO NOTHING RETURNING id");
        q.build_query_as().fetch_all(c).await
    })?;
    Ok(inserted.into_iter().map(|(id,)| id).collect())
}

/// Undoes [`insert_numbered`] of `len` comments, of which `inserted` were new.
async fn take_back(
    tx: &mut Tx,
    session: &SessionId,
    inserted: &BTreeSet<String>,
    len: usize,
) -> Result<(), StoreError> {
    if !inserted.is_empty() {
        on!(&mut tx.conn(), |c| {
            let mut q = QueryBuilder::new("DELETE FROM comment WHERE id IN (");
            let mut list = q.separated(", ");
            for id in inserted {
                list.push_bind(id);
            }
            q.push(")");
            q.build().execute(c).await.map(|_| ())
        })?;
    }
    let n = stored(len as u64);
    on!(&mut tx.conn(), |c| sqlx::query(
        "UPDATE session SET comment_no = comment_no - $2 WHERE id = $1"
    )
    .bind(session.as_str())
    .bind(n)
    .execute(c)
    .await
    .map(|_| ()))?;
    Ok(())
}

/// Stores comments of a batch; answers in the same order.
pub(super) async fn insert_comments(tx: &mut Tx, new: Vec<NewComment>) -> Result<Vec<Stored>, StoreError> {
    let mut by_session: BTreeMap<SessionId, Vec<usize>> = BTreeMap::new();
    for (i, n) in new.iter().enumerate() {
        by_session.entry(n.session_id.clone()).or_default().push(i);
    }
    let mut comments: Vec<Comment> = new.into_iter().map(|n| n.comment).collect();
    let mut stored_as: Vec<Option<Stored>> = vec![None; comments.len()];
    for (session, indexes) in by_session {
        for chunk in indexes.chunks(ROWS_PER_STATEMENT) {
            let mut inserted = insert_numbered(tx, &session, &mut comments, chunk).await?;
            if inserted.len() < chunk.len() {
                // A repeat took a number. Rare enough to do it again without, so that the numbers of a session have no holes.
                take_back(tx, &session, &inserted, chunk.len()).await?;
                let new: Vec<usize> = chunk
                    .iter()
                    .copied()
                    .filter(|&i| inserted.contains(comments[i].id.as_str()))
                    .collect();
                if !new.is_empty() {
                    inserted = insert_numbered(tx, &session, &mut comments, &new).await?;
                }
            }
            for &i in chunk {
                let comment = &comments[i];
                if inserted.contains(comment.id.as_str()) {
                    stored_as[i] = Some(Stored {
                        id: comment.id.to_string(),
                        number: comment.post.number,
                        state: comment.post.state,
                        reason: comment.post.reason.clone(),
                    });
                    let event = if comment.post.state == PostState::Published {
                        Event::CommentPublished {
                            comment: Box::new(comment.clone()),
                        }
                    } else {
                        Event::ItemQueued {
                            post: Box::new(AnyPost::Comment(comment.clone())),
                        }
                    };
                    tx.log(&session, comment.post.at, event);
                } else {
                    let first = tx
                        .conn()
                        .post_by_ref(
                            PostKind::Comment,
                            &session,
                            &comment.post.author.id,
                            &comment.post.client_ref,
                        )
                        .await?;
                    stored_as[i] = first;
                }
            }
        }
    }
    stored_as
        .into_iter()
        .map(|s| {
            s.ok_or(StoreError::Corrupt {
                what: "comment",
                why: "neither inserted nor there before".into(),
            })
        })
        .collect()
}

impl Tx {
    /// Stores a question and gives it its number. The caller has looked for its `client_ref` in the same transaction.
    pub async fn insert_question(
        &mut self,
        session: &SessionId,
        question: &mut Question,
    ) -> Result<(), StoreError> {
        let number: i64 = on!(&mut self.conn(), |c| sqlx::query_scalar(
            "UPDATE session SET question_no = question_no + 1 WHERE id = $1 RETURNING question_no"
        )
        .bind(session.as_str())
        .fetch_one(c)
        .await)?;
        question.post.number = count(number);
        let post = &question.post;
        on!(&mut self.conn(), |c| {
            sqlx::query(
            "INSERT INTO question (session_id, id, number, author_id, author_name, author_tier, client_ref, body, state, at_ms, findings, reason, note, revision, \
             topic, place, department_id, disposition, merged_into, disposition_reason) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,'','','')")
            .bind(session.as_str()).bind(question.id.as_str()).bind(number)
            .bind(post.author.id.as_str()).bind(&post.author.name).bind(post.author.tier.as_str())
            .bind(&post.client_ref).bind(&post.body).bind(post.state.as_str()).bind(post.at.ms())
            .bind(to_json(&post.findings)).bind(&post.reason).bind(&post.note).bind(stored(post.revision))
            .bind(&question.topic).bind(&question.place).bind(or_empty(question.department_id.as_ref()))
            .execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Moves a post to another state if it still has the revision seen; `false` if it has not.
    pub async fn move_post(
        &mut self,
        kind: PostKind,
        id: &str,
        revision_seen: u64,
        state: PostState,
        reason: &str,
        note: &str,
    ) -> Result<bool, StoreError> {
        let sql = match kind {
            PostKind::Comment => {
                "UPDATE comment SET state = $3, reason = $4, note = $5, revision = revision + 1 WHERE id = $1 AND revision = $2"
            }
            PostKind::Question => {
                "UPDATE question SET state = $3, reason = $4, note = $5, revision = revision + 1 WHERE id = $1 AND revision = $2"
            }
        };
        let n = on!(&mut self.conn(), |c| sqlx::query(sql)
            .bind(id)
            .bind(stored(revision_seen))
            .bind(state.as_str())
            .bind(reason)
            .bind(note)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(n == 1)
    }

    /// Writes what became of a question, if it still has the revision seen.
    pub async fn dispose_question(
        &mut self,
        id: &QuestionId,
        revision_seen: u64,
        disposition: Option<Disposition>,
        merged_into: Option<&QuestionId>,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let before: Option<(String,)> = on!(&mut self.conn(), |c| sqlx::query_as(
            "SELECT merged_into FROM question WHERE id = $1"
        )
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        let n = on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE question SET disposition = $3, merged_into = $4, disposition_reason = $5, revision = revision + 1 WHERE id = $1 AND revision = $2")
            .bind(id.as_str()).bind(stored(revision_seen)).bind(or_empty(disposition.as_ref())).bind(or_empty(merged_into)).bind(reason).execute(c).await.map(|r| r.rows_affected())
        })?;
        let before: Option<QuestionId> =
            parse_opt("question id", before.map_or_else(String::new, |(id,)| id))?;
        if n == 1 && before.as_ref() != merged_into {
            for head in before.iter().chain(merged_into) {
                self.recount(head).await?;
            }
        }
        Ok(n == 1)
    }

    /// Sends a question to a department, if it still has the revision seen.
    pub async fn route_question(
        &mut self,
        id: &QuestionId,
        revision_seen: u64,
        department: Option<&DepartmentId>,
    ) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| {
            sqlx::query(
            "UPDATE question SET department_id = $3, revision = revision + 1 WHERE id = $1 AND revision = $2"
        )
        .bind(id.as_str())
        .bind(stored(revision_seen))
        .bind(or_empty(department))
        .execute(c)
        .await
        .map(|r| r.rows_affected())
        })?;
        Ok(n == 1)
    }

    /// What was merged into `from` belongs to `to` from now on: one level, so that counting supports needs one step.
    pub async fn move_merged(
        &mut self,
        from: &QuestionId,
        to: &QuestionId,
    ) -> Result<Vec<QuestionId>, StoreError> {
        let rows: Vec<(String,)> = on!(&mut self.conn(), |c| {
            sqlx::query_as("UPDATE question SET merged_into = $2, revision = revision + 1 WHERE merged_into = $1 RETURNING id")
            .bind(from.as_str()).bind(to.as_str()).fetch_all(c).await
        })?;
        self.recount(from).await?;
        self.recount(to).await?;
        rows.into_iter().map(|(id,)| parse("question id", id)).collect()
    }

    /// Stores a decision of a moderator.
    pub async fn insert_decision(
        &mut self,
        session: &SessionId,
        staff_id: &str,
        decision: &Decision,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO decision (id, session_id, staff_id, by_name, verdict, reason, note, at_ms, undone, items) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,FALSE,$9)")
            .bind(decision.id.as_str()).bind(session.as_str()).bind(staff_id).bind(&decision.by_name).bind(decision.verdict.as_str())
            .bind(&decision.reason).bind(&decision.note).bind(decision.at.ms()).bind(to_json(&decision.items)).execute(c).await.map(|_| ())
        })?;
        for chunk in decision.items.chunks(ROWS_PER_STATEMENT) {
            on!(&mut self.conn(), |c| {
                let mut q = QueryBuilder::new("INSERT INTO decision_item (kind, post_id, decision_id) ");
                q.push_values(chunk, |mut row, item| {
                    row.push_bind(item.kind.as_str())
                        .push_bind(&item.id)
                        .push_bind(decision.id.as_str());
                });
                q.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Marks a decision undone; `false` if it was already.
    pub async fn undo_decision(&mut self, id: &DecisionId) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE decision SET undone = TRUE WHERE id = $1 AND NOT undone"
        )
        .bind(id.as_str())
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
        Ok(n == 1)
    }
}

/// Makes a LIKE pattern of what a person typed: its own `%` and `_` are letters.
fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Conn<'_> {
    /// The post a person sent under this name before, if any.
    pub async fn post_by_ref(
        &mut self,
        kind: PostKind,
        session: &SessionId,
        author: &ParticipantId,
        client_ref: &str,
    ) -> Result<Option<Stored>, StoreError> {
        let sql = match kind {
            PostKind::Comment => {
                "SELECT id, number, state, reason FROM comment WHERE session_id = $1 AND author_id = $2 AND client_ref = $3"
            }
            PostKind::Question => {
                "SELECT id, number, state, reason FROM question WHERE session_id = $1 AND author_id = $2 AND client_ref = $3"
            }
        };
        let row: Option<(String, i64, String, String)> = on!(self, |c| sqlx::query_as(sql)
            .bind(session.as_str())
            .bind(author.as_str())
            .bind(client_ref)
            .fetch_optional(c)
            .await)?;
        row.map(|(id, number, state, reason)| {
            Ok(Stored {
                id,
                number: count(number),
                state: parse("post state", state)?,
                reason,
            })
        })
        .transpose()
    }

    /// A question with its session.
    pub async fn question(&mut self, id: &QuestionId) -> Result<Option<(SessionId, Question)>, StoreError> {
        let row: Option<QuestionRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            question_columns!(),
            " FROM question WHERE id = $1"
        ))
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        let Some(row) = row else { return Ok(None) };
        let session: String = on!(self, |c| sqlx::query_scalar(
            "SELECT session_id FROM question WHERE id = $1"
        )
        .bind(id.as_str())
        .fetch_one(c)
        .await)?;
        Ok(Some((parse("session id", session)?, row.into_question()?)))
    }

    /// A post of a session, of either kind.
    pub async fn post(
        &mut self,
        session: &SessionId,
        kind: PostKind,
        id: &str,
    ) -> Result<Option<AnyPost>, StoreError> {
        match kind {
            PostKind::Comment => {
                let row: Option<PostRow> = on!(self, |c| sqlx::query_as(concat!(
                    "SELECT ",
                    post_columns!(),
                    " FROM comment WHERE id = $1 AND session_id = $2"
                ))
                .bind(id)
                .bind(session.as_str())
                .fetch_optional(c)
                .await)?;
                row.map(|r| r.into_comment().map(AnyPost::Comment)).transpose()
            }
            PostKind::Question => {
                let row: Option<QuestionRow> = on!(self, |c| sqlx::query_as(concat!(
                    "SELECT ",
                    question_columns!(),
                    " FROM question WHERE id = $1 AND session_id = $2"
                ))
                .bind(id)
                .bind(session.as_str())
                .fetch_optional(c)
                .await)?;
                row.map(|r| r.into_question().map(AnyPost::Question)).transpose()
            }
        }
    }

    /// Published questions in an order, from `offset`.
    pub async fn published_questions(
        &mut self,
        session: &SessionId,
        sort: QuestionSort,
        filter: &QuestionFilter,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Question>, StoreError> {
        let sql = match sort {
            // By rate is ranked in the program (`domain/fair.rs`); who asks here gets the nearest order SQL knows.
            QuestionSort::Support | QuestionSort::NotYetHeard => concat!(
                "SELECT ",
                question_columns!(),
                " FROM question WHERE session_id = $1 AND state = 'published' AND ($2 = '' OR department_id = $2) ORDER BY supports DESC, id LIMIT $3 OFFSET $4"
            ),
            QuestionSort::Newest => concat!(
                "SELECT ",
                question_columns!(),
                " FROM question WHERE session_id = $1 AND state = 'published' AND ($2 = '' OR department_id = $2) ORDER BY id DESC LIMIT $3 OFFSET $4"
            ),
            QuestionSort::Answered => concat!(
                "SELECT ",
                question_columns!(),
                " FROM question WHERE session_id = $1 AND state = 'published' AND ($2 = '' OR department_id = $2) AND disposition IN ('answered_live', 'answered_in_writing') ORDER BY id DESC LIMIT $3 OFFSET $4"
            ),
        };
        let rows: Vec<QuestionRow> = on!(self, |c| sqlx::query_as(sql)
            .bind(session.as_str())
            .bind(or_empty(filter.department_id.as_ref()))
            .bind(i64::from(limit))
            .bind(stored(offset))
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(QuestionRow::into_question).collect()
    }

    /// How many published questions a session has.
    pub async fn published_questions_total(
        &mut self,
        session: &SessionId,
        filter: &QuestionFilter,
    ) -> Result<u64, StoreError> {
        let n: i64 = on!(self, |c| {
            sqlx::query_scalar("SELECT COUNT(*) FROM question WHERE session_id = $1 AND state = 'published' AND ($2 = '' OR department_id = $2)")
            .bind(session.as_str()).bind(or_empty(filter.department_id.as_ref())).fetch_one(c).await
        })?;
        Ok(count(n))
    }

    /// Every question of a session in the order of its numbers, whatever its state.
    pub async fn all_questions(&mut self, session: &SessionId) -> Result<Vec<Question>, StoreError> {
        let rows: Vec<QuestionRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            question_columns!(),
            " FROM question WHERE session_id = $1 ORDER BY number"
        ))
        .bind(session.as_str())
        .fetch_all(c)
        .await)?;
        rows.into_iter().map(QuestionRow::into_question).collect()
    }

    /// Published comments before an id (or the newest), newest first.
    pub async fn published_comments(
        &mut self,
        session: &SessionId,
        before: Option<&CommentId>,
        limit: u32,
    ) -> Result<Vec<Comment>, StoreError> {
        let rows: Vec<PostRow> = on!(self, |c| {
            sqlx::query_as(concat!("SELECT ", post_columns!(), " FROM comment WHERE session_id = $1 AND state = 'published' AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3"))
            .bind(session.as_str()).bind(or_empty(before)).bind(i64::from(limit)).fetch_all(c).await
        })?;
        rows.into_iter().map(PostRow::into_comment).collect()
    }

    /// Comments by id, those that are there.
    pub async fn comments_by_id(
        &mut self,
        session: &SessionId,
        ids: &[CommentId],
    ) -> Result<Vec<Comment>, StoreError> {
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(AnyPost::Comment(comment)) =
                self.post(session, PostKind::Comment, id.as_str()).await?
            {
                out.push(comment);
            }
        }
        Ok(out)
    }

    /// Posts that pass a filter, oldest first when they wait and newest first otherwise; `after` is the id the last page ended with.
    pub async fn queue(
        &mut self,
        session: &SessionId,
        filter: &QueueFilter,
        after: &str,
        limit: u32,
    ) -> Result<PostPage, StoreError> {
        let oldest_first = filter.state == Some(PostState::Held);
        let mut posts: Vec<AnyPost> = Vec::new();
        let mut total = 0;
        if filter.kind != Some(PostKind::Question)
            && filter.topic.is_empty()
            && filter.department_id.is_none()
        {
            let sql = match (oldest_first, filter.reported) {
                (true, _) => by_state!(
                    filter,
                    comment,
                    "comment",
                    queue_terms!("comment", ""),
                    " AND ($13 = '' OR id > $13) ORDER BY id LIMIT $14"
                ),
                (false, false) => by_state!(
                    filter,
                    comment,
                    "comment",
                    queue_terms!("comment", ""),
                    " AND ($13 = '' OR id < $13) ORDER BY id DESC LIMIT $14"
                ),
                (false, true) => by_state!(
                    filter,
                    comment,
                    "comment",
                    queue_terms!("comment", ""),
                    reported_term!("comment"),
                    " AND ($13 = '' OR id < $13) ORDER BY id DESC LIMIT $14"
                ),
            };
            let rows: Vec<PostRow> = on!(self, |c| bind_filter!(sqlx::query_as(sql), session, filter)
                .bind(after)
                .bind(i64::from(limit))
                .fetch_all(c)
                .await)?;
            for row in rows {
                posts.push(AnyPost::Comment(row.into_comment()?));
            }
            let sql = if filter.reported {
                by_state!(
                    filter,
                    count,
                    "comment",
                    queue_terms!("comment", ""),
                    reported_term!("comment")
                )
            } else {
                by_state!(filter, count, "comment", queue_terms!("comment", ""))
            };
            let n: i64 = on!(self, |c| bind_filter!(sqlx::query_scalar(sql), session, filter)
                .fetch_one(c)
                .await)?;
            total += count(n);
        }
        if filter.kind != Some(PostKind::Comment) {
            let sql = match (oldest_first, filter.reported) {
                (true, _) => by_state!(
                    filter,
                    question,
                    "question",
                    queue_terms!("question", " OR LOWER(topic) LIKE LOWER("),
                    question_terms!(),
                    " AND ($13 = '' OR id > $13) ORDER BY id LIMIT $14"
                ),
                (false, false) => by_state!(
                    filter,
                    question,
                    "question",
                    queue_terms!("question", " OR LOWER(topic) LIKE LOWER("),
                    question_terms!(),
                    " AND ($13 = '' OR id < $13) ORDER BY id DESC LIMIT $14"
                ),
                (false, true) => by_state!(
                    filter,
                    question,
                    "question",
                    queue_terms!("question", " OR LOWER(topic) LIKE LOWER("),
                    reported_term!("question"),
                    question_terms!(),
                    " AND ($13 = '' OR id < $13) ORDER BY id DESC LIMIT $14"
                ),
            };
            let rows: Vec<QuestionRow> = on!(self, |c| bind_filter!(sqlx::query_as(sql), session, filter)
                .bind(after)
                .bind(i64::from(limit))
                .bind(&filter.topic)
                .bind(or_empty(filter.department_id.as_ref()))
                .fetch_all(c)
                .await)?;
            for row in rows {
                posts.push(AnyPost::Question(row.into_question()?));
            }
            let sql = if filter.reported {
                by_state!(
                    filter,
                    count,
                    "question",
                    queue_terms!("question", " OR LOWER(topic) LIKE LOWER("),
                    reported_term!("question"),
                    " AND ($13 = '' OR topic = $13) AND ($14 = '' OR department_id = $14)"
                )
            } else {
                by_state!(
                    filter,
                    count,
                    "question",
                    queue_terms!("question", " OR LOWER(topic) LIKE LOWER("),
                    " AND ($13 = '' OR topic = $13) AND ($14 = '' OR department_id = $14)"
                )
            };
            let n: i64 = on!(self, |c| bind_filter!(sqlx::query_scalar(sql), session, filter)
                .bind(&filter.topic)
                .bind(or_empty(filter.department_id.as_ref()))
                .fetch_one(c)
                .await)?;
            total += count(n);
        }
        // Both kinds have ids that sort by time, so merging two sorted pages is the page of both.
        posts.sort_by(|a, b| {
            if oldest_first {
                a.id().cmp(b.id())
            } else {
                b.id().cmp(a.id())
            }
        });
        posts.truncate(limit as usize);
        Ok(PostPage { posts, total })
    }

    /// Whether a person wrote in a hall, or a post is of one of its sessions.
    pub async fn is_of_hall(
        &mut self,
        hall: &HallId,
        subject: NoteSubject,
        id: &str,
    ) -> Result<bool, StoreError> {
        let sql = match subject {
            NoteSubject::Participant => {
                "SELECT (SELECT COUNT(*) FROM comment p JOIN session s ON s.id = p.session_id WHERE p.author_id = $2 AND s.hall_id = $1) + (SELECT COUNT(*) FROM question p JOIN session s ON s.id = p.session_id WHERE p.author_id = $2 AND s.hall_id = $1)"
            }
            NoteSubject::Comment => {
                "SELECT COUNT(*) FROM comment p JOIN session s ON s.id = p.session_id WHERE p.id = $2 AND s.hall_id = $1"
            }
            NoteSubject::Question => {
                "SELECT COUNT(*) FROM question p JOIN session s ON s.id = p.session_id WHERE p.id = $2 AND s.hall_id = $1"
            }
        };
        let n: i64 = on!(self, |c| sqlx::query_scalar(sql)
            .bind(hall.as_str())
            .bind(id)
            .fetch_one(c)
            .await)?;
        Ok(n > 0)
    }

    /// Sessions of a hall a person wrote in, newest first: id, title, posts, posts not published, last one.
    pub async fn sessions_of_author(
        &mut self,
        hall: &HallId,
        author: &ParticipantId,
    ) -> Result<Vec<(SessionId, String, u64, u64, Timestamp)>, StoreError> {
        #[allow(clippy::type_complexity)] // a row, read here only
        let rows: Vec<(String, String, i64, i64, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT s.id, s.title, COUNT(*), CAST(SUM(CASE WHEN p.state IN ('declined', 'retracted') THEN 1 ELSE 0 END) AS BIGINT), CAST(MAX(p.at_ms) AS BIGINT) \
             FROM (SELECT session_id, state, at_ms FROM comment WHERE author_id = $1 UNION ALL SELECT session_id, state, at_ms FROM question WHERE author_id = $1) p \
             JOIN session s ON s.id = p.session_id WHERE s.hall_id = $2 GROUP BY s.id, s.title ORDER BY MAX(p.at_ms) DESC")
                .bind(author.as_str()).bind(hall.as_str()).fetch_all(c).await
        })?;
        rows.into_iter()
            .map(|(id, title, n, not, at)| {
                Ok((
                    parse("session id", id)?,
                    title,
                    count(n),
                    count(not),
                    Timestamp::from_ms(at),
                ))
            })
            .collect()
    }

    /// How many posts wait that were written since.
    pub async fn held_since(&mut self, session: &SessionId, since: Timestamp) -> Result<u64, StoreError> {
        let n: i64 = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM comment WHERE session_id = $1 AND state = 'held' AND at_ms >= $2) + (SELECT COUNT(*) FROM question WHERE session_id = $1 AND state = 'held' AND at_ms >= $2)"
        )
        .bind(session.as_str())
        .bind(since.ms())
        .fetch_one(c)
        .await
        })?;
        Ok(count(n))
    }

    /// How many posts of both kinds are in each state.
    pub async fn counts_by_state(
        &mut self,
        session: &SessionId,
    ) -> Result<Vec<(PostState, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT state, CAST(SUM(n) AS BIGINT) FROM (SELECT state, COUNT(*) AS n FROM comment WHERE session_id = $1 GROUP BY state \
             UNION ALL SELECT state, COUNT(*) AS n FROM question WHERE session_id = $1 GROUP BY state) both_kinds GROUP BY state ORDER BY state")
            .bind(session.as_str()).fetch_all(c).await
        })?;
        rows.into_iter()
            .map(|(state, n)| Ok((parse("post state", state)?, count(n))))
            .collect()
    }

    /// What a person wrote in a session, newest first.
    pub async fn posts_of_author(
        &mut self,
        session: &SessionId,
        author: &ParticipantId,
        limit: u32,
    ) -> Result<Vec<AnyPost>, StoreError> {
        let comments: Vec<PostRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            post_columns!(),
            " FROM comment WHERE author_id = $1 AND session_id = $2 ORDER BY id DESC LIMIT $3"
        ))
        .bind(author.as_str())
        .bind(session.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
        let questions: Vec<QuestionRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            question_columns!(),
            " FROM question WHERE author_id = $1 AND session_id = $2 ORDER BY id DESC LIMIT $3"
        ))
        .bind(author.as_str())
        .bind(session.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
        both(comments, questions, limit)
    }

    /// What a person wrote in a hall, newest first.
    pub async fn posts_of_author_in_hall(
        &mut self,
        hall: &str,
        author: &ParticipantId,
        limit: u32,
    ) -> Result<Vec<AnyPost>, StoreError> {
        let comments: Vec<PostRow> = on!(self, |c| {
            sqlx::query_as(concat!("SELECT ", post_columns!(), " FROM comment WHERE author_id = $1 AND session_id IN (SELECT id FROM session WHERE hall_id = $2) ORDER BY id DESC LIMIT $3"))
            .bind(author.as_str()).bind(hall).bind(i64::from(limit)).fetch_all(c).await
        })?;
        let questions: Vec<QuestionRow> = on!(self, |c| {
            sqlx::query_as(concat!("SELECT ", question_columns!(), " FROM question WHERE author_id = $1 AND session_id IN (SELECT id FROM session WHERE hall_id = $2) ORDER BY id DESC LIMIT $3"))
            .bind(author.as_str()).bind(hall).bind(i64::from(limit)).fetch_all(c).await
        })?;
        both(comments, questions, limit)
    }

    /// How many posts of a person in a hall are in each state.
    pub async fn counts_of_author(
        &mut self,
        hall: &str,
        author: &ParticipantId,
    ) -> Result<Vec<(PostState, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT state, CAST(SUM(n) AS BIGINT) FROM (SELECT state, COUNT(*) AS n FROM comment WHERE author_id = $1 AND session_id IN (SELECT id FROM session WHERE hall_id = $2) GROUP BY state \
             UNION ALL SELECT state, COUNT(*) AS n FROM question WHERE author_id = $1 AND session_id IN (SELECT id FROM session WHERE hall_id = $2) GROUP BY state) both_kinds GROUP BY state ORDER BY state")
            .bind(author.as_str()).bind(hall).fetch_all(c).await
        })?;
        rows.into_iter()
            .map(|(state, n)| Ok((parse("post state", state)?, count(n))))
            .collect()
    }

    /// A decision with its session.
    pub async fn decision(
        &mut self,
        session: &SessionId,
        id: &DecisionId,
    ) -> Result<Option<Decision>, StoreError> {
        let row: Option<DecisionRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, by_name, verdict, reason, note, at_ms, undone, items FROM decision WHERE id = $1 AND session_id = $2").bind(id.as_str()).bind(session.as_str()).fetch_optional(c).await
        })?;
        row.map(DecisionRow::into_decision).transpose()
    }

    /// The newest decision on a post, whatever it was.
    pub async fn last_decision_on(
        &mut self,
        kind: PostKind,
        id: &str,
    ) -> Result<Option<Decision>, StoreError> {
        let row: Option<DecisionRow> = on!(self, |c| {
            sqlx::query_as("SELECT d.id, d.by_name, d.verdict, d.reason, d.note, d.at_ms, d.undone, d.items FROM decision d JOIN decision_item i ON i.decision_id = d.id WHERE i.kind = $1 AND i.post_id = $2 ORDER BY d.id DESC LIMIT 1")
                .bind(kind.as_str()).bind(id).fetch_optional(c).await
        })?;
        row.map(DecisionRow::into_decision).transpose()
    }

    /// The newest decisions, newest first.
    pub async fn decisions(&mut self, session: &SessionId, limit: u32) -> Result<Vec<Decision>, StoreError> {
        let rows: Vec<DecisionRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, by_name, verdict, reason, note, at_ms, undone, items FROM decision WHERE session_id = $1 ORDER BY id DESC LIMIT $2").bind(session.as_str()).bind(i64::from(limit)).fetch_all(c).await
        })?;
        rows.into_iter().map(DecisionRow::into_decision).collect()
    }

    /// Figures of a session for its minutes: people who wrote or supported, comments published, supports.
    pub async fn live_figures(&mut self, session: &SessionId) -> Result<(u64, u64, u64), StoreError> {
        let people: i64 = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT author_id AS person FROM comment WHERE session_id = $1 UNION SELECT author_id FROM question WHERE session_id = $1 UNION SELECT participant_id FROM support WHERE question_id IN (SELECT id FROM question WHERE session_id = $1)) people")
            .bind(session.as_str()).fetch_one(c).await
        })?;
        let comments: i64 = on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM comment WHERE session_id = $1 AND state = 'published'"
        )
        .bind(session.as_str())
        .fetch_one(c)
        .await)?;
        let supports: i64 = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COUNT(*) FROM support WHERE question_id IN (SELECT id FROM question WHERE session_id = $1)"
        )
        .bind(session.as_str())
        .fetch_one(c)
        .await
        })?;
        Ok((count(people), count(comments), count(supports)))
    }
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    id: String,
    by_name: String,
    verdict: String,
    reason: String,
    note: String,
    at_ms: i64,
    undone: bool,
    items: String,
}

impl DecisionRow {
    fn into_decision(self) -> Result<Decision, StoreError> {
        Ok(Decision {
            id: parse("decision id", self.id)?,
            verdict: parse("verdict", self.verdict)?,
            reason: self.reason,
            note: self.note,
            by_name: self.by_name,
            at: Timestamp::from_ms(self.at_ms),
            undone: self.undone,
            items: from_json("decided items", &self.items)?,
        })
    }
}

fn both(comments: Vec<PostRow>, questions: Vec<QuestionRow>, limit: u32) -> Result<Vec<AnyPost>, StoreError> {
    let mut posts = Vec::with_capacity(comments.len() + questions.len());
    for row in comments {
        posts.push(AnyPost::Comment(row.into_comment()?));
    }
    for row in questions {
        posts.push(AnyPost::Question(row.into_question()?));
    }
    posts.sort_by(|a, b| b.id().cmp(a.id()));
    posts.truncate(limit as usize);
    Ok(posts)
}
