//! Mute or ban a person in a hall. Reading is never taken away.

use serde_json::json;

use super::{Commands, Identity, Outcome};
use crate::domain::ids::{HallId, ParticipantId, SanctionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;
use crate::domain::words::{SanctionKind, Tier};
use crate::store::Sanction;

/// Longest mute, in minutes: a year. Longer is a ban, which somebody must lift.
const MINUTES_MAX: u32 = 525_600;

/// Whom, how long, why.
#[derive(Debug, Clone)]
pub struct SanctionInput {
    pub participant_id: ParticipantId,
    pub kind: SanctionKind,
    pub minutes: Option<u32>,
    /// Shown to the person.
    pub reason: String,
}

impl Commands {
    /// # Errors
    /// `forbidden`, `not_found`, `out_of_range` (a mute without end, over a year), `incomplete` without reason.
    pub async fn sanction(&self, by: &Staff, hall: &HallId, input: SanctionInput) -> Outcome<Sanction> {
        let reason = super::screening::parse_label("reason", &input.reason, 100)?;
        if reason.is_empty() {
            return Err(Rejection::incomplete("reason", "the person is told why").into());
        }
        match (input.kind, input.minutes) {
            (SanctionKind::Mute, None) => {
                return Err(Rejection::out_of_range("minutes", "a mute has an end").into());
            }
            (_, Some(0)) => {
                return Err(Rejection::out_of_range("minutes", "a sanction lasts at least a minute").into());
            }
            (_, Some(m)) if m > MINUTES_MAX => {
                return Err(Rejection::out_of_range(
                    "minutes",
                    format!("{m} minutes; the limit is {MINUTES_MAX}"),
                )
                .into());
            }
            _ => {}
        }
        let sanction = self
            .in_hall(by, hall, Verb::Sanction, move |act| {
                Box::pin(async move {
                    if act.tx.conn().participant(&input.participant_id).await?.is_none() {
                        return Err(Rejection::not_found("person").into());
                    }
                    let sanction = Sanction {
                        id: SanctionId::new(act.now, act.chance()),
                        hall_id: act.hall.id.clone(),
                        participant_id: input.participant_id,
                        kind: input.kind,
                        until: input.minutes.map(|m| act.now.plus_ms(i64::from(m) * 60_000)),
                        reason,
                        at: act.now,
                    };
                    let staff_id = act.staff.id.clone();
                    act.tx.insert_sanction(&sanction, &staff_id).await?;
                    act.audit(
                        &format!("participant {}", sanction.participant_id),
                        json!({ "kind": sanction.kind, "minutes": input.minutes }),
                    )
                    .await?;
                    Ok(sanction)
                })
            })
            .await?;
        self.inner.sanctions.forget(hall);
        Ok(sanction)
    }

    /// # Errors
    /// `muted` with the end, `banned`.
    pub(super) async fn check_sanctions(&self, hall: &HallId, who: &Identity) -> Outcome<()> {
        if who.tier == Tier::Staff {
            return Ok(());
        }
        let now = self.now();
        let sanctions = self.sanctions_in(hall).await?;
        let own = sanctions.get(&who.id).map(Vec::as_slice).unwrap_or_default();
        if let Some(sanction) = own.iter().find(|s| s.until.is_none_or(|until| until > now)) {
            let (code, what) = match sanction.kind {
                SanctionKind::Mute => (Code::Muted, "muted"),
                SanctionKind::Ban => (Code::Banned, "banned"),
            };
            let mut rejection =
                Rejection::new(code, format!("you are {what} in this hall")).with("reason", &sanction.reason);
            if let Some(until) = sanction.until {
                rejection = rejection
                    .with("until_ms", until.ms())
                    .retry_after_ms(until.since_ms(now).unsigned_abs());
            }
            return Err(rejection.into());
        }
        Ok(())
    }
}
