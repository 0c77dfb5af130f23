//! The first administrator of an installation, by the one-time link printed at the first start.

use super::{CommandError, Commands, LoggedIn, Outcome};
use crate::domain::ids::StaffId;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::{Staff, check_login_name, check_password};

/// Setting that holds the hash of the token.
const SETTING: &str = "setup_token_hash";

impl Commands {
    /// A fresh one-time token if there is no account yet; earlier ones are void.
    pub async fn setup_token(&self) -> Outcome<Option<String>> {
        if self.inner.db.read().await?.conn().has_staff().await? {
            return Ok(None);
        }
        let token: String = (0..8).map(|_| format!("{:08x}", self.chance())).collect();
        let hash = self.keyed_hash("setup", &token);
        self.run(move |tx| {
            Box::pin(async move {
                tx.put_setting(SETTING, &hash).await?;
                Ok(())
            })
        })
        .await?;
        Ok(Some(token))
    }

    /// # Errors
    /// `forbidden` unless the token is the one printed last and no account exists, `weak_password`, `out_of_range`.
    pub async fn set_up(
        &self,
        token: &str,
        login_name: &str,
        name: &str,
        password: String,
    ) -> Outcome<LoggedIn> {
        check_login_name(login_name)?;
        check_password(&password, login_name)?;
        let name = super::screening::parse_label("name", name, 20)?;
        if name.is_empty() {
            return Err(Rejection::new(Code::Empty, "a shown name is missing")
                .with("field", "name")
                .into());
        }
        let hash = self.keyed_hash("setup", token);
        // Looked at before the work of hashing, which strangers could ask for, and again where it counts.
        let expected = self.inner.db.read().await?.conn().setting(SETTING).await?;
        if expected.is_none_or(|e| e != hash) {
            return Err(used().into());
        }
        let password_hash = self.inner.passwords.hash(password).await;
        let (now, chance) = (self.now(), self.chance());
        let staff = Staff {
            id: StaffId::new(now, self.chance()),
            login_name: login_name.to_owned(),
            name,
            operator: true,
            grants: Vec::new(),
        };
        let created = staff.clone();
        self.run(move |tx| {
            Box::pin(async move {
                let expected = tx.conn().setting(SETTING).await?;
                if expected.is_none_or(|e| e != hash) || tx.conn().has_staff().await? {
                    return Err(CommandError::from(used()));
                }
                tx.delete_setting(SETTING).await?;
                tx.insert_staff(&created, &password_hash, now).await?;
                let target = format!("staff {}", created.id);
                Self::audit_installation(tx, &created, "set_up", &target, now, chance);
                Ok(())
            })
        })
        .await?;
        self.begin_login(staff).await
    }
}

fn used() -> Rejection {
    Rejection::new(
        Code::Forbidden,
        "the one-time link was used or replaced; restart the server for a new one",
    )
}
