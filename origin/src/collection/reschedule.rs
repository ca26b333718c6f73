//! When a connection is collected again. Pure: randomness is passed in.

use shared::time::UnixMillis;

use crate::{clock::Random, jobs::jitter as spread_by};

/// When to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// In about a week.
    Weekly,
    /// In some hours: a run was cut short.
    Today,
    /// Minutes first, then longer each time, up to a day.
    Soon,
    /// Not before somebody acts.
    Never,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The next time after `attempts` runs, this one included; jitter keeps connections from coming all at once.
#[must_use]
pub fn next_at(
    again: Again,
    attempts: i64,
    now: UnixMillis,
    random: &dyn Random,
) -> Option<UnixMillis> {
    let (after, jitter) = match again {
        Again::Weekly => (7 * DAY, 12 * HOUR),
        Again::Today => (4 * HOUR, HOUR),
        Again::Soon => {
            let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 12)).unwrap_or(0);
            let after = (5 * MINUTE).saturating_mul(1 << doublings).min(DAY);
            (after, after / 4)
        }
        Again::Never => return None,
    };
    Some(now.plus(after + spread_by(random, jitter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestRandom;

    #[test]
    fn back_off_grows_and_ends_at_a_day() {
        let (random, now) = (TestRandom::default(), UnixMillis(0));
        let mut last = 0;
        for attempts in 1..=40 {
            let at = next_at(Again::Soon, attempts, now, &random)
                .expect("a time")
                .0;
            assert!(
                (3 * MINUTE..=DAY + DAY / 4).contains(&at),
                "{attempts}: {at}"
            );
            if attempts <= 8 {
                assert!(at > last, "{attempts}: {at} after {last}");
            }
            last = at;
        }
    }

    #[test]
    fn weekly_runs_spread_over_a_day() {
        let (random, now) = (TestRandom::default(), UnixMillis(0));
        let times: Vec<i64> = (0..200)
            .filter_map(|_| next_at(Again::Weekly, 1, now, &random))
            .map(|at| at.0)
            .collect();
        assert_eq!(times.len(), 200);
        assert!(times.iter().all(|at| (7 * DAY - at).abs() <= 12 * HOUR));
        assert!(times.iter().max().expect("some") - times.iter().min().expect("some") > 20 * HOUR);
        assert_eq!(next_at(Again::Never, 1, now, &random), None);
    }
}
