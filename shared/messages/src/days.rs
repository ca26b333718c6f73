//! Days as a language says them.

use shared::time::UnixMillis;

use crate::Locale;

impl Locale {
    /// The day of a moment in UTC, as `3 May 2026`.
    #[must_use]
    pub fn day(self, at: UnixMillis) -> String {
        let (year, month, day) = civil(at.0.div_euclid(86_400_000));
        let month = match month {
            1 => self.month_1(),
            2 => self.month_2(),
            3 => self.month_3(),
            4 => self.month_4(),
            5 => self.month_5(),
            6 => self.month_6(),
            7 => self.month_7(),
            8 => self.month_8(),
            9 => self.month_9(),
            10 => self.month_10(),
            11 => self.month_11(),
            _ => self.month_12(),
        };
        let (day, year) = (day.to_string(), year.to_string());
        self.day_of_month(&day, month, &year).to_string()
    }
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar: Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_its_day() {
        for (at, day) in [
            (0, "1 January 1970"),
            (-1, "31 December 1969"),
            (951_782_400_000, "29 February 2000"),
            (1_777_766_399_999, "2 May 2026"),
            (1_777_766_400_000, "3 May 2026"),
            (4_102_444_799_999, "31 December 2099"),
        ] {
            assert_eq!(Locale::En.day(UnixMillis(at)), day);
        }
    }
}
