//! A configuration with two callers that speak all three dialects, before one upstream.
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What stands in a configuration file.
pub(crate) struct Config {
    pub(crate) upstream: &'static str,
    pub(crate) url: String,
    /// Lines of `[deadlines]`.
    pub(crate) deadlines: &'static str,
    /// Lines of `[limits]`.
    pub(crate) limits: &'static str,
    /// Whether both callers are one user at the upstream.
    pub(crate) one_identity: bool,
    /// What stands at the end: routes.
    pub(crate) routes: &'static str,
    /// More lines of the `[[upstream]]`.
    pub(crate) more: String,
    folder: tempfile::TempDir,
}

impl Config {
    /// Before an upstream that speaks this dialect.
    pub(crate) fn before(upstream: &'static str, at: SocketAddr) -> Config {
        Config {
            upstream,
            url: format!("http://{at}"),
            deadlines: "",
            limits: "",
            one_identity: false,
            routes: "",
            more: String::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes it and gives its path.
    pub(crate) fn write(&self) -> PathBuf {
        let path = self.folder.path().join("pamgate.toml");
        std::fs::write(&path, self.text()).unwrap();
        path
    }

    pub(crate) fn text(&self) -> String {
        let crosswalk = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/crosswalk.csv");
        let Config { upstream, url, deadlines, limits, more, routes, .. } = self;
        format!(
            r#"
[gateway]
listen = "127.0.0.1:0"

[limits]
{limits}

[deadlines]
{deadlines}

[files]
crosswalk = ["{crosswalk}"]

[store]
kind = "sqlite"
path = "requests.db"

[[upstream]]
name    = "vault"
dialect = "{upstream}"
url     = "{url}"
{more}

[[caller]]
name = "requester"
{REQUESTER}
[caller.as.vault]
{requester}

[[caller]]
name = "approver"
[caller.from.beyondtrust]
key  = {{ value = "sandbox-bt-key-approver" }}
user = 'CORP\asmith'
[caller.as.vault]
{approver}

{routes}
"#,
            requester = identity(upstream, "requester"),
            approver = identity(upstream, if self.one_identity { "requester" } else { "approver" }),
        )
    }
}

/// How the requester shows who it is, in each of the three dialects.
pub(crate) const REQUESTER: &str = r#"[caller.from.beyondtrust]
key  = { value = "sandbox-bt-key-requester" }
user = 'CORP\jdoe'
[caller.from.cyberark]
key       = { value = "sandbox-ca-session-token" }
user_name = "john.doe"
[caller.from.safeguard]
key       = { value = "sandbox-sg-a2a-key" }
user_name = "jdoe""#;

/// All secrets of the configuration, and those that sandboxes and vaults give out.
pub(crate) const SECRETS: &[&str] = &[
    "sandbox-bt-key-requester",
    "sandbox-bt-key-approver",
    "sandbox-ca-session-token",
    "sandbox-sg-a2a-key",
    "upstream-secret-of-requester",
    "upstream-secret-of-approver",
    "sandbox-ca-password-requester",
    "sandbox-ca-password-approver",
    super::vault::TOKEN,
];

/// As whom an upstream is called: what stands in `[caller.as.NAME]`.
pub(crate) fn identity(upstream: &str, role: &str) -> String {
    match (upstream, role) {
        ("beyondtrust", "requester") => {
            "user = 'CORP\\jdoe'\nkey = { value = \"sandbox-bt-key-requester\" }".to_owned()
        }
        ("beyondtrust", _) => {
            "user = 'CORP\\asmith'\nkey = { value = \"sandbox-bt-key-approver\" }".to_owned()
        }
        ("cyberark", "requester") => {
            "user = \"john.doe\"\npassword = { value = \"sandbox-ca-password-requester\" }".to_owned()
        }
        ("cyberark", _) => {
            "user = \"a.smith\"\npassword = { value = \"sandbox-ca-password-approver\" }".to_owned()
        }
        ("safeguard", "requester") => "user = \"jdoe\"\nkey = { value = \"sandbox-sg-a2a-key\" }".to_owned(),
        _ => format!("user = \"asmith\"\nkey = {{ value = \"upstream-secret-of-{role}\" }}"),
    }
}
