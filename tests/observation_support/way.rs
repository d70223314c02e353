//! The way of a request from one dialect to another: own server, gateway, upstream.
//!
//! Start at [`Way::send`]; the way back is [`reply`].
mod reply;
use std::borrow::Cow;
use std::sync::Arc;

use pamgate::canonical::{Fault, Shape, Treatment};
use pamgate::crosswalk::Crosswalk;
use pamgate::dialect::{Dialect, Files, Registry};
use pamgate::exchange::matrix::{Asks, Cell, Matrix, Meets, Place, Reply};
use pamgate::exchange::{Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};
use pamgate::json::Limits;
use pamgate::sandbox::{Record, Vendor};

use super::cells::{is_of, is_reference, part, told};
use super::compare::{Both, Compared, Wrong, refusals};
use super::crosswalks;
use super::facts::{FIELDS, Facts};
use super::messages::Message;
use super::reasons::{About, Reasons};
use super::replies;
use super::servers::Servers;
use super::{Finding, vendor};
use crate::sandbox_support::NOW;
use crate::sandbox_support::own::user_of;
use reply::Through;

/// What stands between two dialects, made once.
pub struct Way {
    pub from: String,
    pub to: String,
    pair: Arc<Pair>,
    matrix: Matrix,
    policy: Policy,
    crosswalks: Vec<Crosswalk>,
    principal: Principal,
    files: Files,
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
    /// Names of lossy cells.
    pub hits: Vec<String>,
    pub wrong: Vec<Wrong>,
    pub reasons: Vec<usize>,
}

/// Replies are compared of messages that were changed at so many places.
const MOST_CHANGED: usize = 1;

impl Way {
    /// Between two dialects as they are loaded; two of one vendor stand for two installations. None where a request
    /// can't be made at all.
    pub fn new(registry: &Registry, from: &str, to: &str) -> Option<Way> {
        let side = |label: &str, space: String| Side {
            dialect: registry.labelled(label).unwrap_or_else(|e| panic!("{e}")).clone(),
            space: space.into(),
        };
        let (caller, upstream) = (vendor(from), vendor(to));
        let pair = Pair::new(side(from, caller.to_string()), side(to, crosswalks::space(caller, upstream)));
        let policy = Policy::default();
        let matrix = pair.losses("request.create", &policy)?;
        let principal =
            Principal { name: user_of(caller).to_owned(), as_user: Some(user_of(upstream).to_owned()) };
        Some(Way {
            from: from.to_owned(),
            to: to.to_owned(),
            pair: Arc::new(pair),
            matrix,
            policy,
            crosswalks: crosswalks::all(caller, upstream),
            principal,
            files: Files::built_in(),
        })
    }

    pub fn caller(&self) -> Vendor {
        vendor(&self.from)
    }

    fn upstream(&self) -> Vendor {
        vendor(&self.to)
    }

    /// One request: to the caller's own server, and through the gateway.
    pub fn send(
        &self,
        servers: &mut Servers,
        reasons: &Reasons,
        message: &Message<'_>,
        shown: &mut replies::Seen,
    ) -> Seen {
        let body = message.text();
        let own = servers.ask(self.caller(), &message.call(), &body);
        let asked = own.record.as_ref().map(|record| Facts::of(self.caller(), record, Some(&message.body)));
        let caller = &self.pair.caller.dialect;
        let recognised = match caller.recognise("POST", message.form.path) {
            Ok(recognised) => recognised,
            Err(why) => return Seen::wrong("no route", "", format!("{why:?}")),
        };
        let incoming =
            Incoming { recognised: &recognised, path: message.form.path, query: None, body: body.as_bytes() };
        let now = NOW.parse().unwrap();
        let crosswalk = &self.crosswalks[message.form.crosswalk];
        let context = Context { crosswalk, now, limits: Limits::default() };
        let prepared = ask(&incoming, context, |_| {
            let (pair, principal) = (self.pair.clone(), Cow::Borrowed(&self.principal));
            Ok(Chosen { pair, policy: &self.policy, principal })
        });
        let from = recognised.route.text.as_str();
        let prepared = match (prepared, &asked) {
            (Err(_), None) => return Seen::end(End::Refused),
            (Err(fault), Some(asked)) => return self.refused(reasons, from, asked, &fault),
            (Ok(prepared), _) => prepared,
        };
        let sent = prepared.call.body.as_deref().unwrap_or_default();
        let call = format!("{} {}", prepared.call.method, prepared.call.path);
        let stored = servers.ask(self.upstream(), &call, std::str::from_utf8(sent).unwrap());
        match (&asked, &stored.record) {
            (None, None) => Seen::end(End::Refused),
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
        let stored = Facts::of(self.upstream(), record, None);
        let path = prepared.call.path.as_str();
        let to = self.pair.upstream.dialect.recognise(prepared.call.method, path);
        let Ok(to) = to else { return Seen::wrong("no route", "", path.to_owned()) };
        let Some(asks) = part(&self.matrix, from, &to.route.text) else {
            return Seen::wrong("no part of the matrix", "", format!("{from} → {}", to.route.text));
        };
        let named = record.requested_for.is_some();
        let both = Both { upstream: self.upstream(), asked, stored: &stored, prepared, named };
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
        let hits = hits.map(|cell| told(&self.matrix, asks, cell)).collect();
        Seen { end, hits, wrong: compared.wrong, reasons: used }
    }

    /// The gateway refused what the own server grants.
    fn refused(&self, reasons: &Reasons, from: &str, asked: &Facts, fault: &Fault) -> Seen {
        let (mut hits, mut foretold) = (Vec::new(), Vec::new());
        let texts =
            || fault.problems.iter().map(|problem| problem.text.as_str()).chain([fault.text.as_str()]);
        let names = |cell: &Cell| texts().any(|text| text.split([' ', ',']).any(|word| word == cell.field));
        for asks in self.forms(from) {
            for (_, cell) in refusals(asks, asked) {
                let fits = match &cell.meets {
                    Meets::Fits { fit, .. } => {
                        let refused =
                            fault.losses.iter().filter(|loss| loss.field == cell.field && loss.fit == *fit);
                        foretold.extend(refused.clone().map(|loss| loss.field));
                        fault.word == "invalid.not-carried" && refused.count() > 0
                    }
                    _ => fault.word == "invalid.incomplete" && names(cell),
                };
                if fits {
                    hits.push(told(&self.matrix, asks, cell));
                }
            }
        }
        if !hits.is_empty() {
            // All that it is refused for, and not only the first.
            if let Some(other) = fault.losses.iter().find(|loss| !foretold.contains(&loss.field)) {
                let all: Vec<String> = fault.losses.iter().map(ToString::to_string).collect();
                let told = format!("{}: {}", fault.word, all.join("; "));
                let explained = reasons.find(About::GatewayRefuses, &self.from, &self.to, &told);
                return Seen::explained(explained, "refused, and not foretold", other.field, told);
            }
            return Seen { end: End::RefusedAsForetold, hits, wrong: Vec::new(), reasons: Vec::new() };
        }
        // Said by the upstream's session: it is refused where that is somebody else's.
        let other = fault.word == "not-permitted.other-requester"
            && asked.text("requester") != Some(REQUESTER)
            && self.forms(from).any(|asks| asks.cells.iter().any(|cell| cell.field == "requester"));
        if other || self.forms(from).any(|asks| notes_too_long(asks, asked, fault)) {
            return Seen::end(End::RefusedAsForetold);
        }
        let detail = format!("{}: {:?} {:?}", fault.word, texts().collect::<Vec<_>>(), fault.cause);
        let explained = reasons.find(About::GatewayRefuses, &self.from, &self.to, &detail);
        Seen::explained(explained, "refused by the gateway alone", fault.word, detail)
    }

    fn forms(&self, from: &str) -> impl Iterator<Item = &Asks> {
        let known = self.matrix.asks.iter().any(|asks| asks.from == from);
        self.matrix.asks.iter().filter(move |asks| !known || asks.from == from)
    }

    /// All cells in which something is lost, refused or supplied: name and field.
    pub fn lossy(&self) -> Vec<(String, &'static str)> {
        let cells = self.matrix.asks.iter().flat_map(|asks| asks.cells.iter().map(move |cell| (asks, cell)));
        let lossy = cells.filter(|(_, cell)| cell.meets.is_told());
        lossy.map(|(asks, cell)| (told(&self.matrix, asks, cell), cell.field)).collect()
    }

    /// The places of the replies: name, fields, whether nobody knows it.
    pub fn places(&self) -> Vec<(String, &'static str, bool)> {
        let replies = self.matrix.replies.iter();
        let places = replies.flat_map(|reply| reply.places.iter().map(move |place| (reply, place)));
        let of = |(reply, place): (&Reply, &Place)| {
            let field = place.fields.first().copied().unwrap_or_default();
            (replies::told(&self.matrix, reply, place), field, replies::is_lossy(place))
        };
        places.map(of).collect()
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

    pub fn finding(&self, wrong: Wrong, message: &Message<'_>) -> Finding {
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
            found.extend(entries(dialect, field, &self.files));
        }
        found
    }
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

/// Who is signed in at all servers, as our own lists have it.
const REQUESTER: &str = "Jane";

/// The characters that a reason may have, at whichever server.
const LONGEST_REASON: usize = 1000;

/// Where the reason has no room left for a note, the request is refused.
fn notes_too_long(asks: &Asks, asked: &Facts, fault: &Fault) -> bool {
    let Some(named) = fault.text.strip_prefix("what must be noted of ") else { return false };
    let named = named.trim_end_matches(" does not fit into the reason").split(", ");
    let mut length = asked.text("reason.text").map_or(0, |reason| reason.chars().count());
    for name in named {
        let noted = asks.cells.iter().any(|cell| {
            let note =
                matches!(&cell.meets, Meets::Fits { treatment: Some(Treatment::Note), wrote: None, .. });
            cell.field == name && note
        });
        let fact = FIELDS.iter().find(|fact| is_of(fact, name));
        let (Some(fact), true) = (fact, noted) else { return false };
        let sentence = Shape::Access.find(name).map_or(0, |id| Shape::Access.field(id).note.chars().count());
        // Of a reference, at most its name.
        // What nobody is seen to have asked for is as long as it may be.
        let value = asked.text(fact).map_or(LONGEST_REASON, |value| value.chars().count());
        length += 1 + sentence + if is_reference(fact) { value.max(20) } else { value };
    }
    length > LONGEST_REASON
}
