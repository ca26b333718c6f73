//! The guides of `docs/`, as pages of the console.

use askama::Template;
use axum::{extract::Path, response::Html};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::{
    error::ConsoleError,
    page::{Place, Shell, render},
    session::SignedIn,
};

/// A guide: the name in its address, what the list says of it, and its text as Markdown.
struct Guide {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    text: &'static str,
}

const GUIDES: [Guide; 5] = [
    Guide {
        name: "senders",
        title: "Sending links",
        about: "Which link to send when, what to write, and what to do when nobody connects.",
        text: include_str!("../../../docs/senders.md"),
    },
    Guide {
        name: "clients",
        title: "For clients",
        about: "What clients ask who got a link, with answers.",
        text: include_str!("../../../docs/clients.md"),
    },
    Guide {
        name: "cookbook",
        title: "API cookbook",
        about: "From a company to its bills, in curl, Python and JavaScript.",
        text: include_str!("../../../docs/cookbook.md"),
    },
    Guide {
        name: "webhooks",
        title: "Webhooks",
        about: "What your endpoints are told, and how to verify it.",
        text: include_str!("../../../docs/webhooks.md"),
    },
    Guide {
        name: "operating",
        title: "Operating",
        about: "For whoever keeps this installation running.",
        text: include_str!("../../../docs/operating.md"),
    },
];

#[derive(Template)]
#[template(path = "console/guides.html")]
struct GuidesPage<'a> {
    shell: Shell<'a>,
    guides: &'a [Guide],
}

#[derive(Template)]
#[template(path = "console/guide.html")]
struct GuidePage<'a> {
    shell: Shell<'a>,
    guides: &'a [Guide],
    shown: &'a Guide,
    html: String,
}

/// Lists all guides, with a sentence about each.
pub(super) async fn list(me: SignedIn) -> Result<Html<String>, ConsoleError> {
    render(&GuidesPage {
        shell: Shell::new(&me, Place::Guides),
        guides: &GUIDES,
    })
}

/// Shows the guide that the path names.
pub(super) async fn show(
    me: SignedIn,
    Path(name): Path<String>,
) -> Result<Html<String>, ConsoleError> {
    let shown = GUIDES.iter().find(|guide| guide.name == name);
    let shown = shown.ok_or(ConsoleError::NotFound)?;
    render(&GuidePage {
        shell: Shell::new(&me, Place::Guides),
        guides: &GUIDES,
        html: to_html(shown.text),
        shown,
    })
}

/// The text as HTML. A link to another guide leads to its page; one to any other file of the folder, which is not here, is
/// its words alone.
fn to_html(text: &str) -> String {
    let mut is_dropped = false;
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let to = match dest_url.strip_suffix(".md") {
                Some(name) if GUIDES.iter().any(|guide| guide.name == name) => {
                    CowStr::from(format!("/console/guides/{name}"))
                }
                _ if dest_url.starts_with("https://") => dest_url,
                _ => {
                    is_dropped = true;
                    return None;
                }
            };
            Some(Event::Start(Tag::Link {
                link_type,
                dest_url: to,
                title,
                id,
            }))
        }
        Event::End(TagEnd::Link) if std::mem::take(&mut is_dropped) => None,
        event => Some(event),
    });
    let mut shown = String::new();
    html::push_html(&mut shown, events);
    // Wide tables and code scroll by themselves, also by keyboard.
    shown
        .replace(
            "<table>",
            "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>",
        )
        .replace("</table>", "</table></div>")
        .replace(
            "<pre>",
            "<pre tabindex=\"0\" role=\"group\" aria-label=\"Code\">",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_becomes_a_page_whose_links_lead_somewhere() {
        for guide in &GUIDES {
            let html = to_html(guide.text);
            assert!(html.starts_with("<h1>"), "{}", guide.name);
            for link in html.split("href=\"").skip(1) {
                let (to, _) = link.split_once('"').expect("its end");
                let name = to.strip_prefix("/console/guides/");
                let is_guide = name.is_some_and(|name| GUIDES.iter().any(|one| one.name == name));
                assert!(
                    is_guide || to.starts_with("https://"),
                    "{}: {to}",
                    guide.name
                );
            }
            assert!(!html.contains("<script"), "{}", guide.name);
        }
        let html = to_html("[a](deploy.md) and [b](senders.md)");
        let wanted = "<p>a and <a href=\"/console/guides/senders\">b</a></p>\n";
        assert_eq!(html, wanted);
    }
}
