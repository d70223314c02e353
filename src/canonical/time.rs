//! Points in time and lengths of time, in the ways in which vendors write them.
use std::fmt::Write;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// How a vendor writes a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// Whole seconds since 1970, a number or digits.
    Unix,
    /// ISO 8601 in UTC with a `Z`: `2026-01-05T09:00:00Z`. A blank for the `T`, other zones, and no zone (meaning
    /// UTC) are read as well.
    IsoUtc,
    /// ISO 8601 without a zone, meaning UTC: `2026-01-05T09:00:00`. A zone is read as well.
    IsoPlain,
}

impl TimeFormat {
    /// The format of a table's word.
    pub fn parse(word: &str) -> Option<TimeFormat> {
        Some(match word {
            "unix" => TimeFormat::Unix,
            "iso-utc" => TimeFormat::IsoUtc,
            "iso-plain" => TimeFormat::IsoPlain,
            _ => return None,
        })
    }

    /// The words that tables know.
    pub const WORDS: &'static [&'static str] = &["unix", "iso-utc", "iso-plain"];

    /// Reads a point in time.
    pub fn read(self, text: &str) -> Option<Timestamp> {
        match self {
            TimeFormat::Unix => Timestamp::from_second(text.parse().ok()?).ok(),
            TimeFormat::IsoUtc | TimeFormat::IsoPlain => iso(text),
        }
    }

    /// Writes a point in time; zeros at the end of the fraction are left out.
    pub fn write(self, time: Timestamp) -> String {
        match self {
            TimeFormat::Unix => time.as_second().to_string(),
            TimeFormat::IsoUtc => time.to_string(),
            TimeFormat::IsoPlain => {
                let mut text = time.to_string();
                if text.ends_with('Z') {
                    text.pop();
                }
                text
            }
        }
    }
}

fn iso(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let plain: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(plain).ok()
}

/// Reads a length as configuration and golden cases write it, ISO 8601: `PT1H30M`, `P31D`.
pub fn read_length(text: &str) -> Option<i64> {
    let span: jiff::Span = text.parse().ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let weeks = i64::from(span.get_weeks()) * 7;
    let days = i64::from(span.get_days()) + weeks;
    let hours = days.checked_mul(24)?.checked_add(i64::from(span.get_hours()))?;
    let minutes = hours.checked_mul(60)?.checked_add(span.get_minutes())?;
    minutes.checked_mul(60)?.checked_add(span.get_seconds())
}

/// Writes a length, ISO 8601: `PT1H30M`; days are written as hours.
pub fn write_length(seconds: i64) -> String {
    let mut out = String::from(if seconds < 0 { "-PT" } else { "PT" });
    let all = seconds.unsigned_abs();
    for (amount, unit) in [(all / 3600, 'H'), (all / 60 % 60, 'M'), (all % 60, 'S')] {
        if amount > 0 || (all == 0 && unit == 'S') {
            // Writing into a String can't fail.
            let _ = write!(out, "{amount}{unit}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_dates_are_read_and_written() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (format, text, time) in [
            (TimeFormat::Unix, "1767603600", "2026-01-05T09:00:00Z"),
            (TimeFormat::IsoUtc, "2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z"),
            (TimeFormat::IsoPlain, "2019-05-30T07:30:48.16", "2019-05-30T07:30:48.16Z"),
        ] {
            assert_eq!(format.read(text), Some(at(time)), "{text}");
            assert_eq!(format.write(at(time)), text);
        }
        for text in ["2026-01-02 03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T05:04:05+02:00"] {
            assert_eq!(TimeFormat::IsoUtc.read(text), Some(at("2026-01-02T03:04:05Z")), "{text}");
        }
        for text in ["", "tomorrow", "2026-13-01T00:00:00Z", "1e9"] {
            assert_eq!(TimeFormat::IsoUtc.read(text), None, "{text}");
            assert_eq!(TimeFormat::Unix.read(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_come_back() {
        for (text, seconds) in [("PT1H", 3600), ("PT90S", 90), ("P31D", 2_678_400), ("PT0S", 0)] {
            assert_eq!(read_length(text), Some(seconds), "{text}");
            assert_eq!(read_length(&write_length(seconds)), Some(seconds), "{text}");
        }
        assert_eq!(read_length("P1M"), None, "a month has no length");
    }
}
