//! A TOML text as a tree in which every key and value knows where it stands.
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{Code, Diagnostic, Diagnostics, Source, slips};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Item {
    /// The bytes it stands at.
    pub span: Range<usize>,
    /// What it is.
    pub node: Node,
}

/// A TOML value.
#[derive(Debug, Clone)]
pub enum Node {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A truth value.
    Bool(bool),
    /// An array.
    Array(Vec<Item>),
    /// A table, in the order of the text.
    Table(Vec<(Key, Item)>),
    /// A float or a date: nothing of ours is one.
    Other(&'static str),
}

/// A key and where it stands.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key.
    pub text: String,
    /// The bytes it stands at.
    pub span: Range<usize>,
}

/// More places of one text that are no TOML are only counted: most follow from the first.
const PLACES: usize = 5;

/// Reads a whole TOML document.
///
/// # Errors
/// `toml-syntax` for the first places that are no TOML.
pub fn read(source: &Arc<Source>) -> Result<Item, Diagnostics> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let more = errors.len().saturating_sub(PLACES);
    let wrong = errors.into_iter().take(PLACES).enumerate().map(|(number, e)| {
        let span = e.span().unwrap_or(0..0);
        let mut help = slips::of(&source.text, &span, e.message()).unwrap_or_else(|| {
            "TOML is told of at https://toml.io; texts stand in quotes, a key stands once".to_owned()
        });
        if more > 0 && number + 1 == PLACES {
            help.push_str(&format!("; {more} more places behind this one are not told"));
        }
        Diagnostic::new(Code::TomlSyntax, source, span, e.message().to_owned()).help(help)
    });
    let span = table.span();
    Diagnostics(wrong.collect()).or(Item { span, node: Node::Table(members(table.into_inner())) })
}

fn members(table: DeTable<'_>) -> Vec<(Key, Item)> {
    let member = |(key, value): (toml::Spanned<std::borrow::Cow<'_, str>>, toml::Spanned<DeValue<'_>>)| {
        let key = Key { span: key.span(), text: key.into_inner().into_owned() };
        (key, item(value))
    };
    table.into_iter().map(member).collect()
}

fn item(value: toml::Spanned<DeValue<'_>>) -> Item {
    let span = value.span();
    let node = match value.into_inner() {
        DeValue::String(text) => Node::Text(text.into_owned()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            i64::from_str_radix(&digits, number.radix())
                .map_or(Node::Other("too large an integer"), Node::Integer)
        }
        DeValue::Boolean(value) => Node::Bool(value),
        DeValue::Array(items) => Node::Array(items.into_iter().map(item).collect()),
        DeValue::Table(table) => Node::Table(members(table)),
        DeValue::Float(_) => Node::Other("a float"),
        DeValue::Datetime(_) => Node::Other("a date"),
    };
    Item { span, node }
}

impl Item {
    /// A table's members; none of anything else.
    pub fn members(&self) -> &[(Key, Item)] {
        match &self.node {
            Node::Table(members) => members,
            _ => &[],
        }
    }

    /// A table's member.
    pub fn get(&self, key: &str) -> Option<&Item> {
        self.members().iter().find(|(name, _)| name.text == key).map(|(_, item)| item)
    }

    /// Whether it says the same as another, wherever the two stand.
    pub fn same(&self, other: &Item) -> bool {
        match (&self.node, &other.node) {
            (Node::Text(one), Node::Text(other)) => one == other,
            (Node::Integer(one), Node::Integer(other)) => one == other,
            (Node::Bool(one), Node::Bool(other)) => one == other,
            (Node::Array(one), Node::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.same(other))
            }
            (Node::Table(one), Node::Table(_)) => {
                let there =
                    |(key, item): &(Key, Item)| other.get(&key.text).is_some_and(|there| item.same(there));
                one.len() == other.members().len() && one.iter().all(there)
            }
            _ => false,
        }
    }

    /// What it is, for messages: `a string`.
    pub fn what(&self) -> &'static str {
        match &self.node {
            Node::Text(_) => "a string",
            Node::Integer(_) => "an integer",
            Node::Bool(_) => "true or false",
            Node::Array(_) => "an array",
            Node::Table(_) => "a table",
            Node::Other(what) => what,
        }
    }

    /// A string.
    pub fn text(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A string, or the strings of an array of strings only.
    pub fn texts(&self) -> Option<Vec<(&str, Range<usize>)>> {
        match &self.node {
            Node::Text(text) => Some(vec![(text.as_str(), self.span.clone())]),
            Node::Array(items) => {
                items.iter().map(|item| item.text().map(|text| (text, item.span.clone()))).collect()
            }
            _ => None,
        }
    }
}

/// Reads a tree, keeping what is found wrong.
#[derive(Debug)]
pub struct Reader {
    /// The text that is read.
    pub source: Arc<Source>,
    /// What was found wrong so far.
    pub wrong: Diagnostics,
}

impl Reader {
    /// A reader that has found nothing wrong yet.
    pub fn new(source: &Arc<Source>) -> Reader {
        Reader { source: source.clone(), wrong: Diagnostics::default() }
    }

    /// Something is wrong at a span, and this is the remedy.
    pub fn error(
        &mut self,
        code: Code,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.wrong.push(Diagnostic::new(code, &self.source, span.clone(), message).help(help));
    }

    /// A value is of the wrong type.
    pub fn expected(&mut self, item: &Item, wanted: &str) {
        let message = format!("expected {wanted}, found {}", item.what());
        self.error(Code::WrongType, &item.span, message, format!("write {wanted}"));
    }

    /// Complains about every key that is not known.
    pub fn known_keys(&mut self, item: &Item, known: &[&str]) {
        if !matches!(item.node, Node::Table(_)) {
            self.expected(item, "a table");
        }
        for (key, _) in item.members().iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
            let one = Diagnostic::new(
                Code::UnknownKey,
                &self.source,
                key.span.clone(),
                format!("`{}` is no key here", key.text),
            );
            let one = one.label(format!("known: {}", known.join(", ")));
            let one = one.near_or(&key.text, known.iter().copied(), "write one of them, or take it out");
            self.wrong.push(one);
        }
    }

    /// Complains about what a list names a second time: it says nothing there, and is most likely something else
    /// misspelt.
    pub fn once<T: PartialEq + fmt::Display>(&mut self, listed: &[(T, Range<usize>)]) {
        for (at, (name, span)) in listed.iter().enumerate() {
            if listed[..at].iter().any(|(before, _)| before == name) {
                let message = format!("`{name}` stands in this list already");
                self.error(Code::ListedTwice, span, message, "take it out, or write what was meant");
            }
        }
    }

    /// A member that must be a string.
    pub fn text<'i>(&mut self, item: &'i Item, key: &str) -> Option<&'i str> {
        let member = item.get(key)?;
        let text = member.text();
        if text.is_none() {
            self.expected(member, "a string");
        }
        text
    }

    /// A member that must be a string or an array of strings.
    pub fn texts<'i>(&mut self, item: &'i Item, key: &str) -> Vec<(&'i str, Range<usize>)> {
        let Some(member) = item.get(key) else { return Vec::new() };
        let texts = member.texts();
        if texts.is_none() {
            self.expected(member, "a string or an array of strings");
        }
        texts.unwrap_or_default()
    }
}
