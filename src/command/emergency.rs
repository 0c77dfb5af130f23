//! The emergency preset (raid, panic): one switch that makes everything wait, slows everybody down and asks for verified people, and that
//! gives back exactly what was before, by hand or when its time is over.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::ids::{AuditId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::session::{EMERGENCY_MINUTES_MAX, Emergency, EmergencyStep, Policy, Session};
use crate::domain::staff::Staff;
use crate::domain::time::Timestamp;
use crate::store::Audit;

impl Commands {
    /// What the switch would do to a session now.
    pub fn emergency_would(&self, session: &Session) -> Vec<EmergencyStep> {
        EmergencyStep::between(session.policy, session.policy.in_emergency(self.offers_codes()))
    }

    /// Turns it on; again while it is on only moves its end.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `out_of_range` (no minutes, or more than twelve hours).
    pub async fn start_emergency(
        &self,
        by: &Staff,
        id: &SessionId,
        minutes: Option<u32>,
    ) -> Outcome<Session> {
        if minutes.is_some_and(|m| m == 0 || m > EMERGENCY_MINUTES_MAX) {
            return Err(Rejection::out_of_range(
                "minutes",
                format!("the preset lasts 1 to {EMERGENCY_MINUTES_MAX} minutes, or until it is turned off"),
            )
            .into());
        }
        let verified = self.offers_codes();
        self.in_session(by, id, Verb::SetPolicy, move |act| {
            Box::pin(async move {
                let until = minutes.map(|m| act.now.plus_ms(i64::from(m) * 60_000));
                let before = before_of(&act.session);
                let since = act.session.emergency.as_ref().map_or(act.now, |e| e.since);
                act.session.policy = before.in_emergency(verified);
                act.session.emergency = Some(Emergency {
                    by_name: act.staff.name.clone(),
                    since,
                    until,
                    before,
                });
                write(act).await?;
                let steps = EmergencyStep::between(before, act.session.policy);
                act.audit(
                    "emergency",
                    json!({ "on": true, "minutes": minutes, "steps": steps }),
                )
                .await?;
                Ok(act.session.clone())
            })
        })
        .await
    }

    /// Turns it off: the policy is what it was before. Off already changes nothing.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`.
    pub async fn end_emergency(&self, by: &Staff, id: &SessionId) -> Outcome<Session> {
        self.in_session(by, id, Verb::SetPolicy, move |act| {
            Box::pin(async move {
                // Off already, nothing is done; otherwise turning it off writes its line.
                act.leave_no_line();
                turn_off(act).await?;
                Ok(act.session.clone())
            })
        })
        .await
    }

    /// Turns off those whose time is over; called about once a second. Gives back how many.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn end_due_emergencies(&self) -> Outcome<usize> {
        let now = self.now();
        let due = self.inner.db.read().await?.conn().due_emergencies(now).await?;
        let mut ended = 0;
        for id in &due {
            match self.end_due(id.clone(), now).await {
                Ok(()) => ended += 1,
                // The others must not wait for it.
                Err(error) => {
                    tracing::warn!(error = %crate::store::report(&error), session.id = %id, "the emergency preset of a session was not ended; next try in 1 s");
                }
            }
            self.inner.sessions.forget(id);
        }
        Ok(ended)
    }

    async fn end_due(&self, id: SessionId, now: Timestamp) -> Outcome<()> {
        let chance = self.chance();
        self.run(move |tx| {
            Box::pin(async move {
                tx.lock_session(&id).await?;
                let Some(mut session) = tx.conn().session(&id).await? else {
                    return Ok(());
                };
                // Somebody may have turned it off or moved its end since.
                let until = session.emergency.as_ref().and_then(|e| e.until);
                if until.is_none_or(|until| until > now) {
                    return Ok(());
                }
                let before = before_of(&session);
                session.policy = before;
                session.emergency = None;
                tx.update_session(&session).await?;
                tx.set_emergency(&session).await?;
                tx.audit(Audit {
                    id: AuditId::new(now, chance),
                    at: now,
                    hall_id: Some(session.hall_id.clone()),
                    session_id: Some(id),
                    staff_id: None,
                    staff_name: String::new(),
                    verb: Verb::SetPolicy.as_str(),
                    target: "emergency".to_owned(),
                    detail: json!({ "on": false, "restored": before, "at_its_end": true }),
                });
                super::act::tell_session(tx, &session, now).await
            })
        })
        .await
    }

    /// Whether people can verify a phone here: without that, asking for it would silence everybody.
    fn offers_codes(&self) -> bool {
        self.inner.code_sender.offered()
    }
}

/// The policy without the preset.
fn before_of(session: &Session) -> Policy {
    match &session.emergency {
        Some(emergency) => session.policy.out_of_emergency(emergency.before),
        None => session.policy,
    }
}

/// The policy is what it was before the preset; nothing if it is off.
pub(super) async fn turn_off(act: &mut Act<'_>) -> Outcome<()> {
    if act.session.emergency.is_some() {
        let before = before_of(&act.session);
        act.session.policy = before;
        act.session.emergency = None;
        write(act).await?;
        act.audit("emergency", json!({ "on": false, "restored": before }))
            .await?;
    }
    Ok(())
}

async fn write(act: &mut Act<'_>) -> Outcome<()> {
    let session = act.session.clone();
    act.tx.update_session(&session).await?;
    act.tx.set_emergency(&session).await?;
    act.changed();
    Ok(())
}
