//! Messages from a message's own JSON Schema: presence, listed values, boundaries, texts of every kind, exact numbers,
//! points in time, unknown properties, other letter case. Mostly valid; now and then not.
//!
//! Start at [`Generator::message`].
use std::sync::Arc;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value as Json;

use super::hints::Hints;
use super::made::Made;
use crate::laws_support::world::Spoken;

/// Makes messages of one dialect.
pub(crate) struct Generator {
    hints: Arc<Hints>,
    any_case: bool,
    root: Json,
    /// How many values are as the schema has them, for one that nobody would send.
    plain: u32,
}

/// Where in a message a value is made: the table's message, and the place in it.
#[derive(Clone)]
struct Place<'p> {
    message: &'p str,
    at: String,
}

impl Place<'_> {
    fn under(&self, name: &str) -> Self {
        let at = if self.at.is_empty() { name.to_owned() } else { format!("{}/{name}", self.at) };
        Place { at, ..*self }
    }
}

/// How deep a schema that holds itself is followed.
const DEPTH: usize = 8;

impl Generator {
    pub(crate) fn new(spoken: &Spoken<'_>, hints: &Arc<Hints>) -> Generator {
        let any_case = spoken.dialect.json(Default::default()).any_case;
        Generator { hints: hints.clone(), any_case, root: spoken.schema(), plain: 400 }
    }

    /// With what nobody would send at many places.
    pub(crate) fn odd(self) -> Generator {
        Generator { plain: 12, ..self }
    }

    /// Messages of a table's name.
    pub(crate) fn message(&self, name: &str) -> BoxedStrategy<Made> {
        // Few members, about half of them, or nearly all.
        let thin = |density| self.value(&self.root, &Place { message: name, at: String::new() }, density, 0);
        prop_oneof![thin(0.12), thin(0.5), thin(0.95)].boxed()
    }

    fn resolved<'s>(&'s self, schema: &'s Json) -> &'s Json {
        let target = schema["$ref"].as_str().and_then(|to| self.root.pointer(to.strip_prefix('#')?));
        target.map_or(schema, |target| self.resolved(target))
    }

    fn value(&self, schema: &Json, place: &Place<'_>, density: f64, depth: usize) -> BoxedStrategy<Made> {
        let schema = self.resolved(schema);
        if depth > DEPTH {
            return Just(Made::plain("null")).boxed();
        }
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|word| schema[*word].as_array());
        if let Some(alternatives) = alternatives.filter(|_| schema["properties"].is_null()) {
            let each = alternatives.iter().map(|one| self.value(one, place, density, depth + 1));
            return proptest::strategy::Union::new(each).boxed();
        }
        let types: Vec<&str> = match &schema["type"] {
            Json::String(one) => vec![one],
            Json::Array(many) => many.iter().filter_map(Json::as_str).collect(),
            _ if schema["properties"].is_object() => vec!["object"],
            _ => Vec::new(),
        };
        if let Some(listed) = schema["enum"].as_array() {
            return self.listed(listed);
        }
        let each: Vec<BoxedStrategy<Made>> = types
            .iter()
            .map(|kind| match *kind {
                "object" => self.object(schema, place, density, depth),
                "array" => self.array(schema, place, density, depth),
                "string" => self.string(schema, place),
                "integer" | "number" => self.integer(schema, place),
                "boolean" => any::<bool>().prop_map(Made::plain).boxed(),
                _ => Just(Made::plain("null")).boxed(),
            })
            .collect();
        if each.is_empty() {
            return odd().boxed();
        }
        let valid = proptest::strategy::Union::new(each);
        prop_oneof![self.plain => valid, 1 => odd()].boxed()
    }

    fn object(&self, schema: &Json, place: &Place<'_>, density: f64, depth: usize) -> BoxedStrategy<Made> {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        // Of which one at least must be there.
        let one_of: Vec<&str> = std::iter::once(schema)
            .chain(schema["allOf"].as_array().into_iter().flatten())
            .flat_map(|part| part["anyOf"].as_array().into_iter().flatten())
            .flat_map(|part| part["required"].as_array().into_iter().flatten())
            .filter_map(Json::as_str)
            .collect();
        let mut members: Vec<BoxedStrategy<Option<(String, Made)>>> = Vec::new();
        let mut rivals: Vec<Vec<usize>> = Vec::new();
        let names: Vec<&String> =
            schema["properties"].as_object().into_iter().flat_map(|all| all.keys()).collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let likely = match () {
                () if required.contains(&name.as_str()) => 0.995,
                () if one_of.contains(&name.as_str()) => 0.7_f64.max(density),
                () => density,
            };
            let value = self.value(property, &place.under(name), density, depth + 1);
            let named = (self.name(name), value);
            members.push(proptest::option::weighted(likely, named).boxed());
            let at = place.under(name).at;
            let before = self.hints.before(place.message, &at);
            let before: Vec<String> =
                before.map(|rival| rival.rsplit('/').next().unwrap_or(rival).to_owned()).collect();
            rivals.push((0..names.len()).filter(|other| before.contains(names[*other])).collect());
        }
        let known = (members, prop::bool::weighted(0.05)).prop_map(move |(members, all)| {
            let there: Vec<bool> = members.iter().map(Option::is_some).collect();
            let alone = |at: &usize| all || !rivals[*at].iter().any(|rival| there[*rival]);
            let kept = members.into_iter().enumerate().filter(|(at, _)| alone(at));
            kept.filter_map(|(_, member)| member).collect::<Vec<_>>()
        });
        let more: BoxedStrategy<Vec<(String, Made)>> = match &schema["additionalProperties"] {
            extra if extra.is_object() => {
                let item = self.hints.item(place.message, &place.at);
                let inside = Place { message: item.unwrap_or(place.message), at: String::new() };
                let value = self.value(extra, &inside, 0.6, depth + 1);
                vec((self.text(24), value), 0..3).boxed()
            }
            Json::Bool(false) => Just(Vec::new()).boxed(),
            _ => prop_oneof![8 => Just(Vec::new()), 1 => vec(("[A-Za-z _/~]{1,8}", odd()), 1..3)].boxed(),
        };
        (known, more)
            .prop_map(|(mut members, more)| {
                members.extend(more);
                // A name that stands twice is refused, which a test of its own holds.
                let mut seen: Vec<String> = Vec::new();
                members.retain(|(name, _)| {
                    let new = !seen.contains(&name.to_ascii_lowercase());
                    seen.push(name.to_ascii_lowercase());
                    new
                });
                Made::Object(members)
            })
            .boxed()
    }

    fn name(&self, name: &str) -> BoxedStrategy<String> {
        let exact = Just(name.to_owned());
        match self.any_case {
            true => prop_oneof![
                20 => exact,
                1 => Just(name.to_ascii_lowercase()),
                1 => Just(name.to_ascii_uppercase()),
            ]
            .boxed(),
            false => exact.boxed(),
        }
    }

    fn listed(&self, listed: &[Json]) -> BoxedStrategy<Made> {
        let listed: Vec<Made> = listed
            .iter()
            .map(|value| match value {
                Json::String(text) => Made::text(text),
                value => Made::plain(value),
            })
            .collect();
        let other_case = |made: Made| match made {
            Made::Text(text, _) => Made::Text(text.to_ascii_lowercase(), true),
            Made::Plain(text) => Made::text(text),
            made => made,
        };
        prop_oneof![20 => select(listed.clone()), 1 => select(listed).prop_map(other_case)].boxed()
    }

    fn array(&self, schema: &Json, place: &Place<'_>, density: f64, depth: usize) -> BoxedStrategy<Made> {
        let item = self.hints.item(place.message, &place.at);
        let inside = Place { message: item.unwrap_or(place.message), at: String::new() };
        let value = self.value(&schema["items"], &inside, density, depth + 1);
        vec(value, 0..3).prop_map(Made::List).boxed()
    }

    fn string(&self, schema: &Json, place: &Place<'_>) -> BoxedStrategy<Made> {
        if self.hints.time(place.message, &place.at).is_some() {
            return prop_oneof![40 => time_text(), 1 => self.text(30)].prop_map(Made::text).boxed();
        }
        if self.hints.length(place.message, &place.at) {
            return prop_oneof![40 => length_text(), 1 => self.text(30)].prop_map(Made::text).boxed();
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            let inner = pattern.trim_start_matches('^').trim_end_matches('$');
            let fitting = proptest::string::string_regex(inner).expect("a pattern that can be made");
            return prop_oneof![8 => fitting, 1 => self.text(20)].prop_map(Made::text).boxed();
        }
        let most = schema["maxLength"].as_u64().map_or(4000, |most| most as usize);
        let least = schema["minLength"].as_u64().unwrap_or(0);
        let edge = prop_oneof![Just("x"), Just("é"), Just("\u{1f511}")];
        let edge =
            (edge, 0..2_usize).prop_map(move |(letter, short)| letter.repeat(most.saturating_sub(short)));
        let beyond = Just("y".repeat(most + 1));
        let text = prop_oneof![
            8 => select(self.hints.texts.clone()),
            6 => self.text(most.min(30)),
            1 => edge,
        ];
        let text =
            text.prop_filter("as long as the schema wants", move |text| text.chars().count() as u64 >= least);
        let text = prop_oneof![60 => text, 1 => beyond];
        (text, prop::bool::weighted(0.1)).prop_map(|(text, escaped)| Made::Text(text, escaped)).boxed()
    }

    /// Texts of at most so many characters: letters of any script, quotes, control characters, what looks like more.
    fn text(&self, most: usize) -> BoxedStrategy<String> {
        let some = prop_oneof![
            4 => "[a-zA-Z0-9 ._-]{1,12}",
            2 => "\\PC{0,8}",
            1 => "[\\x00-\\x1f\"\\\\/<>&'\u{2028}\u{feff}]{0,4}",
            1 => select(vec!["", "null", "true", "0", "-1", "*", "{}", "1:2:3", "a/b~1", "Emergency", "Reference No", "Address"])
                .prop_map(str::to_owned),
        ];
        some.prop_map(move |text| text.chars().take(most).collect()).boxed()
    }

    fn integer(&self, schema: &Json, place: &Place<'_>) -> BoxedStrategy<Made> {
        if self.hints.time(place.message, &place.at).is_some() {
            let seconds = time().prop_map(|time| time.as_second());
            let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
            let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
            return prop_oneof![8 => seconds, 1 => Just(0)]
                .prop_map(move |seconds| Made::plain(seconds.clamp(least, most)))
                .boxed();
        }
        let least = schema["minimum"].as_i64();
        let most = schema["maximum"].as_i64();
        let (from, to) = (least.unwrap_or(-9), most.unwrap_or(i64::MAX));
        let known: Vec<i64> = self
            .hints
            .texts
            .iter()
            .filter_map(|text| text.parse().ok())
            .filter(|n| (from..=to).contains(n))
            .collect();
        let known = if known.is_empty() { vec![from] } else { known };
        let near = select(known);
        let small = from..=to.min(from.saturating_add(60));
        let edges = select(vec![from, to, to.saturating_sub(1)]);
        let within = from..=to;
        let valid = prop_oneof![5 => near, 5 => small, 2 => edges, 2 => within];
        let plain = valid.prop_map(Made::plain);
        let as_text = plain.clone().prop_map(|made| Made::text(made.to_string()));
        let beyond: BoxedStrategy<String> = match (least, most) {
            // Exact, however long.
            (_, None) => "[1-9][0-9]{18,40}".boxed(),
            _ => select(vec![
                to.saturating_add(1).to_string(),
                from.saturating_sub(1).to_string(),
                "1.0".into(),
            ])
            .boxed(),
        };
        let likely = if most.is_none() { 6 } else { 1 };
        prop_oneof![80 => plain, 1 => as_text, likely => beyond.prop_map(Made::plain)].boxed()
    }
}

/// Points in time, most of them near the clock of the laws; none before 1970, which servers that count seconds can't
/// say. (A server's year 1 means that there is none: its table says so.)
fn time() -> BoxedStrategy<Timestamp> {
    let now: Timestamp = crate::laws_support::world::NOW.parse().expect("a time");
    let at = move |seconds: i64| Timestamp::from_second(now.as_second() + seconds).expect("a time near now");
    prop_oneof![
        4 => (1..3_000_000_i64).prop_map(at),
        2 => (1..800_i64).prop_map(move |hours| at(hours * 3600)),
        1 => (-100_000..=0_i64).prop_map(at),
        1 => (0..2_147_483_647_i64).prop_map(|seconds| Timestamp::from_second(seconds).expect("before 2038")),
        1 => select(vec!["2038-01-19T03:14:07Z", "9999-12-30T22:00:00Z", "1970-01-02T00:00:00Z"])
            .prop_map(|text| text.parse().expect("a time")),
    ]
    .boxed()
}

/// The same as a text, in each way in which servers and clients write it.
fn time_text() -> BoxedStrategy<String> {
    (time(), 0..7_u8, 0..1_000_000_000_i32)
        .prop_map(|(time, way, nanos)| {
            let plain = time.to_string();
            let bare = plain.trim_end_matches('Z').to_owned();
            match way {
                0 => bare,
                1 => bare.replace('T', " ") + "Z",
                2 => format!("{bare}.{nanos:09}Z"),
                3 => format!("{bare}.5"),
                4 => format!("{bare}+02:00"),
                _ => plain,
            }
        })
        .boxed()
}

/// A length in ISO 8601, mostly of a few days at most, and now and then in a spelling that has no length.
fn length_text() -> BoxedStrategy<String> {
    let part = |most: u32, unit: &'static str| prop_oneof![2 => Just(String::new()), 1 => (0..most).prop_map(move |many| format!("{many}{unit}"))];
    let time = (part(40, "H"), part(200, "M"), part(200, "S"));
    let spelt = (part(4, "D"), time).prop_map(|(days, (hours, minutes, seconds))| {
        let time = format!("{hours}{minutes}{seconds}");
        match (days.is_empty(), time.is_empty()) {
            (true, true) => "PT0S".to_owned(),
            (false, true) => format!("P{days}"),
            _ => format!("P{days}T{time}"),
        }
    });
    let odd =
        vec!["P1W", "PT1.5H", "pt2h", "P1M", "P1Y2D", "-PT1H", "PT0.5S", "PT", "PT1H30", "PT9999999999999H"];
    prop_oneof![12 => spelt, 1 => select(odd).prop_map(str::to_owned)].boxed()
}

/// What nobody would send.
pub(crate) fn odd() -> BoxedStrategy<Made> {
    let leaf = prop_oneof![
        select(vec![
            "null",
            "true",
            "0",
            "-1",
            "-0",
            "1e400",
            "1.5",
            "0.0",
            "99999999999999999999999",
            "[]",
            "{}"
        ])
        .prop_map(Made::plain),
        "\\PC{0,6}".prop_map(Made::text),
        Just(Made::text("x".repeat(700))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Made::List),
            vec(("[a-zA-Z]{0,4}", inner), 0..3).prop_map(Made::Object),
        ]
    })
    .boxed()
}
