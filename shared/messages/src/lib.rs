//! Every sentence that a client reads. The edge's pages and the origin's mails take them from here; both speak codes
//! to each other, which [`codes`] turns into sentences.
//!
//! The texts stand in Fluent files, one a locale (`locales/*.ftl`), and are compiled into functions of [`Locale`] by
//! `build/`: a Fluent bundle that parses them at run time would cost every isolate of the edge its start and some
//! 100 KB, and would find out about a missing message only when a client is to read it. Here that does not compile.
//!
//! Functions of messages with variables answer something to be displayed. Nothing is escaped: templates do that.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

pub mod codes;
mod days;
pub mod negotiate;
mod plural;

use intl_pluralrules::PluralCategory;

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// Every locale names every country: what lacks one does not compile.
#[expect(clippy::indexing_slicing, reason = "evaluated when this is compiled")]
const _: () = {
    let mut locale = 0;
    while locale < Locale::ALL.len() {
        assert!(
            names_every_country(Locale::ALL[locale].countries()),
            "a locale lacks a country, or has one twice"
        );
        locale += 1;
    }
};

#[expect(clippy::indexing_slicing, reason = "evaluated when this is compiled")]
const fn names_every_country(names: &[(&str, &str)]) -> bool {
    let codes = shared::country::CODES;
    let mut at = 0;
    while at < codes.len() {
        let code = codes[at].as_bytes();
        let (mut named, mut name) = (0, 0);
        while name < names.len() {
            let known = names[name].0.as_bytes();
            if known[0] == code[0] && known[1] == code[1] {
                named += 1;
            }
            name += 1;
        }
        if named != 1 {
            return false;
        }
        at += 1;
    }
    names.len() == codes.len()
}
