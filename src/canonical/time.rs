//! Points in time and lengths of time, in the ways in which vendors write them.
use compact_str::{CompactString, ToCompactString};
use jiff::fmt::temporal::SpanParser;
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

/// The longest length that is read, in seconds: a thousand years. Beyond it, an end could lie after all calendars.
pub const LENGTH_MAX: i64 = 1000 * 366 * 86_400;

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

    /// What of a point in time the format can say: of whole seconds, the one that has begun.
    pub fn said(self, time: Timestamp) -> Timestamp {
        match self {
            TimeFormat::Unix => Timestamp::from_second(second(time)).unwrap_or(time),
            TimeFormat::IsoUtc | TimeFormat::IsoPlain => time,
        }
    }

    /// Writes a point in time; zeros at the end of the fraction are left out.
    pub fn write(self, time: Timestamp) -> CompactString {
        match self {
            TimeFormat::Unix => second(time).to_compact_string(),
            TimeFormat::IsoUtc => time.to_compact_string(),
            TimeFormat::IsoPlain => {
                let mut text = time.to_compact_string();
                if text.ends_with('Z') {
                    text.pop();
                }
                text
            }
        }
    }
}

/// The second since 1970 that has begun at a point in time; before 1970, too.
fn second(time: Timestamp) -> i64 {
    time.as_second() - i64::from(time.subsec_nanosecond() < 0)
}

fn iso(text: &str) -> Option<Timestamp> {
    // What jiff reads beyond ISO 8601 as servers do is refused, not guessed at: the name of a zone (which would say
    // another time than the digits do), years of six digits, a second that is the sixty-first of its minute.
    if text.len() > 64 || text.contains('[') || text.starts_with(['+', '-']) || text.contains(":60") {
        return None;
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let plain: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(plain).ok()
}

/// How a vendor writes a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthFormat {
    /// A whole number of units, each of so many seconds.
    Units(i64),
    /// ISO 8601: `PT1H30M`. Weeks, days, and other ways of saying the same are read as well.
    Iso8601,
}

impl LengthFormat {
    /// The format of a table's word.
    pub fn parse(word: &str) -> Option<LengthFormat> {
        Some(match word {
            "seconds" => LengthFormat::Units(1),
            "minutes" => LengthFormat::Units(60),
            "hours" => LengthFormat::Units(3600),
            "days" => LengthFormat::Units(86400),
            "iso8601" => LengthFormat::Iso8601,
            _ => return None,
        })
    }

    /// The words that tables know.
    pub const WORDS: &'static [&'static str] = &["seconds", "minutes", "hours", "days", "iso8601"];

    /// The shortest step that it can say, in seconds.
    pub fn step(self) -> i64 {
        match self {
            LengthFormat::Units(seconds) => seconds,
            LengthFormat::Iso8601 => 1,
        }
    }

    /// Reads a length, in seconds.
    ///
    /// # Errors
    /// What the text should have been.
    pub fn read(self, text: &str) -> Result<i64, &'static str> {
        match self {
            LengthFormat::Units(seconds) => {
                let amount: i64 = text.parse().map_err(|_| "should be a whole number")?;
                amount.checked_mul(seconds).ok_or("is too long")
            }
            LengthFormat::Iso8601 => iso_length(text),
        }
    }

    /// Writes a length; what is below the format's step is cut off.
    pub fn write(self, seconds: i64) -> CompactString {
        match self {
            LengthFormat::Units(unit) => (seconds / unit).to_compact_string(),
            LengthFormat::Iso8601 => write_length(seconds),
        }
    }
}

/// Reads a length as configuration and golden cases write it, ISO 8601: `PT1H30M`, `P31D`.
pub fn read_length(text: &str) -> Option<i64> {
    iso_length(text).ok()
}

/// An ISO 8601 duration that is a whole number of seconds, whenever it begins. No more than that: jiff would also take
/// `1 hour`, which no vendor means by ISO 8601.
fn iso_length(text: &str) -> Result<i64, &'static str> {
    const PARSER: SpanParser = SpanParser::new();
    const NO_LENGTH: &str = "should be a length of time in ISO 8601, as in PT1H30M";
    if text.len() > 64 {
        return Err(NO_LENGTH);
    }
    let span = PARSER.parse_span(text).map_err(|_| NO_LENGTH)?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err("has years or months, whose length isn't the same at all times: write days");
    }
    if span.get_milliseconds() != 0 || span.get_microseconds() != 0 || span.get_nanoseconds() != 0 {
        return Err("should be whole seconds");
    }
    if span.is_negative() {
        return Err("should not be negative");
    }
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let parts =
        [(days, 86400), (span.get_hours().into(), 3600), (span.get_minutes(), 60), (span.get_seconds(), 1)];
    let total =
        parts.iter().try_fold(0_i64, |sum, (amount, unit)| sum.checked_add(amount.checked_mul(*unit)?));
    total.ok_or("is too long")
}

/// Writes a length, ISO 8601: `PT1H30M`; days are written as hours.
pub fn write_length(seconds: i64) -> CompactString {
    let mut out = CompactString::default();
    out.push_str(if seconds < 0 { "-PT" } else { "PT" });
    let all = seconds.unsigned_abs();
    for (amount, unit) in [(all / 3600, 'H'), (all / 60 % 60, 'M'), (all % 60, 'S')] {
        if amount > 0 || (all == 0 && unit == 'S') {
            push_digits(&mut out, amount);
            out.push(unit);
        }
    }
    out
}

fn push_digits(out: &mut CompactString, number: u64) {
    if number >= 10 {
        push_digits(out, number / 10);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
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
        for (time, second) in [
            ("2026-01-05T09:00:00.999Z", 1_767_603_600),
            ("1969-12-31T23:59:59.5Z", -1),
            ("1969-12-31T23:59:58.5Z", -2),
            ("1969-12-31T23:59:58Z", -2),
        ] {
            assert_eq!(TimeFormat::Unix.write(at(time)), second.to_string(), "{time}");
            assert_eq!(TimeFormat::Unix.said(at(time)), Timestamp::from_second(second).unwrap(), "{time}");
            assert_eq!(TimeFormat::IsoUtc.said(at(time)), at(time));
        }
        let zoned = "2026-01-02T03:04:05[Europe/Berlin]";
        let both = "2026-01-02T03:04:05+05:00[Europe/Berlin]";
        let far = "-002026-01-02T03:04:05Z";
        for text in ["", "tomorrow", "2026-13-01T00:00:00Z", "1e9", zoned, both, far, "2026-01-02T03:04:60Z"]
        {
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

    #[test]
    fn iso_lengths_are_read_in_every_exact_spelling_and_written_in_one() {
        let iso = LengthFormat::Iso8601;
        for (text, seconds) in [
            ("PT1H30M", 5400),
            ("PT90M", 5400),
            ("PT5400S", 5400),
            ("PT1.5H", 5400),
            ("PT1,5H", 5400),
            ("P1DT2H", 93_600),
            ("P1W", 604_800),
            ("P0D", 0),
            ("pt2h", 7200),
            ("P0Y0M1D", 86400),
            ("PT0.0S", 0),
        ] {
            assert_eq!(iso.read(text), Ok(seconds), "{text}");
            assert_eq!(iso.read(&iso.write(seconds)), Ok(seconds), "{text}");
        }
        assert_eq!(iso.write(93_600), "PT26H");
        for (text, wrong) in [
            ("P1M", "months"),
            ("P1Y", "months"),
            ("P1Y2M3D", "months"),
            ("PT0.5S", "whole seconds"),
            ("PT0.0001H", "whole seconds"),
            ("-PT1H", "negative"),
            ("", "ISO 8601"),
            ("P", "ISO 8601"),
            ("PT", "ISO 8601"),
            ("PT1H ", "ISO 8601"),
            ("PT1M1H", "ISO 8601"),
            ("1 hour", "ISO 8601"),
            ("1h", "ISO 8601"),
            ("90", "ISO 8601"),
            ("1:30:00", "ISO 8601"),
            ("PT99999999999999999999H", "ISO 8601"),
        ] {
            assert!(iso.read(text).is_err_and(|told| told.contains(wrong)), "{text}: {:?}", iso.read(text));
        }
    }

    #[test]
    fn any_length_that_is_written_is_read_as_itself() {
        let mut seconds = 1_i64;
        while seconds < 630_000_000_000 {
            for near in [seconds - 1, seconds, seconds + 1, seconds + 59, seconds * 60 / 59] {
                let text = LengthFormat::Iso8601.write(near);
                assert_eq!(LengthFormat::Iso8601.read(&text), Ok(near), "{text}");
            }
            seconds = seconds * 3 + 7;
        }
    }
}
