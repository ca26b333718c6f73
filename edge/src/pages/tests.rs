use shared::{
    code_page::CodeView,
    id::{FlowRef, PublicCompanyId, SiteId},
    proof::{FoundAccount, FoundAccounts, Proof},
    provider::InvalidProviderUrl,
    status::{
        CodeRequestStatus, ConnectionStatus, CountryProblem, ErrorCode, Phase, SitesProblem, Step,
        UtilityType, UtilityTypesProblem,
    },
    time::UnixMillis,
    wire::{
        FlowView, ProviderProblems, ProviderView, RedirectView, RepairView, SeenAccounts,
        SignInView, SiteChoice, SitesProblems, SitesView, StepView,
    },
};

use super::{live_window::LiveWindow, *};
use crate::reply::Body;

#[path = "done_tests.rs"]
mod done_tests;
#[path = "entry_tests.rs"]
mod entry_tests;
#[path = "forwarding_tests.rs"]
mod forwarding_tests;
#[path = "heading_tests.rs"]
mod heading_tests;
#[path = "repair_tests.rs"]
mod repair_tests;

use done_tests::{done, done_page, proofs};
use entry_tests::entries;
use forwarding_tests::forwardings;

const EVIL: &str = "<script>alert(\"1\")</script>'&";

fn sign_in(live: bool, error_code: Option<ErrorCode>) -> SignInView {
    SignInView {
        phase: Phase::AwaitingInput,
        live,
        manual: false,
        entry: None,
        handed_over: false,
        not_sent: false,
        ask_signed_in: true,
        site_message: Some(EVIL.into()),
        error_code,
    }
}

fn sites() -> SitesView {
    let site = |byte, address: Option<&str>, selected| SiteChoice {
        id: SiteId::from_bytes([byte; 16]),
        name: EVIL.into(),
        address: address.map(str::to_owned),
        selected,
    };
    SitesView {
        sites: vec![site(1, Some(EVIL), true), site(2, None, false)],
        utility_types: vec![UtilityType::Gas, UtilityType::HotWater],
        problems: SitesProblems {
            sites: Some(SitesProblem::NoneChosen),
            utility_types: Some(UtilityTypesProblem::NoneChosen),
        },
        connected_on: Some(UnixMillis(1_777_766_400_000)),
        seen: Some(SeenAccounts {
            goes_on: true,
            accounts: FoundAccounts {
                count: 3,
                shown: vec![FoundAccount {
                    utility_types: vec![UtilityType::Water],
                    ending: EVIL.into(),
                }],
            },
        }),
    }
}

fn provider() -> ProviderView {
    ProviderView {
        url: EVIL.into(),
        problems: ProviderProblems {
            url: Some(InvalidProviderUrl::NotAnAddress),
            country: Some(CountryProblem::Unknown),
        },
        unreachable: false,
    }
}

/// What a page shows: without tags and without what is hidden, which has no element in it but spans and pictures.
fn shown(html: &str) -> String {
    let mut text = String::new();
    let parts = html.split("<p ").flat_map(|part| part.split("<div "));
    let parts = parts.flat_map(|part| part.split("<li "));
    for part in parts.flat_map(|part| part.split("<span ")) {
        let (tag, rest) = part.split_once('>').unwrap_or((part, ""));
        if !tag.split(' ').any(|word| word == "hidden") {
            text.push_str(&readable(rest));
            text.push(' ');
        }
    }
    text
}

fn view(step: StepView) -> FlowView {
    FlowView {
        version: 7,
        flow_ref: FlowRef::from_bytes([3; 16]),
        public_company_id: PublicCompanyId::from_bytes([4; 16]),
        company_name: EVIL.into(),
        provider_host: EVIL.into(),
        country: match "US".parse() {
            Ok(country) => country,
            Err(error) => unreachable!("{error}"),
        },
        repair: None,
        redirect: Some(RedirectView {
            url: "https://portal.example/?status=CONNECTED&flowRef=x".into(),
            host: EVIL.into(),
        }),
        step,
    }
}

fn code_view(status: CodeRequestStatus) -> CodeView {
    let waits = status == CodeRequestStatus::Waiting;
    let entry = entries().into_iter().find_map(|sign_in| sign_in.entry);
    CodeView {
        request: FlowRef::from_bytes([6; 16]),
        provider_host: EVIL.into(),
        version: 4,
        status,
        entry: entry.filter(|_| waits),
        refused: Some(ErrorCode::CodeInvalid),
        hour: "17".parse().ok(),
    }
}

fn repair() -> RepairView {
    RepairView {
        status: ConnectionStatus::PasswordIncorrect,
        username: Some(EVIL.into()),
    }
}

/// Every page, from its sample.
fn every_page(shell: &Shell) -> Vec<Reply> {
    let mut replies: Vec<Reply> = Notice::ALL
        .iter()
        .map(|notice| notice.reply(200, shell))
        .collect();
    replies.extend(
        ProviderPage::samples(shell)
            .iter()
            .map(|page| page.reply(200)),
    );
    replies.push(RepairPage::new(shell, Some(EVIL)).reply(200));
    for status in CodeRequestStatus::ALL {
        let view = code_view(*status);
        replies.push(CodePage::new(shell, &view, "/p/code/x/y").reply());
    }
    replies.extend(UnsubscribePage::samples(shell).map(|page| page.reply()));
    let at_provider = view(StepView::Provider(provider()));
    replies.push(ProviderPage::of_flow(shell, &at_provider, &provider()).reply(200));
    for code in ErrorCode::ALL.iter().copied().map(Some).chain([None]) {
        for live in [true, false] {
            let sign_in = sign_in(live, code);
            let view = view(StepView::SignIn(sign_in.clone()));
            let page = SignInPage::new(shell, &view, &sign_in, "/p/connect/x/flow/y");
            replies.push(page.reply("https://own.example"));
            let repairing = FlowView {
                repair: Some(repair()),
                ..view
            };
            let page = SignInPage::new(shell, &repairing, &sign_in, "/p/connect/x/flow/y");
            replies.push(page.reply("https://own.example"));
        }
    }
    for sign_in in entries() {
        let view = view(StepView::SignIn(sign_in.clone()));
        replies.push(EntryPage::new(shell, &view, &sign_in, "/p/connect/x/flow/y").reply());
    }
    for forwarding in forwardings() {
        let page = ForwardingPage::new(shell, &at_provider, &forwarding, "/p/connect/x/flow/y");
        replies.push(page.reply("https://own.example"));
    }
    replies.extend(
        proofs()
            .into_iter()
            .map(|proof| done_page(shell, &done(proof))),
    );
    let view = view(StepView::Done(done(Proof::Waiting)));
    replies.push(SitesPage::new(shell, &view, &sites(), "/p/connect/x/flow/y").reply());
    let empty = SitesView {
        sites: vec![],
        utility_types: vec![],
        problems: SitesProblems::default(),
        connected_on: None,
        seen: None,
    };
    replies.push(SitesPage::new(shell, &view, &empty, "/p/connect/x/flow/y").reply());
    replies
}

fn html(reply: &Reply) -> &str {
    match &reply.body {
        Body::Page(html, _) => html,
        body => unreachable!("{body:?}"),
    }
}

#[test]
fn every_template_renders_whole_and_escaped() {
    for shell in Shell::samples() {
        for reply in every_page(&shell) {
            let html = html(&reply);
            assert!(
                html.starts_with("<!doctype html>\n<html lang=\"en\">"),
                "{html}"
            );
            assert!(html.ends_with("</html>"), "{html}");
            assert!(!html.contains("<script>"), "{html}");
            assert!(
                !html.contains(" style=") && !html.contains(" onclick="),
                "{html}"
            );
            assert_eq!(html.matches("<h1").count(), 1, "{html}");
            assert_eq!(html.matches("<main>").count(), 1, "{html}");
            let titles: Vec<&str> = html.split("<title>").skip(1).collect();
            assert_eq!(titles.len(), 1, "{html}");
            assert!(
                !titles.iter().any(|title| title.starts_with("</title>")),
                "{html}"
            );
            for opening in html
                .split("<script")
                .skip(1)
                .chain(html.split("<style").skip(1))
            {
                let tag = opening.split('>').next().unwrap_or_default();
                assert!(tag.contains("nonce=\"n0nce\""), "{tag}");
            }
        }
    }
}

#[test]
fn ids_and_labels_fit_together() {
    for shell in Shell::samples() {
        for reply in every_page(&shell) {
            let html = html(&reply);
            let values = |name: &str| -> Vec<String> {
                let start = format!(" {name}=\"");
                let parts = html.split(start.as_str()).skip(1);
                parts
                    .filter_map(|part| part.split('"').next().map(str::to_owned))
                    .collect()
            };
            let ids = values("id");
            for id in &ids {
                assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{id}");
            }
            let described = values("aria-describedby");
            let described = described
                .iter()
                .flat_map(|list| list.split(' '))
                .map(str::to_owned);
            let anchors = values("href")
                .into_iter()
                .filter_map(|href| href.strip_prefix('#').map(str::to_owned));
            for wanted in values("for").into_iter().chain(described).chain(anchors) {
                assert!(ids.contains(&wanted), "nothing has the id {wanted}: {html}");
            }
        }
    }
}

#[test]
fn a_flow_that_may_have_connected_something_is_not_told_that_nothing_was_saved() {
    let [shell, _] = Shell::samples();
    for notice in Notice::ALL {
        let reply = notice.reply(200, &shell);
        let always = html(&reply).replace("Otherwise nothing was saved", "");
        assert!(
            !always.to_lowercase().contains("nothing was saved"),
            "{always}"
        );
    }
}

#[test]
fn a_page_may_run_the_script_that_it_has_and_no_other() {
    let [shell, _] = Shell::samples();
    let socket = Some(Script::OwnOriginAndSocket("wss://own.example".into()));
    for reply in every_page(&shell) {
        let Body::Page(html, policy) = &reply.body else {
            unreachable!("a page")
        };
        let is_live = html.contains("id=\"live\"");
        let expected = if is_live && html.contains("/entry.js\"") {
            assert_eq!(policy.script, socket);
            2
        } else if html.contains("/done.js\"")
            || html.contains("/entry.js\"")
            || html.contains("/sites.js\"")
        {
            assert_eq!(policy.script, Some(Script::OwnOrigin));
            1
        } else if is_live {
            assert_eq!(policy.script, socket);
            1
        } else {
            0
        };
        assert_eq!(html.matches("<script").count(), expected, "{html}");
    }
}

#[test]
fn what_was_not_sent_is_said_above_the_website() {
    let [shell, _] = Shell::samples();
    let mut sign_in = sign_in(true, None);
    for not_sent in [false, true] {
        sign_in.not_sent = not_sent;
        let view = view(StepView::SignIn(sign_in.clone()));
        let page = SignInPage::new(&shell, &view, &sign_in, "/p/connect/x/flow/y");
        let reply = page.reply("https://own.example");
        let said = html(&reply).contains(shell.text.entry_stopped_text());
        assert_eq!(said, not_sent);
    }
}

#[test]
fn what_cannot_be_opened_again_is_not_offered_to_be() {
    let [shell, _] = Shell::samples();
    for code in ErrorCode::ALL {
        let sign_in = sign_in(false, Some(*code));
        let view = view(StepView::SignIn(sign_in.clone()));
        let page = SignInPage::new(&shell, &view, &sign_in, "/p/connect/x/flow/y");
        let reply = page.reply("https://own.example");
        let offers = |button: &str| html(&reply).contains(&format!("value=\"{button}\""));
        assert_eq!(
            offers("try-again"),
            *code != ErrorCode::BlockedAddress,
            "{code}"
        );
        assert!(offers("change-provider"), "{code}");
    }
}

#[test]
fn accounts_that_were_seen_are_named() {
    let [shell, _] = Shell::samples();
    let seen = |goes_on, count| {
        let mut view_of = sites();
        let accounts = FoundAccounts {
            count,
            shown: (0..count)
                .map(|_| FoundAccount {
                    utility_types: vec![UtilityType::Water],
                    ending: "0913".into(),
                })
                .collect(),
        };
        view_of.seen = Some(SeenAccounts { goes_on, accounts });
        let flow = view(StepView::Sites(view_of.clone()));
        let page = SitesPage::new(&shell, &flow, &view_of, "/p/connect/x/flow/y");
        html(&page.reply()).to_owned()
    };
    for (goes_on, count, words) in [
        (true, 0, "We look for the accounts"),
        (true, 1, "Found so far: Water ··0913."),
        (false, 1, "Found behind your sign-in: Water ··0913."),
    ] {
        let html = seen(goes_on, count);
        assert!(html.contains(words), "{html}");
        assert_eq!(html.contains("data-goes-on"), goes_on);
    }
    let none = seen(false, 0);
    assert!(!none.contains("class=\"box\">Found"), "{none}");
}

#[test]
fn the_neutral_page_has_no_name() {
    let [branded, neutral] = Shell::samples();
    for reply in every_page(&branded) {
        assert!(
            html(&reply).contains("Harbor &#38; Co."),
            "{}",
            html(&reply)
        );
        assert!(html(&reply).contains("--accent:#0b5fff"));
    }
    for reply in every_page(&neutral) {
        let html = html(&reply);
        assert!(
            !html.contains("Harbor") && !html.contains("mailto:"),
            "{html}"
        );
        assert!(html.contains("</title>") && !html.contains(" · "), "{html}");
    }
}

/// A template without comments, expressions and tags, and the values of the attributes that are read out or shown.
fn readable(template: &str) -> String {
    let mut text = template.to_owned();
    for (open, close) in [
        ("{% block body_class %}", "{% endblock %}"),
        ("{#", "#}"),
        ("{%", "%}"),
        ("{{", "}}"),
    ] {
        while let Some((before, rest)) = text.split_once(open) {
            let after = rest.split_once(close).map_or("", |(_, after)| after);
            text = [before, after].concat();
        }
    }
    let mut shown = String::new();
    for part in text.split('<') {
        let (tag, words) = part.split_once('>').unwrap_or(("", part));
        if !tag.starts_with("style") {
            shown.push_str(words);
        }
        for name in ["alt=\"", "aria-label=\"", "placeholder=\"", "title=\""] {
            let value = tag
                .split_once(name)
                .and_then(|(_, rest)| rest.split_once('"'));
            shown.push_str(value.map_or("", |(value, _)| value));
        }
    }
    shown
}

#[test]
fn templates_have_no_words_of_their_own() {
    for (name, template) in [
        ("base", include_str!("../../templates/base.html")),
        ("done", include_str!("../../templates/done.html")),
        ("entry", include_str!("../../templates/entry.html")),
        ("icons", include_str!("../../templates/icons.html")),
        ("notice", include_str!("../../templates/notice.html")),
        (
            "forwarding",
            include_str!("../../templates/forwarding.html"),
        ),
        (
            "live_window",
            include_str!("../../templates/live_window.html"),
        ),
        ("provider", include_str!("../../templates/provider.html")),
        ("signin", include_str!("../../templates/signin.html")),
        ("sites", include_str!("../../templates/sites.html")),
    ] {
        let words: String = readable(template)
            .chars()
            .filter(|c| c.is_alphabetic())
            .collect();
        assert_eq!(
            words, "",
            "{name}.html: belongs into the catalogue of messages"
        );
    }
    assert_eq!(readable("<p title=\"Hi\">{# no #}Yes{{ no }}</p>"), "YesHi");
}

#[test]
fn the_page_has_the_texts_that_its_scripts_ask_for() {
    let scripts = [
        include_str!("../../assets/live.js"),
        include_str!("../../assets/live-page.js"),
    ];
    let asked = texts_asked_for(&scripts);
    let [shell, _] = Shell::samples();
    let window = LiveWindow::new(&shell, "utility.example", "/p", Step::SignIn);
    let texts = window.script_texts();
    let mut given: Vec<&str> = texts.iter().map(|(name, _)| *name).collect();
    given.sort_unstable();
    assert_eq!(asked, given);

    let asked = texts_asked_for(&[include_str!("../../assets/proof-page.js")]);
    let done = done(Proof::Waiting);
    let view = view(StepView::Done(done.clone()));
    let given = DonePage::new(&shell, &view, &done, "/p").script_texts();
    let given: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    // It asks for those of utility types by their codes.
    let kinds = UtilityType::ALL.iter().map(|kind| kind.as_str());
    assert_eq!(given, kinds.chain(asked).collect::<Vec<_>>());
}

fn texts_asked_for<'a>(scripts: &[&'a str]) -> Vec<&'a str> {
    let asked = scripts
        .iter()
        .flat_map(|script| script.split("text('").skip(1));
    let mut asked: Vec<&str> = asked
        .filter_map(|rest| Some(rest.split_once("')")?.0))
        .collect();
    asked.sort_unstable();
    asked.dedup();
    asked
}
