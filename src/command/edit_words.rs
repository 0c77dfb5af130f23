//! Edit a word list, try a change on what was written before, and set what else a hall wants of screening.

use serde_json::json;

use super::word_screens::{compared, compile, list_id, list_kind, load, scope};
use super::{CommandError, Commands, Outcome, WordsRead};
use crate::domain::ids::{AuditId, HallId};
use crate::domain::policy::{Verb, check_hall};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::screen::{Change, Screen, WordList, dry_run};
use crate::domain::screening_settings::{ScreeningSettings, WordKind};
use crate::domain::staff::Staff;
use crate::store::{Audit, ListVersion, NewListVersion, PostText};

/// Posts a change may be tried on: about a second of screening.
pub const TRIAL_POSTS_MAX: u32 = 5_000;
/// Words of a list, at most.
pub const LIST_WORDS_MAX: usize = 100_000;

/// Which list: a hall's own, or one of every hall.
#[derive(Debug, Clone)]
pub struct WhichList {
    /// `None` for every hall.
    pub hall: Option<HallId>,
    pub kind: WordKind,
}

/// A change of a list.
#[derive(Debug, Clone)]
pub struct WordsInput {
    pub text: String,
    /// The version it was made from; somebody else's newer one is not overwritten. `None` overwrites whatever there is.
    pub base_version: Option<u64>,
    /// Why, for the history.
    pub note: String,
}

/// What a change would do to posts of before.
#[derive(Debug)]
pub struct Trial {
    pub read: WordsRead,
    pub posts: u64,
    pub changes: Vec<Change<PostText>>,
}

/// # Errors
/// `forbidden`, `out_of_range` for a block list of a hall.
pub fn check_list(by: &Staff, which: &WhichList) -> Result<(), Rejection> {
    match &which.hall {
        Some(hall) => {
            check_hall(Verb::EditWords, &by.roles_in(hall))?;
            if which.kind == WordKind::Block {
                return Err(Rejection::out_of_range(
                    "kind",
                    "a hall has no block list: its hits wait for a person",
                ));
            }
            Ok(())
        }
        None if by.operator => Ok(()),
        None => Err(Rejection::new(
            Code::Forbidden,
            "word lists of every hall are edited by operators",
        )),
    }
}

/// Reads a list in a thread of its own: 100,000 lines.
async fn read(which: &WhichList, version: u64, text: String) -> Outcome<(WordsRead, Option<WordList>)> {
    let (own, kind) = (which.hall.is_some(), which.kind);
    let read =
        move || super::screening::read_list(&list_id(own, kind), version, scope(own), list_kind(kind), &text);
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| CommandError::from(Rejection::unavailable()))?
        .map_err(CommandError::from)
}

impl Commands {
    /// Takes a list into use at once, as a new version. With a broken line nothing is taken and the lines are named: nobody shall
    /// believe a half list is active.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `too_large`, `out_of_range` (`kind`), `conflict` when somebody else made a newer version.
    pub async fn edit_word_list(
        &self,
        by: &Staff,
        which: WhichList,
        input: WordsInput,
    ) -> Outcome<(WordsRead, Option<ListVersion>)> {
        check_list(by, &which)?;
        let note = super::screening::parse_label("note", &input.note, 100)?;
        let (version, before) = {
            let mut reader = self.inner.db.read().await?;
            if let Some(hall) = &which.hall
                && reader.conn().hall(hall).await?.is_none()
            {
                return Err(Rejection::not_found("hall").into());
            }
            reader
                .conn()
                .list_text(which.hall.as_ref(), which.kind, None)
                .await?
        };
        if input.base_version.is_some_and(|base| base != version) {
            return Err(newer(version).into());
        }
        let (answer, list) = read(&which, version + 1, input.text.clone()).await?;
        let Some(list) = list else {
            return Ok((answer, None));
        };
        let (added, removed) = match read(&which, version, before).await?.1 {
            Some(before) => compared(&before, &list),
            None => (list.entries.len() as u64, 0),
        };
        let head = ListVersion {
            kind: which.kind,
            version: version + 1,
            words: answer.words,
            added,
            removed,
            note,
            at: self.now(),
            staff_name: by.name.clone(),
        };
        self.store_list(by, &which, head.clone(), input.text).await?;
        self.inner.words.stale(which.hall.as_ref());
        if let Some(hall) = &which.hall {
            // Compiled here, so that whoever saved it knows it is in use when the answer comes.
            let (versions, settings) = {
                let mut reader = self.inner.db.read().await?;
                let versions = reader.conn().list_versions(hall).await?;
                (versions, reader.conn().screening_settings(hall).await?)
            };
            self.compile_hall(hall, versions, settings).await?;
        }
        Ok((answer, Some(head)))
    }

    async fn store_list(
        &self,
        by: &Staff,
        which: &WhichList,
        head: ListVersion,
        text: String,
    ) -> Outcome<()> {
        let (by, hall, id) = (
            by.clone(),
            which.hall.clone(),
            AuditId::new(self.now(), self.chance()),
        );
        self.run(move |tx| {
            Box::pin(async move {
                let version = NewListVersion {
                    hall: hall.as_ref(),
                    head: &head,
                    text: &text,
                    by: &by.id,
                };
                match tx.insert_list_version(&version).await {
                    Err(e) if e.is_unique_violation() => return Err(newer(head.version).into()),
                    other => other?,
                }
                tx.audit(Audit {
                    id,
                    at: head.at,
                    hall_id: hall,
                    session_id: None,
                    staff_id: Some(by.id.clone()),
                    staff_name: by.name.clone(),
                    verb: Verb::EditWords.as_str(),
                    target: format!("word list {}", head.kind),
                    detail: json!({ "version": head.version, "words": head.words, "added": head.added, "removed": head.removed }),
                });
                Ok(())
            })
        })
        .await
    }

    /// Shows what a change would do to the newest posts, without doing it. Repeats and first posts are left out: they depend on a
    /// moment that has passed.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `too_large`, `out_of_range`.
    pub async fn try_word_list(
        &self,
        by: &Staff,
        which: WhichList,
        text: String,
        posts: u32,
    ) -> Outcome<Trial> {
        check_list(by, &which)?;
        if !(1..=TRIAL_POSTS_MAX).contains(&posts) {
            let why = format!("{posts} posts; between 1 and {TRIAL_POSTS_MAX} are possible");
            return Err(Rejection::out_of_range("posts", why).into());
        }
        let (answer, list) = read(&which, 0, text).await?;
        let Some(list) = list else {
            return Ok(Trial {
                read: answer,
                posts: 0,
                changes: Vec::new(),
            });
        };
        let hall = which.hall.as_ref();
        let (rest, now, everywhere, settings, tried_on) = {
            let mut reader = self.inner.db.read().await?;
            let mut conn = reader.conn();
            let rest = load(&mut conn, hall, Some(which.kind)).await?;
            let now = load(&mut conn, hall, None).await?;
            let (everywhere, settings) = match hall {
                Some(hall) => (
                    load(&mut conn, None, None).await?,
                    conn.screening_settings(hall).await?,
                ),
                None => (Vec::new(), ScreeningSettings::default()),
            };
            (
                rest,
                now,
                everywhere,
                settings,
                conn.last_posts(hall, posts).await?,
            )
        };
        let mut trial = rest;
        if !list.entries.is_empty() {
            trial.push(list);
        }
        let shared = [self.inner.words.shipped(), compile(everywhere).await?];
        let current = Screen::of(shared.iter().cloned().chain([compile(now).await?]));
        let trial = Screen::of(shared.into_iter().chain([compile(trial).await?]));
        let work = move || {
            let hosts: Vec<&str> = settings.allowed_hosts.iter().map(String::as_str).collect();
            let count = tried_on.len() as u64;
            let bodies: Vec<String> = tried_on.iter().map(|p| p.body.clone()).collect();
            let posts = tried_on.into_iter().zip(bodies.iter().map(String::as_str));
            (count, dry_run(&current, &trial, &hosts, posts))
        };
        let (posts, changes) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| CommandError::from(Rejection::unavailable()))?;
        Ok(Trial {
            read: answer,
            posts,
            changes,
        })
    }

    /// # Errors
    /// `forbidden`, `not_found`, `out_of_range`.
    pub async fn set_screening(
        &self,
        by: &Staff,
        hall: &HallId,
        settings: ScreeningSettings,
    ) -> Outcome<ScreeningSettings> {
        settings.check()?;
        let settings = self
            .in_hall(by, hall, Verb::EditWords, move |act| {
                Box::pin(async move {
                    let hall = act.hall.id.clone();
                    let before = act.tx.conn().screening_settings(&hall).await?;
                    act.tx.put_screening_settings(&hall, &settings).await?;
                    act.audit("screening", json!({ "before": before, "after": settings }))
                        .await?;
                    Ok(settings)
                })
            })
            .await?;
        self.inner.words.stale(Some(hall));
        Ok(settings)
    }
}

fn newer(version: u64) -> Rejection {
    Rejection::new(
        Code::Conflict,
        "somebody else changed the list meanwhile; look at the newer version first",
    )
    .with("version", version)
}
