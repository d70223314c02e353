//! Options that several subcommands have.
//!
//! Start at [`TableFiles`]. Knows `dialect` and `diagnostic`.
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::{Files, strays};

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
    /// See [`Files::with_folders`].
    pub fn read(&self) -> Result<Files, Diagnostics> {
        Files::with_folders(&self.mappings, &self.schemas)
    }

    /// Files in the folders that nobody reads.
    pub fn strays(&self) -> Vec<Diagnostic> {
        strays(&self.mappings, &self.schemas)
    }
}
