//! Folders of tables and schemas: the built-in files with those of a person's own, and what in the folders is most likely
//! misplaced or misnamed.
//!
//! Start at [`Files::with_folders`].
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};

use super::Files;

/// How a folder's files are added.
type Add = fn(&mut Files, &Path) -> Result<(), Diagnostics>;

impl Files {
    /// The built-in files with those of folders; one of the same name replaces the built-in one.
    ///
    /// # Errors
    /// Folders and files that can't be read, folders that hold nothing of the kind (most likely a wrong path), and
    /// schemas of a dialect that has no table.
    pub fn with_folders(mappings: &[PathBuf], schemas: &[PathBuf]) -> Result<Files, Diagnostics> {
        let mut files = Files::built_in();
        let mut wrong = Diagnostics::default();
        let mut take = |folder: &Path, pattern: &str, add: Add| {
            let mut own = Files::default();
            match add(&mut own, folder) {
                Err(errors) => wrong.0.extend(errors.0),
                Ok(()) if own.mappings.is_empty() && own.schemas.is_empty() => {
                    wrong.push(nothing_in(folder, pattern));
                }
                Ok(()) => {
                    files.mappings.extend(own.mappings);
                    files.schemas.extend(own.schemas);
                }
            }
        };
        mappings.iter().for_each(|folder| take(folder, "DIALECT.toml", Files::add_mappings));
        schemas.iter().for_each(|folder| take(folder, "DIALECT/MESSAGE.json", Files::add_schemas));
        wrong.or(files).and_then(without_strays)
    }
}

fn nothing_in(folder: &Path, pattern: &str) -> Diagnostic {
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

/// Files in these folders that nobody reads: warnings, for they may be there on purpose.
pub fn strays(mappings: &[PathBuf], schemas: &[PathBuf]) -> Vec<Diagnostic> {
    let mut found: BTreeSet<(PathBuf, &str)> = BTreeSet::new();
    const TABLE: &str = "a table is DIALECT.toml; rename it, or keep it elsewhere";
    const SCHEMA: &str = "a schema is DIALECT/MESSAGE.json; rename it, or keep it elsewhere";
    for folder in mappings {
        let own = |name: &str| name.ends_with(".toml") || name.ends_with(".schema.json");
        found.extend(unread(folder, own).map(|path| (path, TABLE)));
    }
    for folder in schemas {
        // A folder may be one of tables as well.
        let table = mappings.contains(folder);
        let own = |name: &str| name.ends_with(".toml") || table;
        found.extend(unread(folder, own).map(|path| (path, SCHEMA)));
        for inner in entries(folder).filter(|path| path.is_dir()) {
            let schema = |path: PathBuf| path.extension().is_some_and(|extension| extension == "json");
            if entries(&inner).any(schema) {
                found.extend(unread(&inner, |name| name.ends_with(".json")).map(|path| (path, SCHEMA)));
            }
        }
    }
    let warning = |(path, help): (PathBuf, &str)| {
        let source = Source::unread(path.display().to_string());
        Diagnostic::new(Code::StrayFile, &source, 0..0, "nothing reads this file").help(help)
    };
    found.into_iter().map(warning).collect()
}

/// The files of a folder that are neither its own nor what lies beside files everywhere: hidden ones, `README`, notes in
/// Markdown.
fn unread(folder: &Path, own: impl Fn(&str) -> bool) -> impl Iterator<Item = PathBuf> {
    entries(folder).filter(move |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let everywhere = name.starts_with('.')
            || name.ends_with(".md")
            || name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        path.is_file() && !own(&name) && !everywhere
    })
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
