//! A part of the website full of controls that change an account, next to real bills that are reached by reading
//! alone. Counts every change.

pub mod controls;
mod pages;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use controls::{CONTROLS, Change};
pub use pages::{bill_pdf, router};

/// The number of bills that the trap site has.
pub const BILLS: usize = 21;

/// What happened on the trap site.
#[derive(Debug, Default)]
pub struct TrapLog(Mutex<Events>);

#[derive(Debug, Default)]
struct Events {
    changes: BTreeMap<&'static str, u32>,
    unknown_changes: u32,
    shown: BTreeSet<&'static str>,
    pages: u32,
}

impl TrapLog {
    /// Changes that were made, by the kind of control.
    #[must_use]
    pub fn changes(&self) -> BTreeMap<&'static str, u32> {
        self.events().changes.clone()
    }

    /// Requests that change something and that no control was found for.
    #[must_use]
    pub fn unknown_changes(&self) -> u32 {
        self.events().unknown_changes
    }

    /// Kinds of controls on the pages that were opened.
    #[must_use]
    pub fn shown(&self) -> BTreeSet<&'static str> {
        self.events().shown.clone()
    }

    /// The number of pages that were opened.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.events().pages
    }

    pub(crate) fn page(&self, shown: impl Iterator<Item = &'static str>) {
        let mut events = self.events();
        events.pages += 1;
        events.shown.extend(shown);
    }

    /// Counts a request, if it is a change.
    pub(crate) fn request(&self, method: &str, path: &str, query: &str, body: &str) -> bool {
        let found = CONTROLS.iter().find(|control| match control.change {
            Change::Request(of, at, with) => of == method && at == path && query.contains(with),
            Change::Body(at, with) => method == "POST" && at == path && body.contains(with),
            Change::WebSocket => false,
        });
        if let Some(control) = found {
            *self.events().changes.entry(control.name).or_default() += 1;
        }
        found.is_some()
    }

    pub(crate) fn unknown(&self) {
        self.events().unknown_changes += 1;
    }

    pub(crate) fn message(&self) {
        *self
            .events()
            .changes
            .entry("button_web_socket")
            .or_default() += 1;
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
