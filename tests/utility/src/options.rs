//! What the website is made from, and what a test changes while it runs.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use time::{Date, Month};
use tokio::sync::watch;

use crate::{
    customers::{self, After},
    doors::Doors,
    faults::Fault,
    outbox::Outbox,
    trap,
};

const WRONG_TRIES: u32 = 3;
const LOCKED_FOR: Duration = Duration::from_secs(15 * 60);

/// What the website is made from. The same seed and day give the same website.
#[derive(Clone, Debug)]
pub struct Options {
    /// Varies usage, invoice numbers and readings.
    pub seed: u64,
    /// The newest bill is the last one made by this day.
    pub today: Date,
    /// What a test changes while the website runs.
    pub switches: Arc<Switches>,
    /// Where mails and text messages are really sent to.
    pub doors: Doors,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 7,
            today: Date::from_calendar_date(2026, Month::November, 20).unwrap_or(Date::MIN),
            switches: Arc::default(),
            doors: Doors::default(),
        }
    }
}

/// Things that happen to a website, and what it has seen. Shared with the running server.
#[derive(Debug, Default)]
pub struct Switches {
    faults: watch::Sender<u16>,
    sessions_end: AtomicBool,
    sign_ins: AtomicU32,
    harm: AtomicU32,
    /// What happened on the part of the website that is full of controls that change an account, `/trap/home`.
    pub trap: trap::TrapLog,
    /// The messages with codes that were sent.
    pub outbox: Outbox,
    passwords: Mutex<HashMap<&'static str, String>>,
    wrong: Mutex<HashMap<&'static str, (u32, Instant)>>,
}

impl Switches {
    /// Switches a fault on or off.
    pub fn set(&self, fault: Fault, on: bool) {
        self.faults.send_modify(|faults| {
            if on {
                *faults |= fault.bit();
            } else {
                *faults &= !fault.bit();
            }
        });
    }

    /// Whether a fault is on.
    #[must_use]
    pub fn is(&self, fault: Fault) -> bool {
        *self.faults.borrow() & fault.bit() != 0
    }

    pub(crate) async fn released(&self) {
        let mut faults = self.faults.subscribe();
        // The sender is ours, so it is never gone.
        let _ = faults
            .wait_for(|faults| faults & Fault::Held.bit() == 0)
            .await;
    }

    /// No fault is on, everybody has the first password and is locked out no more, and all sessions end.
    pub fn reset(&self) {
        self.faults.send_replace(0);
        lock(&self.passwords).clear();
        lock(&self.wrong).clear();
        self.end_sessions();
    }

    /// All sessions so far end.
    pub fn end_sessions(&self) {
        self.sessions_end.store(true, Ordering::Relaxed);
    }

    /// Whether sessions are to end: once.
    pub(crate) fn take_sessions_end(&self) -> bool {
        self.sessions_end.swap(false, Ordering::Relaxed)
    }

    /// Changes the password of a customer.
    pub fn set_password(&self, email: &str, password: &str) {
        if let Some(person) = customers::find(email) {
            lock(&self.passwords).insert(person.email, password.to_owned());
        }
    }

    /// The passwords that customers have by [`Self::set_password`].
    #[must_use]
    pub fn passwords(&self) -> Vec<String> {
        lock(&self.passwords).values().cloned().collect()
    }

    /// Sign-in forms posted so far, good or bad.
    #[must_use]
    pub fn sign_ins(&self) -> u32 {
        self.sign_ins.load(Ordering::Relaxed)
    }

    /// Pages opened or forms posted that change something for the customer: payment, stop of service, sign-out.
    #[must_use]
    pub fn harm(&self) -> u32 {
        self.harm.load(Ordering::Relaxed)
    }

    pub(crate) fn count_sign_in(&self) {
        self.sign_ins.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_harm(&self) {
        self.harm.fetch_add(1, Ordering::Relaxed);
    }

    /// Looks at a password, unless there were too many wrong ones.
    pub(crate) fn try_password(&self, person: &customers::Customer, typed: &str) -> Tried {
        let right = match lock(&self.passwords).get(person.email) {
            Some(new) => new == typed,
            None => typed == person.password && person.after != After::Refused,
        };
        let mut wrong = lock(&self.wrong);
        let (tries, since) = wrong.entry(person.email).or_insert((0, Instant::now()));
        if since.elapsed() > LOCKED_FOR {
            *tries = 0;
        }
        if *tries >= WRONG_TRIES || person.after == After::Locked {
            return Tried::Locked;
        }
        if right {
            wrong.remove(person.email);
            return Tried::Right;
        }
        *tries += 1;
        *since = Instant::now();
        if *tries >= WRONG_TRIES {
            Tried::Locked
        } else {
            Tried::Wrong
        }
    }

    /// Whether the password of a customer was changed.
    pub(crate) fn has_new_password(&self, person: &customers::Customer) -> bool {
        lock(&self.passwords).contains_key(person.email)
    }

    /// Locks a customer out, as too many wrong passwords do.
    pub(crate) fn lock_out(&self, person: &customers::Customer) {
        lock(&self.wrong).insert(person.email, (WRONG_TRIES, Instant::now()));
    }
}

/// What a password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// There were too many wrong ones.
    Locked,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FAULTS;

    #[test]
    fn locks_after_three_wrong_passwords_until_reset() {
        let switches = Switches::default();
        let person = customers::find("jordan@example.com").expect("a customer");
        let tries = ["a", "b", "c", person.password]
            .map(|password| switches.try_password(person, password));
        use Tried::{Locked, Right, Wrong};
        assert_eq!(tries, [Wrong, Wrong, Locked, Locked]);
        switches.reset();
        assert_eq!(switches.try_password(person, person.password), Right);
    }

    #[test]
    fn faults_are_switched_one_by_one() {
        let switches = Switches::default();
        for (fault, name, _) in FAULTS {
            assert_eq!(Fault::named(name), Some(*fault));
            switches.set(*fault, true);
        }
        switches.set(Fault::Down, false);
        assert!(!switches.is(Fault::Down) && switches.is(Fault::AsksCode));
        switches.reset();
        assert!(FAULTS.iter().all(|(fault, ..)| !switches.is(*fault)));
    }
}
