//! The examples of forms, both ways: what a message reads as, and what is written of what was said.
use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use pamgate::canonical::Fault;
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Dialect, Files, Registry};
use pamgate::exchange::{Came, Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};
use pamgate::json::Limits;
use serde_json::{Value as Json, json};

use super::{canon, head, said, with_error};

/// The dialect of an example, and the one that it is translated from and to.
pub(crate) struct Form {
    form: Arc<Dialect>,
    canon: Arc<Dialect>,
}

/// What came out, or in which words it was refused.
type Outcome = Result<String, String>;

impl Form {
    /// Loads the example.
    pub(crate) fn new(table: &str, schema: &str) -> Result<Form, String> {
        let schema: Json = serde_json::from_str(schema).map_err(|e| format!("the schema is no JSON: {e}"))?;
        let mut schema = json!({ "type": "object", "properties": schema });
        let mut files = Files::default();
        let (canon, of_canon) = canon::files();
        // What only a server tells may stand in a request whose message is a reply's as well: one that tells an id.
        let told =
            ["status", "expires", "changed"].iter().any(|field| table.contains(&format!("\"{field}\"")));
        let (table, replies) = match told {
            true => {
                schema["properties"]["Id"] = json!({ "type": "string" });
                let rows = "[message.m.rows]\n";
                (table.replace(rows, &format!("{rows}Id = \"request.id\"\n")), "r\", \"200 m")
            }
            false => (table.to_owned(), "r"),
        };
        // A request and a reply of the same entries: one message for both would be a mistake.
        let answers = |table: &str, by: &str| table.replace("\"201\"", &format!("\"201 {by}\""));
        let own = |part: &&str| ["message.m.", "message.m]"].iter().any(|head| part.starts_with(head));
        let parts = format!("\n{table}");
        let parts = parts.split("\n[").filter(own).map(|part| format!("\n[{part}"));
        let again = parts.collect::<String>().replace("[message.m", "[message.r");
        let source = Source::new("form/r.json", schema.to_string());
        files.schemas.insert(("form".into(), "r".into()), source);
        let twice = format!("{}{table}\n{again}", head("form")).replace("\"201\"", "[\"201\"]");
        let (form, canon) = (with_error(&answers(&twice, replies)), answers(&canon, "m"));
        for (name, table, schema) in [("form", form, schema), ("canon", canon, of_canon)] {
            files.mappings.insert(name.into(), Source::new(format!("{name}.toml"), table));
            for (message, schema) in [("m", schema), ("error", json!({ "type": "string" }))] {
                let source = Source::new(format!("{name}/{message}.json"), schema.to_string());
                files.schemas.insert((name.into(), message.into()), source);
            }
        }
        let registry = Registry::load(&files).map_err(|wrong| wrong.render(false))?;
        let of = |name: &str| registry.get(name, None).cloned();
        Ok(Form { form: of("form")?, canon: of("canon")? })
    }

    /// What a message reads as, as the manual shows it.
    pub(crate) fn read(&self, message: &str) -> Outcome {
        let prepared = prepared(&self.form, &self.canon, message)?;
        let mut canonical: Json = serde_json::from_str(&prepared.canonical).map_err(|e| e.to_string())?;
        // The path says it, and no example is about it.
        canonical.as_object_mut().map(|said| said.remove("target.account.id"));
        Ok(said::all_shown(&canonical))
    }

    /// What is written of a request that says what a line says.
    pub(crate) fn write(&self, line: &str) -> Outcome {
        let prepared = prepared(&self.canon, &self.form, &said::message(line)?.to_string())?;
        Ok(String::from_utf8_lossy(&prepared.call.body.unwrap_or_default()).into_owned())
    }

    /// What is written of a reply that says what a line says.
    pub(crate) fn write_reply(&self, line: &str) -> Outcome {
        let prepared = prepared(&self.form, &self.canon, "{}")?;
        let body = said::message(line)?.to_string();
        let came = Came { status: 201, body: body.as_bytes() };
        let answered = prepared.answer(came, None, 0, context(&Crosswalk::empty()));
        let answered = answered.map_err(|fault| refused(&self.form, &fault))?;
        Ok(String::from_utf8_lossy(&answered.body.unwrap_or_default()).into_owned())
    }
}

fn context(crosswalk: &Crosswalk) -> Context<'_> {
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    Context { crosswalk, now, limits: Limits::default() }
}

fn refused(caller: &Dialect, fault: &Fault) -> String {
    let (_, body) = caller.write_fault(None, fault);
    let text: String = serde_json::from_slice(&body).unwrap();
    format!("refused: {text}")
}

fn prepared(caller: &Arc<Dialect>, upstream: &Arc<Dialect>, message: &str) -> Result<Prepared, String> {
    let side = |dialect: &Arc<Dialect>| Side { dialect: dialect.clone(), space: "both".into() };
    let pair = Arc::new(Pair::new(side(caller), side(upstream)));
    let path = format!("{}/A-1/m", caller.base());
    let recognised = caller.recognise("POST", &path).unwrap();
    let incoming = Incoming { recognised: &recognised, path: &path, query: None, body: message.as_bytes() };
    let policy = Policy::default();
    let asked = ask(&incoming, context(&Crosswalk::empty()), |_| {
        let principal = Principal { name: String::new(), as_user: None };
        Ok(Chosen { pair: pair.clone(), policy: &policy, principal: Cow::Owned(principal) })
    });
    asked.map_err(|fault| refused(caller, &fault))
}

/// Runs the lines of an example; what comes out otherwise.
pub(crate) fn differences(form: &Form, lines: &[String], reply: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in lines {
        let Some(arrow) = line.find(['⇄', '→', '←']) else {
            wrong.push(format!("`{line}` has no arrow"));
            continue;
        };
        let (message, rest) = (line[..arrow].trim(), &line[arrow..]);
        let way = rest.chars().next().unwrap();
        let canonical = rest[way.len_utf8()..].trim();
        if way != '←' {
            let got = form.read(message).unwrap_or_else(|refused| refused);
            if got != canonical {
                wrong.push(format!("{message} reads\n    - {canonical}\n    + {got}"));
            }
        }
        if way != '→' {
            let got = if reply { form.write_reply(canonical) } else { form.write(canonical) };
            let got = got.unwrap_or_else(|refused| refused);
            if !same(&got, message) {
                wrong.push(format!("{canonical} writes\n    - {message}\n    + {got}"));
            }
        }
    }
    wrong
}

/// As JSON, where both are.
fn same(one: &str, other: &str) -> bool {
    match (serde_json::from_str::<Json>(one), serde_json::from_str::<Json>(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
