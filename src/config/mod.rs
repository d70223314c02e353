//! `pamgate.toml`, read and checked.
//!
//! Start at [`load`]. All mistakes of a file are told together, each where it stands; a `Config` that was returned
//! names only upstreams, callers and canonical fields that are there. What names dialects, variants or spaces is an
//! [`At`], so that the modules that know these can complain with [`Config::wrong`]. Knows `diagnostic`, `canonical`,
//! `identity::caller` and the crosswalk's parts; opens no socket and no other file than those that secrets stand in.
mod check;
mod gateway;
mod peers;
mod reader;
mod secret;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

pub use crate::canonical::Treatment;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::identity::caller::{CallerKey, Callers, CallersError};

/// A value and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// What was written.
    pub value: T,
    /// The bytes it stands at.
    pub span: Range<usize>,
}

/// The whole configuration.
#[derive(Debug)]
pub struct Config {
    /// The file, secrets blanked: what diagnostics quote.
    pub source: Arc<Source>,
    /// The gateway's own listeners.
    pub gateway: Gateway,
    /// What one message or client may take.
    pub limits: Limits,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// Where mappings, schemas and crosswalks are.
    pub files: Files,
    /// Where requests made are kept.
    pub store: StoreChoice,
    /// The servers that requests are forwarded to, at least one.
    pub upstreams: Vec<Upstream>,
    /// Who may call.
    pub callers: Vec<Caller>,
    /// Which upstream a request goes to: the first route that fits. At least one.
    pub routes: Vec<Route>,
    /// What becomes of what a target can't say.
    pub losses: Losses,
    /// What is added where a target needs it and the caller didn't say it.
    pub supply: Vec<Supply>,
    /// What is allowed but unwise.
    pub warnings: Vec<Diagnostic>,
}

/// `[gateway]`
#[derive(Debug)]
pub struct Gateway {
    /// Where clients call.
    pub listen: Vec<SocketAddr>,
    /// Where health is told; none: nowhere.
    pub admin: Option<SocketAddr>,
    /// Threads that serve.
    pub workers: usize,
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, either way.
    pub body_bytes: usize,
    /// The longest head of a message.
    pub header_bytes: usize,
    /// How deep JSON may nest.
    pub depth: usize,
    /// How many values and names one JSON document may have.
    pub nodes: usize,
    /// Clients connected at once.
    pub connections: usize,
    /// Requests worked on at once.
    pub requests_in_flight: usize,
}

/// `[deadlines]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// From a request's head to its answer.
    pub request: Duration,
    /// To connect to an upstream, its TLS handshake included.
    pub connect: Duration,
    /// How long an unused connection is kept, on either side.
    pub idle: Duration,
    /// For a client to send a request's head.
    pub header: Duration,
    /// For requests underway, once the gateway is told to stop.
    pub shutdown: Duration,
}

/// `[files]`, from the configuration's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// Folders of mapping tables beside the built-in ones.
    pub mappings: Vec<At<PathBuf>>,
    /// Folders of schemas beside the built-in ones.
    pub schemas: Vec<At<PathBuf>>,
    /// Crosswalk files.
    pub crosswalk: Vec<At<PathBuf>>,
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// An SQLite file.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// Forgotten at exit.
    Memory {
        /// How many are remembered.
        requests_max: usize,
    },
}

/// `[[upstream]]`
#[derive(Debug)]
pub struct Upstream {
    /// What the configuration calls it.
    pub name: At<String>,
    /// What it speaks.
    pub dialect: At<String>,
    /// Which reading of the dialect.
    pub variant: Option<At<String>>,
    /// Where it is.
    pub url: At<Address>,
    /// The authorities its certificate is checked against; none: the platform's.
    pub ca: Option<At<PathBuf>>,
    /// How the gateway shows itself in TLS.
    pub client: Option<ClientFiles>,
    /// Its id space in the crosswalk.
    pub space: At<String>,
    /// Connections at most.
    pub connections: usize,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        let v6 = self.host.contains(':');
        let (open, close) = if v6 { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}", self.host, self.port)
    }
}

/// A server's address; paths are the dialect's. As text it is a URL with a port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Whether to speak TLS.
    pub https: bool,
    /// A name or an IP address (IPv6 without brackets).
    pub host: String,
    /// The port, told or the scheme's.
    pub port: u16,
}

/// A client certificate and its key, PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFiles {
    /// The certificate and what leads to its authority.
    pub certificate: At<PathBuf>,
    /// Its private key.
    pub key: At<PathBuf>,
}

/// `[[caller]]`: a principal.
#[derive(Debug)]
pub struct Caller {
    /// What the configuration, the log and the store call it.
    pub name: At<String>,
    /// How it calls, one for each of its dialects.
    pub from: Vec<CallsFrom>,
    /// As whom upstreams are called for it.
    pub acts: Vec<ActsAs>,
    /// What is added for it; goes before what is added for all.
    pub supply: Vec<Supply>,
}

/// `[caller.from.DIALECT]`
#[derive(Debug)]
pub struct CallsFrom {
    /// The dialect it speaks.
    pub dialect: At<String>,
    /// Which reading of the dialect.
    pub variant: Option<At<String>>,
    /// The key or password that it shows.
    pub key: SecretString,
    /// The user that it shows with it: another is turned away.
    pub user: Option<At<String>>,
    /// What the dialect calls the principal in replies; by default `user`, else the caller's name.
    pub user_name: String,
    /// Its id space in the crosswalk.
    pub space: At<String>,
}

/// `[caller.as.UPSTREAM]`
#[derive(Debug)]
pub struct ActsAs {
    /// The upstream, an index into [`Config::upstreams`].
    pub upstream: usize,
    /// As it was written.
    pub name: At<String>,
    /// What the dialect's sign-in template is filled from.
    pub fields: Vec<(At<String>, Field)>,
}

/// A value of a sign-in template.
pub enum Field {
    /// A user's name, a provider …
    Text(String),
    /// A key or password.
    Secret(SecretString),
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Text(text) => fmt::Debug::fmt(text, f),
            Field::Secret(_) => f.write_str("…"),
        }
    }
}

impl ActsAs {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|(of, _)| of.value == name).map(|(_, field)| field)
    }
}

/// `[[route]]`: all that is said must fit.
#[derive(Debug)]
pub struct Route {
    /// Where to, an index into [`Config::upstreams`].
    pub upstream: usize,
    /// Whose requests, an index into [`Config::callers`].
    pub caller: Option<usize>,
    /// The dialect they came in.
    pub dialect: Option<At<String>>,
    /// The space that `target` is written in.
    pub space: Option<At<String>>,
    /// Parts of the target (`system.id`) and their texts, as callers of `space` give them.
    pub target: Vec<(At<String>, String)>,
}

/// `[losses]`
#[derive(Debug, Default)]
pub struct Losses {
    /// For the fields that have no line; none: each field's own default.
    pub default: Option<Treatment>,
    /// Canonical fields.
    pub fields: Vec<(At<String>, Treatment)>,
}

/// A line of `[supply]`: a canonical field and the text it gets; a length of time is in ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// The canonical field.
    pub field: At<String>,
    /// Its value.
    pub text: At<String>,
}

/// Reads and checks a file; secrets come from the process's environment and from files.
///
/// # Errors
/// All that is wrong with it.
pub fn load(path: &Path) -> Result<Config, Diagnostics> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let base = path.parent().unwrap_or(Path::new(""));
            parse(&Source::new(name, text), base, &|variable| std::env::var(variable).ok())
        }
        Err(error) => {
            let message = format!("{name} can't be read: {error}");
            let wrong = Diagnostic::new(Code::ConfigFile, &Source::unread(name), 0..0, message);
            Err(wrong.help("pamgate.example.toml shows what stands in it").into())
        }
    }
}

/// Reads and checks a text. `base_dir` is what relative paths begin at, `env` the environment.
///
/// # Errors
/// All that is wrong with it.
pub fn parse(
    source: &Arc<Source>,
    base_dir: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, Diagnostics> {
    let (document, errors) = toml::de::DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        let blanked = Source::new(source.name.clone(), secret::blank_lines(&source.text));
        return Err(Diagnostics(errors.iter().map(|error| reader::syntax(&blanked, error)).collect()));
    }
    let blanked = Source::new(source.name.clone(), secret::blank(&source.text, &document));
    let mut reader = reader::Reader::new(blanked, base_dir, env);
    let root = reader.root(document.get_ref());
    let gateway = gateway::gateway(&mut reader, &root);
    let limits = gateway::limits(&mut reader, &root);
    let deadlines = gateway::deadlines(&mut reader, &root);
    let files = gateway::files(&mut reader, &root);
    let store = gateway::store(&mut reader, &root);
    let losses = gateway::losses(&mut reader, &root);
    let supply = reader.supply(root.get("supply"), "supply");
    let upstreams = peers::upstreams(&mut reader, &root);
    let callers = peers::callers(&mut reader, &root, &upstreams);
    let routes = peers::routes(&mut reader, &root, &upstreams, &callers);
    let source = reader.source.clone();
    let mut config = Config {
        source,
        gateway,
        limits,
        deadlines,
        files,
        store,
        upstreams,
        callers,
        routes,
        losses,
        supply,
        warnings: Vec::new(),
    };
    check::check(&mut reader, &config);
    config.warnings = reader.warnings;
    reader.mistakes.or(config)
}

impl Config {
    /// A mistake at something that stands in the file, for a module that knows better than this one.
    pub fn wrong<T>(&self, code: Code, at: &At<T>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, &self.source, at.span.clone(), message)
    }

    /// The upstream for what no other route takes: the one of the route without a condition.
    pub fn default_upstream(&self) -> Option<usize> {
        self.routes.iter().find(|route| route.is_unconditional()).map(|route| route.upstream)
    }

    /// Everybody who may call, by what they show.
    ///
    /// # Errors
    /// Where the system gives no random numbers (that two callers can't be told apart, `parse` has refused).
    pub fn known_callers(&self) -> Result<Callers, CallersError> {
        Callers::new(self.callers.iter().enumerate().flat_map(|(at, caller)| {
            caller.from.iter().map(move |from| CallerKey {
                dialect: &from.dialect.value,
                secret: &from.key,
                user: from.user.as_ref().map(|user| user.value.as_str()),
                caller: at,
            })
        }))
    }
}

impl Route {
    /// Whether it takes every request.
    pub fn is_unconditional(&self) -> bool {
        self.caller.is_none() && self.dialect.is_none() && self.target.is_empty()
    }
}

impl Caller {
    /// How it calls in a dialect.
    pub fn calls_from(&self, dialect: &str) -> Option<&CallsFrom> {
        self.from.iter().find(|from| from.dialect.value == dialect)
    }

    /// As whom an upstream is called for it.
    pub fn acts_at(&self, upstream: usize) -> Option<&ActsAs> {
        self.acts.iter().find(|acts| acts.upstream == upstream)
    }
}
