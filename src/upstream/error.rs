//! What can go wrong on the way to an upstream. No error here ever holds a secret.

use std::path::PathBuf;

use hyper::StatusCode;

use crate::identity::sign_in::UnsendableHeader;

/// An upstream can't be set up as configured.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The address is of no use.
    #[error("the upstream's address {0}")]
    Url(&'static str),
    /// A file can't be read.
    #[error("{path} can't be read: {kind}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        kind: std::io::ErrorKind,
    },
    /// A file doesn't hold what it should. The parser's own words might quote a key, so they stay out.
    #[error("{path} holds no usable {what} in PEM form")]
    Pem {
        /// The file.
        path: PathBuf,
        /// Certificate or private key.
        what: &'static str,
    },
    /// TLS can't be set up with what was given.
    #[error("TLS can't be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// A path of the sign-in can't stand in a request.
    #[error("the sign-in's path `{0}` can't stand in a request")]
    Path(String),
}

/// Why a call brought no reply.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// No connection came about: nothing was sent.
    #[error("the upstream can't be reached: {0}")]
    Unreachable(String),
    /// The deadline passed.
    #[error("the deadline passed {}", if *sent { "after the call was sent" } else { "before the call was sent" })]
    TimedOut {
        /// Whether the upstream may have seen the call.
        sent: bool,
    },
    /// The connection died, or what came was no HTTP.
    #[error("the connection to the upstream broke: {why}")]
    Broken {
        /// Whether the upstream may have processed the call.
        sent: bool,
        /// In the HTTP library's words.
        why: String,
    },
    /// The reply is larger than allowed. The upstream has processed the call.
    #[error("the upstream's reply is larger than allowed")]
    TooLarge,
    /// Signing in failed: the call itself wasn't sent (or was answered as not signed in).
    #[error("signing in at the upstream failed: {0}")]
    SignIn(SignInError),
    /// All connections were busy until the deadline: nothing was sent.
    #[error("all connections to the upstream were busy until the deadline")]
    Busy,
    /// The call's path can't stand in a request: nothing was sent.
    #[error("the call's path can't stand in a request")]
    Path,
}

impl CallError {
    /// Whether the upstream may have seen, and done, what was asked.
    #[must_use]
    pub fn sent(&self) -> bool {
        match self {
            Self::TimedOut { sent } | Self::Broken { sent, .. } => *sent,
            Self::TooLarge => true,
            Self::Unreachable(_) | Self::SignIn(_) | Self::Busy | Self::Path => false,
        }
    }
}

/// Why a sign-in failed. All who waited for it get the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The upstream said no.
    #[error("the upstream refused it with {0}")]
    Refused(StatusCode),
    /// The reply isn't what the dialect says it is.
    #[error("the reply {0}")]
    Rubbish(&'static str),
    /// It, or waiting for it, took too long.
    #[error("it took too long")]
    TimedOut,
    /// The way to the upstream failed.
    #[error("{0}")]
    Way(String),
    /// The identity holds what a header can't carry.
    #[error(transparent)]
    Unsendable(#[from] UnsendableHeader),
}
