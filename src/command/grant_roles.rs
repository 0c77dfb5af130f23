//! Say what an account may do in a hall.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::{HallId, StaffId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::staff::{Grant, Staff};
use crate::domain::words::Role;

impl Commands {
    /// Replaces the roles of an account in the hall; none takes everything away.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `incomplete` (a department officer without department), `conflict` when administrators would take away their own right.
    pub async fn grant_roles(
        &self,
        by: &Staff,
        hall: &HallId,
        staff_id: &StaffId,
        grants: Vec<Grant>,
    ) -> Outcome<Staff> {
        let (hall_id, staff_id) = (hall.clone(), staff_id.clone());
        self.in_hall(by, hall, Verb::GrantRoles, move |act| {
            Box::pin(async move {
                for grant in &grants {
                    match (grant.role, &grant.department_id) {
                        (Role::DepartmentOfficer, None) => {
                            return Err(Rejection::incomplete(
                                "department_id",
                                "a department officer needs a department",
                            )
                            .into());
                        }
                        (Role::DepartmentOfficer, Some(d))
                            if !act.tx.conn().department_exists(&hall_id, d).await? =>
                        {
                            return Err(Rejection::not_found("department in this hall").into());
                        }
                        (Role::DepartmentOfficer, _) | (_, None) => {}
                        (_, Some(_)) => {
                            return Err(Rejection::out_of_range(
                                "department_id",
                                "only a department officer's role names a department",
                            )
                            .into());
                        }
                    }
                }
                let keeps_own = act.staff.operator
                    || act.staff.id != staff_id
                    || grants.iter().any(|g| g.role == Role::Administrator);
                if !keeps_own {
                    return Err(Rejection::out_of_range(
                        "roles",
                        "administrators may not take away their own right; ask another administrator",
                    )
                    .into());
                }
                if act.tx.conn().staff(&staff_id).await?.is_none() {
                    return Err(Rejection::not_found("account").into());
                }
                act.tx.set_grants(&hall_id, &staff_id, &grants).await?;
                let roles: Vec<&str> = grants.iter().map(|g| g.role.as_str()).collect();
                act.audit(&format!("staff {staff_id}"), json!({ "roles": roles }))
                    .await?;
                Ok(act
                    .tx
                    .conn()
                    .staff(&staff_id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("account"))?)
            })
        })
        .await
    }
}
