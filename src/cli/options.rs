//! Options that several subcommands have.
//!
//! Start at [`TableFiles`]. Knows `dialect` and `diagnostic`.
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::dialect::Files;

/// Which mapping tables and schemas to use.
#[derive(Debug, Default, Clone, clap::Args)]
pub struct TableFiles {
    /// A folder of mapping tables, DIALECT.toml each, beside the built-in ones; one of the same name replaces it.
    /// May be given several times.
    #[arg(long, value_name = "DIR")]
    pub mappings: Vec<PathBuf>,
    /// A folder of schemas, DIALECT/MESSAGE.json each, beside the built-in ones; one of the same name replaces it.
    /// May be given several times.
    #[arg(long, value_name = "DIR")]
    pub schemas: Vec<PathBuf>,
}

impl TableFiles {
    /// The built-in files with those of the folders.
    ///
    /// # Errors
    /// Folders and files that can't be read, and folders that hold nothing of the kind: most likely a wrong path.
    pub fn read(&self) -> Result<Files, Diagnostics> {
        let mut files = Files::built_in();
        let mut wrong = Diagnostics::default();
        for folder in &self.mappings {
            let mut own = Files::default();
            match own.add_mappings(folder) {
                Err(errors) => wrong.0.extend(errors.0),
                Ok(()) if own.mappings.is_empty() => wrong.push(nothing_in(folder, "DIALECT.toml")),
                Ok(()) => files.mappings.extend(own.mappings),
            }
        }
        for folder in &self.schemas {
            let mut own = Files::default();
            match own.add_schemas(folder) {
                Err(errors) => wrong.0.extend(errors.0),
                Ok(()) if own.schemas.is_empty() => wrong.push(nothing_in(folder, "DIALECT/MESSAGE.json")),
                Ok(()) => files.schemas.extend(own.schemas),
            }
        }
        wrong.or(files).and_then(without_strays)
    }
}

fn nothing_in(folder: &std::path::Path, pattern: &str) -> Diagnostic {
    let source = Source::unread(folder.display().to_string());
    let message = format!("there is no {pattern} in {}", folder.display());
    Diagnostic::new(Code::EmptyFolder, &source, 0..0, message)
        .help(format!("name the folder that holds {pattern}"))
}

/// A schema whose folder is named like no dialect is never looked at: somebody misspelt it.
fn without_strays(files: Files) -> Result<Files, Diagnostics> {
    let mut wrong = Diagnostics::default();
    let mut told = BTreeSet::new();
    for ((dialect, _), source) in &files.schemas {
        if !files.mappings.contains_key(dialect) && told.insert(dialect) {
            let message = format!("there are schemas for `{dialect}`, but no mapping table `{dialect}.toml`");
            let known = files.mappings.keys().map(String::as_str);
            let help = "rename the folder after its dialect, or add the table";
            wrong.push(
                Diagnostic::new(Code::StraySchema, source, 0..0, message).near_or(dialect, known, help),
            );
        }
    }
    wrong.or(files)
}
