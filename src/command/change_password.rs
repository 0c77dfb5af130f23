//! Change one's own password. Every other login of the account ends.

use super::{Commands, LoggedIn, Outcome};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::{PASSWORD_BYTES_MAX, Staff, check_password};

impl Commands {
    /// # Errors
    /// `wrong_password`, `weak_password`, `rate_limited`.
    pub async fn change_password(&self, staff: &Staff, old: String, new: String) -> Outcome<LoggedIn> {
        check_password(&new, &staff.login_name)?;
        self.inner.passwords.check_pause(&staff.login_name, self.now())?;
        let hash = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .staff_password(&staff.login_name)
            .await?
            .map(|(_, hash)| hash);
        if old.len() > PASSWORD_BYTES_MAX || !self.inner.passwords.verify(old, hash).await {
            self.inner.passwords.note_wrong(&staff.login_name, self.now());
            return Err(Rejection::new(Code::WrongPassword, "the old password does not match").into());
        }
        let (by, hash) = (staff.clone(), self.inner.passwords.hash(new).await);
        let (now, chance) = (self.now(), self.chance());
        self.run(move |tx| {
            Box::pin(async move {
                tx.set_password(&by.id, &hash).await?;
                Self::audit_installation(tx, &by, "change_password", "password", now, chance);
                Ok(())
            })
        })
        .await?;
        self.begin_login(staff.clone()).await
    }
}
