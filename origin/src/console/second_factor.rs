//! Settings > Your account > Authenticator: it is set up, proven by a code, and switched off by the password.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use sha2::{Digest as _, Sha256};
use shared::member::AuditAction;
use totp_rs::Secret;
use zeroize::Zeroizing;

use super::{
    account::check_own_password,
    door::AUTHENTICATOR,
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    place::CallerPlace,
    qr_code::qr_code,
    session::SignedIn,
    words::Moment,
};
use crate::{
    clock::{Random, bytes},
    codes::Authenticator,
    store::{
        StoreError,
        member_sessions::TokenHash,
        members::Member,
        second_factors::{SecondFactor, TABLE},
    },
    team::take_authenticator,
    vault::{AssociatedData, Vault, VaultError},
};

/// Recovery codes that a member gets.
const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: sixteen characters in base32.
const RECOVERY_BYTES: usize = 10;

/// The authenticator that was sealed for this member.
pub(super) fn authenticator(
    vault: &Vault,
    member: &Member,
    sealed: &[u8],
) -> Result<Authenticator, ConsoleError> {
    let row = member.id.to_string();
    let text = vault.open(associated(member, &row), sealed)?;
    let text = std::str::from_utf8(&text).map_err(|_| VaultError::Refused)?;
    Ok(Authenticator::parse(text).map_err(|_| VaultError::Refused)?)
}

fn associated<'a>(member: &Member, row: &'a str) -> AssociatedData<'a> {
    AssociatedData {
        table: TABLE,
        row,
        owner: member.organization.into(),
    }
}

/// What a recovery code is kept by, however it is typed.
pub(super) fn recovery_hash(typed: &str) -> TokenHash {
    let plain: Zeroizing<String> = Zeroizing::new(
        typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|char| char.to_ascii_uppercase())
            .collect(),
    );
    Sha256::digest(plain.as_bytes()).into()
}

/// New recovery codes, in groups of four characters.
fn recovery_codes(random: &dyn Random) -> Vec<String> {
    let code = || {
        let text = Secret::from(bytes::<RECOVERY_BYTES>(random).to_vec()).to_base32();
        grouped(&text)
    };
    std::iter::repeat_with(code).take(RECOVERY_CODES).collect()
}

/// A text in groups of four, as people read it.
pub(crate) fn grouped(text: &str) -> String {
    let mut groups = String::new();
    for (place, char) in text.chars().enumerate() {
        if place > 0 && place.is_multiple_of(4) {
            groups.push('-');
        }
        groups.push(char);
    }
    groups
}

/// How the member's authenticator stands.
enum Stage {
    /// The member signs in with the password alone.
    Off,
    /// It is shown, and its first code waited for.
    SettingUp {
        secret: String,
        qr_code: Option<String>,
    },
    /// The member signs in with it.
    On { since: Moment, codes_left: i64 },
}

#[derive(Template)]
#[template(path = "console/second_factor.html")]
struct SecondFactorPage<'a> {
    shell: Shell<'a>,
    stage: Stage,
    is_required: bool,
    /// Recovery codes that were made just now: they are shown this once.
    codes: &'a [String],
    wrong: Option<Wrong>,
}

impl SecondFactorPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.wrong, field)
    }
}

async fn page(
    me: &SignedIn,
    status: StatusCode,
    codes: &[String],
    wrong: Option<Wrong>,
) -> Result<Response, ConsoleError> {
    let member = &me.member;
    let reading = me.console.door.store.read("console.second_factor", |tx| {
        Box::pin(async move {
            let factor = tx.second_factor(member, false).await?;
            let left = tx.recovery_codes_left(member).await?;
            let is_required = tx.is_second_factor_required(member.organization).await?;
            Ok::<_, StoreError>((factor, left, is_required))
        })
    });
    let (factor, codes_left, is_required) = reading.await?;
    let html = render(&SecondFactorPage {
        shell: Shell::new(me, Place::Settings),
        stage: stage(me, factor, codes_left)?,
        is_required,
        codes,
        wrong,
    })?;
    Ok((status, html).into_response())
}

fn stage(
    me: &SignedIn,
    factor: Option<SecondFactor>,
    codes_left: i64,
) -> Result<Stage, ConsoleError> {
    let Some(factor) = factor else {
        return Ok(Stage::Off);
    };
    if let Some(at) = factor.confirmed_at {
        let since = Moment::at(at);
        return Ok(Stage::On { since, codes_left });
    }
    let authenticator = authenticator(&me.console.door.vault, &me.member, &factor.sealed)?;
    let address = authenticator.address(&me.organization.name, &me.member.email);
    Ok(Stage::SettingUp {
        secret: grouped(authenticator.secret()),
        qr_code: qr_code(&address),
    })
}

/// Shows how it stands.
pub(super) async fn show(me: SignedIn) -> Result<Response, ConsoleError> {
    page(&me, StatusCode::OK, &[], None).await
}

/// Makes a secret for who knows the password, and shows it.
pub(super) async fn begin(
    me: SignedIn,
    CallerPlace(place): CallerPlace,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    if let Err((status, told)) = check_own_password(&me, place, &form, "begin-password").await? {
        return page_wrong(&me, status, "begin-password", told).await;
    }
    let door = &me.console.door;
    let made = Authenticator::random(&*door.random).map_err(|_| VaultError::Refused)?;
    let row = me.member.id.to_string();
    let associated = associated(&me.member, &row);
    let sealed = door
        .vault
        .seal(&*door.random, associated, made.to_text().as_bytes())?;
    let (member, sealed) = (&me.member, &sealed.bytes);
    let beginning = door.store.tx("console.begin_second_factor", |tx| {
        Box::pin(tx.begin_second_factor(member, sealed.clone()))
    });
    beginning.await?;
    Ok(Redirect::to(AUTHENTICATOR).into_response())
}

/// Switches it on with its first code, ends the member's sessions elsewhere, and shows the recovery codes.
pub(super) async fn confirm(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    let refuse = |status, told| page_wrong(&me, status, "code", told);
    if !me.console.may_try_code(me.member.id, me.now) {
        let told = "That was tried too often. Wait a few minutes, then try again.";
        return refuse(StatusCode::TOO_MANY_REQUESTS, told).await;
    }
    let typed: String = form.text("code").split_whitespace().collect();
    let (door, member, now, hash) = (&me.console.door, &me.member, me.now, me.hash);
    let codes = recovery_codes(&*door.random);
    let hashes: Vec<TokenHash> = codes.iter().map(|code| recovery_hash(code)).collect();
    let event = me.audit(AuditAction::SecondFactorAdded, None, None);
    let (typed, hashes, event) = (&typed, &hashes, &event);
    let confirming = door.store.tx("console.confirm_second_factor", |tx| {
        Box::pin(async move {
            let factor = tx.second_factor(member, true).await?;
            let factor = factor.filter(|factor| factor.confirmed_at.is_none());
            let Some(factor) = factor else {
                return Ok(false);
            };
            let authenticator = authenticator(&door.vault, member, &factor.sealed)?;
            let step = authenticator.step_of(typed, now, None);
            let Some(step) = step.and_then(|step| i64::try_from(step).ok()) else {
                return Ok(false);
            };
            tx.take_totp_step(member, step).await?;
            tx.confirm_second_factor(member, now).await?;
            tx.set_recovery_codes(member, hashes).await?;
            // They were opened by the password alone.
            tx.end_other_member_sessions(member.id, hash).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(true)
        })
    });
    if !confirming.await? {
        let told = "This code is not right. Enter the six digits that the app shows now.";
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, told).await;
    }
    page(&me, StatusCode::OK, &codes, None).await
}

async fn page_wrong(
    me: &SignedIn,
    status: StatusCode,
    field: &'static str,
    told: &'static str,
) -> Result<Response, ConsoleError> {
    page(me, status, &[], Some(Wrong::new(field, told))).await
}

/// Makes other recovery codes for who knows the password, and shows them.
pub(super) async fn renew(
    me: SignedIn,
    CallerPlace(place): CallerPlace,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    if let Err((status, told)) = check_own_password(&me, place, &form, "renew-password").await? {
        return page_wrong(&me, status, "renew-password", told).await;
    }
    let (member, door) = (&me.member, &me.console.door);
    let codes = recovery_codes(&*door.random);
    let hashes: Vec<TokenHash> = codes.iter().map(|code| recovery_hash(code)).collect();
    let event = me.audit(AuditAction::RecoveryCodesMade, None, None);
    let (hashes, event) = (&hashes, &event);
    let renewing = door.store.tx("console.renew_recovery_codes", |tx| {
        Box::pin(async move {
            let factor = tx.second_factor(member, true).await?;
            if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
                return Ok(false);
            }
            tx.set_recovery_codes(member, hashes).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, StoreError>(true)
        })
    });
    let codes = if renewing.await? { codes } else { Vec::new() };
    page(&me, StatusCode::OK, &codes, None).await
}

/// Switches it off for who knows the password.
pub(super) async fn remove(
    me: SignedIn,
    CallerPlace(place): CallerPlace,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    if let Err((status, told)) = check_own_password(&me, place, &form, "off-password").await? {
        return page_wrong(&me, status, "off-password", told).await;
    }
    take(&me, &me.member).await?;
    Ok(Redirect::to(AUTHENTICATOR).into_response())
}

/// Takes the authenticator from a member, with a line in the audit log.
pub(super) async fn take(me: &SignedIn, member: &Member) -> Result<(), ConsoleError> {
    let author = &me.author();
    let store = &me.console.door.store;
    let removing = store.tx("console.remove_second_factor", |tx| {
        Box::pin(take_authenticator(tx, author, member))
    });
    removing.await?;
    Ok(())
}
