//! The listener and the operator's service, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod upstream_support;

use std::cell::Cell;
use std::collections::HashSet;
use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use pamgate::gateway::admin::Admin;
use pamgate::gateway::listener::{ListenerSettings, bind};
use tokio::sync::oneshot;
use upstream_support::{Answer, answer, plain};

struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<std::io::Result<()>>>,
    /// What the service has finished.
    done: Arc<AtomicUsize>,
    /// Which serving threads have served.
    threads: Arc<Mutex<HashSet<usize>>>,
}

impl Running {
    fn stop(&mut self) -> Duration {
        let before = Instant::now();
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap().unwrap();
        before.elapsed()
    }
}

fn settings() -> ListenerSettings {
    ListenerSettings { workers: 2, ..ListenerSettings::new("127.0.0.1:0".parse().unwrap()) }
}

/// Serves: `/slow` takes 300 ms, everything else answers with the body's length.
fn start(settings: ListenerSettings) -> Running {
    let bound = bind(settings).unwrap();
    let address = bound.address();
    let (stop, stopped) = oneshot::channel();
    let (done, threads) = (Arc::new(AtomicUsize::new(0)), Arc::<Mutex<HashSet<usize>>>::default());
    let (finished, served) = (Arc::clone(&done), Arc::clone(&threads));
    let make = move |worker| {
        // Neither `Send` nor locked: the service stays on its thread.
        let count = Rc::new(Cell::new(0));
        let (finished, served) = (Arc::clone(&finished), Arc::clone(&served));
        tower::service_fn(move |request: Request<Incoming>| {
            let (finished, served) = (Arc::clone(&finished), Arc::clone(&served));
            count.set(count.get() + 1);
            async move {
                served.lock().unwrap().insert(worker);
                let slow = request.uri().path() == "/slow";
                let body = request.into_body().collect().await.map(|body| body.to_bytes().len());
                if slow {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                finished.fetch_add(1, Ordering::SeqCst);
                let reply: Answer = match body {
                    Ok(length) => answer(200, format!("{length} bytes")),
                    Err(_) => answer(400, "no body"),
                };
                Ok::<_, Infallible>(reply)
            }
        })
    };
    let thread = std::thread::spawn(move || {
        bound.run(make, async {
            stopped.await.unwrap();
        })
    });
    Running { address, stop: Some(stop), thread: Some(thread), done, threads }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    stream
}

fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}

/// Reads until the text ends so, or the stream does.
fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(end.as_bytes()) && matches!(stream.read(&mut byte), Ok(1)) {
        read.push(byte[0]);
    }
    String::from_utf8(read).unwrap()
}

fn whole(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_taken_port_is_an_error() {
    let first = bind(settings()).unwrap();
    let error = bind(ListenerSettings::new(first.address())).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn connections_are_kept_and_spread_over_the_serving_threads() {
    let mut running = start(settings());
    let mut streams: Vec<_> = (0..4).map(|_| connect(running.address)).collect();
    for _ in 0..3 {
        for stream in &mut streams {
            send(stream, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
            assert!(until(stream, "5 bytes").starts_with("HTTP/1.1 200 OK\r\n"));
        }
    }
    assert_eq!(running.done.load(Ordering::SeqCst), 12);
    assert_eq!(running.threads.lock().unwrap().len(), 2);
    assert!(running.stop() < Duration::from_secs(1), "idle connections don't hold up the end");
    assert_eq!(whole(&mut streams[0]), "");
}

#[test]
fn what_is_under_way_at_shutdown_is_finished_and_nothing_more_is_taken() {
    let mut running = start(settings());
    let mut slow = connect(running.address);
    send(&mut slow, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(Duration::from_millis(50));
    assert!(running.stop() >= Duration::from_millis(200));
    let reply = whole(&mut slow);
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n") && reply.ends_with("0 bytes"), "{reply}");
    assert!(reply.to_ascii_lowercase().contains("connection: close"), "{reply}");
    assert!(TcpStream::connect(running.address).is_err());
}

#[test]
fn a_shutdown_does_not_wait_for_ever() {
    let mut running = start(ListenerSettings { drain: Duration::from_millis(50), ..settings() });
    let mut slow = connect(running.address);
    send(&mut slow, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(Duration::from_millis(50));
    assert!(running.stop() < Duration::from_millis(200));
    assert_eq!(running.done.load(Ordering::SeqCst), 0);
}

#[test]
fn a_client_that_closed_its_half_is_answered_and_one_that_left_does_not_stop_the_work() {
    let mut running = start(settings());
    let mut half = connect(running.address);
    send(&mut half, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    half.shutdown(Shutdown::Write).unwrap();
    assert!(whole(&mut half).ends_with("0 bytes"));
    for reset in [false, true] {
        let mut gone = connect(running.address);
        send(&mut gone, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        std::thread::sleep(Duration::from_millis(50));
        if reset {
            socket2::SockRef::from(&gone).set_linger(Some(Duration::ZERO)).unwrap();
        }
        drop(gone);
    }
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(running.done.load(Ordering::SeqCst), 3);
    running.stop();
}

#[test]
fn heads_too_large_too_many_too_slow_or_wrong_are_refused() {
    let mut running = start(ListenerSettings { header_read: Duration::from_millis(200), ..settings() });
    let large = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(17 * 1024));
    let endless = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "x".repeat(64 * 1024));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
    let lengths = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx".to_owned();
    for (head, status) in [(large, "431"), (endless, "431"), (many, "431"), (lengths, "400")] {
        let mut stream = connect(running.address);
        send(&mut stream, &head);
        let reply = until(&mut stream, "\r\n\r\n");
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {reply}");
    }
    assert_eq!(running.done.load(Ordering::SeqCst), 0);
    running.stop();
}

/// How long it takes until the server closes.
fn closed_after(stream: &mut TcpStream) -> u128 {
    let before = Instant::now();
    assert_eq!(whole(stream), "");
    before.elapsed().as_millis()
}

#[test]
fn clients_that_keep_a_connection_waiting_are_closed_each_in_its_time() {
    let (header_read, idle) = (Duration::from_millis(100), Duration::from_millis(600));
    let mut running = start(ListenerSettings { header_read, idle, ..settings() });
    let mut silent = connect(running.address);
    assert!((90..500).contains(&closed_after(&mut silent)));
    let mut slow = connect(running.address);
    send(&mut slow, "GET / HTTP/1.1\r\nHo");
    assert!((90..500).contains(&closed_after(&mut slow)));
    let mut kept = connect(running.address);
    for _ in 0..2 {
        send(&mut kept, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(until(&mut kept, "0 bytes").ends_with("0 bytes"));
        std::thread::sleep(Duration::from_millis(350));
    }
    // What the service takes is its own affair: `/slow` takes longer than a head may.
    send(&mut kept, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(until(&mut kept, "0 bytes").ends_with("0 bytes"));
    send(&mut kept, "GET");
    assert!((90..500).contains(&closed_after(&mut kept)), "a second head is watched as the first");
    let mut idle = connect(running.address);
    send(&mut idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    until(&mut idle, "0 bytes");
    assert!((500..1200).contains(&closed_after(&mut idle)));
    running.stop();
}

#[test]
fn connections_beyond_the_bound_wait_their_turn() {
    let mut running = start(ListenerSettings { connections_max: 1, ..settings() });
    let mut first = connect(running.address);
    send(&mut first, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    until(&mut first, "0 bytes");
    let mut second = connect(running.address);
    send(&mut second, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(running.done.load(Ordering::SeqCst), 1);
    drop(first);
    assert!(whole(&mut second).ends_with("0 bytes"));
    running.stop();
}

#[test]
fn the_operators_service_tells_what_cannot_be_reached() {
    let there = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // Bound and never listening: connections are refused, and nobody else can be given the port meanwhile.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = closed.local_addr().unwrap();
    for (upstreams, status, body) in [
        (vec![plain(there.local_addr().unwrap())], 200, r#"{"status":"ready"}"#),
        (vec![plain(gone)], 503, r#"{"status":"not ready","unreachable":["vault"]}"#),
    ] {
        let bound = bind(ListenerSettings { workers: 1, ..settings() }).unwrap();
        let (address, admin) = (bound.address(), Admin::new(upstreams));
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            bound.run(move |_| admin.clone(), async {
                stopped.await.unwrap();
            })
        });
        let ask = |line: &str| {
            let mut stream = connect(address);
            send(&mut stream, &format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
            whole(&mut stream)
        };
        let ready = ask("GET /readyz");
        assert!(ready.starts_with(&format!("HTTP/1.1 {status} ")) && ready.ends_with(body), "{ready}");
        assert!(ask("GET /healthz").starts_with("HTTP/1.1 200 "));
        assert!(ask("GET /else").starts_with("HTTP/1.1 404 "));
        assert!(ask("POST /healthz").starts_with("HTTP/1.1 405 "));
        stop.send(()).unwrap();
        thread.join().unwrap().unwrap();
    }
}
