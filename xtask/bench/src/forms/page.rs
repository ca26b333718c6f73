//! One page: its answers, what was recognised, and whether a submission was noticed.

use browser::{Browser, BrowserError, Launcher, Profile, Viewport};
use origin::signin::drive::reading::{PageReader, RecognisedLogin};
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use xtask::Outcome;

use super::corpus::CorpusServer;

/// The functions that read a page's answers.
const ANSWERS_JS: &str = include_str!("page.js");
const IDENTIFIERS: [&str; 2] = ["username", "emailAddress"];
const PASSWORDS: [&str; 2] = ["password", "password.current"];
/// Words of a page's name that say that its forms with a password are not for signing in.
const OTHER_PURPOSES: [&str; 10] = [
    "signup",
    "sign-up",
    "register",
    "registration",
    "checkout",
    "change-password",
    "reset",
    "newsletter",
    "settings",
    "payment",
];

/// Answers of fields that ask who somebody is begin with these.
const PERSONAL: [&str; 6] = [
    "firstName",
    "lastName",
    "fullName",
    "address",
    "birthday",
    "card",
];

/// What came of one page. None where the page has no such answer.
pub struct PageResult {
    /// The page's file name, as `index.json` lists it.
    pub name: String,
    /// The password of the form to sign in was found.
    pub password: Option<bool>,
    /// The field for the user name of that form was found.
    pub identifier: Option<bool>,
    /// The button that sends that form was found.
    pub submit: Option<bool>,
    /// On a page without a form to sign in: another form was taken for one.
    pub taken_for_login: Option<bool>,
    /// That the form was sent by hand was noticed.
    pub submission_seen: Option<bool>,
}

impl PageResult {
    /// What was missed, in words.
    pub fn missed(&self) -> impl Iterator<Item = &'static str> {
        let wrong = |answer: Option<bool>, what| (answer == Some(false)).then_some(what);
        [
            wrong(self.password, "password not found"),
            wrong(self.identifier, "identifier not found"),
            wrong(self.submit, "submit not found"),
            wrong(
                self.taken_for_login.map(|taken| !taken),
                "taken for a login",
            ),
            wrong(self.submission_seen, "submission not seen"),
        ]
        .into_iter()
        .flatten()
    }
}

/// A form of the page by its answers.
#[derive(Deserialize)]
struct Scope {
    /// The answers of each field; "username OR emailAddress" says that both are right.
    fields: Vec<Vec<String>>,
    submits: u32,
}

impl Scope {
    fn has(&self, answers: &[&str]) -> bool {
        self.fields
            .iter()
            .flatten()
            .any(|answer| answers.contains(&answer.as_str()))
    }

    /// How many fields take a password of whatever kind.
    fn passwords(&self) -> usize {
        let is_password = |field: &&Vec<String>| {
            let mut answers = field.iter();
            answers.any(|answer| answer.starts_with("password"))
        };
        self.fields.iter().filter(is_password).count()
    }

    /// Whether it asks who somebody is, beyond what they sign in with.
    fn is_personal(&self) -> bool {
        let mut answers = self.fields.iter().flatten();
        answers.any(|answer| PERSONAL.iter().any(|personal| answer.starts_with(personal)))
    }

    /// Whether it is what a page of another purpose is for: it asks for a password and who somebody is, or for a password
    /// and again.
    fn is_of_other_purpose(&self) -> bool {
        self.passwords() > 1 || self.passwords() == 1 && self.is_personal()
    }

    /// Whether it is a form to sign in. The name of a page tells of one form of it: beside what is plainly that one, a form
    /// with a user name and a password is the login of those who have an account already.
    fn is_login(&self, page: &str, all: &[Self]) -> bool {
        // A name that says both ("login_signup") is that of a login that leads on to a registration.
        let named_login = page.contains("login");
        let of_other_purpose =
            !named_login && OTHER_PURPOSES.iter().any(|word| page.contains(word));
        let is_beside = self.has(&["username"]) && all.iter().any(Self::is_of_other_purpose);
        match self.passwords() {
            0 => self.has(&IDENTIFIERS) && named_login,
            // A surname beside number and PIN is part of some logins.
            1 => {
                self.has(&PASSWORDS)
                    && (named_login || !self.is_personal())
                    && (!of_other_purpose || is_beside)
            }
            _ => false,
        }
    }
}

/// What the page's script says of an element.
#[derive(Deserialize)]
struct Described {
    scope: i64,
    answers: Vec<String>,
    sends: bool,
}

impl Described {
    fn has(&self, wanted: &[&str]) -> bool {
        let mut answers = self.answers.iter();
        answers.any(|answer| wanted.contains(&answer.as_str()))
    }
}

/// Reads one page in a browser of its own.
pub async fn measure(
    launcher: &Launcher,
    server: &CorpusServer,
    name: &str,
) -> Outcome<PageResult> {
    let url = server.url(name)?;
    measure_in(launcher, &url, name)
        .await
        .map_err(|error| format!("{name}: {error}."))
}

async fn measure_in(
    launcher: &Launcher,
    url: &Url,
    name: &str,
) -> Result<PageResult, BrowserError> {
    let browser: Browser = launcher.open(profile()).await?;
    let mut reader = PageReader::open(&browser, url).await?;
    let page = reader.page();
    let ask = script("", "answers()");
    let scopes: Vec<Scope> = page.call(&page.main_frame(), &ask, &[]).await?;
    let logins: Vec<usize> = (0..)
        .zip(&scopes)
        .filter(|(_, scope)| scope.is_login(name, &scopes))
        .map(|(at, _)| at)
        .collect();
    let describe = script("element", "describe(element)");
    let recognised = reader.login(&describe).await?;
    let mut result = PageResult {
        name: name.to_owned(),
        password: None,
        identifier: None,
        submit: None,
        taken_for_login: None,
        submission_seen: None,
    };
    if logins.is_empty() {
        result.taken_for_login = Some(recognised.is_some());
        return Ok(result);
    }
    let any =
        |has: &dyn Fn(&Scope) -> bool| logins.iter().any(|at| scopes.get(*at).is_some_and(has));
    let is_right = |part: fn(&RecognisedLogin) -> &Option<Value>,
                    fits: &dyn Fn(&Described) -> bool| {
        let described = recognised.as_ref().and_then(|login| part(login).clone());
        let described: Option<Described> =
            described.and_then(|value| serde_json::from_value(value).ok());
        described.is_some_and(|it| {
            usize::try_from(it.scope).is_ok_and(|at| logins.contains(&at)) && fits(&it)
        })
    };
    if any(&|scope| scope.has(&PASSWORDS)) {
        let fits = |it: &Described| it.has(&PASSWORDS);
        result.password = Some(is_right(|login| &login.password, &fits));
    }
    if any(&|scope| scope.has(&IDENTIFIERS)) {
        let fits = |it: &Described| it.has(&IDENTIFIERS);
        result.identifier = Some(is_right(|login| &login.identifier, &fits));
    }
    if any(&|scope| scope.submits > 0) {
        result.submit = Some(is_right(|login| &login.submit, &|it| it.sends));
    }
    if let Some((at, scope)) = logins
        .iter()
        .find_map(|at| Some((at, scopes.get(*at).filter(|scope| scope.submits > 0)?)))
    {
        let answered = [IDENTIFIERS, PASSWORDS].into_iter();
        let mut fields: Vec<String> = answered
            .filter(|answers| scope.has(answers))
            .map(|answers| format!("field({at}, {answers:?})"))
            .collect();
        if !scope.has(&PASSWORDS) {
            fields.push(format!("password({at})"));
        }
        let button = format!("submit({at})");
        let clicked = fields.iter().chain([&button]);
        let clicked: Vec<String> = clicked.map(|element| format!("page.{element}")).collect();
        let are_reached = script("", &format!("areReached({})", clicked.join(", ")));
        let page = reader.page();
        if page.call(&page.main_frame(), &are_reached, &[]).await? {
            let fields: Vec<String> = fields.iter().map(|field| script("", field)).collect();
            let button = script("", &button);
            result.submission_seen = Some(reader.notices_submission(&fields, Some(&button)).await?);
        }
    }
    Ok(result)
}

/// A JavaScript function that calls one of the page's functions.
fn script(parameters: &str, call: &str) -> String {
    format!("function ({parameters}) {{ const page = {ANSWERS_JS}; return page.{call}; }}")
}

fn profile() -> Profile {
    Profile {
        country: "US".to_owned(),
        accept_language: None,
        viewport: Viewport {
            width: 1280,
            height: 900,
        },
    }
}
