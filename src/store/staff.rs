//! Accounts behind the stage, their rights, their logins.

use super::conn::{Conn, StoreError, on, or_empty, parse, parse_opt};
use super::writer::Tx;
use crate::domain::ids::{HallId, StaffId};
use crate::domain::staff::{Grant, Staff};
use crate::domain::time::Timestamp;

type StaffRow = (String, String, String, bool);

impl Conn<'_> {
    /// An account with its rights.
    pub async fn staff(&mut self, id: &StaffId) -> Result<Option<Staff>, StoreError> {
        let row: Option<StaffRow> = on!(self, |c| sqlx::query_as(
            "SELECT id, login_name, name, operator FROM staff WHERE id = $1"
        )
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        match row {
            Some(row) => self.with_grants(row).await.map(Some),
            None => Ok(None),
        }
    }
    async fn with_grants(&mut self, (id, login_name, name, operator): StaffRow) -> Result<Staff, StoreError> {
        let rows: Vec<(String, String, String)> = on!(self, |c| {
            sqlx::query_as("SELECT hall_id, role, department_id FROM role_grant WHERE staff_id = $1 ORDER BY hall_id, role, department_id").bind(&id).fetch_all(c).await
        })?;
        let grants = rows
            .into_iter()
            .map(|(hall, role, department)| {
                Ok(Grant {
                    hall_id: parse("hall id", hall)?,
                    role: parse("role", role)?,
                    department_id: parse_opt("department id", department)?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Staff {
            id: parse("staff id", id)?,
            login_name,
            name,
            operator,
            grants,
        })
    }
    /// All accounts, by login name.
    pub async fn all_staff(&mut self) -> Result<Vec<Staff>, StoreError> {
        let rows: Vec<StaffRow> = on!(self, |c| sqlx::query_as(
            "SELECT id, login_name, name, operator FROM staff ORDER BY login_name"
        )
        .fetch_all(c)
        .await)?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            out.push(self.with_grants(row).await?);
        }
        Ok(out)
    }
    /// Who may log in under a name, and the hash of the password.
    pub async fn staff_password(
        &mut self,
        login_name: &str,
    ) -> Result<Option<(StaffId, String)>, StoreError> {
        let row: Option<(String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT id, password_hash FROM staff WHERE login_name = $1"
        )
        .bind(login_name)
        .fetch_optional(c)
        .await)?;
        row.map(|(id, hash)| Ok((parse("staff id", id)?, hash)))
            .transpose()
    }
    /// Who a login belongs to, if it is not over.
    pub async fn staff_of_login(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Staff>, StoreError> {
        let id: Option<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT staff_id FROM login WHERE token_hash = $1 AND expires_ms > $2"
        )
        .bind(token_hash)
        .bind(now.ms())
        .fetch_optional(c)
        .await)?;
        match id {
            Some(id) => self.staff(&parse("staff id", id)?).await,
            None => Ok(None),
        }
    }
    /// Whether there is any account.
    pub async fn has_staff(&mut self) -> Result<bool, StoreError> {
        let n: i64 = on!(self, |c| sqlx::query_scalar("SELECT COUNT(*) FROM staff")
            .fetch_one(c)
            .await)?;
        Ok(n > 0)
    }
    /// A stored setting of the installation.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT value FROM setting WHERE name = $1"
        )
        .bind(name)
        .fetch_optional(c)
        .await)?)
    }
}

impl Tx {
    /// Stores an account. A login name that is taken shows as a unique violation.
    pub async fn insert_staff(
        &mut self,
        s: &Staff,
        password_hash: &str,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO staff (id, login_name, name, password_hash, operator, created_ms) VALUES ($1,$2,$3,$4,$5,$6)")
            .bind(s.id.as_str()).bind(&s.login_name).bind(&s.name).bind(password_hash).bind(s.operator).bind(created_at.ms()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Another password; every login of the account ends.
    pub async fn set_password(&mut self, id: &StaffId, password_hash: &str) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE staff SET password_hash = $2 WHERE id = $1"
        )
        .bind(id.as_str())
        .bind(password_hash)
        .execute(c)
        .await
        .map(|_| ()))?;
        on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM login WHERE staff_id = $1"
        )
        .bind(id.as_str())
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// Replaces what an account may do in a hall.
    pub async fn set_grants(
        &mut self,
        hall: &HallId,
        staff: &StaffId,
        grants: &[Grant],
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM role_grant WHERE hall_id = $1 AND staff_id = $2"
        )
        .bind(hall.as_str())
        .bind(staff.as_str())
        .execute(c)
        .await
        .map(|_| ()))?;
        for g in grants {
            on!(&mut self.conn(), |c| {
                sqlx::query("INSERT INTO role_grant (hall_id, staff_id, role, department_id) VALUES ($1,$2,$3,$4) ON CONFLICT (hall_id, staff_id, role, department_id) DO NOTHING")
                .bind(hall.as_str()).bind(staff.as_str()).bind(g.role.as_str()).bind(or_empty(g.department_id.as_ref())).execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }
    /// Begins a login; ends those of everybody that are over.
    pub async fn insert_login(
        &mut self,
        token_hash: &str,
        staff: &StaffId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM login WHERE expires_ms <= $1"
        )
        .bind(now.ms())
        .execute(c)
        .await
        .map(|_| ()))?;
        on!(&mut self.conn(), |c| sqlx::query(
            "INSERT INTO login (token_hash, staff_id, created_ms, expires_ms) VALUES ($1,$2,$3,$4)"
        )
        .bind(token_hash)
        .bind(staff.as_str())
        .bind(now.ms())
        .bind(expires_at.ms())
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// Ends a login.
    pub async fn delete_login(&mut self, token_hash: &str) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM login WHERE token_hash = $1"
        )
        .bind(token_hash)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// Writes a setting of the installation.
    pub async fn put_setting(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO setting (name, value) VALUES ($1,$2) ON CONFLICT (name) DO UPDATE SET value = excluded.value").bind(name).bind(value).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Removes a setting; `false` if it was not there.
    pub async fn delete_setting(&mut self, name: &str) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM setting WHERE name = $1"
        )
        .bind(name)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
        Ok(n == 1)
    }
}
