//! Reads a golden case: a Markdown file with fenced blocks, as tests/golden/README.md tells.
pub(crate) mod canonical;
pub(crate) mod flat;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// One fenced block.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// `json`, `toml` or `text`.
    pub(crate) language: String,
    /// What follows it: `forward cyberark POST /…`.
    pub(crate) words: Vec<String>,
    /// What stands between the fences, without the last line's end.
    pub(crate) text: String,
    /// Where the opening fence begins, and where the closing one ends, in the file's text.
    pub(crate) span: std::ops::Range<usize>,
}

/// One case, parsed.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) path: PathBuf,
    pub(crate) file: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) given: Given,
    pub(crate) blocks: Vec<Block>,
}

/// The surroundings. Variants stand by dialect, or by side (`caller`, `upstream`); spaces by side.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) now: Timestamp,
    pub(crate) principal: String,
    pub(crate) as_user: Option<String>,
    pub(crate) supply: Vec<(String, String)>,
    pub(crate) treat: Vec<(String, String)>,
    pub(crate) variant: Vec<(String, String)>,
    pub(crate) space: Vec<(String, String)>,
    /// JSON Lines, as the crosswalk reads them.
    pub(crate) crosswalk: String,
}

const NAMES: &[&str] = &["given", "send", "canonical", "forward", "losses", "answer", "reply", "refuse"];

impl Case {
    /// Reads a file.
    pub(crate) fn read(path: &Path, from: &str, to: &str) -> Result<Case, String> {
        let file = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
        if !file.starts_with("# ") {
            return Err("the first line should be a title, `# …`".into());
        }
        let blocks = blocks(&file)?;
        for (at, block) in blocks.iter().enumerate() {
            let name = block.name();
            if !NAMES.contains(&name) {
                return Err(format!("`{name}` is no block (there are {})", NAMES.join(", ")));
            }
            if blocks[..at].iter().any(|other| other.name() == name) {
                return Err(format!("there are two blocks `{name}`"));
            }
        }
        let find = |name: &str| blocks.iter().find(|block| block.name() == name);
        let given = find("given").ok_or("there is no block `given`")?;
        let given = Given::read(&given.text).map_err(|e| format!("given: {e}"))?;
        let send = find("send").ok_or("there is no block `send`")?;
        if send.words.len() < 3 || send.words[1] != from {
            return Err(format!("`send` should name {from} and an operation, or a method and a path"));
        }
        let (forward, losses, refuse) =
            (find("forward").is_some(), find("losses").is_some(), find("refuse").is_some());
        if forward == refuse || forward != losses {
            return Err("there should be either `forward` and `losses`, or `refuse`".into());
        }
        if find("answer").is_some() != find("reply").is_some() || (refuse && find("reply").is_some()) {
            return Err("`answer` and `reply` stand together, beside `forward`".into());
        }
        if forward && find("canonical").is_none() && find("answer").is_none() {
            return Err("there is no block `canonical`, and nothing is answered either".into());
        }
        Ok(Case { path: path.to_owned(), from: from.to_owned(), to: to.to_owned(), given, blocks, file })
    }

    /// A block by its name.
    pub(crate) fn block(&self, name: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.name() == name)
    }
}

impl Block {
    /// The first of its words.
    pub(crate) fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// One of its words.
    pub(crate) fn word(&self, at: usize) -> Result<&str, String> {
        self.words
            .get(at)
            .map(String::as_str)
            .ok_or_else(|| format!("`{}` lacks a word", self.words.join(" ")))
    }

    /// The status that stands as its third word.
    pub(crate) fn status(&self) -> Result<u16, String> {
        self.word(2)?.parse().map_err(|_| format!("`{}` should have a status", self.words.join(" ")))
    }
}

fn blocks(file: &str) -> Result<Vec<Block>, String> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, &str)> = None;
    let mut at = 0;
    for line in file.split_inclusive('\n') {
        let (begin, end) = (at, at + line.len());
        at = end;
        let Some(info) = line.trim_end().strip_prefix("```") else { continue };
        match open.take() {
            None => open = Some((begin, end, info)),
            Some((from, body, info_line)) if info.is_empty() => {
                let mut words = info_line.split_whitespace().map(str::to_owned);
                let language = words.next().ok_or("a fence should say what its block is")?;
                let text = file[body..begin].strip_suffix('\n').unwrap_or(&file[body..begin]).to_owned();
                found.push(Block { language, words: words.collect(), text, span: from..end });
            }
            Some(_) => return Err("a fence stands inside of a block".into()),
        }
    }
    match open {
        Some(_) => Err("a block is not closed".into()),
        None => Ok(found),
    }
}

impl Given {
    /// The variant of a dialect on a side.
    pub(crate) fn variant(&self, dialect: &str, side: &str) -> Option<&str> {
        let named = |name: &str| self.variant.iter().find(|(of, _)| of == name);
        named(side).or_else(|| named(dialect)).map(|(_, variant)| variant.as_str())
    }

    /// The space of a side: the dialect's own, where nothing else is given.
    pub(crate) fn space<'g>(&'g self, dialect: &'g str, side: &str) -> &'g str {
        self.space.iter().find(|(of, _)| of == side).map_or(dialect, |(_, space)| space)
    }

    fn read(text: &str) -> Result<Given, String> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
        let known = ["now", "principal", "as_user", "supply", "treat", "variant", "space", "crosswalk"];
        if let Some(other) = table.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!("`{other}` is not known"));
        }
        let text = |name: &str| table.get(name).and_then(toml::Value::as_str).map(str::to_owned);
        let pairs = |name: &str| -> Vec<(String, String)> {
            let table = table.get(name).and_then(toml::Value::as_table);
            let pairs = table.into_iter().flatten();
            pairs.map(|(key, value)| (key.clone(), flat::scalar(value))).collect()
        };
        let now = table.get("now").map(flat::scalar).ok_or("`now` is missing")?;
        let mut crosswalk = String::new();
        for entry in table.get("crosswalk").and_then(toml::Value::as_array).into_iter().flatten() {
            let entry = entry.as_table().ok_or("a crosswalk entry should be a table")?;
            // Writing into a String can't fail.
            let _ = writeln!(crosswalk, "{}", line(entry)?);
        }
        Ok(Given {
            now: now.parse().map_err(|_| format!("`{now}` is no point in time"))?,
            principal: text("principal").unwrap_or_default(),
            as_user: text("as_user"),
            supply: pairs("supply"),
            treat: pairs("treat"),
            variant: pairs("variant"),
            space: pairs("space"),
            crosswalk,
        })
    }
}

/// `{ access = "…", target.cyberark = { account.id = "12_3" } }` as a line of JSON.
fn line(entry: &toml::Table) -> Result<serde_json::Value, String> {
    let mut out = serde_json::Map::new();
    for (key, value) in entry {
        if key == "access" {
            out.insert("access".into(), flat::scalar(value).into());
            continue;
        }
        if out.insert("kind".into(), key.clone().into()).is_some() {
            return Err("a crosswalk entry should be of one kind".into());
        }
        for (space, parts) in value.as_table().ok_or("an entry's kind should be a table of spaces")? {
            let parts = flat::toml(parts).into_iter().map(|(part, text)| (part, text.into()));
            out.insert(space.clone(), serde_json::Value::Object(parts.collect()));
        }
    }
    Ok(out.into())
}
