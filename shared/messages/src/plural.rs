use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
use unic_langid::LanguageIdentifier;

use crate::Locale;

impl Locale {
    /// The plural category of a number in this language (CLDR, cardinal).
    pub(crate) fn plural(self, number: u64) -> PluralCategory {
        let category = || {
            let id: LanguageIdentifier = self.tag().parse().ok()?;
            let rules = PluralRules::create(id, PluralRuleType::CARDINAL).ok()?;
            rules.select(number).ok()
        };
        category().unwrap_or(PluralCategory::OTHER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_locale_has_plural_rules() {
        for locale in Locale::ALL {
            let id: LanguageIdentifier = locale.tag().parse().expect("a tag");
            assert!(
                PluralRules::create(id, PluralRuleType::CARDINAL).is_ok(),
                "{locale:?}"
            );
        }
    }

    #[test]
    fn one_minute_is_singular_and_several_are_plural() {
        assert_eq!(
            Locale::En.page_waits(1).to_string(),
            "This page waits one minute for you."
        );
        assert_eq!(
            Locale::En.page_waits(30).to_string(),
            "This page waits 30 minutes for you."
        );
        assert_eq!(
            Locale::En.window_limits(1, 2).to_string(),
            "The window closes when you do nothing for one minute, and after 2 minutes in all."
        );
    }
}
