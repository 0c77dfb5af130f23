//! A hall with a session that is live, prepared through the public interface.

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Access, House};

/// When posts of the session become public.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub comment_mode: &'static str,
    pub question_mode: &'static str,
}

/// A live session.
#[derive(Debug, Clone)]
pub struct Hall {
    pub session: String,
    /// The hall it is in; unknown when the session was only named.
    pub hall_id: Option<String>,
}

impl Hall {
    /// Makes the first administrator, a hall and a session, and goes live.
    pub async fn open(access: &mut Access, house: &House, policy: Policy) -> anyhow::Result<Self> {
        let token = house.setup_token().await?;
        let password = format!("{token}-A1");
        let setup =
            json!({ "token": token, "login_name": "loadtest", "name": "负载测试", "password": password });
        access
            .sign_in("/staff/setup", &setup)
            .await
            .context("the first administrator could not be made")?;
        let policy = json!({
            "comment_tier": "guest", "question_tier": "guest", "support_tier": "guest",
            "comment_mode": policy.comment_mode, "question_mode": policy.question_mode, "slow_mode_s": 0,
        });
        let hall = json!({
            "slug": "loadtest", "name": "负载测试议事厅", "body_name": "负载测试", "color": "", "intro": "", "rules": "", "contact": "",
            "policy": policy, "departments": [{ "name": "供水" }, { "name": "供电" }], "members": [],
        });
        let hall: Value = access.send(Method::POST, "/halls", &hall).await?;
        let hall_id = hall["id"].as_str().context("the hall has an id")?;
        Ok(Self {
            session: go_live(access, hall_id).await?,
            hall_id: Some(hall_id.to_owned()),
        })
    }

    /// One more live session in the same hall.
    pub async fn another(&self, access: &Access) -> anyhow::Result<Self> {
        let hall_id = self.hall_id.as_deref().context("a hall of our own")?;
        Ok(Self {
            session: go_live(access, hall_id).await?,
            hall_id: self.hall_id.clone(),
        })
    }

    /// A session that is live already, by its id or six-character code.
    pub async fn of(access: &Access, name: &str) -> anyhow::Result<Self> {
        if name.len() != 6 {
            return Ok(Self {
                session: name.to_owned(),
                hall_id: None,
            });
        }
        let answer: Value = access.get(&format!("/session-of-code/{name}")).await?;
        Ok(Self {
            session: answer["session_id"]
                .as_str()
                .context("the code has a session")?
                .to_owned(),
            hall_id: None,
        })
    }

    /// Path of its live channel as Server-Sent Events.
    pub fn events_path(&self) -> String {
        format!("/api/v1/sessions/{}/events", self.session)
    }

    /// Path of its live channel.
    pub fn live_path(&self) -> String {
        format!("/api/v1/sessions/{}/live", self.session)
    }
}

/// Prepares a session and opens it.
async fn go_live(access: &Access, hall_id: &str) -> anyhow::Result<String> {
    let session = json!({
        "kind": "consultation", "title": "负载测试", "intro": "", "venue": "", "host_name": "", "starts_ms": null, "stream_url": "",
        "topics": [], "department_ids": [], "segments": [], "materials": [],
    });
    let prepared: Value = access
        .send(Method::POST, &format!("/halls/{hall_id}/sessions"), &session)
        .await?;
    let session = prepared["session"]["id"]
        .as_str()
        .context("the session has an id")?
        .to_owned();
    let _: Value = access
        .send(
            Method::POST,
            &format!("/sessions/{session}/state"),
            &json!({ "to": "live" }),
        )
        .await?;
    Ok(session)
}
