//! A road to the database that can be cut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the road is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Road {
    Open,
    /// Everybody on it is thrown off and nobody is let on, as when the server was stopped.
    Cut,
    /// Nothing arrives and nobody says so, as when a cable was pulled.
    Silent,
}

/// A TCP proxy in front of a server.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    road: watch::Sender<Road>,
}

impl Proxy {
    /// Listens on a free port.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (road, state) = watch::channel(Road::Open);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, state.clone()));
            }
        });
        Self { address, road }
    }

    /// Throws everybody off and lets nobody on.
    pub fn cut(&self) {
        self.road.send_replace(Road::Cut);
    }
    /// Lets nothing through without a word.
    pub fn silence(&self) {
        self.road.send_replace(Road::Silent);
    }
    /// Lets everybody on. Who was on before the cut must come again.
    pub fn mend(&self) {
        self.road.send_replace(Road::Open);
    }
}

async fn carry(mut client: TcpStream, server: SocketAddr, mut state: watch::Receiver<Road>) {
    loop {
        let now = *state.borrow_and_update();
        match now {
            Road::Open => break,
            Road::Cut => return,
            Road::Silent => {
                if state.changed().await.is_err() {
                    return;
                }
            }
        }
    }
    let Ok(mut upstream) = TcpStream::connect(server).await else {
        return;
    };
    loop {
        let now = *state.borrow_and_update();
        match now {
            Road::Open => tokio::select! {
                // Either side has left.
                _ = copy_bidirectional(&mut client, &mut upstream) => return,
                changed = state.changed() => if changed.is_err() { return },
            },
            Road::Cut => return,
            // Both sides stay connected and hear nothing.
            Road::Silent => {
                if state.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}
