//! The explanation for people: a row for each value of the message, from where it stood to where it went.
//!
//! Start at [`told`]. Knows `layout`; decides only what stands beside what.
use std::collections::BTreeSet;
use std::path::Path;

use crate::canonical::{Fit, Treatment};
use crate::diagnostic::plain;
use crate::exchange::explain::{Became, Explanation, Fate, Part, Read, Refused, Supplier};
use crate::mapping::{Held, Stand, Taken, Took, Wrote};

use super::layout::{Cell, Look, Paint, columns, painted, paragraph};
use super::written::{Written, top};

/// What is explained.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'c> {
    /// The dialect that the message came in, and the other.
    pub(super) from: &'c str,
    pub(super) to: &'c str,
    pub(super) operation: &'c str,
    pub(super) reply: bool,
    /// The caller's method and path; of a reply, nothing.
    pub(super) called: &'c str,
    /// The method and path that come of it; of a reply, the status; nothing where it was refused.
    pub(super) calls: &'c str,
    /// What the caller is answered where it was refused: the status and the body.
    pub(super) answered: Option<(u16, &'c str)>,
}

/// More of a value is not shown: in JSON it is whole.
const LETTERS: usize = 60;

/// Place and value, line, canonical value, what happened, place and value, line.
type Row = [Cell; 6];

/// All of it.
pub(super) fn told(case: &Case<'_>, explanation: &Explanation, look: Look) -> String {
    let mut out = String::new();
    let what = if case.reply { " reply" } else { "" };
    let head = format!("{} → {}   {}{what}", case.from, case.to, case.operation);
    out.push_str(&painted(&head, Paint::Bold, look.colour));
    out.push('\n');
    let calls = if case.calls.is_empty() { "refused" } else { case.calls };
    let called = match case.called {
        "" => calls.to_owned(),
        called => format!("{called} → {calls}"),
    };
    paragraph(&plain(&called), Paint::Dim, look, &mut out);
    if case.reply {
        reply(case, explanation, look, &mut out);
    } else {
        request(case, explanation, look, &mut out);
    }
    files(explanation, look, &mut out);
    if let Some(wrong) = &explanation.refused {
        refused(wrong, case, look, &mut out);
    }
    out
}

fn request(case: &Case<'_>, explanation: &Explanation, look: Look, out: &mut String) {
    let names = [case.from, "line", "means", "what becomes of it", case.to, "line"];
    let mut rows = vec![heading(names)];
    let mut rest = Written { all: &explanation.written, shown: BTreeSet::new() };
    let mut told = BTreeSet::new();
    for read in &explanation.read {
        let of = |became: &&Became| says(&became.said, &read.taken.held);
        let Some(became) = explanation.became.iter().find(of) else {
            rows.push(read_row(read, explanation));
            continue;
        };
        // All that says the same stands together, where the first of it stood.
        if told.insert(became.said.first().map(|held| &held.field)) {
            let all = explanation.read.iter().filter(|read| says(&became.said, &read.taken.held));
            rows.extend(block(all.collect(), became, &mut rest));
        }
    }
    for became in explanation.became.iter().filter(|became| became.said.is_empty()) {
        rows.extend(block(Vec::new(), became, &mut rest));
    }
    let left = rest.left();
    rows.extend(left.into_iter().map(|wrote| {
        let [place, line] = written(wrote);
        let why = format!("{}{}", wrote.why.told(), also(&wrote.held));
        [Cell::default(), Cell::default(), Cell::default(), Cell::painted(why, Paint::Dim), place, line]
    }));
    if explanation.unchanged {
        out.push_str("\n  goes through as it came; of it was read:\n");
    }
    out.push('\n');
    match look.width < WIDE {
        false => columns(&rows, look, out),
        true => columns(&narrow(rows), look, out),
    }
}

/// From how many columns on both messages stand beside each other.
const WIDE: usize = 100;

/// Where the other message has no columns of its own, its places stand below what became of the value.
fn narrow(rows: Vec<Row>) -> Vec<[Cell; 4]> {
    let merged = |(number, [place, line, means, what, to, to_line]): (usize, Row)| {
        let to = match to.text.as_str() {
            "" => String::new(),
            text if number == 0 => format!("→ {text}"),
            text => format!("→ {text}  {}", to_line.text),
        };
        let told = matches!(what.paint, Paint::Told | Paint::Refused) || to.is_empty() || number == 0;
        let paint = if told { what.paint } else { Paint::Plain };
        let lines: Vec<&str> =
            [what.text.as_str(), &to].into_iter().filter(|text| !text.is_empty()).collect();
        [place, line, means, Cell::painted(lines.join("\n"), paint)]
    };
    rows.into_iter().enumerate().map(merged).collect()
}

fn reply(case: &Case<'_>, explanation: &Explanation, look: Look, out: &mut String) {
    let mut rows = vec![heading([case.from, "line", "means", "what becomes of it"])];
    let heard = explanation.read.iter().map(|read| &read.taken).chain(&explanation.again);
    rows.extend(heard.map(|taken| {
        let [place, line] = taken_cells(taken);
        [place, line, means(&taken.held), Cell::painted(plain(&taken.took.told()), Paint::Dim)]
    }));
    out.push('\n');
    columns(&rows, look, out);
    if explanation.unchanged {
        return out.push_str("\n  goes through as it came\n");
    }
    // What somebody knows first: in a document of sixty places it would stand between blanks.
    let (known, blank): (Vec<&Wrote>, Vec<&Wrote>) =
        explanation.written.iter().partition(|wrote| wrote.why.told().is_empty());
    let mut rows = vec![heading([case.to, "line", "says", "who knew it"])];
    rows.extend(known.into_iter().chain(blank).map(|wrote| {
        let [place, line] = written(wrote);
        let knew: BTreeSet<&str> = wrote.held.iter().filter_map(|held| knower(explanation, held)).collect();
        let why = match wrote.why.told() {
            "" => knew.into_iter().collect::<Vec<_>>().join(", "),
            why => why.to_owned(),
        };
        [place, line, means(&wrote.held), Cell::painted(why, Paint::Dim)]
    }));
    out.push('\n');
    columns(&rows, look, out);
}

fn heading<const N: usize>(names: [&str; N]) -> [Cell; N] {
    // A line's column is narrow: its numbers say what they are.
    names.map(|name| Cell::painted(if name == "line" { "" } else { name }, Paint::Bold))
}

fn knower<'e>(explanation: &'e Explanation, held: &Held) -> Option<&'e str> {
    let name = top(&held.field);
    explanation.known.iter().find(|known| known.held.field == name).map(|known| known.by.as_str())
}

fn says(said: &[Held], held: &[Held]) -> bool {
    held.iter().any(|one| said.iter().any(|said| said.field == top(&one.field)))
}

/// The rows of what stands or falls together.
fn block(read: Vec<&Read>, became: &Became, rest: &mut Written<'_>) -> Vec<Row> {
    let mut left: Vec<[Cell; 3]> = Vec::new();
    let mut shown: Vec<&Held> = Vec::new();
    for one in read {
        let new: Vec<Held> = one.taken.held.iter().filter(|held| !shown.contains(held)).cloned().collect();
        shown.extend(&one.taken.held);
        let [place, line] = place_cells(one);
        left.push([place, line, means(&new)]);
    }
    if left.is_empty() {
        let added: Vec<Held> = became.fates.iter().map(|fate| fate.held.clone()).collect();
        left.push([Cell::default(), Cell::default(), means(&added)]);
    }
    let mut middle: Vec<Cell> = Vec::new();
    let mut right: Vec<[Cell; 2]> = Vec::new();
    if let Some(crossed) = &became.crossed {
        middle.push(Cell::new(plain(&short(&crossed.by))));
    }
    if let Some(by) = became.supplied {
        middle.push(Cell::painted(supplied(by), Paint::Told));
    }
    if !became.why.is_empty() {
        middle.push(Cell::painted(became.why, Paint::Dim));
    }
    for fate in &became.fates {
        let (new, others) = rest.of(&fate.held.field);
        let named = became.crossed.is_some().then(|| told_value(&fate.held));
        let (what, paint) = met(fate);
        let others =
            if others.is_empty() { String::new() } else { format!("in {}", plain(&others.join(", "))) };
        let parts: Vec<String> =
            [named.unwrap_or_default(), what, others].into_iter().filter(|part| !part.is_empty()).collect();
        middle.push(Cell::painted(parts.join(": "), paint));
        right.extend(new.into_iter().map(written));
    }
    // What has no row of its own stands in the first one.
    let beside = left.len().max(right.len());
    while middle.len() > beside {
        let first = middle.remove(0);
        let next = &mut middle[0];
        next.text = format!("{}\n{}", first.text, next.text);
    }
    let height = beside;
    let mut rows: Vec<Row> = Vec::with_capacity(height);
    let (mut left, mut middle, mut right) = (left.into_iter(), middle.into_iter(), right.into_iter());
    for _ in 0..height {
        let [place, line, means] = left.next().unwrap_or_default();
        let [to, to_line] = right.next().unwrap_or_default();
        rows.push([place, line, means, middle.next().unwrap_or_default(), to, to_line]);
    }
    rows
}

fn read_row(read: &Read, explanation: &Explanation) -> Row {
    let [place, line] = place_cells(read);
    let wrong = explanation.problems.iter().find(|one| Some(&one.pointer) == read.taken.place.as_ref());
    let what = match wrong {
        Some(wrong) => Cell::painted(plain(&wrong.text), Paint::Refused),
        None => Cell::painted(plain(&read.taken.took.told()), Paint::Dim),
    };
    [place, line, means(&read.taken.held), what, Cell::default(), Cell::default()]
}

fn place_cells(read: &Read) -> [Cell; 2] {
    let [mut place, line] = taken_cells(&read.taken);
    if let Some((spelt, value)) = &read.spelt {
        place.text = at(spelt, value);
    }
    match read.part {
        Part::Body => [place, line],
        part => [Cell { text: format!("{} {}", part.as_str(), place.text), ..place }, line],
    }
}

fn taken_cells(taken: &Taken) -> [Cell; 2] {
    let line = line(taken.by.as_ref());
    match (&taken.place, &taken.value) {
        (Some(place), Some(value)) => [Cell::new(at(place, value)), line],
        (Some(place), None) => {
            [Cell::painted(format!("{} (not there)", plain(name(place))), Paint::Dim), line]
        }
        (None, _) => {
            let what = if taken.took == Took::Always { "(always)" } else { "(not there)" };
            [Cell::painted(what, Paint::Dim), line]
        }
    }
}

fn written(wrote: &Wrote) -> [Cell; 2] {
    [Cell::new(at(&wrote.place, &wrote.value)), line(wrote.by.as_ref())]
}

fn line(stand: Option<&Stand>) -> Cell {
    Cell::painted(stand.map_or(String::new(), |stand| format!(":{}", stand.line)), Paint::Dim)
}

fn short(stand: &Stand) -> String {
    let name = Path::new(&stand.file).file_name().map(|name| name.to_string_lossy().into_owned());
    format!("{}:{}", name.unwrap_or_else(|| stand.file.clone()), stand.line)
}

fn name(place: &str) -> &str {
    match place.strip_prefix('/').unwrap_or(place) {
        "" => "(all of it)",
        name => name,
    }
}

fn at(place: &str, value: &str) -> String {
    format!("{} = {}", plain(name(place)), cut(value))
}

fn told_value(held: &Held) -> String {
    let unsaid = if held.said { "" } else { " (unsaid)" };
    format!("{} = {}{unsaid}", plain(&held.field), cut(&held.value))
}

fn means(held: &[Held]) -> Cell {
    let all: Vec<String> = held.iter().map(told_value).collect();
    Cell::new(all.join("\n"))
}

/// What else a place of several values says.
fn also(held: &[Held]) -> String {
    match held.is_empty() {
        true => String::new(),
        false => format!(" ({})", held.iter().map(told_value).collect::<Vec<_>>().join(", ")),
    }
}

/// On one line, harmless to a terminal, and not too long.
fn cut(text: &str) -> String {
    let plain = plain(text);
    match plain.char_indices().nth(LETTERS) {
        Some((at, _)) => format!("{}…", plain.get(..at).unwrap_or_default()),
        None => plain,
    }
}

fn supplied(by: Supplier) -> &'static str {
    match by {
        Supplier::AsUser => "supplied: who the server is called as",
        Supplier::Configured => "supplied, as configured",
        Supplier::Default => "supplied by default: the server needs it",
    }
}

/// What a value met, in words.
fn met(fate: &Fate) -> (String, Paint) {
    let fit = fate.fit.map_or("", Fit::as_str);
    let by = if fate.configured { ", as configured" } else { "" };
    match (fate.treatment, &fate.wrote) {
        (Some(Treatment::Refuse), _) => {
            let why = if fate.why.is_empty() { String::new() } else { format!(": {}", fate.why) };
            (format!("{fit}: refused{by}{why}"), Paint::Refused)
        }
        (Some(_), Some(wrote)) => (format!("{fit}: {} is written, and told", plain(wrote)), Paint::Told),
        (Some(Treatment::Drop), None) => (format!("{fit}: dropped{by}, and told"), Paint::Told),
        (Some(Treatment::Note), None) => {
            let note = fate.note.as_deref().map(|note| format!(" “{}”", plain(note)));
            (format!("{fit}: noted{by}{}", note.unwrap_or_default()), Paint::Told)
        }
        (None, _) => {
            // That nothing is lost is plain where it arrives.
            let why = if fate.fit == Some(Fit::Exact) { "" } else { fate.why };
            let parts = [fit, why].into_iter().filter(|part| !part.is_empty());
            (parts.collect::<Vec<_>>().join(": "), Paint::Dim)
        }
    }
}

/// The files whose lines were told.
fn files(explanation: &Explanation, look: Look, out: &mut String) {
    let read = explanation.read.iter().map(|read| &read.taken).chain(&explanation.again);
    let read: BTreeSet<&str> = read.filter_map(|taken| Some(taken.by.as_ref()?.file.as_str())).collect();
    let written = explanation.written.iter().filter_map(|wrote| Some(wrote.by.as_ref()?.file.as_str()));
    let written: BTreeSet<&str> = written.collect();
    let crossed = explanation.became.iter().filter_map(|one| Some(one.crossed.as_ref()?.by.file.as_str()));
    let crossed: BTreeSet<&str> = crossed.collect();
    let told: Vec<String> = [("read by", read), ("written by", written), ("crosswalk", crossed)]
        .into_iter()
        .filter(|(_, files)| !files.is_empty())
        .map(|(what, files)| format!("{what} {}", files.into_iter().collect::<Vec<_>>().join(", ")))
        .collect();
    if !told.is_empty() {
        out.push('\n');
        paragraph(&plain(&told.join("; ")), Paint::Dim, look, out);
    }
}

fn refused(refused: &Refused, case: &Case<'_>, look: Look, out: &mut String) {
    let fault = &refused.fault;
    out.push('\n');
    let head = format!("refused at the step “{}”, as {}", refused.step.as_str(), fault.word);
    paragraph(&head, Paint::Refused, look, out);
    for problem in &fault.problems {
        let place =
            if problem.pointer.is_empty() { String::new() } else { format!("{}: ", name(&problem.pointer)) };
        paragraph(&plain(&format!("{place}{}", problem.text)), Paint::Plain, look, out);
    }
    let text = fault.problems.is_empty().then_some(fault.text.as_str()).filter(|text| !text.is_empty());
    for text in text.into_iter().chain(fault.cause.as_deref()) {
        paragraph(&plain(text), Paint::Plain, look, out);
    }
    if let Some((status, body)) = case.answered {
        let colon = if body.is_empty() { "" } else { ":" };
        paragraph(&format!("the caller is answered {status}{colon}"), Paint::Plain, look, out);
        // Whole, for whoever copies it.
        if !body.is_empty() {
            out.push_str(&format!("{}\n", plain(body)));
        }
    }
}
