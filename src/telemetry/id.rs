//! Request ids: 128 bits, in hex, without a system call each.

use std::cell::Cell;
use std::fmt;

/// Names one request in the log and in the reply.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId([u8; 16]);

thread_local! {
    /// A key from the system, drawn once a thread, and how many ids were made of it.
    static SOURCE: Cell<Option<([u64; 2], u64)>> = const { Cell::new(None) };
}

impl RequestId {
    /// A new one. Ids of one thread never repeat, and those of two only by an accident of 2⁻¹²⁸; they
    /// tell requests apart and are no secret.
    #[must_use]
    pub fn new() -> Self {
        let ([high, low], count) = SOURCE.take().unwrap_or_else(|| (seed(), 0));
        SOURCE.set(Some(([high, low], count.wrapping_add(1))));
        // Both mixings are one-to-one in the count, so no two counts give one id.
        let one = mix(high ^ count);
        let other = mix(low.wrapping_add(one));
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&one.to_be_bytes());
        bytes[8..].copy_from_slice(&other.to_be_bytes());
        Self(bytes)
    }

    /// The id's 32 hex digits.
    #[must_use]
    pub fn hex(&self) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 32];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        hex
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Hex digits are always text.
        f.write_str(str::from_utf8(&self.hex()).unwrap_or_default())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// 128 bits from the system. Without them (a jail without the call), the clock and an address will do:
/// ids are no secret, and a request must not fail for want of one.
fn seed() -> [u64; 2] {
    match (getrandom::u64(), getrandom::u64()) {
        (Ok(high), Ok(low)) => [high, low],
        _ => {
            tracing::warn!("the system gives no random numbers: request ids come from the clock");
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            let nanos = now.map_or(0, |now| now.as_nanos());
            let thread = std::thread::current().id();
            let mut hasher = std::hash::DefaultHasher::new();
            std::hash::Hash::hash(&thread, &mut hasher);
            [(nanos as u64) ^ ((nanos >> 64) as u64), std::hash::Hasher::finish(&hasher)]
        }
    }
}

/// SplitMix64's finisher: one-to-one, and every bit of the input reaches every bit of the output.
fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_within_and_across_threads_and_are_32_hex_digits() {
        let here = (0..1000).map(|_| RequestId::new());
        let there = std::thread::spawn(|| (0..1000).map(|_| RequestId::new()).collect::<Vec<_>>());
        let all: std::collections::HashSet<_> = here.chain(there.join().unwrap()).collect();
        assert_eq!(all.len(), 2000);
        for id in all {
            let text = id.to_string();
            assert!(text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()), "{text}");
        }
    }
}
