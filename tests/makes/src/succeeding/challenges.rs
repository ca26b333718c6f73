//! The browser itself is asked for user name and password (HTTP authentication), and the website takes them.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::DASHBOARD,
    site::{PASSWORD, USERNAME, page, redirect, text},
};

const RIGHT: &[Do] = &[Do::Authenticate(USERNAME, PASSWORD)];

makes! {
    whole_website(request) {
        if request.basic() { page(DASHBOARD) } else { page("<h1>401 Authorization Required</h1>").challenge("Basic realm=meters") }
    }, RIGHT => Ends::In;

    bare_list_without_any_words_of_an_account(request) {
        if request.basic() { page("<h1>Index of /</h1><pre><a href=../>../</a>\n<a href=2026-01.pdf>2026-01.pdf</a>  03-Feb-2026 10:12  81K</pre>") } else { page("").challenge("Basic realm=\"\"") }
    }, RIGHT => Ends::In;

    plain_text(request) {
        if request.basic() { text("meter 4711: 2231 kWh") } else { text("no").challenge("Basic realm=x") }
    }, RIGHT => Ends::In;

    account_behind_a_front_page(request) {
        match request.path.as_str() {
            "/account" if request.basic() => page(DASHBOARD),
            "/account" => page("<h1>Unauthorized</h1>").challenge("Basic realm=\"My account\", charset=\"UTF-8\""),
            _ => page("<h1>Riverside Water</h1><p>Water for the valley.</p><a id=account href=/account>My account</a>"),
        }
    }, &[Do::Click("#account"), Do::Authenticate(USERNAME, PASSWORD)] => Ends::In;

    leads_on_to_a_session(request) {
        match request.path.as_str() {
            "/home" if request.has_cookie("in") => page("<h1>Readings</h1><table><tr><td>January<td>231 kWh</table>"),
            _ if request.basic() => redirect("/home").cookie("in=1"),
            _ => page("<h1>Unauthorized</h1>").challenge("Basic realm=a"),
        }
    }, RIGHT => Ends::In;

    right_after_a_wrong_password(request) {
        if request.basic() { page(DASHBOARD) } else { page("<h1>Wrong</h1>").challenge("Basic realm=a") }
    }, &[Do::Authenticate(USERNAME, "wrong 1"), Do::Refused, Do::Authenticate(USERNAME, PASSWORD)] => Ends::In;

    slow_answer(request) {
        if request.basic() { page(DASHBOARD).after(5_000) } else { page("").challenge("Basic realm=a") }
    }, RIGHT => Ends::In;

    digest(request) {
        let is_right = request.authorization.starts_with("Digest ") && request.authorization.contains(&format!("username=\"{USERNAME}\""));
        if is_right { page(DASHBOARD) } else { page("").challenge("Digest realm=\"a\", nonce=\"dcd98b7102dd\", qop=\"auth\"") }
    }, RIGHT => Ends::In;
}
