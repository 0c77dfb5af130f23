//! People behind the stage: an account made by the administrator, signed in by its own password like anybody.

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Access, Hall};

impl Access {
    /// Makes an account with roles in the hall and signs in as it. `self` is its administrator.
    pub async fn colleague(&self, hall: &Hall, login_name: &str, roles: &[&str]) -> anyhow::Result<Self> {
        let hall_id = hall
            .hall_id
            .as_deref()
            .context("staff can be made in a hall of our own only")?;
        let password = format!("{login_name}-Shuijia-7431");
        let account = json!({ "login_name": login_name, "name": format!("工作人员{login_name}"), "password": password });
        let account: Value = self.send(Method::POST, "/staff/accounts", &account).await?;
        let roles: Vec<Value> = roles
            .iter()
            .map(|role| json!({ "role": role, "department_id": null }))
            .collect();
        let grant = json!({ "staff_id": account["id"], "roles": roles });
        let _: Value = self
            .send(Method::PUT, &format!("/halls/{hall_id}/grants"), &grant)
            .await?;
        let mut colleague = self.stranger();
        colleague
            .sign_in(
                "/staff/login",
                &json!({ "login_name": login_name, "password": password }),
            )
            .await
            .context("signing in")?;
        Ok(colleague)
    }
}
