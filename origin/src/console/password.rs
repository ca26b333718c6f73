//! Passwords of members and operators: Argon2id with the parameters that OWASP recommends first (19 MiB, two passes), as PHC strings.

use std::{sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};
use zeroize::Zeroizing;
use zxcvbn::{Score, feedback::Warning, zxcvbn};

use crate::clock::{Random, bytes};

/// The fewest characters of a password that is chosen (NIST SP 800-63B asks for eight).
pub(crate) const PASSWORD_MIN: usize = 10;
/// The longest password that is read, in bytes.
pub(crate) const PASSWORD_MAX: usize = 256;
/// Passwords that are hashed at the same time: each takes a core and its memory.
const HASHES_AT_ONCE: usize = 2;
/// Who waits longer for a turn is told to try again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hashes passwords, a few at a time and outside of the threads that answer requests.
pub(crate) struct Passwords {
    random: Arc<dyn Random>,
    at_once: Arc<Semaphore>,
}

/// Too many others are before it, the threads of this program end, or it has no memory left.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed")]
pub(crate) struct HashFailed;

impl Passwords {
    pub(crate) fn new(random: Arc<dyn Random>) -> Self {
        Self {
            random,
            at_once: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
        }
    }

    /// The PHC string of a new password.
    pub(crate) async fn hash(&self, password: Zeroizing<String>) -> Result<String, HashFailed> {
        let salt = bytes::<16>(&*self.random);
        self.work(move || {
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash: PasswordHash| hash.to_string()).ok()
        })
        .await?
        .ok_or(HashFailed)
    }

    /// Whether it is the password of this hash. Without a hash it takes as long and is not.
    pub(crate) async fn verify(
        &self,
        password: Zeroizing<String>,
        hash: Option<String>,
    ) -> Result<bool, HashFailed> {
        self.work(move || {
            let Some(hash) = hash.as_deref() else {
                let _same_work: Result<PasswordHash, _> =
                    Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]);
                return false;
            };
            let Ok(hash) = PasswordHash::new(hash) else {
                return false;
            };
            let checked = Argon2::default().verify_password(password.as_bytes(), &hash);
            checked.is_ok()
        })
        .await
    }

    /// What is wrong with a password that somebody chose, about whom these texts are known: their names and mail address.
    pub(crate) async fn check(
        &self,
        password: &Zeroizing<String>,
        about: &[&str],
    ) -> Result<Result<(), &'static str>, HashFailed> {
        let password = password.clone();
        let about: Vec<String> = about.iter().copied().map(str::to_owned).collect();
        self.work(move || check_password(&password, &about)).await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashFailed> {
        let permit = Arc::clone(&self.at_once).acquire_owned();
        let permit = timeout(PATIENCE, permit).await.map_err(|_| HashFailed)?;
        let permit = permit.map_err(|_| HashFailed)?;
        let working = spawn_blocking(move || {
            // Held by the work itself: who asked may be gone before it is done.
            let _permit = permit;
            work()
        });
        working.await.map_err(|_| HashFailed)
    }
}

fn check_password(password: &str, about: &[String]) -> Result<(), &'static str> {
    if password.chars().count() < PASSWORD_MIN {
        return Err("Please choose a password with ten characters or more.");
    }
    if password.len() > PASSWORD_MAX {
        return Err("Please choose a shorter password.");
    }
    let mut known: Vec<&str> = about.iter().map(String::as_str).collect();
    let parts = about
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    known.extend(parts.filter(|part| part.chars().count() > 2));
    let guessed = zxcvbn(password, &known);
    if guessed.score() >= Score::Three {
        return Ok(());
    }
    Err(match guessed.feedback().and_then(|told| told.warning()) {
        Some(
            Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        ) => {
            "This is easy to guess, since it repeats itself. Use a few words that do not belong together."
        }
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess
            | Warning::SequencesLikeAbcAreEasyToGuess,
        ) => {
            "This is easy to guess: leave out rows of keys, letters and digits. Use a few words that do not belong together."
        }
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => {
            "This is easy to guess: leave out dates and years. Use a few words that do not belong together."
        }
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => {
            "Many people use this or nearly this, so it is tried first. Use a few words that do not belong together."
        }
        _ => {
            "This is easy to guess. Leave out names, add another word or two, and let them not belong together."
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easy_to_guess_is_refused_with_what_to_do() {
        let about = ["kim@client.example", "Kim Novak", "Harbour Energy"].map(str::to_owned);
        for (password, told) in [
            ("short", "ten characters"),
            ("aaaaaaaaaa", "repeats itself"),
            ("abcabcabcabc", "repeats itself"),
            ("qwertyuiop", "tried first"),
            ("zxcvbnm,./", "rows of keys"),
            ("Passw0rd123!", "tried first"),
            ("14.07.1989", "dates and years"),
            ("kim@client.example", "names"),
            ("Harbour Energy 1", "names"),
            (&"x".repeat(300), "shorter"),
        ] {
            let problem = check_password(password, &about).expect_err(password);
            assert!(problem.contains(told), "{password}: {problem}");
        }
        for password in [
            "correct horse battery",
            "correct horse battery staple",
            "vK3#pQz9!mTw",
            "Löwenzahn im Regen",
        ] {
            assert_eq!(check_password(password, &about), Ok(()), "{password}");
        }
    }
}
