//! One new connection to an upstream: TCP, TLS where the address says so, and the HTTP/1.1 handshake.
//!
//! TLS is always verified: against the named CA alone, or the platform's roots.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Uri;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::HeaderValue;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::error::UpstreamError;

/// The sending half of a connection.
pub(super) type Sender = SendRequest<Full<Bytes>>;

/// A way to a server that leads over no socket: both stand in one process, for tests of the whole way.
pub trait Dial: Send + Sync {
    /// The client's end of a new connection. Called on a tokio runtime.
    ///
    /// # Errors
    /// Where no connection comes about.
    fn dial(&self) -> std::io::Result<tokio::io::DuplexStream>;
}

/// Knows how to reach one upstream.
pub(super) struct Connector {
    within: Option<Arc<dyn Dial>>,
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// What goes into every request's `Host`.
    pub(super) host_header: HeaderValue,
}

impl Connector {
    pub(super) fn new(
        url: &Uri,
        ca: Option<&Path>,
        client_certificate: Option<&(PathBuf, PathBuf)>,
        within: Option<Arc<dyn Dial>>,
    ) -> Result<Self, UpstreamError> {
        let encrypted = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(UpstreamError::Url("must begin with https:// or http://")),
        };
        let authority = url.authority().ok_or(UpstreamError::Url("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(UpstreamError::Url("must not hold a user or a password"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(UpstreamError::Url("names no host"));
        }
        let default_port = if encrypted { 443 } else { 80 };
        let port = authority.port_u16().unwrap_or(default_port);
        let host_header = HeaderValue::from_str(authority.as_str())
            .map_err(|_| UpstreamError::Url("names a host that can't stand in a header"))?;
        let tls = if encrypted {
            let name = match host.parse::<IpAddr>() {
                Ok(address) => ServerName::IpAddress(address.into()),
                Err(_) => ServerName::try_from(host.clone())
                    .map_err(|_| UpstreamError::Url("names a host that no certificate can be for"))?,
            };
            let config = tls_config(ca, client_certificate)?;
            Some((TlsConnector::from(Arc::new(config)), name))
        } else {
            None
        };
        Ok(Self { within, host, port, tls, host_header })
    }

    /// Opens a connection and sets its driver going on the current runtime.
    pub(super) async fn connect(&self) -> Result<Sender, String> {
        if let Some(within) = &self.within {
            return handshake(within.dial().map_err(|e| e.to_string())?).await;
        }
        let tcp = self.tcp().await.map_err(|e| e.to_string())?;
        match &self.tls {
            None => handshake(tcp).await,
            Some((tls, name)) => {
                let stream = tls.connect(name.clone(), tcp).await;
                handshake(stream.map_err(|e| e.to_string())?).await
            }
        }
    }

    /// Whether a connection comes about; it is closed at once.
    pub(super) async fn probe(&self) -> Result<(), String> {
        if let Some(within) = &self.within {
            return within.dial().map(drop).map_err(|e| e.to_string());
        }
        let tcp = self.tcp().await.map_err(|e| e.to_string())?;
        if let Some((tls, name)) = &self.tls {
            tls.connect(name.clone(), tcp).await.map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    async fn tcp(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

async fn handshake<S>(stream: S) -> Result<Sender, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // Head and body of a call are small: one buffer costs less than to tell the system of two.
    let mut http = Builder::new();
    http.writev(false);
    let (sender, driver) = http.handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
    tokio::spawn(async move {
        // Whoever waits for a reply on this connection is told by hyper; nobody else cares.
        if let Err(error) = driver.await {
            tracing::debug!(%error, "a connection to an upstream ended");
        }
    });
    Ok(sender)
}

fn tls_config(
    ca: Option<&Path>,
    client_certificate: Option<&(PathBuf, PathBuf)>,
) -> Result<ClientConfig, UpstreamError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match ca {
        None => builder.with_platform_verifier()?,
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate)?;
            }
            builder.with_root_certificates(roots)
        }
    };
    let mut config = match client_certificate {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|e| pem_error(key, "private key", &e))?;
            builder.with_client_auth_cert(chain, key)?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, UpstreamError> {
    let what = "certificate";
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| pem_error(path, what, &e))?;
    if chain.is_empty() {
        return Err(UpstreamError::Pem { path: path.to_owned(), what });
    }
    Ok(chain)
}

fn pem_error(path: &Path, what: &'static str, error: &pem::Error) -> UpstreamError {
    let path = path.to_owned();
    match error {
        pem::Error::Io(error) => UpstreamError::File { path, kind: error.kind() },
        _ => UpstreamError::Pem { path, what },
    }
}
