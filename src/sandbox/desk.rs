//! What a sandbox remembers: the requests made of it, and who is signed in.
//!
//! Start at [`Desk`]. Everything here is bounded: beyond [`MAX_REQUESTS`] the oldest request is
//! forgotten, beyond [`MAX_SESSIONS`] the session that was idle longest. Time passes only when somebody
//! looks ([`Desk::get`], [`Desk::refresh_all`]). Knows no vendor's words.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use jiff::{SignedDuration, Timestamp};

use super::record::{Approval, Comment, Record, State};

/// Requests kept in memory.
pub(super) const MAX_REQUESTS: usize = 100_000;
/// Sessions kept in memory.
pub(super) const MAX_SESSIONS: usize = 10_000;

/// A request and what the server must know beside its record.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) number: u64,
    /// Position of the owner in the inventory.
    pub(super) user: usize,
    /// Positions of the target in the inventory.
    pub(super) system: usize,
    pub(super) account: Option<usize>,
    pub(super) policy: usize,
    pub(super) created: Timestamp,
    pub(super) starts: Timestamp,
    pub(super) ends: Timestamp,
    /// Whether the end was asked for itself, so that a late approval doesn't move it.
    pub(super) end_binds: bool,
    pub(super) changed: Timestamp,
    /// When the last approval that was needed came.
    pub(super) approved: Option<Timestamp>,
    /// Approvals needed at level one and two.
    pub(super) needs: [u32; 2],
    /// CyberArk: what made it invalid, in the vendor's number.
    pub(super) invalid: i64,
    /// Safeguard: its owner has acknowledged the end, or it was closed. CyberArk: it was deleted.
    pub(super) acknowledged: bool,
    pub(super) record: Record,
}

impl Held {
    /// Decisions of one kind at one level.
    pub(super) fn given(&self, level: u8) -> u32 {
        let given = self.record.approvals.iter();
        let given = given.filter(|a| a.level == level && a.decision == "approved");
        u32::try_from(given.count()).unwrap_or(u32::MAX)
    }

    /// The level whose approvals are being collected: level two opens when level one is complete.
    pub(super) fn level(&self) -> u8 {
        if self.given(1) >= self.needs[0] && self.needs[1] > 0 { 2 } else { 1 }
    }

    /// Approvals that are still missing, over both levels.
    pub(super) fn missing(&self) -> u32 {
        self.needs[0].saturating_sub(self.given(1)) + self.needs[1].saturating_sub(self.given(2))
    }

    /// Notes a decision; the last approval needed makes the request usable.
    pub(super) fn decide(&mut self, by: &str, approve: bool, comment: Option<String>, now: Timestamp) {
        let level = self.level();
        self.record.approvals.push(Approval {
            by: by.to_owned(),
            decision: if approve { "approved" } else { "denied" },
            comment,
            at: now.to_string(),
            level,
        });
        if approve && self.missing() == 0 && self.record.state == State::Pending {
            self.become_approved(now);
        }
    }

    /// The window of a request that may start at once runs from its approval.
    pub(super) fn become_approved(&mut self, now: Timestamp) {
        self.record.state = State::Approved;
        self.approved = Some(now);
        self.changed = now;
        // An end that was asked for stays; a mere length begins now.
        if self.starts < now && !self.end_binds {
            let length = self.ends.duration_since(self.starts);
            self.starts = now;
            self.ends = super::clock::later(now, length);
        }
    }

    pub(super) fn set_state(&mut self, state: State, now: Timestamp) {
        self.record.state = state;
        self.changed = now;
    }

    pub(super) fn comment(&mut self, by: &str, action: &'static str, text: Option<String>, now: Timestamp) {
        self.record.comments.push(Comment { by: by.to_owned(), action, text, at: now.to_string() });
    }

    /// Lets time pass: an open request whose window is over has expired.
    pub(super) fn refresh(&mut self, now: Timestamp) {
        if self.record.state.is_open() && now >= self.ends {
            // 1: never confirmed in time; 64: confirmed, and the access time ran out [seed].
            self.invalid = if self.record.state == State::Pending { 1 } else { 64 };
            self.set_state(State::Expired, self.ends);
        }
    }
}

/// A signed-in user.
pub(super) struct Session {
    pub(super) user: usize,
    pub(super) since: Timestamp,
    pub(super) last: Timestamp,
}

/// The requests and sessions of one sandbox.
#[derive(Default)]
pub(super) struct Desk {
    last_number: u64,
    held: BTreeMap<u64, Held>,
    /// Numbers of requests that were open when last looked at, by account.
    open: HashMap<usize, Vec<u64>>,
    sessions: HashMap<String, Session>,
    tokens: u64,
    secret: RandomState,
}

impl Desk {
    /// A desk whose first request gets the number after `last_number`.
    pub(super) fn new(last_number: u64) -> Self {
        Desk { last_number, ..Desk::default() }
    }

    /// The number that the next request gets.
    pub(super) fn next_number(&self) -> u64 {
        self.last_number + 1
    }

    /// Keeps a request, which must bear [`Desk::next_number`].
    pub(super) fn keep(&mut self, held: Held) {
        self.last_number = held.number;
        if let Some(account) = held.account {
            self.open.entry(account).or_default().push(held.number);
        }
        self.held.insert(held.number, held);
        while self.held.len() > MAX_REQUESTS {
            let Some((number, oldest)) = self.held.pop_first() else { break };
            if let Some(list) = oldest.account.and_then(|a| self.open.get_mut(&a)) {
                list.retain(|n| *n != number);
            }
        }
    }

    /// One request, as it stands now.
    pub(super) fn get(&mut self, number: u64, now: Timestamp) -> Option<&mut Held> {
        let held = self.held.get_mut(&number)?;
        held.refresh(now);
        Some(held)
    }

    /// Numbers of the open requests for an account, oldest first.
    pub(super) fn open_for(&mut self, account: usize, now: Timestamp) -> Vec<u64> {
        let Some(list) = self.open.get_mut(&account) else { return Vec::new() };
        list.retain(|number| {
            self.held.get_mut(number).is_some_and(|held| {
                held.refresh(now);
                held.record.state.is_open()
            })
        });
        list.clone()
    }

    /// Lets time pass for all, and gives them oldest first.
    pub(super) fn refresh_all(&mut self, now: Timestamp) -> impl Iterator<Item = &Held> {
        for held in self.held.values_mut() {
            held.refresh(now);
        }
        self.held.values()
    }

    /// Opens a session and gives its token: letters and digits only, not to be guessed from the last one.
    pub(super) fn sign_in(&mut self, user: usize, now: Timestamp) -> String {
        self.sign_in_as("", user, now)
    }

    /// The same, the token beginning with `prefix`.
    pub(super) fn sign_in_as(&mut self, prefix: &str, user: usize, now: Timestamp) -> String {
        self.tokens += 1;
        let token = format!(
            "{prefix}{:016x}{:016x}",
            self.secret.hash_one((self.tokens, "a")),
            self.secret.hash_one((self.tokens, "b"))
        );
        if self.sessions.len() >= MAX_SESSIONS {
            let idlest = self.sessions.iter().min_by_key(|(_, s)| s.last);
            if let Some(idlest) = idlest.map(|(token, _)| token.clone()) {
                self.sessions.remove(&idlest);
            }
        }
        let session = Session { user, since: now, last: now };
        self.sessions.insert(token.clone(), session);
        token
    }

    /// Whose session a token is, if it lives; looking counts as use.
    pub(super) fn session(
        &mut self,
        token: &str,
        now: Timestamp,
        idle: SignedDuration,
        life: SignedDuration,
    ) -> Option<usize> {
        let session = self.sessions.get_mut(token)?;
        if now.duration_since(session.last) > idle || now.duration_since(session.since) > life {
            self.sessions.remove(token);
            return None;
        }
        session.last = now;
        Some(session.user)
    }

    /// Ends a session; false if there was none.
    pub(super) fn sign_out(&mut self, token: &str) -> bool {
        self.sessions.remove(token).is_some()
    }

    /// Ends all sessions of a user.
    pub(super) fn sign_out_user(&mut self, user: usize) {
        self.sessions.retain(|_, session| session.user != user);
    }

    /// Forgets requests and sessions; numbers go on, so that no id ever means two requests.
    pub(super) fn reset(&mut self) {
        self.forget_requests();
        self.sessions.clear();
    }

    /// Forgets requests alone.
    pub(super) fn forget_requests(&mut self) {
        self.held.clear();
        self.open.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(number: u64, account: usize) -> Held {
        let now = Timestamp::UNIX_EPOCH;
        Held {
            number,
            user: 0,
            system: 0,
            account: Some(account),
            policy: 0,
            created: now,
            starts: now,
            ends: now + SignedDuration::from_hours(1),
            end_binds: false,
            changed: now,
            approved: None,
            needs: [1, 0],
            invalid: 0,
            acknowledged: false,
            record: Record::new(("1", "u"), "credential", now),
        }
    }

    #[test]
    fn beyond_the_limit_the_oldest_request_is_forgotten() {
        let mut desk = Desk::new(0);
        for number in 1..=u64::try_from(MAX_REQUESTS).unwrap() + 2 {
            desk.keep(held(number, usize::from(number > 3)));
        }
        let now = Timestamp::UNIX_EPOCH;
        assert!(desk.get(2, now).is_none());
        assert!(desk.get(3, now).is_some());
        assert_eq!(desk.open_for(0, now), [3]);
        assert_eq!(desk.refresh_all(now).count(), MAX_REQUESTS);
    }

    #[test]
    fn beyond_the_limit_the_idlest_session_is_ended() {
        let mut desk = Desk::new(0);
        let at = |seconds: usize| Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap();
        let tokens: Vec<String> = (0..MAX_SESSIONS).map(|n| desk.sign_in(n, at(n))).collect();
        let (first, second) = (&tokens[0], &tokens[1]);
        let life = SignedDuration::MAX;
        assert_eq!(desk.session(first, at(MAX_SESSIONS), life, life), Some(0));
        desk.sign_in(MAX_SESSIONS, at(MAX_SESSIONS));
        assert_eq!(desk.session(second, at(MAX_SESSIONS), life, life), None);
        assert_eq!(desk.session(first, at(MAX_SESSIONS), life, life), Some(0));
    }

    #[test]
    fn tokens_differ_and_hold_only_what_clients_expect() {
        let mut desk = Desk::new(0);
        let (a, b) = (desk.sign_in(0, Timestamp::UNIX_EPOCH), desk.sign_in(0, Timestamp::UNIX_EPOCH));
        assert_ne!(a, b);
        assert!(a.bytes().all(|c| c.is_ascii_alphanumeric()) && a.len() == 32);
    }

    #[test]
    fn a_late_approval_moves_a_length_and_not_an_end() {
        let late = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30);
        for (binds, minutes) in [(false, 90), (true, 60)] {
            let mut held = held(1, 0);
            held.end_binds = binds;
            held.decide("a", true, None, late);
            assert_eq!(held.record.state, State::Approved);
            assert_eq!(held.ends, Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes));
        }
    }
}
