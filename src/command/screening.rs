//! Texts at the door: parsed into what may be stored, and screened with the words of the hall.
//!
//! The rules are in `domain::screen`, the lists in use in `word_screens.rs`; here is the memory of what was written a moment ago,
//! which repeats are found by.

use std::collections::VecDeque;

use dashmap::DashMap;

use super::edit_words::LIST_WORDS_MAX;
use super::{Commands, Identity, Outcome};
use crate::domain::ids::{ParticipantId, SessionId};
use crate::domain::limits::{Action, REQUEST_BYTES_MAX};
use crate::domain::nickname::{Nickname, NicknameError};
use crate::domain::post::{Finding, intake};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::screen::{
    Context, Fingerprint, ListKind, Reason, Rule, Scope, Screening, Verdict, WordList,
};
use crate::domain::session::Session;
use crate::domain::text::{Body, BodyError, clean, graphemes};
use crate::domain::time::Timestamp;
use crate::domain::words::{ModerationMode, PostKind, PostState, Tier};

/// Posts of a session remembered for repeats: about a minute of a hot room, 24 bytes each.
const RECENT_MAX: usize = 400;
/// Posts of the author among them that are compared.
const RECENT_OWN_MAX: usize = 10;
/// How long recent posts nobody asks for are kept.
const IDLE_MS: i64 = 600_000;

/// Recent posts by session.
#[derive(Default)]
pub(super) struct Screens {
    recent: DashMap<SessionId, Recent>,
}

/// What was written in a session lately.
struct Recent {
    posts: VecDeque<(ParticipantId, Fingerprint)>,
    at: Timestamp,
}

impl Screens {
    /// Drops what belongs to sessions nobody wrote in lately.
    pub(super) fn sweep(&self, now: Timestamp) {
        self.recent.retain(|_, recent| now.since_ms(recent.at) < IDLE_MS);
    }
}

/// What screening makes of a post.
pub(super) struct Screened {
    pub(super) state: PostState,
    pub(super) findings: Vec<Finding>,
    /// Code of the first reason; empty when it waits only because everything does.
    pub(super) reason: String,
}

/// A word list as it was read.
#[derive(Debug, Clone)]
pub struct WordsRead {
    /// Words understood; 0 when a line is broken, because nothing of such a list is taken.
    pub words: u64,
    /// The first broken lines.
    pub broken: Vec<BrokenLine>,
    /// All of them.
    pub broken_total: u64,
}

/// A line that was not understood.
#[derive(Debug, Clone)]
pub struct BrokenLine {
    pub line: u32,
    pub why: String,
}

/// Reads a list without taking it into use; `None` with a broken line.
///
/// # Errors
/// `too_large`
pub(super) fn read_list(
    id: &str,
    version: u64,
    scope: Scope,
    kind: ListKind,
    text: &str,
) -> Result<(WordsRead, Option<WordList>), Rejection> {
    let too_large = |what: &str, found: usize, max: usize| {
        Rejection::new(
            Code::TooLarge,
            format!("the list has {found} {what}; the limit is {max}"),
        )
    };
    if text.len() > REQUEST_BYTES_MAX {
        return Err(too_large("bytes", text.len(), REQUEST_BYTES_MAX).with("max_bytes", REQUEST_BYTES_MAX));
    }
    Ok(match WordList::parse(id, version, scope, kind, text) {
        Ok(list) if list.entries.len() > LIST_WORDS_MAX => {
            return Err(too_large("words", list.entries.len(), LIST_WORDS_MAX));
        }
        Ok(list) => (
            WordsRead {
                words: list.entries.len() as u64,
                broken: Vec::new(),
                broken_total: 0,
            },
            Some(list),
        ),
        Err(error) => (
            WordsRead {
                words: 0,
                broken_total: error.total as u64,
                broken: error
                    .lines
                    .iter()
                    .map(|l| BrokenLine {
                        line: u32::try_from(l.line).unwrap_or(u32::MAX),
                        why: l.cause.to_string(),
                    })
                    .collect(),
            },
            None,
        ),
    })
}

/// # Errors
/// `empty`, `too_long` with `len` and `max`.
pub(super) fn parse_body(raw: &str, graphemes_max: usize) -> Result<Body, Rejection> {
    Body::parse(raw, graphemes_max).map_err(|error| match error {
        BodyError::Empty => Rejection::new(Code::Empty, error.to_string()),
        BodyError::TooLong { len, max } => Rejection::new(Code::TooLong, error.to_string())
            .with("len", len)
            .with("max", max),
    })
}

/// One line of text that may be empty (a title, a name, a place).
///
/// # Errors
/// `too_long` with `field`, `len` and `max`.
pub(super) fn parse_label(field: &str, raw: &str, graphemes_max: usize) -> Result<String, Rejection> {
    Ok(parse_long(field, raw, graphemes_max)?.replace('\n', " "))
}

/// Text of several lines that may be empty.
///
/// # Errors
/// `too_long` with `field`, `len` and `max`.
pub(super) fn parse_long(field: &str, raw: &str, graphemes_max: usize) -> Result<String, Rejection> {
    let text = clean(raw);
    let len = graphemes(&text);
    if len > graphemes_max {
        let message = format!("`{field}` has {len} characters; the limit is {graphemes_max}");
        return Err(Rejection::new(Code::TooLong, message)
            .with("field", field)
            .with("len", len)
            .with("max", graphemes_max));
    }
    Ok(text)
}

/// # Errors
/// `empty`, `too_long`, `name_reserved` with `word`, `name_unfit`.
pub(super) fn parse_nickname(raw: &str) -> Result<String, Rejection> {
    match Nickname::parse(raw) {
        Ok(name) => Ok(name.as_str().to_owned()),
        Err(error) => {
            let text = error.to_string();
            Err(match error {
                NicknameError::Empty => Rejection::new(Code::Empty, text).with("field", "name"),
                NicknameError::TooLong { len, max } => Rejection::new(Code::TooLong, text)
                    .with("field", "name")
                    .with("len", len)
                    .with("max", max),
                NicknameError::Reserved { word } => {
                    Rejection::new(Code::NameReserved, text).with("word", word)
                }
                NicknameError::Contact => Rejection::new(Code::NameUnfit, text),
            })
        }
    }
}

impl Commands {
    /// Counts an action of a person; staff are exempt.
    pub(super) fn check_rate(&self, action: Action, who: &Identity) -> Result<(), Rejection> {
        if who.tier == Tier::Staff {
            return Ok(());
        }
        self.inner.rates.check(action, who.tier, who.id.as_str())
    }

    /// Screens a post and says where it goes. Staff are not screened.
    pub(super) async fn screen(
        &self,
        session: &Session,
        who: &Identity,
        kind: PostKind,
        body: &str,
    ) -> Outcome<Screened> {
        self.screen_parts(session, who, kind, body, &[]).await
    }

    /// The same for a question with what is shown beside its text.
    pub(super) async fn screen_question(
        &self,
        session: &Session,
        who: &Identity,
        body: &str,
        topic: &str,
        place: &str,
    ) -> Outcome<Screened> {
        self.screen_parts(session, who, PostKind::Question, body, &[topic, place])
            .await
    }

    /// The nickname is shown with every post, so it is screened with it.
    async fn screen_parts(
        &self,
        session: &Session,
        who: &Identity,
        kind: PostKind,
        body: &str,
        beside: &[&str],
    ) -> Outcome<Screened> {
        let mode = match kind {
            PostKind::Comment => session.policy.comment_mode,
            PostKind::Question => session.policy.question_mode,
        };
        if who.tier == Tier::Staff {
            return Ok(Screened {
                state: PostState::Published,
                findings: Vec::new(),
                reason: String::new(),
            });
        }
        let in_use = self.in_use(&session.hall_id).await?;
        let (screen, settings) = (&in_use.screen, &in_use.settings);
        let newcomer = self.is_newcomer(session, who, settings).await?;
        let hosts: Vec<&str> = if session.policy.links_off {
            // What is off is off, also where the hall otherwise needs no look.
            Vec::new()
        } else {
            settings.allowed_hosts.iter().map(String::as_str).collect()
        };
        let (own, others) = self.recent(&session.id, &who.id);
        let mut screening = screen.check(
            body,
            &Context {
                author_recent: &own,
                others_recent: &others,
                first_post: newcomer,
                allowed_hosts: &hosts,
            },
        );
        let mut findings: Vec<Finding> = screening.findings.iter().map(|f| finding(f, true)).collect();
        for shown in beside
            .iter()
            .copied()
            .chain([who.name.as_str()])
            .filter(|text| !text.is_empty())
        {
            let more = screen.check(shown, &Context::default());
            findings.extend(more.findings.iter().map(|f| finding(f, false)));
            screening = Screening {
                verdict: screening.verdict.max(more.verdict),
                findings: screening.findings.into_iter().chain(more.findings).collect(),
            };
        }
        if session.policy.links_off && screening.findings.iter().any(|f| matches!(f.rule, Rule::Link)) {
            return Err(Rejection::new(
                Code::LinksOff,
                "links are refused in this session at the moment; take it out and send again",
            )
            .into());
        }
        self.remember(&session.id, &who.id, body);
        let mut verdict = screening.verdict;
        // Asked last and only when nothing else speaks against it: what waits anyway is seen by a person.
        let unseen = verdict == Verdict::Publish && mode == ModerationMode::HoldSuspicious;
        if unseen && let Some(found) = self.ask_classifier(session, kind, body, settings.external).await {
            verdict = Verdict::Hold;
            findings.push(found);
        }
        let mut state = intake(mode, verdict);
        if newcomer && state == PostState::Published {
            state = PostState::Held;
        }
        let reason = match state {
            PostState::Published => String::new(),
            _ if verdict != screening.verdict => Reason::External.code().to_owned(),
            _ => {
                let reasons = screening.reasons();
                // What the author can change is told before what passes by itself.
                let told = reasons.iter().find(|r| **r != Reason::FirstPost);
                told.or(reasons.first())
                    .map_or(String::new(), |r| r.code().to_owned())
            }
        };
        Ok(Screened {
            state,
            findings,
            reason,
        })
    }

    /// # Errors
    /// `too_new` with the time to wait: the session asks for an older identity, and a new one costs a raid nothing.
    pub(super) fn check_age(&self, session: &Session, who: &Identity) -> Result<(), Rejection> {
        let least_ms = i64::from(session.policy.min_age_s) * 1_000;
        if least_ms == 0 || who.tier > Tier::Guest {
            return Ok(());
        }
        // Before it was made is now only when the clock was set back; nobody is silenced for that.
        let age_ms = self.now().since_ms(who.id.made_at());
        if !(0..least_ms).contains(&age_ms) {
            return Ok(());
        }
        let left_ms = (least_ms - age_ms).unsigned_abs();
        let text = format!(
            "this session asks for an identity of {} seconds; wait {left_ms} ms",
            session.policy.min_age_s
        );
        Err(Rejection::new(Code::TooNew, text)
            .retry_after_ms(left_ms)
            .with("seconds", left_ms.div_ceil(1_000)))
    }

    fn recent(&self, session: &SessionId, who: &ParticipantId) -> (Vec<Fingerprint>, Vec<Fingerprint>) {
        let Some(recent) = self.inner.screens.recent.get(session) else {
            return (Vec::new(), Vec::new());
        };
        let own = recent
            .posts
            .iter()
            .rev()
            .filter(|(author, _)| author == who)
            .take(RECENT_OWN_MAX)
            .map(|(_, f)| *f)
            .collect();
        let others = recent
            .posts
            .iter()
            .filter(|(author, _)| author != who)
            .map(|(_, f)| *f)
            .collect();
        (own, others)
    }

    fn remember(&self, session: &SessionId, who: &ParticipantId, body: &str) {
        let at = self.now();
        let mut recent = self
            .inner
            .screens
            .recent
            .entry(session.clone())
            .or_insert_with(|| Recent {
                posts: VecDeque::new(),
                at,
            });
        recent.at = at;
        if recent.posts.len() == RECENT_MAX {
            recent.posts.pop_front();
        }
        recent.posts.push_back((who.clone(), Fingerprint::of(body)));
    }
}

/// A finding as it is kept with the post.
pub fn finding_of(f: &crate::domain::screen::Finding) -> Finding {
    finding(f, true)
}

/// The same; one found beside the text has no place in it.
fn finding(f: &crate::domain::screen::Finding, in_text: bool) -> Finding {
    let at = |n: usize| {
        if in_text {
            u32::try_from(n).unwrap_or(u32::MAX)
        } else {
            0
        }
    };
    let rule = match &f.rule {
        Rule::Word { word, list, version } => format!("word `{word}` of {list} {version}"),
        other => serde_json::to_value(other)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default(),
    };
    Finding {
        rule,
        reason: f.reason.code().to_owned(),
        start: at(f.span.start),
        end: at(f.span.end),
    }
}
