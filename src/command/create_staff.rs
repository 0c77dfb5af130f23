//! Create an account behind the stage. It may do nothing until a hall grants it roles.

use super::{Commands, Outcome};
use crate::domain::ids::StaffId;
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::{Staff, check_login_name, check_password};
use crate::domain::words::Role;

impl Commands {
    /// By an operator or an administrator of any hall. `operator` makes another operator, which only an operator may.
    ///
    /// # Errors
    /// `forbidden`, `taken`, `weak_password`, `out_of_range`.
    pub async fn create_staff(
        &self,
        by: &Staff,
        login_name: &str,
        name: &str,
        password: String,
        operator: bool,
    ) -> Outcome<Staff> {
        let administrator = by.grants.iter().any(|g| g.role == Role::Administrator);
        if !(by.operator || administrator && !operator) {
            return Err(Rejection::new(Code::Forbidden, "only administrators create accounts").into());
        }
        let by = by.clone();
        let (created, hash) = self.new_staff(login_name, name, password, operator).await?;
        let (now, chance) = (self.now(), self.chance());
        self.run(move |tx| {
            Box::pin(async move {
                insert(tx, &created, &hash, now).await?;
                let target = format!("staff {}", created.id);
                Self::audit_installation(tx, &by, Verb::GrantRoles.as_str(), &target, now, chance);
                Ok(created)
            })
        })
        .await
    }

    /// From the command line of the machine, where whoever may start the server may do anything.
    ///
    /// # Errors
    /// `taken`, `weak_password`, `out_of_range`.
    pub async fn add_operator(&self, login_name: &str, name: &str, password: String) -> Outcome<Staff> {
        let (created, hash) = self.new_staff(login_name, name, password, true).await?;
        let (now, chance) = (self.now(), self.chance());
        self.run(move |tx| {
            Box::pin(async move {
                insert(tx, &created, &hash, now).await?;
                let target = format!("staff {}", created.id);
                Self::audit_installation(tx, &created, "add_operator", &target, now, chance);
                Ok(created)
            })
        })
        .await
    }

    async fn new_staff(
        &self,
        login_name: &str,
        name: &str,
        password: String,
        operator: bool,
    ) -> Outcome<(Staff, String)> {
        check_login_name(login_name)?;
        check_password(&password, login_name)?;
        let name = super::screening::parse_label("name", name, 20)?;
        if name.is_empty() {
            return Err(Rejection::new(Code::Empty, "a shown name is missing")
                .with("field", "name")
                .into());
        }
        let hash = self.inner.passwords.hash(password).await;
        Ok((
            Staff {
                id: StaffId::new(self.now(), self.chance()),
                login_name: login_name.to_owned(),
                name,
                operator,
                grants: Vec::new(),
            },
            hash,
        ))
    }
}

async fn insert(
    tx: &mut crate::store::Tx,
    staff: &Staff,
    hash: &str,
    now: crate::domain::time::Timestamp,
) -> Outcome<()> {
    match tx.insert_staff(staff, hash, now).await {
        Err(e) if e.is_unique_violation() => Err(Rejection::new(
            Code::Taken,
            format!("login name `{}` is taken", staff.login_name),
        )
        .with("field", "login_name")
        .into()),
        other => Ok(other?),
    }
}
