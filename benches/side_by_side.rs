//! pamgate beside a plain pass-through, in one interleaved run: `cargo bench --bench side_by_side`.
//!
//! Each turn starts a fresh gateway process, pinned to one core where `taskset` is there, and drives it over 32 kept
//! connections, closed loop; the processor time that the process took is divided by the requests it answered. A
//! machine's moods cancel out in the ratio to the pass-through of the same round. Linux only: it reads /proc.
//! `cargo bench --bench side_by_side -- ROUNDS SECONDS` for more than 5 rounds of 3 seconds; `PAMGATE` names another
//! build of the program.
//!
//! This program is all the parts: run with a word, it is the upstream or the pass-through.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

const REQUEST: &str = include_str!("messages/beyondtrust-request.json");
const REPLY: &str = include_str!("messages/cyberark-reply.json");
const CONNECTIONS: usize = 32;
const TICKS_PER_SECOND: f64 = 100.0;
/// The caller's call, and the same call as the upstream takes it, for the pass-through.
const CALL: (&str, &str) = ("/BeyondTrust/api/public/v3/Requests", "PS-Auth key=load-key; runas=load;");
const FORWARDED: (&str, &str) = ("/PasswordVault/API/MyRequests", "token");
/// What the upstream would take of [`REQUEST`]: the pass-through's body is about as long as the translated one.
const PASSED: &str = r#"{"accountId":"1204_88317","reason":"Patch window CHG0041877: kernel update on db-node-03, then check of the replication; see runbook 12","TicketingSystemName":"ServiceNow","TicketId":"CHG0041877","MultipleAccessRequired":true,"FromDate":1796000000,"ToDate":1796007200,"UseConnect":true,"ConnectionComponent":"PSM-RDP"}"#;

type Reply = Response<Full<Bytes>>;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let address = |at: usize| words[at].parse::<SocketAddr>().expect("an address");
    match words.first().map(String::as_str) {
        Some("upstream") => upstream(address(1)),
        Some("pass") => pass(address(1), address(2)),
        _ => compare(&words),
    }
}

fn whole(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap());
    reply
}

/// Serves on one thread for ever: it is ended from outside.
fn serve<F, A>(listen: SocketAddr, answer: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + 'static,
    A: Future<Output = Reply> + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async move {
        let listener = TcpListener::bind(listen).await.unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            tokio::task::spawn_local(async move {
                let service = service_fn(move |request| {
                    let reply = answer(request);
                    async move { Ok::<_, Infallible>(reply.await) }
                });
                let http = hyper::server::conn::http1::Builder::new();
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}

/// The vendor's server: any logon is good, and every creation gets the same document under a new id.
fn upstream(listen: SocketAddr) {
    let next = Arc::new(AtomicU64::new(4711));
    serve(listen, move |request| {
        let next = next.clone();
        async move {
            if request.uri().path().to_ascii_lowercase().ends_with("/logon") {
                return whole(StatusCode::OK, "\"token\"");
            }
            let _ = request.into_body().collect().await;
            let id = format!("_{}", next.fetch_add(1, Relaxed));
            whole(StatusCode::CREATED, REPLY.trim().replacen("_4711", &id, 1))
        }
    });
}

async fn connect(to: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(to).await.expect("a connection");
    stream.set_nodelay(true).unwrap();
    let (sender, driver) = handshake(TokioIo::new(stream)).await.expect("a handshake");
    tokio::task::spawn_local(async move {
        let _ = driver.await;
    });
    sender
}

/// The reference: hyper on both sides, kept connections, whole bodies, nothing read in them.
fn pass(listen: SocketAddr, to: SocketAddr) {
    let idle = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    serve(listen, move |request| {
        let idle = idle.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let mut request = Request::from_parts(head, Full::new(body));
            request.headers_mut().insert(HOST, "upstream".parse().unwrap());
            let kept = idle.borrow_mut().pop();
            let mut connection: SendRequest<Full<Bytes>> = match kept {
                Some(connection) => connection,
                None => connect(to).await,
            };
            connection.ready().await.unwrap();
            let (head, body) = connection.send_request(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            idle.borrow_mut().push(connection);
            whole(head.status, body)
        }
    });
}

/// A process that ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first: a build that counts what it does writes that down when it stops.
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        let until = Instant::now() + Duration::from_secs(10);
        while asked.is_ok() && Instant::now() < until && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn has_taskset() -> bool {
    Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn start(core: usize, program: &str, words: &[&str], address: SocketAddr) -> Running {
    let mut command = match has_taskset() {
        true => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string(), program]);
            command
        }
        false => Command::new(program),
    };
    let child = command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let running = Running(child);
    let deadline = Instant::now() + Duration::from_secs(15);
    while std::net::TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "{program} {words:?} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    running
}

/// Processor seconds of a process so far.
fn cpu(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("/proc");
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / TICKS_PER_SECOND
}

/// Requests answered within a time, over kept connections; any answer but 201 ends the run.
fn drive(to: SocketAddr, call: (&'static str, &'static str), body: &'static str, seconds: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answered = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + Duration::from_secs(seconds);
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            let answered = answered.clone();
            clients.push(tokio::task::spawn_local(async move {
                let mut connection = connect(to).await;
                while Instant::now() < until {
                    connection.ready().await.expect("a kept connection");
                    let request = Request::post(call.0)
                        .header(HOST, "gateway")
                        .header(AUTHORIZATION, call.1)
                        .header(CONTENT_TYPE, "application/json")
                        .body(Full::new(Bytes::from_static(body.as_bytes())));
                    let reply = connection.send_request(request.unwrap()).await.expect("a reply");
                    assert_eq!(reply.status(), StatusCode::CREATED);
                    reply.into_body().collect().await.expect("a body");
                    answered.fetch_add(1, Relaxed);
                }
            }));
        }
        for client in clients {
            client.await.expect("a client");
        }
    });
    answered.load(Relaxed)
}

fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A configuration for one gateway turn, in a folder of its own.
fn configured(folder: &std::path::Path, listen: SocketAddr, upstream: SocketAddr, store: &str) -> PathBuf {
    std::fs::write(
        folder.join("crosswalk.csv"),
        "kind,access,beyondtrust.system.id,beyondtrust.account.id,cyberark.account.id,beyondtrust.id,cyberark.name\n\
         target,,1204,88317,1204_88317,,\nticket_system,,,,,3,ServiceNow\n",
    )
    .unwrap();
    let text = format!(
        r#"[gateway]
listen = "{listen}"
admin = "127.0.0.1:0"
[files]
crosswalk = ["crosswalk.csv"]
[store]
{store}
[[upstream]]
name = "vault"
dialect = "cyberark"
url = "http://{upstream}"
[[caller]]
name = "load"
[caller.from.beyondtrust]
key = {{ value = "load-key" }}
[caller.as.vault]
user = "load"
password = {{ value = "load" }}
"#
    );
    let path = folder.join("pamgate.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// One gateway: its name, and for pamgate its store.
const GATEWAYS: &[(&str, Option<&str>)] = &[
    ("pass-through", None),
    ("pamgate, store in memory", Some("kind = \"memory\"\nmemory_requests = 10000")),
    ("pamgate, SQLite", Some("kind = \"sqlite\"\npath = \"requests.db\"")),
];

fn compare(words: &[String]) {
    let number =
        |at: usize, otherwise: u64| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(otherwise);
    let (rounds, seconds) = (number(0, 5), number(1, 3));
    let itself = std::env::current_exe().unwrap().display().to_string();
    let named = std::env::var("PAMGATE");
    let pamgate = named.as_deref().unwrap_or(env!("CARGO_BIN_EXE_pamgate"));
    let vault = free();
    let _upstream = start(1, &itself, &["upstream", &vault.to_string()], vault);
    let mut figures = vec![Vec::new(); GATEWAYS.len()];
    for _ in 0..rounds {
        for ((_, store), figures) in GATEWAYS.iter().zip(&mut figures) {
            let listen = free();
            let folder = tempfile::tempdir().unwrap();
            let (running, call, body) = match store {
                None => {
                    let words = ["pass", &listen.to_string(), &vault.to_string()];
                    (start(0, &itself, &words, listen), FORWARDED, PASSED)
                }
                Some(store) => {
                    let path = configured(folder.path(), listen, vault, store).display().to_string();
                    let words = ["serve", "--config", &path, "--log", "error"];
                    (start(0, pamgate, &words, listen), CALL, REQUEST.trim_ascii())
                }
            };
            drive(listen, call, body, 1);
            let before = cpu(running.0.id());
            let answered = drive(listen, call, body, seconds);
            figures.push((cpu(running.0.id()) - before) / answered as f64 * 1e6);
        }
    }
    println!(
        "{rounds} interleaved rounds of {seconds} s, {CONNECTIONS} connections, pinned: {}\n",
        has_taskset()
    );
    println!("{:<28}{:>10}  × pass-through (least–most)", "gateway", "CPU µs");
    for ((name, _), of_gateway) in GATEWAYS.iter().zip(&figures) {
        let ratios: Vec<f64> = of_gateway.iter().zip(&figures[0]).map(|(one, pass)| one / pass).collect();
        let (middle, least, most) = spread(&ratios);
        println!("{name:<28}{:>10.1}  {middle:.2} ({least:.2}–{most:.2})", spread(of_gateway).0);
    }
}

/// Median, least and most.
fn spread(figures: &[f64]) -> (f64, f64, f64) {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}
