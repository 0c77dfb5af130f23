//! Waiting for the thing itself, never for a time that might be enough.

use std::time::Duration;

use tokio::time::Instant;

/// Longest wait for anything before a test gives up. Long because a busy machine is no reason to fail.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// Asks until there is an answer.
///
/// # Panics
/// When there is none after [`PATIENCE`].
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            Instant::now() < until,
            "waited {} s for: {what}",
            PATIENCE.as_secs()
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

/// Awaits a future for [`PATIENCE`] at most.
///
/// # Panics
/// When it takes longer.
pub async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| panic!("waited {} s for: {what}", PATIENCE.as_secs()))
}
