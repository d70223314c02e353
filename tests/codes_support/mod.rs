//! A page's example: its files, laid over those that are right; and what is told of them.
use std::path::Path;
use std::process::{Command, Stdio};

use pamgate::config;
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::{Code, Diagnostics, Source};
use pamgate::dialect::{Files, Registry};
use pamgate::gateway::setup::{self, SetupError, gateway};

use super::manual_support::{Block, blocks};
use super::overlay_support::overlay;

const MANUAL: &str = include_str!("../../docs/mapping-language.md");
const BASE: &str = include_str!("../../docs/codes/README.md");

/// What a page shows.
pub(crate) struct Example {
    /// Names and pieces.
    files: Vec<(String, String)>,
    /// What is run, where it is no reading of the files alone.
    command: Option<String>,
    /// What the page says is told.
    pub(crate) shown: String,
    /// The line of the fence above that, from 1.
    line: usize,
}

/// What is told.
pub(crate) struct Told {
    pub(crate) codes: Vec<String>,
    pub(crate) text: String,
}

impl Example {
    pub(crate) fn read(page: &str) -> Result<Example, String> {
        let mut example = Example { files: Vec::new(), command: None, shown: String::new(), line: 0 };
        for block in blocks(page) {
            match (block.language.as_str(), block.info.as_str()) {
                ("text", "") => (example.shown, example.line) = (lines(&block.lines), block.line),
                ("console", "") => {
                    let (command, shown) = block.lines.split_first().ok_or("a console without a command")?;
                    example.command = command.strip_prefix("$ ").map(str::to_owned);
                    (example.shown, example.line) = (lines(shown), block.line + 1);
                }
                (_, "") => return Err(format!("a block of {} has no name", block.language)),
                (_, name) => example.files.push((name.to_owned(), block.text())),
            }
        }
        if example.line == 0 { Err("the page has no example".to_owned()) } else { Ok(example) }
    }

    pub(crate) fn told(&self) -> Told {
        let has = |name: &str| self.files.iter().any(|(file, _)| file == name);
        if let Some(command) = &self.command {
            return self.run(command);
        }
        let wrong = match () {
            () if has("pamgate.toml") => self.configure(),
            () if has("crosswalk.csv") => Crosswalk::from_csv(&self.source()).err(),
            () if has("crosswalk.jsonl") => Crosswalk::from_jsonl(&self.source()).err(),
            () => Registry::load(&self.tables()).err(),
        };
        let wrong = wrong.unwrap_or_default();
        Told {
            codes: wrong.0.iter().map(|one| one.code.to_string()).collect(),
            text: wrong.render(false).trim_end().to_owned(),
        }
    }

    /// The page with something else told.
    pub(crate) fn page_with(&self, page: &str, told: &str) -> String {
        let mut out: Vec<&str> = page.lines().take(self.line).collect();
        let rest = page.lines().skip(self.line).skip_while(|line| *line != "```");
        out.extend(told.lines());
        out.extend(rest);
        out.join("\n") + "\n"
    }

    fn source(&self) -> std::sync::Arc<Source> {
        Source::new(self.files[0].0.clone(), self.files[0].1.as_str())
    }

    /// The dialect of the manual with the example's pieces over it.
    fn tables(&self) -> Files {
        let (mut files, mut table) = (Files::default(), last_of(MANUAL, "mine/mappings/doorman.toml"));
        let schema = |files: &mut Files, dialect: &str, message: &str, text: &str| {
            let source = Source::new(format!("{dialect}/{message}.json"), text);
            files.schemas.insert((dialect.to_owned(), message.to_owned()), source);
        };
        for message in ["ask", "pass", "error"] {
            let text = last_of(MANUAL, &format!("mine/schemas/doorman/{message}.json"));
            schema(&mut files, "doorman", message, &text);
        }
        for (name, text) in &self.files {
            match name.split_once(".toml").map(|(stem, _)| stem) {
                Some("doorman") => table = overlay(&table, text),
                Some(other) => {
                    drop(files.mappings.insert(other.to_owned(), Source::new(name, text.as_str())))
                }
                None => {
                    let (dialect, file) = name.split_once('/').unwrap();
                    schema(&mut files, dialect, file.strip_suffix(".json").unwrap(), text);
                }
            }
        }
        files.mappings.insert("doorman".into(), Source::new("doorman.toml", table));
        files
    }

    /// What is wrong with the configuration, warnings as well, and with a gateway that is made of it.
    fn configure(&self) -> Option<Diagnostics> {
        let folder = tempfile::tempdir().unwrap();
        let mut text = last_of(BASE, "pamgate.toml");
        for (_, piece) in self.files.iter().filter(|(name, _)| name == "pamgate.toml") {
            text = overlay(&text, piece);
        }
        std::fs::write(folder.path().join("pamgate.toml"), &text).unwrap();
        let env = |name: &str| match name {
            "CALLER_KEY" => Some("k1".to_owned()),
            "VAULT_KEY" => Some("k2".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let mut wrong = match config::parse(&Source::new("pamgate.toml", text), folder.path(), &env) {
            Err(wrong) => wrong,
            Ok(config) if !config.warnings.is_empty() => Diagnostics(config.warnings),
            Ok(config) => match gateway(&config, None) {
                Err(SetupError::Files(wrong)) => wrong,
                Err(other) => panic!("{other}"),
                Ok(gateway) => Diagnostics(setup::warnings(&config, &gateway)),
            },
        };
        // Where the folder is, is this run's own business.
        let here = format!("{}/", folder.path().display());
        wrong.0.iter_mut().for_each(|one| one.message = one.message.replace(&here, ""));
        Some(wrong)
    }

    fn run(&self, command: &str) -> Told {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in &self.files {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let program = Path::new(env!("CARGO_BIN_EXE_pamgate")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{command} 2>&1")]).current_dir(folder.path()).stdin(Stdio::null());
        let ran = shell.env("PATH", path).env_remove("NO_COLOR").env_remove("PAMGATE_LOG").output().unwrap();
        let text = String::from_utf8(ran.stdout).unwrap().trim_end().to_owned();
        let code = |line: &str| {
            let line = line.strip_prefix("warning: ").and_then(|line| line.split(' ').next()).unwrap_or(line);
            Code::named(line).map(|_| line.to_owned())
        };
        let codes = text.lines().filter_map(code).collect();
        Told { codes, text }
    }
}

fn lines(lines: &[String]) -> String {
    lines.join("\n").trim_end().to_owned()
}

/// The last block of a name: where a page grows a file, the whole of it.
fn last_of(page: &str, name: &str) -> String {
    let of_name = |block: &Block| block.info == name;
    blocks(page).into_iter().rfind(of_name).unwrap_or_else(|| panic!("no {name}")).text()
}
