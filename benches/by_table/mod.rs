//! The built-in tables, ready to translate, for the benchmarks: with all that the gateway does, and without validation.
use std::borrow::Cow;
use std::sync::Arc;

use arrayvec::ArrayVec;
use pamgate::canonical::{FieldId, Record, Shape, Value};
use pamgate::crosswalk::{Crosswalk, Entry, Kind, Part};
use pamgate::diagnostic::Source;
use pamgate::dialect::{Dialect, Files, MessageEntry, Recognised, Registry};
use pamgate::exchange::{Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};
use pamgate::json::{Builder, Document, Keep, Leniency, Lenient, Limits, Schema};
use pamgate::mapping::Reading;
use serde_json::{Map, Value as Json};

/// Every vendor, with the path that it takes requests at and one of its requests.
pub const VENDORS: &[(&str, &str, &str)] = &[
    (
        "beyondtrust",
        "/BeyondTrust/api/public/v3/Requests",
        include_str!("../messages/beyondtrust-request.json"),
    ),
    ("cyberark", "/PasswordVault/API/MyRequests", include_str!("../messages/cyberark-request.json")),
    ("safeguard", "/service/a2a/v4/AccessRequests", include_str!("../messages/safeguard-request.json")),
];
/// CyberArk's answer to a request.
pub const REPLY: &str = include_str!("../messages/cyberark-reply.json");
/// The clock of all benchmarks.
pub const NOW: i64 = 1_795_990_400;

const CROSSWALK: &str = "\
kind,access,beyondtrust.system.id,beyondtrust.account.id,cyberark.account.id,beyondtrust.id,cyberark.name,\
safeguard.system.id,safeguard.account.id,safeguard.name,beyondtrust.name
target,,1204,88317,1204_88317,,,21,305,,
ticket_system,,,,,3,ServiceNow,,,,
user,,,,,,jokafor,,,jokafor,jokafor
";

/// The tables.
pub struct ByTable {
    pub registry: Registry,
    crosswalk: Crosswalk,
    policy: Policy,
}

/// The kinds of reference that these messages have, with what their fields' names begin with.
const KINDS: [(Kind, &str); 2] = [(Kind::Target, "target."), (Kind::TicketSystem, "ticket.system.")];

/// Which fields are parts of references.
struct Groups {
    /// By field: the number of the kind, and the part.
    parts: Vec<Option<(usize, Part)>>,
    /// By part. (Only one of the kinds has each.)
    fields: [Option<FieldId>; Part::COUNT],
}

impl Groups {
    fn new() -> Groups {
        let part = |name: &str| {
            let mut kinds = KINDS.iter().enumerate();
            kinds.find_map(|(at, (kind, prefix))| Some((at, Part::of(*kind, name.strip_prefix(prefix)?)?)))
        };
        let parts: Vec<_> = Shape::Access.fields().iter().map(|field| part(field.name)).collect();
        let mut fields = [None; Part::COUNT];
        for (at, (_, part)) in parts.iter().enumerate().filter_map(|(at, part)| Some((at, (*part)?))) {
            fields[part.number()] = Some(FieldId(at as u8));
        }
        Groups { parts, fields }
    }
}

/// A message's schema without its rules: the gateway's own reader knows the names by it, and has nothing to validate.
struct Unruled {
    schema: Schema,
    lenient: Lenient,
    keep: Option<Keep>,
}

impl Unruled {
    fn new(files: &Files, vendor: &str, entry: &MessageEntry, wanted: Option<&[bool]>) -> Unruled {
        let text = &files.schemas[&(vendor.to_owned(), entry.message.name.clone())].text;
        let names = names_alone(&serde_json::from_str(text).expect("a schema"));
        let schema = Schema::compile(&names).expect("a schema without rules");
        let mut lenient = Lenient::compile(&names, Leniency::default(), &schema);
        lenient.seek(entry.message.members());
        let keep = wanted.and_then(|wanted| Keep::new(&lenient, &schema, entry.message.ways(wanted)));
        assert_eq!(keep.is_some(), wanted.is_some());
        Unruled { schema, lenient, keep }
    }

    fn read<'b>(&'b self, body: &'b [u8], dialect: &Dialect) -> Document<'b> {
        let form = (&self.lenient, &self.schema);
        let read = Document::read_as(body, dialect.json(Limits::default()), form, self.keep.as_ref());
        let (document, fine) = read.expect("JSON");
        debug_assert!(fine, "there is no rule to break");
        document
    }
}

/// Of a schema only which properties there are, and where.
fn names_alone(schema: &Json) -> Json {
    let mut kept = Map::new();
    for word in ["properties", "$defs"] {
        if let Some(parts) = schema[word].as_object() {
            let parts: Map<String, Json> =
                parts.iter().map(|(name, part)| (name.clone(), names_alone(part))).collect();
            kept.insert(word.to_owned(), parts.into());
        }
    }
    if schema["items"].is_object() {
        kept.insert("items".to_owned(), names_alone(&schema["items"]));
    }
    if !schema["$ref"].is_null() {
        kept.insert("$ref".to_owned(), schema["$ref"].clone());
    }
    kept.into()
}

/// A vendor's dialect, and the messages that stand for it here: looked up once, as the gateway does.
struct Of<'t> {
    name: &'t str,
    dialect: &'t Dialect,
    create: (&'t MessageEntry, Unruled),
    reply: Option<(&'t MessageEntry, Unruled)>,
}

/// What translates between two vendors without validating.
pub struct Bare<'t> {
    table: &'t ByTable,
    from: Of<'t>,
    to: Of<'t>,
    groups: Groups,
}

impl ByTable {
    pub fn new() -> ByTable {
        let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
        let crosswalk = Crosswalk::from_csv(&Source::new("bench.csv", CROSSWALK)).expect("the crosswalk");
        ByTable { registry, crosswalk, policy: Policy::default() }
    }

    pub fn pair(&self, from: &str, to: &str) -> Arc<Pair> {
        let side = |name: &str| {
            let dialect = self.registry.get(name, None).expect("a built-in dialect").clone();
            Side { dialect, space: name.into() }
        };
        Arc::new(Pair::new(side(from), side(to)))
    }

    pub fn context(&self) -> Context<'_> {
        let now = jiff::Timestamp::from_second(NOW).expect("a time");
        Context { crosswalk: &self.crosswalk, now, limits: Limits::default() }
    }

    pub fn recognised(&self, vendor: &str, path: &str) -> Recognised<'_> {
        self.registry.get(vendor, None).expect("a dialect").recognise("POST", path).expect("an operation")
    }

    /// All that the gateway does with a request before it is sent.
    pub fn whole(&self, recognised: &Recognised<'_>, path: &str, body: &str, pair: &Arc<Pair>) -> Prepared {
        let incoming = Incoming { recognised, path, query: None, body: body.trim().as_bytes() };
        let principal = Principal { name: "jokafor".into(), as_user: Some("jokafor".into()) };
        ask(&incoming, self.context(), |_| {
            Ok(Chosen { pair: pair.clone(), policy: &self.policy, principal: Cow::Borrowed(&principal) })
        })
        .expect("a translation")
    }

    pub fn message(&self, vendor: &str, name: &str) -> &MessageEntry {
        let dialect = self.registry.get(vendor, None).expect("a dialect");
        dialect.message_named(name).expect("a message")
    }

    pub fn bare<'t>(&'t self, from: &'t str, to: &'t str) -> Bare<'t> {
        let files = Files::built_in();
        let of = |name: &'t str, reply: &str| {
            let dialect = self.registry.get(name, None).expect("a dialect");
            let create = self.message(name, "create");
            let reply = dialect.message_named(reply);
            let reply = reply.map(|entry| (entry, Unruled::new(&files, name, entry, Some(&id_alone()))));
            Of { name, dialect, create: (create, Unruled::new(&files, name, create, None)), reply }
        };
        Bare { table: self, from: of(from, "id"), to: of(to, "document"), groups: Groups::new() }
    }
}

impl Bare<'_> {
    /// Read, resolve, write: what a translation by hand does.
    pub fn request(&self, body: &[u8]) -> Vec<u8> {
        let context = self.table.context();
        let (from, unruled) = &self.from.create;
        let document = unruled.read(body, self.from.dialect);
        let how = Reading { now: context.now, wanted: None };
        let mut record = from.message.read(document.root(), how).expect("a request");
        self.resolve(&mut record);
        let mut out = Builder::new();
        self.to.create.0.message.write(&record, context.now, &mut out);
        out.finish(false).to_bytes()
    }

    /// As the gateway does it, but for what it tells and what it supplies.
    fn resolve<'r>(&'r self, record: &mut Record<'r>) {
        let mut given = ArrayVec::<FieldId, 8>::new();
        let mut said = KINDS.map(|_| ArrayVec::<(Part, &str), 8>::new());
        for (field, value, _) in record.iter() {
            if let (Some((kind, part)), Value::Text(text)) = (self.groups.parts[usize::from(field.0)], value)
            {
                given.push(field);
                said[kind].push((part, text));
            }
        }
        let (crosswalk, rules) = (&self.table.crosswalk, &self.from.dialect.find);
        let mut entries = ArrayVec::<Entry<'_>, { KINDS.len() }>::new();
        for ((kind, _), said) in KINDS.iter().zip(&said).filter(|(_, said)| !said.is_empty()) {
            entries.push(crosswalk.find(*kind, self.from.name, said, None, rules).expect("a reference"));
        }
        drop(said);
        for field in given {
            record.remove(field);
        }
        for (part, text) in entries.iter().flat_map(|entry| entry.parts(self.to.name)) {
            record.say_text(self.groups.fields[part.number()].expect("a field"), text);
        }
    }

    /// Of an upstream's answer the id; the caller's body with an id of its own.
    pub fn reply(&self, body: &[u8], number: u64, wanted: &[bool]) -> (String, Vec<u8>) {
        let context = self.table.context();
        let (entry, unruled) = self.to.reply.as_ref().expect("an answer's message");
        let document = unruled.read(body, self.to.dialect);
        let how = Reading { now: context.now, wanted: Some(wanted) };
        let mut record = entry.message.read(document.root(), how).expect("an answer");
        let id = Shape::Access.find("request.id").expect("a field");
        let theirs = record.text(id).expect("an id").to_owned();
        record.say(id, Value::Text(Cow::Owned(self.from.dialect.mint(number, &record))));
        let mut out = Builder::new();
        let (reply, _) = self.from.reply.as_ref().expect("a reply's message");
        reply.message.write(&record, context.now, &mut out);
        (theirs, out.finish(false).to_bytes())
    }
}

/// By field: only the request's id is wanted.
pub fn id_alone() -> Vec<bool> {
    let id = Shape::Access.find("request.id").expect("a field");
    (0..Shape::Access.fields().len()).map(|at| at == usize::from(id.0)).collect()
}
