//! Where a page begins for who uses the keyboard or hears it.

use shared::wire::{ProviderView, StepView};

use super::{every_page, html, provider, readable, view};
use crate::pages::{ProviderPage, Shell};

#[test]
fn a_page_that_answers_begins_at_its_heading_or_at_what_is_wrong() {
    let [shell, _] = Shell::samples();
    for reply in every_page(&shell) {
        let html = html(&reply);
        // These answer nothing: a link was opened.
        let is_first = html.contains("<form method=\"post\" novalidate>")
            && html.contains("No new account")
            || html.contains("Reconnect your utility account</h1>");
        let begins = html.matches(" autofocus").count();
        assert!(begins == 1 || (is_first && begins == 0), "{begins}: {html}");
        if html.contains("<div class=\"box bad\" role=\"alert\" tabindex=\"-1\"") {
            assert!(html.contains("<h1 tabindex=\"-1\">") || is_first, "{html}");
        }
    }
}

#[test]
fn an_address_out_of_reach_is_kept_and_what_may_be_wrong_with_it_is_said() {
    let [shell, _] = Shell::samples();
    for (url, hint) in [
        ("https://localhost:7400/", true),
        ("http://localhost:7400/", false),
    ] {
        let back = ProviderView {
            url: url.into(),
            problems: Default::default(),
            unreachable: true,
        };
        let flow = view(StepView::Provider(provider()));
        let page = ProviderPage::of_flow(&shell, &flow, &back);
        assert!(page.has_problems());
        let reply = page.reply(422);
        let html = html(&reply);
        assert!(html.contains(&format!("value=\"{url}\"")), "{html}");
        let said = readable(html);
        assert!(
            said.contains(&format!("cannot be reached at “{url}”")),
            "{said}"
        );
        assert_eq!(
            said.contains("enter it in full: “http://localhost:7400/”"),
            hint
        );
    }
}
