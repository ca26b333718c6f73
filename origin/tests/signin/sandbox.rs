//! The sample utility's family of websites: every make that its documentation lists is signed in to and again by the
//! recipe, and every customer comes to the verdict that it says.

use std::time::Duration;

use makes::hand::{self, Do};
use origin::signin::{
    CodeRefusal, Verdict, WatchEvent,
    drive::demand::{Answer, Demand, DemandKind, FieldKind},
};
use tokio::time::{Instant, timeout_at};
use utility::{
    Options, authenticator,
    customers::{CUSTOMERS, Customer},
    makes::{MAKES, Make},
};
use zeroize::Zeroizing;

use crate::person::{BROWSERS, Person, signs_in_again};

const PATIENCE: Duration = Duration::from_secs(60);
/// When a page is handed over, its verdict follows within this time.
const SOON: Duration = Duration::from_secs(5);

/// A running sample utility.
struct Sandbox {
    port: u16,
    options: Options,
}

impl Sandbox {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let options = Options::default();
        tokio::spawn(utility::serve(listener, options.clone()));
        Self { port, options }
    }

    /// Signs in by manual entry, and does by hand what cannot be asked. Answers the verdicts on the way.
    async fn walk(&self, make: &Make, who: &Customer) -> (Vec<String>, Person) {
        let start = make.address(&format!("localhost:{}", self.port));
        let mut person = Person::at(&start.parse().expect("a URL")).await;
        person.watch.enter_manually(true);
        let mut told = Vec::new();
        let mut hands = by_hand(make, who).into_iter();
        let mut until = Instant::now() + PATIENCE;
        loop {
            let Ok(event) = timeout_at(until, person.watch.next()).await else {
                told.push("HANDED_OVER".to_owned());
                return (told, person);
            };
            match event {
                WatchEvent::Demand(number, demand) => {
                    told.extend(verdict_of(&demand));
                    if demand.refusal.is_some() {
                        return (told, person);
                    }
                    if let Some(answer) = self.answer(who, &demand) {
                        person.watch.answer(number, answer);
                    }
                }
                WatchEvent::HandedOver => match hands.next() {
                    Some(steps) => {
                        let done = hand::act(&person.browser, steps).await;
                        done.unwrap_or_else(|error| panic!("{}: {error}", who.email));
                    }
                    None => until = until.min(Instant::now() + SOON),
                },
                WatchEvent::Verdict(verdict) => {
                    told.push(verdict.name().to_owned());
                    if verdict == Verdict::SignedIn || is_an_end(&verdict) {
                        return (told, person);
                    }
                }
                WatchEvent::Ended => panic!("the browser ended"),
                _ => {}
            }
        }
    }

    fn answer(&self, who: &Customer, demand: &Demand) -> Option<Answer> {
        let outbox = &self.options.switches.outbox;
        let first = |ids: Option<u32>| Some(Answer::Choose(ids?));
        match &demand.kind {
            DemandKind::Fields(fields)
            | DemandKind::Challenge(fields)
            | DemandKind::Code { fields, .. } => {
                let values = fields.iter().map(|field| {
                    let text = match field.kind {
                        FieldKind::Identifier => who.email.to_owned(),
                        FieldKind::Password => who.password.to_owned(),
                        FieldKind::Text => "Rover".to_owned(),
                        FieldKind::Remember => "yes".to_owned(),
                        FieldKind::Code | FieldKind::TotpCode => outbox
                            .code_for(who.email)
                            .unwrap_or_else(authenticator::code_now),
                    };
                    (field.id, Zeroizing::new(text))
                });
                Some(Answer::Fields(values.collect()))
            }
            DemandKind::MfaOptions(ways) => first(ways.first().map(|way| way.id)),
            DemandKind::Choices(choices) => first(choices.first().map(|choice| choice.id)),
            DemandKind::ExternalAction { .. } => {
                let message = outbox.messages().into_iter().find(|of| of.to == who.email);
                let message = message.expect("a question on the phone");
                outbox.pick(message.number, &message.code);
                None
            }
            _ => None,
        }
    }
}

/// The verdict that a demand stands for, with the way of a code; none for the first fields.
fn verdict_of(demand: &Demand) -> Option<String> {
    if let Some(refusal) = &demand.refusal {
        return Some(refusal.name().to_owned());
    }
    let name = match &demand.kind {
        DemandKind::Code {
            refused: Some(refused),
            ..
        } => {
            let why = match refused {
                CodeRefusal::Wrong => "wrong",
                CodeRefusal::Expired => "expired",
            };
            return Some(format!("CODE_REFUSED {why}"));
        }
        DemandKind::Code { channel, .. } => {
            let way = channel.map_or(String::new(), |channel| format!(" {}", channel.as_str()));
            return Some(format!("CODE_NEEDED{way}"));
        }
        DemandKind::MfaOptions(_) | DemandKind::Choices(_) => "CHOICE_NEEDED",
        DemandKind::ExternalAction { .. } => "APPROVAL",
        DemandKind::Fields(fields) if fields.iter().all(|of| of.kind == FieldKind::Text) => {
            "QUESTION"
        }
        _ => return None,
    };
    Some(name.to_owned())
}

/// Whether nothing that a client does leads on from there.
fn is_an_end(verdict: &Verdict) -> bool {
    matches!(
        verdict,
        Verdict::SiteDown | Verdict::BrowserUnsupported | Verdict::Unknown
    )
}

/// What a customer does in pages that cannot be asked as data, page by page.
fn by_hand(make: &Make, who: &Customer) -> Vec<&'static [Do]> {
    let mut hands: Vec<&'static [Do]> = match who.email {
        "captcha@example.com" => vec![&[Do::Click("[name=human]"), Do::Click("form button")]],
        "terms@example.com" => vec![&[Do::Click("[name=agree]"), Do::Click("form button")]],
        "new-password@example.com" => vec![&[
            Do::Type("[name=new]", "river stone 6"),
            Do::Type("[name=repeated]", "river stone 6"),
            Do::Click("form button"),
        ]],
        _ => Vec::new(),
    };
    if make.name == "identity-provider" {
        hands.push(&[Do::Click("[action='/return'] button")]);
    }
    hands
}

#[tokio::test(flavor = "multi_thread")]
async fn every_make_is_signed_in_to_and_again_by_its_recipe() {
    let plain = &CUSTOMERS[0];
    let walks = MAKES.iter().map(|make| {
        tokio::spawn(async move {
            let _turn = BROWSERS.acquire().await.expect("never closed");
            let sandbox = Sandbox::start().await;
            let (told, mut person) = sandbox.walk(make, plain).await;
            let captured = person.watch.captured();
            drop(person);
            if let Some(captured) = captured {
                signs_in_again(&captured, sandbox.port).await;
            }
            let last = told.last().map_or("", String::as_str);
            (last != "SIGNED_IN").then(|| format!("{}: {told:?}", make.name))
        })
    });
    let mut lies = Vec::new();
    for (walk, make) in walks.collect::<Vec<_>>().into_iter().zip(MAKES) {
        match walk.await {
            Ok(lie) => lies.extend(lie),
            Err(error) => lies.push(format!("{}: {error}", make.name)),
        }
    }
    assert!(lies.is_empty(), "{lies:#?}");
}

/// The customers take turns with the makes: each is met somewhere, and many of both together.
#[tokio::test(flavor = "multi_thread")]
async fn every_customer_comes_to_the_verdicts_that_are_documented() {
    let walks = CUSTOMERS
        .iter()
        .zip(MAKES.iter().cycle())
        .map(|(who, make)| {
            tokio::spawn(async move {
                let _turn = BROWSERS.acquire().await.expect("never closed");
                let (mut told, _) = Sandbox::start().await.walk(make, who).await;
                told.retain(|name| make.name != "identity-provider" || name != "CONSENT_NEEDED");
                // Where no form is shown again after a refusal, the client goes on by hand.
                told.retain(|name| make.name != "basic" || name != "HANDED_OVER");
                let told = told.join(", ");
                (told != who.verdict).then(|| {
                    format!(
                        "{} on {}: {told} instead of {}",
                        who.email, make.name, who.verdict
                    )
                })
            })
        });
    let mut lies = Vec::new();
    for walk in walks.collect::<Vec<_>>() {
        match walk.await {
            Ok(lie) => lies.extend(lie),
            Err(error) => lies.push(error.to_string()),
        }
    }
    assert!(lies.is_empty(), "{lies:#?}");
}
