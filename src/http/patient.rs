//! A socket that gives up on a peer that takes nothing, and knows under which address it is counted.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::hub::Ticket;

/// A stream whose writes fail when not one byte was taken for some time. Without it a reader that stops reading, and keeps its
/// side open, keeps a response and everything behind it for ever.
pub struct Patient<S> {
    stream: S,
    within: Duration,
    /// Runs while there is no room.
    stuck: Option<Pin<Box<Sleep>>>,
    ticket: Option<Ticket>,
}

impl<S> Patient<S> {
    /// Waits for room for `within` at most.
    pub fn new(stream: S, within: Duration, ticket: Option<Ticket>) -> Self {
        Self {
            stream,
            within,
            stuck: None,
            ticket,
        }
    }

    /// The stream, and its place under its address.
    pub fn into_parts(self) -> (S, Option<Ticket>) {
        (self.stream, self.ticket)
    }

    /// Passes on how a write went; begins to wait, or goes on waiting, when there was no room.
    fn wrote(
        stuck: &mut Option<Pin<Box<Sleep>>>,
        within: Duration,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            *stuck = None;
            return written;
        }
        let sleep = stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep(within)));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the peer takes nothing",
        )))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        let within = self.within;
        Self::wrote(&mut self.stuck, within, cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        let within = self.within;
        Self::wrote(&mut self.stuck, within, cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const WITHIN: Duration = Duration::from_millis(400);

    #[tokio::test]
    async fn who_takes_nothing_is_given_up_on_and_who_takes_a_little_is_not() {
        let (ours, mut theirs) = tokio::io::duplex(4);
        let mut patient = Patient::new(ours, WITHIN, None);
        let reader = tokio::spawn(async move {
            let mut taken = Vec::new();
            for _ in 0..5 {
                tokio::time::sleep(WITHIN / 4).await;
                taken.push(theirs.read_u8().await.expect("open"));
            }
            (taken, theirs)
        });
        let begun = tokio::time::Instant::now();
        let error = patient.write_all(b"0123456789").await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(
            begun.elapsed() >= 5 * (WITHIN / 4) + WITHIN,
            "{:?}",
            begun.elapsed()
        );
        let (taken, _theirs) = reader.await.expect("no panic");
        assert_eq!(taken, b"01234");
    }

    #[tokio::test]
    async fn waiting_for_something_to_say_is_not_being_stuck() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let mut patient = Patient::new(ours, WITHIN, None);
        for _ in 0..2 {
            patient.write_all(b"x").await.expect("room");
            tokio::time::sleep(WITHIN * 2).await;
        }
        drop(patient);
        let mut all = String::new();
        theirs.read_to_string(&mut all).await.expect("open");
        assert_eq!(all, "xx");
    }
}
