//! Votes: one row per person and question, the counts beside them, and when the log is told.
//!
//! A count changes in the transaction of its votes, by exactly the rows that came and went. The log hears of it at most once per
//! [`TELL_EVERY`] and session and of at most [`TOLD_AT_ONCE`] questions at a time, those first that waited longest: what viewers are
//! sent does not depend on how many vote.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;
use std::time::Duration;

use sqlx::QueryBuilder;
use tokio::time::Instant;

use super::conn::{Conn, StoreError, count, on, parse, parse_opt, stored};
use super::writer::{Support, SupportChange, Tx};
use crate::domain::event::Event;
use crate::domain::ids::{ParticipantId, QuestionId, SessionId};
use crate::domain::time::Timestamp;

/// Least time between two tellings of a session. A list that sorts itself anew more often cannot be read.
pub(super) const TELL_EVERY: Duration = Duration::from_secs(1);
/// Counts of one telling, under a kilobyte on the wire. When more change all the time, each is told every few seconds.
const TOLD_AT_ONCE: u32 = 32;
/// Rows of one statement. Few sizes, so that the database keeps every statement prepared; five columns of the largest stay far below
/// the 32,766 parameters of SQLite.
const STATEMENT_ROWS: [usize; 5] = [512, 128, 32, 8, 1];
/// Alternatives of one condition: each is planned by itself.
const ALTERNATIVES_MAX: usize = 32;
/// Persons or questions in one list of a query.
const LIST_MAX: usize = 500;

/// When sessions whose counts changed may be told next. Belongs to the writer.
#[derive(Debug, Default)]
pub(super) struct Telling {
    waiting: BTreeMap<SessionId, Instant>,
    told: HashMap<SessionId, Instant>,
    /// Those of the batch under way.
    taken: Vec<SessionId>,
}

impl Telling {
    /// What was left untold when the program ended.
    pub(super) async fn resume(conn: &mut Conn<'_>) -> Result<Self, StoreError> {
        let rows: Vec<(String,)> = on!(conn, |c| sqlx::query_as(
            "SELECT DISTINCT session_id FROM support_tally WHERE supports <> told"
        )
        .fetch_all(c)
        .await)?;
        let now = Instant::now();
        let waiting = rows
            .into_iter()
            .map(|(id,)| Ok((parse("session id", id)?, now)))
            .collect::<Result<_, StoreError>>()?;
        Ok(Self {
            waiting,
            ..Self::default()
        })
    }

    /// When the next session is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.waiting.values().min().copied()
    }

    /// Counts of the session changed: it is due at once after silence, else when its time is over.
    pub(super) fn changed(&mut self, session: &SessionId, now: Instant) {
        if !self.waiting.contains_key(session) {
            let due = self.told.get(session).map_or(now, |told| *told + TELL_EVERY);
            self.waiting.insert(session.clone(), due);
        }
    }

    /// Sessions that are due.
    pub(super) fn due(&self, now: Instant) -> impl Iterator<Item = &SessionId> {
        self.waiting
            .iter()
            .filter(move |(_, due)| **due <= now)
            .map(|(session, _)| session)
    }

    /// Takes the sessions that are due, in the order of their ids.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<SessionId> {
        self.taken = self.due(now).cloned().collect();
        if !self.taken.is_empty() {
            self.told.retain(|_, told| *told + TELL_EVERY > now);
        }
        for session in &self.taken {
            self.waiting.remove(session);
            self.told.insert(session.clone(), now);
        }
        self.taken.clone()
    }

    /// The batch was not committed: what it told is told with a later one.
    pub(super) fn failed(&mut self, now: Instant) {
        for session in std::mem::take(&mut self.taken) {
            self.changed(&session, now);
        }
    }
}

/// A question somebody votes on.
struct Voted {
    session: SessionId,
    /// What it was merged into.
    head: Option<QuestionId>,
    /// Others were merged into it.
    has_voices: bool,
}

/// Votes that came and went in a transaction, and by how much counts change.
#[derive(Default)]
struct Change<'a> {
    /// Per question and person: the row came (1) or went (-1).
    rows: Vec<(&'a QuestionId, &'a ParticipantId, i64)>,
    counts: BTreeMap<(&'a SessionId, &'a QuestionId), i64>,
}

/// Applies votes of a batch in their order; answers in the same order. Gives back the sessions whose counts changed.
pub(super) async fn set_supports(
    tx: &mut Tx,
    supports: &[Support],
) -> Result<(Vec<SupportChange>, BTreeSet<SessionId>), StoreError> {
    let asked: BTreeSet<&QuestionId> = supports.iter().map(|s| &s.question_id).collect();
    let known = questions(&mut tx.conn(), &asked).await?;
    // The last word of a person on a question is what counts.
    let mut last: HashMap<(&QuestionId, &ParticipantId), &Support> = HashMap::with_capacity(supports.len());
    let mut answers = Vec::with_capacity(supports.len());
    for s in supports {
        if known
            .get(&s.question_id)
            .is_some_and(|voted| voted.session == s.session_id)
        {
            last.insert((&s.question_id, &s.participant_id), s);
            answers.push(SupportChange::Done);
        } else {
            answers.push(SupportChange::NoSuchQuestion);
        }
    }
    // In the order of the key: neighbours on the same page are written together.
    let mut last: Vec<&Support> = last.into_values().collect();
    last.sort_unstable_by(|a, b| {
        (&a.question_id, &a.participant_id).cmp(&(&b.question_id, &b.participant_id))
    });
    let (on_rows, off_rows): (Vec<&Support>, Vec<&Support>) = last.into_iter().partition(|s| s.on);
    let mut change = Change::default();
    change.insert(tx, &on_rows).await?;
    change.delete(tx, &off_rows).await?;
    change.count(tx, &known).await?;
    let at = supports.iter().map(|s| s.at).max();
    let sessions = change.store(tx, at.unwrap_or(Timestamp::from_ms(0))).await?;
    Ok((answers, sessions))
}

/// Published questions among those asked for.
async fn questions(
    conn: &mut Conn<'_>,
    asked: &BTreeSet<&QuestionId>,
) -> Result<HashMap<QuestionId, Voted>, StoreError> {
    let asked: Vec<&QuestionId> = asked.iter().copied().collect();
    let mut known = HashMap::with_capacity(asked.len());
    for chunk in asked.chunks(LIST_MAX) {
        let rows: Vec<(String, String, String, i64)> = on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "SELECT id, session_id, merged_into, (SELECT COUNT(*) FROM question m WHERE m.merged_into = question.id AND m.merged_into <> '') \
                 FROM question WHERE state = 'published' AND id IN (",
            );
            // The last one again, up to a power of two, so that there are few statements to keep prepared.
            let last = chunk.len() - 1;
            let mut list = q.separated(", ");
            for at in 0..chunk.len().next_power_of_two() {
                list.push_bind(chunk[at.min(last)].as_str());
            }
            q.push(")");
            q.build_query_as().fetch_all(c).await
        })?;
        for (id, session, merged_into, voices) in rows {
            let voted = Voted {
                session: parse("session id", session)?,
                head: parse_opt("question id", merged_into)?,
                has_voices: voices > 0,
            };
            known.insert(parse("question id", id)?, voted);
        }
    }
    Ok(known)
}

/// Cuts rows into statements of the few sizes.
fn statements<T>(mut rows: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    std::iter::from_fn(move || {
        let size = STATEMENT_ROWS.iter().position(|&size| size <= rows.len())?;
        let (chunk, rest) = rows.split_at(STATEMENT_ROWS[size]);
        rows = rest;
        Some((size, chunk))
    })
}

/// A statement over so many rows, its text made once for each size and database.
struct Statement {
    before: &'static str,
    /// One row; `?` is the next parameter.
    row: &'static str,
    between: &'static str,
    after: &'static str,
    plain: OnceLock<Vec<String>>,
    numbered: OnceLock<Vec<String>>,
}

impl Statement {
    const fn new(
        before: &'static str,
        row: &'static str,
        between: &'static str,
        after: &'static str,
    ) -> Self {
        Self {
            before,
            row,
            between,
            after,
            plain: OnceLock::new(),
            numbered: OnceLock::new(),
        }
    }

    /// The text for a place in [`STATEMENT_ROWS`].
    ///
    /// PostgreSQL wants its parameters numbered. On SQLite they must not be: the driver asks for the name of each, which SQLite looks
    /// up from the beginning of a list, and with 2,560 names that took longer than all else that is done for a vote.
    fn text(&'static self, conn: &Conn<'_>, size: usize) -> &'static str {
        let (texts, numbered) = match conn {
            Conn::Sqlite(_) => (&self.plain, false),
            Conn::Pg(_) => (&self.numbered, true),
        };
        let texts = texts.get_or_init(|| STATEMENT_ROWS.map(|rows| self.make(rows, numbered)).into());
        &texts[size]
    }

    fn make(&self, rows: usize, numbered: bool) -> String {
        let mut text = self.before.to_owned();
        let mut next = 0;
        for at in 0..rows {
            if at > 0 {
                text.push_str(self.between);
            }
            for c in self.row.chars() {
                if c == '?' && numbered {
                    next += 1;
                    text.push_str(&format!("${next}"));
                } else {
                    text.push(c);
                }
            }
        }
        text.push_str(self.after);
        text
    }
}

impl<'a> Change<'a> {
    async fn insert(&mut self, tx: &mut Tx, rows: &[&'a Support]) -> Result<(), StoreError> {
        static STATEMENT: Statement = Statement::new(
            "INSERT INTO support (question_id, participant_id, session_id, tier, at_ms) VALUES ",
            "(?,?,?,?,?)",
            ",",
            " ON CONFLICT (question_id, participant_id) DO NOTHING RETURNING question_id, participant_id",
        );
        for (size, chunk) in statements(rows) {
            let sql = STATEMENT.text(&tx.conn(), size);
            let came: Vec<(String, String)> = on!(&mut tx.conn(), |c| {
                let mut q = sqlx::query_as(sql);
                for s in chunk {
                    q = q
                        .bind(s.question_id.as_str())
                        .bind(s.participant_id.as_str())
                        .bind(s.session_id.as_str())
                        .bind(s.tier.as_str())
                        .bind(s.at.ms());
                }
                q.fetch_all(c).await
            })?;
            self.note(chunk, &came, 1);
        }
        Ok(())
    }

    async fn delete(&mut self, tx: &mut Tx, rows: &[&'a Support]) -> Result<(), StoreError> {
        static STATEMENT: Statement = Statement::new(
            "DELETE FROM support WHERE ",
            "(question_id = ? AND participant_id = ?)",
            " OR ",
            " RETURNING question_id, participant_id",
        );
        for (size, chunk) in rows.chunks(ALTERNATIVES_MAX).flat_map(statements) {
            // A list of pairs would make SQLite read the whole table.
            let sql = STATEMENT.text(&tx.conn(), size);
            let went: Vec<(String, String)> = on!(&mut tx.conn(), |c| {
                let mut q = sqlx::query_as(sql);
                for s in chunk {
                    q = q.bind(s.question_id.as_str()).bind(s.participant_id.as_str());
                }
                q.fetch_all(c).await
            })?;
            self.note(chunk, &went, -1);
        }
        Ok(())
    }

    /// Notes which of the rows really came or went.
    fn note(&mut self, asked: &[&'a Support], moved: &[(String, String)], by: i64) {
        let all = asked.len() == moved.len();
        let moved: BTreeSet<(&str, &str)> = if all {
            BTreeSet::new()
        } else {
            moved.iter().map(|(q, p)| (q.as_str(), p.as_str())).collect()
        };
        for s in asked {
            if all || moved.contains(&(s.question_id.as_str(), s.participant_id.as_str())) {
                self.rows.push((&s.question_id, &s.participant_id, by));
                *self.counts.entry((&s.session_id, &s.question_id)).or_default() += by;
            }
        }
    }

    /// Counts of merged questions: the head has every person once, whichever of its questions they voted on.
    async fn count(&mut self, tx: &mut Tx, known: &'a HashMap<QuestionId, Voted>) -> Result<(), StoreError> {
        let mut merged: BTreeMap<(&'a SessionId, &'a QuestionId), BTreeMap<&'a ParticipantId, i64>> =
            BTreeMap::new();
        for &(question, person, by) in &self.rows {
            let (question, voted) = known
                .get_key_value(question)
                .expect("only votes on known questions are written");
            let head = match &voted.head {
                Some(head) => head,
                None if voted.has_voices => question,
                None => continue,
            };
            *merged
                .entry((&voted.session, head))
                .or_default()
                .entry(person)
                .or_default() += by;
        }
        for ((session, head), persons) in merged {
            let now = votes_of(&mut tx.conn(), head, &persons).await?;
            let mut more = 0;
            for (person, by) in persons {
                let after = now.get(person.as_str()).copied().unwrap_or(0);
                more += i64::from(after > 0) - i64::from(after - by > 0);
            }
            self.counts.insert((session, head), more);
        }
        Ok(())
    }

    async fn store(self, tx: &mut Tx, at: Timestamp) -> Result<BTreeSet<SessionId>, StoreError> {
        static STATEMENT: Statement = Statement::new(
            "INSERT INTO support_tally (session_id, question_id, supports, told, changed_ms, told_ms) VALUES ",
            "(?,?,?,?,?,?)",
            ",",
            " ON CONFLICT (session_id, question_id) DO UPDATE SET supports = support_tally.supports + excluded.supports, changed_ms = excluded.changed_ms",
        );
        let changed: Vec<_> = self.counts.into_iter().filter(|(_, more)| *more != 0).collect();
        for (size, chunk) in statements(&changed) {
            let sql = STATEMENT.text(&tx.conn(), size);
            on!(&mut tx.conn(), |c| {
                let mut q = sqlx::query(sql);
                for ((session, question), more) in chunk {
                    q = q
                        .bind(session.as_str())
                        .bind(question.as_str())
                        .bind(*more)
                        .bind(0_i64)
                        .bind(at.ms())
                        .bind(0_i64);
                }
                q.execute(c).await.map(|_| ())
            })?;
        }
        Ok(changed
            .iter()
            .map(|((session, _), _)| (*session).clone())
            .collect())
    }
}

/// How many questions of a head each of the persons supports.
async fn votes_of(
    conn: &mut Conn<'_>,
    head: &QuestionId,
    persons: &BTreeMap<&ParticipantId, i64>,
) -> Result<HashMap<String, i64>, StoreError> {
    let persons: Vec<&ParticipantId> = persons.keys().copied().collect();
    let mut votes = HashMap::with_capacity(persons.len());
    for chunk in persons.chunks(LIST_MAX) {
        let rows: Vec<(String, i64)> = on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "SELECT participant_id, COUNT(*) FROM support WHERE question_id IN (SELECT id FROM question WHERE id = ",
            );
            q.push_bind(head.as_str());
            q.push(" OR (merged_into = ");
            q.push_bind(head.as_str());
            q.push(" AND merged_into <> '')) AND participant_id IN (");
            let last = chunk.len() - 1;
            let mut list = q.separated(", ");
            for at in 0..chunk.len().next_power_of_two() {
                list.push_bind(chunk[at.min(last)].as_str());
            }
            q.push(") GROUP BY participant_id");
            q.build_query_as().fetch_all(c).await
        })?;
        votes.extend(rows);
    }
    Ok(votes)
}

/// Tells the log the counts of a session that changed. `true` if there are more than could be told at once.
pub(super) async fn tell(tx: &mut Tx, session: &SessionId) -> Result<bool, StoreError> {
    tx.lock_session(session).await?;
    let rows: Vec<(String, i64, i64)> = on!(&mut tx.conn(), |c| {
        sqlx::query_as(
        "SELECT question_id, supports, changed_ms FROM support_tally WHERE session_id = $1 AND supports <> told ORDER BY told_ms, question_id LIMIT $2"
    )
    .bind(session.as_str())
    .bind(i64::from(TOLD_AT_ONCE) + 1)
    .fetch_all(c)
    .await
    })?;
    let more = rows.len() > TOLD_AT_ONCE as usize;
    let told = &rows[..rows.len().min(TOLD_AT_ONCE as usize)];
    let Some(at) = told.iter().map(|(_, _, at)| *at).max() else {
        return Ok(false);
    };
    on!(&mut tx.conn(), |c| {
        let mut q = QueryBuilder::new("UPDATE support_tally SET told = supports, told_ms = ");
        q.push_bind(at);
        q.push(" WHERE session_id = ");
        q.push_bind(session.as_str());
        q.push(" AND question_id IN (");
        let mut list = q.separated(", ");
        for (id, ..) in told {
            list.push_bind(id);
        }
        q.push(")");
        q.build().execute(c).await.map(|_| ())
    })?;
    let counts = told
        .iter()
        .map(|(id, supports, _)| Ok((parse("question id", id.clone())?, count(*supports))))
        .collect::<Result<_, StoreError>>()?;
    tx.log(session, Timestamp::from_ms(at), Event::SupportsCounted { counts });
    Ok(more)
}

impl Tx {
    /// Counts the rows of a question anew, after it was merged or torn from another. Who asks for it tells everybody.
    pub(super) async fn recount(&mut self, question: &QuestionId) -> Result<(), StoreError> {
        let supports = self.conn().supports_of(question).await?;
        on!(&mut self.conn(), |c| {
            sqlx::query(
            "INSERT INTO support_tally (session_id, question_id, supports, told, changed_ms, told_ms) \
             SELECT session_id, id, $2, $2, 0, 0 FROM question WHERE id = $1 \
             ON CONFLICT (session_id, question_id) DO UPDATE SET supports = excluded.supports, told = excluded.told"
        )
        .bind(question.as_str())
        .bind(stored(supports))
        .execute(c)
        .await
        .map(|_| ())
        })?;
        Ok(())
    }
}

impl Conn<'_> {
    /// Persons who support a question or one merged into it, counted from the votes themselves.
    pub async fn supports_of(&mut self, question: &QuestionId) -> Result<u64, StoreError> {
        let n: i64 = on!(self, |c| {
            sqlx::query_scalar("SELECT COUNT(DISTINCT participant_id) FROM support WHERE question_id IN (SELECT id FROM question WHERE id = $1 OR (merged_into = $1 AND merged_into <> ''))")
            .bind(question.as_str()).fetch_one(c).await
        })?;
        Ok(count(n))
    }

    /// Questions of a session a person supports.
    pub async fn supported_by(
        &mut self,
        session: &SessionId,
        person: &ParticipantId,
    ) -> Result<Vec<QuestionId>, StoreError> {
        let rows: Vec<(String,)> = on!(self, |c| {
            sqlx::query_as("SELECT s.question_id FROM question q JOIN support s ON s.question_id = q.id AND s.participant_id = $1 WHERE q.session_id = $2 ORDER BY s.question_id")
            .bind(person.as_str()).bind(session.as_str()).fetch_all(c).await
        })?;
        rows.into_iter().map(|(id,)| parse("question id", id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_sizes_of_statements() {
        let rows = vec![0; 512 + 128 + 32 * 2 + 3];
        let sizes: Vec<usize> = statements(&rows).map(|(_, chunk)| chunk.len()).collect();
        assert_eq!(sizes, [512, 128, 32, 32, 1, 1, 1]);
        assert_eq!(statements::<u8>(&[]).count(), 0);
    }

    #[test]
    fn a_statement_has_its_parameters_numbered_through_where_the_database_wants_numbers() {
        let statement = Statement::new("A ", "(? = ?)", " OR ", " B");
        assert_eq!(statement.make(2, true), "A ($1 = $2) OR ($3 = $4) B");
        assert_eq!(statement.make(2, false), "A (? = ?) OR (? = ?) B");
    }

    #[test]
    fn a_session_is_told_at_once_after_silence_and_then_once_per_time() {
        let session = SessionId::new(Timestamp::from_ms(0), 1);
        let begin = Instant::now();
        let mut telling = Telling::default();
        telling.changed(&session, begin);
        assert_eq!(telling.take_due(begin), std::slice::from_ref(&session));
        assert_eq!(telling.next(), None);
        telling.changed(&session, begin + Duration::from_millis(10));
        telling.changed(&session, begin + Duration::from_millis(20));
        assert_eq!(telling.next(), Some(begin + TELL_EVERY));
        assert!(telling.take_due(begin + Duration::from_millis(999)).is_empty());
        assert_eq!(telling.take_due(begin + TELL_EVERY).len(), 1);
        telling.changed(&session, begin + 3 * TELL_EVERY);
        assert_eq!(telling.take_due(begin + 3 * TELL_EVERY).len(), 1);
        telling.failed(begin + 3 * TELL_EVERY);
        assert_eq!(
            telling.next(),
            Some(begin + 4 * TELL_EVERY),
            "not again and again while the database is away"
        );
    }
}
