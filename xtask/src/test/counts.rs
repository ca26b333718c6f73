//! Numbers of tests, as the runners print them.

use crate::{Outcome, process::tick};

/// How many tests passed and how many failed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TestCounts {
    /// The number of tests that passed.
    pub passed: usize,
    /// Tests that failed, and programs that did not get to their end.
    pub failed: usize,
}

impl TestCounts {
    /// Reads the closing lines of Rust's and Node's test runners.
    pub fn read(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            if let Some(numbers) = line.trim_start().strip_prefix("test result: ") {
                counts.passed += before(numbers, " passed");
                counts.failed += before(numbers, " failed");
            } else if let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# "))
            {
                match rest.split_once(' ') {
                    Some(("pass", number)) => counts.passed += number.trim().parse().unwrap_or(0),
                    Some(("fail" | "cancelled", number)) => {
                        counts.failed += number.trim().parse().unwrap_or(0)
                    }
                    _ => {}
                }
            }
        }
        counts
    }

    /// Adds what another run counted.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Counts a failure that no runner counted.
    pub fn fail(&mut self, why: &str) {
        println!("    FAILED: {why}");
        self.failed += 1;
    }

    /// What came of something. What keeps some tests from being run is a failure, and no reason to leave out the others; only being asked to stop is.
    pub fn or_fail<T>(&mut self, outcome: Outcome<T>) -> Outcome<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(told) => {
                tick()?;
                self.fail(&told);
                Ok(None)
            }
        }
    }
}

/// The number right before `word`.
fn before(text: &str, word: &str) -> usize {
    let head = text.split(word).next().unwrap_or_default();
    head.split(|c: char| !c.is_ascii_digit())
        .next_back()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// The part of a run's output that tells what failed: all of it when that part cannot be told apart.
pub fn failures(output: &str) -> &str {
    let start = output
        .find("\nfailures:\n")
        .or_else(|| output.find("\n✖ failing tests:"));
    start
        .and_then(|start| output.get(start..))
        .unwrap_or(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rusts_closing_lines_are_added_up() {
        let output = "test a ... ok\n\ntest result: ok. 12 passed; 0 failed; 3 ignored; 0 measured\nx\ntest result: FAILED. 7 passed; 2 failed; 0 ignored";
        assert_eq!(
            TestCounts::read(output),
            TestCounts {
                passed: 19,
                failed: 2
            }
        );
    }

    #[test]
    fn nodes_closing_lines_count_too() {
        assert_eq!(
            TestCounts::read("✔ a (1ms)\nℹ tests 4\nℹ pass 3\nℹ fail 1\nℹ cancelled 0"),
            TestCounts {
                passed: 3,
                failed: 1
            }
        );
        assert_eq!(
            TestCounts::read("# pass 3\n# fail 0\n# cancelled 2"),
            TestCounts {
                passed: 3,
                failed: 2
            }
        );
    }

    #[test]
    fn what_does_not_start_is_one_failure_and_the_rest_goes_on() {
        let mut counts = TestCounts::default();
        assert_eq!(counts.or_fail(Ok("server")), Ok(Some("server")));
        assert_eq!(counts.failed, 0);
        assert_eq!(counts.or_fail::<()>(Err("No server.".into())), Ok(None));
        assert_eq!(counts.failed, 1);
    }

    #[test]
    fn output_without_numbers_counts_nothing() {
        assert_eq!(
            TestCounts::read("thread panicked\nSegmentation fault"),
            TestCounts::default()
        );
    }

    #[test]
    fn what_failed_is_told_apart_from_what_passed() {
        assert_eq!(
            failures("test a ... ok\n\nfailures:\n\n---- b stdout ----\nboom"),
            "\nfailures:\n\n---- b stdout ----\nboom"
        );
        assert_eq!(failures("thread panicked"), "thread panicked");
    }
}
