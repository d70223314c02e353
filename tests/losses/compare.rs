//! What became of a message against the cells of the matrix.
//!
//! Start at [`sent`] and [`refused`].
use pamgate::canonical::field::{is_norm, restricts};
use pamgate::canonical::{Fault, Loss, Record, Supply, Treatment};
use pamgate::exchange::Prepared;
use pamgate::exchange::matrix::{Asks, Cell, Matrix, Meets, Said};

/// How much was compared.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) losses: usize,
    pub(crate) supplies: usize,
    pub(crate) kept: usize,
    pub(crate) refused: usize,
}

/// What was sent: each loss and each supply has its cell, and what no loss tells of was to arrive.
pub(crate) fn sent(
    matrix: &Matrix,
    from: &str,
    record: &Record<'_>,
    prepared: &Prepared,
    seen: &mut Seen,
) -> Vec<String> {
    if matrix.unchanged {
        let quiet = prepared.losses.is_empty() && prepared.supplies.is_empty();
        return if quiet { Vec::new() } else { vec!["passes as it is, and loses".into()] };
    }
    let path = prepared.call.path.split('?').next().unwrap();
    let to = prepared.pair.upstream.dialect.recognise(prepared.call.method, path).unwrap();
    let Some(asks) = part(matrix, from, &to.route.text) else {
        return vec![format!("no part for {from} → {}", to.route.text)];
    };
    let mut wrong = Vec::new();
    for loss in &prepared.losses {
        seen.losses += 1;
        if !cells(asks, loss.field, &loss.value).any(|cell| is_of(cell, loss)) {
            wrong.push(format!("unpredicted: {loss}"));
        }
    }
    for supply in &prepared.supplies {
        seen.supplies += 1;
        if !asks.cells.iter().any(|cell| adds(cell, supply)) {
            wrong.push(format!("unpredicted: {supply}"));
        }
    }
    for (field, value, said) in record.iter() {
        let (name, value_text) = (record.shape().field(field).name, value.to_string());
        let lost = prepared.losses.iter().any(|loss| loss.field == name);
        if lost || !(said || restricts(name, value)) || is_reference(name) || is_norm(name, value) {
            continue;
        }
        seen.kept += 1;
        if !cells(asks, name, &value_text).any(|cell| !cell.meets.is_told()) {
            wrong.push(format!("predicted, and not lost: {name} = {value_text}"));
        }
    }
    wrong
}

/// What was refused for a value: the matrix says so of the same field.
pub(crate) fn refused(
    matrix: &Matrix,
    from: &str,
    record: &Record<'_>,
    fault: &Fault,
    seen: &mut Seen,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for problem in &fault.problems {
        let (refuses, missing) = (
            problem.text.contains("lies outside") || problem.text.contains("has no place"),
            fault.word == "invalid.incomplete",
        );
        if !(refuses || missing) {
            continue;
        }
        seen.refused += 1;
        let holds = |cell: &Cell| {
            let named = problem.text.split([' ', ',']).any(|word| word == cell.field);
            let value = record.shape().find(cell.field).and_then(|field| record.get(field));
            named
                && match &cell.meets {
                    Meets::Missing => missing,
                    Meets::Fits { treatment: Some(Treatment::Refuse), .. } => {
                        refuses && value.is_some_and(|value| cell.said.covers(&value.to_string()))
                    }
                    _ => false,
                }
        };
        let mut asks = matrix.asks.iter().filter(|asks| asks.from == from);
        if !asks.any(|asks| asks.cells.iter().any(holds)) {
            wrong.push(format!("unpredicted refusal: {}", problem.text));
        }
    }
    wrong
}

fn part<'m>(matrix: &'m Matrix, from: &str, to: &str) -> Option<&'m Asks> {
    // Of routes that differ in spelling only, the first has the part.
    let all = || matrix.asks.iter().filter(|asks| asks.to == to);
    all().find(|asks| asks.from == from).or_else(|| all().next())
}

/// The cells that speak of a value: those that name it or its like, else those of all others.
fn cells<'m>(asks: &'m Asks, field: &str, value: &str) -> impl Iterator<Item = &'m Cell> {
    let of: Vec<&Cell> =
        asks.cells.iter().filter(|cell| cell.field == field && cell.said.covers(value)).collect();
    let named = |cell: &&Cell| !matches!(cell.said, Said::Any | Said::Beside(_));
    let any = of.iter().any(named);
    of.into_iter().filter(move |cell| !any || named(cell) || matches!(cell.said, Said::Beside(_)))
}

pub(crate) fn is_of(cell: &Cell, loss: &Loss) -> bool {
    let Meets::Fits { fit, treatment, wrote } = &cell.meets else { return false };
    let wrote = match (&cell.said, wrote, &loss.wrote) {
        (Said::Word(_), wrote, written) => wrote == written,
        (_, wrote, written) => wrote.is_some() == written.is_some(),
    };
    (*fit, *treatment) == (loss.fit, Some(loss.treatment)) && wrote
}

fn adds(cell: &Cell, supply: &Supply) -> bool {
    let Meets::Supplied(value) = &cell.meets else { return false };
    cell.field == supply.field && (*value == supply.value || supply.field == "requester.name")
}

fn is_reference(field: &str) -> bool {
    let all = ["target.", "requester.", "ticket.system.", "reason.code.", "schedule."];
    all.iter().any(|prefix| field.starts_with(prefix))
}
