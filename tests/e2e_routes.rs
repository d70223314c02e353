//! Routes by what is asked for, however it is spelt, through the real program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod e2e_support;

use e2e_support::callers::fault;
use e2e_support::world::World;
use e2e_support::{BEYONDTRUST, SAFEGUARD, records, reset};

/// A route's target is what the upstream's server will read, however it is spelt; what fits no route goes nowhere.
#[test]
fn no_spelling_of_a_target_leads_around_a_route() {
    let world = World::with(|config| {
        config.routes =
            "[[route]]\nupstream = \"vault\"\ndialect = \"beyondtrust\"\ntarget = { system.id = 15 }\n";
    });
    for (system, statuses) in [
        ("15", &[201][..]),
        ("\"15\"", &[201]),
        // A .NET server takes no fraction and no exponent for an integer: refused here or there, and never 15.
        ("15.0", &[400, 403]),
        ("1.5e1", &[400, 403]),
        ("\"015\"", &[201, 400]),
        ("\" 15\"", &[201, 400]),
        ("\"+15\"", &[201, 400]),
        ("17", &[403]),
    ] {
        let body = format!(
            r#"{{"SystemID": {system}, "AccountID": 1040, "DurationMinutes": 60, "ConflictOption": "renew"}}"#
        );
        let reply = world.call(&BEYONDTRUST, "POST", "/Requests", Some(&body));
        assert!(statuses.contains(&reply.status), "{system}: {reply:?}");
    }
    let reply = world.call(&BEYONDTRUST, "POST", "/Aliases/301/Requests", Some(r#"{"DurationMinutes": 60}"#));
    fault(&BEYONDTRUST, &reply, 403, "4031");
    assert!(
        records(world.vault()).iter().all(|record| record["system"]["id"] == "15"),
        "{:?}",
        records(world.vault())
    );
}

/// A system that is named goes where the same system goes that is given by its id.
#[test]
fn a_route_by_a_target_holds_for_all_its_names() {
    let world = World::with(|config| {
        config.routes =
            "[[route]]\nupstream = \"vault\"\ndialect = \"safeguard\"\ntarget = { system.id = 2108 }\n";
    });
    let ask = |system: &str| {
        reset(world.vault());
        let body = format!(
            r#"{{"ForUser": "jdoe", {system}, "AccountName": "deploy", "AccessRequestType": "Password", "RequestedDurationHours": 1}}"#
        );
        world.call(&SAFEGUARD, "POST", "/AccessRequests", Some(&body)).status
    };
    assert_eq!(ask(r#""AssetId": 2108"#), 201);
    assert_eq!(ask(r#""AssetName": "web-01""#), 201);
    assert_eq!(ask(r#""AssetName": "10.0.8.1""#), 201, "a name that is an address");
    assert_eq!(ask(r#""AssetName": "DB-07""#), 403);
    // What was said counts before what is known.
    assert_eq!(ask(r#""AssetId": 2107, "AssetName": "WEB-01""#), 403);
}
