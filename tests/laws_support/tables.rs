//! Bytes → a dialect's table, and perhaps one of its schemas: never a panic, and what passes the checks can be asked
//! for everything that a table tells.
//!
//! The first byte chooses the dialect whose other files stay as they are. Then come the table, and after a `0xff` the
//! number of a schema (a byte) with its text.
use std::collections::BTreeMap;
use std::sync::Arc;

use pamgate::canonical::Fault;
use pamgate::canonical::fault::FAULTS;
use pamgate::diagnostic::{Diagnostics, Source};
use pamgate::dialect::{Dialect, Files, Registry};
use pamgate::exchange::{Pair, Side};
use pamgate::json::{Builder, Limits};
use pamgate::mapping::Reading;

use super::world::WORLD;

/// Whether a table passed its checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    Passed,
    Refused,
}

/// The dialects, as a run numbers them.
pub fn names() -> Vec<&'static str> {
    WORLD.files.mappings.keys().map(String::as_str).collect()
}

/// The schemas of a dialect, as a run numbers them.
pub fn schemas(dialect: &str) -> Vec<&'static str> {
    let all = WORLD.files.schemas.keys();
    all.filter(|(of, _)| of == dialect).map(|(_, name)| name.as_str()).collect()
}

/// Checks the table that bytes are, and asks it everything.
pub fn run(bytes: &[u8]) -> Result<Checked, String> {
    let Some((number, rest)) = bytes.split_first() else { return Ok(Checked::Refused) };
    let names = names();
    let dialect = names[usize::from(*number) % names.len()];
    let mut parts = rest.splitn(2, |byte| *byte == 0xff);
    let table = parts.next().unwrap_or_default();
    let schema = parts.next().and_then(|part| part.split_first());
    let Ok(table) = std::str::from_utf8(table) else { return Ok(Checked::Refused) };
    let schema = schema.and_then(|(number, text)| Some((*number, std::str::from_utf8(text).ok()?)));
    check(dialect, table, schema)
}

/// Checks a table in the place of a dialect's own, with one of its schemas replaced.
pub fn check(dialect: &str, table: &str, schema: Option<(u8, &str)>) -> Result<Checked, String> {
    let source = Source::new("table.toml", table);
    let mut files = Files { mappings: BTreeMap::from([(dialect.to_owned(), source)]), ..Files::default() };
    let own = WORLD.files.schemas.iter().filter(|((of, _), _)| of == dialect);
    files.schemas.extend(own.map(|(key, source)| (key.clone(), source.clone())));
    if let Some((number, text)) = schema {
        let names = schemas(dialect);
        let name = names[usize::from(number) % names.len()];
        files.schemas.insert((dialect.to_owned(), name.to_owned()), Source::new("schema.json", text));
    }
    match Registry::load(&files) {
        Ok(registry) => {
            registry.all().try_for_each(asked)?;
            Ok(Checked::Passed)
        }
        Err(wrong) => told(&wrong),
    }
}

/// Everything wrong stands somewhere, and can be shown.
fn told(wrong: &Diagnostics) -> Result<Checked, String> {
    if wrong.0.is_empty() {
        return Err("refused without a reason".into());
    }
    for one in &wrong.0 {
        let within = one.span.start <= one.span.end && one.span.end <= one.source.text.len();
        let placed = one.place().is_some_and(|(line, column)| line > 0 && column > 0);
        if !within || !placed || one.render(false).is_empty() {
            return Err(format!("a report without a place: {one:?} {:?}", one.span));
        }
    }
    Ok(Checked::Refused)
}

/// Asks a table that passed for all that it tells.
fn asked(dialect: &Arc<Dialect>) -> Result<(), String> {
    let side = |dialect: &Arc<Dialect>, space: &str| Side { dialect: dialect.clone(), space: space.into() };
    let others = WORLD.registry.all().chain([dialect]);
    for other in others {
        for (from, to) in [(dialect, other), (other, dialect)] {
            let pair = Pair::new(side(from, "here"), side(to, "there"));
            for operation in from.operations() {
                if let Some(matrix) = pair.losses(&operation.word, &WORLD.policy)
                    && (matrix.from != from.label() || matrix.to != to.label())
                {
                    return Err(format!("a matrix of something else: {matrix:?}"));
                }
            }
        }
    }
    for (word, _) in FAULTS {
        let (status, _) = dialect.write_fault(None, &Fault::new(word, "told"));
        if !(100..600).contains(&status) {
            return Err(format!("{word} is answered {status}"));
        }
    }
    let routes = dialect
        .operations()
        .iter()
        .flat_map(|operation| operation.routes.iter().filter_map(|route| route.send));
    let replies = dialect
        .operations()
        .iter()
        .flat_map(|operation| operation.outcomes.iter().filter_map(|end| end.message));
    for number in routes.chain(replies) {
        let entry = dialect.message(number);
        let message = &entry.message;
        let _ = (message.shown(), message.speaks_of(), message.required());
        for body in ["{}", "[]", "[{}]", "1", "\"x\""] {
            let Ok((document, _)) =
                entry.parse_loosely(body.as_bytes(), dialect.json(Limits::default()), None)
            else {
                return Err(format!("{body} is no JSON to {}", message.name));
            };
            let how = Reading { now: WORLD.now, wanted: None };
            let (record, _) = message.read_what_can_be(document.root(), how);
            let mut out = Builder::new();
            message.write(&record, WORLD.now, &mut out);
            let written = out.finish(false).to_bytes();
            if !written.is_empty() && serde_json::from_slice::<serde_json::Value>(&written).is_err() {
                return Err(format!(
                    "{} writes no JSON: {}",
                    message.name,
                    String::from_utf8_lossy(&written)
                ));
            }
        }
    }
    Ok(())
}
