//! Sessions at an upstream: opened when first needed, one for each identity, shared by all threads.
//!
//! Reading the current session takes no lock. However many wait, one sign-in runs, as a task of its
//! own: a caller that goes away neither stops it nor loses what it brings. A failure is shared by all
//! who waited and remembered for a while, so that a wrong password doesn't lock an account.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use hashbrown::HashMap;
use hyper::StatusCode;
use hyper::header::{COOKIE, HeaderName, HeaderValue, SET_COOKIE};
use secrecy::SecretString;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::Reply;
use super::error::SignInError;
use crate::identity::sign_in::{Identity, Keep, Open, SignIn, Template, render_header, secret_header};

/// How many identities may have a session at one upstream; beyond it, the one that signed in first goes.
pub(super) const SESSIONS_MAX: usize = 4096;
/// A refused session that never served is renewed only when it is older than this: an identity whose
/// calls are always refused must not sign in again for each of them.
const YOUNG: Duration = Duration::from_secs(5);
const BACK_OFF_FIRST: Duration = Duration::from_millis(500);
/// The longest pause where the upstream said no: more tries might lock the account.
const BACK_OFF_MAX: Duration = Duration::from_secs(60);
/// The longest pause where the upstream couldn't say anything: it may be back at any time.
const BACK_OFF_WAY_MAX: Duration = Duration::from_secs(2);

/// What calls carry.
pub(super) struct Session {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    opened: Instant,
    served: AtomicBool,
}

impl Session {
    /// Renders what every call carries.
    pub(super) fn new(
        sign_in: &SignIn,
        identity: &Identity,
        token: Option<&SecretString>,
        cookie: Option<HeaderValue>,
    ) -> Result<Self, SignInError> {
        let mut headers = rendered(&sign_in.each_call, identity, token)?;
        headers.extend(cookie.map(|cookie| (COOKIE, cookie)));
        Ok(Self { headers, opened: Instant::now(), served: AtomicBool::new(false) })
    }

    /// Notes that the upstream took it.
    pub(super) fn proven(&self) {
        // Read first: a line of memory that nobody writes is shared by the cores for free.
        if !self.served.load(Ordering::Relaxed) {
            self.served.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a refusal may mean that it is over, rather than that it never was any good.
    pub(super) fn worn(&self) -> bool {
        self.served.load(Ordering::Relaxed) || self.opened.elapsed() > YOUNG
    }
}

/// Renders headers for an identity.
pub(super) fn rendered(
    templates: &[(HeaderName, Vec<Template>)],
    identity: &Identity,
    token: Option<&SecretString>,
) -> Result<Vec<(HeaderName, HeaderValue)>, SignInError> {
    let mut headers = Vec::with_capacity(templates.len() + 1);
    for (name, pieces) in templates {
        if let Some(value) = render_header(name, pieces, identity, token)? {
            headers.push((name.clone(), value));
        }
    }
    Ok(headers)
}

/// Reads the opening call's reply.
pub(super) fn from_reply(
    sign_in: &SignIn,
    open: &Open,
    identity: &Identity,
    reply: Reply,
) -> Result<Session, SignInError> {
    let ok = match open.ok.as_slice() {
        [] => reply.status == StatusCode::OK,
        listed => listed.contains(&reply.status),
    };
    if !ok {
        return Err(SignInError::Refused(reply.status));
    }
    match &open.keep {
        Keep::Cookies => {
            let cookie = cookies(&reply)?;
            Session::new(sign_in, identity, None, Some(cookie))
        }
        Keep::Token => {
            let token: Zeroizing<String> = serde_json::from_slice::<String>(&reply.body)
                .map_err(|_| SignInError::Rubbish("isn't one JSON string"))?
                .into();
            Session::new(sign_in, identity, Some(&secret(&token)?), None)
        }
        Keep::TokenAt(pointer) => {
            let document: serde_json::Value =
                serde_json::from_slice(&reply.body).map_err(|_| SignInError::Rubbish("isn't JSON"))?;
            let token = document
                .pointer(pointer)
                .and_then(serde_json::Value::as_str)
                .ok_or(SignInError::Rubbish("has no text where the token should be"))?;
            Session::new(sign_in, identity, Some(&secret(token)?), None)
        }
    }
}

fn secret(token: &str) -> Result<SecretString, SignInError> {
    if token.is_empty() {
        return Err(SignInError::Rubbish("holds an empty token"));
    }
    Ok(token.to_owned().into())
}

/// The names and values of all cookies that the reply sets, as one header to send back.
fn cookies(reply: &Reply) -> Result<HeaderValue, SignInError> {
    let mut pairs: Vec<(&[u8], &[u8])> = Vec::new();
    for set in reply.headers.get_all(SET_COOKIE) {
        let pair = set.as_bytes().split(|b| *b == b';').next().unwrap_or_default();
        let pair = pair.trim_ascii();
        let Some(equals) = pair.iter().position(|b| *b == b'=') else {
            continue;
        };
        let name = &pair[..equals];
        // A later cookie of one name replaces the earlier one, in a browser too.
        pairs.retain(|(known, _)| *known != name);
        pairs.push((name, pair));
    }
    if pairs.is_empty() {
        return Err(SignInError::Rubbish("sets no cookie"));
    }
    let length = pairs.iter().map(|(_, pair)| pair.len() + 2).sum();
    let mut joined = Zeroizing::new(Vec::with_capacity(length));
    for (_, pair) in pairs {
        if !joined.is_empty() {
            joined.extend_from_slice(b"; ");
        }
        joined.extend_from_slice(pair);
    }
    secret_header(joined).ok_or(SignInError::Rubbish("sets a cookie that can't be sent back"))
}

/// How a sign-in under way ends.
pub(super) type Outcome = Option<Result<Arc<Session>, SignInError>>;

/// One identity's session.
pub(super) struct Slot {
    pub(super) identity: Arc<Identity>,
    pub(super) current: ArcSwapOption<Session>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<watch::Receiver<Outcome>>,
    failures: u32,
    failed: Option<(Instant, SignInError)>,
}

/// What someone who needs a session has to do.
pub(super) enum Turn {
    /// There is one meanwhile.
    Ready(Arc<Session>),
    /// Sign in, and report through [`Slot::finish`].
    Mine(watch::Sender<Outcome>, watch::Receiver<Outcome>),
    /// Wait for whoever signs in.
    Wait(watch::Receiver<Outcome>),
    /// It failed a moment ago.
    Failed(SignInError),
}

impl Slot {
    fn new(identity: Arc<Identity>) -> Self {
        Self { identity, current: ArcSwapOption::empty(), state: Mutex::default() }
    }

    /// What to do, when a session other than `stale` is needed.
    pub(super) fn turn(&self, stale: Option<&Arc<Session>>) -> Turn {
        let mut state = self.state();
        if let Some(current) = self.current.load_full()
            && stale.is_none_or(|stale| !Arc::ptr_eq(stale, &current))
        {
            return Turn::Ready(current);
        }
        // A sender that is gone without an outcome went down with its thread.
        if let Some(running) = &state.running
            && running.has_changed().is_ok()
        {
            return Turn::Wait(running.clone());
        }
        if let Some((until, error)) = &state.failed
            && Instant::now() < *until
        {
            return Turn::Failed(error.clone());
        }
        let (sender, receiver) = watch::channel(None);
        state.running = Some(receiver.clone());
        Turn::Mine(sender, receiver)
    }

    /// Makes a sign-in's outcome known.
    pub(super) fn finish(&self, outcome: Result<Session, SignInError>, tell: &watch::Sender<Outcome>) {
        let outcome = outcome.map(Arc::new);
        {
            let mut state = self.state();
            state.running = None;
            match &outcome {
                Ok(session) => {
                    self.current.store(Some(Arc::clone(session)));
                    state.failures = 0;
                    state.failed = None;
                }
                Err(error) => {
                    let most = match error {
                        SignInError::Way(_) | SignInError::TimedOut => BACK_OFF_WAY_MAX,
                        _ => BACK_OFF_MAX,
                    };
                    let wait = BACK_OFF_FIRST.saturating_mul(1 << state.failures.min(16)).min(most);
                    state.failures = state.failures.saturating_add(1);
                    state.failed = Some((Instant::now() + wait, error.clone()));
                    self.current.store(None);
                }
            }
        }
        tell.send_replace(Some(outcome));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sessions at one upstream.
pub(super) struct Sessions {
    slots: ArcSwap<HashMap<Box<str>, Arc<Slot>>>,
    writing: Mutex<()>,
    slots_max: usize,
}

impl Sessions {
    pub(super) fn new(slots_max: usize) -> Self {
        Self { slots: ArcSwap::default(), writing: Mutex::default(), slots_max }
    }

    /// The identity's slot, and one that had to go for it, to be signed out.
    pub(super) fn slot(&self, identity: &Arc<Identity>) -> (Arc<Slot>, Option<Arc<Slot>>) {
        if let Some(slot) = fitting(&self.slots.load(), identity) {
            return (slot, None);
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.slots.load();
        if let Some(slot) = fitting(&known, identity) {
            return (slot, None);
        }
        let mut slots = HashMap::clone(&known);
        let slot = Arc::new(Slot::new(Arc::clone(identity)));
        // One of the same name that signs in otherwise: its credentials were changed.
        let mut gone = slots.insert(identity.caller.as_str().into(), Arc::clone(&slot));
        if slots.len() > self.slots_max {
            let opened = |slot: &Slot| slot.current.load().as_ref().map(|session| session.opened);
            let eldest = slots
                .iter()
                .filter(|(_, other)| !Arc::ptr_eq(other, &slot))
                .min_by_key(|(_, slot)| opened(slot))
                .map(|(name, _)| name.clone());
            gone = eldest.and_then(|name| slots.remove(&name));
        }
        self.slots.store(Arc::new(slots));
        (slot, gone)
    }

    /// Takes all slots out, to be closed.
    pub(super) fn take_all(&self) -> Vec<Arc<Slot>> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.slots.swap(Arc::default()).values().cloned().collect()
    }
}

fn fitting(slots: &HashMap<Box<str>, Arc<Slot>>, identity: &Arc<Identity>) -> Option<Arc<Slot>> {
    let slot = slots.get(identity.caller.as_str())?;
    let same = Arc::ptr_eq(&slot.identity, identity) || slot.identity.same_as(identity);
    same.then(|| Arc::clone(slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(caller: &str, key: &str) -> Arc<Identity> {
        Arc::new(Identity { caller: caller.into(), values: vec![("key".into(), key.into())] })
    }

    fn signed_in(sessions: &Sessions, identity: &Arc<Identity>) -> Option<String> {
        let (slot, gone) = sessions.slot(identity);
        let session = Session::new(&SignIn::default(), identity, None, None).unwrap();
        slot.finish(Ok(session), &watch::channel(None).0);
        gone.map(|gone| gone.identity.caller.clone())
    }

    #[test]
    fn beyond_the_bound_the_first_to_sign_in_goes_never_the_newcomer() {
        let sessions = Sessions::new(2);
        assert_eq!(signed_in(&sessions, &named("a", "1")), None);
        assert_eq!(signed_in(&sessions, &named("b", "1")), None);
        assert_eq!(signed_in(&sessions, &named("a", "1")), None);
        assert_eq!(signed_in(&sessions, &named("c", "1")).as_deref(), Some("b"));
        assert_eq!(sessions.take_all().len(), 2);
    }

    #[test]
    fn other_credentials_under_the_same_name_never_get_the_session() {
        let sessions = Sessions::new(2);
        signed_in(&sessions, &named("a", "1"));
        let (slot, gone) = sessions.slot(&named("a", "2"));
        assert!(slot.current.load().is_none());
        assert!(gone.unwrap().current.load().is_some());
    }

    #[test]
    fn pauses_grow_and_are_shorter_where_the_way_failed() {
        let slot = Slot::new(named("a", "1"));
        let pause = |error: SignInError| {
            slot.finish(Err(error), &watch::channel(None).0);
            let until = slot.state().failed.as_ref().unwrap().0;
            until.saturating_duration_since(Instant::now()).as_millis().div_ceil(500)
        };
        let no = || SignInError::Refused(StatusCode::FORBIDDEN);
        assert_eq!([pause(no()), pause(no()), pause(no())], [1, 2, 4]);
        assert_eq!(pause(SignInError::TimedOut), 4);
        for _ in 0..40 {
            pause(no());
        }
        assert_eq!(pause(no()), 120);
    }
}
