//! The binary, run.
use std::collections::HashMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::http::PATIENCE;

/// A server underway, killed at the latest when this is dropped.
pub(crate) struct Program {
    child: Child,
    addresses: HashMap<String, SocketAddr>,
    ready: PathBuf,
    folder: tempfile::TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pamgate"));
    command.args(words).env("NO_COLOR", "1").env_remove("PAMGATE_LOG").stdin(Stdio::null());
    command
}

/// Runs the program to its end: for what ends by itself, and for servers that can't start.
pub(crate) fn run(words: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let mut child = spawn(words, folder.path());
    let status = ended(&mut child).unwrap_or_else(|| {
        let _ = child.kill();
        panic!("{words:?} didn't end: {}", read(&folder.path().join("err")))
    });
    Ran { status, out: read(&folder.path().join("out")), err: read(&folder.path().join("err")) }
}

fn spawn(words: &[&str], folder: &Path) -> Child {
    let mut command = command(words);
    // What it keeps for the time it runs goes with the folder, for a killed one leaves it behind.
    command.env("TMPDIR", folder);
    command.stdout(File::create(folder.join("out")).unwrap());
    command.stderr(File::create(folder.join("err")).unwrap());
    command.spawn().unwrap()
}

fn ended(child: &mut Child) -> Option<Option<i32>> {
    let patience = Instant::now() + PATIENCE;
    while Instant::now() < patience {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status.code());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

impl Program {
    /// Starts a server and waits until it says where it listens.
    pub(crate) fn start(words: &[&str]) -> Program {
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready.json");
        let mut child = spawn(&[words, &["--ready-file", ready.to_str().unwrap()]].concat(), folder.path());
        let patience = Instant::now() + PATIENCE;
        let text = loop {
            if let Ok(text) = std::fs::read_to_string(&ready) {
                break text;
            }
            if child.try_wait().unwrap().is_some() || Instant::now() > patience {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{words:?} never served: {}", read(&folder.path().join("err")));
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let addresses: HashMap<String, String> = serde_json::from_str(&text).expect("a JSON object");
        let addresses =
            addresses.into_iter().map(|(name, text)| (name, text.parse().expect("an address"))).collect();
        Program { child, addresses, ready, folder }
    }

    /// The gateway before one of three sandboxes.
    pub(crate) fn before(upstream: &str) -> Program {
        Program::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--upstream", upstream])
    }

    /// A gateway as a configuration says; it listens where it is free. All is logged.
    pub(crate) fn configured(config: &Path) -> Program {
        let config = config.to_str().unwrap();
        let listen = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        Program::start(&[&["serve", "--config", config, "--log", "trace"][..], &listen].concat())
    }

    /// One sandbox alone.
    pub(crate) fn sandbox(dialect: &str) -> Program {
        Program::start(&["sandbox", dialect, "--listen", "127.0.0.1:0"])
    }

    /// Where something of it listens, by its name in the ready file.
    pub(crate) fn at(&self, name: &str) -> SocketAddr {
        *self.addresses.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.addresses))
    }

    pub(crate) fn gateway(&self) -> SocketAddr {
        self.at("gateway")
    }

    /// Standard error so far.
    pub(crate) fn log(&self) -> String {
        read(&self.folder.path().join("err"))
    }

    /// Waits until the log tells something.
    pub(crate) fn wait_for_log(&self, what: &str) {
        let patience = Instant::now() + PATIENCE;
        while !self.log().contains(what) {
            assert!(Instant::now() < patience, "the log never told of {what}: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends a signal and doesn't wait.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([format!("-{name}"), id]).status().unwrap().success());
    }

    /// Waits for the end; tells whether the ready file is gone.
    pub(crate) fn wait(mut self) -> (Ran, bool) {
        let status = ended(&mut self.child).unwrap_or_else(|| panic!("it didn't end: {}", self.log()));
        let ran = Ran { status, out: read(&self.folder.path().join("out")), err: self.log() };
        (ran, !self.ready.exists())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
