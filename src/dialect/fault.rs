//! Canonical faults ↔ a dialect's statuses, codes and error bodies.
use std::borrow::Cow;

use jiff::Timestamp;

use crate::canonical::field::known::{FAULT_CODE, FAULT_KIND, FAULT_PROBLEMS, FAULT_STATUS, FAULT_TEXT};
use crate::canonical::{Fault, Record, Shape, Value, fault, word};
use crate::json::{Builder, Limits};
use crate::mapping::Reading;

use super::{Dialect, Operation};

/// A fault's word with its status, code and text.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) word: &'static str,
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) text: Option<String>,
}

impl Binding {
    /// Whether an answer that is the other is read as this one.
    pub(super) fn looks_like(&self, other: &Binding) -> bool {
        (self.status, &self.code) == (other.status, &other.code)
    }
}

/// The longest text of an upstream's error that is passed on.
const TEXT_MAX: usize = 500;

impl Dialect {
    /// A fault as this dialect's server would answer it: status and body.
    pub fn write_fault(&self, operation: Option<&Operation>, fault: &Fault) -> (u16, Vec<u8>) {
        let (status, _, body) = self.fault_written(operation, fault);
        (status, body)
    }

    /// The same, with the number of the message that the body is.
    pub(super) fn fault_written(
        &self,
        operation: Option<&Operation>,
        fault: &Fault,
    ) -> (u16, Option<usize>, Vec<u8>) {
        let binding = self.binding(operation, fault.word);
        let status = binding.map_or(500, |binding| binding.status);
        let mut record = Record::new(Shape::Access);
        record.say(FAULT_KIND, Value::Text(Cow::Borrowed(fault.word)));
        record.say(FAULT_STATUS, Value::Count(status.into()));
        if let Some(code) = binding.and_then(|binding| binding.code.as_deref()) {
            record.say(FAULT_CODE, Value::Text(Cow::Borrowed(code)));
        }
        let bound = binding.and_then(|binding| binding.text.as_deref());
        let text = match (fault.text.as_str(), bound) {
            ("", Some(text)) => text.to_owned(),
            ("", None) => fault::text(fault.word).to_owned(),
            // A dialect with a place for each problem says the vendor's own sentence above them.
            (_, Some(text)) if !fault.problems.is_empty() => text.to_owned(),
            (text, _) => text.to_owned(),
        };
        record.say(FAULT_TEXT, Value::Text(text.into()));
        if !fault.problems.is_empty() {
            let code = binding.and_then(|binding| binding.code.as_deref());
            let items = fault.problems.iter().map(|one| problem(one, code)).collect();
            record.say(FAULT_PROBLEMS, Value::List(items));
        }
        let says =
            |number: &&usize| self.messages[**number].message.says_anything(&record, Timestamp::UNIX_EPOCH);
        let number = self.fault_messages.iter().find(says).copied();
        let body = number.map(|number| self.fault_body(number, &record)).unwrap_or_default();
        (status, number, body)
    }

    fn fault_body(&self, number: usize, record: &Record<'_>) -> Vec<u8> {
        let mut out = Builder::new();
        self.messages[number].message.write(record, Timestamp::UNIX_EPOCH, &mut out);
        out.finish(self.json.any_case).to_bytes()
    }

    /// What binds a word: the operation's own binding before the dialect's, a deeper word before one above.
    fn binding<'b>(&'b self, operation: Option<&'b Operation>, fault: &str) -> Option<&'b Binding> {
        let own = operation.map_or(&[] as &[Binding], |operation| &operation.faults);
        word::ancestry(fault)
            .find_map(|word| own.iter().chain(&self.faults).find(|binding| binding.word == word))
    }

    /// The status that a fault would be answered with.
    pub fn fault_status(&self, operation: Option<&Operation>, fault: &str) -> u16 {
        self.binding(operation, fault).map_or(500, |binding| binding.status)
    }

    /// What an upstream's answer that is no good end means.
    pub fn read_fault(&self, operation: &Operation, status: u16, body: &[u8]) -> Fault {
        let (code, text) = self.fault_told(body);
        let bindings =
            || operation.faults.iter().chain(&self.faults).filter(|binding| binding.status == status);
        let exact = code.as_ref().and_then(|code| bindings().find(|b| b.code.as_ref() == Some(code)));
        // A code that nobody knows says no more than the status does: the most general word, so that nobody is told
        // "your own request" for a reason that was another.
        let general = || bindings().min_by_key(|binding| binding.word.matches('.').count());
        let found = exact.or_else(|| bindings().find(|b| b.code.is_none())).or_else(general);
        let word = match (found, status) {
            // An upstream that fails inside is the upstream's failure, not ours; and one that answers was reached.
            (Some(binding), _) if matches!(binding.word, "internal" | "busy" | "upstream.unreachable") => {
                "upstream"
            }
            (Some(binding), _) if binding.word == "not-authenticated" => "upstream.sign-in",
            (Some(binding), _) => binding.word,
            (None, 500..) => "upstream",
            // Too many requests: nothing was done, and asking again later may help, in whatever dialect.
            (None, 429) => "busy",
            (None, _) => "upstream.rubbish",
        };
        let said = text.unwrap_or_default();
        let cause = format!("status {status}, code {}, text {said:?}", code.as_deref().unwrap_or("none"),);
        // What the caller's own message broke at the upstream, only the upstream can say, to callers of its dialect.
        let told = if word.starts_with("invalid") { said } else { String::new() };
        Fault::new(word, told).because(cause)
    }

    fn fault_told(&self, body: &[u8]) -> (Option<String>, Option<String>) {
        for number in &self.fault_messages {
            let entry = &self.messages[*number];
            let Ok(document) = entry.parse(body, self.json(Limits::default())) else { continue };
            let how = Reading { now: Timestamp::UNIX_EPOCH, wanted: None };
            let Ok(record) = entry.message.read(document.root(), how) else { continue };
            let short = |text: &str| text.chars().take(TEXT_MAX).collect::<String>();
            return (record.text(FAULT_CODE).map(short), record.text(FAULT_TEXT).map(short));
        }
        (None, None)
    }
}

fn problem<'f>(one: &'f crate::canonical::Problem, code: Option<&'f str>) -> Record<'f> {
    let mut record = Record::new(Shape::Problem);
    let set = |record: &mut Record<'f>, name: &str, text: Cow<'f, str>| {
        if let Some(field) = Shape::Problem.find(name).filter(|_| !text.is_empty()) {
            record.say(field, Value::Text(text));
        }
    };
    // What is missing stands at its own place, as if it were there.
    let missing = one.lacks.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
    let place = format!("{}{missing}", one.pointer).trim_start_matches('/').replace('/', ".");
    set(&mut record, "place", place.into());
    set(&mut record, "text", one.text.as_str().into());
    set(&mut record, "code", code.unwrap_or_default().into());
    record
}
