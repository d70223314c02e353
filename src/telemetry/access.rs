//! One line for each request served.

use std::fmt;

use hyper::header::HeaderValue;

use super::RequestId;

/// The target of access lines, so that they can be filtered or switched off by themselves.
pub const ACCESS: &str = "access";

/// What an access line tells. Empty texts stand for what isn't known.
#[derive(Debug, Clone, Copy)]
pub struct AccessLine<'a> {
    /// The gateway's name for the request.
    pub request_id: RequestId,
    /// The name that the client gave it, if it did: told, never trusted.
    pub client_request_id: ClientRequestId<'a>,
    /// Who called, once known.
    pub caller: &'a str,
    /// The caller's dialect.
    pub dialect: &'a str,
    /// The canonical operation.
    pub operation: &'a str,
    /// The status of the reply.
    pub status: u16,
    /// The upstream that was asked.
    pub upstream: &'a str,
    /// From head to reply, in microseconds.
    pub total_us: u64,
    /// Of that, waiting for the upstream.
    pub upstream_us: u64,
    /// The request's body.
    pub bytes_in: u64,
    /// The reply's body.
    pub bytes_out: u64,
    /// What did not reach the upstream as it was said, or was added, in the words of the reply's header: fields and
    /// what became of them, never a value.
    pub loss: Option<&'a str>,
    /// The fault's canonical word, where the reply is one.
    pub fault: &'a str,
}

/// Whether access lines are written at all: ask before gathering what only they need.
#[must_use]
pub fn access_on() -> bool {
    tracing::enabled!(target: ACCESS, tracing::Level::INFO)
}

/// Writes an access line.
pub fn emit(line: &AccessLine<'_>) {
    tracing::info!(
        target: ACCESS,
        request_id = %line.request_id,
        client_request_id = line.client_request_id.get().map(tracing::field::display),
        caller = line.caller,
        dialect = line.dialect,
        operation = line.operation,
        status = line.status,
        upstream = line.upstream,
        total_us = line.total_us,
        upstream_us = line.upstream_us,
        bytes_in = line.bytes_in,
        bytes_out = line.bytes_out,
        loss = line.loss,
        fault = (!line.fault.is_empty()).then_some(line.fault),
    );
}

/// What a client sent as `X-Request-Id`: at most 64 safe characters of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientRequestId<'a>(Option<&'a [u8]>);

/// How much of a client's id is told.
const CLIENT_ID_MAX: usize = 64;

impl<'a> ClientRequestId<'a> {
    /// Of the header, if the client sent it.
    #[must_use]
    pub fn new(header: Option<&'a HeaderValue>) -> Self {
        Self(header.map(HeaderValue::as_bytes))
    }

    /// What may be told of it; nothing where nothing was sent.
    fn get(self) -> Option<Safe<'a>> {
        self.0.map(|bytes| Safe(&bytes[..bytes.len().min(CLIENT_ID_MAX)]))
    }
}

/// Letters, digits and `-_.:`; a `?` for everything else, so that nobody writes log lines through it.
struct Safe<'a>(&'a [u8]);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for byte in self.0 {
            let safe = byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
            f.write_char(if safe { char::from(*byte) } else { '?' })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_id_is_cut_and_made_safe() {
        let header = HeaderValue::from_str(&format!("a b\"c{}", "x".repeat(100))).unwrap();
        let told = ClientRequestId::new(Some(&header)).get().unwrap().to_string();
        assert_eq!(told, format!("a?b?c{}", "x".repeat(59)));
        assert!(ClientRequestId::new(None).get().is_none());
    }

    /// What a log at this level gets of one access line.
    fn written(level: &str) -> String {
        #[derive(Clone, Default)]
        struct Kept(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
        impl std::io::Write for Kept {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let kept = Kept::default();
        let to = kept.clone();
        let log = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_env_filter(tracing_subscriber::EnvFilter::new(level))
            .with_writer(move || to.clone())
            .finish();
        tracing::subscriber::with_default(log, || {
            assert_eq!(access_on(), level == "info");
            emit(&AccessLine {
                request_id: RequestId::new(),
                client_request_id: ClientRequestId::default(),
                caller: "joe",
                dialect: "beyondtrust",
                operation: "request.create",
                status: 201,
                upstream: "vault",
                total_us: 1500,
                upstream_us: 1200,
                bytes_in: 300,
                bytes_out: 3,
                loss: Some("window.length;supplied"),
                fault: "",
            });
        });
        let text = kept.0.lock().unwrap().clone();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn an_access_line_is_one_json_object_and_nothing_when_switched_off() {
        let line = written("info");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["target"], "access");
        assert_eq!(line["caller"], "joe");
        assert_eq!(line["status"], 201);
        assert_eq!(line["loss"], "window.length;supplied");
        assert_eq!(line["total_us"], 1500);
        assert_eq!(line["request_id"].as_str().unwrap().len(), 32);
        assert!(line.get("client_request_id").is_none());
        assert_eq!(written("info,access=off"), "");
        assert_eq!(written("warn"), "");
    }
}
