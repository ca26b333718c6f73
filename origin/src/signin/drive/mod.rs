//! Signs in as a conversation: the driver says what it needs next, and goes on with the answer.
//!
//! The driver alone uses the page. While a demand waits for its answer, it types nothing and has no
//! deadline: minutes may pass, and a deadline is the caller's. It goes on observing meanwhile, so that it notices
//! when the page goes on by itself.

mod answering;
mod by_hand;
mod challenge;
mod code_page;
pub mod demand;
mod elements;
mod form_search;
mod forms;
mod healing;
mod manual_entry;
mod observing;
mod passed;
mod pressed;
pub mod reading;
mod recipe_steps;
mod typing;
mod way_in;
mod way_past;

use std::{mem::discriminant, time::Duration};

use browser::{Browser, BrowserError, Challenge, ChallengeAnswerer, Page, Realm};
use shared::status::Phase;
use tokio::time::Instant;
use zeroize::Zeroizing;

use self::{
    by_hand::Followed,
    demand::{Answer, Answerer, Demand, DemandKind, FieldKind, Reception, Turn},
    elements::{ElementKind, Elements, Wanted},
    form_search::FormSearch,
    forms::ObservedOption,
    manual_entry::ManualEntry,
    passed::Passed,
    pressed::Pressed,
    typing::Sensitivity,
};
use super::{
    listener::Listener,
    observe::Observer,
    recipe::{FrameLocation, Locators, Recipe, SuccessMarks},
    verdict::Verdict,
};

/// The driver works no longer than this from one answer to the next demand.
const WORK: Duration = Duration::from_secs(90);
/// A field or button that does not come within this time will not come.
const FIND: Duration = Duration::from_secs(12);
/// An answer that does not fit is asked for again so often.
const ASK_AGAIN: usize = 3;

/// Signs in on one browser's pages.
pub struct Driver {
    listener: Listener,
    /// Answers challenges of websites (HTTP authentication). None where stored credentials must not go to any: all are
    /// cancelled then.
    challenges: Option<ChallengeAnswerer>,
    elements: Elements,
    recipe: Option<Recipe>,
    /// The index of the recipe's next step.
    step: usize,
    /// The index of the step that could not be done.
    failed_step: Option<usize>,
    /// A consent that the recipe gives after the password was not found.
    missed_consent: bool,
    /// What was clicked to go past pages that the recipe does not know.
    passed: Passed,
    /// The recipe's way to its form did not lead there, and the form's own address was opened.
    went_to_form: bool,
    /// The page where something was typed last.
    page: Page,
    stage: Stage,
    /// The end of the work that goes on now.
    work_until: Instant,
    /// Something was sent to the website.
    sent: bool,
    /// The page sent the password by itself, so that no button is to be pressed for it.
    sent_itself: bool,
    /// What was typed and not yet sent, but for secrets.
    filled: Vec<(Slot, Zeroizing<String>)>,
    passwords: Vec<Zeroizing<String>>,
    /// The challenges that were answered.
    challenge_values: Vec<ChallengeAnswer>,
    codes: Vec<Zeroizing<String>>,
    /// What was answered last, and when: the page may show it for a moment longer.
    answered: Option<Answered>,
    /// The website's own words, as observed last.
    site_message: Option<String>,
    /// The external action was demanded.
    external_asked: bool,
    /// What the pages offered and the driver pressed.
    pressed: Pressed,
    mode: Mode,
    /// The values of the last try in manual entry that the website refused; kept while the person uses the page by hand.
    refused_values: Vec<(FieldKind, Zeroizing<String>)>,
}

/// What a challenge was answered with, and where.
struct ChallengeAnswer {
    origin: String,
    realm: Realm,
    username: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// Who uses the page to sign in.
enum Mode {
    /// The driver, by answers that are known or come from a channel: a refusal is the end.
    Unattended,
    /// The driver, by known answers as well, since the recipe no longer leads to the form.
    Healing(FormSearch),
    /// The driver, for a person who answers on a page of ours.
    Manual(Box<ManualEntry>),
    /// A person by hand, whom the driver only follows.
    ByHand(Box<Followed>),
}

/// A demand that was answered.
struct Answered {
    identity: String,
    /// None when something that the page offered was pressed: that is no answer.
    demand: Option<Demand>,
    at: Instant,
}

enum Stage {
    /// At the recipe's next step.
    Steps,
    /// Something was sent; the pages show what comes of it.
    Observing,
    /// A demand waits for its answer.
    Waiting(Box<Outstanding>),
    Over(Verdict),
}

/// A demand without an answer, and how the answer is carried out.
struct Outstanding {
    demand: Demand,
    /// What the sign-in came to if there is no answer.
    declined: Verdict,
    /// Names the form, to tell when the page asks again.
    identity: String,
    work: Work,
}

/// How an answer is carried out.
enum Work {
    /// Fills fields by the recipe, whose next step follows.
    FillStep(Vec<Slot>),
    /// Fills fields and sends them by this button, or by Enter.
    FillAndSend(Vec<Slot>, Option<(FrameLocation, Locators)>),
    /// Gives user name and password to this challenge.
    AnswerChallenge(Challenge),
    /// Clicks one of these.
    Pick(Vec<ObservedOption>),
    /// Only goes on observing.
    Observe,
}

/// A field that a value is for.
#[derive(Clone)]
struct Slot {
    id: u32,
    at: FrameLocation,
    locators: Locators,
    element: ElementKind,
    what: Sensitivity,
}

impl Slot {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            at: &self.at,
            locators: &self.locators,
            kind: self.element,
        }
    }
}

fn sensitivity(kind: FieldKind) -> Sensitivity {
    match kind {
        FieldKind::Identifier | FieldKind::Text | FieldKind::Remember => Sensitivity::Plain,
        FieldKind::Password => Sensitivity::Password,
        FieldKind::Code | FieldKind::TotpCode => Sensitivity::Code,
    }
}

impl Driver {
    /// Opens the recipe's start, to sign in by the recipe. What it does not foresee is demanded too.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn by_recipe(browser: &Browser, recipe: &Recipe) -> Result<Self, BrowserError> {
        Self::start(browser, &recipe.start, Some(recipe.clone())).await
    }

    /// Opens a website that no recipe is known for; its forms are recognised by what their fields are for.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn unguided(browser: &Browser, start: &url::Url) -> Result<Self, BrowserError> {
        Self::start(browser, start, None).await
    }

    async fn start(
        browser: &Browser,
        start: &url::Url,
        recipe: Option<Recipe>,
    ) -> Result<Self, BrowserError> {
        let marks = recipe.as_ref().map(|recipe| recipe.success.clone());
        let observer = marks.map_or_else(Observer::default, |marks: SuccessMarks| {
            Observer::expecting(marks)
        });
        let listener = Listener::start(browser, observer).await?;
        let may_answer = recipe.as_ref().is_none_or(Recipe::answers_challenge);
        let challenges = may_answer.then(|| browser.answer_challenges());
        let page = browser.page();
        let navigation = page.navigate(start).await?;
        let down = navigation.error.is_some() || navigation.status.is_some_and(|s| s >= 500);
        let stage = match (down, &recipe) {
            (true, _) => Stage::Over(Verdict::SiteDown),
            (false, Some(_)) => Stage::Steps,
            (false, None) => Stage::Observing,
        };
        Ok(Self::new(listener, challenges, page, recipe, stage))
    }

    fn new(
        listener: Listener,
        challenges: Option<ChallengeAnswerer>,
        page: Page,
        recipe: Option<Recipe>,
        stage: Stage,
    ) -> Self {
        Self {
            listener,
            challenges,
            elements: Elements::new(),
            recipe,
            step: 0,
            failed_step: None,
            missed_consent: false,
            passed: Passed::default(),
            went_to_form: false,
            page,
            stage,
            work_until: Instant::now() + WORK,
            sent: false,
            sent_itself: false,
            filled: Vec::new(),
            passwords: Vec::new(),
            challenge_values: Vec::new(),
            codes: Vec::new(),
            answered: None,
            site_message: None,
            external_asked: false,
            pressed: Pressed::default(),
            mode: Mode::Unattended,
            refused_values: Vec::new(),
        }
    }

    /// Uses the page until something is needed, or until the end. While a demand waits for its answer this
    /// returns that demand at once. Not cancel-safe: keys may be on their way.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn next(&mut self) -> Result<Turn, BrowserError> {
        loop {
            match &self.stage {
                Stage::Over(verdict) => return Ok(Turn::Over(verdict.clone())),
                Stage::Waiting(outstanding) => {
                    return Ok(Turn::Needs(outstanding.demand.clone()));
                }
                Stage::Steps => self.do_step().await?,
                Stage::Observing => match self.mode {
                    Mode::ByHand(_) => self.follow().await?,
                    Mode::Unattended | Mode::Healing(_) | Mode::Manual(_) => {
                        self.observe().await?;
                    }
                },
            }
        }
    }

    /// Observes while a demand waits, and returns once the page went on by itself: [`Driver::next`] then tells
    /// what is needed now. Types nothing, has no deadline, and is cancel-safe.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn page_goes_on(&mut self) -> Result<(), BrowserError> {
        if let Mode::ByHand(_) = self.mode {
            return self.person_goes_on().await;
        }
        loop {
            let Stage::Waiting(outstanding) = &self.stage else {
                return Ok(());
            };
            let declined = outstanding.declined.clone();
            let identity = outstanding.identity.clone();
            let asked = outstanding.demand.clone();
            if self.challenge_changed(&outstanding.work) {
                self.work_until = Instant::now() + WORK;
                self.stage = Stage::Observing;
                return Ok(());
            }
            let status = self.listener.next().await?;
            self.refuse_downgrade();
            if let DemandKind::ExternalAction { .. } = asked.kind
                && status.phase == Phase::AwaitingExternalAction
            {
                let now = self.external_action();
                if now.demand.kind != asked.kind || now.demand.offers != asked.offers {
                    self.stage = Stage::Waiting(Box::new(now));
                    return Ok(());
                }
            }
            let stale =
                |verdict: &Verdict| verdict.is_refusal() && self.is_answered(status.attempt);
            let verdict = status.verdict.filter(|verdict| !stale(verdict));
            let went_on = verdict.is_some_and(|verdict| {
                let other = discriminant(&verdict) != discriminant(&declined);
                verdict != Verdict::Unknown
                    && (other || self.asks_otherwise(&verdict, &identity, &asked))
            });
            if went_on {
                self.work_until = Instant::now() + WORK;
                self.stage = Stage::Observing;
                return Ok(());
            }
        }
    }
}

/// Signs in with whoever answers, to the end.
///
/// # Errors
/// When the browser is gone or does not answer, or the answerer fails.
pub async fn sign_in<A>(driver: &mut Driver, answerer: &mut A) -> Result<Verdict, A::Error>
where
    A: Answerer,
    A::Error: From<BrowserError>,
{
    let mut refused = 0;
    loop {
        let demand = match driver.next().await? {
            Turn::Needs(demand) => demand,
            Turn::Over(verdict) => return Ok(verdict),
        };
        let answer = tokio::select! {
            biased;
            went_on = driver.page_goes_on() => {
                went_on?;
                continue;
            }
            answer = answerer.answer(&demand) => answer?,
        };
        if driver.answer(answer).await? == Reception::Taken {
            refused = 0;
            continue;
        }
        refused += 1;
        if refused == ASK_AGAIN {
            driver.answer(Answer::Decline).await?;
        }
    }
}
