//! Which database, how it is opened, and how connections for reading are lent.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, PgPool, Postgres, Sqlite, SqlitePool, pool::PoolConnection};

use super::checkpoint;
use super::conn::{Conn, StoreError};

/// How to open the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Connections for reading. SQLite reads in parallel up to this many; PostgreSQL uses them for everything.
    pub connections_max: u32,
    /// How long a reader waits for a connection, in milliseconds, before `unavailable`.
    pub wait_ms: u64,
}

/// An open database.
#[derive(Clone)]
pub enum Db {
    /// One connection writes, several read: SQLite has one writer, and a deferred upgrade would fail busy.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
        /// For folding the log.
        checkpoint: SqlitePool,
    },
    Pg(PgPool),
}

/// A connection borrowed for reading.
pub enum Reader {
    Sqlite(PoolConnection<Sqlite>),
    Pg(PoolConnection<Postgres>),
}

impl Reader {
    /// The connection, for the queries.
    pub fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::Pg(c) => Conn::Pg(c),
        }
    }
}

/// A connection borrowed for reading several things as of one instant.
pub enum Snapshot {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Pg(sqlx::Transaction<'static, Postgres>),
}

impl Snapshot {
    /// The connection, for the queries.
    pub fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(t) => Conn::Sqlite(t),
            Self::Pg(t) => Conn::Pg(t),
        }
    }
}

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// What the migrations cannot say alike for both: triggers and rights that keep the audit log append-only.
const GUARD_SQLITE: &str = include_str!("../../migrations/guard/sqlite.sql");
const GUARD_POSTGRES: &str = include_str!("../../migrations/guard/postgres.sql");

impl Db {
    /// Opens the database, creating an SQLite file that is not there.
    pub async fn connect(options: &Options) -> Result<Self, StoreError> {
        let wait = Duration::from_millis(options.wait_ms);
        if options.url.starts_with("postgres://") || options.url.starts_with("postgresql://") {
            // A lost server must be noticed in seconds, not after the kernel's two hours.
            let connect = PgConnectOptions::from_str(&options.url)?
                .application_name("yishiting")
                .options([("statement_timeout", "15000")]);
            let pool = PgPoolOptions::new()
                .max_connections(options.connections_max)
                .acquire_timeout(wait)
                .connect_with(connect)
                .await?;
            return Ok(Self::Pg(pool));
        }
        let connect = SqliteConnectOptions::from_str(&options.url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: a commit that was acknowledged survives a power cut, not only a crash of the program.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-65536")
            .pragma("journal_size_limit", "67108864");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(wait)
            // When the disk is full SQLite ends the transaction by itself and the driver goes on counting it: such a
            // connection would never begin another one. It is replaced.
            .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
            .connect_with(connect.clone().pragma("wal_autocheckpoint", checkpoint::WRITER_FOLDS_AT))
            .await?;
        let checkpoint = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(wait)
            .connect_lazy_with(connect.clone().busy_timeout(checkpoint::WAIT));
        tokio::spawn(checkpoint::run(checkpoint.clone()));
        let read = SqlitePoolOptions::new()
            .max_connections(options.connections_max)
            .acquire_timeout(wait)
            .connect_with(connect.read_only(true))
            .await?;
        Ok(Self::Sqlite {
            read,
            write,
            checkpoint,
        })
    }

    /// Brings the tables to the version of the program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { write, .. } => {
                MIGRATIONS.run(write).await?;
                let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
                super::audit::chain_what_was_before(&mut Conn::Sqlite(&mut tx)).await?;
                sqlx::raw_sql(GUARD_SQLITE).execute(&mut *tx).await?;
                tx.commit().await?;
            }
            Self::Pg(pool) => {
                // A large table, or another node at the same work, takes longer than a statement may.
                let mut connection = pool.acquire().await?;
                sqlx::query("SET statement_timeout = 0")
                    .execute(&mut *connection)
                    .await?;
                MIGRATIONS.run(&mut *connection).await?;
                let mut tx = connection.begin().await?;
                sqlx::raw_sql(GUARD_POSTGRES).execute(&mut *tx).await?;
                super::audit::chain_what_was_before(&mut Conn::Pg(&mut tx)).await?;
                tx.commit().await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// Lends a connection for reading.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        metrics::counter!("store_reads").increment(1);
        Ok(match self {
            Self::Sqlite { read, .. } => Reader::Sqlite(read.acquire().await?),
            Self::Pg(pool) => Reader::Pg(pool.acquire().await?),
        })
    }

    /// Lends a connection that sees one instant of the database for as long as it is held.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        metrics::counter!("store_reads").increment(1);
        Ok(match self {
            Self::Sqlite { read, .. } => Snapshot::Sqlite(read.begin().await?),
            Self::Pg(pool) => Snapshot::Pg(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut reader = self.read().await?;
        super::conn::on!(&mut reader.conn(), |c| sqlx::query("SELECT 1")
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Closes every connection; SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite {
                read,
                write,
                checkpoint,
            } => {
                checkpoint.close().await;
                read.close().await;
                write.close().await;
            }
            Self::Pg(pool) => pool.close().await,
        }
    }
}
