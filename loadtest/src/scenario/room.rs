//! A room with a past: questions and comments written before anybody is measured, so that a view has the size of a real one.

use std::time::Duration;

use anyhow::Context;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use super::Scene;
use crate::authors::Authors;
use crate::wire::question_text;

/// Questions one guest may ask at once by the server's table.
const QUESTIONS_EACH: usize = 3;
/// Comments one guest may write at once, less one.
const COMMENTS_EACH: usize = 3;
/// Questions under way at once.
const AT_ONCE: usize = 16;
/// Comments a second, while nobody watches.
const COMMENTS_PER_S: f64 = 100.0;
const SETTLE_WITHIN: Duration = Duration::from_secs(15);

/// Has so many questions asked and comments written, all published. Gives back the size of the view in bytes.
pub async fn fill(scene: &Scene, questions: usize, comments: usize) -> anyhow::Result<usize> {
    let tokens = scene.access.guests(questions.div_ceil(QUESTIONS_EACH)).await?;
    let path = format!("/sessions/{}/questions", scene.hall.session);
    let mut asking = stream::iter(0..questions)
        .map(|number| {
            let (token, path) = (&tokens[number / QUESTIONS_EACH], &path);
            async move {
                let name = format!("loadtest-q-{number}");
                let body = json!({ "ref": name, "body": question_text(number as u64), "topic": "水价", "place": "和平里小区" });
                let ack: Value = scene.access.send_as(Method::POST, token, path, &body).await?;
                anyhow::Ok(ack["state"].as_str() == Some("published"))
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut published = 0;
    while let Some(asked) = asking.next().await {
        published += usize::from(asked?);
    }
    anyhow::ensure!(
        published == questions,
        "{published} of {questions} questions were published"
    );
    if comments > 0 {
        let tokens = scene.access.guests(comments.div_ceil(COMMENTS_EACH)).await?;
        let mut authors = Authors::connect(scene.server, &scene.hall.live_path(), &tokens).await?;
        authors
            .publish(
                COMMENTS_PER_S,
                Duration::from_secs_f64(comments as f64 / COMMENTS_PER_S),
            )
            .await;
        authors.settle(SETTLE_WITHIN).await;
        let published = authors.published().acked.len();
        anyhow::ensure!(
            published == comments,
            "{published} of {comments} comments were published"
        );
    }
    let view = scene
        .access
        .text(&format!("/api/v1/sessions/{}/view", scene.hall.session))
        .await
        .context("the view")?;
    Ok(view.len())
}
