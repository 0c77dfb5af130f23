//! Halls and their departments.

use super::conn::{Conn, StoreError, count, from_json, on, parse, stored, to_json};
use super::writer::Tx;
use crate::domain::hall::{Department, Hall};
use crate::domain::ids::{DepartmentId, HallId};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct HallRow {
    id: String,
    slug: String,
    name: String,
    body_name: String,
    color: String,
    intro: String,
    rules: String,
    contact: String,
    members: String,
    policy: String,
    created_ms: i64,
}

impl HallRow {
    fn into_hall(self) -> Result<Hall, StoreError> {
        Ok(Hall {
            id: parse("hall id", self.id)?,
            slug: self.slug,
            name: self.name,
            body_name: self.body_name,
            color: self.color,
            intro: self.intro,
            rules: self.rules,
            contact: self.contact,
            members: from_json("members", &self.members)?,
            policy: from_json("policy", &self.policy)?,
            created_at: Timestamp::from_ms(self.created_ms),
        })
    }
}

macro_rules! hall_columns {
    () => {
        "id, slug, name, body_name, color, intro, rules, contact, members, policy, created_ms"
    };
}

impl Conn<'_> {
    /// A hall by its part of the URL.
    pub async fn hall_by_slug(&mut self, slug: &str) -> Result<Option<Hall>, StoreError> {
        let row: Option<HallRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            hall_columns!(),
            " FROM hall WHERE slug = $1"
        ))
        .bind(slug)
        .fetch_optional(c)
        .await)?;
        row.map(HallRow::into_hall).transpose()
    }
    /// A hall.
    pub async fn hall(&mut self, id: &HallId) -> Result<Option<Hall>, StoreError> {
        let row: Option<HallRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            hall_columns!(),
            " FROM hall WHERE id = $1"
        ))
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        row.map(HallRow::into_hall).transpose()
    }
    /// All halls, oldest first.
    pub async fn halls(&mut self) -> Result<Vec<Hall>, StoreError> {
        let rows: Vec<HallRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            hall_columns!(),
            " FROM hall ORDER BY id"
        ))
        .fetch_all(c)
        .await)?;
        rows.into_iter().map(HallRow::into_hall).collect()
    }
    /// Departments of a hall that may be chosen, in order.
    pub async fn departments(&mut self, hall: &HallId) -> Result<Vec<Department>, StoreError> {
        let rows: Vec<(String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT id, name FROM department WHERE hall_id = $1 AND NOT retired ORDER BY position"
        )
        .bind(hall.as_str())
        .fetch_all(c)
        .await)?;
        rows.into_iter()
            .map(|(id, name)| {
                Ok(Department {
                    id: parse("department id", id)?,
                    name,
                })
            })
            .collect()
    }
    /// Departments of a hall, retired ones included: old posts and answers name them.
    pub async fn all_departments(&mut self, hall: &HallId) -> Result<Vec<Department>, StoreError> {
        let rows: Vec<(String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT id, name FROM department WHERE hall_id = $1 ORDER BY retired, position, id"
        )
        .bind(hall.as_str())
        .fetch_all(c)
        .await)?;
        rows.into_iter()
            .map(|(id, name)| {
                Ok(Department {
                    id: parse("department id", id)?,
                    name,
                })
            })
            .collect()
    }
    /// How many departments a hall ever had, retired ones included.
    pub async fn department_exists(&mut self, hall: &HallId, id: &DepartmentId) -> Result<bool, StoreError> {
        let n: i64 = on!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM department WHERE hall_id = $1 AND id = $2"
        )
        .bind(hall.as_str())
        .bind(id.as_str())
        .fetch_one(c)
        .await)?;
        Ok(count(n) == 1)
    }
}

impl Tx {
    /// Stores a new hall. A slug that is taken shows as a unique violation.
    pub async fn insert_hall(&mut self, hall: &Hall) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO hall (id, slug, name, body_name, color, intro, rules, contact, members, policy, words, created_ms) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'',$11)")
            .bind(hall.id.as_str()).bind(&hall.slug).bind(&hall.name).bind(&hall.body_name).bind(&hall.color).bind(&hall.intro).bind(&hall.rules)
            .bind(&hall.contact).bind(to_json(&hall.members)).bind(to_json(&hall.policy)).bind(hall.created_at.ms()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Writes everything that can be edited of a hall.
    pub async fn update_hall(&mut self, hall: &Hall) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE hall SET slug = $2, name = $3, body_name = $4, color = $5, intro = $6, rules = $7, contact = $8, members = $9, policy = $10 WHERE id = $1")
            .bind(hall.id.as_str()).bind(&hall.slug).bind(&hall.name).bind(&hall.body_name).bind(&hall.color).bind(&hall.intro).bind(&hall.rules)
            .bind(&hall.contact).bind(to_json(&hall.members)).bind(to_json(&hall.policy)).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Makes these the departments of a hall, in this order. Others are retired, not deleted: old sessions name them.
    pub async fn set_departments(
        &mut self,
        hall: &HallId,
        departments: &[Department],
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE department SET retired = TRUE WHERE hall_id = $1"
        )
        .bind(hall.as_str())
        .execute(c)
        .await
        .map(|_| ()))?;
        for (position, department) in departments.iter().enumerate() {
            on!(&mut self.conn(), |c| {
                sqlx::query("INSERT INTO department (id, hall_id, name, position, retired) VALUES ($1,$2,$3,$4,FALSE) \
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position, retired = FALSE")
                .bind(department.id.as_str()).bind(hall.as_str()).bind(&department.name).bind(stored(position as u64)).execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}
