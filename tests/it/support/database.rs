//! A fresh database of either kind for one test, gone afterwards.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use yishiting::store::{Db, Options};

use super::world::Kind;

/// Every table, for counting what a test left behind.
const TABLES: &[&str] = &[
    "setting",
    "hall",
    "department",
    "session",
    "session_department",
    "segment",
    "material",
    "participant",
    "phone_code",
    "comment",
    "question",
    "support",
    "answer",
    "decision",
    "decision_item",
    "claim",
    "report",
    "note",
    "desk_view",
    "erasure",
    "sanction",
    "suggestion",
    "suggestion_source",
    "event",
    "audit",
    "audit_head",
    "appeal",
    "hall_reason",
    "choice",
    "word_list",
    "hall_screening",
    "staff",
    "role_grant",
    "login",
];

/// A fresh database.
pub struct Database {
    /// For the configuration.
    pub url: String,
    /// Name of the database on the server; `None` for a file.
    on_server: Option<String>,
    /// Everything of this test that lies on disk.
    pub folder: TempDir,
}

/// The server for tests, if there is one.
pub fn postgres_url() -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the script that starts the server says where it is"
    )]
    std::env::var("YISHITING_TEST_POSTGRES_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

impl Database {
    /// A fresh one; `None` when there is no server of that kind.
    pub async fn fresh(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        match kind {
            Kind::Sqlite => Some(Self {
                url: format!("sqlite:{}/yishiting.db", folder.path().display()),
                on_server: None,
                folder,
            }),
            Kind::Postgres => {
                let server = postgres_url()?;
                let name = format!("it_{:016x}", names::unique());
                let mut admin = PgConnection::connect(&server)
                    .await
                    .expect("the PostgreSQL of the tests answers");
                sqlx::query(AssertSqlSafe(format!(
                    "CREATE DATABASE {name} TEMPLATE template0"
                )))
                .execute(&mut admin)
                .await
                .expect("a fresh database");
                admin.close().await.expect("closes");
                let (base, _) = server.rsplit_once('/').expect("the URL names a database");
                Some(Self {
                    url: format!("{base}/{name}"),
                    on_server: Some(name),
                    folder,
                })
            }
        }
    }

    /// Opens it with its tables.
    pub async fn open(&self) -> Db {
        let db = Db::connect(&Options {
            url: self.url.clone(),
            connections_max: 6,
            wait_ms: 10_000,
        })
        .await
        .expect("opens");
        db.migrate().await.expect("migrates");
        db
    }

    /// Takes it away; whatever is still connected is cut.
    pub async fn remove(self) {
        let Some(name) = self.on_server else { return };
        let server = postgres_url().expect("it was there when the database was made");
        let mut admin = PgConnection::connect(&server)
            .await
            .expect("the PostgreSQL of the tests answers");
        sqlx::query(AssertSqlSafe(format!(
            "DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        )))
        .execute(&mut admin)
        .await
        .expect("dropped");
    }
}

mod names {
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A name no other test has: of this process, and of this moment for processes one after the other.
    pub fn unique() -> u64 {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        #[expect(clippy::disallowed_methods, reason = "names must differ between runs")]
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .subsec_nanos();
        (u64::from(std::process::id()) << 40)
            ^ (u64::from(nanos) << 8)
            ^ COUNT.fetch_add(1, Ordering::Relaxed)
    }
}

/// One number of the database.
pub async fn number(db: &Db, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await,
        Db::Pg(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
    }
    .expect("the statement is right and gives one number")
}

/// One column of text.
pub async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_all(read).await,
        Db::Pg(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
    }
    .expect("the statement is right and gives one column of text")
}

/// How much was ever written: rows of every table, and the counters every change moves. Equal before and after means that
/// nothing was written.
pub async fn footprint(db: &Db) -> Vec<(&'static str, i64)> {
    let mut out = Vec::with_capacity(TABLES.len() + 2);
    for table in TABLES {
        out.push((*table, number(db, &format!("SELECT COUNT(*) FROM {table}")).await));
    }
    out.push(("seqs", number(db, "SELECT CAST(COALESCE(SUM(public_seq + backstage_seq + comment_no + question_no + suggestion_no), 0) AS BIGINT) FROM session").await));
    out.push((
        "revisions",
        number(
            db,
            "SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM question",
        )
        .await,
    ));
    out
}

/// Runs a statement as somebody with the rights of the database's owner does, past the program.
pub async fn execute(db: &Db, sql: &str) -> Result<u64, String> {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { write, .. } => sqlx::query(sql).execute(write).await.map(|r| r.rows_affected()),
        Db::Pg(pool) => sqlx::query(sql).execute(pool).await.map(|r| r.rows_affected()),
    }
    .map_err(|e| e.to_string())
}
