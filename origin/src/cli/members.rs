//! Members of organizations, and their invitations to the console.

use serde_json::{Value, json};
use shared::id::{MemberId, OrganizationId};

use super::{
    add::{checked_text, existing_organization},
    arguments::{Email, MemberAdd, MemberChoice},
    context::{CommandContext, Outcome},
    output::{Output, failed},
};
use crate::{
    console,
    store::{StoreError, members::Member},
};

const MAX_NAME: usize = 100;

pub(super) async fn add(context: &CommandContext, out: &Output, what: MemberAdd) -> Outcome {
    let organization = existing_organization(context, what.organization).await?;
    let member = Member {
        id: MemberId::from_random(context.new_id()),
        organization: organization.id,
        email: what.email.0,
        name: checked_text("--name", &what.name, MAX_NAME)?,
        role: what.role,
        has_password: false,
        has_second_factor: false,
        created_at: context.clock.now(),
        last_signed_in_at: None,
    };
    let (new, url) = (&member, &context.config.api.public_url);
    let adding = context.store.tx("cli.add_member", |tx| {
        Box::pin(async move {
            if !tx.add_member(new).await? {
                return Ok::<_, StoreError>(None);
            }
            let (random, now) = (&*context.random, context.clock.now());
            let invitation = console::invitation(tx, url, (random, now), new.id).await?;
            Ok(Some(invitation))
        })
    });
    let invitation = adding.await.map_err(failed)?.ok_or_else(|| {
        format!(
            "Somebody is a member of the organization with the address {} already.",
            member.email
        )
    })?;
    let told = json!({ "id": member.id, "email": member.email, "role": member.role, "invitationUrl": invitation });
    out.say(&told, || {
        let (name, organization) = (&member.name, &organization.name);
        format!(
            "Added {name} to {organization}. This lets them in once, within 7 days:\n{invitation}"
        )
    })
}

pub(super) async fn invite(context: &CommandContext, out: &Output, who: &MemberChoice) -> Outcome {
    let member = existing(context, &who.email, who.organization).await?;
    let url = &context.config.api.public_url;
    let (random, now) = (&*context.random, context.clock.now());
    let inviting = context.store.tx("cli.invite_member", |tx| {
        Box::pin(console::invitation(tx, url, (random, now), member.id))
    });
    let invitation = inviting.await.map_err(failed)?;
    let told = json!({ "id": member.id, "invitationUrl": invitation });
    out.say(&told, || {
        format!(
            "This lets {} in once, within 7 days:\n{invitation}",
            member.name
        )
    })
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
    let rows: Vec<_> = members.iter().map(json_of).collect();
    out.say(&rows, || {
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
    let member = existing(context, &who.email, who.organization).await?;
    let (gone, now) = (&member, context.clock.now());
    let removing = context.store.tx("cli.remove_member", |tx| {
        Box::pin(tx.remove_member(gone, now))
    });
    removing.await.map_err(failed)?;
    out.say(&json!({ "id": member.id, "removed": true }), || {
        format!("{} is let in no longer.", member.name)
    })
}

/// The member with this address, in this organization if one is named.
async fn existing(
    context: &CommandContext,
    email: &Email,
    organization: Option<OrganizationId>,
) -> Outcome<Member> {
    let found = context
        .store
        .read("cli.member", |tx| Box::pin(tx.members_by_email(&email.0)));
    let found = found.await.map_err(failed)?.into_iter();
    let mut members = found
        .map(|(member, _)| member)
        .filter(|member| organization.is_none_or(|wanted| wanted == member.organization));
    match (members.next(), members.next()) {
        (Some(member), None) => Ok(member),
        (None, _) => Err(format!("There is no member with the address {}.", email.0)),
        (Some(_), Some(_)) => Err(format!(
            "{} belongs to several organizations: name one with --organization.",
            email.0
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
        "createdAt": member.created_at,
        "lastSignedInAt": member.last_signed_in_at,
    })
}
