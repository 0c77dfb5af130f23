//! SQLite's write-ahead log is folded into the database file beside the writer.
//!
//! Left to SQLite, the writer does it every thousand pages, in the middle of its work: when thousands vote that is several times a
//! second, and everybody waits some 50 ms for their answer. Folding does not hinder who writes; only beginning the log anew does,
//! for a moment, and is asked for when the log has grown long.

use std::time::Duration;

use sqlx::{SqliteConnection, SqlitePool};

/// How often. In that time a storm of votes writes some 30 MB, most of them the same pages again and again, which are folded once.
const EVERY: Duration = Duration::from_millis(500);
/// Pages of 4 KiB after which the log is begun anew: 64 MiB, which a start after a crash reads in a fraction of a second.
const BEGIN_ANEW_AT: i64 = 16_384;
/// Pages after which the writer folds by itself all the same: 256 MiB, reached only when this task does not get to it.
pub(super) const WRITER_FOLDS_AT: &str = "65536";
/// Longest time to wait for the writer, and to have it wait for readers of an old state.
pub(super) const WAIT: Duration = Duration::from_millis(50);

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Folded {
    /// Counts changes by others.
    version: i64,
    /// Pages of the log, and of them not yet folded.
    pages: i64,
    left: i64,
}

/// Folds until the pool, of one connection, is closed.
pub(super) async fn run(pool: SqlitePool) {
    let mut last = Folded::default();
    let mut fails = false;
    while !pool.is_closed() {
        tokio::time::sleep(EVERY).await;
        let folding = async { fold(&mut *pool.acquire().await?, &last, BEGIN_ANEW_AT).await };
        match folding.await {
            Ok(folded) => {
                metrics::gauge!("store_log_pages").set(folded.pages as f64);
                last = folded;
                fails = false;
            }
            Err(_) if fails || pool.is_closed() => {}
            Err(error) => {
                fails = true;
                tracing::warn!(%error, "the write-ahead log could not be folded; it grows until that is possible again");
            }
        }
    }
}

/// Folds what came since `last`.
async fn fold(conn: &mut SqliteConnection, last: &Folded, begin_anew_at: i64) -> Result<Folded, sqlx::Error> {
    let version = sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(&mut *conn)
        .await?;
    if version == last.version && last.left == 0 {
        return Ok(Folded {
            version,
            pages: last.pages,
            left: 0,
        });
    }
    let (mut pages, mut folded) = checkpoint(conn, "PRAGMA wal_checkpoint(PASSIVE)").await?;
    if pages > begin_anew_at {
        // Little is left to fold now, so that the writer waits for that little and no longer.
        (pages, folded) = checkpoint(conn, "PRAGMA wal_checkpoint(RESTART)").await?;
    }
    Ok(Folded {
        version,
        pages,
        left: pages - folded,
    })
}

async fn checkpoint(conn: &mut SqliteConnection, how: &'static str) -> Result<(i64, i64), sqlx::Error> {
    let (_busy, pages, folded): (i64, i64, i64) = sqlx::query_as(how).fetch_one(conn).await?;
    Ok((pages, folded))
}

#[cfg(test)]
mod tests {
    use sqlx::Connection;

    use super::super::db::{Db, Options};
    use super::*;

    async fn write(db: &Db, rows: usize) {
        let Db::Sqlite { write, .. } = db else {
            panic!("SQLite was asked for");
        };
        for _ in 0..rows {
            sqlx::query("INSERT INTO t VALUES (zeroblob(4000))")
                .execute(write)
                .await
                .expect("written");
        }
    }

    /// A new database with a table; its writer folds nothing by itself.
    async fn opened(folder: &std::path::Path) -> (Db, SqliteConnection) {
        let options = Options {
            url: format!("sqlite:{}", folder.join("hall.db").display()),
            connections_max: 2,
            wait_ms: 1_000,
        };
        let db = Db::connect(&options).await.expect("opened");
        let Db::Sqlite { write: writer, .. } = &db else {
            panic!("SQLite was asked for");
        };
        sqlx::query("CREATE TABLE t (b BLOB)")
            .execute(writer)
            .await
            .expect("created");
        let conn = SqliteConnection::connect(&options.url).await.expect("opened");
        (db, conn)
    }

    #[tokio::test]
    async fn the_log_is_folded_beside_the_writer_and_begun_anew_when_it_is_long() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("hall.db");
        let (db, mut conn) = opened(folder.path()).await;
        write(&db, 1_500).await;
        let size = || std::fs::metadata(&file).expect("it is there").len();
        let folded = fold(&mut conn, &Folded::default(), 1_000_000)
            .await
            .expect("folded");
        assert_eq!(folded.left, 0);
        assert!(size() > 1_500 * 4_000, "it is in the file: {} bytes", size());
        let again = fold(&mut conn, &folded, 1_000_000).await.expect("nothing to do");
        assert_eq!(again, folded);

        // Grown, and begun anew: the next to write begins at the front.
        write(&db, 20).await;
        let anew = fold(&mut conn, &folded, 10).await.expect("folded");
        assert!(anew.version != folded.version && anew.left == 0);
        write(&db, 1).await;
        let after = fold(&mut conn, &anew, 1_000_000).await.expect("folded");
        assert!(after.pages < 20, "{} pages", after.pages);
        db.close().await;
    }

    #[tokio::test]
    async fn who_reads_an_old_state_for_long_hinders_neither_the_folding_nor_the_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let (db, mut conn) = opened(folder.path()).await;
        let mut reader = db.snapshot().await.expect("a reader");
        super::super::conn::on!(&mut reader.conn(), |c| sqlx::query("SELECT * FROM sqlite_master")
            .execute(c)
            .await
            .map(|_| ()))
        .expect("read");
        write(&db, 100).await;
        sqlx::query("PRAGMA busy_timeout = 50")
            .execute(&mut conn)
            .await
            .expect("set");
        let held = fold(&mut conn, &Folded::default(), 10)
            .await
            .expect("not an error");
        assert!(held.left > 0, "what the reader does not see must wait");
        write(&db, 1).await;
        drop(reader);
        let free = fold(&mut conn, &held, 10).await.expect("folded");
        assert_eq!(free.left, 0);
        db.close().await;
    }
}
