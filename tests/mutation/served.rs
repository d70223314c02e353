//! A gateway with a mutant's tables, called as a service, and a vendor's sandbox as its upstream: both in process, over
//! pipes instead of sockets. Only so it is seen who may call, as whom the upstream is called, and what stands in the
//! heads of answers.
//!
//! Start at [`difference`]. What must be seen is written from the vendors' pages [known], below.
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use pamgate::config;
use pamgate::diagnostic::Source;
use pamgate::dialect::Registry;
use pamgate::gateway::{Gateway, flow, setup};
use pamgate::sandbox::{Clock, Inventory, Sandbox, Vendor};
use pamgate::upstream::Dial;
use tokio::io::DuplexStream;

/// More than any message here.
const PIPE_BYTES: usize = 64 * 1024;

/// The upstream: a sandbox, and what it was asked.
struct Served {
    sandbox: Arc<Sandbox>,
    /// Method and path, and the headers that tell who asks.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Dial for Served {
    fn dial(&self) -> std::io::Result<DuplexStream> {
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let (sandbox, asked) = (self.sandbox.clone(), self.asked.clone());
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let (sandbox, asked) = (sandbox.clone(), asked.clone());
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let request = Request::from_parts(head, body);
                let line = told(&request);
                let answer = sandbox.answer(None, request);
                asked.lock().unwrap().push(format!("{line}  →  {}", answer.status().as_u16()));
                Ok::<_, hyper::Error>(Response::from_parts(
                    answer.clone().into_parts().0,
                    Full::new(answer.into_body()),
                ))
            }
        });
        tokio::spawn(async move { http1::Builder::new().serve_connection(TokioIo::new(far), service).await });
        Ok(near)
    }
}

/// A call in a line. What a sandbox makes up stands as what it is; a sign-in's body is told, too.
fn told(request: &Request<Bytes>) -> String {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let mut line = format!("{} {}", request.method(), request.uri());
    let signing = line.to_ascii_lowercase().contains("/auth/");
    match header("authorization") {
        Some(text) if text.contains("sandbox-") => line += &format!("  authorization: {text}"),
        Some(_) => line += "  authorization: <token>",
        None => {}
    }
    if header("cookie").is_some() {
        line += "  cookie: <session>";
    }
    if signing && !request.body().is_empty() {
        line += &format!("  {}", String::from_utf8_lossy(request.body()));
    }
    line
}

/// One gateway before one upstream.
struct Scene {
    gateway: Arc<Gateway>,
    clock: Clock,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    fn new(registry: &Registry, upstream: Vendor, identity: &str) -> Result<Scene, String> {
        let text = format!(
            "[gateway]\nlisten = \"127.0.0.1:0\"\n[store]\nkind = \"memory\"\n\
             [[upstream]]\nname = \"vault\"\ndialect = \"{upstream}\"\nurl = \"http://vault.test\"\nplain = true\n\
             [[caller]]\nname = \"requester\"\n\
             [caller.from.beyondtrust]\nkey = {{ value = \"bt-key\" }}\nuser = 'CORP\\jdoe'\n\
             [caller.from.cyberark]\nkey = {{ value = \"ca-key\" }}\nuser_name = \"john.doe\"\n\
             [caller.from.safeguard]\nkey = {{ value = \"sg-key\" }}\nuser_name = \"jdoe\"\n\
             [caller.as.vault]\n{identity}\n"
        );
        let config = config::parse(&Source::new("pamgate.toml", text), Path::new("."), &|_| None);
        let config = config.map_err(|wrong| wrong.render(false))?;
        let csv = Source::new("crosswalk.csv", include_str!("../../src/sandbox/crosswalk.csv"));
        let crosswalk = pamgate::crosswalk::Crosswalk::from_csv(&csv).map_err(|wrong| wrong.render(false))?;
        let clock = Clock::fixed(Timestamp::now());
        let sandbox = Sandbox::new(upstream, Inventory::built_in(upstream), clock.clone());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let dial: Arc<dyn Dial> = Arc::new(Served { sandbox, asked: asked.clone() });
        let gateway = setup::gateway_of(&config, Some(crosswalk), registry, Some(&dial));
        Ok(Scene { gateway: Arc::new(gateway.map_err(|e| e.to_string())?), clock, asked })
    }

    /// One call to the gateway.
    async fn call(&self, ask: (&str, &str), header: (&str, &str), body: &str) -> Result<Answer, String> {
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let flow = flow::service(self.gateway.clone());
        let service = service_fn(move |request| tower::Service::call(&mut flow.clone(), request));
        tokio::task::spawn_local(async move {
            http1::Builder::new().serve_connection(TokioIo::new(far), service).await
        });
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(near)).await;
        let (mut sender, connection) = shaken.map_err(|e| e.to_string())?;
        tokio::task::spawn_local(connection);
        let request = Request::builder().method(ask.0).uri(ask.1).header("host", "gateway.test");
        let request = request.header(header.0, header.1);
        let request =
            request.header("content-type", "application/json").body(Full::new(Bytes::from(body.to_owned())));
        let answer = sender.send_request(request.map_err(|e| e.to_string())?).await;
        Ok(Answer::of(&answer.map_err(|e| e.to_string())?))
    }
}

/// What the head of an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    content_type: String,
    /// In order.
    allow: Vec<String>,
}

impl Answer {
    fn of<B>(answer: &Response<B>) -> Answer {
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let mut allow: Vec<String> =
            header("allow").unwrap_or_default().split(", ").map(str::to_owned).collect();
        allow.retain(|method| !method.is_empty());
        allow.sort();
        Answer {
            status: answer.status().as_u16(),
            content_type: header("content-type").unwrap_or_default().to_owned(),
            allow,
        }
    }

    /// With a body of JSON, as all of the three vendors' have.
    fn json(status: u16, allow: &[&str]) -> Answer {
        let allow = allow.iter().map(|method| (*method).to_owned()).collect();
        Answer { status, content_type: "application/json; charset=utf-8".to_owned(), allow }
    }
}

/// Where one vendor's clients create requests, and two of them for what the sandboxes' crosswalk knows.
fn wishes(vendor: Vendor) -> (&'static str, [&'static str; 2]) {
    match vendor {
        Vendor::BeyondTrust => (
            "/BeyondTrust/api/public/v3/Requests",
            [
                r#"{"SystemID":15,"AccountID":1040,"DurationMinutes":120,"Reason":"release 42","TicketSystemID":7,"TicketNumber":"CHG-4711"}"#,
                r#"{"SystemID":14,"AccountID":1032,"DurationMinutes":120,"Reason":"release 42"}"#,
            ],
        ),
        Vendor::CyberArk => (
            "/PasswordVault/API/MyRequests",
            [
                r#"{"accountId":"13_1","reason":"release 42","TicketingSystemName":"ServiceNow","TicketId":"CHG-4711"}"#,
                r#"{"accountId":"12_3","reason":"release 42"}"#,
            ],
        ),
        Vendor::Safeguard => (
            "/service/a2a/v4/AccessRequests",
            [
                r#"{"ForUser":"jdoe","AssetId":2108,"AccountId":5520,"AccessRequestType":"Password","RequestedDurationHours":2,"ReasonComment":"release 42","TicketNumber":"CHG-4711"}"#,
                r#"{"ForUser":"jdoe","AssetId":2107,"AccountId":5512,"AccessRequestType":"Password","RequestedDurationHours":2,"ReasonComment":"release 42"}"#,
            ],
        ),
    }
}

/// Who is let in, and who isn't: a header of the caller's and the status that it gets.
fn callers(vendor: Vendor) -> &'static [((&'static str, &'static str), u16)] {
    match vendor {
        // `PS-Auth key=<key>; runas=<user>;`; [bips] and [btgo] send neither `runas` nor the last `;`.
        Vendor::BeyondTrust => &[
            (("authorization", r"PS-Auth key=bt-key; runas=CORP\jdoe;"), 201),
            (("authorization", r"PS-Auth key=bt-key; runas=CORP\jdoe; pwd=[x];"), 201),
            (("authorization", "PS-Auth key=bt-key"), 201),
            (("authorization", r"PS-Auth key=bt-key; runas=CORP\asmith;"), 401),
            (("authorization", r"PS-Auth key=other; runas=CORP\jdoe;"), 401),
            (("authorization", "bt-key"), 401),
            (("authorization", "Bearer bt-key"), 401),
        ],
        // The token as it is, no scheme.
        Vendor::CyberArk => &[
            (("authorization", "ca-key"), 201),
            (("authorization", "Bearer ca-key"), 401),
            (("authorization", "other"), 401),
            (("x-token", "ca-key"), 401),
        ],
        Vendor::Safeguard => &[
            (("authorization", "A2A sg-key"), 201),
            (("authorization", "sg-key"), 401),
            (("authorization", "A2A other"), 401),
            (("x-key", "A2A sg-key"), 401),
        ],
    }
}

/// Paths that are asked by a method which they don't have, with those that they have; and one that is none.
fn strays(vendor: Vendor) -> &'static [((&'static str, &'static str), &'static [&'static str])] {
    match vendor {
        Vendor::BeyondTrust => &[
            (("PUT", "/BeyondTrust/api/public/v3/Requests"), &["GET", "POST"]),
            (("POST", "/BeyondTrust/api/public/v3/Requests/124/Approve"), &["PUT"]),
            (("GET", "/BeyondTrust/api/public/v3/Requests/124/Reopen"), &[]),
        ],
        Vendor::CyberArk => &[
            (("DELETE", "/PasswordVault/API/MyRequests"), &["POST"]),
            (("GET", "/PasswordVault/API/MyRequests/12_3"), &[]),
        ],
        Vendor::Safeguard => &[
            (("GET", "/service/a2a/v4/AccessRequests"), &["POST"]),
            (("GET", "/service/a2a/v4/AccessRequests/1-1"), &[]),
        ],
    }
}

/// What a sandbox is asked for a first request, for another after its session has died, and at the end; and the same
/// with whatever else an identity may have.
fn sessions(vendor: Vendor) -> &'static [(&'static str, &'static [&'static str])] {
    match vendor {
        // Later calls of [bips] and [btgo] carry the cookie only. `pwd` stands in brackets, where it is asked for.
        Vendor::BeyondTrust => &[
            (
                "user = 'CORP\\jdoe'\nkey = { value = \"sandbox-bt-key-requester\" }",
                &[
                    r"POST /BeyondTrust/api/public/v3/Auth/SignAppin  authorization: PS-Auth key=sandbox-bt-key-requester; runas=CORP\jdoe;  →  200",
                    "POST /BeyondTrust/api/public/v3/Requests  cookie: <session>  →  201",
                    "GET /BeyondTrust/api/public/v3/Requests?status=all&queue=req  cookie: <session>  →  200",
                    "POST /BeyondTrust/api/public/v3/Requests  cookie: <session>  →  401",
                    r"POST /BeyondTrust/api/public/v3/Auth/SignAppin  authorization: PS-Auth key=sandbox-bt-key-requester; runas=CORP\jdoe;  →  200",
                    "POST /BeyondTrust/api/public/v3/Requests  cookie: <session>  →  201",
                    "GET /BeyondTrust/api/public/v3/Requests?status=all&queue=req  cookie: <session>  →  200",
                    "POST /BeyondTrust/api/public/v3/Auth/Signout  cookie: <session>  →  200",
                ],
            ),
            (
                "user = 'CORP\\jdoe'\nkey = { value = \"sandbox-bt-key-requester\" }\npassword = { value = \"sandbox-pass\" }",
                &[
                    r"POST /BeyondTrust/api/public/v3/Auth/SignAppin  authorization: PS-Auth key=sandbox-bt-key-requester; runas=CORP\jdoe; pwd=[sandbox-pass];  →  200",
                    "POST /BeyondTrust/api/public/v3/Requests  cookie: <session>  →  201",
                    "GET /BeyondTrust/api/public/v3/Requests?status=all&queue=req  cookie: <session>  →  200",
                    "POST /BeyondTrust/api/public/v3/Requests  cookie: <session>  →  401",
                    r"POST /BeyondTrust/api/public/v3/Auth/SignAppin  authorization: PS-Auth key=sandbox-bt-key-requester; runas=CORP\jdoe; pwd=[sandbox-pass];  →  200",
                    "POST /BeyondTrust/api/public/v3/Requests  cookie: <session>  →  201",
                    "GET /BeyondTrust/api/public/v3/Requests?status=all&queue=req  cookie: <session>  →  200",
                    "POST /BeyondTrust/api/public/v3/Auth/Signout  cookie: <session>  →  200",
                ],
            ),
        ],
        // The token is the whole of `Authorization`; without concurrentSession a logon ends the user's earlier one.
        Vendor::CyberArk => &[(
            "user = \"john.doe\"\npassword = { value = \"sandbox-ca-password-requester\" }",
            &[
                r#"POST /PasswordVault/API/auth/CyberArk/Logon  {"username":"john.doe","password":"sandbox-ca-password-requester","concurrentSession":true}  →  200"#,
                "POST /PasswordVault/API/MyRequests  authorization: <token>  →  201",
                "POST /PasswordVault/API/MyRequests  authorization: <token>  →  401",
                r#"POST /PasswordVault/API/auth/CyberArk/Logon  {"username":"john.doe","password":"sandbox-ca-password-requester","concurrentSession":true}  →  200"#,
                "POST /PasswordVault/API/MyRequests  authorization: <token>  →  201",
                "POST /PasswordVault/API/Auth/Logoff  authorization: <token>  →  200",
            ],
        )],
        // No session: the key goes with every call.
        Vendor::Safeguard => &[(
            "user = \"jdoe\"\nkey = { value = \"sandbox-sg-a2a-key\" }",
            &[
                "POST /service/a2a/v4/AccessRequests  authorization: A2A sandbox-sg-a2a-key  →  201",
                "POST /service/a2a/v4/AccessRequests  authorization: A2A sandbox-sg-a2a-key  →  201",
            ],
        )],
    }
}

/// What of who calls and how one signs in is otherwise than the pages have it.
pub(crate) fn difference(registry: &Registry, dialect: &str) -> Option<String> {
    let vendor: Vendor = [Vendor::BeyondTrust, Vendor::CyberArk, Vendor::Safeguard]
        .into_iter()
        .find(|vendor| vendor.to_string() == dialect)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async { seen(registry, vendor).await }).err()
}

async fn seen(registry: &Registry, vendor: Vendor) -> Result<(), String> {
    let other = if vendor == Vendor::BeyondTrust { Vendor::CyberArk } else { Vendor::BeyondTrust };
    for (header, status) in callers(vendor) {
        // Each before a fresh server: it takes one request for an account at a time.
        let scene = Scene::new(registry, other, sessions(other)[0].0)?;
        let (path, bodies) = wishes(vendor);
        let got = scene.call(("POST", path), *header, bodies[0]).await?;
        let should = Answer::json(*status, &[]);
        if got != should {
            return Err(format!("a caller with {header:?} gets {got:?} instead of {should:?}"));
        }
    }
    let scene = Scene::new(registry, other, sessions(other)[0].0)?;
    for (ask, allow) in strays(vendor) {
        let got = scene.call(*ask, callers(vendor)[0].0, "").await?;
        let should = Answer::json(if allow.is_empty() { 404 } else { 405 }, allow);
        if got != should {
            return Err(format!("{ask:?} gets {got:?} instead of {should:?}"));
        }
    }
    let (path, bodies) = wishes(other);
    let header = callers(other)[0].0;
    for (identity, expected) in sessions(vendor) {
        let scene = Scene::new(registry, vendor, identity)?;
        scene.call(("POST", path), header, bodies[0]).await?;
        scene.clock.advance(SignedDuration::from_mins(31));
        scene.call(("POST", path), header, bodies[1]).await?;
        let upstream = &scene.gateway.upstreams()[0];
        upstream.close(std::time::Instant::now() + std::time::Duration::from_secs(5)).await;
        let asked = scene.asked.lock().unwrap().clone();
        if let Some(at) = (0..asked.len().max(expected.len()))
            .find(|at| asked.get(*at).map(String::as_str) != expected.get(*at).copied())
        {
            return Err(format!("the server is asked {:?} instead of {:?}", asked.get(at), expected.get(at)));
        }
    }
    Ok(())
}
