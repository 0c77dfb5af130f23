//! Fair selection: lists by a documented rule, choices on record, a report afterwards.

use yishiting::domain::ids::{QuestionId, SessionId};
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{Role, SessionState};
use yishiting::protocol::record::{FairAnswer, FairnessReport};
use yishiting::protocol::rest::{QuestionPage, QuestionRequest, StageRequest};
use yishiting::protocol::server::{Ack, SessionFace};

use crate::support::World;
use crate::support::people::question_id;
use crate::support::rest::{code, new_ref};
use crate::support::world::on_both;

async fn asked(world: &World, session: &SessionId, topic: &str, supports: u32) -> QuestionId {
    let request = QuestionRequest {
        r#ref: new_ref(),
        body: format!("{topic}的事什么时候办，第{supports}问"),
        topic: Some(topic.into()),
        department_id: None,
        place: None,
    };
    let ack: Ack = world
        .guest()
        .await
        .post(format!("/sessions/{session}/questions"), &request)
        .await
        .expect("taken");
    let id = question_id(&ack);
    for _ in 0..supports {
        world
            .guest()
            .await
            .support(session, &id, true)
            .await
            .expect("counted");
    }
    id
}

#[test]
fn a_late_question_with_the_same_rate_stands_where_an_early_one_does() {
    on_both(async |world| {
        let session = world.live().await;
        let early = asked(world, &session, "水价", 4).await;
        world.clock.advance_ms(30 * 60_000);
        let late = asked(world, &session, "燃气", 2).await;
        let never = asked(world, &session, "停车", 0).await;
        world.clock.advance_ms(10 * 60_000);
        let by_support: FairAnswer = world
            .rest
            .get(format!("/sessions/{session}/fair"))
            .await
            .expect("public");
        assert_eq!(by_support.rows[0].question.id, early);
        let by_rate: FairAnswer = world
            .rest
            .get(format!("/sessions/{session}/fair?view=not_yet_heard"))
            .await
            .expect("public");
        let order: Vec<&QuestionId> = by_rate.rows.iter().map(|r| &r.question.id).collect();
        assert_eq!(order, [&late, &early, &never]);
        assert!(by_rate.rows[0].first_of_topic && by_rate.rows[1].first_of_topic);
        assert!(!by_rate.rows[2].first_of_topic, "nobody supports it");
        // The public list sorts by the same rule, in pages.
        let path = format!("/sessions/{session}/questions?sort=not_yet_heard&limit=2");
        let page: QuestionPage = world.rest.get(&path).await.expect("public");
        assert_eq!((page.questions.len(), page.total), (2, 3));
        assert_eq!(page.questions[0].id, late);
        let next = page.next_cursor.expect("a second page");
        let page: QuestionPage = world
            .rest
            .get(format!("{path}&cursor={next}"))
            .await
            .expect("public");
        assert_eq!((page.questions[0].id.clone(), page.next_cursor), (never, None));
        let narrowed: FairAnswer = world
            .rest
            .get(format!("/sessions/{session}/fair?topic=%E6%B0%B4%E4%BB%B7"))
            .await
            .expect("public");
        assert_eq!((narrowed.rows.len(), narrowed.waiting), (1, 3));
    });
}

#[test]
fn the_hosts_choice_is_on_record_with_its_places_and_the_report_says_how_fair_it_was() {
    on_both(async |world| {
        let session = world.live().await;
        let popular = asked(world, &session, "水价", 3).await;
        let mut rest = Vec::new();
        for n in 0..25 {
            rest.push(asked(world, &session, "燃气", 1 + n % 2).await);
        }
        let nobody = asked(world, &session, "燃气", 0).await;
        world.clock.advance_ms(10 * 60_000);
        let host = world.staff(Role::Host).await;
        host.put_on_stage(&session, Some(&popular))
            .await
            .expect("on stage");
        host.start_answer(&session, &world.department(0))
            .await
            .expect("begun");
        world.clock.advance_ms(60_000);
        host.stop_answer(&session, "").await.expect("answered");
        let long = StageRequest {
            question_id: Some(nobody.clone()),
            reason: "长".repeat(101),
        };
        let path = format!("/sessions/{session}/stage");
        assert_eq!(code(host.put::<SessionFace>(&path, &long).await), Code::TooLong);
        let request = StageRequest {
            question_id: Some(nobody.clone()),
            reason: "提问人在现场".into(),
        };
        let _: SessionFace = host.put(&path, &request).await.expect("on stage");
        // The same once more is no second choice.
        let _: SessionFace = host.put(&path, &request).await.expect("still on stage");
        let fairness = format!("/sessions/{session}/fairness");
        assert_eq!(
            code(world.rest.get::<FairnessReport>(&fairness).await),
            Code::NotFound
        );
        let report: FairnessReport = host.get(&fairness).await.expect("staff may at any time");
        assert_eq!((report.published, report.heard, report.top_heard), (27, 1, 1));
        assert_eq!(report.choices.len(), 2);
        let (first, second) = (&report.choices[0], &report.choices[1]);
        assert_eq!((first.rank_supported, first.of, first.outside), (1, 27, false));
        assert_eq!(first.supports, 3);
        assert_eq!((second.question_id.clone(), second.outside), (nobody, true));
        assert_eq!(second.reason, "提问人在现场");
        assert_eq!((report.outside, report.outside_with_reason), (1, 1));
        let water = report.topics.iter().find(|g| g.name == "水价").expect("a topic");
        assert_eq!((water.asked, water.heard, water.top_heard), (1, 1, 1));
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        let public: FairnessReport = world.rest.get(&fairness).await.expect("public after the end");
        assert!(public.choices.iter().all(|c| c.by_name.is_empty()));
        assert_eq!(public.choices.len(), 2);
    });
}
