//! The entries of a message, put together.
use crate::canonical::FieldId;
use crate::diagnostic::tree::{Item, Key};
use crate::json::Name;

use super::super::cover;
use super::super::program::{Blank, From, Leaf, Message, Node, Read, Spill};
use super::super::stand::Stands;
use super::{Draft, path};

impl<'s> Draft<'_, '_, 's> {
    pub(super) fn finish(mut self, name: &Key, item: &Item) -> Message {
        self.winners();
        self.sums_last();
        let told = cover::required(&mut self, name);
        cover::every_property(&mut self, name, item, &told);
        cover::required_yields(&mut self);
        cover::required_in_cases(&mut self);
        cover::every_value(&mut self);
        cover::one_inside_another(&mut self);
        let required = self.required();
        self.take_names();
        let places = self.places();
        let mut members: Vec<&str> =
            self.covered.keys().map(|place| place.split('/').next().unwrap_or_default()).collect();
        members.sort_unstable();
        members.dedup();
        let members = members.into_iter().collect();
        let stands = self.stands();
        let mut root = Node::object();
        // In the order of the table, but for maps that have no rows of their own.
        for (place, leaf, _) in self.leaves {
            root.leaf_at(&place, leaf);
        }
        for (place, field, of) in self.spills {
            root.spill_at(&place, Spill { field, of });
        }
        for (place, blank) in self.empties {
            root.blank_at(&place, blank);
        }
        let (carries, origins) = self.carries.into_iter().map(Option::unzip).unzip();
        let mut message = Message {
            name: name.text.clone(),
            shape: self.shape,
            reads: self.reads,
            chooses: self.chooses,
            root,
            always: self.always,
            yields: self.yields,
            carries,
            required,
            origins,
            places,
            members,
            stands,
        };
        message.link();
        message
    }

    /// Where its entries stand, in the order of the file.
    fn stands(&mut self) -> Stands {
        let places = std::mem::take(&mut self.covered).into_iter();
        let mut places: Vec<_> = places.map(|(place, span)| (path(&place), span)).collect();
        places.sort_by_key(|(_, span)| span.start);
        Stands {
            source: self.reader.source.clone(),
            places,
            blanks: std::mem::take(&mut self.blanks_at),
            always: std::mem::take(&mut self.always_at),
        }
    }

    /// The fields of which the schema requires a place that nothing else fills.
    fn required(&self) -> Vec<FieldId> {
        let alone = self.leaves.iter().filter(|(_, leaf, _)| leaf.blank.is_none());
        let required = alone.filter(|(place, ..)| self.must_stand(place));
        let fields = required.filter_map(|(_, leaf, _)| match &leaf.from {
            From::Field { field, .. } | From::Part { field, .. } => Some(*field),
            From::Sum { second, .. } => Some(*second),
            From::Choose { choose, .. } => self.chooses.get(*choose).map(|choose| choose.field),
            _ => None,
        });
        let mut found: Vec<FieldId> = Vec::new();
        for field in fields {
            if !found.contains(&field) {
                found.push(field);
            }
        }
        found
    }

    /// Whether the schema requires a place and each object on the way to it, and no blank stands in the stead of one of
    /// these: without it, the message would be none.
    pub(in super::super) fn must_stand(&self, place: &str) -> bool {
        let mut at = self.schema;
        let mut walked = String::new();
        for name in place.split('/') {
            let blank = self.empties.iter().any(|(known, _)| known.as_str() == walked.trim_end_matches('/'));
            if blank || !at.required().contains(&name) {
                return false;
            }
            let Some(inner) = at.member(name).or_else(|| at.additional()) else { return false };
            at = inner;
            walked = format!("{walked}{name}/");
        }
        true
    }

    /// What is left of a sum is known once its first field is: wherever their rows stand, that one is read before.
    fn sums_last(&mut self) {
        let first_of = |read: &Read| match read {
            Read::Sum { first, .. } => Some(*first),
            _ => None,
        };
        let tells = |read: &Read, wanted: FieldId| match read {
            Read::Scalar { field, .. } => *field == wanted,
            Read::Sum { second, .. } => *second == wanted,
            _ => false,
        };
        // Two sums of each other's fields would be moved for ever.
        for _ in 0..self.reads.len() {
            let early = self.reads.iter().enumerate().find_map(|(at, read)| {
                let first = first_of(read)?;
                let behind = self.reads[at..].iter().skip(1).position(|later| tells(later, first))?;
                Some((at, at + 1 + behind))
            });
            let Some((sum, first)) = early else { return };
            self.reads[sum..=first].rotate_left(1);
        }
    }

    /// What has a row of its own is no name of the map around it.
    fn take_names(&mut self) {
        let names: Vec<(String, Name)> = self.covered.keys().map(|at| (at.clone(), last(at))).collect();
        for read in &mut self.reads {
            if let Read::Map { at, taken, .. } = read {
                let base: Vec<&str> = at.iter().map(Name::as_str).collect();
                let base = base.join("/");
                let inside = names.iter().filter(|(place, _)| {
                    place.rsplit_once('/').map_or("", |(above, _)| above) == base && *place != "."
                });
                let map_itself = |place: &str| place == base;
                *taken = inside.filter(|(p, _)| !map_itself(p)).map(|(_, name)| name.clone()).collect();
            }
        }
    }

    /// By field: the first place that is written for it.
    pub(super) fn places(&self) -> Vec<Option<String>> {
        let mut places = vec![None; self.shape.fields().len()];
        let mut set = |field: FieldId, place: &str| {
            places[field.0 as usize].get_or_insert_with(|| place.to_owned());
        };
        for (place, leaf, _) in &self.leaves {
            match &leaf.from {
                From::Field { field, .. } | From::Part { field, .. } | From::List(field, _) => {
                    set(*field, place)
                }
                From::Sum { second, .. } => set(*second, place),
                From::Choose { choose, .. } => set(self.chooses[*choose].field, place),
                From::Nothing | From::Says(..) | From::Grouped(..) => {}
            }
        }
        for (place, field, ..) in &self.spills {
            set(*field, place);
        }
        places
    }
}

impl Node {
    fn inner(&mut self, name: &str) -> &mut Node {
        if let Node::Leaf(_) = self {
            *self = Node::object();
        }
        let Node::Object { members, .. } = self else { return self };
        let at = match members.iter().position(|(known, _)| known.as_str() == name) {
            Some(at) => at,
            None => {
                members.push((Name::new(name), Node::object()));
                members.len() - 1
            }
        };
        &mut members[at].1
    }

    fn at(&mut self, place: &str) -> &mut Node {
        match place {
            "." => self,
            place => place.split('/').fold(self, Node::inner),
        }
    }

    fn leaf_at(&mut self, place: &str, leaf: Leaf) {
        *self.at(place) = Node::Leaf(leaf);
    }

    fn object() -> Node {
        Node::Object { members: Vec::new(), spill: None, blank: None }
    }

    fn blank_at(&mut self, place: &str, empty: Blank) {
        if let Node::Object { blank, .. } = self.at(place) {
            *blank = Some(empty);
        }
    }

    fn spill_at(&mut self, place: &str, map: Spill) {
        if let Node::Object { spill, .. } = self.at(place) {
            *spill = Some(map);
        }
    }
}

pub(super) fn last(place: &str) -> Name {
    Name::new(place.rsplit('/').next().unwrap_or(place))
}
