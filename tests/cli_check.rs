//! `pamgate check`, and what all subcommands have in common: help, exit statuses, colour.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli_support;

use std::path::{Path, PathBuf};

use cli_support::pamgate;

fn built_in(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A folder with one file.
fn folder_with(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

#[test]
fn help_and_version_are_answers() {
    for words in [&["--help"][..], &["help"], &["check", "--help"], &["--version"]] {
        let ran = pamgate(words);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{words:?}");
        assert!(ran.out.contains("pamgate"), "{words:?}: {}", ran.out);
    }
    assert!(pamgate(&["--help"]).out.contains("Exit status:"));
}

#[test]
fn what_is_not_understood_is_a_usage_error() {
    for words in [
        &[][..],
        &["chekc"],
        &["check", "--nonsense"],
        &["serve"],
        &["serve", "--config", "x", "--upstream", "cyberark"],
        &["serve", "--sandbox", "--upstream", "cyberark", "--config", "x"],
        &["serve", "--sandbox", "--upstream", "cybrark"],
        &["serve", "--config", "x", "--store", "redis:x"],
        &["translate", "--from", "cyberark"],
        &["translate", "--from", "cyberark", "--to", "safeguard", "--reply"],
        &["translate", "--from", "cyberark", "--to", "safeguard", "--supply", "reason.text"],
        &["sandbox", "cyberark", "--tls-cert", "x"],
    ] {
        let ran = pamgate(words);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{words:?}: {}", ran.err);
        assert!(!ran.err.is_empty(), "{words:?}");
    }
}

#[test]
fn the_built_in_tables_pass() {
    let ran = pamgate(&["check"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("3 dialects, ") && ran.out.ends_with("nothing wrong\n"), "{}", ran.out);
    assert_eq!(pamgate(&["check", "--output", "json"]).out, "[]\n");
}

#[test]
fn a_table_of_ones_own_replaces_the_built_in_one_and_is_told_where_it_is_wrong() {
    let table = built_in("mappings/cyberark.toml");
    let place = table.lines().position(|line| line.starts_with("reason ")).expect("a row to misspell") + 1;
    let (folder, file) = folder_with("cyberark.toml", &table.replace("\nreason ", "\nreasom "));
    let folder = folder.path().to_str().unwrap();

    let ran = pamgate(&["check", "--mappings", folder]);
    assert_eq!(ran.status, 1);
    let at = format!("{}:{place}:1", file.display());
    for expected in ["unknown-place", &at, "reasom", "did you mean `reason`?"] {
        assert!(ran.err.contains(expected), "{expected} is not in\n{}", ran.err);
    }
    assert!(!ran.err.contains('\u{1b}') && ran.out.contains("mistake"), "{}", ran.out);
    assert!(pamgate(&["--colour", "always", "check", "--mappings", folder]).err.contains('\u{1b}'));

    let ran = pamgate(&["check", "--mappings", folder, "--output", "json"]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let all: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    let one =
        all.iter().find(|one| one["code"] == "unknown-place" && one["line"] == place).expect("the place");
    assert_eq!(one["file"], file.display().to_string());
    assert_eq!((&one["column"], &one["help"]), (&1.into(), &"did you mean `reason`?".into()));
    let mut keys: Vec<&String> = one.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["code", "column", "file", "help", "label", "line", "message"]);
}

#[test]
fn a_schema_of_ones_own_replaces_the_built_in_one() {
    let schema = built_in("schemas/cyberark/create.json").replace("\"reason\"", "\"grounds\"");
    let (folder, _) = folder_with("cyberark/create.json", &schema);
    let ran = pamgate(&["check", "--schemas", folder.path().to_str().unwrap()]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("property-not-mapped") && ran.err.contains("grounds"), "{}", ran.err);
}

#[test]
fn a_folder_that_cannot_be_meant_is_told() {
    let (empty, _) = folder_with("README.md", "");
    let (stray, _) = folder_with("cybrark/create.json", "{}");
    let (empty, stray) = (empty.path().to_str().unwrap(), stray.path().to_str().unwrap());
    for (words, expected) in [
        (["--mappings", "/nowhere/at/all"], "unreadable"),
        (["--mappings", empty], "empty-folder"),
        (["--schemas", empty], "empty-folder"),
        (["--schemas", stray], "did you mean `cyberark`?"),
    ] {
        let ran = pamgate(&["check", words[0], words[1]]);
        assert_eq!((ran.status, ran.out.as_str()), (1, "1 mistake\n"), "{words:?}");
        assert!(ran.err.contains(expected), "{words:?}: {}", ran.err);
    }
}

#[test]
fn nothing_in_a_table_or_on_the_command_line_is_a_command_for_the_terminal() {
    let unseen = |text: &str| {
        text.contains(|letter: char| {
            (letter.is_control() && letter != '\n')
                || ['\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}'].contains(&letter)
        })
    };
    let table = built_in("mappings/cyberark.toml");
    for hostile in
        ["\u{9b}2J\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}", "\\u001b[2J\\u009b\\u202e", "\u{1b}[2J"]
    {
        let wrong = table.replace("\nreason ", &format!("\n\"{hostile}reason\" "));
        let (folder, _) = folder_with("cyberark.toml", &wrong);
        let ran = pamgate(&["check", "--mappings", folder.path().to_str().unwrap()]);
        assert!(ran.status == 1 && ran.err.contains("reason"), "{}", ran.err);
        assert!(!unseen(&ran.err), "{:?}", ran.err);
    }
    let ran = pamgate(&["help", "x\u{1b}[31m\u{9b}\u{202e}"]);
    assert!(ran.status == 2 && ran.err.contains("`x\u{fffd}[31m") && !unseen(&ran.err), "{:?}", ran.err);
}

#[test]
fn a_long_line_with_many_mistakes_is_told_briefly() {
    let (folder, file) = folder_with("cyberark.toml", &format!("a={}", "[".repeat(100_000)));
    let folder = folder.path().to_str().unwrap();
    let ran = pamgate(&["check", "--mappings", folder]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.len() < 20_000, "{} bytes", ran.err.len());
    let ran = pamgate(&["check", "--mappings", folder, "--output", "json"]);
    let all: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    assert!(!all.is_empty() && all.len() <= 5, "{}", all.len());
    // What is left out is counted.
    std::fs::write(&file, "a = = 1\n".repeat(12)).unwrap();
    let ran = pamgate(&["check", "--mappings", folder]);
    assert!(ran.err.contains("more places"), "{}", ran.err);
}

#[test]
fn a_table_that_is_no_utf8_has_its_own_remedy() {
    let (folder, file) = folder_with("cyberark.toml", "");
    std::fs::write(&file, b"# caf\xe9\n").unwrap();
    let ran = pamgate(&["check", "--mappings", folder.path().to_str().unwrap()]);
    assert!(ran.status == 1 && ran.err.contains("unreadable"), "{}", ran.err);
    assert!(ran.err.contains("save it as UTF-8") && !ran.err.contains("give the path"), "{}", ran.err);
}

#[test]
fn a_file_that_nobody_reads_is_told_and_nothing_is_refused_for_it() {
    let (folder, _) = folder_with("cyberark.toml", &built_in("mappings/cyberark.toml"));
    let put = |name: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, built_in("schemas/cyberark/error.json")).unwrap();
    };
    for name in ["cyberark/error.json", "README", "notes.md", ".editorconfig", "mapping.schema.json"] {
        put(name);
    }
    let here = folder.path().to_str().unwrap();
    let ran = pamgate(&["check", "--mappings", here, "--schemas", here]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    for name in ["notes.txt", "cyberark.toml.bak", "cyberark/error.json~"] {
        put(name);
    }
    let ran = pamgate(&["check", "--mappings", here, "--schemas", here]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    for name in ["notes.txt", "cyberark.toml.bak", "cyberark/error.json~"] {
        let told = format!("warning: stray-file at {here}/{name}: nothing reads this file");
        assert_eq!(ran.err.matches(&told).count(), 1, "{name}: {}", ran.err);
    }
    assert_eq!(ran.err.matches("warning:").count(), 3, "{}", ran.err);
}

#[test]
fn a_byte_order_mark_before_a_table_or_a_schema_is_no_part_of_it() {
    let marked = |path: &str| format!("\u{feff}{}", built_in(path));
    let (folder, _) = folder_with("cyberark.toml", &marked("mappings/cyberark.toml"));
    std::fs::create_dir(folder.path().join("cyberark")).unwrap();
    std::fs::write(folder.path().join("cyberark/error.json"), marked("schemas/cyberark/error.json")).unwrap();
    let here = folder.path().to_str().unwrap();
    let ran = pamgate(&["check", "--mappings", here, "--schemas", here]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
}
