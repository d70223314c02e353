use serde_json::{Value, json};

use super::super::{Document, Keep, Leniency, Lenient, Name, NameSet, ReadOptions, Schema};
use super::{Check, Verdict};

/// A source of choices that a test can repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % sides as u64) as usize
    }

    fn of<T: Clone>(&mut self, among: &[T]) -> T {
        among[self.roll(among.len())].clone()
    }
}

const NAMES: &[&str] = &["a", "b", "c", "Long name of a property", "A"];

/// Values at and beyond every limit that the schemas below draw.
fn value(dice: &mut Dice, depth: usize) -> String {
    let one = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "2",
        "-1",
        "3",
        "1.0",
        "2.5",
        "1e0",
        "12345678901234567890",
        "\"\"",
        "\"a\"",
        "\"b\"",
        "\"äöü\"",
        "\"abcd\"",
        "\"1\"",
        "-0",
    ];
    match dice.roll(if depth == 0 { 4 } else { 8 }) {
        0..=3 => dice.of(&one).to_owned(),
        4 | 5 => {
            let elements: Vec<String> = (0..dice.roll(3)).map(|_| value(dice, depth - 1)).collect();
            format!("[{}]", elements.join(","))
        }
        _ => {
            let mut names: Vec<&str> = NAMES.to_vec();
            let mut members = Vec::new();
            for _ in 0..dice.roll(4) {
                let name = names.remove(dice.roll(names.len()));
                members.push(format!("{name:?}:{}", value(dice, depth - 1)));
            }
            format!("{{{}}}", members.join(","))
        }
    }
}

fn schema(dice: &mut Dice, depth: usize) -> Value {
    let types = ["null", "boolean", "integer", "number", "string", "array"];
    let values = [
        json!(null),
        json!(true),
        json!(1),
        json!(2),
        json!("a"),
        json!("b"),
        json!("1"),
        json!(1.5),
        json!([]),
    ];
    let mut out = serde_json::Map::new();
    for _ in 0..=dice.roll(3) {
        let deep = depth > 0;
        match dice.roll(if deep { 18 } else { 8 }) {
            0 => drop(out.insert("type".into(), json!(dice.of(&types)))),
            1 => drop(out.insert("type".into(), json!("object"))),
            2 => drop(out.insert("type".into(), json!([dice.of(&types), "object"]))),
            3 => drop(out.insert("enum".into(), json!([dice.of(&values), dice.of(&values)]))),
            4 => drop(out.insert("const".into(), dice.of(&values))),
            5 => {
                out.insert("minimum".into(), json!(dice.roll(3)));
                out.insert("maximum".into(), dice.of(&[json!(1), json!(2), json!(2.5), json!(u64::MAX)]));
            }
            6 => {
                out.insert("minLength".into(), json!(dice.roll(3)));
                out.insert("maxLength".into(), json!(1 + dice.roll(3)));
            }
            7 => drop(out.insert("title".into(), json!("x"))),
            8..=10 => {
                let members =
                    (0..=dice.roll(2)).map(|_| (dice.of(NAMES).to_owned(), schema(dice, depth - 1)));
                out.insert("properties".into(), Value::Object(members.collect()));
            }
            11 => drop(out.insert("required".into(), json!([dice.of(NAMES)]))),
            12 => {
                let others = dice.of(&[json!(false), json!(true), json!({"type": "string"})]);
                out.insert("additionalProperties".into(), others);
            }
            13 => drop(out.insert("items".into(), schema(dice, depth - 1))),
            14 => drop(out.insert("anyOf".into(), json!([schema(dice, depth - 1), schema(dice, depth - 1)]))),
            15 => drop(out.insert("allOf".into(), json!([schema(dice, depth - 1), {"$ref": "#/$defs/one"}]))),
            16 => {
                out.insert("if".into(), schema(dice, depth - 1));
                out.insert("then".into(), schema(dice, depth - 1));
                out.insert("else".into(), json!({"$ref": "#/$defs/one"}));
            }
            _ => {
                let unknown =
                    [("pattern", json!("^a")), ("uniqueItems", json!(true)), ("multipleOf", json!(2))];
                let (word, value) = dice.of(&unknown);
                out.insert(word.into(), value);
            }
        }
    }
    Value::Object(out)
}

/// What the check is sure of, `jsonschema` says too; and it is sure often enough to be worth the while.
#[test]
fn what_is_fine_or_broken_here_is_so_for_the_library() {
    let mut dice = Dice(7);
    let (mut fine, mut broken, mut unsure) = (0, 0, 0);
    for _ in 0..3000 {
        let mut schema = schema(&mut dice, 2);
        schema["$defs"] = json!({"one": {"type": ["integer", "object", "string"]}});
        let whole = Schema::compile(&schema).unwrap();
        let check = Check::compile(&schema);
        for _ in 0..20 {
            let text = value(&mut dice, 2);
            for any_case in [false, true] {
                let how = ReadOptions { any_case, ..ReadOptions::default() };
                // Two names of one spelling are refused by the reader.
                let Ok(document) = Document::read(text.as_bytes(), how) else { continue };
                let library = whole.violations(&document, 1).is_empty();
                match check.at(document.root(), 0, 0) {
                    Verdict::Fine => {
                        fine += 1;
                        assert!(library, "{schema} refuses {text}, any case: {any_case}");
                    }
                    Verdict::Broken => {
                        broken += 1;
                        assert!(!library, "{schema} accepts {text}, any case: {any_case}");
                    }
                    Verdict::Unsure => unsure += 1,
                }
                assert_eq!(whole.accepts(&document), library, "{schema}: {text}");
            }
        }
    }
    assert!(
        fine > 10_000 && broken > 10_000 && unsure > 1000,
        "fine {fine}, broken {broken}, unsure {unsure}"
    );
}

#[test]
fn a_schema_that_refers_to_itself_at_one_place_is_left_to_the_library() {
    let check = Check::compile(&json!({"allOf": [{"$ref": "#"}]}));
    let document = Document::read(b"1", ReadOptions::default()).unwrap();
    assert_eq!(check.at(document.root(), 0, 0), Verdict::Unsure);
}

#[test]
fn places_that_refer_to_the_whole_are_checked_as_deep_as_a_document_goes() {
    let check = Check::compile(&json!({"properties": {"a": {"$ref": "#"}, "b": {"type": "integer"}}}));
    let at =
        |text: &str| check.at(Document::read(text.as_bytes(), ReadOptions::default()).unwrap().root(), 0, 0);
    assert_eq!(at(r#"{"a":{"a":{"a":{"b":1}}}}"#), Verdict::Fine);
    assert_eq!(at(r#"{"a":{"a":{"a":{"b":"x"}}}}"#), Verdict::Broken);
}

/// Reading as a message does in one go what reading, spelling as the page does, and checking do one after the other.
#[test]
fn what_is_read_as_a_message_is_spelt_and_judged_as_step_by_step() {
    let mut dice = Dice(11);
    let (mut fine, mut changed, mut left_out, mut refused, mut found, mut noting) = (0, 0, 0, 0, 0, 0);
    for round in 0..3000 {
        let mut schema = schema(&mut dice, 2);
        schema["$defs"] = json!({"one": {"type": ["integer", "object", "string"]}});
        let rules = Schema::compile(&schema).unwrap();
        let any_case = round % 3 > 0;
        let how = Leniency { names: any_case, values: round % 2 > 0, integers: round % 2 > 0 };
        let mut lenient = Lenient::compile(&schema, how, &rules);
        let names = [dice.of(NAMES), "beyond", dice.of(NAMES)];
        let sought: NameSet = names.into_iter().collect();
        lenient.seek(&sought);
        for _ in 0..20 {
            let text = value(&mut dice, 2);
            let how = ReadOptions { any_case, null_is_absent: dice.roll(2) > 0, ..ReadOptions::default() };
            let read = Document::read_as(text.as_bytes(), how, (&lenient, &rules), None);
            let mut document = match Document::read(text.as_bytes(), how) {
                Ok(document) => document,
                Err(why) => {
                    assert_eq!(read.map(drop), Err(why), "{schema}: {text}");
                    refused += 1;
                    continue;
                }
            };
            let (read, sure) = read.unwrap();
            let plain = document.to_bytes();
            lenient.apply(&mut document);
            let (stepwise, at_once) = (document.to_bytes(), read.to_bytes());
            assert_eq!(stepwise, at_once, "{schema}: {text}");
            let noted = read.root().find_all(&sought);
            found += (0..names.len()).filter(|number| noted.get(*number).is_some()).count();
            noting += usize::from(read.found_by > 0);
            let library = rules.violations(&read, 1).is_empty();
            assert!(library || !sure, "{schema} refuses {text}");
            let way = way(&mut dice);
            let keep = Keep::new(&lenient, &rules, [way.as_slice()]);
            let wanted = (way.as_slice(), keep.as_ref());
            let kept = keeps_what_is_wanted(&text, how, (&lenient, &rules), wanted, (&sought, &names));
            left_out += usize::from(kept);
            // Where the walk is sure, so is the reading.
            assert_eq!(sure, rules.check.accepts(document.root()), "{schema}: {text}");
            fine += usize::from(sure);
            changed += usize::from(plain != stepwise);
        }
    }
    assert!(
        fine > 5_000 && changed > 300 && left_out > 50 && refused > 1_000 && found > 5_000 && noting > 5_000,
        "fine {fine}, changed {changed}, left out {left_out}, refused {refused}, found {found}, noting {noting}"
    );
}

/// A way into a document, which may lead to something.
fn way(dice: &mut Dice) -> Vec<Name> {
    let names = ["a", "b", "c", "A"];
    (0..dice.roll(3)).map(|_| Name::new(names[dice.roll(names.len())])).collect()
}

/// What is kept is as it is in the whole, the judgement is the same, and without it nothing is left out. Whether
/// anything was.
fn keeps_what_is_wanted(
    text: &str,
    how: ReadOptions,
    form: (&Lenient, &Schema),
    (way, keep): (&[Name], Option<&Keep>),
    sought: (&NameSet, &[&str]),
) -> bool {
    let (whole, sure) = Document::read_as(text.as_bytes(), how, form, None).unwrap();
    let (kept, still) = Document::read_as(text.as_bytes(), how, form, keep).unwrap();
    let text_of = |document: &Document<'_>| {
        document.root().walk(way).map(|at| {
            let mut out = Vec::new();
            at.write(&mut out);
            out
        })
    };
    assert_eq!((sure, text_of(&whole)), (still, text_of(&kept)), "{text}: {way:?}");
    assert!(sure || whole.to_bytes() == kept.to_bytes(), "{text}: {way:?}");
    // What the reader notes is what a search finds, whatever was left out.
    let again: NameSet = sought.1.iter().copied().collect();
    for document in [&whole, &kept] {
        let (noted, searched) = (document.root().find_all(sought.0), document.root().find_all(&again));
        for number in 0..sought.1.len() {
            assert_eq!(noted.get(number).map(|at| at.at), searched.get(number).map(|at| at.at), "{text}");
        }
    }
    kept.len() < whole.len()
}
