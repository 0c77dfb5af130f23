//! A conditional update names the state it expects and says whether it was so.

use yishiting::domain::ids::{DecisionId, SuggestionId};
use yishiting::domain::post::Decision;
use yishiting::domain::suggestion::Suggestion;
use yishiting::domain::words::{Disposition, PostKind, PostState, SessionState, SuggestionSource, Verdict};

use super::{at, department, fresh, on_both};

#[test]
fn a_post_that_was_changed_meanwhile_is_not_changed_again() {
    on_both(async |store| {
        let id = store.question(PostState::Held).await;
        let (key, outcome) = (
            id.to_string(),
            vec![
                (1, PostState::Published),
                (1, PostState::Declined),
                (2, PostState::Retracted),
            ],
        );
        let changed = store
            .change(|tx| {
                Box::pin(async move {
                    let mut changed = Vec::new();
                    for (seen, to) in outcome {
                        changed.push(
                            tx.move_post(PostKind::Question, &key, seen, to, "other", "")
                                .await?,
                        );
                    }
                    Ok(changed)
                })
            })
            .await
            .expect("stored");
        assert_eq!(changed, [true, false, true]);
        let question = store.now(&id).await;
        assert_eq!(
            (question.post.state, question.post.revision),
            (PostState::Retracted, 3)
        );
    });
}

#[test]
fn disposition_and_department_are_written_only_on_the_revision_seen() {
    on_both(async |store| {
        let id = store.question(PostState::Published).await;
        let key = id.clone();
        let changed = store
            .change(|tx| {
                Box::pin(async move {
                    let first = tx
                        .dispose_question(&key, 1, Some(Disposition::Assigned), None, "")
                        .await?;
                    let second = tx
                        .dispose_question(&key, 1, Some(Disposition::Declined), None, "晚了")
                        .await?;
                    let routed = tx.route_question(&key, 1, Some(&department())).await?;
                    Ok((first, second, routed))
                })
            })
            .await
            .expect("stored");
        assert_eq!(changed, (true, false, false));
        let question = store.now(&id).await;
        assert_eq!(
            (question.disposition, question.department_id),
            (Some(Disposition::Assigned), None)
        );
    });
}

#[test]
fn a_session_moves_only_from_the_state_seen() {
    on_both(async |store| {
        let mut session = store
            .db
            .read()
            .await
            .expect("a connection")
            .conn()
            .session(&store.session)
            .await
            .expect("readable")
            .expect("there");
        session.state = SessionState::Ended;
        let moved = store
            .change(|tx| {
                Box::pin(async move {
                    let wrong = tx.move_session(&session, SessionState::Paused).await?;
                    let right = tx.move_session(&session, SessionState::Live).await?;
                    let again = tx.move_session(&session, SessionState::Live).await?;
                    Ok((wrong, right, again))
                })
            })
            .await
            .expect("stored");
        assert_eq!(moved, (false, true, false));
    });
}

#[test]
fn a_decision_is_undone_once_and_a_suggestion_edited_only_as_seen() {
    on_both(async |store| {
        let session = store.session.clone();
        let outcome = store
            .change(|tx| {
                Box::pin(async move {
                    let decision = Decision {
                        id: DecisionId::new(at(0), fresh()),
                        verdict: Verdict::Approve,
                        reason: String::new(),
                        note: String::new(),
                        by_name: "审核员".into(),
                        at: at(0),
                        undone: false,
                        items: Vec::new(),
                    };
                    tx.insert_decision(&session, "0000000000000001", &decision)
                        .await?;
                    let undone = (
                        tx.undo_decision(&decision.id).await?,
                        tx.undo_decision(&decision.id).await?,
                    );
                    let mut suggestion = Suggestion {
                        id: SuggestionId::new(at(0), fresh()),
                        number: 0,
                        title: "更换老旧水表".into(),
                        summary: String::new(),
                        category: String::new(),
                        department_id: None,
                        co_department_ids: Vec::new(),
                        source: SuggestionSource::Venue,
                        question_ids: Vec::new(),
                        comment_ids: Vec::new(),
                        raised_by: String::new(),
                        due_date: String::new(),
                        requirement: String::new(),
                        at: at(0),
                        revision: 1,
                    };
                    tx.insert_suggestion(&session, &mut suggestion).await?;
                    suggestion.revision = 2;
                    let edited = (
                        tx.update_suggestion(&suggestion).await?,
                        tx.update_suggestion(&suggestion).await?,
                    );
                    Ok((undone, edited, suggestion.number))
                })
            })
            .await
            .expect("stored");
        assert_eq!(outcome, ((true, false), (true, false), 1));
    });
}

#[test]
fn the_peak_of_viewers_only_rises() {
    on_both(async |store| {
        for watching in [10, 300, 20] {
            let id = store.session.clone();
            store
                .change(move |tx| Box::pin(async move { tx.raise_peak_watching(&id, watching).await }))
                .await
                .expect("stored");
        }
        assert_eq!(
            store
                .db
                .read()
                .await
                .expect("a connection")
                .conn()
                .peak_watching(&store.session)
                .await
                .expect("readable"),
            300
        );
    });
}
