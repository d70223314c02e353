//! What docs/mapping.schema.json is held against.
pub(crate) mod lists;
pub(crate) mod slips;
