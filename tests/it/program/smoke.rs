use crate::support::on_both;

#[test]
fn it_starts() {
    on_both(async |world| {
        let t = std::time::Instant::now();
        let session = world.live().await;
        let guest = world.guest().await;
        eprintln!("made {:?}", t.elapsed());
        let t = std::time::Instant::now();
        let ack = guest.comment(&session, "大家好").await.expect("taken");
        eprintln!("{ack:?} {:?}", t.elapsed());
    });
}
