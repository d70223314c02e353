//! Document → text.
use super::{At, Kind, PLAIN};

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
                for (index, (name, value)) in self.members().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    // A member's name stands before its value.
                    match self.document.entries[value.at as usize - 1].count {
                        PLAIN => quote(name, out),
                        _ => write_text(name, out),
                    }
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }
}

/// Whether a text has nothing that JSON escapes. All bytes are looked at, without a branch: many at once, then.
pub(super) fn is_plain(text: &str) -> bool {
    let escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    !text.bytes().fold(false, |found, byte| found | escaped(byte))
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
