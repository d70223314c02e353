//! The way back: the caller's reply, made of what the upstream answered, beside what its own server answers.
use std::rc::Rc;

use pamgate::canonical::{Fault, word};
use pamgate::exchange::{Came, Context, Prepared};

use super::super::compare::Wrong;
use super::super::reasons::Reasons;
use super::super::replies;
use super::super::servers::{Servers, Stored};
use super::{End, Seen, Way};

/// What went to the upstream, and what came of it.
pub(super) struct Through<'t> {
    pub(super) call: &'t str,
    pub(super) sent: &'t [u8],
    pub(super) stored: Rc<Stored>,
    pub(super) context: Context<'t>,
}

impl Way {
    /// The caller's reply, beside its own server's.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn reply(
        &self,
        servers: &mut Servers,
        reasons: &Reasons,
        prepared: &Prepared,
        own: &str,
        through: Through<'_>,
        shown: &mut replies::Seen,
        seen: &mut Seen,
    ) {
        let mut wrong = |what, field: &str, detail: String| {
            seen.end = End::Wrong;
            seen.wrong.push(Wrong { what, field: field.to_owned(), detail });
        };
        let (outcome, status, body) = match self.answered(servers, prepared, through) {
            Ok(answered) => answered,
            Err(fault) => return wrong("made, and no reply", fault.word, format!("{fault:?}")),
        };
        // A deeper word than the caller's dialect has is answered by the one above it.
        let mut known = self.matrix.replies.iter().filter(|reply| word::within(&outcome, &reply.outcome));
        let Some(reply) = known.clone().find(|reply| reply.outcome == outcome).or_else(|| known.next())
        else {
            return wrong("no part of the matrix", &outcome, "a reply of this outcome".to_owned());
        };
        if reply.status != status {
            return wrong("another status than the matrix has", &outcome, status.to_string());
        }
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text);
        let (Ok(own), Ok(through)) = (read(own), read(&body)) else {
            return wrong("no JSON", &outcome, body);
        };
        let (strange, differing) = replies::compare(reply, &own, &through, shown);
        strange.into_iter().for_each(|one| wrong(one.what, &one.field, one.detail));
        let mut used = Vec::new();
        for (place, told) in differing {
            match reasons.reply(&self.from, &self.to, &place) {
                Some(reason) => used.extend(reason),
                None => wrong("the reply differs", &place, told),
            }
        }
        seen.reasons.extend(used);
    }

    /// The caller's reply: outcome, status and body.
    fn answered(
        &self,
        servers: &mut Servers,
        prepared: &Prepared,
        through: Through<'_>,
    ) -> Result<(String, u16, String), Fault> {
        let Through { call, sent, mut stored, context } = through;
        let id = |stored: &Stored| -> Result<(String, String), Fault> {
            let came = Came { status: stored.status, body: stored.body.as_bytes() };
            let heard = prepared.hear(came, context)?;
            Ok((prepared.outcome(came)?.word.clone(), heard.id.unwrap_or_default()))
        };
        let (outcome, mut theirs) = id(&stored)?;
        let mut again = None;
        let about =
            |theirs: &str| prepared.again(theirs).map(|call| format!("{} {}", call.method, call.path));
        if let Some(asked) = about(&theirs) {
            again = servers.again(self.upstream, &stored, &asked);
            if again.is_none() {
                stored = servers.afresh(self.upstream, call, std::str::from_utf8(sent).unwrap());
                theirs = id(&stored)?.1;
                again = about(&theirs).and_then(|asked| servers.again(self.upstream, &stored, &asked));
            }
        }
        let came = Came { status: stored.status, body: stored.body.as_bytes() };
        let again = again.as_ref().map(|(status, body)| Came { status: *status, body: body.as_bytes() });
        let reply = prepared.answer(came, again, 7, context)?;
        Ok((outcome, reply.status, String::from_utf8(reply.body.unwrap_or_default()).unwrap()))
    }
}
