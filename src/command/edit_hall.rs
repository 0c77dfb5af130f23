//! Edit a hall and its departments.

use serde_json::json;

use super::create_hall::{HallInput, slug_taken};
use super::{Commands, Outcome};
use crate::domain::hall::Hall;
use crate::domain::ids::{DepartmentId, HallId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;

impl Commands {
    /// # Errors
    /// `forbidden`, `not_found`, `taken`, `out_of_range`, `too_long`.
    pub async fn edit_hall(&self, by: &Staff, id: &HallId, input: HallInput) -> Outcome<Hall> {
        let hall = self
            .in_hall(by, id, Verb::EditHall, move |act| {
                Box::pin(async move {
                    for (department, _) in &input.departments {
                        if let Some(id) = department
                            && !act.tx.conn().department_exists(&act.hall.id, id).await?
                        {
                            return Err(Rejection::not_found("department in this hall").into());
                        }
                    }
                    let now = act.now;
                    let (hall, departments) =
                        input.build(act.hall.id.clone(), act.hall.created_at, || {
                            DepartmentId::new(now, act.chance())
                        })?;
                    match act.tx.update_hall(&hall).await {
                        Err(e) if e.is_unique_violation() => return Err(slug_taken(&hall.slug).into()),
                        other => other?,
                    }
                    act.tx.set_departments(&hall.id, &departments).await?;
                    act.audit(&format!("hall {}", hall.id), json!({})).await?;
                    Ok(hall)
                })
            })
            .await?;
        self.inner.sessions.forget_where(|session| session.hall_id == *id);
        Ok(hall)
    }
}
