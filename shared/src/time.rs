//! Points in time, passed in by whoever holds a clock.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// This instant moved by `millis`, which may be negative; stops at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// An hour of the day in UTC, from 0 to 23.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct UtcHour(u8);

/// The number is no hour of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnHour;

impl UtcHour {
    const HOUR_MS: i64 = 3_600_000;

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..24).map(Self)
    }

    /// The first moment, at `earliest` or later, at which this hour begins.
    #[must_use]
    pub fn next(self, earliest: UnixMillis) -> UnixMillis {
        let day = 24 * Self::HOUR_MS;
        let begins = i64::from(self.0) * Self::HOUR_MS;
        earliest.plus((begins - earliest.0).rem_euclid(day))
    }
}

impl TryFrom<u8> for UtcHour {
    type Error = NotAnHour;

    fn try_from(hour: u8) -> Result<Self, NotAnHour> {
        if hour < 24 {
            Ok(Self(hour))
        } else {
            Err(NotAnHour)
        }
    }
}

impl From<UtcHour> for u8 {
    fn from(hour: UtcHour) -> Self {
        hour.0
    }
}

impl FromStr for UtcHour {
    type Err = NotAnHour;

    fn from_str(text: &str) -> Result<Self, NotAnHour> {
        let hour: u8 = text.parse().map_err(|_| NotAnHour)?;
        hour.try_into()
    }
}

impl fmt::Display for NotAnHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an hour from 0 to 23")
    }
}

impl std::error::Error for NotAnHour {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_of_an_hour() {
        let hour = |hour: u8| UtcHour::try_from(hour).expect("an hour");
        let (h, day) = (3_600_000, 86_400_000);
        assert_eq!(hour(9).next(UnixMillis(0)).0, 9 * h);
        assert_eq!(hour(9).next(UnixMillis(9 * h)).0, 9 * h);
        assert_eq!(hour(9).next(UnixMillis(9 * h + 1)).0, day + 9 * h);
        assert_eq!(hour(0).next(UnixMillis(5 * day + 1)).0, 6 * day);
        assert_eq!("23".parse(), Ok(hour(23)));
        assert_eq!("24".parse::<UtcHour>(), Err(NotAnHour));
        assert_eq!("".parse::<UtcHour>(), Err(NotAnHour));
        assert_eq!(UtcHour::all().count(), 24);
    }
}
