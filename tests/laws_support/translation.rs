//! Bytes → a call, an answer and perhaps a second one, through the whole translation.
//!
//! Four bytes choose the pair, the caller's route, the answer's status and some switches. Then come parts with `0xff`
//! between them, which stands in no UTF-8: the path's ids (a line each), the query, the body, the answer, the second
//! answer. [`encode`] makes the same bytes of a call that is written by hand.
use std::sync::Arc;

use pamgate::exchange::{Came, Pair};

use super::crossing::Call;
use super::world::World;

/// What stands between two parts.
const BETWEEN: u8 = 0xff;

/// The gateway is a user at the upstream.
pub const AS_USER: u8 = 1;
/// The upstream is asked again, and answers.
pub const AGAIN: u8 = 2;

/// One run as its parts.
#[derive(Debug, Clone, Default)]
pub struct Run<'r> {
    pub pair: u8,
    pub route: u8,
    pub status: u8,
    pub switches: u8,
    /// Ids, query, body, answer, second answer.
    pub parts: [&'r [u8]; 5],
}

/// A route of a caller: the method, and the path with its fields in braces.
pub type Way = (String, String);

/// All routes of a dialect, as its table writes them.
pub fn ways(pair: &Pair) -> Vec<Way> {
    let routes = pair.caller.dialect.operations().iter().flat_map(|operation| &operation.routes);
    let split = |text: &str| {
        let (method, path) = text.split_once(' ').unwrap_or(("GET", text));
        (method.to_owned(), path.to_owned())
    };
    routes.map(|route| split(&route.text)).collect()
}

/// The statuses that an upstream may answer with: each good end, and some others.
pub fn statuses(pair: &Pair) -> Vec<u16> {
    let outcomes = pair.upstream.dialect.operations().iter().flat_map(|operation| &operation.outcomes);
    let mut found: Vec<u16> = outcomes.map(|outcome| outcome.status).collect();
    found.sort_unstable();
    found.dedup();
    found.extend([400, 401, 403, 404, 409, 429, 500, 599, 302]);
    found
}

/// A path with ids in its braces.
pub fn path(pair: &Pair, way: &Way, ids: &str) -> String {
    let mut ids = ids.lines();
    let mut out = pair.caller.dialect.base().to_owned();
    let mut rest = way.1.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str(ids.next().unwrap_or("1"));
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// Takes bytes apart; none where they are too few.
pub fn decode(bytes: &[u8]) -> Option<Run<'_>> {
    let ([pair, route, status, switches], rest) =
        bytes.split_first_chunk::<4>().map(|(head, rest)| (*head, rest))?;
    let mut parts: [&[u8]; 5] = [&[]; 5];
    for (part, text) in parts.iter_mut().zip(rest.splitn(5, |byte| *byte == BETWEEN)) {
        *part = text;
    }
    Some(Run { pair, route, status, switches, parts })
}

/// The bytes of a run.
pub fn encode(run: &Run<'_>) -> Vec<u8> {
    let mut out = vec![run.pair, run.route, run.status, run.switches];
    out.extend(run.parts.join(&BETWEEN));
    out
}

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// Too few bytes.
    Nothing,
    /// The caller was refused.
    Refused,
    /// Something was sent, and the answer was a fault.
    Sent,
    /// The caller got a good reply.
    Answered,
}

/// Runs the whole translation over bytes, and says what law is broken.
pub fn run(world: &World, bytes: &[u8]) -> Result<Reached, String> {
    let Some(run) = decode(bytes) else { return Ok(Reached::Nothing) };
    let pair: &Arc<Pair> = &world.pairs[usize::from(run.pair) % world.pairs.len()];
    let ways = ways(pair);
    let way = &ways[usize::from(run.route) % ways.len()];
    let [ids, query, body, answer, again] = run.parts;
    let (Ok(ids), Ok(query)) = (std::str::from_utf8(ids), std::str::from_utf8(query)) else {
        return Ok(Reached::Nothing);
    };
    let path = path(pair, way, ids);
    let as_user = (run.switches & AS_USER != 0).then_some("j.d");
    let query = (!query.is_empty()).then_some(query);
    let call = Call { pair, method: &way.0, path: &path, query, body, as_user };
    let Ok(crossed) = world.cross(&call)? else { return Ok(Reached::Refused) };
    let statuses = statuses(pair);
    let came = Came { status: statuses[usize::from(run.status) % statuses.len()], body: answer };
    let again = (run.switches & AGAIN != 0).then_some(Came { status: 200, body: again });
    match world.answered(&crossed, came, again)? {
        true => Ok(Reached::Answered),
        false => Ok(Reached::Sent),
    }
}

/// The number of a pair, as a run names it.
pub fn pair_number(world: &World, caller: &str, upstream: &str) -> u8 {
    let is =
        |pair: &Arc<Pair>| pair.caller.dialect.label() == caller && pair.upstream.dialect.label() == upstream;
    let at = world.pairs.iter().position(is).unwrap_or_else(|| panic!("no pair of {caller} and {upstream}"));
    u8::try_from(at).expect("pairs fit a byte")
}
