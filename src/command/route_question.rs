//! Send a question to a department.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::{DepartmentId, QuestionId};
use crate::domain::policy::Verb;
use crate::domain::post::Question;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;

impl Commands {
    /// # Errors
    /// `forbidden`, `wrong_state`, `not_found`, `conflict`.
    pub async fn route_question(
        &self,
        by: &Staff,
        question_id: &QuestionId,
        department_id: Option<DepartmentId>,
    ) -> Outcome<Question> {
        let session_id = self.session_of_question(question_id).await?;
        let question_id = question_id.clone();
        self.in_session(by, &session_id, Verb::Route, move |act| {
            Box::pin(async move {
                if let Some(department) = &department_id {
                    act.session.check_department(department)?;
                }
                let question = act.published_question(&question_id).await?;
                if !act
                    .tx
                    .route_question(&question_id, question.post.revision, department_id.as_ref())
                    .await?
                {
                    return Err(Rejection::conflict("the question").into());
                }
                act.audit(
                    &format!("question {question_id}"),
                    json!({ "department_id": department_id }),
                )
                .await?;
                act.tell_question(&question_id).await
            })
        })
        .await
    }
}
