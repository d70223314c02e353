//! The three sandboxes, each with its built-in requester signed in, asked as if nobody had asked before.
use std::cell::RefCell;
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
    /// What was asked about it afterwards, and answered: call, status, body.
    again: RefCell<Vec<(String, u16, String)>>,
}

/// A server's answer depends on the request alone, for all else is forgotten: so it is kept for the next time.
pub struct Servers {
    of: [(Vendor, Own); 3],
    kept: HashMap<(Vendor, String), Rc<Stored>>,
    /// The request that each server knows now, and no other.
    there: HashMap<Vendor, Rc<Stored>>,
}

/// Answers that are kept.
const MOST_KEPT: usize = 200_000;

impl Servers {
    pub fn new() -> Servers {
        Servers {
            of: Vendor::ALL.map(|vendor| (vendor, Own::new(vendor))),
            kept: HashMap::new(),
            there: HashMap::new(),
        }
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
        let stored = self.make(vendor, call, body);
        if self.kept.len() < MOST_KEPT {
            self.kept.insert(key, stored.clone());
        }
        stored
    }

    fn make(&mut self, vendor: Vendor, call: &str, body: &str) -> Rc<Stored> {
        let own = self.own(vendor);
        own.forget();
        let answer = own.call(call, body);
        let record = own.record();
        let again = RefCell::default();
        let stored = Rc::new(Stored { status: answer.status, body: answer.body, record, again });
        self.there.insert(vendor, stored.clone());
        stored
    }

    /// Asks on about a request that was made. None where its server has forgotten it, and can't be asked any more: then
    /// it is to be made once more, by [`Servers::afresh`].
    pub fn again(&self, vendor: Vendor, stored: &Rc<Stored>, call: &str) -> Option<(u16, String)> {
        if let Some((_, status, body)) = stored.again.borrow().iter().find(|(known, ..)| known == call) {
            return Some((*status, body.clone()));
        }
        if !self.there.get(&vendor).is_some_and(|there| Rc::ptr_eq(there, stored)) {
            return None;
        }
        let answer = self.own(vendor).call(call, "");
        stored.again.borrow_mut().push((call.to_owned(), answer.status, answer.body.clone()));
        Some((answer.status, answer.body))
    }

    /// Makes a request once more, in place of what was kept.
    pub fn afresh(&mut self, vendor: Vendor, call: &str, body: &str) -> Rc<Stored> {
        self.kept.remove(&(vendor, format!("{call}\n{body}")));
        self.ask(vendor, call, body)
    }
}
