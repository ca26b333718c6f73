//! The people who run the platform, and their invitations to the operators' pages.

use serde_json::json;
use shared::{
    id::{OperatorEventId, OperatorId},
    operator::OperatorAction,
};

use super::{
    add::checked_text,
    arguments::{Email, OperatorAdd, OperatorChoice},
    context::{CommandContext, Outcome},
    output::{Output, failed},
};
use crate::{
    api_types::rfc3339,
    operator::{Invitation, new_invitation},
    store::{StoreError, operator_events::OperatorEvent, operators::Operator},
    vault::Vault,
};

const MAX_NAME: usize = 100;

pub(super) async fn add(context: &CommandContext, out: &Output, what: OperatorAdd) -> Outcome {
    let operator = Operator {
        id: OperatorId::from_random(context.new_id()),
        email: what.email.0,
        name: checked_text("--name", &what.name, MAX_NAME)?,
        can_sign_in: false,
        created_at: context.clock.now(),
        last_signed_in_at: None,
    };
    let invitation = invitation(context, operator.id)?;
    let event = event(context, operator.id, OperatorAction::Invited);
    let (new, invited, event) = (&operator, &invitation, &event);
    let adding = context.store.tx("cli.add_operator", |tx| {
        Box::pin(async move {
            if !tx.add_operator(new).await? {
                return Ok::<_, StoreError>(false);
            }
            invited.write(tx).await?;
            tx.add_operator_event(event).await?;
            Ok(true)
        })
    });
    if !adding.await.map_err(failed)? {
        return Err(format!(
            "There is an operator with the address {} already.",
            operator.email
        ));
    }
    let url = &invitation.url;
    let told = json!({ "id": operator.id, "email": operator.email, "invitationUrl": url });
    out.say(&told, || {
        format!(
            "Added {}. This lets them in once, within a day; they need an authenticator app at hand:\n{url}",
            operator.name
        )
    })
}

pub(super) async fn invite(
    context: &CommandContext,
    out: &Output,
    who: &OperatorChoice,
) -> Outcome {
    let operator = existing(context, &who.email).await?;
    let invitation = invitation(context, operator.id)?;
    let event = event(context, operator.id, OperatorAction::Invited);
    let (invited, event) = (&invitation, &event);
    let inviting = context.store.tx("cli.invite_operator", |tx| {
        Box::pin(async move {
            invited.write(tx).await?;
            tx.add_operator_event(event).await
        })
    });
    inviting.await.map_err(failed)?;
    let url = &invitation.url;
    out.say(&json!({ "id": operator.id, "invitationUrl": url }), || {
        format!(
            "This lets {} in once, within a day, with a new password and authenticator:\n{url}",
            operator.name
        )
    })
}

pub(super) async fn list(context: &CommandContext, out: &Output) -> Outcome {
    let found = context
        .store
        .read("cli.operators", |tx| Box::pin(tx.operators()));
    let operators = found.await.map_err(failed)?;
    let row = |operator: &Operator| {
        json!({
            "id": operator.id,
            "email": operator.email,
            "name": operator.name,
            "canSignIn": operator.can_sign_in,
            "created": rfc3339(operator.created_at),
            "lastSignedInAt": operator.last_signed_in_at.map(rfc3339),
        })
    };
    let shown: Vec<_> = operators.iter().map(row).collect();
    out.say(&json!({ "operators": shown }), || {
        if operators.is_empty() {
            return "There are no operators.".into();
        }
        let line = |operator: &Operator| {
            let (id, email, name) = (operator.id, &operator.email, &operator.name);
            let state = if operator.can_sign_in {
                ""
            } else {
                "  invited"
            };
            format!("{id}  {email}  {name}{state}")
        };
        operators.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

pub(super) async fn remove(
    context: &CommandContext,
    out: &Output,
    who: &OperatorChoice,
) -> Outcome {
    let operator = existing(context, &who.email).await?;
    let event = event(context, operator.id, OperatorAction::Removed);
    let (id, now, event) = (operator.id, context.clock.now(), &event);
    let removing = context.store.tx("cli.remove_operator", |tx| {
        Box::pin(async move {
            tx.remove_operator(id, now).await?;
            tx.add_operator_event(event).await
        })
    });
    removing.await.map_err(failed)?;
    out.say(&json!({ "id": id, "removed": true }), || {
        format!("{} is let in no longer.", operator.name)
    })
}

async fn existing(context: &CommandContext, email: &Email) -> Outcome<Operator> {
    let found = context.store.read("cli.operator", |tx| {
        Box::pin(tx.operator_by_email(&email.0))
    });
    let found = found.await.map_err(failed)?;
    found.ok_or_else(|| format!("There is no operator with the address {}.", email.0))
}

fn invitation(context: &CommandContext, operator: OperatorId) -> Outcome<Invitation> {
    let vault = Vault::new(&context.config.vault_keys);
    let url = &context.config.api.public_url;
    new_invitation(
        &vault,
        &*context.random,
        url,
        (operator, context.clock.now()),
    )
    .map_err(|error| format!("The invitation cannot be sealed: {error}."))
}

fn event(context: &CommandContext, operator: OperatorId, action: OperatorAction) -> OperatorEvent {
    OperatorEvent {
        id: OperatorEventId::from_random(context.new_id()),
        operator,
        action,
        connection: None,
        detail: None,
        at: context.clock.now(),
    }
}
