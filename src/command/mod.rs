//! The only way to change anything: one file per command, each in four steps: load, decide, commit, answer.
//!
//! A command of staff runs inside the writer's transaction ([`Commands::in_session`], [`Commands::in_hall`]): what it loaded is
//! still true when it writes. Comments and supports, which come in thousands, are decided on cached rows and written in bulk.
//! Commands hold the only [`Writer`]; they do not know the live fan-out, which follows the log.

mod act;
mod cache;
mod classifier;
mod fair_ranking;
mod identity;
mod password;
mod queue_wait;
mod rate;
mod reasons;
mod rows;
mod screening;
mod word_screens;

mod announce;
mod answer_in_writing;
mod appeal_post;
mod arrange_next_up;
mod ask_question;
mod change_password;
mod claim_post;
mod create_hall;
mod create_session;
mod create_staff;
mod decide_appeal;
mod decide_posts;
mod dispose_question;
mod drop_suggestion;
mod edit_hall;
mod edit_session;
mod edit_suggestion;
mod edit_words;
mod emergency;
mod erase_post;
mod export_audit;
mod export_package;
mod form_suggestion;
mod grant_roles;
mod join_as_guest;
mod lift_sanction;
mod log_in;
mod log_out;
mod move_session;
mod note_peak;
mod note_whereabouts;
mod post_comment;
mod put_on_stage;
mod rename;
mod report_post;
mod route_question;
mod run_segment;
mod sanction;
mod send_phone_code;
mod set_policy;
mod set_support;
mod set_up;
mod similar_questions;
mod start_answer;
mod stop_answer;
mod undo_decision;
mod verify_phone;
mod withdraw_post;
mod write_note;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub use act::{Act, HallAct};
pub use answer_in_writing::WrittenAnswer;
pub use ask_question::NewQuestion;
pub use claim_post::{ClaimInput, Claimed};
pub use classifier::{Classifier, Judgement, NoClassifier, Question as ClassifierQuestion};
pub use create_hall::HallInput;
pub use decide_posts::{DecisionInput, Preview, Seen};
pub use dispose_question::DispositionInput;
pub use edit_session::{SegmentInput, SessionInput};
pub use edit_words::{TRIAL_POSTS_MAX, Trial, WhichList, WordsInput, check_list};
pub use form_suggestion::SuggestionInput;
pub use identity::{Identity, IdentityKey};
pub use log_in::LoggedIn;
pub use move_session::{may_move, undisposed};
pub use reasons::{ReasonInput, ReasonText, table as reason_table, text_of as reason_text_of};
pub use sanction::SanctionInput;
pub use screening::{BrokenLine, WordsRead, finding_of};
pub use send_phone_code::{CodeSender, PhoneCodeSent};
pub use set_support::SupportWish;
pub use similar_questions::{Repeated, ShippedSentences};
pub use word_screens::WordMemory;

use crate::domain::ids::SessionId;
use crate::domain::rejection::Rejection;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::store::{Db, StoreError, Writer};

/// Tells the time; tests move it by hand.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Gives fresh randomness.
pub type Chance = Arc<dyn Fn() -> u32 + Send + Sync>;

/// Why a command changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It may not be; the person is told why.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The store could not; the person is told to try again, the cause goes to the log.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a command answers.
pub type Outcome<T> = Result<T, CommandError>;

/// How the commands are set up.
#[derive(Clone)]
pub struct Options {
    /// Signs tokens and hashes phone numbers. Losing it logs every netizen out and forgets who verified.
    pub key: IdentityKey,
    /// How long a login of staff lasts without a new one, in hours.
    pub login_hours: u32,
    /// Limits are not applied to the crowd of the demonstration and of load tests when they come from this machine.
    pub exempt_loopback: bool,
}

/// All commands. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    writer: Writer,
    clock: Clock,
    chance: Chance,
    options: Options,
    sessions: rows::Rows<SessionId, Session>,
    sanctions: cache::Sanctions,
    rates: rate::Rates,
    screens: screening::Screens,
    words: word_screens::WordScreens,
    classifier: classifier::Asked,
    waits: queue_wait::Waits,
    similar: similar_questions::Similar,
    rankings: fair_ranking::Rankings,
    passwords: password::Passwords,
    code_sender: Arc<dyn CodeSender>,
}

impl Commands {
    /// Commands over an open store.
    pub fn new(
        db: Db,
        writer: Writer,
        clock: Clock,
        chance: Chance,
        options: Options,
        code_sender: Arc<dyn CodeSender>,
        classifier: Arc<dyn Classifier>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                db,
                writer,
                clock,
                chance,
                options,
                sessions: rows::Rows::default(),
                sanctions: cache::Sanctions::default(),
                rates: rate::Rates::default(),
                screens: screening::Screens::default(),
                words: word_screens::WordScreens::default(),
                classifier: classifier::Asked::new(classifier),
                waits: queue_wait::Waits::default(),
                similar: similar_questions::Similar::default(),
                rankings: fair_ranking::Rankings::default(),
                passwords: password::Passwords::default(),
                code_sender,
            }),
        }
    }

    fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    fn chance(&self) -> u32 {
        (self.inner.chance)()
    }

    /// Runs a change in a transaction that has no session and no rights of its own.
    async fn run<T, F>(&self, change: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut crate::store::Tx) -> BoxFuture<'t, Outcome<T>> + Send + 'static,
    {
        self.inner.writer.run(change).await
    }

    /// Ends the writer after everything taken so far is committed; later commands are answered `unavailable`.
    pub async fn stop(&self) {
        self.inner.writer.stop().await;
    }

    /// Drops what has not been used for a while from the caches and limiters. Called about once a minute.
    pub fn sweep(&self) {
        self.inner.rates.sweep();
        self.inner.screens.sweep(self.now());
        self.inner.words.sweep(self.now());
        self.inner.waits.sweep(self.now());
        self.inner.sanctions.sweep(self.now());
        self.inner.sessions.sweep(self.now());
        self.inner.similar.sweep(self.now());
        self.inner.rankings.sweep(self.now());
    }
}
