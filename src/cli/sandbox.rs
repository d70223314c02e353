//! `pamgate sandbox`: one vendor's server, emulated, alone.
//!
//! Start at [`run`]. Knows `sandbox`, `telemetry`, and the gateway's shutdown signal. Never serves without TLS where
//! other machines reach it, unless told to.
use std::future::{Future, ready};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::gateway::listener::shutdown_signal;
use crate::sandbox::{Clock, Inventory, Sandbox, Vendor, serve, tls_config};
use crate::telemetry::{self, LogFormat};

use super::{Exit, Failure, ReadyFile, Terminal};

/// For what is in flight, once the sandbox is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// The options of `sandbox`.
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {
    /// Whose server: beyondtrust, cyberark or safeguard.
    #[arg(value_name = "DIALECT")]
    dialect: Vendor,
    /// Where it listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The machines, accounts and people that it knows, instead of the built-in ones; docs/sandbox.md describes
    /// the format. Never put real secrets there.
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// Serves TLS with this certificate chain, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Takes client certificates of this authority, in PEM; safeguard's A2A broker then demands one.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,
    /// Listens without TLS even where other machines reach it.
    #[arg(long, conflicts_with = "tls_cert")]
    plain: bool,
    /// Written once the sandbox serves: a JSON object with its address. Taken away when it stops.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Runs the sandbox until it is told to stop.
///
/// # Errors
/// What keeps it from starting, and what breaks it off.
pub fn run(args: SandboxArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.tls_cert.is_none() && !args.plain && !args.listen.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "other machines reach {}, and keys would go there in the clear: give --tls-cert and --tls-key, or \
             --plain to do it all the same",
            args.listen
        )));
    }
    telemetry::init(LogFormat::Text, None).map_err(not_started)?;
    let sandbox = Sandbox::new(args.dialect, inventory(&args)?, Clock::system());
    sandbox.require_certificate(args.client_ca.is_some());
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(cert), Some(key)) => {
            Some(tls_config(cert, key, args.client_ca.as_deref()).map_err(not_started)?)
        }
        _ => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(not_started)?;
    runtime.block_on(serve_until_told(args, terminal, sandbox, tls))
}

fn inventory(args: &SandboxArgs) -> Result<Inventory, Failure> {
    let Some(path) = &args.inventory else { return Ok(Inventory::built_in(args.dialect)) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::NotStarted(format!("{} can't be read: {error}", path.display())))?;
    // No excerpt: an inventory holds secrets, and somebody may have put real ones there.
    Inventory::from_toml(args.dialect, &text).map_err(|wrong| {
        let (file, line, column) = (path.display(), wrong.line, wrong.column);
        Failure::NotStarted(format!("{file}:{line}:{column}: {}", wrong.message))
    })
}

async fn serve_until_told(
    args: SandboxArgs,
    terminal: &Terminal,
    sandbox: Arc<Sandbox>,
    tls: Option<Arc<rustls::ServerConfig>>,
) -> Result<Exit, Failure> {
    let ready_file = ReadyFile::new(args.ready_file)?;
    let taken = |error| Failure::NotStarted(format!("{} can't be listened at: {error}", args.listen));
    let listener = TcpListener::bind(args.listen).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;

    let mut told = pin!(shutdown_signal());
    // Looked at once, which sets the handlers: whoever reads that it serves may stop it at once.
    tokio::select! {
        biased;
        set = &mut told => {
            set.map_err(not_started)?;
            return Ok(Exit::Done);
        }
        () = ready(()) => {}
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let origin = format!("{scheme}://{address}");
    // Secrets of a file of one's own are left out: it may be that they are no made-up ones.
    terminal.answer(&sandbox.guide(&origin, args.inventory.is_none()))?;
    if tls.is_none() && !address.ip().is_loopback() {
        terminal.warning(&format!("{address} is served without TLS, and other machines reach it"));
    }
    ready_file.write(&[(format!("sandbox.{}", args.dialect), address)])?;

    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let server = serve(sandbox, listener, tls, async {
        // Dropped or sent: either way it is time.
        let _ = stopping.await;
    });
    until_drained(server, async {
        let set = told.await;
        drop(stop);
        set
    })
    .await
}

/// The server's end: at once where it fails, and a while after it was told to stop at the latest.
async fn until_drained(
    server: impl Future<Output = std::io::Result<()>>,
    told: impl Future<Output = std::io::Result<()>>,
) -> Result<Exit, Failure> {
    let broken = |error: std::io::Error| Failure::Broken(format!("the sandbox broke off: {error}"));
    let mut server = pin!(server);
    tokio::select! {
        done = &mut server => done.map_err(broken)?,
        set = told => {
            set.map_err(broken)?;
            if let Ok(done) = tokio::time::timeout(DRAIN, server).await {
                done.map_err(broken)?;
            } else {
                tracing::warn!("connections were broken off at shutdown");
            }
        }
    }
    Ok(Exit::Done)
}

fn not_started(error: impl std::fmt::Display) -> Failure {
    Failure::NotStarted(error.to_string())
}
