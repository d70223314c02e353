//! What was made of a value of a document, in words.

/// What was made of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Took {
    /// It was read.
    Read,
    /// It is not there, and that means something.
    Absent,
    /// It is what the server does anyway.
    Always,
    /// It is `null`, which is as good as not there.
    Null,
    /// It means: not set.
    Unset,
    /// A time that isn't in the future, which is as good as not said.
    Past,
    /// Another place wins over it.
    Yields(String),
    /// Another place says the same.
    Again(String),
    /// Nobody asks for it.
    Unwanted,
    /// The table has the place, and doesn't read it: the server takes no notice, or writes it for people.
    Ignored,
    /// No entry knows the place.
    Unknown,
    /// Nothing stands in it.
    Empty,
    /// It means nothing that the table knows.
    Wrong,
}

impl Took {
    /// For people; empty where it was simply read.
    pub fn told(&self) -> String {
        match self {
            Took::Read => String::new(),
            Took::Absent => "not there, which means this".to_owned(),
            Took::Always => "the server does so anyway".to_owned(),
            Took::Null => "null: as good as not there".to_owned(),
            Took::Unset => "means: not set".to_owned(),
            Took::Past => "not in the future: as good as not said".to_owned(),
            Took::Yields(place) => format!("not read: {place} wins"),
            Took::Again(place) => format!("the same as {place}"),
            Took::Unwanted => "nobody asks for it".to_owned(),
            Took::Ignored => "not read".to_owned(),
            Took::Unknown => "not known, and ignored".to_owned(),
            Took::Empty => "holds nothing".to_owned(),
            Took::Wrong => "means nothing here".to_owned(),
        }
    }

    /// One word, for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Took::Read => "read",
            Took::Absent => "absent",
            Took::Always => "always",
            Took::Null => "null",
            Took::Unset => "unset",
            Took::Past => "past",
            Took::Yields(_) => "yields",
            Took::Again(_) => "again",
            Took::Unwanted => "unwanted",
            Took::Ignored => "ignored",
            Took::Unknown => "unknown",
            Took::Empty => "empty",
            Took::Wrong => "wrong",
        }
    }
}
