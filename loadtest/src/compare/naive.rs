//! The baseline: the chat server of every tutorial, axum with a WebSocket task per viewer and one `tokio::sync::broadcast` of texts.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::broadcast;

/// Messages a task may be behind before it loses some.
const BEHIND_MAX: usize = 4_096;

/// Serves viewers at `/live`; `POST /publish` sends its body to all of them.
pub fn serve(port: u16, threads: usize) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .enable_all()
        .build()?
        .block_on(async {
            let (publish, _) = broadcast::channel::<String>(BEHIND_MAX);
            let router = Router::new()
                .route("/live", get(live))
                .route("/publish", post(take))
                .route("/healthz", get(|| async { "ok" }))
                .with_state(publish);
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            socket.bind(([127, 0, 0, 1], port).into())?;
            axum::serve(socket.listen(4_096)?, router).await?;
            Ok(())
        })
}

async fn take(State(publish): State<broadcast::Sender<String>>, body: String) {
    // Fails only when nobody watches.
    let _ = publish.send(body);
}

async fn live(State(publish): State<broadcast::Sender<String>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| watch(socket, publish.subscribe()))
}

async fn watch(mut socket: WebSocket, mut published: broadcast::Receiver<String>) {
    loop {
        tokio::select! {
            text = published.recv() => {
                let Ok(text) = text else { return };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    return;
                }
            }
            heard = socket.recv() => {
                if !matches!(heard, Some(Ok(_))) {
                    return;
                }
            }
        }
    }
}
