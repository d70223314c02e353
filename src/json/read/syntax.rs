//! What is wrong with a text that sonic-rs doesn't read, and where: jiter tells, or the number does that stands there.
use jiter::{Jiter, JiterErrorType, JsonErrorType};

use super::ReadError;

/// What is wrong with a text that is no JSON.
#[cold]
pub(super) fn syntax(text: &str, error: &sonic_rs::Error) -> ReadError {
    let mut jiter = Jiter::new(text.as_bytes());
    let (what, position) = match jiter.next_skip().and_then(|()| jiter.finish()) {
        // jiter gives up on some numbers by the mere count of their digits.
        Err(error) if error.error_type != JiterErrorType::JsonError(JsonErrorType::NumberOutOfRange) => {
            (error.error_type.to_string(), error.get_position(&jiter))
        }
        Ok(()) | Err(_) => {
            if let Some(begin) = number_at(text, error.offset()) {
                let before = text.get(..begin).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
                return ReadError::OutOfRange { line, column };
            }
            ("a value that can't be read".to_owned(), jiter.error_position(error.offset()))
        }
    };
    ReadError::Syntax { what, line: position.line, column: position.column.max(1) }
}

/// Where a number begins that stands at an offset or right before it: the one thing that sonic-rs doesn't read although
/// jiter takes it, for no double holds it, or because of an exponent far below nought behind many digits.
fn number_at(text: &str, offset: usize) -> Option<usize> {
    let numeric = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let before = bytes[..offset].iter().rev().take_while(|byte| numeric(byte)).count();
    let after = bytes[offset..].iter().take_while(|byte| numeric(byte)).count();
    let number = text.get(offset - before..offset + after)?;
    number.parse::<f64>().ok().map(|_| offset - before)
}
