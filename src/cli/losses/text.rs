//! The matrix in columns, for a terminal.
//!
//! Start at [`all`]. Knows `rows`.
use std::fmt::Write;

use crate::exchange::matrix::{Matrix, Place, Reply};

use super::rows;

/// The widest that a column of a terminal gets before its lines just go on.
const WIDEST: usize = 48;

/// All matrices.
pub(super) fn all(matrices: &[Matrix]) -> String {
    let mut out = String::new();
    for (at, matrix) in matrices.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Writing into a String can't fail.
        let _ = writeln!(out, "{} → {}   {}", matrix.from, matrix.to, matrix.operation);
        if matrix.unchanged {
            out.push_str("\n  passes as it is\n");
        }
        for asks in &matrix.asks {
            let _ = writeln!(out, "\n  {} → {}", asks.from, asks.to);
            let lines: Vec<[String; 4]> = rows::of(asks)
                .into_iter()
                .map(|row| [row.field.to_owned(), row.values, row.fit.to_owned(), row.treatment])
                .collect();
            columns(&mut out, &lines);
            let carried = rows::carried(asks);
            if !carried.is_empty() {
                let _ = writeln!(out, "    carried as said: {}", carried.join(", "));
            }
        }
        matrix.replies.iter().for_each(|reply| replies(&mut out, reply));
    }
    out
}

fn replies(out: &mut String, reply: &Reply) {
    let _ = writeln!(out, "\n  reply {} {}", reply.outcome, reply.status);
    let (known, blank): (Vec<&Place>, Vec<&Place>) =
        reply.places.iter().partition(|place| !place.known.is_empty());
    let of = |places: &[&Place], blank: bool| -> Vec<[String; 2]> {
        let who =
            |place: &Place| if blank { format!("blank: {}", rows::blank(place)) } else { rows::known(place) };
        places.iter().map(|place| [rows::pointer(place).to_owned(), who(place)]).collect()
    };
    columns(out, &of(&known, false));
    columns(out, &of(&blank, true));
}

fn columns<const N: usize>(out: &mut String, lines: &[[String; N]]) {
    let width = |at: usize| {
        let widths = lines.iter().map(|line| line[at].chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    for line in lines {
        out.push_str("   ");
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} "));
        let cells: String = cells.collect();
        out.push_str(cells.trim_end());
        out.push('\n');
    }
}
