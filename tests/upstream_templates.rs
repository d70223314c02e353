//! What sign-ins are written in: templates of texts and of bodies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use hyper::header::AUTHORIZATION;
use pamgate::identity::sign_in::{
    BodyTemplate, BodyTemplateError, Identity, SignIn, Template, TemplateError, render_header,
};
use serde_json::json;

fn joe(values: &[(&str, &str)]) -> Identity {
    let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Identity { caller: "joe".into(), values }
}

#[test]
fn names_are_filled_in_and_doubled_braces_are_braces() {
    let joe = joe(&[("user", "DOM\\joe"), ("pass-word", "p}{")]);
    let token = "T".to_owned().into();
    for (text, rendered) in [
        ("", Some("")),
        ("plain", Some("plain")),
        ("{user}", Some("DOM\\joe")),
        ("a={user};b=[{pass-word}]", Some("a=DOM\\joe;b=[p}{]")),
        ("{{{user}}}", Some("{DOM\\joe}")),
        ("é{{}}é", Some("é{}é")),
        ("{token}!", Some("T!")),
        ("a {missing} z", None),
    ] {
        let template = Template::parse(text).unwrap();
        let told = template.render(&joe, Some(&token)).map(|text| text.to_string());
        assert_eq!(told.as_deref(), rendered, "{text}");
    }
    assert!(Template::parse("{token}").unwrap().render(&joe, None).is_none());
}

#[test]
fn a_wrong_template_says_where() {
    for (text, at) in
        [("a{b", 1), ("a}b", 1), ("{}", 1), ("é{a b}", 3), ("{a}{", 3), ("{{}", 2), ("{a{b}", 1)]
    {
        let TemplateError { offset, .. } = Template::parse(text).unwrap_err();
        assert_eq!(offset, at, "{text}");
    }
}

#[test]
fn a_header_is_its_pieces_joined_secret_and_left_out_when_nothing_remains() {
    let pieces: Vec<Template> = ["PS-Auth key={key};", " runas={user};", " pwd=[{password}];"]
        .iter()
        .map(|piece| Template::parse(piece).unwrap())
        .collect();
    let header = |values| render_header(&AUTHORIZATION, &pieces, &joe(values), None);
    let all = header(&[("key", "k"), ("user", "u"), ("password", "p")]).unwrap().unwrap();
    assert_eq!(all, "PS-Auth key=k; runas=u; pwd=[p];");
    assert!(all.is_sensitive() && !format!("{all:?}").contains("PS-Auth"));
    assert_eq!(header(&[("key", "k"), ("user", "u")]).unwrap().unwrap(), "PS-Auth key=k; runas=u;");
    assert_eq!(header(&[]).unwrap(), None);
    let error = header(&[("key", "hush\r\nEvil: 1")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
}

#[test]
fn a_body_escapes_what_it_is_given_and_leaves_out_what_is_not_known() {
    let body = json!({
        "gone": "{missing}", "user": "{user}", "list": ["{missing}", 1, "{user}"], "on": true,
        "deep": { "gone": "{missing}" }, "also gone": "a {missing}"
    });
    let body = BodyTemplate::parse(&body).unwrap();
    for user in ["joe", "\",\"admin\":true,\"x\":\"", "a\\b\n\u{1}\u{7f}é\u{1F600}"] {
        let rendered: serde_json::Value =
            serde_json::from_slice(&body.render(&joe(&[("user", user)]))).unwrap();
        assert_eq!(rendered, json!({ "user": user, "list": [1, user], "on": true, "deep": {} }));
    }
    assert_eq!(body.names().iter().filter(|name| **name == "user").count(), 2);
}

#[test]
fn a_wrong_body_says_where_and_depth_is_bounded() {
    let error = BodyTemplate::parse(&json!({ "a": ["ok", "{"] })).unwrap_err();
    assert!(matches!(&error, BodyTemplateError::Text { pointer, .. } if pointer == "/a/1"), "{error}");
    let mut deep = json!("x");
    for _ in 0..15 {
        deep = json!([deep]);
    }
    BodyTemplate::parse(&deep).unwrap();
    assert_eq!(BodyTemplate::parse(&json!([deep])).unwrap_err(), BodyTemplateError::TooDeep);
}

#[test]
fn identities_show_names_only_and_are_compared_by_value() {
    let one = joe(&[("user", "u"), ("key", "hush")]);
    assert_eq!(format!("{one:?}"), r#"Identity { caller: "joe", values: ["user", "key"] }"#);
    assert!(one.same_as(&joe(&[("key", "hush"), ("user", "u")])));
    assert!(!one.same_as(&joe(&[("key", "other"), ("user", "u")])));
    assert!(!one.same_as(&joe(&[("key", "hush")])));
    let sign_in = SignIn::default();
    assert!(sign_in.open.is_none() && sign_in.each_call.is_empty());
}
