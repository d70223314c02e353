//! What the configuration decides about losses and supplies.
use crate::canonical::field::FIELDS;
use crate::canonical::field::known::LENGTH;
use crate::canonical::time::read_length;
use crate::canonical::{FieldId, Shape, Treatment, Type, Value, word};

/// Treatments and supplies, by field.
#[derive(Debug, Clone)]
pub struct Policy {
    treatments: Vec<Treatment>,
    /// Fields whose treatment the configuration names.
    named: Vec<bool>,
    supplies: Vec<(FieldId, Value<'static>)>,
    /// The field that is supplied though nobody configured it.
    by_default: Option<FieldId>,
}

/// What is supplied where the target requires it and nothing else is configured.
const LENGTH_SUPPLIED: &str = "PT1H";

impl Default for Policy {
    fn default() -> Policy {
        let mut policy = Policy {
            treatments: FIELDS.iter().map(|field| field.treatment).collect(),
            named: vec![false; FIELDS.len()],
            supplies: Vec::new(),
            by_default: None,
        };
        // Never fails: the field is there and the length is one.
        let supplied = policy.supply("window.length", LENGTH_SUPPLIED);
        debug_assert!(supplied.is_ok());
        policy.by_default = Some(LENGTH);
        policy
    }
}

impl Policy {
    /// Treats a field otherwise than by default.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn treat(&mut self, field: &str, treatment: Treatment) -> Result<(), String> {
        let id = Shape::Access.find(field).ok_or_else(|| format!("`{field}` is no canonical field"))?;
        self.treatments[id.0 as usize] = treatment;
        self.named[id.0 as usize] = true;
        Ok(())
    }

    /// Treats all fields alike whose default is to note.
    pub fn treat_rest(&mut self, treatment: Treatment) {
        for (at, field) in FIELDS.iter().enumerate() {
            if field.treatment == Treatment::Note && !self.named[at] {
                self.treatments[at] = treatment;
            }
        }
    }

    /// Supplies a field where the target needs it and the caller didn't say it.
    ///
    /// # Errors
    /// When there is no such field, or the text is no value of it.
    pub fn supply(&mut self, field: &str, text: &str) -> Result<(), String> {
        let id = Shape::Access.find(field).ok_or_else(|| format!("`{field}` is no canonical field"))?;
        let value = match Shape::Access.field(id).kind {
            Type::Length => {
                let length = read_length(text);
                Value::Length(length.ok_or_else(|| format!("`{text}` is no length; write it as in `PT1H`"))?)
            }
            Type::Bool => {
                Value::Bool(text.parse().map_err(|_| format!("`{text}` is neither true nor false"))?)
            }
            Type::Word if !word::of(field).contains(&text) => {
                return Err(format!("`{text}` is no word of `{field}`"));
            }
            Type::Id | Type::Text | Type::Word => Value::Text(text.to_owned().into()),
            Type::Count => Value::Count(text.parse().map_err(|_| format!("`{text}` is no whole number"))?),
            Type::Time | Type::Texts | Type::Map(_) | Type::List(_) => {
                return Err(format!("`{field}` can't be supplied"));
            }
        };
        self.supplies.retain(|(known, _)| *known != id);
        self.by_default = self.by_default.filter(|known| *known != id);
        self.supplies.push((id, value));
        Ok(())
    }

    /// What becomes of a value that the target has no place for.
    pub fn treatment(&self, field: FieldId) -> Treatment {
        self.treatments[field.0 as usize]
    }

    /// Whether the configuration names the treatment of a field.
    pub fn names(&self, field: FieldId) -> bool {
        self.named[field.0 as usize]
    }

    /// Whether what is supplied for a field is what is supplied where nobody configured anything.
    pub fn is_default(&self, field: FieldId) -> bool {
        self.by_default == Some(field)
    }

    /// Whether the configuration says to refuse this field's losses, also where a coarser word could be written.
    pub fn refuses_coarser(&self, field: FieldId) -> bool {
        self.named[field.0 as usize] && self.treatment(field) == Treatment::Refuse
    }

    /// What is supplied for a field.
    pub fn supplied(&self, field: FieldId) -> Option<&Value<'static>> {
        self.supplies.iter().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    /// All that can be supplied.
    pub fn supplies(&self) -> impl Iterator<Item = (FieldId, &Value<'static>)> {
        self.supplies.iter().map(|(field, value)| (*field, value))
    }
}
