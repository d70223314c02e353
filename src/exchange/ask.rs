//! The way in: read, validate, normalise, then what stands between the sides, then render and validate again.
use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::canonical::field::known::REQUEST_ID;
use crate::canonical::{Fault, FieldId, Problem, Record, Shape, Value};
use crate::dialect::{MessageEntry, Recognised, Unreadable};
use crate::json::{Builder, Document, ReadError};
use crate::mapping::Reading;

use super::resolve::Between;
use super::watch::{Step, Unwatched, Watch};
use super::{Context, Outgoing, Pair, Plan, Policy, Prepared, Principal, decide, resolve};

/// A call as it came in, its operation recognised.
#[derive(Debug)]
pub struct Incoming<'i> {
    /// Dialect, operation, route, and what the path says.
    pub recognised: &'i Recognised<'i>,
    /// The path as it came.
    pub path: &'i str,
    /// The query as it came.
    pub query: Option<&'i str>,
    /// The body as it came.
    pub body: &'i [u8],
}

/// Who the other side is, once the message is read.
#[derive(Debug)]
pub struct Chosen<'c> {
    /// The two sides.
    pub pair: Arc<Pair>,
    /// What the configuration decides.
    pub policy: &'c Policy,
    /// The principal.
    pub principal: Cow<'c, Principal>,
}

/// The most parameters that a query may have.
const MOST_PARAMETERS: usize = 64;

/// Prepares a caller's call; `route` chooses the upstream by what the message says.
///
/// # Errors
/// The fault to answer with.
pub fn ask<'c>(
    incoming: &Incoming<'_>,
    context: Context<'_>,
    route: impl FnOnce(&Record<'_>) -> Result<Chosen<'c>, Fault>,
) -> Result<Prepared, Fault> {
    ask_watched(incoming, context, route, &mut Unwatched)
}

/// The same, before somebody's eyes.
pub(super) fn ask_watched<'c>(
    incoming: &Incoming<'_>,
    context: Context<'_>,
    route: impl FnOnce(&Record<'_>) -> Result<Chosen<'c>, Fault>,
    watch: &mut impl Watch,
) -> Result<Prepared, Fault> {
    watch.step(Step::Read);
    let recognised = incoming.recognised;
    recognised.path.iter().try_for_each(|(field, id)| plainly_spelt(*field, id))?;
    let entry = recognised.route.send.map(|number| recognised.dialect.message(number));
    let query_entry = recognised.operation.query.map(|number| recognised.dialect.message(number));
    let document = entry.map(|entry| read_body(entry, incoming, context, watch)).transpose()?;
    let query = query_entry.map(|entry| read_query(entry, incoming, context, watch)).transpose()?;
    let mut record = Record::new(Shape::Access);
    let how = Reading { now: context.now, wanted: None };
    for (entry, document) in [(entry, &document), (query_entry, &query)] {
        if let (Some(entry), Some(document)) = (entry, document) {
            record.overlay(entry.message.read(document.root(), how).map_err(Fault::invalid)?);
        }
    }
    for (field, text) in &recognised.path {
        record.say(*field, Value::Text(Cow::Borrowed(text)));
    }
    watch.read(&record);
    watch.step(Step::Route);
    let chosen = route(&record)?;
    watch.chosen(&chosen);
    if let (Some(entry), Some(document), false) = (entry, &document, chosen.pair.unchanged) {
        tell_unknown(entry, document);
    }
    if chosen.pair.unchanged {
        unchanged(incoming, context, record, chosen)
    } else {
        translate(incoming, context, record, chosen, watch)
    }
}

/// An id in a path is what a server once printed, and has no other spelling: `0124`, `+124`, `124%20` or `x%2F..%2F124`
/// may be 124 to the server behind, while here they are nobody's request, and no route's target.
fn plainly_spelt(field: FieldId, id: &str) -> Result<(), Fault> {
    let digits = id.strip_prefix(['+', '-']).unwrap_or(id);
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let other_number = number && (digits.len() < id.len() || digits.starts_with('0'));
    let other_path = matches!(id, "." | "..") || id.contains(['/', '\\']);
    let padded = id.trim() != id || id.contains(char::is_control);
    if !(other_number || other_path || padded || in_hex(id)) {
        return Ok(());
    }
    let word = if field == REQUEST_ID { "not-found.request" } else { "not-found.target" };
    Err(Fault::new(word, "").because("an id in the path is not spelt as any server prints it"))
}

/// `0x7C`, `#7C` and `&h7C`: how the component model of .NET, which binds ids in paths, also reads 124.
fn in_hex(id: &str) -> bool {
    let prefix = |prefix: &str| {
        id.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix)).map(|_| &id[prefix.len()..])
    };
    let digits = ["0x", "&h", "#"].into_iter().find_map(prefix);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn read_body<'b>(
    entry: &'b MessageEntry,
    incoming: &Incoming<'b>,
    context: Context<'_>,
    watch: &mut impl Watch,
) -> Result<Document<'b>, Fault> {
    // A server that reads an object takes no body at all for an empty one.
    let empty = incoming.body.iter().all(u8::is_ascii_whitespace);
    let body: &[u8] = if empty { b"{}" } else { incoming.body };
    let how = incoming.recognised.dialect.json(context.limits);
    watch.body(entry, body, how, Reading { now: context.now, wanted: None });
    entry.parse(body, how).map_err(unreadable)
}

/// The most unknown names that the log is told of one message, and the most letters of each.
const MOST_UNKNOWN: usize = 8;
const NAME_LETTERS: usize = 64;

/// A property that the caller's own server would ignore is ignored, but not in silence: it may be a misspelt one.
fn tell_unknown(entry: &MessageEntry, document: &Document<'_>) {
    let unknown = entry.message.unknown(document.root());
    let names: Vec<String> =
        unknown.take(MOST_UNKNOWN).map(|name| name.chars().take(NAME_LETTERS).collect()).collect();
    if !names.is_empty() {
        tracing::info!(form = entry.message.name, ?names, "properties that the message does not have");
    }
}

/// Why a caller's message is refused.
pub(super) fn unreadable(wrong: Unreadable) -> Fault {
    match wrong {
        Unreadable::Schema(problems) => Fault::invalid(problems),
        Unreadable::Json(error) => {
            let word = match &error {
                ReadError::Duplicate { .. } => "invalid.twice",
                ReadError::TooDeep { .. } | ReadError::TooMany { .. } => "invalid.bounds",
                ReadError::NotUtf8 { .. } | ReadError::Syntax { .. } | ReadError::OutOfRange { .. } => {
                    "invalid.json"
                }
            };
            Fault::new(word, error.to_string())
        }
    }
}

/// The query's parameters as a document of texts.
fn read_query<'b>(
    entry: &'b MessageEntry,
    incoming: &Incoming<'b>,
    context: Context<'_>,
    watch: &mut impl Watch,
) -> Result<Document<'b>, Fault> {
    let mut out = Builder::new();
    let open = out.object();
    let mut seen: Vec<String> = Vec::new();
    let parameters = incoming.query.unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty());
    if parameters.clone().nth(MOST_PARAMETERS).is_some() {
        let text = format!("the query has more than {MOST_PARAMETERS} parameters");
        return Err(Fault::new("invalid.bounds", text));
    }
    for parameter in parameters {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let decode = |text: &str| {
            let blanks = text.replace('+', " ");
            percent_decode_str(&blanks).decode_utf8_lossy().into_owned()
        };
        let name = decode(name);
        if seen.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
            let short: String = name.chars().take(64).collect();
            return Err(Fault::new("invalid.twice", format!("the query names `{short}` twice")));
        }
        let value = decode(value);
        seen.push(name.clone());
        if !value.is_empty() {
            out.name(name);
            out.text(value);
        }
    }
    out.close(open);
    let mut document = out.finish(incoming.recognised.dialect.json.any_case);
    entry.lenient.apply(&mut document);
    watch.query(entry, &document, Reading { now: context.now, wanted: None });
    entry.validate(document).map_err(unreadable)
}

/// Same dialect, variant and ids: body, path and query go on as they came.
fn unchanged(
    incoming: &Incoming<'_>,
    context: Context<'_>,
    record: Record<'_>,
    chosen: Chosen<'_>,
) -> Result<Prepared, Fault> {
    let (dialect, upstream) = (&chosen.pair.caller.dialect, &chosen.pair.upstream.dialect);
    let rest = dialect.under_base(incoming.path).unwrap_or_default();
    let mut path = format!("{}{rest}", upstream.base());
    // A server may take a query's `id` before the path's: which request is meant was judged by the path alone.
    let by_path_alone = incoming.recognised.route.fields().next().is_some();
    if let Some(query) = incoming.query.filter(|query| !query.is_empty() && !by_path_alone) {
        path.push('?');
        path.push_str(query);
    }
    let method = incoming.recognised.route.method;
    let with_body = !incoming.body.is_empty() || (method != "GET" && method != "DELETE");
    let call = Outgoing { method, path, body: with_body.then(|| incoming.body.to_vec()) };
    let canonical = canonical_text(&record);
    let (place, plan) = planned(incoming.recognised, &chosen.pair)?;
    let numbers = (place, plan.operation);
    Ok(prepared(numbers, context, chosen.pair, call, canonical))
}

fn canonical_text(record: &Record<'_>) -> String {
    let mut text = String::with_capacity(512);
    record.write_json(&mut text);
    text
}

/// The number of the caller's operation in the pair's dialect, and what is planned for it.
fn planned<'p>(recognised: &Recognised<'_>, pair: &'p Pair) -> Result<(usize, &'p Plan), Fault> {
    let (operations, word) = (pair.caller.dialect.operations(), &recognised.operation.word);
    let named = |at: &usize| operations.get(*at).is_some_and(|operation| operation.word == *word);
    // It was mostly recognised by this very dialect.
    let at = Some(recognised.operation_at).filter(named).or_else(|| (0..operations.len()).find(named));
    let plan = at.and_then(|at| Some((at, pair.plans[at].as_ref()?)));
    plan.ok_or_else(|| Fault::new("not-served", "").because("this operation does not cross dialects yet"))
}

fn prepared(
    (caller_operation, upstream_operation): (usize, usize),
    context: Context<'_>,
    pair: Arc<Pair>,
    call: Outgoing,
    canonical: String,
) -> Prepared {
    Prepared {
        pair,
        caller_operation,
        upstream_operation,
        call,
        asked: None,
        known: Vec::new(),
        canonical,
        losses: Vec::new(),
        supplies: Vec::new(),
        now: context.now,
        principal: String::new(),
    }
}

fn translate<'r>(
    incoming: &Incoming<'r>,
    context: Context<'r>,
    mut record: Record<'r>,
    chosen: Chosen<'_>,
    watch: &mut impl Watch,
) -> Result<Prepared, Fault> {
    let recognised = incoming.recognised;
    let pair = chosen.pair.clone();
    let (place, plan) = planned(recognised, &pair)?;
    let operation = &pair.upstream.dialect.operations()[plan.operation];
    let canonical = canonical_text(&record);
    let mut asked = plan.shows_asked.then(|| Box::new(record.clone().into_owned()));
    let said = recognised.route.send.map(|number| &recognised.dialect.message(number).message);
    watch.step(Step::Resolve);
    let between = Between { pair: &pair, plan, principal: &chosen.principal, said };
    let resolved = resolve::resolve(&mut record, between, context, watch)?;
    let Some((route, path)) = pair.upstream.dialect.address(operation, &record) else {
        return Err(Fault::new(
            "not-found.target",
            "what is asked for has no address at the server behind this gateway",
        ));
    };
    let entry = route.send.map(|number| pair.upstream.dialect.message(number));
    let mut decided = decide::Decided::default();
    if let Some(entry) = entry {
        watch.step(Step::Decide);
        let routes = (recognised.route, route);
        decided = decide::decide(&mut record, entry, &pair, &chosen, &resolved.names, routes, watch)?;
    }
    if let Some(asked) = &mut asked {
        add_supplied(asked, &decided, chosen.policy);
    }
    watch.step(Step::Render);
    let body = entry.map(|entry| render(entry, &record, &pair, context, watch)).transpose()?;
    let call = Outgoing { method: route.method, path, body };
    let principal = if plan.shows_asked { chosen.principal.name.clone() } else { String::new() };
    let mut prepared = prepared((place, plan.operation), context, chosen.pair, call, canonical);
    prepared.asked = asked;
    prepared.principal = principal;
    prepared.known = resolved.known;
    prepared.losses = decided.losses;
    prepared.losses.splice(0..0, resolved.lost);
    prepared.supplies = decided.supplies;
    Ok(prepared)
}

/// What means something at one side only.
pub(super) const REFERENCES: &[&str] =
    &["target.", "requester.", "ticket.system.", "reason.code.", "schedule."];

/// What was supplied is part of the request made, so the caller's reply shows it: an hour that nobody asked for ends
/// all the same. References are left out, for what is supplied of them means something at the upstream's side only.
fn add_supplied(asked: &mut Record<'static>, decided: &decide::Decided, policy: &Policy) {
    for supply in &decided.supplies {
        let field = Shape::Access.find(supply.field);
        let reference = REFERENCES.iter().any(|prefix| supply.field.starts_with(prefix));
        if let Some(field) = field.filter(|field| !reference && asked.get(*field).is_none())
            && let Some(value) = policy.supplied(field)
        {
            asked.assume(field, value.clone());
        }
    }
}

/// Writes the upstream's message and holds it against the upstream's schema.
fn render(
    entry: &MessageEntry,
    record: &Record<'_>,
    pair: &Pair,
    context: Context<'_>,
    watch: &mut impl Watch,
) -> Result<Vec<u8>, Fault> {
    let mut out = Builder::new();
    entry.message.write(record, context.now, &mut out);
    let document = out.finish(pair.upstream.dialect.json.any_case);
    watch.wrote(entry, record, &document);
    match entry.validate(document) {
        Ok(document) => Ok(document.to_bytes()),
        Err(Unreadable::Schema(problems)) => Err(not_carried(entry, &problems)),
        Err(Unreadable::Json(error)) => Err(Fault::new("internal", "").because(error.to_string())),
    }
}

/// The upstream's schema refuses what was rendered: in canonical words, for the caller doesn't know the upstream's.
fn not_carried(entry: &MessageEntry, problems: &[Problem]) -> Fault {
    // What is missing beside what is there, as only the schema knows; and what is there, and not taken.
    let (lacks, takes): (Vec<&Problem>, Vec<&Problem>) = problems.iter().partition(|one| one.lacks.is_some());
    let named = |problems: &[&Problem]| {
        let place = |one: &Problem| match &one.lacks {
            Some(name) => format!("{}/{name}", one.pointer),
            None => one.pointer.clone(),
        };
        let fields = problems.iter().filter_map(|one| entry.message.field_at(&place(one)));
        fields.collect::<Vec<_>>().join(", ")
    };
    let (needed, refused) = (named(&lacks), named(&takes));
    let needed = (!needed.is_empty())
        .then(|| format!("the server behind this gateway needs {needed} beside what is asked for"));
    let refused = (!refused.is_empty())
        .then(|| format!("the server behind this gateway does not take this value of {refused}"));
    let word = if takes.is_empty() { "invalid.incomplete" } else { "invalid.not-carried" };
    let text: Vec<String> = [needed, refused].into_iter().flatten().collect();
    Fault::new(word, text.join("; ")).because(Problem::listed(problems))
}
