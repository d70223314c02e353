//! All that the laws are held over: four dialects in every variant, their schemas and files, every pair, and a
//! crosswalk between them.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use pamgate::canonical::FieldId;
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Dialect, Files, MessageEntry, Registry};
use pamgate::exchange::{Context, Pair, Policy, Side};
use pamgate::json::Limits;
use pamgate::mapping::Message;
use serde_json::Value as Json;

/// The fourth dialect's folder, which the program does not have. The fuzz targets' crate lies in a folder of its own.
fn fourth() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [here.join("tests/fourth"), here.join("../tests/fourth")];
    folders.into_iter().find(|folder| folder.is_dir()).expect("the fourth dialect's folder")
}

/// What the four call the same.
pub const CROSSWALK: &str = include_str!("crosswalk.csv");

/// The clock of all laws.
pub const NOW: &str = "2026-01-05T09:00:00Z";

/// Dialects, files, pairs.
pub struct World {
    pub files: Files,
    pub registry: Registry,
    /// Every dialect in every variant.
    pub dialects: Vec<Arc<Dialect>>,
    /// Every ordered two of them.
    pub pairs: Vec<Arc<Pair>>,
    pub crosswalk: Crosswalk,
    pub policy: Policy,
    pub now: Timestamp,
}

/// The files of the four dialects as they stand.
pub fn files() -> Files {
    let mut files = Files::built_in();
    files.add_mappings(&fourth().join("mappings")).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    files.add_schemas(&fourth().join("schemas")).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    files
}

/// The world as it is.
pub static WORLD: LazyLock<World> =
    LazyLock::new(|| World::of(files()).unwrap_or_else(|why| panic!("{why}")));

impl World {
    /// The world that some files make.
    pub fn of(files: Files) -> Result<World, String> {
        let registry = Registry::load(&files).map_err(|wrong| wrong.render(false))?;
        let mut dialects = Vec::new();
        for (name, source) in &files.mappings {
            let table: toml::Table = source.text.parse().map_err(|why| format!("{name}: {why}"))?;
            let variants = table.get("variant").and_then(toml::Value::as_table);
            let variants = variants.into_iter().flat_map(toml::Table::keys).map(|key| Some(key.as_str()));
            for variant in std::iter::once(None).chain(variants) {
                dialects.push(registry.get(name, variant)?.clone());
            }
        }
        let side =
            |dialect: &Arc<Dialect>| Side { dialect: dialect.clone(), space: dialect.name.as_str().into() };
        let pairs = dialects.iter().flat_map(|caller| {
            dialects.iter().map(move |upstream| Arc::new(Pair::new(side(caller), side(upstream))))
        });
        let pairs = pairs.collect();
        let crosswalk = Crosswalk::from_csv(&Source::new("tests/laws_support/crosswalk.csv", CROSSWALK));
        let crosswalk = crosswalk.map_err(|wrong| wrong.render(false))?;
        let mut policy = Policy::default();
        for (field, text) in
            [("reason.text", "not told"), ("ticket.number", "T-0"), ("access.kind", "credential")]
        {
            policy.supply(field, text)?;
        }
        let now = NOW.parse().map_err(|why| format!("{why}"))?;
        Ok(World { registry, files, dialects, pairs, crosswalk, policy, now })
    }

    /// What every exchange needs.
    pub fn context(&self) -> Context<'_> {
        Context { crosswalk: &self.crosswalk, now: self.now, limits: Limits::default() }
    }

    /// A dialect by its label.
    pub fn dialect(&self, label: &str) -> &Arc<Dialect> {
        self.dialects.iter().find(|dialect| dialect.label() == label).unwrap_or_else(|| panic!("no {label}"))
    }

    /// The pair of two labels.
    pub fn pair(&self, caller: &str, upstream: &str) -> &Arc<Pair> {
        let is = |pair: &&Arc<Pair>| {
            pair.caller.dialect.label() == caller && pair.upstream.dialect.label() == upstream
        };
        self.pairs.iter().find(is).unwrap_or_else(|| panic!("no pair of {caller} and {upstream}"))
    }

    /// Every message that has a schema of its own, in every variant of its dialect.
    pub fn messages(&self) -> Vec<Spoken<'_>> {
        let all = self.dialects.iter().flat_map(|dialect| {
            let names = self.files.schemas.iter().filter(|((of, _), _)| *of == dialect.name);
            names.filter_map(move |((_, name), source)| {
                let entry = dialect.message_named(name)?;
                Some(Spoken { world: self, dialect, entry, schema: source })
            })
        });
        all.collect()
    }

    /// One message of one dialect.
    pub fn spoken(&self, label: &str, name: &str) -> Spoken<'_> {
        let found = self.messages().into_iter().find(|one| one.label() == format!("{label} {name}"));
        found.unwrap_or_else(|| panic!("{label} has no message {name}"))
    }
}

/// A message of a dialect, with the world that it is spoken in.
#[derive(Clone, Copy)]
pub struct Spoken<'w> {
    pub world: &'w World,
    pub dialect: &'w Arc<Dialect>,
    pub entry: &'w MessageEntry,
    schema: &'w Arc<Source>,
}

impl<'w> Spoken<'w> {
    /// `beyondtrust/page create`.
    pub fn label(&self) -> String {
        format!("{} {}", self.dialect.label(), self.entry.message.name)
    }

    /// Its JSON Schema.
    pub fn schema(&self) -> Json {
        serde_json::from_str(&self.schema.text).expect("a schema is JSON")
    }

    /// Where the entry stands that carries a field: `mappings/x.toml:17`.
    pub fn origin(&self, field: FieldId) -> String {
        origin(self.world, self.dialect, &self.entry.message, field)
    }
}

/// Where the entry of a table stands that carries a field: `mappings/x.toml:17`.
pub fn origin(world: &World, dialect: &Dialect, message: &Message, field: FieldId) -> String {
    let Some(source) = world.files.mappings.get(&dialect.name) else { return dialect.file.clone() };
    match message.origin(field) {
        Some(span) => format!("{}:{}", source.name, source.line_column(span.start).0),
        None => format!("{} (no entry of {})", source.name, message.name),
    }
}

/// A copy of the files with a piece of one table replaced, for a law to be broken by.
pub fn broken(dialect: &str, from: &str, to: &str) -> Files {
    let mut files = files();
    let source = files.mappings.get(dialect).unwrap_or_else(|| panic!("no {dialect}")).clone();
    assert_eq!(source.text.matches(from).count(), 1, "`{from}` should stand once in {}", source.name);
    files.mappings.insert(dialect.into(), Source::new(source.name.clone(), source.text.replace(from, to)));
    files
}

/// How many times something was seen, by name.
pub type Seen = BTreeMap<String, usize>;
