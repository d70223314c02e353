//! Signing in at upstreams: once, shared, renewed, refused, and out again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod upstream_support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, SET_COOKIE};
use pamgate::identity::sign_in::SignIn;
use pamgate::upstream::{CallError, SignInError, Upstream};
use upstream_support::*;

const LOGON: &str = "/API/auth/CyberArk/Logon";

/// A vault whose tokens are numbers, and whose tokens below `good` are over.
async fn vault(good: &Arc<AtomicUsize>) -> Server {
    let (good, tokens) = (Arc::clone(good), AtomicUsize::new(0));
    server(move |seen, _| {
        let reply = match seen.path.as_str() {
            LOGON => {
                let token = tokens.fetch_add(1, Ordering::SeqCst) + 1;
                answer(200, format!("\"{token}\""))
            }
            _ => {
                let token: usize = seen.header(AUTHORIZATION).parse().unwrap_or_default();
                let over = token == 0 || token < good.load(Ordering::SeqCst);
                if over { answer(401, "") } else { answer(200, token.to_string()) }
            }
        };
        async move {
            // Long enough for all who want a session to want it at the same time.
            if seen.path == LOGON {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            reply
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_calls_at_once_sign_in_once() {
    let vault = vault(&Arc::default()).await;
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    let joe = joe();
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (upstream, joe) = (Arc::clone(&upstream), Arc::clone(&joe));
            tokio::spawn(async move { upstream.call(&joe, get("/API/MyRequests"), soon()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().body, "1");
    }
    assert_eq!(vault.count(LOGON), 1);
    assert_eq!(vault.count("/API/MyRequests"), 50);
    let logon = vault.seen.lock().unwrap()[0].clone();
    assert_eq!(logon.body, r#"{"username":"joe","password":"p \"1\"","concurrentSession":true}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_is_over_is_renewed_once_and_every_call_repeated_even_a_creation() {
    let good = Arc::new(AtomicUsize::new(0));
    let vault = vault(&good).await;
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    let joe = joe();
    assert_eq!(upstream.call(&joe, get("/a"), soon()).await.unwrap().body, "1");
    good.store(2, Ordering::SeqCst);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let (upstream, joe) = (Arc::clone(&upstream), Arc::clone(&joe));
            tokio::spawn(async move { upstream.call(&joe, post("/create", "{}"), soon()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().body, "2");
    }
    assert_eq!(vault.count(LOGON), 2);
}

#[tokio::test]
async fn calls_that_are_always_refused_do_not_sign_in_for_each() {
    let good = Arc::new(AtomicUsize::new(usize::MAX));
    let vault = vault(&good).await;
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    for _ in 0..10 {
        let reply = upstream.call(&joe(), get("/a"), soon()).await.unwrap();
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(vault.count(LOGON), 1);
    assert_eq!(vault.count("/a"), 10);
}

#[tokio::test]
async fn a_refused_sign_in_is_shared_remembered_and_tried_again_later() {
    let vault = server(|_, number| async move {
        match number {
            1 => answer(403, r#"{"ErrorCode":"ITATS004E"}"#),
            2 => answer(200, "\"t\""),
            _ => answer(200, "in"),
        }
    })
    .await;
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    let joe = joe();
    for _ in 0..5 {
        let error = upstream.call(&joe, post("/create", "{}"), soon()).await.unwrap_err();
        let CallError::SignIn(SignInError::Refused(status)) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(status.as_u16(), 403);
        assert!(!error.sent());
        let told = format!("{error} {error:?}");
        assert!(!told.contains("p \"1\"") && !told.contains("k-1"), "{told}");
    }
    assert_eq!(vault.paths(), [LOGON]);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(upstream.call(&joe, post("/create", "{}"), soon()).await.unwrap().body, "in");
    assert_eq!(vault.paths(), [LOGON, LOGON, "/create"]);
}

#[tokio::test]
async fn waiting_for_a_sign_in_ends_at_the_callers_deadline_and_the_sign_in_goes_on() {
    let vault = server(|seen, _| async move {
        if seen.path == LOGON {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        answer(200, "\"t\"")
    })
    .await;
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    let joe = joe();
    let before = Instant::now();
    let error = upstream.call(&joe, get("/a"), within(Duration::from_millis(60))).await.unwrap_err();
    assert!(matches!(error, CallError::SignIn(SignInError::TimedOut)), "{error:?}");
    assert!(before.elapsed() < Duration::from_millis(250));
    upstream.call(&joe, get("/a"), soon()).await.unwrap();
    assert_eq!(vault.paths(), [LOGON, "/a"]);
}

#[tokio::test]
async fn rubbish_for_a_token_is_no_session() {
    for (reply, said) in [
        ("not json", "the reply isn't one JSON string"),
        ("\"\"", "the reply holds an empty token"),
        ("\"a\\nb\"", "the value for the header `authorization` holds characters that a header can't carry"),
    ] {
        let vault = server(move |_, _| async move { answer(200, reply) }).await;
        let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
        let error = upstream.call(&joe(), get("/a"), soon()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("signing in at the upstream failed: {said}"));
    }
}

#[tokio::test]
async fn cookies_go_back_and_optional_pieces_of_the_sign_in_are_left_out() {
    let app = server(|seen, _| async move {
        let mut reply = answer(200, "{}");
        if seen.path == "/Auth/SignAppin" {
            for cookie in ["ASP.NET_SessionId=abc; path=/; HttpOnly", "node=old", "node=7; Secure"] {
                reply.headers_mut().append(SET_COOKIE, cookie.parse().unwrap());
            }
        }
        reply
    })
    .await;
    let upstream = Upstream::new(settings(app.address), app_sign_in()).unwrap();
    upstream.call(&identity(&[("key", "k1"), ("user", "DOM\\joe")]), get("/Requests"), soon()).await.unwrap();
    upstream.close(soon()).await;
    let seen = app.seen.lock().unwrap().clone();
    assert_eq!(seen[0].header(AUTHORIZATION), "PS-Auth key=k1; runas=DOM\\joe;");
    assert_eq!(seen[0].header(CONTENT_LENGTH), "0");
    assert_eq!(seen[1].header(COOKIE), "ASP.NET_SessionId=abc; node=7");
    assert_eq!(seen[1].header(AUTHORIZATION), "");
    assert_eq!((seen[2].path.as_str(), seen[2].header(COOKIE)), ("/Auth/Signout", seen[1].header(COOKIE)));
}

#[tokio::test]
async fn without_a_session_credentials_go_with_every_call_and_a_refusal_is_the_reply() {
    let broker = server(|_, _| async { answer(401, "60108") }).await;
    let each_call = vec![(AUTHORIZATION, vec![template("A2A {key}")])];
    let sign_in = SignIn { each_call, refused: vec![StatusCode::UNAUTHORIZED], ..SignIn::default() };
    let upstream = Upstream::new(settings(broker.address), sign_in).unwrap();
    let reply = upstream.call(&joe(), post("/AccessRequests", "{}"), soon()).await.unwrap();
    assert_eq!(reply.body, "60108");
    assert_eq!(broker.paths(), ["/AccessRequests"]);
    assert_eq!(broker.seen.lock().unwrap()[0].header(AUTHORIZATION), "A2A k-1");
}

#[tokio::test]
async fn a_token_inside_a_document_is_found_and_changed_credentials_make_a_new_session() {
    let app = server(|seen, _| async move {
        match seen.path.as_str() {
            LOGON => answer(200, format!(r#"{{"a":{{"b":"T{}"}}}}"#, seen.body.len())),
            _ => answer(200, seen.header(AUTHORIZATION).to_owned()),
        }
    })
    .await;
    let mut sign_in = logon();
    sign_in.open.as_mut().unwrap().keep = pamgate::identity::sign_in::Keep::TokenAt("/a/b".into());
    let upstream = Upstream::new(settings(app.address), sign_in).unwrap();
    let short = identity(&[("user", "u"), ("password", "p")]);
    let same = identity(&[("password", "p"), ("user", "u")]);
    let changed = identity(&[("user", "u"), ("password", "changed")]);
    let mut tokens = Vec::new();
    for identity in [&short, &same, &changed] {
        tokens.push(upstream.call(identity, get("/a"), soon()).await.unwrap().body);
    }
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[0], tokens[2]);
    assert_eq!(app.count(LOGON), 2);
}

#[tokio::test]
async fn closing_signs_every_identity_out() {
    let vault = vault(&Arc::default()).await;
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    for number in 0..20 {
        let identity = pamgate::identity::sign_in::Identity {
            caller: format!("caller {number}"),
            values: vec![("user".into(), number.to_string().into())],
        };
        upstream.call(&Arc::new(identity), get("/a"), soon()).await.unwrap();
    }
    upstream.close(soon()).await;
    assert_eq!(vault.count("/API/Auth/Logoff"), 20);
}

#[tokio::test]
async fn closing_ends_at_its_deadline_though_the_upstream_hangs() {
    let vault = server(|seen, _| async move {
        if seen.path == "/API/Auth/Logoff" {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        answer(200, "\"t\"")
    })
    .await;
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    upstream.call(&joe(), get("/a"), soon()).await.unwrap();
    let before = Instant::now();
    upstream.close(within(Duration::from_millis(100))).await;
    assert!(before.elapsed() < Duration::from_millis(500));
    assert_eq!(vault.count("/API/Auth/Logoff"), 1);
}

/// A runtime as each serving thread has it.
fn single() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_sign_in_that_went_down_with_its_thread_is_begun_anew_by_the_next() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let vault = servers.block_on(server(|seen, number| async move {
        if seen.path == LOGON && number == 1 {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        answer(200, "\"t\"")
    }));
    let upstream = Upstream::new(settings(vault.address), logon()).unwrap();
    let (one, other) = (single(), single());
    let error = one
        .block_on(async { upstream.call(&joe(), get("/a"), within(Duration::from_millis(100))).await })
        .unwrap_err();
    assert!(matches!(error, CallError::SignIn(SignInError::TimedOut)), "{error:?}");
    drop(one);
    other.block_on(async { upstream.call(&joe(), get("/a"), soon()).await }).unwrap();
    assert_eq!(vault.paths(), [LOGON, LOGON, "/a"]);
}
