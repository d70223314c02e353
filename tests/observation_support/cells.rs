//! The matrix, asked for the cells that speak of a value.
use pamgate::canonical::Treatment;
use pamgate::canonical::time::read_length;
use pamgate::exchange::matrix::{Asks, Cell, Matrix, Meets, Said};

/// References are compared as one thing: the matrix may speak of the whole or of its parts.
const REFERENCES: &[&str] = &["requester", "target", "ticket.system", "reason.code", "schedule"];

pub fn is_reference(field: &str) -> bool {
    REFERENCES.contains(&field)
}

/// Whether a canonical field is the fact's, or a part of it.
pub fn is_of(fact: &str, field: &str) -> bool {
    field == fact || is_reference(fact) && field.strip_prefix(fact).is_some_and(|rest| rest.starts_with('.'))
}

/// The cells of one form at another.
pub fn part<'m>(matrix: &'m Matrix, from: &str, to: &str) -> Option<&'m Asks> {
    // Of routes that differ in spelling only, the first has the part.
    let all = || matrix.asks.iter().filter(|asks| asks.to == to);
    all().find(|asks| asks.from == from).or_else(|| all().next())
}

/// The cells that speak of a value: those that name it or its like, else those of all others.
pub fn speaking<'m>(asks: &'m Asks, fact: &str, value: &str) -> Vec<&'m Cell> {
    let said = |cell: &&Cell| cell.said != Said::Unsaid && is_of(fact, cell.field);
    if is_reference(fact) {
        return asks.cells.iter().filter(said).collect();
    }
    let of: Vec<&Cell> = asks.cells.iter().filter(said).filter(|cell| cell.said.covers(value)).collect();
    let named = |cell: &&Cell| !matches!(cell.said, Said::Any | Said::Beside(_));
    let any = of.iter().any(named);
    of.into_iter().filter(|cell| !any || named(cell) || matches!(cell.said, Said::Beside(_))).collect()
}

/// The cells that speak of a field that was not said.
pub fn unsaid<'m>(asks: &'m Asks, fact: &'m str) -> impl Iterator<Item = &'m Cell> {
    asks.cells.iter().filter(move |cell| cell.said == Said::Unsaid && is_of(fact, cell.field))
}

pub fn refuses(cell: &Cell) -> bool {
    matches!(cell.meets, Meets::Missing)
        || matches!(&cell.meets, Meets::Fits { treatment: Some(Treatment::Refuse), .. })
}

/// Whether what arrived is what a lossy cell says of what was asked. `otherwise`: the server does so anyway.
pub fn foretells(cell: &Cell, asked: &str, stored: Option<&str>, otherwise: bool) -> bool {
    let Meets::Fits { wrote, .. } = &cell.meets else { return false };
    if !cell.meets.is_told() || refuses(cell) {
        return false;
    }
    match (wrote, &cell.said, stored) {
        (None, _, stored) => stored.is_none() || otherwise,
        (Some(_), Said::Uneven(unit), Some(stored)) => {
            let (asked, stored) = (read_length(asked), read_length(stored));
            asked.is_some_and(|asked| stored == Some(asked - asked % unit))
        }
        (Some(_), Said::Fraction, Some(stored)) => {
            let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
            let (asked, stored) = (time(asked), time(stored));
            asked.zip(stored).is_some_and(|(asked, stored)| {
                stored.subsec_nanosecond() == 0 && stored.as_second() == asked.as_second()
            })
        }
        (Some(wrote), _, Some(stored)) => wrote == stored,
        (Some(_), _, None) => false,
    }
}

/// Where a cell stands in the matrix.
pub fn at(cell: &Cell) -> usize {
    std::ptr::from_ref(cell).addr()
}

/// A cell's name, for lists and reports.
pub fn told(matrix: &Matrix, asks: &Asks, cell: &Cell) -> String {
    format!(
        "{} → {}: {} → {}: {}: {}: {}",
        matrix.from,
        matrix.to,
        asks.from,
        asks.to,
        cell.field,
        cell.said,
        meets(cell)
    )
}

pub fn meets(cell: &Cell) -> String {
    match &cell.meets {
        Meets::Fits { fit, treatment, wrote } => {
            let treatment = treatment.map_or("", Treatment::as_str);
            let wrote = wrote.as_ref().map(|wrote| format!(", written {wrote}")).unwrap_or_default();
            format!("{} {treatment}{wrote}", fit.as_str())
        }
        Meets::Supplied(value) => format!("supplied {value}"),
        Meets::Missing => "missing".to_owned(),
    }
}
