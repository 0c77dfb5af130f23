//! Start a segment of the run of show (the running one ends), or end the running one.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::{SegmentId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::session::Session;
use crate::domain::staff::Staff;

impl Commands {
    /// A segment that ended may run again: it goes on from its first start.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state` unless live or paused, `not_found`.
    pub async fn run_segment(
        &self,
        by: &Staff,
        id: &SessionId,
        segment_id: Option<SegmentId>,
    ) -> Outcome<Session> {
        self.in_session(by, id, Verb::RunSegments, move |act| {
            Box::pin(async move {
                let now = act.now;
                if let Some(wanted) = &segment_id
                    && !act.session.segments.iter().any(|s| s.id == *wanted)
                {
                    return Err(Rejection::not_found("segment in this session").into());
                }
                for segment in &mut act.session.segments {
                    if segment_id.as_ref() == Some(&segment.id) {
                        segment.started_at = segment.started_at.or(Some(now));
                        segment.ended_at = None;
                    } else if segment.started_at.is_some() && segment.ended_at.is_none() {
                        segment.ended_at = Some(now);
                    }
                }
                let session = act.session.clone();
                act.tx.set_session_parts(&session).await?;
                act.changed();
                act.audit("segment", json!({ "segment_id": segment_id })).await?;
                Ok(session)
            })
        })
        .await
    }
}
