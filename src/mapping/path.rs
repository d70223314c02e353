//! Ways into a message.
use crate::json::{At, Found, Name, NameSet};

/// A way into a message; empty: the whole message.
#[derive(Debug, Clone, Default)]
pub(super) struct Path {
    names: Box<[Name]>,
    /// The number of the first name among those that the message knows (`Message::members`), once these are known.
    first: Option<usize>,
}

impl Path {
    /// What stands there in a document of which the members have been found.
    #[inline]
    pub(super) fn walk<'d>(&self, root: At<'d>, found: &Found<'d>) -> Option<At<'d>> {
        match self.first {
            Some(first) => found.get(first)?.walk(&self.names[1..]),
            None => root.walk(&self.names),
        }
    }

    /// Learns the number of its first name.
    pub(super) fn link(&mut self, members: &NameSet) {
        self.first = self.names.first().and_then(|name| members.number_of(name));
    }
}

impl FromIterator<Name> for Path {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Path {
        Path { names: names.into_iter().collect(), first: None }
    }
}

impl std::ops::Deref for Path {
    type Target = [Name];
    fn deref(&self) -> &[Name] {
        &self.names
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Path) -> bool {
        self.names == other.names
    }
}
