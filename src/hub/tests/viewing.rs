use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::stage::*;
use crate::domain::event::{Event, OwnChange};
use crate::domain::ids::DecisionId;
use crate::domain::post::{Decided, Decision};
use crate::domain::words::{Channel, PostKind, PostState, SessionState, Verdict};
use crate::hub::*;
use crate::protocol::server::{Ack, ServerMessage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_gets_the_view_and_then_what_happens() {
    let stage = Stage::new(quick()).await;
    stage.say([question(1), comment(1)]);
    let mut viewer = stage.viewer(None);
    viewer.read_to(2);
    assert_eq!(viewer.views.len(), 1);
    assert_eq!(viewer.views[0].comments.len(), 1);
    assert_eq!(viewer.views[0].questions.len(), 1);
    stage.say([comment(2), supports(1, 7), comment(3)]);
    viewer.read_to(5);
    assert_eq!(
        viewer.comments,
        [(3, "评论2号".to_owned()), (5, "评论3号".to_owned())]
    );
    assert_eq!(viewer.tallies[&question_id(1)], 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_event_after_silence_does_not_wait_for_the_tick() {
    let stage = Stage::new(Options {
        tick_ms: 3_000,
        ..quick()
    })
    .await;
    let mut viewer = stage.viewer(None);
    viewer.read_to(0);
    let begun = Instant::now();
    stage.say([comment(1)]);
    viewer.read_to(1);
    assert!(
        begun.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        begun.elapsed()
    );
    // The burst behind it leaves together.
    for n in 2..=20 {
        stage.say([comment(n)]);
    }
    viewer.read_to(20);
    assert_eq!(viewer.batches, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_viewer_misses_nothing_and_repeats_nothing_from_every_number() {
    let stage = Stage::new(quick()).await;
    for n in 1..=40 {
        stage.say([comment(n)]);
        if n % 3 == 0 {
            tokio::time::sleep(Duration::from_millis(7)).await;
        }
    }
    let mut witness = stage.viewer(Some(0));
    witness.read_to(40);
    for since in 0..=40 {
        let mut viewer = stage.viewer(Some(since));
        // Figures tell that nothing was missed.
        viewer.read_until(|viewer| viewer.seq == Some(40) && !viewer.others.is_empty());
        assert!(viewer.views.is_empty(), "a whole view for {since}");
        let numbers: Vec<u64> = viewer.comments.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(numbers, (since + 1..=40).collect::<Vec<_>>());
    }
    let mut stranger = stage.viewer(Some(41));
    stranger.seq = None;
    stranger.read_to(40);
    assert_eq!(stranger.views.len(), 1, "a number never given out gets the view");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_missed_more_than_a_view_is_worth_gets_a_view() {
    let stage = Stage::new(Options {
        resume_bytes_max: 6_000,
        ..quick()
    })
    .await;
    let mut witness = stage.viewer(Some(0));
    for n in 1..=10 {
        stage.say([long_comment(n, 1_000)]);
        witness.read_to(n.into());
    }
    for (since, by_view) in [(0, true), (9, false)] {
        let mut viewer = stage.viewer(Some(since));
        viewer.read_until(|viewer| viewer.seq == Some(10) && (by_view || !viewer.others.is_empty()));
        assert_eq!(viewer.views.len(), usize::from(by_view), "since {since}");
        let key = stage.key(Channel::Public);
        let mut stream = stage
            .hub
            .subscribe(&key, Some(since), false)
            .expect("open to all");
        let first = stream.next().await.expect("a message").json;
        let first: ServerMessage = serde_json::from_slice(&first).expect("JSON");
        assert_eq!(
            matches!(first, ServerMessage::View(_)),
            by_view,
            "a stream since {since}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_viewers_resume_from_the_log() {
    let id = session_id(1);
    let before = Stage::with(quick(), seed(&id));
    let recent = before.log((1..=30).map(|n| if n == 20 { removed_comment(12) } else { comment(n) }));
    let mut restarted = seed(&id);
    restarted.public.seq = 30;
    restarted.public.recent = recent[9..].to_vec();
    let stage = Stage::with(quick(), restarted);
    stage.hub.open(&id).await.expect("opened");
    for since in 9..=30 {
        let mut viewer = stage.viewer(Some(since));
        viewer.read_until(|viewer| viewer.seq == Some(30) && !viewer.others.is_empty());
        assert!(viewer.views.is_empty());
        let expected: Vec<u64> = (since + 1..=30).filter(|n| *n != 20 && *n != 12).collect();
        assert_eq!(
            viewer.comments.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(),
            expected
        );
        assert!(!viewer.saw("评论12号"), "what was removed is not replayed");
    }
    let mut long_away = stage.viewer(Some(8));
    long_away.seq = None;
    long_away.read_to(30);
    assert_eq!(long_away.views.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_loaded_once_however_many_come_at_the_same_time() {
    let id = session_id(1);
    let stage = Stage::with(quick(), seed(&id));
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    stage.hub.on_open(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    stage.store.failures_left.store(1, Ordering::SeqCst);
    let all = (0..200).map(|_| stage.hub.open(&id));
    assert!(
        futures_util::future::join_all(all)
            .await
            .iter()
            .all(Result::is_err),
        "a failure is everybody's"
    );
    let all = (0..200).map(|_| stage.hub.open(&id));
    assert!(
        futures_util::future::join_all(all)
            .await
            .into_iter()
            .all(|opened| opened.is_ok_and(|there_is| there_is))
    );
    assert_eq!(stage.store.loads.load(Ordering::SeqCst), 2);
    assert_eq!(told.load(Ordering::SeqCst), 1);
    assert!(!stage.hub.open(&session_id(9)).await.expect("the store answers"));
    assert_eq!(stage.hub.followed(), [(id, 0, 0)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivery_moves_the_position_at_once_and_passes_over_repeats_and_holes() {
    let stage = Stage::new(quick()).await;
    let events = stage.log((1..=6).map(comment).chain([held(7)]));
    stage.hub.deliver(&events[..3]);
    assert_eq!(stage.hub.position(&stage.id), Some((3, 0)));
    stage.hub.deliver(&events[1..3]);
    stage.hub.deliver(&events[4..6]);
    assert_eq!(stage.hub.position(&stage.id), Some((3, 0)));
    stage.hub.deliver(&events[2..]);
    assert_eq!(stage.hub.position(&stage.id), Some((6, 1)));
    assert_eq!(stage.hub.position(&session_id(9)), None);
    let mut viewer = stage.viewer(Some(0));
    viewer.read_to(6);
    assert_eq!(viewer.comments.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_removed_before_a_viewer_came_never_reaches_it() {
    let stage = Stage::new(quick()).await;
    let mut witness = stage.viewer(None);
    witness.read_to(0);
    stage.say([comment(1), question(2), comment(3)]);
    witness.read_to(3);
    // A view with the texts is fresh when they are removed.
    assert!(
        stage
            .hub
            .view_json(&stage.id)
            .is_some_and(|json| String::from_utf8_lossy(&json).contains("评论1号"))
    );
    stage.say([removed_comment(1), removed_question(2)]);
    let mut joiners: Vec<Viewer> = [None, Some(0), Some(1)]
        .into_iter()
        .map(|since| stage.viewer(since))
        .collect();
    let mut stream = stage
        .hub
        .subscribe(&stage.key(Channel::Public), Some(0), false)
        .expect("public");
    witness.read_to(5);
    joiners.extend(
        [None, Some(0), Some(1)]
            .into_iter()
            .map(|since| stage.viewer(since)),
    );
    stage.say([comment(4)]);
    for joiner in &mut joiners {
        joiner.seq = None;
        joiner.read_to(6);
        assert!(joiner.saw("评论3号") && !joiner.saw("评论1号") && !joiner.saw("问题2号"));
        assert_eq!(joiner.views[0].questions_total, 0);
    }
    // Who had seen both before it left is told that they are gone, without a new view.
    let mut returned = stage.viewer(Some(3));
    returned.read_to(6);
    assert!(returned.views.is_empty() && returned.saw("post_removed") && !returned.saw("评论1号"));
    loop {
        let event = stream.next().await.expect("open");
        assert!(!String::from_utf8_lossy(&event.json).contains("评论1号"));
        if event.id == Some(6) {
            break;
        }
    }
    assert!(
        stage
            .hub
            .view_json(&stage.id)
            .is_some_and(|json| !String::from_utf8_lossy(&json).contains("评论1号"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_removed_before_its_batch_left_reaches_nobody() {
    let stage = Stage::new(quick()).await;
    let mut viewer = stage.viewer(None);
    viewer.read_to(0);
    stage.say([
        comment(1),
        question(2),
        comment(3),
        removed_comment(1),
        removed_question(2),
    ]);
    viewer.read_to(5);
    assert!(viewer.saw("评论3号") && !viewer.saw("评论1号") && !viewer.saw("问题2号"));
    assert_eq!(
        stage
            .hub
            .view_json(&stage.id)
            .map(|json| String::from_utf8_lossy(&json).contains(r#""questions_total":0"#)),
        Some(true)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn above_the_readable_rate_comments_are_counted_and_questions_are_not_dropped() {
    let stage = Stage::new(Options {
        comments_per_s_max: 10,
        tick_ms: 20,
        view_age_ms_max: 0,
        batch_items_max: 50,
        ..quick()
    })
    .await;
    let mut viewer = stage.viewer(None);
    viewer.read_to(0);
    stage.say((1..=300).map(|n| if n % 3 == 0 { question(n) } else { comment(n) }));
    viewer.read_to(300);
    assert_eq!(viewer.comments.len() + viewer.omitted as usize, 200);
    assert!(viewer.comments.len() < 20, "{}", viewer.comments.len());
    assert!((3..=300).step_by(3).all(|n| viewer.saw(&format!("问题{n}号"))));
    assert!(
        viewer.batches >= 2,
        "a hundred questions and more leave in frames of a bounded size"
    );
    let mut late = stage.viewer(None);
    late.read_to(300);
    assert_eq!(late.views[0].comments.len(), 200, "the view has them all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moderators_see_the_backstage_and_the_public_does_not() {
    let stage = Stage::new(Options {
        view_age_ms_max: 0,
        ..quick()
    })
    .await;
    let mut public = stage.viewer(None);
    let mut staff = stage.staff();
    staff.read_to(0);
    stage.say([held(1), comment(2)]);
    staff.read_to(1);
    public.read_to(1);
    assert!(staff.saw("问题1号") && !public.saw("问题1号"));
    let mut late = stage.staff();
    late.read_to(1);
    assert_eq!(
        (
            late.backstage_views[0].held.len(),
            late.backstage_views[0].held_total
        ),
        (1, 1)
    );
    let mut intruder = Viewer::new(
        stage.connect(Channel::Backstage, None, false, Vec::new(), None),
        None,
    );
    intruder.read_to_the_end();
    assert_eq!(intruder.closed, Some((4003, "sign in first".to_owned())));
    assert!(
        stage
            .hub
            .subscribe(&stage.key(Channel::Backstage), None, false)
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_author_is_told_what_was_decided_and_nobody_else_is() {
    let stage = Stage::new(quick()).await;
    let (mut author, mut twin, mut other) = (stage.viewer(None), stage.viewer(None), stage.viewer(None));
    for viewer in [&mut author, &mut twin, &mut other] {
        viewer.read_to(0);
    }
    stage.hub.identify(author.conn, participant(7));
    stage.hub.identify(twin.conn, participant(7));
    stage.hub.identify(other.conn, participant(8));
    let decision = Decision {
        id: DecisionId::new(at(0), 1),
        verdict: Verdict::Decline,
        reason: "off_topic".into(),
        note: "与议题无关".into(),
        by_name: "审核员甲".into(),
        at: at(0),
        undone: false,
        items: vec![Decided {
            kind: PostKind::Comment,
            id: comment_id(1).as_str().to_owned(),
            from: PostState::Held,
            from_reason: String::new(),
            from_note: String::new(),
            state: PostState::Declined,
            revision: 2,
        }],
    };
    let change = OwnChange {
        author_id: participant(7),
        kind: PostKind::Comment,
        id: comment_id(1).as_str().to_owned(),
        client_ref: "client-ref-1".into(),
        number: 1,
        state: PostState::Declined,
        reason: "off_topic".into(),
        note: "与议题无关".into(),
        body: "自己的话".into(),
        at: at(0),
    };
    stage.say([
        Event::ItemsDecided {
            decision: Box::new(decision),
            authors: vec![change],
        },
        comment(2),
    ]);
    for viewer in [&mut author, &mut twin] {
        viewer.read_until(|viewer| {
            viewer
                .others
                .iter()
                .any(|message| matches!(message, ServerMessage::Own(own) if own.body == "自己的话"))
        });
    }
    other.read_to(1);
    assert!(!other.saw("自己的话"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_are_counted_and_told_how_many_they_are() {
    let stage = Stage::new(quick()).await;
    let mut viewers: Vec<Viewer> = (0..3).map(|_| stage.viewer(None)).collect();
    let stream = stage
        .hub
        .subscribe(&stage.key(Channel::Public), None, false)
        .expect("public");
    let _staff = stage.staff();
    stage
        .until("four watch", || stage.hub.watching(&stage.id) == 4)
        .await;
    viewers[0].read_until(|viewer| {
        viewer
            .others
            .iter()
            .any(|message| matches!(message, ServerMessage::State(state) if state.watching == 4))
    });
    drop(stream);
    viewers.truncate(1);
    stage
        .until("one watches", || stage.hub.watching(&stage.id) == 1)
        .await;
    assert_eq!(stage.hub.peaks(), [(stage.id.clone(), 4)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_taken_back_from_the_public_is_closed_to_it_and_stays_open_to_staff() {
    let stage = Stage::new(quick()).await;
    let mut viewer = stage.viewer(None);
    let mut staff = Viewer::new(stage.connect(Channel::Public, None, true, Vec::new(), None), None);
    let mut stream = stage
        .hub
        .subscribe(&stage.key(Channel::Public), None, false)
        .expect("public");
    viewer.read_to(0);
    staff.read_to(0);
    assert!(stream.next().await.is_some());
    let draft = changed(&stage.id, SessionState::Draft);
    stage.say([draft]);
    viewer.read_to_the_end();
    assert_eq!(viewer.closed.map(|(code, _)| code), Some(4004));
    while stream.next().await.is_some() {}
    let mut late = stage.viewer(None);
    late.read_to_the_end();
    assert_eq!(late.closed.map(|(code, _)| code), Some(4004));
    staff.read_to(1);
    let live = changed(&stage.id, SessionState::Live);
    stage.say([live]);
    staff.read_to(2);
    stage.viewer(None).read_to(2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_carries_the_same_log_with_the_same_guarantees() {
    let stage = Stage::new(quick()).await;
    stage.say((1..=10).map(comment));
    let mut stream = stage
        .hub
        .subscribe(&stage.key(Channel::Public), None, false)
        .expect("public");
    let view = stream.next().await.expect("a view");
    assert_eq!(view.id, Some(10));
    stage.say((11..=20).map(comment));
    let mut last = 10;
    while last < 20 {
        let event = stream.next().await.expect("open");
        last = event.id.unwrap_or(last);
    }
    stage
        .until("all was said", || stage.hub.position(&stage.id) == Some((20, 0)))
        .await;
    let mut resumed = stage
        .hub
        .subscribe(&stage.key(Channel::Public), Some(15), false)
        .expect("public");
    let mut seen = Vec::new();
    loop {
        let event = resumed.next().await.expect("open");
        let text = String::from_utf8(event.json.to_vec()).expect("text");
        let message: ServerMessage = serde_json::from_str(&text).expect("a message");
        match message {
            ServerMessage::Batch(batch) => {
                seen.extend(batch.items.iter().map(|item| item.seq).filter(|seq| *seq > 15))
            }
            ServerMessage::State(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, (16..=20).collect::<Vec<_>>());
    stage.hub.stop();
    assert_eq!(resumed.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_nobody_watches_is_closed_and_opened_anew() {
    let stage = Stage::new(Options {
        idle_close_s: 0,
        ..quick()
    })
    .await;
    let stream = stage.hub.subscribe(&stage.key(Channel::Public), None, false);
    stage.hub.shared.close_unused();
    assert_eq!(stage.hub.position(&stage.id), Some((0, 0)), "a stream holds it");
    drop(stream);
    stage.hub.shared.close_unused();
    assert_eq!(stage.hub.position(&stage.id), None);
    let mut early = stage.viewer(None);
    early.read_to_the_end();
    assert_eq!(
        early.closed,
        Some((4000, "retry=1000".to_owned())),
        "who comes in between is told to come back"
    );
    assert!(stage.hub.open(&stage.id).await.expect("the store answers"));
    stage.viewer(None).read_to(0);
    assert_eq!(stage.store.loads.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_sends_everybody_away_over_its_window() {
    let stage = Stage::new(quick()).await;
    let mut viewers: Vec<Viewer> = (0..20).map(|_| stage.viewer(None)).collect();
    for viewer in &mut viewers {
        viewer.read_to(0);
    }
    let mut stream = stage
        .hub
        .subscribe(&stage.key(Channel::Public), None, false)
        .expect("public");
    assert!(stream.next().await.is_some());
    let streaming = tokio::spawn(async move { while stream.next().await.is_some() {} });
    let begun = Instant::now();
    let readers: Vec<_> = viewers
        .into_iter()
        .map(|mut viewer| {
            std::thread::spawn(move || {
                viewer.read_to_the_end();
                assert_eq!(viewer.closed, Some((4000, "retry=1000 after=6000".to_owned())));
                begun.elapsed()
            })
        })
        .collect();
    let window = Duration::from_millis(600);
    stage.hub.drain(window, Duration::from_secs(6)).await;
    assert!(
        begun.elapsed() < window + Duration::from_millis(1_200),
        "{:?}",
        begun.elapsed()
    );
    let mut times: Vec<Duration> = readers
        .into_iter()
        .map(|reader| reader.join().expect("closed properly"))
        .collect();
    times.sort();
    assert!(
        times[19] - times[0] > window / 3,
        "spread over the window: {times:?}"
    );
    streaming.await.expect("the stream ended");
    let mut late = stage.viewer(None);
    late.read_to_the_end();
    assert_eq!(late.closed.map(|(code, _)| code), Some(4000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_reach_the_one_they_are_for() {
    let stage = Stage::new(quick()).await;
    let (mut one, mut other) = (stage.viewer(None), stage.viewer(None));
    one.read_to(0);
    other.read_to(0);
    let ack = ServerMessage::Ack(Ack {
        r#ref: "client-ref-1".to_owned().try_into().expect("a ref"),
        id: "x".into(),
        number: Some(1),
        state: None,
        reason: String::new(),
        wait_s: None,
    });
    assert!(stage.hub.send(one.conn, &ack));
    one.read_until(|viewer| viewer.others.contains(&ack));
    stage.say([comment(1)]);
    other.read_to(1);
    assert!(!other.others.contains(&ack));
    stage.hub.close(one.conn, 4003, "no longer staff");
    one.read_to_the_end();
    assert_eq!(one.closed, Some((4003, "no longer staff".to_owned())));
    stage
        .until("the end was told", || {
            stage.heard.closed.lock().expect("no panic").contains(&one.conn)
        })
        .await;
}
