//! What is asked of Vaultline, in each of its three forms.
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, tz::Offset};
use pamgate::sandbox::Parameter;
use serde_json::Value;

use super::answer::Problem;
use super::inventory::{RESOURCES, Resource, TICKET_SYSTEMS};
use crate::sandbox_support::NOW;

/// A request that was understood.
#[derive(Debug)]
pub struct Wish {
    pub now: Timestamp,
    pub kind: &'static str,
    pub component: Option<String>,
    pub parameters: Vec<Parameter>,
    /// None: at once.
    pub starts: Option<Timestamp>,
    /// Seconds; none: until it is given back.
    pub length: Option<i64>,
    pub reason: Option<String>,
    pub ticket_system: Option<String>,
    pub ticket: Option<String>,
    pub emergency: bool,
    pub many: bool,
    pub rotate: bool,
    pub on_conflict: Option<&'static str>,
    pub tags: Vec<(String, String)>,
}

/// Seven days.
const LONGEST: i64 = 7 * 86_400;

/// Reads places, and keeps what is wrong.
struct Reader<'b> {
    body: &'b Value,
    flaws: Vec<(String, String)>,
}

impl<'b> Reader<'b> {
    fn new(body: &'b Value) -> Reader<'b> {
        Reader { body, flaws: Vec::new() }
    }

    fn wrong(&mut self, place: &str, text: &str) {
        self.flaws.push((place.replace('/', "."), text.to_owned()));
    }

    /// Names count letter by letter; null is as good as nothing.
    fn get(&mut self, place: &str) -> Option<&'b Value> {
        let mut at = self.body;
        for (depth, name) in place.split('/').enumerate() {
            if !at.is_object() {
                let above: Vec<&str> = place.split('/').take(depth).collect();
                let told = above.join(".");
                if !self.flaws.iter().any(|(known, _)| *known == told) {
                    self.flaws.push((told, "must be an object".to_owned()));
                }
                return None;
            }
            at = at.get(name).filter(|value| !value.is_null())?;
        }
        Some(at)
    }

    /// A text of at most so many characters; an empty one says nothing.
    fn text(&mut self, place: &str, most: usize) -> Option<String> {
        match self.get(place)? {
            Value::String(text) if text.chars().count() > most => {
                self.wrong(place, &format!("has at most {most} characters"));
                None
            }
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            _ => {
                self.wrong(place, "must be a text");
                None
            }
        }
    }

    /// A name, which can't be empty.
    fn name(&mut self, place: &str, most: usize) -> Option<String> {
        if self.get(place).is_some_and(|value| value == "") {
            self.wrong(place, "must not be empty");
            return None;
        }
        self.text(place, most)
    }

    /// One of some words, in any letter case.
    fn word(&mut self, place: &str, words: &[&'static str]) -> Option<&'static str> {
        let value = self.get(place)?;
        let text = value.as_str().unwrap_or_default();
        let known = words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
        if known.is_none() {
            self.wrong(place, &format!("must be one of {}", words.join(", ")));
        }
        known
    }

    /// A whole number, which may stand as a text.
    fn number(&mut self, place: &str) -> Option<i64> {
        let value = self.get(place)?;
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(place, "must be a whole number");
        }
        number
    }

    fn flag(&mut self, place: &str) -> Option<bool> {
        let value = self.get(place)?;
        if !value.is_boolean() {
            self.wrong(place, "must be true or false");
        }
        value.as_bool()
    }

    /// A time in UTC, with or without its zone.
    fn time(&mut self, place: &str, most: usize) -> Option<Timestamp> {
        let text = self.text(place, most)?;
        let civil = || text.parse::<DateTime>().ok().and_then(|civil| Offset::UTC.to_timestamp(civil).ok());
        let time = text.parse::<Timestamp>().ok().or_else(civil);
        if time.is_none() {
            self.wrong(place, "must be a time");
        }
        time
    }

    fn done<T>(self, then: T) -> Result<T, Problem> {
        match self.flaws.is_empty() {
            true => Ok(then),
            false => Err(Problem { flaws: self.flaws, ..Problem::new(422, "VL-100") }),
        }
    }
}

impl Wish {
    fn new() -> Wish {
        Wish {
            now: NOW.parse().unwrap(),
            kind: "credential",
            component: None,
            parameters: Vec::new(),
            starts: None,
            length: None,
            reason: None,
            ticket_system: None,
            ticket: None,
            emergency: false,
            many: false,
            rotate: false,
            on_conflict: None,
            tags: Vec::new(),
        }
    }

    /// `POST /vaults/VAULT/grants`.
    pub fn ask(body: &Value, vault: Option<&str>) -> Result<(Wish, &'static Resource), Problem> {
        let mut reader = Reader::new(body);
        let mut wish = Wish { on_conflict: Some("refuse"), ..Wish::new() };
        if reader.get("resource").is_none() {
            reader.wrong("resource", "is missing");
        }
        let [at, id] = ["resource/ref", "resource/id"].map(|place| reader.name(place, 120));
        let [host, login] = ["resource/host", "resource/login"].map(|place| reader.name(place, usize::MAX));
        if id.is_some() && at.is_some() && id != at {
            reader.wrong("resource/id", "says otherwise than ref");
        }
        (wish.kind, wish.component) = access(&mut reader);
        reader.word("window/zone", &["UTC"]);
        wish.starts = reader.time("window/opens_at", 40).filter(|at| *at > wish.now);
        wish.length = lease(&mut reader);
        wish.reason = reader.text("why/text", 400);
        wish.ticket_system = reader.text("why/ticket/system", 60);
        wish.ticket = reader.text("why/ticket/number", 60);
        match reader.number("options/priority") {
            None | Some(0) => {}
            Some(9) => wish.emergency = true,
            Some(_) => reader.wrong("options/priority", "must be 0 or 9"),
        }
        let uses = reader.word("options/uses", &["once", "unlimited", "many"]);
        wish.many = uses.is_some_and(|uses| uses != "once");
        wish.rotate = reader.flag("options/rotate").unwrap_or(false);
        wish.parameters = parameters(&mut reader);
        if ["credential", "ssh-key"].contains(&wish.kind) {
            // They are a connection's.
            wish.parameters.clear();
        }
        wish.tags = tags(&mut reader);
        reader.text("client", usize::MAX);
        reader.done(())?;
        let named = |one: &&Resource| match at.as_ref().or(id.as_ref()) {
            Some(at) => one.at == *at,
            None => Some(one.host) == host.as_deref() && Some(one.login) == login.as_deref(),
        };
        let resource = RESOURCES.iter().filter(|one| Some(one.vault) == vault).find(named);
        let system = wish.ticket_system.as_deref();
        if system.is_some_and(|name| !TICKET_SYSTEMS.contains(&name)) {
            return Err(Problem::new(404, "VL-400"));
        }
        resource.map(|resource| (wish, resource)).ok_or_else(|| Problem::new(404, "VL-410"))
    }

    /// `POST /grants`: a secret, shown once, and rotated.
    pub fn brief(body: &Value, _: Option<&str>) -> Result<(Wish, &'static Resource), Problem> {
        let mut reader = Reader::new(body);
        let mut wish = Wish { rotate: true, ..Wish::new() };
        let at = named(&mut reader);
        wish.starts = reader.time("from", usize::MAX).filter(|at| *at > wish.now);
        let until = reader.time("until", usize::MAX);
        let begins = wish.starts.unwrap_or(wish.now);
        wish.length = until.map(|until| until.duration_since(begins).as_secs());
        if wish.length.is_some_and(|length| length < 1) {
            reader.wrong("until", "must be later than from, and than now");
        }
        wish.reason = reader.text("why", 400);
        reader.done(())?;
        found(wish, at)
    }

    /// `POST /leases`: a secret, as often as one likes, and it stays as it is.
    pub fn lease(body: &Value, _: Option<&str>) -> Result<(Wish, &'static Resource), Problem> {
        let mut reader = Reader::new(body);
        let mut wish = Wish { many: true, ..Wish::new() };
        let at = named(&mut reader);
        wish.length = how_long(&mut reader);
        wish.reason = reader.text("why", 400);
        reader.done(())?;
        found(wish, at)
    }
}

fn named(reader: &mut Reader<'_>) -> Option<String> {
    if reader.get("ref").is_none() {
        reader.wrong("ref", "is missing");
    }
    reader.name("ref", 120)
}

fn found(wish: Wish, at: Option<String>) -> Result<(Wish, &'static Resource), Problem> {
    let resource = RESOURCES.iter().find(|one| Some(one.at) == at.as_deref());
    resource.map(|resource| (wish, resource)).ok_or_else(|| Problem::new(404, "VL-410"))
}

/// The kind of access, and the component where it has no kind of its own.
fn access(reader: &mut Reader<'_>) -> (&'static str, Option<String>) {
    let mode = reader.word("access/mode", &["secret", "connect", "shell"]);
    let form = reader.name("access/form", 40);
    match (mode, form.as_deref()) {
        (Some("secret"), Some("ssh-key")) => ("ssh-key", None),
        (Some("secret"), _) | (None, None) => ("credential", None),
        (Some("connect" | "shell"), Some("ssh")) => ("ssh", None),
        (Some("connect"), Some("rdp")) => ("rdp", None),
        (Some("connect"), _) => ("any-session", form),
        _ => {
            reader.wrong("access", "is no mode with this form");
            ("credential", None)
        }
    }
}

/// A duration in ISO 8601: weeks, days, hours, minutes, seconds; more than none, at most seven days.
fn lease(reader: &mut Reader<'_>) -> Option<i64> {
    let text = reader.text("window/lease", 24)?;
    let seconds = text.parse::<SignedDuration>().ok().or_else(|| {
        let span: jiff::Span = text.parse().ok()?;
        let days = jiff::SpanRelativeTo::days_are_24_hours();
        span.to_duration(days).ok()
    });
    bounded(reader, "window/lease", seconds.map(|length| length.as_secs()))
}

fn bounded(reader: &mut Reader<'_>, place: &str, seconds: Option<i64>) -> Option<i64> {
    let fits = seconds.filter(|seconds| (1..=LONGEST).contains(seconds));
    if fits.is_none() {
        reader.wrong(place, "must be a length of at most seven days");
    }
    fits
}

/// `for` with its four units, `-1` is not given; or all of them in `clock`. Nothing but zeros is none. Both may stand
/// there, if they say the same.
fn how_long(reader: &mut Reader<'_>) -> Option<i64> {
    const UNITS: [i64; 4] = [86_400, 3600, 60, 1];
    let total = |amounts: &[i64]| {
        let seconds = |(amount, unit): (&i64, i64)| amount.saturating_mul(unit);
        Some(amounts.iter().zip(UNITS).map(seconds).fold(0, i64::saturating_add)).filter(|total| *total != 0)
    };
    let given = ["for/d", "for/h", "for/m", "for/s"];
    let given = given.map(|place| reader.number(place).filter(|amount| *amount != -1).unwrap_or(0));
    if given.iter().any(|amount| *amount < 0) {
        reader.wrong("for", "can't be less than none");
    }
    let Some(clock) = reader.text("clock", usize::MAX) else {
        return total(&given).and_then(|total| bounded(reader, "for", Some(total)));
    };
    let parts: Vec<i64> = clock.split(':').map_while(|part| part.parse().ok()).collect();
    if parts.len() != UNITS.len() {
        reader.wrong("clock", "must be days:hours:minutes:seconds");
        return None;
    }
    if total(&given).is_some_and(|given| Some(given) != total(&parts)) {
        reader.wrong("clock", "says otherwise than for");
    }
    total(&parts).and_then(|total| bounded(reader, "clock", Some(total)))
}

fn parameters(reader: &mut Reader<'_>) -> Vec<Parameter> {
    let mut found = Vec::new();
    let Some(given) = reader.get("options/parameters") else { return found };
    let Some(given) = given.as_object() else {
        reader.wrong("options/parameters", "must be an object");
        return found;
    };
    for (name, value) in given {
        let (text, keep) = (value["text"].as_str(), &value["keep"]);
        if text.is_none_or(|text| text.chars().count() > 200) || !(keep.is_null() || keep.is_boolean()) {
            reader.wrong(&format!("options/parameters/{name}"), "must have a text, and may be kept");
        }
        let value = text.map(str::to_owned);
        found.push(Parameter { name: name.clone(), value, save: keep.as_bool().unwrap_or(false) });
    }
    found
}

fn tags(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let Some(given) = reader.get("tags") else { return Vec::new() };
    let Some(given) = given.as_object() else {
        reader.wrong("tags", "must be an object");
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, value) in given {
        match value.as_str() {
            Some(text) if text.chars().count() <= 200 => found.push((name.clone(), text.to_owned())),
            _ => reader.wrong(&format!("tags/{name}"), "must be a text of at most 200 characters"),
        }
    }
    found
}
