//! Small servers to set an [`Upstream`] against, and what every test of it needs.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../authority_support/mod.rs"]
mod authority_support;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) use authority_support::Authority;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderName};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use pamgate::identity::sign_in::{BodyTemplate, Identity, Keep, Open, SignIn, Template};
use pamgate::upstream::{Call, Upstream, UpstreamSettings};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) fn soon() -> Instant {
    within(Duration::from_secs(5))
}

pub(crate) fn within(time: Duration) -> Instant {
    Instant::now() + time
}

pub(crate) fn settings(address: SocketAddr) -> UpstreamSettings {
    UpstreamSettings {
        name: "vault".into(),
        url: format!("http://{address}").parse().unwrap(),
        ca: None,
        client_certificate: None,
        max_connections: 64,
        connect: Duration::from_secs(2),
        idle: Duration::from_secs(30),
        reply_bytes_max: 64 * 1024,
    }
}

pub(crate) fn plain(address: SocketAddr) -> Arc<Upstream> {
    Upstream::new(settings(address), SignIn::default()).unwrap()
}

pub(crate) fn identity(values: &[(&str, &str)]) -> Arc<Identity> {
    let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Arc::new(Identity { caller: "joe".into(), values })
}

pub(crate) fn joe() -> Arc<Identity> {
    identity(&[("user", "joe"), ("key", "k-1"), ("password", "p \"1\"")])
}

pub(crate) fn get(path: &str) -> Call {
    Call { method: Method::GET, path: path.into(), content_type: None, body: Bytes::new(), idempotent: true }
}

pub(crate) fn post(path: &str, body: &str) -> Call {
    Call {
        method: Method::POST,
        path: path.into(),
        content_type: Some("application/json".parse().unwrap()),
        body: Bytes::copy_from_slice(body.as_bytes()),
        idempotent: false,
    }
}

pub(crate) fn template(text: &str) -> Template {
    Template::parse(text).unwrap()
}

/// CyberArk's way: a body, a token that is a JSON string, the token as it is in each call.
pub(crate) fn logon() -> SignIn {
    let body = json!({ "username": "{user}", "password": "{password}", "concurrentSession": true });
    SignIn {
        open: Some(Open {
            method: Method::POST,
            path: "/API/auth/CyberArk/Logon".into(),
            headers: Vec::new(),
            body: Some(BodyTemplate::parse(&body).unwrap()),
            keep: Keep::Token,
            ok: vec![StatusCode::OK],
        }),
        each_call: vec![(AUTHORIZATION, vec![template("{token}")])],
        close: Some((Method::POST, "/API/Auth/Logoff".into())),
        refused: vec![StatusCode::UNAUTHORIZED],
    }
}

/// BeyondTrust's way: everything in a header, cookies kept.
pub(crate) fn app_sign_in() -> SignIn {
    SignIn {
        open: Some(Open {
            method: Method::POST,
            path: "/Auth/SignAppin".into(),
            headers: vec![(
                AUTHORIZATION,
                vec![
                    template("PS-Auth key={key};"),
                    template(" runas={user};"),
                    template(" pwd=[{password}];"),
                ],
            )],
            body: None,
            keep: Keep::Cookies,
            ok: vec![StatusCode::OK],
        }),
        each_call: Vec::new(),
        close: Some((Method::POST, "/Auth/Signout".into())),
        refused: vec![StatusCode::UNAUTHORIZED],
    }
}

/// What a server saw of one request.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: hyper::HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: impl Into<HeaderName>) -> &str {
        self.headers.get(name.into()).map_or("", |value| value.to_str().unwrap())
    }
}

/// A server whose answers are a function of what it saw.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    pub(crate) connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.path.clone()).collect()
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.paths().iter().filter(|seen| *seen == path).count()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub(crate) type Answer = Response<Full<Bytes>>;

pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Response::builder().status(status).body(Full::new(body.into())).unwrap()
}

/// Serves with a function of the request and its number.
pub(crate) async fn server<F>(answer: impl Fn(Seen, usize) -> F + Send + Sync + 'static) -> Server
where
    F: Future<Output = Answer> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server =
        Server { address: listener.local_addr().unwrap(), seen: Arc::default(), connections: Arc::default() };
    let (seen, connections) = (Arc::clone(&server.seen), Arc::clone(&server.connections));
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&answer)));
        }
    });
    server
}

pub(crate) async fn serve<F>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<impl Fn(Seen, usize) -> F + Send + Sync + 'static>,
) where
    F: Future<Output = Answer> + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let one = Seen {
                method: parts.method,
                path: parts.uri.to_string(),
                headers: parts.headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            };
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(one.clone());
                seen.len()
            };
            Ok::<_, Infallible>(answer(one, number).await)
        }
    });
    // A client that hangs up is part of some tests.
    drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

/// A server that reads a request's head and then does what the test says with the connection.
pub(crate) async fn raw<F>(act: impl Fn(TcpStream, usize) -> F + Send + Sync + 'static) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server =
        Server { address: listener.local_addr().unwrap(), seen: Arc::default(), connections: Arc::default() };
    let connections = Arc::clone(&server.connections);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let number = connections.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::spawn(act(stream, number));
        }
    });
    server
}

/// Reads up to the end of a head; false where the connection ended first.
pub(crate) async fn read_head(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    true
}

pub(crate) async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// A TLS server on `localhost` that answers `hello` to everything.
pub(crate) async fn tls_server(
    (certificate, key): (PathBuf, PathBuf),
    clients: Option<&Authority>,
) -> SocketAddr {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(authority.der()).unwrap();
            let roots = Arc::new(roots);
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(roots, provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let read = |path: &Path| CertificateDer::from_pem_file(path).unwrap();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let mut config = builder.with_single_cert(vec![read(&certificate)], key).unwrap();
    // Prefers h2, as the vendors' servers do: the client must not agree to it.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let hello = |_, _| async { answer(200, "hello") };
                    serve(stream, Arc::default(), Arc::new(hello)).await;
                }
            });
        }
    });
    address
}
