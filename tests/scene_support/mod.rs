//! A golden case as the exchange takes it, for tests that ask something else of it than the golden test does.
#![allow(dead_code)] // Each test file uses a part of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pamgate::canonical::{Fault, Record, Shape, Treatment};
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Dialect, Files, Recognised, Registry};
use pamgate::exchange::{Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};
use pamgate::json::Limits;

use crate::golden_format::{Block, Case};

pub(crate) fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The built-in dialects, and the fourth.
pub(crate) fn files() -> Files {
    let mut files = Files::built_in();
    files.add_mappings(&tests().join("fourth/mappings")).unwrap();
    files.add_schemas(&tests().join("fourth/schemas")).unwrap();
    files
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// All golden cases, the fourth dialect's too, with their names.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let mut folders = listed(&tests().join("golden"));
    // `facts` beside them are lines, and no cases.
    folders.retain(|folder| folder.is_dir() && folder.file_name().unwrap().to_string_lossy().contains('-'));
    folders.push(tests().join("fourth/cases"));
    let mut found = Vec::new();
    for path in folders.iter().flat_map(|folder| listed(folder)) {
        let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
        let (folder, stem) = (name(path.parent().unwrap()), name(&path));
        let sides = if folder == "cases" { stem.clone() } else { folder.clone() };
        let mut sides = sides.split('-');
        let (from, to) = (sides.next().unwrap(), sides.next().unwrap());
        let case = Case::read(&path, from, to).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        found.push((format!("{folder}/{stem}"), case));
    }
    found
}

/// What a case is given.
pub(crate) struct Scene {
    pub(crate) caller: Arc<Dialect>,
    pub(crate) pair: Arc<Pair>,
    pub(crate) crosswalk: Crosswalk,
    pub(crate) policy: Policy,
    pub(crate) principal: Principal,
    pub(crate) now: jiff::Timestamp,
    method: String,
    target: String,
    pub(crate) body: Vec<u8>,
}

impl Scene {
    pub(crate) fn of(case: &Case, registry: &Registry) -> Scene {
        let given = &case.given;
        let side = |name: &str, end: &str| Side {
            dialect: registry.get(name, given.variant(name, end)).unwrap().clone(),
            space: given.space(name, end).into(),
        };
        let pair = Arc::new(Pair::new(side(&case.from, "caller"), side(&case.to, "upstream")));
        let caller = pair.caller.dialect.clone();
        let mut policy = Policy::default();
        for (field, text) in &given.supply {
            policy.supply(field, text).unwrap();
        }
        for (field, text) in &given.treat {
            policy.treat(field, Treatment::parse(text).unwrap()).unwrap();
        }
        let send = case.block("send").unwrap();
        let (method, target) = called(send, &caller);
        Scene {
            caller,
            pair,
            crosswalk: Crosswalk::from_jsonl(&Source::new("crosswalk", given.crosswalk.clone())).unwrap(),
            policy,
            principal: Principal { name: given.principal.clone(), as_user: given.as_user.clone() },
            now: given.now,
            method,
            target,
            body: send.text.clone().into_bytes(),
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { crosswalk: &self.crosswalk, now: self.now, limits: Limits::default() }
    }

    /// None where the path is none of the dialect's.
    pub(crate) fn recognised(&self) -> Option<Recognised<'_>> {
        self.caller.recognise(&self.method, self.address().0).ok()
    }

    fn address(&self) -> (&str, Option<&str>) {
        self.target.split_once('?').map_or((&self.target, None), |(path, query)| (path, Some(query)))
    }

    pub(crate) fn incoming<'i>(&'i self, recognised: &'i Recognised<'i>) -> Incoming<'i> {
        let (path, query) = self.address();
        Incoming { recognised, path, query, body: &self.body }
    }

    pub(crate) fn chosen(&self) -> Chosen<'_> {
        Chosen { pair: self.pair.clone(), policy: &self.policy, principal: Cow::Borrowed(&self.principal) }
    }

    /// None where the path is none of the dialect's.
    pub(crate) fn ask(&self) -> Option<Result<Prepared, Fault>> {
        let recognised = self.recognised()?;
        Some(ask(&self.incoming(&recognised), self.context(), |_| Ok(self.chosen())))
    }

    /// What the message says; none where it can't be read.
    pub(crate) fn said(&self) -> Option<Record<'static>> {
        let recognised = self.recognised()?;
        let mut said = None;
        let _ = ask(&self.incoming(&recognised), self.context(), |record| {
            said = Some(record.clone().into_owned());
            Ok(self.chosen())
        });
        said
    }
}

/// Method and path of what is sent.
fn called(send: &Block, caller: &Dialect) -> (String, String) {
    match send.words.get(3) {
        Some(path) => (send.words[2].clone(), path.clone()),
        None => {
            let operation = caller.operation(&send.words[2]).unwrap();
            let (route, path) = caller.address(operation, &Record::new(Shape::Access)).unwrap();
            (route.method.to_owned(), path)
        }
    }
}
