//! The servers, each with its built-in requester signed in, asked as if nobody had asked before.
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use pamgate::sandbox::{Record, Vendor};

use super::speakers::{House, Speaker};
use super::vaultline::Vaultline;
use crate::sandbox_support::own::Own;

/// What became of a request at a server.
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
    sandboxes: [(Vendor, Own); 3],
    vaultline: Vaultline,
    kept: HashMap<(Speaker, String), Rc<Stored>>,
    /// The request that each house's server knows now, and no other.
    there: HashMap<House, Rc<Stored>>,
}

/// Answers that are kept.
const MOST_KEPT: usize = 20_000;

impl Servers {
    pub fn new() -> Servers {
        Servers {
            sandboxes: Vendor::ALL.map(|vendor| (vendor, Own::new(vendor))),
            vaultline: Vaultline::new(),
            kept: HashMap::new(),
            there: HashMap::new(),
        }
    }

    fn sandbox(&self, house: House) -> Option<&Own> {
        self.sandboxes.iter().find(|(of, _)| Some(*of) == house.vendor()).map(|(_, own)| own)
    }

    /// One call: method and path; status and body.
    fn call(&self, house: House, call: &str, body: &str) -> (u16, String) {
        match self.sandbox(house) {
            Some(own) => {
                let answer = own.call(call, body);
                (answer.status, answer.body)
            }
            None => self.vaultline.call(call, body),
        }
    }

    /// A creation.
    pub fn ask(&mut self, speaker: Speaker, call: &str, body: &str) -> Rc<Stored> {
        let key = (speaker, format!("{call}\n{body}"));
        if let Some(kept) = self.kept.get(&key) {
            return kept.clone();
        }
        let stored = self.make(speaker, call, body);
        if self.kept.len() >= MOST_KEPT {
            self.forget();
        }
        self.kept.insert(key, stored.clone());
        stored
    }

    /// The same, of which the answer isn't kept: nobody will ask so again.
    pub fn make(&mut self, speaker: Speaker, call: &str, body: &str) -> Rc<Stored> {
        let house = speaker.house;
        match self.sandbox(house) {
            Some(own) => own.forget(),
            None => self.vaultline.forget(),
        }
        let (status, answer) = self.call(house, call, &speaker.reads(body));
        let record = match self.sandbox(house) {
            Some(own) => own.record(),
            None => self.vaultline.record(),
        };
        let again = RefCell::default();
        let stored = Rc::new(Stored { status, body: speaker.answers(status, answer), record, again });
        self.there.insert(house, stored.clone());
        stored
    }

    /// Answers are kept no longer.
    pub fn forget(&mut self) {
        self.kept.clear();
    }

    /// Asks on about a request that was made. None where its server has forgotten it, and can't be asked any more: then
    /// it is to be made once more, by [`Servers::afresh`].
    pub fn again(&self, speaker: Speaker, stored: &Rc<Stored>, call: &str) -> Option<(u16, String)> {
        if let Some((_, status, body)) = stored.again.borrow().iter().find(|(known, ..)| known == call) {
            return Some((*status, body.clone()));
        }
        if !self.there.get(&speaker.house).is_some_and(|there| Rc::ptr_eq(there, stored)) {
            return None;
        }
        let (status, body) = self.call(speaker.house, call, "");
        stored.again.borrow_mut().push((call.to_owned(), status, body.clone()));
        Some((status, body))
    }

    /// Makes a request once more, in place of what was kept.
    pub fn afresh(&mut self, speaker: Speaker, call: &str, body: &str) -> Rc<Stored> {
        self.kept.remove(&(speaker, format!("{call}\n{body}")));
        self.ask(speaker, call, body)
    }
}
