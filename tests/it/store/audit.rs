//! The audit log: chained, append-only, and honest about what was done to it behind the program's back.

use serde_json::json;
use yishiting::domain::audit::Fault;
use yishiting::domain::ids::{AuditId, StaffId};
use yishiting::store::{Audit, Db, StoreError};

use super::{Store, another_writer, at, fresh, on_both};
use crate::support::database::{execute, number};

impl Store {
    fn line(&self, target: &str) -> Audit {
        Audit {
            id: AuditId::new(at(0), fresh()),
            at: at(0),
            hall_id: Some(self.hall.clone()),
            session_id: Some(self.session.clone()),
            staff_id: Some(StaffId::new(at(0), 7)),
            staff_name: "周敏".into(),
            verb: "decide",
            target: target.into(),
            detail: json!({ "items": 3, "reason": "off_topic", "a": "先" }),
        }
    }
    /// Writes `len` lines, as many commits.
    async fn lines(&self, len: usize) {
        for n in 0..len {
            let line = self.line(&format!("decision {n}"));
            self.change(|tx| {
                Box::pin(async move {
                    tx.audit(line);
                    Ok(())
                })
            })
            .await
            .expect("written");
        }
    }
    async fn judged(&self) -> Result<u64, Fault> {
        let judged = self.db.verify_audit(Some(self.hall.as_str()), &[]).await;
        let (_, result) = judged.expect("readable").remove(0);
        result.map(|whole| whole.records)
    }
    /// As an intruder with all rights over the database: the guards are taken off first.
    async fn tamper(&self, statements: &[&str]) {
        let off: &[&str] = match self.db {
            Db::Sqlite { .. } => &[
                "DROP TRIGGER audit_no_update",
                "DROP TRIGGER audit_no_delete",
                "DROP TRIGGER audit_no_replace",
            ],
            Db::Pg(_) => &[
                "DROP TRIGGER audit_append_only ON audit",
                "GRANT UPDATE, DELETE ON audit TO CURRENT_USER",
            ],
        };
        for sql in off.iter().chain(statements) {
            execute(&self.db, sql).await.expect("an intruder may do anything");
        }
    }
}

#[test]
fn what_staff_did_is_a_chain_and_a_refused_change_leaves_no_line() {
    on_both(async |store| {
        store.lines(5).await;
        let line = store.line("refused");
        let refused = store
            .change(|tx| {
                Box::pin(async move {
                    tx.audit(line);
                    Err::<(), _>(StoreError::Busy)
                })
            })
            .await;
        assert!(refused.is_err());
        store.lines(1).await;
        assert_eq!(store.judged().await, Ok(6));
    });
}

#[test]
fn two_nodes_add_to_one_chain_without_a_hole() {
    on_both(async |store| {
        let (other, writing, _committed) = another_writer(&store.db);
        for n in 0..20 {
            let (one, two) = (store.line(&format!("a {n}")), store.line(&format!("b {n}")));
            let (a, b) = tokio::join!(
                store.change(|tx| Box::pin(async move {
                    tx.audit(one);
                    Ok(())
                })),
                other.run(move |tx| Box::pin(async move {
                    tx.audit(two);
                    Ok::<_, StoreError>(())
                }))
            );
            a.expect("written");
            b.expect("written");
        }
        assert_eq!(store.judged().await, Ok(40));
        other.stop().await;
        writing.await.expect("ends");
    });
}

#[test]
fn the_database_refuses_to_change_the_audit_log() {
    on_both(async |store| {
        store.lines(3).await;
        for sql in [
            "UPDATE audit SET target = 'x' WHERE seq = 2",
            "DELETE FROM audit WHERE seq = 3",
            "DELETE FROM audit",
        ] {
            let refused = execute(&store.db, sql).await.expect_err(sql);
            assert!(refused.contains("takes no change"), "{sql}: {refused}");
        }
        let other: &[&str] = match store.db {
            Db::Sqlite { .. } => &[
                "REPLACE INTO audit SELECT hall_id, seq, id, at_ms, session_id, staff_id, staff_name, verb, 'x', detail, prev, hash FROM audit WHERE seq = 2",
            ],
            Db::Pg(_) => &["TRUNCATE audit"],
        };
        for sql in other {
            let refused = execute(&store.db, sql).await.expect_err(sql);
            assert!(refused.contains("takes no change"), "{sql}: {refused}");
        }
        assert_eq!(store.judged().await, Ok(3));
        // Starting again changes nothing about that.
        store.db.migrate().await.expect("migrates");
        assert!(execute(&store.db, "DELETE FROM audit").await.is_err());
        assert_eq!(store.judged().await, Ok(3));
    });
}

/// A superuser, as whom the tests run, has every right; so the rights of the table itself are looked at.
#[test]
fn on_postgresql_the_programs_role_has_no_right_to_change_the_audit_log() {
    on_both(async |store| {
        if let Db::Pg(_) = store.db {
            for (right, expected) in [
                ("UPDATE", 0),
                ("DELETE", 0),
                ("TRUNCATE", 0),
                ("INSERT", 1),
                ("SELECT", 1),
            ] {
                let sql = format!(
                    "SELECT COUNT(*) FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a \
                     WHERE c.oid = 'audit'::regclass AND a.privilege_type = '{right}'"
                );
                assert_eq!(number(&store.db, &sql).await, expected, "{right}");
            }
        }
    });
}

#[test]
fn an_altered_record_is_named() {
    on_both(async |store| {
        store.lines(9).await;
        store
            .tamper(&["UPDATE audit SET detail = REPLACE(detail, '3', '4') WHERE seq = 5"])
            .await;
        assert_eq!(store.judged().await, Err(Fault::Altered { seq: 5 }));
    });
}

#[test]
fn a_missing_record_is_named_also_at_the_end() {
    on_both(async |store| {
        store.lines(9).await;
        store.tamper(&["DELETE FROM audit WHERE seq = 9"]).await;
        assert_eq!(store.judged().await, Err(Fault::Missing { seq: 9 }));
        execute(&store.db, "DELETE FROM audit WHERE seq = 4")
            .await
            .expect("no guard is left");
        assert_eq!(store.judged().await, Err(Fault::Missing { seq: 4 }));
        execute(&store.db, "DELETE FROM audit_head")
            .await
            .expect("deleted");
        assert!(store.judged().await.is_err());
    });
}

#[test]
fn two_records_that_changed_places_are_named() {
    on_both(async |store| {
        store.lines(9).await;
        store
            .tamper(&[
                "UPDATE audit SET seq = 100 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 6",
                "UPDATE audit SET seq = 6 WHERE seq = 100",
            ])
            .await;
        assert_eq!(store.judged().await, Err(Fault::Altered { seq: 3 }));
    });
}

#[test]
fn lines_written_before_there_were_chains_are_chained_at_the_first_start() {
    on_both(async |store| {
        for n in 1..=3 {
            let sql = format!(
                "INSERT INTO audit_unchained (id, at_ms, hall_id, session_id, staff_id, verb, target, detail) \
                 VALUES ('000000000000000{n}', {n}, '{}', '', '0000000000000007', 'decide', 'x', '{{\"b\":1,\"a\":2}}')",
                store.hall
            );
            execute(&store.db, &sql).await.expect("an old line");
        }
        store.db.migrate().await.expect("migrates");
        store.lines(2).await;
        assert_eq!(store.judged().await, Ok(5));
        store.db.migrate().await.expect("migrates");
        assert_eq!(store.judged().await, Ok(5));
    });
}
