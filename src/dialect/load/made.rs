//! How operations end well: each says how, and who made a request learns its id.
use crate::canonical::field::known::REQUEST_ID;
use crate::diagnostic::Code;
use crate::diagnostic::tree::Item;

use super::super::operation::{Operation, VERBS, outcomes_of};
use super::whole::tells;
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

    /// Where requests have ids, the replies that are written to a creation tell one: without it, the caller knows nothing
    /// to go on with, and an upstream's request could never be found again.
    pub(super) fn ids_told(&mut self, operations: &[Operation], tree: &Item) {
        let Some(create) = operations.iter().find(|one| one.word == "request.create") else { return };
        if self.broken || !self.has_ids(operations, tree) {
            return;
        }
        let listed = tree.get("operation").and_then(|all| all.get("request.create")?.get("reply"));
        for (word, item) in listed.map(Item::members).unwrap_or_default() {
            let Some(first) = create.outcomes.iter().find(|outcome| outcome.word == word.text) else {
                continue;
            };
            let told = first.message.is_some_and(|number| {
                self.slipped.contains(&number) || self.messages[number].message.carries(REQUEST_ID).is_some()
            });
            let span = item.texts().and_then(|texts| Some(texts.first()?.1.clone()));
            let span = span.unwrap_or_else(|| item.span.clone());
            if !told && !self.told_at(&span) {
                let message = "this reply tells no `request.id`: nobody learns which request was made";
                let help = format!(
                    "name a message with a row for `request.id`, as in `{} = \"201 message\"`",
                    word.text
                );
                self.reader.error(Code::ReplyUntold, &span, message, help);
            }
        }
    }

    /// Whether requests of this dialect have ids at all: some servers give back an account, and not a request.
    fn has_ids(&self, operations: &[Operation], tree: &Item) -> bool {
        tree.get("mint").is_some_and(|mint| mint.get("request.id").is_some())
            || self.messages.iter().any(|entry| tells(&entry.message, REQUEST_ID))
            || operations.iter().any(|operation| {
                let by_again = operation.again.as_ref().is_some_and(|again| again.matching == REQUEST_ID);
                by_again
                    || operation.routes.iter().any(|route| route.fields().any(|field| field == REQUEST_ID))
            })
    }
}
