//! A dialect's file → a [`Dialect`], with all that is wrong with it.
//!
//! Start at [`load`]. The tables of the file are read in the files below: `head` has `[dialect]`, `operations` and
//! `faults` what their names say, `lookups` `[find]` and `[mint]`, `caller` `[caller]`, `ends` `[upstream]`,
//! `session` what its calls want of each other, `schema` has the messages' schemas, `conditions` their conditions,
//! `oddities` what is odd in them and `elsewhere` what they take from elsewhere, `calls` what operations want of their
//! messages, `which` whether they tell their request or target, `sent` whether what callers send is read, `made` how
//! operations end, `belongs` which fields belong where, `whole` what only all of it shows, `fits` whether answers keep
//! to their schemas; `quotes` takes names as they were meant. Messages are compiled as the operations name them, by
//! `mapping`. Knows no network; never stops at the first mistake.
mod belongs;
mod caller;
mod calls;
mod conditions;
mod elsewhere;
mod endless;
mod ends;
mod faults;
mod fits;
mod head;
mod lookups;
mod made;
mod oddities;
mod operations;
mod quotes;
mod schema;
mod sent;
mod session;
mod which;
mod whole;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::canonical::{FieldId, Shape};
use crate::diagnostic::tree::{Item, Key, Node, Reader};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Lenient, Limits, ReadOptions, Schema};
use crate::mapping::schema::Place;
use crate::mapping::{Message, Shared, compile};

use super::Dialect;
use super::files::Files;
use calls::Named;
use head::Head;
use operations::Taken;

/// A message with its schema.
#[derive(Debug)]
pub struct MessageEntry {
    /// The compiled table.
    pub message: Message,
    pub(crate) schema: Schema,
    pub(crate) lenient: Lenient,
}

const TOP: &[&str] =
    &["dialect", "caller", "upstream", "mint", "find", "faults", "operation", "values", "message", "variant"];

/// Reads one dialect's file in one variant; what is wrong goes to the reader.
pub(super) fn load(
    reader: &mut Reader,
    name: &str,
    variant: Option<&str>,
    tree: &Item,
    files: &Files,
) -> Option<Dialect> {
    plain_name(reader, name);
    let tree = &quotes::quoted(reader, tree);
    reader.known_keys(tree, TOP);
    let Some(item) = tree.get("dialect") else {
        let help = "begin with `[dialect]`, its `title` and its `base`";
        reader.error(Code::TableMissing, &(0..0), "the table `[dialect]` is missing", help);
        return None;
    };
    let mut head = head::read(reader, item, name);
    head.of_variants(reader, tree.get("variant"), variant);
    let shared = shared(reader, tree, variant);
    let mut loading = Loading::new(reader, name, files, shared, &head, tree);
    loading.variants(tree.get("variant"));
    let operations = loading.operations(tree.get("operation"));
    let fault_messages = loading.fault_messages(item);
    loading.replies_tell(&operations, &fault_messages);
    loading.session_alone(&operations);
    loading.nothing_unasked(&operations);
    loading.belong(&operations, &fault_messages);
    loading.paths_say(&operations, tree.get("operation"));
    loading.on_which(&operations, tree.get("operation"));
    loading.on_what(&operations, tree.get("operation"), tree.get("upstream").is_some());
    loading.sent(&operations);
    loading.all_reply(tree);
    loading.ids_told(&operations, tree);
    let faults = tree.get("faults").map(|item| loading.faults(item)).unwrap_or_default();
    loading.unbound(tree, item);
    loading.over_bound(tree, &faults, &operations);
    let (find, unknown_is_none) = loading.find(tree.get("find"));
    let mint = loading.mint(tree.get("mint"));
    loading.agains(&operations, tree.get("operation"));
    loading.mint_fits(&mint, &operations, tree.get("mint"));
    loading.codes_fit(&fault_messages, item);
    loading.idle_values(tree);
    loading.plain_names(tree);
    let sign_in = loading.upstream(tree.get("upstream"), head.base());
    let caller = loading.caller(tree.get("caller"));
    let idle = loading.idle_messages(tree.get("variant"));
    loading.idle_schemas(&idle);
    let sound = !loading.broken && loading.slipped.is_empty();
    let messages = loading.messages;
    let dialect = Dialect {
        name: name.to_owned(),
        title: head.title,
        variant: variant.map(str::to_owned),
        caller,
        sign_in,
        session: head.session,
        find,
        unknown_is_none,
        bases: head.bases,
        written_base: head.written,
        any_case_paths: head.any_case_paths,
        json: ReadOptions {
            any_case: head.leniency.names,
            null_is_absent: head.null_is_absent,
            limits: Limits::default(),
        },
        messages,
        operations,
        faults,
        fault_messages,
        fault_type: head.fault_type,
        mint,
        file: reader.source.name.clone(),
    };
    if sound {
        fits::errors(reader, &dialect, tree);
        fits::replies(reader, &dialect, files);
    }
    Some(dialect)
}

/// A dialect's name is the first part of columns in a crosswalk, and stands in options and lists.
fn plain_name(reader: &mut Reader, name: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(plain) {
        let message = format!("`{}` can't be the name of a dialect", name.escape_debug());
        let help =
            "rename the file: a dialect's name is made of letters, digits, `-` and `_`, a letter first";
        reader.error(Code::WrongName, &(0..0), message, help);
    }
}

/// What the messages have in common.
fn shared<'t>(reader: &mut Reader, tree: &'t Item, variant: Option<&str>) -> Shared<'t> {
    let changed = || tree.get("variant")?.get(variant?)?.get("message");
    Shared {
        values: by_name(reader, tree.get("values")),
        messages: by_name(reader, tree.get("message")),
        overrides: by_name(reader, changed()),
    }
}

/// The members of what must be a table, by name.
fn by_name<'i>(reader: &mut Reader, item: Option<&'i Item>) -> HashMap<&'i str, &'i Item> {
    table(reader, item).iter().map(|(key, item)| (key.text.as_str(), item)).collect()
}

/// The members of what must be a table.
fn table<'i>(reader: &mut Reader, item: Option<&'i Item>) -> &'i [(Key, Item)] {
    if let Some(item) = item.filter(|item| !matches!(item.node, Node::Table(_))) {
        reader.expected(item, "a table");
    }
    item.map(Item::members).unwrap_or_default()
}

fn names(item: Option<&Item>) -> Vec<&str> {
    item.map(Item::members).unwrap_or_default().iter().map(|(key, _)| key.text.as_str()).collect()
}

struct Loading<'l> {
    reader: &'l mut Reader,
    name: &'l str,
    files: &'l Files,
    shared: Shared<'l>,
    head: &'l Head,
    /// The operations that the file binds.
    verbs: Vec<&'l str>,
    /// Routes that were read so far.
    taken: Vec<Taken>,
    messages: Vec<MessageEntry>,
    by_name: HashMap<String, Option<usize>>,
    /// Codes of faults that were read so far.
    codes: Vec<(String, Range<usize>)>,
    /// Whether a message is wrong and so isn't there.
    broken: bool,
    /// Messages that are there, and of which something is wrong: what they lack may be what was misspelt.
    slipped: HashSet<usize>,
    /// Replies' messages that were read so far.
    replies: Vec<Named>,
}

impl<'l> Loading<'l> {
    fn new(
        reader: &'l mut Reader,
        name: &'l str,
        files: &'l Files,
        shared: Shared<'l>,
        head: &'l Head,
        tree: &'l Item,
    ) -> Loading<'l> {
        Loading {
            reader,
            name,
            files,
            shared,
            head,
            verbs: names(tree.get("operation")),
            taken: Vec::new(),
            messages: Vec::new(),
            by_name: HashMap::new(),
            codes: Vec::new(),
            broken: false,
            slipped: HashSet::new(),
            replies: Vec::new(),
        }
    }

    /// The number of a message that has a schema of its own.
    fn message(&mut self, name: &str, span: &Range<usize>) -> Option<usize> {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let before = self.reader.wrong.0.len();
        let number = self.compile(name, span);
        self.broken |= number.is_none();
        self.slipped.extend(number.filter(|_| self.reader.wrong.0.len() > before));
        self.by_name.insert(name.to_owned(), number);
        number
    }

    fn compile(&mut self, name: &str, span: &Range<usize>) -> Option<usize> {
        let key = (self.name.to_owned(), name.to_owned());
        let Some(source) = self.files.schemas.get(&key) else {
            let message = format!("there is no schema for the message `{name}`");
            let help = format!("add schemas/{}/{name}.json", self.name);
            self.reader.error(Code::SchemaMissing, span, message, help);
            return None;
        };
        let (json, schema) = match schema::read(source) {
            Ok(read) => read,
            Err(wrong) => {
                self.reader.wrong.0.extend(wrong.0);
                return None;
            }
        };
        let key = Key { text: name.to_owned(), span: span.clone() };
        let message = compile(self.reader, &self.shared, &key, Place::root(&json))?;
        let mut lenient = Lenient::compile(&json, self.head.leniency, &schema);
        lenient.seek(message.members());
        self.messages.push(MessageEntry { message, schema, lenient });
        Some(self.messages.len() - 1)
    }

    /// A message that no operation uses is a mistake: it would never be checked.
    fn idle_messages(&mut self, variants: Option<&Item>) -> Vec<String> {
        let variants = variants.map(Item::members).unwrap_or_default().iter();
        let changed =
            variants.flat_map(|(_, item)| item.get("message").map(Item::members).unwrap_or_default());
        let all = self.shared.messages.values().copied().chain(changed.map(|(_, item)| item));
        let used: Vec<String> = all.flat_map(used_by).collect();
        let names = self.shared.messages.keys().filter(|name| !self.by_name.contains_key(**name));
        let idle = names.filter(|name| !used.iter().any(|other| other == *name));
        let mut idle: Vec<String> = idle.map(|name| (*name).to_owned()).collect();
        idle.sort_unstable();
        for name in &idle {
            let span = self.shared.messages.get(name.as_str()).map_or(0..0, |item| item.span.clone());
            self.reader.error(
                Code::MessageIdle,
                &span,
                format!("nothing uses the message `{name}`"),
                "name it in an operation, or take it out",
            );
        }
        idle
    }

    /// A schema of one's own that no message uses is a mistake: its name is misspelt, or it is left over. (Of the
    /// embedded ones, some may be left over where a table of one's own replaces the embedded one.)
    fn idle_schemas(&mut self, idle_messages: &[String]) {
        for (name, source) in self.files.own_schemas(self.name) {
            if !self.by_name.contains_key(name) && !idle_messages.iter().any(|idle| idle == name) {
                let message = format!("no message uses the schema `{name}`");
                let one = Diagnostic::new(Code::SchemaIdle, source, 0..0, message);
                self.reader.wrong.push(one.help("name its message in an operation, or take it out"));
            }
        }
    }

    /// A variant holds a base and messages, and only such as are there without it.
    fn variants(&mut self, item: Option<&Item>) {
        for (name, variant) in table(self.reader, item) {
            self.reader.known_keys(variant, &["base", "message"]);
            if variant.members().is_empty() {
                let message = format!("the variant `{}` changes nothing", name.text);
                self.reader.error(
                    Code::ReplacesNothing,
                    &name.span,
                    message,
                    "take it out, or say what it changes",
                );
            }
            for (key, _) in table(self.reader, variant.get("message")) {
                if !self.shared.messages.contains_key(key.text.as_str()) {
                    let message = format!("there is no message `{}` for a variant to change", key.text);
                    let one =
                        Diagnostic::new(Code::UnknownMessage, &self.reader.source, key.span.clone(), message);
                    let known = self.shared.messages.keys().copied();
                    let help = "name a message of the file";
                    self.reader.wrong.push(one.near_or(&key.text, known, help));
                }
            }
        }
    }

    /// Whether something has been told of a place.
    fn told_at(&self, span: &Range<usize>) -> bool {
        let here = &self.reader.source.name;
        self.reader.wrong.0.iter().any(|one| one.span == *span && one.source.name == *here)
    }

    fn field(&mut self, name: &str, span: &Range<usize>) -> Option<FieldId> {
        let found = Shape::Access.find(name);
        if found.is_none() {
            let message = format!("`{name}` is no canonical field");
            let one = Diagnostic::new(Code::UnknownField, &self.reader.source, span.clone(), message);
            let known = Shape::Access.fields().iter().map(|field| field.name);
            let help = "the manual lists all fields: docs/mapping-language.md, Fields";
            self.reader.wrong.push(one.near_or(name, known, help));
        }
        found
    }
}

/// The messages that a message's rows name.
fn used_by(item: &Item) -> Vec<String> {
    let rows = item.get("rows").map(Item::members).unwrap_or_default();
    rows.iter().filter_map(|(_, row)| row.get("of")?.text().map(str::to_owned)).collect()
}

fn status_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (100..600).contains(status))
}
