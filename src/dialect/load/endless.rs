//! Schemas that can't be held against anything: one that, at one and the same place, comes back to itself.
//!
//! Start at [`endless`]. A schema that holds itself *below* a place is fine: a message ends somewhere. Knows JSON only.
use std::collections::HashSet;

use serde_json::Value as Json;

/// Longer chains of references at one place than anybody writes; each step costs stack when a message is validated.
const STEPS_MAX: usize = 64;

/// The JSON pointer of a schema that refers to itself without end, or in too long a chain.
pub(super) fn endless(root: &Json) -> Option<String> {
    let mut done = HashSet::new();
    let mut found = None;
    each(root, &mut String::new(), &mut |at, pointer| {
        if found.is_none() && comes_back(root, at, &mut Vec::new(), &mut done) {
            found = Some(pointer.to_owned());
        }
    });
    found
}

/// Calls for every value that could be a schema, with its pointer. A parsed text is of bounded depth.
pub(super) fn each<'s>(at: &'s Json, pointer: &mut String, call: &mut impl FnMut(&'s Json, &str)) {
    let mut below = |name: &str, value: &'s Json, pointer: &mut String| {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(name);
        each(value, pointer, call);
        pointer.truncate(length);
    };
    match at {
        Json::Object(members) => {
            members.iter().for_each(|(name, value)| below(name, value, pointer));
            call(at, pointer);
        }
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| below(&index.to_string(), value, pointer));
        }
        _ => {}
    }
}

/// Whether what holds at the same place leads back to where it began. `done` holds what is known to end.
fn comes_back<'s>(
    root: &'s Json,
    at: &'s Json,
    above: &mut Vec<&'s Json>,
    done: &mut HashSet<usize>,
) -> bool {
    let place = std::ptr::from_ref(at).addr();
    if done.contains(&place) {
        return false;
    }
    if above.len() == STEPS_MAX || above.iter().any(|other| std::ptr::eq(*other, at)) {
        return true;
    }
    above.push(at);
    let referred = at["$ref"].as_str().and_then(|to| root.pointer(to.strip_prefix('#')?));
    let listed = ["oneOf", "anyOf", "allOf"].into_iter();
    let listed = listed.flat_map(|word| at[word].as_array().into_iter().flatten());
    let single = ["not", "if", "then", "else"].into_iter().filter_map(|word| at.get(word));
    let dependent = at["dependentSchemas"].as_object().into_iter().flat_map(|all| all.values());
    let mut next = referred.into_iter().chain(listed).chain(single).chain(dependent);
    let back = next.any(|next| comes_back(root, next, above, done));
    above.pop();
    back || !done.insert(place)
}
