//! Connections: so many at a time, each with a limit on how long the head of a request may take, so that
//! clients that send half a request, or nothing, cannot keep others out.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// How long to wait when the system has no connection to give, as when its files are used up.
const PAUSE_SECONDS: u64 = 1;

/// What clients may use up.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Connections at a time; further ones wait in the system's queue.
    pub(super) connections: usize,
    /// How long the head of a request may take, from the end of the one before it.
    pub(super) head: Duration,
}

impl Limits {
    /// Those of a server: well below the open files that a process usually may have.
    pub(super) const USUAL: Self = Self { connections: 512, head: Duration::from_secs(10) };
}

/// Serves connections until `stop` is there, then finishes the requests under way. Whoever drops this cuts
/// them.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let (stream, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        connections.spawn(async move {
            // How a connection ends is the client's affair; requests are recorded one by one.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
    while connections.join_next().await.is_some() {}
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed: there is always a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            // One client's connection that ended before it was accepted.
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "no connection can be accepted; trying again");
                tokio::time::sleep(Duration::from_secs(PAUSE_SECONDS)).await;
            }
        }
    }
}

fn is_of_the_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    const WHOLE: &str = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";

    async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "here"));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, router, limits, async {
            let _ = stopped.await;
        }));
        (address, stop, serving)
    }

    /// Sends this much of a request.
    async fn send(address: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// What the server answers until it closes the connection.
    async fn answer(mut stream: TcpStream) -> String {
        let mut text = Vec::new();
        // One that was cut may be reset rather than closed.
        let _ = stream.read_to_end(&mut text).await;
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn a_client_that_sends_half_a_head_is_cut_and_others_are_answered() {
        let limits = Limits { connections: 3, head: Duration::from_millis(300) };
        let (address, stop, serving) = start(limits).await;
        let half = send(address, "GET / HTTP/1.1\r\nhost: he").await;
        let silent = send(address, "").await;
        assert!(answer(send(address, WHOLE).await).await.ends_with("here"), "others are answered meanwhile");
        assert!(!answer(half).await.contains("200"), "it is cut");
        assert!(!answer(silent).await.contains("200"), "so is one that sends nothing");
        stop.send(()).unwrap();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn connections_beyond_the_limit_wait_until_there_is_a_place() {
        let limits = Limits { connections: 2, head: Duration::from_millis(300) };
        let (address, stop, serving) = start(limits).await;
        let mut halves = Vec::new();
        for _ in 0..4 {
            halves.push(send(address, "GET / HT").await);
        }
        assert!(answer(send(address, WHOLE).await).await.ends_with("here"), "its turn comes");
        stop.send(()).unwrap();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn it_ends_with_a_connection_that_is_kept_alive() {
        let limits = Limits { connections: 2, head: Duration::from_secs(600) };
        let (address, stop, serving) = start(limits).await;
        let mut kept = send(address, "GET / HTTP/1.1\r\nhost: here\r\n\r\n").await;
        let mut some = [0; 64];
        assert!(kept.read(&mut some).await.unwrap() > 0);
        stop.send(()).unwrap();
        serving.await.unwrap();
    }
}
