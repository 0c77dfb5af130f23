//! Netizens: coming in, nicknames, phones, tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use yishiting::domain::limits::{
    PHONE_CODE_PAUSE_S, PHONE_CODE_TRIES, PHONE_CODE_TTL_S, PHONE_CODES_PER_HOUR,
};
use yishiting::domain::rejection::Code;
use yishiting::domain::words::Tier;
use yishiting::protocol::client::ClientMessage;
use yishiting::protocol::rest::{
    MeAnswer, PhoneCodeAnswer, PhoneCodeRequest, PhoneVerifyRequest, TokenAnswer,
};
use yishiting::store::Db;

use crate::support::database::texts;
use crate::support::rest::code;
use crate::support::world::{Kind, Setup};
use crate::support::{Refused, Rest, Viewer, World, on_both, on_both_with};

const PHONE: &str = "13800138000";

async fn send_code(world: &World, phone: &str) -> Result<PhoneCodeAnswer, Refused> {
    world
        .rest
        .post("/phone/codes", &PhoneCodeRequest { phone: phone.into() })
        .await
}

async fn verify(rest: &Rest, phone: &str, code: &str, name: &str) -> Result<TokenAnswer, Refused> {
    rest.post(
        "/phone/verify",
        &PhoneVerifyRequest {
            phone: phone.into(),
            code: code.into(),
            name: name.into(),
        },
    )
    .await
}

/// A code that is not the one.
fn another(code: &str) -> String {
    format!(
        "{:06}",
        (code.parse::<u32>().expect("six digits") + 1) % 1_000_000
    )
}

#[test]
fn a_guest_comes_in_with_a_nickname_and_may_change_it() {
    on_both(async |world| {
        let guest = world.join(" 老街坊 ").await.expect("a good name");
        assert_eq!(
            (guest.face.name.as_str(), guest.face.tier),
            ("老街坊", Tier::Guest)
        );
        let session = world.live().await;
        guest.comment(&session, "第一句").await.expect("taken");
        let renamed: TokenAnswer = guest
            .send(reqwest::Method::PATCH, "/me", Some(&json!({"name": "新街坊"})))
            .await
            .expect("renamed");
        assert_eq!(
            (renamed.participant.name.as_str(), &renamed.participant.id),
            ("新街坊", &guest.face.id)
        );
        let renamed = crate::support::Netizen::new(&world.rest, renamed);
        renamed.comment(&session, "第二句").await.expect("taken");
        let viewer = Viewer::open(&world.rest, &session).await;
        let names: Vec<&str> = viewer.seen.comments.values().map(|c| c.name.as_str()).collect();
        assert_eq!(
            names,
            ["老街坊", "新街坊"],
            "what was written keeps the name it was written under"
        );
    });
}

#[test]
fn offices_and_their_look_alikes_cannot_be_taken_as_nicknames() {
    on_both(async |world| {
        let guest = world.guest().await;
        let before = world.footprint().await;
        for name in [
            "市长",
            "王市长",
            "主持人",
            "主持人小张",
            "官方",
            "官方号",
            "市·長",
            "主 持 人",
            "аdmin",
            "Ａdmin",
            "admin01",
            "议事厅",
        ] {
            assert_eq!(
                world.join(name).await.err().map(|r| r.error.code),
                Some(Code::NameReserved),
                "{name}"
            );
            let patched = guest
                .send::<Value>(reqwest::Method::PATCH, "/me", Some(&json!({"name": name})))
                .await;
            assert_eq!(code(patched), Code::NameReserved, "{name}");
        }
        for (name, expected) in [
            ("", Code::Empty),
            ("\u{200b}\u{3000}", Code::Empty),
            (&"长".repeat(21), Code::TooLong),
            ("加我13800138000", Code::NameUnfit),
        ] {
            assert_eq!(
                world.join(name).await.err().map(|r| r.error.code),
                Some(expected),
                "{name}"
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
        world.join("市场小王").await.expect("a trade is no office");
    });
}

#[test]
fn a_person_who_proves_a_phone_is_verified_and_stays_the_same_person_on_every_device() {
    on_both(async |world| {
        let guest = world.guest().await;
        let answer = send_code(world, PHONE).await.expect("sent");
        assert_eq!(
            (answer.expires_s, answer.shown_code),
            (PHONE_CODE_TTL_S, None),
            "the code is shown in the demonstration only"
        );
        let verified = verify(&guest, PHONE, &world.codes.last_for(PHONE), "老街坊")
            .await
            .expect("the code is right");
        assert_eq!(
            (&verified.participant.id, verified.participant.tier),
            (&guest.face.id, Tier::Verified),
            "a guest keeps what was written"
        );
        world.clock.advance_s(i64::from(PHONE_CODE_PAUSE_S));
        send_code(world, "+86 138-0013-8000")
            .await
            .expect("the same number, written otherwise");
        let again = verify(&world.rest, PHONE, &world.codes.last_for(PHONE), "新名字")
            .await
            .expect("the code is right");
        assert_eq!(
            (&again.participant.id, again.participant.name.as_str()),
            (&guest.face.id, "新名字")
        );
        // A code works once.
        assert_eq!(
            code(verify(&world.rest, PHONE, &world.codes.last_for(PHONE), "第三次").await),
            Code::Expired
        );
    });
}

#[test]
fn wrong_codes_are_counted_and_after_five_the_right_one_is_void_too() {
    on_both(async |world| {
        send_code(world, PHONE).await.expect("sent");
        let right = world.codes.last_for(PHONE);
        for left in (0..PHONE_CODE_TRIES).rev() {
            let refused = verify(&world.rest, PHONE, &another(&right), "老街坊")
                .await
                .expect_err("wrong");
            assert_eq!((refused.status, refused.error.code), (422, Code::WrongCode));
            assert_eq!(refused.error.params["tries_left"], left.to_string());
        }
        assert_eq!(
            code(verify(&world.rest, PHONE, &right, "老街坊").await),
            Code::Expired
        );
        world.clock.advance_s(i64::from(PHONE_CODE_PAUSE_S));
        send_code(world, PHONE).await.expect("a new one");
        verify(&world.rest, PHONE, &world.codes.last_for(PHONE), "老街坊")
            .await
            .expect("the new one works");
    });
}

#[test]
fn a_code_ends_after_five_minutes_and_counts_for_its_own_number_only() {
    on_both(async |world| {
        send_code(world, PHONE).await.expect("sent");
        send_code(world, "13900139000").await.expect("sent");
        let right = world.codes.last_for(PHONE);
        assert_ne!(right, world.codes.last_for("13900139000"));
        assert_eq!(
            code(verify(&world.rest, "13900139000", &right, "老街坊").await),
            Code::WrongCode
        );
        assert_eq!(
            code(verify(&world.rest, "13700137000", &right, "老街坊").await),
            Code::Expired,
            "no code was sent to this number"
        );
        world.clock.advance_s(i64::from(PHONE_CODE_TTL_S));
        assert_eq!(
            code(verify(&world.rest, PHONE, &right, "老街坊").await),
            Code::Expired
        );
    });
}

#[test]
fn a_number_gets_one_code_a_minute_and_a_few_an_hour() {
    on_both(async |world| {
        for n in 1..=PHONE_CODES_PER_HOUR {
            send_code(world, PHONE)
                .await
                .unwrap_or_else(|e| panic!("code {n}: {e:?}"));
            let refused = send_code(world, PHONE).await.expect_err("within the same minute");
            assert_eq!((refused.status, refused.error.code), (429, Code::RateLimited));
            assert!(
                refused
                    .error
                    .retry_after_ms
                    .is_some_and(|ms| ms <= u64::from(PHONE_CODE_PAUSE_S) * 1_000),
                "{refused:?}"
            );
            world.clock.advance_s(i64::from(PHONE_CODE_PAUSE_S));
        }
        assert_eq!(
            code(send_code(world, PHONE).await),
            Code::RateLimited,
            "enough for this hour"
        );
        assert_eq!(
            world.codes.len(),
            PHONE_CODES_PER_HOUR as usize,
            "a refused code is not sent"
        );
        world.clock.advance_s(3_600);
        send_code(world, PHONE).await.expect("the next hour");
    });
}

#[test]
fn only_mobile_numbers_get_a_code() {
    on_both(async |world| {
        for phone in [
            "",
            "12345",
            "01012345678",
            "110",
            "1380013800000",
            "１３８００１３８０００",
            "'; DROP TABLE participant; --",
        ] {
            assert_eq!(code(send_code(world, phone).await), Code::OutOfRange, "{phone}");
        }
        assert_eq!(world.codes.len(), 0);
    });
}

#[test]
fn neither_a_phone_number_nor_its_code_is_stored_anywhere() {
    on_both(async |world| {
        let person = world.verified(PHONE).await;
        let session = world.live().await;
        person.comment(&session, "实名发言").await.expect("taken");
        let sent = world.codes.last_for(PHONE);
        match world.db() {
            Db::Sqlite { .. } => {
                for file in ["yishiting.db", "yishiting.db-wal"] {
                    let bytes = std::fs::read(world.database.folder.path().join(file)).expect("readable");
                    assert!(!bytes.windows(PHONE.len()).any(|w| w == PHONE.as_bytes()), "the number is in {file}");
                }
            }
            Db::Pg(_) => {
                for row in texts(world.db(), "SELECT CAST(participant AS TEXT) FROM participant UNION ALL SELECT CAST(phone_code AS TEXT) FROM phone_code").await {
                    assert!(!row.contains(PHONE) && !row.contains(&format!(",{sent},")), "{row}");
                }
            }
        }
        assert_ne!(
            texts(world.db(), "SELECT code_hash FROM phone_code").await,
            [sent]
        );
        let moderator = world.staff(yishiting::domain::words::Role::Moderator).await;
        let card = moderator
            .text(format!(
                "/participants/{}/card?hall_id={}",
                person.face.id, world.hall.id
            ))
            .await;
        assert!(card.contains("实名发言") && !card.contains(PHONE), "{card}");
    });
}

#[test]
fn a_forged_or_foreign_token_is_refused_on_every_door() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let [version, payload, signature] = guest.token.split('.').collect::<Vec<_>>()[..] else {
            panic!("three parts")
        };
        let mut promoted: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("ours")).expect("ours");
        promoted["tier"] = json!("staff");
        let promoted = URL_SAFE_NO_PAD.encode(promoted.to_string());
        let before = world.footprint().await;
        for token in [
            String::new(),
            "x".into(),
            "v1..".into(),
            format!("{version}.{promoted}.{signature}"),
            format!("{version}.{payload}."),
            format!("{version}.{payload}.{}", "A".repeat(43)),
            format!("v2.{payload}.{signature}"),
            format!("{version}.{payload}.{signature}{signature}"),
            "v1.".to_owned() + &"A".repeat(100_000),
        ] {
            let rest = world.rest.with_bearer(&token);
            if token.len() < 10_000 {
                assert_eq!(
                    code(rest.get::<MeAnswer>("/me").await),
                    Code::Unauthenticated,
                    "{token}"
                );
                let body = json!({"ref": "ref-forged", "body": "冒名"});
                assert_eq!(
                    code(
                        rest.post::<Value>(format!("/sessions/{session}/comments"), &body)
                            .await
                    ),
                    Code::Unauthenticated,
                    "{token}"
                );
            }
            if token.len() < 8_000 {
                let mut viewer = Viewer::open(&world.rest, &session).await;
                let hello = serde_json::to_string(&ClientMessage::Hello { token, version: 1 }).expect("JSON");
                assert_eq!(viewer.refusal_of(&hello).await.code, Code::Unauthenticated);
                // The connection survives and goes on reading, and may greet again with a good one.
                viewer.greet(&guest).await;
            }
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn tokens_of_another_server_and_old_tokens_are_refused() {
    on_both(async |world| {
        let guest = world.guest().await;
        let mut elsewhere = World::start(
            Kind::Sqlite,
            &Setup {
                key: [8; 32],
                ..Setup::default()
            },
        )
        .await
        .expect("SQLite is always there");
        let stranger = world.rest.with_bearer(&elsewhere.guest().await.token);
        assert_eq!(code(stranger.get::<MeAnswer>("/me").await), Code::Unauthenticated);
        elsewhere.stop().await;
        world.clock.advance_s(399 * 86_400);
        let _: MeAnswer = guest.get("/me").await.expect("good for more than a year");
        world.clock.advance_s(2 * 86_400);
        assert_eq!(code(guest.get::<MeAnswer>("/me").await), Code::Expired);
    });
}

#[test]
fn a_token_survives_a_restart_of_the_server() {
    on_both(async |world| {
        let guest = world.guest().await;
        world.restart().await;
        let me: MeAnswer = guest.get("/me").await.expect("the key is the same");
        assert_eq!(me.participant, guest.face);
    });
}

#[test]
fn an_address_that_floods_the_door_is_held_up() {
    on_both_with(
        &Setup {
            limit_addresses: true,
            ..Setup::default()
        },
        async |world| {
            // Phones are the tightest door: sixty at once.
            let mut last = None;
            for i in 0..70 {
                last = verify(&world.rest, &format!("138{i:08}"), "000000", "老街坊")
                    .await
                    .err()
                    .map(|r| r.error.code);
            }
            assert_eq!(
                last,
                Some(Code::Expired),
                "a hundred and twenty tries are for a whole estate behind one gateway"
            );
            for i in 0..60 {
                last = verify(&world.rest, &format!("139{i:08}"), "000000", "老街坊")
                    .await
                    .err()
                    .map(|r| r.error.code);
            }
            assert_eq!(last, Some(Code::RateLimited));
        },
    );
}
