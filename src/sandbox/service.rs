//! A sandbox behind a socket: plain HTTP/1.1, or over TLS.
//!
//! Start at [`serve`]. Knows hyper, tokio and rustls; all answers come from [`Sandbox::answer`].

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{MAX_BODY, Sandbox};

/// Connections served at a time; more wait in the listener's backlog.
const MAX_CONNECTIONS: usize = 1024;
/// How long a client may take to shake hands or to send a request's head.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves until `shutdown` resolves, and then finishes what is in flight.
pub async fn serve(
    sandbox: Arc<Sandbox>,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let tls = tls.map(tokio_rustls::TlsAcceptor::from);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            pair = accepted => pair,
            () = &mut shutdown => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Usually too many open files: wait for some to close rather than spin or give up.
                tracing::warn!(%error, "the sandbox could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (sandbox, tls, watcher) = (Arc::clone(&sandbox), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = connection(sandbox, stream, tls, watcher).await {
                tracing::debug!(%error, "a connection to the sandbox ended early");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

type Failure = std::io::Error;
type Watcher = hyper_util::server::graceful::Watcher;

async fn connection(
    sandbox: Arc<Sandbox>,
    stream: TcpStream,
    tls: Option<tokio_rustls::TlsAcceptor>,
    watcher: Watcher,
) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        return requests(sandbox, stream, None, watcher).await;
    };
    let stream = tokio::time::timeout(PATIENCE, tls.accept(stream)).await??;
    let certificates = stream.get_ref().1.peer_certificates();
    let peer = certificates.and_then(<[_]>::first).map(|c| Bytes::copy_from_slice(c));
    requests(sandbox, stream, peer, watcher).await
}

async fn requests(
    sandbox: Arc<Sandbox>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Option<Bytes>,
    watcher: Watcher,
) -> Result<(), Failure> {
    let service = service_fn(move |request| {
        let (sandbox, peer) = (Arc::clone(&sandbox), peer.clone());
        async move {
            let reply = one(&sandbox, peer.as_deref(), request).await;
            reply.map(|reply| reply.map(Full::new))
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    watcher.watch(connection).await.map_err(Failure::other)
}

async fn one(
    sandbox: &Sandbox,
    peer: Option<&[u8]>,
    request: Request<Incoming>,
) -> Result<Response<Bytes>, Failure> {
    let (head, body) = request.into_parts();
    let read = tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await?;
    let body = match read {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return Ok(response);
        }
        Err(error) => return Err(Failure::other(error)),
    };
    Ok(sandbox.answer(peer, Request::from_parts(head, body)))
}

/// Why TLS can't be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsConfigError {
    /// A file couldn't be read as PEM.
    #[error("{path} can't be read as PEM: {source}", path = path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: rustls::pki_types::pem::Error,
    },
    /// rustls refuses the certificate or key.
    #[error("the certificate and key can't be used: {0}")]
    Refused(#[from] rustls::Error),
    /// The client authority can't be used.
    #[error("the client authority can't be used: {0}")]
    Authority(#[from] rustls::server::VerifierBuilderError),
}

/// A TLS server's configuration from PEM files. With `client_ca_pem` clients may show a certificate that
/// this authority issued; whether they must is [`Sandbox::require_certificate`]'s to say.
pub fn tls_config(
    cert_pem: &Path,
    key_pem: &Path,
    client_ca_pem: Option<&Path>,
) -> Result<Arc<rustls::ServerConfig>, TlsConfigError> {
    let pem_error = |path: &Path| {
        let path = path.to_owned();
        |source| TlsConfigError::Pem { path, source }
    };
    let read_certificates = |path: &Path| -> Result<Vec<CertificateDer<'static>>, TlsConfigError> {
        let read = CertificateDer::pem_file_iter(path).map_err(pem_error(path))?;
        read.collect::<Result<_, _>>().map_err(pem_error(path))
    };
    let chain = read_certificates(cert_pem)?;
    let key = PrivateKeyDer::from_pem_file(key_pem).map_err(pem_error(key_pem))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions()?;
    let builder = match client_ca_pem {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = rustls::RootCertStore::empty();
            for certificate in read_certificates(path)? {
                roots.add(certificate)?;
            }
            let verifier =
                rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
        }
    };
    let mut config = builder.with_single_cert(chain, key)?;
    // The vendors' clients turn HTTP/2 off.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
