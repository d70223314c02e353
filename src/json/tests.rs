use serde_json::json;

use super::*;

fn vendor() -> ReadOptions {
    ReadOptions { any_case: true, null_is_absent: true, limits: Limits::default() }
}

fn read(text: &str) -> Result<Document<'_>, ReadError> {
    Document::read(text.as_bytes(), vendor())
}

fn again(text: &str) -> String {
    String::from_utf8(read(text).unwrap().to_bytes()).unwrap()
}

#[test]
fn digits_and_text_come_back_exactly() {
    let text = r#"{"a":12345678901234567890123,"b":-0.10e+5,"c":"é \"x\" \\ 😀","d":[1,[],{}],"e":true}"#;
    assert_eq!(again(text), text);
}

#[test]
fn a_property_that_is_null_is_not_there_but_an_element_is() {
    assert_eq!(again(r#"{"a":null,"b":[null],"c":{"d":null}}"#), r#"{"b":[null],"c":{}}"#);
}

#[test]
fn names_are_found_in_any_case_or_exactly() {
    let text = br#"{"systemid":3}"#;
    let any = Document::read(text, vendor()).unwrap();
    assert_eq!(any.root().member(&Name::new("SystemID")).unwrap().digits(), Some("3"));
    let exact = Document::read(text, ReadOptions::default()).unwrap();
    assert!(exact.root().member(&Name::new("SystemID")).is_none());
}

#[test]
fn a_number_of_thousands_of_digits_is_out_of_range_at_its_place() {
    let far = format!("{}e-1140250793", "9".repeat(3137));
    for (text, at) in [
        ("9".repeat(5000), 1),
        (format!("{{\"a\": [1, -{}.5]}}", "9".repeat(400)), 11),
        (format!("[0, {far}]"), 5),
    ] {
        assert_eq!(read(&text).map(drop), Err(ReadError::OutOfRange { line: 1, column: at }), "{text}");
    }
}

#[test]
fn of_many_names_each_is_found_and_no_other() {
    let names = |letter: char| (0..500).map(move |number| format!("{letter}{number}"));
    let text =
        format!("{{{}}}", names('n').map(|name| format!("\"{name}\":1")).collect::<Vec<_>>().join(","));
    let value = serde_json::from_str(&text).unwrap();
    let mut built = Builder::new();
    built.value(&value);
    for document in [read(&text).unwrap(), built.finish(true)] {
        assert!(names('n').chain(names('N')).all(|name| document.root().member(&Name::new(&name)).is_some()));
        assert!(names('m').all(|name| document.root().member(&Name::new(&name)).is_none()));
    }
    // One by one, each with its own bit alone.
    for name in names('n') {
        let text = format!("{{\"{name}\":1}}");
        let document = read(&text).unwrap();
        assert!(document.root().member(&Name::new(&name)).is_some(), "{name}");
        let mut built = Builder::new();
        let open = built.object();
        built.name(name.as_str());
        built.null();
        built.close(open);
        assert!(built.finish(false).root().member(&Name::new(&name)).is_some(), "{name}");
    }
}

#[test]
fn who_looks_for_many_names_at_once_finds_what_a_search_finds() {
    let text = r#"{"a":1,"b":{"c":2,"d":3},"e":[{"a":4}],"f":{},"g":"5"}"#;
    let value = serde_json::from_str(text).unwrap();
    let mut built = Builder::new();
    built.value(&value);
    let any_case = Document::read(text.as_bytes(), ReadOptions { any_case: true, ..Default::default() });
    for document in [read(text).unwrap(), built.finish(false), any_case.unwrap()] {
        let root = document.root();
        let element = root.member(&Name::new("e")).unwrap().elements().next().unwrap();
        let inner = root.member(&Name::new("b")).unwrap();
        for object in [root, element, inner, root.member(&Name::new("g")).unwrap()] {
            for names in [&["h", "g", "f", "a", "A", "c", "e", "b", "d"][..], &["B", "d"], &[]] {
                let all = object.find_all(&names.iter().copied().collect());
                for (number, name) in names.iter().enumerate() {
                    let (one, other) = (all.get(number), object.member(&Name::new(name)));
                    assert_eq!(one.map(|at| at.at), other.map(|at| at.at), "{name} of {names:?}");
                }
                assert!(all.get(names.len()).is_none());
            }
        }
    }
}

#[test]
fn a_name_that_is_spelt_just_so_goes_before_one_that_is_alike() {
    let set: NameSet = ["a", "A", "b"].into_iter().collect();
    let number = |name: &str, any_case| set.number(Name::new(name).hash, name, any_case);
    assert_eq!((number("a", true), number("A", true), number("B", true)), (Some(0), Some(1), Some(2)));
    assert_eq!((number("a", false), number("A", false), number("B", false)), (Some(0), Some(1), None));
}

#[test]
fn of_more_names_than_usual_each_is_found() {
    let names: Vec<String> = (0..100).map(|n| format!("n{n}")).collect();
    let text: Vec<String> = names.iter().rev().map(|name| format!("\"{name}\":\"{name}\"")).collect();
    let text = format!("{{{}}}", text.join(","));
    let document = read(&text).unwrap();
    let all = document.root().find_all(&names.iter().map(String::as_str).collect());
    for (number, name) in names.iter().enumerate() {
        assert_eq!(all.get(number).and_then(At::text), Some(name.as_str()));
    }
}

#[test]
fn a_name_that_stands_twice_is_refused_also_when_it_is_null_or_in_other_case() {
    for text in
        [r#"{"a":1,"a":2}"#, r#"{"a":null,"A":2}"#, r#"{"x":{"b":1,"B":null}}"#, "{\"\\u0061\":1,\"a\":1}"]
    {
        assert!(matches!(read(text), Err(ReadError::Duplicate { .. })), "{text}");
    }
    let many: Vec<String> = (0..200).map(|n| format!("\"n{n}\":{n}")).collect();
    assert!(read(&format!("{{{}}}", many.join(","))).is_ok());
    assert!(matches!(read(&format!("{{{},\"N7\":1}}", many.join(","))), Err(ReadError::Duplicate { .. })));
    let exact = Document::read(br#"{"a":1,"A":2}"#, ReadOptions::default());
    assert!(exact.is_ok(), "where case matters, these are two names");
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for text in [
        "",
        " ",
        "{",
        "{'a':1}",
        "[1,]",
        "01",
        "1.",
        "-",
        "+1",
        "NaN",
        "Infinity",
        "1 2",
        "\"\u{1}\"",
        "nul",
        "{\"a\":1,}",
        "[",
        "\"\\x\"",
        "1e",
        ".5",
        "-Infinity",
        "tru",
        "{\"a\" 1}",
        "\"\\ud800\"",
    ] {
        assert!(matches!(read(text), Err(ReadError::Syntax { line: 1, .. })), "{text:?}: {:?}", read(text));
    }
    let Err(ReadError::Syntax { line, column, .. }) = read("{\n  \"a\": x}") else { panic!("not JSON") };
    assert_eq!((line, column), (2, 8));
    assert_eq!(Document::read(b"\"\xff\"", vendor()).map(drop), Err(ReadError::NotUtf8 { at: 1 }));
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = "[".repeat(100_000);
    assert_eq!(read(&deep).map(drop), Err(ReadError::TooDeep { limit: 32 }));
    let wide = format!("[{}1]", "1,".repeat(60_000));
    assert_eq!(read(&wide).map(drop), Err(ReadError::TooMany { limit: 50_000 }));
}

#[test]
fn a_schema_validates_in_place_and_reports_all_violations_without_values() {
    let schema = Schema::compile(&json!({
        "type": "object", "required": ["SystemID", "Reason"],
        "properties": {"SystemID": {"type": "integer", "minimum": 1, "maximum": 9},
                       "Kind": {"enum": ["View", "RDP"]}, "Ticket": {"type": "string", "maxLength": 3}}
    }))
    .unwrap();
    assert!(schema.accepts(&read(r#"{"SystemID":7,"Reason":"x","Kind":"RDP"}"#).unwrap()));
    let bad = read(r#"{"SystemID":10,"Ticket":"sesame-opens","Kind":"x"}"#).unwrap();
    let found = schema.violations(&bad, 100);
    let pointers: Vec<&str> = found.iter().map(|v| v.pointer.as_str()).collect();
    assert_eq!(pointers.len(), 4, "{found:?}");
    for pointer in ["", "/SystemID", "/Ticket", "/Kind"] {
        assert!(pointers.contains(&pointer), "{pointer} in {found:?}");
    }
    assert!(found.iter().all(|v| !v.text.contains("sesame")), "{found:?}");
    assert!(!schema.accepts(&read(r#"{"SystemID":12345678901234567890123,"Reason":""}"#).unwrap()));
}

#[test]
fn alternatives_that_only_want_a_property_are_told_by_their_names() {
    let schema = Schema::compile(&json!({"allOf": [
        {"anyOf": [{"required": ["AssetId"]}, {"required": ["AssetName"]}]},
        {"anyOf": [{"required": ["User"]}, {"type": "array"}]}
    ]}))
    .unwrap();
    let found = schema.violations(&read("{}").unwrap(), 100);
    let texts: Vec<&str> = found.iter().map(|v| v.text.as_str()).collect();
    assert_eq!(texts[0], "one of AssetId, AssetName is a required property");
    assert!(texts[1].contains("anyOf"), "an array is no property: {texts:?}");
}

#[test]
fn lenient_places_become_what_the_page_says() {
    let schema = json!({"type": "object", "properties": {
        "SystemID": {"$ref": "#/$defs/id"}, "Name": {"type": "string"}, "AccessType": {"enum": ["View", "RDP"]},
        "List": {"type": "array", "items": {"type": "object", "properties": {"N": {"type": "integer"}}}}},
        "$defs": {"id": {"type": "integer"}}});
    let rules = Schema::compile(&schema).unwrap();
    let lenient = Lenient::compile(&schema, Leniency { names: true, values: true, integers: true }, &rules);
    let mut document = read(
        r#"{"systemId":"3","Name":"4","accesstype":"rdp","List":[{"n":"5"},{"n":"x"}],"other":{"name":1}}"#,
    )
    .unwrap();
    lenient.apply(&mut document);
    assert_eq!(
        String::from_utf8(document.to_bytes()).unwrap(),
        r#"{"SystemID":3,"Name":"4","AccessType":"RDP","List":[{"N":5},{"N":"x"}],"other":{"name":1}}"#
    );
}

#[test]
fn what_is_built_is_what_would_be_read() {
    let constant = json!({"x": [1, "two", null]});
    let mut builder = Builder::new();
    let whole = builder.object();
    builder.name("a");
    builder.digits("1");
    let mark = builder.mark();
    builder.name("gone");
    let gone = builder.object();
    builder.close(gone);
    builder.undo(mark);
    builder.name("b");
    builder.value(&constant);
    builder.close(whole);
    let built = builder.finish(true);
    assert_eq!(String::from_utf8(built.to_bytes()).unwrap(), r#"{"a":1,"b":{"x":[1,"two",null]}}"#);
    assert_eq!(built.root().member(&Name::new("A")).unwrap().digits(), Some("1"));
}

#[test]
fn a_document_without_a_value_keeps_to_no_schema() {
    let schema = Schema::compile(&serde_json::json!({})).unwrap();
    let empty = Builder::new().finish(true);
    assert!(!schema.accepts(&empty));
    assert_eq!(schema.violations(&empty, 9).len(), 1);
}

#[test]
fn every_text_is_written_as_json_has_it_whatever_stands_where() {
    for character in ('\0'..='\x7f').chain(['é', '😀']) {
        for length in 0..20 {
            for at in [0, length / 2, length] {
                let mut text = "a~".repeat(length)[..length].to_owned();
                text.insert(at, character);
                let mut out = Builder::new();
                out.text(text.as_str());
                assert_eq!(out.finish(false).to_bytes(), serde_json::to_vec(&text).unwrap(), "{text:?}");
            }
        }
    }
}
