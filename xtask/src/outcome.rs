//! The result of a chore, or of a part of one.

/// What a chore comes to. An error is a sentence for the person at the terminal, with the remedy in it.
pub type Outcome<T = ()> = Result<T, String>;
