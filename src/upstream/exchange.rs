//! One request and its reply, over one connection.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};

use super::Reply;
use super::connect::Sender;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A request that can be written more than once.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) body: Bytes,
    /// May be sent again although the upstream may have seen it.
    pub(super) idempotent: bool,
}

/// Why an exchange failed, by what it means for trying again.
pub(super) enum Failure {
    /// The connection was dead before anything was written.
    NotSent(String),
    /// The upstream's TLS turned us away: it read nothing of the request.
    TurnedAway(String),
    /// The connection ended before the reply began.
    Ended(String),
    /// What came was no HTTP, or ended in the middle.
    Rubbish(String),
    TooLarge,
}

impl Outgoing {
    fn request(&self, host: &HeaderValue, credentials: &[(HeaderName, HeaderValue)]) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.reserve(4 + credentials.len());
        headers.insert(HOST, host.clone());
        headers.insert(ACCEPT, JSON);
        for (name, value) in credentials {
            headers.append(name.clone(), value.clone());
        }
        if let Some(content_type) = &self.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        // Without it, http.sys answers an empty POST with 411.
        if self.body.is_empty() && self.method != Method::GET && self.method != Method::HEAD {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        request
    }

    /// Sends the request and reads the reply whole.
    pub(super) async fn send(
        &self,
        sender: &mut Sender,
        host: &HeaderValue,
        credentials: &[(HeaderName, HeaderValue)],
        reply_bytes_max: usize,
    ) -> Result<Reply, Failure> {
        if let Err(error) = sender.ready().await {
            return Err(Failure::NotSent(error.to_string()));
        }
        let sent = sender.try_send_request(self.request(host, credentials)).await;
        let reply = sent.map_err(|mut refused| {
            // hyper hands the request back exactly when it wrote nothing of it.
            let unsent = refused.take_message().is_some();
            let error = refused.into_error();
            match unsent {
                true => Failure::NotSent(describe(&error)),
                false if turned_away(&error) => Failure::TurnedAway(describe(&error)),
                false if ended(&error) => Failure::Ended(describe(&error)),
                false => Failure::Rubbish(describe(&error)),
            }
        })?;
        let (parts, body) = reply.into_parts();
        let body = read_whole(body, reply_bytes_max).await?;
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }
}

fn ended(error: &hyper::Error) -> bool {
    use std::error::Error;
    error.is_incomplete_message()
        || error.is_closed()
        || error.is_canceled()
        || error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// In TLS 1.3 a client learns after its handshake, with the first bytes it reads, that the server doesn't
/// like its certificate. These alerts belong to the handshake: a server that sends one has read nothing else.
fn turned_away(error: &hyper::Error) -> bool {
    use rustls::AlertDescription as Alert;
    use std::error::Error;
    let inner = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    let inner = inner.and_then(std::io::Error::get_ref);
    matches!(
        inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()),
        Some(rustls::Error::AlertReceived(
            Alert::CertificateRequired
                | Alert::NoCertificate
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::HandshakeFailure
                | Alert::DecryptError
        ))
    )
}

fn describe(error: &hyper::Error) -> String {
    use std::error::Error;
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Reads a body, however long it claims to be, up to the bound.
async fn read_whole(mut body: Incoming, bytes_max: usize) -> Result<Bytes, Failure> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(Failure::TooLarge);
    }
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else {
            break;
        };
        let frame = frame.map_err(|error| Failure::Rubbish(describe(&error)))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let have = first.as_ref().map_or(0, Bytes::len).max(rest.len());
        if have + data.len() > bytes_max {
            return Err(Failure::TooLarge);
        }
        match &first {
            // Most replies are one piece: they are handed on as they are.
            None => first = Some(data),
            Some(begin) => {
                if rest.is_empty() {
                    rest.extend_from_slice(begin);
                }
                rest.extend_from_slice(&data);
            }
        }
    }
    Ok(if rest.is_empty() { first.unwrap_or_default() } else { rest.freeze() })
}

impl Reply {
    /// A reply made by hand, for tests and for callers that stand in for an upstream.
    #[must_use]
    pub fn new(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into() }
    }
}
