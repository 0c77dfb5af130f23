//! The compiled word lists in use: the shipped ones, those of every hall, a hall's own.
//!
//! Compiled once per version and swapped as a whole. While a new version compiles, posts are screened with the one before: a
//! change never makes a post wait, let alone get lost. Another node's change is noticed within [`FRESH_MS`].

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dashmap::{DashMap, DashSet};

use super::{CommandError, Commands, Identity, Outcome};
use crate::domain::ids::{HallId, ParticipantId};
use crate::domain::rejection::Rejection;
use crate::domain::screen::{Layer, ListKind, Scope, Screen, WordList};
use crate::domain::screening_settings::{ScreeningSettings, WordKind};
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::words::Tier;
use crate::store::{Conn, ListVersions, StoreError};

/// How long the lists of a hall are used before it is asked whether another node changed them.
const FRESH_MS: i64 = 5_000;
/// How long the lists of a hall nobody writes in are kept.
const IDLE_MS: i64 = 600_000;
/// People known to be no newcomers, at most; beyond it they are looked up again. 40 bytes each.
const KNOWN_MAX: usize = 100_000;

/// What a hall's posts are screened with.
#[derive(Clone)]
pub(super) struct InUse {
    pub(super) screen: Screen,
    pub(super) settings: Arc<ScreeningSettings>,
}

/// The lists of a hall as they were compiled.
struct Compiled {
    versions: ListVersions,
    in_use: InUse,
}

/// Everything compiled.
#[derive(Default)]
pub(super) struct WordScreens {
    shipped: OnceLock<Arc<Layer>>,
    /// Lists of every hall, with the versions they were made of.
    everywhere: Mutex<Option<(ListVersions, Arc<Layer>)>>,
    halls: DashMap<HallId, (Arc<Compiled>, Timestamp)>,
    /// Halls whose lists are being compiled.
    compiling: DashSet<HallId>,
    /// Who has enough published posts in a hall to be no newcomer. Not forgotten when one is retracted: that is for a person to judge.
    known: DashMap<(HallId, ParticipantId), u32>,
}

impl WordScreens {
    pub(super) fn sweep(&self, now: Timestamp) {
        self.halls.retain(|_, (_, at)| now.since_ms(*at) < IDLE_MS);
        if self.known.len() > KNOWN_MAX {
            self.known.clear();
        }
    }
    /// The next post asks for the versions again.
    pub(super) fn stale(&self, hall: Option<&HallId>) {
        match hall {
            Some(hall) => {
                if let Some(mut row) = self.halls.get_mut(hall) {
                    row.1 = Timestamp::from_ms(0);
                }
            }
            None => self
                .halls
                .iter_mut()
                .for_each(|mut row| row.1 = Timestamp::from_ms(0)),
        }
    }
    pub(super) fn shipped(&self) -> Arc<Layer> {
        let build = || {
            let layer = Arc::new(Layer::build(&WordList::starter()));
            note_memory("shipped", &layer);
            layer
        };
        self.shipped.get_or_init(build).clone()
    }
}

fn note_memory(of: &str, layer: &Layer) {
    let of = of.to_owned();
    metrics::gauge!("screen_words", "lists" => of.clone()).set(layer.len() as f64);
    metrics::gauge!("screen_automata_bytes", "lists" => of).set(layer.automata_bytes() as f64);
}

/// The kind of a list as screening knows it.
pub(super) const fn list_kind(kind: WordKind) -> ListKind {
    match kind {
        WordKind::Block => ListKind::Block,
        WordKind::Hold => ListKind::Hold,
        WordKind::Note => ListKind::Note,
        WordKind::Allow => ListKind::Allow,
    }
}

/// Name of a list in findings.
pub(super) fn list_id(own: bool, kind: WordKind) -> String {
    format!("{}-{kind}", if own { "hall" } else { "everywhere" })
}

pub(super) const fn scope(own: bool) -> Scope {
    if own { Scope::Hall } else { Scope::Global }
}

/// The newest lists of a hall, or of every hall. A stored list was read when it came in, so it can be read again.
pub(super) async fn load(
    conn: &mut Conn<'_>,
    hall: Option<&HallId>,
    without: Option<WordKind>,
) -> Result<Vec<WordList>, StoreError> {
    let mut lists = Vec::new();
    for &kind in WordKind::ALL {
        if without == Some(kind) {
            continue;
        }
        let (version, text) = conn.list_text(hall, kind, None).await?;
        let own = hall.is_some();
        match WordList::parse(&list_id(own, kind), version, scope(own), list_kind(kind), text) {
            Ok(list) if !list.entries.is_empty() => lists.push(list),
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "stored word list {} {version} is not read", list_id(own, kind));
            }
        }
    }
    Ok(lists)
}

/// Compiles away from the threads that serve: 100,000 words take a second.
pub(super) async fn compile(lists: Vec<WordList>) -> Outcome<Arc<Layer>> {
    tokio::task::spawn_blocking(move || Arc::new(Layer::build(&lists)))
        .await
        .map_err(|_| CommandError::from(Rejection::unavailable()))
}

impl Commands {
    /// What posts of a hall are screened with now.
    pub(super) async fn in_use(&self, hall: &HallId) -> Outcome<InUse> {
        let (now, screens) = (self.now(), &self.inner.words);
        let known = screens.halls.get(hall).map(|row| row.value().clone());
        if let Some((compiled, at)) = &known
            && (0..FRESH_MS).contains(&now.since_ms(*at))
        {
            return Ok(compiled.in_use.clone());
        }
        let (versions, settings) = {
            let mut reader = self.inner.db.read().await?;
            let versions = reader.conn().list_versions(hall).await?;
            (versions, reader.conn().screening_settings(hall).await?)
        };
        let Some((compiled, _)) = known else {
            return self.compile_hall(hall, versions, settings).await;
        };
        let mut in_use = compiled.in_use.clone();
        let same = compiled.versions == versions;
        if *in_use.settings != settings {
            in_use.settings = Arc::new(settings.clone());
        }
        // Used for the next seconds either way; a compiled new version replaces it.
        let kept = Arc::new(Compiled {
            versions: compiled.versions.clone(),
            in_use: in_use.clone(),
        });
        screens.halls.insert(hall.clone(), (kept, now));
        if !same && screens.compiling.insert(hall.clone()) {
            let (commands, hall) = (self.clone(), hall.clone());
            tokio::spawn(async move {
                if let Err(error) = commands.compile_hall(&hall, versions, settings).await {
                    tracing::warn!(error = %crate::store::report(&error), hall.id = %hall, "new words of hall {hall} not compiled; next try with a later post");
                }
                commands.inner.words.compiling.remove(&hall);
            });
        }
        Ok(in_use)
    }

    /// Compiles the lists of these versions and takes them into use.
    pub(super) async fn compile_hall(
        &self,
        hall: &HallId,
        versions: ListVersions,
        settings: ScreeningSettings,
    ) -> Outcome<InUse> {
        let own: ListVersions = versions
            .iter()
            .filter(|((own, _), _)| *own)
            .map(|(k, v)| (*k, *v))
            .collect();
        let global: ListVersions = versions
            .iter()
            .filter(|((own, _), _)| !*own)
            .map(|(k, v)| (*k, *v))
            .collect();
        let mut layers = vec![self.inner.words.shipped()];
        if !global.is_empty() {
            layers.push(self.everywhere(global).await?);
        }
        if !own.is_empty() {
            let lists = load(&mut self.inner.db.read().await?.conn(), Some(hall), None).await?;
            let layer = compile(lists).await?;
            note_memory(hall.as_str(), &layer);
            layers.push(layer);
        }
        let in_use = InUse {
            screen: Screen::of(layers),
            settings: Arc::new(settings),
        };
        let compiled = Arc::new(Compiled {
            versions,
            in_use: in_use.clone(),
        });
        self.inner
            .words
            .halls
            .insert(hall.clone(), (compiled, self.now()));
        Ok(in_use)
    }

    /// The lists of every hall, compiled once for all.
    async fn everywhere(&self, versions: ListVersions) -> Outcome<Arc<Layer>> {
        let known = self
            .inner
            .words
            .everywhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((of, layer)) = known
            && of == versions
        {
            return Ok(layer);
        }
        let lists = load(&mut self.inner.db.read().await?.conn(), None, None).await?;
        let layer = compile(lists).await?;
        note_memory("everywhere", &layer);
        *self
            .inner
            .words
            .everywhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((versions, layer.clone()));
        Ok(layer)
    }

    /// Whether this is one of the first posts of a person, where the hall or the session wants those looked at.
    pub(super) async fn is_newcomer(
        &self,
        session: &Session,
        who: &Identity,
        settings: &ScreeningSettings,
    ) -> Outcome<bool> {
        let n = settings.first_posts.max(session.policy.first_held);
        if n == 0 || who.tier >= Tier::Member {
            return Ok(false);
        }
        let (hall, person) = (&session.hall_id, &who.id);
        let key = (hall.clone(), person.clone());
        if self.inner.words.known.get(&key).is_some_and(|k| *k >= n) {
            return Ok(false);
        }
        let known = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .has_published(hall, person, n)
            .await?;
        if known {
            self.inner.words.known.insert(key, n);
        }
        Ok(!known)
    }
}

/// Memory of compiled lists.
#[derive(Debug, Clone, Copy)]
pub struct WordMemory {
    pub shipped_words: u64,
    pub shipped_automata_bytes: u64,
    /// Of the lists asked for, without the shipped ones.
    pub automata_bytes: u64,
}

impl Commands {
    /// Memory of the lists of a hall, or of every hall.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn word_memory(&self, hall: Option<&HallId>) -> Outcome<WordMemory> {
        let shipped = self.inner.words.shipped();
        let automata_bytes = match hall {
            Some(hall) => {
                let layers = self.in_use(hall).await?.screen;
                let own = layers.layers().iter().filter(|l| !Arc::ptr_eq(l, &shipped));
                own.map(|l| l.automata_bytes() as u64).sum()
            }
            None => {
                let lists = load(&mut self.inner.db.read().await?.conn(), None, None).await?;
                compile(lists).await?.automata_bytes() as u64
            }
        };
        Ok(WordMemory {
            shipped_words: shipped.len() as u64,
            shipped_automata_bytes: shipped.automata_bytes() as u64,
            automata_bytes,
        })
    }

    /// Whether the installation has an external classifier.
    pub fn has_classifier(&self) -> bool {
        self.inner.classifier.offered()
    }
}

/// How many words came and went between two texts of a list.
pub(super) fn compared(before: &WordList, after: &WordList) -> (u64, u64) {
    let set = |l: &WordList| -> HashSet<Arc<str>> { l.entries.iter().map(|e| e.word.clone()).collect() };
    let (before, after) = (set(before), set(after));
    (
        after.difference(&before).count() as u64,
        before.difference(&after).count() as u64,
    )
}
