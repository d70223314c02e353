//! A sandbox behind a socket: plain, over TLS, and while it is shut down.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use pamgate::sandbox::{Clock, Inventory, Sandbox, Vendor, serve, tls_config};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<std::io::Result<()>>,
}

async fn started(sandbox: Arc<Sandbox>, tls: Option<Arc<rustls::ServerConfig>>) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move { drop(stopped.await) };
    let done = tokio::spawn(serve(sandbox, listener, tls, shutdown));
    Running { address, stop, done }
}

fn sandbox(vendor: Vendor) -> Arc<Sandbox> {
    Sandbox::new(vendor, Inventory::built_in(vendor), Clock::system())
}

/// One request over a stream; status and body.
async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    path: &str,
    key: &str,
    body: Vec<u8>,
) -> (u16, String) {
    let (mut send, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post(path).header("host", "sandbox").header("authorization", key);
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let answer = send.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

const KEY: &str = "PS-Auth key=sandbox-bt-key-requester";
const REQUESTS: &str = "/BeyondTrust/api/public/v3/Requests";

#[tokio::test]
async fn requests_are_answered_over_a_plain_socket() {
    let running = started(sandbox(Vendor::BeyondTrust), None).await;
    let connect = || async { TcpStream::connect(running.address).await.unwrap() };
    let body = br#"{"SystemID":14,"AccountID":1032,"DurationMinutes":5}"#.to_vec();
    let made = ask(connect().await, REQUESTS, KEY, body).await;
    assert_eq!(made, (201, "124".to_owned()));
    let big = ask(connect().await, REQUESTS, KEY, vec![b' '; (1 << 20) + 1]).await;
    assert_eq!(big.0, 413);
    running.stop.send(()).unwrap();
    running.done.await.unwrap().unwrap();
    assert!(TcpStream::connect(running.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn what_is_in_flight_is_finished_before_the_end() {
    let running = started(sandbox(Vendor::BeyondTrust), None).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head =
        format!("POST {REQUESTS} HTTP/1.1\r\nHost: x\r\nAuthorization: {KEY}\r\nContent-Length: 52\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // Time for the head to be read, so that the request is under way.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(!running.done.is_finished(), "it waits for the request");
    stream.write_all(br#"{"SystemID":14,"AccountID":1032,"DurationMinutes":5}"#).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    running.done.await.unwrap().unwrap();
}

/// A server's and a client's certificate, of one authority that is the server's own.
struct Pki {
    folder: tempfile::TempDir,
    server: rcgen::CertifiedKey<rcgen::KeyPair>,
    client: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Pki {
    fn new() -> Pki {
        let folder = tempfile::tempdir().unwrap();
        let server = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let client = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        write("server.pem", server.cert.pem());
        write("server.key", server.signing_key.serialize_pem());
        write("client.pem", client.cert.pem());
        Pki { folder, server, client }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn connect(
        &self,
        to: SocketAddr,
        with_certificate: bool,
    ) -> tokio_rustls::client::TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from(self.server.cert.der().to_vec())).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = if with_certificate {
            let key = PrivatePkcs8KeyDer::from(self.client.signing_key.serialize_der());
            let chain = vec![CertificateDer::from(self.client.cert.der().to_vec())];
            config.with_client_auth_cert(chain, PrivateKeyDer::from(key)).unwrap()
        } else {
            config.with_no_client_auth()
        };
        let stream = TcpStream::connect(to).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

#[tokio::test]
async fn the_a2a_service_sees_the_clients_certificate() {
    let pki = Pki::new();
    let tls = tls_config(&pki.path("server.pem"), &pki.path("server.key"), Some(&pki.path("client.pem")));
    let sandbox = sandbox(Vendor::Safeguard);
    sandbox.require_certificate(true);
    let running = started(sandbox, Some(tls.unwrap())).await;
    let path = "/service/a2a/v4/AccessRequests";
    let key = "A2A sandbox-sg-a2a-key";
    let body = br#"{"ForUserId":55,"AssetId":2107,"AccountId":5512,"AccessRequestType":"Password"}"#;
    let without = ask(pki.connect(running.address, false).await, path, key, body.to_vec()).await;
    assert_eq!(without.0, 401);
    assert!(without.1.contains("60094"), "{}", without.1);
    let with = ask(pki.connect(running.address, true).await, path, key, body.to_vec()).await;
    assert_eq!(with.0, 201, "{}", with.1);
}

#[test]
fn tls_that_cannot_be_is_told_with_its_file() {
    let pki = Pki::new();
    let missing = tls_config(&pki.path("nothing.pem"), &pki.path("server.key"), None);
    assert!(missing.unwrap_err().to_string().contains("nothing.pem"));
    let no_key = tls_config(&pki.path("server.pem"), &pki.path("server.pem"), None);
    assert!(no_key.unwrap_err().to_string().contains("server.pem"));
}
