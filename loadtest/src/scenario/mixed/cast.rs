//! Those who are not the audience: moderators, the host, and one who watches closely.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::clock::now_us;
use crate::measure::Histogram;
use crate::talker::Talker;
use crate::target::{Access, Hall, Refused};
use crate::wire::{Follower, Stamp};

/// How often a moderator looks at the queue.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Items a moderator decides at once.
const AT_ONCE: usize = 100;
/// Of so many items one is declined.
const DECLINED_OF: u64 = 8;
/// How long a question is on stage.
const STAGE_FOR: Duration = Duration::from_secs(15);
/// Mistakes kept as examples.
const EXAMPLES_MAX: usize = 5;

/// What they did and saw.
#[derive(Debug, Default)]
pub struct Record {
    /// Questions the watcher saw appear, in order.
    pub visible: Vec<String>,
    seen: BTreeSet<String>,
    /// When a decision to publish was sent, by question.
    decided_us: BTreeMap<String, u64>,
    pub approved: u64,
    pub declined: u64,
    /// Asked to visible.
    pub moderated: Histogram,
    /// Decision sent to visible.
    pub decision_visible: Histogram,
    /// Decision sent to answered.
    pub decision: Histogram,
    pub stage_changes: u64,
    /// Stage changes the watcher saw.
    pub stage_seen: u64,
    /// Requests of staff that failed.
    pub failed: u64,
    pub examples: Vec<String>,
    pub watcher_lost: u64,
}

impl Record {
    fn fail(&mut self, error: impl std::fmt::Display) {
        self.failed += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(error.to_string());
        }
    }

    /// A question became visible. Notes how long that took, once.
    fn appeared(&mut self, id: &str, body: &str, now_us: u64) {
        if !self.seen.insert(id.to_owned()) {
            return;
        }
        self.visible.push(id.to_owned());
        if let Some(stamp) = Stamp::of(body) {
            self.moderated.add(stamp.age_us(now_us));
        }
        if let Some(decided_us) = self.decided_us.get(id) {
            self.decision_visible.add(now_us.saturating_sub(*decided_us));
        }
    }

    /// Questions that were approved and not seen.
    pub fn approved_unseen(&self) -> u64 {
        let unseen = |id: &&String| !self.seen.contains(*id);
        self.decided_us.keys().filter(unseen).count() as u64
    }
}

/// Everybody of the cast; they stop when this is dropped.
pub struct Cast {
    record: Arc<Mutex<Record>>,
    tasks: JoinSet<()>,
    moderator: Access,
    session: String,
}

impl Cast {
    /// Has them sign in and begin. `access` is the administrator's.
    pub async fn call(
        server: SocketAddr,
        access: &Access,
        hall: &Hall,
        moderators: usize,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let record = Arc::new(Mutex::new(Record::default()));
        let mut tasks = JoinSet::new();
        let mut first = None;
        for index in 0..moderators.max(1) {
            let colleague = access
                .colleague(hall, &format!("moderator-{index}"), &["moderator"])
                .await?;
            first.get_or_insert_with(|| colleague.clone());
            let (session, record) = (hall.session.clone(), record.clone());
            let share = (index as u64, moderators.max(1) as u64);
            tasks.spawn(async move {
                loop {
                    if let Err(error) = moderate(&colleague, &session, share, &record).await {
                        locked(&record).fail(format!("{error:#}"));
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            });
        }
        let host = access.colleague(hall, "host", &["host"]).await?;
        tasks.spawn(host_stage(
            host,
            hall.session.clone(),
            record.clone(),
            Chance::new(seed),
        ));
        let token = access.guests(1).await?.remove(0);
        let mut talker = Talker::open(server, &hall.live_path(), &token, &Follower::default()).await?;
        let watched = record.clone();
        tasks.spawn(async move {
            while let Ok(text) = talker.hear_text().await {
                watch(text.as_str(), &mut locked(&watched), now_us());
            }
            locked(&watched).watcher_lost += 1;
        });
        Ok(Self {
            record,
            tasks,
            moderator: first.expect("there is one at least"),
            session: hall.session.clone(),
        })
    }

    pub fn record(&self) -> MutexGuard<'_, Record> {
        locked(&self.record)
    }

    /// Waits until nothing is held any more.
    pub async fn finish(&mut self, within: Duration) -> anyhow::Result<u64> {
        let begun = std::time::Instant::now();
        loop {
            let page: Value = self
                .moderator
                .get(&format!("/sessions/{}/queue?state=held&limit=1", self.session))
                .await?;
            let held = page["total"].as_u64().unwrap_or(0);
            if held == 0 || begun.elapsed() > within {
                // What was decided last is still on its way to the watcher.
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.tasks.abort_all();
                return Ok(held);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn locked(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks at the queue and decides everything in it that is this moderator's, by two decisions.
async fn moderate(
    staff: &Access,
    session: &str,
    (index, of): (u64, u64),
    record: &Mutex<Record>,
) -> anyhow::Result<()> {
    let page: Value = staff
        .get(&format!("/sessions/{session}/queue?state=held&limit={AT_ONCE}"))
        .await?;
    let items = page["items"].as_array().cloned().unwrap_or_default();
    let number = |item: &Value| item["number"].as_u64().unwrap_or(0);
    let mine = items.into_iter().filter(|item| number(item) % of == index);
    let (declined, approved): (Vec<Value>, Vec<Value>) =
        mine.partition(|item| number(item) % DECLINED_OF == DECLINED_OF - 1);
    for (verdict, reason, items) in [("approve", "", approved), ("decline", "off_topic", declined)] {
        if items.is_empty() {
            continue;
        }
        let named: Vec<Value> = items
            .iter()
            .map(|item| json!({ "kind": item["kind"], "id": item["id"], "revision": item["revision"] }))
            .collect();
        let sent_us = now_us();
        if verdict == "approve" {
            let mut record = locked(record);
            for item in &items {
                let id = item["id"].as_str().unwrap_or_default().to_owned();
                record.decided_us.insert(id, sent_us);
            }
        }
        let request = json!({ "verdict": verdict, "items": named, "reason": reason });
        let answer: anyhow::Result<Value> = staff
            .send(Method::POST, &format!("/sessions/{session}/decisions"), &request)
            .await;
        let mut record = locked(record);
        match answer {
            Ok(_) if verdict == "approve" => record.approved += items.len() as u64,
            Ok(_) => record.declined += items.len() as u64,
            Err(error) => {
                for item in &items {
                    record.decided_us.remove(item["id"].as_str().unwrap_or_default());
                }
                // Decided in the meantime by somebody else is what happens to moderators.
                if error
                    .downcast_ref::<Refused>()
                    .is_none_or(|refused| refused.code != "conflict")
                {
                    record.fail(format!("{error:#}"));
                }
            }
        }
        record.decision.add(now_us().saturating_sub(sent_us));
    }
    Ok(())
}

/// Puts one question after the other on stage.
async fn host_stage(staff: Access, session: String, record: Arc<Mutex<Record>>, mut chance: Chance) {
    loop {
        tokio::time::sleep(STAGE_FOR).await;
        let question = {
            let record = locked(&record);
            let count = record.visible.len() as u64;
            (count > 0).then(|| record.visible[chance.between(0, count) as usize].clone())
        };
        let Some(question) = question else { continue };
        let request = json!({ "question_id": question });
        let put: anyhow::Result<Value> = staff
            .send(Method::PUT, &format!("/sessions/{session}/stage"), &request)
            .await;
        let mut record = locked(&record);
        match put {
            Ok(_) => record.stage_changes += 1,
            Err(error) => record.fail(format!("{error:#}")),
        }
    }
}

/// Reads a message of the public channel closely.
fn watch(text: &str, record: &mut Record, now_us: u64) {
    let message: Value = serde_json::from_str(text).unwrap_or_default();
    if message["type"] != "batch" {
        return;
    }
    for item in message["items"].as_array().into_iter().flatten() {
        match item["type"].as_str() {
            Some("question_published") => {
                let question = &item["question"];
                let word = |name: &str| question[name].as_str().unwrap_or_default();
                record.appeared(word("id"), word("body"), now_us);
            }
            Some("session_changed") => record.stage_seen += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(id: &str, sent_us: u64) -> String {
        let body = Stamp::new(1, sent_us).text();
        json!({ "type": "batch", "first_seq": 1, "last_seq": 1, "items": [{ "seq": 1, "type": "question_published", "question": { "id": id, "body": body } }] })
            .to_string()
    }

    #[test]
    fn a_question_is_measured_when_it_appears_and_not_when_it_changes() {
        let mut record = Record::default();
        record.decided_us.insert("a".into(), 1_500_000);
        record.decided_us.insert("b".into(), 1_600_000);
        watch(&published("a", 1_000_000), &mut record, 2_000_000);
        watch(&published("a", 1_000_000), &mut record, 9_000_000);
        assert_eq!(record.visible, ["a"]);
        assert_eq!(record.moderated.max_ms(), Some(1_000.0));
        assert_eq!(record.decision_visible.max_ms(), Some(500.0));
        assert_eq!(record.approved_unseen(), 1, "b was approved and nobody saw it");
    }
}
