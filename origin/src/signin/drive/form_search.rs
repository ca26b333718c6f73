//! A search for the form to sign in, and where stored credentials may be typed that it finds.

use std::collections::BTreeSet;

use tokio::time::Instant;
use url::Url;

use super::forms::ObservedForm;
use crate::{
    registrable_domain::registrable,
    signin::recipe::{Recipe, Step},
};

/// A search for the form to sign in.
pub(super) struct FormSearch {
    /// When it began.
    pub(super) since: Instant,
    /// Since when the page has had no form.
    pub(super) formless_since: Option<Instant>,
    /// The names of the controls that were clicked.
    pub(super) clicked: Vec<String>,
    /// Where the form may be; anywhere when a person answers.
    bounds: Option<Bounds>,
}

/// Where stored credentials may be typed that a recipe's form is no longer found for.
struct Bounds {
    /// The registrable domains of the provider and of the recipe's origins.
    domains: BTreeSet<String>,
    /// The recipe's very origins, where it answers a challenge (HTTP authentication): only they may be typed at. What such a
    /// website's other hosts show was never trusted with the password.
    origins: Option<BTreeSet<String>>,
    /// The recipe typed over https.
    encrypted: bool,
}

impl FormSearch {
    /// A search for a person, who sees what is found.
    pub(super) fn for_person() -> Self {
        Self::within(None)
    }

    /// A search for the form that this recipe no longer finds.
    pub(super) fn instead_of(recipe: &Recipe) -> Self {
        Self::within(Some(Bounds::of(recipe)))
    }

    fn within(bounds: Option<Bounds>) -> Self {
        Self {
            since: Instant::now(),
            formless_since: None,
            clicked: Vec::new(),
            bounds,
        }
    }

    /// Whether stored credentials may go into this form.
    pub(super) fn may_fill(&self, form: &ObservedForm) -> bool {
        let mut bounds = self.bounds.iter();
        bounds.all(|bounds| bounds.may_type_at(&form.at.origin))
    }

    /// Whether the form may be at this origin.
    pub(super) fn is_within(&self, origin: &str) -> bool {
        let mut bounds = self.bounds.iter();
        bounds.all(|bounds| bounds.contain(origin))
    }

    /// A form was there.
    pub(super) fn found(&mut self) {
        self.formless_since = None;
    }
}

impl Bounds {
    fn of(recipe: &Recipe) -> Self {
        let filled = recipe.steps.iter().filter_map(|step| match step {
            Step::Fill { at, .. } | Step::Authenticate { at } => at.origin.parse::<Url>().ok(),
            _ => None,
        });
        let filled: Vec<Url> = filled.collect();
        let origin = |url: &Url| url.origin().ascii_serialization();
        let origins = recipe.answers_challenge();
        let origins = origins.then(|| filled.iter().map(origin).collect());
        let start = std::iter::once(&recipe.start);
        let hosts = start.chain(&filled).filter_map(Url::host_str);
        Self {
            domains: hosts.map(|host| registrable(host).to_owned()).collect(),
            origins,
            encrypted: filled.iter().any(|url| url.scheme() == "https"),
        }
    }

    fn contain(&self, origin: &str) -> bool {
        let Ok(origin) = origin.parse::<Url>() else {
            return false;
        };
        let is_known = origin
            .host_str()
            .is_some_and(|host| self.domains.contains(registrable(host)));
        is_known && (origin.scheme() == "https" || !self.encrypted)
    }

    fn may_type_at(&self, origin: &str) -> bool {
        let mut origins = self.origins.iter();
        self.contain(origin) && origins.all(|origins| origins.contains(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::recipe::{
        CredentialKind, FrameLocation, Locators, MfaKind, SuccessMarks, VERSION,
    };

    fn at(origin: &str) -> FrameLocation {
        FrameLocation {
            origin: origin.to_owned(),
            path: "/in".into(),
            query: None,
            main: true,
        }
    }

    fn recipe(filled: &str) -> Recipe {
        of(Step::Fill {
            at: at(filled),
            what: CredentialKind::Password,
            target: Locators(Vec::new()),
        })
    }

    fn of(step: Step) -> Recipe {
        Recipe {
            version: VERSION,
            start: "https://www.utility.example/".parse().expect("a URL"),
            steps: vec![step],
            success: SuccessMarks::default(),
            mfa: MfaKind::None,
        }
    }

    #[test]
    fn stored_credentials_go_only_where_the_recipe_was() {
        let of_provider = Bounds::of(&recipe("https://login.identity.example"));
        let in_clear = Bounds::of(&recipe("http://10.0.0.1:8080"));
        let at = at("https://my.utility.example");
        let challenged = Bounds::of(&of(Step::Authenticate { at }));
        for (bounds, origin, expected) in [
            (&challenged, "https://my.utility.example", true),
            (&challenged, "http://my.utility.example", false),
            (&challenged, "https://my.utility.example:8443", false),
            (&challenged, "https://www.utility.example", false),
            (&challenged, "https://evil.utility.example", false),
            (&of_provider, "https://auth.identity.example", true),
            (&of_provider, "https://my.utility.example:8443", true),
            (&of_provider, "http://login.identity.example", false),
            (&of_provider, "https://identity.example.evil.example", false),
            (&of_provider, "https://identity-example.test", false),
            (&of_provider, "null", false),
            (&of_provider, "", false),
            (&in_clear, "http://10.0.0.1:9090", true),
            (&in_clear, "http://11.0.0.1", false),
            (&in_clear, "https://my.utility.example", true),
        ] {
            assert_eq!(bounds.may_type_at(origin), expected, "{origin}");
        }
    }
}
