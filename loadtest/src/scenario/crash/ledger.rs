//! What the server has stored, read through its public interface, against what writers were told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::Context;
use serde_json::Value;

use super::writer::{Sent, Writer};
use crate::target::{Access, Hall};

/// Everything stored.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Published comments: id and text.
    pub comments: Vec<(String, String)>,
    /// Published questions: id, text and supports.
    pub questions: Vec<(String, String, u64)>,
    pub people: Vec<Own>,
}

/// What the server lists as a person's own.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// Posts: ref and id.
    pub posts: Vec<(String, String)>,
    /// Questions supported.
    pub supported: BTreeSet<String>,
}

/// What is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    pub comments_acked: u64,
    pub questions_acked: u64,
    pub supports_acked: u64,
    pub acknowledged_not_stored: u64,
    pub stored_twice: u64,
    pub stored_not_sent: u64,
    pub supports_wrong: u64,
    /// Some of it in words.
    pub examples: Vec<String>,
}

impl std::fmt::Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            comments_acked,
            questions_acked,
            supports_acked,
            acknowledged_not_stored,
            stored_twice,
            stored_not_sent,
            supports_wrong,
            ..
        } = self;
        write!(
            f,
            "stored {comments_acked} + {questions_acked} + {supports_acked}: {acknowledged_not_stored} lost, {stored_twice} twice, {stored_not_sent} never sent, {supports_wrong} supports wrong"
        )
    }
}

impl Findings {
    /// Adds the faults of another round; totals are those of the newest.
    pub fn add(&mut self, other: &Self) {
        self.acknowledged_not_stored += other.acknowledged_not_stored;
        self.stored_twice += other.stored_twice;
        self.stored_not_sent += other.stored_not_sent;
        self.supports_wrong += other.supports_wrong;
        self.examples.extend(other.examples.iter().cloned());
        (self.comments_acked, self.questions_acked, self.supports_acked) =
            (other.comments_acked, other.questions_acked, other.supports_acked);
    }
}

/// Reads everything that is stored.
pub async fn read(access: &Access, hall: &Hall, people: &[Arc<Writer>]) -> anyhow::Result<Stored> {
    let session = &hall.session;
    let word = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let comments = access
        .all_pages(&format!("/sessions/{session}/comments"), "comments")
        .await?;
    let questions = access
        .all_pages(&format!("/sessions/{session}/questions?sort=newest"), "questions")
        .await?;
    let mut stored = Stored {
        comments: comments
            .iter()
            .map(|comment| (word(comment, "id"), word(comment, "body")))
            .collect(),
        questions: questions
            .iter()
            .map(|question| {
                (
                    word(question, "id"),
                    word(question, "body"),
                    question["supports"].as_u64().unwrap_or(u64::MAX),
                )
            })
            .collect(),
        people: Vec::with_capacity(people.len()),
    };
    for writer in people {
        let mine: Value = access
            .get_as(&writer.token, &format!("/sessions/{session}/mine"))
            .await?;
        let posts = mine["posts"]
            .as_array()
            .context("own posts")?
            .iter()
            .map(|post| (word(post, "ref"), word(post, "id")))
            .collect();
        let supported = mine["supported"]
            .as_array()
            .context("own supports")?
            .iter()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        stored.people.push(Own { posts, supported });
    }
    Ok(stored)
}

/// Compares it with what was sent and acknowledged; nothing may be in flight.
pub fn compare(stored: &Stored, people: &[Sent]) -> Findings {
    let mut found = Findings::default();
    let note = |text: String, examples: &mut Vec<String>| {
        if examples.len() < 5 {
            examples.push(text);
        }
    };
    let mut texts: HashMap<(bool, &str), u64> = HashMap::new();
    let mut ids = BTreeSet::new();
    for (id, body) in &stored.comments {
        *texts.entry((false, body)).or_default() += 1;
        ids.insert(id.as_str());
    }
    for (id, body, _) in &stored.questions {
        *texts.entry((true, body)).or_default() += 1;
        ids.insert(id.as_str());
    }
    for ((_, text), count) in texts.iter().filter(|(_, count)| **count > 1) {
        found.stored_twice += count - 1;
        note(format!("stored {count} times: {text}"), &mut found.examples);
    }
    let mut supports: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, sent) in people.iter().enumerate() {
        let nothing = Own::default();
        let Own { posts, supported } = stored.people.get(at).unwrap_or(&nothing);
        let by_ref: HashMap<&str, &str> = posts
            .iter()
            .map(|(name, id)| (name.as_str(), id.as_str()))
            .collect();
        found.stored_twice += (posts.len() - by_ref.len()) as u64;
        for post in &sent.posts {
            if post.is_question {
                found.questions_acked += 1
            } else {
                found.comments_acked += 1
            }
            // In the author's own list under its ref with its id, and in the public list.
            if by_ref.get(post.r#ref.as_str()) != Some(&post.id.as_str()) || !ids.contains(post.id.as_str()) {
                found.acknowledged_not_stored += 1;
                note(
                    format!(
                        "acknowledged as {} under {} and not stored so",
                        post.id, post.r#ref
                    ),
                    &mut found.examples,
                );
            }
        }
        for name in by_ref.keys().filter(|name| !sent.refs.contains(**name)) {
            found.stored_not_sent += 1;
            note(
                format!("stored under {name}, which was never sent"),
                &mut found.examples,
            );
        }
        found.supports_acked += sent.supports.len() as u64;
        if *supported != sent.supports {
            found.supports_wrong += 1;
            note(
                format!(
                    "writer {at} was acknowledged {} supports and has {}",
                    sent.supports.len(),
                    supported.len()
                ),
                &mut found.examples,
            );
        }
        for question in &sent.supports {
            *supports.entry(question).or_default() += 1;
        }
    }
    for (id, _, count) in &stored.questions {
        let expected = supports.remove(id.as_str()).unwrap_or(0);
        if *count != expected {
            found.supports_wrong += 1;
            note(
                format!("question {id} shows {count} supports and {expected} were acknowledged"),
                &mut found.examples,
            );
        }
    }
    for (id, count) in supports {
        found.supports_wrong += 1;
        note(
            format!("question {id} has {count} acknowledged supports and is not there"),
            &mut found.examples,
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::writer::AckedPost;
    use super::*;

    fn sent() -> Sent {
        Sent {
            posts: vec![
                AckedPost {
                    is_question: false,
                    r#ref: "c-1".into(),
                    id: "C1".into(),
                },
                AckedPost {
                    is_question: true,
                    r#ref: "q-1".into(),
                    id: "Q1".into(),
                },
            ],
            refs: ["c-1".to_owned(), "q-1".to_owned()].into(),
            supports: ["Q1".to_owned()].into(),
        }
    }

    fn stored() -> Stored {
        Stored {
            comments: vec![("C1".into(), "text c-1".into())],
            questions: vec![("Q1".into(), "text q-1".into(), 1)],
            people: vec![Own {
                posts: vec![("c-1".into(), "C1".into()), ("q-1".into(), "Q1".into())],
                supported: ["Q1".to_owned()].into(),
            }],
        }
    }

    #[test]
    fn what_agrees_has_no_findings() {
        let found = compare(&stored(), &[sent()]);
        assert_eq!(
            found,
            Findings {
                comments_acked: 1,
                questions_acked: 1,
                supports_acked: 1,
                ..Findings::default()
            }
        );
    }

    #[test]
    fn a_lost_comment_is_found() {
        let mut lost = stored();
        lost.comments.clear();
        assert_eq!(compare(&lost, &[sent()]).acknowledged_not_stored, 1);
        let mut other = stored();
        other.people[0].posts[0].1 = "C2".into();
        assert_eq!(compare(&other, &[sent()]).acknowledged_not_stored, 1);
    }

    #[test]
    fn a_post_stored_twice_or_never_sent_is_found() {
        let mut twice = stored();
        twice.comments.push(("C2".into(), "text c-1".into()));
        assert_eq!(compare(&twice, &[sent()]).stored_twice, 1);
        let mut stray = stored();
        stray.people[0].posts.push(("c-9".into(), "C9".into()));
        assert_eq!(compare(&stray, &[sent()]).stored_not_sent, 1);
    }

    #[test]
    fn a_support_lost_or_counted_twice_is_found() {
        let mut more = stored();
        more.questions[0].2 = 2;
        assert_eq!(compare(&more, &[sent()]).supports_wrong, 1);
        let mut less = stored();
        less.questions[0].2 = 0;
        less.people[0].supported.clear();
        assert_eq!(
            compare(&less, &[sent()]).supports_wrong,
            2,
            "the count and the person's own list"
        );
    }
}
