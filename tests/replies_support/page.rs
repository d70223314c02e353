//! The comparison, place by place, and the page that is made of it.
use std::fmt::Write as _;

use pamgate::sandbox::Vendor;
use serde_json::Value;

use super::reasons::Reasons;

/// How a place came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Same,
    Differs,
    Blank,
    Absent,
}

impl Kind {
    fn of(own: &Value, through: Option<&Value>) -> Kind {
        match through {
            None => Kind::Absent,
            Some(through) if own == through => Kind::Same,
            Some(Value::Null) => Kind::Blank,
            Some(Value::String(text)) if text.is_empty() => Kind::Blank,
            Some(Value::Array(items)) if items.is_empty() => Kind::Blank,
            Some(Value::Object(items)) if items.is_empty() => Kind::Blank,
            Some(_) => Kind::Differs,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Same => "same",
            Kind::Differs => "**differs**",
            Kind::Blank => "**blank**",
            Kind::Absent => "**absent**",
        }
    }
}

#[derive(Debug)]
struct Row {
    kind: Kind,
    /// Those that came out so; the values are the first's.
    cases: Vec<&'static str>,
    own: String,
    through: String,
}

#[derive(Debug)]
struct Compared {
    place: String,
    /// One for each kind, of the first case that came out so.
    rows: Vec<Row>,
    why: Option<String>,
}

/// One caller and one upstream.
#[derive(Debug)]
pub struct Section {
    caller: Vendor,
    upstream: Vendor,
    cases: Vec<&'static str>,
    places: Vec<Compared>,
}

impl Section {
    pub fn new(caller: Vendor, upstream: Vendor) -> Section {
        Section { caller, upstream, cases: Vec::new(), places: Vec::new() }
    }

    pub fn compare(&mut self, case: &'static str, own: &Value, through: &Value) {
        self.cases.push(case);
        let (mut own_places, mut through_places) = (Vec::new(), Vec::new());
        flatten("", own, &mut own_places);
        flatten("", through, &mut through_places);
        let find = |places: &[(String, Value)], place: &str| {
            places.iter().find(|(known, _)| known == place).map(|(_, value)| value.clone())
        };
        for (place, own) in &own_places {
            let through = find(&through_places, place);
            self.add(case, place, Kind::of(own, through.as_ref()), Some(own), through.as_ref());
        }
        // What the caller's own server wouldn't say at all.
        for (place, through) in &through_places {
            if find(&own_places, place).is_none() {
                self.add(case, place, Kind::Differs, None, Some(through));
            }
        }
    }

    fn add(
        &mut self,
        case: &'static str,
        place: &str,
        kind: Kind,
        own: Option<&Value>,
        through: Option<&Value>,
    ) {
        let at = match self.places.iter().position(|known| known.place == place) {
            Some(at) => at,
            None => {
                self.places.push(Compared { place: place.to_owned(), rows: Vec::new(), why: None });
                self.places.len() - 1
            }
        };
        let rows = &mut self.places[at].rows;
        match rows.iter_mut().find(|row| row.kind == kind) {
            Some(row) => row.cases.push(case),
            None => rows.push(Row { kind, cases: vec![case], own: shown(own), through: shown(through) }),
        }
        rows.sort_by_key(|row| row.kind);
    }

    /// Gives each place that is not the same its reason; tells those that have none.
    pub fn explain(&mut self, reasons: &mut Reasons) -> Vec<String> {
        let mut missing = Vec::new();
        for place in &mut self.places {
            let Some(row) = place.rows.iter().find(|row| row.kind != Kind::Same) else { continue };
            place.why = reasons.why(self.caller, self.upstream, &place.place);
            if place.why.is_none() {
                missing.push(format!(
                    "{} to {}: {} {} without a reason, in \"{}\": own {}, through the gateway {}",
                    self.caller,
                    self.upstream,
                    place.place,
                    row.kind.name().trim_matches('*'),
                    row.cases.join("; "),
                    row.own,
                    row.through
                ));
            }
        }
        missing
    }

    fn counts(&self) -> String {
        let count = |kind: Kind| self.places.iter().filter(|place| place.worst() == kind).count();
        let mut out = format!("{} places", self.places.len());
        for (kind, words) in [
            (Kind::Same, "the same in all cases"),
            (Kind::Differs, "differ in some"),
            (Kind::Blank, "blank in some"),
            (Kind::Absent, "absent in some"),
        ] {
            let _ = write!(out, ", {} {words}", count(kind));
        }
        out
    }
}

impl Compared {
    fn worst(&self) -> Kind {
        self.rows.iter().map(|row| row.kind).max().unwrap_or(Kind::Same)
    }
}

/// Objects by their members; a list is one value.
fn flatten(place: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let below = if place.is_empty() { name.clone() } else { format!("{place}/{name}") };
                flatten(&below, value, out);
            }
        }
        value => out.push((place.to_owned(), value.clone())),
    }
}

const WIDEST: usize = 90;

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "(no such place)".to_owned() };
    let text = value.to_string();
    let mut short: String = text.chars().take(WIDEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{}`", short.replace('|', "\\|"))
}

const HEAD: &str = "\
# The whole reply

What a caller is answered to `request.create` when its request went to another vendor's server, compared place by place \
with what its own vendor's server answers to the same bytes. Both servers are the sandboxes (docs/sandbox.md), both at \
the same moment; the gateway has nothing but the built-in tables and `src/sandbox/crosswalk.csv`.

A reply is what was asked, overlaid by what the upstream said (asked again where creating doesn't tell), overlaid by \
what the gateway knows: ids, the principal, the clock, the crosswalk. What nobody can know is blank.

**This page is made by a command and checked by a test**: `PAMGATE_WRITE=1 cargo test --test replies` writes it, and \
`cargo test --test replies` fails where it is stale, where a place is not the same and `tests/replies_reasons.toml` has \
no reason for it, and where a reason explains nothing any more.

*same*: in all cases. *differs*, *blank*: in all cases, or in those named; the values are those of the first. A place \
can come out in more ways than one; then it has a row for each. A list is compared as one value.

BeyondTrust callers are not listed: the reply to creating is a bare id, `201` and an integer, and so it is through the \
gateway (the number is the gateway's own).
";

pub fn whole(sections: &[Section]) -> String {
    let mut out = HEAD.to_owned();
    for section in sections {
        let _ =
            write!(out, "\n## {} caller, {} upstream\n\n", title(section.caller), title(section.upstream));
        let _ = write!(out, "{}. Cases: {}.\n\n", section.counts(), section.cases.join("; "));
        out.push_str(
            "| place | own server says | through the gateway | | reason |\n| --- | --- | --- | --- | --- |\n",
        );
        for place in &section.places {
            let all = section.cases.len();
            // Beside a row that isn't the same, one that is only says how many are left.
            for row in place.rows.iter().filter(|row| row.kind != Kind::Same || place.rows.len() == 1) {
                let (kind, why) = match row.kind {
                    Kind::Same => (row.kind.name().to_owned(), ""),
                    _ => (
                        format!("{}{}", row.kind.name(), in_cases(row, all)),
                        place.why.as_deref().unwrap_or_default(),
                    ),
                };
                let _ = writeln!(out, "| {} | {} | {} | {kind} | {why} |", place.place, row.own, row.through);
            }
        }
    }
    out
}

/// In which cases, where not in all.
fn in_cases(row: &Row, all: usize) -> String {
    match row.cases.len() {
        many if many == all => String::new(),
        many => format!(" in {many} of {all}: {}", row.cases.join("; ")),
    }
}

fn title(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::BeyondTrust => "BeyondTrust",
        Vendor::CyberArk => "CyberArk",
        Vendor::Safeguard => "Safeguard",
    }
}
