//! Runs every golden case through the translation path: what is read, what is sent on, what is lost, what is answered.
//!
//! The cases are facts (tests/golden/README.md); this file only compares. All failures are shown together.
//! `PAMGATE_GOLDEN=write cargo test --test golden` writes what came out into the failing cases, for review.
#[allow(dead_code)] // The mutation test uses the rest.
mod golden_facts;
mod golden_format;
mod golden_run;

use std::fmt::Write as _;

use golden_format::{Case, canonical};
use golden_run::{DIALECTS, End, Got, cases_of, run};
use pamgate::dialect::{Files, Registry};

/// Of each pair there are so many cases, and so many of them end in a refusal: by the gateway, or by the upstream.
const FEWEST: usize = 10;
const FEWEST_REFUSED: usize = 3;

#[test]
fn every_case_comes_out_as_it_is_written() {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let write = std::env::var("PAMGATE_GOLDEN").is_ok_and(|what| what == "write");
    assert!(!write || std::env::var("CI").is_err(), "cases are written by people, never by CI");
    let (mut failed, mut cases) = (String::new(), 0);
    for from in DIALECTS {
        for to in DIALECTS {
            let found = cases_of(from, to);
            let refused = found.iter().filter(|(_, case)| case.as_ref().is_ok_and(ends_refused)).count();
            if found.len() < FEWEST || refused < FEWEST_REFUSED {
                let has = format!("{} cases, {refused} of them refused", found.len());
                let needs = format!("{FEWEST}, and {FEWEST_REFUSED} refused");
                let _ = writeln!(failed, "{from}-{to}: has {has}, and needs {needs}");
            }
            for (path, case) in found {
                cases += 1;
                let outcome = case.and_then(|case| Ok((run(&case, &registry)?, case)));
                match outcome {
                    Err(why) => drop(writeln!(failed, "{path}\n    ! {why}")),
                    Ok((got, case)) => {
                        let wrong = got.difference(&case);
                        if wrong.is_empty() {
                            continue;
                        }
                        let told: Vec<&str> = wrong.iter().map(|(_, told)| told.as_str()).collect();
                        let _ = writeln!(failed, "{path}\n{}", told.concat());
                        if write {
                            let blocks: Vec<&str> = wrong.iter().map(|(block, _)| *block).collect();
                            let text = got.rewritten(&case, &blocks);
                            std::fs::write(&case.path, text).expect("the case can be written");
                        }
                    }
                }
            }
        }
    }
    let many = failed.lines().filter(|line| line.ends_with(".md")).count();
    assert!(failed.is_empty(), "{many} of {cases} cases (- expected, + came out)\n{failed}");
}

fn ends_refused(case: &Case) -> bool {
    let answered = case.block("answer").and_then(|answer| answer.status().ok());
    case.block("refuse").is_some() || answered.is_some_and(|status| status >= 400)
}

#[test]
fn every_fact_holds() {
    let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
    let mut failed = String::new();
    let facts = golden_facts::all();
    for fact in &facts {
        if let Some(lines) = fact.difference(&registry) {
            let _ = writeln!(failed, "{} ({})\n{lines}", fact.name, fact.label);
        }
    }
    assert!(facts.len() > 100, "only {} facts", facts.len());
    assert!(failed.is_empty(), "(- expected, + came out)\n{failed}");
}

impl Got {
    /// The case's text with what came out in the blocks that are wrong. Where it is refused now and was not before, or
    /// the other way round, all below what is sent is written anew, but for what the upstream answers.
    fn rewritten(&self, case: &Case, wrong: &[&str]) -> String {
        let came: Vec<(&str, String)> = self.blocks(case);
        let turned = case.block("refuse").is_some() != came.iter().any(|(name, _)| *name == "refuse");
        if turned {
            let sent = case.block("send").map_or(0, |block| block.span.end);
            let blocks: Vec<&str> = came.iter().map(|(_, text)| text.as_str()).collect();
            return format!("{}\n{}", &case.file[..sent], blocks.join("\n"));
        }
        let mut out = case.file.clone();
        for block in case.blocks.iter().rev().filter(|block| wrong.contains(&block.name())) {
            if let Some((_, text)) = came.iter().find(|(name, _)| *name == block.name()) {
                out.replace_range(block.span.clone(), text);
            }
        }
        out
    }

    /// What came out, as blocks of a case in their order.
    fn blocks(&self, case: &Case) -> Vec<(&'static str, String)> {
        let block = |head: String, text: &str| format!("```{head}\n{}\n```\n", text.trim_end());
        let mut out = Vec::new();
        if !self.said.is_empty() || !self.unsaid.is_empty() {
            out.push(("canonical", block("toml canonical".into(), &self.canonical_text())));
        }
        match &self.end {
            End::None => {}
            End::Refused { status, fault, why, .. } => {
                out.push(("refuse", block(format!("text refuse {} {status} {fault}", case.from), why)));
            }
            End::Forwarded { call, body, losses, reply } => {
                let body = String::from_utf8_lossy(body);
                out.push(("forward", block(format!("json forward {call}"), &body)));
                let losses = if losses.is_empty() { "none".to_owned() } else { losses.join("\n") };
                out.push(("losses", block("text losses".into(), &losses)));
                if let (Some((status, body)), Some(answer)) = (reply, case.block("answer")) {
                    out.push(("answer", block(format!("json {}", answer.words.join(" ")), &answer.text)));
                    let text = String::from_utf8_lossy(body).into_owned();
                    let text = match &self.minted {
                        Some(id) if text == *id => "\"<minted>\"".to_owned(),
                        Some(id) => text.replace(&format!("\"{id}\""), "\"<minted>\""),
                        None => text,
                    };
                    out.push(("reply", block(format!("json reply {} {status}", case.from), &text)));
                }
            }
        }
        out
    }

    fn canonical_text(&self) -> String {
        let unsaid = if self.unsaid.is_empty() { "" } else { "\n[unsaid]\n" };
        let said: String = self.said.iter().map(canonical::line).collect();
        said + unsaid + &self.unsaid.iter().map(canonical::line).collect::<String>()
    }
}
