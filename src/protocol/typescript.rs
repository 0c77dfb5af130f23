//! TypeScript of the wire, generated so that page and server cannot disagree.
//!
//! `cargo run -- types` writes `web/src/wire/types.ts`; a test fails when the file is stale.

use ts_rs::{Config, TS};

use super::{client, record, rest, server};
use crate::domain::{appeal, claim, erasure, note, rejection, screening_settings, session, words};

macro_rules! declarations {
    ($cfg:expr; $($ty:ty),* $(,)?) => { [$(<$ty as TS>::decl($cfg)),*] };
}

/// The whole file.
pub fn types() -> String {
    let cfg = Config::new().with_large_int("number");
    let parts = declarations![&cfg;
        words::SessionState, words::SessionKind, words::Tier, words::Channel, words::PostKind, words::PostState, words::ModerationMode,
        words::Disposition, words::Role, words::AnswerKind, words::AnswerType, words::SanctionKind, words::SanctionReach, session::EmergencyStep, words::Verdict,
        words::SuggestionSource, words::QuestionSort, words::Bucket, rejection::Code, note::NoteSubject, erasure::ErasureState, claim::ConflictCause, claim::Conflict,
        client::ClientMessage,
        server::ServerMessage, server::ParticipantFace, server::View, server::SessionFace, server::PolicyFace, server::DepartmentFace,
        server::SegmentFace, server::MaterialFace, server::StageFace, server::AnsweringFace, server::CommentFace, server::QuestionFace,
        server::AnswerFace, server::Batch, server::Item, server::What, server::BackstageView, server::QueueItem, server::FindingFace,
        server::EmergencyFace, server::PostKey, server::ReportsFace, server::ClaimFace, server::DecisionFace, server::DecidedItem, server::State, server::Ack, server::ErrorMessage, server::OwnPost,
        rest::JoinRequest, rest::RenameRequest, rest::PhoneCodeRequest, rest::PhoneVerifyRequest, rest::CommentRequest,
        rest::QuestionRequest, rest::SetupRequest, rest::LoginRequest, rest::PasswordRequest, rest::CreateStaffRequest,
        rest::GrantRequest, rest::HallRequest, rest::DepartmentRequest, rest::SessionRequest, rest::SegmentRequest,
        rest::MaterialRequest, rest::StateRequest, rest::AnnouncementRequest, rest::SegmentStartRequest, rest::NextUpRequest,
        rest::StageRequest, rest::AnswerStartRequest, rest::AnswerStopRequest, rest::AnswerRequest, rest::DispositionRequest,
        rest::DecisionRequest, rest::DecisionItem, rest::ClaimRequest, rest::ClaimItem, rest::LeasesRequest, rest::ReportRequest, rest::KeepRequest, rest::PolicyRequest, rest::ReopenRequest, rest::ErasureRequest, rest::ErasureFace, rest::PreviewAnswer, rest::NoteRequest, rest::DeskViewsRequest, rest::DeskView, rest::SanctionRequest, rest::EmergencyRequest, rest::WordsRequest, rest::SuggestionRequest, rest::RoleGrant,
        rest::TokenAnswer, rest::PhoneCodeAnswer, rest::MeAnswer, rest::MineAnswer, rest::QuestionPage, rest::SimilarAnswer,
        rest::RepeatedAnswer, rest::RepeatedQuestion, rest::Repetition, rest::CommentPage, rest::HallCard,
        rest::HallPage, rest::SessionCard, rest::Tally, rest::LedgerAnswer, rest::LedgerPage, rest::LedgerItem, rest::StaffMe,
        rest::StaffHall, rest::StaffAccount, rest::PreparedSession, rest::QueuePage, rest::AuthorCard, rest::AuthorSession, rest::NoteFace, rest::SanctionFace, rest::EmergencyAnswer,
        rest::DepartmentDesk, rest::DeskQuestion, rest::SuggestionFace, rest::ClosingChecklist, rest::WordsAnswer, rest::BrokenLine,
        rest::ReasonFace, rest::DecisionAnswer, rest::ClaimAnswer, rest::RenewAnswer, rest::JoinAnswer,
        record::AuditPage, record::AuditRecord, record::AuditHead, record::AuditVerification,
        appeal::AppealState, appeal::AppealVerdict, record::AppealRequest, record::AppealDecisionRequest, record::ReasonsRequest, record::ReasonRequest,
        record::ReceiptsAnswer, record::ReceiptFace, record::ReasonWords, record::AppealFace, record::AppealDecisionAnswer, record::AppealPage, record::AppealItem,
        record::FairAnswer, record::FairRow, record::FairnessReport, record::TopQuestion, record::GroupLine, record::ChoiceFace,
        screening_settings::External, screening_settings::WordKind, record::WordListRequest, record::WordTrialRequest, record::ScreeningRequest,
        record::WordListsAnswer, record::WordListHead, record::WordListAnswer, record::WordListSaved, record::WordTrialAnswer,
        record::WordTrialChange, record::ScreeningFace,
        record::WithheldAnswer, record::WithheldLine, record::HallReasons, record::HallReasonFace,
    ];
    let mut out = String::from(
        "// Generated from src/protocol by `cargo run -- types`. Do not edit: a test compares it with the Rust types.\n\n",
    );
    for id in [
        "HallId",
        "SessionId",
        "SegmentId",
        "DepartmentId",
        "MaterialId",
        "ParticipantId",
        "StaffId",
        "CommentId",
        "QuestionId",
        "AnswerId",
        "DecisionId",
        "LeaseId",
        "NoteId",
        "ErasureId",
        "SanctionId",
        "SuggestionId",
        "AppealId",
        "Ref",
    ] {
        out.push_str(&format!("export type {id} = string\n"));
    }
    out.push_str("/** Milliseconds since 1970-01-01 UTC. */\nexport type Timestamp = number\n");
    for part in parts {
        out.push_str("export ");
        out.push_str(&part);
        out.push('\n');
    }
    out.push_str(&format!("\nexport const PROTOCOL_VERSION = {}\n", super::VERSION));
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_generated_file_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/src/wire/types.ts");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == super::types(),
            "web/src/wire/types.ts is stale; run `cargo run -- types`"
        );
    }
}
