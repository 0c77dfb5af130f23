//! Erasing by law: the only way a text is ever lost, and it takes two persons.

use super::closed_set::closed_set;
use super::ids::{ErasureId, StaffId};
use super::rejection::{Code, Rejection};
use super::time::Timestamp;
use super::words::PostKind;

closed_set! {
    /// How far an erasure is.
    ErasureState { Open = "open", Done = "done", Cancelled = "cancelled" }
}

/// Somebody asked for a post to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    pub id: ErasureId,
    pub kind: PostKind,
    pub post_id: String,
    /// The law or the court's paper it is for; stays when the text is gone.
    pub reason: String,
    pub asked_by: StaffId,
    pub asked_name: String,
    pub asked_at: Timestamp,
    pub settled_name: String,
    pub settled_at: Option<Timestamp>,
    pub state: ErasureState,
}

impl Erasure {
    /// # Errors
    /// `conflict` when it is settled, `second_person_needed` for who asked for it.
    pub fn check_confirmed_by(&self, staff: &StaffId) -> Result<(), Rejection> {
        if self.state != ErasureState::Open {
            return Err(Rejection::conflict("the erasure"));
        }
        if self.asked_by == *staff {
            return Err(Rejection::new(
                Code::SecondPersonNeeded,
                "you asked for this erasure; another person confirms it",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_confirms_alone_and_nothing_is_confirmed_twice() {
        let staff = |n| StaffId::new(Timestamp::from_ms(0), n);
        let mut erasure = Erasure {
            id: ErasureId::new(Timestamp::from_ms(0), 0),
            kind: PostKind::Comment,
            post_id: "0000000000000001".into(),
            reason: "判决书".into(),
            asked_by: staff(1),
            asked_name: "王芳".into(),
            asked_at: Timestamp::from_ms(0),
            settled_name: String::new(),
            settled_at: None,
            state: ErasureState::Open,
        };
        assert_eq!(
            erasure.check_confirmed_by(&staff(1)).map_err(|r| r.code),
            Err(Code::SecondPersonNeeded)
        );
        assert!(erasure.check_confirmed_by(&staff(2)).is_ok());
        erasure.state = ErasureState::Done;
        assert_eq!(
            erasure.check_confirmed_by(&staff(2)).map_err(|r| r.code),
            Err(Code::Conflict)
        );
    }
}
