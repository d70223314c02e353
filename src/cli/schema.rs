//! `pamgate schema`: the JSON Schema of mapping tables, for editors.
//!
//! Start at [`run`]. The schema is docs/mapping.schema.json, embedded; a test holds it against what the tables' checker
//! knows. Looks at no table itself.
use super::{Exit, Failure, Terminal};

const SCHEMA: &str = include_str!("../../docs/mapping.schema.json");

/// Prints the schema.
///
/// # Errors
/// Only where standard output can't be written.
pub fn run(terminal: &Terminal) -> Result<Exit, Failure> {
    terminal.answer(SCHEMA.trim_end())?;
    Ok(Exit::Done)
}
