//! The program, run as a person or a script runs it.
#![allow(dead_code)] // Each test file uses a part of it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program to its end.
pub(crate) fn pamgate(words: &[&str]) -> Ran {
    ran(command(words).output().unwrap())
}

pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pamgate"));
    command.args(words).env_remove("NO_COLOR").env_remove("PAMGATE_LOG");
    command
}

pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        status: output.status.code().expect("it ended by itself"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A server underway, killed at the latest when this is dropped.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) at: SocketAddr,
    /// What the ready file says, name and address.
    pub(crate) addresses: serde_json::Map<String, serde_json::Value>,
}

impl Server {
    /// Starts a server and waits until its ready file names addresses, the server's own first.
    pub(crate) fn start(words: &[&str], ready: &Path) -> Server {
        let ready_words = ["--ready-file", ready.to_str().unwrap()];
        let mut child = command(&[words, &ready_words].concat())
            // What it keeps for the time it runs goes with the ready file's folder, for a killed one leaves it behind.
            .env("TMPDIR", ready.parent().unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        loop {
            if let Ok(text) = std::fs::read_to_string(ready) {
                let addresses: serde_json::Map<_, _> = serde_json::from_str(&text).unwrap();
                let at = addresses.values().next().unwrap().as_str().unwrap().parse().unwrap();
                return Server { child: Some(child), at, addresses };
            }
            let ended = child.try_wait().unwrap().is_some();
            if ended || Instant::now() > patience {
                let _ = child.kill();
                let ran = child.wait_with_output().unwrap();
                panic!("it never served: {}", String::from_utf8_lossy(&ran.stderr));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn stop(mut self, signal: &str) -> Ran {
        let child = self.child.take().unwrap();
        let sent =
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        ran(child.wait_with_output().unwrap())
    }

    /// One exchange with the server.
    pub(crate) fn send(&self, request: &str) -> String {
        Server::exchange(self.at, request)
    }

    /// One exchange over a connection of its own: the head and the body, as they come.
    pub(crate) fn exchange(at: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(at).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
