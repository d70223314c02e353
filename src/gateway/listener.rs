//! The listening socket and the serving threads.
//!
//! Start at [`bind`], then [`Bound::run`]. One thread accepts and hands each connection to the serving
//! thread that has the fewest: each of these runs a single-threaded runtime of its own, so a request
//! never changes cores and its service need be neither `Send` nor locked. Knows hyper and tower, and
//! nothing of what is served.
//!
//! A client that closes its sending half is still answered, and a client that goes away doesn't stop
//! what it asked for: what is begun towards an upstream is finished. Framing is hyper's.

mod accept;
mod watch;

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::runtime::{Builder as RuntimeBuilder, LocalOptions, LocalRuntime};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};
use tower::Service;

use self::accept::accept_until;
use self::watch::{Mark, Marked, Watch};

/// How many accepted connections may wait for a serving thread that is busy.
const HANDOVER_MAX: usize = 64;
const BACKLOG: i32 = 1024;
/// What hyper reads at a time, at most; its floor is 8 KiB.
const BUFFER_MIN: usize = 64 * 1024;

/// How to listen, and within what limits.
#[derive(Debug, Clone)]
pub struct ListenerSettings {
    /// Port 0 lets the system choose; see [`Bound::address`].
    pub address: SocketAddr,
    /// Serving threads, usually one for each core.
    pub workers: usize,
    /// Beyond it, connections wait to be accepted.
    pub connections_max: usize,
    /// How long a request's head may take to arrive: closed after one to two times that.
    pub header_read: Duration,
    /// How long a kept connection may be unused, and how long a client may leave a reply unread.
    pub idle: Duration,
    /// How large a request's head may be, in bytes: 431 beyond it. (More than 100 headers are 431, too:
    /// hyper's own bound, which costs nothing.)
    pub header_bytes_max: usize,
    /// How long requests under way may still take at shutdown.
    pub drain: Duration,
}

impl ListenerSettings {
    /// Sensible limits for an address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            connections_max: 4096,
            header_read: Duration::from_secs(10),
            idle: Duration::from_secs(90),
            header_bytes_max: 16 * 1024,
            drain: Duration::from_secs(20),
        }
    }
}

/// A listening socket that isn't served yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    settings: ListenerSettings,
}

/// Takes the port. Connections made from now on wait until [`Bound::run`].
///
/// # Errors
/// What the system says: the port is taken, the address isn't the machine's, the port isn't allowed.
pub fn bind(settings: ListenerSettings) -> io::Result<Bound> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(settings.address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart finds the port free although old connections linger; a second server still finds it taken.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&settings.address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    Ok(Bound { address: listener.local_addr()?, listener, settings })
}

/// Becomes true once.
type Stopping = tokio::sync::watch::Receiver<bool>;
/// What one serving thread gets: connections, each with its place among the many.
type Handover = (TcpStream, OwnedSemaphorePermit);

/// A serving thread, as the accepting side sees it.
struct Worker {
    hand: mpsc::Sender<Handover>,
    load: Arc<AtomicUsize>,
}

impl Bound {
    /// Where it listens, with the port that the system chose.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready, then lets what is under way finish, and returns.
    ///
    /// `make` is called once on each serving thread, with the thread's number.
    ///
    /// # Errors
    /// Where threads or runtimes can't be made.
    pub fn run<S>(
        self,
        make: impl Fn(usize) -> S + Send + Sync + 'static,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()>
    where
        S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone + 'static,
        S::Future: 'static,
    {
        let runtime = RuntimeBuilder::new_current_thread().enable_all().build()?;
        let make = Arc::new(make);
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let (mut workers, mut threads) = (Vec::new(), Vec::new());
        for index in 0..self.settings.workers.max(1) {
            let (worker, thread) = start_worker(index, &self.settings, Arc::clone(&make), stopping.clone())?;
            workers.push(worker);
            threads.push(thread);
        }
        let served =
            runtime.block_on(accept_until(shutdown, self.listener, self.settings.connections_max, workers));
        // The listening socket is closed, and the workers' channels with them. What still comes out of
        // those is served, and told to end.
        drop(runtime);
        stop.send_replace(true);
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a serving thread panicked");
            }
        }
        served
    }
}

fn start_worker<S>(
    index: usize,
    settings: &ListenerSettings,
    make: Arc<impl Fn(usize) -> S + Send + Sync + 'static>,
    stopping: Stopping,
) -> io::Result<(Worker, JoinHandle<()>)>
where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone + 'static,
    S::Future: 'static,
{
    let (hand, taken) = mpsc::channel(HANDOVER_MAX);
    let load = Arc::new(AtomicUsize::new(0));
    let serving = Serving { http: http(settings), head: settings.header_read, idle: settings.idle, stopping };
    let drain = settings.drain;
    let counted = Arc::clone(&load);
    // Made here, so that the lack of a descriptor is the caller's error and not a silent thread.
    let (ready, started) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().name(format!("serve-{index}")).spawn(move || {
        let runtime = RuntimeBuilder::new_current_thread().enable_all().build_local(LocalOptions::default());
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                // The receiver waits right below.
                drop(ready.send(Err(error)));
                return;
            }
        };
        drop(ready.send(Ok(())));
        serve_on(&runtime, || make(index), &serving, taken, &counted, drain);
    })?;
    match started.recv() {
        Ok(Ok(())) => Ok((Worker { hand, load }, thread)),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(io::Error::other("a serving thread didn't start")),
    }
}

fn http(settings: &ListenerSettings) -> Builder {
    let mut http = Builder::new();
    // No timer for hyper: `watch` does what its own would, without setting one for each request.
    http.header_read_timeout(None)
        .max_header_size(settings.header_bytes_max)
        .max_buf_size(settings.header_bytes_max.max(BUFFER_MIN))
        .half_close(true)
        .keep_alive(true)
        .pipeline_flush(false)
        // Head and body of most replies are small: one buffer costs less than to tell the system of two.
        .writev(false);
    http
}

/// A serving thread's life.
fn serve_on<S>(
    runtime: &LocalRuntime,
    make: impl FnOnce() -> S,
    serving: &Serving,
    mut taken: mpsc::Receiver<Handover>,
    load: &Arc<AtomicUsize>,
    drain: Duration,
) where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone + 'static,
    S::Future: 'static,
{
    runtime.block_on(async {
        let service = make();
        let ended = Rc::new(Notify::new());
        // Ends when the accepting side has let go of its end, with nothing left in between.
        while let Some((stream, place)) = taken.recv().await {
            let guard = Guard { load: Arc::clone(load), ended: Rc::clone(&ended), _place: place };
            match tokio::net::TcpStream::from_std(stream) {
                Ok(stream) => {
                    let connection = serve(stream, service.clone(), serving.clone());
                    tokio::task::spawn_local(async move {
                        connection.await;
                        drop(guard);
                    });
                }
                Err(error) => tracing::warn!(%error, "a connection could not be served"),
            }
        }
        let drained = async {
            // Looked at and waited for on the one thread that changes it: no ending is missed.
            while load.load(Ordering::Relaxed) > 0 {
                ended.notified().await;
            }
        };
        if tokio::time::timeout(drain, drained).await.is_err() {
            let left = load.load(Ordering::Relaxed);
            tracing::warn!(left, "connections were broken off at shutdown");
        }
    });
}

/// Counts a connection as long as it lives.
struct Guard {
    load: Arc<AtomicUsize>,
    ended: Rc<Notify>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.load.fetch_sub(1, Ordering::Relaxed);
        self.ended.notify_one();
    }
}

/// What every connection is served with.
#[derive(Clone)]
struct Serving {
    http: Builder,
    head: Duration,
    idle: Duration,
    stopping: Stopping,
}

/// A connection's life.
async fn serve<S>(stream: tokio::net::TcpStream, service: S, mut serving: Serving)
where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone + 'static,
    S::Future: 'static,
{
    let mark = Mark::new();
    let mut watch = Watch::new(Rc::clone(&mark), serving.head, serving.idle);
    let stream = TokioIo::new(Marked::new(stream, Rc::clone(&mark)));
    let service = service_fn(move |request| {
        let (mut service, mark) = (service.clone(), Rc::clone(&mark));
        mark.busy();
        async move {
            poll_fn(|cx| service.poll_ready(cx)).await?;
            let reply = service.call(request).await;
            mark.idle();
            reply
        }
    });
    let mut connection = pin!(serving.http.serve_connection(stream, service));
    let mut stop = pin!(serving.stopping.wait_for(|stop| *stop));
    let mut stopped = false;
    let ended = poll_fn(|cx| {
        if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
            return Poll::Ready(ended);
        }
        if watch.poll(cx).is_ready() {
            tracing::debug!("a client kept its connection waiting for too long");
            return Poll::Ready(Ok(()));
        }
        // Asked last: at most wake-ups the connection has something to do, and shutdown comes once.
        if !stopped && stop.as_mut().poll(cx).is_ready() {
            stopped = true;
            connection.as_mut().graceful_shutdown();
            return connection.as_mut().poll(cx);
        }
        Poll::Pending
    });
    if let Err(error) = ended.await {
        // Clients come and go; hyper has answered what can be answered.
        tracing::debug!(%error, "a client's connection ended");
    }
}

/// Ready at SIGINT or SIGTERM, whichever comes first.
///
/// # Errors
/// Where the handlers can't be set.
pub async fn shutdown_signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => tracing::info!("SIGINT: shutting down"),
        _ = terminate.recv() => tracing::info!("SIGTERM: shutting down"),
    }
    Ok(())
}
