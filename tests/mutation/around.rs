//! What stands around the messages: head, sign-in, look-ups, faults, operations.
use pamgate::canonical::word;
use pamgate::diagnostic::tree::{Item, Node};

use super::walk::{Place, Walk, quoted};

impl Walk<'_> {
    pub(crate) fn head(&mut self) {
        let place = Place::root().of("dialect");
        let Some(head) = self.tree.get("dialect") else { return };
        for (at, (key, item)) in head.members().iter().enumerate() {
            let place = place.of(&key.text);
            self.drop_member(&place, head, at);
            self.list(&place, item, key.text == "fault");
            self.head_list(&place, &key.text, item);
            if let ("base", Node::Array(bases)) = (key.text.as_str(), &item.node) {
                // The first is written; the order of the others says nothing.
                if let [first, second, ..] = bases.as_slice() {
                    self.swap(&place.at(0), "[1]", &first.span, &second.span);
                }
                for (at, base) in bases.iter().enumerate() {
                    let text = base.text().unwrap_or_default();
                    self.replace(&place.at(at), base, &quoted(&format!("{text}x")));
                }
            }
        }
        if head.get("fault_type").is_none() {
            self.member_more(&place.of("fault_type"), head, "fault_type = \"application/problem+json\"");
        }
    }

    /// Another word of the kind in place of each in a list.
    fn head_list(&mut self, place: &Place, key: &str, item: &Item) {
        let Node::Array(items) = &item.node else { return };
        let others: &[&str] = match key {
            "any_case" => &["paths", "names", "values"],
            "session" => &["target", "reason"],
            _ => &[],
        };
        for (at, item) in items.iter().enumerate() {
            match key {
                "fault" => self.message_name(&place.at(at), item),
                _ => self.one_of(&place.at(at), item, others),
            }
        }
    }

    /// `[caller]` and `[upstream]`.
    pub(crate) fn ends(&mut self) {
        if let Some(caller) = self.tree.get("caller") {
            for (at, (key, item)) in caller.members().iter().enumerate() {
                let place = Place::root().of("caller").of(&key.text);
                self.drop_member(&place, caller, at);
                self.other(&place, item);
            }
        }
        let Some(upstream) = self.tree.get("upstream") else { return };
        let place = Place::root().of("upstream");
        for (at, (key, item)) in upstream.members().iter().enumerate() {
            let place = place.of(&key.text);
            match key.text.as_str() {
                "headers" => self.headers(&place, item),
                "sign_in" => {
                    self.drop_block(&place);
                    self.sign_in(&place, item);
                }
                "over" => {
                    self.drop_member(&place, upstream, at);
                    self.statuses(&place, item);
                }
                _ => {
                    self.drop_member(&place, upstream, at);
                    self.call(&place, item);
                }
            }
        }
    }

    fn sign_in(&mut self, place: &Place, sign_in: &Item) {
        for (at, (key, item)) in sign_in.members().iter().enumerate() {
            let place = place.of(&key.text);
            match key.text.as_str() {
                "headers" => self.headers(&place, item),
                "body" => {
                    self.drop_member(&place, sign_in, at);
                    self.drop_members(&place, item);
                    let members = item.members();
                    for (at, (key, item)) in members.iter().enumerate() {
                        self.other(&place.of(&key.text), item);
                        if let Some((next, other)) = members.get(at + 1) {
                            self.swap(&place.of(&key.text), &next.text, &item.span, &other.span);
                        }
                    }
                }
                "ok" => {
                    self.drop_member(&place, sign_in, at);
                    self.statuses(&place, item);
                }
                "keep" => {
                    self.drop_member(&place, sign_in, at);
                    for other in ["cookies", "token", "/token"] {
                        self.replace(&place, item, &quoted(other));
                    }
                }
                _ => {
                    self.drop_member(&place, sign_in, at);
                    self.call(&place, item);
                }
            }
        }
    }

    fn headers(&mut self, place: &Place, headers: &Item) {
        for (at, (key, item)) in headers.members().iter().enumerate() {
            let place = place.of(&key.text);
            self.drop_member(&place, headers, at);
            self.key_of(&place, key, &["X-Other"]);
            self.list(&place, item, true);
            if let Node::Array(pieces) = &item.node {
                for (at, piece) in pieces.iter().enumerate() {
                    self.other(&place.at(at), piece);
                }
            }
        }
    }

    fn statuses(&mut self, place: &Place, item: &Item) {
        self.list(place, item, false);
        if let Node::Array(statuses) = &item.node {
            for (at, status) in statuses.iter().enumerate() {
                self.other(&place.at(at), status);
            }
        }
    }

    /// A method and a path: another method, another path.
    fn call(&mut self, place: &Place, item: &Item) {
        let Some((method, path)) = item.text().and_then(|text| text.split_once(' ')) else { return };
        let other = if method == "POST" { "PUT" } else { "POST" };
        self.replace(place, item, &quoted(&format!("{other} {path}")));
        let segments: Vec<&str> = path.split('/').collect();
        for at in 1..segments.len() {
            let other = match segments[at] {
                "{schedule.id}" => "{policy.id}".to_owned(),
                field if field.starts_with('{') => "{schedule.id}".to_owned(),
                literal => format!("{literal}x"),
            };
            let path = [&segments[..at], &[other.as_str()], &segments[at + 1..]].concat().join("/");
            self.replace(place, item, &quoted(&format!("{method} {path}")));
        }
    }

    /// `[mint]` and `[find]`.
    pub(crate) fn lookups(&mut self) {
        for (key, minted) in self.tree.get("mint").map(Item::members).unwrap_or_default() {
            let place = Place::root().of("mint").of(&key.text);
            for (at, (key, item)) in minted.members().iter().enumerate() {
                let place = place.of(&key.text);
                self.drop_member(&place, minted, at);
                self.other(&place, item);
                if let Some(text) = item.text() {
                    for (at, _) in text.match_indices('{') {
                        let end = text[at..].find('}').map_or(text.len(), |length| at + length + 1);
                        let less = format!("{}{}", &text[..at], &text[end..]);
                        self.replace(&place, item, &quoted(&less));
                    }
                }
            }
        }
        let Some(find) = self.tree.get("find") else { return };
        for (at, (key, rules)) in find.members().iter().enumerate() {
            let place = Place::root().of("find").of(&key.text);
            self.drop_member(&place, find, at);
            self.drop_members(&place, rules);
            if let Some((next, other)) = find.members().get(at + 1) {
                self.swap(&place, &next.text, &rules.span, &other.span);
            }
            for (key, item) in rules.members() {
                let place = place.of(&key.text);
                self.list(&place, item, true);
                if let ("by", Node::Array(steps)) = (key.text.as_str(), &item.node) {
                    for (at, step) in steps.iter().enumerate() {
                        self.one_of(&place.at(at), step, &["name", "address", "any-text"]);
                    }
                }
            }
        }
    }

    pub(crate) fn faults(&mut self, place: &Place, item: Option<&Item>) {
        let Some(faults) = item else { return };
        let members = faults.members();
        let bound =
            |item: &Item| item.text().or_else(|| item.get("is")?.text()).unwrap_or_default().to_owned();
        for (at, (key, item)) in members.iter().enumerate() {
            let place = place.of(&key.text);
            self.drop_member(&place, faults, at);
            let (holder, text) = match item.get("is") {
                Some(is) => (is, is.text()),
                None => (item, item.text()),
            };
            let words: Vec<&str> = text.unwrap_or_default().split(' ').collect();
            let code = words.get(1).copied();
            let other = if words[0] == "400" { "422" } else { "400" };
            let with = |status: &str, code: Option<&str>| match code {
                Some(code) => quoted(&format!("{status} {code}")),
                None => quoted(status),
            };
            self.replace(&place, holder, &with(other, code));
            if let Some(code) = code {
                self.replace(&place, holder, &with(words[0], Some(&format!("{code}9"))));
                self.replace(&place, holder, &with(words[0], None));
            }
            if let Some((at, (_, said))) =
                item.members().iter().enumerate().find(|(_, (key, _))| key.text == "text")
            {
                self.drop_member(&place.of("text"), item, at);
                self.other(&place.of("text"), said);
            }
            if let Some((next, other)) = members.get(at + 1) {
                self.swap(&place, &next.text, &item.span, &other.span);
            }
            // Of faults that look alike, the first is read.
            if let Some((next, other)) =
                members[at + 1..].iter().find(|(_, other)| bound(other) == bound(item))
            {
                let one = key.span.start..item.span.end;
                let other = next.span.start..other.span.end;
                self.swap(&place, &format!("the entry {}", next.text), &one, &other);
            }
        }
    }

    pub(crate) fn operations(&mut self) {
        let root = Place::root().of("operation");
        let operations = self.tree.get("operation").map(Item::members).unwrap_or_default();
        let verbs: Vec<&str> = operations.iter().map(|(key, _)| key.text.as_str()).collect();
        for (at, (key, operation)) in operations.iter().enumerate() {
            let place = root.of(&key.text);
            self.drop_block(&place);
            // Two operations, each at the other's address.
            for (next, other) in &operations[at + 1..] {
                if let (Some(one), Some(other)) = (operation.get("routes"), other.get("routes")) {
                    self.swap(
                        &place.of("routes"),
                        &format!("those of {}", next.text),
                        &one.span,
                        &other.span,
                    );
                }
            }
            for (at, (part, item)) in operation.members().iter().enumerate() {
                let place = place.of(&part.text);
                self.drop_member(&place, operation, at);
                match part.text.as_str() {
                    "routes" => self.routes(&place, item),
                    "query" => self.message_name(&place, item),
                    "reply" => self.outcomes(&place, item),
                    "faults" => {
                        self.faults(&place, Some(item));
                    }
                    "again" => {
                        let others: Vec<&str> =
                            verbs.iter().copied().filter(|verb| *verb != key.text).collect();
                        self.again(&place, item, &others);
                    }
                    _ => {}
                }
            }
        }
    }

    fn routes(&mut self, place: &Place, item: &Item) {
        let Node::Array(routes) = &item.node else { return };
        self.list(place, item, true);
        for (at, route) in routes.iter().enumerate() {
            let place = place.at(at);
            if let Some(call) = route.get("at") {
                self.call(&place.of("at"), call);
            }
            if let Some((at, (_, send))) =
                route.members().iter().enumerate().find(|(_, (key, _))| key.text == "send")
            {
                self.drop_member(&place.of("send"), route, at);
                self.message_name(&place.of("send"), send);
            }
        }
    }

    /// Other messages' names, in place of one.
    fn message_name(&mut self, place: &Place, item: &Item) {
        let messages = self.tree.get("message").map(Item::members).unwrap_or_default();
        for (key, _) in messages.iter().filter(|(key, _)| Some(key.text.as_str()) != item.text()) {
            self.replace(place, item, &quoted(&key.text));
        }
    }

    fn outcomes(&mut self, place: &Place, item: &Item) {
        self.drop_members(place, item);
        let members = item.members();
        for (at, (key, outcomes)) in members.iter().enumerate() {
            let place = place.of(&key.text);
            self.list(&place, outcomes, true);
            let mut words = vec!["created", "created.reused", "done", "listed"];
            words.retain(|word| item.get(word).is_none());
            self.key_of(&place, key, &words);
            if let Some((next, other)) = members.get(at + 1) {
                self.swap(&place, &next.text, &outcomes.span, &other.span);
            }
            let single = [outcomes.clone()];
            let listed = match &outcomes.node {
                Node::Array(items) => items.as_slice(),
                _ => &single,
            };
            for (at, one) in listed.iter().enumerate() {
                let place = place.at(at);
                let text = one.text().unwrap_or_default();
                let (status, message) = text.split_once(' ').unwrap_or((text, ""));
                let number: u16 = status.parse().unwrap_or_default();
                let other = if number == 200 { 202 } else { 203 };
                self.replace(&place, one, &quoted(format!("{other} {message}").trim_end()));
                if !message.is_empty() {
                    self.replace(&place, one, &quoted(status));
                    let messages = self.tree.get("message").map(Item::members).unwrap_or_default();
                    for (key, _) in messages.iter().filter(|(key, _)| key.text != message) {
                        self.replace(&place, one, &quoted(&format!("{status} {}", key.text)));
                    }
                }
            }
        }
    }

    fn again(&mut self, place: &Place, again: &Item, others: &[&str]) {
        self.drop_members(place, again);
        if let Some(by) = again.get("by") {
            for other in others.iter().filter(|other| Some(**other) != by.text()) {
                self.replace(&place.of("by"), by, &quoted(other));
            }
        }
        if let Some(matching) = again.get("match") {
            self.replace(&place.of("match"), matching, &quoted("target.system.id"));
        }
        if let Some(say) = again.get("say") {
            self.drop_members(&place.of("say"), say);
            for (key, item) in say.members() {
                for other in word::of(&key.text).iter().filter(|other| Some(**other) != item.text()) {
                    self.replace(&place.of("say").of(&key.text), item, &quoted(other));
                }
            }
        }
    }
}
