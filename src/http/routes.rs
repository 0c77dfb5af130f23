//! All routes, on one page. `docs/api.md` says what each takes and answers.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::routing::{delete, get, post, put};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::{
    Door, answers, audit, closing, fair, halls, health, ledger, live, media, moderation, package, pages,
    people, posts, receipts, sessions, similar, staff, stage, suggestions, word_lists,
};
use crate::domain::limits::REQUEST_BYTES_MAX;

/// Largest body of who has no login, in bytes: a question of 500 of the longest characters is 32 KiB. Strangers may send many at once.
const ANYBODY_BYTES_MAX: usize = 64 * 1024;

/// The whole site.
pub fn router(door: Door) -> Router {
    let anybody = Router::new()
        // Public
        .route("/options", get(health::options))
        .route("/demonstration/links", get(health::demonstration_links))
        .route("/reasons", get(receipts::reasons))
        .route("/report-reasons", get(moderation::report_reasons))
        .route("/session-of-code/{code}", get(sessions::of_code))
        .route("/halls/{hall}/audit/head", get(audit::head))
        .route("/sessions/{session}/live", get(live::socket))
        .route("/sessions/{session}/events", get(live::events))
        .route("/sessions/{session}/view", get(live::view))
        .route("/sessions/{session}/questions", get(posts::questions).post(posts::ask))
        .route("/sessions/{session}/questions/similar", get(similar::questions))
        .route("/sessions/{session}/comments", get(posts::comments).post(posts::comment))
        .route("/sessions/{session}/ledger", get(ledger::tally))
        .route("/sessions/{session}/ledger/{bucket}", get(ledger::bucket))
        .route("/sessions/{session}/fair", get(fair::list))
        .route("/sessions/{session}/fairness", get(fair::report))
        .route("/sessions/{session}/withheld", get(receipts::withheld))
        .route("/sessions/{session}/qr.svg", get(sessions::qr))
        // Netizens
        .route("/participants", post(people::join))
        .route("/me", get(people::me).patch(people::rename))
        .route("/phone/codes", post(people::phone_code))
        .route("/phone/verify", post(people::phone_verify))
        .route("/sessions/{session}/mine", get(posts::mine))
        .route("/sessions/{session}/questions/{question}/support", put(posts::support).delete(posts::unsupport))
        .route("/sessions/{session}/posts/{kind}/{post}", delete(posts::withdraw))
        .route("/sessions/{session}/posts/{kind}/{post}/report", post(moderation::report))
        .route("/sessions/{session}/posts/{kind}/{post}/appeal", post(receipts::appeal))
        .route("/sessions/{session}/receipts", get(receipts::receipts))
        // Before a login
        .route("/staff/setup", post(staff::set_up))
        .route("/staff/login", post(staff::log_in))
        .layer(DefaultBodyLimit::max(ANYBODY_BYTES_MAX));
    let api = Router::new()
        // Accounts
        .route("/staff/logout", post(staff::log_out))
        .route("/staff/me", get(staff::me))
        .route("/staff/password", post(staff::password))
        .route("/staff/accounts", get(staff::accounts).post(staff::create))
        // Halls and sessions
        .route("/halls", get(halls::list).post(halls::create))
        .route("/halls/{hall}", get(halls::page).put(halls::edit))
        .route("/halls/{hall}/grants", put(halls::grant))
        .route("/halls/{hall}/words", get(halls::words).put(halls::edit_words))
        .route("/word-lists/{scope}", get(word_lists::lists))
        .route("/word-lists/{scope}/{kind}", get(word_lists::list).put(word_lists::edit))
        .route("/word-lists/{scope}/{kind}/trial", post(word_lists::trial))
        .route("/halls/{hall}/screening", get(word_lists::settings).put(word_lists::set_settings))
        .route("/halls/{hall}/audit", get(audit::page))
        .route("/halls/{hall}/audit/verification", get(audit::verification))
        .route("/halls/{hall}/audit.jsonl", get(audit::export))
        .route("/halls/{hall}/sessions", post(sessions::create))
        .route("/sessions/{session}", put(sessions::edit))
        .route("/sessions/{session}/prepared", get(sessions::prepared))
        .route("/sessions/{session}/state", post(sessions::move_to))
        .route("/sessions/{session}/policy", put(sessions::set_policy))
        .route("/sessions/{session}/emergency", get(sessions::emergency).put(sessions::start_emergency).delete(sessions::end_emergency))
        .route("/sessions/{session}/announcement", put(stage::announce))
        // Stage
        .route("/sessions/{session}/segment", post(stage::segment))
        .route("/sessions/{session}/next-up", put(stage::next_up))
        .route("/sessions/{session}/stage", put(stage::put_on))
        .route("/sessions/{session}/answering", post(stage::start_answer).delete(stage::stop_answer))
        // Moderation
        .route("/sessions/{session}/queue", get(moderation::queue))
        .route("/sessions/{session}/queue/similar", get(similar::repeated))
        .route("/sessions/{session}/reports/keep", post(moderation::keep))
        .route("/sessions/{session}/reports/reopen", post(moderation::reopen))
        .route("/halls/{hall}/notes", post(moderation::write_note))
        .route("/halls/{hall}/notes/{note}", delete(moderation::delete_note))
        .route("/halls/{hall}/desk-views", get(moderation::desk_views).put(moderation::keep_desk_views))
        .route("/sessions/{session}/claims", post(moderation::claim))
        .route("/sessions/{session}/claims/renew", post(moderation::renew_claims))
        .route("/sessions/{session}/claims/release", post(moderation::release_claims))
        .route("/sessions/{session}/decisions", post(moderation::decide))
        .route("/sessions/{session}/decisions/preview", post(moderation::preview))
        .route("/sessions/{session}/erasures", get(moderation::erasures).post(moderation::ask_erasure))
        .route("/sessions/{session}/erasures/{erasure}/confirm", post(moderation::confirm_erasure))
        .route("/sessions/{session}/erasures/{erasure}", delete(moderation::cancel_erasure))
        .route("/sessions/{session}/decisions/{decision}/undo", post(moderation::undo))
        .route("/sessions/{session}/appeals", get(receipts::appeals))
        .route("/sessions/{session}/appeals/{appeal}", post(receipts::decide_appeal))
        .route("/halls/{hall}/reasons", get(receipts::hall_reasons).put(receipts::edit_reasons))
        .route("/participants/{participant}/card", get(moderation::card))
        .route("/halls/{hall}/sanctions", post(moderation::sanction))
        .route("/halls/{hall}/sanctions/{sanction}", delete(moderation::lift))
        // Departments
        .route("/sessions/{session}/department-desk", get(answers::desk))
        .route("/questions/{question}/answers", post(answers::answer))
        .route("/questions/{question}/disposition", put(answers::dispose))
        .route("/questions/{question}/department", put(answers::route))
        // After it
        .route("/sessions/{session}/suggestions", get(suggestions::list).post(suggestions::form))
        .route("/suggestions/{suggestion}", put(suggestions::edit).delete(suggestions::drop))
        .route("/sessions/{session}/closing", get(closing::checklist))
        .route("/sessions/{session}/package.zip", get(package::zip))
        .route("/sessions/{session}/package", get(package::files))
        .route("/sessions/{session}/package/{*path}", get(package::file))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .merge(anybody)
        .fallback(pages::no_such_route)
        .method_not_allowed_fallback(pages::no_such_method);
    Router::new()
        .nest(
            "/api/v1",
            // Answers are of the moment and of who asks; the few that may be kept say so themselves.
            api.layer(SetResponseHeaderLayer::if_not_present(
                header::CACHE_CONTROL,
                HeaderValue::from_static("no-store"),
            ))
            .layer(CompressionLayer::new()),
        )
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/media/{session}/{file}", get(media::file))
        .fallback(pages::page)
        .layer(CatchPanicLayer::new())
        .with_state(door)
}
