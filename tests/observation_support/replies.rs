//! The reply: what the caller is answered through the gateway, beside what its own server answers to the same bytes,
//! place by place, and who the matrix says knows it.
//!
//! Start at [`compare`]. What nobody knows must be blank, and may differ; what somebody knows must be the same, or has
//! its reason; what somebody knows is seen to be known, and what is lost is seen to be lost.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use pamgate::exchange::matrix::{Matrix, Place, Reply};
use serde_json::Value;

use super::compare::Wrong;

/// A place of a reply in the matrix, by name, and what was seen there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// Something else than its blank.
    pub filled: bool,
    /// Not what the own server says.
    pub differed: bool,
}

/// What was seen at each place, by where it stands in the matrix.
pub type Seen = HashMap<usize, Shown>;

/// Where a place stands in the matrix.
pub fn at(place: &Place) -> usize {
    std::ptr::from_ref(place).addr()
}

/// A reply's name in lists and reports, and a place's.
pub fn told(matrix: &Matrix, reply: &Reply, place: &Place) -> String {
    format!("{} → {}: reply {}: {}", matrix.from, matrix.to, reply.outcome, place.place)
}

/// Whether a place is lossy: nobody knows it.
pub fn is_lossy(place: &Place) -> bool {
    place.known.is_empty()
}

/// Both replies, place by place: tells what is wrong, and the places that differ although somebody knows them.
pub fn compare(
    reply: &Reply,
    own: &Value,
    through: &Value,
    seen: &mut Seen,
) -> (Vec<Wrong>, Vec<(String, String)>) {
    let (mut wrong, mut differing) = (Vec::new(), Vec::new());
    let (mut own_leaves, mut leaves) = (BTreeMap::new(), BTreeMap::new());
    flatten("", own, &mut own_leaves);
    flatten("", through, &mut leaves);
    for (pointer, is) in &leaves {
        let Some(place) = place_of(reply, pointer) else {
            let detail = format!("{is} stands there");
            wrong.push(Wrong {
                what: "a place that the matrix does not have",
                field: pointer.clone(),
                detail,
            });
            continue;
        };
        let blank = is_blank(place, is);
        // What stands in a place fills it, and all that it lies in.
        let around = reply
            .places
            .iter()
            .filter(|other| std::ptr::eq(*other, place) || lies_in(&place.place, &other.place));
        for other in around {
            seen.entry(at(other)).or_default().filled |= !blank;
        }
        if is_lossy(place) && !blank {
            let detail =
                format!("{is} stands there; blank: {}", place.blank.as_deref().unwrap_or("left out"));
            wrong.push(Wrong {
                what: "nobody knows it, and it is not blank",
                field: pointer.clone(),
                detail,
            });
        }
    }
    let all: BTreeSet<&String> = leaves.keys().chain(own_leaves.keys()).collect();
    for pointer in all {
        let (own, through) = (own_leaves.get(pointer), leaves.get(pointer));
        // An empty object stands for members that are told of themselves.
        let within = |leaves: &BTreeMap<String, Value>| {
            leaves.keys().any(|other| other.len() > pointer.len() && other.starts_with(pointer.as_str()))
        };
        if own == through || own.is_none() && within(&own_leaves) || through.is_none() && within(&leaves) {
            continue;
        }
        let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
        let told_here = format!("{} there, {} here", shown(own), shown(through));
        match place_of(reply, pointer) {
            Some(place) => {
                seen.entry(at(place)).or_default().differed = true;
                if !is_lossy(place) {
                    differing.push((pointer.clone(), told_here));
                }
            }
            // A place that the caller's own table never writes.
            None => differing.push((pointer.clone(), told_here)),
        }
    }
    (wrong, differing)
}

fn lies_in(pointer: &str, place: &str) -> bool {
    pointer.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'))
}

/// The place itself, or the nearest that it lies in.
fn place_of<'r>(reply: &'r Reply, pointer: &str) -> Option<&'r Place> {
    let holds = |place: &&Place| pointer == place.place || lies_in(pointer, &place.place);
    reply.places.iter().filter(holds).max_by_key(|place| place.place.len())
}

/// Whether what stands there is what stands where nobody knows. What a blank says that depends on something else
/// (docs/losses.md: "what status suggests") can be anything.
fn is_blank(place: &Place, value: &Value) -> bool {
    let empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    let Some(blank) = place.blank.as_deref() else { return empty };
    let stands = |one: &str| match serde_json::from_str::<Value>(one) {
        Ok(known) => known == *value,
        Err(_) => is_lossy(place),
    };
    empty || blank.split(", or ").any(stands)
}

/// By JSON pointers; a list, and what is empty, is one value.
fn flatten(place: &str, value: &Value, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                flatten(&format!("{place}/{name}"), value, out);
            }
        }
        value => drop(out.insert(place.to_owned(), value.clone())),
    }
}
