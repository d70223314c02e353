//! The way of a request from one dialect to another: own server, gateway, upstream.
//!
//! Start at [`Way::send`]; the way back is [`reply`].
mod refused;
mod reply;

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use pamgate::canonical::Shape;
use pamgate::crosswalk::Crosswalk;
use pamgate::dialect::{Dialect, Files, Registry};
use pamgate::exchange::matrix::{Asks, Cell, Matrix, Place, Reply};
use pamgate::exchange::{self, Came, Chosen, Context, Incoming, Policy, Prepared, Principal, Side, ask};
use pamgate::json::Limits;
use pamgate::sandbox::Record;

use super::Pair;
use super::cells::{self, is_of, part, told};
use super::compare::{Both, Compared, Wrong};
use super::crosswalks;
use super::facts::Facts;
use super::messages::Message;
use super::reasons::{About, Reasons};
use super::replies;
use super::servers::{Servers, Stored};
use super::speakers::{House, Speaker, files};
use super::tally::{Finding, Findings};
use super::vaultline;

use crate::sandbox_support::NOW;
use crate::sandbox_support::own;
use reply::Through;

/// What stands between two dialects, made once.
pub struct Way {
    pub from: String,
    pub to: String,
    pub caller: Speaker,
    upstream: Speaker,
    pub labels: Pair,
    pair: Arc<exchange::Pair>,
    matrix: Matrix,
    /// Of a variant's: the names of what the pair without variants has as well, which shows it.
    shown: HashSet<String>,
    policy: Policy,
    crosswalks: Vec<Crosswalk>,
    principal: Principal,
    now: Timestamp,
}

/// A message at its caller's own server.
pub struct Asked<'m> {
    pub message: &'m Message,
    body: String,
    own: Rc<Stored>,
    /// What that server stored; none: it refused.
    facts: Option<Facts>,
}

impl<'m> Asked<'m> {
    pub fn new(servers: &mut Servers, caller: Speaker, message: &'m Message) -> Asked<'m> {
        let body = message.text();
        let own = servers.make(caller, &message.call(), &body);
        let facts = own.record.as_ref().map(|record| Facts::of(caller.house, record, Some(&message.body)));
        Asked { message, body, own, facts }
    }
}

/// How a request ended: at its own server, and through the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Granted,
    /// By both: by the caller's own server, and on the way through the gateway.
    Refused,
    /// For a loss or a lack that the matrix foretold.
    RefusedAsForetold,
    /// Only one of the two grants it, for a reason that is listed.
    Explained,
    Wrong,
}

impl End {
    pub fn name(self) -> &'static str {
        match self {
            End::Granted => "granted",
            End::Refused => "refused by both",
            End::RefusedAsForetold => "refused as foretold",
            End::Explained => "explained",
            End::Wrong => "wrong",
        }
    }
}

/// What was seen of one request.
pub struct Seen {
    pub end: End,
    /// Lossy cells that were seen, by where they stand.
    pub hits: Vec<usize>,
    pub wrong: Vec<Wrong>,
    pub reasons: Vec<usize>,
}

/// Replies are compared of messages that were changed at so many places.
const MOST_CHANGED: usize = 2;

impl Way {
    /// Between two dialects as they are loaded; two of one vendor stand for two installations. Not where a request
    /// can't be made at all, which is a finding.
    pub fn new(registry: &Registry, pair: &Pair) -> Result<Way, Box<Findings>> {
        let labels = pair.clone();
        let Pair { from, to, .. } = pair;
        let side = |label: &str, space: String| Side {
            dialect: registry.labelled(label).unwrap_or_else(|e| panic!("{e}")).clone(),
            space: space.into(),
        };
        let (own, other) = (Speaker::own(from), Speaker::upstream(to));
        let (caller, upstream) = (own.house, other.house);
        let pair = exchange::Pair::new(
            side(from, caller.to_string()),
            side(to, crosswalks::space(caller, upstream)),
        );
        let policy = Policy::default();
        let Some(matrix) = pair.losses("request.create", &policy) else {
            let wrong = vec![Finding::of(from, to, "no request can be made")];
            return Err(Box::new(Findings { wrong, ..Findings::default() }));
        };
        let shown = match (dialect(from), dialect(to)) {
            (ours, theirs) if (ours, theirs) == (from.as_str(), to.as_str()) => HashSet::new(),
            (ours, theirs) => {
                let pair = exchange::Pair::new(
                    side(ours, caller.to_string()),
                    side(theirs, crosswalks::space(caller, upstream)),
                );
                let matrix = pair.losses("request.create", &policy).unwrap();
                let names = cells_of(&matrix).map(|(asks, cell)| told(&matrix, asks, cell));
                names
                    .chain(places_of(&matrix).map(|(reply, place)| replies::told(&matrix, reply, place)))
                    .collect()
            }
        };
        let principal =
            Principal { name: user_of(caller).to_owned(), as_user: Some(user_of(upstream).to_owned()) };
        Ok(Way {
            from: from.to_owned(),
            to: to.to_owned(),
            caller: own,
            upstream: other,
            labels,
            pair: Arc::new(pair),
            matrix,
            shown,
            policy,
            crosswalks: crosswalks::all(caller, upstream),
            principal,
            now: NOW.parse().unwrap(),
        })
    }

    /// One request through the gateway, beside what became of it at the caller's own server.
    pub fn send(
        &self,
        servers: &mut Servers,
        reasons: &Reasons,
        asked: &Asked<'_>,
        shown: &mut replies::Seen,
    ) -> Seen {
        let Asked { message, body, own, facts } = asked;
        let caller = &self.pair.caller.dialect;
        let recognised = match caller.recognise("POST", message.form.path) {
            Ok(recognised) => recognised,
            Err(why) => return Seen::wrong("no route", "", format!("{why:?}")),
        };
        let incoming =
            Incoming { recognised: &recognised, path: message.form.path, query: None, body: body.as_bytes() };
        let crosswalk = &self.crosswalks[message.form.crosswalk];
        let context = Context { crosswalk, now: self.now, limits: Limits::default() };
        let prepared = ask(&incoming, context, |_| {
            let (pair, principal) = (self.pair.clone(), Cow::Borrowed(&self.principal));
            Ok(Chosen { pair, policy: &self.policy, principal })
        });
        let from = recognised.route.text.as_str();
        let prepared = match (prepared, facts) {
            (Err(fault), None) => return self.both_refuse(reasons, own, message.changed, &fault),
            (Err(fault), Some(asked)) => return self.refused(reasons, from, asked, &fault),
            (Ok(prepared), _) => prepared,
        };
        let sent = prepared.call.body.as_deref().unwrap_or_default();
        let call = format!("{} {}", prepared.call.method, prepared.call.path);
        let stored = servers.ask(self.upstream, &call, std::str::from_utf8(sent).unwrap());
        match (facts, &stored.record) {
            (None, None) => {
                let came = Came { status: stored.status, body: stored.body.as_bytes() };
                match prepared.hear(came, context) {
                    Err(fault) => self.both_refuse(reasons, own, message.changed, &fault),
                    Ok(_) => Seen::wrong("refused, and read as success", "", stored.body.clone()),
                }
            }
            (None, Some(_)) => {
                let explained = reasons.find(About::OwnRefuses, &self.from, &self.to, &own.body);
                Seen::explained(explained, "granted, and its own server refuses", "", own.body.clone())
            }
            (Some(_), None) => {
                let explained = reasons.find(About::UpstreamRefuses, &self.from, &self.to, &stored.body);
                let detail = format!("{}; sent: {}", stored.body, String::from_utf8_lossy(sent));
                Seen::explained(explained, "refused by the upstream alone", "", detail)
            }
            (Some(asked), Some(record)) => {
                let mut seen = self.granted(reasons, from, asked, record, &prepared);
                if message.changed <= MOST_CHANGED && message.form.crosswalk == 0 {
                    let through = Through { call: &call, sent, stored, context };
                    self.reply(servers, reasons, &prepared, &own.body, through, shown, &mut seen);
                }
                seen
            }
        }
    }

    /// Both servers made a request of it.
    fn granted(
        &self,
        reasons: &Reasons,
        from: &str,
        asked: &Facts,
        record: &Record,
        prepared: &Prepared,
    ) -> Seen {
        let stored = Facts::of(self.upstream.house, record, None);
        let path = prepared.call.path.as_str();
        let to = self.pair.upstream.dialect.recognise(prepared.call.method, path);
        let Ok(to) = to else { return Seen::wrong("no route", "", path.to_owned()) };
        let Some(asks) = part(&self.matrix, from, &to.route.text) else {
            return Seen::wrong("no part of the matrix", "", format!("{from} → {}", to.route.text));
        };
        let named = record.requested_for.is_some();
        let both = Both { upstream: self.upstream.house, asked, stored: &stored, prepared, named };
        let mut compared = Compared::records(asks, &both);
        let explained = |wrong: &Wrong| {
            let told = format!("{}: {}: {}", wrong.field, wrong.what, wrong.detail);
            reasons.find(About::Differs, &self.from, &self.to, &told)
        };
        let used: Vec<usize> = compared.wrong.iter().filter_map(explained).collect();
        compared.wrong.retain(|wrong| explained(wrong).is_none());
        let end = match (compared.wrong.is_empty(), used.is_empty()) {
            (true, true) => End::Granted,
            (true, false) => End::Explained,
            (false, _) => End::Wrong,
        };
        let hits = compared.hits.into_iter().filter(|cell| cell.meets.is_told());
        let hits = hits.map(cells::at).collect();
        Seen { end, hits, wrong: compared.wrong, reasons: used }
    }

    fn forms(&self, from: &str) -> impl Iterator<Item = &Asks> {
        let known = self.matrix.asks.iter().any(|asks| asks.from == from);
        self.matrix.asks.iter().filter(move |asks| !known || asks.from == from)
    }

    /// All cells in which something is lost, refused or supplied: where it stands, name and field.
    pub fn lossy(&self) -> impl Iterator<Item = (usize, String, &'static str)> {
        let lossy = cells_of(&self.matrix).filter(|(_, cell)| cell.meets.is_told());
        let lossy = lossy.map(|(asks, cell)| (cells::at(cell), told(&self.matrix, asks, cell), cell.field));
        lossy.filter(|(_, told, _)| !self.is_shown(told))
    }

    /// The places of the replies: where it stands, name, field, whether nobody knows it.
    pub fn places(&self) -> impl Iterator<Item = (usize, String, &'static str, bool)> {
        let places = places_of(&self.matrix).map(|(reply, place)| {
            let field = place.fields.first().copied().unwrap_or_default();
            let told = replies::told(&self.matrix, reply, place);
            (replies::at(place), told, field, replies::is_lossy(place))
        });
        places.filter(|(_, told, ..)| !self.is_shown(told))
    }

    /// Whether the pair without variants has it, too.
    fn is_shown(&self, told: &str) -> bool {
        let without = told.replacen(&self.from, dialect(&self.from), 1);
        let without = match without.split_once(" → ") {
            Some((from, rest)) => format!("{from} → {}", rest.replacen(&self.to, dialect(&self.to), 1)),
            None => without,
        };
        self.shown.contains(&without)
    }

    pub fn unseen(&self, told: String, field: &str) -> Finding {
        let entries = self.entries(field);
        Finding {
            field: field.to_owned(),
            detail: told,
            entries,
            ..Finding::of(&self.from, &self.to, "never seen")
        }
    }

    pub fn finding(&self, wrong: Wrong, message: &Message) -> Finding {
        Finding {
            entries: self.entries(&wrong.field),
            field: wrong.field,
            detail: wrong.detail,
            message: format!("{} {}", message.call(), message.text()),
            ..Finding::of(&self.from, &self.to, wrong.what)
        }
    }

    /// The entries of both tables that carry a field, as file and line.
    fn entries(&self, field: &str) -> Vec<String> {
        let mut found = Vec::new();
        for dialect in [&self.pair.caller.dialect, &self.pair.upstream.dialect] {
            found.extend(entries(dialect, field, files()));
        }
        found
    }
}

/// The dialect of a label.
fn dialect(label: &str) -> &str {
    label.split('/').next().unwrap_or_default()
}

fn cells_of(matrix: &Matrix) -> impl Iterator<Item = (&Asks, &Cell)> {
    matrix.asks.iter().flat_map(|asks| asks.cells.iter().map(move |cell| (asks, cell)))
}

fn places_of(matrix: &Matrix) -> impl Iterator<Item = (&Reply, &Place)> {
    matrix.replies.iter().flat_map(|reply| reply.places.iter().map(move |place| (reply, place)))
}

fn entries(dialect: &Dialect, field: &str, files: &Files) -> Vec<String> {
    let Some(operation) = dialect.operation("request.create") else { return Vec::new() };
    let sent = operation.routes.iter().filter_map(|route| route.send);
    let mut found: Vec<String> = Vec::new();
    for number in sent {
        let message = &dialect.message(number).message;
        let fields = Shape::Access.fields().iter().filter(|known| is_of(field, known.name));
        let origins = fields.filter_map(|known| message.origin(Shape::Access.find(known.name)?));
        for origin in origins {
            let source = &files.mappings[&dialect.name];
            let line = source.line_column(origin.start.min(source.text.len())).0;
            let told = format!("{}:{line}", dialect.file);
            if !found.contains(&told) {
                found.push(told);
            }
        }
    }
    found
}

impl Seen {
    fn end(end: End) -> Seen {
        Seen { end, hits: Vec::new(), wrong: Vec::new(), reasons: Vec::new() }
    }

    fn wrong(what: &'static str, field: &str, detail: String) -> Seen {
        let wrong = vec![Wrong { what, field: field.to_owned(), detail }];
        Seen { wrong, ..Seen::end(End::Wrong) }
    }

    fn explained(reason: Option<usize>, what: &'static str, field: &str, detail: String) -> Seen {
        match reason {
            Some(reason) => Seen { reasons: vec![reason], ..Seen::end(End::Explained) },
            None => Seen::wrong(what, field, detail),
        }
    }
}

/// Who is signed in, as each house names it.
fn user_of(house: House) -> &'static str {
    house.vendor().map_or(vaultline::USER, own::user_of)
}

/// Who is signed in at all servers, as our own lists have it.
const REQUESTER: &str = "Jane";
