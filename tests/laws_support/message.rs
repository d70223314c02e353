//! The laws of one message: what is read, written and read again is the same, and what is written passes the schema.
use pamgate::canonical::{FieldId, Record, Value};
use pamgate::json::{Builder, Limits};
use pamgate::mapping::{Message, Reading};

use super::world::Spoken;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It was read, and the law holds.
    Kept,
    /// It breaks its schema, or holds a value that means nothing: nothing was read.
    Refused,
}

/// Places whose blank is a constant that means something when it is read, as `meant` in their tables says.
const MEANT: &[&str] = &["approvals.given"];

impl Spoken<'_> {
    /// Reads a body as the gateway does; none where it is refused.
    pub fn read(&self, body: &[u8]) -> Option<Record<'static>> {
        let document = self.entry.parse(body, self.dialect.json(Limits::default())).ok()?;
        let how = Reading { now: self.world.now, wanted: None };
        Some(self.entry.message.read(document.root(), how).ok()?.into_owned())
    }

    /// Writes a record; what is wrong with what was written.
    pub fn write(&self, record: &Record<'_>) -> (Vec<u8>, Vec<String>) {
        let mut out = Builder::new();
        self.entry.message.write(record, self.world.now, &mut out);
        let document = out.finish(self.dialect.json(Limits::default()).any_case);
        let problems = self.entry.problems(&document);
        let told = problems.into_iter().map(|one| format!("{}: {}", one.pointer, one.text));
        (document.to_bytes(), told.collect())
    }

    /// `read(write(read(m))) = read(m)`; what is written of a message that was valid is valid; and from the second
    /// time on nothing changes at all, said or unsaid.
    pub fn round_trip(&self, body: &[u8]) -> Result<Held, String> {
        let Some(first) = self.read(body) else { return Ok(Held::Refused) };
        let (text, again) = self.once_more(&first)?;
        let told = || {
            format!("\n  what was read:    {first:?}\n  written of it:    {}", String::from_utf8_lossy(&text))
        };
        let mut found = Vec::new();
        self.compare(&self.entry.message, &first, &again, "", &mut found);
        if !found.is_empty() {
            return Err(format!(
                "{}: not the same when read again: {}{}",
                self.label(),
                found.join("; "),
                told()
            ));
        }
        let (twice, last) = self.once_more(&again)?;
        if last != again || !same_said(&again, &last) || twice != text && again == first {
            let twice = String::from_utf8_lossy(&twice);
            return Err(format!(
                "{}: not the same a second time: {last:?}\n  {twice}{}",
                self.label(),
                told()
            ));
        }
        Ok(Held::Kept)
    }

    fn once_more(&self, record: &Record<'_>) -> Result<(Vec<u8>, Record<'static>), String> {
        let (text, problems) = self.write(record);
        let told = format!(
            "\n  what was read:    {record:?}\n  written of it:    {}",
            String::from_utf8_lossy(&text)
        );
        if !problems.is_empty() {
            let places: Vec<String> = self.origins_of(&problems);
            let problems = problems.join("; ");
            return Err(format!(
                "{}: what is written breaks the schema: {problems} {places:?}{told}",
                self.label()
            ));
        }
        match self.read(&text) {
            Some(again) => Ok((text, again)),
            None => Err(format!("{}: what is written can't be read{told}", self.label())),
        }
    }

    fn origins_of(&self, problems: &[String]) -> Vec<String> {
        let message = &self.entry.message;
        let fields = problems.iter().filter_map(|one| message.field_at(one.split(':').next()?));
        fields.filter_map(|name| message.shape.find(name)).map(|field| self.origin(field)).collect()
    }

    /// What is otherwise the second time, each with the entry that carries it.
    fn compare(
        &self,
        message: &Message,
        first: &Record<'_>,
        again: &Record<'_>,
        base: &str,
        found: &mut Vec<String>,
    ) {
        for (at, field) in first.shape().fields().iter().enumerate() {
            let id = FieldId(at as u8);
            let (one, other) = (first.get(id), again.get(id));
            if let (Some(Value::List(one)), Some(Value::List(other)), Some(item)) =
                (one, other, message.item(id))
                && one.len() == other.len()
            {
                for (number, (one, other)) in one.iter().zip(other).enumerate() {
                    self.compare(item, one, other, &format!("{base}{}/{number}/", field.name), found);
                }
                continue;
            }
            // What was unsaid may be written, and is then said; what was said stays so.
            let same = one == other && first.said(id) <= again.said(id);
            // Where nobody knows a value, a sentence may be written instead: that one reads as a value.
            if same
                || (one.is_none() && told_instead(message, id))
                || (one == other && unsaid_by_choice(message, id))
            {
                continue;
            }
            let entry = super::world::origin(self.world, self.dialect, message, id);
            let unsaid = |record: &Record<'_>| if record.said(id) { "" } else { " (unsaid)" };
            found.push(format!(
                "{base}{} was {one:?}{}, became {other:?}{} ({entry})",
                field.name,
                unsaid(first),
                unsaid(again)
            ));
        }
    }
}

/// A word of a choice may be written by leaving everything out: it is then read again as unsaid.
fn unsaid_by_choice(message: &Message, field: FieldId) -> bool {
    (0..).map_while(|choose| message.chosen_by(choose)).any(|chosen| chosen == field)
}

/// Whether the table says what stands in the field's place where nobody knows it, and that reads as a value.
fn told_instead(message: &Message, field: FieldId) -> bool {
    let meant = MEANT.contains(&message.shape.field(field).name);
    let shown = message.shown();
    let told =
        |blank: &Option<String>| blank.as_ref().is_some_and(|blank| meant || blank.starts_with("what "));
    shown.iter().any(|shown| shown.fields.contains(&field) && told(&shown.blank))
}

/// Whether two records say and leave unsaid the same.
fn same_said(one: &Record<'_>, other: &Record<'_>) -> bool {
    one.iter().all(|(field, _, said)| other.said(field) == said)
}
