//! Adds organizations, companies and sites.

use serde_json::json;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{CompanyId, OrganizationId, PublicCompanyId, SiteId},
    member::AuditAction,
    text::{is_blank, is_control},
};

use super::{
    arguments::{CompanyAdd, SiteAdd},
    context::{CommandContext, Outcome},
    output::{Output, failed},
};
use crate::store::{StoreError, companies::Company, organizations::Organization, sites::Site};

/// The longest name, as in the API.
const MAX_NAME: usize = 200;
/// The longest address, as in the API.
const MAX_ADDRESS: usize = 500;

pub(super) async fn organization(context: &CommandContext, out: &Output, name: &str) -> Outcome {
    let organization = Organization {
        id: OrganizationId::from_random(context.new_id()),
        name: checked_text("--name", name, MAX_NAME)?,
        created_at: context.clock.now(),
    };
    context
        .store
        .tx("cli.add_organization", |tx| {
            Box::pin(tx.add_organization(&organization))
        })
        .await
        .map_err(failed)?;
    let id = organization.id;
    out.say(&json!({ "id": id, "name": organization.name }), || {
        format!("Added organization {} with the id {id}.\nNext: origin key add --organization {id} --name …", organization.name)
    })
}

pub(super) async fn company(context: &CommandContext, out: &Output, what: CompanyAdd) -> Outcome {
    existing_organization(context, what.organization).await?;
    let external_id = what.external_id.as_deref();
    let company = Company {
        id: CompanyId::from_random(context.new_id()),
        public_id: PublicCompanyId::from_random(context.new_id()),
        organization: what.organization,
        name: checked_text("--name", &what.name, MAX_NAME)?,
        external_id: external_id
            .map(|id| checked_text("--external-id", id, MAX_NAME))
            .transpose()?,
        environment: if what.sandbox {
            ApiKeyEnvironment::Sandbox
        } else {
            ApiKeyEnvironment::Production
        },
        created_at: context.clock.now(),
    };
    let (author, added) = (&context.author(company.organization), &company);
    let adding = context.store.tx("cli.add_company", |tx| {
        Box::pin(async move {
            if tx.is_external_id_taken(added).await? {
                return Ok(false);
            }
            tx.add_company(added).await?;
            let (did, id) = (AuditAction::CompanyAdded, added.id.to_string());
            author
                .did(tx, did, Some(id), Some(added.name.clone()))
                .await?;
            Ok::<_, StoreError>(true)
        })
    });
    if !adding.await.map_err(failed)? {
        return Err("--external-id is the id of another company.".into());
    }
    let (id, public) = (company.id, company.public_id);
    out.say(
        &json!({ "id": id, "publicCompanyId": public, "name": company.name }),
        || {
            format!(
                "Added company {} with the id {id} (in links: {public}).",
                company.name
            )
        },
    )
}

pub(super) async fn site(context: &CommandContext, out: &Output, what: SiteAdd) -> Outcome {
    let company = context
        .store
        .read("cli.company_for_operator", |tx| {
            Box::pin(tx.company_for_operator(what.company))
        })
        .await
        .map_err(failed)?;
    let company = company
        .filter(|company| {
            what.organization
                .is_none_or(|organization| organization == company.organization)
        })
        .ok_or_else(|| format!("There is no company {}.", what.company))?;
    let address = what.address.as_deref();
    let site = Site {
        id: SiteId::from_random(context.new_id()),
        company: company.id,
        name: checked_text("--name", &what.name, MAX_NAME)?,
        address: address
            .map(|address| checked_text("--address", address, MAX_ADDRESS))
            .transpose()?,
        created_at: context.clock.now(),
    };
    let (author, added) = (&context.author(company.organization), &site);
    let adding = context.store.tx("cli.add_site", |tx| {
        Box::pin(async move {
            tx.add_site(added).await?;
            let (did, id) = (AuditAction::SiteAdded, added.id.to_string());
            author
                .did(tx, did, Some(id), Some(added.name.clone()))
                .await
        })
    });
    adding.await.map_err(failed)?;
    let id = site.id;
    out.say(
        &json!({ "id": id, "companyId": company.id, "name": site.name }),
        || {
            format!(
                "Added site {} of {} with the id {id}.",
                site.name, company.name
            )
        },
    )
}

/// Fails with a sentence when there is no such organization.
pub(super) async fn existing_organization(
    context: &CommandContext,
    id: OrganizationId,
) -> Outcome<Organization> {
    let found = context
        .store
        .read("cli.organization", |tx| Box::pin(tx.organization(id)))
        .await
        .map_err(failed)?;
    found.ok_or_else(|| format!("There is no organization {id}."))
}

/// Checks a text as the API would.
pub(super) fn checked_text(option: &str, text: &str, max: usize) -> Outcome<String> {
    let text = text.trim();
    if is_blank(text) {
        return Err(format!("{option} must not be empty."));
    }
    if text.chars().count() > max || text.contains(is_control) {
        return Err(format!(
            "{option} may have {max} characters at most, and no control characters or marks that change the direction of text."
        ));
    }
    Ok(text.to_owned())
}
