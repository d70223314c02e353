//! `pamgate serve`: the gateway itself.
//!
//! Start at [`run`]: a configuration, or the sandboxes; then sockets, then a [`Gateway`] behind them, until a signal.
//! What is in flight is finished, upstream sessions are closed, the store is let go of.
mod demo;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::config::{self, Config, StoreChoice};
use crate::crosswalk::Crosswalk;
use crate::gateway::admin::Admin;
use crate::gateway::listener::{Bound, ListenerSettings, bind, shutdown_signal};
use crate::gateway::setup::{self, SetupError};
use crate::gateway::{Gateway, flow};
use crate::sandbox::Vendor;
use crate::telemetry::{self, LogFormat};

use super::{Exit, Failure, ReadyFile, Terminal};
use demo::Demo;

/// The options of `serve`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("setting").required(true).args(["config", "sandbox"]))]
pub struct ServeArgs {
    /// The configuration; docs/configuration.md describes it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Without a configuration: forwards to an emulated server inside this process, with made-up machines, users
    /// and keys, for trying. Never for real access.
    #[arg(long)]
    pub sandbox: bool,
    /// With --sandbox: which of the emulated servers is asked: beyondtrust, cyberark or safeguard.
    #[arg(long, value_name = "DIALECT", conflicts_with = "config", default_value = "cyberark")]
    pub upstream: Vendor,
    /// Where clients call, instead of what the configuration says; port 0 takes a free one. May be given several
    /// times.
    #[arg(long, value_name = "ADDR")]
    pub listen: Vec<SocketAddr>,
    /// Where /healthz and /readyz are told, instead of what the configuration says.
    #[arg(long, value_name = "ADDR")]
    pub admin: Option<SocketAddr>,
    /// Where requests made are kept, instead of what the configuration says: `memory` or `sqlite:PATH`.
    #[arg(long, value_name = "STORE")]
    pub store: Option<StoreAt>,
    /// Written once everything listens: a JSON object with every address. Taken away when the gateway stops.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// How log lines are written, to standard error.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub log_format: LogFormat,
    /// What is logged: error, warn, info, debug, trace or off, or `target=level` pairs with commas between; without
    /// it, the variable PAMGATE_LOG, and without that info.
    #[arg(long, value_name = "LEVEL")]
    pub log: Option<String>,
}

/// Where requests made are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAt {
    /// Forgotten at exit.
    Memory,
    /// An SQLite file.
    Sqlite(PathBuf),
}

impl std::str::FromStr for StoreAt {
    type Err = String;

    fn from_str(text: &str) -> Result<StoreAt, String> {
        match text.split_once(':') {
            None if text == "memory" => Ok(StoreAt::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(StoreAt::Sqlite(path.into())),
            _ => Err("write `memory` or `sqlite:PATH`".to_owned()),
        }
    }
}

/// Runs the gateway until it is told to stop.
///
/// # Errors
/// What keeps it from starting, and what breaks it off.
pub fn run(args: ServeArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    telemetry::init(args.log_format, args.log.as_deref()).map_err(not_started)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(not_started)?;
    let ready_file = ReadyFile::new(args.ready_file.clone())?;
    let (stop, stopping) = watch::channel(false);
    let demo = match args.sandbox {
        true => Some(runtime.block_on(Demo::start(args.upstream, &stopping))?),
        false => None,
    };
    let (mut config, crosswalk, sandboxes, _demo);
    match demo {
        Some(demo) => {
            let Demo { config: built_in, crosswalk: linked, sandboxes: running, folder } = demo;
            (config, crosswalk, sandboxes, _demo) = (built_in, Some(linked), running, Some(folder));
        }
        None => {
            let path =
                args.config.as_ref().ok_or_else(|| Failure::Usage("--config or --sandbox".to_owned()))?;
            let loaded = config::load(path).map_err(Failure::WrongFiles)?;
            (config, crosswalk, sandboxes, _demo) = (loaded, None::<Crosswalk>, Vec::new(), None);
        }
    }
    if !args.sandbox {
        config.warnings.iter().for_each(|warning| terminal.warning(&warning.to_string()));
    }
    overrule(&mut config, &args)?;
    let gateway = Arc::new(setup::gateway(&config, crosswalk).map_err(setup_failed)?);
    if !args.sandbox {
        let idle = setup::warnings(&config, &gateway);
        idle.iter().for_each(|warning| terminal.warning(&warning.to_string()));
    }
    let sockets = Sockets::bind(&config)?;
    // The handlers are set before anybody can read that it serves: whoever does may stop it at once.
    runtime.block_on(async {
        let signal = shutdown_signal();
        tokio::pin!(signal);
        tokio::select! {
            biased;
            set = &mut signal => return set.map_err(not_started),
            () = std::future::ready(()) => {}
        }
        let serving = sockets.serve(&gateway, &stopping);
        announce(terminal, &args, &config, &sandboxes, &serving)?;
        ready_file.write(&addresses(&serving, &sandboxes))?;
        let signalled = signal.await.map_err(not_started);
        // Sandboxes run on until the gateway has finished what is in flight.
        let ended = serving.end(config.deadlines.shutdown).await;
        let deadline = Instant::now() + CLOSING;
        for upstream in gateway.upstreams() {
            upstream.close(deadline).await;
        }
        if let Err(error) = gateway.store().close().await {
            tracing::error!(%error, "the store did not close");
        }
        stop.send_replace(true);
        signalled.and(ended)
    })?;
    terminal.say("pamgate has stopped");
    Ok(Exit::Done)
}

/// How long closing sessions at upstreams may take.
const CLOSING: Duration = Duration::from_secs(5);

/// What the command line says wins over what the configuration says.
fn overrule(config: &mut Config, args: &ServeArgs) -> Result<(), Failure> {
    if let Some(outside) = args.listen.iter().find(|address| !address.ip().is_loopback()) {
        let same = config.gateway.listen.contains(outside);
        if !same {
            return Err(Failure::Usage(format!(
                "other machines reach {outside}, and keys would go there in the clear: name it in the configuration, \
                 with `plain_outside_loopback = true`"
            )));
        }
    }
    if !args.listen.is_empty() {
        config.gateway.listen.clone_from(&args.listen);
    }
    if args.admin.is_some() {
        config.gateway.admin = args.admin;
    } else if args.sandbox && !args.listen.is_empty() {
        // A second gateway for trying should not fight with the first for the usual port.
        config.gateway.admin = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    }
    match &args.store {
        Some(StoreAt::Memory) => config.store = StoreChoice::Memory { requests_max: MEMORY_REQUESTS },
        Some(StoreAt::Sqlite(path)) => config.store = StoreChoice::Sqlite { path: path.clone() },
        None => {}
    }
    Ok(())
}

/// How many requests `--store memory` holds.
const MEMORY_REQUESTS: usize = 100_000;

/// Sockets that are bound, but not served yet.
struct Sockets {
    gateway: Vec<Bound>,
    admin: Option<Bound>,
}

/// Sockets that are served, each by a thread that ends when told to.
struct Serving {
    gateway: Vec<SocketAddr>,
    admin: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    threads: Vec<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Sockets {
    fn bind(config: &Config) -> Result<Sockets, Failure> {
        let settings = |address| ListenerSettings {
            workers: config.gateway.workers,
            connections_max: config.limits.connections,
            header_read: config.deadlines.header,
            idle: config.deadlines.idle,
            header_bytes_max: config.limits.header_bytes,
            drain: config.deadlines.shutdown,
            ..ListenerSettings::new(address)
        };
        let bound = |settings: ListenerSettings| {
            let address = settings.address;
            bind(settings).map_err(|e| Failure::NotStarted(format!("{address} can't be listened at: {e}")))
        };
        let gateway = config
            .gateway
            .listen
            .iter()
            .map(|address| bound(settings(*address)))
            .collect::<Result<_, _>>()?;
        let admin =
            config.gateway.admin.map(|address| bound(ListenerSettings { workers: 1, ..settings(address) }));
        Ok(Sockets { gateway, admin: admin.transpose()? })
    }

    fn serve(self, gateway: &Arc<Gateway>, _stopping: &watch::Receiver<bool>) -> Serving {
        let (stop, stopping) = watch::channel(false);
        let mut serving = Serving {
            gateway: self.gateway.iter().map(Bound::address).collect(),
            admin: self.admin.as_ref().map(Bound::address),
            stop,
            threads: Vec::new(),
        };
        for bound in self.gateway {
            let (gateway, stopping) = (gateway.clone(), told(stopping.clone()));
            let make = move |_| flow::service(gateway.clone());
            serving.threads.push(tokio::task::spawn_blocking(move || bound.run(make, stopping)));
        }
        if let Some(bound) = self.admin {
            let (admin, stopping) = (Admin::new(gateway.upstreams().iter().cloned()), told(stopping.clone()));
            let make = move |_| admin.clone();
            serving.threads.push(tokio::task::spawn_blocking(move || bound.run(make, stopping)));
        }
        serving
    }
}

async fn told(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone: then it is time as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

impl Serving {
    /// Stops accepting, and waits for what is in flight.
    async fn end(self, drain: Duration) -> Result<(), Failure> {
        self.stop.send_replace(true);
        let broken =
            |error: &dyn std::fmt::Display| Failure::Broken(format!("a listener broke off: {error}"));
        for thread in self.threads {
            let ended = finish(thread, drain + CLOSING).await;
            match ended {
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => return Err(broken(&error)),
                Some(Err(error)) => return Err(broken(&error)),
                None => tracing::warn!("requests were broken off at shutdown"),
            }
        }
        Ok(())
    }
}

async fn finish<T>(work: impl Future<Output = T>, within: Duration) -> Option<T> {
    tokio::time::timeout(within, work).await.ok()
}

fn addresses(serving: &Serving, sandboxes: &[(Vendor, SocketAddr)]) -> Vec<(String, SocketAddr)> {
    let number = |at: usize| if at == 0 { "gateway".to_owned() } else { format!("gateway.{at}") };
    let mut all: Vec<_> = serving.gateway.iter().enumerate().map(|(at, one)| (number(at), *one)).collect();
    all.extend(serving.admin.map(|address| ("admin".to_owned(), address)));
    all.extend(sandboxes.iter().map(|(vendor, address)| (format!("sandbox.{vendor}"), *address)));
    all
}

/// A few lines that say what listens where, and, with the sandboxes, what to paste.
fn announce(
    terminal: &Terminal,
    args: &ServeArgs,
    config: &Config,
    sandboxes: &[(Vendor, SocketAddr)],
    serving: &Serving,
) -> Result<(), Failure> {
    use std::fmt::Write;
    let mut text = String::new();
    let mut line = |line: String| {
        // Writing into a String can't fail.
        let _ = writeln!(text, "{line}");
    };
    for address in &serving.gateway {
        line(format!("gateway    http://{address}"));
    }
    if let Some(address) = serving.admin {
        line(format!("admin      http://{address}/healthz, /readyz"));
    }
    for (vendor, address) in sandboxes {
        line(format!("sandbox    http://{address}  {vendor}"));
    }
    match args.sandbox {
        true => line(format!("upstream   {}, emulated: made-up machines, users and keys", args.upstream)),
        false => {
            for upstream in &config.upstreams {
                let (name, dialect) = (&upstream.name.value, &upstream.dialect.value);
                line(format!("upstream   {name} ({dialect}) {}", upstream.url.value));
            }
        }
    }
    let store = match &config.store {
        StoreChoice::Memory { .. } => "in memory, forgotten at exit".to_owned(),
        StoreChoice::Sqlite { path } => path.display().to_string(),
    };
    line(format!("store      {store}"));
    if let (true, Some(address)) = (args.sandbox, serving.gateway.first()) {
        line(format!("\n{}", demo::calls(*address)));
    }
    terminal.answer(&text)?;
    Ok(())
}

fn setup_failed(error: SetupError) -> Failure {
    match error {
        SetupError::Files(wrong) => Failure::WrongFiles(wrong),
        other => not_started(other),
    }
}

fn not_started(error: impl std::fmt::Display) -> Failure {
    Failure::NotStarted(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_memory_or_a_file() {
        assert_eq!("memory".parse(), Ok(StoreAt::Memory));
        assert_eq!("sqlite:/a:b.db".parse(), Ok(StoreAt::Sqlite("/a:b.db".into())));
        for wrong in ["", "sqlite", "sqlite:", "memory:x", "postgres:x"] {
            assert!(wrong.parse::<StoreAt>().is_err(), "{wrong}");
        }
    }
}
