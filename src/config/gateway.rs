//! The sections about the gateway itself: listeners, limits, deadlines, files, store, losses.
use std::net::SocketAddr;
use std::time::Duration;

use super::reader::{Reader, Section};
use super::{At, Deadlines, Files, Gateway, Limits, Losses, StoreChoice, Treatment};
use crate::diagnostic::Code;

pub(super) fn gateway(reader: &mut Reader<'_>, root: &Section<'_>) -> Gateway {
    let known = ["listen", "admin", "plain_outside_loopback", "workers"];
    let section = reader.section("[gateway]", root.get("gateway"), &known);
    let plain_anywhere = reader.flag(&section, "plain_outside_loopback");
    let mut listen: Vec<At<SocketAddr>> = Vec::new();
    for text in reader.texts(&section, "listen") {
        listen.extend(address(reader, text, plain_anywhere));
    }
    if section.get("listen").is_none() {
        listen.push(At { value: SocketAddr::from(([127, 0, 0, 1], 8080)), span: section.span.clone() });
    }
    let admin = reader.text(&section, "admin").and_then(|text| address(reader, text, plain_anywhere));
    let mut all: Vec<&At<SocketAddr>> = Vec::new();
    for one in listen.iter().chain(&admin) {
        if one.value.port() != 0 && all.iter().any(|there| there.value == one.value) {
            let message = format!("two listeners at {}", one.value);
            reader.wrong(Code::ConfigTwice, one.span.clone(), message, "give each its own port");
        }
        all.push(one);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = reader.count(&section, "workers", cores, 1..=1024);
    Gateway {
        listen: listen.into_iter().map(|one| one.value).collect(),
        admin: admin.map(|one| one.value),
        workers,
    }
}

fn address(reader: &mut Reader<'_>, text: At<String>, plain_anywhere: bool) -> Option<At<SocketAddr>> {
    let Ok(address) = text.value.parse::<SocketAddr>() else {
        let message = format!("`{}` is no address", text.value);
        reader.wrong(
            Code::ConfigAddress,
            text.span,
            message,
            "write an IP address and a port, such as `127.0.0.1:8080`",
        );
        return None;
    };
    if !address.ip().is_loopback() && !plain_anywhere {
        let message = format!("{address} would take secrets without TLS from other machines");
        let help = "listen at 127.0.0.1 behind a TLS proxy, or write `plain_outside_loopback = true`";
        reader.wrong(Code::PlainListener, text.span.clone(), message, help);
    }
    Some(At { value: address, span: text.span })
}

pub(super) fn limits(reader: &mut Reader<'_>, root: &Section<'_>) -> Limits {
    let known = ["body_bytes", "header_bytes", "depth", "nodes", "connections", "requests_in_flight"];
    let section = reader.section("[limits]", root.get("limits"), &known);
    Limits {
        body_bytes: reader.count(&section, "body_bytes", 1024 * 1024, 1024..=64 * 1024 * 1024),
        header_bytes: reader.count(&section, "header_bytes", 32 * 1024, 8 * 1024..=1024 * 1024),
        depth: reader.count(&section, "depth", 32, 4..=128),
        nodes: reader.count(&section, "nodes", 50_000, 100..=10_000_000),
        connections: reader.count(&section, "connections", 4096, 1..=1_000_000),
        requests_in_flight: reader.count(&section, "requests_in_flight", 1024, 1..=1_000_000),
    }
}

pub(super) fn deadlines(reader: &mut Reader<'_>, root: &Section<'_>) -> Deadlines {
    let known = ["request", "connect", "idle", "header", "shutdown"];
    let section = reader.section("[deadlines]", root.get("deadlines"), &known);
    let mut read = |key, seconds| reader.duration(&section, key, Duration::from_secs(seconds));
    Deadlines {
        request: read("request", 30),
        connect: read("connect", 5),
        idle: read("idle", 90),
        header: read("header", 10),
        shutdown: read("shutdown", 20),
    }
}

pub(super) fn files(reader: &mut Reader<'_>, root: &Section<'_>) -> Files {
    let section = reader.section("[files]", root.get("files"), &["mappings", "schemas", "crosswalk"]);
    let mut read = |key| {
        let texts = reader.texts(&section, key);
        texts.into_iter().map(|text| reader.path(text)).collect()
    };
    Files { mappings: read("mappings"), schemas: read("schemas"), crosswalk: read("crosswalk") }
}

pub(super) fn store(reader: &mut Reader<'_>, root: &Section<'_>) -> StoreChoice {
    let section = reader.section("[store]", root.get("store"), &["kind", "path", "memory_requests"]);
    let requests_max = reader.count(&section, "memory_requests", 100_000, 1..=100_000_000);
    let path = reader.text(&section, "path");
    match reader.text(&section, "kind") {
        Some(kind) if kind.value == "memory" => return StoreChoice::Memory { requests_max },
        Some(kind) if kind.value != "sqlite" => {
            let message = format!("there is no store `{}`", kind.value);
            reader.wrong(Code::ConfigChoice, kind.span, message, "write `sqlite` or `memory`");
        }
        _ => {}
    }
    let text = path.unwrap_or(At { value: "pamgate.db".into(), span: section.span.clone() });
    StoreChoice::Sqlite { path: reader.path(text).value }
}

pub(super) fn losses(reader: &mut Reader<'_>, root: &Section<'_>) -> Losses {
    let section = reader.open_section("[losses]", root.get("losses"));
    let mut losses = Losses::default();
    for (field, value) in reader.dotted(&section) {
        let Some(text) = reader.text_of(&field.value, value) else { continue };
        let treatment = match text.value.as_str() {
            "refuse" => Treatment::Refuse,
            "note" => Treatment::Note,
            "drop" => Treatment::Drop,
            other => {
                let message = format!("`{other}` is no treatment");
                reader.wrong(Code::ConfigChoice, text.span, message, "write `refuse`, `note` or `drop`");
                continue;
            }
        };
        if field.value == "default" {
            losses.default = Some(treatment);
        } else if reader.field_type(&field).is_some() {
            losses.fields.push((field, treatment));
        }
    }
    losses
}
