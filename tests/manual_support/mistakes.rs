//! The examples of mistakes: each is told under its code, and nothing else is.
use pamgate::diagnostic::Source;
use pamgate::dialect::{Files, Registry};
use serde_json::{Map, Value as Json, json};

use super::{Block, head_tables, with_error};

/// A fragment with one mistake.
pub(crate) struct Mistake {
    pub(crate) code: String,
    pub(crate) text: String,
}

/// The mistakes of a block: each begins with its code in a line of its own.
pub(crate) fn mistakes(block: &Block) -> Vec<Mistake> {
    let mut found: Vec<Mistake> = Vec::new();
    for line in &block.lines {
        let code =
            line.strip_prefix("# ").filter(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        match code {
            Some(code) => found.push(Mistake { code: code.to_owned(), text: String::new() }),
            None => {
                let mistake = found.last_mut().expect("a block of mistakes begins with a code");
                mistake.text.push_str(&format!("{line}\n"));
            }
        }
    }
    found
}

impl Mistake {
    /// What is told of it, a line each with its code first.
    pub(crate) fn told(&self, all: &Map<String, Json>) -> Vec<String> {
        let mut files = Files::default();
        files.mappings.insert("door".into(), Source::new("door.toml", self.table()));
        let schema = self.schema(all).to_string();
        let made = r#"{"type":"object","properties":{"Id":{"type":"string"}}}"#;
        for (name, text) in [("m", schema.as_str()), ("made", made), ("error", r#"{"type":"string"}"#)] {
            files
                .schemas
                .insert(("door".into(), name.into()), Source::new(format!("door/{name}.json"), text));
        }
        let wrong = Registry::load(&files).err().map(|wrong| wrong.0).unwrap_or_default();
        wrong.into_iter().map(|one| one.to_string()).collect()
    }

    /// The fragment without its remarks.
    fn bare(&self) -> String {
        self.text.lines().map(|line| format!("{}\n", line.split('#').next().unwrap_or_default())).collect()
    }

    fn in_message(&self) -> bool {
        !self.text.trim_start().starts_with('[') || self.bare().contains("[message.m")
    }

    /// The fragment in a dialect that is right but for it: entries of the dialect give way to those that the fragment
    /// has, or that the remark beside it proposes.
    pub(crate) fn table(&self) -> String {
        let (mut table, mut rest) = (String::new(), String::new());
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (head, entries) in head_tables("door") {
            let key = |entry: &str| format!("{} =", entry.split(" = ").next().unwrap_or_default());
            let left = |entry: &&String| !text.contains(&key(entry));
            match self.text.contains(head) {
                true if head.starts_with("[operation") => {}
                true => rest.extend(entries.iter().filter(left).map(|entry| format!("{entry}\n"))),
                false => table.push_str(&format!("{head}\n{}\n", entries.join("\n"))),
            }
        }
        match self.text.trim_start().starts_with('[') {
            true => table.push_str(&format!("{}{rest}", self.with_replies())),
            false => table.push_str(&format!("[message.m.rows]\n{}", self.text)),
        }
        if !self.in_message() {
            table.push_str("\n[message.m.rows]\nExtra = { map = \"extra\" }\n");
        }
        table = table.replace("created = \"201\"", "created = \"201 made\"");
        with_error(&format!("{table}\n[message.made.rows]\nId = \"request.id\"\n"))
    }

    /// The fragment with a reply for each operation that shows none: what it is about is something else.
    fn with_replies(&self) -> String {
        let part = |part: &str| {
            let verb = part.strip_prefix("operation.").and_then(|rest| rest.split(']').next());
            match verb.map(|verb| verb.trim_matches('"')) {
                Some(verb) if !part.contains("\nreply") => {
                    let outcome = if verb == "request.list" { "listed" } else { "done" };
                    format!("{}\nreply = {{ {outcome} = \"200\" }}\n", part.trim_end())
                }
                _ => part.to_owned(),
            }
        };
        let text = format!("\n{}", self.text);
        let parts: Vec<String> = text.split("\n[").map(part).collect();
        parts.join("\n[").trim_start().to_owned()
    }

    /// The properties that the fragment names.
    fn schema(&self, all: &Map<String, Json>) -> Json {
        let bare = self.bare();
        let words: Vec<&str> = bare.split(|c: char| !c.is_alphanumeric()).collect();
        let named = |name: &str| match self.in_message() {
            true => words.contains(&name) || (self.code == "property-not-mapped" && name == "Reason"),
            false => name == "Extra",
        };
        let mut properties: Map<String, Json> =
            all.iter().filter(|(name, _)| named(name)).map(|(name, at)| (name.clone(), at.clone())).collect();
        let mut required: Vec<&str> = Vec::new();
        if self.code == "required-not-filled" {
            properties.insert("Reason".to_owned(), all["Reason"].clone());
            required.push("Reason");
        }
        json!({ "type": "object", "properties": properties, "required": required })
    }
}
