//! What a browser says: any text is a message or none, a message says again what it said, and what it carries is cleaned, measured
//! and screened without a panic and with spans that lie in it.

#![no_main]
#![allow(dead_code, unused_imports, reason = "modules are taken by path and used in part")]

#[path = "../../src/domain/mod.rs"]
mod domain;
#[path = "../../src/protocol/mod.rs"]
mod protocol;

use std::sync::OnceLock;

use domain::nickname::Nickname;
use domain::screen::{Context, Screen};
use domain::text::{Body, QUESTION_GRAPHEMES_MAX, clean, graphemes};
use libfuzzer_sys::fuzz_target;
use protocol::client::ClientMessage;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let body = match serde_json::from_str::<ClientMessage>(text) {
        Ok(message) => {
            let again = serde_json::to_string(&message).expect("our own types are JSON");
            assert_eq!(serde_json::from_str::<ClientMessage>(&again).expect("ours"), message);
            match message {
                ClientMessage::Comment { body, .. } | ClientMessage::Question { body, .. } => body,
                ClientMessage::Hello { token, .. } => token,
                ClientMessage::Withdraw { id, .. } => id,
                ClientMessage::Support { .. } => return,
            }
        }
        // What is no message is a body all the same, as if somebody had wrapped it.
        Err(_) => text.to_owned(),
    };
    if let Ok(parsed) = Body::parse(&body, QUESTION_GRAPHEMES_MAX) {
        let shown = parsed.as_str();
        assert!(graphemes(shown) <= QUESTION_GRAPHEMES_MAX);
        assert_eq!(clean(shown), shown, "cleaning twice changes nothing");
        assert_eq!(
            Body::parse(shown, QUESTION_GRAPHEMES_MAX).as_ref().map(Body::as_str),
            Ok(shown),
            "what was taken is taken again"
        );
        let chars = shown.chars().count();
        let screening = screen().check(shown, &Context::default());
        for finding in &screening.findings {
            // In characters of the text as it is shown.
            let span = &finding.span;
            assert!(span.start < span.end && span.end <= chars, "{finding:?} of {chars}");
        }
        assert_eq!(
            screen().check(shown, &Context::default()).findings,
            screening.findings,
            "the same text gets the same verdict"
        );
    }
    let _ = Nickname::parse(&body);
});

fn screen() -> &'static Screen {
    static SCREEN: OnceLock<Screen> = OnceLock::new();
    SCREEN.get_or_init(Screen::starter)
}
