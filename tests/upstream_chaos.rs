//! A server that closes when it likes: creations are never sent twice, and what is said of them is true.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod upstream_support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pamgate::identity::sign_in::SignIn;
use pamgate::upstream::{CallError, Upstream, UpstreamSettings};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use upstream_support::*;

/// Numbers that look random and are the same in each run.
struct Dice(AtomicU64);

impl Dice {
    fn roll(&self, sides: u64) -> u64 {
        let next = |x: u64| x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let seen = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |x| Some(next(x))).unwrap();
        (next(seen) >> 33) % sides
    }
}

/// Reads one request with an eight-digit body; `None` where the connection ended first.
async fn read_id(stream: &mut TcpStream) -> Option<String> {
    if !read_head(stream).await {
        return None;
    }
    let mut body = [0; 8];
    stream.read_exact(&mut body).await.ok()?;
    Some(String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn a_creation_is_never_sent_twice_and_never_said_unsent_when_it_was_seen() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let seen = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let dice = Arc::new(Dice(AtomicU64::new(4711)));
    let (seeing, rolling) = (Arc::clone(&seen), Arc::clone(&dice));
    let server = servers.block_on(raw(move |mut stream, _| {
        let (seen, dice) = (Arc::clone(&seeing), Arc::clone(&rolling));
        async move {
            while let Some(id) = read_id(&mut stream).await {
                *seen.lock().unwrap().entry(id.clone()).or_default() += 1;
                let close = if dice.roll(4) == 0 { "Connection: close\r\n" } else { "" };
                let reply = format!("HTTP/1.1 201 Created\r\n{close}Content-Length: 8\r\n\r\n{id}");
                match dice.roll(20) {
                    // Seen, and never answered.
                    0 => return,
                    // Half an answer.
                    1 => return write(&mut stream, &reply[..dice.roll(reply.len() as u64) as usize]).await,
                    // Answered, and closed without a word or after a while.
                    2..5 => return write(&mut stream, &reply).await,
                    5..8 => {
                        write(&mut stream, &reply).await;
                        tokio::time::sleep(Duration::from_micros(dice.roll(500))).await;
                        return;
                    }
                    // An answer that comes too late for most.
                    8 => tokio::time::sleep(Duration::from_millis(30)).await,
                    _ => {}
                }
                write(&mut stream, &reply).await;
                if !close.is_empty() {
                    return;
                }
            }
        }
    }));
    let settings = UpstreamSettings { max_connections: 6, ..settings(server.address) };
    let upstream = Upstream::new(settings, SignIn::default()).unwrap();
    let (next, broken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let unsent = Arc::new(Mutex::new(Vec::new()));
    let clients: Vec<_> = (0..3)
        .map(|_| {
            let (upstream, seen) = (Arc::clone(&upstream), Arc::clone(&seen));
            let (next, broken) = (Arc::clone(&next), Arc::clone(&broken));
            let unsent = Arc::clone(&unsent);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let one = |_| {
                    let (upstream, seen) = (Arc::clone(&upstream), Arc::clone(&seen));
                    let (next, broken) = (Arc::clone(&next), Arc::clone(&broken));
                    let unsent = Arc::clone(&unsent);
                    async move {
                        for _ in 0..150 {
                            let id = format!("{:08}", next.fetch_add(1, Ordering::SeqCst));
                            let deadline = within(Duration::from_millis(25));
                            let ended = upstream.call(&joe(), post("/create", &id), deadline).await;
                            let times = seen.lock().unwrap().get(&id).copied().unwrap_or_default();
                            match ended {
                                Ok(reply) => assert_eq!((reply.body.as_ref(), times), (id.as_bytes(), 1)),
                                Err(error) => {
                                    broken.fetch_add(1, Ordering::SeqCst);
                                    if !error.sent() {
                                        unsent.lock().unwrap().push(id);
                                    }
                                    assert!(!matches!(error, CallError::Unreachable(_)), "{error:?}");
                                }
                            }
                        }
                    }
                };
                runtime.block_on(async {
                    let mut calls = tokio::task::JoinSet::new();
                    (0..4).for_each(|number| drop(calls.spawn(one(number))));
                    calls.join_all().await;
                });
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    std::thread::sleep(Duration::from_millis(100));
    let seen = seen.lock().unwrap();
    let twice: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    // Asked now, when whatever was on its way has come.
    for id in unsent.lock().unwrap().iter() {
        assert!(!seen.contains_key(id), "{id} was said to be unsent");
    }
    // Else nothing of this was tried.
    let broken = broken.load(Ordering::SeqCst);
    assert!((50..1000).contains(&broken), "{broken} of 1800 calls broke");
    assert!(server.connections() > 100, "{} connections", server.connections());
}
