//! Connections to upstreams: kept, bounded, dying, hanging, lying, and encrypted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "upstream_connections/tls.rs"]
mod tls;
mod upstream_support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use pamgate::identity::sign_in::SignIn;
use pamgate::upstream::{CallError, Reply, Upstream, UpstreamError, UpstreamSettings};
use tokio::net::TcpListener;
use upstream_support::*;

async fn call(upstream: &Upstream, call: pamgate::upstream::Call) -> Result<Reply, CallError> {
    upstream.call(&joe(), call, within(Duration::from_millis(400))).await
}

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

fn https(port: u16, host: &str, ca: &Authority) -> UpstreamSettings {
    UpstreamSettings {
        url: format!("https://{host}:{port}").parse().unwrap(),
        ca: Some(ca.ca()),
        ..settings("127.0.0.1:1".parse().unwrap())
    }
}

#[tokio::test]
async fn calls_one_after_another_share_a_connection_and_say_what_they_should() {
    let server = server(|_, _| async { answer(200, "ok") }).await;
    let mut settings = settings(server.address);
    settings.url = format!("http://{}/PasswordVault/", server.address).parse().unwrap();
    let upstream = Upstream::new(settings, SignIn::default()).unwrap();
    for number in 0..5 {
        call(&upstream, post(&format!("/API/MyRequests?n={number}"), r#"{"a":1}"#)).await.unwrap();
    }
    call(&upstream, post("/empty", "")).await.unwrap();
    call(&upstream, get("/got")).await.unwrap();
    assert_eq!(server.connections(), 1);
    let seen = server.seen.lock().unwrap().clone();
    assert_eq!(seen[4].path, "/PasswordVault/API/MyRequests?n=4");
    assert_eq!(seen[4].body, r#"{"a":1}"#);
    assert_eq!(seen[4].header(HOST), server.address.to_string());
    assert_eq!(seen[4].header(CONTENT_TYPE), "application/json");
    assert_eq!(seen[4].header(ACCEPT), "application/json");
    assert_eq!(seen[5].header(CONTENT_LENGTH), "0");
    assert!(!seen[6].headers.contains_key(CONTENT_LENGTH));
}

/// Every request's future holds a call's, and is moved with it: what is rare, such as a TLS handshake, must not lie in it.
#[tokio::test]
async fn a_calls_future_is_small() {
    let upstream = Upstream::new(settings("127.0.0.1:1".parse().unwrap()), SignIn::default()).unwrap();
    let identity = joe();
    let size = size_of_val(&upstream.call(&identity, get("/a"), soon()));
    assert!(size < 4096, "{size} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_connections_than_allowed_and_busy_beyond_the_deadline() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counting, peak) = (Arc::clone(&now), Arc::clone(&most));
    let server = server(move |_, _| {
        let (counting, peak) = (Arc::clone(&counting), Arc::clone(&peak));
        async move {
            peak.fetch_max(counting.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            counting.fetch_sub(1, Ordering::SeqCst);
            answer(200, "ok")
        }
    })
    .await;
    let settings = UpstreamSettings { max_connections: 3, ..settings(server.address) };
    let upstream = Upstream::new(settings, SignIn::default()).unwrap();
    let calls: Vec<_> = (0..60)
        .map(|_| {
            let upstream = Arc::clone(&upstream);
            tokio::spawn(async move { upstream.call(&joe(), get("/a"), soon()).await.unwrap() })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(30)).await;
    let error = upstream.call(&joe(), get("/late"), within(Duration::from_millis(10))).await.unwrap_err();
    assert!(matches!(error, CallError::Busy), "{error:?}");
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(server.connections(), 3, "kept ones are used again, from whichever thread");
    assert_eq!(server.count("/late"), 0);
}

#[tokio::test]
async fn a_connection_idle_for_too_long_is_closed_though_no_call_comes() {
    let closed = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&closed);
    let server = raw(move |mut stream, _| {
        let counting = Arc::clone(&counting);
        async move {
            while read_head(&mut stream).await {
                write(&mut stream, HELLO).await;
            }
            counting.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let settings = UpstreamSettings { idle: Duration::from_millis(100), ..settings(server.address) };
    let upstream = Upstream::new(settings, SignIn::default()).unwrap();
    call(&upstream, get("/")).await.unwrap();
    assert_eq!(closed.load(Ordering::SeqCst), 0);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(closed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_kept_connection_closed_in_silence_is_replaced_even_for_a_creation() {
    // The end of the stream is there before the next call: nothing of it is ever written.
    let server = raw(|mut stream, _| async move {
        read_head(&mut stream).await;
        write(&mut stream, HELLO).await;
    })
    .await;
    let upstream = plain(server.address);
    for _ in 0..3 {
        assert_eq!(call(&upstream, post("/create", "")).await.unwrap().body, "hello");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_connection_announced_to_close_is_not_used_again() {
    // The next call follows at once, before the end of the stream is there.
    let server = raw(|mut stream, _| async move {
        read_head(&mut stream).await;
        write(&mut stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello").await;
    })
    .await;
    let upstream = plain(server.address);
    for _ in 0..20 {
        assert_eq!(call(&upstream, post("/create", "")).await.unwrap().body, "hello");
    }
    assert_eq!(server.connections(), 20);
}

#[tokio::test]
async fn a_connection_that_dies_under_a_call_is_tried_again_only_where_that_does_no_harm() {
    // Each connection answers once, reads a second request and hangs up.
    let server = raw(|mut stream, _| async move {
        read_head(&mut stream).await;
        write(&mut stream, HELLO).await;
        read_head(&mut stream).await;
    })
    .await;
    let upstream = plain(server.address);
    call(&upstream, get("/")).await.unwrap();
    call(&upstream, get("/")).await.unwrap();
    assert_eq!(server.connections(), 2);
    let error = call(&upstream, post("/create", "")).await.unwrap_err();
    assert!(matches!(error, CallError::Broken { sent: true, .. }), "{error:?}");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_fresh_connection_that_dies_is_not_tried_again() {
    let server = raw(|mut stream, _| async move {
        read_head(&mut stream).await;
    })
    .await;
    let error = call(&plain(server.address), get("/")).await.unwrap_err();
    assert!(matches!(error, CallError::Broken { sent: true, .. }), "{error:?}");
    assert_eq!(server.connections(), 1);
}

/// Sets an upstream that says `text` and then holds its connection against a call.
async fn said(text: &'static str) -> Result<Reply, CallError> {
    let server = raw(move |mut stream, _| async move {
        read_head(&mut stream).await;
        write(&mut stream, text).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    })
    .await;
    call(&plain(server.address), get("/")).await
}

#[tokio::test]
async fn hanging_upstreams_end_at_the_deadline() {
    for text in ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"] {
        let before = Instant::now();
        let error = said(text).await.unwrap_err();
        assert!(matches!(error, CallError::TimedOut { sent: true }), "{text:?}: {error:?}");
        assert!(before.elapsed() < Duration::from_millis(700));
    }
}

#[tokio::test]
async fn rubbish_is_a_broken_connection() {
    for text in [
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 OK\r\n\r\n",
    ] {
        let error = said(text).await.unwrap_err();
        assert!(matches!(error, CallError::Broken { sent: true, .. }), "{text:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_reply_that_ends_early_is_no_reply() {
    let server = raw(|mut stream, _| async move {
        read_head(&mut stream).await;
        write(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello").await;
    })
    .await;
    let error = call(&plain(server.address), get("/")).await.unwrap_err();
    assert!(matches!(error, CallError::Broken { sent: true, .. }), "{error:?}");
}

#[tokio::test]
async fn chunks_informational_heads_and_a_body_up_to_the_end_are_read_whole() {
    let chunked = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n\
                   2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    let reply = said(chunked).await.unwrap();
    assert_eq!((reply.status, reply.body.as_ref()), (StatusCode::CREATED, b"hello".as_slice()));
    let server = raw(|mut stream, _| async move {
        read_head(&mut stream).await;
        write(&mut stream, "HTTP/1.0 200 OK\r\n\r\nhel").await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        write(&mut stream, "lo").await;
    })
    .await;
    let upstream = plain(server.address);
    for _ in 0..2 {
        assert_eq!(call(&upstream, post("/", "")).await.unwrap().body, "hello");
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_reply_beyond_the_bound_is_refused_whether_announced_or_not() {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n1\r\nx\r\n",
    ] {
        let server = raw(move |mut stream, _| async move {
            read_head(&mut stream).await;
            write(&mut stream, text).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        })
        .await;
        let settings = UpstreamSettings { reply_bytes_max: 16, ..settings(server.address) };
        let upstream = Upstream::new(settings, SignIn::default()).unwrap();
        let error = call(&upstream, get("/")).await.unwrap_err();
        assert!(matches!(error, CallError::TooLarge), "{error:?}");
        assert!(error.sent());
    }
    let server = server(|_, _| async { answer(200, "0123456789abcdef") }).await;
    let settings = UpstreamSettings { reply_bytes_max: 16, ..settings(server.address) };
    let upstream = Upstream::new(settings, SignIn::default()).unwrap();
    assert_eq!(call(&upstream, get("/")).await.unwrap().body.len(), 16);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_unreachable_and_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let upstream = plain(address);
    let error = call(&upstream, get("/")).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error:?}");
    assert!(!error.sent());
    assert!(!upstream.reachable().await);
    let _listener = TcpListener::bind(address).await.unwrap();
    assert!(!upstream.reachable().await, "the answer is kept for a while");
    assert!(plain(address).reachable().await);
}

#[tokio::test]
async fn addresses_and_paths_of_no_use_are_refused() {
    let address = "127.0.0.1:1".parse().unwrap();
    for (url, why) in [
        ("ftp://host/", "the upstream's address must begin with https:// or http://"),
        ("/only/a/path", "the upstream's address must begin with https:// or http://"),
        ("https://user:pw@host/", "the upstream's address must not hold a user or a password"),
        ("https://host/?a=b", "the upstream's address must not hold a query"),
    ] {
        let settings = UpstreamSettings { url: url.parse().unwrap(), ..settings(address) };
        assert_eq!(Upstream::new(settings, SignIn::default()).unwrap_err().to_string(), why);
    }
    for path in ["no-slash", "/a b", "/a\r\nHost: evil"] {
        let error = call(&plain(address), get(path)).await.unwrap_err();
        assert!(matches!(error, CallError::Path), "{path:?}: {error:?}");
    }
}

#[test]
fn threads_share_connections_and_outlive_each_other() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = servers.block_on(server(|_, _| async { answer(200, "ok") }));
    let settings = UpstreamSettings { max_connections: 1, ..settings(server.address) };
    let upstream = Upstream::new(settings, SignIn::default()).unwrap();
    let ask = |upstream: &Arc<Upstream>| {
        let upstream = Arc::clone(upstream);
        async move { upstream.call(&joe(), post("/create", "{}"), soon()).await.unwrap() }
    };
    let first = runtime();
    first.block_on(ask(&upstream));
    // Another thread may open no connection of its own, and takes the one there is. Its driver is the
    // first thread's, which has to be running for that.
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = std::thread::spawn(move || {
        first.block_on(async { stopped.await.unwrap() });
    });
    let asking = ask(&upstream);
    std::thread::spawn(move || runtime().block_on(asking)).join().unwrap();
    assert_eq!(server.connections(), 1);
    stop.send(()).unwrap();
    running.join().unwrap();
    // With the first thread went its connection.
    let idle = runtime();
    idle.block_on(ask(&upstream));
    assert_eq!(server.connections(), 2);
    // A call that waits for a thread that ends was never written, and hyper says so: it makes a
    // connection of its own, though it creates.
    drop(idle);
    let last = runtime();
    last.block_on(ask(&upstream));
    let asking = ask(&upstream);
    let waiting = std::thread::spawn(move || runtime().block_on(asking));
    std::thread::sleep(Duration::from_millis(100));
    drop(last);
    waiting.join().unwrap();
    assert_eq!((server.connections(), server.count("/create")), (4, 5));
}

#[tokio::test]
async fn connecting_has_a_limit_of_its_own_beside_the_calls() {
    // It accepts and then says nothing: a handshake that never ends.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ca = Authority::new();
    let port = listener.local_addr().unwrap().port();
    let settings = UpstreamSettings { connect: Duration::from_millis(200), ..https(port, "localhost", &ca) };
    let upstream = Upstream::new(settings, SignIn::default()).unwrap();
    let error = call(&upstream, post("/", "{}")).await.unwrap_err();
    assert!(matches!(&error, CallError::Unreachable(why) if why == "connecting took too long"), "{error:?}");
    let error = upstream.call(&joe(), post("/", "{}"), within(Duration::from_millis(50))).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { sent: false }), "{error:?}");
    assert!(!upstream.reachable().await);
}
