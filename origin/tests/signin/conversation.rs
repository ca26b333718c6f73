//! A sign-in as a conversation: a scripted answerer, and a website that asks one thing after the other.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use browser::BrowserError;
use origin::signin::{
    CodeChannel, Driver, Verdict,
    drive::demand::{Answer, Answerer, Demand, DemandKind, FieldKind, MfaOptionKind},
    sign_in,
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use makes::{
    parts::{DASHBOARD, form},
    site::{self, PASSWORD, Request, Server, USERNAME, page, redirect, text},
};

use crate::person::{BROWSERS, Do, Person, open};

const CODE: &str = "314159";
/// The website's own clock, in minutes. The test alone moves it.
static MINUTES: AtomicU64 = AtomicU64::new(0);
/// The mail with the code takes so long.
const MAIL_TAKES: u64 = 7;

/// Asks for the user name, then for the password, then for a code that is right once its mail has come.
fn site(request: &Request) -> site::Answer {
    let code_page = |said: &str| {
        page(format!(
            "<h1>Enter your verification code</h1><p>We sent it to a***@example.com</p><p role=alert>{said}</p>
             <form method=post action=/code><input name=otp maxlength=6 inputmode=numeric><button>Verify</button></form>
             <script>addEventListener('keydown', () => fetch('/typed', {{method: 'POST'}}), true);
             const timer = setInterval(async () => {{
               if (Number(await (await fetch('/clock')).text()) < {MAIL_TAKES}) return;
               clearInterval(timer); fetch('/late', {{method: 'POST'}});
             }}, 100);</script>"
        ))
    };
    match request.path.as_str() {
        "/clock" => text(&MINUTES.load(Ordering::SeqCst).to_string()),
        "/name" => page(
            "<form method=post action=/login><input name=password type=password><button>Log in</button></form>",
        ),
        "/login" if request.value("password") == PASSWORD => redirect("/code"),
        "/code" if !request.post => code_page(""),
        "/code" if request.value("otp") == CODE => redirect("/home").cookie("in=1"),
        "/code" => code_page("That code is not right."),
        "/home" if request.has_cookie("in") => page(DASHBOARD),
        "/typed" | "/late" => text(""),
        _ => page(
            "<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>",
        ),
    }
}

/// Answers as a person would who waits for a mail, mistypes the code once, and once sends the same again.
struct Script<'a> {
    server: &'a Server,
    /// What was demanded, in order.
    demanded: Vec<Demand>,
}

impl Script<'_> {
    /// Waits until the website has seen that minutes went by on its clock.
    async fn minutes_pass(&self) {
        MINUTES.store(MAIL_TAKES, Ordering::SeqCst);
        let end = Instant::now() + Duration::from_secs(20);
        while self.server.posted("/late") == 0 {
            assert!(Instant::now() < end, "the page sees its clock");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Answerer for Script<'_> {
    type Error = BrowserError;

    async fn answer(&mut self, demand: &Demand) -> Result<Answer, BrowserError> {
        let codes = self
            .demanded
            .iter()
            .filter(|demand| is_code(demand))
            .count();
        self.demanded.push(demand.clone());
        let answers = demand.fields().iter().map(|field| {
            let text = match (field.kind, codes) {
                (FieldKind::Identifier, _) => USERNAME,
                (FieldKind::Password, _) => PASSWORD,
                // Twice the wrong one: the second time the driver does not type it.
                (FieldKind::Code, 0 | 1) => "111111",
                (FieldKind::Code, _) => CODE,
                other => panic!("unexpected {other:?}"),
            };
            (field.id, Zeroizing::new(text.to_owned()))
        });
        let answers = answers.collect();
        if is_code(demand) && codes == 0 {
            self.minutes_pass().await;
            assert_eq!(
                self.server.posted("/typed"),
                0,
                "nothing is typed while it waits"
            );
            assert_eq!(self.server.posted("/code"), 0);
        }
        Ok(Answer::Fields(answers))
    }
}

fn is_code(demand: &Demand) -> bool {
    matches!(demand.kind, DemandKind::Code { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn name_password_and_a_late_code_lead_to_the_account() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    for with_recipe in [false, true] {
        MINUTES.store(0, Ordering::SeqCst);
        let server = Server::start(site).await.expect("listens");
        let recipe = if with_recipe {
            Some(by_hand(&server).await)
        } else {
            None
        };
        MINUTES.store(0, Ordering::SeqCst);
        server.posts.lock().expect("no panic").clear();
        let browser = open(server.address.port()).await;
        let driver = match &recipe {
            Some(recipe) => Driver::by_recipe(&browser, recipe).await,
            None => Driver::unguided(&browser, &server.url()).await,
        };
        let mut driver = driver.expect("begins");
        let mut script = Script {
            server: &server,
            demanded: Vec::new(),
        };
        let verdict = sign_in(&mut driver, &mut script).await.expect("signs in");
        let told = format!(
            "{with_recipe}: {:#?}, {:?}",
            script.demanded,
            server.posts.lock().expect("no panic")
        );
        assert_eq!(verdict, Verdict::SignedIn, "{told}");
        let kinds: Vec<Vec<FieldKind>> = script
            .demanded
            .iter()
            .map(|demand| demand.fields().iter().map(|field| field.kind).collect())
            .collect();
        let code = vec![FieldKind::Code];
        assert_eq!(
            kinds,
            [
                vec![FieldKind::Identifier],
                vec![FieldKind::Password],
                code.clone(),
                code.clone(),
                code,
            ],
            "{told}"
        );
        let [_, _, first, again, same] = script.demanded.as_slice() else {
            panic!("{told}");
        };
        let DemandKind::Code {
            channel, target, ..
        } = &first.kind
        else {
            panic!("{told}");
        };
        assert_eq!(*channel, Some(CodeChannel::Email), "{told}");
        assert_eq!(target.as_deref(), Some("a***@example.com"), "{told}");
        assert_eq!(
            (first.again, again.again, same.again),
            (false, true, true),
            "{told}"
        );
        assert_eq!(server.posted("/login"), 1, "the password is sent once");
        assert_eq!(server.posted("/code"), 2, "a code is never sent twice");
    }
}

/// Signs in by hand, for the recipe.
async fn by_hand(server: &Server) -> origin::signin::Recipe {
    let mut person = Person::at(&server.url()).await;
    person
        .act(&[
            Do::Type("[name=user]", USERNAME),
            Do::Click("form button"),
            Do::Type("[name=password]", PASSWORD),
            Do::Click("form button"),
            Do::Type("[name=otp]", CODE),
            Do::Click("form button"),
        ])
        .await;
    person.success().await.expect("signed in").recipe
}

/// Picks the way by mail, and answers all else with what is right.
struct ByMail;

impl Answerer for ByMail {
    type Error = BrowserError;

    async fn answer(&mut self, demand: &Demand) -> Result<Answer, BrowserError> {
        if let DemandKind::MfaOptions(ways) = &demand.kind {
            let mail = ways.iter().find(|way| way.kind == MfaOptionKind::Email);
            return Ok(Answer::Choose(mail.expect("a way by mail").id));
        }
        let fields = demand.fields().iter().map(|field| {
            let text = match field.kind {
                FieldKind::Identifier => USERNAME,
                FieldKind::Password => PASSWORD,
                FieldKind::Code => CODE,
                other => panic!("unexpected {other:?}"),
            };
            (field.id, Zeroizing::new(text.to_owned()))
        });
        Ok(Answer::Fields(fields.collect()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_way_sends_the_code_that_leads_to_the_account() {
    fn site(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/way"),
            "/way" => page(
                "<h1>How should we send your verification code?</h1><form method=post action=/code>
                 <label><input type=radio name=way value=sms> Text message to ***4711</label>
                 <label><input type=radio name=way value=mail> Email to a***@example.com</label><button>Send code</button></form>",
            ),
            "/code" if request.value("way") == "mail" => page(
                "<h1>Enter your verification code</h1><form method=post action=/verify><input name=otp maxlength=6><button>Verify</button></form>",
            ),
            "/verify" if request.value("otp") == CODE => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let driver = Driver::unguided(&browser, &server.url()).await;
    let verdict = sign_in(&mut driver.expect("begins"), &mut ByMail).await;
    assert_eq!(verdict.expect("signs in"), Verdict::SignedIn);
    assert_eq!((server.posted("/login"), server.posted("/verify")), (1, 1));
}
