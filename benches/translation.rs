//! What a translation costs, step by step and whole, without a network: `cargo bench --bench translation`.
//!
//! A BeyondTrust caller's request becomes CyberArk's, and CyberArk's reply the caller's. The figures stand in
//! benches/README.md.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use pamgate::crosswalk::Crosswalk;
use pamgate::diagnostic::Source;
use pamgate::dialect::{Files, Recognised, Registry};
use pamgate::exchange::{Came, Chosen, Context, Incoming, Pair, Policy, Prepared, Principal, Side, ask};
use pamgate::json::{Document, Limits};
use pamgate::mapping::Reading;

const REQUEST: &str = include_str!("messages/beyondtrust-request.json");
const REPLY: &str = include_str!("messages/cyberark-reply.json");
const PATH: &str = "/BeyondTrust/api/public/v3/Requests";
const CROSSWALK: &str = "\
kind,access,beyondtrust.system.id,beyondtrust.account.id,cyberark.account.id,beyondtrust.id,cyberark.name
target,,1204,88317,1204_88317,,
ticket_system,,,,,3,ServiceNow
";

struct Bench {
    registry: Registry,
    crosswalk: Crosswalk,
    pair: Arc<Pair>,
    policy: Policy,
}

impl Bench {
    fn new() -> Bench {
        let registry = Registry::load(&Files::built_in()).expect("the built-in tables");
        let side = |name: &str| {
            let dialect = registry.get(name, None).expect("a built-in dialect").clone();
            Side { dialect, space: name.into() }
        };
        let pair = Arc::new(Pair::new(side("beyondtrust"), side("cyberark")));
        let crosswalk = Crosswalk::from_csv(&Source::new("bench.csv", CROSSWALK)).expect("the crosswalk");
        Bench { registry, crosswalk, pair, policy: Policy::default() }
    }

    fn context(&self) -> Context<'_> {
        let now = jiff::Timestamp::from_second(1_796_000_000).expect("a time");
        Context { crosswalk: &self.crosswalk, now, limits: Limits::default() }
    }

    fn recognised(&self) -> Recognised<'_> {
        self.registry.get("beyondtrust", None).unwrap().recognise("POST", PATH).unwrap()
    }

    fn ask(&self, recognised: &Recognised<'_>) -> Prepared {
        let incoming = Incoming { recognised, path: PATH, query: None, body: REQUEST.trim().as_bytes() };
        ask(&incoming, self.context(), |_| {
            Ok(Chosen { pair: self.pair.clone(), policy: &self.policy, principal: Principal::default() })
        })
        .expect("a translation")
    }
}

fn translation(criterion: &mut Criterion) {
    let bench = Bench::new();
    let recognised = bench.recognised();
    let came = Came { status: 201, body: REPLY.trim().as_bytes() };
    let prepared = bench.ask(&recognised);

    let mut steps = criterion.benchmark_group("request");
    let dialect = bench.registry.get("beyondtrust", None).unwrap();
    let entry = dialect.message_named("create").unwrap();
    let options = dialect.json(Limits::default());
    let body = REQUEST.trim().as_bytes();
    steps.bench_function("parse", |b| b.iter(|| Document::read(black_box(body), options).unwrap()));
    steps.bench_function("parse and validate", |b| b.iter(|| entry.parse(black_box(body), options).unwrap()));
    let document = entry.parse(body, options).unwrap();
    let how = Reading { now: bench.context().now, wanted: None };
    steps.bench_function("read", |b| b.iter(|| entry.message.read(black_box(document.root()), how).unwrap()));
    steps.bench_function("whole", |b| b.iter(|| bench.ask(black_box(&recognised))));
    steps.finish();

    let mut steps = criterion.benchmark_group("reply");
    let dialect = bench.registry.get("cyberark", None).unwrap();
    let entry = dialect.message_named("document").unwrap();
    let options = dialect.json(Limits::default());
    steps.bench_function("parse", |b| b.iter(|| Document::read(black_box(came.body), options).unwrap()));
    steps.bench_function("parse and validate", |b| {
        b.iter(|| entry.parse(black_box(came.body), options).unwrap())
    });
    steps.bench_function("whole", |b| {
        b.iter(|| prepared.answer(black_box(came), None, 4711, bench.context()).unwrap());
    });
    steps.finish();
}

criterion_group!(benches, translation);
criterion_main!(benches);
