//! Cells of the matrix as lines for people: values that share their fate share a line.
//!
//! Start at [`of`] and [`carried`]. Knows `exchange`'s matrix; never lays anything out.
use crate::canonical::Treatment;
use crate::exchange::matrix::{Asks, Cell, Meets, Place, Said};

/// One line.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) field: &'static str,
    pub(super) values: String,
    pub(super) fit: &'static str,
    pub(super) treatment: String,
}

/// The lines of what does not simply arrive, in the order of the fields.
pub(super) fn of(asks: &Asks) -> Vec<Row> {
    let plain = carried(asks);
    let mut rows: Vec<(Row, &Cell)> = Vec::new();
    for cell in asks.cells.iter().filter(|cell| !plain.contains(&cell.field)) {
        let alike =
            |other: &Cell| other.field == cell.field && other.meets == cell.meets && other.why == cell.why;
        match rows.iter_mut().find(|(_, other)| alike(other)) {
            Some((row, _)) => row.values = format!("{}, {}", row.values, cell.said),
            None => {
                let values = match (&cell.said, asks.cells.iter().filter(|o| o.field == cell.field).count()) {
                    (Said::Any, many) if many > 1 && cell.why.is_none() => "any other".to_owned(),
                    (said, _) => said.to_string(),
                };
                let row =
                    Row { field: cell.field, values, fit: cell.meets.as_str(), treatment: treatment(cell) };
                rows.push((row, cell));
            }
        }
    }
    rows.into_iter().map(|(row, _)| row).collect()
}

/// The fields of which every value arrives as it was.
pub(super) fn carried(asks: &Asks) -> Vec<&'static str> {
    let mut fields: Vec<&'static str> = asks.cells.iter().map(|cell| cell.field).collect();
    fields.dedup();
    fields.retain(|field| {
        let mut cells = asks.cells.iter().filter(|cell| cell.field == *field);
        cells.all(|cell| cell.meets.as_str() == "exact" && cell.why.is_none())
    });
    fields
}

/// What is done, and why.
fn treatment(cell: &Cell) -> String {
    let done = match &cell.meets {
        // What is written less finely is told to the caller, and nobody else reads of it.
        Meets::Fits { treatment: Some(Treatment::Note), wrote: Some(wrote), .. } => match cell.said {
            Said::Uneven(_) => "told, rounded down".to_owned(),
            _ => format!("told, written as {wrote}"),
        },
        Meets::Fits { treatment, .. } => treatment.map(|one| one.as_str()).unwrap_or_default().to_owned(),
        Meets::Supplied(value) => value.clone(),
        Meets::Missing => "refuse".to_owned(),
    };
    let why = cell.why.as_deref().unwrap_or_default();
    match (done.is_empty(), why.is_empty()) {
        (false, false) => format!("{done}, {why}"),
        _ => done + why,
    }
}

/// What stands at a place that nobody fills.
pub(super) fn blank(place: &Place) -> String {
    place.blank.clone().unwrap_or_else(|| "left out".to_owned())
}

/// Who knows a place.
pub(super) fn known(place: &Place) -> String {
    place.known.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ")
}

/// A place's name for people.
pub(super) fn pointer(place: &Place) -> &str {
    if place.place.is_empty() { "the whole document" } else { &place.place }
}
