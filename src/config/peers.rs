//! The sections about others: upstreams, callers, and which of them a request goes to.
use std::net::IpAddr;

use hyper::Uri;
use secrecy::SecretString;

use super::reader::{Reader, Section, Value};
use super::{ActsAs, Address, At, Caller, CallsFrom, ClientFiles, Route, Upstream};
use crate::crosswalk::{Kind, known_parts};
use crate::diagnostic::Code;
use crate::diagnostic::nearest;

pub(super) fn upstreams(reader: &mut Reader<'_>, root: &Section<'_>) -> Vec<Upstream> {
    let all = reader.list(root, "upstream");
    if all.is_empty() {
        let help = "write `[[upstream]]` with `name`, `dialect` and `url`";
        reader.wrong(Code::NoUpstream, 0..0, "there is no upstream to forward to".into(), help);
    }
    all.into_iter().map(|one| upstream(reader, one)).collect()
}

fn upstream(reader: &mut Reader<'_>, value: &Value<'_>) -> Upstream {
    const KNOWN: [&str; 10] = [
        "name",
        "dialect",
        "variant",
        "url",
        "plain",
        "ca",
        "client_certificate",
        "client_key",
        "space",
        "connections",
    ];
    let section = reader.section("[[upstream]]", Some(value), &KNOWN);
    let name = reader.required_name(&section, "name", "give it the name that routes and callers use");
    let dialect =
        reader.required(&section, "dialect", "write `beyondtrust`, `cyberark`, `safeguard` or your own");
    let plain = reader.flag(&section, "plain");
    let url = url(reader, &section, plain);
    let ca = reader.file(&section, "ca");
    let certificate = reader.file(&section, "client_certificate");
    let key = reader.file(&section, "client_key");
    let client = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(ClientFiles { certificate, key }),
        (None, None) => None,
        (certificate, key) => {
            let span = certificate.or(key).map_or(section.span.clone(), |there| there.span);
            let message = "a client certificate and its key need each other".into();
            reader.wrong(Code::MissingKey, span, message, "write both `client_certificate` and `client_key`");
            None
        }
    };
    if !url.value.https && !url.value.host.is_empty() && (ca.is_some() || client.is_some()) {
        let message = "certificates mean nothing at an address without TLS".into();
        reader.wrong(Code::PlainCertificates, url.span.clone(), message, "write `https://`, or remove them");
    }
    let space = reader.text(&section, "space").unwrap_or_else(|| dialect.clone());
    let variant = reader.text(&section, "variant");
    let connections = reader.count(&section, "connections", 64, 1..=10_000);
    Upstream { name, dialect, variant, url, ca, client, space, connections }
}

fn url(reader: &mut Reader<'_>, section: &Section<'_>, plain: bool) -> At<Address> {
    let text = reader.required(section, "url", "write `url = \"https://HOST\"`");
    let nowhere = At { value: Address::default(), span: text.span.clone() };
    if text.value.is_empty() {
        return nowhere;
    }
    let parsed = text.value.parse::<Uri>().ok().and_then(|uri| {
        let https = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        // What stands beside host and port (a user, or a port that is none) is no part of a server's address.
        let port = match authority.as_str().strip_prefix(authority.host())? {
            "" => Some(if https { 443 } else { 80 }),
            port => port.strip_prefix(':')?.parse().ok().filter(|port| *port != 0),
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/") && !host.is_empty();
        port.filter(|_| bare).map(|port| Address { https, host, port })
    });
    let Some(address) = parsed else {
        let message = "this is no address of a server".to_owned();
        let help = "write `https://HOST` or `https://HOST:PORT`; paths are the dialect's";
        reader.wrong(Code::ConfigUrl, text.span, message, help);
        return nowhere;
    };
    if !address.https && !plain && !is_loopback(&address.host) {
        let message = format!("{} would be sent secrets without TLS", address.host);
        reader.wrong(
            Code::PlainUpstream,
            text.span.clone(),
            message,
            "write `https://`, or add `plain = true`",
        );
    }
    At { value: address, span: text.span }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

pub(super) fn callers(reader: &mut Reader<'_>, root: &Section<'_>, upstreams: &[Upstream]) -> Vec<Caller> {
    let all = reader.list(root, "caller");
    if all.is_empty() {
        let help = "write `[[caller]]` with `name`, `[caller.from.DIALECT]` and `[caller.as.UPSTREAM]`";
        reader.wrong(Code::NoCaller, 0..0, "nobody may call".into(), help);
    }
    all.into_iter().map(|one| caller(reader, one, upstreams)).collect()
}

fn caller(reader: &mut Reader<'_>, value: &Value<'_>, upstreams: &[Upstream]) -> Caller {
    let section = reader.section("[[caller]]", Some(value), &["name", "from", "as", "supply"]);
    let name = reader.required_name(&section, "name", "give it the name that routes and the log use");
    let ways = reader.open_section("[caller.from]", section.get("from"));
    let from: Vec<CallsFrom> =
        ways.entries().map(|(dialect, value)| from(reader, &name, dialect, value)).collect();
    if from.is_empty() {
        let message = format!("caller `{}` has no way to show who it is", name.value);
        let help = "write `[caller.from.DIALECT]` with `key = { env = \"NAME\" }`";
        reader.wrong(Code::MissingKey, name.span.clone(), message, help);
    }
    let roles = reader.open_section("[caller.as]", section.get("as"));
    let acts =
        roles.entries().filter_map(|(upstream, value)| acts(reader, upstream, value, upstreams)).collect();
    let supply = reader.supply(section.get("supply"), "[caller.supply]");
    Caller { name, from, acts, supply }
}

fn from(reader: &mut Reader<'_>, caller: &At<String>, dialect: At<&str>, value: &Value<'_>) -> CallsFrom {
    let dialect = At { value: dialect.value.to_owned(), span: dialect.span };
    let known = ["key", "password", "user", "user_name", "variant", "space"];
    let section = reader.section(&format!("[caller.from.{}]", dialect.value), Some(value), &known);
    let key = match (section.get("key"), section.get("password")) {
        (Some(key), None) => reader.secret("key", key),
        (None, Some(password)) => reader.secret("password", password),
        _ => {
            let message = format!("[caller.from.{}] needs one of `key` and `password`", dialect.value);
            let help = "write `key = { env = \"NAME\" }` or `key = { file = \"path\" }`";
            reader.wrong(Code::MissingKey, dialect.span.clone(), message, help);
            None
        }
    };
    let user = reader.text(&section, "user");
    let told = reader.text(&section, "user_name");
    let user_name = told.as_ref().or(user.as_ref()).unwrap_or(caller).value.clone();
    let space = reader.text(&section, "space").unwrap_or_else(|| dialect.clone());
    let variant = reader.text(&section, "variant");
    CallsFrom { dialect, variant, key: key.unwrap_or_else(|| SecretString::from("")), user, user_name, space }
}

fn acts(
    reader: &mut Reader<'_>,
    name: At<&str>,
    value: &Value<'_>,
    upstreams: &[Upstream],
) -> Option<ActsAs> {
    let name = At { value: name.value.to_owned(), span: name.span };
    let section = reader.open_section(&format!("[caller.as.{}]", name.value), Some(value));
    let fields = section
        .entries()
        .filter_map(|(key, value)| {
            let field = reader.field(key.value, value)?;
            Some((At { value: key.value.to_owned(), span: key.span }, field))
        })
        .collect();
    let upstream = index(reader, &name, "upstream", upstreams.iter().map(|one| &one.name))?;
    Some(ActsAs { upstream, name, fields })
}

/// Where a name stands among those known.
fn index<'n>(
    reader: &mut Reader<'_>,
    name: &At<String>,
    what: &str,
    known: impl Iterator<Item = &'n At<String>> + Clone,
) -> Option<usize> {
    let found = known.clone().position(|one| one.value == name.value);
    if found.is_none() && !name.value.is_empty() {
        let one = reader.diagnostic(
            Code::UnknownName,
            name.span.clone(),
            format!("there is no {what} `{}`", name.value),
        );
        let all: Vec<&str> = known.map(|one| one.value.as_str()).collect();
        reader.mistakes.push(match nearest(&name.value, all.iter().copied()) {
            Some(near) => one.help(format!("did you mean `{near}`?")),
            None => one.help(format!("known are {}", all.join(", "))),
        });
    }
    found
}

pub(super) fn routes(
    reader: &mut Reader<'_>,
    root: &Section<'_>,
    upstreams: &[Upstream],
    callers: &[Caller],
) -> Vec<Route> {
    let all = reader.list(root, "route");
    if all.is_empty() {
        if let [_, second, ..] = upstreams {
            let help = "write `[[route]]` with `upstream`; one without a condition is the default";
            let message = "there are several upstreams and no route".into();
            reader.wrong(Code::NoRoute, second.name.span.clone(), message, help);
            return Vec::new();
        }
        return vec![Route { upstream: 0, caller: None, dialect: None, space: None, target: Vec::new() }];
    }
    let mut routes: Vec<Route> = Vec::with_capacity(all.len());
    for value in all {
        if routes.last().is_some_and(Route::is_unconditional) {
            let message = "the route above takes every request, this one none".into();
            reader.wrong(
                Code::RouteUnreachable,
                value.span(),
                message,
                "move the route without a condition to the end",
            );
        }
        routes.push(route(reader, value, upstreams, callers));
    }
    routes
}

fn route(reader: &mut Reader<'_>, value: &Value<'_>, upstreams: &[Upstream], callers: &[Caller]) -> Route {
    let section =
        reader.section("[[route]]", Some(value), &["upstream", "caller", "dialect", "space", "target"]);
    let name = reader.required(&section, "upstream", "name the upstream that these requests go to");
    let upstream =
        index(reader, &name, "upstream", upstreams.iter().map(|one| &one.name)).unwrap_or(usize::MAX);
    // An upstream or caller that isn't there is a mistake, which keeps these stand-ins from being used.
    let caller = reader
        .text(&section, "caller")
        .and_then(|name| index(reader, &name, "caller", callers.iter().map(|one| &one.name)));
    let dialect = reader.text(&section, "dialect");
    let target_section = reader.open_section("target", section.get("target"));
    let mut target = Vec::new();
    for (part, value) in reader.dotted(&target_section) {
        let known = known_parts(Kind::Target);
        if !known.contains(&part.value.as_str()) {
            let message = format!("`{}` is no part of a target", part.value);
            let one = reader.diagnostic(Code::UnknownKey, part.span.clone(), message);
            reader.mistakes.push(one.near_or(
                &part.value,
                known.iter().copied(),
                format!("known are {}", known.join(", ")),
            ));
        }
        if let Some(text) = reader.loose_text(&part.value, value) {
            target.push((part, text.value));
        }
    }
    let space = reader.text(&section, "space").or_else(|| dialect.clone());
    if !target.is_empty() && space.is_none() {
        let message = "nothing says whose words `target` is written in".into();
        reader.wrong(Code::MissingKey, target_section.span, message, "add `space` or `dialect`");
    }
    Route { upstream, caller, dialect, space, target }
}
