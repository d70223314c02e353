//! `serve --sandbox`: three emulated servers inside this process, and a configuration that leads to one of them.
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::{self, Config};
use crate::crosswalk::Crosswalk;
use crate::diagnostic::{Diagnostics, Source};
use crate::sandbox::{Clock, Inventory, Sandbox, Vendor, serve};

use super::super::Failure;
use super::not_started;

const CONFIG: &str = include_str!("demo.toml");
const CALLS: &str = include_str!("demo_calls.txt");
const CROSSWALK: &str = include_str!("../../sandbox/crosswalk.csv");

/// The sandboxes that run, and all that a gateway in front of them needs.
pub(super) struct Demo {
    pub(super) config: Config,
    pub(super) crosswalk: Crosswalk,
    /// Where each listens, the dialect's name first.
    pub(super) sandboxes: Vec<(Vendor, SocketAddr)>,
    /// Holds the store; gone when this is dropped.
    pub(super) folder: tempfile::TempDir,
}

impl Demo {
    /// Starts a sandbox of each vendor on a free loopback port; they end when `stopping` says so.
    pub(super) async fn start(upstream: Vendor, stopping: &watch::Receiver<bool>) -> Result<Demo, Failure> {
        let mut sandboxes = Vec::new();
        for vendor in Vendor::ALL {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(not_started)?;
            sandboxes.push((vendor, listener.local_addr().map_err(not_started)?));
            let sandbox: Arc<Sandbox> = Sandbox::new(vendor, Inventory::built_in(vendor), Clock::system());
            let mut stopping = stopping.clone();
            tokio::spawn(async move {
                let stopped = serve(sandbox, listener, None, async move {
                    // An error means that the sender is gone: then it is time as well.
                    let _ = stopping.wait_for(|stop| *stop).await;
                });
                if let Err(error) = stopped.await {
                    tracing::error!(%vendor, %error, "a sandbox broke off");
                }
            });
        }
        let folder = tempfile::Builder::new().prefix("pamgate-").tempdir().map_err(not_started)?;
        let store = folder.path().join("requests.db");
        let mut text = CONFIG.replace("{store}", &store.display().to_string().replace('\\', "/"));
        text = text.replace("{upstream}", &upstream.to_string());
        for (vendor, address) in &sandboxes {
            text = text.replace(&format!("{{{vendor}}}"), &address.to_string());
        }
        let source = Source::new("built-in/demo.toml", text);
        let config = config::parse(&source, folder.path(), &|_| None).map_err(wrong)?;
        let crosswalk =
            Crosswalk::from_csv(&Source::new("built-in/crosswalk.csv", CROSSWALK)).map_err(wrong)?;
        Ok(Demo { config, crosswalk, sandboxes, folder })
    }
}

fn wrong(wrong: Diagnostics) -> Failure {
    Failure::WrongFiles(wrong)
}

/// One ready-to-paste command per dialect.
pub(super) fn calls(gateway: SocketAddr) -> String {
    CALLS.replace("{gateway}", &gateway.to_string())
}
