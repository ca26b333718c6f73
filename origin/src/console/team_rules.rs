//! What owners say of how the team signs in.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::member::AuditAction;

use super::{error::ConsoleError, form::Form, second_factor, session::SignedIn, team};

/// Asks all members for an authenticator, or leaves it to them.
pub(super) async fn require(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let is_required = form.text("required") == "yes";
    let told = if is_required {
        "everybody must"
    } else {
        "who likes"
    };
    let did = AuditAction::SecondFactorRuleChanged;
    let event = me.audit(did, None, Some(told.to_owned()));
    let (organization, event) = (me.organization.id, &event);
    let since = is_required.then_some(me.now);
    let writing = me
        .console
        .door
        .store
        .tx("console.require_second_factor", |tx| {
            Box::pin(async move {
                tx.set_second_factor_required(organization, since).await?;
                tx.add_audit_event(event).await?;
                Ok::<_, ConsoleError>(())
            })
        });
    writing.await?;
    Ok(Redirect::to("/console/team").into_response())
}

/// Takes the authenticator from a member who lost it: they sign in with the password alone, and add another.
pub(super) async fn take_second_factor(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let member = team::member(&me, &id).await?;
    // One's own is switched off with the password.
    if member.id == me.member.id {
        return Err(ConsoleError::Forbidden);
    }
    second_factor::take(&me, &member).await?;
    Ok(Redirect::to("/console/team").into_response())
}
