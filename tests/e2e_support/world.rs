//! A gateway in front of BeyondTrust's emulated server.
use super::{BEYONDTRUST, Caller, Config, Program, Reply, records};

/// Both, running.
pub(crate) struct World {
    pub(crate) sandbox: Program,
    pub(crate) gateway: Program,
    _config: Config,
}

impl World {
    pub(crate) fn start() -> World {
        World::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> World {
        let sandbox = Program::sandbox("beyondtrust");
        let mut config = Config::before("beyondtrust", sandbox.at("sandbox.beyondtrust"));
        change(&mut config);
        World { gateway: Program::configured(&config.write()), sandbox, _config: config }
    }

    pub(crate) fn vault(&self) -> std::net::SocketAddr {
        self.sandbox.at("sandbox.beyondtrust")
    }

    pub(crate) fn call(&self, caller: &Caller, method: &str, path: &str, body: Option<&str>) -> Reply {
        caller.call(self.gateway.gateway(), method, path, body.map(str::as_bytes))
    }

    /// Asks, and gives the id: the whole body.
    pub(crate) fn create(&self, body: &str) -> u64 {
        let reply = self.call(&BEYONDTRUST, "POST", "/Requests", Some(body));
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json().as_u64().expect("a bare integer")
    }

    pub(crate) fn state(&self, id: u64) -> String {
        let all = records(self.vault());
        let record =
            all.iter().find(|record| record["id"].as_str().unwrap().parse() == Ok(id)).expect("the request");
        record["state"].as_str().unwrap().to_owned()
    }

    pub(crate) fn list(&self, caller: &Caller, query: &str) -> Vec<u64> {
        let reply = self.call(caller, "GET", &format!("/Requests{query}"), None);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json().as_array().unwrap().iter().map(|item| item["RequestID"].as_u64().unwrap()).collect()
    }
}
