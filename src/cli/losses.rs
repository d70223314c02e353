//! `pamgate losses`: what would become of every value between two dialects, by their tables alone.
//!
//! Start at [`run`]. The matrix is `exchange`'s; here it is asked for and laid out: `rows` makes lines of its cells,
//! `text` and `markdown` write them. Opens no socket and reads no message.
mod markdown;
mod rows;
mod text;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::diagnostic::nearest;
use crate::dialect::{Dialect, Registry, VERBS};
use crate::exchange::matrix::{Cell, Matrix, Meets, Reply};
use crate::exchange::{Pair, Policy, Side};

use super::{Exit, Failure, TableFiles, Terminal};

/// The options of `losses`.
#[derive(Debug, clap::Args)]
pub struct LossesArgs {
    /// The caller's dialect, or DIALECT/VARIANT; each in turn, where it is not given.
    #[arg(long, value_name = "DIALECT")]
    from: Option<String>,
    /// The upstream's dialect, or DIALECT/VARIANT; each other in turn, where it is not given.
    #[arg(long, value_name = "DIALECT")]
    to: Option<String>,
    /// The operation.
    #[arg(long, value_name = "OPERATION", default_value = "request.create")]
    operation: String,
    /// What standard output holds.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    output: Output,
    #[command(flatten)]
    tables: TableFiles,
}

/// What standard output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Output {
    /// Columns, for people at a terminal.
    #[default]
    Table,
    /// An array with an object for each pair: {from, to, operation, unchanged, requests, replies}.
    Json,
    /// The document `docs/losses.md`.
    Markdown,
}

/// Computes the matrices and writes them.
///
/// # Errors
/// Tables with mistakes, dialects and operations that there are not, and an output that can't be written.
pub fn run(args: LossesArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let files = args.tables.read().map_err(Failure::WrongFiles)?;
    let registry = Registry::load(&files).map_err(Failure::WrongFiles)?;
    let matrices = matrices(&args, &registry)?;
    match args.output {
        Output::Table => terminal.answer(&text::all(&matrices))?,
        Output::Markdown => terminal.answer(&markdown::all(&matrices))?,
        Output::Json => {
            let all: Vec<Value> = matrices.iter().map(as_json).collect();
            terminal.answer(&format!("{:#}", Value::Array(all)))?;
        }
    }
    Ok(Exit::Done)
}

fn matrices(args: &LossesArgs, registry: &Registry) -> Result<Vec<Matrix>, Failure> {
    let named = |label: &Option<String>| match label {
        Some(label) => Ok(vec![registry.labelled(label).map_err(Failure::Usage)?]),
        None => Ok::<_, Failure>(registry.all().collect()),
    };
    let (callers, upstreams) = (named(&args.from)?, named(&args.to)?);
    let mut known: Vec<&str> = callers.iter().flat_map(|d| d.operations()).map(|o| o.word.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    let word = args.operation.as_str();
    if !known.contains(&word) {
        let there = match VERBS.contains(&word) {
            true => format!("no table of these dialects has the operation `{word}`"),
            false => format!("there is no operation `{word}`"),
        };
        let near = nearest(word, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
        let known = known.join(", ");
        return Err(Failure::Usage(format!("{there} (they have {known}){}", near.unwrap_or_default())));
    }
    let policy = Policy::default();
    let both = args.from.is_some() && args.to.is_some();
    let mut found = Vec::new();
    for caller in &callers {
        // Between two servers of one dialect: only where it is asked for.
        for upstream in upstreams.iter().filter(|other| both || other.name != caller.name) {
            found.extend(between(caller, upstream).losses(word, &policy));
        }
    }
    match found.is_empty() {
        true => Err(Failure::Usage(format!(
            "`{word}` does not go from one of these dialects to another: it is served only where both sides speak the \
             same, and nothing is lost then"
        ))),
        false => Ok(found),
    }
}

/// Two servers, each with ids of its own.
fn between(caller: &Arc<Dialect>, upstream: &Arc<Dialect>) -> Pair {
    let side = |dialect: &Arc<Dialect>, end: &str| Side {
        dialect: dialect.clone(),
        space: format!("{end} {}", dialect.name).into(),
    };
    Pair::new(side(caller, "caller"), side(upstream, "upstream"))
}

fn as_json(matrix: &Matrix) -> Value {
    let requests = matrix.asks.iter().map(|asks| {
        let cells: Vec<Value> = asks.cells.iter().map(cell_json).collect();
        json!({ "from": asks.from, "to": asks.to, "cells": cells })
    });
    json!({
        "from": matrix.from,
        "to": matrix.to,
        "operation": matrix.operation,
        "unchanged": matrix.unchanged,
        "requests": requests.collect::<Vec<Value>>(),
        "replies": matrix.replies.iter().map(reply_json).collect::<Vec<Value>>(),
    })
}

fn cell_json(cell: &Cell) -> Value {
    let (treatment, wrote) = match &cell.meets {
        Meets::Fits { treatment, wrote, .. } => (treatment.map(|one| one.as_str()), wrote.as_deref()),
        Meets::Supplied(value) => (None, Some(value.as_str())),
        Meets::Missing => (Some("refuse"), None),
    };
    json!({
        "field": cell.field,
        "values": cell.said.to_string(),
        "fit": cell.meets.as_str(),
        "treatment": treatment,
        "wrote": wrote,
        "why": cell.why,
    })
}

fn reply_json(reply: &Reply) -> Value {
    let places = reply.places.iter().map(|place| {
        json!({
            "place": place.place,
            "fields": place.fields,
            "known": place.known.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
            "blank": place.blank,
        })
    });
    json!({
        "outcome": reply.outcome,
        "status": reply.status,
        "places": places.collect::<Vec<Value>>(),
    })
}
