//! Create a session in a hall, as a draft.

use serde_json::json;

use super::{Commands, Outcome, SessionInput};
use crate::domain::ids::{HallId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::session::Session;
use crate::domain::staff::Staff;
use crate::domain::words::SessionState;

/// Letters and digits of a join code: none that look alike when read aloud or from a wall.
const CODE_ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Six characters: 729 million codes, so that a guessed one hardly ever hits a session.
fn code(chance: u32, more: u32) -> String {
    let mut bits = (u64::from(chance) << 32) | u64::from(more);
    (0..6)
        .map(|_| {
            let c = CODE_ALPHABET[(bits % 30) as usize];
            bits /= 30;
            char::from(c)
        })
        .collect()
}

impl Commands {
    /// # Errors
    /// `forbidden`, `not_found`, `out_of_range`, `too_long`.
    pub async fn create_session(&self, by: &Staff, hall: &HallId, input: SessionInput) -> Outcome<Session> {
        self.in_hall(by, hall, Verb::CreateSession, move |act| {
            Box::pin(async move {
                let now = act.now;
                let mut session = Session {
                    id: SessionId::new(now, act.chance()),
                    hall_id: act.hall.id.clone(),
                    hall_slug: act.hall.slug.clone(),
                    hall_name: act.hall.name.clone(),
                    hall_color: act.hall.color.clone(),
                    code: code(act.chance(), act.chance()),
                    number: act.tx.conn().next_session_number(&act.hall.id).await?,
                    kind: input.kind,
                    title: String::new(),
                    intro: String::new(),
                    venue: String::new(),
                    host_name: String::new(),
                    state: SessionState::Draft,
                    starts_at: None,
                    started_at: None,
                    ended_at: None,
                    closed_at: None,
                    stream_url: String::new(),
                    announcement: String::new(),
                    topics: Vec::new(),
                    policy: act.hall.policy,
                    departments: Vec::new(),
                    segments: Vec::new(),
                    materials: Vec::new(),
                    stage: None,
                    next_up: Vec::new(),
                    emergency: None,
                };
                let departments = act.tx.conn().departments(&act.hall.id).await?;
                input.apply(&mut session, &departments, now, &|| act.chance())?;
                act.tx.insert_session(&session, now).await?;
                act.audit(
                    &format!("session {}", session.id),
                    json!({ "code": session.code }),
                )
                .await?;
                Ok(session)
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_join_code_has_six_characters_that_do_not_look_alike() {
        for (a, b) in [(0, 0), (u32::MAX, u32::MAX), (12_345, 678_910)] {
            let code = super::code(a, b);
            assert_eq!(code.len(), 6);
            assert!(
                !code.contains(["0", "O", "1", "I", "L", "U"].map(|c| c.chars().next().expect("one letter"))),
                "{code}"
            );
        }
    }
}
