//! The three sandboxes, each with its built-in requester signed in, asked as if nobody had asked before.
use std::collections::HashMap;
use std::rc::Rc;

use pamgate::sandbox::{Record, Vendor};

use crate::sandbox_support::own::Own;

/// What became of a request at a sandbox.
#[derive(Debug)]
pub struct Stored {
    pub status: u16,
    pub body: String,
    /// None: it was refused.
    pub record: Option<Record>,
}

/// A server's answer depends on the request alone, for all else is forgotten: so it is kept for the next time.
pub struct Servers {
    of: [(Vendor, Own); 3],
    kept: HashMap<(Vendor, String), Rc<Stored>>,
}

/// Answers that are kept.
const MOST_KEPT: usize = 200_000;

impl Servers {
    pub fn new() -> Servers {
        Servers { of: Vendor::ALL.map(|vendor| (vendor, Own::new(vendor))), kept: HashMap::new() }
    }

    pub fn own(&self, vendor: Vendor) -> &Own {
        &self.of.iter().find(|(of, _)| *of == vendor).unwrap().1
    }

    /// `call`: method and path.
    pub fn ask(&mut self, vendor: Vendor, call: &str, body: &str) -> Rc<Stored> {
        let key = (vendor, format!("{call}\n{body}"));
        if let Some(kept) = self.kept.get(&key) {
            return kept.clone();
        }
        let own = self.own(vendor);
        let answer = own.call(call, body);
        let record = own.take_record();
        let stored = Rc::new(Stored { status: answer.status, body: answer.body, record });
        if self.kept.len() < MOST_KEPT {
            self.kept.insert(key, stored.clone());
        }
        stored
    }
}
