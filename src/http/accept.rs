//! Taking connections: our own loop, because a consultation has storms.
//!
//! `axum::serve` listens with a backlog of 128 and drops a handler when the client closes its half; encoders do that
//! at the end of every upload, and ten thousand viewers come back at once after a restart.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Longest time a client may take to send the head of a request (a slow one costs us a socket and 8 KiB).
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// Longest time running requests get after the stop signal.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// Serves until `stop`; then takes no more connections and lets running requests finish.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, or the client is gone already: the next one may work.
                tracing::warn!(%error, "could not accept a connection; next try in 50 ms");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "client left before its options were set");
            continue;
        }
        let router = router.clone();
        let stop = stop.clone();
        tasks.spawn(async move {
            let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
                router.clone().oneshot(request)
            });
            let mut builder = Builder::new(hyper_util::rt::TokioExecutor::new()).http1_only();
            builder
                .http1()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_WITHIN)
                .half_close(true);
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            tokio::pin!(connection);
            tokio::select! {
                // A broken connection is the client's affair.
                result = &mut connection => drop(result),
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(FINISH_WITHIN, connection).await;
                }
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
