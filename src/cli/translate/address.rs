//! The operation that the options of `translate` mean, and how it was addressed.
use crate::dialect::{METHODS, Recognised, Route};
use crate::exchange::Incoming;

use super::{Failure, Work};

/// What stands for a field in a path that is shown.
const EXAMPLE: &str = "17";

/// The caller's operation, and how it was addressed.
pub(super) struct Address<'a> {
    pub(super) recognised: Recognised<'a>,
    pub(super) path: String,
    query: Option<String>,
}

impl Address<'_> {
    pub(super) fn incoming<'i>(&'i self, body: &'i [u8]) -> Incoming<'i> {
        Incoming { recognised: &self.recognised, path: &self.path, query: self.query.as_deref(), body }
    }
}

impl Work<'_> {
    /// The operation and the address that the options name.
    pub(super) fn recognised(&self) -> Result<Address<'_>, Failure> {
        let word = &self.args.operation;
        let operation = self.caller.operation(word).ok_or_else(|| {
            let known: Vec<&str> = self.caller.operations().iter().map(|one| one.word.as_str()).collect();
            Failure::Usage(format!("{} has no `{word}`; it has {}", self.caller.label(), known.join(", ")))
        })?;
        let address = match &self.args.path {
            Some(path) => path.clone(),
            None => {
                let plain = operation.routes.iter().find(|route| route.fields().next().is_none());
                let route = plain.ok_or_else(|| {
                    let paths: Vec<String> =
                        operation.routes.iter().map(|route| self.address(route, EXAMPLE)).collect();
                    Failure::Usage(format!(
                        "`{word}` needs --path, the whole path with its values, as in --path {}",
                        paths.join(" or --path ")
                    ))
                })?;
                self.address(route, EXAMPLE)
            }
        };
        let (path, query) = match address.split_once('?') {
            Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
            None => (address, None),
        };
        let methods = operation.routes.iter().map(|route| route.method);
        let mut found = methods.filter_map(|method| self.caller.recognise(method, &path).ok());
        match found.find(|found| found.operation.word == *word) {
            Some(recognised) => Ok(Address { recognised, path, query }),
            None => Err(Failure::Usage(self.elsewhere(&path))),
        }
    }

    /// What a path is that isn't one of the operation's.
    fn elsewhere(&self, path: &str) -> String {
        let (word, caller) = (&self.args.operation, &self.caller);
        let others = METHODS.iter().filter_map(|method| caller.recognise(method, path).ok());
        let others: Vec<String> = others
            .map(|found| format!("`{} {path}` is --operation {}", found.route.method, found.operation.word))
            .collect();
        let hint = match caller.under_base(path) {
            _ if !others.is_empty() => others.join(", "),
            under => {
                let routes = caller.operation(word).into_iter().flat_map(|one| &one.routes);
                let paths: Vec<String> = routes.map(|route| self.address(route, EXAMPLE)).collect();
                let base = match under {
                    None => format!("its paths begin with {}: ", caller.base()),
                    Some(_) => String::new(),
                };
                format!("{base}write --path {}", paths.join(" or --path "))
            }
        };
        format!("`{path}` is no path of {word} at {}: {hint}", caller.label())
    }

    /// A path that leads to a route, with a value where it says a field.
    fn address(&self, route: &Route, value: &str) -> String {
        let path = route.text.split_once(' ').map_or("", |(_, path)| path);
        let field =
            |segment: &'_ str| if segment.starts_with('{') { value.to_owned() } else { segment.to_owned() };
        let segments: Vec<String> = path.split('/').map(field).collect();
        format!("{}{}", self.caller.base(), segments.join("/"))
    }
}
