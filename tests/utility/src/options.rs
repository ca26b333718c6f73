//! What the website is made from, and what a test changes while it runs.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use time::{Date, Month};
use tokio::sync::watch;

use crate::{customers, trap};

/// What the website is made from. The same seed and day give the same website.
#[derive(Clone, Debug)]
pub struct Options {
    /// Varies usage, invoice numbers and readings.
    pub seed: u64,
    /// The newest bill is the last one made by this day.
    pub today: Date,
    /// What a test changes while the website runs.
    pub switches: Arc<Switches>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 7,
            today: Date::from_calendar_date(2026, Month::November, 20).unwrap_or(Date::MIN),
            switches: Arc::default(),
        }
    }
}

/// Things that happen to a website, and what it has seen. Shared with the running server.
#[derive(Debug, Default)]
pub struct Switches {
    down: AtomicBool,
    broken: AtomicBool,
    asks_code: AtomicBool,
    held: watch::Sender<bool>,
    sessions_end: AtomicBool,
    sign_ins: AtomicU32,
    harm: AtomicU32,
    /// What happened on the part of the website that is full of controls that change an account, `/trap/home`.
    pub trap: trap::TrapLog,
    passwords: Mutex<HashMap<&'static str, String>>,
}

impl Switches {
    /// While it is down, every page answers with status 503.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    /// Whether every page answers 503.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.down.load(Ordering::Relaxed)
    }

    /// While true, a code in a text message is asked for after the password: [`crate::CODE`].
    pub fn set_asks_code(&self, asks: bool) {
        self.asks_code.store(asks, Ordering::Relaxed);
    }

    pub(crate) fn asks_code(&self) -> bool {
        self.asks_code.load(Ordering::Relaxed)
    }

    /// Sign-in forms are looked at, and answered with 500, while true.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Sign-in forms are looked at, and not answered while true.
    pub fn set_held(&self, held: bool) {
        self.held.send_replace(held);
    }

    pub(crate) async fn released(&self) {
        // The sender is ours, so it is never gone.
        let _ = self.held.subscribe().wait_for(|held| !held).await;
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
            self.passwords
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(person.email, password.to_owned());
        }
    }

    /// The passwords that customers have by [`Self::set_password`].
    #[must_use]
    pub fn passwords(&self) -> Vec<String> {
        let passwords = self
            .passwords
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        passwords.values().cloned().collect()
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

    pub(crate) fn password_is(&self, person: &customers::Customer, typed: &str) -> bool {
        self.passwords
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(person.email)
            .map_or(person.password, String::as_str)
            == typed
    }
}
