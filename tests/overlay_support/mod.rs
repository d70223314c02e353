//! Wrong files made of right ones: a small piece of TOML laid over a whole file, so that an example shows its mistake and
//! nothing else.
//!
//! In a table that both have, an entry of the piece takes the place of the file's entry of the same key; a new one goes
//! to the table's end, a new table to the file's. An entry or a table that is commented out in the piece
//! (`# key = …`, `# [table]`) is taken out of the file. A second `[[table]]` is the file's second.
#![allow(dead_code)] // Each test file uses a part of it.

use std::fmt::Write as _;

/// A table of a text: its head as it is written, and what stands below it.
struct Table {
    /// `[message.ask.rows]`; empty for what stands before the first.
    head: String,
    entries: Vec<Entry>,
}

/// An entry with the lines that belong to it.
struct Entry {
    /// None: a comment or a blank line.
    key: Option<String>,
    /// Whether it is commented out.
    out: bool,
    text: String,
}

/// A file with a piece laid over it.
pub(crate) fn overlay(file: &str, piece: &str) -> String {
    let mut tables = parse(file);
    let mut begun: Vec<String> = Vec::new();
    for over in parse(piece) {
        let removed = |entry: &Entry| entry.out && entry.text.trim_start_matches("# ").starts_with('[');
        for entry in over.entries.iter().filter(|entry| removed(entry)) {
            let head = entry.text.trim_start_matches("# ").trim();
            tables.retain(|table| table.head != head);
        }
        let before = begun.iter().filter(|head| **head == over.head).count();
        begun.push(over.head.clone());
        let mut same = tables.iter_mut().filter(|table| table.head == over.head);
        match same.nth(before) {
            Some(table) => over.entries.into_iter().for_each(|entry| table.put(entry)),
            None if over.head.is_empty() => {}
            None => tables.push(over),
        }
    }
    let mut text = String::new();
    for table in tables {
        if !table.head.is_empty() {
            let _ = writeln!(text, "{}", table.head);
        }
        table.entries.iter().for_each(|entry| text.push_str(&entry.text));
        if !text.ends_with("\n\n") {
            text.push('\n');
        }
    }
    text
}

impl Table {
    fn put(&mut self, entry: Entry) {
        let Some(key) = &entry.key else { return };
        let there = self.entries.iter().position(|other| other.key.as_ref() == Some(key) && !other.out);
        match (there, entry.out) {
            (Some(at), true) => drop(self.entries.remove(at)),
            (Some(at), false) => self.entries[at] = entry,
            (None, true) => {}
            (None, false) => {
                let last = self.entries.iter().rposition(|other| other.key.is_some());
                self.entries.insert(last.map_or(0, |at| at + 1), entry);
            }
        }
    }
}

fn parse(text: &str) -> Vec<Table> {
    let mut tables = vec![Table { head: String::new(), entries: Vec::new() }];
    for line in text.lines() {
        let table = tables.last_mut().unwrap();
        if line.starts_with('[') {
            // What is said beside a head stays with it.
            let head = line.split(" #").next().unwrap_or(line).trim_end().to_owned();
            tables.push(Table { head, entries: Vec::new() });
            continue;
        }
        let commented = line.strip_prefix("# ");
        let out = commented.is_some_and(|rest| rest.starts_with('[') || key_of(rest).is_some());
        let key = key_of(if out { commented.unwrap_or(line) } else { line });
        let apart = key.is_some() || out || line.trim().is_empty() || line.starts_with('#');
        match (apart, table.entries.last_mut()) {
            // What is indented, and a closing bracket, goes on with the entry above.
            (false, Some(last)) => last.text.push_str(&format!("{line}\n")),
            _ => table.entries.push(Entry { key, out, text: format!("{line}\n") }),
        }
    }
    tables
}

/// The key with which a line begins an entry.
fn key_of(line: &str) -> Option<String> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end();
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let quoted = key.split('"').enumerate().all(|(at, part)| at % 2 == 1 || part.chars().all(plain));
    (!key.is_empty() && quoted && !line.starts_with([' ', ']'])).then(|| key.replace('"', ""))
}

#[test]
fn a_piece_takes_the_place_of_what_it_names() {
    let file = "[a]\nx = 1\ny = [\n  2,\n]\n\n[[b]]\nz = 3\n\n[c]\n\"d.e\" = 4\n";
    let of =
        |piece: &str| overlay(file, piece).lines().filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
    assert_eq!(of(""), "[a] x = 1 y = [   2, ] [[b]] z = 3 [c] \"d.e\" = 4");
    assert_eq!(of("[a]\ny = 5\nw = 6"), "[a] x = 1 y = 5 w = 6 [[b]] z = 3 [c] \"d.e\" = 4");
    assert_eq!(of("[a]\n# y = 0\n# [c]\n[[b]]\nz = 7\n[[b]]\nz = 8"), "[a] x = 1 [[b]] z = 7 [[b]] z = 8");
}
