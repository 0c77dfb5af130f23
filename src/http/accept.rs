//! Taking connections: our own loop, because a consultation has storms and enemies.
//!
//! `axum::serve` listens with a backlog of 128 and drops a handler when the client closes its half; encoders do that
//! at the end of every upload, and ten thousand viewers come back at once after a restart.
//!
//! What a stranger can hold is bounded at every step: a connection that says nothing costs a descriptor and a small task and is
//! cut after [`Patience::head`]; one that says half a request costs a buffer of [`HEAD_BYTES_MAX`] besides; one that does not
//! take what it asked for is cut after [`Patience::write`]; one address has so many sockets and no more ([`Tickets`]).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::Door;
use super::express;
use super::patient::Patient;
use crate::hub::{Ticket, Tickets};

/// Largest head of a request. Ours are under 1 KiB; a browser with the cookies of a whole domain comes near to 8.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// `SO_SNDBUF` of a connection, twice of which Linux reserves: a reader that stopped holds no more of the kernel's memory, and
/// one far away (100 ms) still gets 2.5 MB a second.
const SEND_BUFFER_BYTES: usize = 128 << 10;
/// Longest time running requests get after the stop signal.
const FINISH_WITHIN: Duration = Duration::from_secs(10);
/// Pause after a connection could not be taken: the reason is most likely that there is no descriptor, and looking again at once
/// would take a core.
const RETRY_AFTER: Duration = Duration::from_millis(50);
/// How often the same trouble is told.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// What one socket too many of an address is told.
const TOO_MANY: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\nretry-after: 10\r\ncontent-type: application/json\r\n\
    content-length: 97\r\n\r\n{\"code\":\"rate_limited\",\"message\":\"too many connections from this address\",\"retry_after_ms\":10000}";

/// How long the server waits for those at the other end.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the first byte; and then for the whole head of a request, counted from that byte or from the end of the answer before.
    pub head: Duration,
    /// For one byte to be taken of what was asked for.
    pub write: Duration,
}

/// What is asked of a connection before it is served.
#[derive(Debug, Clone)]
pub struct Gate {
    pub patience: Patience,
    pub tickets: Tickets,
    /// Proxies: those behind them are counted one by one when they come to watch.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Gate {
    /// A ticket for a connection. `None` inside for a proxy, `Err` for one too many.
    fn admit(&self, peer: IpAddr) -> Result<Option<Ticket>, ()> {
        if self.trusted_proxies.contains(&peer.to_canonical()) {
            return Ok(None);
        }
        self.tickets.take(peer).map(Some).ok_or(())
    }
}

/// Serves until `stop`; then takes no more connections and lets running requests finish.
pub async fn serve(listener: TcpListener, door: Door, gate: Gate, stop: CancellationToken) {
    let router = super::router(door.clone());
    let tasks = TaskTracker::new();
    let gate = Arc::new(gate);
    let (mut no_descriptor, mut crowded) = (Seldom::default(), Seldom::default());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                if let Some(times) = no_descriptor.at(Instant::now()) {
                    tracing::warn!(
                        %error,
                        times,
                        "could not accept a connection; is the limit of open files high enough? Next try in 50 ms"
                    );
                }
                tokio::time::sleep(RETRY_AFTER).await;
                continue;
            }
        };
        let Ok(ticket) = gate.admit(peer.ip()) else {
            if let Some(times) = crowded.at(Instant::now()) {
                tracing::warn!(
                    times,
                    "one address has live.sockets_per_address_max sockets and gets no more; if that is a proxy, name it in trusted_proxies"
                );
            }
            // Whether it hears why or not, it is gone.
            let _ = stream.try_write(TOO_MANY);
            continue;
        };
        let prepared = stream
            .set_nodelay(true)
            .and_then(|()| socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES));
        if let Err(error) = prepared {
            tracing::debug!(%error, "client left before its options were set");
            continue;
        }
        let (door, router, gate, stop) = (door.clone(), router.clone(), gate.clone(), stop.clone());
        tasks.spawn(async move {
            // Until it says something a connection has no buffers. A byte is looked at, because that a socket is readable may be
            // said of one that is not.
            let mut first = [0];
            tokio::select! {
                said = tokio::time::timeout(gate.patience.head, stream.peek(&mut first)) => match said {
                    Ok(Ok(1)) => {}
                    _ => return,
                },
                () = stop.cancelled() => return,
            }
            if let Some((stream, ticket)) = Box::pin(express::take(&door, stream, peer, ticket)).await {
                Box::pin(converse(stream, peer, router, gate.patience, ticket, stop)).await;
            }
        });
    }
    tasks.close();
    if tokio::time::timeout(FINISH_WITHIN + Duration::from_secs(1), tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            "requests were still running after {} s and were cut",
            FINISH_WITHIN.as_secs()
        );
    }
}

/// Serves the requests of one connection, one after the other.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    ticket: Option<Ticket>,
    stop: CancellationToken,
) {
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
        router.clone().oneshot(request)
    });
    // Not hyper-util's builder for any version: it first waits for bytes to tell the version by, and waits for ever.
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_buf_size(HEAD_BYTES_MAX)
        .half_close(true);
    let io = TokioIo::new(Patient::new(stream, patience.write, ticket));
    let connection = builder.serve_connection(io, service).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        // A broken connection is the client's affair.
        result = &mut connection => drop(result),
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(FINISH_WITHIN, connection).await;
        }
    }
}

/// Whether an error is of a client that has left again, so that the next may be taken at once.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// Counts a trouble that comes thousands of times a second and says when it is time to tell it.
#[derive(Debug, Default)]
struct Seldom {
    told: Option<Instant>,
    times: u64,
}

impl Seldom {
    /// It happened. How often since it was told last, if it is to be told now.
    fn at(&mut self, now: Instant) -> Option<u64> {
        self.times += 1;
        if self
            .told
            .is_some_and(|told| now.duration_since(told) < TELL_EVERY)
        {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_told_so_in_a_whole_answer() {
        let text = std::str::from_utf8(TOO_MANY).expect("ASCII");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(
            head.lines()
                .any(|l| l == format!("content-length: {}", body.len())),
            "{}",
            body.len()
        );
        let error: crate::protocol::server::ErrorMessage = serde_json::from_str(body).expect("a refusal");
        assert_eq!(error.code, crate::domain::rejection::Code::RateLimited);
    }

    #[test]
    fn a_trouble_is_told_at_once_and_then_seldom_with_its_count() {
        let (mut seldom, now) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.at(now), Some(1));
        assert_eq!((seldom.at(now), seldom.at(now)), (None, None));
        assert_eq!(seldom.at(now + TELL_EVERY), Some(3));
    }
}
