//! `[find]` and `[mint]`: how names are looked up, and how ids are made.
use std::ops::Range;

use crate::canonical::{FieldId, Shape, Type};
use crate::crosswalk::{By, FindRules, Kind, Part};
use crate::diagnostic::tree::{Item, Node};
use crate::diagnostic::{Code, Diagnostic, nearest};

use super::super::route::plain_segment;
use super::super::{Mint, MintPart};
use super::head::words;
use super::{Loading, table};

/// What is looked up by a name, and whether a name that leads nowhere may be as good as none.
const FOUND: &[(&str, bool)] = &[
    ("system", false),
    ("account", false),
    ("user", false),
    ("reason_code", true),
    ("ticket_system", true),
    ("schedule", true),
];

impl Loading<'_> {
    /// The rules, and what may lead nowhere.
    pub(super) fn find(&mut self, item: Option<&Item>) -> (FindRules, Vec<String>) {
        let mut rules = FindRules::default();
        let mut none = Vec::new();
        for (key, value) in table(self.reader, item) {
            let known = FOUND.iter().find(|(name, _)| *name == key.text);
            if known.is_none() {
                let message = format!("`{}` is nothing that is looked up by a name", key.text);
                let one = Diagnostic::new(Code::UnknownKey, &self.reader.source, key.span.clone(), message);
                let known = FOUND.iter().map(|(name, _)| *name);
                let help = format!("known: {}", known.clone().collect::<Vec<_>>().join(", "));
                self.reader.wrong.push(one.near_or(&key.text, known, help));
            }
            self.reader.known_keys(value, &["by", "else"]);
            if matches!(value.node, Node::Table(_)) && value.get("by").is_none() {
                let message = format!("nothing says how to look up what `{}` names", key.text);
                self.reader.error(Code::OptionMissing, &value.span, message, "add `by = [\"name\"]`");
            }
            let mut steps = Vec::new();
            let texts = self.reader.texts(value, "by");
            self.reader.once(&texts);
            for (text, span) in texts {
                match By::of(text) {
                    Some(by) => steps.push(by),
                    None => {
                        let known = ["name", "address", "any-text"];
                        let message = format!("`{text}` is no way of looking up");
                        let one = Diagnostic::new(Code::UnknownFind, &self.reader.source, span, message);
                        let one = one.label(format!("known: {}", known.join(", ")));
                        self.reader.wrong.push(one.near_or(text, known, "write one of them"));
                    }
                }
            }
            if let Some(at) = value.get("by").filter(|by| by.texts().is_some_and(|texts| texts.is_empty())) {
                let message = "nothing is looked up without a step";
                self.reader.error(Code::WrongOption, &at.span, message, "name one, or take the line out");
            }
            let looked_up = match key.text.as_str() {
                group @ ("system" | "account") => {
                    Part::of(Kind::Target, &format!("{group}.name")).map(|part| (Kind::Target, part))
                }
                other => Kind::of(other).map(|kind| (kind, Part::OWN_NAME)),
            };
            if let (Some((kind, part)), Some(_)) = (looked_up, value.get("by")) {
                rules = rules.with(kind, part, &steps);
            }
            if !words(self.reader, value, "else", &["none"]).is_empty() {
                none.push(key.text.clone());
                if let (Some((_, false)), Some(at)) = (known, value.get("else")) {
                    let message = format!("a request without its `{}` would be another request", key.text);
                    let help = "`else` belongs to a reason code, a ticket system or a schedule";
                    self.reader.error(Code::WrongOption, &at.span, message, help);
                }
            }
        }
        (rules, none)
    }

    pub(super) fn mint(&mut self, item: Option<&Item>) -> Mint {
        let Some(item) = item else { return Mint::default() };
        self.reader.known_keys(item, &["request.id"]);
        let Some(item) = item.get("request.id") else { return Mint::default() };
        self.reader.known_keys(item, &["as", "otherwise", "from"]);
        if item.get("as").is_none() {
            let help = "as in `as = \"{number}\"`";
            self.reader.error(Code::OptionMissing, &item.span, "an id that is made needs `as`", help);
        }
        let mut templates: Vec<Vec<MintPart>> = Vec::new();
        for key in ["as", "otherwise"] {
            let span = item.get(key).map_or(0..0, |item| item.span.clone());
            if let Some(text) = self.reader.text(item, key) {
                templates.extend(self.template(text, &span));
            }
        }
        let open = |template: Option<&Vec<MintPart>>| {
            template.is_some_and(|parts| parts.iter().any(|part| matches!(part, MintPart::Field(_))))
        };
        match (item.get("as"), item.get("otherwise")) {
            (Some(_), Some(at)) if templates.len() == 2 && !open(templates.first()) => {
                let message = "this is never made: all that `as` names is always known";
                self.reader.error(Code::WrongOption, &at.span, message, "take it out");
            }
            (_, Some(at)) if open(templates.get(1)) => {
                let message = "this may not be known either";
                self.reader.error(
                    Code::WrongTemplate,
                    &at.span,
                    message,
                    "write `{number}` or `{hex}` and no field",
                );
            }
            (Some(at), None) if open(templates.first()) => {
                let message = "the field in this id isn't always known";
                let help = "add `otherwise = \"…{number}\"`, for where it isn't";
                self.reader.error(Code::OptionMissing, &at.span, message, help);
            }
            _ => {}
        }
        let from = match item.get("from").map(|from| (from, &from.node)) {
            Some((_, Node::Integer(from))) if *from >= 0 => from.unsigned_abs(),
            Some((from, _)) => {
                self.reader.expected(from, "a number from 0 on");
                0
            }
            None => 0,
        };
        Mint { templates, from }
    }

    fn template(&mut self, text: &str, span: &Range<usize>) -> Option<Vec<MintPart>> {
        let parts = self.mint_parts(text, span)?;
        let unspeakable = |part: &MintPart| match part {
            MintPart::Text(text) => {
                text.chars().find(|c| !plain_segment(c.encode_utf8(&mut [0; 4])) && *c != '.')
            }
            _ => None,
        };
        if let Some(wrong) = parts.iter().find_map(unspeakable) {
            let message = match wrong {
                ' ' => "an id stands in paths, and a blank can't stand there as it is".to_owned(),
                _ => format!(
                    "an id stands in paths, and `{}` can't stand there as it is",
                    wrong.escape_debug()
                ),
            };
            self.reader.error(Code::WrongTemplate, span, &message, "write `-` or `_` instead");
        }
        if !parts.iter().any(|part| matches!(part, MintPart::Number | MintPart::Hex)) {
            let message = "two requests would get the same id";
            self.reader.error(Code::WrongTemplate, span, message, "add `{number}`, or `{hex}`");
        } else if let Some(field) = runs_together(&parts) {
            let name = Shape::Access.field(field).name;
            let message = format!(
                "two requests could get the same id: nothing tells where `{{{name}}}` ends and the number begins, or the other way round"
            );
            let help = "part them, as in `{target.safe}_{number}`, and not by a digit";
            self.reader.error(Code::WrongTemplate, span, &message, help);
        }
        Some(parts)
    }

    /// The field of a name in braces, which may be a misspelt `{number}`.
    fn part(&mut self, name: &str, span: &Range<usize>) -> Option<FieldId> {
        let near = nearest(name, ["number", "hex"]).filter(|_| Shape::Access.find(name).is_none());
        let Some(near) = near else { return self.field(name, span) };
        let message = format!("`{{{name}}}` is neither the number of the request nor a canonical field");
        self.reader.error(Code::UnknownField, span, &message, format!("did you mean `{{{near}}}`?"));
        None
    }

    /// `{target.safe}_{number}`.
    fn mint_parts(&mut self, text: &str, span: &Range<usize>) -> Option<Vec<MintPart>> {
        let mut parts = Vec::new();
        for (at, piece) in text.split('{').enumerate() {
            let (name, rest) = match (at, piece.split_once('}')) {
                (0, _) => (None, piece),
                (_, Some((name, rest))) => (Some(name), rest),
                (_, None) => {
                    let help = "as in `{number}`, `{hex}` or `{target.safe}`";
                    self.reader.error(Code::WrongTemplate, span, "a brace is never closed", help);
                    return None;
                }
            };
            parts.extend(match name {
                None => None,
                Some("number") => Some(MintPart::Number),
                Some("hex") => Some(MintPart::Hex),
                Some(name) => {
                    let field = self.part(name, span)?;
                    if !matches!(Shape::Access.field(field).kind, Type::Text | Type::Id | Type::Word) {
                        let message = format!("`{name}` is no text that could stand in an id");
                        let help = "name a field that holds a text, a word or an id";
                        self.reader.error(Code::TypeMismatch, span, message, help);
                    }
                    Some(MintPart::Field(field))
                }
            });
            if !rest.is_empty() {
                parts.push(MintPart::Text(rest.to_owned()));
            }
        }
        Some(parts)
    }
}

/// The field that a number runs into, where no other number is apart: `A1` with 23 and `A` with 123 give one id. (The
/// hexadecimal digits are as many in each id, and others for each number.)
fn runs_together(parts: &[MintPart]) -> Option<FieldId> {
    if parts.iter().any(|part| matches!(part, MintPart::Hex)) {
        return None;
    }
    let numbers = (0..parts.len()).filter(|at| matches!(parts[*at], MintPart::Number));
    let neighbours = numbers.map(|at| {
        let before = neighbour(parts[..at].iter().rev(), |text| text.chars().next_back());
        before.or_else(|| neighbour(parts[at + 1..].iter(), |text| text.chars().next()))
    });
    // A number of which both sides are plain tells all ids apart.
    neighbours.collect::<Option<Vec<FieldId>>>()?.first().copied()
}

/// The field that follows with nothing but digits before it.
fn neighbour<'p>(
    mut parts: impl Iterator<Item = &'p MintPart>,
    nearest: impl Fn(&str) -> Option<char>,
) -> Option<FieldId> {
    parts.find_map(|part| match part {
        MintPart::Field(field) => Some(Some(*field)),
        MintPart::Text(text) if nearest(text).is_some_and(|c| !c.is_ascii_digit()) => Some(None),
        _ => None,
    })?
}
