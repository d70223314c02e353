//! The files that dialects are made of: embedded in the binary, and those of folders named in the configuration, of which
//! `folders` knows more.
mod folders;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};

pub use folders::strays;

static MAPPINGS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/mappings");
static SCHEMAS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/schemas");

/// Mapping tables by dialect, and schemas by dialect and message.
#[derive(Debug, Default, Clone)]
pub struct Files {
    /// `mappings/DIALECT.toml`.
    pub mappings: BTreeMap<String, Arc<Source>>,
    /// `schemas/DIALECT/MESSAGE.json`.
    pub schemas: BTreeMap<(String, String), Arc<Source>>,
}

impl Files {
    /// What is embedded in the binary.
    pub fn built_in() -> Files {
        let mut files = Files::default();
        for file in MAPPINGS.files() {
            if let (Some(stem), Some(text)) = (stem(file.path(), "toml"), file.contents_utf8()) {
                let name = format!("mappings/{stem}.toml");
                files.mappings.insert(stem, Source::new(name, text));
            }
        }
        for folder in SCHEMAS.dirs() {
            let Some(dialect) = folder.path().file_name().and_then(|name| name.to_str()) else { continue };
            for file in folder.files() {
                if let (Some(stem), Some(text)) = (stem(file.path(), "json"), file.contents_utf8()) {
                    let name = format!("schemas/{dialect}/{stem}.json");
                    files.schemas.insert((dialect.to_owned(), stem), Source::new(name, text));
                }
            }
        }
        files
    }

    /// The schema of a message as it stands in its file, if it is JSON.
    pub(super) fn schema_json(&self, dialect: &str, message: &str) -> Option<serde_json::Value> {
        let key = (dialect.to_owned(), message.to_owned());
        serde_json::from_str(&self.schemas.get(&key)?.text).ok()
    }

    /// The schemas of a dialect that are not the embedded ones, by message.
    pub(super) fn own_schemas(&self, dialect: &str) -> impl Iterator<Item = (&str, &Arc<Source>)> {
        let of_dialect = self.schemas.iter().filter(move |((of, _), _)| of == dialect);
        of_dialect.map(|((_, message), source)| (message.as_str(), source)).filter(
            move |(message, source)| {
                let embedded = SCHEMAS.get_file(format!("{dialect}/{message}.json"));
                embedded.and_then(|file| file.contents_utf8()) != Some(source.text.as_str())
            },
        )
    }

    /// Adds the tables of a folder; one of the same name replaces what was there.
    ///
    /// # Errors
    /// A folder or file that can't be read.
    pub fn add_mappings(&mut self, folder: &Path) -> Result<(), Diagnostics> {
        for (path, text) in read_folder(folder, "toml")? {
            if let Some(stem) = stem(&path, "toml") {
                self.mappings.insert(stem, Source::new(path.display().to_string(), text));
            }
        }
        Ok(())
    }

    /// Adds the schemas of a folder, which holds a folder a dialect; one of the same name replaces what was there.
    ///
    /// # Errors
    /// A folder or file that can't be read.
    pub fn add_schemas(&mut self, folder: &Path) -> Result<(), Diagnostics> {
        let entries = std::fs::read_dir(folder).map_err(|e| unreadable(folder, &e))?;
        for entry in entries {
            let path = entry.map_err(|e| unreadable(folder, &e))?.path();
            let Some(dialect) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_dir())
            else {
                continue;
            };
            for (file, text) in read_folder(&path, "json")? {
                if let Some(stem) = stem(&file, "json") {
                    let source = Source::new(file.display().to_string(), text);
                    self.schemas.insert((dialect.to_owned(), stem), source);
                }
            }
        }
        Ok(())
    }
}

fn stem(path: &Path, extension: &str) -> Option<String> {
    if path.extension()?.to_str()? != extension {
        return None;
    }
    Some(path.file_stem()?.to_str()?.to_owned())
}

fn read_folder(folder: &Path, extension: &str) -> Result<Vec<(std::path::PathBuf, String)>, Diagnostics> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, &e))? {
        let path = entry.map_err(|e| unreadable(folder, &e))?.path();
        if stem(&path, extension).is_some() {
            let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
            found.push((path, text));
        }
    }
    found.sort();
    Ok(found)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostics {
    let source = Source::unread(path.display().to_string());
    let message = format!("cannot read {}: {error}", path.display());
    let help = match error.kind() {
        std::io::ErrorKind::InvalidData => "save it as UTF-8",
        _ => "give the path as it is seen from where the program runs, and let its user read it",
    };
    Diagnostic::new(Code::Unreadable, &source, 0..0, message).help(help).into()
}
