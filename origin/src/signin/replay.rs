//! Signs in again by a recipe: the stored credentials answer what the driver demands.

use browser::{Browser, BrowserError};

use super::{
    credentials::Credentials,
    drive::{
        Driver,
        demand::{Answer, Answerer, Demand, DemandKind, FieldKind},
        sign_in,
    },
    recipe::Recipe,
    verdict::Verdict,
};

/// Signs in again. Each credential is typed only into a frame whose origin is exactly the one that
/// the client typed it into, and the password is sent once at most: one that was refused must
/// never be tried again, also where the page sends it by itself at its last key. [`Verdict::Unknown`] also when
/// the site no longer has what the recipe needs.
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
) -> Result<Verdict, E> {
    let mut driver = Driver::by_recipe(browser, recipe).await?;
    let mut answerer = StoredCredentials {
        credentials,
        before_password: Some(before_password),
    };
    sign_in(&mut driver, &mut answerer).await
}

/// Answers by stored credentials, and declines whatever else is demanded.
struct StoredCredentials<'a, F> {
    credentials: &'a Credentials,
    before_password: Option<F>,
}

impl<E, F: AsyncFnOnce() -> Result<(), E>> Answerer for StoredCredentials<'_, F> {
    type Error = E;

    async fn answer(&mut self, demand: &Demand) -> Result<Answer, E> {
        let fields = match &demand.kind {
            DemandKind::Fields(fields) => fields,
            // A website that was read wrong may go on by itself.
            DemandKind::ExternalAction { .. } => return Ok(Answer::Proceed),
            _ => return Ok(Answer::Decline),
        };
        let mut values = Vec::new();
        for field in fields {
            let value = match field.kind {
                FieldKind::Identifier => &self.credentials.username,
                FieldKind::Password => {
                    // One password, sent once.
                    let Some(before_password) = self.before_password.take() else {
                        return Ok(Answer::Decline);
                    };
                    before_password().await?;
                    &self.credentials.password
                }
                FieldKind::Code | FieldKind::TotpCode | FieldKind::Text | FieldKind::Remember => {
                    return Ok(Answer::Decline);
                }
            };
            values.push((field.id, value.clone()));
        }
        Ok(Answer::Fields(values))
    }
}
