//! The isolate's memory of brands: decoded once, looked up again when they may have changed.

use std::{collections::HashMap, rc::Rc};

use shared::{id::PublicCompanyId, time::UnixMillis};

use crate::brand::Wear;

/// How long a brand is taken for current, in milliseconds.
const FRESH: i64 = 60_000;
/// How long it may still be shown while it is looked up again.
const STALE: i64 = 3_600_000;
/// How long "could not be asked" is believed: the next visitor should not wait for it again.
const UNKNOWN: i64 = 5_000;
/// Companies remembered; a brand is at most about 70 KB.
const CAPACITY: usize = 256;

/// Brands by company.
#[derive(Default)]
pub struct Memory(HashMap<PublicCompanyId, Entry>);

struct Entry {
    wear: Option<Rc<Wear>>,
    at: UnixMillis,
    fresh_for: i64,
}

/// What the memory knows. `None` inside: the company has no brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Current.
    Fresh(Option<Rc<Wear>>),
    /// Good enough to show, but should be looked up again.
    Stale(Option<Rc<Wear>>),
    /// Nothing.
    Nothing,
}

impl Memory {
    /// What is known about a company's brand. Of several visitors that find it stale, only the
    /// first is told so: that one looks it up again.
    pub fn find(&mut self, company: &PublicCompanyId, now: UnixMillis) -> Found {
        let Some(entry) = self.0.get_mut(company) else {
            return Found::Nothing;
        };
        let age = now.since(entry.at);
        if age < entry.fresh_for {
            return Found::Fresh(entry.wear.clone());
        }
        if age >= STALE || entry.wear.is_none() {
            return Found::Nothing;
        }
        entry.fresh_for = age.saturating_add(UNKNOWN);
        Found::Stale(entry.wear.clone())
    }

    /// Remembers what was found out.
    pub fn keep(&mut self, company: PublicCompanyId, wear: Option<Rc<Wear>>, now: UnixMillis) {
        self.insert(company, wear, now, FRESH);
    }

    /// Remembers for a moment that nothing could be found out. A brand known before stays.
    pub fn keep_unknown(&mut self, company: PublicCompanyId, now: UnixMillis) {
        if self
            .0
            .get(&company)
            .is_none_or(|entry| entry.wear.is_none())
        {
            self.insert(company, None, now, UNKNOWN);
        }
    }

    fn insert(
        &mut self,
        company: PublicCompanyId,
        wear: Option<Rc<Wear>>,
        at: UnixMillis,
        fresh_for: i64,
    ) {
        if self.0.len() >= CAPACITY && !self.0.contains_key(&company) {
            let oldest = self.0.iter().min_by_key(|(_, entry)| entry.at);
            if let Some(oldest) = oldest.map(|(company, _)| *company) {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(
            company,
            Entry {
                wear,
                at,
                fresh_for,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn company(number: u16) -> PublicCompanyId {
        let [a, b] = number.to_be_bytes();
        PublicCompanyId::from_bytes([a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    fn wear() -> Option<Rc<Wear>> {
        Some(Rc::new(Wear::sample()))
    }

    #[test]
    fn fresh_then_stale_once_then_gone() {
        let mut memory = Memory::default();
        assert_eq!(memory.find(&company(1), NOW), Found::Nothing);
        memory.keep(company(1), wear(), NOW);
        assert_eq!(
            memory.find(&company(1), NOW.plus(FRESH - 1)),
            Found::Fresh(wear())
        );
        assert_eq!(
            memory.find(&company(1), NOW.plus(FRESH)),
            Found::Stale(wear())
        );
        assert_eq!(
            memory.find(&company(1), NOW.plus(FRESH + 1)),
            Found::Fresh(wear())
        );
        assert_eq!(
            memory.find(&company(1), NOW.plus(FRESH + UNKNOWN)),
            Found::Stale(wear())
        );
        assert_eq!(memory.find(&company(1), NOW.plus(STALE)), Found::Nothing);
    }

    #[test]
    fn no_brand_is_never_shown_stale() {
        let mut memory = Memory::default();
        memory.keep(company(1), None, NOW);
        assert_eq!(memory.find(&company(1), NOW.plus(1)), Found::Fresh(None));
        assert_eq!(memory.find(&company(1), NOW.plus(FRESH)), Found::Nothing);
        memory.keep_unknown(company(2), NOW);
        assert_eq!(
            memory.find(&company(2), NOW.plus(UNKNOWN - 1)),
            Found::Fresh(None)
        );
        assert_eq!(memory.find(&company(2), NOW.plus(UNKNOWN)), Found::Nothing);
    }

    #[test]
    fn a_known_brand_outlives_an_origin_that_cannot_be_asked() {
        let mut memory = Memory::default();
        memory.keep(company(1), wear(), NOW);
        assert_eq!(
            memory.find(&company(1), NOW.plus(FRESH)),
            Found::Stale(wear())
        );
        memory.keep_unknown(company(1), NOW.plus(FRESH));
        assert_eq!(
            memory.find(&company(1), NOW.plus(FRESH)),
            Found::Fresh(wear())
        );
    }

    #[test]
    fn bounded() {
        let mut memory = Memory::default();
        for number in 0..1000 {
            memory.keep(company(number), None, NOW.plus(i64::from(number)));
        }
        assert_eq!(memory.0.len(), CAPACITY);
        assert_eq!(
            memory.find(&company(999), NOW.plus(999)),
            Found::Fresh(None)
        );
        assert_eq!(memory.find(&company(0), NOW.plus(999)), Found::Nothing);
    }
}
