//! An operator's way in: an address that is good once. Whoever opens it chooses the operator's password and sets their
//! authenticator up, both at once, so that nobody is ever let in by one of them alone.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{id::OperatorId, operator::OperatorAction, time::UnixMillis};
use url::Url;
use zeroize::Zeroizing;

use super::{
    door::{HOME, OperatorState},
    error::OperatorError,
    page::render,
    session::{NewSession, event},
};
use crate::{
    clock::{Random, bytes},
    codes::Authenticator,
    console::{Form, PASSWORD_MIN, Wrong, assets_version, grouped, hash_of, qr_code, told_at},
    store::{
        StoreError, Tx,
        member_sessions::TokenHash,
        operators::{Operator, TABLE},
    },
    vault::{AssociatedData, Vault, VaultError},
};

/// How long an invitation lets its operator in, in milliseconds: one day.
const INVITATION_MS: i64 = 86_400_000;

/// An invitation that is to be written down.
pub struct Invitation {
    /// The address that lets the operator in once, within a day.
    pub url: String,
    operator: OperatorId,
    hash: TokenHash,
    totp_sealed: Vec<u8>,
    expires_at: UnixMillis,
}

/// Makes an invitation for an operator, with the authenticator that they set up by it.
///
/// # Errors
/// When nothing can be sealed.
pub fn new_invitation(
    vault: &Vault,
    random: &dyn Random,
    public_url: &Url,
    (operator, now): (OperatorId, UnixMillis),
) -> Result<Invitation, VaultError> {
    let token = URL_SAFE_NO_PAD.encode(bytes::<32>(random));
    let authenticator = Authenticator::random(random).map_err(|_| VaultError::Refused)?;
    let text = authenticator.to_text();
    let row = operator.to_string();
    let sealed = vault.seal(random, associated(operator, &row), text.as_bytes())?;
    let base = public_url.as_str().trim_end_matches('/');
    Ok(Invitation {
        url: format!("{base}/operator/sign-in/{token}"),
        operator,
        hash: hash_of(&token),
        totp_sealed: sealed.bytes,
        expires_at: now.plus(INVITATION_MS),
    })
}

impl Invitation {
    /// Writes it down. An older one ends: it may have come into the wrong hands.
    ///
    /// # Errors
    /// When the operator does not exist or the database fails.
    pub async fn write(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let sealed = self.totp_sealed.clone();
        tx.set_operator_invitation(self.operator, self.hash, sealed, self.expires_at)
            .await
    }
}

/// The authenticator that was sealed for this operator.
pub(super) fn authenticator(
    vault: &Vault,
    operator: OperatorId,
    sealed: &[u8],
) -> Result<Authenticator, VaultError> {
    let row = operator.to_string();
    let text = vault.open(associated(operator, &row), sealed)?;
    let text = std::str::from_utf8(&text).map_err(|_| VaultError::Refused)?;
    Authenticator::parse(text).map_err(|_| VaultError::Refused)
}

fn associated(operator: OperatorId, row: &str) -> AssociatedData<'_> {
    AssociatedData {
        table: TABLE,
        row,
        owner: operator.into(),
    }
}

/// Whom an invitation is for, and what they set up.
struct Invited {
    operator: Operator,
    totp_sealed: Vec<u8>,
    authenticator: Authenticator,
}

#[derive(Template)]
#[template(path = "operator/invitation.html")]
struct InvitationPage<'a> {
    assets: &'static str,
    operator: &'a Operator,
    /// The secret in groups, for who types it.
    secret: String,
    qr_code: Option<String>,
    least: usize,
    wrong: Option<Wrong>,
}

impl InvitationPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.wrong, field)
    }
}

#[derive(Template)]
#[template(path = "operator/invitation_used.html")]
struct UsedPage {
    assets: &'static str,
}

fn page(
    state: &OperatorState,
    status: StatusCode,
    invited: &Invited,
    wrong: Option<Wrong>,
) -> Result<Response, OperatorError> {
    let host = state.door.public_url.host_str().unwrap_or_default();
    let issuer = format!("Operator at {host}");
    let address = invited
        .authenticator
        .address(&issuer, &invited.operator.email);
    let page = InvitationPage {
        assets: assets_version(),
        operator: &invited.operator,
        secret: grouped(invited.authenticator.secret()),
        qr_code: qr_code(&address),
        least: PASSWORD_MIN,
        wrong,
    };
    Ok((status, render(&page)?).into_response())
}

fn used() -> Result<Response, OperatorError> {
    let assets = assets_version();
    Ok((StatusCode::GONE, render(&UsedPage { assets })?).into_response())
}

async fn invited(
    state: &OperatorState,
    hash: TokenHash,
    now: UnixMillis,
) -> Result<Option<Invited>, OperatorError> {
    let door = &state.door;
    let finding = door.store.read("operator.invited", |tx| {
        Box::pin(tx.operator_invitation(hash, now))
    });
    let Some((operator, totp_sealed)) = finding.await? else {
        return Ok(None);
    };
    let authenticator = authenticator(&door.vault, operator.id, &totp_sealed)?;
    Ok(Some(Invited {
        operator,
        totp_sealed,
        authenticator,
    }))
}

/// Shows who is let in, and what to set up. Opening uses nothing up.
pub(super) async fn show(
    State(state): State<Arc<OperatorState>>,
    Path(token): Path<String>,
) -> Result<Response, OperatorError> {
    let now = state.door.clock.now();
    match invited(&state, hash_of(&token), now).await? {
        Some(invited) => page(&state, StatusCode::OK, &invited, None),
        None => used(),
    }
}

/// Lets the operator in with a password of their own choice and the first code of their authenticator.
pub(super) async fn accept(
    State(state): State<Arc<OperatorState>>,
    Path(token): Path<String>,
    form: Form,
) -> Result<Response, OperatorError> {
    let (door, hash) = (&state.door, hash_of(&token));
    let now = door.clock.now();
    let Some(invited) = invited(&state, hash, now).await? else {
        return used();
    };
    let refuse = |status, field, told| {
        let wrong = Some(Wrong::new(field, told));
        page(&state, status, &invited, wrong)
    };
    let operator = &invited.operator;
    let password = Zeroizing::new(form.exact("password").to_owned());
    let about = [operator.email.as_str(), &operator.name];
    if let Err(told) = state.passwords.check(&password, &about).await? {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "password", told);
    }
    if !state.may_try_code(operator.id, now) {
        let told = "That was tried too often. Wait a few minutes, then try again.";
        return refuse(StatusCode::TOO_MANY_REQUESTS, "code", told);
    }
    let code: String = form.text("code").split_whitespace().collect();
    let step = invited.authenticator.step_of(&code, now, None);
    let Some(step) = step.and_then(|step| i64::try_from(step).ok()) else {
        let told = "This code is not right. Choose the password again, and enter the six digits that the app shows now.";
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "code", told);
    };
    let password = state.passwords.hash(password).await?;
    let session = NewSession::new(&*door.random);
    let events = [OperatorAction::PasswordChosen, OperatorAction::SignedIn];
    let [chosen, signed_in] = &events.map(|did| event(&*door.random, operator.id, did, now));
    let (opened, id, totp_sealed) = (&session, operator.id, &invited.totp_sealed);
    let secrets = (password.as_str(), totp_sealed.as_slice(), step);
    let opening = door.store.tx("operator.accept_invitation", |tx| {
        Box::pin(async move {
            if !tx.accept_operator_invitation(id, hash, secrets).await? {
                return Ok(false);
            }
            tx.add_operator_event(chosen).await?;
            opened.open(tx, signed_in).await?;
            Ok::<_, StoreError>(true)
        })
    });
    if !opening.await? {
        return used();
    }
    let cookie = [(header::SET_COOKIE, session.cookie)];
    Ok((cookie, Redirect::to(HOME)).into_response())
}
