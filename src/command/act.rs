//! The frame of a command of staff: in the transaction, with the rows it decides on, the right checked, the audit written.

use futures_util::future::BoxFuture;
use serde_json::json;

use super::{Chance, Commands, Outcome};
use crate::domain::event::Event;
use crate::domain::hall::Hall;
use crate::domain::ids::{AuditId, HallId, QuestionId, SessionId};
use crate::domain::policy::{self, Verb};
use crate::domain::post::Question;
use crate::domain::rejection::Rejection;
use crate::domain::session::Session;
use crate::domain::staff::Staff;
use crate::domain::time::Timestamp;
use crate::domain::words::{PostState, Role};
use crate::store::{Audit, Tx};

/// A command of staff on a session, while it runs.
pub struct Act<'t> {
    /// The transaction.
    pub tx: &'t mut Tx,
    /// The session as it is in the transaction; what the command changes here, [`Act::changed`] tells the public.
    pub session: Session,
    /// Who acts.
    pub staff: Staff,
    /// When.
    pub now: Timestamp,
    chance: Chance,
    verb: Verb,
    changed: bool,
    audited: bool,
}

impl Act<'_> {
    /// Fresh randomness for an id.
    pub fn chance(&self) -> u32 {
        (self.chance)()
    }
    /// The session changed: everybody hears of it when the command is done.
    pub fn changed(&mut self) {
        self.changed = true;
    }
    /// Adds an event to the session's log.
    pub fn log(&mut self, event: Event) {
        let id = self.session.id.clone();
        self.tx.log(&id, self.now, event);
    }
    /// Writes the line of the audit log.
    pub async fn audit(&mut self, target: &str, detail: serde_json::Value) -> Outcome<()> {
        let line = Audit {
            id: AuditId::new(self.now, self.chance()),
            at: self.now,
            hall_id: Some(self.session.hall_id.clone()),
            session_id: Some(self.session.id.clone()),
            staff_id: Some(self.staff.id.clone()),
            staff_name: self.staff.name.clone(),
            verb: self.verb.as_str(),
            target: target.to_owned(),
            detail,
        };
        self.audited = true;
        self.tx.audit(line);
        Ok(())
    }
    /// What is done here changes nothing for anybody but the desk it is done at (a claim for 45 s, a preview): no line is written of it.
    pub fn leave_no_line(&mut self) {
        self.audited = true;
    }
    /// A published question of this session.
    ///
    /// # Errors
    /// `not_found` if there is none, or none of this session, or it is not public.
    pub async fn published_question(&mut self, id: &QuestionId) -> Outcome<Question> {
        match self.tx.conn().question(id).await? {
            Some((session, q)) if session == self.session.id && q.post.state == PostState::Published => Ok(q),
            _ => Err(Rejection::not_found("published question in this session").into()),
        }
    }
    /// Tells everybody how a question is now.
    pub async fn tell_question(&mut self, id: &QuestionId) -> Outcome<Question> {
        let (_, question) = self
            .tx
            .conn()
            .question(id)
            .await?
            .ok_or_else(|| Rejection::not_found("question"))?;
        if question.post.state == PostState::Published {
            self.log(Event::QuestionPublished {
                question: Box::new(question.clone()),
            });
        }
        if self.session.stage.as_ref().is_some_and(|s| s.question_id == *id) {
            self.changed();
        }
        Ok(question)
    }
    /// # Errors
    /// `forbidden` unless the account answers for the department; hosts and administrators may act for any on stage.
    pub fn check_answers_for(
        &self,
        department: &crate::domain::ids::DepartmentId,
        stage: bool,
    ) -> Result<(), Rejection> {
        let roles = self.staff.roles_in(&self.session.hall_id);
        let runs_stage = stage && (roles.contains(&Role::Host) || roles.contains(&Role::Administrator));
        if runs_stage || self.staff.answers_for(&self.session.hall_id, department) {
            return Ok(());
        }
        Err(Rejection::new(
            crate::domain::rejection::Code::Forbidden,
            "you do not answer for this department",
        ))
    }
}

/// A command of staff on a hall, while it runs.
pub struct HallAct<'t> {
    /// The transaction.
    pub tx: &'t mut Tx,
    /// The hall as it is in the transaction.
    pub hall: Hall,
    /// Who acts.
    pub staff: Staff,
    /// When.
    pub now: Timestamp,
    chance: Chance,
    verb: Verb,
    audited: bool,
}

impl HallAct<'_> {
    /// Fresh randomness for an id.
    pub fn chance(&self) -> u32 {
        (self.chance)()
    }
    /// Writes the line of the audit log.
    pub async fn audit(&mut self, target: &str, detail: serde_json::Value) -> Outcome<()> {
        let line = Audit {
            id: AuditId::new(self.now, self.chance()),
            at: self.now,
            hall_id: Some(self.hall.id.clone()),
            session_id: None,
            staff_id: Some(self.staff.id.clone()),
            staff_name: self.staff.name.clone(),
            verb: self.verb.as_str(),
            target: target.to_owned(),
            detail,
        };
        self.audited = true;
        self.tx.audit(line);
        Ok(())
    }
    /// What is done here concerns the account alone (its saved filters): no line is written of it.
    pub fn leave_no_line(&mut self) {
        self.audited = true;
    }
}

/// Tells everybody how a session is now, with the question on its stage.
pub(super) async fn tell_session(tx: &mut Tx, session: &Session, now: Timestamp) -> Outcome<()> {
    let stage_question = match &session.stage {
        Some(stage) => tx
            .conn()
            .question(&stage.question_id)
            .await?
            .map(|(_, q)| Box::new(q)),
        None => None,
    };
    let event = Event::SessionChanged {
        session: Box::new(session.clone()),
        stage_question,
    };
    tx.log(&session.id, now, event);
    Ok(())
}

impl Commands {
    /// Runs a command of staff on a session: loads it, checks the right, lets `act` decide and write, tells the public what changed.
    pub(super) async fn in_session<T, F>(
        &self,
        staff: &Staff,
        id: &SessionId,
        verb: Verb,
        act: F,
    ) -> Outcome<T>
    where
        T: Send + 'static,
        F: for<'a, 't> FnOnce(&'a mut Act<'t>) -> BoxFuture<'a, Outcome<T>> + Send + 'static,
    {
        let (staff, key, chance, now) = (staff.clone(), id.clone(), self.inner.chance.clone(), self.now());
        let outcome = self
            .run(move |tx| {
                Box::pin(async move {
                    tx.lock_session(&key).await?;
                    let session = tx
                        .conn()
                        .session(&key)
                        .await?
                        .ok_or_else(|| Rejection::not_found("session"))?;
                    policy::check(verb, &staff.roles_in(&session.hall_id), &session)?;
                    let mut frame = Act {
                        tx,
                        session,
                        staff,
                        now,
                        chance,
                        verb,
                        changed: false,
                        audited: false,
                    };
                    let value = act(&mut frame).await?;
                    // No command of staff is silent, not even one that forgot to say what it did.
                    if !frame.audited {
                        frame.audit("session", json!({})).await?;
                    }
                    if frame.changed {
                        let (session, now) = (frame.session.clone(), frame.now);
                        tell_session(frame.tx, &session, now).await?;
                    }
                    Ok(value)
                })
            })
            .await;
        self.inner.sessions.forget(id);
        outcome
    }

    /// Runs a command of staff on a hall.
    pub(super) async fn in_hall<T, F>(&self, staff: &Staff, id: &HallId, verb: Verb, act: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: for<'a, 't> FnOnce(&'a mut HallAct<'t>) -> BoxFuture<'a, Outcome<T>> + Send + 'static,
    {
        let (staff, key, chance, now) = (staff.clone(), id.clone(), self.inner.chance.clone(), self.now());
        self.run(move |tx| {
            Box::pin(async move {
                policy::check_hall(verb, &staff.roles_in(&key))?;
                let hall = tx
                    .conn()
                    .hall(&key)
                    .await?
                    .ok_or_else(|| Rejection::not_found("hall"))?;
                let mut frame = HallAct {
                    tx,
                    hall,
                    staff,
                    now,
                    chance,
                    verb,
                    audited: false,
                };
                let value = act(&mut frame).await?;
                if !frame.audited {
                    frame.audit("hall", json!({})).await?;
                }
                Ok(value)
            })
        })
        .await
    }

    /// Writes an audit line of an act that is not on a hall: a verb of the table, or what an account does with itself.
    pub(super) fn audit_installation(
        tx: &mut Tx,
        staff: &Staff,
        verb: &'static str,
        target: &str,
        now: Timestamp,
        chance: u32,
    ) {
        tx.audit(Audit {
            id: AuditId::new(now, chance),
            at: now,
            hall_id: None,
            session_id: None,
            staff_id: Some(staff.id.clone()),
            staff_name: staff.name.clone(),
            verb,
            target: target.to_owned(),
            detail: json!({}),
        });
    }
}
