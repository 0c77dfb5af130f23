//! Sockets of one address have a number, and those of others are not counted with them.

use reqwest::Method;
use yishiting::domain::rejection::Code;

use super::in_a_world;
use super::raw::{Raw, handshake};
use crate::support::rest::{NOTHING, answer_of};
use crate::support::wait::eventually;
use crate::support::world::Setup;

const MAX: usize = 20;

fn setup(config: &str) -> Setup {
    Setup {
        config: config.into(),
        config_live: format!("sockets_per_address_max = {MAX}\n"),
        ..Setup::default()
    }
}

#[test]
fn one_address_gets_so_many_sockets_and_another_its_own() {
    in_a_world(&setup(""), async |world| {
        let session = world.live().await;
        let base = &world.rest.base;
        let mut held = Vec::new();
        let refused = loop {
            let mut raw = Raw::connect(base).await;
            raw.send(handshake(&format!("/api/v1/sessions/{session}/live"), &[]))
                .await;
            // Who is one too many may hear of it by the reset only.
            match raw.answer().await {
                Some(answer) if answer.status == 101 => held.push(raw),
                other => break other,
            }
            assert!(held.len() <= MAX);
        };
        assert!(refused.is_none_or(|answer| answer.status == 429));
        // The connections the test itself keeps are counted too.
        assert!(held.len() >= MAX - 5, "{}", held.len());
        let elsewhere = Raw::connect_from("127.0.0.2", base).await;
        assert_eq!(
            elsewhere.expect("it listens").healthy().await,
            Some(200),
            "another address"
        );
        held.truncate(MAX / 2);
        eventually("room again", async || {
            (Raw::connect(base).await.healthy().await == Some(200)).then_some(())
        })
        .await;
        assert_eq!(held.len(), MAX / 2);
    });
}

#[test]
fn behind_a_trusted_proxy_the_clients_are_counted_and_not_the_proxy() {
    in_a_world(&setup("trusted_proxies = [\"127.0.0.1\"]"), async |world| {
        let session = world.live().await;
        let base = &world.rest.base;
        let live = format!("/api/v1/sessions/{session}/live");
        let come = async |client: &str| {
            let mut raw = Raw::connect(base).await;
            raw.send(handshake(&live, &[("X-Forwarded-For", client)])).await;
            (raw.answer().await.expect("an answer").status, raw)
        };
        let watch_events = async |client: &str| {
            world
                .rest
                .request(Method::GET, &format!("/sessions/{session}/events"))
                .header("x-forwarded-for", client)
                .send()
                .await
                .expect("answers")
        };
        let mut held = Vec::new();
        for _ in 0..MAX - 1 {
            let (status, raw) = come("203.0.113.7").await;
            assert_eq!(status, 101);
            held.push(raw);
        }
        let stream = watch_events("203.0.113.7").await;
        assert_eq!(stream.status(), 200, "an event stream is one of them");
        assert_eq!(come("203.0.113.7").await.0, 429);
        let refused = watch_events("203.0.113.7").await;
        let refused = answer_of::<()>("events", refused)
            .await
            .expect_err("one too many");
        assert_eq!(refused.error.code, Code::RateLimited);
        assert!(refused.error.retry_after_ms.is_some());
        assert_eq!(come("203.0.113.8").await.0, 101, "the neighbour");
        // Pages are not refused, and the proxy itself is not counted, however many sockets it has.
        for _ in 0..2 * MAX {
            held.push(Raw::connect(base).await);
        }
        let page = world.rest.raw(Method::GET, "healthz", NOTHING).await;
        assert_eq!(page.status(), 200);
        drop(stream);
        eventually("the place of the stream", async || {
            (come("203.0.113.7").await.0 == 101).then_some(())
        })
        .await;
        held.clear();
        eventually("the places of the others", async || {
            (come("203.0.113.7").await.0 == 101).then_some(())
        })
        .await;
    });
}
