//! All dialects that are loaded, each in all its variants.
use std::sync::Arc;

use crate::diagnostic::tree::{self, Item, Reader};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source, nearest};

use super::{Dialect, Files, load};

/// The dialects that a program knows.
#[derive(Debug)]
pub struct Registry {
    dialects: Vec<Arc<Dialect>>,
}

impl Registry {
    /// Loads and checks all tables against their schemas.
    ///
    /// # Errors
    /// All that is wrong with any of them.
    pub fn load(files: &Files) -> Result<Registry, Diagnostics> {
        let mut wrong = Diagnostics::default();
        let mut dialects = Vec::new();
        for (name, source) in &files.mappings {
            dialects.extend(variants(name, source, files, &mut wrong));
        }
        same_bases(&dialects, files, &mut wrong);
        wrong.or(Registry { dialects })
    }

    /// The same dialects, but for one: it is loaded and checked anew, the others are shared.
    ///
    /// # Errors
    /// All that is wrong with that one, alone or beside the others; a name that has no table.
    pub fn with(&self, name: &str, files: &Files) -> Result<Registry, Diagnostics> {
        let mut wrong = Diagnostics::default();
        let Some(source) = files.mappings.get(name) else {
            let nowhere = Source::unread("mappings");
            return Err(Diagnostic::new(
                Code::Unreadable,
                &nowhere,
                0..0,
                format!("there is no table `{name}`"),
            )
            .into());
        };
        let mut dialects: Vec<Arc<Dialect>> =
            self.dialects.iter().filter(|dialect| dialect.name != name).cloned().collect();
        dialects.extend(variants(name, source, files, &mut wrong));
        same_bases(&dialects, files, &mut wrong);
        wrong.or(Registry { dialects })
    }

    /// The dialects in their default variants.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Dialect>> {
        self.dialects.iter().filter(|dialect| dialect.variant.is_none())
    }

    /// A dialect by name and variant.
    ///
    /// # Errors
    /// What there is instead.
    pub fn get(&self, name: &str, variant: Option<&str>) -> Result<&Arc<Dialect>, String> {
        let mut of_name = self.dialects.iter().filter(|dialect| dialect.name == name).peekable();
        if of_name.peek().is_none() {
            let known: Vec<&str> = self.all().map(|dialect| dialect.name.as_str()).collect();
            let near = nearest(name, known.iter().copied());
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("there is no dialect `{name}` (there are {}){near}", known.join(", ")));
        }
        let variants: Vec<&Arc<Dialect>> = of_name.collect();
        variants.iter().copied().find(|dialect| dialect.variant.as_deref() == variant).ok_or_else(|| {
            let known: Vec<&str> = variants.iter().filter_map(|dialect| dialect.variant.as_deref()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            format!("`{name}` has no variant `{}` (it has {known})", variant.unwrap_or_default())
        })
    }

    /// `DIALECT` or `DIALECT/VARIANT`.
    ///
    /// # Errors
    /// What there is instead.
    pub fn labelled(&self, label: &str) -> Result<&Arc<Dialect>, String> {
        match label.split_once('/') {
            Some((name, variant)) => self.get(name, Some(variant)),
            None => self.get(label, None),
        }
    }
}

/// One dialect in all its variants.
fn variants(name: &str, source: &Arc<Source>, files: &Files, wrong: &mut Diagnostics) -> Vec<Arc<Dialect>> {
    let tree = match tree::read(source) {
        Ok(tree) => tree,
        Err(errors) => {
            wrong.0.extend(errors.0);
            return Vec::new();
        }
    };
    let named = tree.get("variant").map(Item::members).unwrap_or_default();
    let variants = std::iter::once(None).chain(named.iter().map(|(key, _)| Some(key.text.as_str())));
    let mut found = Vec::new();
    for variant in variants {
        let mut reader = Reader::new(source);
        let dialect = load::load(&mut reader, name, variant, &tree, files);
        for one in reader.wrong.0 {
            // A mistake outside the variant's own entries shows in each variant: once is enough.
            let known = wrong.0.iter().any(|other| {
                other.code == one.code
                    && other.span == one.span
                    && other.message == one.message
                    && other.source.name == one.source.name
            });
            if !known {
                wrong.push(one);
            }
        }
        found.extend(dialect.map(Arc::new));
    }
    found
}

/// The address tells the dialect of a call: with one base for two, one of them would never be heard.
fn same_bases(dialects: &[Arc<Dialect>], files: &Files, wrong: &mut Diagnostics) {
    let mut taken: Vec<(&str, &Dialect)> = Vec::new();
    for dialect in dialects.iter().filter(|dialect| dialect.variant.is_none()) {
        for base in &dialect.bases {
            let same = |(other, _): &&(&str, &Dialect)| other.eq_ignore_ascii_case(&base.text);
            if let Some((_, other)) = taken.iter().find(same).filter(|(_, other)| other.name != dialect.name)
                && let Some(source) = files.mappings.get(&dialect.name)
            {
                let quoted = format!("\"{}", base.text);
                let at = source.text.find(&quoted).map_or(0..0, |at| at..at + quoted.len() + 1);
                let message = format!("`{}` is the base of the dialect `{}`, too", base.text, other.name);
                let help = "give one of them another base: the address tells which dialect a call speaks";
                wrong.push(Diagnostic::new(Code::BasesClash, source, at, message).help(help));
            }
            taken.push((&base.text, dialect));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_tables_have_nothing_wrong() {
        if let Err(wrong) = Registry::load(&Files::built_in()) {
            panic!("{}", wrong.render(false));
        }
    }
}
