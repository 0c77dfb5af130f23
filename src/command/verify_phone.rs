//! Prove a phone by its code and become verified.

use super::{CommandError, Commands, Identity, Outcome};
use crate::domain::ids::ParticipantId;
use crate::domain::limits::PHONE_CODE_TRIES;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::words::Tier;
use crate::store::Participant;

enum Checked {
    Wrong { tries_left: u64 },
    Right(Participant),
}

impl Commands {
    /// A phone belongs to one person: who proves it again is that person, on whatever device. A guest who proves a new phone keeps what was written.
    ///
    /// # Errors
    /// `wrong_code` with the tries left, `expired`, `name_reserved`, `name_unfit`, `unavailable`.
    pub async fn verify_phone(
        &self,
        guest: Option<&Identity>,
        phone: &str,
        code: &str,
        name: &str,
    ) -> Outcome<Identity> {
        let phone = super::send_phone_code::parse_phone(phone)?;
        let name = super::screening::parse_nickname(name)?;
        let hash = self.keyed_hash("phone", &phone);
        let code_hash = self.keyed_hash("phone code", &format!("{phone}:{}", code.trim()));
        let (now, chance) = (self.now(), self.chance());
        let guest = guest.filter(|g| g.tier == Tier::Guest).map(|g| g.id.clone());
        // A wrong try is counted, so it must commit: it is a value here, not an error that would undo it.
        let checked = self
            .run(move |tx| {
                Box::pin(async move {
                    let expired = || {
                        CommandError::from(Rejection::new(
                            Code::Expired,
                            "the code is over; ask for a new one",
                        ))
                    };
                    let mut row = tx
                        .conn()
                        .phone_code(&hash)
                        .await?
                        .filter(|r| r.expires_at > now)
                        .ok_or_else(expired)?;
                    if row.tries >= u64::from(PHONE_CODE_TRIES) {
                        return Err(expired());
                    }
                    if row.code_hash != code_hash {
                        row.tries += 1;
                        tx.put_phone_code(&hash, &row).await?;
                        return Ok(Checked::Wrong {
                            tries_left: u64::from(PHONE_CODE_TRIES) - row.tries,
                        });
                    }
                    row.expires_at = now;
                    tx.put_phone_code(&hash, &row).await?;
                    if let Some(mut known) = tx.conn().participant_of_phone(&hash).await? {
                        tx.rename_participant(&known.id, &name).await?;
                        known.name = name;
                        return Ok(Checked::Right(known));
                    }
                    let guest = match guest {
                        Some(id) => tx
                            .conn()
                            .participant(&id)
                            .await?
                            .filter(|p| p.tier == Tier::Guest),
                        None => None,
                    };
                    if let Some(mut guest) = guest {
                        tx.verify_participant(&guest.id, &name, &hash).await?;
                        guest.tier = Tier::Verified;
                        guest.name = name;
                        return Ok(Checked::Right(guest));
                    }
                    let new = Participant {
                        id: ParticipantId::new(now, chance),
                        tier: Tier::Verified,
                        name,
                        created_at: now,
                    };
                    tx.insert_participant(&new, Some(&hash)).await?;
                    Ok(Checked::Right(new))
                })
            })
            .await?;
        match checked {
            Checked::Right(p) => Ok(self.identity(p.id, p.tier, p.name)),
            Checked::Wrong { tries_left } => Err(Rejection::new(
                Code::WrongCode,
                format!("the code does not match; {tries_left} tries left"),
            )
            .with("tries_left", tries_left)
            .into()),
        }
    }
}
