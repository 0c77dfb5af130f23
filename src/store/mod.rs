//! The truth on disk: rows, the event log and its tail. The only SQL of the program.
//!
//! Reading goes through [`Db::read`], which gives a [`Conn`]; changing goes through the one [`Writer`], which commits what is ready
//! together. Both databases run the same text: `$1` parameters, BIGINT, TEXT, BOOLEAN, no functions of one of them.
//! Knows nothing of sockets, wire messages or the live fan-out.

mod answers;
mod appeals;
mod audit;
mod checkpoint;
mod claims;
mod conn;
mod db;
mod erasures;
mod fair;
mod halls;
mod ledger;
mod log;
mod notes;
mod participants;
mod posts;
mod reports;
mod sessions;
mod staff;
mod suggestions;
mod supports;
mod tail;
mod word_lists;
mod wordings;
mod writer;

pub use appeals::{AppealDecision, HallReason, Withheld};
pub use audit::{Audit, Carried};
pub use conn::{Conn, StoreError};
pub use db::{Db, Options, Reader, Snapshot};
pub use ledger::{BucketPage, LedgerRow};
pub use participants::{Participant, PhoneCode, Sanction};
pub use posts::{NewComment, PostPage, QuestionFilter, QueueFilter};
pub use reports::NewReport;
pub use sessions::{CardRow, SessionRow};
pub use tail::{Follower, Tail};
pub use word_lists::{ListVersion, ListVersions, NewListVersion, PostText};
pub use wordings::Wording;
pub use writer::{Options as WriterOptions, Stored, Support, SupportChange, Tx, Writer};

/// An error with its causes on one line, for the log.
pub fn report(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
