//! An upstream that does what a test tells it: honest sign-ins, then whatever trouble is wanted.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::{PATIENCE, find};

/// What the upstream does with one call.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answers.
    Reply { status: u16, head: String, body: Vec<u8> },
    /// Says nothing, until the test is over.
    Hang,
    /// Promises a body and closes within it.
    BreakOff,
    /// Writes these bytes and closes.
    Raw(Vec<u8>),
}

impl Act {
    pub(crate) fn reply(status: u16, body: &str) -> Act {
        Act::Reply { status, head: "content-type: application/json\r\n".to_owned(), body: body.into() }
    }
}

/// What arrived: the request line, the whole head, and the body.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

type Script = dyn Fn(&Asked) -> Act + Send + Sync;

/// The upstream. Stops accepting when dropped.
pub(crate) struct Vault {
    pub(crate) at: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    closed: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

/// The token that sign-ins here bring; must never be seen in a log.
pub(crate) const TOKEN: &str = "vault-token-that-nobody-may-see";

impl Vault {
    /// Listens, and does as the script says.
    pub(crate) fn start(script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Vault {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (asked, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let closed = Arc::new(AtomicUsize::new(0));
        let (noted, ended, script) = (asked.clone(), over.clone(), Arc::new(script));
        let closing = closed.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), noted, ended, script) =
                    (stream, noted.clone(), ended.clone(), script.clone())
                else {
                    return;
                };
                let closing = closing.clone();
                std::thread::spawn(move || {
                    serve(stream, &noted, &ended, &*script);
                    closing.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Vault { at, asked, closed, over }
    }

    /// Signs everybody in, as any of the three dialects does, and does `act` with every other call.
    pub(crate) fn doing(act: Act) -> Vault {
        Vault::start(move |asked| sign_in(asked).unwrap_or_else(|| act.clone()))
    }

    /// All that arrived so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many calls arrived whose request line holds this.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.asked().iter().filter(|asked| asked.line.contains(what)).count()
    }

    /// Waits until that many such calls have arrived.
    pub(crate) fn wait_for(&self, what: &str, many: usize) {
        let patience = std::time::Instant::now() + PATIENCE;
        while self.count(what) < many {
            assert!(std::time::Instant::now() < patience, "{what} never arrived: {:?}", self.asked());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Vault {
    /// Waits until that many connections have been closed.
    pub(crate) fn wait_for_closed(&self, many: usize) {
        let patience = std::time::Instant::now() + PATIENCE;
        while self.closed.load(Ordering::SeqCst) < many {
            assert!(std::time::Instant::now() < patience, "not closed");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, so that it sees that it is over.
        drop(TcpStream::connect(self.at));
    }
}

/// The answer to a sign-in or sign-out, in any of the dialects; none for other calls.
pub(crate) fn sign_in(asked: &Asked) -> Option<Act> {
    let line = asked.line.to_ascii_lowercase();
    if line.contains("/auth/signappin") {
        let head =
            format!("content-type: application/json\r\nset-cookie: ASP.NET_SessionId={TOKEN}; path=/\r\n");
        return Some(Act::Reply { status: 200, head, body: b"{\"UserId\":1}".to_vec() });
    }
    if line.contains("/logon") {
        return Some(Act::reply(200, &format!("\"{TOKEN}\"")));
    }
    (line.contains("/signout") || line.contains("/logoff")).then(|| Act::reply(200, "{}"))
}

fn serve(mut stream: TcpStream, noted: &Mutex<Vec<Asked>>, over: &AtomicBool, script: &Script) {
    let mut held = Vec::new();
    // A client that goes away ends it, as does one that is silent for longer than any test takes.
    let _ = stream.set_read_timeout(Some(PATIENCE));
    while let Some(asked) = next(&mut stream, &mut held) {
        noted.lock().unwrap().push(asked.clone());
        let written = match script(&asked) {
            Act::Reply { status, head, body } => {
                let head =
                    format!("HTTP/1.1 {status} As told\r\n{head}content-length: {}\r\n\r\n", body.len());
                // In one piece: two would wait for each other's acknowledgement.
                stream.write_all(&[head.into_bytes(), body].concat())
            }
            Act::Hang => {
                while !over.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return;
            }
            Act::BreakOff => {
                let _ =
                    stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n{\"RequestID\":");
                return;
            }
            Act::Raw(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

fn next(stream: &mut TcpStream, held: &mut Vec<u8>) -> Option<Asked> {
    let more = |stream: &mut TcpStream, held: &mut Vec<u8>| {
        let mut chunk = [0; 8192];
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        held.extend_from_slice(&chunk[..count]);
        Some(())
    };
    let head_end = loop {
        match find(held, b"\r\n\r\n") {
            Some(at) => break at,
            None => more(stream, held)?,
        }
    };
    let head = String::from_utf8_lossy(&held[..head_end]).into_owned();
    let length = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap_or(0));
    while held.len() < head_end + 4 + length {
        more(stream, held)?;
    }
    let body = String::from_utf8_lossy(&held[head_end + 4..head_end + 4 + length]).into_owned();
    held.drain(..head_end + 4 + length);
    let line = head.split("\r\n").next().unwrap_or_default().to_owned();
    Some(Asked { line, head, body })
}
