//! The isolate's cache of brands: decoded once, looked up again when they may have changed.

use std::{collections::HashMap, rc::Rc};

use shared::{id::PublicCompanyId, time::UnixMillis};

use crate::brand_style::BrandStyle;

/// How long a brand is current, in milliseconds.
const FRESH_MS: i64 = 60_000;
/// How long a brand may still be shown while it is looked up again, in milliseconds.
const STALE_MS: i64 = 3_600_000;
/// How long "the origin could not be asked" is remembered, in milliseconds, so that the next visitor
/// does not wait for it again.
const UNKNOWN_MS: i64 = 5_000;
/// How many companies are remembered; a brand takes about 70 KB at most.
const CAPACITY: usize = 256;

/// The brands that this isolate knows, by public company id.
#[derive(Default)]
pub struct BrandCache(HashMap<PublicCompanyId, Entry>);

struct Entry {
    brand: Option<Rc<BrandStyle>>,
    at: UnixMillis,
    fresh_for: i64,
}

/// What the cache knows about a company. The inner `None` means that the company has no brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// The brand is current and can be shown.
    Fresh(Option<Rc<BrandStyle>>),
    /// It may be shown, but the caller must look it up again.
    Stale(Option<Rc<BrandStyle>>),
    /// The cache has no entry for this company, or one that is too old to be shown.
    Miss,
}

impl BrandCache {
    /// What is known about a company's brand. Of several visitors that find it stale, only the
    /// first is told so: that one looks it up again.
    pub fn find(&mut self, company: &PublicCompanyId, now: UnixMillis) -> Lookup {
        let Some(entry) = self.0.get_mut(company) else {
            return Lookup::Miss;
        };
        let age = now.since(entry.at);
        if age < entry.fresh_for {
            return Lookup::Fresh(entry.brand.clone());
        }
        if age >= STALE_MS || entry.brand.is_none() {
            return Lookup::Miss;
        }
        entry.fresh_for = age.saturating_add(UNKNOWN_MS);
        Lookup::Stale(entry.brand.clone())
    }

    /// Remembers the result of a look-up.
    pub fn keep(
        &mut self,
        company: PublicCompanyId,
        brand: Option<Rc<BrandStyle>>,
        now: UnixMillis,
    ) {
        self.insert(company, brand, now, FRESH_MS);
    }

    /// Remembers for a moment that the look-up failed. A brand that may still be shown stays.
    pub fn keep_unknown(&mut self, company: PublicCompanyId, now: UnixMillis) {
        if self
            .0
            .get(&company)
            .is_none_or(|entry| entry.brand.is_none() || now.since(entry.at) >= STALE_MS)
        {
            self.insert(company, None, now, UNKNOWN_MS);
        }
    }

    fn insert(
        &mut self,
        company: PublicCompanyId,
        brand: Option<Rc<BrandStyle>>,
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
                brand,
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

    fn brand() -> Option<Rc<BrandStyle>> {
        Some(Rc::new(BrandStyle::sample()))
    }

    #[test]
    fn a_brand_is_fresh_then_stale_for_one_visitor_then_forgotten() {
        let mut cache = BrandCache::default();
        assert_eq!(cache.find(&company(1), NOW), Lookup::Miss);
        cache.keep(company(1), brand(), NOW);
        assert_eq!(
            cache.find(&company(1), NOW.plus(FRESH_MS - 1)),
            Lookup::Fresh(brand())
        );
        assert_eq!(
            cache.find(&company(1), NOW.plus(FRESH_MS)),
            Lookup::Stale(brand())
        );
        assert_eq!(
            cache.find(&company(1), NOW.plus(FRESH_MS + 1)),
            Lookup::Fresh(brand())
        );
        assert_eq!(
            cache.find(&company(1), NOW.plus(FRESH_MS + UNKNOWN_MS)),
            Lookup::Stale(brand())
        );
        assert_eq!(cache.find(&company(1), NOW.plus(STALE_MS)), Lookup::Miss);
    }

    #[test]
    fn the_absence_of_a_brand_is_never_stale() {
        let mut cache = BrandCache::default();
        cache.keep(company(1), None, NOW);
        assert_eq!(cache.find(&company(1), NOW.plus(1)), Lookup::Fresh(None));
        assert_eq!(cache.find(&company(1), NOW.plus(FRESH_MS)), Lookup::Miss);
        cache.keep_unknown(company(2), NOW);
        assert_eq!(
            cache.find(&company(2), NOW.plus(UNKNOWN_MS - 1)),
            Lookup::Fresh(None)
        );
        assert_eq!(cache.find(&company(2), NOW.plus(UNKNOWN_MS)), Lookup::Miss);
    }

    #[test]
    fn a_known_brand_outlives_an_origin_that_cannot_be_asked() {
        let mut cache = BrandCache::default();
        cache.keep(company(1), brand(), NOW);
        assert_eq!(
            cache.find(&company(1), NOW.plus(FRESH_MS)),
            Lookup::Stale(brand())
        );
        cache.keep_unknown(company(1), NOW.plus(FRESH_MS));
        assert_eq!(
            cache.find(&company(1), NOW.plus(FRESH_MS)),
            Lookup::Fresh(brand())
        );
    }

    #[test]
    fn the_cache_evicts_the_oldest_company_when_full() {
        let mut cache = BrandCache::default();
        for number in 0..1000 {
            cache.keep(company(number), None, NOW.plus(i64::from(number)));
        }
        assert_eq!(cache.0.len(), CAPACITY);
        assert_eq!(
            cache.find(&company(999), NOW.plus(999)),
            Lookup::Fresh(None)
        );
        assert_eq!(cache.find(&company(0), NOW.plus(999)), Lookup::Miss);
    }

    #[test]
    fn a_brand_too_old_to_show_is_not_asked_for_by_every_visitor() {
        let mut cache = BrandCache::default();
        cache.keep(company(1), brand(), NOW);
        let late = NOW.plus(STALE_MS);
        assert_eq!(cache.find(&company(1), late), Lookup::Miss);
        cache.keep_unknown(company(1), late);
        assert!(matches!(
            cache.find(&company(1), late.plus(1)),
            Lookup::Fresh(None)
        ));
    }
}
