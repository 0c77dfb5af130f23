//! Mute or ban a person in a hall. Reading is never taken away.

use serde_json::json;

use super::{Commands, Identity, Outcome};
use crate::domain::ids::{HallId, ParticipantId, SanctionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::Session;
use crate::domain::staff::Staff;
use crate::domain::words::{SanctionKind, SanctionReach, Tier};
use crate::store::Sanction;

/// Longest mute, in minutes: a year. Longer is a ban, which somebody must lift.
const MINUTES_MAX: u32 = 525_600;
/// Longest restriction of a network, in minutes: a day. A household, a school or a carrier's gateway is behind it.
const NETWORK_MINUTES_MAX: u32 = 1_440;

/// Whom, how long, why.
#[derive(Debug, Clone)]
pub struct SanctionInput {
    pub participant_id: ParticipantId,
    pub kind: SanctionKind,
    pub minutes: Option<u32>,
    /// Shown to the person.
    pub reason: String,
    /// Only in this session.
    pub session_id: Option<SessionId>,
    pub reach: SanctionReach,
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
        if input.reach == SanctionReach::Network && input.minutes.is_none_or(|m| m > NETWORK_MINUTES_MAX) {
            return Err(Rejection::out_of_range(
                "minutes",
                format!(
                    "strangers share a network: it is restricted for {NETWORK_MINUTES_MAX} minutes at most"
                ),
            )
            .into());
        }
        let sanction = self
            .in_hall(by, hall, Verb::Sanction, move |act| {
                Box::pin(async move {
                    if act.tx.conn().participant(&input.participant_id).await?.is_none() {
                        return Err(Rejection::not_found("person").into());
                    }
                    if let Some(session) = &input.session_id
                        && act
                            .tx
                            .conn()
                            .session(session)
                            .await?
                            .is_none_or(|s| s.hall_id != act.hall.id)
                    {
                        return Err(Rejection::not_found("session in this hall").into());
                    }
                    let (device, network) = act
                        .tx
                        .conn()
                        .whereabouts(&input.participant_id)
                        .await?
                        .unwrap_or_default();
                    let (device, network) = match input.reach {
                        SanctionReach::Person => (String::new(), String::new()),
                        SanctionReach::Device => (device, String::new()),
                        // Who is known by the device is reached by it from any network.
                        SanctionReach::Network => (device, network),
                    };
                    let known = match input.reach {
                        SanctionReach::Person => true,
                        SanctionReach::Device => !device.is_empty(),
                        SanctionReach::Network => !network.is_empty(),
                    };
                    if !known {
                        return Err(Rejection::incomplete(
                            "reach",
                            "it is not known where the person came from; restrict the person",
                        )
                        .into());
                    }
                    let sanction = Sanction {
                        id: SanctionId::new(act.now, act.chance()),
                        hall_id: act.hall.id.clone(),
                        participant_id: input.participant_id,
                        session_id: input.session_id,
                        kind: input.kind,
                        reach: input.reach,
                        until: input.minutes.map(|m| act.now.plus_ms(i64::from(m) * 60_000)),
                        reason,
                        at: act.now,
                    };
                    let staff_id = act.staff.id.clone();
                    act.tx.insert_sanction(&sanction, &device, &network, &staff_id).await?;
                    act.audit(
                        &format!("participant {}", sanction.participant_id),
                        json!({ "kind": sanction.kind, "minutes": input.minutes, "reach": sanction.reach, "session_id": sanction.session_id }),
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
    pub(super) async fn check_sanctions(&self, session: &Session, who: &Identity) -> Outcome<()> {
        if who.tier == Tier::Staff {
            return Ok(());
        }
        let now = self.now();
        let of_hall = self.sanctions_in(&session.hall_id).await?;
        let mut reaching = of_hall.by_person.get(&who.id).into_iter().flatten();
        if let Some(sanction) = reaching.find(|s| {
            s.until.is_none_or(|until| until > now)
                && s.session_id.as_ref().is_none_or(|id| *id == session.id)
        }) {
            let (code, what) = match sanction.kind {
                SanctionKind::Mute => (Code::Muted, "muted"),
                SanctionKind::Ban => (Code::Banned, "banned"),
            };
            let mut rejection = Rejection::new(code, format!("you are {what} in this hall"))
                .with("reason", sanction.reason_for(&who.id));
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
