use askama::Template;
use shared::{country::Country, status::LinkKind, wire::FlowView};

use super::{Shell, render};
use crate::{
    country::{Options, options},
    link::Problems,
    reply::Reply,
};

/// Step 1: which website, which country. The page of a link, and of a flow that goes back to it.
#[derive(Template)]
#[template(path = "provider.html")]
pub struct ProviderPage<'a> {
    /// The frame.
    pub shell: &'a Shell,
    /// A connection is repaired, not made.
    pub repair: bool,
    /// Within a flow: the page is one of its steps, and can be left.
    pub in_flow: bool,
    /// As prefilled, or as typed.
    pub url: &'a str,
    /// All of them.
    pub countries: Options,
    /// Field by field.
    pub problems: Problems,
    /// The flow could not be started.
    pub unavailable: bool,
}

impl<'a> ProviderPage<'a> {
    /// Of a link that was just opened.
    pub fn of_link(
        shell: &'a Shell,
        kind: LinkKind,
        url: &'a str,
        country: Option<Country>,
    ) -> Self {
        Self {
            shell,
            repair: kind == LinkKind::ConnectionUpdate,
            in_flow: false,
            url,
            countries: options(shell.language, country),
            problems: Problems::default(),
            unavailable: false,
        }
    }

    /// Of a flow at PROVIDER.
    pub fn of_flow(shell: &'a Shell, view: &'a FlowView) -> Self {
        let of = |field: &str| {
            let found = view.problems.iter().find(|problem| problem.field == field);
            found.map(|problem| problem.message.clone())
        };
        Self {
            in_flow: true,
            problems: Problems {
                url: of("url"),
                country: of("country"),
            },
            ..Self::of_link(
                shell,
                LinkKind::Company,
                &view.provider_url,
                Some(view.country),
            )
        }
    }

    /// Whether a field is wrong.
    pub fn has_problems(&self) -> bool {
        self.problems != Problems::default()
    }

    /// Renders it.
    pub fn reply(&self, status: u16) -> Reply {
        render(self, self.shell, status, None)
    }

    /// For tests.
    #[cfg(test)]
    pub fn samples(shell: &'a Shell) -> [Self; 3] {
        let us: Option<Country> = "US".parse().ok();
        let link = |kind| Self::of_link(shell, kind, "https://coned.com/?a=\"b\"", us);
        let wrong = Self {
            problems: Problems {
                url: Some("Enter an <address>.".into()),
                country: Some("Choose one.".into()),
            },
            unavailable: true,
            in_flow: true,
            ..Self::of_link(shell, LinkKind::Company, "\"><script>", None)
        };
        [
            link(LinkKind::Company),
            link(LinkKind::ConnectionUpdate),
            wrong,
        ]
    }
}
