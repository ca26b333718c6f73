//! Signs in again by a recipe: the stored credentials answer what the driver demands.

use browser::{Browser, BrowserError};
use zeroize::Zeroizing;

use super::{
    credentials::Credentials,
    drive::{
        Driver,
        demand::{Answer, Answerer, Demand, DemandKind, DemandedField, FieldKind},
        sign_in,
    },
    failure::SignInFailure,
    recipe::Recipe,
    verdict::{CodeChannel, CodeRefusal, Verdict},
};

/// A one-time code that a website asks for.
#[derive(Debug, Clone, Copy)]
pub struct CodeAsked<'a> {
    /// How the code travels, when the page says so.
    pub channel: Option<CodeChannel>,
    /// Where it was sent, as the website masks it.
    pub target: Option<&'a str>,
    /// Whether the website asks for digits alone.
    pub numeric: bool,
    /// Why another one is asked for, when one was sent and refused.
    pub refused: Option<CodeRefusal>,
}

/// Where a sign-in without its client gets one-time codes from.
pub trait CodeSource {
    /// Why no code can be got at all: ends the sign-in.
    type Error;

    /// The code, or `None` when there is none: the sign-in ends then. May take minutes. The future is dropped when the
    /// page goes on by itself.
    fn code(
        &mut self,
        asked: CodeAsked<'_>,
    ) -> impl Future<Output = Result<Option<Zeroizing<String>>, Self::Error>>;
}

/// No codes at all.
struct NoCodes;

impl CodeSource for NoCodes {
    type Error = BrowserError;

    async fn code(&mut self, _: CodeAsked<'_>) -> Result<Option<Zeroizing<String>>, BrowserError> {
        Ok(None)
    }
}

/// What signing in again came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The verdict.
    pub verdict: Verdict,
    /// How to sign in from now on, when the recipe no longer led in and another way was proven.
    pub healed: Option<Recipe>,
    /// Why and where it ended, unless it was proven or the password was refused.
    pub failure: Option<Box<SignInFailure>>,
}

/// Signs in again. Each credential is typed only into a frame whose origin is exactly the one that
/// the client typed it into; where the site no longer has what the recipe needs, only into a form to sign in of the
/// same websites. The password is sent once at most: one that was refused must never be tried again, also where the
/// page sends it by itself at its last key.
///
/// `before_password` is awaited before the password's first key, since some pages send a form by
/// themselves: as long as it was not called, the website has not got the password.
///
/// # Errors
/// When the browser is gone or does not answer, or `before_password` fails.
pub async fn replay<E: From<BrowserError>>(
    browser: &Browser,
    recipe: &Recipe,
    credentials: &Credentials,
    before_password: impl AsyncFnOnce() -> Result<(), E>,
) -> Result<Replayed, E> {
    replay_with_codes(browser, recipe, credentials, before_password, &mut NoCodes).await
}

/// As [`replay`]; a code that the website asks for comes from `codes`.
///
/// # Errors
/// As [`replay`], and when `codes` fails.
pub async fn replay_with_codes<E, C>(
    browser: &Browser,
    recipe: &Recipe,
    credentials: &Credentials,
    before_password: impl AsyncFnOnce() -> Result<(), E>,
    codes: &mut C,
) -> Result<Replayed, E>
where
    E: From<BrowserError> + From<C::Error>,
    C: CodeSource,
{
    let mut driver = Driver::by_recipe(browser, recipe).await?;
    let mut answerer = StoredCredentials {
        credentials,
        before_password: Some(before_password),
        is_behind_gate: false,
        codes,
    };
    let verdict = sign_in(&mut driver, &mut answerer).await?;
    let healed = driver.healed(credentials);
    let failure = match &verdict {
        Verdict::SignedIn | Verdict::Rejected { .. } => None,
        failed => Some(Box::new(
            driver.failure(failed, &credentials.username).await,
        )),
    };
    Ok(Replayed {
        verdict,
        healed,
        failure,
    })
}

/// Answers by stored credentials, further values among them, and a source of codes, and declines whatever else is demanded.
struct StoredCredentials<'a, F, C> {
    credentials: &'a Credentials,
    before_password: Option<F>,
    /// The password was given to a challenge alone. The driver lets the form behind it have it if the website took it there.
    is_behind_gate: bool,
    codes: &'a mut C,
}

impl<E, F, C> Answerer for StoredCredentials<'_, F, C>
where
    E: From<C::Error>,
    F: AsyncFnOnce() -> Result<(), E>,
    C: CodeSource,
{
    type Error = E;

    async fn answer(&mut self, demand: &Demand) -> Result<Answer, E> {
        let fields = match &demand.kind {
            DemandKind::Fields(fields) | DemandKind::Challenge(fields) => fields,
            DemandKind::Code {
                fields,
                channel,
                target,
                refused,
            } => {
                let code = self.codes.code(CodeAsked {
                    channel: *channel,
                    target: target.as_deref(),
                    numeric: fields.iter().any(|field| field.numeric),
                    refused: *refused,
                });
                return Ok(match code.await? {
                    Some(code) => Answer::Fields(with_code(fields, &code)),
                    None => Answer::Decline,
                });
            }
            // A website that was read wrong may go on by itself.
            DemandKind::ExternalAction { .. } => return Ok(Answer::Proceed),
            _ => return Ok(Answer::Decline),
        };
        if demand.again {
            // It did not take what it got.
            return Ok(Answer::Decline);
        }
        let mut values = Vec::new();
        for field in fields {
            let value = match field.kind {
                FieldKind::Identifier => &self.credentials.username,
                FieldKind::Password => {
                    // One password, sent once.
                    let is_behind_gate = std::mem::take(&mut self.is_behind_gate);
                    if let Some(before_password) = self.before_password.take() {
                        before_password().await?;
                        self.is_behind_gate = matches!(demand.kind, DemandKind::Challenge(_));
                    } else if !is_behind_gate || matches!(demand.kind, DemandKind::Challenge(_)) {
                        return Ok(Answer::Decline);
                    }
                    &self.credentials.password
                }
                FieldKind::Text => match other_for(self.credentials, field) {
                    Some(value) => value,
                    None if !field.required => continue,
                    None => return Ok(Answer::Decline),
                },
                FieldKind::Code | FieldKind::TotpCode | FieldKind::Remember => {
                    return Ok(Answer::Decline);
                }
            };
            values.push((field.id, value.clone()));
        }
        Ok(Answer::Fields(values))
    }
}

/// The further value for a field: the one that the recipe names; where none does, the one of the same label in a form to
/// sign in, or the answer to the very question that this origin asks.
fn other_for<'a>(
    credentials: &'a Credentials,
    field: &DemandedField,
) -> Option<&'a Zeroizing<String>> {
    match field.other {
        Some(key) => credentials.other(key),
        None if field.required => credentials.answer(&field.origin, &field.label),
        None => credentials.labelled(&field.label),
    }
}

/// The code in the fields that take one. A website that offers to remember the browser is let do so: it then asks less
/// often.
fn with_code(fields: &[DemandedField], code: &Zeroizing<String>) -> Vec<(u32, Zeroizing<String>)> {
    let values = fields.iter().filter_map(|field| match field.kind {
        FieldKind::Code | FieldKind::TotpCode => Some((field.id, code.clone())),
        FieldKind::Remember => Some((field.id, Zeroizing::new("yes".to_owned()))),
        FieldKind::Identifier | FieldKind::Password | FieldKind::Text => None,
    });
    values.collect()
}
