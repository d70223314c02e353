//! How operations end well: each says how.
use crate::diagnostic::Code;
use crate::diagnostic::tree::Item;

use super::super::operation::{VERBS, outcomes_of};
use super::{Loading, table};

impl Loading<'_> {
    /// A dialect that answers says so of each operation: a good end that nothing binds would be answered as an error,
    /// and read as one.
    pub(super) fn all_reply(&mut self, tree: &Item) {
        let listed = table(self.reader, tree.get("operation"));
        let answers = listed.iter().any(|(_, operation)| operation.get("reply").is_some());
        if !answers && tree.get("faults").is_none() {
            return;
        }
        for (key, operation) in listed {
            let verb = key.text.as_str();
            if !VERBS.contains(&verb) || operation.get("reply").is_some() {
                continue;
            }
            let message = format!("nothing says how `{verb}` ends well: it would be answered as an error");
            let outcome = outcomes_of(verb).first().copied().unwrap_or("done");
            let help = match verb {
                "request.create" => format!("add `reply = {{ {outcome} = \"201 message\" }}`"),
                _ => format!("add `reply = {{ {outcome} = \"200 message\" }}`, or `\"204\"` without a body"),
            };
            self.reader.error(Code::OptionMissing, &key.span, message, help);
        }
    }
}
