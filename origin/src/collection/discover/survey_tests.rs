//! Surveys of odd documents in a real browser: what is planted in them is always reported.

use std::collections::HashMap;

use browser::IsolatedWorldScript;

use crate::odd_documents::{Pages, document, seeds};

use super::survey::{PageSurvey, survey_page};

/// A bill's row and a button, among whatever else a document has.
const PLANTED: &str = "<table><tr><td>Invoice 2026-03-15</td><td>$45.25</td><td><a href='/planted.pdf'>Planted bill</a></td></tr></table>
    <button>Planted button</button><select name=planted><option>Planted 2025</option><option>Planted 2026</option></select>";

async fn view(pages: &Pages, path: &str) -> PageSurvey {
    pages.go(path).await;
    survey_page(&pages.browser.page()).await.expect("a browser")
}

/// What is planted is there; says what is missing.
fn missing(view: &PageSurvey) -> Option<String> {
    let main = view.frames.first().map(|(_, survey)| survey);
    let Some(main) = main else {
        return Some("the main frame".to_owned());
    };
    let control = |text: &str| main.controls.iter().find(|control| control.text == text);
    let Some(link) = control("Planted bill") else {
        return Some("the link".to_owned());
    };
    let href = link.href.as_deref().unwrap_or_default();
    if !href.ends_with("/planted.pdf") || !link.context.contains("$45.25") {
        return Some(format!("the link's address or row: {link:?}"));
    }
    if control("Planted button").is_none() {
        return Some("the button".to_owned());
    }
    let is_planted = |select: &super::survey::Select| {
        select.name == "planted" && select.options.iter().any(|o| o.text == "Planted 2026")
    };
    if !main.selects.iter().any(is_planted) {
        return Some("the select".to_owned());
    }
    None
}

/// Pages that once hid everything from the survey, or could.
const NAMED: &[(&str, &str)] = &[
    (
        "list_item_with_a_value",
        "<ol><li value=3 tabindex=0>Third</li></ol>",
    ),
    (
        "empty_list_item_with_a_value",
        "<ol><li value=3 tabindex=0></li></ol>",
    ),
    (
        "meter_and_progress",
        "<meter value=0.5 tabindex=0></meter><progress value=1 max=2 tabindex=0></progress>",
    ),
    (
        "svg_link_and_button",
        "<svg width=50 height=50><a href='/x' class=y target=_self><rect width=9 height=9 /></a></svg><svg role=button width=9 height=9 class=z></svg>",
    ),
    (
        "form_with_a_field_called_parentElement",
        "<form tabindex=0><input name=parentElement><input name=getAttribute><a href=/x>x</a></form>",
    ),
    (
        "form_with_a_field_called_querySelectorAll",
        "<form tabindex=0><input name=querySelectorAll><input name=closest><input name=matches><button>x</button></form>",
    ),
    ("image_called_body", "<img name=body alt=x>"),
    (
        "image_called_querySelectorAll",
        "<img name=querySelectorAll alt=x><img name=title alt=x>",
    ),
    (
        "form_called_documentElement",
        "<form name=documentElement><input name=surveyed></form><a id=surveyed></a><a id=dom></a>",
    ),
    (
        "labels_in_a_circle",
        "<button id=a aria-labelledby=b></button><button id=b aria-labelledby=a>b</button>",
    ),
    (
        "option_outside_of_a_select",
        "<option tabindex=0>x</option><optgroup tabindex=0 label=y></optgroup>",
    ),
    (
        "dialog_template_and_slot",
        "<dialog open><template><a href=x>x</a></template><slot name=length tabindex=0></slot></dialog>",
    ),
    (
        "link_to_megabytes",
        "<a id=long>long</a><script>document.getElementById('long').href = 'data:,' + 'x'.repeat(30e6)</script>",
    ),
    (
        "half_a_character",
        "<script>document.title = '\\ud800'; document.body.append(Object.assign(document.createElement('a'), { href: '#\\ud800', rel: '\\udfff', textContent: '\\ud83d' }))</script>",
    ),
    (
        "deep",
        "<script>{ let at = document.body; for (let i = 0; i < 500; i++) at = at.appendChild(document.createElement('div')); at.tabIndex = 0 }</script>",
    ),
    (
        "deep_shadow",
        "<script>{ let at = document.body.appendChild(document.createElement('div')); for (let i = 0; i < 90; i++) at = at.attachShadow({ mode: 'open' }).appendChild(document.createElement('div')); at.innerHTML = '<a href=x>x</a>' }</script>",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn odd_elements_hide_nothing() {
    let pages = NAMED.iter().map(|(name, html)| {
        let html = format!("<!doctype html><title>x</title><body>{html}{PLANTED}");
        (format!("/{name}"), html)
    });
    let pages = Pages::of(pages.collect()).await;
    for (name, _) in NAMED {
        let view = view(&pages, &format!("/{name}")).await;
        assert_eq!(missing(&view), None, "{name}");
        assert_eq!(
            (view.unread_frames, view.skipped_elements()),
            (0, 0),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_documents_are_read_to_the_last_element() {
    let seeds = seeds(200);
    let documents = seeds
        .clone()
        .map(|seed| (format!("/{seed}"), document(seed, PLANTED)));
    let pages = Pages::of(documents.collect::<HashMap<_, _>>()).await;
    let mut failed = Vec::new();
    for seed in seeds {
        let view = view(&pages, &format!("/{seed}")).await;
        let bytes = format!("{:?}", view.frames).len();
        let unread = (view.unread_frames, view.skipped_elements());
        if let Some(missing) = missing(&view) {
            failed.push(format!("seed {seed}: missing {missing}"));
        }
        if unread != (0, 0) {
            failed.push(format!(
                "seed {seed}: {unread:?} frames and elements were not read"
            ));
        }
        if bytes > 4_000_000 {
            failed.push(format!("seed {seed}: {bytes} bytes"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_that_cannot_be_read_is_counted_and_the_rest_is_reported() {
    let html = format!("<!doctype html><body><button id=odd>Odd</button>{PLANTED}");
    let pages = Pages::of(HashMap::from([("/odd".to_owned(), html)])).await;
    // In the isolated world: nothing that a page does can break it like this.
    let breaks = IsolatedWorldScript {
        source: "{ const { get } = Object.getOwnPropertyDescriptor(HTMLElement.prototype, 'innerText');
            Object.defineProperty(HTMLElement.prototype, 'innerText', { get() { if (this.id === 'odd') throw new Error('odd'); return get.call(this); } }); }",
    };
    pages.browser.install(breaks).await.expect("a browser");
    let view = view(&pages, "/odd").await;
    assert_eq!(missing(&view), None);
    assert_eq!((view.unread_frames, view.skipped_elements()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_cannot_be_read_is_counted() {
    let html = format!("<!doctype html><body><iframe srcdoc='<a href=x>x</a>'></iframe>{PLANTED}");
    let pages = Pages::of(HashMap::from([("/frame".to_owned(), html)])).await;
    let breaks = IsolatedWorldScript {
        source: "if (window !== top) Document.prototype.querySelectorAll = () => { throw new Error('odd'); };",
    };
    pages.browser.install(breaks).await.expect("a browser");
    let view = view(&pages, "/frame").await;
    assert_eq!(missing(&view), None);
    assert_eq!((view.frames.len(), view.unread_frames), (1, 1));
}
