use std::io::Write;
use std::time::Duration;

use super::stage::*;
use crate::hub::*;

/// Comments are as many as make several epochs.
const MANY: u32 = 600;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_negotiated_compression_sees_the_same_whenever_it_comes_in_less_than_half_the_bytes() {
    let stage = Stage::new(quick()).await;
    let mut plain = stage.viewer(None);
    let mut viewers = Vec::new();
    for n in 1..=MANY {
        if n % 37 == 1 {
            viewers.push(stage.deflating_viewer(None));
        }
        if n % 101 == 50 {
            viewers.push(stage.deflating_viewer(Some(u64::from(n) - 20)));
        }
        stage.say([long_comment(n, 120)]);
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    plain.read_to(MANY.into());
    let expected: Vec<u64> = (1..=MANY.into()).collect();
    for viewer in &mut viewers {
        viewer.read_to(MANY.into());
        let seen: Vec<u64> = viewer.comments.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(seen, expected[expected.len() - seen.len()..]);
        assert_eq!(
            viewer.comments[..],
            plain.comments[plain.comments.len() - seen.len()..],
            "the same words"
        );
    }
    let first = viewers[0].socket.get_ref();
    assert!(first.inflated > 100, "{}", first.inflated);
    assert!(
        first.bytes * 2 < plain.socket.get_ref().bytes,
        "{} of {}",
        first.bytes,
        plain.socket.get_ref().bytes
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_reader_that_was_overtaken_gets_a_view_and_reads_on() {
    let stage = Stage::new(Options {
        shards: 1,
        send_buffer_bytes: 4_096,
        replay_bytes_max: 50_000,
        ..quick()
    })
    .await;
    let mut witness = stage.viewer(None);
    witness.read_to(0);
    let mut slow = stage.narrow_deflating_viewer(None);
    slow.read_to(0);
    // Nothing in these texts repeats, so that they fill the socket although they are compressed.
    let mut last = 0;
    for n in 1..=400 {
        stage.say([noise_comment(n, 4_000)]);
        last = u64::from(n);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    witness.read_to(last);
    slow.read_to(last);
    assert!(slow.views.len() > 1, "it was overtaken");
    let inflated = slow.socket.get_ref().inflated;
    for n in 401..=600 {
        stage.say([long_comment(n, 200)]);
        slow.read_to(n.into());
    }
    assert!(slow.socket.get_ref().inflated > inflated + 10, "the stream again");
    let seen: Vec<u64> = slow
        .comments
        .iter()
        .map(|(seq, _)| *seq)
        .filter(|seq| *seq > last)
        .collect();
    assert_eq!(seen, (last + 1..=600).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_message_is_understood_of_who_negotiated_it_and_a_fault_of_others() {
    let stage = Stage::new(quick()).await;
    let masked = |payload: &[u8]| {
        let mut frame = vec![0xC1, 0x80 | payload.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        frame
    };
    // `{"type":"x"}` as a browser would compress it, and a byte of rubbish.
    let frame = deflate::alone(br#"{"type":"x"}"#);
    let payload = &frame[2..];
    let mut viewer = stage.deflating_viewer(None);
    viewer.read_to(0);
    viewer.socket.get_mut().write_all(&masked(payload)).expect("room");
    stage
        .until("the message is handed over", || {
            stage
                .heard
                .texts
                .lock()
                .expect("no panic")
                .iter()
                .any(|(_, _, text)| text == r#"{"type":"x"}"#)
        })
        .await;
    viewer.socket.get_mut().write_all(&masked(&[0xFF])).expect("room");
    viewer.read_to_the_end();
    assert_eq!(viewer.closed.map(|closed| closed.0), Some(1007));
    let mut other = stage.viewer(None);
    other.read_to(0);
    other.socket.get_mut().write_all(&masked(payload)).expect("room");
    other.read_to_the_end();
    assert_eq!(other.closed.map(|closed| closed.0), Some(1002));
}
