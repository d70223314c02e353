//! A sign-in's JSON body, with templates for strings.

use bytes::Bytes;
use zeroize::Zeroizing;

use super::{Identity, Template, TemplateError};

/// How deep a body may be nested.
const BODY_DEPTH_MAX: usize = 16;
/// Room for a usual body. Where one is longer, growing leaves a copy of its secrets in freed memory.
const BODY_BYTES_USUAL: usize = 4096;

/// A JSON body whose strings are templates. A property whose template uses a name that the identity
/// doesn't have is left out, and so is an element of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyTemplate(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Fixed(serde_json::Value),
    Text(Template),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// What is wrong in a body's template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyTemplateError {
    /// One of its strings.
    #[error("in `{pointer}`: {source}")]
    Text {
        /// A JSON pointer to the string.
        pointer: String,
        /// What is wrong there.
        source: TemplateError,
    },
    /// Too many lists or objects in each other.
    #[error("the body is nested deeper than {BODY_DEPTH_MAX}")]
    TooDeep,
}

impl BodyTemplate {
    /// Reads a body.
    ///
    /// # Errors
    /// A string that is no template, or too deep a nesting.
    pub fn parse(value: &serde_json::Value) -> Result<Self, BodyTemplateError> {
        parse_node(value, &mut String::new(), BODY_DEPTH_MAX).map(Self)
    }

    /// The body's bytes; wiped when dropped.
    #[must_use]
    pub fn render(&self, identity: &Identity) -> Bytes {
        let mut out = Zeroizing::new(Vec::with_capacity(BODY_BYTES_USUAL));
        if !render_node(&self.0, identity, &mut out) {
            out.clear();
        }
        Bytes::from_owner(out)
    }

    /// The names it uses.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        fn walk<'a>(node: &'a Node, names: &mut Vec<&'a str>) {
            match node {
                Node::Fixed(_) => {}
                Node::Text(template) => names.extend(template.names()),
                Node::List(items) => items.iter().for_each(|item| walk(item, names)),
                Node::Object(entries) => entries.iter().for_each(|(_, node)| walk(node, names)),
            }
        }
        let mut names = Vec::new();
        walk(&self.0, &mut names);
        names
    }
}

// The depth is what bounds the recursion here and, the nodes being made here only, in the walks above.
fn parse_node(
    value: &serde_json::Value,
    pointer: &mut String,
    depth: usize,
) -> Result<Node, BodyTemplateError> {
    use serde_json::Value;
    let Some(depth) = depth.checked_sub(1) else {
        return Err(BodyTemplateError::TooDeep);
    };
    let mut under = |step: &str, value: &Value| {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(step);
        let node = parse_node(value, pointer, depth);
        pointer.truncate(length);
        node
    };
    Ok(match value {
        Value::String(text) => Node::Text(
            Template::parse(text)
                .map_err(|source| BodyTemplateError::Text { pointer: pointer.clone(), source })?,
        ),
        Value::Array(items) => Node::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| under(&index.to_string(), item))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(entries) => Node::Object(
            entries
                .iter()
                .map(|(name, value)| Ok((name.clone(), under(name, value)?)))
                .collect::<Result<_, _>>()?,
        ),
        fixed => Node::Fixed(fixed.clone()),
    })
}

/// Writes the node; `false`, with nothing written, where it is to be left out.
fn render_node(node: &Node, identity: &Identity, out: &mut Vec<u8>) -> bool {
    match node {
        Node::Fixed(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Node::Text(template) => {
            let Some(text) = template.render(identity, None) else {
                return false;
            };
            write_string(&text, out);
        }
        Node::List(items) => {
            out.push(b'[');
            let mut first = true;
            for item in items {
                first &= !separated(out, first, |out| render_node(item, identity, out));
            }
            out.push(b']');
        }
        Node::Object(entries) => {
            out.push(b'{');
            let mut first = true;
            for (name, node) in entries {
                first &= !separated(out, first, |out| {
                    write_string(name, out);
                    out.push(b':');
                    render_node(node, identity, out)
                });
            }
            out.push(b'}');
        }
    }
    true
}

/// Writes a comma, unless `first`, and what `write` writes; takes both back where that was nothing.
fn separated(out: &mut Vec<u8>, first: bool, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
    let length = out.len();
    if !first {
        out.push(b',');
    }
    let written = write(out);
    if !written {
        out.truncate(length);
    }
    written
}

/// A JSON string, written straight into the wiped buffer.
fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
