//! Who calls: what a caller shows in its dialect's way, and which configured caller that is.
//!
//! A dialect's TOML fills a [`CallerScheme`], which reads a header into a [`Presented`]; [`Callers`] knows whose
//! secret that is. A sign-in in a body makes its `Presented` with [`Presented::new`]. Knows `secrecy` and no other
//! module; never logs or returns a secret, and takes as long for a wrong one as for none that is known.
use std::fmt;

use hashbrown::HashMap;
use hyper::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The longest header value that is looked at.
const VALUE_BYTES_MAX: usize = 8 * 1024;

/// How the callers of a dialect show who they are in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerScheme {
    /// The header's name, in any case.
    pub header: String,
    /// The first word of the value, in any case: `PS-Auth`, `A2A`. None: the value begins at once.
    pub scheme: Option<String>,
    /// Which `name=value;` parameter holds the secret. None: the rest of the value does.
    pub secret: Option<String>,
    /// Which parameter names the user.
    pub user: Option<String>,
}

/// What a caller showed: not yet believed.
#[derive(Clone, Copy)]
pub struct Presented<'h> {
    secret: &'h str,
    user: Option<&'h str>,
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("secret", &"…").field("user", &self.user).finish()
    }
}

impl<'h> Presented<'h> {
    /// A secret and perhaps a user from elsewhere than a header, such as a sign-in's body; none where it is empty.
    pub fn new(secret: &'h str, user: Option<&'h str>) -> Option<Presented<'h>> {
        (!secret.is_empty()).then_some(Presented { secret, user })
    }

    /// The user's name as it was shown.
    pub fn user(&self) -> Option<&'h str> {
        self.user
    }
}

impl CallerScheme {
    /// What the headers show in this scheme. None where the header is absent, given twice, of another scheme, too
    /// long, or not well formed.
    pub fn read<'h>(&self, headers: &'h HeaderMap) -> Option<Presented<'h>> {
        let mut values = headers.get_all(self.header.as_str()).iter();
        let value = values.next()?.as_bytes();
        if values.next().is_some() || value.len() > VALUE_BYTES_MAX {
            return None;
        }
        let mut rest = std::str::from_utf8(value).ok()?.trim();
        if let Some(scheme) = &self.scheme {
            let (word, after) = rest.split_once([' ', '\t'])?;
            if !word.eq_ignore_ascii_case(scheme) {
                return None;
            }
            rest = after.trim_start();
        }
        let Some(secret) = &self.secret else { return Presented::new(rest, None) };
        let mut found = Presented { secret: "", user: None };
        while !rest.is_empty() {
            let (name, value, after) = parameter(rest)?;
            if name.eq_ignore_ascii_case(secret) {
                // A parameter given twice could be read as either: as neither, then.
                if !found.secret.is_empty() || value.is_empty() {
                    return None;
                }
                found.secret = value;
            } else if self.user.as_ref().is_some_and(|user| name.eq_ignore_ascii_case(user))
                && found.user.replace(value).is_some()
            {
                return None;
            }
            rest = after;
        }
        (!found.secret.is_empty()).then_some(found)
    }
}

/// `name=value;` and what comes after it. A value in square brackets may hold a `;`; the last `;` may be missing.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = parted(text, b'=')?;
    let name = name.trim();
    if name.is_empty() || name.contains(';') {
        return None;
    }
    let rest = rest.trim_start();
    let (value, after) = match rest.strip_prefix('[') {
        Some(inside) => {
            // The bracket that closes is the first that ends the parameter: a password may hold `]`.
            let end = inside
                .match_indices(']')
                .map(|(at, _)| at)
                .find(|at| matches!(inside[at + 1..].trim_start().chars().next(), None | Some(';')))?;
            let after = inside[end + 1..].trim_start();
            (&inside[..end], after.strip_prefix(';').unwrap_or(after))
        }
        None => match parted(rest, b';') {
            Some((value, after)) => (value.trim_end(), after),
            None => (rest.trim_end(), ""),
        },
    };
    Some((name, value, after.trim_start()))
}

/// What stands before and behind the first of these ASCII characters. Headers are short: byte by byte is quicker than a
/// search that is set up for long texts.
fn parted(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == at)?;
    Some((&text[..at], &text[at + 1..]))
}

/// One way in which a configured caller may show itself.
pub struct CallerKey<'c> {
    /// In which dialect.
    pub dialect: &'c str,
    /// The secret that it shows.
    pub secret: &'c SecretString,
    /// The user that it must not contradict, in any case.
    pub user: Option<&'c str>,
    /// The caller's index in the configuration.
    pub caller: usize,
}

/// Why a set of callers can't be told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallersError {
    /// Two callers of a dialect have one secret, and no users that tell them apart.
    #[error("callers {first} and {second} show the same secret in one dialect")]
    SameSecret {
        /// The index of the one.
        first: usize,
        /// The index of the other.
        second: usize,
    },
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    NoRandom(String),
}

/// All callers, by a keyed hash of what they show.
pub struct Callers {
    /// Random in each process: nobody can work out which bucket a guess falls into.
    hash_key: [u8; 32],
    known: HashMap<[u8; 32], Vec<Known>>,
}

struct Known {
    digest: [u8; 32],
    user: Option<String>,
    caller: usize,
}

impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callers").field("secrets", &self.known.len()).finish_non_exhaustive()
    }
}

impl Callers {
    /// The callers that have these keys.
    ///
    /// # Errors
    /// Where two callers show the same, or the system gives no random numbers.
    pub fn new<'c>(keys: impl IntoIterator<Item = CallerKey<'c>>) -> Result<Callers, CallersError> {
        let mut hash_key = [0; 32];
        getrandom::fill(&mut hash_key).map_err(|error| CallersError::NoRandom(error.to_string()))?;
        let mut callers = Callers { hash_key, known: HashMap::new() };
        for key in keys {
            let digest = callers.digest(key.dialect, key.secret.expose_secret());
            let same = callers.known.entry(digest).or_default();
            let apart = |there: &Known| match (&there.user, key.user) {
                (Some(there), Some(user)) => !same_user(there, user),
                _ => false,
            };
            if let Some(there) = same.iter().find(|there| !apart(there)) {
                return Err(CallersError::SameSecret { first: there.caller, second: key.caller });
            }
            same.push(Known { digest, user: key.user.map(str::to_owned), caller: key.caller });
        }
        Ok(callers)
    }

    /// Whose secret that is in this dialect: the caller's index in the configuration. None where nobody's, or where
    /// the user that was shown is another than the caller's.
    pub fn authenticate(&self, dialect: &str, presented: &Presented<'_>) -> Option<usize> {
        let digest = self.digest(dialect, presented.secret);
        let candidates = self.known.get(&digest).map_or(&[][..], Vec::as_slice);
        let mut fitting = candidates.iter().filter(|known| {
            let user = match (&known.user, presented.user) {
                (Some(known), Some(shown)) => same_user(known, shown),
                _ => true,
            };
            bool::from(known.digest.ct_eq(&digest)) && user
        });
        let found = fitting.next()?;
        // Without a user, a secret that two callers share (their users differ) says nothing.
        fitting.next().is_none().then_some(found.caller)
    }

    fn digest(&self, dialect: &str, secret: &str) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.hash_key);
        hasher.update(&(dialect.len() as u64).to_le_bytes()).update(dialect.as_bytes());
        *hasher.update(secret.as_bytes()).finalize().as_bytes()
    }
}

/// Windows and the three vendors compare user names in any letter case.
fn same_user(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || left.to_lowercase() == right.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ps_auth() -> CallerScheme {
        CallerScheme {
            header: "Authorization".into(),
            scheme: Some("PS-Auth".into()),
            secret: Some("key".into()),
            user: Some("runas".into()),
        }
    }

    fn read(scheme: &CallerScheme, values: &[&str]) -> Option<(String, Option<String>)> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers
                .append("authorization", hyper::header::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        scheme.read(&headers).map(|shown| (shown.secret.to_owned(), shown.user.map(str::to_owned)))
    }

    #[test]
    fn ps_auth_is_read_as_its_clients_write_it() {
        let shown = |secret: &str, user: Option<&str>| Some((secret.to_owned(), user.map(str::to_owned)));
        for (value, wanted) in [
            ("PS-Auth key=abc", shown("abc", None)),
            ("ps-auth  KEY=abc;", shown("abc", None)),
            (r"PS-Auth key=abc; runas=DOM\joe; pwd=[x];", shown("abc", Some(r"DOM\joe"))),
            (r"PS-Auth runas=DOM\joe; pwd=[a;key=no]b]; key=abc", shown("abc", Some(r"DOM\joe"))),
            ("PS-Auth key=a=b==; runas=jörg", shown("a=b==", Some("jörg"))),
        ] {
            assert_eq!(read(&ps_auth(), &[value]), wanted, "{value}");
        }
    }

    #[test]
    fn what_is_not_well_formed_shows_nothing() {
        for value in [
            "",
            "PS-Auth",
            "PS-Auth ",
            "PS-Auth key=",
            "PS-Auth key=;",
            "PS-Auth abc",
            "PS-Auth key=a; key=b",
            "PS-Auth key=a; runas=x; runas=y",
            "PS-Auth key=a; pwd=[x",
            "PS-Auth key=a; nonsense",
            "Bearer key=abc",
            "PS-Authkey=abc",
        ] {
            assert_eq!(read(&ps_auth(), &[value]), None, "{value}");
        }
        assert_eq!(read(&ps_auth(), &["PS-Auth key=a", "PS-Auth key=a"]), None);
        assert_eq!(read(&ps_auth(), &[&format!("PS-Auth key={}", "a".repeat(9000))]), None);
        assert_eq!(read(&ps_auth(), &[]), None);
    }

    #[test]
    fn a_scheme_without_parameters_takes_the_rest() {
        let a2a = CallerScheme { scheme: Some("A2A".into()), secret: None, user: None, ..ps_auth() };
        assert_eq!(read(&a2a, &["a2a abc=;"]), Some(("abc=;".into(), None)));
        let bare = CallerScheme { scheme: None, ..a2a };
        assert_eq!(read(&bare, &["token"]), Some(("token".into(), None)));
    }

    fn key<'c>(
        dialect: &'c str,
        secret: &'c SecretString,
        user: Option<&'c str>,
        caller: usize,
    ) -> CallerKey<'c> {
        CallerKey { dialect, secret, user, caller }
    }

    #[test]
    fn a_secret_is_good_in_its_dialect_and_for_its_user_only() {
        let (one, two) = (SecretString::from("one"), SecretString::from("two"));
        let callers =
            Callers::new([key("beyondtrust", &one, Some(r"CORP\Joe"), 0), key("cyberark", &two, None, 1)])
                .unwrap();
        let who =
            |dialect, secret, user| callers.authenticate(dialect, &Presented::new(secret, user).unwrap());
        assert_eq!(who("beyondtrust", "one", None), Some(0));
        assert_eq!(who("beyondtrust", "one", Some(r"corp\JOE")), Some(0));
        assert_eq!(who("beyondtrust", "one", Some("eve")), None);
        assert_eq!(who("beyondtrust", "two", None), None);
        assert_eq!(who("cyberark", "one", None), None);
        assert_eq!(who("cyberark", "two", Some("anyone")), Some(1));
        assert_eq!(who("safeguard", "two", None), None);
    }

    #[test]
    fn two_callers_with_one_secret_need_users_that_tell_them_apart() {
        let same = SecretString::from("s3cret");
        let refused = Callers::new([key("b", &same, Some("a"), 3), key("b", &same, None, 5)]).unwrap_err();
        assert_eq!(refused, CallersError::SameSecret { first: 3, second: 5 });
        assert!(!refused.to_string().contains("s3cret"));
        assert!(Callers::new([key("b", &same, Some("A"), 0), key("b", &same, Some("a"), 1)]).is_err());
        assert!(Callers::new([key("b", &same, None, 0), key("c", &same, None, 1)]).is_ok());

        let callers = Callers::new([key("b", &same, Some("a"), 0), key("b", &same, Some("b"), 1)]).unwrap();
        assert_eq!(callers.authenticate("b", &Presented::new("s3cret", Some("b")).unwrap()), Some(1));
        assert_eq!(callers.authenticate("b", &Presented::new("s3cret", None).unwrap()), None);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let shown = Presented::new("s3cret", Some("joe")).unwrap();
        assert!(!format!("{shown:?}").contains("s3cret"));
        assert!(Presented::new("", Some("joe")).is_none());
    }
}
