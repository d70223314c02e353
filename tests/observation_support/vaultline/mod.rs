//! A server of Vaultline, the vendor made up in tests/fourth: written by hand from the page in its README, and from no
//! table. It reads its own JSON, stores what it understood as the sandboxes do, and answers as its page says.
//!
//! Start at [`Vaultline::call`]. Everything is granted at once to its one user; it remembers one request.
mod answer;
mod inventory;
mod wish;

use std::cell::{Cell, RefCell};

use pamgate::sandbox::Record;
use serde_json::Value;

use answer::Problem;
use inventory::Resource;
use wish::Wish;

/// Who is signed in.
pub const USER: &str = "jd";

/// The server.
pub struct Vaultline {
    number: Cell<u64>,
    grant: RefCell<Option<Grant>>,
}

/// A grant that was made.
struct Grant {
    number: u64,
    resource: &'static Resource,
    wish: Wish,
}

impl Vaultline {
    pub fn new() -> Vaultline {
        Vaultline { number: Cell::new(8), grant: RefCell::new(None) }
    }

    pub fn forget(&self) {
        *self.grant.borrow_mut() = None;
    }

    pub fn record(&self) -> Option<Record> {
        self.grant.borrow().as_ref().map(Grant::record)
    }

    /// `ask`: method and path. Status and body.
    pub fn call(&self, ask: &str, body: &str) -> (u16, String) {
        let path = ask.split_once(' ').and_then(|(method, path)| Some((method, under(path)?)));
        let made = match path {
            Some(("POST", "/grants")) => self.create(None, body, Wish::brief),
            Some(("POST", "/leases")) => self.create(None, body, Wish::lease),
            Some(("POST", path)) => {
                let vault = path.strip_prefix("/vaults/").and_then(|rest| rest.strip_suffix("/grants"));
                match vault.filter(|vault| !vault.contains('/')) {
                    Some(vault) => self.create(Some(vault), body, Wish::ask),
                    None => Err(Problem::new(404, "VL-400")),
                }
            }
            Some(("GET", path)) if path.starts_with("/grants?") => return (200, self.list().to_string()),
            Some(("GET" | "DELETE", _)) | None => Err(Problem::new(404, "VL-400")),
            Some(_) => Err(Problem::new(405, "")),
        };
        match made {
            Ok(receipt) => (202, receipt.to_string()),
            Err(problem) => (problem.status, problem.document().to_string()),
        }
    }

    fn create(
        &self,
        vault: Option<&str>,
        body: &str,
        read: impl FnOnce(&Value, Option<&str>) -> Result<(Wish, &'static Resource), Problem>,
    ) -> Result<Value, Problem> {
        let body: Value = serde_json::from_str(body).map_err(|_| Problem::new(422, "VL-100"))?;
        if !body.is_object() {
            return Err(Problem::new(422, "VL-100"));
        }
        let (wish, resource) = read(&body, vault)?;
        self.number.set(self.number.get() + 1);
        let grant = Grant { number: self.number.get(), resource, wish };
        let receipt = grant.receipt();
        *self.grant.borrow_mut() = Some(grant);
        Ok(receipt)
    }

    fn list(&self) -> Value {
        let grants: Vec<Value> = self.grant.borrow().iter().map(Grant::listed).collect();
        serde_json::json!({ "meta": { "count": grants.len() }, "data": grants })
    }
}

/// What follows either of the two bases.
fn under(path: &str) -> Option<&str> {
    ["/vl/v2", "/vl/latest"].iter().find_map(|base| path.strip_prefix(base))
}
