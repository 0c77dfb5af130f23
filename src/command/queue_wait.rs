//! How long a held post will wait, told to its author. Said only when it can be measured.

use dashmap::DashMap;

use super::{Commands, Outcome};
use crate::domain::ids::SessionId;
use crate::domain::time::Timestamp;
use crate::domain::words::PostState;

/// How long an estimate is used before it is made anew.
const FRESH_MS: i64 = 5_000;
/// Decisions of this long ago tell how fast the desk works.
const WINDOW_MS: i64 = 300_000;

/// Estimates by session.
#[derive(Default)]
pub(super) struct Waits {
    rows: DashMap<SessionId, (Option<u32>, Timestamp)>,
}

impl Waits {
    pub(super) fn sweep(&self, now: Timestamp) {
        self.rows.retain(|_, (_, at)| now.since_ms(*at) < WINDOW_MS);
    }
}

impl Commands {
    /// Seconds a post held now will wait: items waiting, divided by the pace of the last five minutes. `None` when nobody decided anything in them.
    pub(super) async fn wait_s(&self, session: &SessionId) -> Outcome<Option<u32>> {
        let now = self.now();
        if let Some(row) = self.inner.waits.rows.get(session)
            && now.since_ms(row.1) < FRESH_MS
        {
            return Ok(row.0);
        }
        let mut reader = self.inner.db.read().await?;
        let held = reader
            .conn()
            .counts_by_state(session)
            .await?
            .into_iter()
            .find(|(s, _)| *s == PostState::Held)
            .map_or(0, |(_, n)| n);
        let decisions = reader.conn().decisions(session, 200).await?;
        let recent: Vec<_> = decisions
            .iter()
            .filter(|d| !d.undone && now.since_ms(d.at) < WINDOW_MS)
            .collect();
        let estimate = estimate_s(
            held,
            recent.iter().map(|d| d.items.len() as u64).sum(),
            recent.last().map_or(0, |first| now.since_ms(first.at)),
        );
        self.inner.waits.rows.insert(session.clone(), (estimate, now));
        Ok(estimate)
    }
}

fn estimate_s(held: u64, decided: u64, over_ms: i64) -> Option<u32> {
    if decided == 0 || over_ms <= 0 {
        return None;
    }
    let ms = u128::from(held + 1) * u128::from(over_ms.unsigned_abs()) / u128::from(decided);
    u32::try_from(ms / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_the_queue_divided_by_the_pace() {
        // 60 decided in 120 s is two seconds each; with 29 before it the 30th waits a minute.
        assert_eq!(estimate_s(29, 60, 120_000), Some(60));
        assert_eq!(estimate_s(29, 0, 120_000), None);
    }
}
