//! Rust sources as the house's rules see them: without comments, without tests, in words.

use std::path::Path;

/// One source file.
pub(crate) struct Source {
    /// From `src/`, with slashes: `mapping/mod.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// The module of the crate that it belongs to: `mapping`; none for `main.rs` and `lib.rs`.
    pub(crate) fn module(&self) -> Option<&str> {
        self.path.split_once('/').map(|(module, _)| module)
    }

    /// How many `super::` lead from here to the crate's root.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        if self.path.ends_with("/mod.rs") { parts - 1 } else { parts }
    }

    /// A whole file of tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The code with its tests, comments blanked.
    pub(crate) fn code(&self) -> String {
        blank(&self.text, Blank::Comments)
    }

    /// The code that the program consists of: neither comments nor tests, on the lines they stood on.
    pub(crate) fn program(&self) -> String {
        if self.is_test() { String::new() } else { without_tests(&self.code()) }
    }

    /// Which of the crate's modules the code names, by `crate::…` or by enough `super::`.
    pub(crate) fn knows(&self, code: &str) -> Vec<String> {
        let code = blank(code, Blank::Strings);
        let mut known = Vec::new();
        for (at, _) in code.match_indices("crate::") {
            let in_a_word = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            if !in_a_word {
                known.extend(first_names(&code[at + "crate::".len()..]));
            }
        }
        let mut from = 0;
        while let Some(at) = code[from..].find("super::").map(|at| from + at) {
            let (mut rest, mut ups) = (&code[at..], 0);
            while let Some(shorter) = rest.strip_prefix("super::") {
                (rest, ups) = (shorter, ups + 1);
            }
            // Tests inside the file stand one deeper; what they name so is at least looked at from the file.
            if ups >= self.depth() {
                known.extend(first_names(rest));
            }
            from = code.len() - rest.len();
        }
        known.retain(|name| Some(name.as_str()) != self.module());
        known.sort();
        known.dedup();
        known
    }
}

/// The names that a path goes on with: `a` of `a::b`, and all of `{a::b, c}`.
fn first_names(rest: &str) -> Vec<String> {
    let word = |text: &str| {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let Some(group) = rest.trim_start().strip_prefix('{') else { return vec![word(rest)] };
    let mut names = vec![word(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// All sources of the crate.
pub(crate) fn sources() -> Vec<Source> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<Source>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Source { path: name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

#[derive(Clone, Copy, PartialEq)]
enum Blank {
    Comments,
    /// Strings besides.
    Strings,
}

/// The text with comments, or comments and what stands in strings, turned into blanks.
fn blank(text: &str, what: Blank) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, is_comment) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), true)
        } else if rest.starts_with("/*") {
            (block_comment(rest), true)
        } else if let Some(length) = raw_string(rest).filter(|_| !ends_in_word(&out)) {
            (length, false)
        } else if first == '"' {
            (quoted(rest), false)
        } else if let Some(length) = character(rest) {
            (length, false)
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (piece, after) = rest.split_at(length);
        if is_comment || what == Blank::Strings {
            // As many bytes: places in one blanked text are places in the other.
            out.extend(piece.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(piece);
        }
        rest = after;
    }
    out
}

fn ends_in_word(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// How long a `/* */` is; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let step = if rest.starts_with(b"/*") {
            depth += 1;
            2
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            2
        } else {
            1
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// How long an `r"…"`, `r#"…"#` or `br"…"` is, if one begins here.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let before = text.len() - inside.len();
    Some(inside.find(&end).map_or(text.len(), |at| before + at + end.len()))
}

/// How long a `"…"` is.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long a `'c'` is, if it is one and no lifetime.
fn character(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    if first == '\\' {
        let escaped = inside.chars().nth(1)?.len_utf8() + 1;
        return inside[escaped..].find('\'').map(|at| 1 + escaped + at + 1);
    }
    inside[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

/// The code without its `#[cfg(test)]` items.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let bare = blank(code, Blank::Strings);
    let mut out = String::new();
    let mut from = 0;
    while let Some(start) = bare[from..].find(MARK).map(|at| from + at) {
        out.push_str(&code[from..start]);
        let end = item_end(&bare, start + MARK.len());
        out.extend(code[start..end].chars().filter(|c| *c == '\n'));
        from = end;
    }
    out.push_str(&code[from..]);
    out
}

/// Where an item ends: behind its `;` or its closing brace.
fn item_end(bare: &str, from: usize) -> usize {
    let mut depth = 0;
    for (at, c) in bare[from..].char_indices() {
        match c {
            ';' if depth == 0 => return from + at + 1,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return from + at + 1;
                }
            }
            _ => {}
        }
    }
    bare.len()
}

#[test]
fn comments_strings_and_tests_are_told_apart() {
    let code = r##"let a = "// no comment"; // a comment
let b = r#"a "quoted" /* thing"#; /* one /* in */ another */ let c = '"'; let d: &'static str = "x\"y";
#[cfg(test)]
mod tests { fn f() { g("}") } }
fn kept() {}
#[cfg(test)]
mod more;
"##;
    let source = Source::new("a/b.rs", code);
    let program = source.program();
    assert!(program.contains("// no comment") && program.contains("/* thing") && program.contains("fn kept"));
    assert!(!program.contains("a comment") && !program.contains("another"), "{program}");
    assert!(!program.contains("fn f") && !program.contains("mod more"), "{program}");
    assert!(program.contains(r#"let c = '"'; let d: &'static str = "x\"y";"#), "{program}");
    let line = |text: &str| text.lines().position(|line| line.contains("fn kept"));
    assert_eq!(line(&program), line(code), "lines keep their numbers");
    assert_eq!(Source::new("a/tests.rs", "fn f() {}").program(), "");
}

#[test]
fn what_a_source_knows_is_seen_in_every_spelling() {
    for (path, code, expected) in [
        ("a/mod.rs", "use crate::json::Read;", &["json"][..]),
        ("a/mod.rs", "use crate::{json::{Read, Write}, store, mapping as m};", &["json", "mapping", "store"]),
        ("a/mod.rs", "fn f(x: crate::json::Read) {}", &["json"]),
        ("a/mod.rs", "use super::json;", &["json"]),
        ("a/b.rs", "use super::json;", &[]),
        ("a/b.rs", "use super::super::{json, a};", &["json"]),
        ("a/b/c.rs", "use super::super::json;", &[]),
        ("a/b/c.rs", "use super::super::super::json;", &["json"]),
        ("a/mod.rs", "use crate::a::b; const X: &str = \"crate::json\"; use mycrate::store;", &[]),
    ] {
        let source = Source::new(path, code);
        assert_eq!(source.knows(&source.code()), expected, "{path}: {code}");
    }
}
