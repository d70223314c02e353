//! The accepting side: one thread for all connections.

use std::future::Future;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::Worker;

/// The pause after the system refused a connection for want of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts until `shutdown`, giving each connection to the worker with the fewest.
pub(super) async fn accept_until(
    shutdown: impl Future<Output = ()>,
    listener: TcpListener,
    connections_max: usize,
    workers: Vec<Worker>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(connections_max.clamp(1, Semaphore::MAX_PERMITS)));
    let accepting = async {
        // The semaphore is never closed.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let stream = next_connection(&listener).await;
            let Some(worker) = workers.iter().min_by_key(|w| w.load.load(Ordering::Relaxed)) else {
                return;
            };
            worker.load.fetch_add(1, Ordering::Relaxed);
            if worker.hand.send((stream, place)).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = shutdown => Ok(()),
        () = accepting => Err(io::Error::other("a serving thread is gone")),
    }
}

async fn next_connection(listener: &tokio::net::TcpListener) -> TcpStream {
    loop {
        let accepted = listener.accept().await.and_then(|(stream, _)| {
            stream.set_nodelay(true)?;
            // Taken off this thread's reactor; the serving thread puts it on its own.
            stream.into_std()
        });
        match accepted {
            Ok(stream) => return stream,
            // The client was gone again before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
