//! The matrix as a document: `docs/losses.md`.
//!
//! Start at [`all`]. Knows `rows`.
use std::fmt::Write;

use crate::exchange::matrix::{Asks, Matrix, Place, Reply};

use super::rows;

const HEAD: &str = "\
# What is lost between dialects

Made by `pamgate losses --output markdown` from the mapping tables and their schemas; a test keeps it fresh. For each \
pair it tells, before any request is sent, what becomes of every value that a caller's form can say, and who knows \
what its reply shows. What the configuration says of losses and supplies ([configuration.md](configuration.md)) is not \
in it: here stand the defaults.

**Fit.** *exact*: written as it is. *neutral*: what the upstream does anyway. *coarser*: the nearest word above it is \
written, or of a time the second that has begun. *limited*: the upstream takes fewer values. *nowhere*: it has no \
place for it. *supplied*: the gateway adds it. *missing*: the upstream needs it, and nobody says it.

**Treatment.** *refuse*: the request is refused before anything is sent. *note*: a sentence in the reason, for whoever \
approves; where the reason has no room left for it, the request is refused. *drop*: left out. *told*: written less \
finely. All of these but *refuse* are told in the header `Pamgate-Loss`.

References (`target`, `ticket.system` and their like) are looked up in the [crosswalk](crosswalk.md): what is limited \
or nowhere of them is what the crosswalk has for the upstream. The upstream's schema has the last word: what it \
demands of several properties together is not in these tables.
";

/// All matrices.
pub(super) fn all(matrices: &[Matrix]) -> String {
    let mut out = HEAD.to_owned();
    for matrix in matrices {
        // Writing into a String can't fail.
        let _ = writeln!(out, "\n## {} → {}: {}", matrix.from, matrix.to, matrix.operation);
        if matrix.unchanged {
            out.push_str("\nPasses as it is.\n");
        }
        matrix.asks.iter().for_each(|asks| request(&mut out, asks));
        matrix.replies.iter().for_each(|one| reply(&mut out, one));
    }
    out
}

fn request(out: &mut String, asks: &Asks) {
    let _ = writeln!(out, "\n### `{}` → `{}`\n", asks.from, asks.to);
    out.push_str("| field | values | fit | treatment |\n| --- | --- | --- | --- |\n");
    for row in rows::of(asks) {
        let (values, treatment) = (escaped(&row.values), escaped(&row.treatment));
        let _ = writeln!(out, "| `{}` | {values} | {} | {treatment} |", row.field, row.fit);
    }
    let carried: Vec<String> = rows::carried(asks).iter().map(|field| format!("`{field}`")).collect();
    if !carried.is_empty() {
        let _ = writeln!(out, "\nCarried as said: {}.", carried.join(", "));
    }
}

fn reply(out: &mut String, reply: &Reply) {
    let _ = writeln!(out, "\n### Reply: {}, {}\n", reply.outcome, reply.status);
    let (known, blank): (Vec<&Place>, Vec<&Place>) =
        reply.places.iter().partition(|place| !place.known.is_empty());
    out.push_str("| place | known by | otherwise |\n| --- | --- | --- |\n");
    for place in known {
        let _ =
            writeln!(out, "| {} | {} | {} |", name(place), rows::known(place), escaped(&rows::blank(place)));
    }
    if !blank.is_empty() {
        let blank: Vec<String> =
            blank.iter().map(|place| format!("{} ({})", name(place), escaped(&rows::blank(place)))).collect();
        let _ = writeln!(out, "\nNobody knows, so these are blank: {}.", blank.join(", "));
    }
}

fn name(place: &Place) -> String {
    if place.place.is_empty() { rows::pointer(place).to_owned() } else { format!("`{}`", place.place) }
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
