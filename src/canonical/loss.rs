//! What becomes of a value on its way to another vendor.
use std::fmt;

/// What the tables alone say of a canonical value at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fit {
    /// It is written as it is.
    Exact,
    /// It is what the target does anyway.
    Neutral,
    /// The nearest word above it is written.
    Coarser,
    /// The target takes fewer values.
    Limited,
    /// The target has no place for it.
    Nowhere,
}

/// What policy does where the fit is worse than neutral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Treatment {
    /// The request is refused.
    Refuse,
    /// A plain sentence for people is added to the reason.
    Note,
    /// It is left out, and told.
    Drop,
}

/// A value that reached the target coarser, noted, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The canonical field.
    pub field: &'static str,
    /// The value that was asked for, as a person reads it.
    pub value: String,
    /// Why it is a loss.
    pub fit: Fit,
    /// What was done.
    pub treatment: Treatment,
    /// What was written instead, where the fit is coarser.
    pub wrote: Option<String>,
}

/// A value that the gateway added because the target needs it and the caller did not say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// The canonical field.
    pub field: &'static str,
    /// The value, as a person reads it.
    pub value: String,
}

impl Fit {
    /// As it stands in reports and headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Fit::Exact => "exact",
            Fit::Neutral => "neutral",
            Fit::Coarser => "coarser",
            Fit::Limited => "limited",
            Fit::Nowhere => "nowhere",
        }
    }
}

impl Treatment {
    /// As it stands in configuration, reports and headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Treatment::Refuse => "refuse",
            Treatment::Note => "note",
            Treatment::Drop => "drop",
        }
    }

    /// The treatment of a word.
    pub fn parse(word: &str) -> Option<Treatment> {
        [Treatment::Refuse, Treatment::Note, Treatment::Drop].into_iter().find(|one| one.as_str() == word)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Loss { field, value, fit, treatment, wrote } = self;
        write!(f, "{field} = {value}   {}   {}", fit.as_str(), treatment.as_str())?;
        match wrote {
            Some(wrote) => write!(f, "   (wrote {wrote})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}   supplied", self.field, self.value)
    }
}
