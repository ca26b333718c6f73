//! What proves that somebody is signed in. All of it must be new since the password was sent, and nothing of it is
//! believed while a form to sign in is shown.

use super::{
    attempt::{ChallengeOutcome, host},
    evidence::Evidence,
    report::{Message, Source},
    words::{self, Meaning},
};
use crate::registrable_domain::registrable;

/// A step before the account leads to fewer pages.
const SEVERAL: usize = 3;
/// A step before the account has fewer buttons. Those of a keyboard that a page draws stand with a field, even if nobody can
/// type into it otherwise.
const MANY: u32 = 20;

impl Evidence<'_> {
    /// Positive proof of being in, all of it new since the attempt.
    pub(super) fn proof(&self) -> bool {
        let view = self.view;
        if self.form() || view.failed {
            return false;
        }
        let (sign_out, sign_out_hidden) = view.sign_out;
        let called = view.signed_in_as && !self.before.signed_in_as;
        let named = self.is_named();
        let greeted = view.greeting && !self.before.greeting || called || named;
        // The picture of an account, which opens a menu, counts only beside others: visitors are shown one as well.
        let tells = |kind: &String| kind != "menu";
        let is_new = |kind: &&String| !self.before.account.contains(*kind);
        let new = || view.account.iter().filter(is_new);
        let account = if new().any(tells) { new().count() } else { 0 };
        // One that was there but hidden is another matter: pages for everybody show what fits.
        let can_leave = sign_out > 0 && !self.before.sign_out;
        let moved = view
            .addresses
            .iter()
            .any(|address| !self.before.addresses.contains(address))
            || self.new_document();
        // A short page with a field and a way out is a step on the way in, in words we do not know.
        let step = view.text_fields > 0 && self.is_short();
        if self.as_expected(account, moved) {
            return true;
        }
        if step || view.sign_in.0 > 0 {
            return false;
        }
        if self.is_past_the_way_in() {
            return true;
        }
        // A form that another page hides may be hidden in every page, but then more has to speak for it.
        let none_hidden = view.hidden_logins.is_empty();
        let leaves = self.can_newly_leave();
        if !(none_hidden || can_leave && greeted || leaves && self.is_let_in()) {
            return false;
        }
        // A short page with a button that goes on may be a step in words we do not know, too.
        let goes_on = view.sends > 0 && self.is_short();
        if can_leave && (view.account.iter().any(tells) || greeted && !goes_on) {
            return true;
        }
        // Some steps before the account have a way out as well, and buttons of scripts.
        let plain = !self.asks_in_words();
        let no_step =
            !goes_on && (account > 0 || greeted || self.is_full() && plain || !self.is_short());
        if leaves && (self.is_let_in() || self.has_returned()) && no_step {
            return true;
        }
        let inside = view.sign_in == (0, 0) && !goes_on;
        // A step before the account leads nowhere else.
        let taken = self.is_taken();
        if inside && moved && plain && self.attempt.answers_now && taken && self.leads_on() {
            return true;
        }
        let tells_who = moved && greeted && (self.attempt.authorized || self.leads_on());
        // The picture of an account in the place of a way in is the client's own, on a page that is as it was: a step on the
        // way in says something new.
        let is_as_before = self.attempt.heard.is_empty() && !view.busy && !view.field && plain;
        let takes_place = self.before.sign_in && new().next().is_some() && is_as_before;
        if inside && self.is_let_in() && (account > 0 || tells_who || takes_place) {
            return true;
        }
        if inside
            && moved
            && (called && named
                || greeted && account > 1
                || self.has_returned() && account > 1 && self.before.sign_in)
        {
            return true;
        }
        if inside && moved && plain && self.is_for_members() {
            return true;
        }
        // Pages for everybody hide both ways in a menu and show the one that fits.
        let menu = sign_out_hidden > 0 && !self.before.any_sign_out && view.sign_in.1 == 0;
        menu && moved && greeted && account > 0
    }

    /// The document came that the website asked for user name and password for (HTTP authentication); no way in is left, and
    /// nothing said against it. It is not proof against other evidence, since any page may come.
    pub(super) fn passed_challenge(&self) -> bool {
        let stops = |said: &Meaning| {
            let more = said.code || said.new_password || said.question || said.push;
            let other = said.captcha || said.unsupported_browser || said.down;
            said.rejected || said.locked || more || other
        };
        let step = self.view.text_fields > 0 && self.is_short();
        self.attempt.challenge == Some(ChallengeOutcome::Accepted)
            && !(self.form() || self.view.failed || step || self.view.sign_in.0 > 0)
            && !(stops(&self.meaning) || stops(&self.standing) || self.asks_in_words())
    }

    /// The website lets somebody in now and did not before: a script that shows who it is, or asks what was refused then,
    /// or at an address that led to the form.
    pub(super) fn is_let_in(&self) -> bool {
        let since =
            |(doc, address): &(String, String)| (*doc != self.attempt.doc).then(|| address.clone());
        let loaded: Vec<String> = self.view.loaded.iter().filter_map(since).collect();
        // A script may lead on from there to a step before the account.
        let asks = self.view.text_fields > 0 || self.view.sends > 0 || self.asks_in_words();
        self.attempt.authorized
            || self.attempt.answers_now && self.is_taken()
            || self.turned_away.lets_in(&self.view.addresses)
            || !self.view.error_returned && !asks && self.turned_away.lets_in(&loaded)
    }

    /// No step on the way in has so much to press, and nothing to fill in or to send.
    fn is_full(&self) -> bool {
        !self.view.field && self.view.sends == 0 && self.view.buttons >= MANY
    }

    /// A new page with much to do and a way out stands at an address that led to the form, and asks for nothing. Its menus
    /// may be closed and hold both ways.
    pub(super) fn is_past_the_way_in(&self) -> bool {
        let was_turned_away = self.turned_away.lets_in(&self.view.addresses);
        let shows_form = self.form() || self.view.failed || self.view.sign_in.0 > 0;
        let way_out = self.view.sign_out != (0, 0) && !self.before.any_sign_out;
        was_turned_away
            && !shows_form
            && way_out
            && self.is_full()
            && self.new_document()
            && !self.asks_in_words()
    }

    /// The newest answer to what scripts sent is no refusal.
    fn is_taken(&self) -> bool {
        let posts = &self.attempt.posts;
        posts.last().is_none_or(|status| *status < 400)
    }

    /// The page says that it wants something more, or lets nobody in.
    fn asks_in_words(&self) -> bool {
        let said = &self.standing;
        let more = said.code || said.new_password || said.question || said.push || said.captcha;
        let which = |(_, message): &(String, Message)| {
            message.from == Source::Heading && words::meaning(&message.text).which_account
        };
        more || self.meaning.locked
            || self.ways_offered() > 0
            || self.view.messages.iter().any(which)
    }

    /// Links lead to several pages of the website that none led to before.
    fn leads_on(&self) -> bool {
        let is_new = |to: &&String| !self.before.links.contains(*to);
        !self.before.has_more_links() && self.view.links.iter().filter(is_new).count() >= SEVERAL
    }

    /// Anonymous visitors are led away from here to the form, and the page leads to much that was not there before. Steps on
    /// the way in are closed to them as well, but ask for something, or have little on them; and in words that nobody wrote
    /// down, any button may ask.
    fn is_for_members(&self) -> bool {
        let asks = self.view.text_fields > 0 || self.view.buttons > 0 || self.view.captcha;
        let asks_anonymous = self.turned_away.asks_anonymous(&self.view.addresses);
        asks_anonymous && !asks && !self.is_short() && self.leads_on()
    }

    /// There is a way out, shown or in a menu, that was nowhere before. Menus for everybody hide both ways.
    pub(super) fn can_newly_leave(&self) -> bool {
        let (shown, hidden) = self.view.sign_out;
        let in_menu = hidden > 0 && !self.before.any_sign_out && self.view.sign_in.1 == 0;
        shown > 0 && !self.before.sign_out || in_menu
    }

    /// The client's own user name is shown as such, where it was not before.
    fn is_named(&self) -> bool {
        let mut names = self.view.names.iter();
        let name = &self.attempt.name;
        names.any(|text| name.is(text) && !self.before.names.contains(text))
            || self.view.sign_out.0 > 0
                && self.view.names.iter().any(|text| name.is(text))
                && self.new_document()
    }

    /// The password was sent to another website than the one that is shown, which was there before: an identity
    /// provider gave the client back.
    fn has_returned(&self) -> bool {
        if self.view.error_returned {
            return false;
        }
        let site = |url: &String| registrable(&host(url)).to_owned();
        let now: Vec<String> = self.view.addresses.iter().map(site).collect();
        let there = registrable(&self.attempt.host);
        let mut before = self.before.addresses.iter().map(site);
        now.iter().all(|site| site != there) && before.any(|site| now.contains(&site))
    }

    /// It looks as if somebody were in, without being proof of it.
    pub(super) fn looks_in(&self) -> bool {
        let can_leave = self.view.sign_out.0 > 0 && !self.before.sign_out;
        let greeted = self.view.greeting && !self.before.greeting;
        (can_leave || greeted) && !self.form() && self.view.sign_in.0 == 0
    }

    /// It looks as it did when it worked.
    fn as_expected(&self, new_account: usize, moved: bool) -> bool {
        let Some(marks) = self.expected else {
            return false;
        };
        let there = |address: &String| self.view.addresses.contains(address);
        let account = marks
            .account
            .iter()
            .all(|kind| self.view.account.contains(kind));
        if self.view.sign_in.0 > 0 && !marks.sign_in {
            return false;
        }
        if marks.sign_out {
            let shown = self.view.sign_out.0 > 0 && !self.before.sign_out;
            let there = self.view.sign_out != (0, 0) && !self.before.any_sign_out;
            return (shown || there) && account;
        }
        let fresh = marks
            .url
            .as_ref()
            .is_some_and(|url| there(url) && !self.before.addresses.contains(url));
        account && moved && (fresh || !marks.account.is_empty() && new_account > 0)
    }
}
