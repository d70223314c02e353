//! What is read, what is refused, and that no secret shows.
use secrecy::ExposeSecret;

use super::*;

fn env(name: &str) -> Option<String> {
    match name {
        "BACKUP_JOB_KEY" => Some("k1".into()),
        "VAULT_PASSWORD" => Some("p1\n".into()),
        "SAFEGUARD_KEY" => Some("p2".into()),
        "EMPTY" => Some("\n".into()),
        _ => None,
    }
}

fn read(text: &str) -> Result<Config, Diagnostics> {
    parse(&Source::new("pamgate.toml", text), Path::new("/nowhere"), &env)
}

/// Enough of everything that a test doesn't talk about.
const REST: &str = r#"
[[upstream]]
name = "ca1"
dialect = "cyberark"
url = "https://pvwa.example.com"
[[caller]]
name = "joe"
from.beyondtrust.key = { env = "BACKUP_JOB_KEY" }
as.ca1 = { user = "svc", password = { env = "VAULT_PASSWORD" } }
"#;

fn with_rest(text: &str) -> Result<Config, Diagnostics> {
    read(&format!("{text}{REST}"))
}

fn told(result: Result<Config, Diagnostics>) -> Vec<String> {
    result.unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_is_good_and_shows_the_defaults() {
    let config = read(include_str!("../../pamgate.example.toml")).unwrap();
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    let defaults = with_rest("").unwrap();
    assert_eq!(config.limits, defaults.limits);
    assert_eq!(config.deadlines, defaults.deadlines);
    assert_eq!(config.store, defaults.store);
    assert_eq!(config.gateway.listen, defaults.gateway.listen);
    assert_eq!(config.upstreams[0].connections, defaults.upstreams[0].connections);
    assert_eq!(config.store, StoreChoice::Sqlite { path: "/nowhere/pamgate.db".into() });
}

#[test]
fn the_example_names_every_key() {
    let example = include_str!("../../pamgate.example.toml");
    let manual = include_str!("../../docs/configuration.md");
    for key in [
        "listen",
        "admin",
        "plain_outside_loopback",
        "workers",
        "body_bytes",
        "header_bytes",
        "depth",
        "nodes",
        "connections",
        "requests_in_flight",
        "request",
        "connect",
        "idle",
        "header",
        "shutdown",
        "mappings",
        "schemas",
        "crosswalk",
        "kind",
        "path",
        "memory_requests",
        "name",
        "dialect",
        "variant",
        "url",
        "plain",
        "ca",
        "client_certificate",
        "client_key",
        "space",
        "key",
        "user",
        "user_name",
        "upstream",
        "caller",
        "target",
    ] {
        let line = |line: &str| line.trim_start_matches(['#', ' ']).starts_with(&format!("{key} ="));
        assert!(example.lines().any(line) || example.contains(&format!("[[{key}]]")), "example: {key}");
        assert!(manual.contains(&format!("`{key}`")), "docs/configuration.md: {key}");
    }
}

#[test]
fn what_is_written_is_read() {
    let config = read(include_str!("../../pamgate.example.toml")).unwrap();
    let caller = &config.callers[0];
    let from = caller.calls_from("beyondtrust").unwrap();
    assert_eq!((from.key.expose_secret(), from.user_name.as_str()), ("k1", r"CORP\backup"));
    assert_eq!(from.space.value, "beyondtrust");
    let acts = caller.acts_at(0).unwrap();
    assert!(matches!(acts.field("user"), Some(Field::Text(user)) if user == "svc-backup"));
    assert!(
        matches!(acts.field("password"), Some(Field::Secret(secret)) if secret.expose_secret() == "p1"),
        "one newline at the end is no part of a secret"
    );
    assert_eq!(
        config.upstreams[0].url.value,
        Address { https: true, host: "pvwa.example.com".into(), port: 443 }
    );
    assert_eq!((config.routes[0].upstream, config.routes[0].caller), (1, Some(0)));
    assert_eq!(config.routes[0].target[0].0.value, "system.id");
    assert_eq!(config.routes[0].target[0].1, "14");
    assert_eq!(config.default_upstream(), Some(0));
    assert_eq!(config.losses.fields[0].1, Treatment::Drop);
    assert_eq!(caller.supply[0].field.value, "reason.text");
    let shown = crate::identity::caller::Presented::new("k1", None).unwrap();
    assert_eq!(config.known_callers().unwrap().authenticate("beyondtrust", &shown), Some(0));
}

#[test]
fn one_upstream_needs_no_route() {
    let config = with_rest("").unwrap();
    assert_eq!((config.routes.len(), config.default_upstream()), (1, Some(0)));
}

#[test]
fn dotted_and_quoted_names_are_the_same() {
    let config = with_rest(
        "[losses]\nwindow.length = 'refuse'\n'reason.text' = 'drop'\n[supply]\nemergency = false\n",
    );
    let config = config.unwrap();
    let names: Vec<&str> = config.losses.fields.iter().map(|(name, _)| name.value.as_str()).collect();
    assert_eq!(names, ["window.length", "reason.text"]);
    assert_eq!(config.supply[0].text.value, "false");
    let twice = told(with_rest("[losses]\nwindow.start = 'drop'\n'window.start' = 'note'\n"));
    assert!(twice[0].starts_with("config-twice at"), "{twice:?}");
}

#[test]
fn canonical_fields_are_known_by_name_and_type() {
    let heads =
        |text: &str| told(with_rest(text)).into_iter().map(|one| one.replace('\n', " ")).collect::<Vec<_>>();
    assert_eq!(
        heads(
            "[losses]\n'window.legnth' = 'drop'\n[supply]\nemergency = 'perhaps'\nextra = 'x'\n'reason.txt' = 'x'\n"
        ),
        [
            "unknown-field at pamgate.toml:2:1: `window.legnth` is no canonical field help: did you mean `window.length`?",
            "config-supply at pamgate.toml:4:13: `perhaps` is no truth value help: write true or false",
            "config-supply at pamgate.toml:5:9: `x` can't be all of this field help: remove the line",
            "unknown-field at pamgate.toml:6:1: `reason.txt` is no canonical field help: did you mean `reason.text`?",
        ]
    );
}

#[test]
fn all_mistakes_are_told_together_each_at_its_place() {
    let told = told(with_rest(
        r#"[gateway]
lisen = "127.0.0.1:1"
listen = ["0.0.0.0:80", "nowhere"]
workers = 0
[limits]
depth = "deep"
[deadlines]
request = "soon"
[store]
kind = "postgres"
[losses]
default = "clamp"
[supply]
"window.length" = "an hour"
[[upstream]]
name = "bt1"
dialect = "beyondtrust"
url = "http://bt.example.com/base"
space = ""
[[route]]
upstream = "ca2"
target = { sistem.id = 1 }
[[route]]
upstream = "ca1"
"#,
    ));
    let heads: Vec<&str> = told.iter().map(|one| one.lines().next().unwrap()).collect();
    assert_eq!(
        heads,
        [
            "unknown-key at pamgate.toml:2:1: `lisen` is no key of [gateway]",
            "plain-listener at pamgate.toml:3:11: 0.0.0.0:80 would take secrets without TLS from other machines",
            "config-address at pamgate.toml:3:25: `nowhere` is no address",
            "config-range at pamgate.toml:4:11: `workers` must be from 1 to 1024",
            "config-type at pamgate.toml:6:9: `depth` is a text, not a whole number",
            "config-duration at pamgate.toml:8:11: `soon` is no duration from 1 ms to 24 h",
            "config-choice at pamgate.toml:10:8: there is no store `postgres`",
            "config-choice at pamgate.toml:12:11: `clamp` is no treatment",
            "config-supply at pamgate.toml:14:19: `an hour` is no duration",
            "config-url at pamgate.toml:18:7: this is no address of a server",
            "config-empty at pamgate.toml:19:9: `space` is empty",
            "unknown-name at pamgate.toml:21:12: there is no upstream `ca2`",
            "unknown-key at pamgate.toml:22:19: `sistem.id` is no part of a target",
            "missing-key at pamgate.toml:22:10: nothing says whose words `target` is written in",
        ]
    );
    assert!(told[0].ends_with("help: did you mean `listen`?"));
    assert!(told[11].ends_with("help: did you mean `ca1`?"));
}

#[test]
fn syntax_errors_have_a_place() {
    let told = told(read("[gateway\nlisten = 1\n"));
    assert!(told[0].starts_with("config-syntax at pamgate.toml:1:9"), "{told:?}");
}

fn one(text: &str) -> String {
    let told = told(read(text));
    assert_eq!(told.len(), 1, "{told:#?}");
    told.into_iter().next().unwrap()
}

#[test]
fn urls_without_tls_are_for_this_machine_only() {
    let with = |url: &str| REST.replace("https://pvwa.example.com", url);
    for good in ["http://localhost:1", "http://127.9.9.9", "http://[::1]:8080/", "https://[2001:db8::1]:8443"]
    {
        assert!(read(&with(good)).is_ok(), "{good}");
    }
    assert_eq!(read(&with("http://[::1]:80")).unwrap().upstreams[0].url.value.host, "::1");
    assert_eq!(
        read(&with("https://[2001:db8::1]")).unwrap().upstreams[0].url.value.to_string(),
        "https://[2001:db8::1]:443"
    );
    assert!(one(&with("http://localhost.example.com")).starts_with("plain-upstream"));
    for bad in
        ["pvwa", "ftp://h", "https://u:p@h", "https://h/path", "https://h?x", "https://", "https://h:99999"]
    {
        assert!(one(&with(bad)).starts_with("config-url"), "{bad}");
    }
    let plain = with("http://pam.internal").replace("dialect =", "plain = true\ndialect =");
    assert!(read(&plain).is_ok());
}

#[test]
fn a_caller_needs_a_role_wherever_its_requests_can_go() {
    let second = "[[upstream]]\nname = 'bt1'\ndialect = 'beyondtrust'\nurl = 'https://b'\n";
    assert!(one(&format!("{second}{REST}")).starts_with("no-route"));
    let routes = |text: &str| format!("{second}{text}{REST}");
    let default = "[[route]]\nupstream = 'ca1'\n";
    assert!(read(&routes(default)).is_ok());
    let for_joe = "[[route]]\nupstream = 'bt1'\ncaller = 'joe'\n";
    assert!(one(&routes(&format!("{for_joe}{default}"))).contains("requests of `joe` can go to `bt1`"));
    let elsewhere = "[[route]]\nupstream = 'bt1'\ndialect = 'safeguard'\n";
    assert!(read(&routes(&format!("{elsewhere}{default}"))).is_ok(), "joe does not speak that");
    assert!(one(&routes(&format!("{default}{default}"))).starts_with("route-unreachable"));
}

#[test]
fn two_callers_with_one_secret_are_named_and_the_secret_is_not() {
    let eve = REST.split_once("[[caller]]").unwrap().1.replace("\"joe\"", "\"eve\"");
    let said = one(&format!("{REST}[[caller]]{eve}"));
    assert!(said.contains("`joe` and `eve` show the same secret") && !said.contains("k1"), "{said}");
    let again = REST.split_once("[[caller]]").unwrap().1;
    assert!(
        one(&format!("{REST}[[caller]]{again}").replacen("BACKUP_JOB_KEY", "VAULT_PASSWORD", 1))
            .starts_with("config-twice")
    );
}

#[test]
fn secrets_come_from_where_they_are_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good"), "k2\r\n").unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    let with = |from: &str| {
        let text = REST.replace("{ env = \"BACKUP_JOB_KEY\" }", from);
        parse(&Source::new("pamgate.toml", text), folder.path(), &env)
    };
    assert_eq!(with("{ file = 'good' }").unwrap().callers[0].from[0].key.expose_secret(), "k2");
    let literal = with("{ value = 's3cret' }").unwrap();
    assert_eq!(literal.warnings.len(), 1);
    for (from, code) in [
        ("{ file = 'empty' }", "secret-empty"),
        ("{ file = 'missing' }", "secret-file"),
        ("{ env = 'UNSET' }", "secret-unset"),
        ("{ env = 'EMPTY' }", "secret-empty"),
        ("{ env = 'BACKUP_JOB_KEY', file = 'good' }", "secret-source"),
        ("{ }", "secret-source"),
        ("'k'", "secret-plain"),
    ] {
        let told = told(with(from));
        assert!(told.len() == 1 && told[0].starts_with(code), "{from}: {told:#?}");
    }
}

#[test]
fn no_report_shows_a_secret() {
    for line in [
        "key = 's3cret'",
        "key = s3cret",
        "key = { value = 's3cret', vaule = 's3cret' }",
        "key = { vaule = 's3cret' }",
        "kei = { value = 's3cret' }",
        "kei = 's3cret'",
        "key = { value = 's3cret'",
        "key = { env = 'A', value = 's3cret'",
        "key = '''\ns3cret\n'''\nbroken =",
        "key = { value = \"s3cret\\q\" }",
        "password = { value = ['s3cret'] }",
    ] {
        let text = REST.replace(
            "from.beyondtrust.key = { env = \"BACKUP_JOB_KEY\" }",
            &format!("from.beyondtrust.{line}"),
        );
        let wrong = read(&text).map(|_| ()).unwrap_err();
        let all = format!("{wrong:?}{wrong}{}", wrong.render(false));
        assert!(!all.contains("s3cret"), "{line}:\n{all}");
    }
    for line in [
        "url = \"https://me:s3cret@pam.example\"",
        "url = 'https://me:s3cret@pam.example",
        "url=[\"https://me:s3cret@pam\"]",
    ] {
        let text = format!("[[upstream]]\nname = \"u\"\ndialect = \"cyberark\"\n{line}\n");
        let wrong = read(&text).map(|_| ()).unwrap_err();
        assert!(!wrong.render(false).contains("s3cret"), "{line}:\n{}", wrong.render(false));
    }
    let literal = REST.replace("{ env = \"BACKUP_JOB_KEY\" }", "{ value = 's3cret' }");
    let config = read(&literal).unwrap();
    let shown = format!("{config:?}{}", config.warnings[0].render(false));
    assert!(!shown.contains("s3cret") && !shown.contains("p1"), "{shown}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_file() {
    assert!(with_rest("\u{feff}[limits]\ndepth = 20\n").is_ok());
    let wrong = told(with_rest("\u{feff}[limits]\ndepht = 20\n"));
    assert!(wrong[0].starts_with("unknown-key at pamgate.toml:2:1"), "{wrong:?}");
}
