//! Log in behind the stage.

use std::net::IpAddr;

use super::{Commands, Outcome};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::{PASSWORD_BYTES_MAX, Staff};
use crate::domain::time::Timestamp;

/// A login that has begun.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    pub staff: Staff,
    /// For the cookie. The database keeps only its hash.
    pub token: String,
    pub expires_at: Timestamp,
}

impl Commands {
    /// # Errors
    /// `wrong_password` for a wrong name or password alike, `rate_limited` after several wrong ones.
    pub async fn log_in(&self, login_name: &str, password: String, from: IpAddr) -> Outcome<LoggedIn> {
        let wrong = || Rejection::new(Code::WrongPassword, "name or password does not match");
        if login_name.len() > 40 || password.len() > PASSWORD_BYTES_MAX {
            return Err(wrong().into());
        }
        // By name and network: a stranger who tries a moderator's name must not keep the moderator out.
        let trying = format!("{login_name} {}", super::rate::network_of(from));
        self.inner.passwords.check_pause(&trying, self.now())?;
        let known = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .staff_password(login_name)
            .await?;
        let (id, hash) = known.unzip();
        if !self.inner.passwords.verify(password, hash).await {
            self.inner.passwords.note_wrong(&trying, self.now());
            return Err(wrong().into());
        }
        let id = id.ok_or_else(wrong)?;
        self.inner.passwords.note_right(&trying);
        let staff = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .staff(&id)
            .await?
            .ok_or_else(wrong)?;
        self.begin_login(staff).await
    }

    pub(super) async fn begin_login(&self, staff: Staff) -> Outcome<LoggedIn> {
        let token: String = (0..8).map(|_| format!("{:08x}", self.chance())).collect();
        let hash = self.keyed_hash("login", &token);
        let now = self.now();
        let expires_at = now.plus_ms(i64::from(self.inner.options.login_hours) * 3_600_000);
        let (by, chance) = (staff.clone(), self.chance());
        self.run(move |tx| {
            Box::pin(async move {
                tx.insert_login(&hash, &by.id, now, expires_at).await?;
                Self::audit_installation(tx, &by, "log_in", "login", now, chance);
                Ok(())
            })
        })
        .await?;
        Ok(LoggedIn {
            staff,
            token,
            expires_at,
        })
    }

    /// Who a login cookie belongs to.
    ///
    /// # Errors
    /// `expired` when the login is over or was ended.
    pub async fn staff_of_login(&self, token: &str) -> Outcome<Staff> {
        let hash = self.keyed_hash("login", token);
        let staff = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .staff_of_login(&hash, self.now())
            .await?;
        Ok(staff.ok_or_else(|| Rejection::new(Code::Expired, "the login is over; sign in again"))?)
    }
}
