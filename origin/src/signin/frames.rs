//! What is known of every frame of every page, from the browser and from the watcher.

use std::collections::{BTreeMap, BTreeSet};

use browser::{FrameId, PageId};

use super::{
    field_roles::{self, Purpose, Role},
    locators::lasting_query,
    recipe::FrameLocation,
    report::{Field, Message, State},
};

/// A frame of a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameKey {
    /// The page that the frame is in.
    pub page: PageId,
    /// The frame within the page.
    pub frame: FrameId,
}

/// What is known of one frame.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The URL of the frame as the browser, not the page, tells it.
    pub url: String,
    /// The URL that its document was loaded from: scripts of a page change the other one.
    pub loaded: String,
    /// Whether somebody used the document, by pointer or keys.
    pub touched: bool,
    /// As the browser says: scheme, host and port.
    pub origin: String,
    /// Whether it is the main frame of its page.
    pub main: bool,
    /// The document that reported last.
    pub doc: String,
    /// What it looks like; none before the document's first report.
    pub state: Option<State>,
    /// The HTTP status of its document.
    pub status: Option<u16>,
    /// Why its document did not come.
    pub failed: bool,
    /// When it began to show another document, until that reports.
    pub waiting_since: Option<u64>,
    /// A listener of the watcher failed in this document.
    pub listener_failed: bool,
}

/// The latest report of every frame.
pub type Frames = BTreeMap<FrameKey, Seen>;

impl Seen {
    /// Where a recipe finds this frame again; none for frames without an origin of their own.
    #[must_use]
    pub fn location(&self) -> Option<FrameLocation> {
        if !self.origin.starts_with("http") {
            return None;
        }
        let url = url::Url::parse(&self.url).ok();
        let query = url.as_ref().filter(|_| self.main).and_then(lasting_query);
        Some(FrameLocation {
            origin: self.origin.clone(),
            path: url.map(|url| url.path().to_owned()).unwrap_or_default(),
            query,
            main: self.main,
        })
    }
}

/// Origin and path, without query and fragment (but with a path in the fragment, as some apps have).
#[must_use]
pub fn address(url: &str) -> String {
    let Ok(url) = url::Url::parse(url) else {
        return String::new();
    };
    let route = url
        .fragment()
        .filter(|f| f.starts_with('/') || f.starts_with("!/"))
        .unwrap_or("");
    let route = route.split('?').next().unwrap_or("");
    let hash = if route.is_empty() { "" } else { "#" };
    format!(
        "{}{}{hash}{route}",
        url.origin().ascii_serialization(),
        url.path()
    )
}

/// All frames looked at together.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// A form with a password can be seen, in a document named so.
    pub login_doc: Option<String>,
    /// It has a password and nothing else to type into.
    pub login_alone: bool,
    /// Its password field holds something.
    pub login_filled: bool,
    /// A field of it says that it is invalid.
    pub login_bad: bool,
    /// It has a field for a one-time code as well.
    pub login_code: bool,
    /// A password field is there but hidden, in documents named so.
    pub hidden_logins: Vec<String>,
    /// A form for the user name alone.
    pub username_step: bool,
    /// A field for a one-time code.
    pub code: bool,
    /// A form to set a password.
    pub new_password: bool,
    /// Fields to type into that are no part of the above.
    pub text_fields: usize,
    /// Whether any field is shown but one to search in, even one that nobody can type into.
    pub field: bool,
    /// Whether a captcha is shown.
    pub captcha: bool,
    /// Whether a spinner or a progress bar is shown.
    pub busy: bool,
    /// Visible and hidden controls to sign out.
    pub sign_out: (u32, u32),
    /// The documents that show a control to sign out.
    pub sign_out_docs: Vec<String>,
    /// Visible and hidden controls to sign in.
    pub sign_in: (u32, u32),
    /// Somebody is greeted by name.
    pub greeting: bool,
    /// A page says as whom one is signed in.
    pub signed_in_as: bool,
    /// Short texts that may be the name of who is signed in.
    pub names: Vec<String>,
    /// Visible buttons in the midst of a page that send something, but for those to sign out.
    pub sends: u32,
    /// Visible buttons and boxes to tick in the midst of a page.
    pub buttons: u32,
    /// The kinds of words that stand for an account, such as bills or usage.
    pub account: Vec<String>,
    /// All texts that may be about the sign-in, with the document each stands in.
    pub messages: Vec<(String, Message)>,
    /// The texts of buttons and radio buttons.
    pub options: Vec<String>,
    /// The labels of fields for codes.
    pub code_labels: Vec<String>,
    /// Characters of the longest page.
    pub text_length: u32,
    /// The addresses of the main frames.
    pub addresses: Vec<String>,
    /// Where the links of the pages lead on the same website.
    pub links: BTreeSet<String>,
    /// The documents of the main frames, and the addresses that they were loaded from.
    pub loaded: Vec<(String, String)>,
    /// A main frame's URL says that an authorization failed (`error`, RFC 6749, 4.1.2.1 and 4.2.2.1).
    pub error_returned: bool,
    /// The worst HTTP status of the documents that are shown.
    pub status: u16,
    /// A main frame's document did not come.
    pub failed: bool,
    /// The person typed into a field.
    pub typed: bool,
    /// Frames whose new document has not reported.
    pub waiting_since: Option<u64>,
    /// Everything that is ready is loaded.
    pub ready: bool,
    /// A frame could not be read as a whole: a form that is not seen may be there.
    pub blind: bool,
}

impl View {
    /// Sums up what all frames show.
    #[must_use]
    pub fn of(frames: &Frames) -> Self {
        let mut view = Self {
            ready: true,
            ..Self::default()
        };
        for seen in frames.values() {
            view.add(seen);
        }
        view.account.sort();
        view.account.dedup();
        view
    }

    fn add(&mut self, seen: &Seen) {
        if seen.main {
            self.addresses.push(address(&seen.url));
            self.loaded.push((seen.doc.clone(), address(&seen.loaded)));
            self.error_returned |= returns_error(&seen.url);
            self.status = self.status.max(seen.status.unwrap_or(0));
            self.failed |= seen.failed;
        }
        if let Some(since) = seen
            .waiting_since
            .filter(|_| seen.main || seen.state.is_some())
        {
            self.waiting_since = Some(self.waiting_since.map_or(since, |other| other.max(since)));
        }
        self.blind |= seen.listener_failed;
        let Some(state) = &seen.state else {
            self.ready &= !seen.main;
            return;
        };
        self.ready &= state.ready || !seen.main;
        self.add_fields(seen, state);
        self.blind |= state.blind;
        self.typed |= state.fields.iter().any(|field| field.typed);
        self.captcha |= state.captcha;
        self.busy |= state.busy;
        if state.marks.sign_out > 0 {
            self.sign_out_docs.push(seen.doc.clone());
        }
        self.sign_out.0 += state.marks.sign_out;
        self.sign_out.1 += state.marks.sign_out_hidden;
        self.sign_in.0 += state.marks.sign_in;
        self.sign_in.1 += state.marks.sign_in_hidden;
        self.greeting |= state.marks.greeting;
        self.signed_in_as |= state.marks.signed_in_as;
        self.names.extend(state.marks.names.iter().cloned());
        self.links.extend(state.marks.links.iter().cloned());
        self.sends += state.marks.sends;
        self.buttons += state.marks.buttons;
        self.account.extend(state.marks.account.iter().cloned());
        self.messages
            .extend(state.messages.iter().map(|m| (seen.doc.clone(), m.clone())));
        self.options.extend(state.options.iter().cloned());
        self.text_length = self.text_length.max(state.text.length);
    }

    fn add_fields(&mut self, seen: &Seen, state: &State) {
        for group in field_roles::group_numbers(state) {
            let members = || state.fields.iter().filter(move |f| f.group == group);
            let shown = || members().filter(|f| f.vis && !f.ro);
            let purpose = field_roles::purpose(state, group);
            let takes = |f: &Field| f.ro || field_roles::role(f) != Role::Other;
            self.field |= members().any(|f| f.vis && takes(f));
            let password = |role: Role| matches!(role, Role::Password | Role::NewPassword);
            if purpose == Purpose::Login && shown().any(|f| password(field_roles::role(f))) {
                self.login_doc = Some(seen.doc.clone());
                self.login_alone = shown().count() == 1;
                self.login_filled |= shown().any(|f| f.pw && f.filled);
                self.login_bad |= shown().any(|f| f.bad);
                let codes = || shown().filter(|f| field_roles::role(f) == Role::Code);
                self.login_code |= codes().next().is_some();
                self.code_labels.extend(codes().map(|f| f.label.clone()));
            } else if members().any(|f| f.pw && field_roles::role(f) == Role::Password && !f.vis) {
                self.hidden_logins.push(seen.doc.clone());
            }
            match purpose {
                Purpose::UsernameStep => self.username_step |= shown().next().is_some(),
                Purpose::NewPassword => self.new_password |= shown().any(|f| f.pw),
                Purpose::Code => {
                    self.code |= shown().next().is_some();
                    self.code_labels.extend(shown().map(|f| f.label.clone()));
                }
                Purpose::Login => {}
                Purpose::Other => {
                    self.text_fields += shown()
                        .filter(|f| matches!(field_roles::role(f), Role::Text | Role::Username))
                        .count();
                }
            }
        }
    }
}

/// Whether a URL says that an authorization failed: in the query, or in the fragment, where a route of the page may stand
/// before it.
fn returns_error(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    let fragment = url.fragment().unwrap_or_default();
    let parameters = fragment.rsplit('?').next().unwrap_or_default();
    let parameters = parameters.trim_start_matches('/').as_bytes();
    url.query_pairs()
        .chain(url::form_urlencoded::parse(parameters))
        .any(|(name, _)| name == "error")
}
