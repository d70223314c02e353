//! The law of the fit: what a table says of a value at a message is what comes back when it is written and read again.
use pamgate::canonical::{FieldId, Fit, Record, Value, word};
use pamgate::json::{Builder, Document, Limits};
use pamgate::mapping::{Fitting, Message, Reading};

use super::world::{Seen, Spoken};

/// What is written and means nothing when it is read, by dialect, message and field: each for its reason.
pub const WRITTEN_ONLY: &[(&str, &str, &str)] = &[
    // Two of the three words are what stands there where nobody knows whether the ticket was looked at.
    ("cyberark", "document", "ticket.status"),
    // A list that is written as an object of names is for people: the place of each problem is its name.
    ("safeguard", "error", "fault.problems"),
    ("vaultline", "problem", "fault.problems"),
];

impl Spoken<'_> {
    /// Takes out what doesn't fit, as the exchange does, writes the rest and reads it again; counts the fits seen.
    pub fn fits(&self, record: &Record<'static>, seen: &mut Seen) -> Result<(), String> {
        let message = &self.entry.message;
        let mut kept = record.clone();
        let mut fittings: Vec<(FieldId, Value<'static>, Fitting)> = Vec::new();
        let mut fields: Vec<FieldId> = record.iter().map(|(field, ..)| field).collect();
        fields.sort_unstable();
        for field in fields {
            let Some(value) = kept.get(field).cloned() else { continue };
            let fitting = message.fit(&kept, field);
            *seen.entry(fitting.fit.as_str().to_owned()).or_default() += 1;
            if matches!(fitting.fit, Fit::Limited | Fit::Nowhere) && fitting.wrote.is_none() {
                kept.remove(field);
            }
            fittings.push((field, value, fitting));
        }
        // All of it as well: whatever is in a record, writing falls over nothing.
        self.there_and_back(record)?;
        let (text, back) = self.there_and_back(&kept)?;
        for (field, value, fitting) in fittings {
            let came = back.get(field).filter(|_| back.said(field));
            // Another's absence may have made room meanwhile, or taken it.
            let now = message.fit(&kept, field);
            if kept.get(field).is_some() && now != fitting {
                continue;
            }
            let item = message.item(field);
            let name = record.shape().field(field).name;
            if back.get(field).is_none() && WRITTEN_ONLY.contains(&(&self.dialect.name, &message.name, name))
            {
                *seen.entry(format!("{} {} {name}", self.dialect.name, message.name)).or_default() += 1;
                continue;
            }
            if !holds(&value, &fitting, back.get(field), came, item) && !self.is_blank(&kept, field, &text)? {
                return Err(format!(
                    "{}: {} = {value:?} is {fitting:?}, and came back as {came:?} ({})\n  record:  {kept:?}\n  written: {text}",
                    self.label(),
                    name,
                    self.origin(field),
                ));
            }
        }
        Ok(())
    }

    /// Whether a value is written as what stands there where nobody knows one: nobody can read it, then.
    fn is_blank(&self, record: &Record<'static>, field: FieldId, text: &str) -> Result<bool, String> {
        let mut without = record.clone();
        without.remove(field);
        Ok(self.there_and_back(&without)?.0 == text)
    }

    /// Written and read again without the schema: what a message requires beside is no matter here.
    fn there_and_back(&self, record: &Record<'_>) -> Result<(String, Record<'static>), String> {
        let how = self.dialect.json(Limits::default());
        let mut out = Builder::new();
        self.entry.message.write(record, self.world.now, &mut out);
        let text = out.finish(how.any_case).to_bytes();
        let shown = String::from_utf8_lossy(&text).into_owned();
        if text.is_empty() {
            return Ok((shown, Record::new(record.shape())));
        }
        let document = Document::read(&text, how).map_err(|why| {
            format!("{}: {record:?} is written as what is no JSON: {why}: {shown}", self.label())
        })?;
        let how = Reading { now: self.world.now, wanted: None };
        let (read, _) = self.entry.message.read_what_can_be(document.root(), how);
        let read = read.into_owned();
        Ok((shown, read))
    }
}

fn holds(
    value: &Value<'_>,
    fitting: &Fitting,
    back: Option<&Value<'_>>,
    came: Option<&Value<'_>>,
    item: Option<&Message>,
) -> bool {
    let wrote = fitting.wrote.as_deref();
    match fitting.fit {
        // What the server does anyway, it does unsaid; another name of the same thing is as good.
        Fit::Exact => same(value, back, item) && to_the_fraction(value, back),
        Fit::Neutral => back.is_none() || same(value, back, item),
        // The coarser word may be what an absence means; of a time, it is the second that has begun.
        Fit::Coarser => wrote.is_some_and(|wrote| match value {
            Value::Time(_) => came.is_some_and(|came| came.to_string() == wrote),
            _ => same(&Value::Text(wrote.into()), back, item),
        }),
        Fit::Limited => wrote.is_none_or(|wrote| came.is_some_and(|came| came.to_string() == wrote)),
        Fit::Nowhere => came.is_none(),
    }
}

/// Whether a time came back to the fraction of a second, if it is one.
fn to_the_fraction(sent: &Value<'_>, back: Option<&Value<'_>>) -> bool {
    match (sent, back) {
        (Value::Time(sent), Some(Value::Time(back))) => sent == back,
        _ => true,
    }
}

/// Whether a value came back as what it was. A word may come back deeper where the target knows no other; a text
/// without a letter says nothing; of times in lists, seconds are what servers count.
fn same(sent: &Value<'_>, back: Option<&Value<'_>>, item: Option<&Message>) -> bool {
    match (sent, back) {
        (Value::Text(sent), None) => sent.is_empty(),
        (Value::Text(sent), Some(Value::Text(back))) => back == sent || word::within(back, sent),
        (Value::Time(sent), Some(Value::Time(back))) => sent.as_second() == back.as_second(),
        (Value::Map(sent), None) => sent.is_empty(),
        (Value::Map(sent), Some(Value::Map(back))) => {
            let pairs = || sent.iter().zip(back);
            sent.len() == back.len()
                && pairs().all(|((a, one), (b, other))| a == b && same(one, Some(other), item))
        }
        (Value::List(sent), Some(Value::List(back))) => {
            sent.len() == back.len() && sent.iter().zip(back).all(|(one, other)| says(one, other, item))
        }
        (Value::Record(sent), Some(Value::Record(back))) => says(sent, back, item),
        (sent, Some(back)) => sent == back,
        (_, None) => false,
    }
}

/// Whether an item came back with all that it said and has a place for.
fn says(sent: &Record<'_>, back: &Record<'_>, item: Option<&Message>) -> bool {
    let carried = |field: FieldId| item.is_none_or(|item| item.carries(field).is_some());
    let mut said = sent.iter().filter(|(field, _, said)| *said && carried(*field));
    said.all(|(field, value, _)| {
        let within = item.and_then(|item| item.item(field));
        let plainly = item.is_none_or(|item| item.fit(sent, field).fit == Fit::Exact);
        !plainly || same(value, back.get(field), within)
    })
}
