//! The browser itself is asked for user name and password (HTTP authentication), and that lets nobody in.

use crate::{
    Channel, Ends,
    hand::Do,
    makes,
    site::{PASSWORD, USERNAME, page, redirect, text},
};

const WRONG: &[Do] = &[Do::Authenticate(USERNAME, "wrong 1")];
const RIGHT: &[Do] = &[Do::Authenticate(USERNAME, PASSWORD)];

makes! {
    asked_again(request) {
        let words = if request.authorization.is_empty() { "Please sign in." } else { "That is wrong." };
        page(words).challenge("Basic realm=a")
    }, WRONG => Ends::Rejected("");

    asked_again_by_a_digest(request) {
        page(request.authorization.clone()).challenge("Digest realm=\"a\", nonce=\"dcd98b7102dd\", qop=\"auth\"")
    }, WRONG => Ends::Rejected("");

    unauthorized_without_asking_again(request) {
        let page = page("<h1>401 Unauthorized</h1>");
        if request.authorization.is_empty() { page.challenge("Basic realm=a") } else { page.status(401) }
    }, WRONG => Ends::Rejected("");

    refused_in_words_alone(request) {
        if request.authorization.is_empty() { page("").challenge("Basic realm=a") } else { page("<p role=alert>Invalid user name or password.</p>") }
    }, WRONG => Ends::Rejected("Invalid");

    forbidden(request) {
        if request.basic() { page("<h1>403</h1><p>There is nothing here for this account.</p>").status(403) } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::Unproven;

    not_found(request) {
        if request.basic() { text("404 page not found").status(404) } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::Unproven;

    down(request) {
        if request.basic() { page("<h1>503 Service Unavailable</h1>").status(503) } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::Down;

    locked(request) {
        if request.authorization.is_empty() { page("").challenge("Basic realm=a") } else { page("<h1>Account locked</h1><p>Too many failed attempts. Your account is locked for 15 minutes.</p>").status(403) }
    }, WRONG => Ends::Locked;

    locked_in_words_alone(request) {
        if request.basic() { page("<h1>Riverside Water</h1><p>Your account has been locked. Please call us.</p>") } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::Locked;

    maintenance_in_words_alone(request) {
        if request.basic() { page("<h1>Maintenance</h1><p>We are currently down for maintenance. Please come back later.</p>") } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::Down;

    code_is_needed_as_well(request) {
        if request.basic() { page("<h1>Verification</h1><p>We sent a text message to ***4711.</p><form method=post action=/check><label>Code <input name=otp autocomplete=one-time-code></label><button>Verify</button></form>") } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    led_to_another_website(request) {
        if request.at_other_host() { return page("<h1>Bright Energy</h1><p>Power for everybody.</p>"); }
        if request.basic() { redirect(&request.there("/")) } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::Unproven;

    only_for_an_account_of_windows(_request) {
        page("<h1>401 - Unauthorized</h1><p>Access is denied.</p>").challenge("NTLM")
    }, &[Do::See("h1")] => Ends::UnsupportedBrowser;
}
