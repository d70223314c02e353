//! The requests that are tried: a valid message, and around it every value that its schema suggests, at up to so many
//! places at once.
//!
//! Start at [`Form::all`] and [`Form::piece`]. The valid messages stand in [`forms`](super::forms); what a schema can't
//! know, the ids and names of an inventory, its dates and the other vendors' limits, in [`more`](super::more).
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::forms::FORMS;
use super::more::more;
use super::speakers::{House, files};
use crate::schema_support::{Loosely, Place, Step, places, put};

/// A valid message of a vendor, and what else may stand in it.
#[derive(Debug)]
pub struct Form {
    pub house: House,
    pub name: &'static str,
    pub path: &'static str,
    pub body: Map<String, Value>,
    /// The number of the crosswalk that it is tried with.
    pub crosswalk: usize,
    places: Vec<(Place, Tried)>,
}

/// What may stand at a place instead; none: nothing does.
#[derive(Debug, Default)]
struct Tried {
    /// What the place itself takes.
    fit: Vec<Option<Value>>,
    /// What it doesn't, and null, which is an absence: tried one at a time, for nothing beside it makes it fit.
    unfit: Vec<Option<Value>>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Message {
    pub form: &'static Form,
    pub body: Map<String, Value>,
    /// At how many places it was changed.
    pub changed: usize,
}

impl Message {
    pub fn text(&self) -> String {
        serde_json::to_string(&self.body).unwrap()
    }

    /// How many of its properties are not the form's.
    pub fn distance(&self) -> usize {
        let other = |(name, value): &(&String, &Value)| self.form.body.get(*name) != Some(*value);
        self.body.iter().filter(other).count()
    }

    /// The call, for people and for the sandboxes: method and path.
    pub fn call(&self) -> String {
        format!("POST {}", self.form.path)
    }

    /// Puts a value at a place while something is done.
    fn with<T>(&mut self, place: &Place, value: Option<&Value>, then: impl FnOnce(&mut Message) -> T) -> T {
        let Some(Step::Member(top)) = place.path.first() else { return then(self) };
        let before = self.body.get(top).cloned();
        put(&mut self.body, &place.path, value);
        self.changed += 1;
        let came = then(self);
        self.changed -= 1;
        match before {
            Some(before) => drop(self.body.insert(top.clone(), before)),
            None => drop(self.body.shift_remove(top)),
        }
        came
    }
}

/// What looks at a message, and says whether it has seen enough.
pub type See<'s> = &'s mut dyn FnMut(&Message) -> ControlFlow<()>;

impl Form {
    /// All of a vendor's.
    pub fn all(house: House) -> impl Iterator<Item = &'static Form> {
        FORMS.iter().filter(move |form| form.house == house)
    }

    pub fn new(house: House, name: &'static str, path: &'static str, message: &str, body: Value) -> Form {
        let schema = &files().schemas[&(house.to_string(), message.to_owned())];
        let schema: Value = serde_json::from_str(&schema.text).unwrap();
        let Value::Object(body) = body else { panic!("no object") };
        let how = Loosely { null: true, values: true };
        let all = places(&schema);
        let tried = all.iter().filter(|place| is_tried(place, &all));
        let places = tried.map(|place| {
            let name = told(place);
            let mut values = place.values(how);
            values.extend(more(house, &name).into_iter().map(Some));
            let stands = at(&body, &name).cloned();
            let mut tried = Tried::default();
            for value in values.into_iter().filter(|value| *value != stands) {
                let fit = value.as_ref().is_none_or(|value| place.takes(value, how));
                let list = if fit { &mut tried.fit } else { &mut tried.unfit };
                if !list.contains(&value) {
                    list.push(value);
                }
            }
            (place.clone(), tried)
        });
        let places = places.collect();
        Form { house, name, path, body, crosswalk: 0, places }
    }

    /// The same, in an odd crosswalk.
    pub fn in_crosswalk(self, crosswalk: usize) -> Form {
        Form { crosswalk, ..self }
    }

    /// At how many places at once its messages differ: what a crosswalk lacks, or a policy wants, shows at one.
    pub fn breadth(&self, breadth: usize) -> usize {
        let narrow =
            self.crosswalk > 0 || ["two who must approve", "an account of a domain"].contains(&self.name);
        if narrow { breadth.min(1) } else { breadth }
    }

    /// Its messages are cut into so many pieces, by the first place that is changed; in the first piece none is.
    pub fn pieces(&self) -> usize {
        self.places.len() + 1
    }

    /// How many messages a piece has.
    pub fn count(&self, piece: usize, breadth: usize) -> usize {
        let Some((_, first)) = piece.checked_sub(1).map(|at| &self.places[at]).filter(|_| breadth > 0) else {
            return usize::from(piece == 0);
        };
        // Of the places behind it, in how many ways none, one, two … of them can be changed.
        let mut ways = vec![0; breadth];
        ways[0] = 1;
        for (_, tried) in &self.places[piece..] {
            (1..breadth).rev().for_each(|many| ways[many] += ways[many - 1] * tried.fit.len());
        }
        first.fit.len() * ways.iter().sum::<usize>() + first.unfit.len()
    }

    /// The messages of a piece that differ from the form's at up to so many places.
    pub fn piece(&'static self, piece: usize, breadth: usize, see: See<'_>) -> ControlFlow<()> {
        let mut message = Message { form: self, body: self.body.clone(), changed: 0 };
        match piece.checked_sub(1) {
            None => see(&message),
            Some(_) if breadth == 0 => ControlFlow::Continue(()),
            Some(at) => self.change(&mut message, at, breadth, see),
        }
    }

    /// The messages in which the place of this number is changed, and what is changed besides stands behind it.
    fn change(&self, message: &mut Message, at: usize, breadth: usize, see: See<'_>) -> ControlFlow<()> {
        let (place, tried) = &self.places[at];
        for value in &tried.fit {
            message.with(place, value.as_ref(), |message| {
                see(message)?;
                match message.changed < breadth {
                    true => (at + 1..self.places.len())
                        .try_for_each(|next| self.change(message, next, breadth, see)),
                    false => ControlFlow::Continue(()),
                }
            })?;
        }
        if message.changed == 0 {
            tried
                .unfit
                .iter()
                .try_for_each(|value| message.with(place, value.as_ref(), |message| see(message)))?;
        }
        ControlFlow::Continue(())
    }

    /// Messages with less in them, or less that is out of the ordinary: the nearest first.
    pub fn smaller(&'static self, message: &Message) -> Vec<Message> {
        let mut found = Vec::new();
        let mut add = |body: Map<String, Value>| {
            if body != message.body {
                found.push(Message { form: self, body, changed: message.changed });
            }
        };
        for name in message.body.keys() {
            let mut less = message.body.clone();
            less.shift_remove(name);
            add(less);
        }
        for (name, value) in &self.body {
            let mut back = message.body.clone();
            if back.contains_key(name) {
                back.insert(name.clone(), value.clone());
                add(back);
            }
        }
        found
    }

    /// The properties that are tried, by their paths.
    pub fn properties(&self) -> impl Iterator<Item = String> {
        self.places.iter().map(|(place, _)| told(place))
    }
}

/// Whether a place lies in members alone, and has none of its own.
fn is_tried(place: &Place, all: &[Place]) -> bool {
    let named = |step: &Step| matches!(step, Step::Member(_));
    let within = |other: &Place| {
        other.path.starts_with(&place.path) && other.path.get(place.path.len()).is_some_and(named)
    };
    !place.path.is_empty() && place.path.iter().all(named) && !all.iter().any(within)
}

fn told(place: &Place) -> String {
    place.pointer().trim_start_matches('/').to_owned()
}

fn at<'b>(body: &'b Map<String, Value>, path: &str) -> Option<&'b Value> {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    match body.get(name)? {
        value if rest.is_empty() => Some(value),
        value => at(value.as_object()?, rest),
    }
}
