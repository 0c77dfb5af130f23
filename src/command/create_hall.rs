//! Open a hall.

use super::{Commands, Outcome};
use crate::domain::hall::{DEPARTMENTS_MAX, Department, Hall, MEMBERS_MAX, check_color, check_slug};
use crate::domain::ids::{DepartmentId, HallId};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::Policy;
use crate::domain::staff::Staff;
use crate::domain::time::Timestamp;

use super::screening::{parse_label, parse_long};

/// Everything that can be said of a hall.
#[derive(Debug, Clone)]
pub struct HallInput {
    pub slug: String,
    pub name: String,
    pub body_name: String,
    pub color: String,
    pub intro: String,
    pub rules: String,
    pub contact: String,
    pub policy: Policy,
    /// With the id of one that exists, or without for a new one.
    pub departments: Vec<(Option<DepartmentId>, String)>,
    pub members: Vec<String>,
}

impl HallInput {
    /// The hall and its departments, checked.
    pub(super) fn build(
        self,
        id: HallId,
        created_at: Timestamp,
        mut new_id: impl FnMut() -> DepartmentId,
    ) -> Result<(Hall, Vec<Department>), Rejection> {
        check_slug(&self.slug)?;
        check_color(&self.color)?;
        self.policy.check()?;
        if self.departments.len() > DEPARTMENTS_MAX || self.members.len() > MEMBERS_MAX {
            return Err(Rejection::out_of_range(
                "departments",
                format!("a hall has at most {DEPARTMENTS_MAX} departments and {MEMBERS_MAX} members"),
            ));
        }
        let name = parse_label("name", &self.name, 40)?;
        if name.is_empty() {
            return Err(Rejection::new(Code::Empty, "a hall needs a name").with("field", "name"));
        }
        let mut departments = Vec::with_capacity(self.departments.len());
        for (id, name) in self.departments {
            let name = parse_label("departments", &name, 30)?;
            if name.is_empty() || departments.iter().any(|d: &Department| d.name == name) {
                return Err(Rejection::out_of_range(
                    "departments",
                    "departments of a hall have names that differ",
                ));
            }
            departments.push(Department {
                id: id.unwrap_or_else(&mut new_id),
                name,
            });
        }
        let members = self
            .members
            .iter()
            .map(|m| parse_label("members", m, 60))
            .filter(|m| m.as_ref().map_or(true, |m| !m.is_empty()))
            .collect::<Result<_, _>>()?;
        let hall = Hall {
            id,
            slug: self.slug,
            name,
            body_name: parse_label("body_name", &self.body_name, 40)?,
            color: self.color,
            intro: parse_long("intro", &self.intro, 2_000)?,
            rules: parse_long("rules", &self.rules, 5_000)?,
            contact: parse_long("contact", &self.contact, 500)?,
            members,
            policy: self.policy,
            created_at,
        };
        Ok((hall, departments))
    }
}

pub(super) fn slug_taken(slug: &str) -> Rejection {
    Rejection::new(Code::Taken, format!("hall slug `{slug}` is taken")).with("field", "slug")
}

impl Commands {
    /// By an operator.
    ///
    /// # Errors
    /// `forbidden`, `taken`, `out_of_range`, `too_long`.
    pub async fn create_hall(&self, by: &Staff, input: HallInput) -> Outcome<Hall> {
        if !by.operator {
            return Err(Rejection::new(Code::Forbidden, "only an operator opens halls").into());
        }
        // An id here could only be another hall's department, which would be renamed.
        if input.departments.iter().any(|(id, _)| id.is_some()) {
            return Err(Rejection::not_found("department in this hall").into());
        }
        let now = self.now();
        let (hall, departments) = input.build(HallId::new(now, self.chance()), now, || {
            DepartmentId::new(now, self.chance())
        })?;
        let (by, chance) = (by.clone(), self.chance());
        self.run(move |tx| {
            Box::pin(async move {
                match tx.insert_hall(&hall).await {
                    Err(e) if e.is_unique_violation() => return Err(slug_taken(&hall.slug).into()),
                    other => other?,
                }
                tx.set_departments(&hall.id, &departments).await?;
                let target = format!("hall {}", hall.id);
                Self::audit_installation(tx, &by, Verb::EditHall.as_str(), &target, now, chance);
                Ok(hall)
            })
        })
        .await
    }
}
