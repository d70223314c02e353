//! Document → text.
use super::{At, Kind, QUOTED};

impl At<'_> {
    /// Appends this value as JSON text.
    pub fn write(self, out: &mut Vec<u8>) {
        match self.kind() {
            Kind::Null => out.extend_from_slice(b"null"),
            Kind::True => out.extend_from_slice(b"true"),
            Kind::False => out.extend_from_slice(b"false"),
            Kind::Number => out.extend_from_slice(self.document.text(self.entry()).as_bytes()),
            Kind::Text => write_text(self.document.text(self.entry()), out),
            Kind::Array => {
                out.push(b'[');
                for (index, element) in self.elements().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    element.write(out);
                }
                out.push(b']');
            }
            Kind::Object => {
                out.push(b'{');
                self.write_members(out);
                out.push(b'}');
            }
        }
    }

    fn write_members(self, out: &mut Vec<u8>) {
        let members = self.document.entries.get(..self.entry().next as usize).unwrap_or_default();
        let first = self.at + 1;
        let mut at = first;
        while let Some([name, value, ..]) = members.get(at as usize..) {
            if at > first {
                out.push(b',');
            }
            if name.count == QUOTED {
                out.extend_from_slice(name.text.as_bytes());
            } else {
                write_text(self.document.text(name), out);
                out.push(b':');
            }
            match value.kind {
                Kind::Text => write_text(self.document.text(value), out),
                Kind::Number => out.extend_from_slice(self.document.text(value).as_bytes()),
                _ => At { document: self.document, at: at + 1 }.write(out),
            }
            at = value.next;
        }
    }
}

/// Whether a text has nothing that JSON escapes. All bytes are looked at, eight at a time and without a branch.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(last) = bytes.last_chunk() else {
        let escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        return !bytes.iter().fold(false, |found, byte| found | escaped(*byte));
    };
    // The last eight may have been looked at in part: cheaper than to look at what is left over one by one.
    bytes.as_chunks().0.iter().fold(escaped(*last), |found, word| found | escaped(*word)) == 0
}

/// Not 0 where one of eight bytes is one that JSON escapes.
fn escaped(bytes: [u8; 8]) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let word = u64::from_le_bytes(bytes);
    // The highest bit of each byte that is below `least`, and perhaps of some above one that is: never of one alone.
    let below = |word: u64, least: u8| word.wrapping_sub(EACH * u64::from(least)) & !word;
    let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, b' ') | is(b'"') | is(b'\\')) & (EACH << 7)
}

fn quote(plain: &str, out: &mut Vec<u8>) {
    out.reserve(plain.len() + 2);
    out.push(b'"');
    out.extend_from_slice(plain.as_bytes());
    out.push(b'"');
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    if is_plain(text) {
        return quote(text, out);
    }
    // Writing a string into a Vec can't fail: neither serialising a str nor the Vec ever errs.
    let written = sonic_rs::to_writer(out, text);
    debug_assert!(written.is_ok());
}
