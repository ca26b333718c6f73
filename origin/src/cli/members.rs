//! Members of organizations, and their invitations to the console.

use serde_json::{Value, json};
use shared::id::OrganizationId;

use super::{
    add::existing_organization,
    arguments::{Email, MemberAdd, MemberChoice},
    context::{CommandContext, Outcome},
    options::{refused_fields, sentence, text_fields},
    output::{Output, failed},
};
use crate::{
    api_types::rfc3339,
    fields::WrongFields,
    store::{StoreError, members::Member},
    team::{self, Invitations, NewMember, lock_member},
};

pub(super) async fn add(context: &CommandContext, out: &Output, what: MemberAdd) -> Outcome {
    let organization = existing_organization(context, what.organization).await?;
    let fields = text_fields([
        ("email", Some(what.email.0)),
        ("name", Some(what.name)),
        ("role", Some(what.role.to_string())),
    ]);
    let new = NewMember::read(fields).map_err(|WrongFields(wrong)| refused_fields(&wrong))?;
    let author = &context.author(organization.id);
    let member = &new.member(organization.id, author.random, author.now);
    let invitations = invitations(context);
    let adding = context.store.tx("cli.add_member", |tx| {
        Box::pin(team::invite(tx, author, invitations, member))
    });
    let invitation = adding.await.map_err(|error| sentence(&error))?;
    let told = json!({ "id": member.id, "email": member.email, "role": member.role, "invitationUrl": invitation });
    out.say(&told, || {
        let (name, organization) = (&member.name, &organization.name);
        format!(
            "Added {name} to {organization}. This lets them in once, within 7 days:\n{invitation}"
        )
    })
}

pub(super) async fn invite(context: &CommandContext, out: &Output, who: &MemberChoice) -> Outcome {
    let member = &existing(context, who).await?;
    let author = &context.author(member.organization);
    let invitations = invitations(context);
    let inviting = context.store.tx("cli.invite_member", |tx| {
        Box::pin(team::invite_again(tx, author, invitations, member))
    });
    let invitation = inviting.await.map_err(|error| sentence(&error))?;
    let told = json!({ "id": member.id, "invitationUrl": invitation });
    out.say(&told, || {
        format!(
            "This lets {} in once, within 7 days:\n{invitation}",
            member.name
        )
    })
}

/// Who runs the installation hands invitations over: they are not mailed.
fn invitations(context: &CommandContext) -> Invitations<'_> {
    Invitations {
        mailed_by: None,
        console: &context.config.api.public_url,
    }
}

pub(super) async fn list(
    context: &CommandContext,
    out: &Output,
    organization: OrganizationId,
) -> Outcome {
    existing_organization(context, organization).await?;
    let found = context
        .store
        .read("cli.members", |tx| Box::pin(tx.members(organization)));
    let members = found.await.map_err(failed)?;
    let shown: Vec<_> = members.iter().map(json_of).collect();
    out.say(&json!({ "members": shown }), || {
        if members.is_empty() {
            return "This organization has no members.".into();
        }
        let line = |member: &Member| {
            let (id, role) = (member.id, member.role.as_str());
            format!("{id}  {role:9}  {}  {}", member.email, member.name)
        };
        members.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

pub(super) async fn remove(context: &CommandContext, out: &Output, who: &MemberChoice) -> Outcome {
    let member = existing(context, who).await?;
    let (author, id) = (&context.author(member.organization), member.id);
    let removing = context.store.tx("cli.remove_member", |tx| {
        Box::pin(async move {
            let member = lock_member(tx, author.organization, id).await?;
            team::remove(tx, author, &member).await
        })
    });
    removing.await.map_err(|error| sentence(&error))?;
    out.say(&json!({ "id": member.id, "removed": true }), || {
        format!("{} is let in no longer.", member.name)
    })
}

pub(super) async fn reset_authenticator(
    context: &CommandContext,
    out: &Output,
    who: &MemberChoice,
) -> Outcome {
    let member = &existing(context, who).await?;
    let author = &context.author(member.organization);
    let taking = context.store.tx("cli.reset_authenticator", |tx| {
        Box::pin(team::take_authenticator(tx, author, member))
    });
    if !taking.await.map_err(failed)? {
        return Err(format!("{} has no authenticator.", member.name));
    }
    out.say(
        &json!({ "id": member.id, "hasSecondFactor": false }),
        || format!("{} signs in with the password alone.", member.name),
    )
}

/// The member with this address, in this organization if one is named.
async fn existing(context: &CommandContext, who: &MemberChoice) -> Outcome<Member> {
    let MemberChoice {
        email: Email(email),
        organization,
    } = who;
    let organization = *organization;
    let found = context.store.read("cli.member", |tx| {
        Box::pin(tx.members_by_email(email, organization))
    });
    let found: Result<_, StoreError> = found.await;
    let mut members = found.map_err(failed)?.into_iter().map(|(member, _)| member);
    match (members.next(), members.next()) {
        (Some(member), None) => Ok(member),
        (None, _) => Err(format!("There is no member with the address {email}.")),
        (Some(_), Some(_)) => Err(format!(
            "{email} belongs to several organizations: name one with --organization."
        )),
    }
}

fn json_of(member: &Member) -> Value {
    json!({
        "id": member.id,
        "email": member.email,
        "name": member.name,
        "role": member.role,
        "hasPassword": member.has_password,
        "hasSecondFactor": member.has_second_factor,
        "created": rfc3339(member.created_at),
        "lastSignedInAt": member.last_signed_in_at.map(rfc3339),
    })
}
