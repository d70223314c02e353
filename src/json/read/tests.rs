use jiter::Jiter;
use serde_json::Value;

use super::*;
use crate::json::At;

const LETTERS: &[u8] = b"{}[]:,\"\\ \n\t-+.0123456789eEnulltruefalsabcu\x01";

/// Texts that are JSON, with a few bytes changed; most are JSON no more.
fn texts() -> impl Iterator<Item = String> {
    let seeds = [
        r#"{"a":1,"b":[true,false,null],"c":{"d":"e\u00e9\n\"x","f":-0.5e+10}}"#,
        r#" [ "a longer text without any escape" , {"k" : "v"}, 0, 10, -1 ] "#,
        r#"{"text\\":"\ud83d\ude00","äöü":"ß, and some more","":""}"#,
    ];
    let mut state = 1_u64;
    let mut roll = move |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    (0..60_000).filter_map(move |round| {
        let mut bytes = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..roll(4) {
            let at = roll(bytes.len());
            match roll(3) {
                0 => bytes[at] = LETTERS[roll(LETTERS.len())],
                1 => bytes.insert(at, LETTERS[roll(LETTERS.len())]),
                _ => drop(bytes.remove(at)),
            }
        }
        String::from_utf8(bytes).ok()
    })
}

fn same(at: At<'_>, value: &Value) -> bool {
    match value {
        Value::Null => at.is_null(),
        Value::Bool(value) => at.boolean() == Some(*value),
        Value::Number(number) => at.digits().and_then(|digits| digits.parse().ok()) == number.as_f64(),
        Value::String(value) => at.text() == Some(value),
        Value::Array(values) => {
            at.elements().count() == values.len()
                && at.elements().zip(values).all(|(at, value)| same(at, value))
        }
        Value::Object(members) => {
            at.members().count() == members.len()
                && at.members().zip(members).all(|((a, at), (b, value))| a == b && same(at, value))
        }
    }
}

#[test]
fn what_is_read_is_what_jiter_takes_and_what_serde_json_reads() {
    let (mut taken, mut compared, mut refused) = (0, 0, 0);
    for text in texts() {
        let mut jiter = Jiter::new(text.as_bytes());
        let fine = jiter.next_skip().and_then(|()| jiter.finish()).is_ok();
        match Document::read(text.as_bytes(), ReadOptions::default()) {
            Ok(document) => {
                assert!(fine, "{text}");
                taken += 1;
                if let Ok(value) = serde_json::from_str(&text) {
                    compared += 1;
                    assert!(same(document.root(), &value), "{text}");
                }
            }
            // What comes after such a name was not looked at.
            Err(ReadError::Duplicate { .. }) => {}
            Err(error) => {
                refused += 1;
                // A number that no double holds is the one thing that jiter's grammar takes and this doesn't.
                let beyond = matches!(error, ReadError::OutOfRange { .. });
                assert!(!fine || (beyond && text.contains(['e', 'E'])), "{text}: {error}");
            }
        }
    }
    assert!(taken > 15_000 && refused > 15_000, "taken {taken}, refused {refused}");
    assert!(compared == taken, "taken {taken}, compared {compared}");
}
